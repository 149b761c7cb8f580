"""One waybill with all that happened to it: lines, counts, loss reports, what is still out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.dispatch import marks
from aidlog.dispatch.draining import on_the_road
from aidlog.dispatch.models import (
    LossReport,
    LossState,
    Receipt,
    ReceiptLine,
    TransferRequest,
    Waybill,
    WaybillLine,
    WaybillState,
)
from aidlog.dispatch.queries import within_reach
from aidlog.planning.models import Plan
from aidlog.registry.models import Item, Organisation, Person, Place
from aidlog.stock.models import Lot, StockCorrection


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the paper. Base units; ``grams`` and ``millilitres`` of the whole line."""

    id: int
    number: int
    item: Item
    lot_id: int
    lot: str
    expires_on: date | None
    pack_kind: str
    pack_size: int
    quantity: int
    grams: int | None
    millilitres: int | None
    remark: str


@dataclass(frozen=True, slots=True)
class LineCount:
    """What a receipt says of one line, in base units."""

    good: int
    damaged: int
    missing: int
    excess: int


@dataclass(frozen=True, slots=True)
class Count:
    """A receipt; ``lines`` by the number of the waybill's line.

    ``reversed_by`` is the document that undid it, if one did.
    """

    number: str
    booked: bool
    arrived_at: datetime
    recorded_at: datetime
    recorded_by: str
    received_by: str
    channel: str
    remark: str
    reversed_by: str | None
    lines: dict[int, LineCount]


@dataclass(frozen=True, slots=True)
class Report:
    """A loss report of the waybill."""

    number: str
    receipt: str
    state: LossState
    reason: str
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """A waybill whole. ``still_out``: base units on the road by line number."""

    waybill: Waybill
    number: str
    organisation: Organisation
    origin: Place
    destination: Place
    plan: str | None
    prepared_by: str
    loaded_by: str | None
    lines: list[Line]
    counts: list[Count]
    reports: list[Report]
    still_out: dict[int, int]
    request: str | None = None

    @property
    def booked(self) -> Count | None:
        """The count that moved the stock."""
        return next((count for count in self.counts if count.booked), None)

    @property
    def open_report(self) -> Report | None:
        return next((report for report in self.reports if report.state is LossState.OPEN), None)

    @property
    def counts_differ(self) -> bool:
        """True where two people counted and not the same."""
        standing = [count for count in self.counts if count.reversed_by is None]
        return any(count.lines != standing[0].lines for count in standing)

    @property
    def grams(self) -> int:
        """What is known of the weight."""
        return sum(line.grams or 0 for line in self.lines)

    @property
    def unweighed(self) -> int:
        """How many lines have no known weight."""
        return sum(line.grams is None for line in self.lines)

    @property
    def typed_code(self) -> str:
        return marks.typed_code(self.number, self.waybill.check_code)


def story_of(
    session: Session, actor: Actor, number: str, permission: Permission = Permission.WAYBILL_VIEW
) -> Story:
    """Return the actor's waybill ``number`` with all that happened to it. Seven statements.

    Raises:
        NotFound: there is none, or it is out of the actor's reach.
    """
    return tell(session, number, within_reach(actor, permission))


def tell(session: Session, number: str, reach: ColumnElement[bool]) -> Story:
    """Return waybill ``number`` where ``reach`` holds for it."""
    document, plan_number, asked = aliased(Document), aliased(Document), aliased(Document)
    origin, destination = aliased(Place), aliased(Place)
    preparer, loader = aliased(Person), aliased(Person)
    row = session.execute(
        select(
            Waybill,
            document.code,
            Organisation,
            origin,
            destination,
            plan_number.code,
            preparer.name,
            loader.name,
            asked.code,
        )
        .join(document, document.id == Waybill.document_id)
        .join(Organisation, Organisation.id == Waybill.organisation_id)
        .join(origin, origin.id == Waybill.origin_id)
        .join(destination, destination.id == Waybill.destination_id)
        .outerjoin(Plan, Plan.id == Waybill.plan_id)
        .outerjoin(plan_number, plan_number.id == Plan.document_id)
        .join(preparer, preparer.id == Waybill.prepared_by)
        .outerjoin(loader, loader.id == Waybill.loaded_by)
        .outerjoin(TransferRequest, TransferRequest.id == Waybill.request_id)
        .outerjoin(asked, asked.id == TransferRequest.document_id)
        .where(document.code == number, reach)
    ).one_or_none()
    if row is None:
        raise NotFound(f"waybill {number}")
    waybill: Waybill = row[0]
    lines = _lines(session, waybill)
    return Story(
        waybill=waybill,
        number=row[1],
        organisation=row[2],
        origin=row[3],
        destination=row[4],
        plan=row[5],
        prepared_by=row[6],
        loaded_by=row[7],
        request=row[8],
        lines=lines,
        counts=_counts(session, waybill, lines),
        reports=_reports(session, waybill),
        still_out=_still_out(session, waybill, lines),
    )


def _lines(session: Session, waybill: Waybill) -> list[Line]:
    rows: list[Any] = list(
        session.execute(
            select(
                WaybillLine.id,
                WaybillLine.line,
                Item,
                Lot.id,
                Lot.number,
                Lot.expires_on,
                Lot.pack_kind,
                WaybillLine.pack_size,
                WaybillLine.quantity,
                WaybillLine.grams,
                WaybillLine.millilitres,
                WaybillLine.remark,
            )
            .join(Lot, Lot.id == WaybillLine.lot_id)
            .join(Item, Item.id == WaybillLine.item_id)
            .where(WaybillLine.waybill_id == waybill.id)
            .order_by(WaybillLine.line)
        )
    )
    return [Line(*row) for row in rows]


def _counts(session: Session, waybill: Waybill, lines: list[Line]) -> list[Count]:
    if waybill.transit_id is None:
        return []
    number_of = {line.id: line.number for line in lines}
    reversal = aliased(Document)
    counted: dict[int, dict[int, LineCount]] = {}
    for receipt, line, *parts in session.execute(
        select(
            ReceiptLine.receipt_id,
            ReceiptLine.waybill_line_id,
            ReceiptLine.good,
            ReceiptLine.damaged,
            ReceiptLine.missing,
            ReceiptLine.excess,
        )
        .join(Receipt, Receipt.id == ReceiptLine.receipt_id)
        .where(Receipt.waybill_id == waybill.id)
    ):
        counted.setdefault(receipt, {})[number_of[line]] = LineCount(*parts)
    rows: list[Any] = list(
        session.execute(
            select(
                Receipt.id,
                Document.code,
                Receipt.booked,
                Receipt.arrived_at,
                Receipt.recorded_at,
                Person.name,
                Receipt.received_by,
                Receipt.channel,
                Receipt.remark,
                reversal.code,
            )
            .join(Document, Document.id == Receipt.document_id)
            .outerjoin(StockCorrection, StockCorrection.reverses_document_id == Receipt.document_id)
            .outerjoin(reversal, reversal.id == StockCorrection.document_id)
            .join(Person, Person.id == Receipt.recorded_by)
            .where(Receipt.waybill_id == waybill.id)
            .order_by(Receipt.id)
        )
    )
    return [
        Count(
            number=row[1],
            booked=row[2],
            arrived_at=row[3],
            recorded_at=row[4],
            recorded_by=row[5],
            received_by=row[6],
            channel=row[7],
            remark=row[8],
            reversed_by=row[9],
            lines=counted.get(row[0], {}),
        )
        for row in rows
    ]


def _reports(session: Session, waybill: Waybill) -> list[Report]:
    if waybill.transit_id is None:
        return []
    number, receipt_number = aliased(Document), aliased(Document)
    return [
        Report(*row)
        for row in session.execute(
            select(
                number.code,
                receipt_number.code,
                LossReport.state,
                LossReport.reason,
                LossReport.opened_at,
                LossReport.decided_at,
                Person.name,
            )
            .join(number, number.id == LossReport.document_id)
            .join(Receipt, Receipt.id == LossReport.receipt_id)
            .join(receipt_number, receipt_number.id == Receipt.document_id)
            .outerjoin(Person, Person.id == LossReport.decided_by)
            .where(LossReport.waybill_id == waybill.id)
            .order_by(LossReport.id)
        )
    ]


def _still_out(session: Session, waybill: Waybill, lines: list[Line]) -> dict[int, int]:
    """Return what is on the road by line; of two lines of one lot the first is emptied last."""
    if waybill.state not in {WaybillState.ON_THE_ROAD, WaybillState.DISPUTED}:
        return {}
    left = {lot.lot_id: lot.on_hand for lot in on_the_road(session, waybill)}
    out = {}
    for line in lines:
        here = min(line.quantity, left.get(line.lot_id, 0))
        if here:
            out[line.number] = here
            left[line.lot_id] -= here
    return out
