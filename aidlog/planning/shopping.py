"""What to buy or ask for beside a plan's stock: asked on its frozen question, kept beside it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem
from aidlog.allocation.shopping import Line, Lowest, Offer, ShoppingAnswer, Step, Wanted
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document
from aidlog.db.work import Job, JobState, Wish, request_job
from aidlog.planning.models import CaseState, Plan, PlanState, ShoppingList
from aidlog.planning.scope import within_reach
from aidlog.planning.solving import CANCELLED_BY_HAND

#: The kind of the job that works a list out.
SHOPPING_LIST = "shopping_list"
#: Minor units: a budget or a price above it is a slip of the hand.
HIGHEST_BUDGET = 10**11
#: States of a plan whose question has an answer to build on.
_ANSWERED = (PlanState.SOLVED, PlanState.SUBMITTED, PlanState.APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a pack of an item costs, in minor units of the list's currency; None is not known."""

    item: str
    price: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWhatToBuy(Command):
    """Ask what to buy for a budget, or how much to ask for to lift the lowest to ``target``.

    ``plan`` and ``warehouse`` are codes; ``budget`` and ``step`` minor units of ``currency``,
    ``budget`` None to ask donors; ``target`` permille. The goods are there on ``deliver_on``.
    """

    plan: str
    warehouse: str
    deliver_on: date
    items: Sequence[Price]
    currency: str = ""
    budget: int | None = None
    step: int | None = None
    target: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSent(Command):
    """The lines of a list were sent to an appeal, called ``title``."""

    plan: str
    number: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopList(Command):
    """End the work on a list with nothing; ``plan`` is its plan's code."""

    plan: str
    number: int


class ListEnded(Conflict):
    """The list is not being worked out any more."""


class CannotShop(Refusal):
    """Something that the list needs is missing; the sentence names it and what to do."""


class SentAlready(Conflict):
    """Its lines stand in an appeal: sent twice they would be asked for twice."""


def ask_what_to_buy(session: Session, actor: Actor, command: AskWhatToBuy) -> dict[str, Any]:
    """Number the list and request its working out; return ``{"plan", "number", "job"}``.

    Raises:
        NotFound: the plan is not the actor's, or an item or warehouse is not of the plan.
        CannotShop: a price, the budget or the day is missing or cannot be.
    """
    actor.must(Permission.PLAN_DRAFT)
    plan = _plan(session, actor, command.plan, Permission.PLAN_DRAFT)
    if plan.state not in _ANSWERED:
        raise CannotShop(Message(N_("Work the plan out first, then ask what to buy for it.")))
    problem = problem_from_json(json.loads(plan.problem))
    _check(plan, problem, command)
    last = session.scalar(
        select(func.max(ShoppingList.number)).where(ShoppingList.plan_id == plan.id)
    )
    made = ShoppingList(
        plan_id=plan.id,
        number=(last or 0) + 1,
        asked=json.dumps(_asked(command), sort_keys=True),
        state=CaseState.SOLVING,
        created_at=datetime.now(UTC),
        created_by=actor.user_id,
    )
    session.add(made)
    session.flush()
    job = request_job(
        session, actor, SHOPPING_LIST, {"list": made.id}, organisation_id=plan.organisation_id
    )
    session.flush()
    made.job_id = job.id
    return {"plan": command.plan, "number": made.number, "job": job.id}


def note_sent(session: Session, actor: Actor, command: NoteSent) -> dict[str, Any]:
    """Remember that the lines were sent, so that nobody sends them twice; return ``{"number"}``.

    Raises:
        NotFound: the list is not the actor's, or has no answer.
        SentAlready: its lines were sent before.
    """
    actor.must(Permission.PLAN_DRAFT)
    plan = _plan(session, actor, command.plan, Permission.PLAN_DRAFT)
    found = _numbered(session, plan, command.number)
    if found is None or found.answer is None:
        raise NotFound(f"list {command.number} of plan {command.plan}")
    if found.sent_to:
        raise SentAlready(
            Message(N_("These lines were sent to “{title}” already."), {"title": found.sent_to})
        )
    found.sent_to, found.sent_at = command.title, datetime.now(UTC)
    return {"number": command.number}


def stop_list(session: Session, actor: Actor, command: StopList) -> dict[str, Any]:
    """End the work on a list at once; return ``{"plan", "number"}``.

    Raises:
        NotFound: the list is not the actor's.
        ListEnded: its work has ended already.
    """
    actor.must(Permission.PLAN_DRAFT)
    plan = _plan(session, actor, command.plan, Permission.PLAN_DRAFT)
    found = _numbered(session, plan, command.number)
    if found is None:
        raise NotFound(f"list {command.number} of plan {command.plan}")
    job = session.scalars(select(Job).where(Job.id == found.job_id).with_for_update()).one()
    if found.state is not CaseState.SOLVING:
        raise ListEnded(Message(N_("The work on this list has ended. Look at what it says now.")))
    job.wish = Wish.CANCEL
    found.state, found.note = CaseState.CANCELLED, json.dumps(CANCELLED_BY_HAND.as_data())
    if job.state is JobState.QUEUED:
        job.state, job.ended_at = JobState.CANCELLED, datetime.now(UTC)
    return {"plan": command.plan, "number": command.number}


def question_of_list(session: Session, list_id: int, job_id: str) -> tuple[Problem, Wanted] | None:
    """Return the frozen question and what is wanted; None where there is nothing to do."""
    found = session.get(ShoppingList, list_id)
    if found is None or not _waits_for(found, job_id):
        return None
    plan = session.get_one(Plan, found.plan_id)
    problem = problem_from_json(json.loads(plan.problem))
    asked = json.loads(found.asked)
    wanted = Wanted(
        offers=tuple(Offer(**offer) for offer in asked["items"]),
        warehouse=asked["warehouse"],
        period=_period(plan, problem, date.fromisoformat(asked["deliver_on"])),
        budget=asked["budget"],
        step=asked["step"] or 0,
        target=asked["target"],
    )
    return problem, wanted


def publish_list(session: Session, list_id: int, job_id: str, answer: ShoppingAnswer) -> bool:
    """Keep the answer; say whether it was. One that nobody waits for is dropped."""
    found = _locked(session, list_id)
    if found is None or not _waits_for(found, job_id):
        return False
    found.answer = json.dumps(dataclasses.asdict(answer), sort_keys=True)
    found.state, found.solved_at = CaseState.SOLVED, datetime.now(UTC)
    return True


def give_up_list(session: Session, list_id: int, job_id: str, sentence: Message) -> None:
    """End a list whose work failed, with the sentence that says why."""
    found = _locked(session, list_id)
    if found is not None and _waits_for(found, job_id):
        found.state = CaseState.FAILED
        found.note = json.dumps(sentence.as_data(), sort_keys=True)


def answer_from(text: str) -> ShoppingAnswer:
    """Return a kept answer."""
    data = json.loads(text)
    return ShoppingAnswer(
        lines=tuple(
            Line(**line | {"lifted": _pairs(line["lifted"]), "without": _lowest(line["without"])})
            for line in data["lines"]
        ),
        before=_lowest(data["before"]),
        after=_lowest(data["after"]),
        lifted=_pairs(data["lifted"]),
        spent=data["spent"],
        steps=tuple(Step(**step | {"lowest": _lowest(step["lowest"])}) for step in data["steps"]),
        proven=data["proven"],
    )


def _pairs(pairs: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((site, item) for site, item in pairs)


def _lowest(data: Mapping[str, Any] | None) -> Lowest | None:
    return None if data is None else Lowest(**data)


def _plan(session: Session, actor: Actor, code: str, permission: Permission) -> Plan:
    plan = session.execute(
        select(Plan)
        .join(Document, Document.id == Plan.document_id)
        .where(Document.code == code, within_reach(actor, permission))
        .with_for_update(of=Plan)
    ).scalar_one_or_none()
    if plan is None:
        raise NotFound(f"plan {code}")
    return plan


def _check(plan: Plan, problem: Problem, command: AskWhatToBuy) -> None:
    if command.warehouse not in {place.id for place in problem.warehouses}:
        raise NotFound(f"warehouse {command.warehouse} of plan {command.plan}")
    known = {item.id: item.name or item.id for item in problem.items}
    for offer in command.items:
        if offer.item not in known:
            raise NotFound(f"item {offer.item} of plan {command.plan}")
    if not command.items or len({offer.item for offer in command.items}) < len(command.items):
        raise CannotShop(Message(N_("Choose at least one item.")), field="items")
    if _period(plan, problem, command.deliver_on) > problem.periods:
        raise CannotShop(
            Message(N_("The goods would come too late for this plan. Choose an earlier day.")),
            field="deliver_on",
        )
    if command.budget is None:
        _check_target(command)
    else:
        _check_budget(command, command.budget, known)


def _check_budget(command: AskWhatToBuy, budget: int, known: Mapping[str, str]) -> None:
    if not 0 < budget <= HIGHEST_BUDGET:
        raise CannotShop(Message(N_("Write the budget.")), field="budget")
    if command.step is None or not 0 < command.step <= HIGHEST_BUDGET:
        raise CannotShop(Message(N_("Write by how much more or less to compare.")), field="step")
    for offer in command.items:
        if offer.price is None or not 0 < offer.price <= HIGHEST_BUDGET:
            raise CannotShop(
                Message(
                    N_("{item}: write what a pack costs, or leave the item out."),
                    {"item": known[offer.item]},
                ),
                field=f"price_{offer.item}",
            )
    currency = command.currency
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise CannotShop(
            Message(N_("Write the currency as three capital letters, for example USD.")),
            field="currency",
        )


def _check_target(command: AskWhatToBuy) -> None:
    if not 0 < command.target <= 1000:
        raise CannotShop(Message(N_("Write a share from 1 to 100 percent.")), field="target")
    for offer in command.items:
        if offer.price is not None and not 0 < offer.price <= HIGHEST_BUDGET:
            raise CannotShop(
                Message(
                    N_("{item}: write what a pack costs, or leave it empty."),
                    {"item": offer.item},
                ),
                field=f"price_{offer.item}",
            )


def _period(plan: Plan, problem: Problem, day: date) -> int:
    """Return the period in which goods of ``day`` can leave; one period is the whole plan."""
    late = (day - plan.starts_on).days
    if problem.periods == 1:
        return 1 if day <= plan.ends_on else 2
    return max(0, -(-late // problem.period_days)) + 1


def _asked(command: AskWhatToBuy) -> dict[str, Any]:
    return {
        "warehouse": command.warehouse,
        "deliver_on": command.deliver_on.isoformat(),
        "items": [{"item": offer.item, "price": offer.price} for offer in command.items],
        "currency": command.currency,
        "budget": command.budget,
        "step": command.step,
        "target": command.target,
    }


def _numbered(session: Session, plan: Plan, number: int) -> ShoppingList | None:
    """Lock a list of a plan that is locked already, as the worker does."""
    return session.scalars(
        select(ShoppingList)
        .where(ShoppingList.plan_id == plan.id, ShoppingList.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _locked(session: Session, list_id: int) -> ShoppingList | None:
    return session.scalars(
        select(ShoppingList).where(ShoppingList.id == list_id).with_for_update()
    ).one_or_none()


def _waits_for(found: ShoppingList, job_id: str) -> bool:
    return found.state is CaseState.SOLVING and found.job_id == job_id
