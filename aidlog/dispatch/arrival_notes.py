"""Goods that come into a warehouse by truck get a goods received note, whoever sent them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from aidlog.db.numbering import Document
from aidlog.dispatch.models import Receipt, Waybill
from aidlog.donations.models import GoodsReceived, GoodsReceivedLine, Source
from aidlog.registry.models import Organisation, Place


@dataclass(frozen=True, slots=True)
class Arrival:
    """A truck that arrived: its waybill with its number, the receipt with its own."""

    waybill: Waybill
    document: Document
    receipt: Receipt
    number: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedArrival:
    """What came of one lot, in base units; ``good`` counts what is more than declared, too."""

    lot_id: int
    item_id: int
    declared: int
    good: int
    damaged: int
    reason: str = ""


def note_arrival(session: Session, arrival: Arrival, lines: Iterable[NotedArrival]) -> None:
    """Write the goods received note of a transfer; it shares the receipt's number."""
    waybill = arrival.waybill
    origin = session.get_one(Place, waybill.origin_id)
    note = GoodsReceived(
        document_id=arrival.number.id,
        organisation_id=waybill.organisation_id,
        warehouse_id=waybill.destination_id,
        source=Source.TRANSFER,
        cites_id=arrival.document.id,
        received_from=_sender(session, origin, waybill),
        arrived_at=arrival.receipt.arrived_at,
        recorded_at=arrival.receipt.recorded_at,
        recorded_by=arrival.receipt.recorded_by,
        remark=arrival.receipt.remark,
    )
    session.add(note)
    session.flush()
    write_lines(session, note, lines)


def write_lines(session: Session, note: GoodsReceived, lines: Iterable[NotedArrival]) -> None:
    """Write what was counted; what is missing or in excess follows from the three figures."""
    session.add_all(
        GoodsReceivedLine(
            note_id=note.id,
            lot_id=line.lot_id,
            item_id=line.item_id,
            declared=line.declared,
            good=line.good,
            damaged=line.damaged,
            missing=max(0, line.declared - line.good - line.damaged),
            excess=max(0, line.good + line.damaged - line.declared),
            reason=line.reason.strip()[:200],
        )
        for line in lines
    )
    session.flush()


def _sender(session: Session, origin: Place, waybill: Waybill) -> str:
    """Return who sent the goods: the warehouse, with its owner where that is another."""
    if origin.organisation_id == waybill.organisation_id:
        return origin.shown_as[:120]
    owner = session.get_one(Organisation, origin.organisation_id)
    return f"{owner.name}, {origin.shown_as}"[:120]
