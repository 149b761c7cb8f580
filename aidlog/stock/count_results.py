"""What stock takes found, for the lines of the journal that they corrected."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.db.numbering import Document, Series
from aidlog.ledger.movement import AccountKind
from aidlog.stock.models import Reason, StockTake, StockTakeLine


@dataclass(frozen=True, slots=True)
class Result:
    """What was counted of a lot, what the books said, and why they differ; base units."""

    counted: int
    book: int
    reason: Reason
    remark: str


def results(
    session: Session, codes: Collection[str], lots: Collection[int]
) -> dict[tuple[str, int, AccountKind], Result]:
    """Return what the stock takes among ``codes`` found, by number, lot and account.

    No statement where none of them can be a stock take.
    """
    takes = {code for code in codes if code.startswith(f"{Series.COUNT}-")}
    if not takes:
        return {}
    rows = session.execute(
        select(
            Document.code,
            StockTakeLine.lot_id,
            StockTakeLine.kind,
            StockTakeLine.counted,
            StockTakeLine.book,
            StockTakeLine.reason,
            StockTakeLine.remark,
        )
        .join(StockTake, StockTake.id == StockTakeLine.take_id)
        .join(Document, Document.id == StockTake.document_id)
        .where(
            Document.code.in_(takes),
            StockTakeLine.lot_id.in_(lots),
            StockTakeLine.reason.is_not(None),
        )
    )
    return {
        (code, lot, kind): Result(counted or 0, book or 0, reason or Reason.UNKNOWN, remark)
        for code, lot, kind, counted, book, reason, remark in rows
    }
