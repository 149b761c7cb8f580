"""The import itself: one command, all rows or none, and the file remembered."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import Conflict, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Answer, once
from aidlog.db.imports import ImportFile, ImportRows, first_import, one_at_a_time, remember
from aidlog.registry.models import Person
from aidlog.reports.faults import FileRefused
from aidlog.reports.importing.checking import Checked


class ImportedBefore(Conflict):
    """The very same file is in the books already."""


def before(session: Session, actor: Actor, *, kind: str, digest: str) -> Message | None:
    """Return when and by whom this very file was imported first; None where it was not."""
    known = first_import(session, actor, kind=kind, digest=digest)
    if known is None:
        return None
    person = session.get(Person, known.by)
    return Message(
        N_("This very file was imported on {date} by {name}: {count} row."),
        {"date": known.at.date(), "name": person.name if person else "?", "count": known.rows},
        plural=N_("This very file was imported on {date} by {name}: {count} rows."),
        count=known.rows,
    )


def refuse_second(session: Session, actor: Actor, *, kind: str, digest: str, again: bool) -> None:
    """Refuse a file that is in the books, unless it is meant. Two senders at once wait here.

    Raises:
        ImportedBefore: it was imported before; the sentence says when and by whom.
    """
    one_at_a_time(session, kind=kind, digest=digest)
    told = None if again else before(session, actor, kind=kind, digest=digest)
    if told is not None:
        raise ImportedBefore(Message(N_("{before} Nothing was changed."), {"before": told}))


def carry_out(
    session: Session,
    actor: Actor,
    checked: Checked,
    kept: ImportFile,
    *,
    command_id: str,
    again: bool,
) -> Answer:
    """Take what was ``checked`` into the books; return how many rows did what.

    Call it inside ``writing()``, with a file that was checked in the same transaction: what
    it was held against is then still so.

    Raises:
        FileRefused: something stops it; every fault is named.
        ImportedBefore: the very same file is in the books, and it was not said to be meant.
    """
    if checked.stopping:
        raise FileRefused(checked.stopping)
    if not checked.lines:
        raise Refusal(Message(N_("There are no rows under the headings. Fill them in.")))
    importer = checked.importer
    command = importer.command(
        command_id=command_id,
        organisation_id=kept.organisation_id,
        digest=kept.digest,
        lines=checked.lines,
    )

    def act(session: Session, actor: Actor, command: ImportRows) -> dict[str, Any]:
        refuse_second(session, actor, kind=kept.kind, digest=kept.digest, again=again)
        answer = importer.action(session, actor, command)
        remember(session, kept, rows=len(command.lines))
        return {**answer, "rows": len(command.lines)}

    return once(session, actor, command, act)


def for_the_record(
    actor: Actor, *, kind: str, organisation_id: int, digest: str, name: str = ""
) -> ImportFile:
    """Return the row for a file that was never kept: one from the command line."""
    return ImportFile(
        id=secrets.token_urlsafe(24),
        kind=kind,
        organisation_id=organisation_id,
        digest=digest,
        name=name,
        content="",
        choices="",
        sent_by=actor.user_id,
        sent_at=datetime.now(UTC),
        rows=0,
    )
