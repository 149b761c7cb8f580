"""The needs board of 300 sites and 60 items: what it costs the server, and what it weighs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.registry.roles import Role
from aidlog.stock.models import StockTotal
from tests.benchmarks.measuring import cost, page
from tests.benchmarks.report import Line
from tests.factories import (
    make_count,
    make_item,
    make_organisation,
    make_person,
    make_place,
    make_standard,
)
from tests.serving import Server

SITES, ITEMS = 300, 60
#: CPU-ms of one look, and bytes of the page as it travels (the budget of a plan's result).
MOST_MS, MOST_BYTES = 300, 60_000
#: So much dearer than cells that stand ready in a table, read by an ORM and only added up.
MOST_TIMES = 2.0
WARM, TIMES = 4, 20


def make_board(engine: Engine) -> int:
    """Fill an empty, migrated database; return the id of a planner."""
    with Session(engine) as session, writing(session):
        organisation = make_organisation(session)
        planner = make_person(session, Role.PLANNER, login="planner@example.org").id
        sites = [make_place(session, code=f"S{n:03d}", area=f"Zone {n % 12}") for n in range(SITES)]
        for number, site in enumerate(sites):
            make_count(session, site, people=100 + 3 * number, households=20 + number)
        items = [
            make_item(session, code=f"ITEM{n:02d}", name=f"Item number {n}, as it is called")
            for n in range(ITEMS)
        ]
        for item in items:
            make_standard(session, item, valid_from=date(2026, 1, 1))
        session.execute(
            insert(StockTotal),
            [
                {
                    "kind": AccountKind.SITE,
                    "key": site.id,
                    "organisation_id": organisation.id,
                    "item_id": item.id,
                    "on_hand": (row * 7 + column * 13) % 300,
                    "reserved": 0,
                }
                for row, site in enumerate(sites)
                for column, item in enumerate(items)
                if (row + column) % 3 == 0
            ],
        )
    return planner


def costs(server: Server, engine: Engine, planner_id: int, naked: Server) -> Iterator[Line]:
    """Measure one look at the board; its totals are over all 18,000 cells."""
    planner = server.signed_in(engine, planner_id)
    ours = cost(server, [planner], page("/needs"), times=TIMES, warm=WARM)
    floor = cost(naked, [naked.visitor()], page("/orm/board"), times=TIMES, warm=WARM)
    ratio = ours.cpu_ms / floor.cpu_ms
    yield Line(
        "–",
        f"needs board, {SITES} sites × {ITEMS} items",
        f"{ours.cpu_ms:.0f} CPU-ms = {ratio:.1f}×",
        f"{floor.cpu_ms:.0f} CPU-ms",
        f"≤ {MOST_MS} CPU-ms, ≤ {MOST_TIMES}×",
        ratio <= MOST_TIMES,
    )
    size = len(planner.get("/needs", **{"Accept-Encoding": "gzip"}).body)
    yield Line(
        "–",
        "needs board, bytes as they travel",
        f"{size / 1000:.1f} kB",
        "–",
        f"≤ {MOST_BYTES // 1000} kB",
        size <= MOST_BYTES,
    )
