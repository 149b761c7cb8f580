"""Distribution plans, their frozen question and answer, and what they promise."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aidlog.db.base import Base, Id, Name, one_of
from aidlog.needs.models import Counts


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
    ``decisions`` is what persons decided beyond the question itself, and why: see decisions.py.
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
    decisions: Mapped[str] = mapped_column(Text, default="")
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

    ``counts`` says which figure ``need`` is, with ``counts_reason``; ``computed``, ``assessed``
    and ``approved`` are the figures that stood beside one another when it was asked.
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
    counts: Mapped[Counts] = mapped_column(one_of(Counts), default=Counts.COMPUTED)
    counts_reason: Mapped[str] = mapped_column(String(400), default="")
    computed: Mapped[int | None]
    assessed: Mapped[int | None]
    approved: Mapped[int | None]


class CaseState(StrEnum):
    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PlanCase(Base):
    """A what-if beside a plan: its frozen question with some changes, and the answer to it.

    ``changes`` are sentences as data, each with ``not_there`` true where it counts on goods
    that no warehouse holds. ``outcome`` is the answer as pages compare it (case_outcome.py).
    Cases promise nothing and are no stock; ``number`` is 1 to 4, free again once removed.
    """

    __tablename__ = "plan_case"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("number BETWEEN 1 AND 4", name="four_at_most"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    changes: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(String(20))
    state: Mapped[CaseState] = mapped_column(one_of(CaseState))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id"))
    problem: Mapped[str] = mapped_column(Text)
    problem_sha256: Mapped[str] = mapped_column(String(64))
    result: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    solved_at: Mapped[datetime | None]


class ShoppingList(Base):
    """What to buy or ask for beside a plan's stock, worked out on its frozen question.

    ``asked`` and ``answer`` are JSON (see shopping.py): the prices and the budget or target, and
    the lines with whom they lift. ``number`` is 1, 2, … within the plan. ``sent_to`` is
    the title of the appeal that its lines were sent to, "" while they were not.
    """

    __tablename__ = "shopping_list"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    number: Mapped[int]
    asked: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    state: Mapped[CaseState] = mapped_column(one_of(CaseState))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    sent_to: Mapped[str] = mapped_column(String(200), default="")
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    solved_at: Mapped[datetime | None]
