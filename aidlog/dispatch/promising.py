"""The goods of a waybill are reserved for it: taken from the plan's promises or from free stock.

A reservation ends once and whole. So a part of a plan's promise goes to a waybill by ending
the promise and making two new ones, one for the waybill and one for the rest of the plan, in
the same transaction and under the same locks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import Conflict, NotFound
from aidlog.core.text import N_, Message
from aidlog.core.units import Measure
from aidlog.db.numbering import Document
from aidlog.dispatch.finding import lines_of
from aidlog.dispatch.models import Waybill, WaybillLine
from aidlog.ledger.movement import Account, AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.planning.models import Plan, PlanLine, PlanState
from aidlog.registry.models import Item
from aidlog.stock.measures import measure_of
from aidlog.stock.models import Lot
from aidlog.stock.picking import wishes_towards
from aidlog.stock.posting import LotExpired, lock
from aidlog.stock.reserving import Hold, held_for, release, reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLine:
    """``quantity`` base units of a lot on a truck.

    ``grams`` and ``millilitres`` of the whole line, where someone weighed or measured what
    the item list does not know; None leaves it to the item list.
    """

    lot_id: int
    quantity: int
    grams: int | None = None
    millilitres: int | None = None

    def share(self, quantity: int) -> LoadLine:
        """Return the line with ``quantity`` of it, weight and volume in proportion."""
        return replace(
            self,
            quantity=quantity,
            grams=_part(self.grams, quantity, self.quantity),
            millilitres=_part(self.millilitres, quantity, self.quantity),
        )


class LessLeftInPlan(NotEnoughStock):
    """The plan promises this site less of the lot than a waybill asks for."""

    def __init__(
        self, *, lot: Lot, measure: Measure, account: Account, asked: int, free: int
    ) -> None:
        super().__init__(lot_id=lot.id, account=account, asked=asked, free=free)
        self.say_instead(
            Message(
                N_("Only {left} of lot {lot} are still to be sent under this plan; {asked} asked."),
                {"left": measure.of(free), "lot": lot.number, "asked": measure.of(asked)},
            )
        )


class EarmarkedElsewhere(Conflict):
    """The donor gave the lot for other sites."""


def plan_of(session: Session, actor: Actor, plan: str | int) -> Plan:
    """Return the actor's plan by number or id, its row locked.

    Raises:
        NotFound: there is none, or it is another organisation's.
    """
    wanted = select(Plan).with_for_update(of=Plan)
    if isinstance(plan, int):
        wanted = wanted.where(Plan.id == plan)
    else:
        wanted = wanted.join(Document, Document.id == Plan.document_id).where(Document.code == plan)
    row = session.scalars(wanted).one_or_none()
    if row is None or row.organisation_id not in actor.organisation_ids:
        raise NotFound(f"plan {plan}")
    return row


def promise(
    session: Session,
    command_id: str,
    waybill: Waybill,
    document: Document,
    plan: Plan | None,
    asked: Sequence[LoadLine],
) -> None:
    """Write ``asked`` on the waybill and reserve it there.

    Raises:
        LessLeftInPlan: the plan promises the site less of a lot.
        NotEnoughStock: less of a lot is free (without a plan).
        EarmarkedElsewhere, LotExpired: the lot may not go there.
    """
    lines = _merged(asked)
    lots = _lots(session, waybill, lines)
    lock(session, lots.values(), {(lot, _shelf(waybill)) for lot in lots})
    if plan is not None:
        _take_from_plan(session, command_id, waybill, plan, lines, lots)
    ids = reserve(
        session,
        [_hold(waybill, line.lot_id, line.quantity) for line in lines],
        command_id=command_id,
        document=document,
    )
    items = {
        item.id: item
        for item in session.scalars(
            select(Item).where(Item.id.in_({lot.item_id for lot in lots.values()}))
        )
    }
    session.add_all(
        _row(waybill, number, line, lots[line.lot_id], items[lots[line.lot_id].item_id], held)
        for number, (line, held) in enumerate(zip(lines, ids, strict=True), start=1)
    )
    session.flush()


def give_back(
    session: Session, command_id: str, waybill: Waybill, plan: Plan | None, *, keep: bool
) -> None:
    """End the waybill's reservations: the goods are the plan's again, or free.

    ``keep`` leaves the lines on the paper, as on a cancelled waybill.
    """
    lines = lines_of(session, waybill)
    lots = session.scalars(select(Lot).where(Lot.id.in_({line.lot_id for line in lines}))).all()
    lock(session, lots, {(lot.id, _shelf(waybill)) for lot in lots})
    release(session, [line.reservation_id for line in lines if line.reservation_id is not None])
    if plan is not None and plan.state is PlanState.APPROVED:
        back: dict[int, int] = defaultdict(int)
        for line in lines:
            back[line.lot_id] += line.quantity
        left = _left_in_plan(session, plan, waybill)
        _set_left_in_plan(
            session,
            command_id,
            waybill,
            plan,
            {lot: left.get(lot, 0) + quantity for lot, quantity in back.items()},
        )
    if not keep:
        session.execute(delete(WaybillLine).where(WaybillLine.waybill_id == waybill.id))


def promise_again(session: Session, command_id: str, waybill: Waybill, plan: Plan) -> None:
    """Promise a plan again what a truck had taken of it and that never left after all.

    A lot that stood in for another one at loading is not of the plan and stays free.
    """
    if plan.state is not PlanState.APPROVED:
        return
    of_plan = set(
        session.scalars(
            select(PlanLine.lot_id).where(
                PlanLine.plan_id == plan.id,
                PlanLine.warehouse_id == waybill.origin_id,
                PlanLine.site_id == waybill.destination_id,
            )
        )
    )
    back: dict[int, int] = defaultdict(int)
    for line in lines_of(session, waybill):
        if line.lot_id in of_plan:
            back[line.lot_id] += line.quantity
    left = _left_in_plan(session, plan, waybill)
    if back:
        _set_left_in_plan(
            session,
            command_id,
            waybill,
            plan,
            {lot: left.get(lot, 0) + quantity for lot, quantity in back.items()},
        )


def may_travel(session: Session, lots: Collection[Lot], destination_id: int) -> None:
    """Refuse lots that have expired or were given for other places than the destination."""
    today = datetime.now(UTC).date()
    given_for = wishes_towards(session, [lot.id for lot in lots], destination_id)
    for lot in lots:
        if lot.expires_on is not None and lot.expires_on < today:
            raise LotExpired(
                Message(
                    N_("Lot {lot} expired on {date}. Take another lot, or hold this one back."),
                    {"lot": lot.number, "date": lot.expires_on},
                ),
                field="lot",
            )
        if lot.id in given_for and destination_id not in given_for[lot.id]:
            raise EarmarkedElsewhere(
                Message(
                    N_("Lot {lot} was given for another site. Take a lot without that wish."),
                    {"lot": lot.number},
                ),
                field="lot",
            )


def _take_from_plan(
    session: Session,
    command_id: str,
    waybill: Waybill,
    plan: Plan,
    lines: Sequence[LoadLine],
    lots: dict[int, Lot],
) -> None:
    """Free of the plan's promises what the waybill is about to reserve."""
    if plan.state is not PlanState.APPROVED:
        raise NotFound(f"plan {plan.id} is not approved")
    left = _left_in_plan(session, plan, waybill)
    for line in lines:
        if left.get(line.lot_id, 0) < line.quantity:
            raise LessLeftInPlan(
                lot=lots[line.lot_id],
                measure=measure_of(session, line.lot_id),
                account=_shelf(waybill),
                asked=line.quantity,
                free=left.get(line.lot_id, 0),
            )
    _set_left_in_plan(
        session,
        command_id,
        waybill,
        plan,
        {line.lot_id: left[line.lot_id] - line.quantity for line in lines},
    )


def _left_in_plan(session: Session, plan: Plan, waybill: Waybill) -> dict[int, int]:
    """Return what the plan still promises the waybill's destination from its origin, by lot."""
    left: dict[int, int] = defaultdict(int)
    for held in held_for(session, plan.document_id):
        if (held.key, held.destination_id) == (waybill.origin_id, waybill.destination_id):
            left[held.lot_id] += held.quantity
    return left


def _set_left_in_plan(
    session: Session, command_id: str, waybill: Waybill, plan: Plan, left: dict[int, int]
) -> None:
    """Replace the plan's promises of these lots to this destination by ``left`` of each."""
    release(
        session,
        [
            held.id
            for held in held_for(session, plan.document_id)
            if held.lot_id in left
            and (held.key, held.destination_id) == (waybill.origin_id, waybill.destination_id)
        ],
    )
    kept = {lot: quantity for lot, quantity in left.items() if quantity}
    ids: list[int] = []
    if kept:
        ids = reserve(
            session,
            [_hold(waybill, lot, quantity) for lot, quantity in kept.items()],
            command_id=command_id,
            document=session.get_one(Document, plan.document_id),
        )
    by_lot: dict[int, int | None] = dict.fromkeys(left) | dict(zip(kept, ids, strict=True))
    for lot, reservation in by_lot.items():
        session.execute(
            update(PlanLine)
            .where(
                PlanLine.plan_id == plan.id,
                PlanLine.lot_id == lot,
                PlanLine.warehouse_id == waybill.origin_id,
                PlanLine.site_id == waybill.destination_id,
            )
            .values(reservation_id=reservation)
        )


def _merged(asked: Sequence[LoadLine]) -> list[LoadLine]:
    """Return one line a lot, in the order in which the lots were first named."""
    lines: dict[int, LoadLine] = {}
    for line in asked:
        assert line.quantity > 0, "a line carries something"
        known = lines.get(line.lot_id)
        lines[line.lot_id] = (
            line
            if known is None
            else LoadLine(
                lot_id=line.lot_id,
                quantity=known.quantity + line.quantity,
                grams=_sum(known.grams, line.grams),
                millilitres=_sum(known.millilitres, line.millilitres),
            )
        )
    return list(lines.values())


def _lots(session: Session, waybill: Waybill, lines: Sequence[LoadLine]) -> dict[int, Lot]:
    wanted = {line.lot_id for line in lines}
    lots = {lot.id: lot for lot in session.scalars(select(Lot).where(Lot.id.in_(wanted)))}
    if lots.keys() != wanted or any(
        lot.organisation_id != waybill.organisation_id for lot in lots.values()
    ):
        raise NotFound("a lot of this organisation")
    may_travel(session, lots.values(), waybill.destination_id)
    return lots


def _row(
    waybill: Waybill, number: int, line: LoadLine, lot: Lot, item: Item, held: int
) -> WaybillLine:
    return WaybillLine(
        waybill_id=waybill.id,
        line=number,
        lot_id=lot.id,
        item_id=item.id,
        pack_size=lot.pack_size,
        quantity=line.quantity,
        grams=line.grams if line.grams is not None else weight(item, line.quantity),
        millilitres=(
            line.millilitres if line.millilitres is not None else volume(item, line.quantity)
        ),
        reservation_id=held,
    )


def weight(item: Item, quantity: int) -> int | None:
    """Return grams of ``quantity`` base units, rounded up; None where the item has no weight."""
    return None if not item.weight_mg else -(-quantity * item.weight_mg // 1_000)


def volume(item: Item, quantity: int) -> int | None:
    """Return millilitres of ``quantity`` base units, rounded up; None where not known."""
    return None if not item.volume_mm3 else -(-quantity * item.volume_mm3 // 1_000)


def _hold(waybill: Waybill, lot_id: int, quantity: int) -> Hold:
    return Hold(
        lot_id=lot_id,
        warehouse_id=waybill.origin_id,
        destination_id=waybill.destination_id,
        quantity=quantity,
    )


def _shelf(waybill: Waybill) -> Account:
    return Account(AccountKind.WAREHOUSE, waybill.origin_id)


def _part(whole: int | None, quantity: int, of: int) -> int | None:
    return None if whole is None else -(-whole * quantity // of)


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
