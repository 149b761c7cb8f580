"""The queue that wakes a worker. Only a job's id travels; the truth is the job table.

``jobs_url`` chooses: empty (a SQLite file in the data folder), ``redis://…``,
``postgresql+psycopg://…``, or ``immediate`` for tests, where the work is done on the spot.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.extensions import db
from aidlog.jobs.running import run_job
from aidlog.settings import Settings

log = logging.getLogger("aidlog.jobs")

IMMEDIATE = "immediate"
_NAME = "aidlog"
#: The name under which the task travels; old entries of a queue are found by it.
TASK = "run_job"


def make_queue(settings: Settings, engine: Engine) -> tuple[Any, Callable[[str], object]]:
    """Return huey's queue and the function that puts a job's id into it.

    huey pickles what travels, so every entry is signed with the app's secret: who can write
    to the queue but does not know the secret cannot make a worker run anything.

    Raises:
        Refusal: ``jobs_url`` is of no kind that is known.
    """
    from huey.serializer import SignedSerializer

    serializer = SignedSerializer(secret=settings.secret_key, salt="aidlog-jobs")
    queue = _storage(settings, serializer)

    def run(job_id: str) -> None:
        run_job(engine, settings, job_id)

    return queue, queue.task(name=TASK)(run)


def _storage(settings: Settings, serializer: Any) -> Any:
    import huey

    common = {"results": False, "serializer": serializer}
    url = settings.jobs_url
    if not url:
        folder = Path(settings.data_dir)
        folder.mkdir(parents=True, exist_ok=True)
        return huey.SqliteHuey(_NAME, filename=str(folder / "jobs.db"), **common)
    if url.startswith(("redis://", "rediss://")):
        return huey.RedisHuey(_NAME, url=url, **common)
    if url.startswith(("postgresql://", "postgresql+psycopg://")):
        dsn = url.replace("postgresql+psycopg://", "postgresql://", 1)
        return huey.PostgresHuey(_NAME, dsn=dsn, **common)
    raise Refusal(
        Message(
            N_(
                "The setting jobs_url is of no known kind. Leave it empty, or write redis://…"
                " or postgresql+psycopg://…"
            )
        )
    )


class Waker:
    """Puts a job's id into the queue once its transaction has committed.

    The page calls it as ``app.extensions["aidlog.wake"]``. A queue that cannot be reached
    costs time, not work: the caretaker finds the job in the table.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._settings: Settings = app.config["AIDLOG"]
        self._enqueue: Callable[[str], object] | None = None

    def __call__(self, job_id: str) -> None:
        with self._app.app_context():
            engine = db.engine
        if self._settings.jobs_url == IMMEDIATE:
            run_job(engine, self._settings, job_id)
            return
        try:
            if self._enqueue is None:
                self._enqueue = make_queue(self._settings, engine)[1]
            self._enqueue(job_id)
        except Exception as error:
            log.warning("the queue could not be reached: %s", type(error).__name__)


def bind(app: Flask) -> None:
    """Give ``app`` its waker."""
    app.extensions["aidlog.wake"] = Waker(app)
