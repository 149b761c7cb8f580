"""Transfer requests as people see them: the list, and one with what was sent for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.dispatch.models import (
    RequestState,
    TransferRequest,
    TransferRequestLine,
    Waybill,
    WaybillState,
)
from aidlog.dispatch.requesting import on_waybills
from aidlog.registry.models import Item, Person, Place, PlaceKind

PAGE = 50


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in a list; ``lines`` kinds of goods are asked for."""

    id: int
    number: str
    state: RequestState
    origin: Place
    destination: Place
    wanted_by: date | None
    requested_at: datetime
    lines: int


@dataclass(frozen=True, slots=True)
class RequestLine:
    """Base units asked for, on waybills, and still open."""

    item: Item
    asked: int
    sent: int

    @property
    def open(self) -> int:
        return max(0, self.asked - self.sent)


@dataclass(frozen=True, slots=True)
class Served:
    """A waybill that serves a request."""

    number: str
    state: WaybillState


@dataclass(frozen=True, slots=True)
class RequestStory:
    request: TransferRequest
    number: str
    origin: Place
    destination: Place
    requested_by: str
    closed_by: str | None
    lines: list[RequestLine]
    waybills: list[Served]


def transfer_requests(
    session: Session, actor: Actor, *, only_open: bool = True, before: int | None = None
) -> list[RequestRow]:
    """Return a page of the requests between the actor's warehouses and one more. One statement.

    Newest first; ``before`` is the id that a page starts after.
    """
    origin, destination = aliased(Place), aliased(Place)
    number_of_lines = (
        select(func.count())
        .where(TransferRequestLine.request_id == TransferRequest.id)
        .scalar_subquery()
    )
    wanted = (
        select(
            TransferRequest.id,
            Document.code,
            TransferRequest.state,
            origin,
            destination,
            TransferRequest.wanted_by,
            TransferRequest.requested_at,
            number_of_lines,
        )
        .join(Document, Document.id == TransferRequest.document_id)
        .join(origin, origin.id == TransferRequest.origin_id)
        .join(destination, destination.id == TransferRequest.destination_id)
        .where(_reach(actor))
        .order_by(TransferRequest.id.desc())
        .limit(PAGE + 1)
    )
    if only_open:
        wanted = wanted.where(TransferRequest.state == RequestState.OPEN)
    if before is not None:
        wanted = wanted.where(TransferRequest.id < before)
    return [RequestRow(*row) for row in session.execute(wanted)]


def request_story(session: Session, actor: Actor, number: str) -> RequestStory:
    """Return one request with what was sent for it.

    Raises:
        NotFound: there is none within the actor's reach.
    """
    origin, destination = aliased(Place), aliased(Place)
    asker, closer = aliased(Person), aliased(Person)
    row = session.execute(
        select(TransferRequest, Document.code, origin, destination, asker.name, closer.name)
        .join(Document, Document.id == TransferRequest.document_id)
        .join(origin, origin.id == TransferRequest.origin_id)
        .join(destination, destination.id == TransferRequest.destination_id)
        .join(asker, asker.id == TransferRequest.requested_by)
        .outerjoin(closer, closer.id == TransferRequest.closed_by)
        .where(Document.code == number, _reach(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(f"request {number}")
    request: TransferRequest = row[0]
    sent = on_waybills(session, request.id)
    lines = session.execute(
        select(Item, TransferRequestLine.quantity)
        .join(TransferRequestLine, TransferRequestLine.item_id == Item.id)
        .where(TransferRequestLine.request_id == request.id)
        .order_by(Item.tier, Item.name_en, Item.id)
    )
    waybills = session.execute(
        select(Document.code, Waybill.state)
        .join(Waybill, Waybill.document_id == Document.id)
        .where(Waybill.request_id == request.id)
        .order_by(Waybill.id)
    )
    return RequestStory(
        *row,
        lines=[RequestLine(item, asked, sent.get(item.id, 0)) for item, asked in lines],
        waybills=[Served(*served) for served in waybills],
    )


def warehouses_to_ask(session: Session, actor: Actor) -> list[Place]:
    """Return the warehouses of the actor's organisations, by name.

    Also for someone who receives at one of them only: they see what a warehouse is called.
    """
    actor.must(Permission.GOODS_RECEIVE)
    return list(
        session.scalars(
            select(Place)
            .where(
                Place.organisation_id.in_(actor.organisation_ids),
                Place.kind == PlaceKind.WAREHOUSE,
                Place.active,
            )
            .order_by(Place.name, Place.id)
        )
    )


def _reach(actor: Actor) -> ColumnElement[bool]:
    own = TransferRequest.organisation_id.in_(actor.organisation_ids)
    places = actor.places(Permission.WAYBILL_VIEW)
    if places is None:
        return own
    return and_(
        own,
        or_(
            TransferRequest.origin_id.in_(places),
            TransferRequest.destination_id.in_(places),
        ),
    )
