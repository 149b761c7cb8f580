"""Whose turn it is, pack by pack: one number per demand that orders all aims of fairness.

The key of a demand with ``n`` packs is ``0 + …`` while its guarantee is unmet and
``tier + …`` afterwards, the fraction growing with its level. A pack always goes to the
lowest key that can still be raised.
"""

from __future__ import annotations

import math

import numpy as np

from aidlog.allocation.model import Floats, Ints, Model
from aidlog.allocation.phases import guarantee_start, tiers_of

#: Levels closer than this are equal.
SAME = 1e-9
#: The same within a demand's own steps, which may be finer.
_EQUAL = 1e-10
#: Keys that agree to a billionth are one key.
_FINE = 1e9
#: A demand's place in the queue for the next pack; the last entry is the demand.
Place = tuple[float, float, float, float, int]


class Urgency:
    """Keys of the demands that compete; the others have an infinite key."""

    def __init__(self, model: Model) -> None:
        needs, demands = model.needs, model.demands
        count, extra = len(needs.full), len(demands.need) - len(needs.full)
        stage = np.full(count, np.inf)
        for number, (_, members) in enumerate(tiers_of(model), start=1):
            stage[members] = number
        largest = float(needs.cap.max()) * 1.001 if count else 1.0
        promised = np.where(needs.guarantee > 0, needs.guarantee, 1.0)
        pad = np.zeros(extra)
        self.competes = np.concatenate((np.isfinite(stage), pad.astype(np.bool_)))
        self.stage = np.concatenate((stage, np.full(extra, np.inf)))
        self._start = np.concatenate((needs.start / largest, pad))
        self._cap = np.concatenate((needs.cap / largest, pad + 1))
        self._rise = np.concatenate((needs.rise * largest, pad + 1))
        self._met_at = np.where(
            np.concatenate((needs.guarantee, pad)) > 0,
            np.concatenate((
                np.ceil((promised - guarantee_start(model)) * needs.full - SAME), pad
            )), 0,
        ).astype(np.int64)  # fmt: skip
        self._share_start = np.concatenate((guarantee_start(model) / promised, pad))
        self._share_rise = np.concatenate((np.maximum(needs.full * promised, 1e-12), pad + 1))
        self.most = demands.most_whole
        self.least = demands.least_whole
        self._scalars: _Scalars | None = None

    def key(self, demand: Ints, packs: Ints) -> Floats:
        """Return the keys of ``demand`` with ``packs`` each."""
        level = self.level(demand, packs)
        share = self._share_start[demand] + packs / self._share_rise[demand]
        return np.where(
            packs < self._met_at[demand],
            np.minimum(share, 1.0) * 0.999,
            self.stage[demand] + level,
        )

    def level(self, demand: Ints, packs: Ints) -> Floats:
        """Return levels as shares of the largest cap; comparable, below 1."""
        return np.minimum(self._start[demand] + packs / self._rise[demand], self._cap[demand])

    def packs_for(self, demand: Ints, key: float) -> Ints:
        """Return the fewest packs with which each demand's key is at least ``key``, or its most."""
        met, most = self._met_at[demand], self.most[demand]
        if key < 1.0:
            share = np.ceil(
                (key / 0.999 - self._share_start[demand] - _EQUAL) * self._share_rise[demand]
            )
            wanted = np.clip(share, 0, met).astype(np.int64)
        else:
            level = key - self.stage[demand]
            climb = np.ceil((level - self._start[demand] - _EQUAL) * self._rise[demand])
            climb = np.where(level > self._cap[demand] + _EQUAL, most, climb)
            wanted = np.maximum(met, np.clip(climb, 0, most).astype(np.int64))
            wanted = np.where(level < 0, met, wanted)
        return np.asarray(np.clip(wanted, self.least[demand], most), np.int64)

    def key_of_one(self, demand: int, packs: int) -> float:
        """Return the key of one demand with ``packs``."""
        if self._scalars is None:
            self._scalars = _Scalars(self)
        return self._scalars.key(demand, packs)

    def packs_for_one(self, demand: int, key: float) -> int:
        """Return what :meth:`packs_for` says of one demand."""
        if self._scalars is None:
            self._scalars = _Scalars(self)
        return self._scalars.packs_for(demand, key)

    def place(self, demand: int, packs: int) -> Place:
        """Return the place in the queue of one demand with ``packs``: the least goes first.

        Among equals the one goes first whose next pack lifts it highest; a guarantee's equals
        are told apart by their levels in the same way, and then the first id goes first.
        """
        if self._scalars is None:
            self._scalars = _Scalars(self)
        return self._scalars.place(demand, packs)

    def places(self, demand: Ints, packs: Ints) -> list[Place]:
        """Return what :meth:`place` says of many demands."""
        key, level = self.key(demand, packs), self.level(demand, packs)
        higher = self.level(demand, packs + 1)
        promised = packs < self._met_at[demand]
        share = self._share_start[demand] + (packs + 1) / self._share_rise[demand]
        after = np.where(promised, np.minimum(share, 1.0) * 0.999, self.stage[demand] + higher)
        nothing = np.zeros(len(demand))
        columns = (
            key, -after, np.where(promised, level, nothing), np.where(promised, -higher, nothing)
        )  # fmt: skip
        rounded = (np.rint(column * _FINE) / _FINE for column in columns)
        return list(zip(*(column.tolist() for column in rounded), demand.tolist(), strict=True))


class _Scalars:
    """The same arithmetic for one demand at a time, without the cost of arrays."""

    def __init__(self, urgency: Urgency) -> None:
        u = urgency
        self.stage: list[float] = u.stage.tolist()
        self.start: list[float] = u._start.tolist()
        self.cap: list[float] = u._cap.tolist()
        self.rise: list[float] = u._rise.tolist()
        self.met_at: list[int] = u._met_at.tolist()
        self.share_start: list[float] = u._share_start.tolist()
        self.share_rise: list[float] = u._share_rise.tolist()
        self.least: list[int] = u.least.tolist()
        self.most: list[int] = u.most.tolist()

    def key(self, d: int, packs: int) -> float:
        if packs < self.met_at[d]:
            return min(self.share_start[d] + packs / self.share_rise[d], 1.0) * 0.999
        return self.stage[d] + min(self.start[d] + packs / self.rise[d], self.cap[d])

    def level(self, d: int, packs: int) -> float:
        return min(self.start[d] + packs / self.rise[d], self.cap[d])

    def place(self, d: int, packs: int) -> Place:
        if packs >= self.met_at[d]:
            key, after = self.key(d, packs), self.stage[d] + self.level(d, packs + 1)
            return (round(key * _FINE) / _FINE, -round(after * _FINE) / _FINE, 0.0, 0.0, d)
        share = self.share_start[d] + (packs + 1) / self.share_rise[d]
        return (
            round(self.key(d, packs) * _FINE) / _FINE,
            -round(min(share, 1.0) * 0.999 * _FINE) / _FINE,
            round(self.level(d, packs) * _FINE) / _FINE,
            -round(self.level(d, packs + 1) * _FINE) / _FINE,
            d,
        )

    def packs_for(self, d: int, key: float) -> int:
        met, most = self.met_at[d], self.most[d]
        if key < 1.0:
            share = math.ceil((key / 0.999 - self.share_start[d] - _EQUAL) * self.share_rise[d])
            wanted = min(max(share, 0), met)
        else:
            level = key - self.stage[d]
            if level < 0:
                wanted = met
            elif level > self.cap[d] + _EQUAL:
                wanted = max(met, most)
            else:
                climb = math.ceil((level - self.start[d] - _EQUAL) * self.rise[d])
                wanted = max(met, min(max(climb, 0), most))
        return min(max(wanted, self.least[d]), most)
