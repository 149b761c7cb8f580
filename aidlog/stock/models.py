"""Lots, what is between two places, and the totals that lists are read from."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aidlog.db.base import Base, Code, Id, one_of
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item


class Lot(Base):
    """Goods of one item that arrived together and expire together.

    Never split and never merged: part of a lot elsewhere is the same lot there. What was
    fixed at receipt is frozen by a trigger. The donor's wish stands in LotEarmark.
    """

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("organisation_id", "item_id", "number"),
        UniqueConstraint("id", "item_id"),
        CheckConstraint("pack_size > 0", name="pack_size_positive"),
        Index("ix_lot_item_id", "item_id", "expires_on"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    number: Mapped[Code]
    expires_on: Mapped[date | None]
    pack_kind: Mapped[str] = mapped_column(String(20))
    pack_size: Mapped[int]
    origin: Mapped[str] = mapped_column(String(120), default="")
    donor_name: Mapped[str] = mapped_column(String(120), default="")
    gift_code: Mapped[str] = mapped_column(String(40), default="", index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    created_at: Mapped[datetime]

    item: Mapped[Item] = relationship(lazy="raise")


class LotEarmark(Base):
    """A place that an earmarked lot may go to; a lot without any may go anywhere."""

    __tablename__ = "lot_earmark"

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)


class Transit(Base):
    """What is on the road between two places under one waybill; it drains to zero."""

    __tablename__ = "transit"

    id: Mapped[Id]
    origin_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    destination_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class StockTotal(Base):
    """What an account holds of an item for one organisation: read by lists, however many lots.

    Moved by triggers together with the balances of lots; nothing in Python writes it.
    """

    __tablename__ = "stock_total"
    __table_args__ = (
        CheckConstraint("on_hand >= 0 OR kind IN ('donor', 'found')", name="never_below_zero"),
        Index("ix_stock_total_item_id", "item_id", "kind"),
    )

    kind: Mapped[AccountKind] = mapped_column(one_of(AccountKind), primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    on_hand: Mapped[int]
    reserved: Mapped[int]


class Reason(StrEnum):
    """Why the books were changed by hand. The first four say what became of the goods."""

    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    UNRECORDED_ISSUE = "unrecorded_issue"
    FOUND = "found"
    MISCOUNTED = "miscounted"
    QUALITY_CHECK = "quality_check"
    WRONG_ENTRY = "wrong_entry"
    UNKNOWN = "unknown"


class StockCorrection(Base):
    """Why a numbered correction was made: an adjustment, a hold, a release or a reversal.

    The quantities stand in the journal under the same document. ``reverses_document_id`` is
    the document that a reversal undoes; a document is undone once.
    """

    __tablename__ = "stock_correction"
    __table_args__ = (UniqueConstraint("document_id"), UniqueConstraint("reverses_document_id"))

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    reverses_document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    reason: Mapped[Reason] = mapped_column(one_of(Reason))
    remark: Mapped[str] = mapped_column(String(400), default="")
