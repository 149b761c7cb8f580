"""What a stock take found is explained, counted again where asked, and approved by another.

The correction is the difference at the position of the count, so that whatever moved after it
is added by itself. Who counted does not approve.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.stock.adjusting import REASONS
from aidlog.stock.count_sheets import (
    COUNTS_OR_APPROVES,
    locked_take,
    must_be_counted,
    must_be_counting,
)
from aidlog.stock.counting import count_again
from aidlog.stock.measures import measure_of
from aidlog.stock.models import (
    Correcting,
    Lot,
    Reason,
    Recount,
    StockTake,
    StockTakeCount,
    StockTakeLine,
    TakeState,
)
from aidlog.stock.positions import key_of, last_moves, since_counted
from aidlog.stock.posting import lock, post
from aidlog.stock.reserving import promised_under


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishCount(Command):
    """All lines are counted; from now on the differences show and no count is taken."""

    take: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why the count of line ``line`` (its id) is not what the books said."""

    line: int
    reason: Reason
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainDifferences(Command):
    take: str
    explanations: Sequence[Explanation]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRecount(Command):
    """Count some lines once more."""

    take: str
    lines: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveCount(Command):
    """Book the differences, as someone who counted none of it."""

    take: str
    remark: str = ""


class NotAllCounted(Refusal):
    """Lines are still without a count that stands."""


class NotExplained(Refusal):
    """A difference has no reason, or one that does not explain it."""


class CountedYourself(Refusal):
    """Who counted does not approve."""


class CountedBeforeACorrection(Conflict):
    """The books of a line were set right after it was counted."""


def finish_count(session: Session, actor: Actor, command: FinishCount) -> dict[str, Any]:
    """Close the sheet to counts; return ``{"take", "differences"}``.

    Raises:
        NotAllCounted: it says how many lines have no count.
        WrongTakeState: the stock take is not being counted.
    """
    take, document = locked_take(session, actor, command.take, Permission.STOCK_ADJUST)
    must_be_counting(take, document)
    lines = _lines(session, take)
    _must_all_be_counted(lines)
    take.state = TakeState.COUNTED
    take.counted_at, take.counted_by = datetime.now(UTC), actor.user_id
    return {
        "take": document.code,
        "differences": sum(line.counted != line.book for line in lines),
    }


def explain_differences(
    session: Session, actor: Actor, command: ExplainDifferences
) -> dict[str, Any]:
    """Write the reasons beside the differences; return ``{"take", "open"}``: those without.

    Raises:
        NotExplained: a reason does not explain its difference; ``field`` names the line.
        NotFound: a line is not of this stock take, or does not differ.
    """
    take, document = locked_take(session, actor, command.take, Permission.STOCK_ADJUST)
    must_be_counted(take, document)
    lines = {line.id: line for line in _lines(session, take) if line.counted != line.book}
    for given in command.explanations:
        line = lines.get(given.line)
        if line is None:
            raise NotFound(f"line {given.line}")
        _must_explain(line, given.reason, given.remark)
        line.reason, line.remark = given.reason, given.remark.strip()[:200]
    session.flush()
    return {
        "take": document.code,
        "open": sum(line.reason is None for line in lines.values()),
    }


def ask_recount(session: Session, actor: Actor, command: AskRecount) -> dict[str, Any]:
    """Open lines of a counted stock take for another count; return ``{"take", "lines"}``.

    Raises:
        NotExplained: no line was chosen.
        NotFound: a line is not of this stock take.
    """
    take, document = locked_take(session, actor, command.take, *COUNTS_OR_APPROVES)
    must_be_counted(take, document)
    lines = {line.id: line for line in _lines(session, take)}
    if not command.lines:
        raise NotExplained(Message(N_("Choose the lines to be counted again.")))
    if not lines.keys() >= set(command.lines):
        raise NotFound("a line of the stock take")
    keys = {id_: key_of(take, lines[id_]) for id_ in command.lines}
    positions = last_moves(session, list(keys.values()))
    for id_, key in keys.items():
        count_again(lines[id_], Recount.ASKED, positions[key])
    take.state = TakeState.RECOUNT
    session.flush()
    return {"take": document.code, "lines": len(keys)}


def approve_count(session: Session, actor: Actor, command: ApproveCount) -> dict[str, Any]:
    """Book what was found, each lot at the position of its count; return ``{"take", "lines"}``.

    Raises:
        CountedYourself: the actor counted one of the lines, or closed the count.
        NotExplained: a difference has no reason yet.
        CountedBeforeACorrection: the books of a lot were corrected since it was counted.
        NotEnoughStock: what is missing was promised meanwhile; it names the promise.
        WrongTakeState: it is not counted, or was approved or cancelled before.
    """
    take, document = locked_take(session, actor, command.take, Permission.STOCK_APPROVE)
    must_be_counted(take, document)
    _must_be_another(session, actor, take)
    lines = [line for line in _lines(session, take) if line.counted != line.book]
    if any(line.reason is None for line in lines):
        raise NotExplained(
            Message(
                N_("{open} differences have no reason yet. Ask those who counted."),
                {"open": sum(line.reason is None for line in lines)},
            )
        )
    lots = {
        lot.id: lot
        for lot in session.scalars(select(Lot).where(Lot.id.in_({line.lot_id for line in lines})))
    }
    if lines:
        _hold_still(session, take, lines, lots)
        try:
            post(
                session,
                actor,
                list(_corrections(take, lines)),
                command_id=command.command_id,
                document=document,
                occurred_at=datetime.now(UTC),
            )
        except NotEnoughStock as refusal:
            raise _promised_meanwhile(session, refusal, lots[refusal.lot_id]) from None
    take.state = TakeState.APPROVED
    take.decided_at, take.decided_by = datetime.now(UTC), actor.user_id
    take.remark = command.remark.strip()[:400]
    return {"take": document.code, "lines": len(lines)}


def counters_of(session: Session, take_id: int) -> set[int]:
    """Return who counted a line of the stock take, whether the count stood or not."""
    return set(
        session.scalars(
            select(StockTakeCount.counted_by)
            .join(StockTakeLine, StockTakeLine.id == StockTakeCount.line_id)
            .where(StockTakeLine.take_id == take_id)
            .distinct()
        )
    )


def reasons_for(difference: int) -> tuple[Reason, ...]:
    """Return the reasons that can explain a difference of so many base units."""
    return REASONS[Correcting.ADD if difference > 0 else Correcting.TAKE_OFF]


def _must_all_be_counted(lines: Sequence[StockTakeLine]) -> None:
    open_lines = sum(line.counted is None for line in lines)
    if open_lines:
        raise NotAllCounted(
            Message(
                N_("{open} of {lines} lines are not counted yet. Count them, also those with 0."),
                {"open": open_lines, "lines": len(lines)},
            )
        )


def _must_explain(line: StockTakeLine, reason: Reason, remark: str) -> None:
    assert line.counted is not None
    assert line.book is not None
    if reason not in reasons_for(line.counted - line.book):
        raise NotExplained(
            Message(N_("This reason does not explain the difference. Choose another one.")),
            field=f"reason_{line.id}",
        )
    if reason is Reason.UNKNOWN and not remark.strip():
        raise NotExplained(
            Message(N_("Write in the remark what is known, since the reason is not.")),
            field=f"remark_{line.id}",
        )


def _must_be_another(session: Session, actor: Actor, take: StockTake) -> None:
    if actor.user_id in counters_of(session, take.id) | {take.counted_by}:
        raise CountedYourself(
            Message(N_("You counted here. Another person looks at the differences and approves."))
        )


def _hold_still(
    session: Session, take: StockTake, lines: Sequence[StockTakeLine], lots: dict[int, Lot]
) -> None:
    """Lock what is about to be corrected, and refuse what was corrected already."""
    lock(session, lots.values(), [key_of(take, line) for line in lines])
    after = since_counted(session, take, lines)
    for line in lines:
        if after[key_of(take, line)].corrected:
            raise CountedBeforeACorrection(
                Message(
                    N_(
                        "The books of lot {lot} were corrected after it was counted. Have it"
                        " counted again. Nothing was changed."
                    ),
                    {"lot": lots[line.lot_id].number},
                )
            )


def _corrections(take: StockTake, lines: Sequence[StockTakeLine]) -> Iterator[Movement]:
    for line in lines:
        assert line.counted is not None
        assert line.book is not None
        difference = line.counted - line.book
        _lot, here = key_of(take, line)
        more = difference > 0
        yield Movement(
            kind=MovementKind.ADJUSTED_UP if more else MovementKind.ADJUSTED_DOWN,
            lot_id=line.lot_id,
            quantity=abs(difference),
            source=Account(AccountKind.FOUND) if more else here,
            target=here if more else Account(AccountKind.LOSS),
        )


def _promised_meanwhile(session: Session, refusal: NotEnoughStock, lot: Lot) -> Conflict:
    """Return the refusal with where the missing goods are promised, if they are."""
    measure = measure_of(session, lot.id)
    promises = promised_under(session, lot.id, refusal.account)
    if not promises:
        return refusal.of(lot.number, measure)
    return NotFreeAnyMore(
        Message(
            N_(
                "Lot {lot}: {asked} are missing, and only {free} are not promised. Change or"
                " cancel {document} first, then approve."
            ),
            {
                "lot": lot.number,
                "asked": measure.of(refusal.asked),
                "free": measure.of(refusal.free),
                "document": promises[0],
            },
        )
    )


class NotFreeAnyMore(Conflict):
    """What the count misses was promised to somebody."""


def _lines(session: Session, take: StockTake) -> list[StockTakeLine]:
    return list(
        session.scalars(
            select(StockTakeLine).where(StockTakeLine.take_id == take.id).order_by(StockTakeLine.id)
        )
    )
