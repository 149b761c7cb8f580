"""Who pays for each lock, guarantee, earmark and closed road, found by solving without it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from aidlog.allocation.building import countable_stock
from aidlog.allocation.explain import Names
from aidlog.allocation.lock_words import words
from aidlog.allocation.model import Model
from aidlog.allocation.result import Act, Change, Harm, Price, PriceKind
from aidlog.allocation.trying import SAME, Trials
from aidlog.allocation.worth import difference
from aidlog.core.text import N_, Message

#: How many of the needs that pay are named.
_NAMED = 5

_Question = tuple[PriceKind, Change, Message]


def prices(model: Model, trials: Trials) -> tuple[Price, ...]:
    """Return what decisions, promises and closed roads cost, while trials last.

    Locks come first, then guarantees, earmarks and roads, each kind as long as a share of the
    trials is left to it; within a kind those that concern the lowest needs come first.
    """
    kinds = (_locks(model), _guarantees(model), _earmarks(model), _closed_roads(model, trials))
    waiting = [list(kind) for kind in kinds]
    found = []
    for number, questions in enumerate(waiting):
        kinds_left = sum(1 for later in waiting[number:] if later)
        share = -(-trials.left // max(kinds_left, 1))
        for kind, change, message in questions[:share]:
            price = _price(model, trials, kind, change, message)
            if price is not None:
                found.append(price)
    return tuple(found)


def _price(
    model: Model, trials: Trials, kind: PriceKind, change: Change, message: Message
) -> Price | None:
    now, then = trials.now, trials.again((change,))
    if then is None:
        return None
    lift = then.levels - now.levels
    real = model.needs.full > 0
    harmed = np.flatnonzero(real & (lift > SAME))
    harmed = harmed[np.lexsort((-lift[harmed], now.levels[harmed].round(9)))]
    needs = model.problem.needs
    named = tuple(
        Harm(
            site=needs[p].site,
            item=needs[p].item,
            now=float(now.levels[p]),
            without=float(then.levels[p]),
        )
        for p in harmed[:_NAMED].tolist()
    )
    return Price(
        kind=kind,
        change=change,
        message=_sentence(model, kind, message, named, len(harmed)),
        worth=difference(now, then, ()),
        harmed=named,
        needs_harmed=len(harmed),
        needs_helped=int((real & (lift < -SAME)).sum()),
    )


def _sentence(
    model: Model, kind: PriceKind, what: Message, harmed: tuple[Harm, ...], count: int
) -> Message:
    """Return what something costs: whom most of all, and how much."""
    if not harmed:
        return Message(N_("{what} It costs nobody anything."), {"what": what})
    names, worst = Names(model), harmed[0]
    items = {item.id: item.name or item.id for item in model.problem.items}
    values = {
        "what": what,
        "count": count,
        "item": items[worst.item],
        "site": names.site_by_id[worst.site],
        "now": f"{worst.now:.1%}",
        "without": f"{worst.without:.1%}",
    }
    if kind is PriceKind.CLOSED_ROAD:
        one = N_(
            "{what} If it were open, {count} need would stand higher: {item} at {site} at"
            " {without} instead of {now}."
        )
        many = N_(
            "{what} If it were open, {count} needs would stand higher, the lowest {item} at"
            " {site}: at {without} instead of {now}."
        )
    else:
        one = N_(
            "{what} {count} need stands lower for it: {item} at {site}, at {now} instead of"
            " {without}."
        )
        many = N_(
            "{what} {count} needs stand lower for it, the lowest {item} at {site}: at {now}"
            " instead of {without}."
        )
    return Message(one, values, plural=many, count=count)


def _locks(model: Model) -> Iterable[_Question]:
    problem = model.problem
    for lock in problem.locks:
        change = Change(
            act=Act.DROP_LOCK,
            site=lock.site,
            item=lock.item,
            lot=lock.lot,
            packs=lock.packs,
            sense=lock.sense,
        )
        yield PriceKind.LOCK, change, words(problem, lock)


def _guarantees(model: Model) -> Iterable[_Question]:
    """Yield the promises to needs that are compared, the greatest share first."""
    names, problem = Names(model), model.problem
    promised = np.flatnonzero(model.needs.in_vector & (model.needs.guarantee > 0)).tolist()
    for p in sorted(promised, key=lambda p: -problem.needs[p].min_fraction):
        need = problem.needs[p]
        message = Message(
            N_("{share} of the {item} that {site} needs is promised."),
            {
                "share": f"{need.min_fraction:.0%}",
                "item": names.items[int(model.needs.item[p])],
                "site": names.sites[int(model.needs.site[p])],
            },
        )
        change = Change(act=Act.DROP_GUARANTEE, site=need.site, item=need.item)
        yield PriceKind.GUARANTEE, change, message


def _earmarks(model: Model) -> Iterable[_Question]:
    """Yield the lots that only some sites may have, the largest first."""
    problem = model.problem
    items = {item.id: item.name or item.id for item in problem.items}
    marked = [
        lot
        for lot in problem.lots
        if lot.sites is not None
        and countable_stock(lot, divisible=problem.divisible) > 0
        and len(lot.sites) < len(problem.sites)
    ]
    for lot in sorted(marked, key=lambda lot: -lot.packs):
        message = Message(
            N_("Lot {lot} of {item} may go to {count} site only."),
            {"lot": lot.id, "item": items[lot.item], "count": len(lot.sites or ())},
            plural=N_("Lot {lot} of {item} may go to {count} sites only."),
            count=len(lot.sites or ()),
        )
        change = Change(act=Act.FREE_EARMARK, lot=lot.id, warehouse=lot.warehouse, item=lot.item)
        yield PriceKind.EARMARK, change, message


def _closed_roads(model: Model, trials: Trials) -> Iterable[_Question]:
    """Yield closed roads from stock to a need that it could raise, the lowest need first."""
    names, problem = Names(model), model.problem
    stocked: dict[str, set[str]] = {}
    for lot in problem.lots:
        if countable_stock(lot, divisible=problem.divisible) > 0:
            stocked.setdefault(lot.warehouse, set()).add(lot.item)
    short: dict[str, dict[str, float]] = {}
    low = (model.needs.full > 0) & (trials.now.levels < model.needs.cap - SAME)
    for p in np.flatnonzero(low).tolist():
        need = problem.needs[p]
        short.setdefault(need.site, {})[need.item] = float(trials.now.levels[p])
    waiting = []
    for road in problem.routes:
        if road.open and road.open_from_period <= problem.periods:
            continue
        wanted = stocked.get(road.warehouse, set()) & short.get(road.site, {}).keys()
        if wanted:
            lowest = min(short[road.site][item] for item in wanted)
            waiting.append((lowest, road.warehouse, road.site))
    for _, warehouse, site in sorted(waiting):
        message = Message(
            N_("The road from {warehouse} to {site} is closed."),
            {"warehouse": names.warehouses[warehouse], "site": names.site_by_id[site]},
        )
        change = Change(act=Act.OPEN_ROAD, warehouse=warehouse, site=site)
        yield PriceKind.CLOSED_ROAD, change, message
