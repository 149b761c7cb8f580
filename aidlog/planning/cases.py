"""What if: up to four cases beside a plan, each its frozen question with some changes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.allocation.checking import ProblemRefused, check
from aidlog.allocation.problem import Problem
from aidlog.allocation.result_json import change_from_json
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document
from aidlog.db.work import Job, JobState, Wish, request_job
from aidlog.needs.models import Basis, Standard
from aidlog.planning.case_changes import advised, with_changes
from aidlog.planning.case_words import CannotChange, CaseChange, Said, What
from aidlog.planning.drafting import canonical_text
from aidlog.planning.gathering import Expected, ExpectedGoods, nothing_expected
from aidlog.planning.models import CaseState, Plan, PlanCase, PlanState
from aidlog.planning.scope import must_reach
from aidlog.planning.solving import CANCELLED_BY_HAND
from aidlog.registry.models import Item, Place

#: The kind of the job that works a case out.
SOLVE_CASE = "solve_case"
MOST_CASES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeCase(Command):
    """Ask what a plan would do after ``changes``; ``code`` is the plan's."""

    code: str
    title: str
    changes: Sequence[CaseChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class TryLimit(Command):
    """Ask what the advice on a limit of the plan does: ``limit`` counts from 0."""

    code: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCase(Command):
    """End the work on a case: with its best so far, or with nothing."""

    code: str
    number: int
    wish: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCase(Command):
    code: str
    number: int


class EnoughCases(Conflict):
    """Four cases stand beside the plan already."""


class StillWorking(Conflict):
    """The case is being worked out, or is not any more."""


def make_case(
    session: Session,
    actor: Actor,
    command: MakeCase,
    expected: ExpectedGoods = nothing_expected,
) -> dict[str, Any]:
    """Freeze a case and request its solving; return ``{"plan", "case", "job"}``.

    ``expected`` tells what was promised, ordered or sent, where a change counts on such goods
    coming in time.

    Raises:
        NotFound: the plan is not the actor's or has no answer, or a change names what is not
            in its question.
        CannotChange: there is no change, or one that changes nothing.
        EnoughCases: four stand there already.
    """
    plan, problem = plan_with_answer(session, actor, command.code)
    if not command.changes:
        raise CannotChange(Message(N_("Choose at least one thing to change.")))
    known = _known(session, actor, plan, command, expected)
    changes = [_resolved(session, problem, change, known) for change in command.changes]
    changed, told = with_changes(problem, changes, fixed=_fixed(session, problem))
    rules = [change.rule for change in changes if change.rule is not None]
    rule = rules[-1].value if rules else plan.rule
    return _freeze(session, actor, plan, command, command.title, changed, told, rule)


def try_limit(session: Session, actor: Actor, command: TryLimit) -> dict[str, Any]:
    """Make a case of the advice on a limit; return ``{"plan", "case", "job"}``.

    Raises:
        NotFound: the plan is not the actor's, or has no such limit with an advice.
        EnoughCases: four stand there already.
    """
    plan, problem = plan_with_answer(session, actor, command.code)
    limits = json.loads(plan.summary or "{}").get("limits", [])
    if not 0 <= command.limit < len(limits) or not limits[command.limit]["advice"]:
        raise NotFound(f"limit {command.limit} of plan {command.code}")
    advice = [change_from_json(change) for change in limits[command.limit]["advice"]]
    changed, told = advised(problem, advice)
    return _freeze(session, actor, plan, command, "", changed, told, plan.rule)


def stop_case(session: Session, actor: Actor, command: StopCase) -> dict[str, Any]:
    """Pass a wish to the worker; return ``{"plan", "case"}``. A cancelled case ends at once.

    Raises:
        NotFound: the case is not the actor's.
        StillWorking: its work has ended already.
    """
    case = locked_case(session, actor, command.code, command.number)
    job = session.scalars(select(Job).where(Job.id == case.job_id).with_for_update()).one()
    if case.state is not CaseState.SOLVING:
        raise StillWorking(Message(N_("The work on this case has ended. Look at its figures.")))
    job.wish = command.wish
    if command.wish is Wish.CANCEL:
        case.state, case.note = CaseState.CANCELLED, _kept(CANCELLED_BY_HAND)
        if job.state is JobState.QUEUED:
            job.state, job.ended_at = JobState.CANCELLED, datetime.now(UTC)
    return {"plan": command.code, "case": command.number}


def remove_case(session: Session, actor: Actor, command: RemoveCase) -> dict[str, Any]:
    """Take a case away from its plan; return ``{"plan"}``.

    Raises:
        NotFound: the case is not the actor's.
        StillWorking: it is being worked out.
    """
    case = locked_case(session, actor, command.code, command.number)
    if case.state is CaseState.SOLVING:
        raise StillWorking(Message(N_("This case is being worked out. Stop it first.")))
    session.delete(case)
    return {"plan": command.code}


def plan_with_answer(session: Session, actor: Actor, code: str) -> tuple[Plan, Problem]:
    """Lock a plan that has an answer to compare with; return it and its question.

    Raises:
        NotFound: there is none such that the actor may draft on.
    """
    plan = session.execute(
        select(Plan)
        .join(Document, Document.id == Plan.document_id)
        .where(Document.code == code, Plan.organisation_id.in_(actor.organisation_ids))
        .with_for_update(of=Plan)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if plan is None:
        raise NotFound(f"plan {code}")
    must_reach(session, actor, plan, Permission.PLAN_DRAFT)
    if plan.summary is None or plan.state in {PlanState.SOLVING, PlanState.FAILED}:
        raise NotFound(f"answer of plan {code}")
    return plan, problem_from_json(json.loads(plan.problem))


def locked_case(session: Session, actor: Actor, code: str, number: int) -> PlanCase:
    """Lock a case, its plan first, as the worker does.

    Raises:
        NotFound: plan or case are not the actor's.
    """
    plan, _ = plan_with_answer(session, actor, code)
    case = session.scalars(
        select(PlanCase)
        .where(PlanCase.plan_id == plan.id, PlanCase.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if case is None:
        raise NotFound(f"case {number} of plan {code}")
    return case


def _freeze(  # noqa: PLR0913, PLR0917 - what a case is made of
    session: Session,
    actor: Actor,
    plan: Plan,
    command: MakeCase | TryLimit,
    title: str,
    problem: Problem,
    told: Iterable[Said],
    rule: str,
) -> dict[str, Any]:
    taken = set(session.scalars(select(PlanCase.number).where(PlanCase.plan_id == plan.id)))
    free = [number for number in range(1, MOST_CASES + 1) if number not in taken]
    if not free:
        raise EnoughCases(
            Message(N_("Four cases stand beside this plan already. Remove one of them first."))
        )
    faults = check(problem)
    if faults:
        raise ProblemRefused(faults)
    question = canonical_text(problem)
    case = PlanCase(
        plan_id=plan.id,
        number=free[0],
        title=title.strip()[:80],
        changes=json.dumps(
            [{"message": said.message.as_data(), "not_there": said.not_there} for said in told],
            sort_keys=True,
        ),
        rule=rule,
        state=CaseState.SOLVING,
        problem=question,
        problem_sha256=hashlib.sha256(question.encode()).hexdigest(),
        created_at=datetime.now(UTC),
        created_by=actor.user_id,
    )
    session.add(case)
    session.flush()
    payload = {"case": case.id}
    job = request_job(session, actor, SOLVE_CASE, payload, organisation_id=plan.organisation_id)
    session.flush()
    case.job_id = job.id
    return {"plan": command.code, "case": case.number, "job": job.id}


def _known(
    session: Session, actor: Actor, plan: Plan, command: MakeCase, expected: ExpectedGoods
) -> list[Expected]:
    """Return what the plan's organisation expects, read only where a change counts on it."""
    if all(change.what is not What.IN_TIME for change in command.changes):
        return []
    return [
        goods for goods in expected(session, actor) if goods.organisation_id == plan.organisation_id
    ]


def _resolved(
    session: Session, problem: Problem, change: CaseChange, known: Iterable[Expected]
) -> CaseChange:
    """Return a change with what stands in the tables behind it: how much of a pledge is open."""
    if change.what is not What.IN_TIME:
        return change
    item = session.execute(select(Item.id).where(Item.code == change.item)).scalar_one_or_none()
    packs = {row.id: row.pack_units for row in problem.items}
    for goods in known:
        if (goods.document, goods.item_id) == (change.document, item) and change.item in packs:
            return dataclasses.replace(
                change,
                number=_whole_packs(goods, packs[change.item]),
                certainty=goods.certainty,
                warehouse=_where(session, goods, problem) or change.warehouse,
                only_for=_wished(session, goods, problem),
            )
    raise NotFound(f"goods of {change.document}")


def _whole_packs(goods: Expected, pack: int) -> int:
    if goods.quantity < pack:
        raise CannotChange(
            Message(N_("{document} is less than one pack."), {"document": goods.document}),
            field="coming",
        )
    return goods.quantity // pack


def _where(session: Session, goods: Expected, problem: Problem) -> str | None:
    """Return the warehouse of the plan that goods come to, None where it is none of them."""
    place = None if goods.place_id is None else session.get(Place, goods.place_id)
    stores = {store.id for store in problem.warehouses}
    return place.code if place is not None and place.code in stores else None


def _wished(session: Session, goods: Expected, problem: Problem) -> tuple[str, ...]:
    """Return the sites of the plan that goods are given for, none for any.

    Raises:
        CannotChange: they are given for other sites.
    """
    if not goods.earmarks:
        return ()
    codes = session.scalars(select(Place.code).where(Place.id.in_(goods.earmarks)))
    wished = tuple(sorted(set(codes) & {site.id for site in problem.sites}))
    if not wished:
        raise CannotChange(
            Message(
                N_("{document} is given for sites that are not in this plan."),
                {"document": goods.document},
            ),
            field="coming",
        )
    return wished


def _fixed(session: Session, problem: Problem) -> frozenset[str]:
    """Return the items of which a site is due the same however many people live there."""
    codes = [item.id for item in problem.items]
    rows = session.execute(
        select(Item.code, Standard.basis)
        .join(Standard, Standard.item_id == Item.id)
        .where(Item.code.in_(codes), Standard.in_force)
    ).all()
    by_people = {row.code for row in rows if row.basis is not Basis.SITE}
    return frozenset({row.code for row in rows} - by_people)


def _kept(sentence: Message) -> str:
    return json.dumps(sentence.as_data(), sort_keys=True)
