"""The caretaker: work whose worker died, wake-ups that were lost, and the outbox.

It goes round every few seconds in every worker process; rows are locked, so that two of them
do no harm to each other.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Engine, select, update
from sqlalchemy.orm import Session

from aidlog.db import outbox
from aidlog.db.outbox import OutboxEntry, OutboxKind
from aidlog.db.transaction import writing
from aidlog.db.work import Job, JobState, Wish
from aidlog.jobs import mail
from aidlog.jobs.kinds import kind_of
from aidlog.jobs.rounds import keep_alerts
from aidlog.jobs.running import GAVE_UP, MOST_ATTEMPTS, as_text
from aidlog.jobs.work import TakenOver
from aidlog.settings import Settings

log = logging.getLogger("aidlog.jobs")

#: A running job without a sign of life for so long has lost its worker.
STALE = timedelta(seconds=60)
#: A job that still waits after so long may have lost its wake-up.
LOST = timedelta(seconds=15)
#: A mail that could not be sent is tried again after 30 s, 1 min, 2 min, … a day at most.
FIRST_RETRY = timedelta(seconds=30)
LAST_RETRY = timedelta(days=1)
#: How long one caretaker keeps an entry to itself while it delivers it.
DELIVERY = timedelta(minutes=2)

Wake = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be sent: the entry it stands in, and how often it was tried before."""

    entry_id: int
    tries: int
    payload: str


def go_round(
    engine: Engine, settings: Settings, wake: Wake, *, queue_is_empty: Callable[[], bool]
) -> None:
    """Do everything that is due, once."""
    revive(engine)
    for job_id in _woken_from_outbox(engine):
        wake(job_id)
    if queue_is_empty():
        for job_id in _forgotten(engine):
            wake(job_id)
    keep_alerts(engine, settings, now=datetime.now(UTC))
    for letter in _letters_due(engine):
        _deliver(engine, settings, letter)


def revive(engine: Engine) -> None:
    """Put jobs whose worker died back into the queue; after three deaths end them."""
    cutoff = datetime.now(UTC) - STALE
    with Session(engine) as session:
        stale = session.scalars(
            select(Job)
            .where(Job.state == JobState.RUNNING, Job.heartbeat_at < cutoff)
            .order_by(Job.id)
        ).all()
    for job in stale:
        log.warning("job %s lost its worker (attempt %s)", job.id, job.attempts)
        with suppress(TakenOver), Session(engine) as session, writing(session):
            _revive_one(session, job, cutoff)


def _revive_one(session: Session, seen: Job, cutoff: datetime) -> None:
    """Decide over one job, whatever waits for it first and its own row last (order of locks)."""
    now = datetime.now(UTC)
    if seen.wish is Wish.CANCEL:
        ending: dict[str, Any] = {"state": JobState.CANCELLED, "ended_at": now}
    elif seen.attempts < MOST_ATTEMPTS:
        ending = {"state": JobState.QUEUED}
        outbox.put(session, OutboxKind.JOB, {"job": seen.id})
    else:
        ending = {"state": JobState.FAILED, "ended_at": now, "error": as_text(GAVE_UP)}
        kind_of(seen.kind).failed(session, seen.id, json.loads(seen.payload), GAVE_UP)
    changed = session.execute(
        update(Job)
        .where(Job.id == seen.id, Job.state == JobState.RUNNING, Job.heartbeat_at < cutoff)
        .values(**ending)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(changed, CursorResult)
    if changed.rowcount == 0:  # it beats again, or another caretaker was here
        raise TakenOver


def _woken_from_outbox(engine: Engine) -> list[str]:
    """Take job entries out of the outbox; return the jobs among them that still wait."""
    with Session(engine) as session, writing(session):
        entries = _due(session, OutboxKind.JOB)
        now = datetime.now(UTC)
        ids = []
        for entry in entries:
            entry.sent_at, entry.attempts = now, entry.attempts + 1
            ids.append(str(json.loads(entry.payload)["job"]))
        return list(
            session.scalars(select(Job.id).where(Job.id.in_(ids), Job.state == JobState.QUEUED))
        )


def _forgotten(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return list(
            session.scalars(
                select(Job.id)
                .where(Job.state == JobState.QUEUED, Job.created_at < datetime.now(UTC) - LOST)
                .order_by(Job.created_at)
                .limit(20)
            )
        )


def _due(session: Session, kind: OutboxKind) -> list[OutboxEntry]:
    return [entry for entry in outbox.waiting(session) if entry.kind is kind]


def _letters_due(engine: Engine) -> list[Letter]:
    """Take the mails that are due, out of others' reach until they are sent or have failed."""
    with Session(engine) as session, writing(session):
        letters = []
        for entry in _due(session, OutboxKind.MAIL):
            entry.not_before = datetime.now(UTC) + DELIVERY
            letters.append(Letter(entry.id, entry.attempts, entry.payload))
    return letters


def _deliver(engine: Engine, settings: Settings, letter: Letter) -> None:
    """Send one mail and note it, or note when to try again. Never inside a transaction."""
    trouble = mail.send(settings, json.loads(letter.payload))
    with Session(engine) as session, writing(session):
        entry = session.get_one(OutboxEntry, letter.entry_id)
        entry.attempts = letter.tries + 1
        if trouble:
            entry.last_error = trouble[:200]
            wait = min(FIRST_RETRY * 2 ** min(letter.tries, 20), LAST_RETRY)
            entry.not_before = datetime.now(UTC) + wait
        else:
            entry.sent_at, entry.last_error = datetime.now(UTC), ""
