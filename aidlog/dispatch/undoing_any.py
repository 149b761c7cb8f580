"""Undo a document of whatever kind: the one door to all the ways of reversing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document, Series
from aidlog.dispatch.models import Receipt
from aidlog.dispatch.undoing import (
    reverse_loading,
    reverse_loss,
    reverse_receipt,
    reverse_return,
)
from aidlog.donations.models import GoodsReceived, Source
from aidlog.donations.taking_back import take_back_receipt
from aidlog.stock.reversing import (
    REVERSIBLE,
    ReverseDocument,
    needed_for,
    reverse_document,
)

Act = Callable[[Session, Actor, ReverseDocument], dict[str, Any]]

_TRIPS: dict[Series, Act] = {
    Series.WAYBILL: reverse_loading,
    Series.RECEIPT: reverse_receipt,
    Series.LOSS: reverse_loss,
}

_RIGHTS: dict[Act, tuple[Permission, ...]] = {
    reverse_loading: (Permission.WAYBILL_LOAD,),
    reverse_return: (Permission.WAYBILL_LOAD,),
    reverse_receipt: (
        Permission.STOCK_APPROVE,
        Permission.RECEIPT_CONFIRM,
        Permission.GOODS_RECEIVE,
    ),
    reverse_loss: (Permission.STOCK_APPROVE,),
    take_back_receipt: (Permission.STOCK_ADJUST,),
}


def reverse_any(session: Session, actor: Actor, command: ReverseDocument) -> dict[str, Any]:
    """Undo the document with ``command.code``; return at least ``{"document", "reverses"}``.

    Raises:
        NotFound: there is no such document of the actor's.
        CannotReverse: no reason was given, or this kind is not undone.
        AlreadyReversed: it was undone before, is a reversal, or moved nothing.
        SomethingFollowed: another document rests on it; the sentence names it.
        MovedOn: its goods are elsewhere by now; the sentence says where.
    """
    document = session.scalars(select(Document).where(Document.code == command.code)).one_or_none()
    if document is None or document.organisation_id not in actor.organisation_ids:
        raise NotFound("document")
    return _way(session, document)(session, actor, command)


def permissions_to_undo(session: Session, document: Document) -> tuple[Permission, ...]:
    """Return the rights one of which it takes to undo a document, somewhere; none: nobody may.

    For a page that offers it; the action decides again, for the place.
    """
    if document.series in REVERSIBLE:
        return (needed_for(session, document),)
    return _RIGHTS.get(_way(session, document), ())


def _way(session: Session, document: Document) -> Act:
    if document.series in _TRIPS:
        return _TRIPS[document.series]
    if document.series is not Series.GRN:
        return reverse_document
    if session.scalar(select(Receipt.id).where(Receipt.document_id == document.id)):
        return reverse_receipt
    came_back = session.scalar(
        select(GoodsReceived.id).where(
            GoodsReceived.document_id == document.id,
            GoodsReceived.source == Source.RETURN,
            GoodsReceived.cites_id.is_not(None),
        )
    )
    return take_back_receipt if came_back is None else reverse_return
