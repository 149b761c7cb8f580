"""What did not arrive: it turns up after all, or a second person writes it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document
from aidlog.dispatch.draining import (
    arrival_account,
    close_if_empty,
    on_the_road,
    settle,
    taken_off,
)
from aidlog.dispatch.finding import must_receive, not_in_the_future
from aidlog.dispatch.models import LossReport, LossState, Receipt, Waybill
from aidlog.dispatch.serving import follow_requisitions
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Place
from aidlog.stock.posting import post


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLoss(Command):
    """Write off what is still missing under a loss report, for ``reason``."""

    report: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLine:
    """``quantity`` base units of waybill line ``line`` arrived after all."""

    line: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLateArrival(Command):
    """Some or all of what was missing arrived."""

    report: str
    lines: Sequence[FoundLine]
    arrived_at: datetime


class SecondPersonNeeded(Refusal):
    """Who counted or loaded the goods cannot write them off."""


class ReportClosed(Conflict):
    """The loss was booked, or the goods were found."""


def book_loss(session: Session, actor: Actor, command: BookLoss) -> dict[str, Any]:
    """Write off what is missing and close the waybill; return ``{"loss_report", "waybill"}``.

    Raises:
        SecondPersonNeeded: the actor loaded the truck or recorded the receipt.
        ReportClosed: the loss was booked, or the goods were found.
    """
    report, document, waybill, receipt = _report(session, command.report)
    actor.must_own(waybill.organisation_id)
    actor.must(Permission.STOCK_APPROVE, at=deciding_place(session, waybill))
    _must_be_open(report, document)
    if actor.user_id in {waybill.loaded_by, receipt.recorded_by}:
        raise SecondPersonNeeded(
            Message(
                N_("You loaded or counted these goods. Another person books the loss."),
            )
        )
    reason = command.reason.strip()
    if not reason:
        raise Refusal(Message(N_("Write what happened, as far as it is known.")), field="reason")
    assert waybill.transit_id is not None
    moves = [
        Movement(
            kind=MovementKind.MISSING,
            lot_id=lot.lot_id,
            quantity=lot.on_hand,
            source=Account(AccountKind.TRANSIT, waybill.transit_id),
            target=Account(AccountKind.LOSS),
        )
        for lot in on_the_road(session, waybill)
    ]
    post(
        session,
        actor,
        moves,
        command_id=command.command_id,
        document=document,
        occurred_at=datetime.now(UTC),
    )
    closed = close_if_empty(session, waybill)
    assert closed, "everything on the road was written off"
    report.reason = reason[:400]
    settle(session, actor, waybill, LossState.BOOKED)
    follow_requisitions(session, actor, waybill)
    return {"loss_report": document.code, "waybill": _number(session, waybill)}


def record_late_arrival(
    session: Session, actor: Actor, command: RecordLateArrival
) -> dict[str, Any]:
    """Take in what was missing; return ``{"loss_report", "waybill", "closed"}``.

    The report stays open until nothing is missing.

    Raises:
        StillOnTheRoad: nothing was counted, or more than is missing.
        ReportClosed: the loss was booked, or the goods were found.
    """
    report, document, waybill, _receipt = _report(session, command.report)
    destination = must_receive(session, actor, waybill, clerk=True)
    _must_be_open(report, document)
    not_in_the_future(command.arrived_at, field="arrived_at")
    moves = taken_off(
        session,
        waybill,
        {line.line: line.quantity for line in command.lines},
        kind=MovementKind.ARRIVED,
        target=arrival_account(destination),
    )
    post(
        session,
        actor,
        moves,
        command_id=command.command_id,
        document=document,
        occurred_at=command.arrived_at,
    )
    closed = close_if_empty(session, waybill)
    if closed:
        settle(session, actor, waybill, LossState.FOUND)
    follow_requisitions(session, actor, waybill)
    return {
        "loss_report": document.code,
        "waybill": _number(session, waybill),
        "closed": closed,
    }


def deciding_place(session: Session, waybill: Waybill) -> int:
    """Return where a loss is decided: at the sender's, or the taker's of goods handed over."""
    origin = session.get_one(Place, waybill.origin_id)
    own = origin.organisation_id == waybill.organisation_id
    return waybill.origin_id if own else waybill.destination_id


def _report(session: Session, number: str) -> tuple[LossReport, Document, Waybill, Receipt]:
    """Return loss report ``number`` and what it cites; the waybill's row is locked first."""
    waybill = session.scalars(
        select(Waybill)
        .join(LossReport, LossReport.waybill_id == Waybill.id)
        .join(Document, Document.id == LossReport.document_id)
        .where(Document.code == number)
        .with_for_update(of=Waybill)
    ).one_or_none()
    if waybill is None:
        raise NotFound(f"loss report {number}")
    report, document, receipt = session.execute(
        select(LossReport, Document, Receipt)
        .join(Document, Document.id == LossReport.document_id)
        .join(Receipt, Receipt.id == LossReport.receipt_id)
        .where(Document.code == number)
    ).one()
    return report, document, waybill, receipt


def _must_be_open(report: LossReport, document: Document) -> None:
    if report.state is not LossState.OPEN:
        raise ReportClosed(
            Message(
                N_("Loss report {number} is closed. Nothing was changed."),
                {"number": document.code},
            )
        )


def _number(session: Session, waybill: Waybill) -> str:
    return session.get_one(Document, waybill.document_id).code
