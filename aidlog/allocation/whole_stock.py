"""Whole packs where only stock binds: the exact answer, item by item.

What the sites of one item can receive together is an integral polymatroid (a flow from stock
groups). There, giving each pack to the lowest key that can still be raised is optimal in the
lexicographic order (Frank and Murota 2018, decreasing minimality).
"""

from __future__ import annotations

import numpy as np

from aidlog.allocation.cuts import Cut
from aidlog.allocation.model import Floats, Ints
from aidlog.allocation.urgency import Urgency
from aidlog.allocation.whole_filling import PackFilling


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


def filled_from(stock: ItemStock, urgency: Urgency, given: Ints) -> Ints:
    """Return whole packs per demand of ``stock``: the lexicographically largest keys.

    ``given`` are packs per demand of the model that are promised and can be delivered.
    Filling on the cuts that are known and asking for a set that wants too much go on in turn.
    """
    members = np.zeros(len(given), np.bool_)
    members[stock.demands] = True
    filling = PackFilling(urgency, members, given)
    nothing: Ints = np.zeros(0, np.int64)
    free: Floats = np.zeros(0)
    who, limit = np.ones(len(stock.demands), np.bool_), int(stock.packs.sum())
    while True:
        demands = stock.demands[who]
        filling.add([Cut(nothing, free, demands, np.ones(len(demands)), float(limit))])
        packs = filling.run().packs[stock.demands]
        tight = stock.tight_set(packs)
        if tight is None:
            return packs
        who, limit = tight
