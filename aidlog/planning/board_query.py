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
from aidlog.needs.models import Basis, Climate, Confidence, Phase, SiteCondition, Standard
from aidlog.needs.people_now import counted_now, latest
from aidlog.needs.standards_now import Condition, conditions, rules
from aidlog.planning.board import Board, BoardItem, BoardSite, Cell, Rule
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
    may_see_stock: bool
    sites: dict[int, BoardSite] = field(default_factory=dict)
    items: dict[int, BoardItem] = field(default_factory=dict)
    units: dict[tuple[int, Basis, int], int | None] = field(default_factory=dict)
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)

    def need(self, site: BoardSite, due: Due) -> int | None:
        """Return the need of a site in base units; how often a basis occurs there is kept."""
        key = site.id, due.basis, due.per
        if key not in self.units:
            self.units[key] = arithmetic.units_of(due.basis, site.counted, due.per)
        return arithmetic.need_of_units(due, self.units[key], self.days)


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
    reading = _Reading(
        today=today,
        days=arithmetic.horizon(starts_on, ends_on),
        may_see_stock=actor.may(Permission.STOCK_VIEW),
    )
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
    with_standard = select(Standard.item_id).where(
        Standard.valid_from <= starts_on, Standard.in_force
    )
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
        .join(
            items,
            and_(sites.c.phase == items.c.for_phase, sites.c.climate == items.c.for_climate),
        )
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
            func.coalesce(_as_text(SiteCondition.phase), Condition().phase.value).label("phase"),
            func.coalesce(_as_text(SiteCondition.climate), Condition().climate.value).label(
                "climate"
            ),
            *(
                _as_text(column) if column.name == "confidence" else column
                for column in count.c
                if column.name != "place_id"
            ),
        )
        .outerjoin(count, count.c.place_id == Place.id)
        .outerjoin(SiteCondition, SiteCondition.place_id == Place.id)
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
    """The items of the view for each phase and climate, with the standard that holds there.

    An item stands on the board if a standard of it is in force anywhere; where none holds for
    a phase and climate its row has no rule, and nothing is needed there.
    """
    rule, free = rules(starts_on), _free(actor)
    condition = conditions().subquery("for_site")
    with_rule = select(rule.c.item_id)
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
            condition.c.for_phase,
            condition.c.for_climate,
            rule.c.id.label("standard_id"),
            _as_text(rule.c.basis),
            rule.c.quantity,
            rule.c.recurs_days,
            rule.c.per,
            rule.c.source,
            rule.c.edition,
            free.c.free,
        )
        .select_from(Item)
        .join(condition, literal(value=True))
        .outerjoin(
            rule,
            and_(
                rule.c.item_id == Item.id,
                rule.c.for_phase == condition.c.for_phase,
                rule.c.for_climate == condition.c.for_climate,
            ),
        )
        .outerjoin(ItemPack, and_(ItemPack.item_id == Item.id, ItemPack.issue, ItemPack.active))
        .outerjoin(free, free.c.item_id == Item.id)
        .where(Item.active, Item.id.in_(with_rule))
    )
    if view.items is not None:
        wanted = wanted.where(Item.code.in_(view.items))
    if view.category is not None:
        wanted = wanted.where(Item.category == view.category)
    return wanted.subquery("thing")


def _as_text(kind: Any) -> ColumnElement[Any]:
    """Return a column of kinds as its bare text: it is read once and not in every row."""
    return type_coerce(kind, String).label(kind.key)


def _free(actor: Actor) -> Subquery:
    """What is free of each item in the warehouses whose stock the actor may see, if any."""
    wanted = select(
        StockTotal.item_id, func.sum(StockTotal.on_hand - StockTotal.reserved).label("free")
    ).where(
        StockTotal.kind == AccountKind.WAREHOUSE,
        StockTotal.organisation_id.in_(actor.organisation_ids),
    )
    scope = actor.places(Permission.STOCK_VIEW) if actor.may(Permission.STOCK_VIEW) else ()
    if scope is not None:
        wanted = wanted.where(StockTotal.key.in_(scope))
    return wanted.group_by(StockTotal.item_id).subquery("free")


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
    """Make one cell; its site, item and rule are read from the first row that names them."""
    site_id, item_id, at_site, given, on_the_way = row[:5]
    if site_id not in reading.sites:
        reading.sites[site_id] = _site(row, reading.today)
    site = reading.sites[site_id]
    if item_id not in reading.items:
        reading.items[item_id] = _item(row, may_see_stock=reading.may_see_stock)
    held = reading.items[item_id].standards
    if row.item_standard_id is not None and site.condition not in held:
        held[site.condition] = _rule(row)
    rule = held.get(site.condition)
    reading.cells[site_id, item_id] = Cell(
        site_id=site_id,
        item_id=item_id,
        need=0 if rule is None else reading.need(site, rule.due),
        at_site=int(at_site),
        on_the_way=int(on_the_way),
        given=int(given) if rule is not None and rule.due.once else 0,
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
        condition=Condition(Phase(row.phase), Climate(row.climate)),
        counted_on=counted_on,
        counted=counted,
        people_counted=row.people_counted,
        changed_on=row.changed_on,
        confidence=row.confidence and Confidence(row.confidence),
        age_days=None if counted_on is None else arithmetic.age_in_days(counted_on, today),
        stale=counted_on is not None and arithmetic.is_stale(counted_on, today),
    )


def _rule(row: Row[*tuple[Any, ...]]) -> Rule:
    return Rule(
        standard_id=row.item_standard_id,
        due=Due(Basis(row.item_basis), row.item_quantity, row.item_recurs_days, row.item_per),
        source=row.item_source,
        edition=row.item_edition,
    )


def _item(row: Row[*tuple[Any, ...]], *, may_see_stock: bool) -> BoardItem:
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
        standards={},
        free=int(row.item_free or 0) if may_see_stock else None,
    )
