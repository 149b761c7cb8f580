"""Check a plan and its proof from the problem's text alone.

Nothing here is shared with the solver: arcs, limits and levels are derived again, lot by lot.
What is checked: every shipment is allowed; no lot, road, limit or lock is exceeded; packs add
up; levels are what they should be; and the levels are fair, by this condition. A need below
its cap must be stopped by a cut that is used up and holds for every plan, in which nobody of
the same tier who receives something stands higher, and nobody of a later tier receives
anything. (Take a fairer plan and the lowest need whose level changes: it rises and nobody at
or below it falls, so the left side of its cut grows beyond what the cut allows.)
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from aidlog.allocation.problem import LimitScope, Lock, Lot, Problem, Rule, Sense, Tiers
from aidlog.allocation.result import Cut, Result, Status

_CLOSE = 1e-6
Floats = NDArray[np.float64]


def verify(problem: Problem, result: Result) -> list[str]:
    """Return everything that is wrong with ``result`` as an answer to ``problem``."""
    claim = _Claim(problem, result)
    wrong = claim.shipments() + claim.deliveries() + claim.limits()
    if result.rule is Rule.LOWEST_FIRST and result.levels_proven:
        wrong += claim.fairness()
    return wrong


class _Claim:
    """A problem, a result, and what follows from both."""

    def __init__(self, problem: Problem, result: Result) -> None:
        self.problem, self.result = problem, result
        self.items = {item.id: item for item in problem.items}
        self.sites = {site.id: site for site in problem.sites}
        self.lots = {lot.id: lot for lot in problem.lots}
        self.needs = {(need.site, need.item): need for need in problem.needs}
        self.roads = {(r.warehouse, r.site): r for r in problem.routes if r.open}
        self.locks = () if result.status is Status.INFEASIBLE_LOCKS else problem.locks
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

    @staticmethod
    def countable(lot: Lot) -> int:
        return math.floor(lot.packs * Decimal(str(lot.confidence)))

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
            if not 1 <= s.period <= self.problem.periods or not self.may_carry(lot, s.site, s.period):
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
        wrong = []
        load: dict[tuple[str, str, int], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        for s in self.result.shipments:
            road = self.roads.get((s.warehouse, s.site))
            kg = s.packs * (self.items[s.item].kg_per_pack or 0.0)
            cost = kg * (road.cost_per_kg if road else 0.0) + s.packs * self.lots[s.lot].unit_cost
            carried = load[s.warehouse, s.site, s.period]
            carried[0] += kg
            carried[1] += s.packs * (self.items[s.item].m3_per_pack or 0.0)
            carried[2] += cost
        for (warehouse, site, period), (kg, m3, _) in load.items():
            road = self.roads.get((warehouse, site))
            for used, most in ((kg, road and road.max_kg), (m3, road and road.max_m3)):
                if most is not None and not self.within(used, most):
                    wrong.append(f"road {warehouse} to {site}, period {period}: {used} of {most}")
        for limit in self.problem.shared_limits:
            used_in: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
            for (warehouse, site, period), amounts in load.items():
                if (warehouse, site) in limit.over:
                    span = period if limit.scope is LimitScope.PERIOD else 0
                    used_in[span] = [a + b for a, b in zip(used_in[span], amounts, strict=True)]
            for amounts in used_in.values():
                caps = (limit.max_kg, limit.max_m3, limit.max_cost)
                for used, most in zip(amounts, caps, strict=True):
                    if most is not None and not self.within(used, most):
                        wrong.append(f"limit {limit.id}: {used} of {most}")
        return wrong + [f"lock not kept: {lock}" for lock in self.locks if not self._kept(lock)]

    def _kept(self, lock: Lock) -> bool:
        packs = sum(
            s.packs
            for s in self.result.shipments
            if s.site == lock.site
            and (s.lot == lock.lot if lock.lot is not None else s.item == lock.item)
        )
        enough = packs >= lock.packs - _CLOSE or lock.sense is Sense.AT_MOST
        return enough and (packs <= lock.packs + _CLOSE or lock.sense is Sense.AT_LEAST)

    def fairness(self) -> list[str]:
        """Check that the levels are the fairest, by the cuts alone."""
        return _Fairness(self).faults()


class _Fairness:
    """The levels as deliveries, all arcs lot by lot, and the cuts over them."""

    def __init__(self, claim: _Claim) -> None:
        self.claim, problem = claim, claim.problem
        self.rows = {(row.site, row.item): row for row in claim.result.needs}
        self.keys = list(claim.needs)
        self.number = {key: d for d, key in enumerate(self.keys)}
        self._ask()
        self._list_arcs()
        self.tier = np.array(
            [
                1 if problem.tiers is Tiers.POOLED else claim.items[item].tier
                for _, item in self.keys
            ]
        )

    def _ask(self) -> None:
        """Turn levels and locks into packs per demand; a lock on a lot is a demand of its own."""
        claim = self.claim
        least_lot: dict[tuple[str, str], int] = {}
        exact = set()
        least: dict[tuple[str, str], float] = {}
        for lock in claim.locks:
            key = (lock.site, lock.item if lock.lot is None else claim.lots[lock.lot].item)
            assert key[1] is not None
            exact |= {key} if lock.sense is Sense.EXACT else set()
            if lock.sense is Sense.AT_MOST:
                continue
            if lock.lot is None:
                least[key[0], key[1]] = max(least.get((key[0], key[1]), 0), lock.packs)
            else:
                pair = (lock.site, lock.lot)
                least_lot[pair] = max(least_lot.get(pair, 0), lock.packs)
        tied: dict[tuple[str, str], float] = defaultdict(float)
        for (site, lot), packs in least_lot.items():
            tied[site, claim.lots[lot].item] += packs
        packs_of, floor = [], []
        self.level = np.full(len(self.keys), np.nan)
        self.cap = np.full(len(self.keys), np.nan)
        self.share = np.full(len(self.keys), np.inf)
        for d, key in enumerate(self.keys):
            row, need = self.rows[key], claim.needs[key]
            unit, weight = claim.items[key[1]].pack_units, claim.weight(*key)
            low = max(least.get(key, 0) - tied[key], 0)
            if row.level is None:
                packs_of.append(low)
                floor.append(low)
                continue
            covered = row.level * weight - need.carried
            gap = (need.need_units - need.held_units) / unit
            wanted = covered * need.need_units / unit - need.held_units / unit
            packs_of.append(max(wanted - tied[key], 0.0))
            promised = need.min_fraction * need.need_units / unit - need.held_units / unit
            floor.append(max(low, min(promised - tied[key], gap)))
            self.level[d] = row.level
            most = [k.packs for k in claim.locks if k.site == key[0] and k.item == key[1] and k.sense is Sense.AT_MOST]
            top = min([gap, *most]) if low <= min([gap, *most]) else low
            top = min((need.held_units + top * unit) / need.need_units, 1.0)
            self.cap[d] = (need.carried + top) / weight
            if need.min_fraction > 0:
                self.share[d] = covered / need.min_fraction
        extra = [key for key in least if key not in self.number and least[key] > tied[key]]
        for key in extra:
            self.number[key] = len(packs_of)
            packs_of.append(least[key] - tied[key])
        self.tied_at: dict[tuple[str, str], int] = {}
        for pair, packs in least_lot.items():
            if packs:
                self.tied_at[pair] = len(packs_of)
                packs_of.append(packs)
        self.packs = np.array(packs_of, np.float64)
        self.floor = np.array(floor, np.float64)

    def _list_arcs(self) -> None:
        """List every (lot, demand, period) that may carry packs, as arrays."""
        claim, problem = self.claim, self.claim.problem
        by_item: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for (site, item), d in self.number.items():
            by_item[item].append((site, d))
        self.lot_number = {lot.id: i for i, lot in enumerate(problem.lots)}
        self.road_number = {pair: i for i, pair in enumerate(claim.roads)}
        road_of = {
            w.id: np.array([self.road_number.get((w.id, s.id), -1) for s in problem.sites])
            for w in problem.warehouses
        }
        days = np.array([road.travel_days for road in claim.roads.values()] + [0])
        opens = np.array([road.open_from_period for road in claim.roads.values()] + [0])
        site_number = {site.id: i for i, site in enumerate(problem.sites)}
        targets = {
            item: (np.array([site_number[s] for s, _ in pairs]), np.array([d for _, d in pairs]))
            for item, pairs in by_item.items()
        }
        tied_to = defaultdict(list)
        for (site, lot), d in self.tied_at.items():
            tied_to[lot].append((site_number[site], d))
        pieces: list[tuple[NDArray[np.int64], ...]] = []
        for lot in problem.lots:
            if claim.countable(lot) == 0:
                continue
            site, demand = targets.get(lot.item, (np.zeros(0, np.int64),) * 2)
            if tied_to[lot.id]:
                more = np.array(tied_to[lot.id])
                site, demand = np.append(site, more[:, 0]), np.append(demand, more[:, 1])
            road = road_of[lot.warehouse][site] if len(site) else site
            may = road >= 0
            if lot.sites is not None:
                marked = np.zeros(len(problem.sites), np.bool_)
                marked[[site_number[s] for s in lot.sites]] = True
                may &= marked[site]
            site, demand, road = site[may], demand[may], road[may]
            for period in range(lot.available_period, problem.periods + 1):
                arrives = (period - 1) * problem.period_days + days[road]
                last = math.inf if lot.expiry_day is None else lot.expiry_day
                now = (opens[road] <= period) & (
                    arrives + problem.min_shelf_days_on_arrival <= last
                )
                size = int(now.sum())
                pieces.append((
                    np.full(size, self.lot_number[lot.id]), demand[now], road[now],
                    np.full(size, period),
                ))  # fmt: skip
        lots, demand, road, period = (
            (np.concatenate(column).astype(np.int64) for column in zip(*pieces, strict=True))
            if pieces
            else (np.zeros(0, np.int64),) * 4
        )
        order = np.argsort(demand, kind="stable")
        self.lot, self.demand, self.road, self.period = (
            column[order] for column in (lots, demand, road, period)
        )
        items = [claim.items[lot.item] for lot in problem.lots]
        self.kg = np.array([item.kg_per_pack or 0.0 for item in items])[self.lot]
        self.m3 = np.array([item.m3_per_pack or 0.0 for item in items])[self.lot]
        rate = np.array([road.cost_per_kg for road in claim.roads.values()] + [0.0])
        bought = np.array([lot.unit_cost for lot in problem.lots])
        self.cost = self.kg * rate[self.road] + bought[self.lot]

    def faults(self) -> list[str]:
        """Return what is wrong with the cuts, and the needs that no cut stops."""
        wrong, stopped, promise_kept = [], set(), set()
        for number, cut in enumerate(self.claim.result.certificate):
            weight, capacity = self._derive(cut)
            used = float(weight @ self.packs)
            if used > capacity + _CLOSE * max(capacity, 1e-9):
                wrong.append(f"cut {number}: the levels use {used} of {capacity}")
            if used < capacity - _CLOSE * max(capacity, 1e-9):
                wrong.append(f"cut {number} is not used up: {used} of {capacity}")
                continue
            if abs(cut.right_hand_side - capacity) > _CLOSE * max(capacity, 1e-9):
                wrong.append(f"cut {number}: its right-hand side is {capacity}")
            tiers, shares = self._stopped_by(cut, weight)
            stopped |= tiers
            promise_kept |= shares
        for d, key in enumerate(self.keys):
            name = f"need of {key[0]} for {key[1]}"
            if math.isnan(self.level[d]):
                continue
            if self.level[d] > self.cap[d] + _CLOSE:
                wrong.append(f"{name}: level {self.level[d]} above its cap {self.cap[d]}")
            if self.level[d] < self.cap[d] - _CLOSE and d not in stopped:
                wrong.append(f"{name}: nothing stops it at {self.level[d]}")
            if self.share[d] < 1 - _CLOSE and self.level[d] < self.cap[d] - _CLOSE and (
                d not in promise_kept
            ):
                wrong.append(f"{name}: nothing stops it below its guarantee")
        return wrong

    def _derive(self, cut: Cut) -> tuple[Floats, float]:
        """Return π per demand and the right-hand side that follow from the prices alone."""
        problem, roads = self.claim.problem, list(self.claim.roads.values())
        along = np.zeros(len(self.demand))
        by_lot = np.zeros(len(problem.lots))
        by_kg = np.zeros((len(roads) + 1, problem.periods + 1))
        by_m3 = np.zeros_like(by_kg)
        capacity = 0.0
        shared = {limit.id: limit for limit in problem.shared_limits}
        for name, price in cut.prices.items():
            if price < 0:
                return np.zeros(len(self.packs)), math.inf
            kind, *what = json.loads(name)
            if kind == "lot":
                by_lot[self.lot_number[what[0]]] = price
                capacity += price * self.claim.countable(self.claim.lots[what[0]])
            elif kind == "road":
                number = self.road_number[what[0], what[1]]
                table, most = (
                    (by_kg, roads[number].max_kg)
                    if what[2] == "kg"
                    else (by_m3, roads[number].max_m3)
                )
                table[number, what[3]] = price
                capacity += price * (math.inf if most is None else most)
            elif kind == "shared":
                limit = shared[what[0]]
                use, most = {
                    "kg": (self.kg, limit.max_kg),
                    "m3": (self.m3, limit.max_m3),
                    "cost": (self.cost, limit.max_cost),
                }[what[1]]
                over = np.array([(r.warehouse, r.site) in limit.over for r in roads] + [False])
                counts = over[self.road]
                if limit.scope is LimitScope.PERIOD:
                    counts &= self.period == what[2]
                along += price * use * counts
                capacity += price * (math.inf if most is None else most)
            else:
                along += price * self._locked_arcs(what[0], what[1])
                capacity += price * self._most_of_lot(what[0], what[1])
        along += by_lot[self.lot]
        along += by_kg[self.road, self.period] * self.kg + by_m3[self.road, self.period] * self.m3
        weight = np.zeros(len(self.packs))
        if len(self.demand):
            first = np.flatnonzero(np.append(True, np.diff(self.demand) != 0))
            weight[self.demand[first]] = np.minimum.reduceat(along, first)
        return weight, capacity

    def _locked_arcs(self, site: str, lot: str) -> NDArray[np.bool_]:
        pair = (self.claim.lots[lot].warehouse, site)
        return (self.lot == self.lot_number[lot]) & (self.road == self.road_number[pair])

    def _most_of_lot(self, site: str, lot: str) -> float:
        return min(
            (
                lock.packs
                for lock in self.claim.locks
                if lock.site == site and lock.lot == lot and lock.sense is not Sense.AT_LEAST
            ),
            default=math.inf,
        )

    def _stopped_by(self, cut: Cut, weight: Floats) -> tuple[set[int], set[int]]:
        """Return the needs that ``cut`` stops fairly at their level, and at their guarantee."""
        count = len(self.keys)
        tight = weight[:count] > 1e-9 * weight.max(initial=0.0)
        scale = np.maximum(1.0, self.packs[:count])
        beyond_floor = tight & (self.packs[:count] > self.floor + _CLOSE * scale)
        served = tight & (self.packs[:count] > self._lock_floor() + _CLOSE * scale)
        by_tier: dict[int, float] = {}
        for tier in set(self.tier.tolist()):
            same = beyond_floor & (self.tier == tier)
            later = beyond_floor & (self.tier > tier)
            highest = np.nanmax(self.level[same]) if same.any() else -math.inf
            by_tier[tier] = math.inf if later.any() else highest
        best_share = self.share[served].max() if served.any() else -math.inf
        levels, shares = set(), set()
        for key in cut.stops:
            d = self.number[key]
            if not tight[d]:
                continue
            if by_tier[int(self.tier[d])] <= self.level[d] + _CLOSE:
                levels.add(d)
            if best_share <= self.share[d] + _CLOSE:
                shares.add(d)
        return levels, shares

    def _lock_floor(self) -> Floats:
        """Return the packs per need that item locks alone ask for."""
        floor = np.zeros(len(self.keys))
        for lock in self.claim.locks:
            if lock.lot is None and lock.sense is not Sense.AT_MOST:
                key = (lock.site, lock.item)
                if key in self.number and self.number[key] < len(floor):  # type: ignore[index]
                    floor[self.number[key]] = max(floor[self.number[key]], lock.packs)  # type: ignore[index]
        return floor
