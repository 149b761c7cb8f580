"""What grows with the books and what must not: 10,000 movements beside 500,000.

One process asks both, turn by turn, so that a busy machine is busy for both. The movements go
in through every trigger; the item that is looked at has, in the large books, a thousand lots
that came and went.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session

from aidlog.app import create_app
from aidlog.cli.verify import check
from aidlog.db import audit
from aidlog.db.transaction import prepare, writing
from aidlog.extensions import db
from aidlog.registry.signing_in import new_session
from tests.benchmarks.operation import Operation, make_operation
from tests.benchmarks.report import Line
from tests.conftest import TEST_KEY, migrate_up, settings_for

MOST = 1.5
#: A figure is the median of so many turns of so many requests.
TURNS, EACH = 9, 20
#: The rule that a store of any kind cannot do without: every balance against its movements.
FOLD = """
    SELECT COUNT(*) FROM (
        SELECT lot_id, source_kind AS kind, source_key AS key, -quantity AS q FROM stock_movement
        UNION ALL SELECT lot_id, target_kind, target_key, quantity FROM stock_movement
        UNION ALL SELECT lot_id, kind, key, -on_hand FROM stock_balance
    ) AS sides GROUP BY lot_id, kind, key HAVING SUM(q) <> 0"""


@dataclass(frozen=True, slots=True)
class Size:
    movements: int
    lots: int

    def words(self) -> str:
        return f"{self.movements // 1000}k movements of {self.lots // 1000}k lots"


@dataclass(slots=True)
class Books:
    """The books of one size behind the pages, and someone who looks at them."""

    size: Size
    app: Flask
    engine: Engine
    operation: Operation
    cookie: str
    asked: list[str]

    def get(self, path: str) -> None:
        client = self.app.test_client()
        client.set_cookie("aidlog", self.cookie)
        assert client.get(path).status_code == 200, path

    def statements(self, path: str) -> int:
        self.asked.clear()
        self.get(path)
        return len(self.asked)

    def cpu_ms(self, path: str) -> float:
        began = time.process_time()
        for _ in range(EACH):
            self.get(path)
        return (time.process_time() - began) * 1000 / EACH


def costs(folder: Path, small: Size, large: Size) -> Iterator[Line]:
    """Measure target 4 and the issue's line on speed: lists, card, what is free, verify."""
    with _books(folder / "small", small) as few, _books(folder / "large", large) as many:
        for what, path in (
            ("stock list of a warehouse", lambda one: f"/stock/{one.warehouse_code}"),
            ("stock list of all warehouses", lambda _one: "/stock"),
            ("stock card", lambda one: f"/stock/{one.warehouse_code}/{one.item_code}"),
            ("where an item is free", lambda one: f"/stock?item={one.item_code}"),
        ):
            yield _flat(what, few, many, path)
        yield _verified(many)


def _flat(what: str, few: Books, many: Books, path: Callable[[Operation], str]) -> Line:
    small, large = path(few.operation), path(many.operation)
    asked = [(few.statements(small), many.statements(large)) for _ in range(3)][-1]
    turns = [(few.cpu_ms(small), many.cpu_ms(large)) for _ in range(TURNS)]
    ratio = median(after / before for before, after in turns)
    before, after = (median(column) for column in zip(*turns, strict=True))
    return Line(
        "4",
        f"{what}, {few.size.words()} → {many.size.words()}",
        f"{before:.1f} → {after:.1f} CPU-ms = {ratio:.2f}×, {asked[0]} → {asked[1]} statements",
        "its own cost when small",
        f"≤ {MOST}×, no more statements",
        ratio <= MOST and asked[1] <= asked[0],
    )


def _verified(many: Books) -> Line:
    with Session(many.engine) as session:
        began = time.process_time()
        movements, _entries = check(session)
        ours = time.process_time() - began
    with Session(many.engine) as session:
        began = time.process_time()
        assert session.execute(text(FOLD)).first() is None
        fold = time.process_time() - began
    return Line(
        "–",
        f"verify, {movements} movements: every rule and the audit chain",
        f"{ours:.1f} CPU-s = {ours / fold:.1f}×",
        f"{fold:.1f} CPU-s, one statement that adds up every balance",
        "≤ 12×",
        ours / fold <= 12,
    )


@contextmanager
def _books(folder: Path, size: Size) -> Iterator[Books]:
    folder.mkdir()
    url = f"sqlite:///{folder / 'aidlog.db'}"
    migrate_up(url, folder)
    engine = create_engine(url)
    prepare(engine)
    audit.use_key(engine, TEST_KEY.encode())
    began = datetime.now(UTC) - timedelta(minutes=size.movements + 1)
    operation = make_operation(
        engine, size.movements, lots=size.lots, used_up=size.lots // 100, began=began
    )
    with Session(engine) as session, writing(session):
        now = datetime.now(UTC)
        cookie = new_session(session, operation.planner_id, now=now, hours=12)
    app = create_app(settings_for(url, folder, log_level="WARNING"))
    asked: list[str] = []
    with app.app_context():
        served = db.engine

    @event.listens_for(served, "before_cursor_execute")
    def noted(_connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    try:
        yield Books(size, app, engine, operation, cookie, asked)
    finally:
        served.dispose()
        engine.dispose()
