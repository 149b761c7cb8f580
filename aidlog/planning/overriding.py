"""A person fixes one number of a plan; a new plan is worked out around it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem, Rule, Sense
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document
from aidlog.planning.choices import (
    Certainty,
    DraftPlan,
    ItemPriority,
    LockChoice,
    RoadChoice,
    SiteChoice,
    WarehouseChoice,
)
from aidlog.planning.decisions import read_decisions
from aidlog.planning.drafting import draft_plan
from aidlog.planning.gathering import ExpectedGoods, nothing_expected
from aidlog.planning.models import Plan
from aidlog.planning.question import ROAD_LIMIT, coming_lot, standing_lot
from aidlog.planning.scope import within_reach


@dataclass(frozen=True, slots=True, kw_only=True)
class LockCell(Command):
    """Send exactly so many packs of an item to a site, and say why (plan and places by code)."""

    code: str
    site: str
    item: str
    packs: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockCell(Command):
    """Let one number that a person fixed go free again (plan and places by code)."""

    code: str
    site: str
    item: str


class LockWithoutReason(Refusal):
    """A number that a person fixes says why, for those who get less."""


def lock_cell(
    session: Session,
    actor: Actor,
    command: LockCell,
    expected: ExpectedGoods = nothing_expected,
) -> dict[str, Any]:
    """Ask for the same plan with one number fixed; return ``{"plan", "job"}`` of the new one.

    Stock, needs and people are read anew, so the new plan answers today's question. The old
    plan stays as it is, to be compared with.

    Raises:
        NotFound: plan, site or item are not the actor's, or not part of the plan.
        LockWithoutReason: no reason was given.
    """
    if not command.reason.strip():
        raise LockWithoutReason(Message(N_("Choose why this number is fixed.")), field="reason")
    plan, problem = question_again(session, actor, command.code, Permission.PLAN_DRAFT)
    cell = (command.site, command.item)
    if not any((need.site, need.item) == cell for need in problem.needs):
        raise NotFound(f"cell of plan {command.code}")
    others = [lock for lock in kept_locks(problem) if (lock.site, lock.item) != cell]
    locks = [
        *others,
        LockChoice(
            site=command.site,
            item=command.item,
            packs=command.packs,
            reason=command.reason.strip(),
        ),
    ]
    again = asked_again(plan, problem, command.command_id, locks)
    return draft_plan(session, actor, again, expected)


def unlock_cell(
    session: Session,
    actor: Actor,
    command: UnlockCell,
    expected: ExpectedGoods = nothing_expected,
) -> dict[str, Any]:
    """Ask for the same plan without one fixed number; return ``{"plan", "job"}`` of the new one.

    Raises:
        NotFound: the plan is not the actor's, or no such number is fixed in it.
    """
    plan, problem = question_again(session, actor, command.code, Permission.PLAN_DRAFT)
    cell = (command.site, command.item)
    locks = kept_locks(problem)
    others = [lock for lock in locks if (lock.site, lock.item) != cell]
    if len(others) == len(locks):
        raise NotFound(f"lock of plan {command.code}")
    again = asked_again(plan, problem, command.command_id, others)
    return draft_plan(session, actor, again, expected)


def kept_locks(problem: Problem) -> list[LockChoice]:
    """Return the numbers that persons fixed in an earlier question."""
    return [
        LockChoice(site=lock.site, item=lock.item, packs=lock.packs, reason=lock.reason)
        for lock in problem.locks
        if lock.item is not None and lock.sense is Sense.EXACT
    ]


def asked_again(
    plan: Plan, problem: Problem, command_id: str, locks: Sequence[LockChoice]
) -> DraftPlan:
    """Return the command that asked for ``plan``, to be asked once more with ``locks``."""
    trucks = {
        pair[0]: limit
        for limit in problem.shared_limits
        if not limit.id.startswith(ROAD_LIMIT)
        for pair in limit.over
    }
    roads = {
        pair: limit.max_kg
        for limit in problem.shared_limits
        if limit.id.startswith(ROAD_LIMIT)
        for pair in limit.over
    }
    decisions = read_decisions(plan.decisions)
    counting = next((d for d in decisions if d.counting is not None), None)
    return DraftPlan(
        command_id=command_id,
        organisation_id=plan.organisation_id,
        title=plan.title,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        sites=tuple(
            SiteChoice(code=site.id, weight_percent=round(site.weight * 100), reason=site.reason)
            for site in problem.sites
        ),
        items=tuple(item.id for item in problem.items),
        warehouses=tuple(
            WarehouseChoice(
                code=place.id,
                max_kg=_whole(trucks[place.id].max_kg if place.id in trucks else None),
                max_litres=_litres(trucks[place.id].max_m3 if place.id in trucks else None),
            )
            for place in problem.warehouses
        ),
        rule=Rule(plan.rule),
        roads=tuple(
            RoadChoice(
                warehouse=route.warehouse,
                site=route.site,
                closed=not route.open,
                max_kg=_whole(max_kg),
            )
            for route in problem.routes
            for max_kg in (
                route.max_kg if problem.periods == 1 else roads.get((route.warehouse, route.site)),
            )
            if not route.open or max_kg is not None
        ),
        locks=tuple(locks),
        periods=problem.periods,
        coming=tuple(
            sorted({coming_lot(lot.id)[0] for lot in problem.lots if standing_lot(lot.id) is None})
        ),
        coming_to=_usual_warehouse(problem),
        priorities=tuple(
            ItemPriority(code=item.id, weight_percent=round(item.weight * 100), reason=item.reason)
            for item in problem.items
            if item.weight != 1
        ),
        promises=tuple(d.promise for d in decisions if d.promise is not None),
        earlier_rounds=max((d.rounds for d in decisions), default=0),
        counting=counting.counting if counting else None,
        counting_reason=counting.reason if counting else "",
    )


def _usual_warehouse(problem: Problem) -> str:
    """Return where promised goods came to in an earlier question, "" where none did."""
    for lot in problem.lots:
        if standing_lot(lot.id) is None and coming_lot(lot.id)[0] in _PROMISED:
            return lot.warehouse
    return ""


#: Goods that may come without anybody having said where to.
_PROMISED = frozenset({Certainty.PLEDGED, Certainty.ANNOUNCED})


def question_again(
    session: Session, actor: Actor, code: str, permission: Permission
) -> tuple[Plan, Problem]:
    """Return a plan and its frozen question.

    Raises:
        NotFound: the plan is not within the actor's reach.
    """
    plan = session.execute(
        select(Plan)
        .join(Document, Document.id == Plan.document_id)
        .where(Document.code == code, within_reach(actor, permission))
    ).scalar_one_or_none()
    if plan is None:
        raise NotFound(f"plan {code}")
    return plan, problem_from_json(json.loads(plan.problem))


def _whole(kilograms: float | None) -> int | None:
    return None if kilograms is None else int(kilograms)


def _litres(cubic_metres: float | None) -> int | None:
    return None if cubic_metres is None else round(cubic_metres * 1_000)
