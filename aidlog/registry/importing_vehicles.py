"""Trucks and their carriers from a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Refusal
from aidlog.core.sheets import (
    Choice,
    Column,
    Finding,
    Kind,
    Question,
    Row,
    SheetPlan,
    Understood,
)
from aidlog.core.text import N_, Message
from aidlog.db.imports import Importer, ImportRows, counted, in_row
from aidlog.registry.carriers import LONGEST_NAME
from aidlog.registry.looking_up import Places
from aidlog.registry.models import Carrier, Vehicle, VehicleClass
from aidlog.registry.scope import must_edit_everywhere
from aidlog.registry.vehicles import (
    AddVehicle,
    EditVehicle,
    Truck,
    add_vehicle,
    check_load,
    edit_vehicle,
)

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
            longest=LONGEST_NAME,
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
    """One truck as a file says it; grams and litres.

    What the file does not say of a known truck stays as it is (None, or "").
    """

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
        base = question.named(row, "base", places, findings)
        if row.text("base") and base is None:
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
            line = _line(row, plate, base.id if base else None)
            wrong = _wrong(line)
            findings += wrong
            lines += [] if wrong else [line]
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


def _wrong(line: VehicleLine) -> list[Finding]:
    """Hold a line against the rules that the list of trucks itself keeps."""
    try:
        check_load(_truck(line))
    except Refusal as refusal:
        columns = {"max_grams": "max_kg", "max_litres": "max_m3"}
        field = columns.get(refusal.field or "", "")
        return [Finding(row=line.row, field=field, what=refusal.message)]
    return []


def import_vehicles(session: Session, actor: Actor, command: ImportVehicles) -> dict[str, Any]:
    """Add the new trucks and say anew what the file says of known ones; count both."""
    must_edit_everywhere(actor)
    actor.must_own(command.organisation_id)
    known = {
        vehicle.plate: vehicle
        for vehicle in session.scalars(
            select(Vehicle).where(Vehicle.organisation_id == command.organisation_id)
        )
    }
    carriers = {
        row[0]: row[1]
        for row in session.execute(
            select(Carrier.id, Carrier.name).where(
                Carrier.organisation_id == command.organisation_id
            )
        )
    }
    added = changed = 0
    for line in command.lines:
        with in_row(line.row):
            vehicle = known.get(line.plate)
            if vehicle is None:
                add = AddVehicle(
                    command_id=command.command_id,
                    organisation_id=command.organisation_id,
                    truck=_truck(line),
                )
                add_vehicle(session, actor, add)
                added += 1
            else:
                carrier = carriers.get(vehicle.carrier_id or 0, "")
                changed += _change(session, actor, command.command_id, line, vehicle, carrier)
    return dict(counted(command.lines, changed, added))


def _truck(line: VehicleLine) -> Truck:
    return Truck(
        plate=line.plate,
        carrier=line.carrier,
        max_grams=line.max_grams,
        max_litres=line.max_litres,
        base_id=line.base_id,
        vehicle_class=line.vehicle_class,
    )


def _change(
    session: Session, actor: Actor, command_id: str, line: VehicleLine, vehicle: Vehicle,
    carrier: str,
) -> bool:  # fmt: skip
    """Say anew what a line says; return whether anything is different from before."""
    before = _facts(vehicle)
    truck = replace(
        _truck(line),
        carrier=line.carrier or carrier,
        base_id=line.base_id or vehicle.base_id,
        vehicle_class=line.vehicle_class or vehicle.vehicle_class,
        active=vehicle.active,
    )
    edit = EditVehicle(command_id=command_id, vehicle_id=vehicle.id, truck=truck)
    edit_vehicle(session, actor, edit)
    return before != _facts(vehicle)


def _facts(vehicle: Vehicle) -> tuple[object, ...]:
    return (
        vehicle.carrier_id, vehicle.vehicle_class, vehicle.max_grams, vehicle.max_litres,
        vehicle.base_id,
    )  # fmt: skip


VEHICLES = Importer(
    VEHICLE_COLUMNS, Permission.REGISTRY_EDIT, understand_vehicles, ImportVehicles, import_vehicles
)
