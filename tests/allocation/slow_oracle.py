"""The fairest levels the slow way: a sequence of linear programs over single lots (scipy).

Written from the problem's definition alone; it shares nothing with the engine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
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
        for (j, lot), (n, need), t in product(
            enumerate(problem.lots), enumerate(problem.needs), range(1, problem.periods + 1)
        ):
            r = road.get((lot.warehouse, need.site))
            if lot.item != need.item or r is None or not r.open or self.countable(lot) == 0:
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
            self.arcs.append((j, n, t, r))
        self.a: list[np.ndarray] = []
        self.b: list[float] = []
        self._rows()

    def _rows(self) -> None:
        p = self.problem
        for j, lot in enumerate(p.lots):
            self.row(
                [float(arc[0] == j) for arc in self.arcs],
                self.countable(lot),
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

    def countable(self, lot) -> float:
        packs = lot.packs * lot.confidence
        return packs if self.problem.divisible else math.floor(packs + 1e-9)

    def row(self, use, cap) -> None:
        self.a.append(np.asarray(use, float))
        self.b.append(float(cap))

    def reached(self, n: int) -> np.ndarray:
        """Units that each pack along each arc adds to need ``n``."""
        units = self.item[self.problem.needs[n].item].pack_units
        return np.array([float(units * (arc[1] == n)) for arc in self.arcs])


class _Climb:
    """Groups of needs whose levels are fixed one after the other, from the lowest up."""

    def __init__(self, model: SlowModel) -> None:
        self.model, needs = model, model.problem.needs
        self.unit = [model.reached(n) for n in range(len(needs))]
        served = [n for n in range(len(needs)) if self.unit[n].any()]
        self.usable = [n for n in served if needs[n].held_units < needs[n].need_units]
        self.rows = [*model.a, *(self.unit[n] for n in served)]
        self.most = [
            *model.b, *(float(max(needs[n].need_units - needs[n].held_units, 0)) for n in served)
        ]  # fmt: skip
        self.floors: list[tuple[np.ndarray, float]] = []

    def highest(self, rising: list[Step], held: list[Step], at: float) -> float:
        """Return the most that all of ``rising`` can reach while ``held`` stay at ``at``."""
        rows = [np.append(row, 0.0) for row in self.rows]
        rows += [np.append(-row, 0.0) for row, _ in self.floors]
        rows += [np.append(-s.slope, 1.0) for s in rising]
        rows += [np.append(-s.slope, 0.0) for s in held]
        most = [*self.most, *(-low + 1e-9 * max(1.0, abs(low)) for _, low in self.floors)]
        most += [s.base for s in rising] + [s.base - at + 1e-9 for s in held]
        goal = np.zeros(len(rows[0]))
        goal[-1] = -1.0
        free: list[tuple[float | None, float | None]] = [(0, None)] * (len(goal) - 1)
        bounds = [*free, (None, min(s.cap for s in rising))]
        out = linprog(goal, A_ub=np.array(rows), b_ub=most, bounds=bounds, method="highs")
        assert out.status == 0, out.message
        return -out.fun

    def levels(self, steps: list[Step]) -> dict[int, float]:
        """Fix the levels of ``steps`` lexicographically and return them."""
        found: dict[int, float] = {}
        while steps:
            lowest = self.highest(steps, [], 0.0)
            stuck = [s for s in steps if self._cannot_rise(s, steps, lowest)]
            assert stuck, "somebody is always at the bottom for good"
            for s in stuck:
                found[s.need] = min(lowest, s.cap)
                self.floors.append((s.slope, found[s.need] - s.base))
            steps = [s for s in steps if s.need not in found]
        return found

    def _cannot_rise(self, step: Step, steps: list[Step], lowest: float) -> bool:
        others = [s for s in steps if s is not step]
        return step.cap <= lowest + 1e-9 or self.highest([step], others, lowest) <= lowest + 1e-7


@dataclass(frozen=True)
class Step:
    """A need whose level is ``base + slope · packs``, at most ``cap``."""

    need: int
    slope: np.ndarray
    base: float
    cap: float


def slow_levels(problem: Problem) -> dict[tuple[str, str], float]:
    """Return the lexicographic max-min levels of a divisible problem without locks."""
    model = SlowModel(problem)
    climb, needs = _Climb(model), problem.needs
    full = [max(need.need_units, 1) for need in needs]
    covered = [min(need.held_units / f, 1.0) for need, f in zip(needs, full, strict=True)]
    climb.levels([
        Step(n, climb.unit[n] / full[n] / share, covered[n] / share, 1.0)
        for n in climb.usable
        if (share := needs[n].min_fraction) > covered[n]
    ])  # fmt: skip
    tier = {n: model.item[needs[n].item].tier for n in climb.usable}
    if problem.tiers is Tiers.POOLED:
        tier = dict.fromkeys(climb.usable, 1)
    found: dict[int, float] = {}
    for now in sorted(set(tier.values())):
        steps = []
        for n in climb.usable:
            if tier[n] == now:
                weight = model.site[needs[n].site].weight * model.item[needs[n].item].weight
                base, cap = needs[n].carried + covered[n], needs[n].carried + 1.0
                slope = climb.unit[n] / full[n] / weight
                steps.append(Step(n, slope, base / weight, cap / weight))
        found |= climb.levels(steps)
    return {(needs[n].site, needs[n].item): level for n, level in found.items()}
