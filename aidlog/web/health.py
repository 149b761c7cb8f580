"""Whether this installation can work: for the machine that watches it, not for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, select, text
from sqlalchemy.exc import SQLAlchemyError

from aidlog.db.transaction import let_go
from aidlog.db.work import Job, JobState
from aidlog.extensions import db
from aidlog.settings import resource

bp = Blueprint("public", __name__)

#: Work that nobody has taken up for this long, while nobody works: the worker is gone.
UNTAKEN = timedelta(minutes=10)
#: A running job that gave no sign of life for this long has lost its worker.
SILENT = timedelta(minutes=5)


@bp.get("/health")
def health() -> ResponseReturnValue:
    """Answer 200 where database, schema and job worker are well, else 503. Names no detail."""
    found = {"database": "failing", "schema": "unknown", "jobs": "unknown"}
    try:
        found["database"] = _database()
        found["schema"] = _schema()
        found["jobs"] = _jobs(datetime.now(UTC))
    except SQLAlchemyError:
        let_go(db.session())
    well = set(found.values()) == {"ok"}
    return {"status": "ok" if well else "failing", **found}, 200 if well else 503


def _database() -> str:
    db.session().execute(select(1))
    return "ok"


def _schema() -> str:
    """Say whether the tables are those that this version of the program was written for."""
    at = db.session().execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return "ok" if list(at) == [_head()] else "outdated"


def _head() -> str:
    """Return the last of the numbered migrations."""
    known: str | None = current_app.extensions.get("aidlog_schema")
    if known is None:
        files = (resource("migrations") / "versions").glob("[0-9]*.py")
        known = max(file.name.partition("_")[0] for file in files)
        current_app.extensions["aidlog_schema"] = known
    return known


def _jobs(now: datetime) -> str:
    waits = exists().where(Job.state == JobState.QUEUED, Job.created_at < now - UNTAKEN)
    lives = exists().where(Job.state == JobState.RUNNING, Job.heartbeat_at > now - SILENT)
    silent = exists().where(Job.state == JobState.RUNNING, Job.heartbeat_at < now - SILENT)
    waiting, living, lost = db.session().execute(select(waits, lives, silent)).one()
    return "late" if lost or (waiting and not living) else "ok"
