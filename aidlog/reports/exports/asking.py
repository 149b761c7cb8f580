"""Ask for a list as a file: a worker writes it, only its maker fetches it, and it goes in a day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound
from aidlog.db.commands import Command
from aidlog.db.work import Job, request_job
from aidlog.reports.exports.kinds import KINDS

JOB = "take_out"
#: A file that was not fetched by then is deleted.
KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskExport(Command):
    """Write the list called ``kind`` as ``ending``: xlsx or csv.

    ``narrowed`` are the filters of its page, by name; a name may stand there several times.
    """

    kind: str
    ending: str
    hxl: bool
    language: str
    narrowed: tuple[tuple[str, str], ...] = ()


def ask_export(session: Session, actor: Actor, command: AskExport) -> dict[str, Any]:
    """Ask a worker for the file; return ``{"job"}``.

    Raises:
        NotFound: there is no such list.
        NotAllowed: the actor does not see it.
    """
    if command.kind not in KINDS or command.ending not in {"xlsx", "csv"}:
        raise NotFound(f"list {command.kind}")
    actor.must(KINDS[command.kind].permission)
    payload = {
        "kind": command.kind,
        "ending": command.ending,
        "hxl": command.hxl,
        "language": command.language,
        "narrowed": command.narrowed,
    }
    job = request_job(session, actor, JOB, payload, organisation_id=min(actor.organisation_ids))
    return {"job": job.id}


def own_export(session: Session, actor: Actor, job_id: str) -> Job:
    """Return the work on a file that the actor asked for.

    Raises:
        NotFound: there is none, or another asked for it.
    """
    job = session.get(Job, job_id)
    if job is None or job.kind != JOB or job.created_by != actor.user_id:
        raise NotFound(f"export {job_id}")
    return job


def file_of(folder: Path, job_id: str, ending: str) -> Path:
    """Return where the file of a job lies."""
    return folder / "exports" / f"{job_id}.{ending}"


def asked_of(job: Job) -> dict[str, Any]:
    """Return what was asked for."""
    asked: dict[str, Any] = json.loads(job.payload)
    return asked


def narrowed_of(asked: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the filters in what was asked for, with all that each is set to."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in asked["narrowed"]:
        found[name] = (*found.get(name, ()), value)
    return found


def forget_old(folder: Path, now: datetime) -> int:
    """Delete the files whose day is over; return how many."""
    oldest, gone = (now - KEPT_FOR).timestamp(), 0
    for path in (folder / "exports").glob("*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
