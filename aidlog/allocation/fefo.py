"""First expired, first out: the lots of a stock group go out in the order they expire."""

from __future__ import annotations

import numpy as np

from aidlog.allocation.building import countable_stock
from aidlog.allocation.model import Floats, Ints, Model
from aidlog.allocation.problem import Item, Problem
from aidlog.allocation.result import Shipment

#: A share of a delivery below this is the arithmetic's, not the plan's.
_DUST = 1e-10


def shipments(model: Model, flow: Floats | Ints) -> tuple[Shipment, ...]:
    """Return what leaves, lot by lot, in the order period, warehouse, site, item, lot.

    Within a group the lot that expires first goes first, to the earliest departures and then
    to the sites in the order of their ids; lots without expiry go last.
    """
    problem, arcs = model.problem, model.arcs
    sent: dict[tuple[int, int, int], float] = {}
    whole = not problem.divisible
    least = 0.5 if whole else _DUST * model.delivered(flow)[arcs.demand]
    used = np.flatnonzero(flow > least)
    order = used[
        np.lexsort((model.demands.site[arcs.demand[used]], arcs.period[used], arcs.group[used]))
    ]
    group = -1
    waiting: list[list[float]] = []
    for arc in order.tolist():
        if arcs.group[arc] != group:
            group = int(arcs.group[arc])
            waiting = [
                [i, countable_stock(problem.lots[i], divisible=not whole)]
                for i in _first_expired(model, group)
            ]
        left = int(flow[arc]) if whole else float(flow[arc])
        while left > 0 and waiting:
            lot, has = waiting[0]
            take = left if len(waiting) == 1 else min(left, has)
            key = (int(lot), int(model.demands.site[arcs.demand[arc]]), int(arcs.period[arc]))
            sent[key] = sent.get(key, 0) + take
            left -= take
            waiting[0][1] -= take
            if waiting[0][1] <= 0 and len(waiting) > 1:
                waiting.pop(0)
    items = {item.id: item for item in problem.items}
    return tuple(
        sorted(
            (_shipment(problem, items, *key, packs) for key, packs in sent.items() if packs > 0),
            key=lambda s: (s.period, s.warehouse, s.site, s.item, s.lot),
        )
    )


def _first_expired(model: Model, group: int) -> list[int]:
    lots = model.problem.lots

    def expiry(i: int) -> tuple[float, str]:
        day = lots[i].expiry_day
        return (float("inf") if day is None else day, lots[i].id)

    return sorted(model.groups.lots[group], key=expiry)


def _shipment(
    problem: Problem, items: dict[str, Item], lot: int, site: int, period: int, packs: float
) -> Shipment:
    source = problem.lots[lot]
    item = items[source.item]
    return Shipment(
        lot=source.id,
        warehouse=source.warehouse,
        site=problem.sites[site].id,
        item=source.item,
        period=period,
        packs=packs,
        units=packs * item.pack_units,
        kg=None if item.kg_per_pack is None else packs * item.kg_per_pack,
        m3=None if item.m3_per_pack is None else packs * item.m3_per_pack,
    )
