"""What limits the plan, and what a little more of each would do, found by solving again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

import numpy as np

from aidlog.allocation.changing import changed
from aidlog.allocation.explain import Bottleneck
from aidlog.allocation.model import Floats, Model, RowKind
from aidlog.allocation.phases import Fair
from aidlog.allocation.problem import Problem
from aidlog.allocation.result import Act, Change, Limit, Measures, ReasonCode
from aidlog.allocation.trying import SAME, Standing, Trials
from aidlog.core.text import N_, Message

#: How much more of a road or a shared limit is tried, as a share of it.
_MORE = 0.1
#: Up to this many arcs the whole-pack plan is made again for the first limits too.
_PACKED_ARCS, _PACKED_LIMITS = 600, 10

#: Solves a problem to the end and returns its measures, None without proof.
Resolve = Callable[[Problem], Measures | None]


def limits(
    model: Model, fair: Fair, found: list[Bottleneck], used: Floats, trials: Trials
) -> tuple[Limit, ...]:
    """Return what holds needs back, the lowest level first.

    ``used`` is the use of every row by the plan. The worth is the change in the fractional
    optimum when there is one pack more, or a tenth more of a road or limit, at least as much
    as one pack needs; half of ``trials`` may go into it.
    """
    told = _Told(model, fair, used)
    merged: dict[tuple[str, str], Bottleneck] = {}
    for bottleneck in found:
        if bottleneck.code is not ReasonCode.LOCKED:
            limit = told.limit(bottleneck)
            first = merged.setdefault((limit.kind, limit.id), bottleneck)
            stopped = tuple(sorted({*first.stopped, *bottleneck.stopped}))
            merged[limit.kind, limit.id] = dataclasses.replace(first, stopped=stopped)
    pairs = [(told.limit(one), one) for one in merged.values()]
    pairs.sort(key=lambda pair: pair[0].lowest_level)
    keep = trials.left // 2
    answers = []
    for limit, bottleneck in pairs:
        then = trials.again(limit.advice) if trials.left > keep and limit.advice else None
        if then is not None:
            worth = difference(trials.now, then, bottleneck.stopped)
            limit = dataclasses.replace(limit, worth=worth)  # noqa: PLW2901
        answers.append(limit)
    return tuple(answers)


def in_packs(
    model: Model, found: tuple[Limit, ...], now: Measures, again: Resolve
) -> tuple[Limit, ...]:
    """Return the limits with what their advice does to the whole-pack plan of a small problem."""
    if len(model.arcs.group) > _PACKED_ARCS or model.problem.divisible:
        return found
    answers = []
    for number, limit in enumerate(found):
        if number < _PACKED_LIMITS and limit.advice:
            then = again(changed(model.problem, limit.advice))
            if then is not None:
                gain = {
                    name: getattr(then, name) - getattr(now, name)
                    for name in ("min_level", "people_items", "zeros")
                }
                limit = dataclasses.replace(limit, in_packs=gain)  # noqa: PLW2901
        answers.append(limit)
    return tuple(answers)


def difference(now: Standing, then: Standing, stopped: Iterable[int]) -> dict[str, float]:
    """Return what changes between two optima: see :class:`Limit`.

    ``min_level`` looks at the needs that are compared in both.
    """
    both = now.compared & then.compared
    held_back = np.array(list(stopped), np.int64)
    lift = then.levels - now.levels
    worth = {
        "min_level": _lowest(then.levels[both]) - _lowest(now.levels[both]),
        "people_items": then.people_items - now.people_items,
        "raised": float((lift > SAME).sum()),
        "lowered": float((lift < -SAME).sum()),
    }
    if len(held_back):
        worth["lowest_held_back"] = _lowest(then.levels[held_back]) - _lowest(now.levels[held_back])
    return worth


def _lowest(levels: Floats) -> float:
    return float(levels.min()) if len(levels) else 0.0


class _Told:
    """Says bottlenecks of one fractional optimum as limits."""

    def __init__(self, model: Model, fair: Fair, used: Floats) -> None:
        self.model, self.fair, self.used = model, fair, used
        self.heaviest = np.zeros(len(model.rows))
        np.maximum.at(self.heaviest, model.rows.entry_row, model.rows.use)

    def limit(self, bottleneck: Bottleneck) -> Limit:
        """Return one bottleneck as a limit, without its worth."""
        rows, row = self.model.rows, list(bottleneck.rows)
        units = {_UNITS[RowKind(k)] for k in rows.kind[row].tolist()}
        one_unit = len(units) == 1
        count = len(bottleneck.stopped)
        values = {"limit": bottleneck.limit, "count": count}
        one, many = _TEMPLATES[bottleneck.code]
        advice = self._advice(row)
        return Limit(
            kind=bottleneck.code.value,
            id=self._ids(row),
            message=Message(one, values, plural=many, count=count),
            used=float(self.used[row].sum()) if one_unit else 0.0,
            capacity=float(rows.capacity[row].sum()) if one_unit else 0.0,
            unit=units.pop() if one_unit else "",
            needs_held_back=count,
            lowest_level=float(self.fair.levels[list(bottleneck.stopped)].min()),
            step=sum(change.more or 0.0 for change in advice) if advice else None,
            advice=advice,
        )

    def _ids(self, rows: Iterable[int]) -> str:
        """Return the ids of what the rows count: items, roads and shared limits."""
        model, named = self.model, set()
        for row in rows:
            kind, about = RowKind(int(model.rows.kind[row])), int(model.rows.about[row])
            if kind is RowKind.SUPPLY:
                named.add(model.problem.items[int(model.groups.item[about])].id)
            elif kind in (RowKind.ROUTE_KG, RowKind.ROUTE_M3):
                route = model.routes[about]
                named.add(f"{route.warehouse} – {route.site}")
            elif kind is not RowKind.LOT_LOCK:
                named.add(model.problem.shared_limits[about].id)
        return ", ".join(sorted(named))

    def _advice(self, rows: Iterable[int]) -> tuple[Change, ...]:
        """Return what a little more of a bottleneck is.

        Of stock alone it is one pack, in the first of its stores; else a tenth more of each
        road and shared limit in it, but as much as its heaviest (or dearest) pack needs.
        """
        model = self.model
        kinds = model.rows.kind
        beside = [row for row in rows if kinds[row] not in (RowKind.SUPPLY, RowKind.LOT_LOCK)]
        if not beside:
            stock = [row for row in rows if kinds[row] == RowKind.SUPPLY]
            if not stock:
                return ()
            lots = model.groups.lots[int(model.rows.about[stock[0]])]
            lot = model.problem.lots[lots[0]]
            more = Change(
                act=Act.MORE_PACKS, lot=lot.id, warehouse=lot.warehouse, item=lot.item, more=1.0
            )
            return (more,)
        steps: dict[tuple[str | None, ...], Change] = {}
        for row in beside:
            change = self._wider(row)
            key = (change.warehouse, change.site, change.limit, change.field)
            known = steps.get(key)  # the rows of several periods are one limit
            if known is None or (change.more or 0) > (known.more or 0):
                steps[key] = change
        return tuple(steps.values())

    def _wider(self, row: int) -> Change:
        """Return a little more of one road or shared limit."""
        model, rows = self.model, self.model.rows
        kind, about = RowKind(int(rows.kind[row])), int(rows.about[row])
        more = max(float(rows.capacity[row]) * _MORE, float(self.heaviest[row]))
        field = _FIELDS[kind]
        if kind in (RowKind.ROUTE_KG, RowKind.ROUTE_M3):
            road = model.routes[about]
            return Change(
                act=Act.MORE_ROAD, warehouse=road.warehouse, site=road.site, field=field, more=more
            )
        limit = model.problem.shared_limits[about]
        return Change(act=Act.MORE_SHARED, limit=limit.id, field=field, more=more)


_UNITS = {
    RowKind.SUPPLY: "packs",
    RowKind.ROUTE_KG: "kg",
    RowKind.ROUTE_M3: "m3",
    RowKind.SHARED_KG: "kg",
    RowKind.SHARED_M3: "m3",
    RowKind.SHARED_COST: "cost",
    RowKind.LOT_LOCK: "packs",
}
_FIELDS = {
    RowKind.ROUTE_KG: "max_kg",
    RowKind.ROUTE_M3: "max_m3",
    RowKind.SHARED_KG: "max_kg",
    RowKind.SHARED_M3: "max_m3",
    RowKind.SHARED_COST: "max_cost",
}

_TEMPLATES = {
    ReasonCode.STOCK_USED_UP: (
        N_("There is no more {limit}; {count} need is held back."),
        N_("There is no more {limit}; {count} needs are held back."),
    ),
    ReasonCode.ROUTE_FULL: (
        N_("The trucks to {limit} are full; {count} need is held back."),
        N_("The trucks to {limit} are full; {count} needs are held back."),
    ),
    ReasonCode.SHARED_LIMIT_FULL: (
        N_("The limit “{limit}” is used up; {count} need is held back."),
        N_("The limit “{limit}” is used up; {count} needs are held back."),
    ),
    ReasonCode.SEVERAL_LIMITS: (
        N_("Stock and trucks together hold back {count} need."),
        N_("Stock and trucks together hold back {count} needs."),
    ),
}
