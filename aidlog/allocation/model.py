"""The problem as arrays: demands, stock groups, arcs between them, and the limits as rows.

Everything that can run out is one *row*: ``Σ use · packs ≤ capacity`` over arcs, with
``use ≥ 0``. A *demand* is a need, or goods that a lock ties to one lot. An *arc* sends packs
of one stock group to one demand in one period. Quantities along arcs are packs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from aidlog.allocation.bounds import Bounds, lock_bounds
from aidlog.allocation.problem import LimitScope, Lot, Problem, Route

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Kilograms, cubic metres and money are counted in millionths, so that sums are exact.
MILLIONTHS = 1_000_000
_MOST = 4 * 10**18


class RowKind(IntEnum):
    """What a row counts."""

    SUPPLY = 0
    ROUTE_KG = 1
    ROUTE_M3 = 2
    SHARED_KG = 3
    SHARED_M3 = 4
    SHARED_COST = 5
    LOT_LOCK = 6


@dataclass(frozen=True, slots=True)
class Needs:
    """One entry a need, in canonical order. ``full`` is the need in packs.

    The level of a need that receives ``a`` packs is ``min(start + a / rise, cap)``.
    """

    site: Ints
    item: Ints
    full: Floats
    held: Floats
    start: Floats
    cap: Floats
    rise: Floats
    tier: Ints
    guarantee: Floats
    in_vector: Bools
    reachable: Bools
    locked: Bools


@dataclass(frozen=True, slots=True)
class Demands:
    """One entry a demand: first the needs, then what locks ask for beside them.

    ``least`` and ``most`` bound the packs it receives; ``need`` is the index of the need that
    it counts for, -1 where there is none.
    """

    need: Ints
    site: Ints
    item: Ints
    lot: Ints
    least: Floats
    most: Floats
    least_whole: Ints
    most_whole: Ints


@dataclass(frozen=True, slots=True)
class Groups:
    """Lots that no rule tells apart, merged; ``lots`` holds the lots' indices of each.

    ``expiry_rank`` orders groups by their first expiry, the earliest first.
    """

    warehouse: Ints
    item: Ints
    packs: Ints
    unit_cost: Floats
    expiry_rank: Ints
    lots: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Arcs:
    """Where packs can go. Sorted by demand; ``cost`` is money per pack."""

    group: Ints
    demand: Ints
    route: Ints
    period: Ints
    cost: Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """Limits that could bind, and their use by arcs as (row, arc, use) sorted by arc.

    ``capacity`` and ``use`` are in packs, kg, m³ or money; the whole forms in packs or
    millionths. ``about`` is the group, route, limit or lock; ``period`` 0 is the horizon.
    """

    kind: Ints
    about: Ints
    period: Ints
    capacity: Floats
    capacity_whole: Ints
    entry_row: Ints
    entry_arc: Ints
    use: Floats
    use_whole: Ints

    def __len__(self) -> int:
        return len(self.kind)


@dataclass(frozen=True, slots=True)
class Model:
    """A problem (canonically ordered) and its arrays."""

    problem: Problem
    needs: Needs
    demands: Demands
    groups: Groups
    arcs: Arcs
    rows: Rows
    routes: tuple[Route, ...]

    def delivered(self, flow: Floats | Ints) -> Floats:
        """Return packs per demand of ``flow`` (packs per arc)."""
        return sums(self.arcs.demand, flow, len(self.demands.need))

    def per_need(self, by_demand: Floats) -> Floats:
        """Return packs per need: its own demand and those of locks that count for it."""
        counts = self.demands.need >= 0
        return sums(self.demands.need[counts], by_demand[counts], len(self.needs.full))

    def used(self, flow: Floats) -> Floats:
        """Return the use of every row by ``flow``."""
        entries = self.rows
        return sums(entries.entry_row, entries.use * flow[entries.entry_arc], len(entries))


def sums(label: Ints, values: Floats | Ints, count: int) -> Floats:
    """Return the sum of ``values`` for each label below ``count``."""
    return np.bincount(label, values, count).astype(np.float64)


def millionths(value: float, *, up: bool) -> int:
    """Return ``value`` in millionths: a load rounded up, a capacity down, so never too much."""
    exact = Decimal(str(value)) * MILLIONTHS
    return min(int(exact.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)), _MOST)


def countable_packs(lot: Lot) -> int:
    """Return the packs of ``lot`` that the plan may count on."""
    return math.floor(lot.packs * Decimal(str(lot.confidence)))


def build(problem: Problem) -> Model:
    """Return the arrays of a checked and canonically ordered problem."""
    bounds = lock_bounds(problem)
    item_at = {item.id: i for i, item in enumerate(problem.items)}
    site_at = {site.id: i for i, site in enumerate(problem.sites)}
    warehouse_at = {place.id: i for i, place in enumerate(problem.warehouses)}
    routes = tuple(route for route in problem.routes if route.open)
    roads = _Roads(problem, routes, warehouse_at, site_at)
    groups, usable, earmark, expiry = _groups(problem, bounds, roads, warehouse_at, item_at)
    demands = _demands(problem, bounds, item_at, site_at)
    arcs = _arcs(problem, groups, demands, roads, _earmarks(problem, earmark, site_at),
                 usable, expiry)  # fmt: skip
    rows = _rows(problem, bounds, groups, demands, arcs, routes)
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


def _groups(
    problem: Problem,
    bounds: Bounds,
    roads: _Roads,
    warehouse_at: dict[str, int],
    item_at: dict[str, int],
) -> tuple[Groups, Ints, list[frozenset[str] | None], Floats]:
    """Merge lots of one warehouse and item that reach the same places at the same times."""
    members: dict[tuple[object, ...], list[int]] = {}
    for index, lot in enumerate(problem.lots):
        if countable_packs(lot) == 0:
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
        unit_cost=np.array([lot.unit_cost for lot in first], np.float64),
        expiry_rank=np.unique(last_days, return_inverse=True)[1].reshape(-1).astype(np.int64),
        lots=tuple(tuple(members[key]) for key in keys),
    )
    usable = np.array([lot.available_period for lot in first], np.int64)
    return groups, usable, [lot.sites for lot in first], last_days


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
    problem: Problem,
    groups: Groups,
    demands: Demands,
    roads: _Roads,
    allowed: Bools,
    usable: Ints,
    last_day: Floats,
) -> Arcs:
    """Join groups and demands of one item wherever road, earmark and expiry let goods pass."""
    parts: list[tuple[Ints, Ints, Ints]] = []
    by_item = [np.flatnonzero(demands.item == i) for i in range(len(problem.items))]
    stock_of = [np.flatnonzero(groups.item == i) for i in range(len(problem.items))]
    lot_group = np.full(len(problem.lots), -1, np.int64)
    for g, lots in enumerate(groups.lots):
        lot_group[list(lots)] = g
    for d, g in zip(by_item, stock_of, strict=True):
        if len(d) == 0 or len(g) == 0:
            continue
        w, s = groups.warehouse[g], demands.site[d]
        tie = demands.lot[d]
        passes = (roads.index[w][:, s] >= 0) & allowed[g][:, s]
        passes &= (tie < 0)[None] | (lot_group[tie][None] == g[:, None])
        days, opens = roads.days[w][:, s], roads.opens[w][:, s]
        for period in range(1, problem.periods + 1):
            arrival = (period - 1) * problem.period_days + days
            now = passes & (period >= usable[g])[:, None] & (period >= opens)
            now &= last_day[g][:, None] >= arrival + problem.min_shelf_days_on_arrival
            gi, di = np.nonzero(now)
            parts.append((g[gi], d[di], np.full(len(gi), period, np.int64)))
    group, demand, period = (
        np.concatenate(column) if column else np.zeros(0, np.int64)
        for column in (zip(*parts, strict=True) if parts else ((), (), ()))
    )
    order = np.lexsort((group, period, demand))
    group, demand, period = group[order], demand[order], period[order]
    route = roads.index[groups.warehouse[group], demands.site[demand]]
    routes = [r for r in problem.routes if r.open]
    rate = np.array([r.cost_per_kg for r in routes], np.float64)
    kg = np.array([item.kg_per_pack or 0.0 for item in problem.items], np.float64)
    cost = (
        rate[route] * kg[demands.item[demand]] + groups.unit_cost[group]
        if len(route)
        else (np.zeros(0))
    )
    return Arcs(group, demand, route, period, cost)


class _RowBuilder:
    """Collects rows and leaves out those that can never bind."""

    def __init__(self, arcs: Arcs, demands: Demands) -> None:
        self.arcs, self.demands = arcs, demands
        self.heads: list[tuple[int, int, int, int, int]] = []
        self.entries: list[tuple[Ints, Ints, Ints]] = []

    def add(
        self, kind: RowKind, label: Ints, members: Ints, use: Ints, capacity: Ints,
        about: Ints, period: Ints,
    ) -> None:  # fmt: skip
        """Add the rows ``label`` → capacity that use ``use`` of each arc in ``members``.

        A row cannot bind if all its demands together, each along its heaviest arc and each
        up to its last whole pack, stay within the capacity.
        """
        keep = use > 0
        label, members, use = label[keep], members[keep], use[keep]
        if len(label) == 0:
            return
        demand = self.arcs.demand[members]
        order = np.lexsort((demand, label))
        new = np.ones(len(order), np.bool_)
        new[1:] = (np.diff(label[order]) != 0) | (np.diff(demand[order]) != 0)
        start = np.flatnonzero(new)
        heaviest = np.maximum.reduceat(use[order], start).astype(np.float64)
        most = self.demands.most_whole[demand[order][start]]
        reach = np.bincount(label[order][start], heaviest * most, len(capacity))
        binding = reach > capacity
        number = np.full(len(capacity), -1, np.int64)
        rows = np.flatnonzero(binding)
        number[rows] = len(self.heads) + np.arange(len(rows))
        self.heads += [
            (int(kind), int(about[r]), int(period[r]), int(capacity[r]), 0) for r in rows
        ]
        bound = binding[label]
        self.entries.append((number[label[bound]], members[bound], use[bound]))

    def rows(self) -> Rows:
        """Return the rows, their entries sorted by arc."""
        kind, about, period, capacity, _ = (
            np.array(column, np.int64)
            for column in (zip(*self.heads, strict=True) if self.heads else ((),) * 5)
        )
        row, arc, use = (
            np.concatenate(column) if column else np.zeros(0, np.int64)
            for column in (zip(*self.entries, strict=True) if self.entries else ((),) * 3)
        )
        order = np.lexsort((row, arc))
        row, arc, use = row[order], arc[order], use[order]
        counted = np.isin(kind, (RowKind.SUPPLY, RowKind.LOT_LOCK))
        scale = np.where(counted, 1.0, 1.0 / MILLIONTHS)
        return Rows(
            kind, about, period, capacity * scale, capacity, row, arc, use * scale[row], use
        )


def _rows(
    problem: Problem,
    bounds: Bounds,
    groups: Groups,
    demands: Demands,
    arcs: Arcs,
    routes: tuple[Route, ...],
) -> Rows:
    """Write every limit as rows over the arcs."""
    built = _RowBuilder(arcs, demands)
    every = np.arange(len(arcs.group))
    one = np.ones(len(every), np.int64)
    g = np.arange(len(groups.packs))
    built.add(RowKind.SUPPLY, arcs.group, every, one, groups.packs, g, np.zeros_like(g))
    item = demands.item[arcs.demand]
    kg = np.array([millionths(i.kg_per_pack or 0, up=True) for i in problem.items], np.int64)[item]
    m3 = np.array([millionths(i.m3_per_pack or 0, up=True) for i in problem.items], np.int64)[item]
    cost = np.ceil(arcs.cost * MILLIONTHS - 1e-6).astype(np.int64)
    horizon = problem.periods
    for kind, use, caps in (
        (RowKind.ROUTE_KG, kg, [r.max_kg for r in routes]),
        (RowKind.ROUTE_M3, m3, [r.max_m3 for r in routes]),
    ):
        limited = np.array([cap is not None for cap in caps], np.bool_)
        whole = np.array([millionths(cap or 0, up=False) for cap in caps], np.int64)
        at = np.flatnonzero(limited[arcs.route]) if len(every) else every
        built.add(
            kind, arcs.route[at] * horizon + arcs.period[at] - 1, at, use[at],
            np.repeat(whole, horizon), np.repeat(np.arange(len(routes)), horizon),
            np.tile(np.arange(1, horizon + 1), len(routes)),
        )  # fmt: skip
    for index, limit in enumerate(problem.shared_limits):
        over = np.array([(r.warehouse, r.site) in limit.over for r in routes], np.bool_)
        at = np.flatnonzero(over[arcs.route]) if len(every) else every
        by_period = limit.scope is LimitScope.PERIOD
        count = horizon if by_period else 1
        label = arcs.period[at] - 1 if by_period else np.zeros(len(at), np.int64)
        periods = np.arange(1, horizon + 1) if by_period else np.zeros(1, np.int64)
        for kind, use, cap in (
            (RowKind.SHARED_KG, kg, limit.max_kg),
            (RowKind.SHARED_M3, m3, limit.max_m3),
            (RowKind.SHARED_COST, cost, limit.max_cost),
        ):
            if cap is not None:
                built.add(
                    kind, label, at, use[at],
                    np.full(count, millionths(cap, up=False)), np.full(count, index), periods,
                )  # fmt: skip
    _add_lot_locks(problem, bounds, groups, demands, arcs, built)
    return built.rows()


def _add_lot_locks(
    problem: Problem,
    bounds: Bounds,
    groups: Groups,
    demands: Demands,
    arcs: Arcs,
    built: _RowBuilder,
) -> None:
    """Add *at most* locks on one lot: a row over all its arcs to the site."""
    group_of = {problem.lots[i].id: g for g, lots in enumerate(groups.lots) for i in lots}
    site_at = {site.id: s for s, site in enumerate(problem.sites)}
    for (site, lot), packs in bounds.most_of_lot.items():
        if lot in group_of:
            here = arcs.group == group_of[lot]
            at = np.flatnonzero(here & (demands.site[arcs.demand] == site_at[site]))
            index = next(i for i, known in enumerate(problem.lots) if known.id == lot)
            label = np.zeros(len(at), np.int64)
            built.add(
                RowKind.LOT_LOCK, label, at, np.ones(len(at), np.int64),
                np.array([packs]), np.array([index * len(site_at) + site_at[site]]),
                np.zeros(1, np.int64),
            )  # fmt: skip


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
