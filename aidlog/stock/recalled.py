"""Which lots are recalled now: they go on no truck and to nobody until the recall is lifted."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Exists, select
from sqlalchemy.orm import Session

from aidlog.db.numbering import Document
from aidlog.stock.models import Lot, Recall, RecallLot


def recalled(session: Session, lots: Collection[int]) -> dict[int, str]:
    """Return ``{lot id: code of the recall}`` of those of ``lots`` that are recalled now."""
    if not lots:
        return {}
    rows = session.execute(
        select(RecallLot.lot_id, Document.code)
        .join(Recall, Recall.id == RecallLot.recall_id)
        .join(Document, Document.id == Recall.document_id)
        .where(RecallLot.lot_id.in_(lots), Recall.closed_at.is_(None))
        .order_by(Recall.id)
    )
    return {row.lot_id: row.code for row in rows}


def is_recalled() -> Exists:
    """True of a row of Lot that is recalled now; to stand within another statement."""
    return (
        select(RecallLot.lot_id)
        .join(Recall, Recall.id == RecallLot.recall_id)
        .where(RecallLot.lot_id == Lot.id, Recall.closed_at.is_(None))
        .exists()
    )
