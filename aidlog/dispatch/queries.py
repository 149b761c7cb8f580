"""Waybills as people see them: the list, one with all that happened to it, loss reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.dispatch.models import (
    LossReport,
    LossState,
    Receipt,
    Waybill,
    WaybillLine,
    WaybillState,
)
from aidlog.planning.models import Plan
from aidlog.registry.models import Person, Place

#: How many lines one page of a list shows.
PAGE = 50

#: What still asks for somebody's attention.
OPEN = (WaybillState.PREPARED, WaybillState.ON_THE_ROAD, WaybillState.DISPUTED)

_PLAN_NUMBER = aliased(Document)
_ORIGIN = aliased(Place)
_DESTINATION = aliased(Place)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaybillFilter:
    """``state``: a waybill state, ``late``, ``open`` (empty too) or ``all``.

    ``before`` is the id that a page starts after; ``warehouse`` a place's code.
    """

    state: str = ""
    warehouse: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class WaybillRow:
    """One waybill in a list. ``grams`` is what is known; ``unweighed`` lines are not in it."""

    id: int
    number: str
    state: WaybillState
    origin: Place
    destination: Place
    plan: str | None
    plate: str
    left_at: datetime | None
    expected_at: datetime | None
    lines: int
    grams: int
    unweighed: int
    counts: int

    def late(self, now: datetime) -> bool:
        """Say whether it should have arrived by ``now``."""
        return (
            self.state is WaybillState.ON_THE_ROAD
            and self.expected_at is not None
            and self.expected_at < now
        )


def waybills(
    session: Session, actor: Actor, wanted: WaybillFilter, *, now: datetime
) -> list[WaybillRow]:
    """Return a page of the actor's waybills and one more, newest first. One statement.

    Raises:
        NotAllowed: the actor sees no waybills anywhere.
    """
    rows = (
        select_rows()
        .where(within_reach(actor, Permission.WAYBILL_VIEW), _in_state(wanted.state, now))
        .order_by(Waybill.id.desc())
        .limit(PAGE + 1)
    )
    if wanted.warehouse:
        rows = rows.where(_ORIGIN.code == wanted.warehouse)
    if wanted.before is not None:
        rows = rows.where(Waybill.id < wanted.before)
    return listed(session, rows)


def how_many(session: Session, actor: Actor, *, now: datetime) -> dict[str, int]:
    """Return how many waybills each state holds, ``late`` and ``open`` included."""
    late = func.count().filter(_in_state("late", now))
    counts: dict[str, int] = {"late": 0, "open": 0, "all": 0}
    for state, number, overdue in session.execute(
        select(Waybill.state, func.count(), late)
        .where(within_reach(actor, Permission.WAYBILL_VIEW))
        .group_by(Waybill.state)
    ):
        counts[state] = number
        counts["late"] += overdue
        counts["open"] += number if state in OPEN else 0
        counts["all"] += number
    return counts


def select_rows() -> Select[Any]:
    """Return the statement of a list of waybills, to be narrowed by who asks."""
    of_it = WaybillLine.waybill_id == Waybill.id
    return (
        select(
            Waybill.id,
            Document.code,
            Waybill.state,
            _ORIGIN,
            _DESTINATION,
            _PLAN_NUMBER.code,
            Waybill.plate,
            Waybill.left_at,
            Waybill.expected_at,
            select(func.count()).where(of_it).scalar_subquery(),
            select(func.coalesce(func.sum(WaybillLine.grams), 0)).where(of_it).scalar_subquery(),
            select(func.count()).where(of_it, WaybillLine.grams.is_(None)).scalar_subquery(),
            select(func.count()).where(Receipt.waybill_id == Waybill.id).scalar_subquery(),
        )
        .join(Document, Document.id == Waybill.document_id)
        .join(_ORIGIN, _ORIGIN.id == Waybill.origin_id)
        .join(_DESTINATION, _DESTINATION.id == Waybill.destination_id)
        .outerjoin(Plan, Plan.id == Waybill.plan_id)
        .outerjoin(_PLAN_NUMBER, _PLAN_NUMBER.id == Plan.document_id)
    )


def listed(session: Session, rows: Select[Any]) -> list[WaybillRow]:
    """Return the rows of a statement that select_rows() began."""
    found: list[Any] = list(session.execute(rows))
    return [WaybillRow(*row) for row in found]


def within_reach(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the condition that holds for the waybills of ``actor``.

    Theirs are those of their organisations, and with a permission at certain places only
    those that leave from or go to one of these.
    """
    own = Waybill.organisation_id.in_(actor.organisation_ids)
    places = actor.places(permission)
    if places is None:
        return own
    return and_(own, or_(Waybill.origin_id.in_(places), Waybill.destination_id.in_(places)))


def _in_state(state: str, now: datetime) -> ColumnElement[bool]:
    if state == "late":
        return and_(Waybill.state == WaybillState.ON_THE_ROAD, Waybill.expected_at < now)
    if state == "all":
        return Waybill.id.is_not(None)
    if state in set(WaybillState):
        return Waybill.state == WaybillState(state)
    return Waybill.state.in_(OPEN)


@dataclass(frozen=True, slots=True)
class LossRow:
    """One loss report in a list; ``missing`` lines of its receipt were short."""

    id: int
    number: str
    waybill: str
    destination: Place
    carrier: str
    plate: str
    state: LossState
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str


def loss_reports(
    session: Session, actor: Actor, *, only_open: bool = False, before: int | None = None
) -> list[LossRow]:
    """Return a page of loss reports and one more, newest first. One statement."""
    number, cited = aliased(Document), aliased(Document)
    rows = (
        select(
            LossReport.id,
            number.code,
            cited.code,
            Place,
            Waybill.carrier,
            Waybill.plate,
            LossReport.state,
            LossReport.opened_at,
            LossReport.decided_at,
            Person.name,
            LossReport.reason,
        )
        .join(number, number.id == LossReport.document_id)
        .join(Waybill, Waybill.id == LossReport.waybill_id)
        .join(cited, cited.id == Waybill.document_id)
        .join(Place, Place.id == Waybill.destination_id)
        .outerjoin(Person, Person.id == LossReport.decided_by)
        .where(within_reach(actor, Permission.WAYBILL_VIEW))
        .order_by(LossReport.id.desc())
        .limit(PAGE + 1)
    )
    if only_open:
        rows = rows.where(LossReport.state == LossState.OPEN)
    if before is not None:
        rows = rows.where(LossReport.id < before)
    return [LossRow(*row) for row in session.execute(rows)]


def waybill_cited_by(session: Session, report: str) -> str:
    """Return the number of the waybill that loss report ``report`` cites.

    Raises:
        NotFound: there is no such report. Whose it is, the reader of the waybill checks.
    """
    number, cited = aliased(Document), aliased(Document)
    found = session.scalar(
        select(cited.code)
        .join(Waybill, Waybill.document_id == cited.id)
        .join(LossReport, LossReport.waybill_id == Waybill.id)
        .join(number, number.id == LossReport.document_id)
        .where(number.code == report)
    )
    if found is None:
        raise NotFound(f"loss report {report}")
    return str(found)
