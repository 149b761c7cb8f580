"""Whether the stock that a plan wants to promise still stands, and keeps until it arrives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from aidlog.planning.queries import LineRow, PlanHead
from aidlog.stock.queries import free_in_stores


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Until when goods must keep on each road of a plan that leaves on ``leaves_on``."""

    leaves_on: date
    days: Mapping[tuple[str, str], int]

    def keeps_until(self, warehouse: str, site: str) -> date:
        """Return the day on which goods must still be of use: the day of arrival or later."""
        return self.leaves_on + timedelta(days=self.days.get((warehouse, site), 0))


def arrivals_of(problem: Mapping[str, Any], starts_on: date, today: date) -> Arrivals:
    """Return the arrivals of a frozen question (aidlog-problem/1), leaving today or later."""
    shelf = int(problem["min_shelf_days_on_arrival"])
    return Arrivals(
        leaves_on=max(starts_on, today),
        days={
            (route["warehouse"], route["site"]): int(route["travel_days"]) + shelf
            for route in problem["routes"]
        },
    )


@dataclass(frozen=True, slots=True)
class ChangedLot:
    """A lot of which less is free than the plan wants, in base units, or that would be late.

    ``expires_on`` is set where the lot would be past its date when it arrives.
    """

    lot: str
    warehouse_shown_as: str
    item_id: int
    wanted: int
    free: int
    expires_on: date | None

    @property
    def short(self) -> bool:
        return self.free < self.wanted


def changed_stock(
    session: Session,
    plan: PlanHead,
    problem: Mapping[str, Any],
    lines: Sequence[LineRow],
    sites: Mapping[int, str],
) -> list[ChangedLot]:
    """Return the lots of ``lines`` that are not as the plan found them. One statement.

    ``sites`` are the codes of the sites by id. What is still to come is not looked at.
    """
    arrivals = arrivals_of(problem, plan.starts_on, datetime.now(UTC).date())
    wanted: dict[tuple[int, str], list[LineRow]] = defaultdict(list)
    for line in lines:
        if not line.coming:
            wanted[line.lot_id, line.warehouse].append(line)
    free = free_in_stores(session, {lot for lot, _ in wanted})
    found = []
    for (lot_id, warehouse), mine in wanted.items():
        first = mine[0]
        late = first.expires_on is not None and any(
            first.expires_on < arrivals.keeps_until(warehouse, sites[line.site_id]) for line in mine
        )
        changed = ChangedLot(
            lot=first.lot,
            warehouse_shown_as=first.warehouse_shown_as,
            item_id=first.item_id,
            wanted=sum(line.quantity for line in mine),
            free=free.get((lot_id, warehouse), 0),
            expires_on=first.expires_on if late else None,
        )
        if changed.short or late:
            found.append(changed)
    return sorted(found, key=lambda changed: (changed.warehouse_shown_as, changed.lot))
