"""Write a list to a file: rows stream from the database into it, and the page sees how far."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.text import Message
from aidlog.db.work import Job
from aidlog.jobs.pulse import Stand
from aidlog.jobs.work import Work
from aidlog.registry.roles import actor_for
from aidlog.reports.exports.asking import file_of, narrowed_of
from aidlog.reports.words import speaker


class _Stopped(Exception):
    """A person or another worker ended the work."""


def run(work: Work) -> Mapping[str, Any]:
    """Write the file of this job; it is put in its place only when it is whole."""
    from aidlog.reports.exports.flat_file import Row, write_file
    from aidlog.reports.exports.kinds import KINDS, file_name
    from aidlog.reports.exports.rows import Asked

    wanted = KINDS[str(work.payload["kind"])]
    ending, now = str(work.payload["ending"]), datetime.now(UTC)
    target = file_of(Path(work.settings.data_dir), work.job_id, ending)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = target.with_name(f".{work.attempt}-{os.getpid()}-{target.name}")

    def while_wanted(rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            if work.cancelled():
                raise _Stopped
            yield row

    try:
        with Session(work.engine) as session:
            maker = session.scalars(select(Job.created_by).where(Job.id == work.job_id)).one()
            actor = actor_for(session, maker)
            actor.must(wanted.permission)
            asked = Asked(
                session=session,
                actor=actor,
                language=str(work.payload["language"]),
                say=speaker(str(work.payload["language"])),
                now=now,
                narrowed=narrowed_of(work.payload),
            )
            rows = write_file(
                beside,
                wanted.head(asked, hxl=bool(work.payload["hxl"])),
                while_wanted(wanted.rows(asked)),
                progress=lambda done: work.report(Stand(stage="rows", done=done)),
            )
        beside.replace(target)
    except _Stopped:
        return {"rows": 0}
    finally:
        beside.unlink(missing_ok=True)
    name = file_name(str(work.payload["kind"]), now=now, ending=ending)
    return {"rows": rows, "name": name}


def failed(_session: Session, _job_id: str, _payload: Mapping[str, Any], _why: Message) -> None:
    """Nothing waits for a file but its page, which reads the job."""
