"""Why everyone gets this much, in the words of the field, with names where there are any."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aidlog.allocation.building import countable_stock
from aidlog.allocation.cuts import Cut
from aidlog.allocation.model import Floats, Model, RowKind
from aidlog.allocation.phases import Fair
from aidlog.allocation.problem import Rule
from aidlog.allocation.result import Reason, ReasonCode
from aidlog.core.text import N_, Message

_SAME = 1e-9
#: How many limits are named where several hold needs back together.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """What a cut stands for: its kind, a name for people, and the needs it stops."""

    code: ReasonCode
    limit: str
    rows: tuple[int, ...]
    stopped: tuple[int, ...]


class Names:
    """Names of sites, items and places; the id where there is no name."""

    def __init__(self, model: Model) -> None:
        problem = model.problem
        self.sites = [site.name or site.id for site in problem.sites]
        self.items = [item.name or item.id for item in problem.items]
        self.warehouses = {place.id: place.name or place.id for place in problem.warehouses}
        self.site_by_id = dict(zip((s.id for s in problem.sites), self.sites, strict=True))
        self.limits = [limit.name or limit.id for limit in problem.shared_limits]


def bottlenecks(model: Model, fair: Fair) -> list[Bottleneck]:
    """Return the cuts that stopped needs in the tiers, the lowest level first."""
    names = Names(model)
    found = []
    for rung in fair.rungs:
        for index in np.unique(rung.stopped_by[rung.stopped_by >= 0]).tolist():
            stopped = np.flatnonzero(rung.stopped_by == index)
            lowest = float(rung.levels[stopped].min())
            code, limit = meaning(model, names, rung.cuts[index])
            rows = tuple(rung.cuts[index].row.tolist())
            found.append((lowest, index, Bottleneck(code, limit, rows, tuple(stopped.tolist()))))
    return [bottleneck for _, _, bottleneck in sorted(found, key=lambda f: f[:2])]


def meaning(model: Model, names: Names, cut: Cut) -> tuple[ReasonCode, str]:
    """Return what kind of limits a cut prices, and their name: several names if several."""
    rows = model.rows
    kinds = {RowKind(k) for k in rows.kind[cut.row].tolist()}
    about = rows.about[cut.row]
    if kinds == {RowKind.SUPPLY}:
        item = int(model.groups.item[about[0]])
        return ReasonCode.STOCK_USED_UP, names.items[item]
    if kinds <= {RowKind.ROUTE_KG, RowKind.ROUTE_M3}:
        sites = {model.routes[r].site for r in about.tolist()}
        if len(sites) == 1:
            return ReasonCode.ROUTE_FULL, names.site_by_id[sites.pop()]
    if kinds <= {RowKind.SHARED_KG, RowKind.SHARED_M3, RowKind.SHARED_COST}:
        limits = set(about.tolist())
        if len(limits) == 1:
            return ReasonCode.SHARED_LIMIT_FULL, names.limits[limits.pop()]
    if kinds == {RowKind.LOT_LOCK}:
        return ReasonCode.LOCKED, ""
    return ReasonCode.SEVERAL_LIMITS, _several(model, names, cut)


def _several(model: Model, names: Names, cut: Cut) -> str:
    """Return the names of items, sites and shared limits that a cut prices, the first few."""
    named = set()
    for row in cut.row.tolist():
        kind, about = RowKind(int(model.rows.kind[row])), int(model.rows.about[row])
        if kind is RowKind.SUPPLY:
            named.add(names.items[int(model.groups.item[about])])
        elif kind in (RowKind.ROUTE_KG, RowKind.ROUTE_M3):
            named.add(names.site_by_id[model.routes[about].site])
        elif kind is RowKind.LOT_LOCK:
            lot, _ = divmod(about, len(model.problem.sites))
            named.add(model.problem.lots[lot].id)
        else:
            named.add(names.limits[about])
    shown = sorted(named)
    return ", ".join(shown[:_NAMED]) + (" …" if len(shown) > _NAMED else "")


def reasons(
    model: Model, fair: Fair | None, found: list[Bottleneck], packs: Floats, rule: Rule
) -> list[Reason]:
    """Return the reason of every need, in the problem's order.

    ``packs`` per demand are what the plan sends.
    """
    names = Names(model)
    stopped_by = {d: bottleneck for bottleneck in found for d in bottleneck.stopped}
    total = model.per_need(packs)
    answers = []
    for p, need in enumerate(model.problem.needs):
        words = {
            "site": names.sites[model.needs.site[p]],
            "item": names.items[model.needs.item[p]],
        }
        if not model.needs.in_vector[p]:
            answers.append(_outside(model, p, words))
            continue
        unit = model.problem.items[model.needs.item[p]].pack_units
        covered = need.held_units + total[p] * unit >= need.need_units * (1 - _SAME)
        if covered:
            answers.append(
                _reason(ReasonCode.COVERED, N_("{site} gets all the {item} it needs."), words)
            )
        elif fair is None or rule is not Rule.LOWEST_FIRST:
            answers.append(_by_rule(rule, words))
        else:
            asked = float(fair.packs[p])
            crumb = total[p] == 0 and 0 < asked < 1 - _SAME
            bottleneck = stopped_by.get(p)
            answers.append(
                _unstopped(model, p, words)
                if bottleneck is None
                else _stopped(bottleneck, words, crumb=crumb)
            )
    return answers


def _reason(code: ReasonCode, template: str, words: dict[str, str], **more: object) -> Reason:
    return Reason(code=code, message=Message(template, {**words, **more}))


def _by_rule(rule: Rule, words: dict[str, str]) -> Reason:
    templates = {
        Rule.EQUAL_SHARE: N_(
            "{site} gets the same share of its gap in {item} as every other site."
        ),
        Rule.PRIORITY_WEIGHTS: N_(
            "{site} gets a share of its gap in {item} that grows with its weight."
        ),
        Rule.FIRST_COME: N_("{site} gets what earlier sites on the list left of {item}."),
        Rule.CHEAPEST: N_("{site} gets what cheaper roads left of {item}."),
        Rule.LOWEST_FIRST: N_("{site} gets the share of {item} that was found in the time given."),
    }
    return _reason(ReasonCode.RULE, templates[rule], words)


def _unstopped(model: Model, p: int, words: dict[str, str]) -> Reason:
    """Return why a need below full coverage is stopped by no limit of the fractional plan.

    Either a person's decision holds it, or fractions of packs would cover it and whole packs
    do not. Without such a decision in the problem none may be named.
    """
    need = model.problem.needs[p]
    items = {lot.id: lot.item for lot in model.problem.lots}
    if any(
        lock.site == need.site and (lock.item or items.get(lock.lot or "")) == need.item
        for lock in model.problem.locks
    ):
        return _reason(
            ReasonCode.LOCKED, N_("A decision holds {item} for {site} at this number."), words
        )
    return _reason(
        ReasonCode.WHOLE_PACKS,
        N_("Parts of packs would cover {item} for {site}; in whole packs the plan found this."),
        words,
    )


def _stopped(bottleneck: Bottleneck, words: dict[str, str], *, crumb: bool) -> Reason:
    """Return why a need that is compared stays below full coverage."""
    count = len(bottleneck.stopped)
    code, limit = bottleneck.code, bottleneck.limit
    if crumb:
        one = N_("The fair share of {item} for {site} is less than one pack.")
        return Reason(
            code=ReasonCode.LESS_THAN_A_PACK,
            message=Message(one, words),
            limit=limit,
            shared_by=count,
        )
    templates = {
        ReasonCode.STOCK_USED_UP: (
            N_("All {limit} that can reach {site} is given out, and no other need shares it."),
            N_("All {limit} that can reach {site} is given out; {count} needs share it fairly."),
        ),
        ReasonCode.ROUTE_FULL: (
            N_("The trucks to {limit} are full."),
            N_("The trucks to {limit} are full; {count} needs there share them fairly."),
        ),
        ReasonCode.SHARED_LIMIT_FULL: (
            N_("The limit “{limit}” is used up."),
            N_("The limit “{limit}” is used up; {count} needs share it fairly."),
        ),
        ReasonCode.LOCKED: (
            N_("A decision holds {item} for {site} at this number."),
            N_("A decision holds {item} for {site} at this number."),
        ),
        ReasonCode.SEVERAL_LIMITS: (
            N_("Stock and trucks together hold back {item} for {site}."),
            N_("Stock and trucks together hold back {item} for {site}; {count} needs share them."),
        ),
    }
    one, many = templates[code]
    values = {**words, "limit": limit, "count": count}
    return Reason(
        code=code,
        message=Message(one, values, plural=many, count=count),
        limit=limit,
        shared_by=count,
    )


def _outside(model: Model, p: int, words: dict[str, str]) -> Reason:
    """Return why a need is not compared with others."""
    need = model.problem.needs[p]
    if model.needs.locked[p]:
        return _reason(
            ReasonCode.LOCKED, N_("A decision fixes how much {item} {site} gets."), words
        )
    if need.need_units == 0:
        return _reason(ReasonCode.NO_NEED, N_("{site} needs no {item}."), words)
    if need.held_units >= need.need_units:
        return _reason(
            ReasonCode.HELD_ENOUGH,
            N_("{site} has all the {item} it needs, or it is on the way."), words,
        )  # fmt: skip
    code, template = _unreachable(model, p)
    return _reason(code, template, words)


def _unreachable(model: Model, p: int) -> tuple[ReasonCode, str]:
    """Return what keeps all stock from a need: the first of stock, road, earmark and expiry."""
    need, problem = model.problem.needs[p], model.problem
    stock = [
        lot
        for lot in problem.lots
        if lot.item == need.item
        and countable_stock(lot, divisible=problem.divisible) > 0
        and lot.available_period <= problem.periods
    ]
    if not stock:
        return ReasonCode.NO_STOCK, N_("No warehouse holds {item}.")
    roads = {
        route.warehouse
        for route in model.routes
        if route.site == need.site and route.open_from_period <= problem.periods
    }
    near = [lot for lot in stock if lot.warehouse in roads]
    if not near:
        return ReasonCode.NO_ROAD, N_(
            "No open road leads to {site} from a warehouse that holds {item}."
        )
    if not any(lot.sites is None or need.site in lot.sites for lot in near):
        return ReasonCode.EARMARKED_ELSEWHERE, N_(
            "All {item} that could reach {site} is earmarked for other sites."
        )
    return ReasonCode.EXPIRES_BEFORE_ARRIVAL, N_(
        "The {item} that could go to {site} would expire too soon after arrival."
    )
