"""From fair fractions to whole packs: exact where it can be, and never careless elsewhere.

The sorted pack levels are to be lexicographically as large as possible, phase by phase.
Items whose goods nothing but stock holds back are solved exactly one by one. Where roads or
shared limits tie needs together, a plan is rounded, filled and improved by exchanges; each
part that is small enough is then proved, or bettered, by :mod:`whole_proof`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aidlog.allocation.fairness import Clock, Fairness
from aidlog.allocation.model import Bools, Floats, Ints, Model
from aidlog.allocation.parts import beside_stock as side_demands
from aidlog.allocation.parts import parts
from aidlog.allocation.phases import Fair, levels
from aidlog.allocation.routing import fractional_flow
from aidlog.allocation.urgency import Urgency
from aidlog.allocation.whole_aim import Aim, aim, delivered_exactly, highest_loaded
from aidlog.allocation.whole_proof import PackProgram, phase_steps, settle
from aidlog.allocation.whole_rounding import Load, exchange, round_down, top_up
from aidlog.allocation.whole_stock import ItemStock, filled_from

#: Parts up to this many arcs are worth a proof.
_PROVABLE_ARCS = 600
#: Parts up to this many arcs are loaded pack by pack, stock and trucks together.
_LOADED_ARCS = 1_500
#: Up to this many arcs a plan found on the way to a proof is bettered by exchanges.
_POLISHED_ARCS = 5_000


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole packs along every arc, and what is known about better plans.

    ``proven``: no part has a better plan. ``aim`` are packs per demand whose lowest level in
    the first tier no plan exceeds, where guarantees and locks leave that tier alone.
    """

    flow: Ints
    proven: bool
    aim: Ints


class NoWholePlan(RuntimeError):
    """The locks can be met in fractions of packs, but not in whole packs."""


def whole_plan(model: Model, fair: Fair, fairness: Fairness, clock: Clock) -> Whole:
    """Return the fairest whole-pack plan that could be found.

    Raises:
        NoWholePlan: no whole-pack plan meets the locks.
    """
    urgency = Urgency(model)
    items = model.demands.item
    tied_items = np.zeros(len(model.problem.items), np.bool_)
    tied_items[items[side_demands(model)]] = True
    pure = ~tied_items[items]
    flow = np.zeros(len(model.arcs.group), np.int64)
    spare = model.groups.packs.copy()
    for item in np.unique(items[pure]):
        flow += _by_stock(model, urgency, pure & (items == item), spare)
    if not tied_items.any():
        return Whole(flow, proven=True, aim=model.delivered(flow).astype(np.int64))
    target = aim(model, urgency, fairness, ~pure, fair)
    fairness.clock = clock
    clock.report("packs", 0.5, None, None)
    fractions, _ = fractional_flow(model, fairness, target.fractions)
    flow = _rounded(model, target, fractions, ~pure, flow, clock)
    reached = levels(model, model.delivered(flow))[model.needs.in_vector]
    clock.report("packs", 0.8, None, float(reached.min()) if len(reached) else None)
    proven = True
    for demands, arcs in parts(model, ~pure):
        if target.highest:
            exactly, found = delivered_exactly(model, target.packs, demands, arcs, flow, clock)
            if exactly:
                flow[arcs] = found
                continue
        if len(arcs) <= _LOADED_ARCS and not clock.over():
            loaded = highest_loaded(model, urgency, fairness, demands, arcs)
            if loaded is not None:
                flow[arcs] = loaded
                continue
        if len(arcs) > _PROVABLE_ARCS:
            proven = False
            continue
        flow[arcs], sure = _proved(model, fair, demands, arcs, flow, clock)
        proven &= sure
    best = np.where(~pure, target.packs, model.delivered(flow).astype(np.int64))
    return Whole(flow, proven, best)


def best_by_stock_alone(model: Model) -> Floats:
    """Return the level of every need if each item had all roads to itself, in whole packs.

    The lowest of them bounds the lowest level of any whole-pack plan from above.
    """
    urgency, items = Urgency(model), model.demands.item
    flow = np.zeros(len(model.arcs.group), np.int64)
    for item in np.unique(items):
        flow += _by_stock(model, urgency, items == item, model.groups.packs)
    return levels(model, model.delivered(flow))


def _by_stock(model: Model, urgency: Urgency, members: Bools, spare: Ints) -> Ints:
    """Fill ``members`` (of one item) from ``spare`` stock; return packs along all arcs."""
    arcs = model.arcs
    mine = np.flatnonzero(members[arcs.demand])
    flow = np.zeros(len(arcs.group), np.int64)
    if len(mine) == 0:
        if (model.demands.least_whole[members] > 0).any():
            raise NoWholePlan
        return flow
    groups, g = np.unique(arcs.group[mine], return_inverse=True)
    demands, d = np.unique(arcs.demand[mine], return_inverse=True)
    reach = np.zeros((len(groups), len(demands)), np.bool_)
    reach[g, d] = True
    stock = ItemStock(demands, spare[groups], reach)
    given = model.demands.least_whole[demands]
    if stock.tight_set(given) is not None:
        raise NoWholePlan
    packs = filled_from(stock, urgency, model.demands.least_whole)
    first = np.zeros((len(groups), len(demands)), np.int64)
    first[g[::-1], d[::-1]] = mine[::-1]  # the earliest arc of each pair
    gi, di, sent = stock.deliveries(packs)
    flow[first[gi, di]] = sent
    return flow


def _rounded(
    model: Model, target: Aim, fractions: Floats, members: Bools, flow: Ints, clock: Clock
) -> Ints:
    """Return a good whole-pack plan for ``members``, added to ``flow`` of the other items.

    ``fractions`` are packs along arcs that deliver the fractional optimum.
    """
    demands, arcs, urgency = model.demands, model.arcs, Urgency(model)
    beside_stock = side_demands(model)
    whole = flow + round_down(model, fractions, members & beside_stock)
    load = Load(model, urgency, whole)
    if not _fulfil_locks(load, np.flatnonzero(members)):
        load = Load(model, urgency, flow + _locks_alone(model, members, clock))
    tied = np.flatnonzero(members & beside_stock & urgency.competes)
    top_up(load, tied, target.packs, clock)
    reserved = round_down(model, fractions, members & ~beside_stock)
    load = Load(model, urgency, _blocks_brought(model, target, load.flow, reserved))
    by_stock = members & ~beside_stock
    load.flow[by_stock[arcs.demand]] = 0  # locks held this stock free; now it is given out
    used = np.zeros(len(model.groups.packs), np.int64)
    np.add.at(used, arcs.group, load.flow)
    spare = model.groups.packs - used
    extra = np.zeros_like(load.flow)
    for item in np.unique(demands.item[by_stock]):
        if clock.asked_to_stop():
            break
        extra += _by_stock(model, urgency, by_stock & (demands.item == item), spare)
    load = Load(model, urgency, load.flow + extra)
    rivals = np.flatnonzero(members & urgency.competes)
    top_up(load, rivals, demands.most_whole, clock)
    goal = urgency.key(np.arange(len(demands.need)), target.packs)
    exchange(load, rivals, goal, clock)
    top_up(load, rivals, demands.most_whole, clock)
    return load.flow


def _blocks_brought(model: Model, target: Aim, flow: Ints, reserved: Ints) -> Ints:
    """Return ``flow`` with each block reloaded that lacks what is aimed for and can have it.

    ``reserved`` are packs along arcs that those are to have whom stock alone holds back.
    """
    room = model.rows.capacity_whole - model.used_whole(flow + reserved)
    sent = model.delivered(flow)
    flow = flow.copy()
    for block in target.blocks:
        wanted = target.packs[block.demands]
        if (sent[block.demands] >= wanted).all():
            continue
        own = np.zeros(len(flow), np.int64)
        own[block.all_arcs] = flow[block.all_arcs]
        beside = room + model.used_whole(own)
        found = block.brought(wanted, beside)
        if found is not None:
            flow[block.all_arcs] = found
            own[block.all_arcs] = found
            room = beside - model.used_whole(own)
    return flow


def _fulfil_locks(load: Load, members: Ints) -> bool:
    """Send what locks ask for, and say whether all of it found room."""
    for d in members[load.urgency.least[members] > load.packs[members]]:
        missing = int(load.urgency.least[d] - load.packs[d])
        if load.add_bulk(int(d), missing) < missing:
            return False
    return True


def _locks_alone(model: Model, members: Bools, clock: Clock) -> Ints:
    """Return whole packs that deliver what locks ask for, and nothing else.

    Raises:
        NoWholePlan: there are none.
    """
    asked = members & (model.demands.least_whole > 0)
    arcs = np.flatnonzero(asked[model.arcs.demand])
    program = PackProgram(model, np.flatnonzero(asked), arcs, model.rows.capacity_whole)
    _, found = program.solve(Clock(asked_to_stop=clock.asked_to_stop))
    if found is None:
        raise NoWholePlan
    flow = np.zeros(len(model.arcs.group), np.int64)
    flow[arcs] = found
    return flow


def locked_packs(model: Model, clock: Clock) -> Ints:
    """Return whole packs along arcs that deliver what locks ask for, and nothing else.

    Raises:
        NoWholePlan: there are none.
    """
    asked = model.demands.least_whole > 0
    if not asked.any():
        return np.zeros(len(model.arcs.group), np.int64)
    return _locks_alone(model, asked, clock)


def _fractional_keys(model: Model, urgency: Urgency, fair: Fair) -> Floats:
    """Return the keys of the fractional optimum: what an exchange may aim for."""
    count = len(model.needs.full)
    largest = float(model.needs.cap.max()) * 1.001
    keys = np.full(len(model.demands.need), -np.inf)
    keys[:count] = urgency.stage[:count] + fair.levels / largest
    keys[~urgency.competes] = -np.inf
    return keys


def _proved(
    model: Model, fair: Fair, demands: Ints, arcs: Ints, flow: Ints, clock: Clock
) -> tuple[Ints, bool]:
    """Return the best packs along ``arcs`` that CP-SAT found, and whether they are proved."""
    program = PackProgram(model, demands, arcs, model.rows.capacity_whole)
    urgency = Urgency(model)
    targets = _fractional_keys(model, urgency, fair)

    def polish(part: Ints) -> Ints:
        if len(model.arcs.group) > _POLISHED_ARCS:
            return part
        whole = flow.copy()
        whole[arcs] = part
        load = Load(model, urgency, whole)
        rivals = demands[urgency.competes[demands]]
        top_up(load, rivals, model.demands.most_whole, clock)
        exchange(load, rivals, targets, clock)
        top_up(load, rivals, model.demands.most_whole, clock)
        return load.flow[arcs]

    best, sure = flow[arcs], True
    inside = np.zeros(len(model.demands.need), np.bool_)
    inside[demands] = True
    for steps in phase_steps(model, inside):
        best, settled = settle(program, steps, best, polish, clock)
        sure &= settled
        if not sure:
            break
    if sure:
        return best, True
    left = flow.copy()  # the last plan of CP-SAT cares for its own question only
    left[arcs] = best
    load = Load(model, urgency, left)
    top_up(load, demands[urgency.competes[demands]], model.demands.most_whole, clock)
    return load.flow[arcs], False
