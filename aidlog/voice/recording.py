"""Write down what somebody said, and answer it.

Reports of abuse or of a danger to someone never enter this queue, which logisticians read:
the page shows whom to turn to and nothing is stored, not even that it was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.registry.models import Place, PlaceKind
from aidlog.voice.models import Category, Channel, Feedback, FeedbackState

#: Days until an answer is due. No standard gives a number; organisations set their own.
ANSWER_DAYS = 14
LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFeedback(Command):
    site_id: int
    category: Category
    channel: Channel
    text: str
    said_on: date
    about_document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFeedback(Command):
    """``changed`` says what was done because of it; empty where nothing was to be done."""

    feedback_id: int
    answer: str
    changed: str = ""


def record_feedback(session: Session, actor: Actor, command: RecordFeedback) -> dict[str, Any]:
    """Keep what was said at a site, with the day an answer is due; return ``{"feedback"}``.

    Raises:
        NotFound: the site is not one of the actor's.
        Refusal: nothing was written, too much was, or the day is in the future.
    """
    actor.must(Permission.VOICE_RECORD, at=command.site_id)
    site = session.get(Place, command.site_id)
    if site is None or site.kind is not PlaceKind.SITE:
        raise NotFound(f"site {command.site_id}")
    actor.must_own(site.organisation_id)
    said = command.text.strip()
    if not said:
        raise Refusal(Message(N_("Write what was said, in the person's own words.")), field="text")
    if len(said) > LONGEST:
        raise Refusal(
            Message(N_("That is longer than {most} characters. Shorten it."), {"most": LONGEST}),
            field="text",
        )
    if command.said_on > datetime.now(UTC).date():
        raise Refusal(
            Message(N_("The day is in the future. Write when it was said.")), field="said_on"
        )
    feedback = Feedback(
        organisation_id=site.organisation_id,
        site_id=site.id,
        category=command.category,
        channel=command.channel,
        text=said,
        about_document=command.about_document.strip(),
        said_on=command.said_on,
        due_on=command.said_on + timedelta(days=ANSWER_DAYS),
        state=FeedbackState.OPEN,
        recorded_at=datetime.now(UTC),
        recorded_by=actor.user_id,
    )
    session.add(feedback)
    session.flush()
    return {"feedback": feedback.id}


def answer_feedback(session: Session, actor: Actor, command: AnswerFeedback) -> dict[str, Any]:
    """Answer what was said, once; return ``{"feedback"}``.

    Raises:
        NotFound: it is not of an organisation of the actor.
        Conflict: it was answered before.
        Refusal: the answer is empty.
    """
    actor.must(Permission.VOICE_ANSWER)
    feedback = session.scalars(
        select(Feedback).where(Feedback.id == command.feedback_id).with_for_update()
    ).one_or_none()
    if feedback is None or feedback.organisation_id not in actor.organisation_ids:
        raise NotFound(f"feedback {command.feedback_id}")
    if feedback.state is not FeedbackState.OPEN:
        raise Conflict(Message(N_("This was answered already. Open it again to read the answer.")))
    if not command.answer.strip():
        raise Refusal(Message(N_("Write the answer that people are to hear.")), field="answer")
    feedback.answer = command.answer.strip()
    feedback.changed = command.changed.strip()
    feedback.state = FeedbackState.ANSWERED
    feedback.answered_at = datetime.now(UTC)
    feedback.answered_by = actor.user_id
    return {"feedback": feedback.id}
