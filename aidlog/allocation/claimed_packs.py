"""Needs that stand more than a pack below their fraction, and the proof that it must be so.

Part of the check of a finished plan; nothing is shared with the solver. A proof says that no
plan gives the need a pack more while everybody at or below its level keeps all packs and
everybody above stays above it. What everybody must keep follows from the plan's own figures;
together with the pack more it must exceed a cut, which no plan does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from aidlog.allocation.claim import Claim
from aidlog.allocation.lanes import Asked, Lanes
from aidlog.allocation.problem import Tiers
from aidlog.allocation.result import Cut, NeedResult, PackProof, ReasonCode, Status

_CLOSE = 1e-6
#: Levels closer than this are one level.
_SAME = 1e-9
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Pair = tuple[str, str]


def wrong_pack_stops(claim: Claim, wanted: Asked, lanes: Lanes, compared: Bools) -> list[str]:
    """Return what is wrong with the fractions in packs, and with the proofs of what is missing."""
    if claim.problem.divisible:
        return []
    rows = {(row.site, row.item): row for row in claim.result.needs}
    wrong, told = _wrong_rows(claim, wanted, compared, rows)
    standing = _Standing(claim, wanted, compared, rows)
    proved: set[Pair] = set()
    for number, cut in enumerate(claim.result.pack_certificate):
        name = f"pack cut {number}"
        try:
            weight, capacity = lanes.derive(cut)
        except (LookupError, ValueError):
            wrong.append(f"{name} prices something that the problem does not have")
            continue
        if not math.isfinite(capacity):
            wrong.append(f"{name} prices what has no limit, or below nothing")
            continue
        if abs(cut.right_hand_side - capacity) > _CLOSE * max(capacity, 1e-9):
            wrong.append(f"{name}: its right-hand side is {capacity}")
        if not _members_told(wanted, cut, weight[: len(rows)]):
            wrong.append(f"{name}: its members are not those that its prices make")
        for pair in cut.stops:
            d = wanted.number.get(pair, len(rows))
            if d >= len(rows) or not standing.exceeded(d, weight, capacity):
                wrong.append(f"{name}: {pair[1]} for {pair[0]} could have a pack more")
            proved.add(pair)
    wrong += [
        f"need of {pair[0]} for {pair[1]}: a cut is said to stop its packs, and none does"
        for pair in told - proved
    ]
    wrong += [
        f"need of {pair[0]} for {pair[1]}: a cut stops its packs, and nothing says so"
        for pair in proved - told
    ]
    return wrong


def _members_told(wanted: Asked, cut: Cut, weight: Floats) -> bool:
    """Say whether a cut lists every need that it weighs, with the weight that it has."""
    listed = np.zeros(len(weight))
    for site, item, amount in cut.members:
        at = wanted.number.get((site, item), len(weight))
        if at >= len(weight):
            return False
        listed[at] = amount
    largest = weight.max(initial=0.0)
    return bool((np.abs(listed - weight) <= _CLOSE * max(largest, 1e-300)).all())


def _wrong_rows(
    claim: Claim, wanted: Asked, compared: Bools, rows: Mapping[Pair, NeedResult]
) -> tuple[list[str], set[Pair]]:
    """Return what is wrong row by row, and whose packs a cut is said to stop."""
    wrong: list[str] = []
    told: set[Pair] = set()
    for d, pair in enumerate(claim.needs):
        row, name = rows[pair], f"need of {pair[0]} for {pair[1]}"
        fraction = float(wanted.packs[d] + wanted.tied[d])
        if compared[d] and abs(row.fraction_packs - fraction) > _CLOSE * max(1.0, fraction):
            wrong.append(f"{name}: its level is {fraction} packs, not {row.fraction_packs}")
        if abs(row.packs - row.fraction_packs - row.rounding_packs) > _CLOSE:
            wrong.append(f"{name}: whole packs are not {row.rounding_packs} from its fraction")
        fault = _wrong_stop(claim, row, behind=bool(compared[d]) and _behind(row))
        if fault:
            wrong.append(f"{name}: {fault}")
        if row.packs_stopped is not None and row.packs_stopped.proof is PackProof.CUT:
            told.add(pair)
    return wrong, told


def _behind(row: NeedResult) -> bool:
    return row.rounding_packs < -1 - _CLOSE / 2


def _wrong_stop(claim: Claim, row: NeedResult, *, behind: bool) -> str:
    """Return what is wrong with what is said of a row's missing packs, nothing if all is right."""
    stop = row.packs_stopped
    if stop is None:
        unsaid = behind and claim.result.status is Status.OPTIMAL
        return "more than a pack below its fraction, and nothing says why" if unsaid else ""
    if not behind:
        return "not a pack below its fraction, and stopped all the same"
    if stop.proof is PackProof.CUT:
        named = stop.limit or stop.code is ReasonCode.LOCKED
        return "" if named else "its packs are stopped by no limit that has a name"
    if claim.room_for_one(row.site, row.item):
        return "there is room for a pack more that nobody uses"
    return ""


class _Standing:
    """Who stands where in whole packs: in order of unmet guarantee, tier, and level."""

    def __init__(
        self, claim: Claim, wanted: Asked, compared: Bools, rows: Mapping[Pair, NeedResult]
    ) -> None:
        needs = list(claim.needs.values())
        unit = np.array([claim.items[n.item].pack_units for n in needs], np.float64)
        need = np.array([max(n.need_units, 1) for n in needs], np.float64)
        self._compared, count = compared, len(needs)
        sent = np.array([rows[pair].packs for pair in claim.needs], np.float64)
        self.packs = wanted.packs.copy()
        self.packs[:count] = sent - wanted.tied
        self._step = unit / need
        self._held = np.array([n.held_units for n in needs]) / need + wanted.tied * self._step
        self._promised = np.array([n.min_fraction for n in needs], np.float64)
        self._carried = np.array([n.carried for n in needs], np.float64)
        self._weight = np.array([claim.weight(n.site, n.item) for n in needs], np.float64)
        pooled = claim.problem.tiers is Tiers.POOLED
        tier = [1 if pooled else claim.items[n.item].tier for n in needs]
        self._tier = np.unique(tier, return_inverse=True)[1].reshape(-1) + 1

    def _place(self, packs: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Return the stage of every need (0: guarantee unmet, else its tier) and its height."""
        covered = np.minimum(self._held + packs * self._step, 1.0)
        unmet = covered < self._promised - _SAME
        height = np.where(
            unmet,
            covered / np.where(self._promised > 0, self._promised, 1.0),
            (self._carried + covered) / self._weight,
        )
        return np.where(unmet, 0, self._tier), height

    def exceeded(self, d: int, weight: Floats, capacity: float) -> bool:
        """Say whether a pack more for need ``d`` and what all must keep are more than a cut."""
        count = len(self._step)
        if weight[d] <= 0:
            return False
        kept = self.packs.copy()
        stage, height = self._place(self.packs[:count])
        at, here = int(stage[d]), float(height[d])

        def above(packs: Floats) -> Bools:
            stages, heights = self._place(packs)
            return np.asarray((stages > at) | ((stages == at) & (heights > here + _SAME)), np.bool_)

        fewest = np.maximum(np.floor(self._reaching(at, here)) - 1, 0.0)
        for _ in range(4):
            fewest += ~above(fewest)
        may_give = self._compared & above(self.packs[:count])
        kept[:count] = np.where(may_give, np.minimum(fewest, kept[:count]), kept[:count])
        kept[d] = self.packs[d] + 1
        asked = float(weight @ kept)
        return asked > capacity + _SAME * max(asked, capacity)

    def _reaching(self, stage: int, height: float) -> Floats:
        """Return about how many packs bring each need to a place; as many as it has if none."""
        share = self._promised if stage > 0 else self._promised * height
        level = np.where(self._tier == stage, height * self._weight - self._carried, 0.0)
        return np.asarray((np.maximum(share, level) - self._held) / self._step, np.float64)
