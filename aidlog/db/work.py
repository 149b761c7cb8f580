"""The job table: the truth about work that goes on after the answer.

A queue only wakes a worker. What is to be done, how far it is, whether someone wants it to
stop and what came of it stand here, so that a killed worker loses nothing.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from aidlog.core.actor import Actor
from aidlog.db import outbox
from aidlog.db.base import Base, one_of


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Wish(StrEnum):
    """What a person asked of a running job."""

    NONE = ""
    CANCEL = "cancel"
    USE_BEST = "use_best"


class Job(Base):
    """``done`` of ``total`` steps; ``bound`` and ``best`` in permille, for a solve.

    ``error`` is a sentence as data (Message.as_data), "" while all is well.
    """

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_heartbeat_at", "state", "heartbeat_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[str] = mapped_column(Text)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    state: Mapped[JobState] = mapped_column(one_of(JobState))
    stage: Mapped[str] = mapped_column(String(40), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    bound: Mapped[int | None]
    best: Mapped[int | None]
    wish: Mapped[Wish] = mapped_column(one_of(Wish), default=Wish.NONE)
    attempts: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text, default="")


def request_job(
    session: Session, actor: Actor, kind: str, payload: Mapping[str, Any], *, organisation_id: int
) -> Job:
    """Write down work to be done; a worker is woken after the transaction has committed."""
    job = Job(
        id=str(uuid.uuid4()),
        kind=kind,
        payload=json.dumps(payload, sort_keys=True),
        organisation_id=organisation_id,
        created_by=actor.user_id,
        created_at=datetime.now(UTC),
        state=JobState.QUEUED,
    )
    session.add(job)
    outbox.put(session, outbox.OutboxKind.JOB, {"job": job.id})
    return job
