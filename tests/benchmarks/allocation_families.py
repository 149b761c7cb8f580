"""Problem families by size and seed: S, M, L, XL and their variants.

Sites have lognormal populations in a few regions; each item is needed at some of the sites,
stored in some of the warehouses and short overall; part of the stock is earmarked to a
region, part of the roads are closed, and some sites have few trucks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aidlog.allocation.problem import Item, Lot, Need, Problem, Route, Site, Warehouse

SIZES = {"S": (8, 15, 2), "M": (100, 40, 5), "L": (1000, 100, 10), "XL": (10_000, 200, 20)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Shares of pairs needed, sites with tight trucks, roads closed, stock earmarked."""

    needed: float = 0.6
    tight: float = 0.15
    closed: float = 0.12
    earmarked: float = 0.15
    divisible: bool = False
    tiers: bool = False


def family(size: str, seed: int, shape: Shape = Shape()) -> Problem:
    """Return the problem of one family and seed."""
    sites, items, warehouses = SIZES[size]
    return generate(f"{size}-{seed}", sites, items, warehouses, seed, shape)


def generate(
    name: str, sites: int, items: int, warehouses: int, seed: int, shape: Shape = Shape()
) -> Problem:
    """Return a problem of the given numbers of sites, items and warehouses."""
    draw = np.random.default_rng(seed)
    people = np.clip(draw.lognormal(8.7, 0.9, sites), 300, 200_000).astype(int)
    weight = draw.choice([1.0, 1.0, 1.0, 1.25, 1.5], sites)
    regions = max(2, min(8, sites // 12))
    region = draw.integers(0, regions, sites)
    pack = draw.choice([1, 5, 10, 20, 25, 50], items)
    kg = np.exp(draw.uniform(np.log(0.2), np.log(12), items)) * pack
    m3 = kg / draw.uniform(120, 500, items)
    tier = draw.choice([1, 2, 3], items, p=[0.3, 0.4, 0.3]) if shape.tiers else np.ones(items, int)
    per_person = np.exp(draw.uniform(np.log(0.02), np.log(2.0), items))
    wanted = draw.random((sites, items)) < shape.needed
    s, i = np.nonzero(wanted)
    need = np.ceil(people[s] * per_person[i] * draw.uniform(0.6, 1.1, len(s))).astype(int)
    stocked_before = draw.random(len(s)) >= 0.5
    held = np.floor(need * stocked_before * draw.uniform(0, 0.45, len(s))).astype(int)
    gap = (need - held) / pack[i]
    lots = _lots(draw, items, warehouses, np.bincount(i, gap, items), region, shape)
    open_ = draw.random((warehouses, sites)) >= shape.closed
    cut_off = np.flatnonzero(~open_.any(axis=0))
    open_[draw.integers(0, warehouses, len(cut_off)), cut_off] = True
    load_kg = np.bincount(s, gap * kg[i], sites)
    load_m3 = np.bincount(s, gap * m3[i], sites)
    few_trucks = draw.random(sites) < shape.tight
    share = draw.uniform(0.25, 0.75, sites)
    roads = np.maximum(open_.sum(axis=0), 1)
    cap_kg = np.where(few_trucks, share * load_kg / roads, load_kg * 1.5 + 1000)
    cap_m3 = np.where(few_trucks, share * load_m3 / roads, load_m3 * 1.5 + 10)
    cap_kg = cap_kg[None] * np.where(few_trucks, draw.uniform(0.7, 1.3, (warehouses, sites)), 1.0)
    cap_m3 = cap_m3[None] * np.where(few_trucks, draw.uniform(0.8, 1.5, (warehouses, sites)), 1.0)
    cost = (0.02 + 0.0006 * draw.uniform(20, 600, (warehouses, sites))).round(4)
    return Problem(
        id=name,
        divisible=shape.divisible,
        items=tuple(
            Item(
                id=f"I{k:03}",
                pack_units=int(pack[k]),
                tier=int(tier[k]),
                kg_per_pack=round(float(kg[k]), 3),
                m3_per_pack=round(float(m3[k]), 5),
            )
            for k in range(items)
        ),
        sites=tuple(
            Site(id=f"S{k:05}", population=int(people[k]), weight=float(weight[k]))
            for k in range(sites)
        ),
        warehouses=tuple(Warehouse(id=f"W{k:02}") for k in range(warehouses)),
        lots=lots,
        needs=tuple(
            Need(site=f"S{a:05}", item=f"I{b:03}", need_units=int(n), held_units=int(h))
            for a, b, n, h in zip(s.tolist(), i.tolist(), need, held, strict=True)
        ),
        routes=tuple(
            Route(
                warehouse=f"W{w:02}",
                site=f"S{k:05}",
                open=bool(open_[w, k]),
                max_kg=round(float(cap_kg[w, k]), 1),
                max_m3=round(float(cap_m3[w, k]), 3),
                cost_per_kg=float(cost[w, k]),
            )
            for w in range(warehouses)
            for k in range(sites)
        ),
    )


def _lots(
    draw: np.random.Generator,
    items: int,
    warehouses: int,
    gap: np.ndarray,
    region: np.ndarray,
    shape: Shape,
) -> tuple[Lot, ...]:
    """Spread 25 to 95 % of each item's gap over some warehouses, part of it earmarked."""
    stored = draw.random((warehouses, items)) < 0.6
    lots = []
    for i in range(items):
        places = np.flatnonzero(stored[:, i])
        if len(places) == 0:
            places = np.array([draw.integers(warehouses)])
        parts = draw.dirichlet(np.full(len(places), 2.0)) * gap[i] * draw.uniform(0.25, 0.95)
        for w, packs in zip(places.tolist(), parts.astype(int).tolist(), strict=True):
            marked = int(packs * draw.uniform(0.3, 0.7)) if draw.random() < shape.earmarked else 0
            if marked:
                home = int(draw.choice(np.unique(region)))
                lots.append(
                    Lot(
                        id=f"L{i:03}-{w:02}e",
                        warehouse=f"W{w:02}",
                        item=f"I{i:03}",
                        packs=marked,
                        sites=frozenset(f"S{k:05}" for k in np.flatnonzero(region == home)),
                    )
                )
            if packs - marked:
                lots.append(
                    Lot(
                        id=f"L{i:03}-{w:02}",
                        warehouse=f"W{w:02}",
                        item=f"I{i:03}",
                        packs=packs - marked,
                    )
                )
    return tuple(lots)
