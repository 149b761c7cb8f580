"""The statement of the needs board: sites, items, what is held and what stands beside, in rows.

Each kind comes in rows of its own, one after another: three hundred sites and sixty items are
18,000 cells, and a database that repeats site and item in each takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from aidlog.core.actor import Actor, Permission
from aidlog.ledger.movement import AccountKind
from aidlog.needs.beside import beside, items_beside
from aidlog.needs.models import (
    Counts,
    SiteCondition,
)
from aidlog.needs.people_now import latest
from aidlog.needs.standards_now import Condition, conditions, rules
from aidlog.registry.models import Item, ItemPack, Place, PlaceKind
from aidlog.stock.models import StockTotal, Transit


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Which part of the board: codes of sites and items, names of areas; None is all.

    ``category`` is of the items. What the actor may not see is left out whatever is asked.
    ``counting`` says which figure is the need everywhere, None as it was chosen.
    """

    sites: Collection[str] | None = None
    areas: Collection[str] | None = None
    items: Collection[str] | None = None
    category: str | None = None
    counting: Counts | None = None


#: Every site and every item that has a standard.
EVERYTHING = View()


def board_statement(
    actor: Actor, starts_on: date, today: date, view: View
) -> CompoundSelect[*tuple[Any, ...]]:
    """Return sites, items with their rules, and what is held, each kind in rows of its own.

    A row of a site has the columns of :func:`sites_statement`, one of an item those of
    :func:`_items` with ``item_`` before them, one of goods the last five: the place, the item,
    and how much is at the site, was given there, and is on the way. What was assessed or asked
    for has ``beside_`` before its columns. All other columns are null.
    """
    sites = sites_statement(actor, today, view).cte("site")
    items = _items(actor, starts_on, today, view).cte("thing")
    other = beside(actor.organisation_ids, starts_on, today)
    held = union_all(_held(sites, items), _coming(sites, items)).subquery("held")
    columns = (
        *((sites, column, column.name) for column in sites.c),
        *((items, column, f"item_{column.name}") for column in items.c),
        *((other, column, f"beside_{column.name}") for column in other.c),
        *((held, column, f"held_{column.name}") for column in held.c),
    )
    return union_all(
        *(
            select(
                *(
                    (column if of is part else cast(null(), column.type)).label(name)
                    for of, column, name in columns
                )
            ).select_from(part)
            for part in (sites, items, other, held)
        )
    )


def sites_statement(actor: Actor, today: date, view: View) -> Select[*tuple[Any, ...]]:
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
    return wanted


def _items(actor: Actor, starts_on: date, today: date, view: View) -> Select[*tuple[Any, ...]]:
    """The items of the view for each phase and climate, with the standard that holds there.

    An item stands on the board if a standard of it is in force anywhere, or if it was assessed
    or is asked for; where no standard holds for a phase and climate its row has no rule, and
    by standards nothing is needed there.
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
        .where(
            Item.active,
            or_(
                Item.id.in_(with_rule),
                Item.id.in_(items_beside(actor.organisation_ids, starts_on, today)),
            ),
        )
    )
    if view.items is not None:
        wanted = wanted.where(Item.code.in_(view.items))
    if view.category is not None:
        wanted = wanted.where(Item.category == view.category)
    return wanted


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


def _held(sites: CTE, items: CTE) -> Select[*tuple[Any, ...]]:
    """What sites hold and what was handed out there, of each item, by whoever."""
    at_site = case((StockTotal.kind == AccountKind.SITE, StockTotal.on_hand), else_=0)
    given = case((StockTotal.kind == AccountKind.PEOPLE, StockTotal.on_hand), else_=0)
    return select(
        StockTotal.key.label("place_id"),
        StockTotal.item_id.label("item_id"),
        at_site.label("at_site"),
        given.label("given"),
        literal(0, Integer).label("on_the_way"),
    ).where(
        or_(StockTotal.kind == AccountKind.SITE, StockTotal.kind == AccountKind.PEOPLE),
        StockTotal.on_hand > 0,
        StockTotal.key.in_(select(sites.c.id)),
        StockTotal.item_id.in_(select(items.c.id)),
    )


def _coming(sites: CTE, items: CTE) -> Select[*tuple[Any, ...]]:
    """What is on the road to each site, of each item."""
    return (
        select(
            Transit.destination_id,
            StockTotal.item_id,
            literal(0, Integer),
            literal(0, Integer),
            StockTotal.on_hand,
        )
        .join(
            StockTotal,
            and_(StockTotal.kind == AccountKind.TRANSIT, StockTotal.key == Transit.id),
        )
        .where(
            StockTotal.on_hand > 0,
            Transit.destination_id.in_(select(sites.c.id)),
            StockTotal.item_id.in_(select(items.c.id)),
        )
    )
