"""The answer, as data (``aidlog-result/1``); sentences are made from it at the edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from aidlog.allocation.problem import Rule, Sense
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
class NextStop:
    """The second bottleneck of a need: without the first it could stand no higher than ``level``.

    Everyone else keeps what the fractional optimum gives them. ``covered`` where no other
    limit stops it before all of its need is met.
    """

    code: ReasonCode
    limit: str
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """``limit`` names the bottleneck, ``shared_by`` counts the needs that share it.

    ``next`` is what would stop the need if the bottleneck were gone.
    """

    code: ReasonCode
    message: Message
    limit: str = ""
    shared_by: int = 0
    next: NextStop | None = None


class PackProof(StrEnum):
    """How it is known that a need cannot have a pack more."""

    CUT = "cut"
    SEARCH = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackStop:
    """Why a need stands more than a pack below its fraction, and what proves it.

    No plan gives the need a pack more while everybody at or below its level keeps all packs
    and everybody above stays above it. By ``cut``: a cut of ``Result.pack_certificate`` that
    stops it shows so by arithmetic, and ``code`` and ``limit`` say what it prices. By
    ``search``: every way to load the trucks was tried, for this need or for the whole plan.
    """

    code: ReasonCode
    limit: str
    proof: PackProof
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOut:
    """Whole units for each household, and how many households can get one unit more."""

    households: int
    each: int
    one_more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedResult:
    """One row a need, in the problem's canonical order (site id, item id).

    ``level`` is that of the fractional optimum and ``pack_level`` of the whole-pack plan,
    both None where the need is outside the fairness vector; ``packs`` and ``units`` are
    what the plan sends (whole numbers unless the problem is divisible). ``fraction_packs``
    are the packs of the fractional optimum, ``rounding_packs`` what the plan sends beyond
    them (below zero: less). ``packs_stopped`` proves what is missing where that is more than a
    pack; None where it is not, or no proof was found. ``hand_out`` is None where households are
    not known.
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
    fraction_packs: float = 0.0
    rounding_packs: float = 0.0
    packs_stopped: PackStop | None = None
    hand_out: HandOut | None = None


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


class Act(StrEnum):
    """What a :class:`Change` does to a problem."""

    MORE_PACKS = "more_packs"
    MORE_ROAD = "more_road"
    MORE_SHARED = "more_shared"
    OPEN_ROAD = "open_road"
    FREE_EARMARK = "free_earmark"
    DROP_LOCK = "drop_lock"
    DROP_GUARANTEE = "drop_guarantee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change to a problem, in its own ids: see ``changing.changed``, which makes it.

    ``more`` packs of a lot; ``more`` of ``field`` (max_kg, max_m3, max_cost) of a road or a
    shared limit; a road opened; the earmark of a lot lifted; a lock (known by its site, lot or
    item, ``packs`` and ``sense``) or the guarantee of a need dropped.
    """

    act: Act
    lot: str | None = None
    warehouse: str | None = None
    site: str | None = None
    item: str | None = None
    limit: str | None = None
    field: str | None = None
    packs: int | None = None
    sense: Sense | None = None
    more: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Something that is used up and holds needs back; the lowest level held back first.

    ``advice`` is a little more of it (``step`` in all), and ``worth`` what that would do to
    the fractional optimum, found by solving again: the change of ``min_level`` (of all needs
    that are compared), of ``lowest_held_back`` (of the needs that this limit holds back) and
    of ``people_items``, and how many needs would be ``raised`` or ``lowered``. ``in_packs``
    is the change of the whole-pack plan, where both plans are proved. Both are empty where
    it was not worked out.
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
    in_packs: Mapping[str, float] = field(default_factory=dict)
    advice: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """A need whose level a decision, promise or closed road changes: ``now``, and ``without``."""

    site: str
    item: str
    now: float
    without: float


class PriceKind(StrEnum):
    LOCK = "lock"
    GUARANTEE = "guarantee"
    EARMARK = "earmark"
    CLOSED_ROAD = "closed_road"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one lock, guarantee, earmark or closed road costs, and whom.

    Found by solving again with ``change``: ``worth`` as for :class:`Limit`, ``harmed`` the few
    needs that stand lowest beside what they would have without it, ``needs_harmed`` all of
    them, ``needs_helped`` those that would stand lower without it.
    """

    kind: PriceKind
    change: Change
    message: Message
    worth: Mapping[str, float]
    harmed: tuple[Harm, ...]
    needs_harmed: int
    needs_helped: int


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
class TierReport:
    """Where one phase stands: the guarantees, one tier, or all tiers pooled.

    ``level`` is the lowest level of the proven fractional optimum (None without proof),
    ``pack_level`` that of the plan, ``bound`` the most that any plan that keeps the locks can
    reach, ``gap`` what lies between plan and bound. For guarantees all four are shares of what
    is guaranteed. ``proven``: no plan is fairer.
    """

    phase: str
    tier: int | None
    needs: int
    level: float | None
    pack_level: float
    bound: float
    gap: float
    proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What another rule would have done to the worst-off: one need and its level there."""

    rule: Rule
    site: str
    item: str
    level: float
    here: float
    zeros: int
    message: Message


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
    how far the plan stays below it. ``pack_certificate`` are the cuts of :class:`PackStop`: with
    a pack more for one of ``stops``, what everybody must keep exceeds them. With
    ``infeasible_locks`` the plan is the best without ``clashing_locks``.
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
    tiers: tuple[TierReport, ...] = ()
    prices: tuple[Price, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    pack_certificate: tuple[Cut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the engine is doing: stage name, best bound and incumbent level, share done."""

    stage: str
    done: float
    bound: float | None = None
    incumbent: float | None = None


OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]
