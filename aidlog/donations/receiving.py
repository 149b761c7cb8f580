"""Goods come in and get a goods received note (GRN)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series, new_document
from aidlog.donations.awaiting import (
    UNAWAITED,
    Awaited,
    WrongGoods,
    awaited_pledge,
    awaited_purchase,
    make_good,
    told_apart,
    wished_places,
)
from aidlog.donations.counting import CountedLine, NotedLine
from aidlog.donations.models import GoodsReceived, GoodsReceivedLine, Source
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Item, Organisation, Place, PlaceKind
from aidlog.stock.models import Lot, LotEarmark
from aidlog.stock.posting import post
from aidlog.stock.queries import stands_somewhere

#: Room is kept for what is put behind a lot's number: the mark of unpledged goods.
LONGEST_LOT_NUMBER = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveGoods(Command):
    """Take goods into ``warehouse_id``: for a pledge, an order, or from ``received_from``.

    ``nothing_more`` closes the pledge or order with what came. Without either ``source`` says
    whether they are a gift or were bought; ``order_reference`` is the supplier's.
    """

    organisation_id: int
    warehouse_id: int
    lines: Sequence[CountedLine]
    arrived_at: datetime
    pledge_id: int | None = None
    purchase_code: str = ""
    source: Source = Source.GIFT
    order_reference: str = ""
    nothing_more: bool = False
    received_from: str = ""
    origin: str = ""
    remark: str = ""


def receive_goods(session: Session, actor: Actor, command: ReceiveGoods) -> dict[str, Any]:
    """Take goods into a warehouse as lots; return ``{"grn", "note_id", "lots", "unpledged"}``.

    Good and damaged goods enter the ledger, the damaged ones held apart. Against a pledge
    or an order, at most what was promised counts as the pledge's. More than that, and items
    that were not promised, are unpledged goods of the same giver: lines and lots of their own
    on the same note, without the pledge's earmark. ``unpledged`` is how many base units.

    Raises:
        NotFound: warehouse, item, pledge or order are not the actor's.
        WrongGoods: nothing was counted, or a line cannot be; it names the line.
    """
    actor.must(Permission.GOODS_RECEIVE, at=command.warehouse_id)
    actor.must_own(command.organisation_id)
    organisation = session.get_one(Organisation, command.organisation_id)
    warehouse = _warehouse(session, command.warehouse_id)
    awaited = _awaited(session, actor, command)
    _check(session, command)
    noted = list(told_apart(session, command.lines, awaited))
    document = new_document(
        session,
        Series.GRN,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    note = GoodsReceived(
        document_id=document.id,
        organisation_id=organisation.id,
        warehouse_id=warehouse.id,
        source=_source(command, awaited),
        pledge_id=awaited.pledge.id if awaited.pledge else None,
        purchase_id=awaited.purchase.id if awaited.purchase else None,
        order_reference=_order_reference(command, awaited),
        received_from=command.received_from.strip() or awaited.giver,
        arrived_at=command.arrived_at,
        recorded_at=datetime.now(UTC),
        recorded_by=actor.user_id,
        remark=command.remark.strip(),
    )
    session.add(note)
    session.flush()
    lots = [_write_line(session, command, note, line, awaited, document) for line in noted]
    moves = [
        move
        for lot, line in zip(lots, noted, strict=True)
        if lot is not None
        for move in _arrivals(lot, line.line, warehouse.id)
    ]
    if moves:
        post(
            session,
            actor,
            moves,
            command_id=command.command_id,
            document=document,
            occurred_at=command.arrived_at,
        )
    make_good(awaited, noted, nothing_more=command.nothing_more)
    return {
        "grn": document.code,
        "note_id": note.id,
        "lots": [lot.id for lot in lots if lot is not None],
        "unpledged": sum(line.line.good + line.line.damaged for line in noted if line.unpledged),
    }


def _warehouse(session: Session, place_id: int) -> Place:
    place = session.get(Place, place_id)
    if place is None or place.kind is not PlaceKind.WAREHOUSE or not place.active:
        raise NotFound(f"warehouse {place_id}")
    return place


def _awaited(session: Session, actor: Actor, command: ReceiveGoods) -> Awaited:
    if command.pledge_id is not None:
        return awaited_pledge(session, actor, command.pledge_id, command.organisation_id)
    if command.purchase_code:
        return awaited_purchase(session, actor, command.purchase_code, command.organisation_id)
    if command.source not in UNAWAITED:
        raise WrongGoods(
            Message(N_("Say whether these goods are a gift or were bought.")), field="source"
        )
    return Awaited()


def _source(command: ReceiveGoods, awaited: Awaited) -> Source:
    if awaited.pledge is not None:
        return Source.PLEDGE
    return Source.PURCHASE if awaited.purchase is not None else command.source


def _order_reference(command: ReceiveGoods, awaited: Awaited) -> str:
    known = awaited.purchase.order_reference if awaited.purchase is not None else ""
    return " ".join(command.order_reference.split())[:60] or known


def _donor(note: GoodsReceived, awaited: Awaited) -> str:
    """Return whose gift the lots are: a supplier is paid and gives nothing."""
    if awaited.purchase is not None:
        return awaited.purchase.donor_name
    return "" if note.source is Source.PURCHASE else note.received_from


def _check(session: Session, command: ReceiveGoods) -> None:
    """Refuse a note that would say nothing, or something that cannot be."""
    if not any(line.good + line.damaged + line.declared for line in command.lines):
        raise WrongGoods(Message(N_("Nothing was counted. Write at least one quantity.")))
    if command.arrived_at > datetime.now(UTC):
        raise WrongGoods(
            Message(N_("The arrival is in the future. Write when the goods came.")),
            field="arrived_at",
        )
    for number, line in enumerate(command.lines, start=1):
        if session.get(Item, line.item_id) is None:
            raise NotFound(f"item {line.item_id}")
        _check_line(line, number, command.arrived_at)


def _check_line(line: CountedLine, number: int, arrived_at: datetime) -> None:
    if min(line.declared, line.good, line.damaged) < 0 or line.pack_size < 1:
        raise WrongGoods(
            Message(N_("Line {line}: a count cannot be below zero."), {"line": number}), line=number
        )
    if max(line.declared, line.good + line.damaged) > LARGEST:
        raise WrongGoods(
            Message(N_("Line {line}: this count is too large."), {"line": number}), line=number
        )
    if len(line.lot_number.strip()) > LONGEST_LOT_NUMBER:
        raise WrongGoods(
            Message(
                N_("Line {line}: the lot number is too long. Write {longest} letters at most."),
                {"line": number, "longest": LONGEST_LOT_NUMBER},
            ),
            field="lot_number",
            line=number,
        )
    if line.good and line.expires_on and line.expires_on < arrived_at.date():
        raise WrongGoods(
            Message(
                N_("Line {line}: these goods expired on {date}. Count them as damaged."),
                {"line": number, "date": line.expires_on},
            ),
            field="expires_on",
            line=number,
        )
    if (line.missing or line.damaged or line.excess) and not line.reason.strip():
        raise WrongGoods(
            Message(
                N_("Line {line}: the count differs from the papers. Write why."),
                {"line": number},
            ),
            field="reason",
            line=number,
        )


def _write_line(
    session: Session,
    command: ReceiveGoods,
    note: GoodsReceived,
    noted: NotedLine,
    awaited: Awaited,
    document: Document,
) -> Lot | None:
    """Write one line of the note, and its lot where any goods came."""
    line = noted.line
    lot = None
    if line.good or line.damaged:
        number = line.lot_number.strip() or f"{document.code}/{noted.number}"
        lot = _lot(
            session,
            Lot(
                organisation_id=command.organisation_id,
                item_id=line.item_id,
                number=f"{number}+" if noted.unpledged else number,
                expires_on=line.expires_on,
                pack_kind=line.pack_kind,
                pack_size=line.pack_size,
                origin=command.origin.strip(),
                donor_name=_donor(note, awaited),
                gift_code=(
                    awaited.pledge.reference if awaited.pledge and not noted.unpledged else ""
                ),
                created_at=note.recorded_at,
            ),
            noted.number,
        )
        if not noted.unpledged:
            for place in wished_places(session, awaited):
                session.merge(LotEarmark(lot_id=lot.id, place_id=place))
    session.add(
        GoodsReceivedLine(
            note_id=note.id,
            lot_id=lot.id if lot else None,
            item_id=line.item_id,
            declared=line.declared,
            good=line.good,
            damaged=line.damaged,
            missing=line.missing,
            excess=line.excess,
            unpledged=noted.unpledged,
            reason=line.reason.strip(),
        )
    )
    session.flush()
    return lot


def _lot(session: Session, lot: Lot, line: int) -> Lot:
    """Return ``lot``, added; or the lot of that number where all of it was taken back.

    One lot number of an item is one lot: goods that came another day are another lot. Only a
    note that was reversed, and is now written again, finds its own lot empty.
    """
    known = session.scalars(
        select(Lot).where(
            Lot.organisation_id == lot.organisation_id,
            Lot.item_id == lot.item_id,
            Lot.number == lot.number,
        )
    ).one_or_none()
    if known is None:
        session.add(lot)
        session.flush()
        return lot
    if _facts(known) != _facts(lot) or stands_somewhere(session, known.id):
        raise WrongGoods(
            Message(
                N_("Line {line}: lot {lot} is in the books already. Add a letter to the number."),
                {"line": line, "lot": lot.number},
            ),
            field="lot_number",
            line=line,
        )
    return known


def _facts(lot: Lot) -> tuple[object, ...]:
    """What is fixed about a lot at receipt."""
    return (
        lot.expires_on,
        lot.pack_kind,
        lot.pack_size,
        lot.origin,
        lot.donor_name,
        lot.gift_code,
    )


def _arrivals(lot: Lot, line: CountedLine, warehouse_id: int) -> Iterator[Movement]:
    if line.good:
        yield Movement(
            kind=MovementKind.RECEIVED,
            lot_id=lot.id,
            quantity=line.good,
            source=Account(AccountKind.DONOR),
            target=Account(AccountKind.WAREHOUSE, warehouse_id),
        )
    if line.damaged:
        yield Movement(
            kind=MovementKind.RECEIVED_DAMAGED,
            lot_id=lot.id,
            quantity=line.damaged,
            source=Account(AccountKind.DONOR),
            target=Account(AccountKind.QUARANTINE, warehouse_id),
        )
