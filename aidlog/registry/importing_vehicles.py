"""Trucks and their carriers from a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.sheets import (
    Choice,
    Column,
    Finding,
    Kind,
    Question,
    Row,
    SheetPlan,
    Understood,
    unknown_word,
)
from aidlog.core.text import N_, Message
from aidlog.db.imports import Importer, ImportRows, counted, in_row
from aidlog.registry.looking_up import Places
from aidlog.registry.models import Vehicle, VehicleClass
from aidlog.registry.scope import must_edit_everywhere
from aidlog.registry.vehicles import AddVehicle, EditVehicle, Truck, add_vehicle, edit_vehicle

_CLASSES = (
    Choice(VehicleClass.PICKUP.value, N_("Pickup"), exact=("pick-up",),
           like=("4x4", "land cruiser")),
    Choice(VehicleClass.LIGHT_TRUCK.value, N_("Light truck"), like=("canter", "3.5 t", "van")),
    Choice(VehicleClass.MEDIUM_TRUCK.value, N_("Medium truck"), like=("fuso", "10 t", "truck")),
    Choice(VehicleClass.HEAVY_TRUCK.value, N_("Heavy truck"), like=("20 t", "semi", "truck")),
    Choice(VehicleClass.ALL_WHEEL_TRUCK.value, N_("All-wheel truck"), like=("6x6", "truck")),
    Choice(VehicleClass.TRAILER.value, N_("Truck with trailer"), exact=("trailer",),
           like=("semi-trailer", "remorque", "40 t")),
    Choice(VehicleClass.BOAT.value, N_("Boat"), exact=("bateau", "mashua", "ubwato")),
)  # fmt: skip

VEHICLE_COLUMNS = SheetPlan(
    "vehicles",
    N_("Trucks"),
    N_("Trucks and what they may carry. Drivers are not listed."),
    (
        Column(
            field="plate", heading=N_("Plate"), kind=Kind.CODE, required=True,
            note=N_("As it stands on the truck."),
            also=("registration", "plate no", "plate number", "reg no", "vehicle",
                  "immatriculation", "plaque", "namba ya gari", "pulaki"),
            example=("AB 123 C",),
        ),
        Column(
            field="carrier", heading=N_("Carrier"), kind=Kind.TEXT, for_all=True,
            note=N_("The company, or your own fleet."),
            also=("transporter", "company", "owner", "transporteur", "msafirishaji", "utwara"),
            example=("Lakeside Haulage",),
        ),
        Column(
            field="vehicle_class", heading=N_("Kind of vehicle"), kind=Kind.WORD, choices=_CLASSES,
            for_all=True, also=("class", "vehicle class", "vehicle type", "type", "catégorie"),
            example=("Medium truck",),
        ),
        Column(
            field="max_kg", heading=N_("Most kg"), kind=Kind.DECIMAL, places=3, rounded=True,
            required=True, for_all=True,
            also=("max kg", "capacity kg", "payload kg", "payload", "charge utile kg", "load kg"),
            example=(8_000,),
        ),
        Column(
            field="max_m3", heading=N_("Most m³"), kind=Kind.DECIMAL, places=3, rounded=True,
            required=True, for_all=True,
            also=("max m3", "capacity m3", "volume m3", "cbm", "m3"), example=(32,),
        ),
        Column(
            field="base", heading=N_("Stands at"), kind=Kind.TEXT, for_all=True,
            note=N_("Code or name of a place. May be empty."),
            also=("base", "warehouse", "location", "stationed at", "basé à"), example=("W01",),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleLine:
    """One truck as a file says it; grams and litres."""

    row: int
    plate: str
    carrier: str
    vehicle_class: VehicleClass | None
    max_grams: int
    max_litres: int
    base_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportVehicles(ImportRows):
    lines: tuple[VehicleLine, ...]


def understand_vehicles(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the trucks that the rows describe; nothing is written."""
    must_edit_everywhere(actor)
    places = Places(session, actor)
    lines: list[VehicleLine] = []
    findings: list[Finding] = []
    first: dict[str, int] = {}
    for row in question.rows:
        base = None
        if text := row.text("base"):
            base = places.find(question.meaning("base", text))
            if base is None:
                findings.append(unknown_word(row.number, "base", text, places.suggestions(text)))
                continue
        plate = _plate(row.text("plate"))
        if plate and plate in first:
            what = Message(
                N_("The truck {plate} stands in row {row} too. Keep one of the two."),
                {"plate": plate, "row": first[plate]},
            )
            findings.append(Finding(row=row.number, field="plate", what=what))
            continue
        first.setdefault(plate, row.number)
        if {"plate", "max_kg", "max_m3"} <= row.values.keys():
            lines.append(_line(row, plate, base.id if base else None))
    return Understood(tuple(lines), tuple(findings))


def _plate(text: str) -> str:
    return " ".join(text.upper().split())


def _line(row: Row, plate: str, base_id: int | None) -> VehicleLine:
    kind = row.text("vehicle_class")
    return VehicleLine(
        row=row.number,
        plate=plate,
        carrier=row.text("carrier"),
        vehicle_class=VehicleClass(kind) if kind else None,
        max_grams=row.number_of("max_kg") or 0,
        max_litres=row.number_of("max_m3") or 0,
        base_id=base_id,
    )


def import_vehicles(session: Session, actor: Actor, command: ImportVehicles) -> dict[str, Any]:
    """Add the new trucks and say anew what is known of the others; count both."""
    must_edit_everywhere(actor)
    actor.must_own(command.organisation_id)
    known = {
        plate: vehicle_id
        for vehicle_id, plate in session.execute(
            select(Vehicle.id, Vehicle.plate).where(
                Vehicle.organisation_id == command.organisation_id
            )
        )
    }
    added = 0
    for line in command.lines:
        truck = Truck(
            plate=line.plate,
            carrier=line.carrier,
            max_grams=line.max_grams,
            max_litres=line.max_litres,
            base_id=line.base_id,
            vehicle_class=line.vehicle_class,
        )
        with in_row(line.row):
            if line.plate in known:
                edit = EditVehicle(
                    command_id=command.command_id, vehicle_id=known[line.plate], truck=truck
                )
                edit_vehicle(session, actor, edit)
            else:
                add = AddVehicle(
                    command_id=command.command_id,
                    organisation_id=command.organisation_id,
                    truck=truck,
                )
                add_vehicle(session, actor, add)
                added += 1
    return dict(counted(command.lines, len(command.lines) - added, added))


VEHICLES = Importer(
    VEHICLE_COLUMNS, Permission.REGISTRY_EDIT, understand_vehicles, ImportVehicles, import_vehicles
)
