"""What is to leave aidlog once a transaction has committed: mails and jobs to wake.

Written with the change that causes it, so neither can be lost without the other; delivered
afterwards by the edge, at least once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from aidlog.db.base import Base, Id, one_of


class OutboxKind(StrEnum):
    MAIL = "mail"
    JOB = "job"


class OutboxEntry(Base):
    __tablename__ = "outbox_entry"
    __table_args__ = (
        Index(
            "ix_outbox_entry_waiting",
            "not_before",
            postgresql_where=text("sent_at IS NULL"),
            sqlite_where=text("sent_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[OutboxKind] = mapped_column(one_of(OutboxKind))
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(200), default="")


def put(session: Session, kind: OutboxKind, payload: Mapping[str, Any]) -> None:
    """Ask for ``payload`` to be delivered after this transaction has committed."""
    now = datetime.now(UTC)
    session.add(
        OutboxEntry(
            kind=kind,
            payload=json.dumps(payload, sort_keys=True),
            created_at=now,
            not_before=now,
        )
    )
    session.flush()


def waiting(session: Session, *, limit: int = 50) -> list[OutboxEntry]:
    """Return entries that are due, oldest first, locked so that two workers do not share one."""
    return list(
        session.scalars(
            select(OutboxEntry)
            .where(OutboxEntry.sent_at.is_(None), OutboxEntry.not_before <= datetime.now(UTC))
            .order_by(OutboxEntry.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
