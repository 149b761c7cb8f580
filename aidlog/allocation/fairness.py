"""The fairest levels, by filling and asking.

Fill on the cuts known so far, ask whether the deliveries can be made, add the cut that says
no, and fill again, until they can.

Filling on cuts gives levels that no plan exceeds in the lexicographic order; deliveries that
can be made reach them. So the last filling is the optimum, and its cuts are the proof.

Where stock and roads bind together, the lowest bottleneck is made exact before the next: all
are asked to stop at its height, so that nothing higher blurs the answer, and the height
falls to what each new cut allows until it can be delivered (Newton's method). Whoever stands
below that height stands there for good, for the needs above do not matter to them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from aidlog.allocation.coupling import Coupling
from aidlog.allocation.cuts import Cut, Pricing
from aidlog.allocation.filling import Filling
from aidlog.allocation.linear import NoAnswer
from aidlog.allocation.merging import Merged, merge
from aidlog.allocation.model import Bools, Floats, Ints, Model, RowKind
from aidlog.allocation.shortage import SideLimits
from aidlog.allocation.stock_flows import StockFlows

#: A change of levels that is none.
_NOTHING = 1e-13
#: How much of a common step those take part in whose levels are settled: hardly any.
_SETTLED = 1e-4
#: A height is asked for with this much above it, relative to it.
_ABOVE = 1e-9


def _never() -> bool:
    return False


@dataclass(slots=True)
class Clock:
    """Time and patience: when to stop, and whom to tell how far the work is."""

    deadline: float | None = None
    asked_to_stop: Callable[[], bool] = _never
    asked_to_finish: Callable[[], bool] = _never
    report: Callable[[str, float, float | None, float | None], None] = lambda *_: None

    def left(self) -> float | None:
        """Return the seconds that are left, None without a limit."""
        if self.asked_to_finish():
            return 0.0
        return None if self.deadline is None else max(self.deadline - time.monotonic(), 0.0)

    def over(self) -> bool:
        """Say whether to stop now."""
        return self.asked_to_stop() or self.left() == 0.0

    @property
    def stopper(self) -> Callable[[], bool] | None:
        """What a long solve must ask now and then, None where nobody can stop it."""
        if self.asked_to_stop is _never and self.asked_to_finish is _never:
            return None
        return lambda: self.asked_to_stop() or self.asked_to_finish()


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
    _merged: Merged = field(init=False)
    _stock: StockFlows = field(init=False)
    _sides: SideLimits | None = field(init=False, default=None)
    _coupling: Coupling | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        counted = self.model.rows.kind == RowKind.SUPPLY
        self._pricing = Pricing(self.model)
        self._merged = merge(self.model, counted)
        self._stock = StockFlows(self.model, self._merged)
        if not counted.all():
            self._sides = SideLimits(self.model)
        self.cuts += self._pricing.obvious()

    def climb(self, ladder: Ladder) -> Rung:
        """Return the lexicographically largest ascending levels of those who rise."""
        filling = Filling(ladder.start, ladder.cap, ladder.rise, ladder.rising)
        rung = self._fill(filling, ladder)
        for stage in (self._ask_stock, self._ask_sides):
            while True:
                self._tell(rung)
                if self.clock.over():
                    return rung
                try:
                    new = stage(rung.packs, rung.levels)
                except NoAnswer:
                    return rung
                if not new:
                    break
                before, rung = rung, self._cut_down(filling, ladder, new)
                if _same(before, rung):
                    break  # the cut is broken by the arithmetic's last digits only
        if self._sides is None:
            return _proven(rung)
        return self._climb_coupled(filling, ladder, rung)

    def _climb_coupled(self, filling: Filling, ladder: Ladder, rung: Rung) -> Rung:
        """Settle one bottleneck after the other, from the lowest up.

        Everyone whose level is below ``settled`` has it for good; ``height`` is where the
        others are asked to stop for now, and who stands at it may step down.
        """
        settled, height = -np.inf, np.inf
        while True:
            self._tell(rung)
            if self.clock.over():
                return rung
            asked = np.minimum(rung.levels, height)
            free = rung.levels > (settled if height == np.inf else height * (1 - _ABOVE))
            try:
                new, step = self._ask_all(_packs(ladder, asked), self._steps(ladder, free))
            except NoAnswer:
                return rung
            if new:
                known = len(self.cuts)
                before, rung = rung, self._cut_down(filling, ladder, new)
                if not _same(before, rung):
                    lowest = float(rung.levels[rung.stopped_by >= known].min(initial=height))
                    if lowest < settled:  # what was settled by a hair was not
                        settled = -np.inf
                    if lowest <= (height - step) * (1 + _ABOVE) < np.inf:  # this can be sent
                        settled = lowest
                        height = self._next_height(ladder, rung, settled)
                    else:
                        height = _just_above(lowest)
                    continue  # else the arithmetic's last digits only: as if all could be sent
            if height == np.inf:
                return _proven(rung)
            settled = height
            height = self._next_height(ladder, rung, settled)

    def _next_height(self, ladder: Ladder, rung: Rung, settled: float) -> float:
        """Return where the next cut over stock and roads together stops somebody."""
        coupled = np.array([cut.coupled for cut in self.cuts], np.bool_)
        stopped = np.flatnonzero(
            (rung.stopped_by >= 0)
            & (rung.levels > settled)
            & (rung.levels > ladder.start + _NOTHING)
        )
        stopped = stopped[coupled[rung.stopped_by[stopped]]]
        return _just_above(float(rung.levels[stopped].min(initial=np.inf)))

    def can_deliver(self, packs: Floats) -> bool:
        """Say whether exactly these packs per demand can be delivered."""
        served = np.zeros(len(packs), np.bool_)
        served[self.model.arcs.demand] = True
        if (packs[~served] > 0).any():
            return False
        return not self._asked(packs, np.ones(len(packs)))

    def broken(self, packs: Floats, levels: Floats) -> list[Cut]:
        """Return cuts that the deliveries ``packs`` break, none if fractions can deliver them.

        The cuts are kept for what is asked later. ``levels`` say who matters most.

        Raises:
            NoAnswer: the linear program cannot decide.
        """
        found = self._asked(packs, levels)
        self.cuts += found
        return found

    def flow(self, packs: Floats) -> Floats:
        """Return packs along every arc that deliver ``packs``, where limits beside stock exist.

        Where the linear program fails, nothing is sent, and the trucks are filled by others.
        """
        assert self._sides is not None, "stock alone is routed item by item"
        try:
            return self._coupled().flow(
                packs, self._even_steps(packs), self.clock.left, self.clock.stopper
            )
        except NoAnswer:
            return np.zeros(len(self.model.arcs.group))

    def _asked(self, packs: Floats, levels: Floats) -> list[Cut]:
        """Ask the three questions, the quick ones first; return the cuts of the first no."""
        if found := self._ask_stock(packs, levels):
            return found
        if found := self._ask_sides(packs, levels):
            return found
        return [] if self._sides is None else self._ask_all(packs, self._even_steps(packs))[0]

    def _coupled(self) -> Coupling:
        if self._coupling is None:
            self._coupling = Coupling(self.model)
        return self._coupling

    def _tell(self, rung: Rung) -> None:
        rising = rung.ladder.rising
        lowest = float(rung.levels[rising].min()) if rising.any() else None
        self.clock.report(rung.ladder.name, 0.5, lowest, None)

    def _cut_down(self, filling: Filling, ladder: Ladder, new: list[Cut]) -> Rung:
        self.rounds += 1
        self.cuts += new
        return self._fill(filling, ladder)

    def _fill(self, filling: Filling, ladder: Ladder) -> Rung:
        """Fill on all cuts; what others hold and what everyone starts with counts as used."""
        for cut in self.cuts[len(filling) :]:
            used = float(cut.weight @ ladder.packs[cut.demand])
            filling.add(cut.demand, cut.weight, cut.capacity - used)
        levels, stopped_by = filling.run()
        return Rung(ladder, levels, _packs(ladder, levels), self.cuts, stopped_by, proven=False)

    def _steps(self, ladder: Ladder, unsettled: Bools) -> Floats:
        """Return the packs that each gives up for one step down of the common height."""
        steps = np.where(ladder.rise > 0, ladder.rise, self.model.demands.most)
        return np.where(ladder.rising & unsettled, steps, steps * _SETTLED)

    def _even_steps(self, packs: Floats) -> Floats:
        return np.maximum(self.model.demands.most, packs)

    def _ask_stock(self, packs: Floats, levels: Floats) -> list[Cut]:
        price = np.zeros(len(self.model.rows))
        for scarce in self._stock.scarce(self._merged.total(packs)):
            price[self._stock.row_of_group[scarce.groups]] = 1.0
        return self._pricing.violated(price, packs) if price.any() else []

    def _ask_sides(self, packs: Floats, levels: Floats) -> list[Cut]:
        """Return the cuts that ``packs`` break by roads and shared limits alone."""
        if self._sides is None:
            return []
        for height in (levels, np.ones(len(packs))):  # where tolerances fail it, evenly
            supplied = self._sides.prices(packs, height, self.clock.left, self.clock.stopper)
            found = self._pricing.violated(supplied.price, packs)
            if found or supplied.sure:
                return found
        raise NoAnswer("the linear program cannot decide")

    def _ask_all(self, packs: Floats, steps: Floats) -> tuple[list[Cut], float]:
        """Return the cuts that ``packs`` break by everything together, and the least step down."""
        for _ in range(2):
            supplied = self._coupled().prices(packs, steps, self.clock.left, self.clock.stopper)
            found = self._pricing.violated(supplied.price, packs)
            if found or supplied.sure:
                return found, supplied.step
            self._coupled().forget()
        raise NoAnswer("the linear program cannot decide")


def _packs(ladder: Ladder, levels: Floats) -> Floats:
    """Return packs per demand when those who rise stand at ``levels``."""
    risen = np.maximum(levels - ladder.start, 0.0) * ladder.rise
    return ladder.packs + np.where(ladder.rising, risen, 0.0)


def _same(one: Rung, other: Rung) -> bool:
    return bool(np.abs(one.levels - other.levels).max(initial=0.0) <= _NOTHING)


def _proven(rung: Rung) -> Rung:
    return replace(rung, proven=True)


def _just_above(height: float) -> float:
    return height + abs(height) * _ABOVE
