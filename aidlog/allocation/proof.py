"""The certificate's cuts, taken from the rungs of the climb and named in the problem's ids."""

from __future__ import annotations

import json

import numpy as np

from aidlog.allocation import cuts, result
from aidlog.allocation.model import Model, RowKind
from aidlog.allocation.phases import Fair
from aidlog.allocation.whole_stops import Stops

_UNITS = {
    RowKind.ROUTE_KG: "kg",
    RowKind.ROUTE_M3: "m3",
    RowKind.SHARED_KG: "kg",
    RowKind.SHARED_M3: "m3",
    RowKind.SHARED_COST: "cost",
}


def export(model: Model, fair: Fair) -> tuple[result.Cut, ...]:
    """Return every cut that stopped a need, phase by phase."""
    exported = []
    for rung in fair.rungs:
        for index in np.unique(rung.stopped_by[rung.stopped_by >= 0]).tolist():
            stopped = np.flatnonzero(rung.stopped_by == index)
            exported.append(_named(model, rung.cuts[index], stopped.tolist()))
    return tuple(exported)


def export_stops(model: Model, stops: Stops) -> tuple[result.Cut, ...]:
    """Return the cuts that leave needs below their fractions no pack more."""
    stopped: list[list[int]] = [[] for _ in stops.cuts]
    for need, at in sorted(stops.by_cut.items()):
        stopped[at].append(need)
    return tuple(_named(model, cut, who) for cut, who in zip(stops.cuts, stopped, strict=True))


def _named(model: Model, cut: cuts.Cut, stopped: list[int]) -> result.Cut:
    """Return a cut in the problem's ids."""
    needs = model.problem.needs
    return result.Cut(
        prices=_prices(model, cut),
        right_hand_side=cut.capacity,
        stops=tuple((needs[d].site, needs[d].item) for d in stopped),
        members=tuple(
            (needs[d].site, needs[d].item, weight)
            for d, weight in zip(cut.demand.tolist(), cut.weight.tolist(), strict=True)
            if d < len(needs)
        ),
    )


def _prices(model: Model, cut: cuts.Cut) -> dict[str, float]:
    """Return name → price; a price on merged lots is the price of each of them."""
    named: dict[str, float] = {}
    for row, price in zip(cut.row.tolist(), cut.price.tolist(), strict=True):
        for name in row_names(model, row):
            named[json.dumps(name, ensure_ascii=False, separators=(",", ":"))] = price
    return named


def row_names(model: Model, row: int) -> list[list[str | int]]:
    """Return the names of one row: one a lot for stock, else a single one."""
    problem, rows = model.problem, model.rows
    kind, about = RowKind(int(rows.kind[row])), int(rows.about[row])
    period = int(rows.period[row])
    if kind is RowKind.SUPPLY:
        return [["lot", problem.lots[i].id] for i in model.groups.lots[about]]
    if kind is RowKind.LOT_LOCK:
        lot, site = divmod(about, len(problem.sites))
        return [["lock", problem.sites[site].id, problem.lots[lot].id]]
    if kind in (RowKind.ROUTE_KG, RowKind.ROUTE_M3):
        route = model.routes[about]
        return [["road", route.warehouse, route.site, _UNITS[kind], period]]
    return [["shared", problem.shared_limits[about].id, _UNITS[kind], period]]
