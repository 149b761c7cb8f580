"""Distribution plans, their frozen question and answer, and what they promise."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aidlog.db.base import Base, Id, Name, one_of


class PlanState(StrEnum):
    DRAFT = "draft"
    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Plan(Base):
    """Who gets what for the days from ``starts_on`` to ``ends_on``.

    ``problem`` is the question as it was frozen (JSON, aidlog-problem/1) and ``result`` the
    engine's answer (aidlog-result/1): solving the one again gives the other, years later.
    ``summary`` is the answer without its long lists, for pages. ``note`` is a sentence as
    data (Message.as_data) that says why there is no answer, "" while there may be one.
    """

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("document_id"),
        Index("ix_plan_organisation_id_state", "organisation_id", "state"),
    )

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[Name]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    rule: Mapped[str] = mapped_column(String(20))
    state: Mapped[PlanState] = mapped_column(one_of(PlanState))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id"))
    problem: Mapped[str] = mapped_column(Text)
    problem_sha256: Mapped[str] = mapped_column(String(64))
    result: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    solved_at: Mapped[datetime | None]
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision_note: Mapped[str] = mapped_column(String(400), default="")


class PlanLine(Base):
    """So many whole packs of one lot from one warehouse to one site; ``quantity`` base units."""

    __tablename__ = "plan_line"
    __table_args__ = (
        UniqueConstraint("plan_id", "warehouse_id", "lot_id", "site_id"),
        CheckConstraint("packs > 0 AND quantity = packs * pack_size", name="whole_packs"),
        Index("ix_plan_line_site_id", "site_id"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    packs: Mapped[int]
    pack_size: Mapped[int]
    quantity: Mapped[int]
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"))


class PlanNeed(Base):
    """One need of the plan, before and after, with its reason.

    Written with the question; ``sent``, ``after`` and ``reason`` are the answer's. Quantities
    in base units; ``before`` and ``after`` are coverage in permille; ``reason`` keeps the
    engine's code and sentence as JSON, "" while there is no answer.
    """

    __tablename__ = "plan_need"
    __table_args__ = (UniqueConstraint("plan_id", "site_id", "item_id"),)

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    need: Mapped[int]
    held: Mapped[int]
    sent: Mapped[int]
    before: Mapped[int]
    after: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
