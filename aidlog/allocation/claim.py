"""A plan as its result claims it, held against the problem's text.

Nothing is shared with the solver. Every shipment must be allowed; no lot, road, limit or lock
may be exceeded; packs must add up, and levels be what they should be.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from aidlog.allocation.lock_words import words
from aidlog.allocation.problem import LimitScope, Lock, Lot, Problem, Sense
from aidlog.allocation.result import Result

_CLOSE = 1e-6
Floats = NDArray[np.float64]


#: Kilograms, cubic metres and money.
Load = tuple[float, float, float]
#: Warehouse, site and period.
Way = tuple[str, str, int]


def _plus(one: Load, other: Load) -> Load:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


class Claim:
    """A problem, a result, and what follows from both."""

    def __init__(self, problem: Problem, result: Result) -> None:
        self.problem, self.result = problem, result
        self.items = {item.id: item for item in problem.items}
        self.sites = {site.id: site for site in problem.sites}
        self.lots = {lot.id: lot for lot in problem.lots}
        self.needs = {(need.site, need.item): need for need in problem.needs}
        self.roads = {(r.warehouse, r.site): r for r in problem.routes if r.open}
        clashing = {str(message) for message in result.clashing_locks}
        self.locks = [k for k in problem.locks if str(words(problem, k)) not in clashing]
        self.sent: dict[tuple[str, str], float] = defaultdict(float)
        for shipment in result.shipments:
            self.sent[shipment.site, shipment.item] += shipment.packs

    def within(self, value: float, most: float) -> bool:
        """Say whether ``value`` keeps to ``most``: exactly in whole packs, but for float sums."""
        slack = _CLOSE if self.problem.divisible else 1e-9
        return value <= most + slack * max(1.0, abs(most))

    def may_carry(self, lot: Lot, site: str, period: int) -> bool:
        """Say whether packs of ``lot`` may leave for ``site`` in ``period``."""
        road = self.roads.get((lot.warehouse, site))
        if road is None or period < max(lot.available_period, road.open_from_period):
            return False
        if lot.sites is not None and site not in lot.sites:
            return False
        start = (period - 1) * self.problem.period_days
        needed = start + road.travel_days + self.problem.min_shelf_days_on_arrival
        return lot.expiry_day is None or lot.expiry_day >= needed

    def countable(self, lot: Lot) -> float:
        """Return the packs of ``lot`` that may be counted on; whole ones unless divisible."""
        exact = lot.packs * Decimal(str(lot.confidence))
        return float(exact) if self.problem.divisible else math.floor(exact)

    def shipments(self) -> list[str]:
        """Check each shipment by itself, and each lot's total."""
        wrong = []
        out: dict[str, float] = defaultdict(float)
        for s in self.result.shipments:
            name = f"shipment of {s.lot} to {s.site} in period {s.period}"
            lot = self.lots.get(s.lot)
            if lot is None or s.item != lot.item or s.warehouse != lot.warehouse:
                wrong.append(f"{name}: there is no such lot of {s.item} in {s.warehouse}")
                continue
            if not 1 <= s.period <= self.problem.periods or not self.may_carry(
                lot, s.site, s.period
            ):
                wrong.append(f"{name}: it may not go there then")
            if s.packs <= 0 or (not self.problem.divisible and s.packs != int(s.packs)):
                wrong.append(f"{name}: {s.packs} packs")
            units = s.packs * self.items[s.item].pack_units
            if abs(s.units - units) > _CLOSE * max(1.0, units):
                wrong.append(f"{name}: {s.units} units are not {s.packs} packs")
            out[s.lot] += s.packs
        wrong += [
            f"lot {lot}: {packs} packs leave, {self.countable(self.lots[lot])} are there"
            for lot, packs in out.items()
            if not self.within(packs, self.countable(self.lots[lot]))
        ]
        return wrong

    def deliveries(self) -> list[str]:
        """Check that needs add up: packs, units, coverage, levels, and nothing too much."""
        wrong = []
        seen = {(row.site, row.item) for row in self.result.needs}
        if seen != set(self.needs) or len(self.result.needs) != len(self.needs):
            wrong.append("the needs of the result are not those of the problem")
            return wrong
        locked = {(k.site, k.item or self.lots[k.lot or ""].item) for k in self.locks}
        wrong += [
            f"{packs} packs of {item} go to {site}, where nobody asked for them"
            for (site, item), packs in self.sent.items()
            if (site, item) not in self.needs and (site, item) not in locked
        ]
        for row in self.result.needs:
            need = self.needs[row.site, row.item]
            name = f"need of {row.site} for {row.item}"
            unit = self.items[row.item].pack_units
            packs = self.sent.get((row.site, row.item), 0)
            if abs(packs - row.packs) > _CLOSE * max(1.0, packs):
                wrong.append(f"{name}: {row.packs} packs are promised and {packs} sent")
            gap = max(need.need_units - need.held_units, 0) / unit
            most = gap if self.problem.divisible else math.ceil(gap)
            if not self.within(packs, most) and (row.site, row.item) not in locked:
                wrong.append(f"{name}: {packs} packs are more than the gap of {gap}")
            after = self.coverage(row.site, row.item, packs)
            if abs(after - row.covered_after) > _CLOSE:
                wrong.append(f"{name}: covered {row.covered_after}, in truth {after}")
            if row.pack_level is not None:
                level = (need.carried + after) / self.weight(row.site, row.item)
                if abs(level - row.pack_level) > _CLOSE:
                    wrong.append(f"{name}: level {row.pack_level}, in truth {level}")
        return wrong

    def coverage(self, site: str, item: str, packs: float) -> float:
        need = self.needs[site, item]
        units = need.held_units + packs * self.items[item].pack_units
        return min(units / need.need_units, 1.0) if need.need_units else 1.0

    def weight(self, site: str, item: str) -> float:
        return self.sites[site].weight * self.items[item].weight

    def limits(self) -> list[str]:
        """Check roads, shared limits and locks."""
        load = self._load()
        wrong = self._roads(load) + self._shared(load)
        return wrong + [f"lock not kept: {lock}" for lock in self.locks if not self._kept(lock)]

    def _load(self) -> dict[tuple[str, str, int], Load]:
        """Return kg, m³ and money per warehouse, site and period."""
        load: dict[tuple[str, str, int], Load] = defaultdict(lambda: (0.0, 0.0, 0.0))
        for s in self.result.shipments:
            key = (s.warehouse, s.site, s.period)
            load[key] = _plus(load[key], self._weighed(self.lots.get(s.lot), s.item, key, s.packs))
        return load

    def _weighed(self, lot: Lot | None, item: str, way: Way, packs: float) -> Load:
        """Return kg, m³ and money of packs along a way."""
        road = self.roads.get(way[:2])
        kg = packs * (self.items[item].kg_per_pack or 0.0)
        m3 = packs * (self.items[item].m3_per_pack or 0.0)
        bought = lot.unit_cost if lot is not None else 0.0
        return kg, m3, kg * (road.cost_per_kg if road else 0.0) + packs * bought

    def room_for_one(self, site: str, item: str) -> bool:
        """Say whether the plan leaves stock and trucks for a pack more as it stands."""
        left = {lot.id: self.countable(lot) for lot in self.problem.lots if lot.item == item}
        for s in self.result.shipments:
            if s.lot in left:
                left[s.lot] -= s.packs
        load = self._load()
        for lot in (self.lots[name] for name, packs in left.items() if packs >= 1):
            for period in range(1, self.problem.periods + 1):
                way = (lot.warehouse, site, period)
                if self.may_carry(lot, site, period):
                    fuller = dict(load)
                    one = self._weighed(lot, item, way, 1)
                    fuller[way] = _plus(load.get(way, (0.0, 0.0, 0.0)), one)
                    if not self._roads(fuller) + self._shared(fuller):
                        return True
        return False

    def _roads(self, load: Mapping[tuple[str, str, int], Load]) -> list[str]:
        wrong = []
        for (warehouse, site, period), (kg, m3, _) in load.items():
            road = self.roads.get((warehouse, site))
            if road is None:
                continue
            for used, most in ((kg, road.max_kg), (m3, road.max_m3)):
                if most is not None and not self.within(used, most):
                    wrong.append(f"road {warehouse} to {site}, period {period}: {used} of {most}")
        return wrong

    def _shared(self, load: Mapping[tuple[str, str, int], Load]) -> list[str]:
        wrong = []
        for limit in self.problem.shared_limits:
            used_in: dict[int, Load] = defaultdict(lambda: (0.0, 0.0, 0.0))
            for (warehouse, site, period), amounts in load.items():
                if (warehouse, site) in limit.over:
                    span = period if limit.scope is LimitScope.PERIOD else 0
                    used_in[span] = _plus(used_in[span], amounts)
            caps = (limit.max_kg, limit.max_m3, limit.max_cost)
            wrong += [
                f"limit {limit.id}: {used} of {most}"
                for amounts in used_in.values()
                for used, most in zip(amounts, caps, strict=True)
                if most is not None and not self.within(used, most)
            ]
        return wrong

    def _kept(self, lock: Lock) -> bool:
        packs = sum(
            s.packs
            for s in self.result.shipments
            if s.site == lock.site
            and (s.lot == lock.lot if lock.lot is not None else s.item == lock.item)
        )
        enough = packs >= lock.packs - _CLOSE or lock.sense is Sense.AT_MOST
        return enough and (packs <= lock.packs + _CLOSE or lock.sense is Sense.AT_LEAST)
