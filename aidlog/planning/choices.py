"""What a planner chooses when asking for a plan. Places and items are named by their codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aidlog.allocation.problem import Rule
from aidlog.db.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteChoice:
    """A site of the plan. ``weight_percent`` above 100 puts it first, and says why."""

    code: str
    weight_percent: int = 100
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseChoice:
    """A warehouse that gives, and what its trucks carry in the whole plan (None: no limit)."""

    code: str
    max_kg: int | None = None
    max_litres: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadChoice:
    """What the planner knows of one road: shut for this plan, or good for so many kilograms."""

    warehouse: str
    site: str
    closed: bool = False
    max_kg: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockChoice:
    """A person's decision that the plan is worked out around: exactly so many packs."""

    site: str
    item: str
    packs: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPlan(Command):
    """Ask for a plan over ``sites`` and ``items`` (codes) from stock in ``warehouses``."""

    organisation_id: int
    title: str
    starts_on: date
    ends_on: date
    sites: Sequence[SiteChoice]
    items: Sequence[str]
    warehouses: Sequence[WarehouseChoice]
    rule: Rule = Rule.LOWEST_FIRST
    roads: Sequence[RoadChoice] = ()
    locks: Sequence[LockChoice] = ()
