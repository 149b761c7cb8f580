"""The audit chain: who did what, each entry sealed together with the one before it.

The seal is an HMAC with a key kept outside the database, so that someone who can write the
tables still cannot forge a chain. Entries hold ids and hashes, never names: a person can be
erased without breaking it. A cut tail is seen only against an anchor kept elsewhere, which is
why a backup carries the head.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import (
    CheckConstraint,
    Engine,
    ForeignKey,
    String,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from aidlog.db.base import Base, Id, table

#: What the first entry is chained to.
ORIGIN = "0" * 64
#: An entry whose seal does not fit: changed, or sealed with another key.
CHANGED = "changed since it was sealed"

_keys: WeakKeyDictionary[Engine, bytes] = WeakKeyDictionary()


class AuditEntry(Base):
    """One sealed line; frozen by triggers."""

    __tablename__ = "audit_entry"

    id: Mapped[Id]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verb: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80))
    content_hash: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The one row that knows the last entry; locking it keeps the chain from forking."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[Id]
    entry_id: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))


class Line(NamedTuple):
    """What is sealed of an entry, in the order in which it is sealed."""

    id: int
    at: datetime
    actor_id: int | None
    verb: str
    subject: str
    content_hash: str
    previous: str


# Every write ends with these three, so they are built once.
_HEAD = table(AuditHead)
_LOCK_HEAD = select(_HEAD.c.entry_id, _HEAD.c.seal).where(_HEAD.c.id == 1).with_for_update()
_APPEND = insert(table(AuditEntry))
_MOVE_HEAD = (
    update(_HEAD)
    .where(_HEAD.c.id == 1)
    .values(entry_id=bindparam("last"), seal=bindparam("sealed"))
)


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold, and how it shows."""

    entry_id: int
    what: str


def use_key(engine: Engine, key: bytes) -> None:
    """Seal what is written through ``engine`` with ``key``."""
    _keys[engine] = key


def record(
    session: Session, *, actor_id: int | None, verb: str, subject: str, content_hash: str = ""
) -> None:
    """Append a sealed entry. Last in a transaction's order of locks, so call it last."""
    session.flush()
    last, previous = session.execute(_LOCK_HEAD).one()
    line = Line(last + 1, datetime.now(UTC), actor_id, verb, subject, content_hash, previous)
    seal = _seal(_key(session), line)
    session.execute(_APPEND, {**line._asdict(), "seal": seal})
    session.execute(_MOVE_HEAD, {"last": line.id, "sealed": seal})


def breaks(session: Session) -> Iterator[Break]:
    """Walk the whole chain and yield every place where it does not hold."""
    key = _key(session)
    previous, expected = ORIGIN, 1
    for entry in session.scalars(
        select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=2_000)
    ):
        if entry.id != expected:
            yield Break(expected, "missing")
        if entry.previous != previous:
            yield Break(entry.id, "not chained to the entry before it")
        if not hmac.compare_digest(entry.seal, _seal(key, entry)):
            yield Break(entry.id, CHANGED)
        previous, expected = entry.seal, entry.id + 1
    head = session.scalars(select(AuditHead).where(AuditHead.id == 1)).one_or_none()
    if head is None:
        yield Break(0, "the head is gone")
    elif (head.entry_id, head.seal) != (expected - 1, previous):
        yield Break(head.entry_id, "the head names another last entry")


def keyed_digest(session: Session, purpose: str, text: str) -> bytes:
    """Return 32 bytes for ``text`` that only this installation can work out, for ``purpose``.

    For tokens printed on paper: they can be printed again without being stored.
    """
    return hmac.new(_key(session), f"{purpose}:{text}".encode(), hashlib.sha256).digest()


def _key(session: Session) -> bytes:
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    key = _keys.get(engine)
    assert key is not None, "call audit.use_key() for this engine first"
    return key


def _seal(key: bytes, entry: AuditEntry | Line) -> str:
    content = json.dumps(
        [
            entry.id,
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.actor_id,
            entry.verb,
            entry.subject,
            entry.content_hash,
            entry.previous,
        ],
        ensure_ascii=False,
    )
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()
