"""Many processes at the same books, some of them killed; on both databases.

Through the real actions, in processes of their own. The same by real HTTP: test_pages.py.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from contextlib import suppress

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.db import audit
from aidlog.db.commands import CommandRecord, new_id
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.registry.roles import Role
from aidlog.stock.journal import StockBalance, StockMovement
from aidlog.stock.soundness import faults
from tests.campaign import sized
from tests.factories import make_item, make_lot, make_organisation, make_person, make_warehouse
from tests.stock.limit import lift_the_limit
from tests.storms.issuing import LINES, work_on

pytestmark = pytest.mark.slow
#: Processes fork from one that has loaded everything, so that none costs a start of Python.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.storms.issuing"])


@pytest.fixture
def books(session):
    """A warehouse with 100 of one lot, and someone who may take off and receive."""
    with writing(session):
        warehouse = make_warehouse(session)
        lot = make_lot(session, warehouse=warehouse, quantity=100)
        keeper = make_person(session, Role.STOREKEEPER)
        lift_the_limit(session)
        task = {
            "warehouse": warehouse.id,
            "lot": lot.id,
            "item": make_item(session).id,
            "actor": keeper.id,
            "organisation": make_organisation(session).id,
        }
    session.close()
    return task


class Worker:
    """A process at the books, and what it has told so far."""

    def __init__(self, url: str, task: dict[str, object]) -> None:
        self._ear, mouth = PROCESSES.Pipe(duplex=False)
        self._process = PROCESSES.Process(target=work_on, args=(url, task, mouth))
        self._process.start()
        mouth.close()

    def has_told(self) -> bool:
        """Wait until the process has told something."""
        return self._ear.poll(60)

    def kill(self) -> list[dict[str, object]]:
        """Kill -9; return what was told whole until then."""
        self._process.kill()
        return self._answers()

    def end(self) -> list[dict[str, object]]:
        """Wait for the end; return all that was told."""
        answers = self._answers()
        assert self._process.exitcode == 0
        return answers

    def _answers(self) -> list[dict[str, object]]:
        answers = []
        with suppress(EOFError, OSError), self._ear:
            while True:
                answers.append(self._ear.recv())
        self._process.join(60)
        return answers


def assert_sound(session: Session) -> None:
    session.rollback()
    assert list(faults(session)) == []
    assert list(audit.breaks(session)) == []


def on_hand(session: Session, task: dict[str, int]) -> int:
    session.rollback()
    key = (task["lot"], AccountKind.WAREHOUSE, task["warehouse"])
    return session.get_one(StockBalance, key, populate_existing=True).on_hand


def test_eight_processes_cannot_take_more_than_is_there(database, session, books):
    """Asked for: 8 × 7 × 3 = 168 of 100. 33 times three go out, one piece stays."""
    task = books | {"work": "issue", "quantity": 3, "times": 7}
    answers = [
        answer for worker in [Worker(database, task) for _ in range(8)] for answer in worker.end()
    ]
    done = [answer for answer in answers if "done" in answer]
    refused = [answer for answer in answers if "refused" in answer]
    assert len(done) == 33
    assert len(refused) == 8 * 7 - 33
    assert {answer["free"] for answer in refused} == {1}, "each is told what is left"
    assert len({answer["done"] for answer in done}) == 33, "each has a number of its own"
    assert on_hand(session, books) == 1
    assert_sound(session)


def test_the_same_commands_from_eight_processes_count_once(database, session, books):
    ids = [new_id() for _ in range(12)]
    task = books | {"work": "issue", "quantity": 1, "times": len(ids), "ids": ids}
    answers = [worker.end() for worker in [Worker(database, task) for _ in range(8)]]
    assert all(answer == answers[0] for answer in answers), "everyone gets the first answer"
    assert on_hand(session, books) == 100 - len(ids)
    assert_sound(session)


@pytest.mark.parametrize("round_", range(sized(1, 25)))
def test_what_was_told_survives_kill_9_and_nothing_is_half(database, session, books, round_):
    """Processes are killed in the middle of four-line documents, many times over."""
    kills = sized(5 if "postgresql" in database else 20, 40)
    chance = random.Random(round_)
    task = books | {"work": "receive", "times": 10_000}
    acknowledged: list[dict[str, object]] = []
    running = [Worker(database, task) for _ in range(4)]
    assert all(worker.has_told() for worker in running)
    for _ in range(kills):
        time.sleep(chance.uniform(0.005, 0.06))
        at = chance.randrange(len(running))
        acknowledged += running[at].kill()
        running[at] = Worker(database, task)
    assert all(worker.has_told() for worker in running)
    for worker in running:
        acknowledged += worker.kill()
    session.rollback()
    known = set(session.scalars(select(CommandRecord.id)))
    lost = [answer for answer in acknowledged if answer["id"] not in known]
    assert lost == []
    assert len(acknowledged) > kills // 4, "there was work to lose"
    lines = Counter(
        session.scalars(
            select(func.count()).select_from(StockMovement).group_by(StockMovement.document_id)
        ).all()
    )
    assert set(lines) == {1, LINES}, "the first lot's one line, and whole documents"
    assert_sound(session)
