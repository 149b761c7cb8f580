"""Trucks and what they may carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.registry.carriers import carrier_named
from aidlog.registry.models import Vehicle, VehicleClass
from aidlog.registry.scope import WrongEntry, must_edit_everywhere, place_of

#: The heaviest road train carries less: more is a slip between kilograms and grams.
HEAVIEST_GRAMS = 100_000_000
LARGEST_LITRES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Truck:
    """What a truck is. Grams and litres of load; ``base_id`` is where it stands.

    ``carrier`` is a name: one that is not in the list of carriers yet is put there.
    """

    plate: str
    carrier: str
    max_grams: int
    max_litres: int
    base_id: int | None = None
    active: bool = True
    vehicle_class: VehicleClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddVehicle(Command):
    organisation_id: int
    truck: Truck


@dataclass(frozen=True, slots=True, kw_only=True)
class EditVehicle(Command):
    vehicle_id: int
    truck: Truck


def add_vehicle(session: Session, actor: Actor, command: AddVehicle) -> dict[str, Any]:
    """Add a truck; return ``{"vehicle_id"}``.

    Raises:
        WrongEntry: the plate is known, or the truck could carry nothing.
    """
    must_edit_everywhere(actor)
    actor.must_own(command.organisation_id)
    vehicle = Vehicle(organisation_id=command.organisation_id)
    _describe(session, actor, vehicle, command.truck)
    session.add(vehicle)
    session.flush()
    return {"vehicle_id": vehicle.id}


def edit_vehicle(session: Session, actor: Actor, command: EditVehicle) -> dict[str, Any]:
    """Change a truck.

    Raises:
        NotFound: it is not a truck of the actor's organisations.
        WrongEntry: the plate is known, or the truck could carry nothing.
    """
    must_edit_everywhere(actor)
    vehicle = session.get(Vehicle, command.vehicle_id)
    if vehicle is None or vehicle.organisation_id not in actor.organisation_ids:
        raise NotFound(f"vehicle {command.vehicle_id}")
    _describe(session, actor, vehicle, command.truck)
    session.flush()
    return {"vehicle_id": vehicle.id}


def _describe(session: Session, actor: Actor, vehicle: Vehicle, truck: Truck) -> None:
    plate = " ".join(truck.plate.upper().split())
    if not 2 <= len(plate) <= 20:
        raise WrongEntry(
            Message(N_("Write the plate as it stands on the truck, at most 20 characters.")),
            field="plate",
        )
    with session.no_autoflush:
        twin = session.scalar(
            select(Vehicle.id).where(
                Vehicle.organisation_id == vehicle.organisation_id, Vehicle.plate == plate
            )
        )
    if twin is not None and twin != vehicle.id:
        raise WrongEntry(
            Message(N_("The truck {plate} is listed already. Edit that one."), {"plate": plate}),
            field="plate",
        )
    check_load(truck)
    if truck.base_id is not None:
        place_of(session, actor, truck.base_id)
    vehicle.plate, vehicle.vehicle_class = plate, truck.vehicle_class
    vehicle.carrier_id = carrier_named(session, vehicle.organisation_id, truck.carrier)
    vehicle.max_grams, vehicle.max_litres = truck.max_grams, truck.max_litres
    vehicle.base_id, vehicle.active = truck.base_id, truck.active


def check_load(truck: Truck) -> None:
    """Refuse a truck that could carry nothing, or more than any; the refusal names the field."""
    if not 0 < truck.max_grams <= HEAVIEST_GRAMS:
        raise WrongEntry(
            Message(
                N_("A truck carries from 1 to {largest} kg. Check the load."),
                {"largest": HEAVIEST_GRAMS // 1_000},
            ),
            field="max_grams",
        )
    if not 0 < truck.max_litres <= LARGEST_LITRES:
        raise WrongEntry(
            Message(
                N_("A truck holds from 1 to {largest} litres. One cubic metre is 1000 litres."),
                {"largest": LARGEST_LITRES},
            ),
            field="max_litres",
        )
