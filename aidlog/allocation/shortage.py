"""Can these deliveries be made? If not, which prices on the limits prove it?

Where only stock binds, a maximum flow per item answers in whole numbers (a minimum cut is a
set of needs that together ask more than all stock that may reach them). In general a linear
program minimises the shortage; its duals are the prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aidlog.allocation.linear import Entries, LinearProgram
from aidlog.allocation.merging import merge
from aidlog.allocation.model import Bools, Floats, Ints, Model, RowKind, sums

#: Prices below this are the solver's noise, not a limit's.
_NOISE = 1e-9
#: How much dearer a shortage is for who stands low: the power of one over the level.
_STEEP = 5


class StockFlows:
    """Stock alone: one maximum flow an item."""

    def __init__(self, model: Model) -> None:
        counted = model.rows.kind == RowKind.SUPPLY
        self._merged = merge(model, counted)
        self._row_of_group = np.full(len(model.groups.packs), -1, np.int64)
        supply = np.flatnonzero(counted)
        self._row_of_group[model.rows.about[supply]] = supply
        self._rows = len(model.rows)
        self._packs = model.groups.stock
        arcs, merged = model.arcs, self._merged
        item = model.groups.item[arcs.group[merged.arc]]
        self._items = []
        for i in np.unique(item):
            mine = np.flatnonzero(item == i)
            group, g = np.unique(arcs.group[merged.arc[mine]], return_inverse=True)
            cls, c = np.unique(merged.arc_class[mine], return_inverse=True)
            self._items.append(_ItemFlow(group, cls, g, c, self._packs[group]))

    def prices(self, packs: Floats) -> Floats | None:
        """Return prices that prove a shortage, or None if all deliveries can be stocked."""
        asked = self._merged.total(packs)
        price = np.zeros(self._rows)
        short = False
        for flow in self._items:
            scarce = flow.scarce(asked[flow.classes])
            if scarce is not None:
                price[self._row_of_group[flow.groups[scarce]]] = 1.0
                short = True
        return price if short else None


@dataclass(frozen=True, slots=True)
class _ItemFlow:
    """Stock groups and demand classes of one item, and which reaches which."""

    groups: Ints
    classes: Ints
    arc_group: Ints
    arc_class: Ints
    packs: Floats

    def scarce(self, asked: Floats) -> Ints | None:
        """Return positions of the groups that a minimum cut uses up, None if all is served."""
        from ortools.graph.python import max_flow

        n, m = len(self.groups), len(self.classes)
        total = float(asked.sum())
        fine = 2.0 ** np.floor(np.log2(2e15 / max(total, float(self.packs.sum()), 1.0)))
        want = np.floor(asked * fine).astype(np.int64)
        have = np.floor(self.packs * fine).astype(np.int64)
        source, sink = n + m, n + m + 1
        flow = max_flow.SimpleMaxFlow()
        flow.add_arcs_with_capacity(
            np.concatenate((np.full(n, source), self.arc_group, n + np.arange(m))).astype(np.int32),
            np.concatenate((np.arange(n), n + self.arc_class, np.full(m, sink))).astype(np.int32),
            np.concatenate((have, np.full(len(self.arc_group), 2**62), want)),
        )
        flow.solve(source, sink)
        if want.sum() - flow.optimal_flow() <= max(1e-10 * total * fine, 2 * m):
            return None
        near_source = np.zeros(n + m + 2, np.bool_)
        near_source[flow.get_source_side_min_cut()] = True
        return np.flatnonzero(~near_source[:n])


@dataclass(frozen=True, slots=True)
class Supplied:
    """Prices on all rows, packs along the merged arcs, and whether the solver vouches for them."""

    price: Floats
    along: Floats
    sure: bool


class ShortageProgram:
    """All rows in ``counted`` at once: minimise what cannot be delivered."""

    def __init__(self, model: Model, counted: Bools, most: Floats) -> None:
        rows, arcs = model.rows, model.arcs
        self.merged = merge(model, counted)
        merged = self.merged
        self._class_size = np.maximum(merged.total(most), 1e-9)
        position = np.full(len(arcs.group), -1, np.int64)
        position[merged.arc] = np.arange(len(merged.arc))
        entry = np.flatnonzero(counted[rows.entry_row] & (position[rows.entry_arc] >= 0))
        self._used_rows, row = np.unique(rows.entry_row[entry], return_inverse=True)
        column = position[rows.entry_arc[entry]]
        value = rows.use[entry] * self._class_size[merged.arc_class[column]]
        self._row_scale = np.zeros(len(self._used_rows))
        np.maximum.at(self._row_scale, row, value)
        value = value / self._row_scale[row]
        n, r, c = len(merged.arc), len(self._used_rows), merged.classes
        row = np.concatenate((row, r + merged.arc_class, r + np.arange(c)))
        column = np.concatenate((column, np.arange(n), n + np.arange(c)))
        value = np.concatenate((value, np.ones(n + c)))
        self._all_rows, self._arcs = len(rows), arcs
        self._free = np.ones(len(arcs.group), np.bool_)
        self._free[rows.entry_arc[counted[rows.entry_row]]] = False
        self._program = LinearProgram(
            cost=np.concatenate((np.zeros(n), np.ones(c))),
            low=np.concatenate((np.full(r, -np.inf), np.zeros(c))),
            high=np.concatenate(
                (rows.capacity[self._used_rows] / self._row_scale, np.full(c, np.inf))
            ),
            entries=Entries(row, column, value),
        )

    def prices(self, packs: Floats, levels: Floats, seconds: float | None = None) -> Supplied:
        """Return prices that prove what shortage there is in delivering ``packs``.

        Who stands low at ``levels`` is served first, so that a shortage shows in the limits
        that bind at its own height; that spares many cuts.
        """
        n, r, c = len(self.merged.arc), len(self._used_rows), self.merged.classes
        price = np.zeros(self._all_rows)
        if c == 0:
            return Supplied(price, np.zeros(0), sure=True)
        inside = self.merged.of_demand >= 0
        members = np.bincount(self.merged.of_demand[inside], minlength=c)
        height = self.merged.total(levels) / members
        floor = max(float(height.min()), 1e-3)
        self._program.set_cost(
            n + np.arange(c), np.clip((floor / np.maximum(height, floor)) ** _STEEP, 1e-4, 1.0)
        )
        self._program.set_low(r + np.arange(c), self.merged.total(packs) / self._class_size)
        answer = self._program.solve(seconds)
        scaled = np.maximum(-answer.duals[:r], 0.0)
        scaled[scaled < _NOISE] = 0.0
        price[self._used_rows] = scaled / self._row_scale
        along = np.maximum(answer.variables[:n], 0.0) * self._class_size[self.merged.arc_class]
        return Supplied(price, along, answer.sure)

    def flow(self, packs: Floats, seconds: float | None = None) -> Floats:
        """Return packs along every arc of the model that deliver ``packs`` as far as possible."""
        along = self.prices(packs, np.ones(len(packs)), seconds).along
        merged, arcs = self.merged, self._arcs
        flow = np.zeros(len(arcs.group))
        total = merged.total(packs)
        like = np.flatnonzero(merged.alike >= 0)
        demand = arcs.demand[like]
        share = packs[demand] / np.maximum(total[merged.of_demand[demand]], 1e-300)
        flow[like] = along[merged.alike[like]] * share
        unheld = np.flatnonzero((merged.of_demand[arcs.demand] < 0) & self._free)
        _, first = np.unique(arcs.demand[unheld], return_index=True)
        flow[unheld[first]] = packs[arcs.demand[unheld[first]]]
        # the program may deliver more than was asked; what is too much stays in the store
        brought = sums(arcs.demand, flow, len(packs))
        return flow * np.minimum(packs / np.maximum(brought, 1e-300), 1.0)[arcs.demand]
