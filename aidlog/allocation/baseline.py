"""The rules that spreadsheets follow, to compare with and to plan by where one must.

All of them load in some order whatever finds room, and none looks back:

* equal share: every need of an item gets the same share of its gap (the item's whole stock
  over all gaps), rounded down to whole packs; what a road cannot carry stays behind.
* priority weights: as equal share, but the share grows with the weight of site and item: a
  need of weight 1.5 gets 1.5 times the share of its gap, no need more than all of it.
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
    if rule in (Rule.EQUAL_SHARE, Rule.PRIORITY_WEIGHTS):
        share = _equal_share if rule is Rule.EQUAL_SHARE else _weighted_share
        want = share(model, loader.packs, most)
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
    stock = sums(model.groups.item, model.groups.stock, len(model.problem.items))
    given = sums(item, packs, len(model.problem.items))
    asked = sums(item, gap, len(model.problem.items))
    share = np.minimum((stock - given) / np.maximum(asked, 1e-12), 1.0)
    return np.asarray(packs + gap * share[item], np.float64)


def _weighted_share(model: Model, packs: Floats, most: Floats) -> Floats:
    """Return the packs of every demand when shares of gaps are as the weights, at most all.

    Per item the common factor is the root of a piecewise-linear function: it grows until the
    stock is given out or every gap is closed.
    """
    problem, demands = model.problem, model.demands
    weight = (
        np.array([site.weight for site in problem.sites], np.float64)[demands.site]
        * np.array([item.weight for item in problem.items], np.float64)[demands.item]
    )
    gap = np.maximum(most - packs, 0.0)
    stock = sums(model.groups.item, model.groups.stock, len(problem.items))
    left = stock - sums(demands.item, packs, len(problem.items))
    share = np.zeros(len(gap))
    for item in np.unique(demands.item[gap > 0]).tolist():
        mine = np.flatnonzero((demands.item == item) & (gap > 0))
        mine = mine[np.argsort(-weight[mine], kind="stable")]  # the heaviest are full first
        full = np.concatenate(([0.0], np.cumsum(gap[mine])[:-1]))
        slope = np.cumsum((gap[mine] * weight[mine])[::-1])[::-1]
        factor = (max(left[item], 0.0) - full) / slope
        ends = factor * weight[mine] <= 1.0
        last = int(np.argmax(ends)) if ends.any() else -1
        share[mine] = 1.0 if last < 0 else np.minimum(factor[last] * weight[mine], 1.0)
    return np.asarray(packs + gap * share, np.float64)


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
