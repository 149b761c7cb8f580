"""What a problem must obey before it may be solved; every fault is found, not only the first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aidlog.allocation.problem import Problem, Route, SharedLimit
from aidlog.core.errors import Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong: ``row`` counts from 1 in the list ``where``, 0 is the whole."""

    where: str
    row: int
    field: str
    message: Message


class ProblemRefused(Refusal):
    """The problem cannot be solved as it is written; ``faults`` says all that is wrong."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        first = faults[0]
        super().__init__(
            Message(
                N_("{count} thing must be put right first. {where}, row {row}: {what}"),
                {
                    "count": len(faults),
                    "where": first.where,
                    "row": first.row,
                    "what": first.message,
                },
                plural=N_("{count} things must be put right first. {where}, row {row}: {what}"),
                count=len(faults),
            ),
            field=first.field,
        )
        self.faults = faults


def check(problem: Problem) -> tuple[Fault, ...]:
    """Return every fault of ``problem``, in the order of its lists; empty where it is sound."""
    return tuple(
        fault
        for part in (
            _settings,
            _items,
            _sites,
            _warehouses,
            _lots,
            _needs,
            _routes,
            _shared_limits,
            _locks,
            _unknown_weights,
        )
        for fault in part(problem)
    )


def _fault(where: str, row: int, field: str, template: str, /, **values: object) -> Fault:
    return Fault(where=where, row=row, field=field, message=Message(template, values))


def _at_least(
    where: str, row: int, field: str, value: float | None, least: float
) -> Iterator[Fault]:
    """Refuse a number that is below ``least``, not finite, or beyond the ledger's largest."""
    if value is None:
        return
    if not math.isfinite(value) or value < least:
        yield _fault(
            where, row, field, N_("{value} is too small. Write {least} or more."),
            value=value, least=least,
        )  # fmt: skip
    elif value > LARGEST:
        yield _fault(
            where, row, field, N_("{value} is too large. The most is {largest}."),
            value=value, largest=LARGEST,
        )  # fmt: skip


def _share(where: str, row: int, field: str, value: float) -> Iterator[Fault]:
    if not 0 <= value <= 1:
        yield _fault(
            where, row, field, N_("{value} is not a share. Write a number from 0 to 1."),
            value=value,
        )  # fmt: skip


def _known(
    where: str, row: int, field: str, value: str, known: Iterable[str], list_name: str
) -> Iterator[Fault]:
    if value not in known:
        yield _fault(
            where, row, field,
            N_("“{value}” is not in the list {list}. Add it there, or correct it here."),
            value=value, list=list_name,
        )  # fmt: skip


def _once(where: str, keys: Iterable[str | tuple[str, str]], field: str) -> Iterator[Fault]:
    """Refuse an empty key, and a second row with the same one."""
    seen: dict[str | tuple[str, str], int] = {}
    for row, key in enumerate(keys, start=1):
        if key == "":
            yield _fault(where, row, field, N_("The id is empty. Write one."))
        elif key in seen:
            yield _fault(
                where, row, field,
                N_("“{name}” stands in row {first} already. Keep one of the two."),
                name=key if isinstance(key, str) else ", ".join(key), first=seen[key],
            )  # fmt: skip
        else:
            seen[key] = row


def _settings(problem: Problem) -> Iterator[Fault]:
    yield from _at_least("problem", 0, "periods", problem.periods, 1)
    yield from _at_least("problem", 0, "period_days", problem.period_days, 1)
    yield from _at_least(
        "problem", 0, "min_shelf_days_on_arrival", problem.min_shelf_days_on_arrival, 0
    )


def _items(problem: Problem) -> Iterator[Fault]:
    yield from _once("items", (item.id for item in problem.items), "id")
    for row, item in enumerate(problem.items, start=1):
        yield from _at_least("items", row, "pack_units", item.pack_units, 1)
        yield from _at_least("items", row, "tier", item.tier, 1)
        yield from _at_least("items", row, "kg_per_pack", item.kg_per_pack, 0)
        yield from _at_least("items", row, "m3_per_pack", item.m3_per_pack, 0)
        yield from _at_least("items", row, "weight", item.weight, 1e-6)


def _sites(problem: Problem) -> Iterator[Fault]:
    yield from _once("sites", (site.id for site in problem.sites), "id")
    for row, site in enumerate(problem.sites, start=1):
        yield from _at_least("sites", row, "population", site.population, 0)
        yield from _at_least("sites", row, "households", site.households, 0)
        yield from _at_least("sites", row, "weight", site.weight, 1)


def _warehouses(problem: Problem) -> Iterator[Fault]:
    yield from _once("warehouses", (place.id for place in problem.warehouses), "id")


def _lots(problem: Problem) -> Iterator[Fault]:
    yield from _once("lots", (lot.id for lot in problem.lots), "id")
    items = {item.id for item in problem.items}
    sites = {site.id for site in problem.sites}
    warehouses = {place.id for place in problem.warehouses}
    for row, lot in enumerate(problem.lots, start=1):
        yield from _known("lots", row, "warehouse", lot.warehouse, warehouses, "warehouses")
        yield from _known("lots", row, "item", lot.item, items, "items")
        yield from _at_least("lots", row, "packs", lot.packs, 0)
        yield from _at_least("lots", row, "available_period", lot.available_period, 1)
        yield from _at_least("lots", row, "unit_cost", lot.unit_cost, 0)
        yield from _share("lots", row, "confidence", lot.confidence)
        if lot.sites is not None:
            if not lot.sites:
                yield _fault(
                    "lots", row, "sites",
                    N_("This earmark names no site. Name one, or leave it empty for any site."),
                )  # fmt: skip
            for site in sorted(lot.sites):
                yield from _known("lots", row, "sites", site, sites, "sites")


def _needs(problem: Problem) -> Iterator[Fault]:
    yield from _once("needs", ((need.site, need.item) for need in problem.needs), "site")
    items = {item.id for item in problem.items}
    sites = {site.id for site in problem.sites}
    for row, need in enumerate(problem.needs, start=1):
        yield from _known("needs", row, "site", need.site, sites, "sites")
        yield from _known("needs", row, "item", need.item, items, "items")
        yield from _at_least("needs", row, "need_units", need.need_units, 0)
        yield from _at_least("needs", row, "held_units", need.held_units, 0)
        yield from _at_least("needs", row, "carried", need.carried, 0)
        yield from _share("needs", row, "min_fraction", need.min_fraction)


def _routes(problem: Problem) -> Iterator[Fault]:
    keys = ((route.warehouse, route.site) for route in problem.routes)
    yield from _once("routes", keys, "site")
    sites = {site.id for site in problem.sites}
    warehouses = {place.id for place in problem.warehouses}
    for row, route in enumerate(problem.routes, start=1):
        yield from _known("routes", row, "warehouse", route.warehouse, warehouses, "warehouses")
        yield from _known("routes", row, "site", route.site, sites, "sites")
        yield from _at_least("routes", row, "max_kg", route.max_kg, 0)
        yield from _at_least("routes", row, "max_m3", route.max_m3, 0)
        yield from _at_least("routes", row, "travel_days", route.travel_days, 0)
        yield from _at_least("routes", row, "cost_per_kg", route.cost_per_kg, 0)
        yield from _at_least("routes", row, "open_from_period", route.open_from_period, 1)


def _shared_limits(problem: Problem) -> Iterator[Fault]:
    yield from _once("shared_limits", (limit.id for limit in problem.shared_limits), "id")
    sites = {site.id for site in problem.sites}
    warehouses = {place.id for place in problem.warehouses}
    for row, limit in enumerate(problem.shared_limits, start=1):
        for warehouse in sorted({pair[0] for pair in limit.over}):
            yield from _known("shared_limits", row, "over", warehouse, warehouses, "warehouses")
        for site in sorted({pair[1] for pair in limit.over}):
            yield from _known("shared_limits", row, "over", site, sites, "sites")
        if limit.max_kg is None and limit.max_m3 is None and limit.max_cost is None:
            yield _fault(
                "shared_limits", row, "max_kg",
                N_("This limit limits nothing. Write max_kg, max_m3 or max_cost."),
            )  # fmt: skip
        yield from _at_least("shared_limits", row, "max_kg", limit.max_kg, 0)
        yield from _at_least("shared_limits", row, "max_m3", limit.max_m3, 0)
        yield from _at_least("shared_limits", row, "max_cost", limit.max_cost, 0)


def _locks(problem: Problem) -> Iterator[Fault]:
    items = {item.id for item in problem.items}
    sites = {site.id for site in problem.sites}
    lots = {lot.id: lot for lot in problem.lots}
    for row, lock in enumerate(problem.locks, start=1):
        yield from _known("locks", row, "site", lock.site, sites, "sites")
        yield from _at_least("locks", row, "packs", lock.packs, 0)
        if lock.item is not None:
            yield from _known("locks", row, "item", lock.item, items, "items")
        if lock.lot is not None:
            yield from _known("locks", row, "lot", lock.lot, lots, "lots")
        if lock.item is None and lock.lot is None:
            yield _fault("locks", row, "item", N_("Say which lot or which item is locked."))
        if lock.item is not None and lock.lot in lots and lots[lock.lot].item != lock.item:
            yield _fault(
                "locks", row, "lot",
                N_("Lot “{lot}” holds {held}, not {item}. Correct one of the two."),
                lot=lock.lot, held=lots[lock.lot].item, item=lock.item,
            )  # fmt: skip


def _unknown_weights(problem: Problem) -> Iterator[Fault]:
    """Refuse an item of unknown weight or volume where a limit would have to count it."""
    wanted = {(need.site, need.item) for need in problem.needs}
    lots = {lot.id: lot for lot in problem.lots}
    wanted |= {
        (lock.site, lock.item or lots[lock.lot or ""].item)
        for lock in problem.locks
        if lock.item is not None or lock.lot in lots
    }
    stock: dict[str, set[str]] = {}
    for lot in problem.lots:
        stock.setdefault(lot.item, set()).add(lot.warehouse)
    destinations: dict[str, set[str]] = {}
    for site, item_id in wanted:
        destinations.setdefault(item_id, set()).add(site)
    for row, item in enumerate(problem.items, start=1):
        if item.kg_per_pack is not None and item.m3_per_pack is not None:
            continue
        carrying = [
            route
            for route in problem.routes
            if route.open
            and route.warehouse in stock.get(item.id, ())
            and route.site in destinations.get(item.id, ())
        ]
        for field, limited in (
            ("kg_per_pack", _weight_counts), ("m3_per_pack", _volume_counts),
        ):  # fmt: skip
            if getattr(item, field) is not None:
                continue
            route = next((r for r in carrying if limited(r, problem.shared_limits)), None)
            if route is not None:
                yield _fault(
                    "items", row, field,
                    N_(
                        "“{item}” would travel from {warehouse} to {site}, where a limit counts"
                        " it, and its {column} is not known. Write it."
                    ),
                    item=item.id, warehouse=route.warehouse, site=route.site, column=field,
                )  # fmt: skip


def _weight_counts(route: Route, shared: tuple[SharedLimit, ...]) -> bool:
    """Say whether the weight of a load on ``route`` counts against any limit."""
    here = (route.warehouse, route.site)
    return route.max_kg is not None or any(
        here in limit.over
        and (limit.max_kg is not None or (limit.max_cost is not None and route.cost_per_kg > 0))
        for limit in shared
    )


def _volume_counts(route: Route, shared: tuple[SharedLimit, ...]) -> bool:
    here = (route.warehouse, route.site)
    return route.max_m3 is not None or any(
        here in limit.over and limit.max_m3 is not None for limit in shared
    )
