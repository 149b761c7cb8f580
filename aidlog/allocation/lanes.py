"""What the claimed levels and the locks ask for, and every way to bring it, lot by lot.

Part of the check of a finished plan; nothing is shared with the solver.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aidlog.allocation.claim import Claim
from aidlog.allocation.problem import LimitScope, Lot, Sense
from aidlog.allocation.result import Cut

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """Packs per demand: the needs in order, then what only locks ask for.

    A lock that ties packs to one lot is a demand of its own, at ``tied_at``; ``tied`` counts
    such packs per need, ``least`` and ``most`` the bounds that locks on its item set beside.
    """

    number: dict[tuple[str, str], int]
    tied_at: dict[tuple[str, str], int]
    packs: Floats
    least: Floats
    most: Floats
    tied: Floats


def asked(claim: Claim) -> Asked:
    """Return the packs per demand that the claimed levels and the locks stand for."""
    least: dict[tuple[str, str], int] = defaultdict(int)
    most: dict[tuple[str, str], float] = defaultdict(lambda: math.inf)
    of_lot: dict[tuple[str, str], int] = defaultdict(int)
    for lock in claim.locks:
        if lock.lot is not None:
            if lock.sense is not Sense.AT_MOST:
                of_lot[lock.site, lock.lot] = max(of_lot[lock.site, lock.lot], lock.packs)
            continue
        assert lock.item is not None
        if lock.sense is not Sense.AT_MOST:
            least[lock.site, lock.item] = max(least[lock.site, lock.item], lock.packs)
        if lock.sense is not Sense.AT_LEAST:
            most[lock.site, lock.item] = min(most[lock.site, lock.item], lock.packs)
    tied: dict[tuple[str, str], int] = defaultdict(int)
    for (site, lot), packs in of_lot.items():
        tied[site, claim.lots[lot].item] += packs
    beside = {key: max(packs - tied[key], 0) for key, packs in least.items()}
    keys = list(claim.needs)
    extra = [key for key, packs in beside.items() if key not in claim.needs and packs]
    number = {key: d for d, key in enumerate(keys + extra)}
    tied_at = {pair: len(number) + i for i, pair in enumerate(p for p in of_lot if of_lot[p])}
    rows = {(row.site, row.item): row for row in claim.result.needs}
    packs_of = [_packs(claim, key, rows[key].level, tied[key], beside.get(key, 0)) for key in keys]
    packs_of += [beside[key] for key in extra] + [of_lot[pair] for pair in tied_at]
    return Asked(
        number,
        tied_at,
        np.array(packs_of, np.float64),
        np.array([beside.get(key, 0) for key in keys], np.float64),
        np.array([most[key] for key in keys], np.float64),
        np.array([tied[key] for key in keys], np.float64),
    )


def _packs(claim: Claim, key: tuple[str, str], level: float | None, tied: int, least: int) -> float:
    """Return the packs of one need beside those tied to a lot, from its level."""
    if level is None:
        return least
    need, unit = claim.needs[key], claim.items[key[1]].pack_units
    covered = level * claim.weight(*key) - need.carried
    return max((covered * need.need_units - need.held_units) / unit - tied, float(least))


class Lanes:
    """Every (lot, demand, period) that may carry packs, as arrays sorted by demand."""

    def __init__(self, claim: Claim, wanted: Asked) -> None:
        self.claim, self.demands = claim, len(wanted.packs)
        problem = claim.problem
        self.lot_number = {lot.id: i for i, lot in enumerate(problem.lots)}
        self.road_number = {pair: i for i, pair in enumerate(claim.roads)}
        self._site_number = {site.id: i for i, site in enumerate(problem.sites)}
        pieces = self._pieces(wanted)
        columns = [
            np.concatenate([piece[k] for piece in pieces]) if pieces else np.zeros(0, np.int64)
            for k in range(4)
        ]
        order = np.argsort(columns[1], kind="stable")
        self.lot, self.demand, self.road, self.period = (column[order] for column in columns)
        items = [claim.items[lot.item] for lot in problem.lots]
        self.kg = np.array([item.kg_per_pack or 0.0 for item in items])[self.lot]
        self.m3 = np.array([item.m3_per_pack or 0.0 for item in items])[self.lot]
        rate = np.array([road.cost_per_kg for road in claim.roads.values()] + [0.0])
        bought = np.array([lot.unit_cost for lot in problem.lots])
        self.cost = self.kg * rate[self.road] + bought[self.lot]

    def _pieces(self, wanted: Asked) -> list[tuple[Ints, Ints, Ints, Ints]]:
        """Return lot, demand, road and period of all lanes, lot by lot."""
        claim, problem = self.claim, self.claim.problem
        targets: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for (site, item), d in wanted.number.items():
            targets[item].append((self._site_number[site], d))
        by_item = {item: np.array(pairs, np.int64) for item, pairs in targets.items()}
        tied: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for (site, lot_id), d in wanted.tied_at.items():
            tied[lot_id].append((self._site_number[site], d))
        roads = {
            place.id: np.array(
                [self.road_number.get((place.id, site.id), -1) for site in problem.sites], np.int64
            )
            for place in problem.warehouses
        }
        none = np.zeros((0, 2), np.int64)
        pieces = []
        for lot in problem.lots:
            pairs = by_item.get(lot.item, none)
            if tied[lot.id]:
                pairs = np.concatenate((pairs, np.array(tied[lot.id], np.int64)))
            if claim.countable(lot) and len(pairs):
                pieces += self._of_lot(lot, pairs, roads[lot.warehouse])
        return pieces

    def _of_lot(self, lot: Lot, pairs: Ints, roads: Ints) -> list[tuple[Ints, Ints, Ints, Ints]]:
        """Return the lanes of one lot to (site, demand) ``pairs``, period by period."""
        problem = self.claim.problem
        may = roads[pairs[:, 0]] >= 0
        if lot.sites is not None:
            marked = np.zeros(len(problem.sites), np.bool_)
            marked[[self._site_number[site] for site in lot.sites]] = True
            may &= marked[pairs[:, 0]]
        demand, road = pairs[may, 1], roads[pairs[may, 0]]
        known = list(self.claim.roads.values())
        days = np.array([known[r].travel_days for r in road.tolist()], np.int64)
        opens = np.array([known[r].open_from_period for r in road.tolist()], np.int64)
        last = math.inf if lot.expiry_day is None else lot.expiry_day
        lanes = []
        for period in range(lot.available_period, problem.periods + 1):
            fresh_until = (period - 1) * problem.period_days + days
            now = (opens <= period) & (fresh_until + problem.min_shelf_days_on_arrival <= last)
            size = int(now.sum())
            number = np.full(size, self.lot_number[lot.id], np.int64)
            lanes.append((number, demand[now], road[now], np.full(size, period, np.int64)))
        return lanes

    def derive(self, cut: Cut) -> tuple[Floats, float]:
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
                return np.zeros(self.demands), math.inf
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
        weight = np.zeros(self.demands)
        if len(self.demand):
            first = np.flatnonzero(np.append(True, np.diff(self.demand) != 0))
            weight[self.demand[first]] = np.minimum.reduceat(along, first)
        return weight, capacity

    def _locked_arcs(self, site: str, lot: str) -> NDArray[np.bool_]:
        """Say which lanes carry ``lot`` to ``site``."""
        pair = (self.claim.lots[lot].warehouse, site)
        here = (self.lot == self.lot_number[lot]) & (self.road == self.road_number[pair])
        return np.asarray(here, np.bool_)

    def _most_of_lot(self, site: str, lot: str) -> float:
        return min(
            (
                lock.packs
                for lock in self.claim.locks
                if lock.site == site and lock.lot == lot and lock.sense is not Sense.AT_LEAST
            ),
            default=math.inf,
        )
