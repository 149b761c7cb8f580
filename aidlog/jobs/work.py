"""What the function of a job is given: what to do, and how to speak of it.

``attempts`` is also the claim on a job: whoever runs it writes only while the row still
carries the number it had at the start. A worker that was away for a minute (a closed laptop)
and comes back finds that its job is another's, and leaves quietly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CursorResult, Engine, update
from sqlalchemy.orm import Session

from aidlog.db.transaction import writing
from aidlog.db.work import Job, JobState, Wish
from aidlog.jobs.pulse import Pulse, Stand
from aidlog.settings import Settings


class TakenOver(Exception):
    """Another worker has this job now, or a person ended it."""


@dataclass(frozen=True, slots=True)
class Work:
    """One run of one job."""

    engine: Engine
    settings: Settings
    job_id: str
    attempt: int
    payload: Mapping[str, Any]
    pulse: Pulse

    def report(self, stand: Stand) -> None:
        """Say how far the work is."""
        self.pulse.report(stand)

    def cancelled(self) -> bool:
        """Say whether the work is to end with nothing."""
        return self.pulse.lost or self.pulse.wish is Wish.CANCEL

    def use_best(self) -> bool:
        """Say whether the work is to end now with the best it has."""
        return self.pulse.wish is Wish.USE_BEST

    @contextmanager
    def writing(self, **ending: Any) -> Iterator[Session]:
        """Open a short transaction that commits only if the job is still this worker's.

        ``ending`` are columns of the job that change with it. The job's row is written last,
        so that whoever holds a plan and wants the job never waits for one who holds the job
        and wants the plan.

        Raises:
            TakenOver: the job is another's; nothing was changed.
        """
        with Session(self.engine) as session, writing(session):
            yield session
            session.flush()
            changed = session.execute(
                update(Job)
                .where(
                    Job.id == self.job_id,
                    Job.state == JobState.RUNNING,
                    Job.attempts == self.attempt,
                )
                .values(heartbeat_at=datetime.now(UTC), **ending)
                .execution_options(synchronize_session=False)
            )
            assert isinstance(changed, CursorResult)
            if changed.rowcount == 0:
                raise TakenOver
