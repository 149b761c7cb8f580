"""A goods received note that was wrong is reversed; its pledge or order is open again for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.text import N_, Message
from aidlog.donations.awaiting import state_of
from aidlog.donations.models import (
    GoodsReceived,
    GoodsReceivedLine,
    Pledge,
    PledgeState,
    Purchase,
)
from aidlog.donations.purchasing import lines_of_purchase
from aidlog.stock.reversing import CannotReverse, ReverseDocument, locked_document, undo


def take_back_receipt(session: Session, actor: Actor, command: ReverseDocument) -> dict[str, Any]:
    """Reverse a goods received note; return ``{"document", "reverses"}``.

    The goods leave the warehouse's books as they came in, and what the note had counted
    towards a pledge or an order is expected again.

    Raises:
        NotFound: there is no such note of the actor's organisations.
        CannotReverse: no reason was given.
        AlreadyReversed: it was reversed before, or no goods came with it.
        NotEnoughStock: some of the goods have moved on; it names the lot.
    """
    document = locked_document(session, actor, command.code)
    note = session.scalars(
        select(GoodsReceived).where(GoodsReceived.document_id == document.id)
    ).one_or_none()
    if note is None:
        raise NotFound("goods received note")
    if note.cites_id is not None:
        raise CannotReverse(
            Message(
                N_(
                    "{document} closed a trip and is not reversed."
                    " Correct the stock with an adjustment."
                ),
                {"document": document.code},
            )
        )
    purchase = None
    if note.purchase_id is not None:
        purchase = session.scalars(
            select(Purchase).where(Purchase.id == note.purchase_id).with_for_update()
        ).one()
    pledge = None
    if note.pledge_id is not None:
        pledge = session.scalars(
            select(Pledge).where(Pledge.id == note.pledge_id).with_for_update()
        ).one()
    answer = undo(session, actor, document, command, Permission.STOCK_ADJUST)
    if pledge is not None:
        _expect_again(session, pledge, note)
    if purchase is not None:
        _order_again(session, purchase, note)
    return answer


def _expect_again(session: Session, pledge: Pledge, note: GoodsReceived) -> None:
    counted = session.scalar(
        select(func.coalesce(func.sum(GoodsReceivedLine.good), 0)).where(
            GoodsReceivedLine.note_id == note.id, ~GoodsReceivedLine.unpledged
        )
    )
    pledge.received -= int(counted or 0)
    assert pledge.received >= 0
    pledge.state = PledgeState.PARTLY_RECEIVED if pledge.received else PledgeState.CONFIRMED


def _order_again(session: Session, purchase: Purchase, note: GoodsReceived) -> None:
    counted = {
        item: int(quantity)
        for item, quantity in session.execute(
            select(GoodsReceivedLine.item_id, func.sum(GoodsReceivedLine.good))
            .where(GoodsReceivedLine.note_id == note.id, ~GoodsReceivedLine.unpledged)
            .group_by(GoodsReceivedLine.item_id)
        )
    }
    ordered = lines_of_purchase(session, purchase.id)
    for line in ordered:
        line.received -= counted.get(line.item_id, 0)
        assert line.received >= 0
    purchase.state = state_of(ordered)
