"""A ledger that is quick rather than durable: power does not fail within a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from aidlog.db import audit
from aidlog.db.transaction import prepare
from tests.conftest import TEST_KEY
from tests.ledger.machine import World


@pytest.fixture
def world_on() -> Iterator[Callable[[str], World]]:
    """Make a world on a database URL; its session is closed after the test."""
    sessions: list[Session] = []

    def make(url: str) -> World:
        engine = create_engine(url)
        prepare(engine)
        if engine.dialect.name == "sqlite":

            @event.listens_for(engine, "connect")
            def hasty(connection: object, _record: object) -> None:
                connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]

        audit.use_key(engine, TEST_KEY.encode())
        session = Session(engine)
        sessions.append(session)
        return World(session)

    yield make
    for session in sessions:
        session.close()
        session.get_bind().dispose()  # type: ignore[union-attr]
