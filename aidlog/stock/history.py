"""What happened to the stock: reads of the journal, rows out.

The order is that of the journal (the server's), whatever day people say a thing happened. The
statements are built once a shape and kept: building one costs more than running it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from aidlog.db.numbering import Document
from aidlog.ledger.movement import Account, AccountKind, MovementKind
from aidlog.registry.models import Item, Person
from aidlog.stock.count_results import Result, results
from aidlog.stock.journal import StockMovement
from aidlog.stock.models import Lot, Reason, StockCorrection
from aidlog.stock.queries import IN_STORE, Shelf


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One line of the journal as people read it; ``quantity`` in base units of the item.

    ``reason`` and ``remark`` are those of a correction, ``undoes`` the document that a
    reversal undid. ``by`` is who recorded it. Of a stock take, ``counted`` is what was counted
    of the lot where the books said ``book``.
    """

    id: int
    kind: MovementKind
    occurred_at: datetime
    recorded_at: datetime
    document: str
    item: Item
    lot_id: int
    lot: str
    gift_code: str
    donor_name: str
    quantity: int
    source: Account
    target: Account
    by: str
    reason: Reason | None
    remark: str
    undoes: str | None
    counted: int | None = None
    book: int | None = None

    def change_at(self, accounts: Collection[Account]) -> int:
        """Return by how much this line changed what ``accounts`` hold together."""
        came = self.quantity if self.target in accounts else 0
        went = self.quantity if self.source in accounts else 0
        return came - went


def card_lines(
    session: Session, shelf: Shelf, *, before: int | None, limit: int
) -> list[MovementLine]:
    """Return the newest movements onto or off a shelf, newest first.

    With ``before``, those with a smaller id: the next page. Each of the four branches walks
    one index backwards and stops at ``limit``, so that the cost does not grow with history.
    """
    asked = _asked(shelf) | {"most": limit}
    if before is not None:
        asked["before"] = before
    return _lines(session, _card_lines(before is not None), asked)


@cache
def _card_lines(older: bool) -> Select[Any]:
    move, lot = StockMovement.__table__.c, Lot.__table__.c
    branches = []
    for kind_column, key_column in (
        (move.source_kind, move.source_key),
        (move.target_kind, move.target_key),
    ):
        for kind in IN_STORE:
            branch = (
                select(move.id)
                .join_from(StockMovement.__table__, Lot.__table__, lot.id == move.lot_id)
                .where(
                    kind_column == kind,
                    key_column == bindparam("place"),
                    move.item_id == bindparam("item"),
                    lot.organisation_id.in_(bindparam("organisations", expanding=True)),
                )
                .order_by(move.id.desc())
                .limit(bindparam("most"))
            )
            if older:
                branch = branch.where(move.id < bindparam("before"))
            branches.append(select(branch.subquery().c.id))
    newest = union_all(*branches).subquery()
    return (
        _all_lines()
        .where(move.id.in_(select(newest.c.id)))
        .order_by(move.id.desc())
        .limit(bindparam("most"))
    )


def journal_lines(
    session: Session,
    organisations: Collection[int],
    *,
    places: Collection[int] | None = None,
    kinds: Collection[MovementKind] = (),
    before: int | None = None,
    limit: int,
) -> list[MovementLine]:
    """Return the newest movements of ``organisations``' goods, newest first.

    ``places``: only in or out of these warehouses; None is everywhere.
    """
    asked: dict[str, Any] = {"organisations": list(organisations), "most": limit}
    if places is not None:
        asked["places"] = list(places)
    if kinds:
        asked["kinds"] = list(kinds)
    if before is not None:
        asked["before"] = before
    return _lines(session, _journal_lines(frozenset(asked)), asked)


@cache
def _journal_lines(asked: frozenset[str]) -> Select[Any]:
    move, lot = StockMovement.__table__.c, Lot.__table__.c
    wanted = _all_lines().where(lot.organisation_id.in_(bindparam("organisations", expanding=True)))
    if "places" in asked:
        places: ColumnElement[Any] = bindparam("places", expanding=True)
        wanted = wanted.where(
            or_(
                and_(move.source_kind.in_(IN_STORE), move.source_key.in_(places)),
                and_(move.target_kind.in_(IN_STORE), move.target_key.in_(places)),
            )
        )
    if "kinds" in asked:
        wanted = wanted.where(move.kind.in_(bindparam("kinds", expanding=True)))
    if "before" in asked:
        wanted = wanted.where(move.id < bindparam("before"))
    return wanted.order_by(move.id.desc()).limit(bindparam("most"))


def document_lines(
    session: Session, document_id: int, organisations: Collection[int]
) -> list[MovementLine]:
    """Return what a document moved, in the order in which it did."""
    asked = {"document": document_id, "organisations": list(organisations)}
    return _lines(session, _document_lines(), asked)


@cache
def _document_lines() -> Select[Any]:
    move, lot = StockMovement.__table__.c, Lot.__table__.c
    return (
        _all_lines()
        .where(
            move.document_id == bindparam("document"),
            lot.organisation_id.in_(bindparam("organisations", expanding=True)),
        )
        .order_by(move.id)
    )


def changed_from(
    session: Session,
    shelf: Shelf,
    *,
    first_id: int,
) -> int:
    """Return what the movements from ``first_id`` on added to a shelf, less what they took."""
    return _net(session, shelf, StockMovement.__table__.c.id >= first_id)


def changed_after(
    session: Session,
    shelf: Shelf,
    *,
    moment: datetime,
) -> int:
    """Return what the movements that occurred after a moment added to a shelf, net."""
    return _net(session, shelf, StockMovement.__table__.c.occurred_at > moment)


def changes_by_day(
    session: Session,
    shelf: Shelf,
    *,
    since: datetime,
) -> dict[date, int]:
    """Return the net change of each day (UTC) on which something went in or out. One statement."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    days: dict[date, int] = {}
    for day, net in session.execute(_by_day(postgresql), _asked(shelf) | {"since": since}):
        when = day if isinstance(day, date) else date.fromisoformat(day)
        days[when] = days.get(when, 0) + int(net)
    return days


@cache
def _by_day(postgresql: bool) -> CompoundSelect[Any]:
    move, lot = StockMovement.__table__.c, Lot.__table__.c
    at = move.occurred_at
    day = cast(func.timezone("UTC", at), Date) if postgresql else func.date(at)
    return union_all(
        *(
            select(day.label("day"), func.sum(move.quantity * sign).label("net"))
            .join_from(StockMovement.__table__, Lot.__table__, lot.id == move.lot_id)
            .where(*_on_shelf(side), at >= bindparam("since"))
            .group_by("day")
            for side, sign in (("source", -1), ("target", 1))
        )
    )


@dataclass(frozen=True, slots=True)
class GiftStep:
    """A movement of a lot that came as a gift, in the order of the journal."""

    id: int
    reverses_id: int | None
    lot_id: int
    kind: MovementKind
    quantity: int
    source: Account
    target: Account
    occurred_at: datetime
    reason: Reason | None


def gift_steps(session: Session, gift_code: str) -> list[GiftStep]:
    """Return every movement of the lots that came under ``gift_code``, oldest first."""
    rows = session.execute(
        select(
            StockMovement.id,
            StockMovement.reverses_id,
            StockMovement.lot_id,
            StockMovement.kind,
            StockMovement.quantity,
            StockMovement.source_kind,
            StockMovement.source_key,
            StockMovement.target_kind,
            StockMovement.target_key,
            StockMovement.occurred_at,
            StockCorrection.reason,
        )
        .join(Lot, Lot.id == StockMovement.lot_id)
        .outerjoin(StockCorrection, StockCorrection.document_id == StockMovement.document_id)
        .where(Lot.gift_code == gift_code)
        .order_by(StockMovement.id)
    )
    return [
        GiftStep(
            id=row.id,
            reverses_id=row.reverses_id,
            lot_id=row.lot_id,
            kind=row.kind,
            quantity=row.quantity,
            source=Account(row.source_kind, row.source_key),
            target=Account(row.target_kind, row.target_key),
            occurred_at=row.occurred_at,
            reason=row.reason,
        )
        for row in rows
    ]


def _asked(shelf: Shelf) -> dict[str, Any]:
    return {
        "place": shelf.place_id,
        "item": shelf.item_id,
        "organisations": list(shelf.organisations),
    }


def _on_shelf(side: str) -> list[ColumnElement[bool]]:
    """Conditions for one side of a movement, "source" or "target", to be the shelf asked for."""
    move, lot = StockMovement.__table__.c, Lot.__table__.c
    return [
        move[f"{side}_kind"].in_(IN_STORE),
        move[f"{side}_key"] == bindparam("place"),
        move.item_id == bindparam("item"),
        lot.organisation_id.in_(bindparam("organisations", expanding=True)),
    ]


def _net(session: Session, shelf: Shelf, *which: ColumnElement[bool]) -> int:
    move, lot = StockMovement.__table__.c, Lot.__table__.c
    sums = (
        select(func.coalesce(func.sum(move.quantity), 0) * sign)
        .join_from(StockMovement.__table__, Lot.__table__, lot.id == move.lot_id)
        .where(*_on_shelf(side), *which)
        for side, sign in (("source", -1), ("target", 1))
    )
    return sum(int(part) for part in session.scalars(union_all(*sums), _asked(shelf)))


@cache
def _all_lines() -> Select[Any]:
    """Return the statement of movements with the words beside their ids, to be narrowed."""
    undone = Document.__table__.alias()
    move, lot, document = StockMovement.__table__, Lot.__table__, Document.__table__
    person, correction = Person.__table__, StockCorrection.__table__
    return select(
        move.c.id,
        move.c.kind,
        move.c.occurred_at,
        move.c.recorded_at,
        document.c.code,
        move.c.item_id,
        move.c.lot_id,
        lot.c.number,
        lot.c.gift_code,
        lot.c.donor_name,
        move.c.quantity,
        move.c.source_kind,
        move.c.source_key,
        move.c.target_kind,
        move.c.target_key,
        person.c.name,
        correction.c.reason,
        correction.c.remark,
        undone.c.code,
    ).select_from(
        move.join(document, document.c.id == move.c.document_id)
        .join(lot, lot.c.id == move.c.lot_id)
        .join(person, person.c.id == move.c.recorded_by)
        .outerjoin(correction, correction.c.document_id == document.c.id)
        .outerjoin(undone, undone.c.id == correction.c.reverses_document_id)
    )


def _lines(
    session: Session, statement: Select[Any], asked: Mapping[str, Any]
) -> list[MovementLine]:
    """Return the lines of a statement; their items are fetched beside them, each once."""
    rows = session.execute(statement, dict(asked)).all()
    wanted = {row[5] for row in rows}
    items = (
        {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(wanted)))}
        if wanted
        else {}
    )
    found = results(session, {row[4] for row in rows}, {row[6] for row in rows})
    lines = [
        MovementLine(
            id=row[0],
            kind=row[1],
            occurred_at=row[2],
            recorded_at=row[3],
            document=row[4],
            item=items[row[5]],
            lot_id=row[6],
            lot=row[7],
            gift_code=row[8],
            donor_name=row[9],
            quantity=row[10],
            source=Account(row[11], row[12]),
            target=Account(row[13], row[14]),
            by=row[15],
            reason=row[16],
            remark=row[17] or "",
            undoes=row[18],
        )
        for row in rows
    ]
    return [_with_count(line, found) for line in lines] if found else lines


def _with_count(
    line: MovementLine, found: Mapping[tuple[str, int, AccountKind], Result]
) -> MovementLine:
    """Return a line with what was counted, where a stock take wrote it."""
    for side in (line.target, line.source):
        result = found.get((line.document, line.lot_id, side.kind))
        if result is not None:
            return replace(
                line,
                reason=result.reason,
                remark=result.remark,
                counted=result.counted,
                book=result.book,
            )
    return line
