"""A truck comes back to its sender with goods it could not deliver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series, new_document
from aidlog.dispatch.arrival_notes import NotedArrival, write_lines
from aidlog.dispatch.draining import close_if_empty, settle, taken_off
from aidlog.dispatch.finding import (
    lines_of,
    must_be,
    must_be_the_senders,
    not_in_the_future,
    waybill_of,
)
from aidlog.dispatch.models import LossState, Waybill, WaybillLine, WaybillState
from aidlog.dispatch.serving import follow_requisitions
from aidlog.donations.models import GoodsReceived, Source
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Organisation
from aidlog.stock.posting import post


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """``quantity`` base units of waybill line ``line`` are back, and ``damaged`` more of it.

    Good ones are on the shelf again, damaged ones are held back.
    """

    line: int
    quantity: int
    damaged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnToSender(Command):
    """What the truck still carried is back where it was loaded, and counted."""

    waybill: str
    lines: Sequence[CameBack]
    returned_at: datetime
    remark: str = ""


def return_to_sender(session: Session, actor: Actor, command: ReturnToSender) -> dict[str, Any]:
    """Put what came back on its shelf; return ``{"waybill", "closed", "grn"}``.

    The return has a goods received note of its own. What did not come back stays on the road
    under the waybill, for a receipt or a loss report to explain.

    Raises:
        WrongState: the waybill is not on the road and has nothing missing.
        StillOnTheRoad: nothing was counted, or more than is still on the road.
        NotTheirs: the goods were handed over by another organisation.
    """
    waybill, document = waybill_of(session, actor, command.waybill, Permission.WAYBILL_LOAD)
    must_be(waybill, document, WaybillState.ON_THE_ROAD, WaybillState.DISPUTED)
    not_in_the_future(command.returned_at, field="returned_at")
    must_be_the_senders(session, waybill, document)
    lines = {line.line: line for line in lines_of(session, waybill)}
    moves = _moves(session, waybill, command)
    note = _note(session, actor, command, waybill, document)
    write_lines(session, note, _noted(lines, command))
    grn = session.get_one(Document, note.document_id)
    post(
        session,
        actor,
        moves,
        command_id=command.command_id,
        document=grn,
        occurred_at=command.returned_at,
    )
    closed = close_if_empty(session, waybill)
    if closed and waybill.state is WaybillState.DISPUTED:
        settle(session, actor, waybill, LossState.FOUND)
    elif closed:
        waybill.state = WaybillState.RETURNED
    follow_requisitions(session, actor, waybill)
    return {"waybill": document.code, "closed": closed, "grn": grn.code}


def _moves(session: Session, waybill: Waybill, command: ReturnToSender) -> list[Movement]:
    """Return what goes back on the shelf, then what is held back."""
    counted = {line.line: line.quantity + line.damaged for line in command.lines}
    taken_off(session, waybill, counted, kind=MovementKind.RETURNED, target=_shelf(waybill))
    moves = []
    for damaged, target in ((False, _shelf(waybill)), (True, _held(waybill))):
        part = {line.line: line.damaged if damaged else line.quantity for line in command.lines}
        if any(part.values()):
            moves += taken_off(session, waybill, part, kind=MovementKind.RETURNED, target=target)
    return moves


def _shelf(waybill: Waybill) -> Account:
    return Account(AccountKind.WAREHOUSE, waybill.origin_id)


def _held(waybill: Waybill) -> Account:
    return Account(AccountKind.QUARANTINE, waybill.origin_id)


def _note(
    session: Session,
    actor: Actor,
    command: ReturnToSender,
    waybill: Waybill,
    document: Document,
) -> GoodsReceived:
    organisation = session.get_one(Organisation, waybill.organisation_id)
    number = new_document(
        session,
        Series.GRN,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    note = GoodsReceived(
        document_id=number.id,
        organisation_id=organisation.id,
        warehouse_id=waybill.origin_id,
        source=Source.RETURN,
        cites_id=document.id,
        received_from=waybill.carrier or waybill.plate,
        arrived_at=command.returned_at,
        recorded_at=datetime.now(UTC),
        recorded_by=actor.user_id,
        remark=command.remark.strip(),
    )
    session.add(note)
    session.flush()
    return note


def _noted(lines: dict[int, WaybillLine], command: ReturnToSender) -> list[NotedArrival]:
    """Return the note's lines: a part that stays on the road is not missing, so not declared."""
    return [
        NotedArrival(
            lot_id=lines[back.line].lot_id,
            item_id=lines[back.line].item_id,
            declared=back.quantity + back.damaged,
            good=back.quantity,
            damaged=back.damaged,
            reason=command.remark,
        )
        for back in command.lines
        if back.quantity or back.damaged
    ]
