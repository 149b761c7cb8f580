"""Feedback as lists: what waits for an answer, what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.registry.models import Place, PlaceKind
from aidlog.voice.models import Category, Channel, Feedback, FeedbackState


@dataclass(frozen=True, slots=True)
class FeedbackLine:
    """One row of the list; ``site`` is shown as lists may show it."""

    id: int
    site: str
    protected: bool
    category: Category
    channel: Channel
    text: str
    about_document: str
    said_on: date
    due_on: date
    state: FeedbackState
    answer: str
    changed: str


def feedback_list(
    session: Session, actor: Actor, *, before: int | None = None, limit: int = 50
) -> list[FeedbackLine]:
    """Return feedback of the actor's organisations and places, open first, newest first."""
    query = _visible(actor)
    if before is not None:
        query = query.where(Feedback.id < before)
    open_first = case((Feedback.state == FeedbackState.OPEN, 0), else_=1)
    rows = session.execute(query.order_by(open_first, Feedback.id.desc()).limit(limit))
    return [_line(feedback, place) for feedback, place in rows]


def one_feedback(session: Session, actor: Actor, feedback_id: int) -> FeedbackLine:
    """Return one of them, or raise NotFound where it is not the actor's to see."""
    row = session.execute(_visible(actor).where(Feedback.id == feedback_id)).one_or_none()
    if row is None:
        raise NotFound(f"feedback {feedback_id}")
    feedback, place = row
    return _line(feedback, place)


def open_count(session: Session, actor: Actor) -> int:
    """Return how many wait for an answer."""
    return (
        session.scalar(
            select(func.count()).where(
                Feedback.state == FeedbackState.OPEN,
                Feedback.organisation_id.in_(actor.organisation_ids),
            )
        )
        or 0
    )


def sites_to_record_for(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return id and shown name of the sites where the actor may write down feedback."""
    places = actor.places(Permission.VOICE_RECORD)
    query = select(Place).where(
        Place.kind == PlaceKind.SITE,
        Place.active,
        Place.organisation_id.in_(actor.organisation_ids),
    )
    if places is not None:
        query = query.where(Place.id.in_(places))
    return [(place.id, place.shown_as) for place in session.scalars(query.order_by(Place.code))]


def _visible(actor: Actor) -> Select[Feedback, Place]:
    places = actor.places(Permission.VOICE_VIEW)
    query = (
        select(Feedback, Place)
        .join(Place, Place.id == Feedback.site_id)
        .where(Feedback.organisation_id.in_(actor.organisation_ids))
    )
    return query if places is None else query.where(Feedback.site_id.in_(places))


def _line(feedback: Feedback, place: Place) -> FeedbackLine:
    return FeedbackLine(
        id=feedback.id,
        site=place.shown_as,
        protected=place.protected,
        category=feedback.category,
        channel=feedback.channel,
        text=feedback.text,
        about_document=feedback.about_document,
        said_on=feedback.said_on,
        due_on=feedback.due_on,
        state=feedback.state,
        answer=feedback.answer,
        changed=feedback.changed,
    )
