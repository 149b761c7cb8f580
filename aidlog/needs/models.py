"""Counts of people, standards of help, and what was assessed or asked for beside them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
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


class Group(StrEnum):
    """A part of the people of a site, or of its households, that is counted apart.

    Ages are the brackets of the UNHCR population figures. Who menstruates cannot be worked
    out from them (women of 15 to 49 cross two brackets), so it is a figure of its own.
    """

    GIRLS_0_4 = "f_0_4"
    BOYS_0_4 = "m_0_4"
    GIRLS_5_11 = "f_5_11"
    BOYS_5_11 = "m_5_11"
    GIRLS_12_17 = "f_12_17"
    BOYS_12_17 = "m_12_17"
    WOMEN_18_59 = "f_18_59"
    MEN_18_59 = "m_18_59"
    WOMEN_60 = "f_60"
    MEN_60 = "m_60"
    INFANTS = "infants"
    MENSTRUATING = "menstruating"
    HOUSEHOLDS_WITH_INFANT = "hh_infant"


class PopulationGroup(Base):
    """One group of one count. A group without a row is unknown, which is not zero."""

    __tablename__ = "population_group"
    __table_args__ = (CheckConstraint("number >= 0", name="number_not_negative"),)

    count_id: Mapped[int] = mapped_column(ForeignKey("population_count.id"), primary_key=True)
    group: Mapped[Group] = mapped_column("group_code", one_of(Group), primary_key=True)
    number: Mapped[int]


class ChangeKind(StrEnum):
    """Why there are more people, or fewer, than were counted."""

    ARRIVAL = "arrival"
    DEPARTURE = "departure"
    RETURN = "return"

    @property
    def adds(self) -> bool:
        return self is ChangeKind.ARRIVAL


class PopulationChange(Base):
    """People who came to a site or left it after it was counted; never changed, only undone.

    ``households`` None: not counted. A row that undoes another bears its id in ``undoes_id``
    and counts the other way.
    """

    __tablename__ = "population_change"
    __table_args__ = (
        CheckConstraint("people > 0", name="people_positive"),
        CheckConstraint(
            "households IS NULL OR (households > 0 AND households <= people)",
            name="households_of_people",
        ),
        UniqueConstraint("undoes_id", name="uq_population_change_undone_once"),
        Index("ix_population_change_place", "place_id", "happened_on"),
    )

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    happened_on: Mapped[date]
    kind: Mapped[ChangeKind] = mapped_column(one_of(ChangeKind))
    people: Mapped[int]
    households: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("population_change.id"))


class Basis(StrEnum):
    """What a standard is counted by."""

    PERSON = "person"
    HOUSEHOLD = "household"
    TWO_PERSONS = "two_persons"
    CHILD_UNDER_5 = "child_under_5"
    INFANT = "infant"
    MENSTRUATING = "menstruating"
    OLDER_PERSON = "older_person"
    HOUSEHOLD_WITH_INFANT = "hh_infant"
    FACILITY = "facility"
    SITE = "site"


class Phase(StrEnum):
    """How far an emergency is: what is enough in its first weeks is not enough for years."""

    ANY = "any"
    FIRST_WEEKS = "first_weeks"
    STABLE = "stable"


class Climate(StrEnum):
    ANY = "any"
    COLD = "cold"
    MILD = "mild"
    HOT = "hot"


class SiteCondition(Base):
    """Under which phase and climate a site is; a site without a row is stable and mild."""

    __tablename__ = "site_condition"

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    phase: Mapped[Phase] = mapped_column(one_of(Phase))
    climate: Mapped[Climate] = mapped_column(one_of(Climate))
    set_at: Mapped[datetime]
    set_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Standard(Base):
    """What one person, household or site is due, as data with its source.

    ``quantity`` base units per basis, for a facility per started ``per`` people; every
    ``recurs_days`` days, or once where None. It holds where the site's phase and climate are
    its own, or where it names none. A newer row for the same item, phase and climate
    supersedes an older one from its ``valid_from`` on. One that is not ``in_force`` stands
    beside the others to be compared and decides nothing.
    """

    __tablename__ = "standard"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("per > 0", name="per_positive"),
        Index("ix_standard_item_id_valid_from", "item_id", "valid_from"),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    basis: Mapped[Basis] = mapped_column(one_of(Basis))
    quantity: Mapped[int]
    per: Mapped[int] = mapped_column(default=1)
    recurs_days: Mapped[int | None]
    phase: Mapped[Phase] = mapped_column(one_of(Phase), default=Phase.ANY)
    climate: Mapped[Climate] = mapped_column(one_of(Climate), default=Climate.ANY)
    in_force: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(200))
    edition: Mapped[str] = mapped_column(String(80), default="")
    valid_from: Mapped[date]
    approved_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(Text, default="")


class Counts(StrEnum):
    """Which figure is the need of an item at a site: one of them, never two added up."""

    COMPUTED = "computed"
    ASSESSED = "assessed"
    REQUESTED = "requested"


class NeedChoice(Base):
    """Which figure a planner lets count, and why; a pair without a row goes by standards."""

    __tablename__ = "need_choice"

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    counts: Mapped[Counts] = mapped_column(one_of(Counts))
    reason: Mapped[str] = mapped_column(String(400))
    set_at: Mapped[datetime]
    set_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Assessment(Base):
    """What people on the spot found a site to need of an item, on a day.

    ``quantity`` base units are needed in all, what stands at the site included. It may count
    until ``valid_until`` (None: until a newer one). Never changed, only withdrawn.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        CheckConstraint(
            "valid_until IS NULL OR valid_until >= assessed_on", name="valid_after_its_day"
        ),
        Index("ix_assessment_latest", "place_id", "item_id", "assessed_on", "id"),
    )

    id: Mapped[Id]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[int]
    assessed_on: Mapped[date]
    valid_until: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    method: Mapped[str] = mapped_column(String(200), default="")
    confidence: Mapped[Confidence] = mapped_column(one_of(Confidence))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_why: Mapped[str] = mapped_column(String(200), default="")


class RequisitionState(StrEnum):
    """``fulfilled``: all that was approved has arrived. ``closed``: a person ended it before."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FULFILLED = "fulfilled"
    CLOSED = "closed"


class Requisition(Base):
    """A site asks for goods. One or many trucks serve it; what has not arrived stays open.

    ``asked_by`` is who asked as it stands on a paper, "" where whoever recorded it did.
    """

    __tablename__ = "requisition"
    __table_args__ = (
        UniqueConstraint("document_id"),
        Index("ix_requisition_organisation_id_state", "organisation_id", "state"),
        Index("ix_requisition_site_id_state", "site_id", "state"),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    asked_on: Mapped[date]
    needed_by: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(400))
    asked_by: Mapped[str] = mapped_column(String(120), default="")
    paper: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[RequisitionState] = mapped_column(one_of(RequisitionState))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class RequisitionLine(Base):
    """One item of a requisition, in base units; ``approved`` None is not decided yet.

    ``prepared`` stands on waybills that have not left, ``on_road`` is on trucks and
    ``received`` came in good state. Only dispatch/serving.py writes the three, from the
    papers that cite the requisition: the needs board lies below dispatch and reads them here.
    """

    __tablename__ = "requisition_line"
    __table_args__ = (
        CheckConstraint("asked > 0", name="asked_positive"),
        CheckConstraint("approved >= 0", name="approved_not_negative"),
        CheckConstraint("prepared >= 0 AND on_road >= 0 AND received >= 0", name="not_negative"),
    )

    requisition_id: Mapped[int] = mapped_column(ForeignKey("requisition.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    asked: Mapped[int]
    approved: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    prepared: Mapped[int] = mapped_column(default=0)
    on_road: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)


class StepKind(StrEnum):
    """What somebody did to a requisition; ``fulfilled`` and ``short`` follow from receipts."""

    ASKED = "asked"
    DECIDED = "decided"
    REFUSED = "refused"
    UNDECIDED = "undecided"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    REOPENED = "reopened"
    FULFILLED = "fulfilled"
    SHORT = "short"


class RequisitionStep(Base):
    """One thing that was done to a requisition; never changed, another one undoes it."""

    __tablename__ = "requisition_step"

    id: Mapped[Id]
    requisition_id: Mapped[int] = mapped_column(ForeignKey("requisition.id"), index=True)
    kind: Mapped[StepKind] = mapped_column(one_of(StepKind))
    note: Mapped[str] = mapped_column(String(400), default="")
    at: Mapped[datetime]
    by: Mapped[int] = mapped_column(ForeignKey("person.id"))
