"""Import a large file: checked and taken into the books in one transaction, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.text import Message
from aidlog.db.imports import content_of, kept_file
from aidlog.db.work import Job
from aidlog.jobs.pulse import Stand
from aidlog.jobs.work import Work
from aidlog.registry.roles import actor_for


def run(work: Work) -> Mapping[str, Any]:
    """Import the file of this job; a second run after a crash gets the first one's answer."""
    from aidlog.reports.any_file import read_any
    from aidlog.reports.importing.carrying_out import carry_out
    from aidlog.reports.importing.checking import check_file
    from aidlog.reports.importing.choices import Choices
    from aidlog.reports.importing.kinds import importer_of
    from aidlog.reports.words import LANGUAGES, translator

    token = str(work.payload["import"])
    with Session(work.engine) as session:
        maker = session.scalars(select(Job.created_by).where(Job.id == work.job_id)).one()
        kept = kept_file(session, actor_for(session, maker), token)
        if kept.imported_at is not None:
            return {"rows": kept.rows}
        data, kind, owner = content_of(kept), kept.kind, kept.organisation_id
        choices = Choices.from_json(kept.choices)
    work.report(Stand(stage="reading"))
    file = read_any(data)
    with work.writing() as session:
        actor = actor_for(session, maker)
        work.report(Stand(stage="checking"))
        checked = check_file(
            session,
            actor,
            importer_of(kind),
            file,
            owner,
            choices,
            [translator(language) for language in LANGUAGES if language != "en"],
        )
        work.report(Stand(stage="writing", total=len(checked.lines)))
        answer = carry_out(
            session,
            actor,
            checked,
            kept_file(session, actor, token),
            command_id=str(work.payload["command"]),
            again=choices.again,
        )
    return dict(answer)


def failed(_session: Session, _job_id: str, _payload: Mapping[str, Any], _why: Message) -> None:
    """The page reads the job, tells why, and offers to check the file again."""
