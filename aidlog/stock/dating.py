"""Dates that cannot be: by the days people gave, an account would have held less than nothing.

The journal's own order is never negative; what people say of the day may be. Nothing is
refused for it, since the truck did leave. The entry is flagged, and a second person finds out
which date is wrong. Days are compared, not hours: a day's hand-out knows no hour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.base import table
from aidlog.db.commands import Command
from aidlog.db.numbering import Document
from aidlog.ledger.movement import Account, AccountKind, Movement
from aidlog.stock.flags import within_reach
from aidlog.stock.journal import StockMovement
from aidlog.stock.models import DateFlag, Lot
from aidlog.stock.queries import AT_A_PLACE

#: Where goods stand: what comes before and after it has its day.
STANDING = frozenset({*AT_A_PLACE, AccountKind.TRANSIT})

_MOVE = table(StockMovement).c
_ANY_LATER = (
    select(_MOVE.id)
    .where(
        _MOVE.lot_id.in_(bindparam("lots", expanding=True)),
        _MOVE.occurred_at >= bindparam("after"),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearDateFlag(Command):
    """A second person has looked: ``remark`` says which date is wrong, and why it stays."""

    flag: int
    remark: str


class FlaggedYourself(Refusal):
    """Who made the entry does not clear it."""


class ClearedBefore(Conflict):
    """Somebody has looked at it already."""


def flag_dates(
    session: Session,
    actor: Actor,
    document: Document,
    moves: Sequence[Movement],
    *,
    occurred_at: datetime,
) -> None:
    """Flag what ``moves``, just written, made negative in the order of days.

    One statement where nothing of the lots is dated later, which is nearly always.
    """
    leaving = {(move.lot_id, move.source) for move in moves if move.source.kind in STANDING}
    if not leaving:
        return
    after = datetime.combine(occurred_at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    asked = {"lots": sorted({lot for lot, _at in leaving}), "after": after}
    if session.execute(_ANY_LATER, asked).first() is None:
        return
    for lot_id, at in sorted(leaving):
        shortest = _shortest(_by_day(session, lot_id, at))
        before = _shortest(_by_day(session, lot_id, at, but=document.id))
        if shortest is not None and (before is None or shortest[1] > before[1]):
            _flag(session, actor, document, session.get_one(Lot, lot_id), at, shortest)


def clear_date_flag(session: Session, actor: Actor, command: ClearDateFlag) -> dict[str, Any]:
    """Keep what a second person found out about a date; return ``{"flag"}``.

    Raises:
        NotFound: there is none, or it is at no place where the actor approves.
        FlaggedYourself: the actor made the entry.
        ClearedBefore: somebody has looked at it already.
    """
    flag = session.scalars(
        select(DateFlag)
        .where(DateFlag.id == command.flag, within_reach(actor, Permission.STOCK_APPROVE))
        .with_for_update()
    ).one_or_none()
    if flag is None:
        raise NotFound(f"date flag {command.flag}")
    if flag.flagged_by == actor.user_id:
        raise FlaggedYourself(Message(N_("You made this entry. Another person looks at it.")))
    if flag.seen_at is not None:
        raise ClearedBefore(Message(N_("Somebody has looked at this already.")))
    if not command.remark.strip():
        raise Refusal(
            Message(N_("Write which date is wrong, as far as it is known.")), field="remark"
        )
    flag.seen_at, flag.seen_by = datetime.now(UTC), actor.user_id
    flag.remark = command.remark.strip()[:400]
    return {"flag": flag.id}


def _by_day(
    session: Session, lot_id: int, at: Account, *, but: int | None = None
) -> Iterable[tuple[date, int]]:
    """Return what each day added to a lot in an account, less what it took; oldest first."""
    rows = session.execute(
        select(
            StockMovement.occurred_at,
            StockMovement.quantity,
            and_(StockMovement.target_kind == at.kind, StockMovement.target_key == at.key),
        ).where(
            StockMovement.lot_id == lot_id,
            or_(
                and_(StockMovement.source_kind == at.kind, StockMovement.source_key == at.key),
                and_(StockMovement.target_kind == at.kind, StockMovement.target_key == at.key),
            ),
            StockMovement.document_id != (but or 0),
        )
    )
    days: dict[date, int] = defaultdict(int)
    for moment, quantity, came in rows:
        days[moment.astimezone(UTC).date()] += quantity if came else -quantity
    return sorted(days.items())


def _shortest(days: Iterable[tuple[date, int]]) -> tuple[date, int] | None:
    """Return the first day on which there was less than nothing, and by how much at worst."""
    balance, first, worst = 0, None, 0
    for day, change in days:
        balance += change
        if balance < 0:
            first = first or day
            worst = max(worst, -balance)
    return None if first is None else (first, worst)


def _flag(
    session: Session,
    actor: Actor,
    document: Document,
    lot: Lot,
    at: Account,
    shortest: tuple[date, int],
) -> None:
    day, short = shortest
    session.add(
        DateFlag(
            document_id=document.id,
            organisation_id=lot.organisation_id,
            lot_id=lot.id,
            kind=at.kind,
            key=at.key,
            on_day=day,
            short=short,
            flagged_at=datetime.now(UTC),
            flagged_by=actor.user_id,
        )
    )
    session.flush()
