"""How far the journal had come for a lot in an account: what a count is held against."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from aidlog.ledger.movement import Account, MovementKind
from aidlog.stock.journal import StockMovement
from aidlog.stock.posting import Key

#: Movements that set books right and carry nothing through the door.
OF_THE_BOOKS = (
    MovementKind.ADJUSTED_UP,
    MovementKind.ADJUSTED_DOWN,
    MovementKind.REVERSED,
)


def last_moves(session: Session, keys: Collection[Key]) -> dict[Key, int]:
    """Return the last movement of each lot in each account; 0 where there was none.

    Under the lock of a balance the answer is exact. Without it, a movement that is being
    written comes later: whoever holds the balance first has the smaller number.
    """
    found = dict.fromkeys(keys, 0)
    for place in {(at.kind, at.key) for _lot, at in keys}:
        at = Account(*place)
        lots = [lot for lot, account in keys if account == at]
        for start in range(0, len(lots), _AT_ONCE):
            rows = session.execute(
                select(StockMovement.lot_id, func.max(StockMovement.id))
                .where(StockMovement.lot_id.in_(lots[start : start + _AT_ONCE]), _touches(at))
                .group_by(StockMovement.lot_id)
            )
            found |= {(lot, at): int(last) for lot, last in rows}
    return found


def corrected_since(session: Session, lot_id: int, at: Account, position: int) -> bool:
    """Say whether the books of a lot in an account were set right after a position."""
    return (
        session.scalar(
            select(StockMovement.id)
            .where(
                StockMovement.lot_id == lot_id,
                StockMovement.id > position,
                StockMovement.kind.in_(OF_THE_BOOKS),
                _touches(at),
            )
            .limit(1)
        )
        is not None
    )


def moved_since(session: Session, lot_id: int, at: Account, position: int) -> int:
    """Return what has come to a lot in an account after a position, less what has gone."""
    came, went = (
        session.scalar(
            select(func.coalesce(func.sum(StockMovement.quantity), 0)).where(
                StockMovement.lot_id == lot_id, StockMovement.id > position, side
            )
        )
        for side in (_reaches(at), _leaves(at))
    )
    return int(came or 0) - int(went or 0)


#: As many lots are asked for in one statement.
_AT_ONCE = 500


def _touches(at: Account) -> ColumnElement[bool]:
    return or_(_leaves(at), _reaches(at))


def _leaves(at: Account) -> ColumnElement[bool]:
    return and_(StockMovement.source_kind == at.kind, StockMovement.source_key == at.key)


def _reaches(at: Account) -> ColumnElement[bool]:
    return and_(StockMovement.target_kind == at.kind, StockMovement.target_key == at.key)
