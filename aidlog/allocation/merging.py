"""Demands that no limit tells apart are one demand: exact, and far fewer arcs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aidlog.allocation.model import Bools, Floats, Ints, Model, sums

_Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Merged:
    """Classes of demands and, for each class, one arc for every different way to serve it.

    ``of_demand`` is each demand's class, -1 where nothing can hold it back. ``arc`` are
    representative arcs of the model, ``arc_class`` their classes (ascending). ``alike`` gives
    for every arc of the model the position of its representative, -1 where another arc of
    the same demand does as well.
    """

    of_demand: Ints
    classes: int
    arc: Ints
    arc_class: Ints
    alike: Ints

    def total(self, packs: Floats) -> Floats:
        """Return packs per class."""
        inside = self.of_demand >= 0
        return sums(self.of_demand[inside], packs[inside], self.classes)


def merge(model: Model, counted: Bools) -> Merged:
    """Merge demands that use the rows ``counted`` in the same ways.

    Two arcs are alike if they use the same rows equally; two demands are alike if each has
    arcs like the other's. Sets are compared by 64-bit fingerprints.
    """
    arcs, rows = model.arcs, model.rows
    part = counted[rows.entry_row]
    arc_of, row_of, use = rows.entry_arc[part], rows.entry_row[part], rows.use[part]
    prints = _hash_sums(_mix(_mix(row_of.astype(np.uint64)) ^ use.view(np.uint64)), arc_of,
                   len(arcs.group))  # fmt: skip
    free = np.ones(len(arcs.group), np.bool_)
    free[arc_of] = False
    unheld = np.zeros(len(model.demands.need), np.bool_)
    unheld[arcs.demand[free]] = True
    order = np.lexsort((prints, arcs.demand))
    demand, look = arcs.demand[order], prints[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(demand) != 0) | (look[1:] != look[:-1])
    new &= ~unheld[demand]
    # the first of equal arcs in arc order, that is the earliest period
    arc, demand, look = order[new], demand[new], look[new]
    signature = _hash_sums(_mix(look), demand, len(model.demands.need))
    served = np.zeros(len(signature), np.bool_)
    served[demand] = True
    of_demand = np.full(len(signature), -1, np.int64)
    inside = np.flatnonzero(served)
    _, first, inverse = np.unique(signature[inside], return_index=True, return_inverse=True)
    of_demand[inside] = inverse
    representative = np.zeros(len(signature), np.bool_)
    representative[inside[first]] = True
    own_class = of_demand[demand]
    by_look = np.lexsort((arc, ~representative[demand], look, own_class))
    leads = np.ones(len(by_look), np.bool_)
    leads[1:] = (np.diff(own_class[by_look]) != 0) | (np.diff(look[by_look]) != 0)
    alike = np.full(len(arcs.group), -1, np.int64)
    alike[arc[by_look]] = np.cumsum(leads) - 1
    lead = by_look[leads]
    return Merged(of_demand, len(first), arc[lead], own_class[lead], alike)


def _mix(values: _Hashes) -> _Hashes:
    """Scramble 64-bit words (the finaliser of splitmix64)."""
    with np.errstate(over="ignore"):
        z = values + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def _hash_sums(values: _Hashes, label: Ints, count: int) -> _Hashes:
    """Return sums modulo 2^64 per label."""
    total = np.zeros(count, np.uint64)
    if len(label) == 0:
        return total
    order = np.argsort(label, kind="stable")
    ordered = label[order]
    start = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    total[ordered[start]] = np.add.reduceat(values[order], start)
    return total
