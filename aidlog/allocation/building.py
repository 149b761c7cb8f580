"""From the problem's lists to arrays: stock merged, demands listed, arcs wherever goods may go."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from aidlog.allocation.bounds import Bounds, lock_bounds
from aidlog.allocation.limits import limit_rows
from aidlog.allocation.model import Arcs, Bools, Demands, Floats, Groups, Ints, Model, Needs, joined
from aidlog.allocation.problem import Lot, Problem, Route


def countable_packs(lot: Lot) -> int:
    """Return the whole packs of ``lot`` that the plan may count on."""
    return math.floor(lot.packs * Decimal(str(lot.confidence)))


def countable_stock(lot: Lot, *, divisible: bool) -> float:
    """Return what the plan may count on of ``lot``, in packs; whole ones unless divisible."""
    return float(lot.packs * Decimal(str(lot.confidence))) if divisible else countable_packs(lot)


def build(problem: Problem) -> Model:
    """Return the arrays of a checked and canonically ordered problem."""
    bounds = lock_bounds(problem)
    item_at = {item.id: i for i, item in enumerate(problem.items)}
    site_at = {site.id: i for i, site in enumerate(problem.sites)}
    warehouse_at = {place.id: i for i, place in enumerate(problem.warehouses)}
    routes = tuple(route for route in problem.routes if route.open)
    roads = _Roads(problem, routes, warehouse_at, site_at)
    stock = _stock(problem, bounds, roads, warehouse_at, item_at)
    groups = stock.groups
    demands = _demands(problem, bounds, item_at, site_at)
    arcs = _arcs(problem, stock, demands, roads, site_at)
    rows = limit_rows(problem, bounds, groups, demands, arcs, routes)
    needs = _needs(problem, bounds, demands, arcs, item_at, site_at)
    return Model(problem, needs, demands, groups, arcs, rows, routes)


class _Roads:
    """Open routes as warehouse × site tables; ``index`` is -1 where there is none."""

    def __init__(
        self,
        problem: Problem,
        routes: tuple[Route, ...],
        warehouse_at: dict[str, int],
        site_at: dict[str, int],
    ) -> None:
        shape = (len(warehouse_at), len(site_at))
        self.index = np.full(shape, -1, np.int64)
        self.days = np.zeros(shape, np.int64)
        self.opens = np.ones(shape, np.int64)
        w = np.array([warehouse_at[r.warehouse] for r in routes], np.int64)
        s = np.array([site_at[r.site] for r in routes], np.int64)
        self.index[w, s] = np.arange(len(routes))
        self.days[w, s] = [r.travel_days for r in routes]
        self.opens[w, s] = [r.open_from_period for r in routes]
        starts = np.arange(problem.periods, dtype=np.int64) * problem.period_days
        #: per warehouse the distinct last days that some arrival asks of a lot, ascending
        self.asked_days = [
            np.unique(
                self.days[i][self.index[i] >= 0][:, None]
                + starts[None]
                + problem.min_shelf_days_on_arrival
            )
            for i in range(shape[0])
        ]


@dataclass(frozen=True, slots=True)
class _Stock:
    """Stock groups, and what decides where each may go: its period, earmark and last day."""

    groups: Groups
    usable: Ints
    earmark: list[frozenset[str] | None]
    last_day: Floats


def _stock(
    problem: Problem,
    bounds: Bounds,
    roads: _Roads,
    warehouse_at: dict[str, int],
    item_at: dict[str, int],
) -> _Stock:
    """Merge lots of one warehouse and item that reach the same places at the same times."""
    members: dict[tuple[object, ...], list[int]] = {}
    for index, lot in enumerate(problem.lots):
        if countable_stock(lot, divisible=problem.divisible) == 0:
            continue
        w = warehouse_at[lot.warehouse]
        asked = roads.asked_days[w]
        reach = (
            len(asked)
            if lot.expiry_day is None
            else int(np.searchsorted(asked, lot.expiry_day, side="right"))
        )
        alone = lot.id if lot.id in bounds.named_lots else ""
        key = (
            w, item_at[lot.item], lot.sites and tuple(sorted(lot.sites)),
            lot.available_period, lot.unit_cost, reach, alone,
        )  # fmt: skip
        members.setdefault(key, []).append(index)
    keys = list(members)
    first = [problem.lots[members[key][0]] for key in keys]
    last_days = np.array(
        [
            min(
                (
                    day
                    for day in (problem.lots[i].expiry_day for i in members[key])
                    if day is not None
                ),
                default=np.inf,
            )
            for key in keys
        ],
        np.float64,
    )
    groups = Groups(
        warehouse=np.array([key[0] for key in keys], np.int64),
        item=np.array([key[1] for key in keys], np.int64),
        packs=np.array(
            [sum(countable_packs(problem.lots[i]) for i in members[key]) for key in keys], np.int64
        ),
        stock=np.array(
            [
                sum(
                    countable_stock(problem.lots[i], divisible=problem.divisible)
                    for i in members[key]
                )
                for key in keys
            ],
            np.float64,
        ),
        unit_cost=np.array([lot.unit_cost for lot in first], np.float64),
        expiry_rank=np.unique(last_days, return_inverse=True)[1].reshape(-1).astype(np.int64),
        lots=tuple(tuple(members[key]) for key in keys),
    )
    usable = np.array([lot.available_period for lot in first], np.int64)
    return _Stock(groups, usable, [lot.sites for lot in first], last_days)


def _earmarks(
    problem: Problem, earmark: list[frozenset[str] | None], site_at: dict[str, int]
) -> Bools:
    """Return groups × sites: may this stock go there by its earmark?"""
    allowed = np.ones((len(earmark), len(problem.sites)), np.bool_)
    for g, sites in enumerate(earmark):
        if sites is not None:
            allowed[g] = False
            allowed[g, [site_at[site] for site in sites]] = True
    return allowed


def _demands(
    problem: Problem, bounds: Bounds, item_at: dict[str, int], site_at: dict[str, int]
) -> Demands:
    """List the needs, then the pairs that only locks name, then goods tied to one lot."""
    units = {item.id: item.pack_units for item in problem.items}
    lot_at = {lot.id: i for i, lot in enumerate(problem.lots)}
    rows: list[tuple[int, str, str, int, float, float, int, int]] = []
    need_at: dict[tuple[str, str], int] = {}
    for p, need in enumerate(problem.needs):
        need_at[need.site, need.item] = p
        gap_units = max(need.need_units - need.held_units, 0)
        packs = -(-gap_units // units[need.item])
        gap = gap_units / units[need.item]
        low, high = bounds.rest(need.site, need.item)
        given = bounds.tied(need.site, need.item)
        most = max(min(gap - given, high), low, 0.0)
        rows.append((
            p, need.site, need.item, -1, float(low), most,
            low, max(min(packs - given, high), low, 0),
        ))  # fmt: skip
    for site, item in bounds.pairs:
        if (site, item) not in need_at:
            low, _ = bounds.rest(site, item)
            rows.append((-1, site, item, -1, float(low), float(low), low, low))
    for (site, lot_id), packs in bounds.tied_lots.items():
        item = problem.lots[lot_at[lot_id]].item
        need_index = need_at.get((site, item), -1)
        rows.append((
            need_index, site, item, lot_at[lot_id], float(packs), float(packs), packs, packs
        ))  # fmt: skip
    columns = list(zip(*rows, strict=True)) or [()] * 8
    return Demands(
        need=np.array(columns[0], np.int64),
        site=np.array([site_at[s] for s in columns[1]], np.int64),
        item=np.array([item_at[i] for i in columns[2]], np.int64),
        lot=np.array(columns[3], np.int64),
        least=np.array(columns[4], np.float64),
        most=np.array(columns[5], np.float64),
        least_whole=np.array(columns[6], np.int64),
        most_whole=np.array(columns[7], np.int64),
    )


def _arcs(
    problem: Problem, stock: _Stock, demands: Demands, roads: _Roads, site_at: dict[str, int]
) -> Arcs:
    """Join groups and demands of one item wherever road, earmark and expiry let goods pass."""
    groups, usable, last_day = stock.groups, stock.usable, stock.last_day
    allowed = _earmarks(problem, stock.earmark, site_at)
    parts: list[tuple[Ints, Ints, Ints]] = []
    by_item = [np.flatnonzero(demands.item == i) for i in range(len(problem.items))]
    stock_of = [np.flatnonzero(groups.item == i) for i in range(len(problem.items))]
    lot_group = np.full(len(problem.lots), -1, np.int64)
    for number, lots in enumerate(groups.lots):
        lot_group[list(lots)] = number
    for d, g in zip(by_item, stock_of, strict=True):
        if len(d) == 0 or len(g) == 0:
            continue
        houses, sites = groups.warehouse[g], demands.site[d]
        tie = demands.lot[d]
        passes = (roads.index[houses][:, sites] >= 0) & allowed[g][:, sites]
        passes &= (tie < 0)[None] | (lot_group[tie][None] == g[:, None])
        days, opens = roads.days[houses][:, sites], roads.opens[houses][:, sites]
        for t in range(1, problem.periods + 1):
            arrival = (t - 1) * problem.period_days + days
            now = passes & (t >= usable[g])[:, None] & (t >= opens)
            now &= last_day[g][:, None] >= arrival + problem.min_shelf_days_on_arrival
            gi, di = np.nonzero(now)
            parts.append((g[gi], d[di], np.full(len(gi), t, np.int64)))
    columns = [joined([part[k] for part in parts]) for k in range(3)]
    order = np.lexsort((columns[0], columns[2], columns[1]))
    group, demand, period = columns[0][order], columns[1][order], columns[2][order]
    route = roads.index[groups.warehouse[group], demands.site[demand]]
    routes = [r for r in problem.routes if r.open]
    rate = np.array([r.cost_per_kg for r in routes], np.float64)
    kg = np.array([item.kg_per_pack or 0.0 for item in problem.items], np.float64)
    cost = (
        rate[route] * kg[demands.item[demand]] + groups.unit_cost[group]
        if len(route)
        else np.zeros(0)
    )
    return Arcs(group, demand, route, period, cost)


def _needs(
    problem: Problem,
    bounds: Bounds,
    demands: Demands,
    arcs: Arcs,
    item_at: dict[str, int],
    site_at: dict[str, int],
) -> Needs:
    """Return the level function of every need, and whether it is compared at all."""
    count = len(problem.needs)
    item = np.array([item_at[n.item] for n in problem.needs], np.int64)
    site = np.array([site_at[n.site] for n in problem.needs], np.int64)
    units = np.array([i.pack_units for i in problem.items], np.float64)[item]
    wanted = np.array([n.need_units for n in problem.needs], np.float64)
    held = np.array([n.held_units for n in problem.needs], np.float64)
    carried = np.array([n.carried for n in problem.needs], np.float64)
    weight = (
        np.array([i.weight for i in problem.items], np.float64)[item]
        * np.array([s.weight for s in problem.sites], np.float64)[site]
    )
    locked = np.array([bounds.fixed(n.site, n.item) for n in problem.needs], np.bool_)
    reachable = np.zeros(count, np.bool_)
    own = demands.need[arcs.demand]
    reachable[own[own >= 0]] = True
    given = np.array([bounds.tied(n.site, n.item) for n in problem.needs], np.float64)
    full = wanted / units
    safe = np.maximum(wanted, 1.0)
    in_vector = (wanted > 0) & (held < wanted) & reachable & ~locked
    return Needs(
        site=site,
        item=item,
        full=full,
        held=held / units,
        start=(carried + np.minimum((held + given * units) / safe, 1.0)) / weight,
        cap=(carried + 1.0) / weight,
        rise=np.maximum(full, 1.0 / units) * weight,
        tier=np.array([i.tier for i in problem.items], np.int64)[item],
        guarantee=np.array([n.min_fraction for n in problem.needs], np.float64),
        in_vector=in_vector,
        reachable=reachable,
        locked=locked,
    )
