"""Which stock goes where, once it is settled how much everyone receives.

Nothing here changes a delivery: among all ways to make the same deliveries the earliest is
taken, then the cheapest, then the one that leaves the longest-lasting stock in the store.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import numpy as np

from aidlog.allocation.fairness import Clock, Fairness
from aidlog.allocation.linear import Entries, LinearProgram, NoAnswer
from aidlog.allocation.model import Bools, Floats, Ints, Model, sums
from aidlog.allocation.parts import beside_stock, parts
from aidlog.allocation.phases import levels, tiers_of
from aidlog.allocation.urgency import SAME
from aidlog.allocation.whole_proof import PackProgram, phase_steps, require

#: Parts up to this many arcs are routed to the proved least cost in whole packs.
_PROVABLE_ARCS = 300
#: Above this many arcs the linear program for the cheapest routes is too slow to wait for.
_LINEAR_ARCS = 60_000
#: Rounds in which packs are sent along all arcs alike, when time is up; and packs too few to send.
_SCALINGS, _CRUMB = 20, 1e-6
#: The cheapest routes are sought for this part of what time is left.
_PART = 0.5
#: Shares of an even plan that are tried in a mixture with an uneven one.
_SHARES = (0.0, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0)


def route_whole(model: Model, flow: Ints, clock: Clock) -> Ints:
    """Return the best whole-pack routing of the deliveries that ``flow`` makes.

    Where equally fair plans differ in who receives, the earliest and then cheapest of them is
    taken, in parts that are small enough.
    """
    flow = flow.copy()
    side = beside_stock(model)
    every = np.ones(len(side), np.bool_)
    for demands, arcs in parts(model, every):
        if clock.over() or len(arcs) > _PROVABLE_ARCS:
            continue
        equals = interchangeable(model, demands, flow)
        tied = demands[side[demands]]
        if len(equals):
            flow[arcs] = _route_part(model, demands, arcs, equals, flow, clock)
        elif len(tied):
            mine = arcs[side[model.arcs.demand[arcs]]]
            if len(mine) > len(tied):
                flow[mine] = _route_part(model, tied, mine, equals, flow, clock)
    return _route_by_stock(model, flow.astype(np.float64), ~side, 1.0).astype(np.int64)


def route_fractions(model: Model, fairness: Fairness, packs: Floats) -> Floats:
    """Return the best routing of fractional deliveries; what is not feasible is left out."""
    side = beside_stock(model)
    if not side.any():
        flow = np.zeros(len(model.arcs.group))
        return _route_by_stock(model, flow, ~side, None, packs)
    flow, cheapest = fractional_flow(model, fairness, packs)
    if cheapest:
        return flow
    return _route_by_stock(model, flow, ~side, None, model.delivered(flow))


def fractional_flow(model: Model, fairness: Fairness, packs: Floats) -> tuple[Floats, bool]:
    """Return packs along arcs that deliver ``packs``, and whether no cheaper ones do.

    Above some size the cheapest take too long; then it is any that the limits allow. Out of
    time it is less than ``packs``, shared evenly.
    """
    clock = fairness.clock
    if not clock.over():
        with suppress(NoAnswer):
            if len(model.arcs.group) <= _LINEAR_ARCS:
                flow = _cheapest(model, packs, clock.part(_PART))
                return _evened(model, flow, packs, clock), True
        with suppress(NoAnswer):
            return _evened(model, fairness.flow(packs), packs, clock), False
    return _scaled(model, packs, _with_locks(model, clock)), False


def _evened(model: Model, flow: Floats, packs: Floats, clock: Clock) -> Floats:
    """Return packs along arcs that leave nobody further behind than need be.

    Where ``packs`` cannot all be sent (the clock ended before the levels were proved), linear
    programs let few bear it all. Between their ``flow`` and one that brings everybody a part,
    the mixture whose lowest level is highest is taken, tier by tier; both keep every limit, so
    it does too. What room that leaves is filled.
    """
    if (model.delivered(flow) >= packs * (1.0 - _CRUMB) - _CRUMB).all():
        return flow
    even = _scaled(model, packs, _with_locks(model, clock))
    tiers = [members for _, members in tiers_of(model) if members.any()]

    def lowest(share: float) -> list[float]:
        height = levels(model, model.delivered((1.0 - share) * flow + share * even))
        return [round(float(height[members].min()), 6) for members in tiers]

    best = max(_SHARES, key=lambda share: (lowest(share), -share))
    return _scaled(model, packs, (1.0 - best) * flow + best * even)


def _with_locks(model: Model, clock: Clock) -> Floats:
    """Return packs along arcs that bring what locks ask for, where they can be found."""
    locked = model.demands.least
    if locked.any() and len(model.arcs.group) <= _LINEAR_ARCS:
        with suppress(NoAnswer):
            return _cheapest(model, locked, Clock(asked_to_stop=clock.asked_to_stop))
    return np.zeros(len(model.arcs.group))


def _scaled(model: Model, packs: Floats, flow: Floats) -> Floats:
    """Return packs along arcs that keep every limit and bring a fair part of ``packs``, at once.

    Beyond ``flow`` all is sent along all arcs alike and cut down to what the fullest limit of
    each arc allows; what is missing is asked for again, from what is left.
    """
    arcs, rows = model.arcs, model.rows
    shut = np.zeros(len(flow), np.bool_)
    for _ in range(_SCALINGS):
        room = np.maximum(rows.capacity - model.used(flow), 0.0)
        shut[rows.entry_arc[room[rows.entry_row] <= rows.use * _CRUMB]] = True
        ways = sums(arcs.demand[~shut], np.ones(int((~shut).sum())), len(packs))
        missing = np.maximum(packs - model.delivered(flow), 0.0) / np.maximum(ways, 1.0)
        more = np.where(shut, 0.0, missing[arcs.demand])
        asked = model.used(more)
        allowed = np.minimum(room / np.maximum(asked, 1e-300), 1.0)
        share = np.ones(len(flow))
        np.minimum.at(share, rows.entry_arc, allowed[rows.entry_row])
        flow = flow + more * share
    return flow


def _stages(model: Model, arcs: Ints) -> list[Ints]:
    """Return integer costs per arc, the most important first: period, money, expiry."""
    period = model.arcs.period[arcs]
    money = model.arcs.cost[arcs]
    top = float(money.max(initial=0.0))
    scaled = np.rint(money * (1e6 / top)).astype(np.int64) if top else np.zeros(len(arcs), np.int64)
    return [
        period - period.min(initial=1),
        scaled,
        model.groups.expiry_rank[model.arcs.group[arcs]],
    ]


def _route_by_stock(
    model: Model, flow: Floats, members: Bools, unit: float | None, packs: Floats | None = None
) -> Floats:
    """Route ``members``, whom only stock holds back, by one minimum-cost flow an item.

    ``flow`` of the others stays. Packs are counted in ``unit``, None for as fine as 64 bits
    allow. A cost that comes first outweighs the later ones along every cycle of the flow.
    """
    from ortools.graph.python import min_cost_flow

    arcs = model.arcs
    wanted = model.delivered(flow) if packs is None else packs
    own = members[arcs.demand]
    spare = model.groups.stock - np.bincount(arcs.group[~own], flow[~own], len(model.groups.stock))
    flow = np.where(own, 0.0, flow)
    items = model.demands.item[arcs.demand]
    order = np.flatnonzero(own & (wanted[arcs.demand] > 0))
    order = order[np.argsort(items[order], kind="stable")]
    bounds = np.searchsorted(items[order], np.arange(len(model.problem.items) + 1))
    for low, high in pairwise(bounds):
        mine = order[low:high]
        if len(mine) == 0:
            continue
        groups, g = np.unique(arcs.group[mine], return_inverse=True)
        demands, d = np.unique(arcs.demand[mine], return_inverse=True)
        n, m = len(groups), len(demands)
        total = float(wanted[demands].sum())
        fine = unit or 2.0 ** np.floor(np.log2(2.0**45 / max(total, float(spare[groups].sum()), 1)))
        ask = np.floor(wanted[demands] * fine + (1e-9 if unit else 0)).astype(np.int64)
        have = np.ceil(spare[groups] * fine - 1e-9).astype(np.int64)
        cost = np.zeros(len(mine), np.int64)
        for stage in _stages(model, mine):
            cost = cost * ((int(stage.max(initial=0)) + 1) * (2 * n + 2)) + stage
        source = n + m
        problem = min_cost_flow.SimpleMinCostFlow()
        problem.add_arcs_with_capacity_and_unit_cost(
            np.concatenate((np.full(n, source), g)).astype(np.int32),
            np.concatenate((np.arange(n), n + d)).astype(np.int32),
            np.concatenate((have, ask[d])),
            np.concatenate((np.zeros(n, np.int64), cost)),
        )
        problem.set_nodes_supplies(
            np.concatenate((n + np.arange(m), [source])).astype(np.int32),
            np.concatenate((-ask, [ask.sum()])),
        )
        status = problem.solve_max_flow_with_min_cost()
        assert status == problem.OPTIMAL, "deliveries that were made once can be made again"
        flow[mine] = np.asarray(problem.flows(np.arange(n, n + len(mine)))) / fine
    return flow


def interchangeable(model: Model, demands: Ints, flow: Ints) -> Ints:
    """Return those of ``demands`` who could have another level of the plan in a plan as fair."""
    packs = model.delivered(flow).astype(np.int64)
    inside = np.zeros(len(packs), np.bool_)
    inside[demands] = True
    equal = np.zeros(len(packs), np.bool_)
    for steps in phase_steps(model, inside):
        own = steps.level(packs)
        for value in np.unique(own.round(12)).tolist():
            asked = steps.packs_at(value, strictly=False)
            able = np.isfinite(asked) & (asked <= model.demands.most_whole[steps.demand])
            asked = np.where(able, asked, 0).astype(np.int64)
            reached = np.minimum(steps.start + asked / steps.rise, steps.cap)
            near = SAME * max(1.0, value)
            could = (
                able
                & (np.abs(reached - value) <= near)
                & (asked >= model.demands.least_whole[steps.demand])
            )
            others = could & (np.abs(own - value) > near)
            if others.any():
                equal[steps.demand[could]] = True
    return np.flatnonzero(equal)


def _keep_fair(program: PackProgram, model: Model, equals: Ints, flow: Ints) -> None:
    """Let ``equals`` exchange their packs, as long as their sorted levels stay what they are."""
    packs = model.delivered(flow).astype(np.int64)
    inside = np.zeros(len(packs), np.bool_)
    inside[equals] = True
    for steps in phase_steps(model, inside):
        own = steps.level(packs)
        for value in np.unique(own.round(12)).tolist():
            count = int((own >= value - SAME * max(1.0, value)).sum())
            require(program.program, program.reaching, steps, value, count)


def _route_part(
    model: Model, demands: Ints, arcs: Ints, equals: Ints, flow: Ints, clock: Clock
) -> Ints:
    """Return the earliest, then cheapest packs along ``arcs`` for deliveries as fair as these."""
    others, best = flow.copy(), flow[arcs]
    others[arcs] = 0
    spare = model.rows.capacity_whole - model.used_whole(others)
    program = PackProgram(model, demands, arcs, spare)
    free = set(equals.tolist())
    sent = program.delivered(best)
    for demand in demands.tolist():
        if demand not in free:
            program.bound(demand, int(sent[demand]), int(sent[demand]))
    if free:
        _keep_fair(program, model, equals, flow)
    for costs in _stages(model, arcs):
        weighted = [int(c) * x for c, x in zip(costs, program.x, strict=True) if c]
        if not weighted or clock.over():
            continue
        program.program.minimize(sum(weighted))
        program.hint(best)
        proven, found = program.solve(clock)
        if found is None:
            break
        if int(found @ costs) <= int(best @ costs):
            best = found
        if not proven:
            break
        program.program.add(sum(weighted) <= int(best @ costs))
    return best


def _cheapest(model: Model, packs: Floats, clock: Clock) -> Floats:
    """Return the earliest, then cheapest fractional routing by linear programming."""
    arcs, rows = model.arcs, model.rows
    n, m, r = len(arcs.group), len(packs), len(rows)
    size = np.maximum(packs, 1e-9)
    value = rows.use * size[arcs.demand[rows.entry_arc]]
    scale = np.zeros(r)
    np.maximum.at(scale, rows.entry_row, value)
    row = np.concatenate((rows.entry_row, r + arcs.demand, r + np.arange(m)))
    column = np.concatenate((rows.entry_arc, np.arange(n), n + np.arange(m)))
    coefficient = np.concatenate((value / scale[rows.entry_row], np.ones(n + m)))
    period = (arcs.period - 1).astype(np.float64) * size[arcs.demand]
    money = arcs.cost * size[arcs.demand]
    money = money / max(float(money.max(initial=0.0)), 1e-300)
    period = period / max(float(period.max(initial=0.0)), 1e-300)
    asked = (packs > 0).astype(np.float64)
    cost = np.concatenate((money + 1e3 * period, np.full(m, 1e5)))
    program = LinearProgram(
        cost=cost,
        low=np.concatenate((np.full(r, -np.inf), asked)),
        high=np.concatenate((rows.capacity / np.maximum(scale, 1e-300), asked)),
        entries=Entries(row, column, coefficient),
    )
    share = np.maximum(program.solve(clock.left(), clock.stopper).variables[:n], 0.0)
    share[share < 1e-11] = 0.0
    flow = share * size[arcs.demand]
    brought = sums(arcs.demand, flow, m)
    return flow * np.minimum(packs / np.maximum(brought, 1e-300), 1.0)[arcs.demand]
