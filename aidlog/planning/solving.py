"""A plan's question is worked out elsewhere; here it is handed out and its answer published."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem, Rule
from aidlog.allocation.result import NeedResult, Result, Shipment, Status
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound
from aidlog.core.text import N_, Message
from aidlog.db import audit
from aidlog.db.commands import Command
from aidlog.db.numbering import Document
from aidlog.db.work import Job, JobState, Wish
from aidlog.needs import arithmetic
from aidlog.planning.models import Plan, PlanLine, PlanNeed, PlanState
from aidlog.planning.question import standing_lot
from aidlog.planning.scope import must_reach
from aidlog.registry.models import Item, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSolver(Command):
    """Ask the work on a plan to end: with its best so far, or with nothing."""

    code: str
    wish: Wish


class NothingRuns(Conflict):
    """The plan is not being worked out now."""


CANCELLED_BY_HAND = Message(N_("Stopped before it was worked out. Nothing was reserved."))


def ask_solver(session: Session, actor: Actor, command: AskSolver) -> dict[str, Any]:
    """Pass a wish to the worker; return ``{"plan"}``. A cancelled plan ends at once.

    Raises:
        NotFound: the plan is not the actor's.
        NothingRuns: its work has ended already.
    """
    assert command.wish is not Wish.NONE
    row = session.execute(
        select(Plan, Document.code)
        .join(Document, Document.id == Plan.document_id)
        .where(Document.code == command.code, Plan.organisation_id.in_(actor.organisation_ids))
        .with_for_update(of=Plan)
    ).one_or_none()
    if row is None:
        raise NotFound(f"plan {command.code}")
    plan, code = row
    must_reach(session, actor, plan, Permission.PLAN_DRAFT)
    job = session.scalars(select(Job).where(Job.id == plan.job_id).with_for_update()).one()
    if plan.state is not PlanState.SOLVING:
        raise NothingRuns(
            Message(N_("The work on {plan} has ended. Open the plan."), {"plan": code})
        )
    job.wish = command.wish
    if command.wish is Wish.CANCEL:
        _end(plan, PlanState.CANCELLED, CANCELLED_BY_HAND)
        if job.state is JobState.QUEUED:
            job.state, job.ended_at = JobState.CANCELLED, datetime.now(UTC)
    return {"plan": code}


def question_of(session: Session, plan_id: int, job_id: str) -> tuple[Problem, Rule] | None:
    """Return the frozen question and its rule; None where this job has nothing to do on it."""
    plan = session.get_one(Plan, plan_id)
    if plan.state is not PlanState.SOLVING or plan.job_id != job_id:
        return None
    return problem_from_json(json.loads(plan.problem)), Rule(plan.rule)


def publish(session: Session, plan_id: int, job_id: str, result: Result) -> bool:
    """Write the answer: lines, needs and the whole result, or nothing; say whether it was.

    An answer that nobody waits for any more (the plan was cancelled, or asked anew) is
    dropped. Locks that cannot all be kept end the plan with their names.
    """
    from aidlog.allocation.result_json import result_to_json, summary_of

    plan = session.scalars(select(Plan).where(Plan.id == plan_id).with_for_update()).one()
    if plan.state is not PlanState.SOLVING or plan.job_id != job_id:
        return False
    document = result_to_json(result)
    plan.result = json.dumps(document, sort_keys=True, ensure_ascii=False)
    plan.summary = json.dumps(summary_of(document), sort_keys=True, ensure_ascii=False)
    plan.solved_at = datetime.now(UTC)
    if result.status is Status.INFEASIBLE_LOCKS:
        _end(plan, PlanState.FAILED, locks_clash(result.clashing_locks))
        return True
    problem = problem_from_json(json.loads(plan.problem))
    ids = _ids(session, problem)
    lines = list(_lines(plan, problem, result.shipments, ids))
    if lines:
        session.execute(insert(PlanLine), lines)
    _answer_needs(session, plan, result.needs, ids)
    plan.state = PlanState.SOLVED
    audit.record(
        session,
        actor_id=plan.created_by,
        verb="PlanSolved",
        subject=f"plan {plan.id}",
        content_hash=result.problem_sha256,
    )
    return True


def give_up(session: Session, plan_id: int, job_id: str, sentence: Message) -> None:
    """End a plan whose work failed, with the sentence that says why."""
    plan = session.scalars(select(Plan).where(Plan.id == plan_id).with_for_update()).one()
    if plan.state is PlanState.SOLVING and plan.job_id == job_id:
        _end(plan, PlanState.FAILED, sentence)


def replay(plan: Plan) -> bool:
    """Work the stored question out again; say whether the stored answer comes out.

    Everything is compared but the time it took. An answer that a person or the clock cut
    short need not come out again.
    """
    from aidlog.allocation.engine import Options, solve
    from aidlog.allocation.result_json import result_to_json

    assert plan.result is not None, "only a solved plan can be replayed"
    problem = problem_from_json(json.loads(plan.problem))
    again = result_to_json(solve(problem, Options(rule=Rule(plan.rule))))
    return _without_times(again) == _without_times(json.loads(plan.result))


def _without_times(result: Mapping[str, Any]) -> dict[str, Any]:
    plain = json.loads(json.dumps(result))
    return {key: value for key, value in plain.items() if key not in {"timings", "options"}}


def locks_clash(locks: Sequence[Message]) -> Message:
    """Return the sentence that names the locks which cannot all be kept."""
    named = locks[0]
    for lock in locks[1:]:
        named = Message(N_("{one} {other}"), {"one": named, "other": lock})
    return Message(
        N_("These numbers cannot all be kept. {locks} Plan again without one of them."),
        {"locks": named},
    )


def _end(plan: Plan, state: PlanState, sentence: Message) -> None:
    plan.state = state
    plan.note = json.dumps(sentence.as_data(), sort_keys=True)


@dataclass(frozen=True, slots=True)
class _Ids:
    """Ids of the rows behind the codes of a question."""

    places: Mapping[str, int]
    items: Mapping[str, int]


def _ids(session: Session, problem: Problem) -> _Ids:
    codes = {site.id for site in problem.sites} | {place.id for place in problem.warehouses}
    places = session.execute(select(Place.code, Place.id).where(Place.code.in_(codes)))
    items = session.execute(
        select(Item.code, Item.id).where(Item.code.in_({item.id for item in problem.items}))
    )
    return _Ids(
        places={row.code: row.id for row in places}, items={row.code: row.id for row in items}
    )


def _lines(
    plan: Plan, problem: Problem, shipments: Iterable[Shipment], ids: _Ids
) -> Iterable[dict[str, Any]]:
    """The rows of the plan's lines: one for each lot, warehouse and site, whatever the period.

    What is still to come is nobody's to reserve, so it has none.
    """
    packs: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for shipment in shipments:
        whole = round(shipment.packs)
        assert abs(shipment.packs - whole) < 1e-6, "a plan sends whole packs"
        packs[shipment.warehouse, shipment.site, shipment.item, shipment.lot] += whole
    sizes = {item.id: item.pack_units for item in problem.items}
    for (warehouse, site, item, lot), number in sorted(packs.items()):
        standing = standing_lot(lot)
        if number and standing is not None:
            yield {
                "plan_id": plan.id,
                "warehouse_id": ids.places[warehouse],
                "site_id": ids.places[site],
                "lot_id": standing,
                "item_id": ids.items[item],
                "packs": number,
                "pack_size": sizes[item],
                "quantity": number * sizes[item],
            }


def _answer_needs(session: Session, plan: Plan, needs: Iterable[NeedResult], ids: _Ids) -> None:
    asked = {
        (row.site_id, row.item_id): row
        for row in session.execute(
            select(
                PlanNeed.id, PlanNeed.site_id, PlanNeed.item_id, PlanNeed.need, PlanNeed.held
            ).where(PlanNeed.plan_id == plan.id)
        )
    }
    answered = []
    for answer in needs:
        row = asked[ids.places[answer.site], ids.items[answer.item]]
        sent = round(answer.units)
        after = arithmetic.coverage(row.need, row.held + sent)
        assert after is not None, "a plan asks only for needs above zero"
        reason = json.dumps(_reason_data(answer), sort_keys=True)
        answered.append({"id": row.id, "sent": sent, "after": after, "reason": reason})
    session.execute(update(PlanNeed), answered)


def _reason_data(answer: NeedResult) -> dict[str, Any]:
    """Return what is kept of the reason of a need: why this much, and what would stop it next."""
    reason, following, shared_out = answer.reason, answer.reason.next, answer.hand_out
    return {
        "code": reason.code,
        "message": reason.message.as_data(),
        "limit": reason.limit,
        "shared_by": reason.shared_by,
        "next": following and {"code": following.code, "permille": int(following.level * 1000)},
        "fair_packs": round(answer.fraction_packs, 1),
        "hand_out": shared_out and {"each": shared_out.each, "one_more": shared_out.one_more},
    }
