"""Fifty lines in one transaction: a day's distribution at a site, beside a bare batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, bindparam, create_engine, insert, update
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db import audit
from aidlog.db.commands import new_id, once
from aidlog.db.transaction import prepare, writing
from aidlog.dispatch.handing_out import HandedOut, RecordHandOut, record_handout
from aidlog.registry.roles import Role
from tests.benchmarks import floor
from tests.benchmarks.operation import make_operation, stock_site
from tests.benchmarks.report import Line
from tests.conftest import TEST_KEY, migrate_up
from tests.factories import make_actor

LINES = 50
TURNS, EACH = 9, 5
_TAKE = (
    update(floor.Batch)
    .where(floor.Batch.id == bindparam("batch"), floor.Batch.quantity >= 1)
    .values(quantity=floor.Batch.quantity - 1)
    .execution_options(synchronize_session=False)
)


def costs(folder: Path, movements: int) -> Iterator[Line]:
    """Measure target 6: idempotent, picked by expiry, checked, in one chain, all or nothing."""
    ours, batch = _ours(folder / "many", movements), _batch(folder / "batch.db")
    for act in (ours, batch):
        _cpu_ms(act)
    turns = [(_cpu_ms(ours), _cpu_ms(batch)) for _ in range(TURNS)]
    mine, bare = (median(column) for column in zip(*turns, strict=True))
    ratio = median(one / other for one, other in turns)
    yield Line(
        "6",
        f"distribution of {LINES} lines, one transaction",
        f"{mine:.1f} CPU-ms = {ratio:.1f}×",
        f"{bare:.1f} CPU-ms, {LINES} bare updates and inserts",
        "≤ 20 CPU-ms, ≤ 7×",
        ratio <= 7,
    )


def _cpu_ms(act: Callable[[], None]) -> float:
    began = time.process_time()
    for _ in range(EACH):
        act()
    return (time.process_time() - began) * 1000 / EACH


def _ours(folder: Path, movements: int) -> Callable[[], None]:
    folder.mkdir()
    url = f"sqlite:///{folder / 'aidlog.db'}"
    migrate_up(url, folder)
    engine = create_engine(url)
    prepare(engine)
    audit.use_key(engine, TEST_KEY.encode())
    items = stock_site(engine, make_operation(engine, movements), "S1", LINES)
    lead = _lead(engine)

    def act() -> None:
        command = RecordHandOut(
            command_id=new_id(),
            site="S1",
            handed_on=datetime.now(UTC).date(),
            households=100,
            lines=tuple(HandedOut(item_id=item, quantity=1) for item in items),
        )
        with Session(engine) as session, writing(session):
            once(session, lead, command, record_handout)

    return act


def _lead(engine: Engine) -> Actor:
    with Session(engine) as session, writing(session):
        return make_actor(session, Role.SITE_LEAD)


def _batch(file: Path) -> Callable[[], None]:
    floor.fill(file)
    engine = create_engine(f"sqlite:///{file}")
    prepare(engine)

    def act() -> None:
        with Session(engine) as session, writing(session):
            connection = session.connection()
            taken = [{"batch": number} for number in range(1, LINES + 1)]
            connection.execute(_TAKE, taken)
            connection.execute(
                insert(floor.Move),
                [
                    {"batch_id": one["batch"], "quantity": 1, "moved_on": date(2026, 11, 20)}
                    for one in taken
                ],
            )

    return act
