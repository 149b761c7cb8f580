"""What earlier rounds gave: fairness that is carried over from the plans that were approved.

A need's level of earlier rounds is the mean of what each of these plans delivered to it, in
permille of what it needed then: what was at the site or on the way, and what trucks have
taken for it. A need that none of them knew stands at the mean of its item, so that it is
neither ahead nor behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.planning.board import Board
from aidlog.planning.models import Plan, PlanLine, PlanNeed, PlanState
from aidlog.stock.reserving import taken_from

#: More rounds than this say nothing about today.
MOST_ROUNDS = 12
Pair = tuple[int, int]


def earlier_rounds(
    session: Session, organisation_id: int, board: Board, rounds: int
) -> tuple[int, dict[Pair, int]]:
    """Return how many plans count, and the permille carried by (site id, item id).

    The latest ``rounds`` approved plans of the organisation count that gave some of these
    items to some of these sites. Every need of the board has a figure, unless no plan counts.
    """
    sites, items = [site.id for site in board.sites], [item.id for item in board.items]
    known = PlanNeed.site_id.in_(sites) & PlanNeed.item_id.in_(items)
    plans = session.scalars(
        select(Plan.id)
        .where(Plan.organisation_id == organisation_id, Plan.state == PlanState.APPROVED)
        .where(select(PlanNeed.id).where(PlanNeed.plan_id == Plan.id, known).exists())
        .order_by(Plan.decided_at.desc(), Plan.id.desc())
        .limit(rounds)
    ).all()
    delivered = _delivered(session, plans)
    levels: dict[Pair, list[int]] = defaultdict(list)
    for need in session.scalars(select(PlanNeed).where(PlanNeed.plan_id.in_(plans), known)):
        if need.need:
            got = need.held + delivered.get((need.plan_id, need.site_id, need.item_id), 0)
            levels[need.site_id, need.item_id].append(min(1000, got * 1000 // need.need))
    carried = {pair: sum(found) // len(found) for pair, found in levels.items()}
    return len(plans), _filled(carried, board) if plans else {}


def _delivered(session: Session, plans: Sequence[int]) -> dict[tuple[int, int, int], int]:
    """Return base units that trucks have taken, by plan, site and item."""
    lines = PlanLine.plan_id.in_(plans)
    taken = taken_from(session, select(PlanLine.reservation_id).where(lines))
    total: dict[tuple[int, int, int], int] = defaultdict(int)
    for line in session.scalars(select(PlanLine).where(lines)):
        if line.reservation_id in taken:
            total[line.plan_id, line.site_id, line.item_id] += line.quantity
    return total


def _filled(carried: Mapping[Pair, int], board: Board) -> dict[Pair, int]:
    by_item: dict[int, list[int]] = defaultdict(list)
    for (_, item), level in carried.items():
        by_item[item].append(level)
    usual = {item: sum(levels) // len(levels) for item, levels in by_item.items()}
    return {
        (cell.site_id, cell.item_id): carried.get(
            (cell.site_id, cell.item_id), usual.get(cell.item_id, 0)
        )
        for cell in board.cells.values()
    }
