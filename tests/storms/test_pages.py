"""Storms by real HTTP: two gunicorn workers, many browsers, some workers killed; both databases."""

from __future__ import annotations

import http.client
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aidlog.db import audit
from aidlog.db.commands import new_id
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.dispatch.models import Waybill
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item
from aidlog.registry.roles import Role
from aidlog.stock.journal import StockBalance, StockMovement
from aidlog.stock.soundness import faults
from tests.campaign import sized
from tests.conftest import copied_database
from tests.factories import make_lot, make_person, make_place, make_warehouse
from tests.serving import Answer, Browser, Server, serving
from tests.stock.limit import lift_the_limit

pytestmark = pytest.mark.slow
BROWSERS = sized(8, 32)
LINES = 4


@dataclass
class Books:
    """What the storm works on: one lot in one warehouse, and one storekeeper."""

    engine: Engine
    keeper_id: int
    warehouse_id: int
    warehouse: str
    site: str
    item: str
    lot_id: int

    def balance(self) -> tuple[int, int]:
        """Return what is on hand of the lot, and how much of that is reserved."""
        with Session(self.engine) as session:
            key = (self.lot_id, AccountKind.WAREHOUSE, self.warehouse_id)
            row = session.get_one(StockBalance, key)
            return row.on_hand, row.reserved

    def assert_sound(self) -> None:
        with Session(self.engine) as session:
            assert list(faults(session)) == []
            assert list(audit.breaks(session)) == []

    @property
    def correct(self) -> str:
        return f"/stock/{self.warehouse}/{self.item}/correct"

    @property
    def new_waybill(self) -> str:
        return f"/waybills/new?from={self.warehouse}&to={self.site}"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database for the storms of this file; each works on books of its own."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("storms") / "aidlog.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    with copied_database(server, *request.getfixturevalue("postgres_template")) as copied:
        yield copied


@pytest.fixture(scope="module")
def server(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(url, tmp_path_factory.mktemp("server")) as running:
        yield running
        assert running.faults() == []


@pytest.fixture
def books(url: str, make_engine: Callable[[str], Engine]) -> Books:
    engine = make_engine(url)
    with Session(engine) as session, writing(session):
        warehouse, site = make_warehouse(session), make_place(session, protected=False)
        lot = make_lot(session, warehouse=warehouse, quantity=100)
        item = session.get_one(Item, lot.item_id)
        keeper = make_person(session, Role.STOREKEEPER)
        lift_the_limit(session)
        return Books(engine, keeper.id, warehouse.id, warehouse.code, site.code, item.code, lot.id)


def all_at_once(browsers: list[Browser], asks: list[Callable[[Browser], Answer]]) -> list[Answer]:
    """Let the browsers work off ``asks`` together; return the answers in the order of asking."""
    answers: dict[int, Answer] = {}
    waiting = list(enumerate(asks))
    lock, gate = threading.Lock(), threading.Barrier(len(browsers))

    def work(browser: Browser) -> None:
        gate.wait()
        while True:
            with lock:
                if not waiting:
                    return
                number, ask = waiting.pop()
            answers[number] = ask(browser)

    threads = [threading.Thread(target=work, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(asks))]


def signed_in(server: Server, books: Books, number: int = BROWSERS) -> list[Browser]:
    return [server.signed_in(books.engine, books.keeper_id) for _ in range(number)]


def posting(path: str, forms: dict[int, dict[str, str]], **fields: object):
    """Return what sends a form that the browser has opened before, as a command of its own."""

    def ask(browser: Browser) -> Answer:
        return browser.post(path, forms[id(browser)] | {"command_id": new_id()} | fields)

    return ask


def test_fifty_people_who_take_three_of_a_hundred(server, books):
    """33 of them get theirs; each of the others is told that one is left."""
    browsers = signed_in(server, books)
    forms = {id(browser): browser.form(books.correct) for browser in browsers}
    take = posting(
        books.correct,
        forms,
        lot=books.lot_id,
        what="take_off",
        quantity=3,
        reason="unrecorded_issue",
    )
    answers = all_at_once(browsers, [take] * 50)
    assert Counter(answer.status for answer in answers) == {303: 33, 409: 17}
    told = re.compile(r"only [^;]*\b1 pc\)? free in stock")
    assert all(told.search(answer.text) for answer in answers if answer.status == 409)
    assert books.balance() == (1, 0)
    books.assert_sound()


def test_fifty_waybills_of_three_from_a_hundred(server, books):
    """33 trucks are promised their load; nothing is promised twice."""
    browsers = signed_in(server, books)
    forms = {id(browser): browser.form(books.new_waybill) for browser in browsers}
    prepare = posting(books.new_waybill, forms, **{"lines-0-loose": 3})
    answers = all_at_once(browsers, [prepare] * 50)
    assert Counter(answer.status for answer in answers) == {303: 33, 409: 17}
    assert books.balance() == (100, 99)
    with Session(books.engine) as session:
        numbers = session.scalars(
            select(Document.number).join(Waybill, Waybill.document_id == Document.id)
        ).all()
    assert sorted(numbers) == list(range(1, 34)), "waybill numbers without a gap"
    books.assert_sound()


def test_one_command_sent_by_eight_connections_at_once(server, books):
    """A phone that lost its line sends again, and again, before the first answer is there."""
    fields = signed_in(server, books, 1)[0].form(books.correct) | {
        "lot": books.lot_id,
        "what": "take_off",
        "quantity": 3,
        "reason": "unrecorded_issue",
    }
    browsers = signed_in(server, books, 8)
    tokens = {id(browser): browser.form(books.correct)["csrf_token"] for browser in browsers}

    def send(browser: Browser) -> Answer:
        return browser.post(books.correct, fields | {"csrf_token": tokens[id(browser)]})

    answers = all_at_once(browsers, [send] * 40)
    assert Counter(answer.status for answer in answers) == {303: 40}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert books.balance() == (97, 0)
    books.assert_sound()


def test_goods_received_while_workers_are_killed(url, server, books):
    """Every delivery that was answered is there, whole; every one sent is there once."""
    kills = sized(2 if "postgresql" in url else 5, 60)
    browsers = signed_in(server, books, 4)
    ended = threading.Event()
    acknowledged: list[str] = []
    unanswered = []

    def receive(browser: Browser) -> None:
        form = browser.form("/receive/new")
        while not ended.is_set():
            delivery = form | _delivery(books) | {"command_id": new_id()}
            while True:  # as a phone does: the same command until someone answers
                with suppress(OSError, http.client.HTTPException):
                    answer = browser.post("/receive/new", delivery)
                    assert answer.status == 303, answer.text
                    acknowledged.append(str(delivery["command_id"]))
                    break
                unanswered.append(1)
                time.sleep(0.05)

    threads = [threading.Thread(target=receive, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for _ in range(kills):
        heard = len(acknowledged)
        _until(lambda heard=heard: len(acknowledged) > heard + 3)
        server.kill_a_worker()
    ended.set()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    with Session(books.engine) as session:
        lines = session.execute(
            select(StockMovement.command_id, func.count())
            .where(
                StockMovement.target_kind == AccountKind.WAREHOUSE,
                StockMovement.target_key == books.warehouse_id,
            )
            .where(StockMovement.recorded_by == books.keeper_id)
            .group_by(StockMovement.command_id)
        )
        received = dict(tuple(row) for row in lines)
    assert set(received) == set(acknowledged), "what was answered, each once, and no more"
    assert set(received.values()) == {LINES}, "nothing is half"
    assert len(acknowledged) == len(set(acknowledged))
    books.assert_sound()


def _delivery(books: Books) -> dict[str, object]:
    arrived = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    lines = {
        f"lines-{number}-{name}": value
        for number in range(LINES)
        for name, value in (("item", books.item), ("no_expiry", "y"), ("loose", "5"))
    }
    return {
        "warehouse": books.warehouse_id,
        "arrived_at": arrived,
        "received_from": "Friends of the Lake",
        "act": "save",
        **lines,
    }


def _until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.01)


def test_a_stock_take_goes_on_while_eight_people_issue(server, books):
    """Whatever the counters saw and whenever, the books end at the count and what moved after.

    One counts, again and again until the count stands, while the others take goods out; two
    approve at once. Five pieces were missing from the shelf all the time.
    """
    missing = 5
    with Session(books.engine) as session, writing(session):
        approvers = [make_person(session, Role.PLANNER).id for _ in range(2)]
    counter = signed_in(server, books, 1)[0]
    take = _open_count(counter, books)
    browsers = signed_in(server, books)
    forms = {id(browser): browser.form(books.correct) for browser in browsers}
    issue = posting(
        books.correct,
        forms,
        lot=books.lot_id,
        what="hold",
        quantity=1,
        reason="quality_check",
    )
    counted = threading.Thread(target=_count_until_it_stands, args=(counter, books, take, missing))
    counted.start()
    answers = all_at_once(browsers, [issue] * 40)
    counted.join(60)
    assert not counted.is_alive()
    assert Counter(answer.status for answer in answers) == {303: 40}
    _close(counter, take)
    deciders = [server.signed_in(books.engine, person) for person in approvers]
    sent = {id(one): one.form(f"/counts/{take}") for one in deciders}
    approve = [posting(f"/counts/{take}/approve", sent, remark="Seen")] * 2
    decided = Counter(answer.status for answer in all_at_once(deciders, approve))
    assert decided == {303: 1, 409: 1}, "one approves, the other is told"
    assert books.balance() == (100 - 40 - missing, 0)
    books.assert_sound()


def _open_count(browser: Browser, books: Books) -> str:
    form = browser.form(f"/counts/new?warehouse={books.warehouse}")
    answer = browser.post("/counts/new", form | {"warehouse": books.warehouse_id, "scope": "all"})
    assert answer.status == 303, answer.text
    return answer.headers["Location"].rsplit("/", 1)[1]


def _count_until_it_stands(browser: Browser, books: Books, take: str, missing: int) -> None:
    """Count what a person would see: what the books have just then, less what is missing.

    The figure is read before it is sent, so goods may move in between: then it is refused as
    uncertain and counted again.
    """
    path = f"/counts/{take}/sheet"
    for _ in range(200):
        page = browser.get(path)
        if page.status != 200 or 'name="lines-0-loose"' not in page.text:
            return
        seen = books.balance()[0] - missing
        kinds = ["quarantine" if "held back" in row else "warehouse" for row in _rows(page.text)]
        form = browser.form(path)
        typed = {
            f"lines-{number}-loose": seen if kind == "warehouse" else 0
            for number, kind in enumerate(kinds)
        }
        browser.post(path, form | typed | {"act": "save"})
    raise AssertionError("the count never stood")


def _rows(text: str) -> list[str]:
    return re.findall(r'<tr><th scope="row">.*?</tr>', text, re.S)


def _close(browser: Browser, take: str) -> None:
    form = browser.form(f"/counts/{take}")
    assert browser.post(f"/counts/{take}/finish", form).status == 303
    page = browser.get(f"/counts/{take}").text
    line = re.search(r'name="lines-0-line" type="hidden" value="([0-9]+)"', page) or re.search(
        r'name="lines-0-line"[^>]*value="([0-9]+)"', page
    )
    assert line, page
    explained = {
        "command_id": new_id(),
        "csrf_token": form["csrf_token"],
        "lines-0-line": line[1],
        "lines-0-reason": "lost",
    }
    answer = browser.post(f"/counts/{take}/explain", explained)
    assert answer.status == 303, answer.text
