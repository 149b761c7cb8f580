"""A loading, a receipt or a loss report that was wrong is reversed, with what follows from it.

Each is undone while nothing has been built on it: the receipt before the loading, the loss
report before the receipt. The refusal names what has to be undone first.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound
from aidlog.core.text import N_, Message
from aidlog.db.numbering import Document, Series
from aidlog.dispatch.finding import locked, must_be_the_senders, receiving
from aidlog.dispatch.models import LossReport, LossState, Receipt, Waybill, WaybillState
from aidlog.dispatch.promising import plan_of, promise_again
from aidlog.dispatch.requesting import follow_request
from aidlog.dispatch.serving import follow_requisitions
from aidlog.donations.models import GoodsReceived, Source
from aidlog.registry.models import Place
from aidlog.stock.adjusting import numbered
from aidlog.stock.models import Transit
from aidlog.stock.queries import still_stands
from aidlog.stock.reversing import ReverseDocument, locked_document, mirror


class SomethingFollowed(Conflict):
    """Another document rests on this one; the sentence names it."""


def reverse_loading(session: Session, actor: Actor, command: ReverseDocument) -> dict[str, Any]:
    """Undo a loading: the truck never left, and its goods are in the warehouse.

    The waybill is cancelled; what it had taken of a plan is promised to the plan again.

    Raises:
        SomethingFollowed: a receipt was booked, or it has not left.
        MovedOn: goods that came back with the truck have gone elsewhere since.
        NotTheirs: the goods were handed over by another organisation.
    """
    waybill, document = locked(session, command.code)
    actor.must_own(waybill.organisation_id)
    actor.must(Permission.WAYBILL_LOAD, at=waybill.origin_id)
    must_be_the_senders(session, waybill, document)
    _nothing_followed_the_loading(session, waybill, document)
    plan = plan_of(session, actor, waybill.plan_id) if waybill.plan_id else None
    answer = mirror(session, actor, locked_document(session, actor, command.code), command)
    now = datetime.now(UTC)
    waybill.state = WaybillState.CANCELLED
    waybill.closed_at = now
    session.get_one(Transit, waybill.transit_id).closed_at = now
    if plan is not None:
        promise_again(session, command.command_id, waybill, plan)
    follow_request(session, waybill)
    follow_requisitions(session, actor, waybill)
    return answer


def reverse_receipt(session: Session, actor: Actor, command: ReverseDocument) -> dict[str, Any]:
    """Undo what a site's count booked: the goods are on the road, to be counted anew.

    Its loss report is withdrawn. Other counts of the waybill stay beside it.

    Raises:
        SomethingFollowed: its loss report was decided on, or goods arrived under it.
        MovedOn: goods that arrived have gone elsewhere since.
    """
    waybill, receipt = _receipt(session, command.code)
    _may_undo_receipt(session, actor, waybill)
    reports = _reports(session, receipt)
    for report, number in reports:
        if report.state is not LossState.REVERSED and still_stands(session, report.document_id):
            raise SomethingFollowed(
                Message(
                    N_("{document} rests on loss report {report}. Reverse {report} first."),
                    {"document": command.code, "report": number},
                )
            )
    answer = mirror(session, actor, locked_document(session, actor, command.code), command)
    receipt.booked = False
    for report, _number in reports:
        if report.state is not LossState.REVERSED:
            _close(report, actor, LossState.WITHDRAWN)
    _open_again(session, waybill, WaybillState.ON_THE_ROAD)
    follow_requisitions(session, actor, waybill)
    return answer


def reverse_return(session: Session, actor: Actor, command: ReverseDocument) -> dict[str, Any]:
    """Undo the note of what a truck brought back: the goods are on the road again.

    A loss report that the return had settled waits for a decision again.

    Raises:
        MovedOn: goods that came back have gone elsewhere since.
    """
    waybill = _returned(session, command.code)
    actor.must_own(waybill.organisation_id)
    actor.must(Permission.WAYBILL_LOAD, at=waybill.origin_id)
    answer = mirror(session, actor, locked_document(session, actor, command.code), command)
    settled = session.scalars(
        select(LossReport)
        .where(LossReport.waybill_id == waybill.id, LossReport.state == LossState.FOUND)
        .order_by(LossReport.id.desc())
    ).first()
    if waybill.state is WaybillState.RECEIVED and settled is not None:
        settled.state = LossState.OPEN
        settled.decided_at = settled.decided_by = None
        _open_again(session, waybill, WaybillState.DISPUTED)
    elif waybill.state is WaybillState.RETURNED:
        _open_again(session, waybill, WaybillState.ON_THE_ROAD)
    follow_requisitions(session, actor, waybill)
    return answer


def reverse_loss(session: Session, actor: Actor, command: ReverseDocument) -> dict[str, Any]:
    """Undo what a loss report decided: the goods are missing again, under a new report.

    Returns ``{"document", "reverses", "loss_report"}``.

    Raises:
        SomethingFollowed: its receipt was reversed, or its goods came back.
        MovedOn: goods that turned up have gone elsewhere since.
    """
    waybill, report = _report(session, command.code)
    actor.must_own(waybill.organisation_id)
    actor.must(Permission.STOCK_APPROVE, at=waybill.origin_id)
    answer = mirror(session, actor, locked_document(session, actor, command.code), command)
    _close(report, actor, LossState.REVERSED)
    session.flush()
    number = numbered(session, waybill.organisation_id, Series.LOSS)
    session.add(
        LossReport(
            document_id=number.id,
            waybill_id=waybill.id,
            receipt_id=report.receipt_id,
            state=LossState.OPEN,
            opened_at=datetime.now(UTC),
        )
    )
    _open_again(session, waybill, WaybillState.DISPUTED)
    follow_requisitions(session, actor, waybill)
    return answer | {"loss_report": number.code}


def may_undo_receipt(actor: Actor, waybill: Waybill, destination: Place) -> bool:
    """Say whether the actor may reverse the booked receipt of a waybill.

    That is who receives there, or who decides about the sender's stock.
    """
    if actor.may(receiving(destination), at=destination.id):
        return not actor.organisation_ids.isdisjoint(
            {waybill.organisation_id, destination.organisation_id}
        )
    return waybill.organisation_id in actor.organisation_ids and actor.may(
        Permission.STOCK_APPROVE, at=waybill.origin_id
    )


def _may_undo_receipt(session: Session, actor: Actor, waybill: Waybill) -> None:
    destination = session.get_one(Place, waybill.destination_id)
    if not may_undo_receipt(actor, waybill, destination):
        actor.must_own(waybill.organisation_id)
        actor.must(Permission.STOCK_APPROVE, at=waybill.origin_id)


def _nothing_followed_the_loading(session: Session, waybill: Waybill, document: Document) -> None:
    if waybill.state is WaybillState.PREPARED:
        raise SomethingFollowed(
            Message(
                N_("{document} has not left. Cancel the waybill instead."),
                {"document": document.code},
            )
        )
    receipt = session.scalar(
        select(Document.code)
        .join(Receipt, Receipt.document_id == Document.id)
        .where(Receipt.waybill_id == waybill.id, Receipt.booked)
    )
    if receipt is not None:
        raise SomethingFollowed(
            Message(
                N_("{document} was received under {receipt}. Reverse {receipt} first."),
                {"document": document.code, "receipt": receipt},
            )
        )
    for note, number in session.execute(
        select(GoodsReceived.document_id, Document.code)
        .join(Document, Document.id == GoodsReceived.document_id)
        .where(GoodsReceived.cites_id == waybill.document_id, GoodsReceived.source == Source.RETURN)
    ):
        if still_stands(session, note):
            raise SomethingFollowed(
                Message(
                    N_("{document} came back under {note}. Reverse {note} first."),
                    {"document": document.code, "note": number},
                )
            )


def _returned(session: Session, number: str) -> Waybill:
    """Return the waybill whose goods came back under note ``number``, locked."""
    waybill = session.scalars(
        select(Waybill)
        .join(GoodsReceived, GoodsReceived.cites_id == Waybill.document_id)
        .join(Document, Document.id == GoodsReceived.document_id)
        .where(Document.code == number, GoodsReceived.source == Source.RETURN)
        .with_for_update(of=Waybill)
    ).one_or_none()
    if waybill is None:
        raise NotFound(f"return {number}")
    return waybill


def _receipt(session: Session, number: str) -> tuple[Waybill, Receipt]:
    """Return the waybill of receipt ``number``, locked, and the receipt."""
    waybill = session.scalars(
        select(Waybill)
        .join(Receipt, Receipt.waybill_id == Waybill.id)
        .join(Document, Document.id == Receipt.document_id)
        .where(Document.code == number)
        .with_for_update(of=Waybill)
    ).one_or_none()
    if waybill is None:
        raise NotFound(f"receipt {number}")
    receipt = session.scalars(
        select(Receipt)
        .join(Document, Document.id == Receipt.document_id)
        .where(Document.code == number)
    ).one()
    return waybill, receipt


def _report(session: Session, number: str) -> tuple[Waybill, LossReport]:
    """Return the waybill that loss report ``number`` cites, locked, and the report."""
    waybill = session.scalars(
        select(Waybill)
        .join(LossReport, LossReport.waybill_id == Waybill.id)
        .join(Document, Document.id == LossReport.document_id)
        .where(Document.code == number)
        .with_for_update(of=Waybill)
    ).one_or_none()
    if waybill is None:
        raise NotFound(f"loss report {number}")
    report = session.scalars(
        select(LossReport)
        .join(Document, Document.id == LossReport.document_id)
        .where(Document.code == number)
    ).one()
    return waybill, report


def _reports(session: Session, receipt: Receipt) -> list[tuple[LossReport, str]]:
    return [
        (report, number)
        for report, number in session.execute(
            select(LossReport, Document.code)
            .join(Document, Document.id == LossReport.document_id)
            .where(LossReport.receipt_id == receipt.id)
            .order_by(LossReport.id)
        )
    ]


def _close(report: LossReport, actor: Actor, state: LossState) -> None:
    report.state = state
    report.decided_at, report.decided_by = datetime.now(UTC), actor.user_id


def _open_again(session: Session, waybill: Waybill, state: WaybillState) -> None:
    waybill.state = state
    waybill.closed_at = None
    session.get_one(Transit, waybill.transit_id).closed_at = None
