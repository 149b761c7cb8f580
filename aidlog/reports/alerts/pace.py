"""How fast goods are needed from each warehouse, and how fast they leave it.

Needed is what standards give every day to the people of the sites that a warehouse serves. A
site counts at one warehouse for each item: of those that keep the item and have an open road
to it, the one that is nearest in hours. So no need is counted twice, and a warehouse that
never kept an item is not said to lack it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.db.base import table
from aidlog.ledger.movement import AccountKind
from aidlog.planning.board import Board
from aidlog.planning.board_query import needs_board
from aidlog.registry.models import Access, Organisation, Place, PlaceKind, Route
from aidlog.reports.alerts.models import StockPace
from aidlog.stock.models import StockTotal
from aidlog.stock.queries import left_since

#: The days over which a need is worked out, and over which what left is counted.
NEED_DAYS = 30
LEFT_DAYS = 90

#: An organisation's item in a warehouse: (organisation, warehouse, item).
Shelf = tuple[int, int, int]


@dataclass(slots=True)
class Pull:
    """What sites need of a shelf in NEED_DAYS days; ``unknown`` of them have no count."""

    needed: int = 0
    sites: int = 0
    unknown: int = 0


def work_out(session: Session, *, now: datetime) -> None:
    """Write the paces of every organisation anew, in the caller's transaction."""
    today = now.astimezone(UTC).date()
    left = left_since(session, now - timedelta(days=LEFT_DAYS))
    pulls: dict[Shelf, Pull] = {}
    for organisation_id in session.scalars(select(Organisation.id)):
        pulls |= _pulls(session, organisation_id, today)
    session.execute(delete(StockPace).execution_options(synchronize_session=False))
    rows = [
        {
            "organisation_id": shelf[0],
            "warehouse_id": shelf[1],
            "item_id": shelf[2],
            "needed": pull.needed,
            "sites": pull.sites,
            "unknown": pull.unknown,
            "left": left.get(shelf, 0),
            "worked_out_at": now,
        }
        for shelf in sorted(pulls.keys() | left.keys())
        for pull in [pulls.get(shelf) or Pull()]
    ]
    if rows:
        session.execute(insert(table(StockPace)), rows)


def _pulls(session: Session, organisation_id: int, today: date) -> dict[Shelf, Pull]:
    """Return what the sites of an organisation pull from each of its shelves."""
    nobody = Actor(
        user_id=0,
        organisation_ids=frozenset({organisation_id}),
        grants={Permission.NEEDS_VIEW: None},
    )
    board = needs_board(session, nobody, today, today + timedelta(days=NEED_DAYS - 1), today=today)
    keepers = _keepers(session, organisation_id)
    roads = _roads(session, today)
    pulls: defaultdict[Shelf, Pull] = defaultdict(Pull)
    for site_id, item_id in recurring(board):
        for warehouse in roads.get(site_id, ()):
            if warehouse in keepers.get(item_id, ()):
                pull = pulls[organisation_id, warehouse, item_id]
                need = board.cells[site_id, item_id].computed  # the pace of every month
                pull.sites += 1
                pull.needed += need or 0
                pull.unknown += need is None
                break
    return dict(pulls)


def recurring(board: Board) -> list[tuple[int, int]]:
    """Return the (site, item) of a board that are needed again and again, not once."""
    sites = {site.id: site for site in board.sites}
    items = {item.id: item for item in board.items}
    return [
        (site, item)
        for site, item in board.cells
        for rule in [items[item].rule_at(sites[site])]
        if rule is not None and not rule.due.once
    ]


def _keepers(session: Session, organisation_id: int) -> Mapping[int, set[int]]:
    """Return the warehouses that keep or kept each item for an organisation."""
    keepers: defaultdict[int, set[int]] = defaultdict(set)
    for item, warehouse in session.execute(
        select(StockTotal.item_id, StockTotal.key)
        .join(Place, Place.id == StockTotal.key)
        .where(
            StockTotal.kind == AccountKind.WAREHOUSE,
            StockTotal.organisation_id == organisation_id,
            Place.kind == PlaceKind.WAREHOUSE,
            Place.active,
        )
    ):
        keepers[item].add(warehouse)
    return keepers


def _roads(session: Session, today: date) -> Mapping[int, list[int]]:
    """Return the places from which an open road leads to each place, the nearest first."""
    always = Route.closed_from.is_(None) & Route.closed_until.is_(None)
    open_now = or_(always, Route.closed_from > today, Route.closed_until < today)
    roads: defaultdict[int, list[int]] = defaultdict(list)
    for destination, origin in session.execute(
        select(Route.destination_id, Route.origin_id)
        .where(Route.access != Access.CLOSED, open_now)
        .order_by(Route.destination_id, Route.minutes, Route.origin_id)
    ):
        roads[destination].append(origin)
    return roads
