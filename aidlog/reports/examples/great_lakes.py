"""A month for eight camps from two warehouses: a worked example, every figure invented.

The recipe, for whoever has three things that most operations have:

1. **Camps with people and households** (a camp's own count, or an agency's figures). A need
   is a standard times what it is counted by: 12 kg of maize meal a person a month, one
   tarpaulin a household. Round up: nobody gets half a blanket.
2. **Road distances in km** from each warehouse to each camp. Days on the road are km over
   what a truck does in a day here; cost per kg is km times the carrier's rate; the limit is
   trips times the load of the truck that can use that road. Leave out a road that does not
   exist; close one that is cut.
3. **A catalogue with weights** (kg and litres a unit, as standard catalogues of relief items
   give them). A pack is the smallest thing that leaves the store: a bag, a carton, a bale.
   Its weight is units × kg a unit and the packing; its volume is litres / 1,000.

Then what stands in the warehouses, lot by lot, and what people decided already. The names
mean hope, shade, grace and the like; no such camps exist.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

PLAN_NAME = "December food and shelter (example)"
ORGANISATION = "Example Relief Committee"
STARTS_ON = date(2026, 12, 1)

TRUCK_KM_PER_DAY = 180
CARRIER_RATE = 0.00032
"""US dollars a kg and km."""
GUARANTEE = 0.2
"""Share of every food need that is met before anything else is decided."""


@dataclass(frozen=True, slots=True)
class _Item:
    """``per_person`` or ``per_household`` is the month's standard in units."""

    code: str
    name: str
    tier: int
    pack_units: int
    kg_per_pack: float
    litres_per_pack: float
    per_person: float = 0.0
    per_household: float = 0.0


@dataclass(frozen=True, slots=True)
class _Site:
    """``km`` from the lake and the hill warehouse, None where no road leads."""

    code: str
    name: str
    people: int
    households: int
    km: tuple[int | None, int | None]
    truck_kg: int
    trips: int
    stocked: float
    """Share of the month's needs that the site's own store holds already."""
    weight: float = 1.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Lot:
    code: str
    warehouse: str
    item: str
    packs: int
    donor: str
    expires: date | None = None
    only_for: tuple[str, ...] = ()


ITEMS = (
    _Item("MAIZE", "Maize meal", 1, 25, 25.2, 52.5, per_person=12),
    _Item("BEANS", "Red kidney beans", 1, 25, 25.2, 27.5, per_person=1.8),
    _Item("OIL", "Vegetable oil, 1 L bottle", 1, 12, 11.5, 16.2, per_person=0.75),
    _Item("BLANKET", "Blanket, synthetic, 1.5 × 2 m", 2, 30, 48.0, 300.0, per_person=0.4),
    _Item("TARP", "Tarpaulin 4 × 6 m", 2, 5, 22.0, 56.0, per_household=0.5),
    _Item("SOAP", "Laundry soap, 200 g bar", 2, 48, 10.4, 8.9, per_person=1),
)

SITES = (
    _Site("T1", "Tumaini", 4120, 860, (46, 152), 10_000, 4, 0.10),
    _Site("K2", "Kivuli", 1870, 390, (71, 118), 10_000, 2, 0.05, 1.25,
          "New arrivals in November, no harvest of their own"),
    _Site("N3", "Neema", 1460, 305, (93, None), 4_000, 4, 0.12),
    _Site("U4", "Umoja", 3550, 740, (38, 161), 10_000, 4, 0.20),
    _Site("F5", "Furaha", 2950, 615, (None, 54), 10_000, 3, 0.15),
    _Site("I6", "Imani", 1230, 255, (128, 66), 4_000, 3, 0.40),
    _Site("S7", "Subira", 820, 170, (164, 47), 4_000, 2, 0.30),
    _Site("P8", "Site 08", 980, 205, (57, 139), 4_000, 3, 0.00, 1.5,
          "Cut off since October; malnutrition screening in November"),
)  # fmt: skip

WAREHOUSES = (("LAKE", "Lake warehouse"), ("HILL", "Hill warehouse"))

STOCK = (
    _Lot("L-101", "LAKE", "MAIZE", 2400, "Food agency", expires=date(2027, 3, 31)),
    _Lot("L-102", "LAKE", "MAIZE", 260, "Millers' association", expires=date(2026, 12, 14)),
    _Lot("L-103", "LAKE", "BEANS", 420, "Food agency", expires=date(2027, 6, 30)),
    _Lot("L-104", "LAKE", "OIL", 260, "Diaspora appeal", expires=date(2027, 1, 31)),
    _Lot("L-105", "LAKE", "BLANKET", 60, "Diaspora appeal"),
    _Lot("L-106", "LAKE", "BLANKET", 12, "Parish of St Anne", only_for=("K2", "N3")),
    _Lot("L-107", "LAKE", "TARP", 130, "Shelter fund"),
    _Lot("L-108", "LAKE", "SOAP", 120, "Diaspora appeal"),
    _Lot("H-201", "HILL", "MAIZE", 1500, "Food agency", expires=date(2027, 2, 28)),
    _Lot("H-202", "HILL", "BEANS", 190, "Food agency", expires=date(2027, 5, 31)),
    _Lot("H-203", "HILL", "OIL", 150, "Food agency", expires=date(2027, 4, 30)),
    _Lot("H-204", "HILL", "BLANKET", 30, "Shelter fund"),
    _Lot("H-205", "HILL", "TARP", 70, "Sister city", only_for=("F5", "S7")),
    _Lot("H-206", "HILL", "SOAP", 60, "Soap cooperative"),
)

#: The road to Imani from the lake is cut by a bridge that is down.
CLOSED = {("LAKE", "I6")}


def problem_document() -> dict[str, Any]:
    """Return the example as an ``aidlog-problem/1`` document."""
    return {
        "schema": "aidlog-problem/1",
        "id": PLAN_NAME,
        "divisible": False,
        "tiers": "lexicographic",
        "periods": 1,
        "min_shelf_days_on_arrival": 7,
        "items": [_item(item) for item in ITEMS],
        "sites": [_site(site) for site in SITES],
        "warehouses": [{"id": code, "name": name} for code, name in WAREHOUSES],
        "lots": [_lot(lot) for lot in STOCK],
        "needs": [_need(site, item) for site in SITES for item in ITEMS],
        "routes": [
            _road(warehouse, site, km)
            for place, (warehouse, _) in enumerate(WAREHOUSES)
            for site in SITES
            if (km := site.km[place]) is not None
        ],
        "shared_limits": [
            {
                "id": "FERRY",
                "name": "Ferry, 7 crossings of 5 t",
                "over": [["LAKE", "K2"], ["LAKE", "N3"], ["LAKE", "P8"]],
                "max_kg": 35_000.0,
            }
        ],
        "locks": [
            {
                "site": "U4",
                "item": "SOAP",
                "packs": 30,
                "sense": "at_least",
                "reason": "Cholera watch: promised to the health committee",
            }
        ],
    }


def _item(item: _Item) -> dict[str, Any]:
    return {
        "id": item.code,
        "name": item.name,
        "tier": item.tier,
        "pack_units": item.pack_units,
        "kg_per_pack": item.kg_per_pack,
        "m3_per_pack": item.litres_per_pack / 1000,
    }


def _site(site: _Site) -> dict[str, Any]:
    return {
        "id": site.code,
        "name": site.name,
        "population": site.people,
        "households": site.households,
        "weight": site.weight,
        "reason": site.reason,
    }


def _lot(lot: _Lot) -> dict[str, Any]:
    return {
        "id": lot.code,
        "warehouse": lot.warehouse,
        "item": lot.item,
        "packs": lot.packs,
        "expiry_day": None if lot.expires is None else (lot.expires - STARTS_ON).days,
        "sites": list(lot.only_for) or None,
        "donor": lot.donor,
    }


def _need(site: _Site, item: _Item) -> dict[str, Any]:
    units = math.ceil(site.people * item.per_person + site.households * item.per_household)
    need = {
        "site": site.code,
        "item": item.code,
        "need_units": units,
        "held_units": math.floor(units * site.stocked),
    }
    return {**need, "min_fraction": GUARANTEE} if item.tier == 1 else need


def _road(warehouse: str, site: _Site, km: int) -> dict[str, Any]:
    return {
        "warehouse": warehouse,
        "site": site.code,
        "open": (warehouse, site.code) not in CLOSED,
        "max_kg": float(site.truck_kg * site.trips),
        "travel_days": math.ceil(km / TRUCK_KM_PER_DAY),
        "cost_per_kg": round(km * CARRIER_RATE, 4),
    }
