"""How far an operation is set up: what there is of everything that plans need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from aidlog.core.actor import Actor
from aidlog.needs.models import PopulationCount, Standard
from aidlog.registry.models import (
    Item,
    Organisation,
    Person,
    Place,
    PlaceKind,
    Route,
    Vehicle,
)


@dataclass(frozen=True, slots=True)
class SetupState:
    """Numbers of what is there, and of what is still missing something."""

    organisations: int
    people: int
    items: int
    items_without_weight: int
    warehouses: int
    sites: int
    sites_uncounted: int
    sites_without_road: int
    routes: int
    vehicles: int
    standards: int


def setup_state(session: Session, actor: Actor, today: date) -> SetupState:
    """Return how far the actor's organisations are set up. One statement."""
    mine = Place.organisation_id.in_(actor.organisation_ids) & Place.active
    site = mine & (Place.kind == PlaceKind.SITE)
    origin = aliased(Place)
    counted = select(PopulationCount.id).where(PopulationCount.place_id == Place.id).exists()
    reached = select(Route.id).where(Route.destination_id == Place.id).exists()
    unweighed = Item.active & Item.weight_mg.is_(None)
    standards = (
        select(func.count(Standard.item_id.distinct()))
        .where(Standard.valid_from <= today)
        .scalar_subquery()
    )
    roads = (
        select(func.count(Route.id))
        .join(origin, origin.id == Route.origin_id)
        .where(origin.organisation_id.in_(actor.organisation_ids))
        .scalar_subquery()
    )
    row = session.execute(
        select(
            _count(Organisation.id, Organisation.id.in_(actor.organisation_ids)),
            _count(Person.id, Person.organisation_id.in_(actor.organisation_ids) & Person.active),
            _count(Item.id, Item.active.is_(True)),
            _count(Item.id, unweighed),
            _count(Place.id, mine & (Place.kind == PlaceKind.WAREHOUSE)),
            _count(Place.id, site),
            _count(Place.id, site & ~counted),
            _count(Place.id, site & ~reached),
            roads,
            _count(
                Vehicle.id, Vehicle.organisation_id.in_(actor.organisation_ids) & Vehicle.active
            ),
            standards,
        )
    ).one()
    return SetupState(*(int(number or 0) for number in row))


def _count(of: InstrumentedAttribute[int], where: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count(of)).where(where).scalar_subquery()
