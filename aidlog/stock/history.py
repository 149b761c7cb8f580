"""What happened to the stock: reads of the journal, rows out.

The order is that of the journal (the server's), whatever day people say a thing happened.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, cast, func, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from aidlog.db.numbering import Document
from aidlog.ledger.movement import Account, MovementKind
from aidlog.registry.models import Item, Person
from aidlog.stock.journal import StockMovement
from aidlog.stock.models import Lot, Reason, StockCorrection
from aidlog.stock.queries import IN_STORE, Shelf


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One line of the journal as people read it; ``quantity`` in base units of the item.

    ``reason`` and ``remark`` are those of a correction, ``undoes`` the document that a
    reversal undid. ``by`` is who recorded it.
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
    pack_size: int
    quantity: int
    source: Account
    target: Account
    by: str
    reason: Reason | None
    remark: str
    undoes: str | None

    def change_at(self, accounts: Collection[Account]) -> int:
        """Return by how much this line changed what ``accounts`` hold together."""
        came = self.quantity if self.target in accounts else 0
        went = self.quantity if self.source in accounts else 0
        return came - went


def card_lines(
    session: Session,
    shelf: Shelf,
    *,
    before: int | None,
    limit: int,
) -> list[MovementLine]:
    """Return the newest movements onto or off a shelf, newest first.

    With ``before``, those with a smaller id: the next page. Each of the four branches walks
    one index backwards and stops at ``limit``, so that the cost does not grow with history.
    """
    branches = []
    for side in _SIDES:
        for kind in IN_STORE:
            branch = (
                select(StockMovement.id)
                .join(Lot, Lot.id == StockMovement.lot_id)
                .where(side[0] == kind, *_at(shelf, side)[1:])
                .order_by(StockMovement.id.desc())
                .limit(limit)
            )
            if before is not None:
                branch = branch.where(StockMovement.id < before)
            branches.append(select(branch.subquery().c.id))
    newest = union_all(*branches).subquery()
    return _lines(
        session, [StockMovement.id.in_(select(newest.c.id))], limit=limit, newest_first=True
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
    where: list[ColumnElement[bool]] = [Lot.organisation_id.in_(organisations)]
    if places is not None:
        where.append(
            or_(
                *(
                    and_(side_kind.in_(IN_STORE), side_key.in_(places))
                    for side_kind, side_key in _SIDES
                )
            )
        )
    if kinds:
        where.append(StockMovement.kind.in_(kinds))
    if before is not None:
        where.append(StockMovement.id < before)
    return _lines(session, where, limit=limit, newest_first=True)


def document_lines(
    session: Session, document_id: int, organisations: Collection[int]
) -> list[MovementLine]:
    """Return what a document moved, in the order in which it did."""
    return _lines(
        session,
        [StockMovement.document_id == document_id, Lot.organisation_id.in_(organisations)],
        limit=None,
        newest_first=False,
    )


def changed_from(
    session: Session,
    shelf: Shelf,
    *,
    first_id: int,
) -> int:
    """Return what the movements from ``first_id`` on added to a shelf, less what they took."""
    return _net(session, shelf, StockMovement.id >= first_id)


def changed_after(
    session: Session,
    shelf: Shelf,
    *,
    moment: datetime,
) -> int:
    """Return what the movements that occurred after a moment added to a shelf, net."""
    return _net(session, shelf, StockMovement.occurred_at > moment)


def changes_by_day(
    session: Session,
    shelf: Shelf,
    *,
    since: datetime,
) -> dict[date, int]:
    """Return the net change of each day (UTC) on which something went in or out. One statement."""
    days: dict[date, int] = {}
    branches = [
        select(
            _day(session, StockMovement.occurred_at).label("day"),
            func.sum(StockMovement.quantity * sign).label("net"),
        )
        .join(Lot, Lot.id == StockMovement.lot_id)
        .where(*_at(shelf, side), StockMovement.occurred_at >= since)
        .group_by("day")
        for side, sign in zip(_SIDES, (-1, 1), strict=True)
    ]
    for day, net in session.execute(union_all(*branches)):
        when = day if isinstance(day, date) else date.fromisoformat(day)
        days[when] = days.get(when, 0) + int(net)
    return days


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


_SIDES = (
    (StockMovement.source_kind, StockMovement.source_key),
    (StockMovement.target_kind, StockMovement.target_key),
)


def _at(shelf: Shelf, side: tuple[Any, Any]) -> list[ColumnElement[bool]]:
    """Conditions for one side of a movement to be a warehouse, for an item of some owners."""
    kind, key = side
    return [
        kind.in_(IN_STORE),
        key == shelf.place_id,
        StockMovement.item_id == shelf.item_id,
        Lot.organisation_id.in_(shelf.organisations),
    ]


def _net(
    session: Session,
    shelf: Shelf,
    which: ColumnElement[bool],
) -> int:
    sums = [
        select(func.coalesce(func.sum(StockMovement.quantity), 0) * sign)
        .join(Lot, Lot.id == StockMovement.lot_id)
        .where(*_at(shelf, side), which)
        for side, sign in zip(_SIDES, (-1, 1), strict=True)
    ]
    return sum(int(part) for part in session.scalars(union_all(*sums)))


def _day(session: Session, moment: InstrumentedAttribute[datetime]) -> ColumnElement[date]:
    """The day of ``moment`` in UTC, in the words of the session's database."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(func.timezone("UTC", moment), Date)
    return func.date(moment)


def _lines(
    session: Session,
    where: list[ColumnElement[bool]],
    *,
    limit: int | None,
    newest_first: bool,
) -> list[MovementLine]:
    """Return movements with the words beside their ids. One statement."""
    undone = aliased(Document)
    rows = session.execute(
        select(
            StockMovement,
            Document.code,
            Item,
            Lot,
            Person.name,
            StockCorrection.reason,
            StockCorrection.remark,
            undone.code,
        )
        .join(Document, Document.id == StockMovement.document_id)
        .join(Lot, Lot.id == StockMovement.lot_id)
        .join(Item, Item.id == StockMovement.item_id)
        .join(Person, Person.id == StockMovement.recorded_by)
        .outerjoin(StockCorrection, StockCorrection.document_id == Document.id)
        .outerjoin(undone, undone.id == StockCorrection.reverses_document_id)
        .where(*where)
        .order_by(StockMovement.id.desc() if newest_first else StockMovement.id)
        .limit(limit)
    )
    return [
        MovementLine(
            id=move.id,
            kind=move.kind,
            occurred_at=move.occurred_at,
            recorded_at=move.recorded_at,
            document=document,
            item=item,
            lot_id=lot.id,
            lot=lot.number,
            gift_code=lot.gift_code,
            donor_name=lot.donor_name,
            pack_size=lot.pack_size,
            quantity=move.quantity,
            source=Account(move.source_kind, move.source_key),
            target=Account(move.target_kind, move.target_key),
            by=by,
            reason=reason,
            remark=remark or "",
            undoes=undoes,
        )
        for move, document, item, lot, by, reason, remark, undoes in rows
    ]
