"""A case becomes a plan of its own: its frozen question, and its changes as decisions."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.actor import Actor
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Series, new_document
from aidlog.db.work import request_job
from aidlog.needs import arithmetic
from aidlog.planning.cases import locked_case
from aidlog.planning.decisions import Decision, decisions_text, read_decisions
from aidlog.planning.drafting import SOLVE_PLAN, canonical_text
from aidlog.planning.models import CaseState, Plan, PlanCase, PlanNeed, PlanState
from aidlog.registry.models import Item, Organisation, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCase(Command):
    """Plan as case ``number`` of the plan ``code`` does, and say why."""

    code: str
    number: int
    reason: str


class CannotTake(Refusal):
    """The case is no plan: it has no answer, no reason, or counts on goods that nobody has."""


def take_case(session: Session, actor: Actor, command: TakeCase) -> dict[str, Any]:
    """Make a plan of a case's question, to be worked out; return ``{"plan", "job"}``.

    The new plan answers the question as it was frozen, under a number of its own; the plan
    that the case stands beside stays as it is. Stock is looked at again at the approval.

    Raises:
        NotFound: the case is not the actor's.
        CannotTake: it has no answer yet, no reason is given, or it counts on goods that
            nobody holds or promised.
    """
    case = locked_case(session, actor, command.code, command.number)
    reason = command.reason.strip()
    changes = json.loads(case.changes)
    _refuse(case, changes, reason)
    plan = session.get_one(Plan, case.plan_id)
    organisation = session.get_one(Organisation, plan.organisation_id)
    document = new_document(
        session,
        Series.PLAN,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    problem = dataclasses.replace(problem_from_json(json.loads(case.problem)), id=document.code)
    question = canonical_text(problem)
    decided = [
        Decision(message=Message.from_data(change["message"]), reason=reason) for change in changes
    ]
    taken = Plan(
        document_id=document.id,
        organisation_id=plan.organisation_id,
        title=plan.title,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        rule=case.rule,
        state=PlanState.SOLVING,
        problem=question,
        problem_sha256=hashlib.sha256(question.encode()).hexdigest(),
        decisions=decisions_text([*read_decisions(plan.decisions), *decided]),
        created_at=datetime.now(UTC),
        created_by=actor.user_id,
    )
    session.add(taken)
    session.flush()
    session.execute(insert(PlanNeed), _needs(session, plan, taken, problem))
    job = request_job(
        session, actor, SOLVE_PLAN, {"plan": taken.id}, organisation_id=plan.organisation_id
    )
    session.flush()
    taken.job_id = job.id
    return {"plan": document.code, "job": job.id}


def _refuse(case: PlanCase, changes: list[dict[str, Any]], reason: str) -> None:
    if case.state is not CaseState.SOLVED:
        raise CannotTake(Message(N_("This case has no result that could be taken.")))
    missing = [change["message"] for change in changes if change["not_there"]]
    if missing:
        raise CannotTake(
            Message(
                N_(
                    "This case counts on goods that nobody has: {change} A plan needs real"
                    " stock; receive the goods or ask for them, then solve again."
                ),
                {"change": Message.from_data(missing[0])},
            )
        )
    if not reason:
        raise CannotTake(Message(N_("Write why this is decided.")), field="reason")


def _needs(session: Session, plan: Plan, taken: Plan, problem: Problem) -> list[dict[str, Any]]:
    """Return the rows of the needs of ``taken``: those of ``plan``, as the case asks them."""
    columns = [
        column
        for column in PlanNeed.__table__.columns
        if column.name not in {"id", "plan_id", "need", "held", "sent", "before", "after", "reason"}
    ]
    asked = {(need.site, need.item): need for need in problem.needs}
    rows = []
    for site, item, *kept in session.execute(
        select(Place.code, Item.code, *columns)
        .join(Place, Place.id == PlanNeed.site_id)
        .join(Item, Item.id == PlanNeed.item_id)
        .where(PlanNeed.plan_id == plan.id)
    ):
        need = asked[site, item]
        before = arithmetic.coverage(need.need_units, need.held_units)
        rows.append(
            {
                **{column.name: value for column, value in zip(columns, kept, strict=True)},
                "plan_id": taken.id,
                "need": need.need_units,
                "held": need.held_units,
                "sent": 0,
                "before": before,
                "after": before,
                "reason": "",
            }
        )
    return rows
