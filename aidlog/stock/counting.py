"""People count what stands there, each their lines, while goods come and go.

A count holds at one position of the journal. Where the books of a lot changed between the
beginning of its count and the moment it is written down, nobody can say on which side of the
change it was counted: it is kept, and the lot is counted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.stock.count_sheets import locked_take, must_be_counting
from aidlog.stock.models import (
    Lot,
    Recount,
    StockTake,
    StockTakeCount,
    StockTakeDraft,
    StockTakeLine,
)
from aidlog.stock.positions import key_of, last_moves
from aidlog.stock.posting import Key, lock


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOfLine:
    """``quantity`` base units were counted of line ``line`` (its id)."""

    line: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCounts(Command):
    """What somebody counted of some lines; ``channel`` is page or paper."""

    take: str
    counts: Sequence[CountOfLine]
    channel: str = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    """What stands in the two fields of a line, letter by letter."""

    line: int
    packs: str
    loose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDraft(Command):
    """Keep what was typed, right or wrong, to go on later."""

    take: str
    lines: Sequence[TypedLine]


class NothingCounted(Refusal):
    """No line has a count."""


def record_counts(session: Session, actor: Actor, command: RecordCounts) -> dict[str, Any]:
    """Write counts down at this position of the journal.

    Returns ``{"take", "counted", "moved", "differ"}``: how many lines stand, and the ids of
    those to be counted again because goods moved meanwhile or two people counted differently.

    Raises:
        NothingCounted: there is no count in it, or one that cannot be.
        WrongTakeState: the stock take is not being counted.
        NotFound: a line is not of this stock take.
    """
    take, document = locked_take(session, actor, command.take, Permission.STOCK_ADJUST)
    must_be_counting(take, document)
    counts = {count.line: count.quantity for count in command.counts}
    if not counts or not all(0 <= quantity <= LARGEST for quantity in counts.values()):
        raise NothingCounted(Message(N_("Nothing was counted. Write at least one count, also 0.")))
    lines = _lines(session, take, counts)
    positions, book = _as_the_books_stand(session, take, lines)
    others = _what_others_said(session, actor, lines)
    moved: list[int] = []
    differ: list[int] = []
    for line in lines:
        key = key_of(take, line)
        quantity = counts[line.id]
        has_moved = positions[key] > line.since
        contradicted = not has_moved and others[line.id] - {quantity}
        session.add(
            StockTakeCount(
                line_id=line.id,
                round=line.round,
                quantity=quantity,
                moved=has_moved,
                channel=command.channel,
                counted_by=actor.user_id,
                recorded_at=datetime.now(UTC),
            )
        )
        if has_moved or contradicted:
            (moved if has_moved else differ).append(line.id)
            count_again(line, Recount.MOVED if has_moved else Recount.DIFFERS, positions[key])
        else:
            line.counted, line.book, line.position = quantity, book[key], positions[key]
            line.recount = None
    session.execute(
        delete(StockTakeDraft).where(
            StockTakeDraft.line_id.in_(counts), StockTakeDraft.person_id == actor.user_id
        )
    )
    session.flush()
    return {
        "take": document.code,
        "counted": len(lines) - len(moved) - len(differ),
        "moved": moved,
        "differ": differ,
    }


def keep_draft(session: Session, actor: Actor, command: KeepDraft) -> dict[str, Any]:
    """Keep what a person typed, line by line, as it stands; return ``{"take", "kept"}``.

    Raises:
        WrongTakeState: the stock take is not being counted.
        NotFound: a line is not of this stock take.
    """
    take, document = locked_take(session, actor, command.take, Permission.STOCK_ADJUST)
    must_be_counting(take, document)
    typed = {line.line: line for line in command.lines}
    _lines(session, take, typed)
    session.execute(
        delete(StockTakeDraft).where(
            StockTakeDraft.line_id.in_(typed), StockTakeDraft.person_id == actor.user_id
        )
    )
    kept = [
        StockTakeDraft(
            line_id=line.line,
            person_id=actor.user_id,
            packs=line.packs[:40],
            loose=line.loose[:40],
            saved_at=datetime.now(UTC),
        )
        for line in typed.values()
        if line.packs.strip() or line.loose.strip()
    ]
    session.add_all(kept)
    session.flush()
    return {"take": document.code, "kept": len(kept)}


def count_again(line: StockTakeLine, why: Recount, position: int) -> None:
    """Open a line for a new count, which begins at ``position`` of the journal."""
    line.recount, line.since, line.round = why, position, line.round + 1
    line.counted = line.book = line.position = None
    line.reason, line.remark = None, ""


def _lines(session: Session, take: StockTake, ids: Sequence[int] | dict[int, Any]) -> list[Any]:
    lines = session.scalars(
        select(StockTakeLine)
        .where(StockTakeLine.take_id == take.id, StockTakeLine.id.in_(list(ids)))
        .order_by(StockTakeLine.id)
    ).all()
    if len(lines) != len(set(ids)):
        raise NotFound("a line of the stock take")
    return list(lines)


def _as_the_books_stand(
    session: Session, take: StockTake, lines: Sequence[StockTakeLine]
) -> tuple[dict[Key, int], dict[Key, int]]:
    """Return the journal's position and the books' figure of each line, held still."""
    keys = [key_of(take, line) for line in lines]
    lots = session.scalars(select(Lot).where(Lot.id.in_({lot for lot, _at in keys}))).all()
    balances = lock(session, lots, keys)
    return last_moves(session, keys), {key: balances[key].on_hand for key in keys}


def _what_others_said(
    session: Session, actor: Actor, lines: Sequence[StockTakeLine]
) -> dict[int, set[int]]:
    """Return, for each line, what others counted in this round: the last count of each."""
    latest: dict[int, dict[int, int]] = {line.id: {} for line in lines}
    for line, person, quantity in session.execute(
        select(StockTakeCount.line_id, StockTakeCount.counted_by, StockTakeCount.quantity)
        .join(StockTakeLine, StockTakeLine.id == StockTakeCount.line_id)
        .where(
            StockTakeCount.line_id.in_(latest),
            StockTakeCount.round == StockTakeLine.round,
            StockTakeCount.counted_by != actor.user_id,
        )
        .order_by(StockTakeCount.id)
    ):
        latest[line][person] = quantity
    return {line: set(counts.values()) for line, counts in latest.items()}
