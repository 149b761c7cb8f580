"""Can the stock serve these demands? One maximum flow an item, in whole numbers.

A minimum cut is a set of demands that together ask more than all stock that may reach them
(Hall's condition), so prices of one on that stock prove it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from aidlog.allocation.merging import Merged
from aidlog.allocation.model import Bools, Floats, Ints, Model, RowKind


@dataclass(frozen=True, slots=True)
class Scarce:
    """Stock groups that are used up, and classes of demands that nothing else may serve."""

    groups: Ints
    classes: Ints


class StockFlows:
    """The classes in ``members`` (all of them by default) and the stock that they share."""

    def __init__(self, model: Model, merged: Merged, members: Bools | None = None) -> None:
        arcs = model.arcs
        if members is None:
            members = np.ones(merged.classes, np.bool_)
        supply = np.flatnonzero(model.rows.kind == RowKind.SUPPLY)
        #: the row of each stock group's stock, -1 where it can never run out
        self.row_of_group = np.full(len(model.groups.stock), -1, np.int64)
        self.row_of_group[model.rows.about[supply]] = supply
        counted = self.row_of_group >= 0
        group = arcs.group[merged.arc]
        members = members.copy()
        members[merged.arc_class[~counted[group]]] = False  # some of their stock never runs out
        inside = np.flatnonzero(members[merged.arc_class])
        item = model.groups.item[group[inside]]
        self._items = []
        for i in np.unique(model.groups.item[counted]).tolist():
            mine = inside[item == i]
            groups = np.flatnonzero(counted & (model.groups.item == i))
            classes, c = np.unique(merged.arc_class[mine], return_inverse=True)
            place = np.searchsorted(groups, group[mine])
            self._items.append(
                _ItemFlow(groups, classes, mine, place, c, model.groups.stock[groups])
            )

    def scarce(self, asked: Floats, load: Floats | None = None) -> Iterator[Scarce]:
        """Yield what proves a shortage, an item each; nothing where all can be served.

        ``asked`` are packs per class; ``load`` packs per stock group that go elsewhere.
        """
        for item in self._items:
            found = item.scarce(asked, load)
            if found is not None:
                yield found

    def depending(self, groups: Ints) -> Scarce:
        """Return stock of one item with the classes that no other stock may serve."""
        item = next(item for item in self._items if groups[0] in item.groups)
        return item.depending(np.isin(item.groups, groups))

    def along(self, asked: Floats, load: Floats, arcs: int) -> Floats:
        """Return packs along the merged arcs (``arcs`` in number) that serve the members."""
        flow = np.zeros(arcs)
        for item in self._items:
            item.send(asked, load, flow)
        return flow


@dataclass(frozen=True, slots=True)
class _ItemFlow:
    """Stock groups and demand classes of one item, and the merged arcs between them."""

    groups: Ints
    classes: Ints
    arc: Ints
    arc_group: Ints
    arc_class: Ints
    packs: Floats

    def _solved(self, asked: Floats, load: Floats | None) -> tuple[Any, float, int]:
        """Return the maximum flow, its unit, and how much of what was asked it leaves out."""
        from ortools.graph.python import max_flow

        n, m = len(self.groups), len(self.classes)
        wanted, loaded = asked[self.classes], np.zeros(n) if load is None else load[self.groups]
        total = max(float(wanted.sum() + loaded.sum()), float(self.packs.sum()), 1.0)
        fine = float(2.0 ** np.floor(np.log2(2e15 / total)))
        want, gone, have = (
            np.floor(amount * fine).astype(np.int64) for amount in (wanted, loaded, self.packs)
        )
        source, sink = n + m, n + m + 1
        flow = max_flow.SimpleMaxFlow()
        flow.add_arcs_with_capacity(
            np.concatenate(
                (self.arc_group, np.full(n, source), n + np.arange(m), np.arange(n))
            ).astype(np.int32),
            np.concatenate((
                n + self.arc_class, np.arange(n), np.full(m, sink), np.full(n, sink)
            )).astype(np.int32),
            np.concatenate((np.full(len(self.arc), 2**62), have, want, gone)),
        )  # fmt: skip
        flow.solve(source, sink)
        return flow, fine, int(want.sum() + gone.sum()) - flow.optimal_flow()

    def scarce(self, asked: Floats, load: Floats | None) -> Scarce | None:
        n, m = len(self.groups), len(self.classes)
        flow, fine, missing = self._solved(asked, load)
        total = float(asked[self.classes].sum())
        if load is not None:
            total += float(load[self.groups].sum())
        if missing <= max(1e-10 * total * fine, 2 * (m + n)):
            return None
        near_source = np.zeros(n + m + 2, np.bool_)
        near_source[flow.get_source_side_min_cut()] = True
        return self.depending(~near_source[:n])

    def depending(self, used_up: Bools) -> Scarce:
        """Return the groups ``used_up`` with the classes that no other stock may serve."""
        elsewhere = np.zeros(len(self.classes), np.bool_)
        elsewhere[self.arc_class[~used_up[self.arc_group]]] = True
        return Scarce(self.groups[used_up], self.classes[~elsewhere])

    def send(self, asked: Floats, load: Floats, flow: Floats) -> None:
        """Write what serves the classes into ``flow``."""
        if len(self.classes):
            solved, fine, _ = self._solved(asked, load)
            sent = np.asarray(solved.flows(np.arange(len(self.arc))), np.float64)
            flow[self.arc] = sent / fine
