"""Counts of people, standards of help, and the horizon that needs are worked out for."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aidlog.db.base import Base, Id, one_of


class Confidence(StrEnum):
    COUNTED = "counted"
    REGISTERED = "registered"
    ESTIMATED = "estimated"


class PopulationCount(Base):
    """How many households and people a site had on a day. Newer counts add rows.

    Households and people are counted apart: people divided by five is not a count of
    households. None is unknown, and unknown is not zero.
    """

    __tablename__ = "population_count"
    __table_args__ = (
        CheckConstraint("people >= 0", name="people_not_negative"),
        CheckConstraint("households >= 0", name="households_not_negative"),
        Index("ix_population_count_latest", "place_id", "counted_on", "id"),
    )

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    counted_on: Mapped[date]
    people: Mapped[int]
    households: Mapped[int | None]
    confidence: Mapped[Confidence] = mapped_column(one_of(Confidence))
    source: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Basis(StrEnum):
    """What a standard is counted by."""

    PERSON = "person"
    HOUSEHOLD = "household"
    TWO_PERSONS = "two_persons"
    SITE = "site"


class Standard(Base):
    """What one person, household or site is due, as data with its source.

    ``quantity`` base units per basis; every ``recurs_days`` days, or once where None. A
    newer row for the same item supersedes an older one from its ``valid_from`` on.
    """

    __tablename__ = "standard"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_standard_item_id_valid_from", "item_id", "valid_from"),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    basis: Mapped[Basis] = mapped_column(one_of(Basis))
    quantity: Mapped[int]
    recurs_days: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(200))
    edition: Mapped[str] = mapped_column(String(80), default="")
    valid_from: Mapped[date]
    approved_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(Text, default="")
