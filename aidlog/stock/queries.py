"""What stands where: reads of the stock, rows out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Exists, func, select
from sqlalchemy.orm import Session, aliased

from aidlog.ledger.movement import AccountKind, MovementKind
from aidlog.stock.journal import StockBalance, StockMovement
from aidlog.stock.models import Lot


@dataclass(frozen=True, slots=True)
class LotAt:
    """A lot in one account; quantities in base units, ``reserved`` of ``on_hand`` promised."""

    lot_id: int
    item_id: int
    organisation_id: int
    number: str
    expires_on: date | None
    pack_kind: str
    pack_size: int
    on_hand: int
    reserved: int

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved


def lots_at(
    session: Session, kind: AccountKind, key: int, *, items: Collection[int] | None = None
) -> list[LotAt]:
    """Return the lots that an account holds, of ``items`` or of all; first expiry first.

    ``key`` is the place, or the transit for goods on the road. One statement.
    """
    wanted = (
        select(
            Lot.id,
            Lot.item_id,
            Lot.organisation_id,
            Lot.number,
            Lot.expires_on,
            Lot.pack_kind,
            Lot.pack_size,
            StockBalance.on_hand,
            StockBalance.reserved,
        )
        .join(StockBalance, StockBalance.lot_id == Lot.id)
        .where(StockBalance.kind == kind, StockBalance.key == key, StockBalance.on_hand > 0)
        .order_by(Lot.expires_on.is_(None), Lot.expires_on, Lot.id)
    )
    if items is not None:
        wanted = wanted.where(StockBalance.item_id.in_(items))
    return [LotAt(*row) for row in session.execute(wanted)]


def moved_by(
    session: Session, documents: Collection[int], kind: MovementKind
) -> dict[tuple[int, int], int]:
    """Return ``{(document id, item id): base units}`` that ``documents`` moved as ``kind``.

    What was reversed does not count.
    """
    rows = session.execute(
        select(StockMovement.document_id, StockMovement.item_id, func.sum(StockMovement.quantity))
        .where(StockMovement.document_id.in_(documents), StockMovement.kind == kind)
        .where(~_undone())
        .group_by(StockMovement.document_id, StockMovement.item_id)
    )
    return {(document, item): int(quantity) for document, item, quantity in rows}


def handed_out(
    session: Session, places: Collection[int], lots: Collection[int]
) -> dict[tuple[int, int], int]:
    """Return ``{(place id, lot id): base units}`` of ``lots`` that ``places`` handed out."""
    rows = session.execute(
        select(StockMovement.source_key, StockMovement.lot_id, func.sum(StockMovement.quantity))
        .where(
            StockMovement.kind == MovementKind.HANDED_OUT,
            StockMovement.source_kind == AccountKind.SITE,
            StockMovement.source_key.in_(places),
            StockMovement.lot_id.in_(lots),
        )
        .where(~_undone())
        .group_by(StockMovement.source_key, StockMovement.lot_id)
    )
    return {(place, lot): int(quantity) for place, lot, quantity in rows}


def _undone() -> Exists:
    """True of a movement that another one reverses."""
    reversal = aliased(StockMovement)
    return select(reversal.id).where(reversal.reverses_id == StockMovement.id).exists()
