"""Stock takes as people read them: the list, one of them, its sheet, its differences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, Organisation, Person, Place
from aidlog.stock.count_sheets import OPEN_STATES
from aidlog.stock.models import (
    Lot,
    LotZone,
    Reason,
    Recount,
    StockTake,
    StockTakeCount,
    StockTakeDraft,
    StockTakeLine,
    TakeState,
)
from aidlog.stock.positions import Since, key_of, since_counted

#: Stock takes on one page of the list, and lines on one page of a sheet.
PAGE, LINES = 30, 40


@dataclass(frozen=True, slots=True)
class TakeRow:
    """A stock take in the list; ``counted`` of ``lines`` have a count that stands."""

    id: int
    code: str
    warehouse: Place
    state: TakeState
    scope: str
    zone: str
    opened_at: datetime
    opened_by: str
    lines: int
    counted: int


@dataclass(frozen=True, slots=True)
class Take:
    """One stock take with its names; ``counters`` in the order of their first count."""

    take: StockTake
    code: str
    organisation: Organisation
    warehouse: Place
    opened_by: str
    counted_by: str | None
    decided_by: str | None
    counters: dict[int, str]
    lines: int
    counted: int
    moved: int
    differ: int
    asked: int

    @property
    def to_count(self) -> int:
        return self.lines - self.counted


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line to be counted: no figure of the books in it.

    ``packs`` and ``loose`` are what this person typed and kept; ``counted`` tells that a count
    stands.
    """

    id: int
    kind: AccountKind
    item: Item
    lot: str
    expires_on: date | None
    pack_kind: str
    pack_size: int
    zone: str
    added: bool
    recount: Recount | None
    counted: bool
    packs: str
    loose: str


@dataclass(frozen=True, slots=True)
class Said:
    """What one person counted of a line, and whether goods moved meanwhile."""

    by: str
    quantity: int
    moved: bool
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """A line whose count is not what the books said; base units.

    ``since`` is what moved after the count and is added to it; ``corrected`` tells that the
    books were set right meanwhile, so that it has to be counted again.
    """

    id: int
    kind: AccountKind
    item: Item
    lot: str
    pack_kind: str
    pack_size: int
    book: int
    counted: int
    reason: Reason | None
    remark: str
    since: int
    corrected: bool
    said: list[Said] = field(default_factory=list)

    @property
    def difference(self) -> int:
        return self.counted - self.book


def takes(
    session: Session,
    actor: Actor,
    *,
    only_open: bool = False,
    before: int | None = None,
) -> list[TakeRow]:
    """Return stock takes within reach, newest first, one more than a page. One statement."""
    lines = (
        select(
            StockTakeLine.take_id,
            func.count().label("lines"),
            func.sum(case((StockTakeLine.counted.is_(None), 0), else_=1)).label("counted"),
        )
        .group_by(StockTakeLine.take_id)
        .subquery()
    )
    wanted = (
        select(
            StockTake.id,
            Document.code,
            Place,
            StockTake.state,
            StockTake.scope,
            StockTake.zone,
            StockTake.opened_at,
            Person.name,
            func.coalesce(lines.c.lines, 0),
            func.coalesce(lines.c.counted, 0),
        )
        .join(Document, Document.id == StockTake.document_id)
        .join(Place, Place.id == StockTake.warehouse_id)
        .join(Person, Person.id == StockTake.opened_by)
        .outerjoin(lines, lines.c.take_id == StockTake.id)
        .where(within_reach(actor, Permission.STOCK_VIEW))
        .order_by(StockTake.id.desc())
        .limit(PAGE + 1)
    )
    if only_open:
        wanted = wanted.where(StockTake.state.in_(OPEN_STATES))
    if before is not None:
        wanted = wanted.where(StockTake.id < before)
    return [
        TakeRow(id_, code, place, state, scope, zone, opened_at, by, int(lines_), int(counted))
        for id_, code, place, state, scope, zone, opened_at, by, lines_, counted in session.execute(
            wanted
        )
    ]


def within_reach(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """True of stock takes where the actor holds ``permission``."""
    own = StockTake.organisation_id.in_(actor.organisation_ids)
    places = actor.places(permission)
    return own if places is None else and_(own, StockTake.warehouse_id.in_(places))


def take_called(session: Session, actor: Actor, code: str) -> Take:
    """Return the actor's stock take ``code``.

    Raises:
        NotFound: there is none, or it is out of the actor's reach.
    """
    counter, decider = aliased(Person), aliased(Person)
    row = session.execute(
        select(StockTake, Organisation, Place, Person.name, counter.name, decider.name)
        .join(Document, Document.id == StockTake.document_id)
        .join(Organisation, Organisation.id == StockTake.organisation_id)
        .join(Place, Place.id == StockTake.warehouse_id)
        .join(Person, Person.id == StockTake.opened_by)
        .outerjoin(counter, counter.id == StockTake.counted_by)
        .outerjoin(decider, decider.id == StockTake.decided_by)
        .where(Document.code == code, within_reach(actor, Permission.STOCK_VIEW))
    ).one_or_none()
    if row is None:
        raise NotFound(f"stock take {code}")
    take = row[0]
    counts = _line_counts(session, take.id)
    return Take(
        take, code, row[1], row[2], row[3], row[4], row[5], _counters(session, take), *counts
    )


def _line_counts(session: Session, take_id: int) -> tuple[int, int, int, int, int]:
    line = StockTakeLine
    row = session.execute(
        select(
            func.count(),
            func.count(line.counted),
            *(
                func.coalesce(func.sum(case((line.recount == why, 1), else_=0)), 0)
                for why in (Recount.MOVED, Recount.DIFFERS, Recount.ASKED)
            ),
        ).where(line.take_id == take_id)
    ).one()
    lines, counted, moved, differ, asked = (int(number) for number in row)
    return lines, counted, moved, differ, asked


def _counters(session: Session, take: StockTake) -> dict[int, str]:
    rows = session.execute(
        select(Person.id, Person.name)
        .join(StockTakeCount, StockTakeCount.counted_by == Person.id)
        .join(StockTakeLine, StockTakeLine.id == StockTakeCount.line_id)
        .where(StockTakeLine.take_id == take.id)
        .group_by(Person.id, Person.name)
        .order_by(func.min(StockTakeCount.id))
    )
    return {row[0]: row[1] for row in rows}


def sheet_lines(
    session: Session,
    actor: Actor,
    take: StockTake,
    *,
    only_open: bool = False,
    page: int | None = None,
    lines: Collection[int] | None = None,
) -> list[SheetLine]:
    """Return the sheet, zone by zone; two statements.

    With ``only_open``, what has no count that stands yet; with ``page``, that page of it and
    one line more; with ``lines``, those of these ids.
    """
    draft = StockTakeDraft
    wanted = (
        select(
            StockTakeLine.id,
            StockTakeLine.kind,
            StockTakeLine.item_id,
            Lot.number,
            Lot.expires_on,
            Lot.pack_kind,
            Lot.pack_size,
            func.coalesce(LotZone.zone, ""),
            StockTakeLine.added,
            StockTakeLine.recount,
            StockTakeLine.counted,
            func.coalesce(draft.packs, ""),
            func.coalesce(draft.loose, ""),
        )
        .join(Lot, Lot.id == StockTakeLine.lot_id)
        .join(Item, Item.id == StockTakeLine.item_id)
        .outerjoin(LotZone, and_(LotZone.lot_id == Lot.id, LotZone.place_id == take.warehouse_id))
        .outerjoin(draft, and_(draft.line_id == StockTakeLine.id, draft.person_id == actor.user_id))
        .where(StockTakeLine.take_id == take.id)
        .order_by(func.coalesce(LotZone.zone, ""), Item.code, Lot.number, StockTakeLine.kind.desc())
    )
    if only_open:
        wanted = wanted.where(StockTakeLine.counted.is_(None))
    if lines is not None:
        wanted = wanted.where(StockTakeLine.id.in_(lines))
    if page is not None:
        wanted = wanted.offset(page * LINES).limit(LINES + 1)
    rows = session.execute(wanted).all()
    items = _items(session, {row[2] for row in rows})
    return [
        SheetLine(
            id=row[0],
            kind=row[1],
            item=items[row[2]],
            lot=row[3],
            expires_on=row[4],
            pack_kind=row[5],
            pack_size=row[6],
            zone=row[7],
            added=row[8],
            recount=row[9],
            counted=row[10] is not None,
            packs=row[11],
            loose=row[12],
        )
        for row in rows
    ]


def differences(session: Session, take: StockTake) -> list[Difference]:
    """Return what was counted otherwise than the books said, by item and lot.

    While it waits, with what has moved since each count.
    """
    rows = session.execute(
        select(StockTakeLine, Lot.number, Lot.pack_kind, Lot.pack_size)
        .join(Lot, Lot.id == StockTakeLine.lot_id)
        .join(Item, Item.id == StockTakeLine.item_id)
        .where(StockTakeLine.take_id == take.id, StockTakeLine.counted != StockTakeLine.book)
        .order_by(Item.code, Lot.number, StockTakeLine.kind.desc())
    ).all()
    lines = [row[0] for row in rows]
    items = _items(session, {line.item_id for line in lines})
    said = _said(session, [line.id for line in lines])
    waits = take.state is TakeState.COUNTED
    happened = since_counted(session, take, lines) if waits else {}
    found = []
    for line, number, pack_kind, pack_size in rows:
        after = happened.get(key_of(take, line), Since())
        assert line.counted is not None
        assert line.book is not None
        found.append(
            Difference(
                id=line.id,
                kind=line.kind,
                item=items[line.item_id],
                lot=number,
                pack_kind=pack_kind,
                pack_size=pack_size,
                book=line.book,
                counted=line.counted,
                reason=line.reason,
                remark=line.remark,
                since=after.net,
                corrected=after.corrected,
                said=said.get(line.id, []),
            )
        )
    return found


def last_take(
    session: Session, warehouse_id: int, item_id: int, organisations: frozenset[int]
) -> tuple[str, datetime] | None:
    """Return the number and the moment of the last approved count of an item in a warehouse."""
    row = session.execute(
        select(Document.code, StockTake.decided_at)
        .join(Document, Document.id == StockTake.document_id)
        .join(StockTakeLine, StockTakeLine.take_id == StockTake.id)
        .where(
            StockTake.warehouse_id == warehouse_id,
            StockTake.organisation_id.in_(organisations),
            StockTake.state == TakeState.APPROVED,
            StockTakeLine.item_id == item_id,
        )
        .order_by(StockTake.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None or row[1] is None else (row[0], row[1])


def zones_of(session: Session, actor: Actor, warehouses: Collection[int]) -> list[str]:
    """Return the zones of warehouses that the actor's lots were put in, by name."""
    return list(
        session.scalars(
            select(LotZone.zone)
            .join(Lot, Lot.id == LotZone.lot_id)
            .where(
                LotZone.place_id.in_(warehouses), Lot.organisation_id.in_(actor.organisation_ids)
            )
            .distinct()
            .order_by(LotZone.zone)
        )
    )


def _said(session: Session, lines: list[int]) -> dict[int, list[Said]]:
    said: dict[int, list[Said]] = defaultdict(list)
    rows: Any = session.execute(
        select(
            StockTakeCount.line_id,
            Person.name,
            StockTakeCount.quantity,
            StockTakeCount.moved,
            StockTakeCount.recorded_at,
        )
        .join(Person, Person.id == StockTakeCount.counted_by)
        .where(StockTakeCount.line_id.in_(lines))
        .order_by(StockTakeCount.id)
    )
    for line, *rest in rows:
        said[line].append(Said(*rest))
    return said


def _items(session: Session, ids: set[int]) -> dict[int, Item]:
    return {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(ids)))}
