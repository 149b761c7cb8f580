"""The needs board read from the tables: one statement, however many movements there were."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    Subquery,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.quantity import BaseUnit
from aidlog.ledger.movement import AccountKind
from aidlog.needs import arithmetic
from aidlog.needs.arithmetic import Due
from aidlog.needs.models import Basis, Confidence, Standard
from aidlog.needs.people_now import counted_now, latest
from aidlog.planning.board import Board, BoardItem, BoardSite, Cell
from aidlog.registry.models import Access, Item, ItemPack, Place, PlaceKind
from aidlog.stock.models import StockTotal, Transit


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Which part of the board: codes of sites and items, names of areas; None is all.

    ``category`` is of the items. What the actor may not see is left out whatever is asked.
    """

    sites: Collection[str] | None = None
    areas: Collection[str] | None = None
    items: Collection[str] | None = None
    category: str | None = None


#: Every site and every item that has a standard.
EVERYTHING = View()


@dataclass(slots=True)
class _Reading:
    """What is gathered while the rows go by."""

    today: date
    days: int
    sites: dict[int, BoardSite] = field(default_factory=dict)
    items: dict[int, BoardItem] = field(default_factory=dict)
    units: dict[tuple[int, Basis], int | None] = field(default_factory=dict)
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)


def needs_board(
    session: Session,
    actor: Actor,
    starts_on: date,
    ends_on: date,
    *,
    view: View = EVERYTHING,
    today: date | None = None,
) -> Board:
    """Return the board of the sites that ``actor`` may see, for the days given. One statement.

    A row for each active site and each active item that has a standard in force on
    ``starts_on``; people are those of the latest count up to ``today``, with who came and left
    since. One statement is also one moment: goods that are just being received are at the site
    or on the way, never both and never neither.

    What stands at a site or drives to it counts whoever owns it: need is met by goods, not
    by flags. What is free is that of the actor's organisations, in warehouses whose stock
    the actor may see.

    Raises:
        NotAllowed: the actor may see needs nowhere.
    """
    today = today or datetime.now(UTC).date()
    reading = _Reading(today=today, days=arithmetic.horizon(starts_on, ends_on))
    for row in session.execute(_statement(actor, starts_on, today, view)):
        _take(reading, row)
    return Board(
        starts_on=starts_on,
        ends_on=ends_on,
        today=today,
        sites=list(reading.sites.values()),
        items=list(reading.items.values()),
        cells=reading.cells,
    )


def board_sites(
    session: Session, actor: Actor, *, view: View = EVERYTHING, today: date | None = None
) -> list[BoardSite]:
    """Return the sites that ``actor`` may see with their latest counts, by code. One statement."""
    today = today or datetime.now(UTC).date()
    sites = _sites(actor, today, view)
    return [_site(row, today) for row in session.execute(select(sites).order_by(sites.c.code))]


@dataclass(frozen=True, slots=True)
class ItemChoice:
    """An item that can stand on the board."""

    code: str
    name_en: str
    name_fr: str
    name_sw: str
    name_rw: str
    category: str
    tier: int

    def name_in(self, language: str) -> str:
        """The item's name in ``language``, in English where it has none."""
        return str(getattr(self, f"name_{language}", "") or self.name_en)


def board_items(session: Session, starts_on: date) -> list[ItemChoice]:
    """Return the items with a standard in force on ``starts_on``, the most urgent first."""
    with_standard = select(Standard.item_id).where(Standard.valid_from <= starts_on)
    return [
        ItemChoice(*row)
        for row in session.execute(
            select(
                Item.code,
                Item.name_en,
                Item.name_fr,
                Item.name_sw,
                Item.name_rw,
                Item.category,
                Item.tier,
            )
            .where(Item.active, Item.id.in_(with_standard))
            .order_by(Item.tier, Item.category, Item.code)
        )
    ]


def _statement(actor: Actor, starts_on: date, today: date, view: View) -> Select[*tuple[Any, ...]]:
    sites = _sites(actor, today, view)
    items = _items(actor, starts_on, view)
    held, coming = _held(), _coming()
    return (
        select(
            sites.c.id,
            items.c.id.label("item_id"),
            func.coalesce(held.c.at_site, 0),
            func.coalesce(held.c.given, 0),
            func.coalesce(coming.c.on_the_way, 0),
            *sites.c[1:],
            *(column.label(f"item_{column.name}") for column in items.c[1:]),
        )
        .select_from(sites)
        .join(items, literal(value=True))
        .outerjoin(held, and_(held.c.place_id == sites.c.id, held.c.item_id == items.c.id))
        .outerjoin(coming, and_(coming.c.place_id == sites.c.id, coming.c.item_id == items.c.id))
        .order_by(sites.c.code, items.c.tier, items.c.category, items.c.code)
    )


def _sites(actor: Actor, today: date, view: View) -> Subquery:
    """The sites of the view, each with its latest count."""
    count = latest(today)
    wanted = (
        select(
            Place.id,
            Place.code,
            Place.shown_as.label("shown_as"),
            Place.area,
            Place.protected,
            _as_text(Place.access),
            Place.organisation_id,
            *(
                _as_text(column) if column.name == "confidence" else column
                for column in count.c
                if column.name != "place_id"
            ),
        )
        .outerjoin(count, count.c.place_id == Place.id)
        .where(Place.kind == PlaceKind.SITE, Place.active)
        .where(Place.organisation_id.in_(actor.organisation_ids))
    )
    scope = actor.places(Permission.NEEDS_VIEW)
    if scope is not None:
        wanted = wanted.where(Place.id.in_(scope))
    if view.sites is not None:
        wanted = wanted.where(Place.code.in_(view.sites))
    if view.areas is not None:
        wanted = wanted.where(Place.area.in_(view.areas))
    return wanted.subquery("site")


def _items(actor: Actor, starts_on: date, view: View) -> Subquery:
    """The items of the view, each with the standard in force, its issue pack and what is free."""
    standard = (
        select(
            Standard,
            func.row_number()
            .over(
                partition_by=Standard.item_id,
                order_by=(Standard.valid_from.desc(), Standard.id.desc()),
            )
            .label("newest"),
        )
        .where(Standard.valid_from <= starts_on)
        .subquery("rule")
    )
    free = _free(actor)
    wanted = (
        select(
            Item.id,
            Item.code,
            Item.name_en,
            Item.name_fr,
            Item.name_sw,
            Item.name_rw,
            Item.category,
            _as_text(Item.base_unit),
            Item.tier,
            Item.weight_mg,
            Item.volume_mm3,
            _as_text(ItemPack.kind).label("pack_kind"),
            ItemPack.size.label("pack_size"),
            standard.c.id.label("standard_id"),
            _as_text(standard.c.basis),
            standard.c.quantity,
            standard.c.recurs_days,
            standard.c.source,
            standard.c.edition,
            free.label("free"),
        )
        .join(standard, and_(standard.c.item_id == Item.id, standard.c.newest == 1))
        .outerjoin(ItemPack, and_(ItemPack.item_id == Item.id, ItemPack.issue, ItemPack.active))
        .where(Item.active)
    )
    if view.items is not None:
        wanted = wanted.where(Item.code.in_(view.items))
    if view.category is not None:
        wanted = wanted.where(Item.category == view.category)
    return wanted.subquery("thing")


def _as_text(kind: Any) -> ColumnElement[Any]:
    """Return a column of kinds as its bare text: it is read once and not in every row."""
    return type_coerce(kind, String).label(kind.key)


def _free(actor: Actor) -> ColumnElement[Any]:
    """What is free of an item in the warehouses whose stock the actor may see."""
    if not actor.may(Permission.STOCK_VIEW):
        return null()
    wanted = select(func.coalesce(func.sum(StockTotal.on_hand - StockTotal.reserved), 0)).where(
        StockTotal.kind == AccountKind.WAREHOUSE,
        StockTotal.item_id == Item.id,
        StockTotal.organisation_id.in_(actor.organisation_ids),
    )
    scope = actor.places(Permission.STOCK_VIEW)
    if scope is not None:
        wanted = wanted.where(StockTotal.key.in_(scope))
    return wanted.scalar_subquery()


def _held() -> Subquery:
    """What sites hold and what was handed out there, of each item, by whoever."""
    at_site = case((StockTotal.kind == AccountKind.SITE, StockTotal.on_hand), else_=0)
    given = case((StockTotal.kind == AccountKind.PEOPLE, StockTotal.on_hand), else_=0)
    return (
        select(
            StockTotal.key.label("place_id"),
            StockTotal.item_id,
            func.sum(at_site).label("at_site"),
            func.sum(given).label("given"),
        )
        .where(or_(StockTotal.kind == AccountKind.SITE, StockTotal.kind == AccountKind.PEOPLE))
        .group_by(StockTotal.key, StockTotal.item_id)
        .subquery("held")
    )


def _coming() -> Subquery:
    """What is on the road to each place, of each item."""
    return (
        select(
            Transit.destination_id.label("place_id"),
            StockTotal.item_id,
            func.sum(StockTotal.on_hand).label("on_the_way"),
        )
        .join(
            StockTotal,
            and_(StockTotal.kind == AccountKind.TRANSIT, StockTotal.key == Transit.id),
        )
        .where(StockTotal.on_hand > 0)
        .group_by(Transit.destination_id, StockTotal.item_id)
        .subquery("coming")
    )


def _take(reading: _Reading, row: Row[*tuple[Any, ...]]) -> None:
    """Make one cell; its site and item are read from the first row that names them."""
    site_id, item_id, at_site, given, on_the_way = row[:5]
    if site_id not in reading.sites:
        site = reading.sites[site_id] = _site(row, reading.today)
        for basis in Basis:
            reading.units[site_id, basis] = arithmetic.units_of(basis, site.counted)
    if item_id not in reading.items:
        reading.items[item_id] = _item(row)
    due = reading.items[item_id].due
    reading.cells[site_id, item_id] = Cell(
        site_id=site_id,
        item_id=item_id,
        need=arithmetic.need_of_units(due, reading.units[site_id, due.basis], reading.days),
        at_site=int(at_site),
        on_the_way=int(on_the_way),
        given=int(given) if due.once else 0,
    )


def _site(row: Row[*tuple[Any, ...]], today: date) -> BoardSite:
    counted_on: date | None = row.counted_on
    counted = counted_now(row)
    return BoardSite(
        id=row.id,
        code=row.code,
        shown_as=row.shown_as,
        area=row.area,
        protected=row.protected,
        access=Access(row.access),
        organisation_id=row.organisation_id,
        counted_on=counted_on,
        counted=counted,
        people_counted=row.people_counted,
        changed_on=row.changed_on,
        confidence=row.confidence and Confidence(row.confidence),
        age_days=None if counted_on is None else arithmetic.age_in_days(counted_on, today),
        stale=counted_on is not None and arithmetic.is_stale(counted_on, today),
    )


def _item(row: Row[*tuple[Any, ...]]) -> BoardItem:
    return BoardItem(
        id=row.item_id,
        code=row.item_code,
        names={
            "en": row.item_name_en,
            "fr": row.item_name_fr,
            "sw": row.item_name_sw,
            "rw": row.item_name_rw,
        },
        category=row.item_category,
        base_unit=BaseUnit(row.item_base_unit),
        tier=row.item_tier,
        weight_mg=row.item_weight_mg,
        volume_mm3=row.item_volume_mm3,
        pack_kind=row.item_pack_kind,
        pack_size=row.item_pack_size,
        standard_id=row.item_standard_id,
        due=Due(Basis(row.item_basis), row.item_quantity, row.item_recurs_days),
        source=row.item_source,
        edition=row.item_edition,
        free=None if row.item_free is None else int(row.item_free),
    )
