"""One waybill a truck: what a plan still has to send, cut into loads that a truck may carry.

Where a plan has several periods each has its own loads. What leaves in a later one is held back
until its first day; only what stands in a warehouse is ever proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.dispatch.promising import LoadLine
from aidlog.planning.leaving import Leaving, Span, leaving
from aidlog.planning.models import Plan, PlanState
from aidlog.planning.scope import must_reach
from aidlog.registry.models import Item, Place, Vehicle
from aidlog.stock.models import Lot
from aidlog.stock.reserving import held_for


@dataclass(frozen=True, slots=True)
class ToSend:
    """What a plan still promises one site of one lot.

    ``grams`` and ``millilitres`` are of one full pack, rounded up; None is not known.
    """

    lot_id: int
    lot: str
    expires_on: date | None
    item: Item
    pack_kind: str
    pack_size: int
    quantity: int
    grams: int | None
    millilitres: int | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a truck may carry: grams and litres. None is not limited."""

    grams: int | None
    litres: int | None


@dataclass(slots=True)
class Load:
    """One truck's goods: base units by lot, and what they weigh and fill."""

    quantities: dict[int, int] = field(default_factory=dict)
    grams: int = 0
    millilitres: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """Loads for one trip from ``origin`` to ``destination`` in one period of the plan.

    ``period`` is None where the plan has only one; ``later``: its goods are still held back.
    ``unknown`` goods are on no truck until somebody says what they weigh and fill;
    ``too_big``: not even one pack fits the truck.
    """

    origin: Place
    destination: Place
    vehicle: Vehicle | None
    loads: list[Load]
    lines: dict[int, ToSend]
    unknown: list[ToSend]
    too_big: list[ToSend]
    period: Span | None
    later: bool

    def load_lines(self, load: Load) -> list[LoadLine]:
        """Return ``load`` as lines of a waybill, with weights where they were asked for."""
        return [
            LoadLine(
                lot_id=lot,
                quantity=quantity,
                grams=_share(self.lines[lot].grams, quantity, self.lines[lot].pack_size),
                millilitres=_share(
                    self.lines[lot].millilitres, quantity, self.lines[lot].pack_size
                ),
            )
            for lot, quantity in load.quantities.items()
        ]


def fill(
    lines: Iterable[ToSend], capacity: Capacity
) -> tuple[list[Load], list[ToSend], list[ToSend]]:
    """Return the loads, the goods of unknown size, and the goods too big for the truck.

    Whole packs only, a last broken pack counting as one. Trucks are filled one after the
    other in the order of ``lines``: what saves lives goes on the first. Pure.
    """
    unknown = [line for line in lines if _unknown(line, capacity)]
    known = [line for line in lines if not _unknown(line, capacity)]
    too_big = [line for line in known if _packs_that_fit(line, Load(), capacity) == 0]
    left = {line.lot_id: line.quantity for line in known if line not in too_big}
    loads: list[Load] = []
    while left:
        load = Load()
        for line in known:
            if line.lot_id in left:
                _put(line, load, left, capacity)
        assert load.quantities, "a truck that takes one pack takes something"
        loads.append(load)
    return loads, unknown, too_big


def _put(line: ToSend, load: Load, left: dict[int, int], capacity: Capacity) -> None:
    """Put as many packs of ``line`` on ``load`` as still fit."""
    packs_left = -(-left[line.lot_id] // line.pack_size)
    fits = _packs_that_fit(line, load, capacity)
    packs = packs_left if fits is None else min(packs_left, fits)
    if packs == 0:
        return
    quantity = min(left[line.lot_id], packs * line.pack_size)
    load.quantities[line.lot_id] = load.quantities.get(line.lot_id, 0) + quantity
    load.grams += _share(line.grams, quantity, line.pack_size) or 0
    load.millilitres += _share(line.millilitres, quantity, line.pack_size) or 0
    left[line.lot_id] -= quantity
    if left[line.lot_id] == 0:
        del left[line.lot_id]


def _packs_that_fit(line: ToSend, load: Load, capacity: Capacity) -> int | None:
    """Return how many more packs fit, None where nothing limits them."""
    limits = []
    if capacity.grams is not None and line.grams:
        limits.append((capacity.grams - load.grams) // line.grams)
    if capacity.litres is not None and line.millilitres:
        limits.append((capacity.litres * 1_000 - load.millilitres) // line.millilitres)
    return max(0, min(limits)) if limits else None


def _unknown(line: ToSend, capacity: Capacity) -> bool:
    return (capacity.grams is not None and not line.grams) or (
        capacity.litres is not None and not line.millilitres
    )


def _share(per_pack: int | None, quantity: int, pack_size: int) -> int | None:
    return None if per_pack is None else -(-per_pack * quantity // pack_size)


def proposals(
    session: Session,
    actor: Actor,
    number: str,
    *,
    vehicles: Mapping[tuple[int, int], int] | None = None,
    sizes: Mapping[int, tuple[int | None, int | None]] | None = None,
) -> list[Proposal]:
    """Return how plan ``number`` would leave: one proposal per period, warehouse and site.

    What leaves first comes first; take none that is ``later`` unless a person wants it.

    ``vehicles`` chooses a truck by (origin, destination); without one the largest truck of
    the warehouse, or else of the organisation. ``sizes`` are (grams, millilitres) of one
    pack, by lot, that somebody wrote because the item list does not know.

    Raises:
        NotFound: the plan is not within the actor's reach, or not approved.
    """
    plan = session.scalars(
        select(Plan).join(Document, Document.id == Plan.document_id).where(Document.code == number)
    ).one_or_none()
    if plan is None or plan.state is not PlanState.APPROVED:
        raise NotFound(f"plan {number}")
    must_reach(session, actor, plan, Permission.PLAN_VIEW)
    when = leaving(session, plan)
    periods = when.periods
    trips = _still_to_send(session, plan, sizes or {}, when)
    trucks = trucks_of(session, plan.organisation_id)
    places = {
        place.id: place
        for place in session.scalars(
            select(Place).where(Place.id.in_({end for _period, *ends in trips for end in ends}))
        )
    }
    return [
        _proposal(
            places[origin],
            places[destination],
            _truck(trucks, origin, (vehicles or {}).get((origin, destination))),
            trips[period, origin, destination],
            periods[period - 1] if len(periods) > 1 else None,
        )
        for period, origin, destination in sorted(trips)
        if actor.may(Permission.WAYBILL_LOAD, at=origin)
    ]


def trucks_of(session: Session, organisation_id: int) -> list[Vehicle]:
    """Return an organisation's trucks, the largest first."""
    return list(
        session.scalars(
            select(Vehicle)
            .where(Vehicle.organisation_id == organisation_id, Vehicle.active.is_(True))
            .options(joinedload(Vehicle.carrier))
            .order_by(Vehicle.max_grams.desc(), Vehicle.id)
        )
    )


def _truck(trucks: Sequence[Vehicle], origin: int, chosen: int | None) -> Vehicle | None:
    if chosen is not None:
        return next((truck for truck in trucks if truck.id == chosen), None)
    here = [truck for truck in trucks if truck.base_id == origin]
    return next(iter(here or trucks), None)


def _proposal(
    origin: Place,
    destination: Place,
    truck: Vehicle | None,
    lines: list[ToSend],
    period: Span | None,
) -> Proposal:
    capacity = Capacity(truck.max_grams, truck.max_litres) if truck else Capacity(None, None)
    loads, unknown, too_big = fill(lines, capacity)
    return Proposal(
        origin=origin,
        destination=destination,
        vehicle=truck,
        loads=loads,
        lines={line.lot_id: line for line in lines},
        unknown=unknown,
        too_big=too_big,
        period=period,
        later=period is not None and period.later(datetime.now(UTC).date()),
    )


def _still_to_send(
    session: Session,
    plan: Plan,
    sizes: Mapping[int, tuple[int | None, int | None]],
    when: Leaving,
) -> dict[tuple[int, int, int], list[ToSend]]:
    """Return what the plan still holds, by (period, warehouse, site).

    Life-saving goods come first, then first expiry.
    """
    held = _together(session, plan)
    lots = {
        lot.id: (lot, item)
        for lot, item in session.execute(
            select(Lot, Item)
            .join(Item, Item.id == Lot.item_id)
            .where(Lot.id.in_({lot for *_trip, lot in held}))
        )
    }
    trips: dict[tuple[int, int, int], list[ToSend]] = {}
    for (origin, site, lot_id), together in held.items():
        lot, item = lots[lot_id]
        grams, millilitres = sizes.get(lot.id, (None, None))
        for period, quantity in when.left((origin, site, lot_id), together):
            trips.setdefault((period.number, origin, site), []).append(
                ToSend(
                    lot_id=lot.id,
                    lot=lot.number,
                    expires_on=lot.expires_on,
                    item=item,
                    pack_kind=lot.pack_kind,
                    pack_size=lot.pack_size,
                    quantity=quantity,
                    grams=grams or _of_pack(item.weight_mg, lot.pack_size),
                    millilitres=millilitres or _of_pack(item.volume_mm3, lot.pack_size),
                )
            )
    for lines in trips.values():
        lines.sort(
            key=lambda line: (
                line.item.tier,
                line.expires_on is None,
                line.expires_on or date.max,
                line.lot_id,
            )
        )
    return trips


def still_held(
    session: Session, plan: Plan, origin: int, destination: int
) -> tuple[dict[int, int], dict[int, int]]:
    """Return the base units by lot that a plan holds for a trip: all, and those that leave now.

    What leaves in a later period is not among the second.
    """
    when, today = leaving(session, plan), datetime.now(UTC).date()
    held = {
        promised: quantity
        for promised, quantity in _together(session, plan).items()
        if promised[:2] == (origin, destination)
    }
    now = {
        promised[2]: sum(
            part for period, part in when.left(promised, quantity) if not period.later(today)
        )
        for promised, quantity in held.items()
    }
    return {lot: quantity for (*_trip, lot), quantity in held.items()}, now


def _together(session: Session, plan: Plan) -> dict[tuple[int, int, int], int]:
    """Return base units by (warehouse, site, lot): a cancelled waybill gives back in parts."""
    found: dict[tuple[int, int, int], int] = {}
    for promise in held_for(session, plan.document_id):
        key = (promise.key, promise.destination_id, promise.lot_id)
        found[key] = found.get(key, 0) + promise.quantity
    return found


def _of_pack(thousandths: int | None, pack_size: int) -> int | None:
    """Return grams (or millilitres) of a pack from milligrams (mm³) of one base unit."""
    return None if not thousandths else -(-thousandths * pack_size // 1_000)
