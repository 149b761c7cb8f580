"""The rules that spreadsheets follow, to compare with and to plan by where one must.

All three load in some order whatever finds room, and none looks back:

* equal share: every need of an item gets the same share of its gap (the item's whole stock
  over all gaps), rounded down to whole packs; what a road cannot carry stays behind.
* first come: the needs in the order of their ids, each up to all of its gap.
* cheapest: the cheapest kilogram first, wherever it goes.

Locks are loaded first in each of them.
"""

from __future__ import annotations

import numpy as np

from aidlog.allocation.model import Floats, Model, sums
from aidlog.allocation.problem import Rule

#: Less than this share of a pack is not worth a truck's space.
_CRUMB = 1e-9


def plan_by(model: Model, rule: Rule, locked: Floats) -> Floats:
    """Return packs along every arc by one of the simple rules.

    ``locked`` are packs along arcs that fulfil the locks.
    """
    loader = _Loader(model, locked)
    arcs, demands = model.arcs, model.demands
    whole = not model.problem.divisible
    most = (demands.most_whole if whole else demands.most).astype(np.float64)
    count = len(demands.need)
    order = np.lexsort((np.arange(len(arcs.group)), arcs.cost, arcs.period, arcs.demand))
    if rule is Rule.EQUAL_SHARE:
        want = _equal_share(model, loader.packs, most)
        most = np.floor(want + _CRUMB) if whole else want
    elif rule is Rule.CHEAPEST:
        kg = np.array([i.kg_per_pack or 0.0 for i in model.problem.items])[
            demands.item[arcs.demand]
        ]
        per_kg = arcs.cost / np.where(kg > 0, kg, 1.0)
        order = np.lexsort((np.arange(len(arcs.group)), arcs.period, per_kg))
    assert len(most) == count
    for arc in order.tolist():
        loader.load(arc, most)
    return loader.flow


def _equal_share(model: Model, packs: Floats, most: Floats) -> Floats:
    """Return the packs of every demand when each item's gaps are all met in the same share."""
    item = model.demands.item
    gap = np.maximum(most - packs, 0.0)
    stock = sums(model.groups.item, model.groups.packs, len(model.problem.items))
    given = sums(item, packs, len(model.problem.items))
    asked = sums(item, gap, len(model.problem.items))
    share = np.minimum((stock - given) / np.maximum(asked, 1e-12), 1.0)
    return np.asarray(packs + gap * share[item], np.float64)


class _Loader:
    """Room in every limit while trucks are filled one arc after the other."""

    def __init__(self, model: Model, flow: Floats) -> None:
        rows, arcs = model.rows, model.arcs
        self.flow = flow.copy()
        self.packs = model.delivered(self.flow)
        self._whole = not model.problem.divisible
        self._entry = np.searchsorted(rows.entry_arc, np.arange(len(arcs.group) + 1)).tolist()
        self._row = rows.entry_row.tolist()
        self._owner = arcs.demand.tolist()
        use = rows.use_whole if self._whole else rows.use
        self._use = use.tolist()
        used = np.zeros(len(rows), use.dtype)
        np.add.at(used, rows.entry_row, use * flow[rows.entry_arc].astype(use.dtype))
        capacity = rows.capacity_whole if self._whole else rows.capacity
        self._room = (capacity - used).tolist()

    def load(self, arc: int, most: Floats) -> None:
        """Send along ``arc`` what its demand still lacks and every limit has room for."""
        demand = self._owner[arc]
        fit = most[demand] - self.packs[demand]
        if fit <= _CRUMB:
            return
        fit = int(fit + _CRUMB) if self._whole else float(fit)
        entries = range(self._entry[arc], self._entry[arc + 1])
        for e in entries:
            room, use = self._room[self._row[e]], self._use[e]
            fit = min(fit, room // use if self._whole else max(room, 0.0) / use)
        if fit <= 0:
            return
        for e in entries:
            self._room[self._row[e]] -= fit * self._use[e]
        self.flow[arc] += fit
        self.packs[demand] += fit
