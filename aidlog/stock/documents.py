"""What a document did to the stock, whatever kind of document it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.text import Message
from aidlog.db.numbering import Document
from aidlog.stock.history import MovementLine, document_lines
from aidlog.stock.models import StockCorrection
from aidlog.stock.naming import names_of
from aidlog.stock.queries import AT_A_PLACE
from aidlog.stock.reversing import reversal_code
from aidlog.stock.wording import sentence


@dataclass(frozen=True, slots=True)
class DocumentStory:
    """A document, each of its movements in words, and what undid it or was undone by it."""

    document: Document
    lines: list[tuple[MovementLine, Message]]
    correction: StockCorrection | None
    undoes: str | None
    reversed_by: str | None


def document_story(session: Session, actor: Actor, code: str) -> DocumentStory:
    """Return what the document with ``code`` did.

    Raises:
        NotFound: there is none, it is another organisation's, or it moved nothing at any
            place whose stock the actor may see.
    """
    document = session.scalars(select(Document).where(Document.code == code)).one_or_none()
    if document is None or document.organisation_id not in actor.organisation_ids:
        raise NotFound("document")
    lines = document_lines(session, document.id, actor.organisation_ids)
    places = actor.places(Permission.STOCK_VIEW)
    if places is not None and not any(
        side.key in places
        for line in lines
        for side in (line.source, line.target)
        if side.kind in AT_A_PLACE
    ):
        raise NotFound("document")
    names = names_of(session, (side for line in lines for side in (line.source, line.target)))
    correction = session.scalars(
        select(StockCorrection).where(StockCorrection.document_id == document.id)
    ).one_or_none()
    undone = (
        session.get_one(Document, correction.reverses_document_id).code
        if correction and correction.reverses_document_id
        else None
    )
    return DocumentStory(
        document=document,
        lines=[(line, sentence(line, names)) for line in lines],
        correction=correction,
        undoes=undone,
        reversed_by=reversal_code(session, document.id),
    )
