"""Progressive filling: the exact lexicographic max-min under packing constraints.

All levels rise together; where a constraint is used up, its demands stop there for good and
the others rise on. Each constraint's stopping level is the root of a piecewise-linear
function, found by sorting the levels at which its demands start and end to rise.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from aidlog.allocation.model import Bools, Floats, Ints

#: Relative slack below which a constraint counts as used up.
_TIGHT = 1e-12


@dataclass(frozen=True, slots=True)
class _Course:
    """How the use of one constraint grows: at ``level`` its slope changes by ``step``."""

    level: Floats
    step: Floats
    demand: Ints


class Filling:
    """Demands that rise from ``start`` to at most ``cap``, ``rise`` packs per unit of level."""

    def __init__(self, start: Floats, cap: Floats, rise: Floats, active: Bools) -> None:
        self.start, self.cap, self.rise, self.active = start, cap, rise, active
        self._room: list[float] = []
        self._courses: list[_Course] = []
        self._parts: list[tuple[Ints, Ints, Floats]] = []
        none = np.zeros(0, np.int64)
        self._kept: tuple[Ints, Ints, Floats] = (none, none, np.zeros(0))

    def __len__(self) -> int:
        return len(self._room)

    def add(self, demand: Ints, weight: Floats, room: float) -> None:
        """Add ``Σ weight · packs ≤ room`` for packs sent above the start level."""
        rising = self.active[demand]
        demand = demand[rising]
        use = weight[rising] * self.rise[demand]
        level = np.concatenate((self.start[demand], self.cap[demand]))
        order = np.argsort(level, kind="stable")
        self._courses.append(
            _Course(
                level[order],
                np.concatenate((use, -use))[order],
                np.concatenate((demand, demand))[order],
            )
        )
        self._parts.append((np.full(len(demand), len(self._room), np.int64), demand, use))
        self._room.append(max(room, 0.0))

    def run(self) -> tuple[Floats, Ints]:
        """Return the levels and, for each demand, the constraint that stopped it (-1: none)."""
        levels = np.where(self.active, self.cap, self.start)
        stopped_by = np.full(len(levels), -1, np.int64)
        if not self._room:
            return levels, stopped_by
        first, touching, use = self._by_demand()
        rising = self.active.copy()
        room = np.array(self._room)
        courses = list(self._courses)
        queue = [(_stop(course, room[c]), c) for c, course in enumerate(courses)]
        queue = [entry for entry in queue if entry[0] < np.inf]
        heapq.heapify(queue)
        stale = np.zeros(len(room), np.bool_)
        while queue:
            level, c = heapq.heappop(queue)
            course = courses[c]
            if stale[c]:  # others that it shared with have stopped, so it lasts longer
                still = rising[course.demand]
                courses[c] = course = _Course(
                    course.level[still], course.step[still], course.demand[still]
                )
                level, stale[c] = _stop(course, max(room[c], 0.0)), False
                if level == np.inf:
                    continue
                if queue and level > queue[0][0]:
                    heapq.heappush(queue, (level, c))
                    continue
            stopping = np.unique(course.demand[rising[course.demand]])
            if len(stopping) == 0:
                continue
            reached = np.clip(level, self.start[stopping], self.cap[stopping])
            levels[stopping] = reached
            stopped_by[stopping[self.cap[stopping] > level]] = c
            rising[stopping] = False
            count = first[stopping + 1] - first[stopping]
            at = np.repeat(first[stopping] - np.cumsum(count) + count, count) + np.arange(
                count.sum()
            )
            taken = use[at] * np.repeat(reached - self.start[stopping], count)
            np.subtract.at(room, touching[at], taken)
            stale[touching[at]] = True
        return levels, stopped_by

    def _by_demand(self) -> tuple[Ints, Ints, Floats]:
        """Return the constraints that touch each demand, as a compressed list.

        The list is kept; only what was added since the last call is merged into it.
        """
        if self._parts:
            constraint, demand, use = (
                np.concatenate(part) for part in zip(self._kept, *self._parts, strict=True)
            )
            order = np.argsort(demand, kind="stable")
            self._kept = (constraint[order], demand[order], use[order])
            self._parts = []
        constraint, demand, use = self._kept
        first = np.searchsorted(demand, np.arange(len(self.start) + 1))
        return first, constraint, use


def _stop(course: _Course, room: float) -> float:
    """Return the level at which ``room`` is used up, infinity where it never is."""
    if len(course.level) < 2:
        return float(np.inf)
    slope = np.maximum(np.cumsum(course.step)[:-1], 0.0)
    used = np.cumsum(slope * np.diff(course.level))
    if used[-1] <= room * (1.0 + _TIGHT):
        return float(np.inf)
    j = min(int(np.searchsorted(used, room, side="right")), len(used) - 1)
    before = used[j - 1] if j else 0.0
    return float(course.level[j] + max(room - before, 0.0) / slope[j])
