"""What pages and writes cost a signed-in person, with permissions and audit, beside the floor."""

from __future__ import annotations

import argparse
import gzip
import re
from collections.abc import Iterator

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from aidlog.db.commands import new_id
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, Place
from aidlog.stock.journal import StockBalance
from tests.benchmarks.measuring import Ask, Cost, cost, page
from tests.benchmarks.operation import Operation
from tests.benchmarks.report import Line
from tests.factories import make_lot
from tests.serving import Answer, Browser, Server

ASSET = re.compile(r'<(?:link|script|img)\b[^>]*\b(?:href|src)="(/[^"]+)"')
#: "only 0 free", "only 0 pieces free"
NOTHING_LEFT = re.compile(r"only 0\b")
CLIENTS = 8


def costs(
    server: Server,
    engine: Engine,
    operation: Operation,
    naked: Server,
    options: argparse.Namespace,
) -> Iterator[Line]:
    """Measure targets 1, 2, 3, 5, 7, 10 and the workers' memory (11)."""
    planner = server.signed_in(engine, operation.planner_id)
    anyone = naked.visitor()
    times = options.times
    shelf = f"/stock/{operation.warehouse_code}"
    card = f"{shelf}/{operation.item_code}"

    def floor_of(path: str) -> Cost:
        return cost(naked, [anyone], page(path), times=times)

    def ours(path: str) -> Cost:
        return cost(server, [planner], page(path), times=times)

    tight = floor_of("/tight/list?store=1")
    yield _page("1", "stock list, 25 rows", ours(shelf), floor_of("/orm/list?store=1"), 8, 2, tight)
    yield _page("2", "dashboard", ours("/today"), floor_of("/orm/totals"), 10, 0.6)
    yield _page("3", "item card, 50 movements", ours(card), floor_of("/orm/detail/1"), 10, 2)
    yield from _issues(server, engine, operation, naked, times)
    yield races(server, engine, operation, options.races, "SQLite")
    yield from _weight(planner, shelf)
    yield _memory(server, naked)


def _page(
    number: str, what: str, ours: Cost, naked: Cost, most: float, ratio: float,
    tight: Cost | None = None,
) -> Line:  # fmt: skip
    times = ours.cpu_ms / naked.cpu_ms
    beside = f"{naked.cpu_ms:.1f} CPU-ms" + (f" (tight {tight.cpu_ms:.1f})" if tight else "")
    return Line(
        number,
        what,
        f"{ours.cpu_ms:.1f} CPU-ms = {times:.1f}×",
        beside,
        f"≤ {most} CPU-ms, ≤ {ratio}×",
        times <= ratio,
    )


def _correcting(path: str, hidden: dict[str, str], lot_id: int, quantity: int = 1) -> Ask:
    """Return what takes ``quantity`` off a lot, a command of its own at each asking."""

    def ask(browser: Browser, _number: int) -> Answer:
        kept = dict(browser.cookies)
        answer = browser.post(
            path,
            hidden
            | {
                "command_id": new_id(),
                "lot": str(lot_id),
                "what": "take_off",
                "quantity": str(quantity),
                "reason": "unrecorded_issue",
            },
        )
        # Nobody lets hundreds of notices pile up unread: each is shown on the next page.
        browser.cookies = kept
        return answer

    return ask


def _issues(
    server: Server, engine: Engine, operation: Operation, naked: Server, times: int
) -> Iterator[Line]:
    """Target 5: one issue with idempotency key and audit chain, at one client and at eight."""
    path = f"/stock/{operation.warehouse_code}/{operation.item_code}/correct"

    def floor_issue(kind: str) -> Cost:
        def ask(browser: Browser, _number: int) -> Answer:
            return browser.post(f"/{kind}/issue", {"batch": 1, "quantity": 1})

        return cost(naked, [naked.visitor()], ask, times=times)

    orm, tight = floor_issue("orm"), floor_issue("tight")
    for clients in (1, CLIENTS):
        browsers = [server.signed_in(engine, operation.storekeeper_id) for _ in range(clients)]
        forms = {id(browser): browser.form(path) for browser in browsers}

        def ask(browser: Browser, number: int, forms: dict[int, dict[str, str]] = forms) -> Answer:
            return _correcting(path, forms[id(browser)], operation.lot_id)(browser, number)

        ours = cost(server, browsers, ask, times=times)
        ratio = ours.cpu_ms / orm.cpu_ms
        yield Line(
            "5",
            f"one issue, {clients} client{'s' * (clients > 1)}",
            f"{ours.cpu_ms:.1f} CPU-ms = {ratio:.1f}×, {ours.per_second:.0f}/s,"
            f" {ours.faults} faults",
            f"{orm.cpu_ms:.1f} CPU-ms, {orm.per_second:.0f}/s (tight {tight.cpu_ms:.1f})",
            "≤ 6 CPU-ms, ≤ 2.6×, ≥ 150/s, 0 faults",
            ratio <= 2.6 and ours.faults == 0 and ours.statuses[303] == times,
        )


def races(server: Server, engine: Engine, operation: Operation, units: int, on: str) -> Line:
    """Target 7: eight clients ask for a quarter more than is there, one unit at a time."""
    with Session(engine) as session, writing(session):
        warehouse = session.get_one(Place, operation.warehouse_id)
        item = session.get_one(Item, operation.item_id)
        lot_id = make_lot(session, warehouse=warehouse, item=item, quantity=units).id
    path = f"/stock/{operation.warehouse_code}/{operation.item_code}/correct"
    browsers = [server.signed_in(engine, operation.storekeeper_id) for _ in range(CLIENTS)]
    forms = {id(browser): browser.form(path) for browser in browsers}
    told_what_is_left = []

    def ask(browser: Browser, number: int) -> Answer:
        answer = _correcting(path, forms[id(browser)], lot_id)(browser, number)
        if answer.status == 409:
            told_what_is_left.append(NOTHING_LEFT.search(answer.text) is not None)
        return answer

    asked = units + units // 4
    found = cost(server, browsers, ask, times=asked, warm=0)
    with Session(engine) as session:
        key = (lot_id, AccountKind.WAREHOUSE, operation.warehouse_id)
        left = session.get_one(StockBalance, key).on_hand
    done, refused = found.statuses[303], found.statuses[409]
    return Line(
        "7",
        f"{asked} issues of {units} units, {CLIENTS} clients, {on}",
        f"{done} done, {refused} told (409), {left} left, {found.faults} faults",
        "–",
        f"{units} done, the rest 409 with the quantity left, 0 faults",
        (done, refused, left, found.faults) == (units, asked - units, 0, 0)
        and all(told_what_is_left),
    )


def _weight(browser: Browser, path: str) -> Iterator[Line]:
    """Target 10: what a browser loads for the stock list, with an empty cache and a full one."""
    shown = browser.get(path, **{"Accept-Encoding": "gzip"})
    markup = gzip.decompress(shown.body) if shown.headers["Content-Encoding"] else shown.body
    assets = sorted(set(ASSET.findall(markup.decode())))
    loaded = [browser.get(asset, **{"Accept-Encoding": "gzip"}) for asset in assets]
    assert all(answer.status == 200 for answer in loaded)
    cold = len(shown.body) + sum(len(answer.body) for answer in loaded)
    kept = [answer for answer in loaded if "immutable" in (answer.headers["Cache-Control"] or "")]
    warm = cold - sum(len(answer.body) for answer in kept)
    requests = 1 + len(assets)
    yield Line(
        "10",
        "stock list, empty cache",
        f"{cold / 1000:.1f} kB in {requests} requests",
        "–",
        "≤ 60 kB, ≤ 4 requests",
        cold <= 60_000 and requests <= 4,
    )
    yield Line(
        "10",
        "stock list again",
        f"{warm / 1000:.1f} kB",
        "–",
        "≤ 10 kB",
        warm <= 10_000,
    )


def _memory(server: Server, naked: Server) -> Line:
    """Target 11: the memory of a worker that has answered all of the above."""

    def largest(of: Server) -> float:
        return max(worker.memory_info().rss for worker in of.workers()) / 1e6

    loaded = any(
        "ortools" in mapped.path
        for worker in server.workers()
        for mapped in worker.memory_maps(grouped=True)
    )
    ours, beside = largest(server), largest(naked)
    return Line(
        "11",
        "memory of a web worker",
        f"{ours:.0f} MB = {ours / beside:.2f}×, OR-Tools {'LOADED' if loaded else 'not loaded'}",
        f"{beside:.0f} MB",
        "≤ 100 MB, ≤ 1.75×, OR-Tools not loaded",
        ours <= 100 and ours / beside <= 1.75 and not loaded,
    )
