"""The stock with which the books begin: a stock list becomes lots, through post()."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.sheets import Finding, Question, Understood
from aidlog.core.text import N_, Message
from aidlog.db.imports import Importer, ImportRows, RowRefused, counted
from aidlog.db.numbering import Document, Series, new_document
from aidlog.donations.awaiting import WrongGoods
from aidlog.donations.models import GoodsReceived, GoodsReceivedLine, Source
from aidlog.donations.reading_stock import StockLine, StockRows
from aidlog.donations.stock_columns import STOCK_COLUMNS
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.looking_up import Items, Places
from aidlog.registry.models import Organisation, Place, PlaceKind
from aidlog.stock.models import Lot
from aidlog.stock.posting import post
from aidlog.stock.queries import stands_somewhere

Lots = dict[tuple[int, str], Lot]
#: So many movements are posted at once: a statement has room for so many names of lots.
AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStock(ImportRows):
    lines: tuple[StockLine, ...]


def understand_stock(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the lots that a stock list names; nothing is written."""
    warehouses = Places(
        session, actor, kinds=(PlaceKind.WAREHOUSE,), permission=Permission.GOODS_RECEIVE
    )
    if question.rows and not any(
        row.values.keys() & {"item_code", "item_name"} for row in question.rows
    ):
        what = Message(N_("No row names an item. Say which column holds its code or its name."))
        return Understood((), (Finding(row=0, field="item_code", what=what),))
    rows = StockRows(question, Items(session), warehouses)
    lines = [line for line in map(rows.line, question.rows) if line is not None]
    together, clashes = _put_together(lines)
    known = list(_in_the_books(session, question.organisation_id, together))
    return Understood(tuple(together), (*rows.summary(), *rows.findings, *clashes, *known))


def _put_together(lines: Sequence[StockLine]) -> tuple[list[StockLine], list[Finding]]:
    """Add up the rows of one lot at one warehouse; tell lots whose rows contradict each other."""
    whole: dict[tuple[int, int, str], StockLine] = {}
    facts: dict[tuple[int, str], StockLine] = {}
    findings: list[Finding] = []
    numberless = 0
    for line in lines:
        if not line.lot_number:
            numberless += 1
            whole[line.warehouse_id, line.item_id, f"\0{numberless}"] = line
            continue
        first = facts.setdefault((line.item_id, line.lot_number), line)
        if (clash := _clash(first, line)) is not None:
            findings.append(clash)
            continue
        key = (line.warehouse_id, line.item_id, line.lot_number)
        if key in whole:
            same = whole[key]
            whole[key] = replace(same, good=same.good + line.good, held=same.held + line.held,
                                 reason=same.reason or line.reason)  # fmt: skip
            what = Message(N_("Lot {lot} stands in row {row} too; the two are added up."),
                           {"lot": line.lot_number, "row": same.row})  # fmt: skip
            findings.append(Finding(row=line.row, field="lot", what=what, stops=False))
        else:
            whole[key] = line
    return list(whole.values()), findings


def _clash(first: StockLine, line: StockLine) -> Finding | None:
    """Return why two rows cannot be one lot: it has one expiry date, one donor, one pack."""
    if first.expires_on != line.expires_on:
        what = Message(
            N_("Lot {lot} has another expiry date in row {row}. One lot has one date; check both "
               "labels."),
            {"lot": line.lot_number, "row": first.row},
        )  # fmt: skip
        return Finding(row=line.row, field="expires_on", what=what)
    if (first.donor, first.origin, first.pack_kind, first.pack_size) != (
        line.donor, line.origin, line.pack_kind, line.pack_size
    ):  # fmt: skip
        what = Message(
            N_("Lot {lot} has another donor, origin or pack in row {row}. Write the same, or "
               "another lot number."),
            {"lot": line.lot_number, "row": first.row},
        )  # fmt: skip
        return Finding(row=line.row, field="lot", what=what)
    return None


def _in_the_books(
    session: Session, organisation_id: int, lines: Sequence[StockLine]
) -> Iterator[Finding]:
    """Tell the lots that are in the books already: goods are counted in once."""
    known = _known_lots(session, organisation_id, lines)
    for line in lines:
        if _counted_in(session, known, line):
            what = Message(
                N_(
                    "Lot {lot} is in the books already. Delete the row, or correct the stock there."
                ),
                {"lot": line.lot_number},
            )
            yield Finding(row=line.row, field="lot", what=what)


def _counted_in(session: Session, known: Lots, line: StockLine) -> bool:
    """Say whether a lot is in the books: goods of it stand somewhere, or it was another lot.

    One that was taken back whole, and is now counted in again as it was, is not.
    """
    lot = known.get((line.item_id, line.lot_number))
    if lot is None:
        return False
    same = (lot.expires_on, lot.pack_kind, lot.pack_size, lot.origin, lot.donor_name) == (
        line.expires_on, line.pack_kind, line.pack_size, line.origin, line.donor
    )  # fmt: skip
    return not same or stands_somewhere(session, lot.id)


def _known_lots(session: Session, organisation_id: int, lines: Sequence[StockLine]) -> Lots:
    numbers = sorted({line.lot_number for line in lines if line.lot_number})
    known: Lots = {}
    for start in range(0, len(numbers), AT_ONCE):
        lots = session.scalars(
            select(Lot).where(
                Lot.organisation_id == organisation_id,
                Lot.number.in_(numbers[start : start + AT_ONCE]),
            )
        )
        known |= {(lot.item_id, lot.number): lot for lot in lots}
    return known


def import_stock(session: Session, actor: Actor, command: ImportStock) -> dict[str, Any]:
    """Take a stock list into the books: one goods received note a warehouse.

    Returns ``{"added", …, "notes"}``: the numbers of the notes.

    Raises:
        NotAllowed: the actor may not receive goods at one of the warehouses.
        RowRefused: a lot came into the books meanwhile.
    """
    actor.must_own(command.organisation_id)
    for warehouse_id in sorted({line.warehouse_id for line in command.lines}):
        actor.must(Permission.GOODS_RECEIVE, at=warehouse_id)
        place = session.get(Place, warehouse_id)
        if place is None or place.kind is not PlaceKind.WAREHOUSE or not place.active:
            raise NotFound(f"warehouse {warehouse_id}")
    lots = _empty_lots(session, command)
    by_warehouse: defaultdict[int, list[StockLine]] = defaultdict(list)
    for line in command.lines:
        by_warehouse[line.warehouse_id].append(line)
    notes = [
        _receive(session, actor, command, warehouse, lines, lots)
        for warehouse, lines in sorted(by_warehouse.items())
    ]
    return {**counted(command.lines, 0, len(command.lines)), "notes": notes}


def _empty_lots(session: Session, command: ImportStock) -> Lots:
    """Return the lots of the list that were taken back whole and are counted in again."""
    known = _known_lots(session, command.organisation_id, command.lines)
    for line in command.lines:
        if _counted_in(session, known, line):
            raise RowRefused(
                line.row,
                WrongGoods(
                    Message(
                        N_("Lot {lot} is in the books already. Nothing was changed."),
                        {"lot": line.lot_number},
                    )
                ),
            )
    return known


def _receive(
    session: Session,
    actor: Actor,
    command: ImportStock,
    warehouse_id: int,
    lines: Sequence[StockLine],
    lots: Lots,
) -> str:
    """Write one note with its lots and lines, and post what came; return its number."""
    organisation = session.get_one(Organisation, command.organisation_id)
    document = new_document(
        session,
        Series.GRN,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    now = datetime.now(UTC)
    counted_at = min(
        datetime.combine(max(line.counted_on for line in lines), time(12), tzinfo=UTC), now
    )
    donors = {line.donor for line in lines}
    note = GoodsReceived(
        document_id=document.id,
        organisation_id=organisation.id,
        warehouse_id=warehouse_id,
        source=Source.OPENING,
        received_from=donors.pop() if len(donors) == 1 else "",
        arrived_at=counted_at,
        recorded_at=now,
        recorded_by=actor.user_id,
    )
    session.add(note)
    own = [
        _lot(line, number, document, command.organisation_id, now, lots)
        for number, line in enumerate(lines, start=1)
    ]
    session.add_all(own)
    session.flush()
    session.add_all(
        GoodsReceivedLine(
            note_id=note.id,
            lot_id=lot.id,
            item_id=line.item_id,
            declared=line.good + line.held,
            good=line.good,
            damaged=line.held,
            missing=0,
            excess=0,
            reason=line.reason,
        )
        for lot, line in zip(own, lines, strict=True)
    )
    moves = [move for lot, line in zip(own, lines, strict=True) for move in _arrivals(lot.id, line)]
    for start in range(0, len(moves), AT_ONCE):
        post(
            session,
            actor,
            moves[start : start + AT_ONCE],
            command_id=command.command_id,
            document=document,
            occurred_at=counted_at,
        )
    return document.code


def _lot(
    line: StockLine,
    number: int,
    document: Document,
    organisation_id: int,
    now: datetime,
    lots: Lots,
) -> Lot:
    """Return the lot of a line; the same number at two warehouses is one lot."""
    name = line.lot_number or f"{document.code}/{number}"
    key = (line.item_id, name)
    if key not in lots:
        lots[key] = Lot(
            organisation_id=organisation_id,
            item_id=line.item_id,
            number=name,
            expires_on=line.expires_on,
            pack_kind=line.pack_kind,
            pack_size=line.pack_size,
            origin=line.origin,
            donor_name=line.donor,
            gift_code="",
            created_at=now,
        )
    return lots[key]


def _arrivals(lot_id: int, line: StockLine) -> Iterator[Movement]:
    for quantity, kind, account in (
        (line.good, MovementKind.RECEIVED, AccountKind.WAREHOUSE),
        (line.held, MovementKind.RECEIVED_DAMAGED, AccountKind.QUARANTINE),
    ):
        if quantity:
            yield Movement(
                kind=kind,
                lot_id=lot_id,
                quantity=quantity,
                source=Account(AccountKind.DONOR),
                target=Account(account, line.warehouse_id),
            )


STOCK = Importer(
    STOCK_COLUMNS, Permission.GOODS_RECEIVE, understand_stock, ImportStock, import_stock
)
