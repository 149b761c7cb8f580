"""When a plan's goods leave: its periods, and what each still sends of what stands there.

A reservation knows the plan, the lot and the site, and no period; the stored answer does. What
has left counts for the earliest periods: a site waits for goods, not for their period.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.planning.models import Plan
from aidlog.planning.question import standing_lot
from aidlog.registry.models import Place

#: Warehouse, site and lot of a promise, by id.
Promised = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days of one period, the first and the last included; ``number`` counts from 1."""

    number: int
    starts_on: date
    ends_on: date

    def later(self, today: date) -> bool:
        """Say whether its goods are still held back; those of the first period never are."""
        return self.number > 1 and today < self.starts_on


def spans(starts_on: date, ends_on: date, problem: Mapping[str, Any]) -> list[Span]:
    """Return the periods of a plan; ``problem`` is its stored question."""
    days, number = int(problem["period_days"]), int(problem["periods"])
    return [
        Span(
            number=period,
            starts_on=starts_on + timedelta(days=(period - 1) * days),
            ends_on=ends_on if period == number else starts_on + timedelta(days=period * days - 1),
        )
        for period in range(1, number + 1)
    ]


@dataclass(frozen=True, slots=True)
class Leaving:
    """The periods of a plan, and base units by promise and period as they were planned."""

    periods: Sequence[Span]
    planned: Mapping[Promised, Sequence[int]]

    def left(self, promised: Promised, held: int) -> list[tuple[Span, int]]:
        """Return the ``held`` base units of a promise by period, those with nothing left out.

        The last periods keep theirs; what is held beyond all that was planned leaves first.
        """
        parts = []
        planned = self.planned.get(promised, ())
        for span, quantity in zip(reversed(self.periods), reversed(planned), strict=False):
            mine = held if span.number == 1 else min(held, quantity)
            held -= mine
            if mine:
                parts.append((span, mine))
        if held:
            parts.append((self.periods[0], held))
        return parts[::-1]


def leaving(session: Session, plan: Plan) -> Leaving:
    """Return when the goods of an answered plan leave.

    The answer is only read where there are several periods: two statements then.
    """
    problem = json.loads(plan.problem)
    periods = spans(plan.starts_on, plan.ends_on, problem)
    if len(periods) == 1 or plan.result is None:
        return Leaving(periods, {})
    sent = [
        one for one in json.loads(plan.result)["shipments"] if standing_lot(one["lot"]) is not None
    ]
    codes = {code for one in sent for code in (one["warehouse"], one["site"])}
    rows = session.execute(select(Place.code, Place.id).where(Place.code.in_(codes)))
    places = {row.code: row.id for row in rows}
    sizes = {item["id"]: item["pack_units"] for item in problem["items"]}
    planned: dict[Promised, list[int]] = defaultdict(lambda: [0] * len(periods))
    for one in sent:
        lot = standing_lot(one["lot"])
        assert lot is not None
        key = (places[one["warehouse"]], places[one["site"]], lot)
        planned[key][one["period"] - 1] += round(one["packs"]) * sizes[one["item"]]
    return Leaving(periods, planned)
