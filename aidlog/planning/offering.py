"""What a planner can choose from when asking for a plan: warehouses and roads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.ledger.movement import AccountKind
from aidlog.planning.gathering import closed_throughout
from aidlog.registry.models import Item, Organisation, Place, PlaceKind, Route, Vehicle
from aidlog.stock.models import StockTotal


@dataclass(frozen=True, slots=True)
class Store:
    """A warehouse: how many kinds of goods are free there, and the trucks based there."""

    id: int
    code: str
    shown_as: str
    area: str
    kinds_free: int
    trucks: int
    truck_grams: int


@dataclass(frozen=True, slots=True)
class Road:
    """A road of the registry. ``closed`` for every day of the plan; limits are per day."""

    warehouse: str
    warehouse_shown_as: str
    site: str
    site_shown_as: str
    km: int
    closed: bool
    max_grams: int | None


def stores(session: Session, actor: Actor) -> list[Store]:
    """Return the warehouses that the actor may send from. One statement."""
    trucks = (
        select(
            Vehicle.base_id,
            func.count(Vehicle.id).label("number"),
            func.sum(Vehicle.max_grams).label("grams"),
        )
        .where(Vehicle.active, Vehicle.organisation_id.in_(actor.organisation_ids))
        .group_by(Vehicle.base_id)
        .subquery("trucks")
    )
    free = (
        select(StockTotal.key, func.count(StockTotal.item_id.distinct()).label("kinds"))
        .where(StockTotal.kind == AccountKind.WAREHOUSE)
        .where(StockTotal.organisation_id.in_(actor.organisation_ids))
        .where(StockTotal.on_hand > StockTotal.reserved)
        .group_by(StockTotal.key)
        .subquery("free")
    )
    wanted = (
        select(
            Place.id,
            Place.code,
            Place.name,
            Place.area,
            func.coalesce(free.c.kinds, 0),
            func.coalesce(trucks.c.number, 0),
            func.coalesce(trucks.c.grams, 0),
        )
        .outerjoin(free, free.c.key == Place.id)
        .outerjoin(trucks, trucks.c.base_id == Place.id)
        .where(Place.kind == PlaceKind.WAREHOUSE, Place.active)
        .where(Place.organisation_id.in_(actor.organisation_ids))
        .order_by(Place.name, Place.code)
    )
    scope = actor.places(Permission.PLAN_DRAFT)
    if scope is not None:
        wanted = wanted.where(Place.id.in_(scope))
    return [
        Store(id_, code, name, area, int(kinds), int(number), int(grams))
        for id_, code, name, area, kinds, number, grams in session.execute(wanted)
    ]


@dataclass(frozen=True, slots=True)
class Truck:
    """A kind of truck: what one trip carries, and how many there are."""

    max_grams: int
    max_litres: int
    number: int


def trucks(session: Session, organisation_id: int) -> list[Truck]:
    """Return what the trucks of an organisation carry, the largest first. One statement."""
    rows = session.execute(
        select(Vehicle.max_grams, Vehicle.max_litres, func.count(Vehicle.id))
        .where(Vehicle.active, Vehicle.organisation_id == organisation_id)
        .group_by(Vehicle.max_grams, Vehicle.max_litres)
        .order_by(Vehicle.max_grams.desc(), Vehicle.max_litres.desc())
    )
    return [Truck(*row) for row in rows]


def item_codes(session: Session, codes: Collection[str]) -> dict[int, str]:
    """Return ``{id: code}`` of the items with these codes. One statement."""
    rows = session.execute(select(Item.id, Item.code).where(Item.code.in_(codes)))
    return {row.id: row.code for row in rows}


def roads(
    session: Session,
    warehouses: Collection[int],
    sites: Collection[int],
    starts_on: date,
    ends_on: date,
) -> list[Road]:
    """Return the roads between these warehouses and sites. One statement."""
    origin, destination = aliased(Place), aliased(Place)
    rows = session.execute(
        select(Route, origin, destination)
        .join(origin, origin.id == Route.origin_id)
        .join(destination, destination.id == Route.destination_id)
        .where(Route.origin_id.in_(warehouses), Route.destination_id.in_(sites))
        .order_by(origin.name, origin.code, destination.code)
    )
    return [
        Road(
            warehouse=start.code,
            warehouse_shown_as=start.shown_as,
            site=end.code,
            site_shown_as=end.shown_as,
            km=route.km,
            closed=closed_throughout(route, end, starts_on, ends_on),
            max_grams=route.max_grams,
        )
        for route, start, end in rows
    ]


def organisations(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return (id, name) of the organisations that the actor acts for, by name."""
    rows = session.execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.id.in_(actor.organisation_ids))
        .order_by(Organisation.name)
    )
    return [(row.id, row.name) for row in rows]
