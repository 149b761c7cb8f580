"""Idempotent commands: the same id has one effect and one answer, for ever.

Ids are made by whoever asks (a form, a phone, an importer), before the first try. A phone
that never heard our answer asks again days later and is told what it was told then.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Any, TypeVar

from sqlalchemy import ForeignKey, Row, String, Text, bindparam, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from aidlog.core.actor import Actor
from aidlog.core.errors import Conflict, Refusal
from aidlog.core.text import N_, Message
from aidlog.db import audit
from aidlog.db.base import Base, table
from aidlog.db.transaction import RefusedAndRemembered

#: A UUID as new_id() writes it; the other spellings would be other ids for one command.
_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something a person asks for once. ``command_id`` is a UUID made by the asker."""

    command_id: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.command_id):
            raise Refusal(Message(N_("This form came without its number. Open it anew.")))


def new_id() -> str:
    """Return a fresh command id."""
    return str(uuid.uuid4())


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"


class CommandRecord(Base):
    """The first answer to a command. Written once, frozen by triggers, kept for ever."""

    __tablename__ = "command"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    request_hash: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(10))
    answer: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


# Every write asks and tells these, so they are built once.
_COMMAND = table(CommandRecord)
_KNOWN = select(
    _COMMAND.c.kind,
    _COMMAND.c.actor_id,
    _COMMAND.c.request_hash,
    _COMMAND.c.outcome,
    _COMMAND.c.answer,
).where(_COMMAND.c.id == bindparam("command"))
_RECORD = insert(_COMMAND)


class IdReused(Conflict):
    """A known command id came with other content: a fault of the asker, nothing was done."""


C = TypeVar("C", bound=Command)
Answer = Mapping[str, Any]


def once(
    session: Session, actor: Actor, command: C, action: Callable[[Session, Actor, C], Answer]
) -> Answer:
    """Do ``action`` for ``command`` unless it was done; return its first answer.

    Call it inside ``writing()``. The answer is what JSON can hold: numbers of documents and
    ids. A refusal is remembered like an answer: its effects are undone, its sentence is kept
    and raised again at every repetition. What the actor may not do (NotAllowed, NotFound) is
    not remembered, since rights can change. One audit entry is chained per new command.

    Raises:
        Refusal: the action said no, now or the first time.
        IdReused: the id is known with other content or of another person.
    """
    kind = type(command).__name__
    request_hash = _hash(command)
    _queue_for(session, command.command_id)
    known = session.execute(_KNOWN, {"command": command.command_id}).one_or_none()
    if known is not None:
        return _first_answer(known, kind, request_hash, actor)

    savepoint = session.begin_nested()
    try:
        answer = dict(action(session, actor, command))
        session.flush()
    except Refusal as refusal:
        savepoint.rollback()
        remembered = _as_data(refusal)
        _remember(session, actor, command, kind, request_hash, Outcome.REFUSED, remembered)
        raise RefusedAndRemembered(refusal) from refusal
    except BaseException:
        if savepoint.is_active:
            savepoint.rollback()
        raise
    savepoint.commit()
    _remember(session, actor, command, kind, request_hash, Outcome.DONE, answer)
    return answer


def _queue_for(session: Session, command_id: str) -> None:
    """Let two senders of one id come one after the other (SQLite writers already do)."""
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(command_id.encode()).digest()[:8], signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _first_answer(
    known: Row[*tuple[Any, ...]], kind: str, request_hash: str, actor: Actor
) -> Answer:
    if (known.kind, known.request_hash, known.actor_id) != (kind, request_hash, actor.user_id):
        raise IdReused(
            Message(
                N_("This was sent before with other content. Nothing was changed; open it anew.")
            )
        )
    answer: dict[str, Any] = json.loads(known.answer)
    if known.outcome == Outcome.REFUSED:
        kind_of_refusal = Conflict if answer["conflict"] else Refusal
        raise kind_of_refusal(Message.from_data(answer["message"]), field=answer["field"])
    return answer


def _remember(  # noqa: PLR0913, PLR0917 - one row's columns
    session: Session,
    actor: Actor,
    command: Command,
    kind: str,
    request_hash: str,
    outcome: Outcome,
    answer: Answer,
) -> None:
    session.execute(
        _RECORD,
        {
            "id": command.command_id,
            "kind": kind,
            "actor_id": actor.user_id,
            "request_hash": request_hash,
            "outcome": outcome,
            "answer": json.dumps(answer, sort_keys=True, default=str),
            "recorded_at": datetime.now(UTC),
        },
    )
    audit.record(
        session,
        actor_id=actor.user_id,
        verb=f"{kind}:{outcome}",
        subject=command.command_id,
        content_hash=request_hash,
    )


def _as_data(refusal: Refusal) -> dict[str, Any]:
    return {
        "message": refusal.message.as_data(),
        "field": refusal.field,
        "conflict": isinstance(refusal, Conflict),
    }


#: Fields that a second sending of the same command may carry with another value.
_OF_THE_SENDING = frozenset({"command_id", "sent_at"})


def _hash(command: Command) -> str:
    content = {
        field.name: _plain(getattr(command, field.name))
        for field in dataclasses.fields(command)
        if field.name not in _OF_THE_SENDING
    }
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one return a kind of value
    """Return ``value`` as JSON data that is the same for the same content."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((_plain(item) for item in value), key=repr)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    assert value is None or isinstance(value, str | int | bool), f"{value!r} in a command"
    return value
