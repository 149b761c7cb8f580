"""Appeals, pledges and the goods received notes that made them good."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aidlog.db.base import Base, Id, Name, one_of


class Appeal(Base):
    """A public call for goods, item by item (AppealItem)."""

    __tablename__ = "appeal"

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[Name]
    text: Mapped[str] = mapped_column(Text, default="")
    opens_on: Mapped[date]
    closes_on: Mapped[date | None]


class AppealItem(Base):
    """How much of an item an appeal asks for, in base units.

    What is still missing is this less what was promised for the appeal; see appealing.py.
    """

    __tablename__ = "appeal_item"
    __table_args__ = (CheckConstraint("wanted > 0", name="wanted_positive"),)

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    wanted: Mapped[int]


class PledgeState(StrEnum):
    """``received`` once nothing more is expected, whatever share of it came."""

    PROMISED = "promised"
    CONFIRMED = "confirmed"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Pledge(Base):
    """A promise, never stock. ``quantity`` and ``received`` are base units of the item.

    ``reference`` is what the donor says on the phone; ``token_hash`` belongs to the private
    tracking link. ``donor_name`` may be empty: no name is asked for.
    """

    __tablename__ = "pledge"
    __table_args__ = (
        UniqueConstraint("document_id"),
        UniqueConstraint("reference"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("received >= 0 AND received <= quantity", name="received_within"),
        Index("ix_pledge_organisation_id_state", "organisation_id", "state", "expected_on"),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reference: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), index=True)
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeal.id"))
    donor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    donor_name: Mapped[str] = mapped_column(String(120), default="")
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    collection_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    expected_on: Mapped[date | None]
    state: Mapped[PledgeState] = mapped_column(one_of(PledgeState))
    closing_note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]


class PledgeEarmark(Base):
    """A site that the donor wishes the gift to go to; none means wherever it is needed."""

    __tablename__ = "pledge_earmark"

    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledge.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)


class PurchaseState(StrEnum):
    """``received`` once nothing more is expected, whatever share of it came."""

    ORDERED = "ordered"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Purchase(Base):
    """Goods that were ordered and paid for; never stock until they are counted in.

    ``order_reference`` is the number on the supplier's papers. ``donor_name`` is who gave
    the money, where somebody did: the lots that come of it carry that name.
    """

    __tablename__ = "purchase"
    __table_args__ = (
        UniqueConstraint("document_id"),
        Index("ix_purchase_organisation_id_state", "organisation_id", "state", "expected_on"),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    supplier: Mapped[str] = mapped_column(String(120))
    order_reference: Mapped[str] = mapped_column(String(60), default="")
    donor_name: Mapped[str] = mapped_column(String(120), default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    expected_on: Mapped[date | None]
    state: Mapped[PurchaseState] = mapped_column(one_of(PurchaseState))
    closing_note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class PurchaseLine(Base):
    """How much of an item was ordered, and how much of it came in good state: base units.

    ``price`` is of the whole line, in minor units of the purchase's currency; None is not
    known, or not for the books of the warehouse.
    """

    __tablename__ = "purchase_line"
    __table_args__ = (
        UniqueConstraint("purchase_id", "item_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("received >= 0 AND received <= quantity", name="received_within"),
    )

    id: Mapped[Id]
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    price: Mapped[int | None]


class Source(StrEnum):
    """How goods came into a warehouse; ``gift`` is what nobody had promised before.

    ``opening`` is what stood there when the books began, as a stock list said it.
    """

    PLEDGE = "pledge"
    PURCHASE = "purchase"
    TRANSFER = "transfer"
    RETURN = "return"
    GIFT = "gift"
    OPENING = "opening"


class GoodsReceived(Base):
    """A goods received note (GRN): what was declared, and what the storekeeper counted.

    ``cites_id`` is the document that the goods came under: a waybill, or what they were
    given out with. ``order_reference`` is the supplier's, of a purchase.
    """

    __tablename__ = "goods_received"
    __table_args__ = (UniqueConstraint("document_id"),)

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    source: Mapped[Source] = mapped_column(one_of(Source))
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey("pledge.id"), index=True)
    purchase_id: Mapped[int | None] = mapped_column(ForeignKey("purchase.id"), index=True)
    cites_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    order_reference: Mapped[str] = mapped_column(String(60), default="")
    received_from: Mapped[str] = mapped_column(String(120), default="")
    arrived_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    remark: Mapped[str] = mapped_column(Text, default="")


class GoodsReceivedLine(Base):
    """Base units: what the papers declare = good + damaged + missing − excess.

    ``unpledged`` marks goods that no pledge promised: a gift beside the pledge of the note.
    """

    __tablename__ = "goods_received_line"
    __table_args__ = (
        CheckConstraint(
            "good >= 0 AND damaged >= 0 AND missing >= 0 AND excess >= 0", name="not_negative"
        ),
        CheckConstraint("declared = good + damaged + missing - excess", name="adds_up"),
    )

    id: Mapped[Id]
    note_id: Mapped[int] = mapped_column(ForeignKey("goods_received.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    declared: Mapped[int]
    good: Mapped[int]
    damaged: Mapped[int]
    missing: Mapped[int]
    excess: Mapped[int]
    unpledged: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(200), default="")


class GoodsPhoto(Base):
    """A picture of goods as they came. The file lies under the data folder by its hash.

    What was sent is written anew before it is kept, so that no place or time of the camera
    is in it.
    """

    __tablename__ = "goods_photo"
    __table_args__ = (UniqueConstraint("note_id", "sha256"),)

    id: Mapped[Id]
    note_id: Mapped[int] = mapped_column(ForeignKey("goods_received.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    added_at: Mapped[datetime]
    added_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
