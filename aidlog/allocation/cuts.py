"""Cuts: prices on limits that hold for every plan, whoever found them.

For prices ``y ≥ 0`` on rows let ``π`` of a demand be the least price of its arcs. Then every
feasible plan obeys ``Σ π · packs ≤ Σ y · capacity`` (weak duality): nothing of the solver's
tolerances enters, because ``π`` is computed anew from ``y``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aidlog.allocation.merging import Merged, merge
from aidlog.allocation.model import Floats, Ints, Model, RowKind, sums

#: A cut counts as violated beyond this share of its capacity and demand.
_VIOLATED = 1e-10


@dataclass(frozen=True, slots=True)
class Cut:
    """``Σ weight · packs ≤ capacity`` over ``demand``, from ``price`` on ``row``.

    ``beside_stock``: some row is not stock; ``coupled``: stock and other rows are priced.
    """

    row: Ints
    price: Floats
    demand: Ints
    weight: Floats
    capacity: float
    beside_stock: bool = False
    coupled: bool = False

    def excess(self, packs: Floats) -> float:
        """Return how far ``packs`` exceed the cut, relative to its size."""
        asked = float(self.weight @ packs[self.demand])
        return (asked - self.capacity) / max(asked, self.capacity, 1e-300)


class Pricing:
    """Turns prices on the rows of one model into cuts."""

    def __init__(self, model: Model, alike: Merged | None = None) -> None:
        """Price the arcs of ``alike`` where it is known: they stand for all others."""
        self._model = model
        merged = merge(model, np.ones(len(model.rows), np.bool_)) if alike is None else alike
        self._of_demand, self._classes = merged.of_demand, merged.classes
        self._inside = merged.of_demand >= 0
        change = np.ones(len(merged.arc), np.bool_)
        change[1:] = merged.arc_class[1:] != merged.arc_class[:-1]
        self._first = np.flatnonzero(change)
        place = np.full(len(model.arcs.group), -1, np.int64)
        place[merged.arc] = np.arange(len(merged.arc))
        entry = np.flatnonzero(place[model.rows.entry_arc] >= 0)
        self._row, self._use = model.rows.entry_row[entry], model.rows.use[entry]
        self._arc, self._arcs = place[model.rows.entry_arc[entry]], len(merged.arc)
        self._owner = merged.arc_class[self._arc]

    def weights(self, price: Floats) -> Floats:
        """Return π of every demand: the least price at which a pack can reach it."""
        return self._spread(self._class_weights(price))

    def _class_weights(self, price: Floats) -> Floats:
        if not len(self._first):
            return np.zeros(self._classes)
        along = sums(self._arc, self._use * price[self._row], self._arcs)
        return np.asarray(np.minimum.reduceat(along, self._first), np.float64)

    def _spread(self, of_class: Floats) -> Floats:
        weight = np.zeros(len(self._of_demand))
        weight[self._inside] = of_class[self._of_demand[self._inside]]
        return weight

    def cuts(self, price: Floats) -> list[Cut]:
        """Return the cuts of ``price``, one for each part that shares no priced row."""
        of_class = self._class_weights(price)
        rows = self._model.rows
        link = (price[self._row] > 0) & (of_class[self._owner] > 0)
        label = connected_parts(self._row[link], self._owner[link], len(rows), self._classes)
        weight = self._spread(of_class)
        alone = np.full(len(weight), -1, np.int64)
        alone[self._inside] = label[len(rows) :][self._of_demand[self._inside]]
        part = np.concatenate((label[: len(rows)], alone))
        row_part, demand_part = part[: len(rows)], part[len(rows) :]
        row_order = np.argsort(row_part, kind="stable")
        row_order = row_order[price[row_order] > 0]
        demand_order = np.argsort(demand_part, kind="stable")
        demand_order = demand_order[weight[demand_order] > 0]
        names = np.unique(demand_part[demand_order])
        r0, r1 = (np.searchsorted(row_part[row_order], names, side) for side in ("left", "right"))
        d0, d1 = (
            np.searchsorted(demand_part[demand_order], names, side) for side in ("left", "right")
        )
        found = []
        for i in range(len(names)):
            row, demand = row_order[r0[i] : r1[i]], demand_order[d0[i] : d1[i]]
            capacity = float(price[row] @ rows.capacity[row])
            stock = rows.kind[row] == RowKind.SUPPLY
            beside, coupled = not stock.all(), 0 < stock.sum() < len(row)
            found.append(
                Cut(row, price[row], demand, weight[demand], capacity, beside, bool(coupled))
            )
        return found

    def violated(self, price: Floats, packs: Floats) -> list[Cut]:
        """Return the cuts of ``price`` that the deliveries ``packs`` break."""
        return [cut for cut in self.cuts(price) if cut.excess(packs) > _VIOLATED]

    def obvious(self) -> list[Cut]:
        """Return the cuts to begin with: all stock of an item, all roads to a site, each limit."""
        rows = self._model.rows
        found: list[Cut] = []
        found += self.cuts((rows.kind == RowKind.SUPPLY).astype(np.float64))
        for kind in (RowKind.ROUTE_KG, RowKind.ROUTE_M3):
            found += self.cuts((rows.kind == kind).astype(np.float64))
        shared = np.flatnonzero(rows.kind >= RowKind.SHARED_KG)
        for key in np.unique(rows.about[shared] * 8 + rows.kind[shared]):
            same = np.zeros(len(rows))
            same[shared[rows.about[shared] * 8 + rows.kind[shared] == key]] = 1.0
            found += self.cuts(same)
        return found


def connected_parts(row: Ints, demand: Ints, rows: int, demands: int) -> Ints:
    """Label rows and demands (numbered after the rows) by their connected part."""
    label = np.arange(rows + demands)
    other = demand + rows
    while True:
        low = np.minimum(label[row], label[other])
        np.minimum.at(label, row, low)
        np.minimum.at(label, other, low)
        label = label[label]
        if np.array_equal(label[row], label[other]):
            return label
