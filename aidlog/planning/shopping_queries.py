"""Shopping lists as pages read them: whom each line lifts, with the names of places and items."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem
from aidlog.allocation.shopping import Line, ShoppingAnswer
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.errors import NotFound
from aidlog.core.text import Message
from aidlog.db.work import Job
from aidlog.planning.models import CaseState, Plan, ShoppingList
from aidlog.planning.queries import PlanHead, Running, running
from aidlog.planning.shopping import answer_from
from aidlog.registry.models import Item, ItemPack


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list of a plan: ``budget`` in minor units, None where donors were asked."""

    number: int
    state: CaseState
    created_at: datetime
    currency: str
    budget: int | None
    target: int
    sent_to: str


@dataclass(frozen=True, slots=True)
class Lifted:
    """How many sites and households a line lifts; ``households`` None where not all are known."""

    sites: tuple[str, ...]
    households: int | None


@dataclass(frozen=True, slots=True)
class ListStory:
    """One list, whole: what was asked, its answer, and what is behind the codes in it."""

    row: ListRow
    warehouse: str
    warehouse_shown_as: str
    deliver_on: date
    step: int | None
    prices: Mapping[str, int | None]
    answer: ShoppingAnswer | None
    why: Message | None
    job: Running | None
    sent_at: datetime | None
    items: Mapping[str, Item]
    kinds: Mapping[str, str]
    problem: Problem

    def units(self, item: str) -> int:
        """Base units in a pack of ``item``."""
        return next(one.pack_units for one in self.problem.items if one.id == item)

    def shown_as(self, site: str) -> str:
        """A site's name for lists; a protected one stands under its code."""
        return next((one.name or one.id for one in self.problem.sites if one.id == site), site)

    def lifted(self, line: Line) -> Lifted:
        """Return whom ``line`` lifts: each site once, however many needs of it."""
        sites = sorted({site for site, _item in line.lifted})
        counts = [one.households for one in self.problem.sites if one.id in sites]
        known = [count for count in counts if count is not None]
        return Lifted(
            sites=tuple(self.shown_as(site) for site in sites),
            households=sum(known) if len(known) == len(counts) else None,
        )


def lists_of(session: Session, plan: PlanHead) -> list[ListRow]:
    """Return the lists of a plan that was read before, the newest first. One statement."""
    return [
        _row(found)
        for found in session.scalars(
            select(ShoppingList)
            .where(ShoppingList.plan_id == plan.id)
            .order_by(ShoppingList.number.desc())
        )
    ]


def list_story(session: Session, plan: PlanHead, number: int) -> ListStory:
    """Return one list of a plan that was read before.

    Raises:
        NotFound: the plan has no list of this number.
    """
    row = session.execute(
        select(ShoppingList, Job, Plan.problem)
        .join(Plan, Plan.id == ShoppingList.plan_id)
        .outerjoin(Job, Job.id == ShoppingList.job_id)
        .where(ShoppingList.plan_id == plan.id, ShoppingList.number == number)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(f"list {number} of plan {plan.code}")
    found, job, text = row
    asked, problem = json.loads(found.asked), problem_from_json(json.loads(text))
    places = {place.id: place.name or place.id for place in problem.warehouses}
    codes = [item.id for item in problem.items]
    return ListStory(
        row=_row(found),
        warehouse=asked["warehouse"],
        warehouse_shown_as=places[asked["warehouse"]],
        deliver_on=date.fromisoformat(asked["deliver_on"]),
        step=asked["step"],
        prices={offer["item"]: offer["price"] for offer in asked["items"]},
        answer=None if found.answer is None else answer_from(found.answer),
        why=Message.from_data(json.loads(found.note)) if found.note else None,
        job=None if job is None else running(job),
        sent_at=found.sent_at,
        items={i.code: i for i in session.scalars(select(Item).where(Item.code.in_(codes)))},
        kinds=_pack_kinds(session, codes),
        problem=problem,
    )


def _pack_kinds(session: Session, codes: list[str]) -> dict[str, str]:
    rows = session.execute(
        select(Item.code, ItemPack.kind)
        .join(Item, Item.id == ItemPack.item_id)
        .where(Item.code.in_(codes), ItemPack.issue, ItemPack.active)
    )
    return {row.code: str(row.kind) for row in rows}


def _row(found: ShoppingList) -> ListRow:
    asked = json.loads(found.asked)
    return ListRow(
        number=found.number,
        state=found.state,
        created_at=found.created_at,
        currency=asked["currency"],
        budget=asked["budget"],
        target=asked["target"],
        sent_to=found.sent_to,
    )
