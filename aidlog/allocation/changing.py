"""A problem with one thing changed, as the engine's advice says: to be solved again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, TypeVar

from aidlog.allocation.problem import Problem, Route, SharedLimit
from aidlog.allocation.result import Act, Change

_Limited = TypeVar("_Limited", Route, SharedLimit)


def changed(problem: Problem, changes: Iterable[Change]) -> Problem:
    """Return ``problem`` with ``changes`` made to it.

    Packs more come as a lot of their own, like the one named, that can be counted on in full.
    """
    for change in changes:
        problem = _CHANGES[change.act](problem, change)
    return problem


def _drop_lock(problem: Problem, change: Change) -> Problem:
    """Return the problem without one lock that is as the change says."""
    named = (change.site, change.lot, change.item, change.packs, change.sense)
    locks = list(problem.locks)
    locks.remove(
        next(
            lock for lock in locks
            if (lock.site, lock.lot, lock.item, lock.packs, lock.sense) == named
        )
    )  # fmt: skip
    return dataclasses.replace(problem, locks=tuple(locks))


def _more_packs(problem: Problem, change: Change) -> Problem:
    assert change.lot is not None
    assert change.more is not None
    like = next(lot for lot in problem.lots if lot.id == change.lot)
    taken = {lot.id for lot in problem.lots}
    name = f"{like.id}+"
    while name in taken:
        name += "+"
    more = dataclasses.replace(like, id=name, packs=int(change.more), confidence=1.0)
    return dataclasses.replace(problem, lots=(*problem.lots, more))


def _more_road(problem: Problem, change: Change) -> Problem:
    return dataclasses.replace(
        problem,
        routes=tuple(
            _more(route, change)
            if (route.warehouse, route.site) == (change.warehouse, change.site)
            else route
            for route in problem.routes
        ),
    )


def _more_shared(problem: Problem, change: Change) -> Problem:
    return dataclasses.replace(
        problem,
        shared_limits=tuple(
            _more(limit, change) if limit.id == change.limit else limit
            for limit in problem.shared_limits
        ),
    )


def _more(record: _Limited, change: Change) -> _Limited:
    """Return a road or a limit with more in the field that the change names."""
    assert change.field is not None
    assert change.more is not None
    value: dict[str, Any] = {change.field: float(getattr(record, change.field)) + change.more}
    return dataclasses.replace(record, **value)


def _open_road(problem: Problem, change: Change) -> Problem:
    return dataclasses.replace(
        problem,
        routes=tuple(
            dataclasses.replace(route, open=True, open_from_period=1)
            if (route.warehouse, route.site) == (change.warehouse, change.site)
            else route
            for route in problem.routes
        ),
    )


def _free_earmark(problem: Problem, change: Change) -> Problem:
    return dataclasses.replace(
        problem,
        lots=tuple(
            dataclasses.replace(lot, sites=None) if lot.id == change.lot else lot
            for lot in problem.lots
        ),
    )


def _drop_guarantee(problem: Problem, change: Change) -> Problem:
    return dataclasses.replace(
        problem,
        needs=tuple(
            dataclasses.replace(need, min_fraction=0.0)
            if (need.site, need.item) == (change.site, change.item)
            else need
            for need in problem.needs
        ),
    )


_CHANGES = {
    Act.MORE_PACKS: _more_packs,
    Act.MORE_ROAD: _more_road,
    Act.MORE_SHARED: _more_shared,
    Act.OPEN_ROAD: _open_road,
    Act.FREE_EARMARK: _free_earmark,
    Act.DROP_LOCK: _drop_lock,
    Act.DROP_GUARANTEE: _drop_guarantee,
}
