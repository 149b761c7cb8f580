"""The question: who needs what, what there is, and the roads between (``aidlog-problem/1``).

Plain frozen data with checked ids; it knows neither files nor the database. Quantities of
goods are whole packs or whole base units, weights are kilograms per pack, volumes cubic
metres per pack, days are counted from the first day of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """How the worst-off are weighed against the rest."""

    LOWEST_FIRST = "lowest-first"
    EQUAL_SHARE = "equal-share"
    PRIORITY_WEIGHTS = "priority-weights"
    FIRST_COME = "first-come"
    CHEAPEST = "cheapest"


class Tiers(StrEnum):
    """Whether a lower tier waits for a higher one."""

    LEXICOGRAPHIC = "lexicographic"
    POOLED = "pooled"


class Sense(StrEnum):
    EXACT = "exact"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class LimitScope(StrEnum):
    PERIOD = "period"
    HORIZON = "horizon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """``pack_units``: base units in the smallest pack that may leave a warehouse."""

    id: str
    pack_units: int
    tier: int = 1
    kg_per_pack: float | None = None
    m3_per_pack: float | None = None
    name: str = ""
    weight: float = 1.0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """``weight`` ≥ 1: at an equal level a site of weight 1.5 gets 1.5 times the coverage."""

    id: str
    population: int
    weight: float = 1.0
    name: str = ""
    households: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Whole packs of one item in one warehouse; ``sites`` is an earmark (None = any site).

    ``expiry_day`` is the last day of use: packs may arrive on that very day, or so many days
    before it as the problem asks to remain. ``confidence`` is the share of the packs that may
    be counted on (a pledge), rounded down to whole packs unless the problem is divisible.
    ``unit_cost`` is what a pack would cost to buy.
    """

    id: str
    warehouse: str
    item: str
    packs: int
    expiry_day: int | None = None
    sites: frozenset[str] | None = None
    available_period: int = 1
    donor: str = ""
    confidence: float = 1.0
    unit_cost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Base units; ``held_units`` are at the site already or on the way to it.

    ``min_fraction`` is a guaranteed share of the need; ``carried`` the coverage that this
    need had in earlier rounds, which is added to its level.
    """

    site: str
    item: str
    need_units: int
    held_units: int = 0
    min_fraction: float = 0.0
    carried: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A road; its limits hold per period (None = no limit). A pair not listed is closed."""

    warehouse: str
    site: str
    open: bool = True
    max_kg: float | None = None
    max_m3: float | None = None
    travel_days: int = 0
    cost_per_kg: float = 0.0
    open_from_period: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLimit:
    """One limit over many routes: a gate, a ferry, a convoy, a budget.

    ``over`` are the (warehouse, site) pairs it holds for, already spelled out.
    """

    id: str
    over: frozenset[tuple[str, str]]
    name: str = ""
    max_kg: float | None = None
    max_m3: float | None = None
    max_cost: float | None = None
    scope: LimitScope = LimitScope.PERIOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A person's decision: so many packs of a lot, or of an item, to this site."""

    site: str
    packs: int
    lot: str | None = None
    item: str | None = None
    sense: Sense = Sense.EXACT
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything the engine may know. The order of the lists carries no meaning.

    Period ``t`` (1, 2, …) starts on day ``(t - 1) · period_days``; what leaves then arrives
    ``travel_days`` later.
    """

    id: str
    items: tuple[Item, ...]
    sites: tuple[Site, ...]
    warehouses: tuple[Warehouse, ...]
    lots: tuple[Lot, ...]
    needs: tuple[Need, ...]
    routes: tuple[Route, ...]
    shared_limits: tuple[SharedLimit, ...] = ()
    locks: tuple[Lock, ...] = ()
    divisible: bool = False
    tiers: Tiers = Tiers.LEXICOGRAPHIC
    periods: int = 1
    period_days: int = 30
    min_shelf_days_on_arrival: int = 0
