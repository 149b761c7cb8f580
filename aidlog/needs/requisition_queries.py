"""Requisitions and assessments as people see them: rows out, one statement a list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.needs.beside import OPEN
from aidlog.needs.models import (
    Assessment,
    Counts,
    NeedChoice,
    Requisition,
    RequisitionLine,
    RequisitionState,
    RequisitionStep,
    StepKind,
)
from aidlog.registry.models import Item, Person, Place

PAGE = 50


@dataclass(frozen=True, slots=True)
class RequisitionRow:
    """A requisition in a list; ``lines`` kinds of goods are asked for."""

    id: int
    number: str
    state: RequisitionState
    site: Place
    asked_on: date
    needed_by: date | None
    lines: int

    def days_open(self, today: date) -> int | None:
        """Return how long it has been open; None once it has ended."""
        return max(0, (today - self.asked_on).days) if self.state in OPEN else None


@dataclass(frozen=True, slots=True)
class AskedLine:
    """Base units of one item; ``approved`` None is not decided."""

    item: Item
    asked: int
    approved: int | None
    reason: str
    prepared: int
    on_road: int
    received: int

    @property
    def open(self) -> int:
        """What was approved and has not come yet."""
        return max(0, (self.approved or 0) - self.received)

    @property
    def unsent(self) -> int:
        """What was approved and is on no waybill yet."""
        return max(0, (self.approved or 0) - self.received - self.on_road - self.prepared)


@dataclass(frozen=True, slots=True)
class Step:
    kind: StepKind
    note: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class RequisitionStory:
    requisition: Requisition
    number: str
    site: Place
    recorded_by: str
    lines: list[AskedLine]
    steps: list[Step]


@dataclass(frozen=True, slots=True)
class AskedOfCell:
    """What a requisition that is open asks of one item."""

    number: str
    state: RequisitionState
    asked_on: date
    asked: int
    approved: int | None
    on_road: int
    received: int


@dataclass(frozen=True, slots=True)
class AssessedRow:
    """One figure of an assessment; ``withdrawn_why`` is "" while it stands."""

    id: int
    site: Place
    item: Item
    quantity: int
    assessed_on: date
    valid_until: date | None
    source: str
    method: str
    confidence: str
    recorded_by: str
    withdrawn_why: str


@dataclass(frozen=True, slots=True)
class ChosenNeed:
    """Which figure a planner lets count, why, and who said so."""

    counts: Counts
    reason: str
    set_at: datetime
    set_by: str


def within_reach(
    actor: Actor, permission: Permission = Permission.REQUISITION_VIEW
) -> ColumnElement[bool]:
    """Return the condition on :class:`Requisition` that it is one of the actor's."""
    own = Requisition.organisation_id.in_(actor.organisation_ids)
    places = actor.places(permission)
    return own if places is None else and_(own, Requisition.site_id.in_(places))


def requisitions(
    session: Session,
    actor: Actor,
    *,
    show: str = "open",
    site: int | None = None,
    before: int | None = None,
) -> list[RequisitionRow]:
    """Return a page of requisitions and one more, newest first. One statement.

    ``show`` is waiting (for a decision), open (waiting or not all there) or all; ``before`` is
    the id that a page starts after.
    """
    number_of_lines = (
        select(func.count())
        .where(RequisitionLine.requisition_id == Requisition.id)
        .scalar_subquery()
    )
    wanted = (
        select(
            Requisition.id,
            Document.code,
            Requisition.state,
            Place,
            Requisition.asked_on,
            Requisition.needed_by,
            number_of_lines,
        )
        .join(Document, Document.id == Requisition.document_id)
        .join(Place, Place.id == Requisition.site_id)
        .where(within_reach(actor))
        .order_by(Requisition.id.desc())
        .limit(PAGE + 1)
    )
    if show == "waiting":
        wanted = wanted.where(Requisition.state == RequisitionState.ASKED)
    elif show == "open":
        wanted = wanted.where(Requisition.state.in_(OPEN))
    if site is not None:
        wanted = wanted.where(Requisition.site_id == site)
    if before is not None:
        wanted = wanted.where(Requisition.id < before)
    return [RequisitionRow(*row) for row in session.execute(wanted)]


def requisition_story(session: Session, actor: Actor, number: str) -> RequisitionStory:
    """Return one requisition with all that was done about it. Three statements.

    Raises:
        NotFound: there is none within the actor's reach.
    """
    row = session.execute(
        select(Requisition, Document.code, Place, Person.name)
        .join(Document, Document.id == Requisition.document_id)
        .join(Place, Place.id == Requisition.site_id)
        .join(Person, Person.id == Requisition.recorded_by)
        .where(Document.code == number, within_reach(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(f"requisition {number}")
    requisition: Requisition = row[0]
    line = RequisitionLine
    lines = session.execute(
        select(
            Item,
            line.asked,
            line.approved,
            line.reason,
            line.prepared,
            line.on_road,
            line.received,
        )
        .join(line, line.item_id == Item.id)
        .where(line.requisition_id == requisition.id)
        .order_by(Item.tier, Item.name_en, Item.id)
    )
    steps = session.execute(
        select(RequisitionStep.kind, RequisitionStep.note, RequisitionStep.at, Person.name)
        .join(Person, Person.id == RequisitionStep.by)
        .where(RequisitionStep.requisition_id == requisition.id)
        .order_by(RequisitionStep.id)
    )
    return RequisitionStory(
        *row,
        lines=[AskedLine(*values) for values in lines],
        steps=[Step(*values) for values in steps],
    )


def asked_of_cell(session: Session, actor: Actor, place_id: int, item_id: int) -> list[AskedOfCell]:
    """Return the open requisitions of an item at a site, the oldest first. One statement."""
    line = RequisitionLine
    rows = session.execute(
        select(
            Document.code,
            Requisition.state,
            Requisition.asked_on,
            line.asked,
            line.approved,
            line.on_road,
            line.received,
        )
        .join(Document, Document.id == Requisition.document_id)
        .join(line, line.requisition_id == Requisition.id)
        .where(
            Requisition.organisation_id.in_(actor.organisation_ids),
            Requisition.site_id == place_id,
            Requisition.state.in_(OPEN),
            line.item_id == item_id,
        )
        .order_by(Requisition.asked_on, Requisition.id)
    )
    return [AskedOfCell(*row) for row in rows]


def assessments(
    session: Session,
    actor: Actor,
    *,
    place_id: int | None = None,
    item_id: int | None = None,
    permission: Permission = Permission.NEEDS_VIEW,
    before: int | None = None,
) -> list[AssessedRow]:
    """Return a page of figures of assessments and one more, newest first. One statement."""
    recorder = aliased(Person)
    wanted = (
        select(
            Assessment.id,
            Place,
            Item,
            Assessment.quantity,
            Assessment.assessed_on,
            Assessment.valid_until,
            Assessment.source,
            Assessment.method,
            Assessment.confidence,
            recorder.name,
            Assessment.withdrawn_why,
        )
        .join(Place, Place.id == Assessment.place_id)
        .join(Item, Item.id == Assessment.item_id)
        .join(recorder, recorder.id == Assessment.recorded_by)
        .where(Place.organisation_id.in_(actor.organisation_ids))
        .order_by(Assessment.id.desc())
        .limit(PAGE + 1)
    )
    places = actor.places(permission)
    if places is not None:
        wanted = wanted.where(Place.id.in_(places))
    if place_id is not None:
        wanted = wanted.where(Assessment.place_id == place_id)
    if item_id is not None:
        wanted = wanted.where(Assessment.item_id == item_id)
    if before is not None:
        wanted = wanted.where(Assessment.id < before)
    return [AssessedRow(*row) for row in session.execute(wanted)]


def chosen_for_cell(session: Session, place_id: int, item_id: int) -> ChosenNeed | None:
    """Return what a planner chose for an item at a site, None where nobody chose."""
    row = session.execute(
        select(NeedChoice.counts, NeedChoice.reason, NeedChoice.set_at, Person.name)
        .join(Person, Person.id == NeedChoice.set_by)
        .where(NeedChoice.place_id == place_id, NeedChoice.item_id == item_id)
    ).one_or_none()
    return None if row is None else ChosenNeed(*row)


def reasons_of(session: Session, places: Collection[int]) -> dict[tuple[int, int], str]:
    """Return ``{(place id, item id): why}`` of what planners chose there. One statement."""
    rows = session.execute(
        select(NeedChoice.place_id, NeedChoice.item_id, NeedChoice.reason).where(
            NeedChoice.place_id.in_(places)
        )
    )
    return {(place, item): why for place, item, why in rows}
