"""Where a write begins and ends: nothing else in aidlog commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message

#: How long a write waits for another one, in milliseconds.
LOCK_WAIT_MS = 10_000
#: How long one statement may run, in milliseconds (PostgreSQL).
STATEMENT_MS = 30_000


class Busy(Refusal):
    """Another write held the same rows for longer than LOCK_WAIT_MS, or both waited in a circle.

    Nothing was changed; the same command may be sent again.
    """


class RefusedAndRemembered(Exception):
    """Carries a refusal out of ``once()``: the refusal's own record is to be kept."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """Open the one transaction of a request, command or job.

    Commits on leaving, rolls back on any error. What ``session`` had read before is
    forgotten first: a decision is taken on rows read inside this transaction only. A
    refusal that ``once()`` has remembered is committed as such and then raised.

    Raises:
        Busy: the locks did not come in time; nothing was changed.
    """
    assert not session.new, "rows were added outside writing()"
    assert not session.dirty, "rows were changed outside writing()"
    session.rollback()
    try:
        session.connection(execution_options={"aidlog_writes": True})  # SQLite waits here
        try:
            yield session
        except RefusedAndRemembered as signal:
            session.commit()
            raise signal.refusal from None
        session.commit()
    except OperationalError as error:
        session.rollback()
        if _waited_too_long(error):
            raise Busy(
                Message(N_("Someone else is changing this just now. Try again in a moment."))
            ) from error
        raise
    except BaseException:
        session.rollback()
        raise


def let_go(session: Session) -> None:
    """End what ``session`` was reading: nothing is kept, and no lock outlives the question."""
    session.rollback()


def prepare(engine: Engine) -> None:
    """Make every write of ``engine`` take its locks first, wait a bounded time and be durable.

    SQLite: a transaction that reads first and writes later is told SQLITE_BUSY half-way; one
    that begins IMMEDIATE waits at its first line or not at all. ``synchronous=FULL`` because
    field sites lose power. ``recursive_triggers`` because without it INSERT OR REPLACE
    rewrites history past the delete triggers.
    """
    sqlite = engine.dialect.name == "sqlite"

    @event.listens_for(engine, "connect")
    def connected(dbapi: Any, _record: object) -> None:
        if sqlite:
            dbapi.isolation_level = None
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "recursive_triggers=ON",
                f"busy_timeout={LOCK_WAIT_MS}",
                "trusted_schema=OFF",
            ):
                dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("aidlog_writes", False)
        if sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        elif writes:
            connection.exec_driver_sql(
                f"SET LOCAL lock_timeout = {LOCK_WAIT_MS};"
                f" SET LOCAL statement_timeout = {STATEMENT_MS}"
            )


def _waited_too_long(error: OperationalError) -> bool:
    # 55P03 lock not available, 40P01 deadlock, 40001 serialization, 57014 statement timeout
    busy = {"55P03", "40P01", "40001", "57014"}
    return getattr(error.orig, "sqlstate", None) in busy or "database is locked" in str(error.orig)
