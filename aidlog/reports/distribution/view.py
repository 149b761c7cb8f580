"""The figures of a plan, gathered the way its sheets show them. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from aidlog.allocation.problem import Item, Lot, Need, Problem, Site, Warehouse
from aidlog.allocation.result import NeedResult, Result, Shipment
from aidlog.reports.distribution_workbook import PlanFacts, ShownItem


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One need of a site and what the plan sends for it."""

    site: Site
    item: Item
    need: Need
    outcome: NeedResult
    kg: float | None
    m3: float | None
    warehouses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a site gets of an item in a period. ``line`` is None where it has no need of it."""

    item: Item
    line: SiteLine | None
    period: int
    units: float
    kg: float | None


@dataclass(frozen=True, slots=True)
class PickLine:
    """One lot to be taken out for one site. ``full`` packs and ``loose`` units of the item."""

    lot: Lot
    item: Item
    site: Site
    period: int
    packs: float
    units: float
    kg: float | None
    m3: float | None


def whole(number: float) -> int | float:
    """Return ``number`` as an int where it is whole, so that no cell shows 12.0."""
    return int(number) if float(number).is_integer() else number


def total(values: Iterable[float | None]) -> float:
    """Return the sum of the known values; sheets say beside it when one is unknown."""
    return sum(value for value in values if value is not None)


class PlanView:
    """A problem and its result with names looked up and lines put in printing order."""

    def __init__(self, problem: Problem, result: Result, facts: PlanFacts) -> None:
        self.problem = problem
        self.result = result
        self.facts = facts
        self.items = {item.id: item for item in problem.items}
        self.sites = {site.id: site for site in problem.sites}
        self.warehouses = {place.id: place for place in problem.warehouses}
        self.lots = {lot.id: lot for lot in problem.lots}
        self._needs = {(need.site, need.item): need for need in problem.needs}
        self._sent: dict[tuple[str, str], list[Shipment]] = defaultdict(list)
        self._to_site: dict[str, list[Shipment]] = defaultdict(list)
        for shipment in result.shipments:
            self._sent[shipment.site, shipment.item].append(shipment)
            self._to_site[shipment.site].append(shipment)
        lines = [self._site_line(outcome) for outcome in result.needs]
        lines.sort(key=lambda line: (self.site_order(line.site.id), self.item_order(line.item.id)))
        self.site_lines: dict[str, list[SiteLine]] = defaultdict(list)
        """Every need by site, sites by name, items by tier and name."""
        for line in lines:
            self.site_lines[line.site.id].append(line)

    def shown(self, item_id: str) -> ShownItem:
        """Return how an item's quantities are shown."""
        return self.facts.items.get(item_id, ShownItem())

    def units(self, item_id: str, base_units: float) -> int | float:
        """Return base units as shown units: 36,025,000 g as 36,025 kg."""
        per = self.shown(item_id).per
        if float(base_units).is_integer() and int(base_units) % per == 0:
            return int(base_units) // per
        return base_units / per

    def split_packs(self, item_id: str, base_units: float) -> tuple[int, int | float]:
        """Return (full packs, loose shown units) as a storekeeper handles them."""
        size = self.shown(item_id).pack_units or self.items[item_id].pack_units
        full = int((base_units + 1e-6) // size)
        loose = round(base_units - full * size, 6)
        return full, self.units(item_id, loose)

    def item_order(self, item_id: str) -> tuple[int, str, str]:
        """Sort key of an item: tier, name, code."""
        item = self.items[item_id]
        return item.tier, (item.name or item.id).casefold(), item.id

    def site_order(self, site_id: str) -> tuple[str, str]:
        """Sort key of a site: name, code."""
        return (self.sites[site_id].name or site_id).casefold(), site_id

    def _site_line(self, outcome: NeedResult) -> SiteLine:
        sent = self._sent[outcome.site, outcome.item]
        known_kg = all(shipment.kg is not None for shipment in sent)
        known_m3 = all(shipment.m3 is not None for shipment in sent)
        return SiteLine(
            site=self.sites[outcome.site],
            item=self.items[outcome.item],
            need=self._needs[outcome.site, outcome.item],
            outcome=outcome,
            kg=total(s.kg for s in sent) if known_kg else None,
            m3=total(s.m3 for s in sent) if known_m3 else None,
            warehouses=tuple(sorted({self.place_name(s.warehouse) for s in sent})),
        )

    def place_name(self, warehouse_id: str) -> str:
        return self.warehouses[warehouse_id].name or warehouse_id

    def item_name(self, item_id: str) -> str:
        return self.items[item_id].name or item_id

    def site_name(self, site_id: str) -> str:
        return self.sites[site_id].name or site_id

    def sending_warehouses(self) -> list[Warehouse]:
        """Return the warehouses that send something, by name."""
        busy = {shipment.warehouse for shipment in self.result.shipments}
        return sorted(
            (self.warehouses[warehouse] for warehouse in busy),
            key=lambda place: ((place.name or place.id).casefold(), place.id),
        )

    def picks(self, warehouse_id: str) -> list[PickLine]:
        """Return what leaves a warehouse: by item, first expiry first, then by site."""
        lines = [
            PickLine(
                lot=self.lots[s.lot], item=self.items[s.item], site=self.sites[s.site],
                period=s.period, packs=s.packs, units=s.units, kg=s.kg, m3=s.m3,
            )
            for s in self.result.shipments
            if s.warehouse == warehouse_id
        ]  # fmt: skip
        never = float("inf")
        return sorted(
            lines,
            key=lambda line: (
                self.item_order(line.item.id),
                never if line.lot.expiry_day is None else line.lot.expiry_day,
                line.lot.id,
                line.period,
                self.site_order(line.site.id),
            ),
        )

    def receiving_sites(self) -> list[Site]:
        """Return the sites that get something, by name."""
        return [self.sites[site] for site in sorted(self._to_site, key=self.site_order)]

    def arrivals(self, site_id: str) -> list[Arrival]:
        """Return what a site gets, by item and period; locked goods without a need as well."""
        lines = {line.item.id: line for line in self.site_lines.get(site_id, [])}
        rows: dict[tuple[str, int], list[Shipment]] = defaultdict(list)
        for shipment in self._to_site[site_id]:
            rows[shipment.item, shipment.period].append(shipment)
        found = []
        for item_id, period in sorted(rows, key=lambda k: (self.item_order(k[0]), k[1])):
            sent = rows[item_id, period]
            known = all(s.kg is not None for s in sent)
            kg = total(s.kg for s in sent) if known else None
            units = sum(s.units for s in sent)
            found.append(Arrival(self.items[item_id], lines.get(item_id), period, units, kg))
        return found

    def left_over(self) -> list[tuple[Lot, int | float]]:
        """Return (lot, packs that stay in the warehouse), first expiry first."""
        sent: dict[str, float] = defaultdict(float)
        for shipment in self.result.shipments:
            sent[shipment.lot] += shipment.packs
        rest = [(lot, whole(round(lot.packs - sent[lot.id], 6))) for lot in self.problem.lots]
        return sorted(
            ((lot, packs) for lot, packs in rest if packs > 0),
            key=lambda row: (row[0].expiry_day is None, row[0].expiry_day or 0, row[0].id),
        )

    def day(self, number: int | None) -> date | None:
        """Return the calendar day of a plan day, None without one or without a first day."""
        if number is None or self.facts.starts_on is None:
            return None
        return self.facts.starts_on + timedelta(days=number)

    def weakest(self, lines: Iterable[SiteLine], *, after: bool) -> SiteLine | None:
        """Return the need with the lowest coverage before or after the plan.

        Needs that nothing can reach are left out: they have their own list.
        """
        return min(
            (line for line in lines if line.outcome.level is not None),
            key=lambda line: (
                line.outcome.covered_after if after else line.outcome.covered_before,
                line.site.id,
                line.item.id,
            ),
            default=None,
        )

    def worst_off(self) -> SiteLine | None:
        """Return the need with the lowest level after the plan, weights counted."""
        compared = [line for line in self.all_lines() if line.outcome.pack_level is not None]
        return min(
            compared,
            key=lambda line: (line.outcome.pack_level or 0.0, line.site.id, line.item.id),
            default=None,
        )

    def limit_name(self, name: str) -> tuple[str, dict[str, str]]:
        """Return the kind of a limit that a proof prices and its gaps, from its JSON name."""
        kind, *parts = json.loads(name)
        parts = [str(part) for part in parts]
        if kind == "road":
            warehouse, site, unit, period = parts
            return kind, {
                "warehouse": self.place_name(warehouse), "site": self.site_name(site),
                "unit": unit, "period": period,
            }  # fmt: skip
        if kind == "shared":
            names = {limit.id: limit.name or limit.id for limit in self.problem.shared_limits}
            return kind, {"limit": names[parts[0]], "unit": parts[1], "period": parts[2]}
        if kind == "lock":
            return kind, {"site": self.site_name(parts[0]), "lot": parts[1]}
        return kind, {"lot": parts[0]}

    def all_lines(self) -> list[SiteLine]:
        """Return every need, by site and then by item."""
        return [line for lines in self.site_lines.values() for line in lines]
