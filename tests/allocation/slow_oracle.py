"""The fairest levels the slow way: a sequence of linear programs over single lots (scipy).

Written from the problem's definition alone; it shares nothing with the engine.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from scipy.optimize import linprog

from aidlog.allocation.problem import LimitScope, Problem, Tiers


class SlowModel:
    """Arcs are (lot, need, period); every limit is a dense row ``a · x ≤ b``."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.item = {i.id: i for i in problem.items}
        self.site = {s.id: s for s in problem.sites}
        road = {(r.warehouse, r.site): r for r in problem.routes}
        self.arcs = []
        for (l, lot), (n, need), t in product(
            enumerate(problem.lots), enumerate(problem.needs), range(1, problem.periods + 1)
        ):
            r = road.get((lot.warehouse, need.site))
            if (
                lot.item != need.item
                or r is None
                or not r.open
                or math.floor(lot.packs * lot.confidence + 1e-9) == 0
            ):
                continue
            if lot.sites is not None and need.site not in lot.sites:
                continue
            arrival = (t - 1) * problem.period_days + r.travel_days
            if lot.expiry_day is not None and (
                lot.expiry_day < arrival + problem.min_shelf_days_on_arrival
            ):
                continue
            if t < r.open_from_period or t < lot.available_period:
                continue
            self.arcs.append((l, n, t, r))
        self.a: list[np.ndarray] = []
        self.b: list[float] = []
        self._rows()

    def _rows(self) -> None:
        p = self.problem
        for l, lot in enumerate(p.lots):
            self.row(
                [float(arc[0] == l) for arc in self.arcs],
                math.floor(lot.packs * lot.confidence + 1e-9),
            )
        kg = [self.item[p.lots[arc[0]].item].kg_per_pack or 0.0 for arc in self.arcs]
        m3 = [self.item[p.lots[arc[0]].item].m3_per_pack or 0.0 for arc in self.arcs]
        cost = [
            k * arc[3].cost_per_kg + p.lots[arc[0]].unit_cost
            for k, arc in zip(kg, self.arcs, strict=True)
        ]
        self.cost = np.array(cost)
        for r, t in product(p.routes, range(1, p.periods + 1)):
            on = [float(arc[3] is r and arc[2] == t) for arc in self.arcs]
            for use, cap in ((kg, r.max_kg), (m3, r.max_m3)):
                if cap is not None:
                    self.row(np.array(on) * use, cap)
        for limit in p.shared_limits:
            spans = [{t} for t in range(1, p.periods + 1)]
            if limit.scope is LimitScope.HORIZON:
                spans = [set(range(1, p.periods + 1))]
            for span in spans:
                on = np.array(
                    [
                        float((arc[3].warehouse, arc[3].site) in limit.over and arc[2] in span)
                        for arc in self.arcs
                    ]
                )
                for use, cap in ((kg, limit.max_kg), (m3, limit.max_m3), (cost, limit.max_cost)):
                    if cap is not None:
                        self.row(on * use, cap)

    def row(self, use, cap) -> None:
        self.a.append(np.asarray(use, float))
        self.b.append(float(cap))

    def reached(self, n: int) -> np.ndarray:
        """Units that each pack along each arc adds to need ``n``."""
        units = self.item[self.problem.needs[n].item].pack_units
        return np.array([float(units * (arc[1] == n)) for arc in self.arcs])


def slow_levels(problem: Problem) -> dict[tuple[str, str], float]:
    """Return the lexicographic max-min levels of a divisible problem without locks."""
    m = SlowModel(problem)
    needs = problem.needs
    usable = [
        n for n, need in enumerate(needs)
        if need.held_units < need.need_units and any(arc[1] == n for arc in m.arcs)
    ]  # fmt: skip
    unit = np.array([m.reached(n) for n in range(len(needs))])
    a_ub = [*m.a, *(unit[n] for n in usable)]
    b_ub = [*m.b, *(float(needs[n].need_units - needs[n].held_units) for n in usable)]
    for n in range(len(needs)):
        if n not in usable and any(arc[1] == n for arc in m.arcs):
            a_ub.append(unit[n])
            b_ub.append(0.0)
    floors: list[tuple[np.ndarray, float]] = []
    guaranteed = [
        n for n in usable if needs[n].min_fraction > needs[n].held_units / needs[n].need_units
    ]

    def climb(group, slope, base, cap):
        """Fix the group's levels from the lowest up, adding them to the floors."""
        free = list(group)
        value = {}
        while free:

            def best(objective_on):
                size = len(m.arcs) + 1
                c = np.zeros(size)
                c[-1] = -1
                rows = [np.append(x, 0.0) for x in a_ub]
                rhs = list(b_ub)
                for f, low in floors:
                    rows.append(np.append(-f, 0.0))
                    rhs.append(-low + 1e-9 * max(1.0, abs(low)))
                for n in free:
                    if objective_on is None or n in objective_on:
                        rows.append(np.append(-slope[n], 1.0))
                        rhs.append(base[n])
                    else:
                        rows.append(np.append(-slope[n], 0.0))
                        rhs.append(base[n] - lam + 1e-9)
                top = min(cap[n] for n in free) if objective_on is None else cap[objective_on[0]]
                out = linprog(
                    c,
                    A_ub=np.array(rows),
                    b_ub=rhs,
                    bounds=[(0, None)] * (size - 1) + [(None, top)],
                    method="highs",
                )
                assert out.status == 0, out.message
                return -out.fun

            lam = best(None)
            stuck = [
                n for n in free
                if cap[n] <= lam + 1e-9 or best([n]) <= lam + 1e-7
            ]  # fmt: skip
            assert stuck
            for n in stuck:
                value[n] = min(lam, cap[n])
                floors.append((slope[n], value[n] - base[n]))
            free = [n for n in free if n not in stuck]
        return value

    full = np.array([max(need.need_units, 1) for need in needs], float)
    cov0 = np.array([min(need.held_units / f, 1.0) for need, f in zip(needs, full, strict=True)])
    weight = np.array([m.site[n.site].weight * m.item[n.item].weight for n in needs])
    carried = np.array([n.carried for n in needs])
    if guaranteed:
        gamma = {n: needs[n].min_fraction for n in guaranteed}
        climb(
            guaranteed,
            {n: unit[n] / full[n] / gamma[n] for n in guaranteed},
            {n: cov0[n] / gamma[n] for n in guaranteed},
            dict.fromkeys(guaranteed, 1.0),
        )
    tiers = sorted({m.item[needs[n].item].tier for n in usable})
    if problem.tiers is Tiers.POOLED:
        tiers = [None]
    levels = {}
    for tier in tiers:
        group = [n for n in usable if tier is None or m.item[needs[n].item].tier == tier]
        levels |= climb(
            group, {n: unit[n] / full[n] / weight[n] for n in group},
            {n: (carried[n] + cov0[n]) / weight[n] for n in group},
            {n: (carried[n] + 1.0) / weight[n] for n in group},
        )  # fmt: skip
    return {(needs[n].site, needs[n].item): level for n, level in levels.items()}
