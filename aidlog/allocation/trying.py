"""Solving again with something changed: every figure of advice comes from here.

A trial starts from the cuts that stopped needs before: their prices are put on the rows of
the changed problem, where they make valid cuts again (any prices do), so that little is left
to find. Trials are counted, not timed: the same problem is tried in the same ways everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from aidlog.allocation.building import build
from aidlog.allocation.changing import changed
from aidlog.allocation.checking import check
from aidlog.allocation.cuts import Cut, Pricing
from aidlog.allocation.fairness import Clock, Fairness
from aidlog.allocation.measures import coverage
from aidlog.allocation.model import Bools, Floats, Model
from aidlog.allocation.phases import Fair, fairest
from aidlog.allocation.proof import row_names
from aidlog.allocation.result import Change
from aidlog.allocation.snapshot import canonical

#: Trials are made while their arcs together stay below this, and this many in any case.
_TRIED_ARCS = 80_000
_LEAST, _MOST = 2, 200
#: Levels closer than this are the same level.
SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Standing:
    """Levels of all needs in a fractional optimum, who is compared, and people times items."""

    levels: Floats
    compared: Bools
    people_items: float


class Trials:
    """Tries changes to one solved problem."""

    def __init__(self, model: Model, fair: Fair, clock: Clock) -> None:
        self._model, self._clock = model, clock
        self._quiet = Clock(
            deadline=clock.deadline,
            asked_to_stop=clock.asked_to_stop,
            asked_to_finish=clock.asked_to_finish,
        )
        self._binding = _binding(fair)
        self.left = int(np.clip(_TRIED_ARCS // max(len(model.arcs.group), 1), _LEAST, _MOST))
        self.now = standing(model, fair)

    def again(self, changes: Iterable[Change]) -> Standing | None:
        """Return where all needs stand after ``changes``; None where that was not found out.

        Not found out: the trials or the time are used up, there is no proof, or the changed
        problem may not be asked (a road would open to goods whose weight nobody knows).
        """
        if self.left <= 0 or self._clock.over():
            return None
        self.left -= 1
        problem = canonical(changed(self._model.problem, changes))
        if self._clock.asked_to_stop() or check(problem) or self._clock.asked_to_stop():
            return None
        model = build(problem)
        if self._clock.asked_to_stop():
            return None
        fairness = Fairness(model, self._quiet)
        if self._clock.asked_to_stop():
            return None
        fairness.cuts += carried(self._model, self._binding, model)
        fair = fairest(model, fairness)
        return standing(model, fair) if fair.proven else None


def standing(model: Model, fair: Fair) -> Standing:
    """Return where all needs stand in a fractional optimum."""
    people = np.array([site.population for site in model.problem.sites], np.float64)
    covered = coverage(model, fair.packs)
    real = model.needs.full > 0
    return Standing(
        fair.levels, model.needs.in_vector, float(people[model.needs.site[real]] @ covered[real])
    )


def _binding(fair: Fair) -> list[Cut]:
    """Return the cuts that stop somebody in some phase."""
    found: dict[int, Cut] = {}
    for rung in fair.rungs:
        for index in np.unique(rung.stopped_by[rung.stopped_by >= 0]).tolist():
            found.setdefault(id(rung.cuts[index]), rung.cuts[index])
    return list(found.values())


def carried(old: Model, cuts: Iterable[Cut], new: Model) -> list[Cut]:
    """Return cuts of ``new`` with the prices that ``cuts`` put on the rows of ``old``."""
    place = {_key(name): row for row in range(len(new.rows)) for name in row_names(new, row)}
    pricing = Pricing(new)
    found: list[Cut] = []
    for cut in cuts:
        price = np.zeros(len(new.rows))
        for row, amount in zip(cut.row.tolist(), cut.price.tolist(), strict=True):
            for name in row_names(old, row):
                at = place.get(_key(name))
                if at is not None:
                    price[at] = max(price[at], amount)
        if price.any():
            found += pricing.cuts(price)
    return found


def _key(name: list[str | int]) -> str:
    return json.dumps(name)
