"""Offers between organisations as both sides see them: what is offered, and nothing beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.dispatch.models import Handover, HandoverLine, HandoverState, Waybill
from aidlog.registry.models import Item, Organisation, Place
from aidlog.stock.models import Lot, LotEarmark

PAGE = 50

_GIVER = aliased(Organisation)
_TAKER = aliased(Organisation)


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """An offer in a list; ``lines`` lots are offered."""

    id: int
    number: str
    state: HandoverState
    giver_id: int
    giver: str
    taker_id: int
    taker: str
    offered_at: datetime
    lines: int


@dataclass(frozen=True, slots=True)
class OfferedLot:
    """A lot as it is offered: base units, and what the taker has to know of it.

    ``given_for`` are the places that its donor wishes it to go to, as they may be shown.
    """

    item: Item
    number: str
    expires_on: date | None
    pack_kind: str
    pack_size: int
    quantity: int
    donor_name: str
    given_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandoverStory:
    """An offer whole. ``waybill`` is the taker's, for the taker's eyes."""

    handover: Handover
    number: str
    giver: Organisation
    taker: Organisation
    warehouse: Place
    destination: Place | None
    waybill: str | None
    lines: list[OfferedLot]

    def is_giver(self, actor: Actor) -> bool:
        """Say whether the actor acts for who offers."""
        return self.handover.organisation_id in actor.organisation_ids

    def is_taker(self, actor: Actor) -> bool:
        """Say whether the actor acts for whom it is offered to."""
        return self.handover.taker_id in actor.organisation_ids


def handovers(
    session: Session, actor: Actor, *, only_open: bool = True, before: int | None = None
) -> list[HandoverRow]:
    """Return a page of offers from and to the actor's organisations, and one more, newest first.

    One statement.
    """
    number_of_lines = (
        select(func.count()).where(HandoverLine.handover_id == Handover.id).scalar_subquery()
    )
    wanted = (
        select(
            Handover.id,
            Document.code,
            Handover.state,
            _GIVER.id,
            _GIVER.name,
            _TAKER.id,
            _TAKER.name,
            Handover.offered_at,
            number_of_lines,
        )
        .join(Document, Document.id == Handover.document_id)
        .join(_GIVER, _GIVER.id == Handover.organisation_id)
        .join(_TAKER, _TAKER.id == Handover.taker_id)
        .where(within_reach(actor))
        .order_by(Handover.id.desc())
        .limit(PAGE + 1)
    )
    if only_open:
        wanted = wanted.where(Handover.state == HandoverState.OFFERED)
    if before is not None:
        wanted = wanted.where(Handover.id < before)
    return [HandoverRow(*row) for row in session.execute(wanted)]


def handover_story(session: Session, actor: Actor, number: str) -> HandoverStory:
    """Return one offer.

    Raises:
        NotFound: there is none from or to an organisation of the actor.
    """
    warehouse, destination, waybill = aliased(Place), aliased(Place), aliased(Document)
    row = session.execute(
        select(Handover, Document.code, _GIVER, _TAKER, warehouse, destination, waybill.code)
        .join(Document, Document.id == Handover.document_id)
        .join(_GIVER, _GIVER.id == Handover.organisation_id)
        .join(_TAKER, _TAKER.id == Handover.taker_id)
        .join(warehouse, warehouse.id == Handover.warehouse_id)
        .outerjoin(destination, destination.id == Handover.destination_id)
        .outerjoin(Waybill, Waybill.id == Handover.waybill_id)
        .outerjoin(waybill, waybill.id == Waybill.document_id)
        .where(Document.code == number, within_reach(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(f"offer {number}")
    return HandoverStory(*row, lines=_lines(session, row[0]))


def other_organisations(session: Session, organisation_id: int) -> list[tuple[int, str]]:
    """Return (id, name) of everyone else in the operation, by name: to whom goods are offered."""
    rows = session.execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.id != organisation_id)
        .order_by(Organisation.name, Organisation.id)
    )
    return [(row.id, row.name) for row in rows]


def within_reach(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of offers that the actor sees: own ones, at their places.

    An offer names no warehouse of the taker before it is accepted: until then whoever may
    accept goods somewhere sees it.
    """
    places = actor.places(Permission.STOCK_VIEW)
    here = true() if places is None else Handover.warehouse_id.in_(places)
    there: ColumnElement[bool] = true()
    if places is not None:
        there = Handover.destination_id.in_(places)
    if actor.may(Permission.STOCK_APPROVE):
        there = or_(there, Handover.destination_id.is_(None))
    return or_(
        and_(Handover.organisation_id.in_(actor.organisation_ids), here),
        and_(Handover.taker_id.in_(actor.organisation_ids), there),
    )


def _lines(session: Session, handover: Handover) -> list[OfferedLot]:
    wishes: dict[int, list[str]] = {}
    for lot, shown in session.execute(
        select(LotEarmark.lot_id, Place.shown_as)
        .join(Place, Place.id == LotEarmark.place_id)
        .join(HandoverLine, HandoverLine.lot_id == LotEarmark.lot_id)
        .where(HandoverLine.handover_id == handover.id)
        .order_by(Place.code)
    ):
        wishes.setdefault(lot, []).append(shown)
    rows = session.execute(
        select(Item, Lot, HandoverLine.quantity)
        .select_from(HandoverLine)
        .join(Lot, Lot.id == HandoverLine.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .where(HandoverLine.handover_id == handover.id)
        .order_by(HandoverLine.id)
    )
    return [
        OfferedLot(
            item=item,
            number=lot.number,
            expires_on=lot.expires_on,
            pack_kind=lot.pack_kind,
            pack_size=lot.pack_size,
            quantity=quantity,
            donor_name=lot.donor_name,
            given_for=tuple(wishes.get(lot.id, ())),
        )
        for item, lot, quantity in rows
    ]
