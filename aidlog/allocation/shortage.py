"""Can roads and shared limits carry these deliveries, whatever there is in stock?

Sites, or sites that share a limit, stand apart then: their linear programs minimise the
shortage, many of them at once, and the duals are the prices that prove it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aidlog.allocation.cuts import connected_parts
from aidlog.allocation.linear import Entries, LinearProgram
from aidlog.allocation.merging import Merged, merge
from aidlog.allocation.model import Bools, Floats, Ints, Model, RowKind

#: Prices below this share of the greatest are the solver's noise, not a limit's.
NOISE = 1e-9
#: How much dearer a shortage is for who stands low: the power of one over the level.
_STEEP = 5
#: Parts are asked together up to so many arcs.
_TOGETHER = 60_000


@dataclass(frozen=True, slots=True)
class Supplied:
    """Prices on all rows, and whether the solver vouches for them."""

    price: Floats
    sure: bool


@dataclass(frozen=True, slots=True)
class Coefficients:
    """The rows in a program over merged arcs, and their entries (row, arc, value).

    ``rows`` are rows of the model, ``scale`` what each is divided by; values are per class
    size, so that the largest of a row is one.
    """

    rows: Ints
    scale: Floats
    entries: Entries


def coefficients(model: Model, counted: Bools, arc: Ints, size: Floats) -> Coefficients:
    """Return the entries of the rows ``counted`` over the arcs ``arc``, of ``size`` packs each."""
    rows = model.rows
    position = np.full(len(model.arcs.group), -1, np.int64)
    position[arc] = np.arange(len(arc))
    entry = np.flatnonzero(counted[rows.entry_row] & (position[rows.entry_arc] >= 0))
    used, row = np.unique(rows.entry_row[entry], return_inverse=True)
    column = position[rows.entry_arc[entry]]
    value = rows.use[entry] * size[column]
    scale = np.zeros(len(used))
    np.maximum.at(scale, row, value)
    return Coefficients(used, scale, Entries(row, column, value / scale[row]))


class SideLimits:
    """All rows but stock: one program for every few of their parts."""

    def __init__(self, model: Model) -> None:
        counted = model.rows.kind != RowKind.SUPPLY
        merged = merge(model, counted)
        self._rows = len(model.rows)
        self._programs = [
            _ShortageProgram(model, counted, merged, classes)
            for classes in _bundles(model, counted, merged)
        ]

    def prices(
        self, packs: Floats, levels: Floats, left: Callable[[], float | None],
        stop: Callable[[], bool] | None,
    ) -> Supplied:  # fmt: skip
        """Return prices that prove what shortage there is in delivering ``packs``.

        Who stands low at ``levels`` is served first, so that a shortage shows in the limits
        that bind at its own height; that spares many cuts.

        Raises:
            NoAnswer: out of time, told to stop, or out of numbers.
        """
        answers = [program.prices(packs, levels, left(), stop) for program in self._programs]
        price = np.zeros(self._rows)
        for answer in answers:
            price += answer.price
        return Supplied(price, all(answer.sure for answer in answers))


def _bundles(model: Model, counted: Bools, merged: Merged) -> list[Ints]:
    """Return the classes, those that share a row together, in bundles of some size."""
    rows = model.rows
    place = np.full(len(model.arcs.group), -1, np.int64)
    place[merged.arc] = merged.arc_class
    entry = np.flatnonzero(counted[rows.entry_row] & (place[rows.entry_arc] >= 0))
    label = connected_parts(
        rows.entry_row[entry], place[rows.entry_arc[entry]], len(rows), merged.classes
    )[len(rows) :]
    arcs = np.bincount(merged.arc_class, minlength=merged.classes)
    parts, part = np.unique(label, return_inverse=True)
    bundle = np.cumsum(np.bincount(part, arcs, len(parts))) // _TOGETHER
    of_class = bundle[part]
    return [np.flatnonzero(of_class == b) for b in np.unique(of_class)]


class _ShortageProgram:
    """Some classes of demands: minimise what cannot be delivered."""

    def __init__(self, model: Model, counted: Bools, merged: Merged, classes: Ints) -> None:
        self._merged, self._classes, self._all_rows = merged, classes, len(model.rows)
        inside = merged.of_demand >= 0
        self._members = np.bincount(merged.of_demand[inside], minlength=merged.classes)[classes]
        size = np.maximum(merged.total(model.demands.most), 1e-9)
        self._size = size[classes]
        number = np.full(merged.classes, -1, np.int64)
        number[classes] = np.arange(len(classes))
        own = number[merged.arc_class] >= 0
        arc, arc_class = merged.arc[own], number[merged.arc_class[own]]
        self._limits = limits = coefficients(model, counted, arc, self._size[arc_class])
        n, r, c = len(arc), len(limits.rows), len(classes)
        entries = Entries(
            np.concatenate((limits.entries.row, r + arc_class, r + np.arange(c))),
            np.concatenate((limits.entries.column, np.arange(n), n + np.arange(c))),
            np.concatenate((limits.entries.value, np.ones(n + c))),
        )
        capacity = model.rows.capacity[limits.rows] / limits.scale
        self._arcs = n
        self._program = LinearProgram(
            cost=np.concatenate((np.zeros(n), np.ones(c))),
            low=np.concatenate((np.full(r, -np.inf), np.zeros(c))),
            high=np.concatenate((capacity, np.full(c, np.inf))),
            entries=entries,
        )

    def prices(
        self, packs: Floats, levels: Floats, seconds: float | None,
        stop: Callable[[], bool] | None,
    ) -> Supplied:  # fmt: skip
        """Return prices that prove what shortage there is, all others zero."""
        r, c = len(self._limits.rows), len(self._classes)
        height = self._merged.total(levels)[self._classes] / self._members
        floor = max(float(height.min(initial=np.inf)), 1e-3)
        dearness = np.clip((floor / np.maximum(height, floor)) ** _STEEP, 1e-4, 1.0)
        self._program.set_cost(self._arcs + np.arange(c), dearness)
        asked = self._merged.total(packs)[self._classes] / self._size
        self._program.set_low(r + np.arange(c), asked)
        answer = self._program.solve(seconds, stop)
        price = np.zeros(self._all_rows)
        price[self._limits.rows] = without_noise(answer.duals[:r]) / self._limits.scale
        return Supplied(price, answer.sure)


def without_noise(duals: Floats) -> Floats:
    """Return prices of rows that are bounded above, from their duals."""
    prices = np.maximum(-duals, 0.0)
    prices[prices < NOISE * prices.max(initial=0.0)] = 0.0
    return prices
