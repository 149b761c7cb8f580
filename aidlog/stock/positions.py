"""How far the journal had come for a lot in an account: what a count is held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from aidlog.ledger.movement import Account, MovementKind
from aidlog.stock.journal import StockMovement
from aidlog.stock.models import StockTake, StockTakeLine
from aidlog.stock.posting import Key

#: Movements that set books right and carry nothing through the door.
OF_THE_BOOKS = (
    MovementKind.ADJUSTED_UP,
    MovementKind.ADJUSTED_DOWN,
    MovementKind.REVERSED,
)


def key_of(take: StockTake, line: StockTakeLine) -> Key:
    """Return the lot and the account that a line of a stock take is about."""
    return line.lot_id, Account(line.kind, take.warehouse_id)


def last_moves(session: Session, keys: Collection[Key]) -> dict[Key, int]:
    """Return the last movement of each lot in each account; 0 where there was none.

    Under the lock of a balance the answer is exact. Without it, a movement that is being
    written comes later: whoever holds the balance first has the smaller number.
    """
    found = dict.fromkeys(keys, 0)
    for at, lots in _by_account(keys):
        rows = session.execute(
            select(StockMovement.lot_id, func.max(StockMovement.id))
            .where(StockMovement.lot_id.in_(lots), _touches(at))
            .group_by(StockMovement.lot_id)
        )
        found |= {(lot, at): int(last) for lot, last in rows}
    return found


class Since(NamedTuple):
    """What happened to a lot in an account after a position.

    ``net``: base units that came, less those that went. ``corrected``: its books were set right.
    """

    net: int = 0
    corrected: bool = False


def since_counted(
    session: Session, take: StockTake, lines: Iterable[StockTakeLine]
) -> dict[Key, Since]:
    """Return what happened to each of ``lines`` after the position of its count."""
    positions = {key_of(take, line): line.position or 0 for line in lines}
    found = dict.fromkeys(positions, Since())
    for at, lots in _by_account(positions):
        rows = session.execute(
            select(
                StockMovement.id,
                StockMovement.lot_id,
                StockMovement.kind,
                case((_reaches(at), StockMovement.quantity), else_=-StockMovement.quantity),
            ).where(
                StockMovement.lot_id.in_(lots),
                StockMovement.id > min(positions[lot, at] for lot in lots),
                _touches(at),
            )
        )
        for id_, lot, kind, change in rows:
            if id_ > positions[lot, at]:
                before = found[lot, at]
                found[lot, at] = Since(
                    before.net + change, before.corrected or kind in OF_THE_BOOKS
                )
    return found


#: As many lots are asked for in one statement.
_AT_ONCE = 500


def _by_account(keys: Iterable[Key]) -> Iterator[tuple[Account, list[int]]]:
    """Yield each account with its lots, as many as are asked for at once."""
    accounts: dict[Account, list[int]] = defaultdict(list)
    for lot, at in keys:
        accounts[at].append(lot)
    for at, lots in accounts.items():
        for start in range(0, len(lots), _AT_ONCE):
            yield at, lots[start : start + _AT_ONCE]


def _touches(at: Account) -> ColumnElement[bool]:
    return or_(_leaves(at), _reaches(at))


def _leaves(at: Account) -> ColumnElement[bool]:
    return and_(StockMovement.source_kind == at.kind, StockMovement.source_key == at.key)


def _reaches(at: Account) -> ColumnElement[bool]:
    return and_(StockMovement.target_kind == at.kind, StockMovement.target_key == at.key)
