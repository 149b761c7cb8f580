"""Roads from warehouses to places, each in one direction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.registry.models import Access, PlaceKind, Route, RouteVehicleClass, VehicleClass
from aidlog.registry.scope import WrongEntry, must_edit_everywhere, place_of

LONGEST_KM = 10_000
LONGEST_MINUTES = 60 * 24 * 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """What is known of a road.

    Units: whole km, minutes of driving, minor units of ``currency`` per tonne, grams and
    litres per day that may be carried (None: not known to be limited). From ``closed_from``
    to ``closed_until`` nobody drives; one of them alone leaves the other side open.
    ``vehicle_classes`` are those that the road bears, none of them is all; None leaves them.
    """

    km: int
    minutes: int
    cost_per_tonne: int
    currency: str
    access: Access = Access.OPEN
    closed_from: date | None = None
    closed_until: date | None = None
    max_grams: int | None = None
    max_litres: int | None = None
    vehicle_classes: frozenset[VehicleClass] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRoute(Command):
    origin_id: int
    destination_id: int
    road: Road


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRoute(Command):
    route_id: int
    road: Road


def add_route(session: Session, actor: Actor, command: AddRoute) -> dict[str, Any]:
    """Add a road; return ``{"route_id"}``.

    Raises:
        NotFound: an end is not a place of the actor's organisations.
        WrongEntry: there is such a road already, or its figures cannot be.
    """
    must_edit_everywhere(actor)
    origin = place_of(session, actor, command.origin_id)
    destination = place_of(session, actor, command.destination_id)
    if origin.id == destination.id:
        raise WrongEntry(
            Message(N_("A road goes from one place to another. Choose two places.")),
            field="destination_id",
        )
    if origin.kind is PlaceKind.SITE:
        raise WrongEntry(
            Message(N_("A road starts at a warehouse or a collection point.")),
            field="origin_id",
        )
    if session.scalar(
        select(Route.id).where(Route.origin_id == origin.id, Route.destination_id == destination.id)
    ):
        raise WrongEntry(
            Message(
                N_("There is a road from {origin} to {destination} already. Edit that one."),
                {"origin": origin.shown_as, "destination": destination.shown_as},
            ),
            field="destination_id",
        )
    route = Route(origin_id=origin.id, destination_id=destination.id)
    _describe(route, command.road)
    session.add(route)
    session.flush()
    _bears(session, route, command.road)
    return {"route_id": route.id}


def edit_route(session: Session, actor: Actor, command: EditRoute) -> dict[str, Any]:
    """Change what is known of a road; its ends stay.

    Raises:
        NotFound: it does not start at a place of the actor's organisations.
        WrongEntry: its figures cannot be.
    """
    must_edit_everywhere(actor)
    route = session.get(Route, command.route_id)
    if route is None:
        raise NotFound(f"route {command.route_id}")
    place_of(session, actor, route.origin_id)
    place_of(session, actor, route.destination_id)
    _describe(route, command.road)
    session.flush()
    _bears(session, route, command.road)
    return {"route_id": route.id}


def _describe(route: Route, road: Road) -> None:
    check_road(road)
    route.km, route.minutes = road.km, road.minutes
    route.cost_per_tonne, route.currency = road.cost_per_tonne, road.currency
    route.access = road.access
    route.closed_from, route.closed_until = road.closed_from, road.closed_until
    route.max_grams, route.max_litres = road.max_grams, road.max_litres


def _bears(session: Session, route: Route, road: Road) -> None:
    """Write which vehicles the road bears from now on, where somebody said it."""
    if road.vehicle_classes is None:
        return
    session.execute(delete(RouteVehicleClass).where(RouteVehicleClass.route_id == route.id))
    session.add_all(
        RouteVehicleClass(route_id=route.id, vehicle_class=one)
        for one in sorted(road.vehicle_classes)
    )
    session.flush()


def check_road(road: Road) -> None:
    """Refuse a road whose figures cannot be; the refusal names the field to correct."""
    if not 0 < road.km <= LONGEST_KM:
        raise WrongEntry(
            Message(N_("The distance is from 1 to {largest} km."), {"largest": LONGEST_KM}),
            field="km",
        )
    if not 0 < road.minutes <= LONGEST_MINUTES:
        raise WrongEntry(
            Message(N_("Write how long a truck drives, in hours and minutes.")), field="minutes"
        )
    if road.cost_per_tonne < 0:
        raise WrongEntry(Message(N_("A cost is not below zero.")), field="cost_per_tonne")
    if not (len(road.currency) == 3 and road.currency.isascii() and road.currency.isupper()):
        raise WrongEntry(
            Message(N_("Write the currency as three capital letters, for example USD.")),
            field="currency",
        )
    if road.closed_from and road.closed_until and road.closed_until < road.closed_from:
        raise WrongEntry(
            Message(N_("The road would open before it closes. Check the two days.")),
            field="closed_until",
        )
    for limit, field in ((road.max_grams, "max_grams"), (road.max_litres, "max_litres")):
        if limit is not None and limit <= 0:
            raise WrongEntry(
                Message(N_("A limit is above zero. Leave it empty where none is known.")),
                field=field,
            )
