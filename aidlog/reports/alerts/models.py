"""What alerts need to remember: limits, what was set aside, and how fast goods are needed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from aidlog.db.base import Base, Id, one_of


class AlertKind(StrEnum):
    """In the order in which they are shown: what cannot wait comes first."""

    OVERDUE = "overdue"
    EXPIRED = "expired"
    LOW = "low"
    EXPIRING = "expiring"


class AlertLimit(Base):
    """When an organisation's stock of an item counts as low; of all items where it names none.

    ``days`` of the need that a warehouse serves, ``least`` base units in a warehouse; None
    sets no such limit.
    """

    __tablename__ = "alert_limit"
    __table_args__ = (
        CheckConstraint("days >= 0", name="days_not_negative"),
        CheckConstraint("least >= 0", name="least_not_negative"),
        CheckConstraint("item_id IS NOT NULL OR least IS NULL", name="least_of_an_item"),
        Index(
            "uq_alert_limit_item",
            "organisation_id",
            "item_id",
            unique=True,
            postgresql_where=text("item_id IS NOT NULL"),
            sqlite_where=text("item_id IS NOT NULL"),
        ),
        Index(
            "uq_alert_limit_all",
            "organisation_id",
            unique=True,
            postgresql_where=text("item_id IS NULL"),
            sqlite_where=text("item_id IS NULL"),
        ),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    days: Mapped[int | None]
    least: Mapped[int | None]


class AlertAside(Base):
    """An alert that somebody saw and set aside until a day, and why.

    ``subject_id`` is the item of a low stock, the lot that expires, the waybill that is
    overdue. A row ends when another one takes its place or somebody brings the alert back.
    """

    __tablename__ = "alert_aside"
    __table_args__ = (
        Index(
            "uq_alert_aside_standing",
            "organisation_id",
            "kind",
            "place_id",
            "subject_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[AlertKind] = mapped_column(one_of(AlertKind))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    subject_id: Mapped[int]
    until: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime]
    set_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]


class StockPace(Base):
    """How fast an organisation's goods are needed from a warehouse, and how fast they leave it.

    ``needed`` base units in 30 days by ``sites`` sites, ``unknown`` of which have no count of
    people; ``left`` base units in the last 90 days. Worked out anew by the worker every hour
    (pace.py): what they are made of changes by the day.
    """

    __tablename__ = "stock_pace"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    needed: Mapped[int]
    sites: Mapped[int]
    unknown: Mapped[int]
    left: Mapped[int]
    worked_out_at: Mapped[datetime]
