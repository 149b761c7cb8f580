"""Every limit of the problem as rows over the arcs; those that can never bind are left out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np

from aidlog.allocation.bounds import Bounds
from aidlog.allocation.model import Arcs, Demands, Groups, Ints, RowKind, Rows, joined
from aidlog.allocation.problem import LimitScope, Problem, Route

#: Kilograms, cubic metres and money are counted in millionths, so that sums are exact.
MILLIONTHS = 1_000_000
_MOST = 4 * 10**18


def millionths(value: float, *, up: bool) -> int:
    """Return ``value`` in millionths: a load rounded up, a capacity down, so never too much."""
    exact = Decimal(str(value)) * MILLIONTHS
    return min(int(exact.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)), _MOST)


@dataclass(frozen=True, slots=True)
class _Ceilings:
    """What some rows of one kind allow, and what and when they are about."""

    capacity: Ints
    about: Ints
    period: Ints


class _RowBuilder:
    """Collects rows and leaves out those that can never bind."""

    def __init__(self, arcs: Arcs, demands: Demands) -> None:
        self.arcs, self.demands = arcs, demands
        self.heads: list[tuple[int, int, int, int]] = []
        self.entries: list[tuple[Ints, Ints, Ints]] = []

    def add(
        self, kind: RowKind, ceilings: _Ceilings, label: Ints, members: Ints, use: Ints
    ) -> None:
        """Add rows: arc ``members[k]`` uses ``use[k]`` of the ceiling numbered ``label[k]``.

        A row cannot bind if all its demands together, each along its heaviest arc and each
        up to its last whole pack, stay within the capacity.
        """
        capacity, about, period = ceilings.capacity, ceilings.about, ceilings.period
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
        self.heads += [(int(kind), int(about[r]), int(period[r]), int(capacity[r])) for r in rows]
        bound = binding[label]
        self.entries.append((number[label[bound]], members[bound], use[bound]))

    def rows(self) -> Rows:
        """Return the rows, their entries sorted by arc."""
        heads = np.array(self.heads, np.int64).reshape(-1, 4)
        kind, about, period, capacity = heads.T
        row, arc, use = (joined([entry[k] for entry in self.entries]) for k in range(3))
        order = np.lexsort((row, arc))
        row, arc, use = row[order], arc[order], use[order]
        counted = np.isin(kind, (RowKind.SUPPLY, RowKind.LOT_LOCK))
        scale = np.where(counted, 1.0, 1.0 / MILLIONTHS)
        return Rows(
            kind.copy(),
            about.copy(),
            period.copy(),
            (capacity * scale).astype(np.float64),
            capacity.copy(),
            row,
            arc,
            (use * scale[row]).astype(np.float64),
            use,
        )


def limit_rows(
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
    stock = _Ceilings(groups.packs, g, np.zeros_like(g))
    built.add(RowKind.SUPPLY, stock, arcs.group, every, one)
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
        ceilings = _Ceilings(
            np.repeat(whole, horizon),
            np.repeat(np.arange(len(routes)), horizon),
            np.tile(np.arange(1, horizon + 1), len(routes)),
        )
        label = arcs.route[at] * horizon + arcs.period[at] - 1
        built.add(kind, ceilings, label, at, use[at])
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
                most = np.full(count, millionths(cap, up=False))
                ceilings = _Ceilings(most, np.full(count, index), periods)
                built.add(kind, ceilings, label, at, use[at])
    _add_lot_locks(problem, bounds, groups, demands, arcs, built)
    rows = built.rows()
    supply = np.flatnonzero(rows.kind == RowKind.SUPPLY)
    rows.capacity[supply] = groups.stock[rows.about[supply]]
    return rows


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
            about = np.array([index * len(site_at) + site_at[site]])
            ceilings = _Ceilings(np.array([packs]), about, np.zeros(1, np.int64))
            label = np.zeros(len(at), np.int64)
            built.add(RowKind.LOT_LOCK, ceilings, label, at, np.ones(len(at), np.int64))
