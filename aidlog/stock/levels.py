"""What there is of each item: the stock list, read from totals however many lots there are.

The statements of this hot path are built once a shape and kept: building one costs more than
running it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.quantity import BaseUnit
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, ItemPack, PackKind, Place, PlaceKind
from aidlog.stock.expiries import expiring, first_expiries
from aidlog.stock.models import StockTotal
from aidlog.stock.queries import IN_STORE


@dataclass(frozen=True, slots=True)
class ListedItem:
    """What a list says of an item."""

    id: int
    code: str
    name_en: str
    name_fr: str
    name_sw: str
    name_rw: str
    base_unit: BaseUnit

    def name_in(self, language: str) -> str:
        """The item's name in ``language``, in English where it has none."""
        return str(getattr(self, f"name_{language}", "") or self.name_en)


@dataclass(frozen=True, slots=True)
class IssuePack:
    """The smallest pack of an item that may leave a warehouse: ``size`` base units."""

    kind: PackKind
    size: int


@dataclass(frozen=True, slots=True)
class Level:
    """An item in one warehouse or in all: base units, and the first expiry where it is near."""

    item: ListedItem
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
    asked: dict[str, Any] = {"organisations": list(actor.organisation_ids)}
    places = actor.places(Permission.STOCK_VIEW)
    if places is not None:
        asked["places"] = list(places)
    return list(session.scalars(_warehouses(places is not None), asked))


@cache
def _warehouses(in_places: bool) -> Select[Any]:
    """Return the statement of warehouses that are an organisation's, or hold goods of it."""
    organisations: ColumnElement[Any] = bindparam("organisations", expanding=True)
    owned = select(StockTotal.item_id).where(
        StockTotal.kind == AccountKind.WAREHOUSE,
        StockTotal.key == Place.id,
        StockTotal.organisation_id.in_(organisations),
    )
    wanted = select(Place).where(
        Place.kind == PlaceKind.WAREHOUSE,
        or_(Place.organisation_id.in_(organisations), owned.exists()),
    )
    if in_places:
        wanted = wanted.where(Place.id.in_(bindparam("places", expanding=True)))
    return wanted.order_by(Place.name, Place.id)


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
    asked: dict[str, Any] = {"organisations": list(actor.organisation_ids), "most": limit}
    for name, value in (
        ("places", None if places is None else list(places)),
        ("after", after or None),
        ("words", f"%{_escaped(which.search)}%" if which.search else None),
        ("category", which.category or None),
        ("until", which.expires_by),
    ):
        if value is not None:
            asked[name] = value
    rows = session.execute(_levels(frozenset(asked)), asked).all()
    found, own = [row[0] for row in rows], actor.organisation_ids
    first = first_expiries(session, own, found, places, near) if rows else {}
    return [
        Level(ListedItem(*row[:7]), int(usable), int(reserved), int(held), first.get(row[0]))
        for row in rows
        for usable, reserved, held in [row[7:]]
    ]


@cache
def _levels(asked: frozenset[str]) -> Select[Any]:
    """Return the statement of the list for what is ``asked``: the names of its parameters.

    The items of the page are found first, by their ids and codes alone: names and sums are
    then read of those few, however many items are in stock.
    """
    item, total = Item.__table__.c, StockTotal.__table__.c
    usable = total.kind == AccountKind.WAREHOUSE
    here: list[ColumnElement[bool]] = [
        total.kind.in_(IN_STORE),
        total.organisation_id.in_(bindparam("organisations", expanding=True)),
    ]
    if "places" in asked:
        here.append(total.key.in_(bindparam("places", expanding=True)))
    return (
        select(
            item.id,
            item.code,
            item.name_en,
            item.name_fr,
            item.name_sw,
            item.name_rw,
            item.base_unit,
            func.sum(case((usable, total.on_hand), else_=0)),
            func.sum(total.reserved),
            func.sum(case((usable, 0), else_=total.on_hand)),
        )
        .join_from(Item.__table__, StockTotal.__table__, total.item_id == item.id)
        .where(*here, item.id.in_(_on_the_page(asked, here)))
        .group_by(item.id)
        .order_by(item.code)
    )


def _on_the_page(asked: frozenset[str], here: list[ColumnElement[bool]]) -> Select[Any]:
    """Return the statement of the items that a page shows: those in stock ``here``."""
    listed = Item.__table__.alias("listed")
    total, item = StockTotal.__table__.c, listed.c
    stocked = select(total.item_id).where(*here, total.on_hand > 0).correlate(None)
    where: list[ColumnElement[bool]] = [item.id.in_(stocked)]
    if "after" in asked:
        where.append(item.code > bindparam("after"))
    if "words" in asked:
        names = (item.code, item.name_en, item.name_fr, item.name_sw, item.name_rw)
        words = func.lower(bindparam("words"))
        where.append(or_(*(func.lower(name).like(words, escape="/") for name in names)))
    if "category" in asked:
        where.append(item.category == bindparam("category"))
    if "until" in asked:
        where.append(item.id.in_(expiring("places" in asked)))
    return select(item.id).where(*where).order_by(item.code).limit(bindparam("most"))


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


def issue_packs(session: Session, items: Collection[int]) -> dict[int, IssuePack]:
    """Return the smallest pack that may leave a warehouse, for each item that has one."""
    rows = session.execute(_issue_packs(), {"items": list(items)})
    return {item: IssuePack(kind, size) for item, kind, size in rows}


@cache
def _issue_packs() -> Select[Any]:
    pack = ItemPack.__table__.c
    return (
        select(pack.item_id, pack.kind, pack.size)
        .where(pack.item_id.in_(bindparam("items", expanding=True)), pack.issue, pack.active)
        .order_by(pack.size.desc())
    )


def _places(actor: Actor, which: LevelFilter) -> Collection[int] | None:
    """Return the places to read, None for all; refuse a warehouse that is not the actor's."""
    if which.warehouse_id is not None:
        actor.must(Permission.STOCK_VIEW, at=which.warehouse_id)
        return [which.warehouse_id]
    return actor.places(Permission.STOCK_VIEW)


def _escaped(search: str) -> str:
    """Return what was searched for, so that its % and _ mean themselves."""
    return "".join(f"/{letter}" if letter in "%_/" else letter for letter in search.strip())
