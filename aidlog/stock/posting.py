"""The one way in: every change of stock, of whatever kind, comes through post()."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, insert, select, tuple_
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import Conflict, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.base import table
from aidlog.db.numbering import Document
from aidlog.db.upsert import insert_missing
from aidlog.ledger import rules
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.ledger.rules import EMPTY, Balance, NotEnoughStock
from aidlog.stock.dating import flag_dates
from aidlog.stock.journal import StockBalance, StockMovement
from aidlog.stock.measures import measure_of
from aidlog.stock.models import Lot, StockTotal
from aidlog.stock.recalled import recalled

Key = tuple[int, Account]


class KnownLot(NamedTuple):
    """What posting knows of a lot."""

    id: int
    item_id: int
    organisation_id: int
    number: str
    expires_on: date | None


# Every posting asks and tells these, so they are built once.
_LOT, _MOVE, _HELD, _TOTAL = (
    t.c for t in map(table, (Lot, StockMovement, StockBalance, StockTotal))
)
_LOTS = select(
    _LOT.id,
    _LOT.item_id,
    _LOT.organisation_id,
    _LOT.number,
    _LOT.expires_on,
    select(func.coalesce(func.max(_MOVE.line), 0))
    .where(_MOVE.command_id == bindparam("command"))
    .scalar_subquery(),
).where(_LOT.id.in_(bindparam("lots", expanding=True)))
_BALANCES = select(_HELD.lot_id, _HELD.kind, _HELD.key, _HELD.on_hand, _HELD.reserved).where(
    _HELD.lot_id.in_(bindparam("lots", expanding=True))
)
_LOCK_BALANCES = (
    _BALANCES.where(
        tuple_(_HELD.lot_id, _HELD.kind, _HELD.key).in_(bindparam("keys", expanding=True))
    )
    .order_by(_HELD.lot_id, _HELD.kind, _HELD.key)
    .with_for_update()
)
#: SQLite finds no index for a list of keys of three parts, and spelling out a long one takes
#: longer than all else: there the parts are asked for, a few rows too many, and none is locked.
_READ_BALANCES = _BALANCES.where(
    _HELD.kind.in_(bindparam("kinds", expanding=True)),
    _HELD.key.in_(bindparam("places", expanding=True)),
)
_TOTAL_KEY = (_TOTAL.kind, _TOTAL.key, _TOTAL.organisation_id, _TOTAL.item_id)
_LOCK_TOTALS = (
    select(_TOTAL.item_id)
    .where(tuple_(*_TOTAL_KEY).in_(bindparam("keys", expanding=True)))
    .order_by(*_TOTAL_KEY)
    .with_for_update()
)
_WRITE = insert(table(StockMovement))
#: From what is held back to what can be used, by letting go or by undoing a hold.
_LETTING_GO = frozenset(
    {
        (AccountKind.QUARANTINE, AccountKind.WAREHOUSE),
        (AccountKind.SITE_HELD, AccountKind.SITE),
    }
)


class LotExpired(Refusal):
    """The lot's expiry date has passed: it may only be held, returned or written off."""


class LotRecalled(Refusal):
    """A recall of the lot is open: it goes on no truck and to nobody, and stays held."""


class AlreadyReversed(Conflict):
    """The document was reversed before, or is itself a reversal."""


def post(
    session: Session,
    actor: Actor,
    movements: Sequence[Movement],
    *,
    command_id: str,
    document: Document,
    occurred_at: datetime,
) -> None:
    """Write ``movements`` to the journal under ``document``, all or none, in this order.

    Raises:
        NotEnoughStock: a source would give more than is free there; it names the lot.
        LotExpired: an expired lot would go on a truck or to people.
        LotRecalled: a recalled lot would, or would be let go for use again.
    """
    assert movements, "a posting moves something"
    session.flush()  # the statements below ask for rows, and those do not flush by themselves
    lots, last_line = _lots(session, {move.lot_id for move in movements}, command_id)
    balances = lock(session, lots.values(), _keys(movements))
    _refuse_expired(movements, lots)
    _refuse_recalled(session, movements, lots)
    try:
        rules.apply(balances, movements)
    except NotEnoughStock as refusal:
        lot = lots[refusal.lot_id]
        raise refusal.of(lot.number, measure_of(session, lot.id)) from None
    now = datetime.now(UTC)
    session.execute(
        _WRITE,
        [
            {
                "command_id": command_id,
                "line": line,
                "document_id": document.id,
                "kind": move.kind,
                "lot_id": move.lot_id,
                "item_id": lots[move.lot_id].item_id,
                "quantity": move.quantity,
                "source_kind": move.source.kind,
                "source_key": move.source.key,
                "target_kind": move.target.kind,
                "target_key": move.target.key,
                "occurred_at": occurred_at,
                "recorded_at": now,
                "recorded_by": actor.user_id,
                "reverses_id": move.reverses,
            }
            for line, move in enumerate(movements, start=last_line + 1)
        ],
    )
    flag_dates(session, actor, document, movements, occurred_at=occurred_at)


def reversal_of(session: Session, document: Document) -> list[Movement]:
    """Return the movements that undo ``document``, last one first, ready for post().

    Raises:
        AlreadyReversed: a line was undone before or undoes another itself, or there is none.
    """
    lines = session.scalars(
        select(StockMovement)
        .where(StockMovement.document_id == document.id)
        .order_by(StockMovement.id.desc())
    ).all()
    undone = session.scalars(
        select(StockMovement.reverses_id).where(
            StockMovement.reverses_id.in_([line.id for line in lines])
        )
    ).all()
    if not lines:
        raise AlreadyReversed(
            Message(
                N_("{document} moved no goods. There is nothing to reverse."),
                {"document": document.code},
            )
        )
    if undone or any(line.reverses_id is not None for line in lines):
        raise AlreadyReversed(
            Message(
                N_("{document} was reversed already. Nothing was changed."),
                {"document": document.code},
            )
        )
    return [
        Movement(
            kind=MovementKind.REVERSED,
            lot_id=line.lot_id,
            quantity=line.quantity,
            source=Account(line.target_kind, line.target_key),
            target=Account(line.source_kind, line.source_key),
            reverses=line.id,
        )
        for line in lines
    ]


def lock(
    session: Session, lots: Iterable[Lot | KnownLot], keys: Iterable[Key]
) -> dict[Key, Balance]:
    """Lock the balances named by ``keys`` and their totals; return what they hold.

    PostgreSQL: missing rows are made first, at zero, so that there is something to lock. One
    fixed order over all posters is what keeps two of them that share lots from waiting on
    each other in a circle. SQLite: the writer holds the whole database since its transaction
    began; there this only reads.
    """
    by_id = {lot.id: lot for lot in lots}
    wanted = sorted(set(keys))
    by_row = session.get_bind().dialect.name == "postgresql"
    lot_ids = sorted({lot for lot, _ in wanted})
    if by_row:
        insert_missing(session, StockBalance, [_balance_row(by_id[lot], at) for lot, at in wanted])
        parts = [(lot, at.kind, at.key) for lot, at in wanted]
        held = session.execute(_LOCK_BALANCES, {"lots": lot_ids, "keys": parts}).all()
        _lock_totals(session, by_id, wanted)
    else:
        kinds = sorted({at.kind for _, at in wanted})
        places = sorted({at.key for _, at in wanted})
        asked = {"lots": lot_ids, "kinds": kinds, "places": places}
        held = session.execute(_READ_BALANCES, asked).all()
    balances = dict.fromkeys(wanted, EMPTY)
    for lot, kind, key, on_hand, reserved in held:
        at = (lot, Account(kind, key))
        if at in balances:
            balances[at] = Balance(on_hand, reserved)
    return balances


def _lock_totals(session: Session, by_id: dict[int, Lot | KnownLot], wanted: Iterable[Key]) -> None:
    totals = sorted({(at, by_id[lot].organisation_id, by_id[lot].item_id) for lot, at in wanted})
    insert_missing(session, StockTotal, [_total_row(*total) for total in totals])
    keys = [(at.kind, at.key, owner, item) for at, owner, item in totals]
    session.execute(_LOCK_TOTALS, {"keys": keys}).all()


def _keys(movements: Iterable[Movement]) -> set[Key]:
    return {(move.lot_id, side) for move in movements for side in (move.source, move.target)}


def _lots(session: Session, ids: set[int], command_id: str) -> tuple[dict[int, KnownLot], int]:
    """Return the lots by id, and the last line that this command posted (it may post twice)."""
    rows = session.execute(_LOTS, {"lots": list(ids), "command": command_id}).all()
    lots = {row[0]: KnownLot(*row[:-1]) for row in rows}
    assert lots.keys() == ids, "a movement of a lot that is not there"
    return lots, rows[0][-1]


def _refuse_expired(movements: Iterable[Movement], lots: dict[int, KnownLot]) -> None:
    today = datetime.now(UTC).date()
    for move in movements:
        lot = lots[move.lot_id]
        leaves = move.target.kind in {AccountKind.TRANSIT, AccountKind.PEOPLE}
        if leaves and move.reverses is None and _expired(lot, today):
            raise LotExpired(
                Message(
                    N_("Lot {lot} expired on {date}. Take another lot, or hold this one back."),
                    {"lot": lot.number, "date": lot.expires_on},
                ),
                field="lot",
            )


def _refuse_recalled(
    session: Session, movements: Iterable[Movement], lots: dict[int, KnownLot]
) -> None:
    let_go = {
        move.lot_id for move in movements if (move.source.kind, move.target.kind) in _LETTING_GO
    }
    for lot_id, code in recalled(session, let_go).items():
        raise LotRecalled(
            Message(
                N_("Lot {lot} is recalled by {recall}. It stays held until the recall is lifted."),
                {"lot": lots[lot_id].number, "recall": code},
            ),
            field="lot",
        )
    leaving = {
        move.lot_id
        for move in movements
        if move.reverses is None and move.target.kind in {AccountKind.TRANSIT, AccountKind.PEOPLE}
    }
    for lot_id, code in recalled(session, leaving).items():
        raise LotRecalled(
            Message(
                N_("Lot {lot} is recalled by {recall}. Take another lot: this one stays."),
                {"lot": lots[lot_id].number, "recall": code},
            ),
            field="lot",
        )


def _expired(lot: KnownLot, today: date) -> bool:
    return lot.expires_on is not None and lot.expires_on < today


def _balance_row(lot: Lot | KnownLot, at: Account) -> dict[str, Any]:
    return {
        "lot_id": lot.id,
        "kind": at.kind,
        "key": at.key,
        "item_id": lot.item_id,
        "organisation_id": lot.organisation_id,
        "on_hand": 0,
        "reserved": 0,
    }


def _total_row(at: Account, organisation_id: int, item_id: int) -> dict[str, Any]:
    return {
        "kind": at.kind,
        "key": at.key,
        "organisation_id": organisation_id,
        "item_id": item_id,
        "on_hand": 0,
        "reserved": 0,
    }
