"""What limits the plan, and what a little more of each would do, found by solving again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, TypeVar

from aidlog.allocation.building import build
from aidlog.allocation.explain import Bottleneck, Names
from aidlog.allocation.fairness import Clock, Fairness
from aidlog.allocation.measures import coverage
from aidlog.allocation.model import Floats, Model, RowKind
from aidlog.allocation.phases import Fair, fairest
from aidlog.allocation.problem import Lot, Problem, Route, SharedLimit
from aidlog.allocation.result import Limit, ReasonCode
from aidlog.core.text import N_, Message

_Record = TypeVar("_Record", Route, SharedLimit)

#: Limits whose worth is found by solving again: the most harmful ones.
_ASKED = 5
#: Above this many arcs solving again takes too long to be done unasked.
_QUICK_ARCS = 30_000
#: How much more of a road or a shared limit is tried.
_MORE = 1.1


def limits(
    model: Model, fair: Fair, found: list[Bottleneck], used: Floats, clock: Clock
) -> tuple[Limit, ...]:
    """Return what holds needs back, the lowest level first.

    ``used`` is the use of every row by the plan. The worth of the first few is the change in
    the fractional optimum when there is one pack more, or a tenth more of a road or limit.
    """
    names = Names(model)
    merged: dict[tuple[str, str], Bottleneck] = {}
    for bottleneck in found:
        if bottleneck.code is not ReasonCode.LOCKED:
            limit = _limit(model, names, fair, bottleneck, used)
            first = merged.setdefault((limit.kind, limit.id), bottleneck)
            stopped = tuple(sorted({*first.stopped, *bottleneck.stopped}))
            merged[limit.kind, limit.id] = dataclasses.replace(first, stopped=stopped)
    pairs = [(_limit(model, names, fair, one, used), one) for one in merged.values()]
    pairs.sort(key=lambda pair: pair[0].lowest_level)
    quick = len(model.arcs.group) <= _QUICK_ARCS
    return tuple(
        _with_worth(model, fair, limit, bottleneck, clock)
        if quick and index < _ASKED and not clock.over()
        else limit
        for index, (limit, bottleneck) in enumerate(pairs)
    )


def _limit(model: Model, names: Names, fair: Fair, bottleneck: Bottleneck, used: Floats) -> Limit:
    """Return one bottleneck as a limit, without its worth."""
    rows = model.rows
    ids = _ids(model, bottleneck.rows)
    row = list(bottleneck.rows)
    kinds = {RowKind(k) for k in rows.kind[row].tolist()}
    units = {_UNITS[kind] for kind in kinds}
    one_unit = len(units) == 1
    count = len(bottleneck.stopped)
    values = {"limit": bottleneck.limit, "count": count}
    one, many = _TEMPLATES[bottleneck.code]
    return Limit(
        kind=bottleneck.code.value,
        id=ids,
        message=Message(one, values, plural=many, count=count),
        used=float(used[row].sum()) if one_unit else 0.0,
        capacity=float(rows.capacity[row].sum()) if one_unit else 0.0,
        unit=units.pop() if one_unit else "",
        needs_held_back=count,
        lowest_level=float(min(fair.levels[d] for d in bottleneck.stopped)),
    )


_UNITS = {
    RowKind.SUPPLY: "packs",
    RowKind.ROUTE_KG: "kg",
    RowKind.ROUTE_M3: "m3",
    RowKind.SHARED_KG: "kg",
    RowKind.SHARED_M3: "m3",
    RowKind.SHARED_COST: "cost",
    RowKind.LOT_LOCK: "packs",
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


def _ids(model: Model, rows: Iterable[int]) -> str:
    """Return the ids of what the rows count: items, roads and shared limits."""
    named = set()
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


def _with_worth(
    model: Model, fair: Fair, limit: Limit, bottleneck: Bottleneck, clock: Clock
) -> Limit:
    """Solve the problem with a little more of ``limit`` and note what that changes."""
    problem, step = _relaxed(model, bottleneck)
    again = build(problem)
    better = fairest(again, Fairness(again, clock))
    if not better.proven:
        return limit
    before, after = _figures(model, fair), _figures(again, better)
    worth = {name: after[name] - before[name] for name in before}
    return dataclasses.replace(limit, step=step, worth=worth)


def _figures(model: Model, fair: Fair) -> dict[str, float]:
    """Return figures of the fractional optimum that a little more can change."""
    vector = model.needs.in_vector
    people = [float(site.population) for site in model.problem.sites]
    covered = coverage(model, fair.packs)
    return {
        "min_level": float(fair.levels[vector].min()),
        "people_items": float(
            sum(people[s] * c for s, c in zip(model.needs.site.tolist(), covered, strict=True))
        ),
    }


def _relaxed(model: Model, bottleneck: Bottleneck) -> tuple[Problem, float]:
    """Return the problem with one pack more, or a tenth more of what binds, and how much."""
    problem, rows = model.problem, model.rows
    kinds = rows.kind[list(bottleneck.rows)].tolist()
    about = rows.about[list(bottleneck.rows)].tolist()
    step = 0.0
    lots: list[Lot] = list(problem.lots)
    stock = [a for k, a in zip(kinds, about, strict=True) if k == RowKind.SUPPLY]
    beside = [(k, a) for k, a in zip(kinds, about, strict=True) if k != RowKind.SUPPLY]
    if stock and not beside:
        lot = model.groups.lots[stock[0]][0]
        lots[lot] = dataclasses.replace(lots[lot], packs=lots[lot].packs + 1, confidence=1.0)
        return dataclasses.replace(problem, lots=tuple(lots)), 1.0
    roads: dict[tuple[str, str], Route] = {(r.warehouse, r.site): r for r in problem.routes}
    shared: list[SharedLimit] = list(problem.shared_limits)
    for kind, index in beside:
        if kind in (RowKind.ROUTE_KG, RowKind.ROUTE_M3):
            route = model.routes[index]
            known = roads[route.warehouse, route.site]
            field = "max_kg" if kind == RowKind.ROUTE_KG else "max_m3"
            roads[route.warehouse, route.site], gained = _tenth_more(known, field)
        elif kind != RowKind.LOT_LOCK:
            field = {
                RowKind.SHARED_KG: "max_kg",
                RowKind.SHARED_M3: "max_m3",
                RowKind.SHARED_COST: "max_cost",
            }[RowKind(kind)]
            shared[index], gained = _tenth_more(shared[index], field)
        else:
            gained = 0.0
        step += gained
    return (
        dataclasses.replace(problem, routes=tuple(roads.values()), shared_limits=tuple(shared)),
        step,
    )


def _tenth_more(record: _Record, field: str) -> tuple[_Record, float]:
    """Return ``record`` with a tenth more in ``field``, and how much that is."""
    amount = float(getattr(record, field))
    more: dict[str, Any] = {field: amount * _MORE}
    return dataclasses.replace(record, **more), amount * (_MORE - 1)
