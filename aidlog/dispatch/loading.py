"""The truck is loaded and leaves; or it comes back with what it still carries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.dispatch.finding import (
    lines_of,
    must_be,
    not_in_the_future,
    waybill_of,
)
from aidlog.dispatch.models import Waybill, WaybillLine, WaybillState
from aidlog.dispatch.promising import may_travel, volume, weight
from aidlog.dispatch.seen import must_be_as_seen
from aidlog.dispatch.serving import follow_requisitions
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Item, Route, RouteVehicleClass, Vehicle
from aidlog.stock.measures import measure_of
from aidlog.stock.models import Lot, Transit
from aidlog.stock.posting import lock, post
from aidlog.stock.reserving import consume, release


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLot:
    """``quantity`` of waybill line ``line`` was loaded from another lot of the same item."""

    line: int
    lot_id: int
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Waybill line ``line`` weighs ``grams`` or fills ``millilitres`` in all.

    So says the person who loads it; None is left as it is known.
    """

    line: int
    grams: int | None = None
    millilitres: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadAndSend(Command):
    """The goods are on the truck and it leaves.

    With ``vehicle_id``, or the plate of a listed truck, the load is held against what that
    truck may carry, and its class against the road. ``seen`` is what the waybill carried on
    the screen.
    """

    waybill: str
    plate: str
    driver: str
    left_at: datetime
    expected_at: datetime
    carrier: str = ""
    seal: str = ""
    vehicle_id: int | None = None
    other_lots: Sequence[OtherLot] = ()
    weights: Sequence[Weighed] = ()
    seen: str = ""


class CannotLeave(Refusal):
    """Something about the load or the trip is missing or cannot be."""


def load_and_send(session: Session, actor: Actor, command: LoadAndSend) -> dict[str, Any]:
    """Move a prepared waybill's goods onto the road; return ``{"waybill", "transit_id"}``.

    Its reservations are consumed; a lot that another one stands in for is free again.

    Raises:
        WrongState: the waybill has left, or was cancelled.
        CannotLeave: no plate or driver, times that cannot be, too heavy for the truck.
        NotEnoughStock: the lot that stands in has less free.
    """
    waybill, document = waybill_of(session, actor, command.waybill, Permission.WAYBILL_LOAD)
    must_be(waybill, document, WaybillState.PREPARED)
    _check_trip(command)
    lines = lines_of(session, waybill)
    must_be_as_seen(lines, command.seen, document.code)
    transit = Transit(
        origin_id=waybill.origin_id,
        destination_id=waybill.destination_id,
        opened_at=command.left_at,
    )
    session.add(transit)
    session.flush()
    promised = [line.reservation_id for line in lines if line.reservation_id is not None]
    _lock_all(session, waybill, lines, command.other_lots, transit)
    untouched = _exchange(session, waybill, lines, command.other_lots)
    consume(session, [id_ for id_ in promised if id_ in untouched])
    release(session, [id_ for id_ in promised if id_ not in untouched])
    lines = lines_of(session, waybill)
    _weigh(lines, command.weights)
    if truck := _listed_truck(session, waybill, command):
        _check_truck(session, waybill, lines, truck)
    post(
        session,
        actor,
        list(_loaded(waybill, transit, lines)),
        command_id=command.command_id,
        document=document,
        occurred_at=command.left_at,
    )
    waybill.transit_id = transit.id
    waybill.state = WaybillState.ON_THE_ROAD
    waybill.plate = command.plate.strip()
    waybill.driver = command.driver.strip()
    waybill.carrier = command.carrier.strip()
    waybill.seal = command.seal.strip()
    waybill.left_at = command.left_at
    waybill.expected_at = command.expected_at
    waybill.loaded_by = actor.user_id
    follow_requisitions(session, actor, waybill)
    return {"waybill": document.code, "transit_id": transit.id}


def _check_trip(command: LoadAndSend) -> None:
    if not command.plate.strip():
        raise CannotLeave(Message(N_("Write the truck’s number plate.")), field="plate")
    if not command.driver.strip():
        raise CannotLeave(Message(N_("Write the driver’s name.")), field="driver")
    not_in_the_future(command.left_at, field="left_at")
    if command.expected_at <= command.left_at:
        raise CannotLeave(
            Message(N_("The truck would arrive before it left. Write a later arrival.")),
            field="expected_at",
        )


def _lock_all(
    session: Session,
    waybill: Waybill,
    lines: Iterable[WaybillLine],
    others: Iterable[OtherLot],
    transit: Transit,
) -> None:
    """Lock every balance that this loading touches at once, in the one order of all posters."""
    ids = {line.lot_id for line in lines} | {other.lot_id for other in others}
    lots = session.scalars(select(Lot).where(Lot.id.in_(ids))).all()
    if {lot.id for lot in lots} != ids:
        raise NotFound("a lot")
    sides = (
        Account(AccountKind.WAREHOUSE, waybill.origin_id),
        Account(AccountKind.TRANSIT, transit.id),
    )
    lock(session, lots, {(lot.id, side) for lot in lots for side in sides})


def _exchange(
    session: Session, waybill: Waybill, lines: Sequence[WaybillLine], others: Sequence[OtherLot]
) -> set[int]:
    """Write other lots on the waybill; return the reservations of lines that still carry goods.

    A line that is exchanged in part goes on with the rest, and the other lot gets a line of
    its own at the end of the paper.
    """
    by_number = {line.line: line for line in lines}
    untouched = {line.reservation_id for line in lines if line.reservation_id is not None}
    last = max(by_number)
    for other in others:
        line = by_number.get(other.line)
        lot = session.get_one(Lot, other.lot_id)
        _check_other(session, waybill, line, lot, other)
        assert line is not None
        may_travel(session, [lot], waybill.destination_id)
        item = session.get_one(Item, line.item_id)
        remark = other.reason.strip()[:200]
        if other.quantity == line.quantity:
            if line.reservation_id is not None:
                untouched.discard(line.reservation_id)
            line.lot_id, line.pack_size, line.remark = lot.id, lot.pack_size, remark
            continue
        line.grams = _rest(line.grams, line.quantity - other.quantity, line.quantity)
        line.millilitres = _rest(line.millilitres, line.quantity - other.quantity, line.quantity)
        line.quantity -= other.quantity
        last += 1
        session.add(
            WaybillLine(
                waybill_id=waybill.id,
                line=last,
                lot_id=lot.id,
                item_id=item.id,
                pack_size=lot.pack_size,
                quantity=other.quantity,
                grams=weight(item, other.quantity),
                millilitres=volume(item, other.quantity),
                requisition_id=line.requisition_id,
                remark=remark,
            )
        )
    session.flush()
    return untouched


def _check_other(
    session: Session, waybill: Waybill, line: WaybillLine | None, lot: Lot, other: OtherLot
) -> None:
    if line is None or lot.organisation_id != waybill.organisation_id:
        raise NotFound(f"line {other.line} or its other lot")
    if lot.item_id != line.item_id:
        raise CannotLeave(
            Message(
                N_("Line {line}: lot {lot} is another item. Take a lot of the same item."),
                {"line": other.line, "lot": lot.number},
            ),
            field=f"other_{other.line}",
        )
    if not other.reason.strip():
        raise CannotLeave(
            Message(N_("Line {line}: write why another lot is loaded."), {"line": other.line}),
            field=f"why_{other.line}",
        )
    if not 0 < other.quantity <= line.quantity or lot.id == line.lot_id:
        raise CannotLeave(
            Message(
                N_("Line {line} carries {quantity}. Exchange at most that, for another lot."),
                {
                    "line": other.line,
                    "quantity": measure_of(session, line.lot_id).of(line.quantity),
                },
            ),
            field=f"other_{other.line}",
        )


def _weigh(lines: Iterable[WaybillLine], weights: Iterable[Weighed]) -> None:
    said = {weighed.line: weighed for weighed in weights}
    for line in lines:
        if line.line in said:
            line.grams = said[line.line].grams or line.grams
            line.millilitres = said[line.line].millilitres or line.millilitres


def _listed_truck(session: Session, waybill: Waybill, command: LoadAndSend) -> Vehicle | None:
    """Return the truck that was chosen, else the listed one whose plate was typed.

    A plate is known whatever spaces, signs and small letters it is typed with: a truck does
    not carry more because somebody typed it.
    """
    listed = select(Vehicle).where(Vehicle.organisation_id == waybill.organisation_id)
    if command.vehicle_id is None:
        typed = _bare(command.plate)
        trucks = session.scalars(listed.where(Vehicle.active).order_by(Vehicle.id))
        return next((truck for truck in trucks if _bare(truck.plate) == typed), None)
    chosen = session.scalars(listed.where(Vehicle.id == command.vehicle_id)).one_or_none()
    if chosen is None:
        raise NotFound(f"vehicle {command.vehicle_id}")
    return chosen


def _bare(plate: str) -> str:
    return "".join(filter(str.isalnum, plate)).casefold()


def _check_truck(
    session: Session, waybill: Waybill, lines: Sequence[WaybillLine], vehicle: Vehicle
) -> None:
    """Refuse a load that the truck may not carry; what is unknown is asked for, never zero."""
    _check_road(session, waybill, vehicle)
    for line in lines:
        if line.grams is None:
            raise CannotLeave(
                Message(
                    N_("Line {line}: nobody knows what it weighs. Write its weight in kilograms."),
                    {"line": line.line},
                ),
                field=f"kg_{line.line}",
            )
        if line.millilitres is None:
            raise CannotLeave(
                Message(
                    N_("Line {line}: nobody knows how large it is. Write its volume in litres."),
                    {"line": line.line},
                ),
                field=f"litres_{line.line}",
            )
    grams = sum(line.grams or 0 for line in lines)
    if grams > vehicle.max_grams:
        raise CannotLeave(
            Message(
                N_("{plate} carries {most} kg and the load weighs {load} kg. Split the waybill."),
                {
                    "plate": vehicle.plate,
                    "most": vehicle.max_grams // 1_000,
                    "load": -(-grams // 1_000),
                },
            ),
            field="vehicle",
        )
    millilitres = sum(line.millilitres or 0 for line in lines)
    if millilitres > vehicle.max_litres * 1_000:
        raise CannotLeave(
            Message(
                N_("{plate} holds {most} litres and the load has {load}. Split the waybill."),
                {
                    "plate": vehicle.plate,
                    "most": vehicle.max_litres,
                    "load": -(-millilitres // 1_000),
                },
            ),
            field="vehicle",
        )


def _check_road(session: Session, waybill: Waybill, vehicle: Vehicle) -> None:
    """Refuse a truck that the road of the registry does not bear; an unknown class is let go."""
    borne = session.scalars(
        select(RouteVehicleClass.vehicle_class)
        .join(Route, Route.id == RouteVehicleClass.route_id)
        .where(
            Route.origin_id == waybill.origin_id,
            Route.destination_id == waybill.destination_id,
        )
    ).all()
    if borne and vehicle.vehicle_class is not None and vehicle.vehicle_class not in borne:
        raise CannotLeave(
            Message(
                N_("The road does not bear a truck like {plate}. Choose another truck."),
                {"plate": vehicle.plate},
            ),
            field="vehicle",
        )


def _loaded(waybill: Waybill, transit: Transit, lines: Iterable[WaybillLine]) -> Iterable[Movement]:
    for line in lines:
        yield Movement(
            kind=MovementKind.LOADED,
            lot_id=line.lot_id,
            quantity=line.quantity,
            source=Account(AccountKind.WAREHOUSE, waybill.origin_id),
            target=Account(AccountKind.TRANSIT, transit.id),
        )


def _rest(whole: int | None, quantity: int, of: int) -> int | None:
    return None if whole is None else -(-whole * quantity // of)
