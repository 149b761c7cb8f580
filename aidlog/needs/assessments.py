"""What an assessment found a site to need: dated, with its source, beside the computed need.

It changes no need by itself. A planner lets it count for an item at a site, or for a plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.needs.models import Assessment, Confidence
from aidlog.registry.models import Item, Place, PlaceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """So many base units of an item are needed in all, what stands there included."""

    item_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAssessment(Command):
    """What was found at a site on a day; ``valid_until`` None: until a newer one."""

    place_id: int
    assessed_on: date
    valid_until: date | None
    source: str
    method: str
    confidence: Confidence
    lines: Sequence[Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAssessment(Command):
    """A figure was wrong: it stays on record and counts no more."""

    assessment_id: int
    why: str


class WrongAssessment(Refusal):
    """An assessment of nothing, or one that cannot be; it names the field."""


class WithdrawnBefore(Conflict):
    """Somebody withdrew it already."""


def record_assessment(session: Session, actor: Actor, command: RecordAssessment) -> dict[str, Any]:
    """Add what was found at a site; return ``{"assessments"}``, their ids.

    Raises:
        NotAllowed, NotFound: the site is not the actor's to update, or an item is not there.
        WrongAssessment: it names the field.
    """
    site = _site(session, actor, command.place_id)
    check_assessment(command)
    wanted = {line.item_id for line in command.lines}
    known = set(session.scalars(select(Item.id).where(Item.id.in_(wanted))))
    if missing := wanted - known:
        raise NotFound(f"item {min(missing)}")
    found = [
        Assessment(
            place_id=site.id,
            item_id=line.item_id,
            quantity=line.quantity,
            assessed_on=command.assessed_on,
            valid_until=command.valid_until,
            source=command.source.strip(),
            method=command.method.strip(),
            confidence=command.confidence,
            recorded_at=datetime.now(UTC),
            recorded_by=actor.user_id,
        )
        for line in command.lines
    ]
    session.add_all(found)
    session.flush()
    return {"assessments": [row.id for row in found]}


def withdraw_assessment(
    session: Session, actor: Actor, command: WithdrawAssessment
) -> dict[str, Any]:
    """Take a wrong figure out of the sums; return ``{"assessment"}``.

    Raises:
        NotFound: there is no such figure at a site of the actor.
        WithdrawnBefore: it was withdrawn.
    """
    row = session.get(Assessment, command.assessment_id, with_for_update=True)
    if row is None:
        raise NotFound(f"assessment {command.assessment_id}")
    _site(session, actor, row.place_id)
    if row.withdrawn_at is not None:
        raise WithdrawnBefore(Message(N_("This figure was withdrawn already.")))
    if not command.why.strip():
        raise WrongAssessment(Message(N_("Write why.")), field="note")
    row.withdrawn_at = datetime.now(UTC)
    row.withdrawn_by = actor.user_id
    row.withdrawn_why = command.why.strip()[:200]
    return {"assessment": row.id}


def check_assessment(command: RecordAssessment) -> None:
    """Refuse an assessment that cannot be; the refusal names the field."""
    if command.assessed_on > datetime.now(UTC).date():
        raise WrongAssessment(
            Message(N_("The day of the assessment is in the future. Write the day it was made.")),
            field="assessed_on",
        )
    if command.valid_until is not None and command.valid_until < command.assessed_on:
        raise WrongAssessment(
            Message(N_("It would end before it was made. Correct one of the days.")),
            field="valid_until",
        )
    if not command.source.strip():
        raise WrongAssessment(Message(N_("Write who assessed it.")), field="source")
    for text, field in ((command.source, "source"), (command.method, "method")):
        if len(text.strip()) > 200:
            raise WrongAssessment(
                Message(N_("Write at most {most} characters here."), {"most": 200}), field=field
            )
    if not command.lines:
        raise WrongAssessment(Message(N_("Write at least one item and how much of it is needed.")))
    for number, line in enumerate(command.lines, start=1):
        if not 0 <= line.quantity <= LARGEST:
            raise WrongAssessment(
                Message(N_("Line {line}: write how much is needed."), {"line": number}),
                field=f"line_{number}",
            )
    if len({line.item_id for line in command.lines}) < len(command.lines):
        raise WrongAssessment(Message(N_("An item stands in two lines. Write it in one.")))


def _site(session: Session, actor: Actor, place_id: int) -> Place:
    actor.must(Permission.POPULATION_UPDATE, at=place_id)
    site = session.get(Place, place_id)
    if site is None or site.kind is not PlaceKind.SITE or not site.active:
        raise NotFound(f"site {place_id}")
    actor.must_own(site.organisation_id)
    return site
