"""A truck comes back to its sender with goods it could not deliver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.db.commands import Command
from aidlog.dispatch.draining import close_if_empty, settle, taken_off
from aidlog.dispatch.finding import must_be, not_in_the_future, waybill_of
from aidlog.dispatch.models import LossState, WaybillState
from aidlog.ledger.movement import Account, AccountKind, MovementKind
from aidlog.stock.posting import post


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """``quantity`` base units of waybill line ``line`` are back in the warehouse."""

    line: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnToSender(Command):
    """What the truck still carried is back where it was loaded, and counted."""

    waybill: str
    lines: Sequence[CameBack]
    returned_at: datetime


def return_to_sender(session: Session, actor: Actor, command: ReturnToSender) -> dict[str, Any]:
    """Put what came back on its shelf; return ``{"waybill", "closed"}``.

    What did not come back stays on the road under the waybill, for a receipt or a loss
    report to explain.

    Raises:
        WrongState: the waybill is not on the road and has nothing missing.
        StillOnTheRoad: nothing was counted, or more than is still on the road.
    """
    waybill, document = waybill_of(session, actor, command.waybill, Permission.WAYBILL_LOAD)
    must_be(waybill, document, WaybillState.ON_THE_ROAD, WaybillState.DISPUTED)
    not_in_the_future(command.returned_at, field="returned_at")
    moves = taken_off(
        session,
        waybill,
        {line.line: line.quantity for line in command.lines},
        kind=MovementKind.RETURNED,
        target=Account(AccountKind.WAREHOUSE, waybill.origin_id),
    )
    post(
        session,
        actor,
        moves,
        command_id=command.command_id,
        document=document,
        occurred_at=command.returned_at,
    )
    closed = close_if_empty(session, waybill)
    if closed and waybill.state is WaybillState.DISPUTED:
        settle(session, actor, waybill, LossState.FOUND)
    elif closed:
        waybill.state = WaybillState.RETURNED
    return {"waybill": document.code, "closed": closed}
