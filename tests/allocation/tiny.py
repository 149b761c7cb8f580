"""Tiny random problems with everything in them, by seed."""

from __future__ import annotations

import random

from aidlog.allocation.problem import (
    Item,
    LimitScope,
    Lock,
    Lot,
    Need,
    Problem,
    Route,
    Sense,
    SharedLimit,
    Site,
    Tiers,
    Warehouse,
)


def tiny(seed: int, *, divisible: bool = False, locks: bool = True, sites: int = 3) -> Problem:
    """Return a small problem: about three needs, two lots, and any of the rules."""
    r = random.Random(seed)
    site_ids = [f"s{k}" for k in range(r.randint(2, sites))]
    item_ids = [f"i{k}" for k in range(r.randint(1, 2))]
    house_ids = [f"w{k}" for k in range(r.randint(1, 2))]
    periods = r.choice([1, 1, 1, 2])
    lots = tuple(
        Lot(
            id=f"l{k}",
            warehouse=r.choice(house_ids),
            item=r.choice(item_ids),
            packs=r.randint(1, 4),
            sites=None
            if r.random() < 0.7
            else frozenset(r.sample(site_ids, r.randint(1, len(site_ids)))),
            expiry_day=r.choice([None, None, 3, 40]),
            available_period=r.choice([1, 1, periods]),
            confidence=r.choice([1.0, 1.0, 0.5]),
            unit_cost=r.choice([0.0, 0.0, 2.0]),
        )
        for k in range(r.randint(1, 3))
    )
    needs = tuple(
        Need(
            site=s,
            item=i,
            need_units=(n := r.randint(1, 9)),
            held_units=r.choice([0, 0, r.randint(0, n)]),
            min_fraction=r.choice([0.0, 0.0, 0.5, 0.3]),
            carried=r.choice([0.0, 0.0, 0.25]),
        )
        for s in site_ids
        for i in item_ids
        if r.random() < 0.85
    )
    routes = tuple(
        Route(
            warehouse=w,
            site=s,
            open=r.random() < 0.9,
            max_kg=r.choice([None, None, float(r.randint(1, 12))]),
            max_m3=r.choice([None, None, r.randint(1, 20) / 10]),
            travel_days=r.choice([0, 2, 5]),
            cost_per_kg=r.choice([0.0, 0.5, 1.0]),
            open_from_period=r.choice([1, 1, 2]),
        )
        for w in house_ids
        for s in site_ids
    )
    pairs = [(x.warehouse, x.site) for x in routes]
    shared = tuple(
        SharedLimit(
            id=f"h{k}",
            over=frozenset(r.sample(pairs, r.randint(1, len(pairs)))),
            max_kg=float(r.randint(2, 14)),
            max_m3=r.choice([None, 1.5]),
            max_cost=r.choice([None, float(r.randint(1, 12))]),
            scope=r.choice([LimitScope.PERIOD, LimitScope.HORIZON]),
        )
        for k in range(r.choice([0, 0, 1]))
    )
    held = tuple(
        Lock(site=n.site, item=n.item, packs=r.randint(0, 2), sense=r.choice(list(Sense)))
        for n in needs
        if locks and r.random() < 0.15
    )
    return Problem(
        id=f"tiny-{seed}",
        divisible=divisible,
        tiers=r.choice(list(Tiers)),
        periods=periods,
        min_shelf_days_on_arrival=r.choice([0, 1]),
        items=tuple(
            Item(id=i, pack_units=r.choice([1, 2, 3]), tier=r.choice([1, 1, 2]),
                 kg_per_pack=r.choice([1.0, 2.5, 3.0]), m3_per_pack=r.choice([0.2, 0.35]),
                 weight=r.choice([1.0, 1.0, 2.0]))
            for i in item_ids
        ),
        sites=tuple(Site(id=s, population=100, weight=r.choice([1.0, 1.0, 1.5])) for s in site_ids),
        warehouses=tuple(Warehouse(id=w) for w in house_ids),
        lots=lots,
        needs=needs,
        routes=routes,
        shared_limits=shared,
        locks=held,
    )  # fmt: skip
