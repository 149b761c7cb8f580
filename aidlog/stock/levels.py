"""What there is of each item: the stock list, read from totals however many lots there are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, ItemPack, Place, PlaceKind
from aidlog.stock.models import StockTotal
from aidlog.stock.queries import IN_STORE, expiring, first_expiries


@dataclass(frozen=True, slots=True)
class Level:
    """An item in one warehouse or in all: base units, and the first expiry where it is near."""

    item: Item
    usable: int
    reserved: int
    held: int
    first_expiry: date | None

    @property
    def on_hand(self) -> int:
        return self.usable + self.held

    @property
    def free(self) -> int:
        return self.usable - self.reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFilter:
    """What the list is narrowed to; ``warehouse_id`` None is all that the actor may see."""

    warehouse_id: int | None = None
    search: str = ""
    category: str = ""
    expires_by: date | None = None


def warehouses(session: Session, actor: Actor) -> list[Place]:
    """Return the warehouses whose stock the actor may see, by name."""
    where: list[ColumnElement[bool]] = [Place.kind == PlaceKind.WAREHOUSE]
    places = actor.places(Permission.STOCK_VIEW)
    if places is not None:
        where.append(Place.id.in_(places))
    owned = select(StockTotal.item_id).where(
        StockTotal.kind == AccountKind.WAREHOUSE,
        StockTotal.key == Place.id,
        StockTotal.organisation_id.in_(actor.organisation_ids),
    )
    where.append(or_(Place.organisation_id.in_(actor.organisation_ids), owned.exists()))
    return list(session.scalars(select(Place).where(*where).order_by(Place.name, Place.id)))


def levels(
    session: Session,
    actor: Actor,
    which: LevelFilter,
    *,
    after: str = "",
    near: date,
    limit: int = 25,
) -> list[Level]:
    """Return what there is of each item, by item code; two statements.

    Codes group what belongs together and are the same in every language, and their index
    makes a page cost the same wherever it is in the list. ``after`` is the last code of the
    page before. ``near``: an expiry up to this day is shown.
    """
    places = _places(actor, which)
    where: list[ColumnElement[bool]] = [
        StockTotal.kind.in_(IN_STORE),
        StockTotal.organisation_id.in_(actor.organisation_ids),
    ]
    if places is not None:
        where.append(StockTotal.key.in_(places))
    if after:
        where.append(Item.code > after)
    if which.search:
        where.append(_matches(which.search))
    if which.category:
        where.append(Item.category == which.category)
    if which.expires_by is not None:
        where.append(Item.id.in_(expiring(places, which.expires_by)))
    usable = StockTotal.kind == AccountKind.WAREHOUSE
    rows = session.execute(
        select(
            Item,
            func.sum(case((usable, StockTotal.on_hand), else_=0)),
            func.sum(StockTotal.reserved),
            func.sum(case((usable, 0), else_=StockTotal.on_hand)),
        )
        .join(StockTotal, StockTotal.item_id == Item.id)
        .where(*where)
        .group_by(Item.id)
        .having(func.sum(StockTotal.on_hand) > 0)
        .order_by(Item.code)
        .limit(limit)
    ).all()
    first = first_expiries(session, [item.id for item, *_ in rows], places, near)
    return [
        Level(item, int(usable), int(reserved), int(held), first.get(item.id))
        for item, usable, reserved, held in rows
    ]


@dataclass(frozen=True, slots=True)
class AtPlace:
    """What one warehouse holds of an item, in base units."""

    warehouse: Place
    usable: int
    reserved: int
    held: int

    @property
    def on_hand(self) -> int:
        return self.usable + self.held

    @property
    def free(self) -> int:
        return self.usable - self.reserved


def by_warehouse(session: Session, actor: Actor, item: Item) -> list[AtPlace]:
    """Return where an item stands, the most free first. One statement."""
    places = actor.places(Permission.STOCK_VIEW)
    usable = StockTotal.kind == AccountKind.WAREHOUSE
    wanted = (
        select(
            Place,
            func.sum(case((usable, StockTotal.on_hand), else_=0)),
            func.sum(StockTotal.reserved),
            func.sum(case((usable, 0), else_=StockTotal.on_hand)),
        )
        .join(StockTotal, StockTotal.key == Place.id)
        .where(
            StockTotal.kind.in_(IN_STORE),
            StockTotal.item_id == item.id,
            StockTotal.organisation_id.in_(actor.organisation_ids),
        )
        .group_by(Place.id)
    )
    if places is not None:
        wanted = wanted.where(StockTotal.key.in_(places))
    found = [
        AtPlace(place, int(usable), int(reserved), int(held))
        for place, usable, reserved, held in session.execute(wanted)
    ]
    return sorted(found, key=lambda at: (-at.free, at.warehouse.name))


def issue_packs(session: Session, items: Collection[int]) -> dict[int, ItemPack]:
    """Return the smallest pack that may leave a warehouse, for each item that has one."""
    rows = session.scalars(
        select(ItemPack)
        .where(ItemPack.item_id.in_(items), ItemPack.issue, ItemPack.active)
        .order_by(ItemPack.size.desc())
    )
    return {pack.item_id: pack for pack in rows}


def _places(actor: Actor, which: LevelFilter) -> Collection[int] | None:
    """Return the places to read, None for all; refuse a warehouse that is not the actor's."""
    if which.warehouse_id is not None:
        actor.must(Permission.STOCK_VIEW, at=which.warehouse_id)
        return [which.warehouse_id]
    return actor.places(Permission.STOCK_VIEW)


def _matches(search: str) -> ColumnElement[bool]:
    """An item whose code or whose name in any language holds the words searched for."""
    return or_(
        *(
            column.icontains(search.strip(), autoescape=True)
            for column in (Item.code, Item.name_en, Item.name_fr, Item.name_sw, Item.name_rw)
        )
    )
