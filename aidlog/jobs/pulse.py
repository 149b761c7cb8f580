"""The pulse of a running job: a thread that says it lives and carries words both ways."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from aidlog.db.transaction import writing
from aidlog.db.work import Job, JobState, Wish

log = logging.getLogger("aidlog.jobs")

#: Seconds between two looks at what people wish.
BEAT_SECONDS = 1.0
#: A sign of life at least this often, also when there is nothing new to tell.
SIGN_OF_LIFE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Stand:
    """How far the work is: ``done`` of ``total``, ``bound`` and ``best`` in permille."""

    stage: str = ""
    done: int = 0
    total: int = 0
    bound: int | None = None
    best: int | None = None


class Pulse:
    """Beats once a second while a job runs, each beat a transaction of its own.

    The work itself never waits for the database: it leaves its :class:`Stand` here and asks
    here what is wished. ``lost`` turns true when another worker has taken the job over.
    """

    def __init__(self, engine: Engine, job_id: str, attempt: int) -> None:
        self._engine = engine
        self._job_id = job_id
        self._attempt = attempt
        self._stand = Stand()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self.wish = Wish.NONE
        self.lost = False

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def report(self, stand: Stand) -> None:
        """Remember how far the work is; the next beat writes it down."""
        self._stand = stand

    def _beat(self) -> None:
        written, last = Stand(), 0.0
        while not self._ended.wait(BEAT_SECONDS):
            stand = self._stand
            try:
                if stand != written or time.monotonic() - last > SIGN_OF_LIFE_SECONDS:
                    self._write(stand)
                    written, last = stand, time.monotonic()
                self._look()
            except Exception as error:
                log.warning("job %s missed a beat: %s", self._job_id, type(error).__name__)

    def _write(self, stand: Stand) -> None:
        with Session(self._engine) as session, writing(session):
            session.execute(
                update(Job)
                .where(*self._mine())
                .values(
                    heartbeat_at=datetime.now(UTC),
                    stage=stand.stage,
                    done=stand.done,
                    total=stand.total,
                    bound=stand.bound,
                    best=stand.best,
                )
                .execution_options(synchronize_session=False)
            )

    def _look(self) -> None:
        with Session(self._engine) as session:
            wish = session.scalar(select(Job.wish).where(*self._mine()))
        if wish is None:
            self.lost = True
        else:
            self.wish = wish

    def _mine(self) -> tuple[Any, ...]:
        return (
            Job.id == self._job_id,
            Job.state == JobState.RUNNING,
            Job.attempts == self._attempt,
        )
