"""What is on the road under a waybill drains to nothing: it arrived, came back or was lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.dispatch.finding import lines_of
from aidlog.dispatch.models import LossReport, LossState, Waybill, WaybillState
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Place, PlaceKind
from aidlog.stock.measures import measure_of
from aidlog.stock.models import Transit
from aidlog.stock.queries import LotAt, lots_at


class StillOnTheRoad(Refusal):
    """More is said to have come than is still on the road, or nothing at all."""


def on_the_road(session: Session, waybill: Waybill) -> list[LotAt]:
    """Return what is still in transit under ``waybill``, by lot."""
    if waybill.transit_id is None:
        return []
    return lots_at(session, AccountKind.TRANSIT, waybill.transit_id)


def arrival_account(destination: Place) -> Account:
    """Return where goods stand once they are at ``destination``."""
    kind = AccountKind.WAREHOUSE if destination.kind is PlaceKind.WAREHOUSE else AccountKind.SITE
    return Account(kind, destination.id)


def damaged_account(destination: Place) -> Account:
    """Return where goods stand that came damaged: held back in a warehouse, else a loss."""
    if destination.kind is PlaceKind.WAREHOUSE:
        return Account(AccountKind.QUARANTINE, destination.id)
    return Account(AccountKind.LOSS)


def taken_off(
    session: Session,
    waybill: Waybill,
    counted: Mapping[int, int],
    *,
    kind: MovementKind,
    target: Account,
) -> list[Movement]:
    """Return movements that take ``counted`` (line number: base units) off the road.

    Raises:
        StillOnTheRoad: nothing was counted, or more of a lot than is still on the road.
    """
    assert waybill.transit_id is not None
    if not any(counted.values()):
        raise StillOnTheRoad(Message(N_("Nothing was counted. Write what came.")))
    left = {lot.lot_id: lot.on_hand for lot in on_the_road(session, waybill)}
    lines = {line.line: line for line in lines_of(session, waybill)}
    moves = []
    for number, quantity in counted.items():
        if number not in lines or quantity < 0:
            raise NotFound(f"line {number}")
        lot = lines[number].lot_id
        if quantity > left.get(lot, 0):
            measure = measure_of(session, lot)
            raise StillOnTheRoad(
                Message(
                    N_("Line {line}: only {left} are still on the road; {counted} counted."),
                    {
                        "line": number,
                        "left": measure.of(left.get(lot, 0)),
                        "counted": measure.of(quantity),
                    },
                ),
                field=f"line_{number}",
            )
        if quantity:
            left[lot] -= quantity
            moves.append(
                Movement(
                    kind=kind,
                    lot_id=lot,
                    quantity=quantity,
                    source=Account(AccountKind.TRANSIT, waybill.transit_id),
                    target=target,
                )
            )
    return moves


def close_if_empty(session: Session, waybill: Waybill) -> bool:
    """Close the waybill's transit once nothing is on the road; say whether it is closed."""
    assert waybill.transit_id is not None
    if on_the_road(session, waybill):
        return False
    now = datetime.now(UTC)
    session.get_one(Transit, waybill.transit_id).closed_at = now
    waybill.closed_at = now
    return True


def settle(session: Session, actor: Actor, waybill: Waybill, state: LossState) -> None:
    """Close the open loss reports of a waybill whose transit has drained."""
    for report in session.scalars(
        select(LossReport).where(
            LossReport.waybill_id == waybill.id, LossReport.state == LossState.OPEN
        )
    ):
        report.state = state
        report.decided_at = datetime.now(UTC)
        report.decided_by = actor.user_id
    waybill.state = WaybillState.RECEIVED
