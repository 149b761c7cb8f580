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
#: Where stock and roads are asked about together, they are also asked with all levels cut off
#: at these quantiles, from the top down: each height names its own bottlenecks.
_HEIGHTS = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.03)
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

    def part(self, share: float) -> Clock:
        """Return a clock that runs out after a share of what is left, if anything limits it."""
        left = self.left()
        return self if left is None else replace(self, deadline=time.monotonic() + left * share)

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
    #: which phase is worked on, from zero, and of how many
    phase: int = 0
    phases: int = 1
    _pricing: Pricing = field(init=False)
    _by_stock: Merged = field(init=False)
    _alike: Merged = field(init=False)
    _named: Bools = field(init=False)
    _stock: StockFlows = field(init=False)
    _sides: SideLimits | None = field(init=False, default=None)
    _all: Coupling | None = field(init=False, default=None)
    _core: Coupling | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        counted = self.model.rows.kind == RowKind.SUPPLY
        self._by_stock = merge(self.model, counted)
        self._alike = self._by_stock
        if not counted.all():
            self._alike = merge(self.model, np.ones(len(counted), np.bool_))
        self._pricing = Pricing(self.model, self._alike)
        self._stock = StockFlows(self.model, self._by_stock)
        if not counted.all():
            self._sides = SideLimits(self.model)
        self._named = np.zeros(len(self.model.problem.sites), np.bool_)
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
        """Ask about everything; where that says no, settle the sites and items that it names."""
        while not self.clock.over():
            self._tell(rung)
            try:
                new = self._ask_heights(ladder, rung)
                if not new:
                    return _proven(rung)
                known = len(self.cuts)
                before, rung = rung, self._cut_down(filling, ladder, new)
                if _same(before, rung):
                    return _proven(rung)  # broken by the arithmetic's last digits only
                lowest = float(rung.levels[rung.stopped_by >= known].min(initial=np.inf))
                rung = self._settle(self._core_with(new), filling, ladder, rung, lowest)
            except NoAnswer:
                break
        return rung

    def _ask_heights(self, ladder: Ladder, rung: Rung) -> list[Cut]:
        """Return the cuts that ``rung`` breaks; the first time also when all stop lower."""
        everyone, found = self._steps(ladder, ladder.rising), list[Cut]()
        levels = rung.levels[ladder.rising]
        lower = [] if self._core is not None else np.quantile(levels, _HEIGHTS).tolist()
        for height in (np.inf, *lower):
            asked = _packs(ladder, np.minimum(rung.levels, height))
            new = self._ask_all(self._coupled(), asked, everyone)
            if not new:
                break
            found += new
        return found

    def _settle(
        self, core: Coupling, filling: Filling, ladder: Ladder, rung: Rung, height: float
    ) -> Rung:
        """Settle one bottleneck after the other, from the lowest up.

        Everyone whose level is below ``settled`` has it for good; ``height`` is where the
        others are asked to stop for now.
        """
        settled, stride, height = -np.inf, 1, _just_above(height)
        while not self.clock.over():
            self._tell(rung, settled)
            asked = _packs(ladder, np.minimum(rung.levels, height))
            new = self._ask_all(core, asked, self._steps(ladder, rung.levels > settled))
            if new:
                known = len(self.cuts)
                before, rung = rung, self._cut_down(filling, ladder, new)
                if not _same(before, rung):
                    lowest = float(rung.levels[rung.stopped_by >= known].min(initial=height))
                    stride, height = 1, _just_above(max(lowest, settled))
                    continue  # else the arithmetic's last digits only: as if all could be sent
            if height == np.inf:
                break
            settled = height
            height, stride = self._next_height(ladder, rung, settled, stride), stride * 2
        return rung

    def _core_with(self, cuts: list[Cut]) -> Coupling:
        """Return the program over the sites that ``cuts`` and earlier ones name."""
        rows, sites = self.model.rows, self.model.demands.site
        priced = np.zeros(len(rows), np.bool_)
        priced[np.concatenate([cut.row for cut in cuts])] = True
        priced &= rows.kind != RowKind.SUPPLY
        named = np.zeros(len(self.model.problem.sites), np.bool_)
        named[sites[self.model.arcs.demand[rows.entry_arc[priced[rows.entry_row]]]]] = True
        if self._core is None or (named & ~self._named).any():
            self._named |= named
            inside = np.zeros(self._alike.classes, np.bool_)
            of = self._alike.of_demand
            members = np.flatnonzero((of >= 0) & self._named[self.model.demands.site])
            inside[of[members]] = True
            known = self._coupled() if self._core is None else self._core
            self._core = Coupling(self.model, self._alike, inside, together=True, like=known)
        return self._core

    def _next_height(self, ladder: Ladder, rung: Rung, settled: float, stride: int) -> float:
        """Return the height of the next but ``stride`` stop by stock and roads together."""
        coupled = np.array([cut.coupled for cut in self.cuts], np.bool_)
        stopped = np.flatnonzero(
            (rung.stopped_by >= 0)
            & (rung.levels > settled)
            & (rung.levels > ladder.start + _NOTHING)
        )
        stopped = stopped[coupled[rung.stopped_by[stopped]]]
        heights = np.unique(rung.levels[stopped].round(9))
        return _just_above(float(heights[stride - 1])) if stride <= len(heights) else np.inf

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

        Raises:
            NoAnswer: the linear program cannot say, or not in time.
        """
        assert self._sides is not None, "stock alone is routed item by item"
        return self._coupled().flow(
            packs, self._even_steps(packs), self.clock.left, self.clock.stopper
        )

    def _asked(self, packs: Floats, levels: Floats) -> list[Cut]:
        """Ask the three questions, the quick ones first; return the cuts of the first no."""
        if found := self._ask_stock(packs, levels):
            return found
        if found := self._ask_sides(packs, levels):
            return found
        if self._sides is None:
            return []
        return self._ask_all(self._coupled(), packs, self._even_steps(packs))

    def _coupled(self) -> Coupling:
        if self._all is None:
            every = np.ones(self._alike.classes, np.bool_)
            self._all = Coupling(self.model, self._alike, every, together=False)
        return self._all

    def _tell(self, rung: Rung, settled: float = -np.inf) -> None:
        """Tell the lowest level, a bound, and the share of the levels that are settled."""
        levels = rung.levels[rung.ladder.rising]
        lowest = float(levels.min()) if len(levels) else None
        share = float((levels <= settled).mean()) if len(levels) else 0.0
        self.clock.report(rung.ladder.name, (self.phase + share) / self.phases, lowest, None)

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
        for scarce in self._stock.scarce(self._by_stock.total(packs)):
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

    def _ask_all(self, program: Coupling, packs: Floats, steps: Floats) -> list[Cut]:
        """Return the cuts that ``packs`` break by everything together."""
        for _ in range(2):
            supplied = program.prices(packs, steps, self.clock.left, self.clock.stopper)
            found = self._pricing.violated(supplied.price, packs)
            if found or supplied.sure:
                return found
            program.forget()
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
