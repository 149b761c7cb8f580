"""What a planner chooses when asking for a plan. Places and items are named by their codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from aidlog.allocation.problem import Rule
from aidlog.db.commands import Command
from aidlog.needs.models import Counts


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
class ItemPriority:
    """An item that comes first in its tier: ``weight_percent`` above 100, and why."""

    code: str
    weight_percent: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A least that is promised of an item to ``site`` ("" is every site), and why.

    ``percent`` of the need, what is there counted in, or so many ``packs`` of this plan; the
    other is 0. Promises that cannot all be kept are kept as far as they can, evenly.
    """

    site: str
    item: str
    percent: int = 0
    packs: int = 0
    reason: str = ""


class Certainty(StrEnum):
    """How sure it is that goods come, the least sure first.

    ``pledged``: a donor said so once. ``announced``: the donor said it again, or part of it
    came. ``ordered``: bought from a supplier. ``in_transit``: on a truck to a warehouse.
    """

    PLEDGED = "pledged"
    ANNOUNCED = "announced"
    ORDERED = "ordered"
    IN_TRANSIT = "in_transit"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPlan(Command):
    """Ask for a plan over ``sites`` and ``items`` (codes) from stock in ``warehouses``.

    The days are divided into ``periods`` of the same length; what is left over belongs to the
    last. Goods of the kinds ``coming`` are counted on from the first period that starts on or
    after the day they are expected; those that no warehouse was named for come to
    ``coming_to``, or are left out where that is "".

    ``earlier_rounds``: so many approved plans before this one count, see earlier_rounds.py.

    ``counting``: which figure is the need in the whole plan, and why; None as it was decided
    for each site and item. Where there is no such figure standards count.
    """

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
    periods: int = 1
    coming: Sequence[Certainty] = ()
    coming_to: str = ""
    priorities: Sequence[ItemPriority] = ()
    promises: Sequence[Promise] = ()
    earlier_rounds: int = 0
    counting: Counts | None = None
    counting_reason: str = ""
