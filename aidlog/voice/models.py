"""Feedback and complaints from a site, without names."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aidlog.db.base import Base, Id, one_of


class Category(StrEnum):
    """What it is about. Protection and abuse are not here on purpose: see recording.py."""

    NOT_ON_LIST = "not_on_list"
    FAMILY_SIZE = "family_size"
    SHORT_ITEM = "short_item"
    QUALITY = "quality"
    WRONG_ITEM = "wrong_item"
    WAITING = "waiting"
    STAFF = "staff"
    PAYMENT_ASKED = "payment_asked"
    QUESTION = "question"
    SUGGESTION = "suggestion"
    THANKS = "thanks"
    RUMOUR = "rumour"


class Channel(StrEnum):
    DESK = "desk"
    HOTLINE = "hotline"
    BOX = "box"
    MEETING = "meeting"
    PHONE_PAGE = "phone_page"


class FeedbackState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Feedback(Base):
    """One thing somebody said. ``changed`` is what was done because of it, for all to read.

    ``about_document`` is the code of the waybill or hand-out it is about ("" = none).
    """

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_organisation_id_state", "organisation_id", "state"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    category: Mapped[Category] = mapped_column(one_of(Category))
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    text: Mapped[str] = mapped_column(Text)
    about_document: Mapped[str] = mapped_column(String(40), default="")
    said_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[FeedbackState] = mapped_column(one_of(FeedbackState))
    answer: Mapped[str] = mapped_column(Text, default="")
    changed: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
