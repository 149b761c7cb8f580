"""Whole packs where only stock binds: the exact answer, item by item.

What the sites of one item can receive together is an integral polymatroid (a flow from stock
groups). There, giving each pack to the lowest key that can still be raised is optimal in the
lexicographic order (Frank and Murota 2018, decreasing minimality); the packs are given in
bulk between two saturations.
"""

from __future__ import annotations

import heapq

import numpy as np

from aidlog.allocation.model import Ints
from aidlog.allocation.urgency import Urgency

#: Keys that agree to so many digits are one key.
_DIGITS = 9
#: Packs given singly before the next are given in bulk.
_SINGLY = 64


class ItemStock:
    """Who can be served from which stock, for one item; demands alike are merged.

    ``reach`` is groups × demands: may packs of this group go there?
    """

    def __init__(self, demands: Ints, packs: Ints, reach: np.ndarray) -> None:
        self.demands, self.packs, self._reach = demands, packs, reach
        kinds, self._kind = np.unique(reach, axis=1, return_inverse=True)
        self._kind = self._kind.reshape(-1)
        self._count = kinds.shape[1]
        self._arc_group, self._arc_kind = np.nonzero(kinds)

    def deliveries(self, packs: Ints) -> tuple[Ints, Ints, Ints]:
        """Return (group, demand, packs) positions that deliver ``packs``, any way that fits."""
        from ortools.graph.python import max_flow

        n, m = self._reach.shape
        g, d = np.nonzero(self._reach)
        source, sink = n + m, n + m + 1
        flow = max_flow.SimpleMaxFlow()
        flow.add_arcs_with_capacity(
            np.concatenate((np.full(n, source), g, n + np.arange(m))).astype(np.int32),
            np.concatenate((np.arange(n), n + d, np.full(m, sink))).astype(np.int32),
            np.concatenate((self.packs, packs[d], packs)),
        )
        flow.solve(source, sink)
        assert flow.optimal_flow() == packs.sum(), "filled packs can be delivered"
        sent = np.asarray(flow.flows(np.arange(n, n + len(g))), np.int64)
        some = sent > 0
        return g[some], d[some], sent[some]

    def tight_set(self, wanted: Ints) -> tuple[np.ndarray, int] | None:
        """Return demands that together ask more than their stock, and that stock; else None."""
        from ortools.graph.python import max_flow

        n, m = len(self.packs), self._count
        asked = np.bincount(self._kind, wanted, m).astype(np.int64)
        source, sink = n + m, n + m + 1
        flow = max_flow.SimpleMaxFlow()
        flow.add_arcs_with_capacity(
            np.concatenate((np.full(n, source), self._arc_group, n + np.arange(m))).astype(
                np.int32
            ),
            np.concatenate((np.arange(n), n + self._arc_kind, np.full(m, sink))).astype(np.int32),
            np.concatenate((self.packs, np.full(len(self._arc_group), 2**60), asked)),
        )
        flow.solve(source, sink)
        if flow.optimal_flow() == asked.sum():
            return None
        near_source = np.zeros(n + m + 2, np.bool_)
        near_source[flow.get_source_side_min_cut()] = True
        scarce = ~near_source[n : n + m]
        return scarce[self._kind], int(self.packs[~near_source[:n]].sum())


def fill_whole(stock: ItemStock, urgency: Urgency, given: Ints) -> Ints:
    """Return whole packs per demand of ``stock``: the lexicographically largest keys.

    ``given`` are packs that are promised already and can be delivered.
    """
    who = stock.demands
    packs = given.copy()
    rising = urgency.competes[who] & (packs < urgency.most[who])
    while rising.any():
        key = np.inf
        while True:
            wanted = _wanted(urgency, who, packs, rising, key)
            tight = stock.tight_set(wanted)
            if tight is None:
                break
            members, limit = tight
            key = _largest_key(urgency, who[members], packs[members], rising[members], limit, key)
        packs = wanted
        rising &= packs < urgency.most[who]
        if not rising.any():
            break
        _raise_singly(stock, urgency, packs, rising)
    return packs


def _wanted(urgency: Urgency, who: Ints, packs: Ints, rising: np.ndarray, key: float) -> Ints:
    asked = urgency.most[who] if key == np.inf else urgency.packs_for(who, key)
    return np.where(rising, np.maximum(asked, packs), packs)


def _largest_key(
    urgency: Urgency, who: Ints, packs: Ints, rising: np.ndarray, limit: int, above: float
) -> float:
    """Return the largest key below ``above`` whose packs stay within ``limit``."""
    low = float(urgency.key(who[rising], packs[rising]).min()) if rising.any() else 0.0
    high = min(above, float(urgency.stage[who[rising]].max()) + 1.0)
    while high - low > 1e-11:
        middle = 0.5 * (low + high)
        if _wanted(urgency, who, packs, rising, middle).sum() <= limit:
            low = middle
        else:
            high = middle
    return low


def _raise_singly(stock: ItemStock, urgency: Urgency, packs: Ints, rising: np.ndarray) -> None:
    """Give single packs, the lowest first; who cannot have one more stops for good.

    Among equals the one goes first whose next pack lifts it highest; a guarantee's equals are
    told apart by their levels in the same way, and then the first id goes first.
    """
    at = np.flatnonzero(rising)
    waiting = _places(urgency, stock.demands[at], packs[at], at)
    heapq.heapify(waiting)
    for _ in range(min(_SINGLY, len(waiting) + _SINGLY // 2)):
        if not waiting:
            return
        i = int(heapq.heappop(waiting)[-1])
        packs[i] += 1
        if stock.tight_set(packs) is not None:
            packs[i] -= 1
            rising[i] = False
        elif packs[i] == urgency.most[stock.demands[i]]:
            rising[i] = False
        else:
            one = np.array([i])
            heapq.heappush(waiting, _places(urgency, stock.demands[one], packs[one], one)[0])


def _places(urgency: Urgency, who: Ints, packs: Ints, at: Ints) -> list[tuple[float, ...]]:
    """Return for each of ``who`` its place in the queue, ending with its position ``at``."""
    columns = (
        urgency.key(who, packs),
        -urgency.key_after_step(who, packs),
        urgency.level(who, packs),
        -urgency.level(who, packs + 1),
    )
    return list(
        zip(*(column.round(_DIGITS).tolist() for column in columns), at.tolist(), strict=True)
    )
