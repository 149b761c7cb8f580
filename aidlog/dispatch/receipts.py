"""What arrived: the site's count closes the trip, or opens a loss report.

Who may confirm: whoever receives at the destination, or a clerk of the sender who types in
the signed paper and did not load the truck (see ``must_receive``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series, new_document
from aidlog.dispatch.arrival_notes import Arrival, NotedArrival, note_arrival
from aidlog.dispatch.draining import arrival_account, close_if_empty, damaged_account
from aidlog.dispatch.finding import (
    lines_of,
    locked,
    must_be,
    must_receive,
    not_in_the_future,
)
from aidlog.dispatch.models import (
    LossReport,
    LossState,
    Receipt,
    ReceiptLine,
    Waybill,
    WaybillLine,
    WaybillState,
)
from aidlog.dispatch.serving import follow_requisitions
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Organisation, Place, PlaceKind
from aidlog.stock.measures import measure_of
from aidlog.stock.posting import post


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What came of waybill line ``line``, in base units; it adds up to what was sent.

    ``good`` counts everything that came in good state, ``excess`` how much of what came is
    more than was sent: sent = good + damaged + missing - excess.
    """

    line: int
    good: int
    damaged: int = 0
    missing: int = 0
    excess: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReceipt(Command):
    """What arrived of a waybill, line by line, as counted by ``received_by``.

    ``arrived_at`` is what the people on the spot say; the server keeps when it was recorded.
    ``channel`` is page, paper or sms.
    """

    waybill: str
    lines: Sequence[Counted]
    arrived_at: datetime
    received_by: str = ""
    remark: str = ""
    channel: str = "page"


class DoesNotAddUp(Refusal):
    """Good, damaged and missing are not what was sent, or a line has no answer."""


def confirm_receipt(session: Session, actor: Actor, command: ConfirmReceipt) -> dict[str, Any]:
    """Book what arrived; return ``{"receipt", "waybill", "booked", "state", "loss_report"}``.

    Good goods stand at the destination and an excess is booked apart as found. Damaged ones
    are held back in a warehouse, and written off at a site, which has no room for them. What
    is missing stays on the road under the waybill, and a numbered loss report is opened for it.

    In a warehouse the receipt is a goods received note, with a number of that series.

    Only the first count moves stock. The same person sending the same count again is told
    the number of the first; any other count is kept beside it under a number of its own,
    for people to compare.

    Raises:
        DoesNotAddUp: it names the line.
        WrongState: the waybill has not left, was cancelled or came back.
    """
    waybill, document = locked(session, command.waybill)
    destination = must_receive(session, actor, waybill, clerk=True)
    lines = {line.line: line for line in lines_of(session, waybill)}
    if waybill.state in {WaybillState.RECEIVED, WaybillState.DISPUTED}:
        _check(session, lines, command)
        return _another_count(session, actor, command, waybill, document, lines)
    must_be(waybill, document, WaybillState.ON_THE_ROAD)
    not_in_the_future(command.arrived_at, field="arrived_at")
    _check(session, lines, command)
    receipt, number = _write(
        session, actor, command, waybill, lines, _series(destination), booked=True
    )
    if destination.kind is PlaceKind.WAREHOUSE:
        note_arrival(
            session, Arrival(waybill, document, receipt, number), _as_noted(lines, command)
        )
    moves = list(_arrivals(waybill, destination, lines, command.lines))
    if moves:
        post(
            session,
            actor,
            moves,
            command_id=command.command_id,
            document=number,
            occurred_at=command.arrived_at,
        )
    report = None
    if any(line.missing for line in command.lines):
        report = _open_loss_report(session, waybill, receipt)
        waybill.state = WaybillState.DISPUTED
    else:
        waybill.state = WaybillState.RECEIVED
        closed = close_if_empty(session, waybill)
        assert closed, "nothing is missing and something is still on the road"
    follow_requisitions(session, actor, waybill)
    return _answer(number, document, waybill, booked=True, report=report)


def _check(session: Session, lines: Mapping[int, WaybillLine], command: ConfirmReceipt) -> None:
    """Refuse a count that leaves a line out or does not add up to what was sent."""
    answered = [line.line for line in command.lines]
    if sorted(answered) != sorted(lines):
        raise DoesNotAddUp(
            Message(
                N_("{answered} of {lines} lines have an answer. Count every line, also with 0."),
                {"answered": len(set(answered) & lines.keys()), "lines": len(lines)},
            )
        )
    for counted in command.lines:
        sent = lines[counted.line].quantity
        parts = (counted.good, counted.damaged, counted.missing, counted.excess)
        if min(parts) < 0 or (counted.missing and counted.excess):
            raise DoesNotAddUp(
                Message(
                    N_("Line {line} says both missing and too many. Count it again."),
                    {"line": counted.line},
                ),
                field=f"line_{counted.line}",
            )
        if counted.damaged > sent or counted.excess > counted.good:
            measure = measure_of(session, lines[counted.line].lot_id)
            raise DoesNotAddUp(
                Message(
                    N_("Line {line}: {sent} were sent and {damaged} are damaged. Count it again."),
                    {
                        "line": counted.line,
                        "sent": measure.of(sent),
                        "damaged": measure.of(counted.damaged),
                    },
                ),
                field=f"line_{counted.line}",
            )
        total = counted.good + counted.damaged + counted.missing - counted.excess
        if total != sent:
            measure = measure_of(session, lines[counted.line].lot_id)
            raise DoesNotAddUp(
                Message(
                    N_(
                        "Line {line}: {sent} were sent; good, damaged and missing make {total}."
                        " Count it again."
                    ),
                    {
                        "line": counted.line,
                        "sent": measure.of(sent),
                        "total": measure.of(total),
                    },
                ),
                field=f"line_{counted.line}",
            )


def _write(  # noqa: PLR0913 - what a receipt is made of
    session: Session,
    actor: Actor,
    command: ConfirmReceipt,
    waybill: Waybill,
    lines: Mapping[int, WaybillLine],
    series: Series,
    *,
    booked: bool,
) -> tuple[Receipt, Document]:
    organisation = session.get_one(Organisation, waybill.organisation_id)
    number = new_document(
        session,
        series,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    receipt = Receipt(
        document_id=number.id,
        waybill_id=waybill.id,
        booked=booked,
        arrived_at=command.arrived_at,
        recorded_at=datetime.now(UTC),
        recorded_by=actor.user_id,
        received_by=command.received_by.strip()[:120],
        channel=command.channel,
        remark=command.remark.strip(),
    )
    session.add(receipt)
    session.flush()
    session.add_all(
        ReceiptLine(
            receipt_id=receipt.id,
            waybill_line_id=lines[counted.line].id,
            good=counted.good,
            damaged=counted.damaged,
            missing=counted.missing,
            excess=counted.excess,
        )
        for counted in command.lines
    )
    session.flush()
    return receipt, number


def _arrivals(
    waybill: Waybill,
    destination: Place,
    lines: Mapping[int, WaybillLine],
    counts: Sequence[Counted],
) -> Iterator[Movement]:
    assert waybill.transit_id is not None
    road = Account(AccountKind.TRANSIT, waybill.transit_id)
    there = arrival_account(destination)
    for counted in counts:
        for kind, quantity, source, target in (
            (MovementKind.ARRIVED, counted.good - counted.excess, road, there),
            (MovementKind.ARRIVED_DAMAGED, counted.damaged, road, damaged_account(destination)),
            (
                MovementKind.ARRIVED_EXCESS,
                counted.excess,
                Account(AccountKind.FOUND),
                there,
            ),
        ):
            if quantity:
                yield Movement(
                    kind=kind,
                    lot_id=lines[counted.line].lot_id,
                    quantity=quantity,
                    source=source,
                    target=target,
                )


def _series(destination: Place) -> Series:
    return Series.GRN if destination.kind is PlaceKind.WAREHOUSE else Series.RECEIPT


def _as_noted(lines: Mapping[int, WaybillLine], command: ConfirmReceipt) -> list[NotedArrival]:
    return [
        NotedArrival(
            lot_id=lines[counted.line].lot_id,
            item_id=lines[counted.line].item_id,
            declared=lines[counted.line].quantity,
            good=counted.good,
            damaged=counted.damaged,
            reason=command.remark,
        )
        for counted in command.lines
    ]


def _open_loss_report(session: Session, waybill: Waybill, receipt: Receipt) -> str:
    organisation = session.get_one(Organisation, waybill.organisation_id)
    document = new_document(
        session,
        Series.LOSS,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    session.add(
        LossReport(
            document_id=document.id,
            waybill_id=waybill.id,
            receipt_id=receipt.id,
            state=LossState.OPEN,
            opened_at=datetime.now(UTC),
        )
    )
    session.flush()
    return document.code


def _another_count(
    session: Session,
    actor: Actor,
    command: ConfirmReceipt,
    waybill: Waybill,
    document: Document,
    lines: Mapping[int, WaybillLine],
) -> dict[str, Any]:
    """Keep a further count beside the first, or answer with the one it repeats."""
    counts = {
        lines[counted.line].id: (counted.good, counted.damaged, counted.missing, counted.excess)
        for counted in command.lines
    }
    for receipt, number in session.execute(
        select(Receipt, Document)
        .join(Document, Document.id == Receipt.document_id)
        .where(Receipt.waybill_id == waybill.id, Receipt.recorded_by == actor.user_id)
        .order_by(Receipt.id)
    ):
        if _counts_of(session, receipt) == counts:
            return _answer(
                number,
                document,
                waybill,
                booked=receipt.booked,
                report=_report_of(session, receipt),
            )
    _receipt, number = _write(session, actor, command, waybill, lines, Series.RECEIPT, booked=False)
    return _answer(number, document, waybill, booked=False, report=None)


def _counts_of(session: Session, receipt: Receipt) -> dict[int, tuple[int, int, int, int]]:
    return {
        line.waybill_line_id: (line.good, line.damaged, line.missing, line.excess)
        for line in session.scalars(select(ReceiptLine).where(ReceiptLine.receipt_id == receipt.id))
    }


def _report_of(session: Session, receipt: Receipt) -> str | None:
    return session.scalar(
        select(Document.code)
        .join(LossReport, LossReport.document_id == Document.id)
        .where(LossReport.receipt_id == receipt.id)
    )


def _answer(
    number: Document, document: Document, waybill: Waybill, *, booked: bool, report: str | None
) -> dict[str, Any]:
    return {
        "receipt": number.code,
        "waybill": document.code,
        "booked": booked,
        "state": str(waybill.state),
        "loss_report": report,
    }
