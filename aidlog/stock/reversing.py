"""A wrong document is undone by another one that mirrors it; both stay in the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series
from aidlog.ledger.movement import Movement
from aidlog.ledger.rules import NotEnoughStock
from aidlog.stock.adjusting import numbered
from aidlog.stock.models import Correcting, Reason, StockAdjustment, StockCorrection
from aidlog.stock.posting import post, reversal_of
from aidlog.stock.queries import AT_A_PLACE
from aidlog.stock.whereabouts import moved_on

#: What can be undone here, and the right it takes where the goods are: nothing but stock
#: follows from these. A goods received note also counts towards a pledge, so
#: donations/taking_back.py undoes it; what travels is dispatch's.
REVERSIBLE = {
    Series.ADJUSTMENT: Permission.STOCK_ADJUST,
    # What took a second person is undone by one who could have been it.
    Series.COUNT: Permission.STOCK_APPROVE,
    Series.HANDOUT: Permission.HANDOUT_RECORD,
    Series.REPACK: Permission.STOCK_ADJUST,
    Series.KIT: Permission.STOCK_ADJUST,
    # Undoing a hold lets goods go, so it takes the right of those who do that.
    Series.HOLD: Permission.STOCK_APPROVE,
    Series.DISPOSAL: Permission.STOCK_APPROVE,
    Series.SENT_BACK: Permission.STOCK_APPROVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseDocument(Command):
    """Undo the document with ``code``, whole, and say why."""

    code: str
    why: str


class CannotReverse(Refusal):
    """No reason was given, or this kind of document is undone in another way."""


def reverse_document(session: Session, actor: Actor, command: ReverseDocument) -> dict[str, Any]:
    """Undo what nothing but stock follows from; return ``{"document", "reverses"}``.

    Raises:
        NotFound: there is no such document of the actor's, or not at a place of the actor's.
        CannotReverse: no reason, or another kind of document.
        AlreadyReversed: it was undone before, or moved nothing.
        MovedOn: the goods are not where the document left them; it says where they are.
    """
    document = locked_document(session, actor, command.code)
    if document.series not in REVERSIBLE:
        raise CannotReverse(
            Message(N_("{document} cannot be reversed."), {"document": document.code})
        )
    return undo(session, actor, document, command, needed_for(session, document))


def needed_for(session: Session, document: Document) -> Permission:
    """Return the right that it takes to undo a document of a series in REVERSIBLE.

    A correction that a second person had to approve is not undone by the first alone; one
    that held goods back, by nobody who may not let them go.
    """
    if document.series is Series.ADJUSTMENT and session.scalar(
        select(StockAdjustment.id).where(
            StockAdjustment.document_id == document.id,
            StockAdjustment.decided_by.is_not(None) | (StockAdjustment.what == Correcting.HOLD),
        )
    ):
        return Permission.STOCK_APPROVE
    return REVERSIBLE[document.series]


def locked_document(session: Session, actor: Actor, code: str) -> Document:
    """Return the document with ``code``, locked so that two people cannot both undo it.

    Raises:
        NotFound: there is none, or it is another organisation's.
    """
    document = session.scalars(
        select(Document).where(Document.code == code).with_for_update()
    ).one_or_none()
    if document is None or document.organisation_id not in actor.organisation_ids:
        raise NotFound("document")
    return document


def undo(
    session: Session,
    actor: Actor,
    document: Document,
    command: ReverseDocument,
    permission: Permission,
) -> dict[str, Any]:
    """Post the mirror of a locked document under a number of its own.

    Raises:
        NotAllowed: the actor does not hold ``permission`` where the document moved stock.
        CannotReverse: no reason was given.
        AlreadyReversed: it was undone before, is itself a reversal, or moved nothing.
        MovedOn: the goods are not where the document left them; it says where they are.
    """
    moves = reversal_of(session, document)
    for move in moves:
        for side in (move.source, move.target):
            if side.kind in AT_A_PLACE:
                actor.must(permission, at=side.key)
    return mirror(session, actor, document, command, moves)


def mirror(
    session: Session,
    actor: Actor,
    document: Document,
    command: ReverseDocument,
    moves: Sequence[Movement] | None = None,
) -> dict[str, Any]:
    """Post the mirror of a locked document, of which the caller knows that the actor may.

    Raises:
        CannotReverse: no reason was given.
        AlreadyReversed: it was undone before, is itself a reversal, or moved nothing.
        MovedOn: the goods are not where the document left them; it says where they are.
    """
    if not command.why.strip():
        raise CannotReverse(Message(N_("Write why this document is reversed.")), field="why")
    moves = moves or reversal_of(session, document)
    reversal = numbered(session, document.organisation_id, Series.REVERSAL)
    session.add(
        StockCorrection(
            document_id=reversal.id,
            reverses_document_id=document.id,
            reason=Reason.WRONG_ENTRY,
            remark=command.why.strip(),
        )
    )
    session.flush()
    try:
        post(
            session,
            actor,
            moves,
            command_id=command.command_id,
            document=reversal,
            occurred_at=datetime.now(UTC),
        )
    except NotEnoughStock as refusal:
        raise moved_on(session, refusal) from None
    return {"document": reversal.code, "reverses": document.code}


def reversal_code(session: Session, document_id: int) -> str | None:
    """Return the code of the document that undid this one, if any did."""
    return session.scalar(
        select(Document.code)
        .join(StockCorrection, StockCorrection.document_id == Document.id)
        .where(StockCorrection.reverses_document_id == document_id)
    )
