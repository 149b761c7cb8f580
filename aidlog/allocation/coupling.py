"""Stock, roads and shared limits together: how far must all step down to be served?

The linear program holds demands that roads or shared limits touch, and a variable for the
step: everyone who still rises may fall short by the same height, and the least such height is
sought. Its duals are the one bottleneck that is broken the most, not a mixture. With a step
for each site of its own instead, they are a mixture of all that are broken.

Most stock never becomes scarce for these demands, so it has no rows at first. Where the
answer takes more than the others of an item leave (a maximum flow says so), a row is added
for that stock: what the program sends from it, and what those who depend on it need, stays
within it (Hall's condition).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from aidlog.allocation.linear import Entries, LinearAnswer, LinearProgram, NoAnswer
from aidlog.allocation.merging import Merged
from aidlog.allocation.model import Bools, Floats, Ints, Model, RowKind, sums
from aidlog.allocation.shortage import Supplied, coefficients, without_noise
from aidlog.allocation.stock_flows import Scarce, StockFlows

#: A step down, in units of level, that no rounding makes.
_CLEAR = 1e-9


@dataclass(slots=True)
class _StockRow:
    """One added row: number in the program, stock, those who depend on it, scale."""

    row: int
    groups: Ints
    classes: Ints
    capacity: float
    scale: float


@dataclass(slots=True)
class _Asked:
    """What was put into the program last."""

    low: Floats
    slope: Floats
    high: dict[int, float] = field(default_factory=dict)


class Coupling:
    """The program of one model, kept and solved again as demands and those who rise change."""

    def __init__(
        self, model: Model, merged: Merged, members: Bools, *, together: bool,
        like: Coupling | None = None,
    ) -> None:  # fmt: skip
        """Take the classes in ``members``; all step down ``together``, or each site alone.

        The others take part as if only stock held them back. Stock that was scarce for another
        program, ``like``, has rows from the beginning.
        """
        self._model, self._merged, self._together = model, merged, together
        side = touched(model, merged)
        self._stock = StockFlows(model, merged, ~(side & members))
        self._size = np.maximum(merged.total(model.demands.most), 1e-9)
        self._classes = np.flatnonzero(side & members)
        self._columns = np.flatnonzero((side & members)[merged.arc_class])
        self._group = model.arcs.group[merged.arc[self._columns]]
        number = np.full(merged.classes, -1, np.int64)
        number[self._classes] = np.arange(len(self._classes))
        self._class = number[merged.arc_class[self._columns]]
        self._column_size = self._size[self._classes][self._class]
        #: each class's column of the step
        self._step = np.full(len(self._classes), len(self._columns), np.int64)
        if not together:
            site = model.demands.site[_first_members(merged)[self._classes]]
            self._step += 1 + np.unique(site, return_inverse=True)[1]
        self._last = int(self._step.max(initial=len(self._columns)))
        self._limits = coefficients(
            model, model.rows.kind != RowKind.SUPPLY, merged.arc[self._columns], self._column_size
        )
        self._rows: list[_StockRow] = [] if like is None else list(like._rows)
        self._program: LinearProgram | None = None
        self._put: _Asked

    def prices(
        self, packs: Floats, rise: Floats, left: Callable[[], float | None],
        stop: Callable[[], bool] | None,
    ) -> Supplied:  # fmt: skip
        """Return prices that prove what shortage there is in delivering ``packs``.

        ``rise`` are packs per unit of level of those who may step down, zero for the others.

        Raises:
            NoAnswer: out of time, told to stop, or out of numbers.
        """
        try:
            answer = self._answer(packs, rise, left, stop)
        except NoAnswer:
            if left() == 0.0 or (stop is not None and stop()):
                raise
            self.forget()
            answer = self._answer(packs, rise, left, stop)
        price = np.zeros(len(self._model.rows))
        r, first = len(self._limits.rows), len(self._limits.rows) + len(self._classes)
        duals = np.concatenate((answer.duals[:r], answer.duals[first:]))
        scaled = without_noise(duals)
        price[self._limits.rows] = scaled[:r] / self._limits.scale
        for stock, of_stock in zip(self._rows, scaled[r:], strict=True):
            price[self._stock.row_of_group[stock.groups]] += of_stock / stock.scale
        return Supplied(price, answer.sure)

    @property
    def scarce(self) -> list[Scarce]:
        """The stock that has had rows."""
        return [Scarce(stock.groups, stock.classes) for stock in self._rows]

    def forget(self) -> None:
        """Begin from the beginning the next time: the program's numbers are worn out."""
        self._program = None

    def flow(
        self, packs: Floats, rise: Floats, left: Callable[[], float | None],
        stop: Callable[[], bool] | None,
    ) -> Floats:  # fmt: skip
        """Return packs along every arc of the model that deliver ``packs`` as far as possible.

        Raises:
            NoAnswer: out of time, told to stop, or out of numbers.
        """
        model, merged = self._model, self._merged
        answer = self._answer(packs, rise, left, stop)
        total = merged.total(packs)
        sent = self._sent(answer, total)
        load = sums(self._group, sent, len(model.groups.stock))
        along = self._stock.along(total, load, len(merged.arc))
        along[self._columns] = sent
        arcs = model.arcs
        flow = np.zeros(len(arcs.group))
        like = np.flatnonzero(merged.alike >= 0)
        demand = arcs.demand[like]
        share = packs[demand] / np.maximum(total[merged.of_demand[demand]], 1e-300)
        flow[like] = along[merged.alike[like]] * share
        free = np.ones(len(arcs.group), np.bool_)
        free[model.rows.entry_arc] = False
        unheld = np.flatnonzero((merged.of_demand[arcs.demand] < 0) & free)
        _, first = np.unique(arcs.demand[unheld], return_index=True)
        flow[unheld[first]] = packs[arcs.demand[unheld[first]]]
        return flow

    def _sent(self, answer: LinearAnswer, total: Floats) -> Floats:
        """Return packs along the columns; the program may deliver more than was asked."""
        sent = np.maximum(answer.variables[: len(self._columns)], 0.0) * self._column_size
        brought = sums(self._class, sent, len(self._classes))
        asked = total[self._classes]
        return sent * np.minimum(asked / np.maximum(brought, 1e-300), 1.0)[self._class]

    def _answer(
        self, packs: Floats, rise: Floats, left: Callable[[], float | None],
        stop: Callable[[], bool] | None,
    ) -> LinearAnswer:  # fmt: skip
        """Solve, and add rows for stock that the answer overdraws, until it overdraws none."""
        total, slope = self._merged.total(packs), self._merged.total(rise)
        program = self._prepared(total, slope)
        while True:
            answer = program.solve(left(), stop)
            if self._together and answer.variables[len(self._columns)] > _CLEAR:
                return answer  # its prices hold whatever the stock
            step = np.full(len(total), answer.variables[len(self._columns)])
            step[self._classes] = answer.variables[self._step]
            kept = np.maximum(total - step * slope, 0.0)
            load = sums(self._group, self._sent(answer, kept), len(self._model.groups.stock))
            new = [scarce for scarce in self._stock.scarce(kept, load) if self._unknown(scarce)]
            if not new:
                return answer
            for scarce in new:
                self._add(program, scarce, total, slope)

    def _prepared(self, total: Floats, slope: Floats) -> LinearProgram:
        """Return the program with these packs and slopes per class put in."""
        n, r = len(self._columns), len(self._limits.rows)
        size = self._size[self._classes]
        low, lean = total[self._classes] / size, slope[self._classes] / size
        if self._program is None:
            return self._begin(low, lean, total, slope)
        program, put = self._program, self._put
        changed = np.flatnonzero(low != put.low)
        program.set_low(r + changed, low[changed])
        leaner = np.flatnonzero(lean != put.slope)
        row, column, value = [r + leaner], [self._step[leaner]], [lean[leaner]]
        highs = [self._high(stock, total) for stock in self._rows]
        if self._rows:
            numbers = np.array([stock.row for stock in self._rows], np.int64)
            program.set_high(numbers, np.array(highs))
            row.append(numbers)
            column.append(np.full(len(numbers), n))
            value.append(np.array([self._lean(stock, slope) for stock in self._rows]))
        program.set_entries(
            Entries(np.concatenate(row), np.concatenate(column), np.concatenate(value))
        )
        put.low, put.slope = low, lean
        return program

    def _begin(self, low: Floats, lean: Floats, total: Floats, slope: Floats) -> LinearProgram:
        n, r, c = len(self._columns), len(self._limits.rows), len(self._classes)
        limits = self._limits
        cost = np.zeros(self._last + 1)
        cost[n:] = 1.0
        self._program = program = LinearProgram(
            cost=cost,
            low=np.concatenate((np.full(r, -np.inf), low)),
            high=np.concatenate(
                (self._model.rows.capacity[limits.rows] / limits.scale, np.full(c, np.inf))
            ),
            entries=Entries(
                np.concatenate((limits.entries.row, r + self._class, r + np.arange(c))),
                np.concatenate((limits.entries.column, np.arange(n), self._step)),
                np.concatenate((limits.entries.value, np.ones(n), lean)),
            ),
        )
        self._put = _Asked(low, lean)
        known, self._rows = self.scarce, []
        for scarce in known:
            self._add(program, self._stock.depending(scarce.groups), total, slope)
        return program

    def _unknown(self, scarce: Scarce) -> bool:
        """Say whether stock may be scarce for the program, and has no row yet."""
        if not np.isin(self._group, scarce.groups).any():
            return False
        return not any(np.array_equal(stock.groups, scarce.groups) for stock in self._rows)

    def _add(self, program: LinearProgram, scarce: Scarce, total: Floats, slope: Floats) -> None:
        """Add the row of some stock."""
        inside = np.flatnonzero(np.isin(self._group, scarce.groups))
        capacity = float(self._model.groups.stock[scarce.groups].sum())
        scale = float(self._column_size[inside].max(initial=0.0)) or 1.0
        stock = _StockRow(-1, scarce.groups, scarce.classes, capacity, scale)
        columns = np.append(inside, len(self._columns))
        values = np.append(self._column_size[inside] / stock.scale, self._lean(stock, slope))
        stock.row = program.add_row(columns, values, self._high(stock, total))
        self._rows.append(stock)

    def _high(self, stock: _StockRow, total: Floats) -> float:
        return (stock.capacity - float(total[stock.classes].sum())) / stock.scale

    def _lean(self, stock: _StockRow, slope: Floats) -> float:
        return -float(slope[stock.classes].sum()) / stock.scale


def touched(model: Model, merged: Merged) -> Bools:
    """Say which classes have an arc that uses a row other than stock."""
    rows = model.rows
    limited = np.zeros(len(model.arcs.group), np.bool_)
    limited[rows.entry_arc[rows.kind[rows.entry_row] != RowKind.SUPPLY]] = True
    side = np.zeros(merged.classes, np.bool_)
    side[merged.arc_class[limited[merged.arc]]] = True
    return side


def _first_members(merged: Merged) -> Ints:
    """Return a demand of every class."""
    inside = np.flatnonzero(merged.of_demand >= 0)
    first = np.zeros(merged.classes, np.int64)
    first[merged.of_demand[inside[::-1]]] = inside[::-1]
    return first
