"""INSERT ... ON CONFLICT DO NOTHING, which both databases speak in their own module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from aidlog.db.base import Base


def insert_missing(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows`` of ``model``; leave alone those whose key is there already."""
    if not rows:
        return
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(make(model).on_conflict_do_nothing(), [dict(row) for row in rows])
