"""The fairest levels, by filling and asking.

Fill on the cuts known so far, ask whether the deliveries can be made, add the cut that says
no, and fill again, until they can.

Filling on cuts gives levels that no plan exceeds in the lexicographic order; deliveries that
can be made reach them. So the last filling is the optimum, and its cuts are the proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from aidlog.allocation.cuts import Cut, Pricing
from aidlog.allocation.filling import Filling
from aidlog.allocation.linear import NoAnswer
from aidlog.allocation.model import Bools, Floats, Ints, Model, RowKind
from aidlog.allocation.shortage import ShortageProgram, StockFlows

#: A change of levels that is none.
_NOTHING = 1e-13


@dataclass(slots=True)
class Clock:
    """Time and patience: when to stop, and whom to tell how far the work is."""

    deadline: float | None = None
    asked_to_stop: Callable[[], bool] = lambda: False
    asked_to_finish: Callable[[], bool] = lambda: False
    report: Callable[[str, float, float | None, float | None], None] = lambda *_: None

    def left(self) -> float | None:
        """Return the seconds that are left, None without a limit."""
        if self.asked_to_finish():
            return 0.0
        return None if self.deadline is None else max(self.deadline - time.monotonic(), 0.0)

    def over(self) -> bool:
        """Say whether to stop now."""
        return self.asked_to_stop() or self.left() == 0.0


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who rises in one phase, and how; everyone else holds ``packs``.

    A demand in ``rising`` has level ``start`` with ``packs`` and gains one unit of level by
    ``rise`` packs, up to ``cap``.
    """

    name: str
    rising: Bools
    packs: Floats
    start: Floats
    cap: Floats
    rise: Floats


@dataclass(frozen=True, slots=True)
class Rung:
    """The answer of one phase. ``stopped_by`` counts in ``cuts``, -1 for those at their cap."""

    ladder: Ladder
    levels: Floats
    packs: Floats
    cuts: list[Cut]
    stopped_by: Ints
    proven: bool


@dataclass(slots=True)
class Fairness:
    """Cuts and feasibility programs of one model, kept through all phases."""

    model: Model
    clock: Clock
    cuts: list[Cut] = field(default_factory=list)
    rounds: int = 0
    _pricing: Pricing = field(init=False)
    _stock: StockFlows = field(init=False)
    _sides: ShortageProgram | None = field(init=False, default=None)
    _all: ShortageProgram | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        kinds = self.model.rows.kind
        self._pricing = Pricing(self.model)
        self._stock = StockFlows(self.model)
        sides = kinds != RowKind.SUPPLY
        if sides.any():
            self._sides = ShortageProgram(self.model, sides, self.model.demands.most)
        self.cuts += self._pricing.obvious()

    def climb(self, ladder: Ladder) -> Rung:
        """Return the lexicographically largest ascending levels of those who rise."""
        filling = Filling(ladder.start, ladder.cap, ladder.rise, ladder.rising)
        rung = self._fill(filling, ladder)
        for stage in (self._ask_stock, self._ask_sides, self._ask_all):
            while True:
                lowest = float(rung.levels[ladder.rising].min()) if ladder.rising.any() else None
                self.clock.report(ladder.name, 0.5, lowest, None)
                if self.clock.over():
                    return rung
                try:
                    new = stage(rung.packs, rung.levels)
                except NoAnswer:
                    return rung
                if not new:
                    break
                self.rounds += 1
                self.cuts += new
                before, rung = rung, self._fill(filling, ladder)
                if np.abs(rung.levels - before.levels).max() <= _NOTHING:
                    break  # the cut is broken by the arithmetic's last digits only
        return Rung(ladder, rung.levels, rung.packs, rung.cuts, rung.stopped_by, proven=True)

    def can_deliver(self, packs: Floats) -> bool:
        """Say whether exactly these packs per demand can be delivered."""
        served = np.zeros(len(packs), np.bool_)
        served[self.model.arcs.demand] = True
        if (packs[~served] > 0).any():
            return False
        level = np.ones(len(packs))
        return not any(
            ask(packs, level) for ask in (self._ask_stock, self._ask_sides, self._ask_all)
        )

    def broken(self, packs: Floats, levels: Floats) -> list[Cut]:
        """Return cuts that the deliveries ``packs`` break, none if fractions can deliver them.

        The cuts are kept for what is asked later. ``levels`` say who matters most.

        Raises:
            NoAnswer: the linear program cannot decide.
        """
        for ask in (self._ask_stock, self._ask_sides, self._ask_all):
            if found := ask(packs, levels):
                self.cuts += found
                return found
        return []

    def flow(self, packs: Floats) -> Floats:
        """Return packs along every arc that deliver ``packs``, where limits beside stock exist.

        The deadline is for finding levels; without this flow there would be no plan at all.
        Where the linear program fails, nothing is sent, and the trucks are filled by others.
        """
        assert self._sides is not None, "stock alone is routed item by item"
        try:
            return self._whole_program().flow(packs)
        except NoAnswer:
            return np.zeros(len(self.model.arcs.group))

    def _whole_program(self) -> ShortageProgram:
        if self._all is None:
            every = np.ones(len(self.model.rows), np.bool_)
            self._all = ShortageProgram(self.model, every, self.model.demands.most)
        return self._all

    def _fill(self, filling: Filling, ladder: Ladder) -> Rung:
        """Fill on all cuts; what others hold and what everyone starts with counts as used."""
        for cut in self.cuts[len(filling) :]:
            used = float(cut.weight @ ladder.packs[cut.demand])
            filling.add(cut.demand, cut.weight, cut.capacity - used)
        levels, stopped_by = filling.run()
        packs = ladder.packs + np.where(
            ladder.rising, np.maximum(levels - ladder.start, 0.0) * ladder.rise, 0.0
        )
        return Rung(ladder, levels, packs, self.cuts, stopped_by, proven=False)

    def _ask_stock(self, packs: Floats, levels: Floats) -> list[Cut]:
        price = self._stock.prices(packs)
        return [] if price is None else self._pricing.violated(price, packs)

    def _ask_sides(self, packs: Floats, levels: Floats) -> list[Cut]:
        if self._sides is None:
            return []
        return self._ask(self._sides, packs, levels)

    def _ask_all(self, packs: Floats, levels: Floats) -> list[Cut]:
        if self._sides is None:
            return []
        return self._ask(self._whole_program(), packs, levels)

    def _ask(self, program: ShortageProgram, packs: Floats, levels: Floats) -> list[Cut]:
        """Return the cuts that ``packs`` break, by a linear program over some of the rows."""
        supplied = program.prices(packs, levels, self.clock.left())
        found = self._pricing.violated(supplied.price, packs)
        if not found and not supplied.sure:  # its tolerances failed it: ask anew, evenly
            supplied = program.prices(packs, np.ones(len(packs)), self.clock.left())
            found = self._pricing.violated(supplied.price, packs)
            if not found and not supplied.sure:
                raise NoAnswer("the linear program cannot decide")
        return found
