"""A stock take is opened for a warehouse, a zone of it or some items: what is to be counted.

The sheet names lots and no figures. While it is open a lot stands on no other sheet, so that
no difference is booked twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotAllowed, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series
from aidlog.ledger.movement import Account, AccountKind
from aidlog.registry.models import Item, PackKind, Place, PlaceKind
from aidlog.stock.adjusting import numbered
from aidlog.stock.levels import issue_packs
from aidlog.stock.models import (
    Lot,
    LotZone,
    StockTake,
    StockTakeLine,
    TakeScope,
    TakeState,
)
from aidlog.stock.positions import last_moves
from aidlog.stock.posting import Key
from aidlog.stock.queries import IN_STORE, lots_at
from aidlog.stock.zones import zone_called

#: A sheet holds at most as many lines; a larger warehouse is counted zone by zone.
MOST_LINES = 5_000
#: States in which a stock take still waits for something.
OPEN_STATES = (TakeState.OPEN, TakeState.COUNTED, TakeState.RECOUNT)
#: Either right gives a stock take up, or lines of it back to be counted again.
COUNTS_OR_APPROVES = (Permission.STOCK_ADJUST, Permission.STOCK_APPROVE)
LONGEST_LOT_NUMBER = 38


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCount(Command):
    """Count an organisation's goods in a warehouse: all, those of a zone, or some items.

    ``zone`` may be empty: what was put into no zone.
    """

    warehouse_id: int
    organisation_id: int
    scope: TakeScope
    zone: str = ""
    items: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFoundLot(Command):
    """A lot stands there that is not on the sheet; it is counted like the others.

    ``number`` may name a lot of the books that is said to be elsewhere, or one that no book
    knows: then its expiry date is asked for, or that there is none on it.
    """

    take: str
    item_id: int
    number: str
    expires_on: date | None = None
    no_expiry: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCount(Command):
    """Nothing is booked; what was counted is kept."""

    take: str
    why: str


class CannotCount(Refusal):
    """There is nothing to count, too much at once, or it is being counted already."""


class WrongTakeState(Conflict):
    """The stock take is past the point where this can be done to it."""


def open_count(session: Session, actor: Actor, command: OpenCount) -> dict[str, Any]:
    """Put what the books have in a zone or of some items on a sheet; return ``{"take"}``.

    Raises:
        NotFound: the warehouse or the organisation is not the actor's.
        CannotCount: nothing is there, too much at once, or a lot is on another open sheet.
    """
    warehouse = _warehouse(session, actor, command.warehouse_id)
    actor.must_own(command.organisation_id)
    document = numbered(session, command.organisation_id, Series.COUNT)  # openings queue here
    keys = _in_scope(session, command)
    if not keys:
        raise CannotCount(Message(N_("The books have nothing there. Choose something else.")))
    if len(keys) > MOST_LINES:
        raise CannotCount(
            Message(
                N_("{lots} lots are too many for one sheet; the most is {most}. Count by zone."),
                {"lots": len(keys), "most": MOST_LINES},
            )
        )
    refuse_if_on_a_sheet(session, warehouse.id, {lot for lot, _at in keys})
    take = StockTake(
        document_id=document.id,
        organisation_id=command.organisation_id,
        warehouse_id=warehouse.id,
        state=TakeState.OPEN,
        scope=command.scope,
        zone=zone_called(command.zone)[:40] if command.scope is TakeScope.ZONE else "",
        opened_at=datetime.now(UTC),
        opened_by=actor.user_id,
    )
    session.add(take)
    session.flush()
    _write_lines(session, take, keys)
    return {"take": document.code}


def add_found_lot(session: Session, actor: Actor, command: AddFoundLot) -> dict[str, Any]:
    """Put one more lot on the sheet; return ``{"take", "line"}``.

    Raises:
        WrongTakeState: the stock take is not being counted.
        CannotCount: the number is missing, or the lot is on this or another open sheet.
    """
    take, document = locked_take(session, actor, command.take, Permission.STOCK_ADJUST)
    must_be_counting(take, document)
    item = session.get(Item, command.item_id)
    if item is None:
        raise NotFound(f"item {command.item_id}")
    lot = _found_lot(session, take, item, command)
    kind = AccountKind.QUARANTINE if command.held else AccountKind.WAREHOUSE
    refuse_if_on_a_sheet(session, take.warehouse_id, {lot.id}, kinds={kind}, but=take.id)
    known = session.scalars(
        select(StockTakeLine).filter_by(take_id=take.id, lot_id=lot.id, kind=kind)
    ).one_or_none()
    if known is not None:
        raise CannotCount(
            Message(N_("Lot {lot} is on the sheet already. Count it there."), {"lot": lot.number}),
            field="number",
        )
    key = (lot.id, Account(kind, take.warehouse_id))
    line = StockTakeLine(
        take_id=take.id,
        lot_id=lot.id,
        item_id=item.id,
        kind=kind,
        added=True,
        since=last_moves(session, [key])[key],
    )
    session.add(line)
    session.flush()
    return {"take": document.code, "line": line.id}


def cancel_count(session: Session, actor: Actor, command: CancelCount) -> dict[str, Any]:
    """Give a stock take up; return ``{"take"}``.

    Raises:
        WrongTakeState: it was approved or cancelled before.
        CannotCount: no reason was given.
    """
    take, document = locked_take(session, actor, command.take, *COUNTS_OR_APPROVES)
    if take.state not in OPEN_STATES:
        raise WrongTakeState(Message(_SAID[take.state], {"number": document.code}))
    if not command.why.strip():
        raise CannotCount(Message(N_("Write why the stock take is given up.")), field="why")
    take.state = TakeState.CANCELLED
    take.remark = command.why.strip()[:400]
    take.decided_at, take.decided_by = datetime.now(UTC), actor.user_id
    return {"take": document.code}


def locked_take(
    session: Session, actor: Actor, code: str, *permissions: Permission
) -> tuple[StockTake, Document]:
    """Return the actor's stock take ``code``, its row locked.

    Raises:
        NotFound: there is none, or it is another organisation's.
        NotAllowed: the actor holds none of ``permissions`` at its warehouse.
    """
    row = session.execute(
        select(StockTake, Document)
        .join(Document, Document.id == StockTake.document_id)
        .where(Document.code == code)
        .with_for_update(of=StockTake)
    ).one_or_none()
    if row is None or row[0].organisation_id not in actor.organisation_ids:
        raise NotFound(f"stock take {code}")
    here = row[0].warehouse_id
    if not any(actor.may(permission, at=here) for permission in permissions):
        raise NotAllowed(permissions[-1])
    return row[0], row[1]


def must_be_counting(take: StockTake, document: Document) -> None:
    """Raise unless the sheet is open to counts."""
    if take.state not in {TakeState.OPEN, TakeState.RECOUNT}:
        raise WrongTakeState(Message(_SAID[take.state], {"number": document.code}))


def must_be_counted(take: StockTake, document: Document) -> None:
    """Raise unless all of the sheet is counted and waits for a decision."""
    if take.state is not TakeState.COUNTED:
        raise WrongTakeState(Message(_SAID[take.state], {"number": document.code}))


_SAID = {
    TakeState.OPEN: N_("Stock take {number} is still being counted. Nothing was changed."),
    TakeState.RECOUNT: N_("Lines of {number} are being counted again. Nothing was changed."),
    TakeState.COUNTED: N_("Stock take {number} is counted and closed to counts."),
    TakeState.APPROVED: N_("Stock take {number} was approved already. Nothing was changed."),
    TakeState.CANCELLED: N_("Stock take {number} was cancelled. Nothing was changed."),
}


def refuse_if_on_a_sheet(
    session: Session,
    warehouse_id: int,
    lots: Collection[int],
    *,
    kinds: Collection[AccountKind] = IN_STORE,
    but: int = 0,
) -> None:
    """Raise if one of ``lots`` is on an open sheet of the warehouse other than ``but``.

    All open stock takes of the warehouse are locked, so that no two sheets take one lot.
    """
    others = dict(
        session.execute(
            select(StockTake.id, Document.code)
            .join(Document, Document.id == StockTake.document_id)
            .where(
                StockTake.warehouse_id == warehouse_id,
                StockTake.state.in_(OPEN_STATES),
                StockTake.id != but,
            )
            .order_by(StockTake.id)
            .with_for_update(of=StockTake)
        ).all()
    )
    if not others:
        return
    taken = session.execute(
        select(StockTakeLine.take_id, StockTakeLine.lot_id, Lot.number)
        .join(Lot, Lot.id == StockTakeLine.lot_id)
        .where(StockTakeLine.take_id.in_(others), StockTakeLine.kind.in_(kinds))
    )
    for take, lot, number in taken:
        if lot in lots:
            raise CannotCount(
                Message(
                    N_("Lot {lot} is being counted under {number}. Finish or cancel that first."),
                    {"lot": number, "number": others[take]},
                )
            )


def _warehouse(session: Session, actor: Actor, warehouse_id: int) -> Place:
    actor.must(Permission.STOCK_ADJUST, at=warehouse_id)
    warehouse = session.get(Place, warehouse_id)
    if warehouse is None or warehouse.kind is not PlaceKind.WAREHOUSE:
        raise NotFound(f"warehouse {warehouse_id}")
    return warehouse


def _in_scope(session: Session, command: OpenCount) -> list[Key]:
    """Return what the books have there: usable goods and what is held back, lot by lot."""
    if command.scope is TakeScope.ITEMS and not command.items:
        raise CannotCount(Message(N_("Choose at least one item to count.")), field="items")
    items = command.items if command.scope is TakeScope.ITEMS else None
    zone = zone_called(command.zone)
    zones = dict(
        session.execute(
            select(LotZone.lot_id, LotZone.zone).where(LotZone.place_id == command.warehouse_id)
        ).all()
    )
    return [
        (lot.lot_id, Account(kind, command.warehouse_id))
        for kind in IN_STORE
        for lot in lots_at(session, kind, command.warehouse_id, items=items)
        if lot.organisation_id == command.organisation_id
        and (command.scope is not TakeScope.ZONE or zones.get(lot.lot_id, "") == zone)
    ]


def _write_lines(session: Session, take: StockTake, keys: Sequence[Key]) -> None:
    since = last_moves(session, keys)
    lots = sorted({lot for lot, _at in keys})
    items: dict[int, int] = {}
    for start in range(0, len(lots), 500):
        items |= dict(
            session.execute(
                select(Lot.id, Lot.item_id).where(Lot.id.in_(lots[start : start + 500]))
            ).all()
        )
    session.execute(
        insert(StockTakeLine),
        [
            {
                "take_id": take.id,
                "lot_id": lot,
                "item_id": items[lot],
                "kind": at.kind,
                "added": False,
                "round": 1,
                "since": since[lot, at],
                "remark": "",
            }
            for lot, at in keys
        ],
    )


def _found_lot(session: Session, take: StockTake, item: Item, command: AddFoundLot) -> Lot:
    """Return the lot of that number, or write one down that no book knew."""
    number = command.number.strip()
    if not 1 <= len(number) <= LONGEST_LOT_NUMBER:
        raise CannotCount(
            Message(
                N_("Write the lot number, at most {longest} letters. Where none is, make one up."),
                {"longest": LONGEST_LOT_NUMBER},
            ),
            field="number",
        )
    known = session.scalars(
        select(Lot).filter_by(organisation_id=take.organisation_id, item_id=item.id, number=number)
    ).one_or_none()
    if known is not None:
        return known
    if command.expires_on is None and not command.no_expiry:
        raise CannotCount(
            Message(N_("Write the expiry date printed on it, or tick that there is none.")),
            field="expires_on",
        )
    pack = issue_packs(session, [item.id]).get(item.id)
    lot = Lot(
        organisation_id=take.organisation_id,
        item_id=item.id,
        number=number,
        expires_on=command.expires_on,
        pack_kind=pack.kind if pack else PackKind.PIECE,
        pack_size=pack.size if pack else 1,
        created_at=datetime.now(UTC),
    )
    session.add(lot)
    session.flush()
    return lot
