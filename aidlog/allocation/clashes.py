"""Locks that cannot all be kept: which ones clash, as few as possible."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np

from aidlog.allocation.bounds import lock_bounds
from aidlog.allocation.building import build
from aidlog.allocation.fairness import Clock, Fairness
from aidlog.allocation.linear import NoAnswer
from aidlog.allocation.problem import Lock, Problem
from aidlog.allocation.whole_proof import PackProgram


def clashing_locks(problem: Problem, clock: Clock) -> tuple[Lock, ...]:
    """Return locks that exclude each other, none of which is innocent; empty if all can be kept.

    Without any single one of them the rest of the set could be kept. Where the locks clash in
    several ways, all those sets are returned together.
    """
    clock = Clock(asked_to_stop=clock.asked_to_stop)  # no deadline weighs more than a decision
    kept = list(problem.locks)
    clashing: list[Lock] = []
    while kept and not _can_keep(problem, kept, clock):
        guilty = list(kept)
        for lock in kept:
            without = [other for other in guilty if other is not lock]
            if not _can_keep(problem, without, clock):
                guilty = without
        clashing += guilty
        kept = [lock for lock in kept if all(lock is not bad for bad in guilty)]
    return tuple(clashing)


def _can_keep(problem: Problem, locks: Iterable[Lock], clock: Clock) -> bool:
    """Say whether some plan keeps all ``locks``: packs whole unless the problem is divisible."""
    locks = tuple(locks)
    if lock_bounds(problem, locks).contradictions():
        return False
    item_of = {lot.id: lot.item for lot in problem.lots}
    named = {(k.site, k.item or item_of[k.lot or ""]) for k in locks}
    needs = tuple(need for need in problem.needs if (need.site, need.item) in named)
    model = build(dataclasses.replace(problem, locks=locks, needs=needs))
    asked = model.demands.least_whole > 0
    if not asked.any():
        return True
    try:
        if not Fairness(model, clock).can_deliver(model.demands.least):
            return False
    except NoAnswer:  # what cannot be decided is not called a clash
        return True
    if problem.divisible:
        return True
    arcs = np.flatnonzero(asked[model.arcs.demand])
    program = PackProgram(model, np.flatnonzero(asked), arcs, model.rows.capacity_whole)
    proven, found = program.solve(clock)
    return found is not None or not proven
