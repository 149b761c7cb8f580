"""One warehouse asks another of its organisation for goods: a transfer request.

Nothing is promised by asking. The warehouse that is asked sends by waybill, all at once or in
parts, and what is not on a waybill yet stays open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotAllowed, NotFound, Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series, new_document
from aidlog.dispatch.models import (
    RequestState,
    TransferRequest,
    TransferRequestLine,
    Waybill,
    WaybillLine,
    WaybillState,
)
from aidlog.registry.models import Item, Organisation, Place, PlaceKind

#: More kinds of goods than this go into a request of their own.
MOST_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """So many base units of an item."""

    item_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTransfer(Command):
    """``destination_id`` asks ``origin_id`` for goods, to have them on ``wanted_by``."""

    origin_id: int
    destination_id: int
    lines: Sequence[Asked]
    wanted_by: date | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRequest(Command):
    """Nothing more is wanted, or nothing more will be sent; ``note`` says why."""

    request: str
    note: str = ""


class WrongRequest(Refusal):
    """A request that asks for nothing, or for something that cannot be."""


class RequestEnded(Conflict):
    """The request was served, cancelled or declined before."""


def request_transfer(session: Session, actor: Actor, command: RequestTransfer) -> dict[str, Any]:
    """Ask another warehouse for goods; return ``{"request"}``.

    Raises:
        NotFound: a warehouse or an item is not there, or the two are not of one organisation.
        WrongRequest: nothing is asked for, an item twice, or a warehouse asks itself.
    """
    actor.must(Permission.GOODS_RECEIVE, at=command.destination_id)
    destination = _warehouse(session, actor, command.destination_id)
    origin = _warehouse(session, actor, command.origin_id)
    if origin.organisation_id != destination.organisation_id:
        raise NotFound(f"warehouse {command.origin_id} of the same organisation")
    _check(session, origin, destination, command)
    organisation = session.get_one(Organisation, destination.organisation_id)
    document = new_document(
        session,
        Series.TRANSFER,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    request = TransferRequest(
        document_id=document.id,
        organisation_id=organisation.id,
        origin_id=origin.id,
        destination_id=destination.id,
        wanted_by=command.wanted_by,
        state=RequestState.OPEN,
        remark=command.remark.strip()[:400],
        requested_at=datetime.now(UTC),
        requested_by=actor.user_id,
    )
    session.add(request)
    session.flush()
    session.add_all(
        TransferRequestLine(request_id=request.id, item_id=line.item_id, quantity=line.quantity)
        for line in command.lines
    )
    session.flush()
    return {"request": document.code}


def cancel_request(session: Session, actor: Actor, command: EndRequest) -> dict[str, Any]:
    """Say, as the warehouse that asked, that nothing more is wanted; return ``{"request"}``.

    What is on waybills already goes on as it is.

    Raises:
        RequestEnded: it is not open any more.
    """
    request, document = request_of(session, actor, command.request)
    actor.must(Permission.GOODS_RECEIVE, at=request.destination_id)
    _must_be_open(request, document)
    served = bool(on_waybills(session, request.id))
    _end(actor, request, RequestState.DONE if served else RequestState.CANCELLED, command.note)
    return {"request": document.code}


def decline_request(session: Session, actor: Actor, command: EndRequest) -> dict[str, Any]:
    """Say, as the warehouse that was asked, that nothing more will be sent.

    Raises:
        WrongRequest: nobody wrote why.
        RequestEnded: it is not open any more.
    """
    request, document = request_of(session, actor, command.request)
    actor.must(Permission.WAYBILL_LOAD, at=request.origin_id)
    _must_be_open(request, document)
    if not command.note.strip():
        raise WrongRequest(Message(N_("Write why nothing more is sent.")), field="note")
    _end(actor, request, RequestState.DECLINED, command.note)
    return {"request": document.code}


def request_for_waybill(
    session: Session, actor: Actor, number: str, origin_id: int, destination_id: int
) -> TransferRequest:
    """Return an open request that a waybill of this trip serves, its row locked.

    Raises:
        NotFound: there is none, or it is of another trip.
        RequestEnded: it is not open any more.
    """
    request, document = request_of(session, actor, number)
    if (request.origin_id, request.destination_id) != (origin_id, destination_id):
        raise NotFound(f"request {number} of this trip")
    _must_be_open(request, document)
    return request


def follow_request(session: Session, waybill: Waybill) -> None:
    """Close the request that ``waybill`` serves once all of it is on waybills, or open it again.

    What a person ended stays ended.
    """
    if waybill.request_id is None:
        return
    request = session.scalars(
        select(TransferRequest).where(TransferRequest.id == waybill.request_id).with_for_update()
    ).one()
    if request.closed_by is not None:
        return
    session.flush()
    sent = on_waybills(session, request.id)
    lines = session.scalars(
        select(TransferRequestLine).where(TransferRequestLine.request_id == request.id)
    )
    all_sent = all(sent.get(line.item_id, 0) >= line.quantity for line in lines)
    request.state = RequestState.DONE if all_sent else RequestState.OPEN
    request.closed_at = datetime.now(UTC) if all_sent else None


def on_waybills(session: Session, request_id: int) -> dict[int, int]:
    """Return ``{item id: base units}`` on waybills that serve a request, cancelled ones not.

    What a truck brought back counts as sent: a request is asked for anew, not by itself.
    """
    rows = session.execute(
        select(WaybillLine.item_id, func.sum(WaybillLine.quantity))
        .join(Waybill, Waybill.id == WaybillLine.waybill_id)
        .where(Waybill.request_id == request_id, Waybill.state != WaybillState.CANCELLED)
        .group_by(WaybillLine.item_id)
    )
    return {item: int(quantity) for item, quantity in rows}


def request_of(session: Session, actor: Actor, number: str) -> tuple[TransferRequest, Document]:
    """Return the actor's request ``number``, its row locked.

    Raises:
        NotFound: there is none, or it is another organisation's.
    """
    row = session.execute(
        select(TransferRequest, Document)
        .join(Document, Document.id == TransferRequest.document_id)
        .where(Document.code == number)
        .with_for_update(of=TransferRequest)
    ).one_or_none()
    if row is None or row[0].organisation_id not in actor.organisation_ids:
        raise NotFound(f"request {number}")
    request, document = row
    if not any(
        actor.may(permission, at=place)
        for permission in (Permission.WAYBILL_VIEW, Permission.GOODS_RECEIVE)
        for place in (request.origin_id, request.destination_id)
    ):
        raise NotAllowed(Permission.WAYBILL_VIEW)
    return request, document


def _warehouse(session: Session, actor: Actor, place_id: int) -> Place:
    place = session.get(Place, place_id)
    if (
        place is None
        or place.kind is not PlaceKind.WAREHOUSE
        or not place.active
        or place.organisation_id not in actor.organisation_ids
    ):
        raise NotFound(f"warehouse {place_id}")
    return place


def _check(session: Session, origin: Place, destination: Place, command: RequestTransfer) -> None:
    if origin.id == destination.id:
        raise WrongRequest(
            Message(N_("A warehouse cannot ask itself. Choose two warehouses.")), field="origin"
        )
    if not command.lines:
        raise WrongRequest(Message(N_("Nothing is asked for yet. Write at least one quantity.")))
    if len(command.lines) > MOST_LINES:
        raise WrongRequest(
            Message(
                N_("{count} items are too many for one request. Ask for {most} at most."),
                {"count": len(command.lines), "most": MOST_LINES},
            )
        )
    for number, line in enumerate(command.lines, start=1):
        if session.get(Item, line.item_id) is None:
            raise NotFound(f"item {line.item_id}")
        if not 0 < line.quantity <= LARGEST:
            raise WrongRequest(
                Message(N_("Line {line}: write how much is asked for."), {"line": number}),
                field=f"line_{number}",
            )
    if len({line.item_id for line in command.lines}) < len(command.lines):
        raise WrongRequest(Message(N_("An item stands in two lines. Write it in one.")))


def _must_be_open(request: TransferRequest, document: Document) -> None:
    if request.state is not RequestState.OPEN:
        raise RequestEnded(
            Message(
                N_("Request {number} is closed. Nothing was changed."), {"number": document.code}
            )
        )


def _end(actor: Actor, request: TransferRequest, state: RequestState, note: str) -> None:
    request.state = state
    request.closed_at = datetime.now(UTC)
    request.closed_by = actor.user_id
    request.closing_note = note.strip()[:200]
