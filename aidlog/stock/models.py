"""Lots, what is between two places, and the totals that lists are read from."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aidlog.db.base import Base, Code, Id, one_of
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item


class Lot(Base):
    """Goods of one item that arrived together and expire together.

    Never split and never merged: part of a lot elsewhere is the same lot there. What was
    fixed at receipt is frozen by a trigger. The donor's wish stands in LotEarmark; what a lot
    was made from, where it was repacked, built into kits or taken out of them, in LotParent.
    """

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("organisation_id", "item_id", "number"),
        UniqueConstraint("id", "item_id"),
        CheckConstraint("pack_size > 0", name="pack_size_positive"),
        Index("ix_lot_item_id", "item_id", "expires_on"),
        Index("ix_lot_expires_on", "expires_on"),
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
    created_at: Mapped[datetime]

    item: Mapped[Item] = relationship(lazy="raise")


class LotEarmark(Base):
    """A place that an earmarked lot may go to; a lot without any may go anywhere."""

    __tablename__ = "lot_earmark"

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)


class LotParent(Base):
    """``quantity`` base units of ``parent_id`` went into ``lot_id`` under a document. Frozen.

    The document may have been reversed since; then the lot was never made (see tracing.py).
    """

    __tablename__ = "lot_parent"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("lot_id <> parent_id", name="two_lots"),
    )

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, index=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, index=True)
    quantity: Mapped[int]


class KitWork(Base):
    """How many kits a document built or broke, and by which list of contents. Frozen."""

    __tablename__ = "kit_work"
    __table_args__ = (
        UniqueConstraint("document_id"),
        CheckConstraint("kits > 0", name="kits_positive"),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("kit_version.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    kits: Mapped[int]
    broken: Mapped[bool]


class Recall(Base):
    """Goods that nobody is to be given until it is known whether they are safe.

    While it is open (``closed_at`` None) its lots go on no truck and to nobody, wherever they
    are; a trigger says so too.
    """

    __tablename__ = "recall"
    __table_args__ = (UniqueConstraint("document_id"),)

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    why: Mapped[str] = mapped_column(String(400))
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closing_note: Mapped[str] = mapped_column(String(400), default="")


class RecallLot(Base):
    """A lot that is recalled: one that was named (``named``), or one made from it."""

    __tablename__ = "recall_lot"

    recall_id: Mapped[int] = mapped_column(ForeignKey("recall.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, index=True)
    named: Mapped[bool]


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
        CheckConstraint(
            "on_hand >= 0 OR kind IN ('donor', 'found', 'handed_over', 'remade')",
            name="never_below_zero",
        ),
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
    RECALLED = "recalled"
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


class Correcting(StrEnum):
    """What a correction does to a lot in a warehouse."""

    ADD = "add"
    TAKE_OFF = "take_off"
    TAKE_OFF_HELD = "take_off_held"
    HOLD = "hold"


class AdjustmentState(StrEnum):
    """``waiting`` for a second person; nothing has moved until it is ``posted``."""

    WAITING = "waiting"
    POSTED = "posted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class StockAdjustment(Base):
    """What a numbered correction asks for, who asked and who decided. Quantity in base units.

    ``cites`` is the document on which the goods came, a waybill or a goods received note: a
    loss found later is claimed by it. ``decided_by`` is None where no second person was needed.
    """

    __tablename__ = "stock_adjustment"
    __table_args__ = (
        UniqueConstraint("document_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="second_person"),
        Index("ix_stock_adjustment_organisation_id_state", "organisation_id", "state"),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    what: Mapped[Correcting] = mapped_column(one_of(Correcting))
    quantity: Mapped[int]
    cites: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[AdjustmentState] = mapped_column(one_of(AdjustmentState))
    asked_at: Mapped[datetime]
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(String(400), default="")


class AdjustmentLimit(Base):
    """Above which corrections of an organisation's stock wait for a second person.

    ``packs`` of the item, ``permille`` of what the warehouse holds of it; None does not limit.
    """

    __tablename__ = "adjustment_limit"
    __table_args__ = (
        CheckConstraint("packs >= 0", name="packs_not_negative"),
        CheckConstraint("permille >= 0", name="permille_not_negative"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    packs: Mapped[int | None]
    permille: Mapped[int | None]


class DateFlag(Base):
    """By the dates people gave, an account would have held ``short`` less than nothing.

    The order of the journal is sound all the same; a second person finds out which date is
    wrong. ``on_day`` is the first day (UTC) on which it shows.
    """

    __tablename__ = "date_flag"
    __table_args__ = (
        UniqueConstraint("document_id", "lot_id", "kind", "key"),
        Index(
            "ix_date_flag_open",
            "flagged_at",
            postgresql_where=text("seen_at IS NULL"),
            sqlite_where=text("seen_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    kind: Mapped[AccountKind] = mapped_column(one_of(AccountKind))
    key: Mapped[int]
    on_day: Mapped[date]
    short: Mapped[int]
    flagged_at: Mapped[datetime]
    flagged_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    remark: Mapped[str] = mapped_column(String(400), default="")


class LotZone(Base):
    """Where a lot stands in a warehouse, in the words of its people: Row C, cold room."""

    __tablename__ = "lot_zone"
    __table_args__ = (Index("ix_lot_zone_place_id_zone", "place_id", "zone"),)

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    zone: Mapped[str] = mapped_column(String(40))


class TakeScope(StrEnum):
    ALL = "all"
    ZONE = "zone"
    ITEMS = "items"


class TakeState(StrEnum):
    """``recount``: it was counted, and some lines are to be counted again."""

    OPEN = "open"
    COUNTED = "counted"
    RECOUNT = "recount"
    APPROVED = "approved"
    CANCELLED = "cancelled"


class StockTake(Base):
    """A count of an organisation's goods in a warehouse; its lines are StockTakeLine."""

    __tablename__ = "stock_take"
    __table_args__ = (
        UniqueConstraint("document_id"),
        Index("ix_stock_take_warehouse_id_state", "warehouse_id", "state"),
        Index("ix_stock_take_organisation_id_state", "organisation_id", "state"),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    state: Mapped[TakeState] = mapped_column(one_of(TakeState))
    scope: Mapped[TakeScope] = mapped_column(one_of(TakeScope))
    zone: Mapped[str] = mapped_column(String(40), default="")
    opened_at: Mapped[datetime]
    opened_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    counted_at: Mapped[datetime | None]
    counted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    remark: Mapped[str] = mapped_column(String(400), default="")


class Recount(StrEnum):
    """Why a line is to be counted again."""

    MOVED = "moved"
    DIFFERS = "differs"
    ASKED = "asked"


class StockTakeLine(Base):
    """A lot to be counted, usable or held back; quantities in base units.

    ``since`` is the journal's last movement of it when its count began: any later one before
    the count is written down makes the count uncertain. Once counted, "the lot here is
    ``counted``" holds right after movement ``position``, where the books said ``book``.
    """

    __tablename__ = "stock_take_line"
    __table_args__ = (
        UniqueConstraint("take_id", "lot_id", "kind"),
        CheckConstraint("counted >= 0", name="counted_not_negative"),
        CheckConstraint(
            "(counted IS NULL) = (book IS NULL) AND (counted IS NULL) = (position IS NULL)",
            name="count_is_whole",
        ),
        Index("ix_stock_take_line_lot_id", "lot_id"),
    )

    id: Mapped[Id]
    take_id: Mapped[int] = mapped_column(ForeignKey("stock_take.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    kind: Mapped[AccountKind] = mapped_column(one_of(AccountKind))
    added: Mapped[bool] = mapped_column(default=False)
    round: Mapped[int] = mapped_column(default=1)
    since: Mapped[int]
    recount: Mapped[Recount | None] = mapped_column(one_of(Recount))
    counted: Mapped[int | None]
    book: Mapped[int | None]
    position: Mapped[int | None]
    reason: Mapped[Reason | None] = mapped_column(one_of(Reason))
    remark: Mapped[str] = mapped_column(String(200), default="")


class StockTakeCount(Base):
    """What one person counted of a line, whether it stood or not; never changed."""

    __tablename__ = "stock_take_count"

    id: Mapped[Id]
    line_id: Mapped[int] = mapped_column(ForeignKey("stock_take_line.id"), index=True)
    round: Mapped[int]
    quantity: Mapped[int]
    moved: Mapped[bool]
    channel: Mapped[str] = mapped_column(String(10))
    counted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]


class StockTakeDraft(Base):
    """What a person has typed of a line and not yet saved as a count, letter by letter."""

    __tablename__ = "stock_take_draft"

    line_id: Mapped[int] = mapped_column(ForeignKey("stock_take_line.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    packs: Mapped[str] = mapped_column(String(40), default="")
    loose: Mapped[str] = mapped_column(String(40), default="")
    saved_at: Mapped[datetime]
