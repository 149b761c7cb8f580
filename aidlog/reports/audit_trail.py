"""The audit as an auditor reads it: who did what and when, and whether the chain holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.db.audit import AuditEntry, AuditHead, Break, breaks
from aidlog.registry.models import Person

#: So many entries stand on a page.
PAGE = 75
#: A chain that is broken is not worth more lines than these on a page.
MOST_BREAKS = 20


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One entry. ``person`` is None where the machine's operator acted.

    ``verb`` is the command and its outcome; ``subject`` the id of the command.
    """

    id: int
    at: datetime
    person: str | None
    verb: str
    subject: str
    seal: str


@dataclass(frozen=True, slots=True)
class ChainState:
    """How many entries the chain should have, and where it does not hold."""

    entries: int
    head: str
    faults: tuple[Break, ...]


def trail(session: Session, actor: Actor, *, before: int | None = None) -> list[TrailLine]:
    """Return up to PAGE + 1 entries, newest first; one more means more.

    An auditor sees what people of their organisations did, and what the operator did.
    """
    actor.must(Permission.AUDIT_VIEW)
    chosen = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            Person.name,
            AuditEntry.verb,
            AuditEntry.subject,
            AuditEntry.seal,
        )
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(AuditEntry.actor_id.is_(None) | Person.organisation_id.in_(actor.organisation_ids))
    )
    if before is not None:
        chosen = chosen.where(AuditEntry.id < before)
    rows = session.execute(chosen.order_by(AuditEntry.id.desc()).limit(PAGE + 1))
    return [TrailLine(*row) for row in rows]


def chain_state(session: Session, actor: Actor) -> ChainState:
    """Walk the whole chain. About 20 µs an entry."""
    actor.must(Permission.AUDIT_VIEW)
    head = session.execute(select(AuditHead.entry_id, AuditHead.seal)).one_or_none()
    return ChainState(
        entries=head.entry_id if head else 0,
        head=head.seal if head else "",
        faults=tuple(islice(breaks(session), MOST_BREAKS)),
    )
