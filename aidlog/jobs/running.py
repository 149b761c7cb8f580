"""One job from its claim to its end, however often a worker dies on the way."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.db.transaction import Busy, writing
from aidlog.db.work import Job, JobState
from aidlog.jobs.kinds import kind_of
from aidlog.jobs.pulse import Pulse
from aidlog.jobs.work import TakenOver, Work
from aidlog.settings import Settings

log = logging.getLogger("aidlog.jobs")

#: A job that took this many workers down with it is not tried again.
MOST_ATTEMPTS = 3

#: What this process works on, by job id.
_under_way: dict[str, Work] = {}

FAULT = Message(
    N_(
        "Something went wrong in the program during the work. Start it again; if it stops again,"
        " tell your administrator."
    )
)
GAVE_UP = Message(
    N_("The work stopped half-way three times. Ask for less at once, or tell your administrator.")
)


def run_job(engine: Engine, settings: Settings, job_id: str) -> None:
    """Do the job if it waits to be done; return without a word if it does not.

    May be called any number of times for a job, by any number of workers: one of them does
    it. Its end, good or bad, is written in the job's row.
    """
    claimed = _claim(engine, job_id)
    if claimed is None:
        return
    kind, attempt, payload = claimed
    with Pulse(engine, job_id, attempt) as pulse:
        work = Work(engine, settings, job_id, attempt, payload, pulse)
        _under_way[job_id] = work
        try:
            _do(work, kind)
        except TakenOver:
            log.info("job %s is another worker's now", job_id)
        finally:
            _under_way.pop(job_id, None)


def hand_back() -> None:
    """Give back what this process has under way: it stops, and the next worker goes on at once."""
    for work in list(_under_way.values()):
        with suppress(TakenOver, Busy), work.writing(state=JobState.QUEUED):
            log.info("job %s is handed back", work.job_id)


def as_text(sentence: Message) -> str:
    """Return ``sentence`` as it is kept in the job's row."""
    return json.dumps(sentence.as_data(), sort_keys=True)


def _claim(engine: Engine, job_id: str) -> tuple[str, int, Mapping[str, Any]] | None:
    """Take the job for this worker; None where there is nothing to take."""
    with Session(engine) as session, writing(session):
        job = session.scalars(select(Job).where(Job.id == job_id).with_for_update()).one_or_none()
        if job is None or job.state is not JobState.QUEUED:
            return None
        now = datetime.now(UTC)
        job.state, job.attempts = JobState.RUNNING, job.attempts + 1
        job.heartbeat_at, job.started_at = now, job.started_at or now
        return job.kind, job.attempts, json.loads(job.payload)


def _do(work: Work, kind: str) -> None:
    try:
        result = kind_of(kind).run(work)
    except Busy:
        _try_again_later(work, kind)
    except Refusal as refusal:
        _fail(work, kind, refusal.message)
    except TakenOver:
        raise
    except Exception as error:
        number = secrets.token_hex(4).upper()
        log.exception("fault %s in job %s: %s", number, work.job_id, type(error).__name__)
        _fail(work, kind, FAULT)
    else:
        state = JobState.CANCELLED if work.cancelled() else JobState.DONE
        ended = json.dumps(result, sort_keys=True)
        with work.writing(state=state, ended_at=datetime.now(UTC), result=ended):
            pass


def _fail(work: Work, kind: str, sentence: Message) -> None:
    """End the job and whatever waits for it, in one transaction."""
    with work.writing(
        state=JobState.FAILED, ended_at=datetime.now(UTC), error=as_text(sentence)
    ) as session:
        kind_of(kind).failed(session, work.job_id, work.payload, sentence)


def _try_again_later(work: Work, kind: str) -> None:
    """The database was busy: the caretaker wakes the job again in a while."""
    if work.attempt >= MOST_ATTEMPTS:
        _fail(work, kind, GAVE_UP)
        return
    with work.writing(state=JobState.QUEUED):
        pass
