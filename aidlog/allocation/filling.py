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

    def of(self, rising: Bools) -> _Course:
        """Return the course of those who are still rising."""
        still = rising[self.demand]
        return _Course(self.level[still], self.step[still], self.demand[still])


def _course(demand: Ints, use: Floats, start: Floats, end: Floats) -> _Course:
    """Return how demands that rise from ``start`` to ``end`` use a constraint."""
    level = np.concatenate((start[demand], end[demand]))
    order = np.argsort(level, kind="stable")
    return _Course(
        level[order],
        np.concatenate((use, -use))[order],
        np.concatenate((demand, demand))[order],
    )


def _entries(first: Ints, demand: Ints) -> tuple[Ints, Ints]:
    """Return where the entries of each demand lie in the compressed list, and how many."""
    count = first[demand + 1] - first[demand]
    at = np.repeat(first[demand] - np.cumsum(count) + count, count) + np.arange(count.sum())
    return at, count


class Filling:
    """Demands that rise from ``start`` to at most ``cap``, ``rise`` packs per unit of level."""

    def __init__(self, start: Floats, cap: Floats, rise: Floats, active: Bools) -> None:
        self.start, self.cap, self.rise, self.active = start, cap, rise, active
        self._room: list[float] = []
        self._courses: list[_Course] = []
        self._parts: list[tuple[Ints, Ints, Floats]] = []
        none = np.zeros(0, np.int64)
        self._kept: tuple[Ints, Ints, Floats] = (none, none, np.zeros(0))
        self._known = 0
        self._levels = np.where(active, cap, start)
        self._stopped_by = np.full(len(start), -1, np.int64)

    def __len__(self) -> int:
        return len(self._room)

    def add(self, demand: Ints, weight: Floats, room: float) -> None:
        """Add ``Σ weight · packs ≤ room`` for packs sent above the start level."""
        rising = self.active[demand]
        demand = demand[rising]
        use = weight[rising] * self.rise[demand]
        self._courses.append(_course(demand, use, self.start, self.cap))
        self._parts.append((np.full(len(demand), len(self._room), np.int64), demand, use))
        self._room.append(max(room, 0.0))

    def run(self) -> tuple[Floats, Ints]:
        """Return the levels and, for each demand, the constraint that stopped it (-1: none).

        Below the height at which a constraint that is new since the last run first stops
        somebody, nothing has changed; filling goes on from there.
        """
        new = range(self._known, len(self._room))
        from_height = min((self._first_stop(c) for c in new), default=np.inf)
        self._known = len(self._room)
        if from_height < np.inf:
            self._fill_from(from_height)
        return self._levels.copy(), self._stopped_by.copy()

    def _first_stop(self, c: int) -> float:
        """Return where constraint ``c`` would be used up if everyone stood as they do now."""
        demand = self._courses[c].demand[self._courses[c].step > 0]
        use = self._courses[c].step[self._courses[c].step > 0]
        return _stop(_course(demand, use, self.start, self._levels), self._room[c])

    def _fill_from(self, height: float) -> None:
        """Fill again whatever stands at ``height`` or above."""
        first, touching, use = self._by_demand()
        levels, stopped_by = self._levels, self._stopped_by
        rising = self.active & (levels >= height * (1.0 - _TIGHT))
        levels[rising] = self.cap[rising]
        stopped_by[rising] = -1
        settled = np.flatnonzero(self.active & ~rising)
        room = np.array(self._room)
        at, count = _entries(first, settled)
        gone = np.repeat(levels[settled] - self.start[settled], count)
        room -= np.bincount(touching[at], use[at] * gone, len(room))
        courses: list[_Course] = []
        queue: list[tuple[float, int]] = []
        for c, course in enumerate(self._courses):
            courses.append(course.of(rising))
            level = _stop(courses[c], max(room[c], 0.0))
            if level < np.inf:
                queue.append((level, c))
        heapq.heapify(queue)
        stale = np.zeros(len(room), np.bool_)
        while queue:
            level, c = heapq.heappop(queue)
            course = courses[c]
            if stale[c]:  # others that it shared with have stopped, so it lasts longer
                courses[c] = course = course.of(rising)
                level, stale[c] = _stop(course, max(room[c], 0.0)), False
                if level == np.inf:
                    continue
                if queue and level > queue[0][0]:
                    heapq.heappush(queue, (level, c))
                    continue
            stopping = course.demand[(course.step > 0) & rising[course.demand]]
            if len(stopping) == 0:
                continue
            reached = np.clip(level, self.start[stopping], self.cap[stopping])
            levels[stopping] = reached
            stopped_by[stopping[self.cap[stopping] > level]] = c
            rising[stopping] = False
            at, count = _entries(first, stopping)
            taken = use[at] * np.repeat(reached - self.start[stopping], count)
            np.subtract.at(room, touching[at], taken)
            stale[touching[at]] = True

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
