"""Files that were sent to be imported: kept until somebody decided, remembered afterwards.

What an import of each kind is stands in :class:`Importer`; the slices say it, the edges run it.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.sheets import Question, SheetPlan, Understood
from aidlog.core.text import N_, Message
from aidlog.db.base import Base
from aidlog.db.commands import Command

#: A file that nobody decided about is forgotten after this.
KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRows(Command):
    """Take the rows of a file into the books, all or none. ``digest`` is that of the file."""

    organisation_id: int
    digest: str
    lines: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Importer:
    """A kind of import. ``understand`` reads rows and writes nothing; ``action`` writes them.

    Who holds ``permission`` somewhere may begin; where it holds is for the two to check. The
    answer of ``action`` counts: ``{"added", "changed", "unchanged"}`` and more.
    """

    plan: SheetPlan
    permission: Permission
    understand: Callable[[Session, Actor, Question], Understood]
    command: type[ImportRows]
    action: Callable[[Session, Actor, Any], dict[str, Any]]


class ImportFile(Base):
    """A file on its way into the books. Its content goes once it was imported or given up.

    What is remembered is only that this very file (``digest``) was imported, when and by whom.
    """

    __tablename__ = "import_file"
    __table_args__ = (Index("ix_import_file_digest", "kind", "digest"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    choices: Mapped[str] = mapped_column(Text, default="")
    sent_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[datetime]
    job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id"))
    imported_at: Mapped[datetime | None]
    rows: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True, slots=True)
class FirstImport:
    """When this very file was imported first, by whose account, and how many rows it had."""

    at: datetime
    by: int
    rows: int


def keep_file(  # noqa: PLR0913 - what was sent, by whom, and as what
    session: Session,
    actor: Actor,
    *,
    kind: str,
    organisation_id: int,
    name: str,
    data: bytes,
    digest: str,
) -> ImportFile:
    """Keep a file that was sent until somebody decides; only its sender sees it.

    ``digest`` tells it from any other, however it was saved.
    """
    kept = ImportFile(
        id=secrets.token_urlsafe(24),
        kind=kind,
        organisation_id=organisation_id,
        digest=digest,
        name=" ".join(name.split())[-120:],
        content=base64.b64encode(zlib.compress(data)).decode("ascii"),
        sent_by=actor.user_id,
        sent_at=datetime.now(UTC),
    )
    session.add(kept)
    session.flush()
    return kept


def kept_file(session: Session, actor: Actor, token: str) -> ImportFile:
    """Return a file that ``actor`` sent.

    Raises:
        NotFound: there is none, somebody else sent it, or its time is over.
    """
    kept = session.get(ImportFile, token)
    if kept is None or kept.sent_by != actor.user_id:
        raise NotFound("import")
    return kept


def content_of(kept: ImportFile) -> bytes:
    """Return the file as it was sent.

    Raises:
        NotFound: it was imported or given up, and its content is gone.
    """
    if not kept.content:
        raise NotFound("import")
    return zlib.decompress(base64.b64decode(kept.content))


def give_up(session: Session, kept: ImportFile) -> None:
    """Forget a file that is not to be imported."""
    session.delete(kept)
    session.flush()


def has_old(session: Session, now: datetime) -> bool:
    """Look whether there is anything to forget, without a write: it is asked often."""
    old = (ImportFile.sent_at < now - KEPT) & (ImportFile.content != "")
    return session.scalar(select(ImportFile.id).where(old).limit(1)) is not None


def forget_old(session: Session, now: datetime) -> None:
    """Forget the content of files that nobody decided about in time."""
    session.execute(
        update(ImportFile)
        .where(ImportFile.sent_at < now - KEPT, ImportFile.content != "")
        .values(content="", choices="", name="")
        .execution_options(synchronize_session=False)
    )


def first_import(session: Session, actor: Actor, *, kind: str, digest: str) -> FirstImport | None:
    """Return when this very file was imported first for one of the actor's organisations."""
    row = session.execute(
        select(ImportFile.imported_at, ImportFile.sent_by, ImportFile.rows)
        .where(
            ImportFile.kind == kind,
            ImportFile.digest == digest,
            ImportFile.imported_at.is_not(None),
            ImportFile.organisation_id.in_(actor.organisation_ids),
        )
        .order_by(ImportFile.imported_at)
        .limit(1)
    ).one_or_none()
    if row is None or row[0] is None:
        return None
    return FirstImport(row[0], row[1], row[2])


def one_at_a_time(session: Session, *, kind: str, digest: str) -> None:
    """Let two senders of one file come one after the other (SQLite writers already do)."""
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"{kind}{digest}".encode()).digest()[:8],
                                signed=True)  # fmt: skip
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def remember(session: Session, kept: ImportFile, *, rows: int) -> None:
    """Write down that a file is in the books now, and drop its content."""
    kept.imported_at, kept.rows = datetime.now(UTC), rows
    kept.content = kept.choices = kept.name = ""
    session.add(kept)
    session.flush()


def counted(lines: Sequence[object], changed: int, added: int) -> Mapping[str, int]:
    """Return the answer of an import: how many rows did what."""
    return {"added": added, "changed": changed, "unchanged": len(lines) - added - changed}


class RowRefused(Refusal):
    """A rule said no to one row of a file; the sentence names the row."""

    def __init__(self, row: int, refusal: Refusal) -> None:
        super().__init__(
            Message(N_("Row {row}: {what}"), {"row": row, "what": refusal.message}),
            field=refusal.field,
        )


@contextmanager
def in_row(row: int) -> Iterator[None]:
    """Say which row of the file a refusal is about."""
    try:
        yield
    except Refusal as refusal:
        raise RowRefused(row, refusal) from refusal
