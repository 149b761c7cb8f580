"""Alembic's environment: one path for SQLite (batch, transactional) and PostgreSQL."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import text

db = current_app.extensions["migrate"].db


def plain_types(kind: str, thing: Any, _context: Any) -> str | bool:
    """Write our column types as SQLAlchemy's own: a migration must not import the app."""
    if kind == "type" and type(thing).__module__.startswith("aidlog."):
        if type(thing).__name__ == "StrictInt":
            return "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')"
        return f"sa.{thing.impl_instance!r}"
    if kind == "type" and type(thing).__name__ == "Enum":
        return f"sa.String(length={thing.length})"
    return False


def options() -> dict[str, Any]:
    """Return what both databases are configured with."""
    return {
        "target_metadata": db.metadata,
        "render_as_batch": True,
        "compare_type": False,
        "compare_server_default": True,
        "render_item": plain_types,
        "transactional_ddl": True,
    }


with db.engine.connect() as connection:
    sqlite = connection.dialect.name == "sqlite"
    driver = connection.connection.driver_connection
    if sqlite:
        # Before BEGIN, for it does nothing inside. With foreign keys on, a batch migration
        # that drops and rebuilds a table would delete the rows that point at it.
        driver.execute("PRAGMA foreign_keys=OFF")
    try:
        context.configure(connection=connection, **options())
        with context.begin_transaction():
            if not sqlite:  # two hosts starting at once
                connection.execute(text("SELECT pg_advisory_xact_lock(823647)"))
            context.run_migrations()
            if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
                raise RuntimeError(f"rows point nowhere after this migration: {broken[:5]}")
    finally:
        if sqlite:
            driver.execute("PRAGMA foreign_keys=ON")
