"""Check a plan and its proof from the problem's text alone.

Nothing here is shared with the solver: arcs, limits and levels are derived again, lot by lot.
The levels are fair by this condition: a need below its cap is stopped by a cut that is used
up and holds for every plan, in which nobody of the same tier who receives something stands
higher, and nobody of a later tier receives anything. (Take a fairer plan and the lowest need
whose level changes: it rises and nobody at or below it falls, so the left side of its cut
grows beyond what the cut allows.)
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from aidlog.allocation.claim import Claim
from aidlog.allocation.claimed_packs import wrong_pack_stops
from aidlog.allocation.claimed_reasons import wrong_reasons
from aidlog.allocation.lanes import Lanes, asked
from aidlog.allocation.problem import Problem, Rule, Sense, Tiers
from aidlog.allocation.result import Cut, Result

_CLOSE = 1e-6
#: Levels are written this exactly; of a large need that may be more than a crumb of a pack.
_LEVEL = 1e-11
Floats = NDArray[np.float64]


def verify(problem: Problem, result: Result, pause: Callable[[], None] = lambda: None) -> list[str]:
    """Return everything that is wrong with ``result`` as an answer to ``problem``.

    ``pause`` is called now and then; what it raises ends the work.
    """
    claim = Claim(problem, result)
    pause()
    wrong = claim.shipments() + claim.deliveries() + claim.limits()
    if wrong:  # reasons and levels are judged by the plan, so the plan comes first
        return wrong
    wrong = wrong_reasons(claim)
    if result.rule is Rule.LOWEST_FIRST and result.levels_proven:
        pause()
        wrong += _Fairness(claim, pause).faults()
    return wrong


class _Fairness:
    """The levels as deliveries, and the cuts over them."""

    def __init__(self, claim: Claim, pause: Callable[[], None]) -> None:
        self.claim, self._pause, problem = claim, pause, claim.problem
        self.keys = list(claim.needs)
        self.asked = asked(claim)
        self.lanes = Lanes(claim, self.asked)
        pooled = problem.tiers is Tiers.POOLED
        self.tier = np.array([1 if pooled else claim.items[item].tier for _, item in self.keys])
        rows = {(row.site, row.item): row for row in claim.result.needs}
        count = len(self.keys)
        #: packs that lift a need by one level
        self.rise = np.array(
            [
                need.need_units / claim.items[item].pack_units * claim.weight(site, item)
                for (site, item), need in claim.needs.items()
            ]
        )
        self.level, self.cap = np.full(count, np.nan), np.full(count, np.nan)
        self.share, self.floor = np.full(count, np.inf), self.asked.least.copy()
        self.compared = self._compared()
        for d, key in enumerate(self.keys):
            level = rows[key].level
            if level is not None and self.compared[d]:
                self._describe(d, key, level)
        self.misplaced = [
            key for d, key in enumerate(self.keys)
            if (rows[key].level is not None) != self.compared[d]
        ]  # fmt: skip

    def _compared(self) -> NDArray[np.bool_]:
        """Say which needs are compared: short of something that can come, and not decided."""
        claim, number = self.claim, self.asked.number
        reached = np.zeros(self.lanes.demands, np.bool_)
        reached[self.lanes.demand] = True
        for (site, lot), d in self.asked.tied_at.items():
            owner = number.get((site, claim.lots[lot].item))
            if owner is not None:
                reached[owner] |= reached[d]
        decided = {
            (lock.site, lock.item or claim.lots[lock.lot or ""].item)
            for lock in claim.locks
            if lock.sense is Sense.EXACT
        }
        return np.array(
            [
                bool(reached[d]) and 0 <= need.held_units < need.need_units and key not in decided
                for d, (key, need) in enumerate(claim.needs.items())
            ],
            np.bool_,
        )

    def _describe(self, d: int, key: tuple[str, str], level: float) -> None:
        """Note level, cap, share of the guarantee and the packs it may have before fairness."""
        claim, need = self.claim, self.claim.needs[key]
        unit, weight = claim.items[key[1]].pack_units, claim.weight(*key)
        gap = (need.need_units - need.held_units) / unit
        promised = (need.min_fraction * need.need_units - need.held_units) / unit
        tied = self.asked.tied[d]
        self.floor[d] = max(self.asked.least[d], min(promised - tied, gap))
        top = max(min(gap, self.asked.most[d]), self.asked.least[d] + tied)
        covered = min((need.held_units + top * unit) / need.need_units, 1.0)
        self.cap[d] = (need.carried + covered) / weight
        self.level[d] = level
        if need.min_fraction > 0:
            self.share[d] = (level * weight - need.carried) / need.min_fraction

    def faults(self) -> list[str]:
        """Return what is wrong with the cuts, and the needs that no cut stops."""
        wrong, stopped, promise_kept = [], set(), set()
        wrong += [
            f"need of {site} for {item}: a level where it is not compared, or none where it is"
            for site, item in self.misplaced
        ]
        for number, cut in enumerate(self.claim.result.certificate):
            self._pause()
            try:
                weight, capacity = self.lanes.derive(cut)
            except (LookupError, ValueError):
                wrong.append(f"cut {number} prices something that the problem does not have")
                continue
            if not math.isfinite(capacity):
                wrong.append(f"cut {number} prices what has no limit, or below nothing")
                continue
            if not self._members_told(cut, weight):
                wrong.append(f"cut {number}: its members are not those that its prices make")
            used = float(weight @ self.asked.packs)
            slack = _CLOSE * max(capacity, 1e-9) + _LEVEL * float(
                weight[: len(self.rise)] @ self.rise
            )
            if used > capacity + slack:
                wrong.append(f"cut {number}: the levels use {used} of {capacity}")
            if used < capacity - slack:
                wrong.append(f"cut {number} is not used up: {used} of {capacity}")
                continue
            if abs(cut.right_hand_side - capacity) > _CLOSE * max(capacity, 1e-9):
                wrong.append(f"cut {number}: its right-hand side is {capacity}")
            tiers, shares = self._stopped_by(cut, weight)
            stopped |= tiers
            promise_kept |= shares
        wrong += self._unstopped(stopped, promise_kept)
        return wrong + wrong_pack_stops(self.claim, self.asked, self.lanes, self.compared)

    def _members_told(self, cut: Cut, weight: Floats) -> bool:
        """Say whether a cut lists every need that it weighs, with the weight that it has."""
        count = len(self.keys)
        told = np.zeros(count)
        for site, item, amount in cut.members:
            at = self.asked.number.get((site, item), count)
            if at >= count:
                return False
            told[at] = amount
        largest = weight[:count].max(initial=0.0)
        return bool((np.abs(told - weight[:count]) <= _CLOSE * max(largest, 1e-300)).all())

    def _unstopped(self, stopped: set[int], promise_kept: set[int]) -> list[str]:
        """Return the needs that no cut stops at their level, or below their guarantee."""
        wrong = []
        for d, key in enumerate(self.keys):
            name = f"need of {key[0]} for {key[1]}"
            if math.isnan(self.level[d]):
                continue
            if self.level[d] > self.cap[d] + _CLOSE:
                wrong.append(f"{name}: level {self.level[d]} above its cap {self.cap[d]}")
            if self.level[d] < self.cap[d] - _CLOSE and d not in stopped:
                wrong.append(f"{name}: nothing stops it at {self.level[d]}")
            if (
                self.share[d] < 1 - _CLOSE
                and self.level[d] < self.cap[d] - _CLOSE
                and (d not in promise_kept)
            ):
                wrong.append(f"{name}: nothing stops it below its guarantee")
        return wrong

    def _stopped_by(self, cut: Cut, weight: Floats) -> tuple[set[int], set[int]]:
        """Return the needs that ``cut`` stops fairly at their level, and at their guarantee."""
        count = len(self.keys)
        tight = weight[:count] > 1e-9 * weight.max(initial=0.0)
        scale = np.maximum(1.0, self.asked.packs[:count])
        beyond_floor = tight & (self.asked.packs[:count] > self.floor + _CLOSE * scale)
        served = tight & (self.asked.packs[:count] > self.asked.least + _CLOSE * scale)
        by_tier: dict[int, float] = {}
        for tier in set(self.tier.tolist()):
            same = beyond_floor & (self.tier == tier)
            later = beyond_floor & (self.tier > tier)
            highest = np.nanmax(self.level[same]) if same.any() else -math.inf
            by_tier[tier] = math.inf if later.any() else highest
        best_share = self.share[served].max() if served.any() else -math.inf
        levels, shares = set(), set()
        for key in cut.stops:
            d = self.asked.number[key]
            if not tight[d]:
                continue
            if by_tier[int(self.tier[d])] <= self.level[d] + _CLOSE:
                levels.add(d)
            if best_share <= self.share[d] + _CLOSE:
                shares.add(d)
        return levels, shares
