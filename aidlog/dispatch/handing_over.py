"""Goods change hands between organisations in two steps: one offers, the other accepts.

Until acceptance the goods are the giver's and stay where they are, reserved under the offer,
and either side can end it. Acceptance changes the owner at once: the giver's lot ends, the
taker's begins with the same number, expiry, packs, donor and wishes, and it is on the road to
the taker's warehouse under the taker's own waybill, to be counted in there like any truck.
"""

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
from aidlog.db.numbering import Document, Series, new_document
from aidlog.dispatch.models import Handover, HandoverLine, HandoverState
from aidlog.registry.models import Organisation, Place, PlaceKind
from aidlog.stock.making import refuse_unusable
from aidlog.stock.models import Lot
from aidlog.stock.reserving import Hold, release, reserve

#: One truck carries fewer kinds of lots than this.
MOST_LINES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLine:
    """``quantity`` base units of a lot."""

    lot_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferGoods(Command):
    """Offer goods that stand in ``warehouse_id`` to the organisation ``taker_id``.

    ``purpose`` is what they are for and ``condition`` what state they are in, as on a
    takeover certificate.
    """

    warehouse_id: int
    taker_id: int
    lines: Sequence[OfferLine]
    purpose: str
    condition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOffer(Command):
    """The giver keeps the goods after all."""

    handover: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOffer(Command):
    """The taker does not want the goods; ``note`` says why."""

    handover: str
    note: str


class WrongOffer(Refusal):
    """An offer of nothing, or of something that cannot be."""


class OfferDecided(Conflict):
    """The offer was accepted, declined or withdrawn before."""


def offer_goods(session: Session, actor: Actor, command: OfferGoods) -> dict[str, Any]:
    """Offer goods to another organisation and reserve them; return ``{"handover"}``.

    Raises:
        NotFound: warehouse, organisation or lot are not there for this actor.
        WrongOffer: nothing is offered, no purpose is written, or to oneself.
        NotEnoughStock: less of a lot is free; it names the lot.
        LotExpired, CannotMake: an expired or recalled lot is offered to nobody.
    """
    actor.must(Permission.STOCK_APPROVE, at=command.warehouse_id)
    warehouse = _warehouse(session, actor, command.warehouse_id)
    taker = session.get(Organisation, command.taker_id)
    if taker is None:
        raise NotFound(f"organisation {command.taker_id}")
    _check(warehouse, command)
    lots = _lots(session, warehouse, command)
    refuse_unusable(session, list(lots.values()))
    giver = session.get_one(Organisation, warehouse.organisation_id)
    document = new_document(
        session, Series.HANDOVER, organisation_id=giver.id, organisation_code=giver.code
    )
    handover = Handover(
        document_id=document.id,
        organisation_id=giver.id,
        taker_id=taker.id,
        warehouse_id=warehouse.id,
        state=HandoverState.OFFERED,
        purpose=command.purpose.strip()[:400],
        condition=command.condition.strip()[:200],
        offered_at=datetime.now(UTC),
        offered_by=actor.user_id,
    )
    session.add(handover)
    session.flush()
    held = reserve(
        session,
        [
            # The taker says later where the goods will go; until then they stay.
            Hold(
                lot_id=line.lot_id,
                warehouse_id=warehouse.id,
                destination_id=warehouse.id,
                quantity=line.quantity,
            )
            for line in command.lines
        ],
        command_id=command.command_id,
        document=document,
    )
    session.add_all(
        HandoverLine(
            handover_id=handover.id,
            lot_id=line.lot_id,
            quantity=line.quantity,
            reservation_id=reservation,
        )
        for line, reservation in zip(command.lines, held, strict=True)
    )
    session.flush()
    return {"handover": document.code}


def withdraw_offer(session: Session, actor: Actor, command: WithdrawOffer) -> dict[str, Any]:
    """End an offer as its giver: the goods are free again; return ``{"handover"}``.

    Raises:
        OfferDecided: it was accepted, declined or withdrawn before.
    """
    handover, document = offer_of(session, command.handover)
    actor.must_own(handover.organisation_id)
    actor.must(Permission.STOCK_APPROVE, at=handover.warehouse_id)
    must_be_offered(handover, document)
    _end(session, actor, handover, HandoverState.WITHDRAWN, command.note)
    return {"handover": document.code}


def decline_offer(session: Session, actor: Actor, command: DeclineOffer) -> dict[str, Any]:
    """End an offer as the one it was made to; return ``{"handover"}``.

    Raises:
        WrongOffer: nobody wrote why.
        OfferDecided: it was accepted, declined or withdrawn before.
    """
    handover, document = offer_of(session, command.handover)
    actor.must_own(handover.taker_id)
    actor.must(Permission.STOCK_APPROVE)
    must_be_offered(handover, document)
    if not command.note.strip():
        raise WrongOffer(
            Message(N_("Write why the goods are not wanted. The giver reads it.")), field="note"
        )
    _end(session, actor, handover, HandoverState.DECLINED, command.note)
    return {"handover": document.code}


def offer_of(session: Session, number: str) -> tuple[Handover, Document]:
    """Return offer ``number``, whoever made it, its row locked; whose it is, the caller checks.

    Raises:
        NotFound: there is none.
    """
    row = session.execute(
        select(Handover, Document)
        .join(Document, Document.id == Handover.document_id)
        .where(Document.code == number)
        .with_for_update(of=Handover)
    ).one_or_none()
    if row is None:
        raise NotFound(f"offer {number}")
    return row[0], row[1]


def must_be_offered(handover: Handover, document: Document) -> None:
    """Raise unless the offer still waits for an answer; the sentence says what became of it."""
    if handover.state is not HandoverState.OFFERED:
        raise OfferDecided(Message(_SAID[handover.state], {"number": document.code}))


_SAID = {
    HandoverState.ACCEPTED: N_("Offer {number} was accepted already. Nothing was changed."),
    HandoverState.DECLINED: N_("Offer {number} was declined. Nothing was changed."),
    HandoverState.WITHDRAWN: N_("Offer {number} was withdrawn. Nothing was changed."),
}


def lines_of_offer(session: Session, handover: Handover) -> list[HandoverLine]:
    """Return what is offered, in the order in which it was written."""
    return list(
        session.scalars(
            select(HandoverLine)
            .where(HandoverLine.handover_id == handover.id)
            .order_by(HandoverLine.id)
        )
    )


def decided(actor: Actor, handover: Handover, state: HandoverState, note: str) -> None:
    """Write down who decided and how."""
    handover.state = state
    handover.decided_at = datetime.now(UTC)
    handover.decided_by = actor.user_id
    handover.decision_note = note.strip()[:400]


def _end(
    session: Session, actor: Actor, handover: Handover, state: HandoverState, note: str
) -> None:
    lines = lines_of_offer(session, handover)
    release(session, [line.reservation_id for line in lines])
    decided(actor, handover, state, note)


def _warehouse(session: Session, actor: Actor, place_id: int) -> Place:
    place = session.get(Place, place_id)
    if place is None or place.kind is not PlaceKind.WAREHOUSE or not place.active:
        raise NotFound(f"warehouse {place_id}")
    actor.must_own(place.organisation_id)
    return place


def _check(warehouse: Place, command: OfferGoods) -> None:
    if command.taker_id == warehouse.organisation_id:
        raise WrongOffer(
            Message(N_("These goods are this organisation’s already. Ask for a transfer instead.")),
            field="taker",
        )
    if not command.purpose.strip():
        raise WrongOffer(Message(N_("Write what the goods are for.")), field="purpose")
    if not command.lines:
        raise WrongOffer(Message(N_("Nothing is offered yet. Write at least one quantity.")))
    if len(command.lines) > MOST_LINES:
        raise WrongOffer(
            Message(
                N_("{count} lots are too many for one offer. Offer {most} at most."),
                {"count": len(command.lines), "most": MOST_LINES},
            )
        )
    if len({line.lot_id for line in command.lines}) < len(command.lines):
        raise WrongOffer(Message(N_("A lot stands in two lines. Write it in one.")))
    if any(line.quantity <= 0 for line in command.lines):
        raise WrongOffer(Message(N_("Write how much of each lot is offered.")))


def _lots(session: Session, warehouse: Place, command: OfferGoods) -> dict[int, Lot]:
    wanted = {line.lot_id for line in command.lines}
    lots = {lot.id: lot for lot in session.scalars(select(Lot).where(Lot.id.in_(wanted)))}
    if lots.keys() != wanted or any(
        lot.organisation_id != warehouse.organisation_id for lot in lots.values()
    ):
        raise NotFound("a lot of this organisation")
    return lots
