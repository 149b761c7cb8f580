"""A problem on real roads: towns of Burundi, kilometres from ``towns_by_road.csv``.

Towns only, and public ones; how many people need what is drawn by seed. Each town has several
points where goods are given out, a few kilometres off the town.
"""

from __future__ import annotations

import csv
import heapq
from collections import defaultdict
from pathlib import Path

import numpy as np

from aidlog.allocation.problem import (
    Item,
    Lot,
    Need,
    Problem,
    Route,
    SharedLimit,
    Site,
    Tiers,
    Warehouse,
)

TABLE = Path(__file__).with_name("towns_by_road.csv")
STORES = ("Bujumbura", "Gitega", "Ngozi", "Makamba")
#: id, units in a bale, kg and m³ of a bale, units that a person needs, tier.
GOODS = (
    ("maize-flour", 50, 50.0, 0.085, 12.0, 1), ("beans", 50, 50.0, 0.065, 3.6, 1),
    ("oil", 24, 24.5, 0.033, 0.9, 1), ("salt", 25, 25.0, 0.025, 0.15, 1),
    ("water-tablets", 800, 6.0, 0.02, 30.0, 1), ("soap", 100, 27.0, 0.03, 1.0, 1),
    ("blanket", 25, 37.0, 0.2, 0.5, 2), ("mat", 20, 22.0, 0.14, 0.5, 2),
    ("net", 50, 27.0, 0.16, 0.4, 2), ("jerrycan", 50, 16.0, 0.24, 0.4, 2),
    ("bucket", 25, 14.0, 0.19, 0.2, 2), ("tarpaulin", 5, 22.0, 0.05, 0.2, 2),
    ("kitchen-set", 3, 17.0, 0.08, 0.2, 3), ("sanitary-pads", 60, 9.0, 0.06, 0.5, 3),
)  # fmt: skip


def distances() -> dict[str, dict[str, int]]:
    """Return the kilometres of the shortest way by road from every store to every town."""
    roads: dict[str, list[tuple[str, int]]] = defaultdict(list)
    with TABLE.open(encoding="utf-8") as stream:
        rows = csv.DictReader(line for line in stream if not line.startswith("#"))
        for row in rows:
            roads[row["from"]].append((row["to"], int(row["km"])))
            roads[row["to"]].append((row["from"], int(row["km"])))
    return {store: _from(store, roads) for store in STORES}


def _from(start: str, roads: dict[str, list[tuple[str, int]]]) -> dict[str, int]:
    """Return the length of the shortest way to every town (Dijkstra)."""
    found: dict[str, int] = {}
    waiting = [(0, start)]
    while waiting:
        km, town = heapq.heappop(waiting)
        if town not in found:
            found[town] = km
            for other, length in roads[town]:
                heapq.heappush(waiting, (km + length, other))
    return found


def on_real_roads(seed: int, points: int = 8) -> Problem:
    """Return a problem of all towns with ``points`` sites each, by seed.

    A lorry of 10 t makes 250 km a day there and back within a month of 25 days; every store
    has so many lorries for each site, and a limit at its gate. A fifth of the stock is
    earmarked, and the worst roads are closed by rain.
    """
    draw = np.random.default_rng(seed)
    km = distances()
    towns = sorted(km[STORES[0]])
    sites = [(f"{town}-{k}", town, float(draw.uniform(2, 25))) for town in towns
             for k in range(points)]  # fmt: skip
    people = np.clip(draw.lognormal(7.4, 0.8, len(sites)), 150, 30_000).astype(int)
    needs, gap = [], defaultdict(float)
    for (site, _, _), many in zip(sites, people.tolist(), strict=True):
        for name, bale, _, _, each, _ in GOODS:
            if draw.random() < 0.8:
                units = int(np.ceil(many * each))
                held = int(units * draw.uniform(0, 0.4)) if draw.random() < 0.4 else 0
                needs.append(Need(site=site, item=name, need_units=units, held_units=held))
                gap[name] += (units - held) / bale
    routes, gate = [], defaultdict(float)
    for store in STORES:
        for site, town, off in sites:
            length = km[store][town] + off
            trips = 25 * 250 / (2 * length)
            kg = round(float(draw.choice([0.02, 0.05, 0.1])) * trips * 10_000, 1)
            gate[store] += kg
            routes.append(
                Route(
                    warehouse=store, site=site, open=bool(draw.random() > 0.08 + length / 4000),
                    max_kg=kg, max_m3=round(kg / 350, 2), travel_days=1 + int(length // 200),
                    cost_per_kg=round(0.02 + 0.0006 * length, 4),
                )
            )  # fmt: skip
    return Problem(
        id=f"roads-{seed}",
        tiers=Tiers.POOLED,  # so that others can answer with one sequence of programs
        items=tuple(Item(id=name, pack_units=bale, kg_per_pack=kg_, m3_per_pack=m3, tier=tier)
                    for name, bale, kg_, m3, _, tier in GOODS),
        sites=tuple(Site(id=site, population=many, households=max(many // 5, 1))
                    for (site, _, _), many in zip(sites, people.tolist(), strict=True)),
        warehouses=tuple(Warehouse(id=store) for store in STORES),
        lots=tuple(_lots(draw, gap, [site for site, _, _ in sites], points)),
        needs=tuple(needs),
        routes=tuple(routes),
        shared_limits=tuple(
            SharedLimit(id=f"gate-{store}", max_kg=round(total * 0.35, 1),
                        over=frozenset((store, site) for site, _, _ in sites))
            for store, total in gate.items()
        ),
    )  # fmt: skip


def _lots(
    draw: np.random.Generator, gap: dict[str, float], sites: list[str], points: int
) -> list[Lot]:
    """Spread 30 to 90 % of each item's gap over the stores, a fifth of it for five towns."""
    lots = []
    for name, *_ in GOODS:
        parts = draw.dirichlet((4.0, 2.0, 2.0, 1.0)) * gap[name] * draw.uniform(0.3, 0.9)
        for store, packs in zip(STORES, parts.astype(int).tolist(), strict=True):
            marked = packs // 5
            first = int(draw.integers(0, len(sites) // points - 5)) * points
            home = frozenset(sites[first : first + 5 * points])
            if marked:
                lots.append(Lot(id=f"{name}-{store}-e", warehouse=store, item=name, packs=marked,
                                sites=home))  # fmt: skip
            if packs - marked:
                lots.append(
                    Lot(id=f"{name}-{store}", warehouse=store, item=name, packs=packs - marked)
                )
    return lots
