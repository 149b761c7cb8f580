"""What can be changed in a plan's frozen question to see what would happen. Pure.

Every change is made to the question alone: no stock, road or count changes by it. Where a
change counts on goods that nobody holds or promised, it says so (``not_there``): no plan may
count on them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TypeVar

from aidlog.allocation.changing import changed
from aidlog.allocation.problem import Lot, Problem, Route, SharedLimit
from aidlog.allocation.result import Change
from aidlog.planning.case_words import CaseChange, Said, What, advice_said, said


def with_changes(
    problem: Problem, changes: Iterable[CaseChange], *, fixed: frozenset[str] = frozenset()
) -> tuple[Problem, list[Said]]:
    """Return the question with ``changes`` made, and what was changed.

    ``fixed`` are items of which a site is due the same however many people live there.

    Raises:
        NotFound: a change names what is not in the question.
        CannotChange: a change would change nothing; the sentence says why.
    """
    told = []
    for change in changes:
        told.append(said(problem, change))
        problem = _renamed(problem, _made(problem, change, fixed))
    return problem, told


def advised(problem: Problem, advice: Iterable[Change]) -> tuple[Problem, list[Said]]:
    """Return the question with the engine's own advice followed, and what that is."""
    advice = tuple(advice)
    told = [advice_said(problem, change) for change in advice]
    return _renamed(problem, changed(problem, advice)), told


def _renamed(before: Problem, after: Problem) -> Problem:
    """Return ``after`` with limits named by their new size, where the name tells the old one."""
    old = {limit.id: limit for limit in before.shared_limits}
    limits = tuple(_by_size(limit, old[limit.id]) for limit in after.shared_limits)
    return dataclasses.replace(after, shared_limits=limits)


def _by_size(limit: SharedLimit, old: SharedLimit) -> SharedLimit:
    name = limit.name
    if limit.max_kg is not None and old.max_kg is not None:
        name = name.replace(f"{old.max_kg:.0f} kg", f"{limit.max_kg:.0f} kg")
    if limit.max_m3 is not None and old.max_m3 is not None:
        name = name.replace(f"{old.max_m3 * 1000:.0f} L", f"{limit.max_m3 * 1000:.0f} L")
    return dataclasses.replace(limit, name=name)


_Limited = TypeVar("_Limited", Route, SharedLimit)


def _trucks(problem: Problem, change: CaseChange) -> Problem:
    kg, m3 = float(change.number * change.kg), change.number * change.litres / 1_000
    if not change.limit:
        return _road(problem, change, lambda road: _wider(road, kg, m3))
    limits = tuple(
        _wider(limit, kg, m3) if limit.id == change.limit else limit
        for limit in problem.shared_limits
    )
    return dataclasses.replace(problem, shared_limits=limits)


def _wider(limited: _Limited, kg: float, m3: float) -> _Limited:
    """Return a road or a shared limit that bears more; what is not limited stays so."""
    return dataclasses.replace(
        limited,
        max_kg=None if limited.max_kg is None else limited.max_kg + kg,
        max_m3=None if limited.max_m3 is None else limited.max_m3 + m3,
    )


def _close(problem: Problem, change: CaseChange) -> Problem:
    return _road(problem, change, lambda road: dataclasses.replace(road, open=False))


def _open(problem: Problem, change: CaseChange) -> Problem:
    return _road(
        problem, change, lambda road: dataclasses.replace(road, open=True, open_from_period=1)
    )


def _road(problem: Problem, change: CaseChange, make: Callable[[Route], Route]) -> Problem:
    named = (change.warehouse, change.site)
    roads = tuple(
        make(road) if (road.warehouse, road.site) == named else road for road in problem.routes
    )
    return dataclasses.replace(problem, routes=roads)


def _people(problem: Problem, change: CaseChange, fixed: frozenset[str]) -> Problem:
    """Return the question with so many per cent more people, and what they need with them.

    People, households and needs grow alike, each rounded up to a whole one; a promised share
    of a need stays that share.
    """

    def grown(number: int) -> int:
        return -(-number * (100 + change.number) // 100)

    sites = tuple(
        dataclasses.replace(
            site,
            population=grown(site.population),
            households=None if site.households is None else grown(site.households),
        )
        if change.site in {"", site.id}
        else site
        for site in problem.sites
    )
    needs = tuple(
        dataclasses.replace(need, need_units=grown(need.need_units))
        if change.site in {"", need.site} and need.item not in fixed
        else need
        for need in problem.needs
    )
    return dataclasses.replace(problem, sites=sites, needs=needs)


def _more(problem: Problem, change: CaseChange) -> Problem:
    """Return the question with a lot more, which does not expire.

    Goods that the plan counts on for a later period come in the first one instead.
    """
    taken = {lot.id for lot in problem.lots}
    name = f"+more {change.item}@{change.warehouse}"
    if change.document:
        name = f"+{change.certainty}:{change.document}:{change.item}@{change.warehouse}"
        lots = tuple(lot for lot in problem.lots if lot.id != name)
        problem, taken = dataclasses.replace(problem, lots=lots), set()
    while name in taken:
        name += "+"
    lot = Lot(
        id=name,
        warehouse=change.warehouse,
        item=change.item,
        packs=change.number,
        sites=frozenset(change.only_for) or None,
    )
    return dataclasses.replace(problem, lots=(*problem.lots, lot))


def _less(problem: Problem, change: CaseChange) -> Problem:
    """Return the question with packs less, taken off the lots that expire last."""
    left = change.number
    kept: dict[str, int] = {}
    for lot in sorted(_stock(problem, change), key=_expires, reverse=True):
        kept[lot.id] = max(0, lot.packs - left)
        left -= lot.packs - kept[lot.id]
    lots = tuple(
        dataclasses.replace(lot, packs=kept.get(lot.id, lot.packs))
        for lot in problem.lots
        if kept.get(lot.id, lot.packs) > 0
    )
    return dataclasses.replace(problem, lots=lots)


def _stock(problem: Problem, change: CaseChange) -> list[Lot]:
    named = (change.warehouse, change.item)
    return [lot for lot in problem.lots if (lot.warehouse, lot.item) == named]


def _expires(lot: Lot) -> tuple[bool, int, str]:
    return lot.expiry_day is None, lot.expiry_day or 0, lot.id


def _forget_rounds(problem: Problem, change: CaseChange) -> Problem:
    needs = tuple(dataclasses.replace(need, carried=0.0) for need in problem.needs)
    return dataclasses.replace(problem, needs=needs)


def _made(problem: Problem, change: CaseChange, fixed: frozenset[str]) -> Problem:
    if change.what is What.PEOPLE:
        return _people(problem, change, fixed)
    return _MADE[change.what](problem, change)


#: How each change is made. Another rule changes nothing in the question: it is how it is solved.
_MADE: dict[What, Callable[[Problem, CaseChange], Problem]] = {
    What.TRUCKS: _trucks,
    What.CLOSE_ROAD: _close,
    What.OPEN_ROAD: _open,
    What.IN_TIME: _more,
    What.MORE_STOCK: _more,
    What.LESS_STOCK: _less,
    What.RULE: lambda problem, _: problem,
    What.NO_EARLIER_ROUNDS: _forget_rounds,
}
