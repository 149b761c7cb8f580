"""Waybills and what became of them: receipts, loss reports, hand-outs."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aidlog.db.base import Base, Id, one_of


class RequestState(StrEnum):
    """``done``: all that was asked for is on waybills, or nothing more is wanted."""

    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class TransferRequest(Base):
    """One warehouse asks another of the same organisation for goods; the remainder stays open.

    What was sent for it stands on the waybills that cite it.
    """

    __tablename__ = "transfer_request"
    __table_args__ = (
        UniqueConstraint("document_id"),
        CheckConstraint("origin_id <> destination_id", name="two_ends"),
        Index("ix_transfer_request_organisation_id_state", "organisation_id", "state"),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    origin_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    destination_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    wanted_by: Mapped[date | None]
    state: Mapped[RequestState] = mapped_column(one_of(RequestState))
    remark: Mapped[str] = mapped_column(String(400), default="")
    requested_at: Mapped[datetime]
    requested_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closing_note: Mapped[str] = mapped_column(String(200), default="")


class TransferRequestLine(Base):
    """How much of an item is asked for, in base units."""

    __tablename__ = "transfer_request_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    request_id: Mapped[int] = mapped_column(ForeignKey("transfer_request.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    quantity: Mapped[int]


class HandoverState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Handover(Base):
    """Goods that one organisation offers another to own. Nothing changes until it accepts.

    Until then the goods are the giver's, reserved under the offer. From acceptance on they
    are the taker's and on the road, under the taker's waybill, to ``destination_id``.
    """

    __tablename__ = "handover"
    __table_args__ = (
        UniqueConstraint("document_id"),
        UniqueConstraint("waybill_id"),
        CheckConstraint("organisation_id <> taker_id", name="two_organisations"),
        Index("ix_handover_organisation_id_state", "organisation_id", "state"),
        Index("ix_handover_taker_id_state", "taker_id", "state"),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    taker_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    destination_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    waybill_id: Mapped[int | None] = mapped_column(ForeignKey("waybill.id"))
    state: Mapped[HandoverState] = mapped_column(one_of(HandoverState))
    purpose: Mapped[str] = mapped_column(String(400), default="")
    condition: Mapped[str] = mapped_column(String(200), default="")
    offered_at: Mapped[datetime]
    offered_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision_note: Mapped[str] = mapped_column(String(400), default="")


class HandoverLine(Base):
    """``quantity`` base units of the giver's lot; ``taken_id`` is the taker's lot, once it is."""

    __tablename__ = "handover_line"
    __table_args__ = (
        UniqueConstraint("handover_id", "lot_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    id: Mapped[Id]
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    quantity: Mapped[int]
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"))
    taken_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))


class WaybillState(StrEnum):
    """``disputed``: received with something missing that no loss report has closed yet."""

    PREPARED = "prepared"
    ON_THE_ROAD = "on_the_road"
    RECEIVED = "received"
    DISPUTED = "disputed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Waybill(Base):
    """One truck, one waybill. ``check_code`` is the typed code printed beside the number.

    The short code only reports; ``token_hash`` belongs to the QR code's long token. For a
    protected site ``meeting_point`` says where the truck is met and whom to call, since the
    paper names no place.
    """

    __tablename__ = "waybill"
    __table_args__ = (
        UniqueConstraint("document_id"),
        UniqueConstraint("transit_id"),
        Index("ix_waybill_organisation_id_state", "organisation_id", "state", "expected_at"),
        Index("ix_waybill_destination_id_state", "destination_id", "state"),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("transfer_request.id"), index=True)
    origin_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    destination_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    transit_id: Mapped[int | None] = mapped_column(ForeignKey("transit.id"))
    state: Mapped[WaybillState] = mapped_column(one_of(WaybillState))
    check_code: Mapped[str] = mapped_column(String(4))
    token_hash: Mapped[str] = mapped_column(String(64), index=True)
    plate: Mapped[str] = mapped_column(String(20), default="")
    driver: Mapped[str] = mapped_column(String(120), default="")
    carrier: Mapped[str] = mapped_column(String(120), default="")
    seal: Mapped[str] = mapped_column(String(40), default="")
    meeting_point: Mapped[str] = mapped_column(String(200), default="")
    prepared_at: Mapped[datetime]
    prepared_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    loaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    left_at: Mapped[datetime | None]
    expected_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class WaybillLine(Base):
    """So many packs of one lot; ``quantity`` base units = packs × pack_size + loose.

    ``grams`` and ``millilitres`` are of the whole line; None is unknown, and unknown is not
    weightless. ``remark`` says why another lot than prepared was loaded. ``requisition_id``
    is the site's request that it serves; all lines of one item on a waybill serve the same.
    """

    __tablename__ = "waybill_line"
    __table_args__ = (
        UniqueConstraint("waybill_id", "line"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    id: Mapped[Id]
    waybill_id: Mapped[int] = mapped_column(ForeignKey("waybill.id"), index=True)
    line: Mapped[int]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    pack_size: Mapped[int]
    quantity: Mapped[int]
    grams: Mapped[int | None]
    millilitres: Mapped[int | None]
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"))
    requisition_id: Mapped[int | None] = mapped_column(ForeignKey("requisition.id"), index=True)
    remark: Mapped[str] = mapped_column(String(200), default="")


class Receipt(Base):
    """What a site says arrived. A second person's count is kept beside the first.

    ``booked`` is true for the one receipt that moved the stock.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("document_id"),
        Index(
            "uq_receipt_booked",
            "waybill_id",
            unique=True,
            postgresql_where=text("booked"),
            sqlite_where=text("booked = 1"),
        ),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    waybill_id: Mapped[int] = mapped_column(ForeignKey("waybill.id"), index=True)
    booked: Mapped[bool]
    arrived_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    received_by: Mapped[str] = mapped_column(String(120), default="")
    channel: Mapped[str] = mapped_column(String(20), default="page")
    remark: Mapped[str] = mapped_column(Text, default="")


class ReceiptLine(Base):
    """Base units per waybill line: sent = good + damaged + missing − excess."""

    __tablename__ = "receipt_line"
    __table_args__ = (
        UniqueConstraint("receipt_id", "waybill_line_id"),
        CheckConstraint(
            "good >= 0 AND damaged >= 0 AND missing >= 0 AND excess >= 0", name="not_negative"
        ),
    )

    id: Mapped[Id]
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"))
    waybill_line_id: Mapped[int] = mapped_column(ForeignKey("waybill_line.id"))
    good: Mapped[int]
    damaged: Mapped[int]
    missing: Mapped[int]
    excess: Mapped[int]


class LossState(StrEnum):
    """``withdrawn``: its receipt was reversed. ``reversed``: its decision was; another follows."""

    OPEN = "open"
    BOOKED = "booked"
    FOUND = "found"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


class LossReport(Base):
    """Numbered, cites its waybill, and is the basis of a claim on the carrier.

    What is missing stays on the road, named to the carrier, until this report is booked.
    """

    __tablename__ = "loss_report"
    __table_args__ = (
        UniqueConstraint("document_id"),
        Index(
            "uq_loss_report_open",
            "receipt_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    waybill_id: Mapped[int] = mapped_column(ForeignKey("waybill.id"), index=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"))
    state: Mapped[LossState] = mapped_column(one_of(LossState))
    reason: Mapped[str] = mapped_column(String(400), default="")
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class HandOut(Base):
    """Totals handed out at a site on a day, by item; no names."""

    __tablename__ = "hand_out"
    __table_args__ = (UniqueConstraint("document_id"),)

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    handed_on: Mapped[date]
    households: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
