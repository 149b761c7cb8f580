"""The answer, as data (``aidlog-result/1``); sentences are made from it at the edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aidlog.allocation.problem import Rule
from aidlog.core.text import Message


class Status(StrEnum):
    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE_LOCKS = "infeasible_locks"


class ReasonCode(StrEnum):
    """Why a need got this much and no more."""

    COVERED = "covered"
    NO_NEED = "no_need"
    HELD_ENOUGH = "held_enough"
    NO_STOCK = "no_stock"
    NO_ROAD = "no_road"
    EARMARKED_ELSEWHERE = "earmarked_elsewhere"
    EXPIRES_BEFORE_ARRIVAL = "expires_before_arrival"
    STOCK_USED_UP = "stock_used_up"
    ROUTE_FULL = "route_full"
    SHARED_LIMIT_FULL = "shared_limit_full"
    SEVERAL_LIMITS = "several_limits"
    LOCKED = "locked"
    LESS_THAN_A_PACK = "less_than_a_pack"
    WHOLE_PACKS = "whole_packs"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """``limit`` names the bottleneck, ``shared_by`` counts the needs that share it."""

    code: ReasonCode
    message: Message
    limit: str = ""
    shared_by: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedResult:
    """One row a need, in the problem's canonical order (site id, item id).

    ``level`` is that of the fractional optimum and ``pack_level`` of the whole-pack plan,
    both None where the need is outside the fairness vector; ``packs`` and ``units`` are
    what the plan sends (whole numbers unless the problem is divisible).
    """

    site: str
    item: str
    level: float | None
    pack_level: float | None
    packs: float
    units: float
    reason: Reason
    covered_before: float
    covered_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    lot: str
    warehouse: str
    site: str
    item: str
    period: int
    packs: float
    units: float
    kg: float | None
    m3: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Something that is used up and holds needs back; the most harmful first.

    ``worth`` says, in the fields of :class:`Measures`, what a little more of it would do;
    every figure in it came from solving again (``step`` says with how much more).
    """

    kind: str
    id: str
    message: Message
    used: float
    capacity: float
    unit: str
    needs_held_back: int
    lowest_level: float
    step: float | None = None
    worth: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The figures a plan is compared by; coverage and level are shares of one."""

    min_level: float
    p5: float
    gini: float
    mean: float
    people_items: float
    critical_unmet: float
    zeros: int
    kg: float
    m3: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One certificate line: prices on limits that together stop ``stops``.

    ``prices`` maps the name of a limit to its
    multiplier; every feasible plan obeys Σ π·packs ≤ Σ price·capacity (weak duality). A name
    is a JSON list: ``["lot", id]``, ``["road", warehouse, site, "kg" | "m3", period]``,
    ``["shared", id, "kg" | "m3" | "cost", period]`` (period 0: all periods together) or
    ``["lock", site, lot]``.
    """

    prices: Mapping[str, float]
    right_hand_side: float
    stops: tuple[tuple[str, str], ...]
    members: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The plan and everything that is said about it.

    ``status`` is optimal where it is proved that no plan is fairer in whole packs (or in
    fractions, if the problem is divisible); ``levels_proven`` says so of the fractional levels
    alone. ``bound`` is the most that the lowest level of the first tier can be, and ``gap``
    how far the plan stays below it. With ``infeasible_locks`` the plan is the best without
    ``clashing_locks``.
    """

    problem_id: str
    status: Status
    rule: Rule
    needs: tuple[NeedResult, ...]
    shipments: tuple[Shipment, ...]
    limits: tuple[Limit, ...]
    measures: Measures
    before: Measures
    compared: Mapping[str, Measures]
    bound: float
    gap: float
    certificate: tuple[Cut, ...]
    problem_sha256: str
    engine_version: str
    ortools_version: str
    timings: Mapping[str, float]
    clashing_locks: tuple[Message, ...] = ()
    levels_proven: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the engine is doing: stage name, best bound and incumbent level, share done."""

    stage: str
    done: float
    bound: float | None = None
    incumbent: float | None = None


OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]
