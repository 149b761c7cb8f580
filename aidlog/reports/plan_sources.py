"""What a plan's figures were made from: who counted, which standards held, who decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem
from aidlog.core.text import N_, Message
from aidlog.needs.arithmetic import Due
from aidlog.needs.models import PopulationCount, SiteCondition
from aidlog.needs.standards_now import Condition, rules
from aidlog.needs.wording import ration
from aidlog.planning.models import PlanState
from aidlog.planning.queries import PlanHead
from aidlog.registry.models import Item, Place
from aidlog.reports.amounts import Tongue
from aidlog.reports.distribution_workbook import CountFacts, StandardFacts

_DECIDED = {
    PlanState.APPROVED: N_("Approved by {name} on {when}"),
    PlanState.REJECTED: N_("Sent back by {name} on {when}"),
    PlanState.CANCELLED: N_("Cancelled by {name} on {when}"),
}


def steps_of(plan: PlanHead) -> Iterator[tuple[Message, str]]:
    """Yield who drafted, sent and decided, each with the remark that was made."""
    drafted = {"name": plan.drafted_by, "when": plan.created_at}
    yield Message(N_("Drafted by {name} on {when}"), drafted), ""
    if plan.sent_by:
        yield Message(N_("Sent for approval by {name}"), {"name": plan.sent_by}), ""
    if plan.decided_at is not None and plan.state in _DECIDED:
        decided = {"name": plan.decided_by or "", "when": plan.decided_at}
        yield Message(_DECIDED[plan.state], decided), plan.decision_note


def counts_behind(session: Session, plan: PlanHead, problem: Problem) -> Mapping[str, CountFacts]:
    """Return for each site the count that the plan was made from, by code. One statement.

    It is the latest of those that were recorded when the plan was drafted.
    """
    ranked = (
        select(
            Place.code,
            PopulationCount.counted_on,
            PopulationCount.source,
            func.row_number()
            .over(
                partition_by=Place.id,
                order_by=(PopulationCount.counted_on.desc(), PopulationCount.id.desc()),
            )
            .label("newest"),
        )
        .join(PopulationCount, PopulationCount.place_id == Place.id)
        .where(
            Place.code.in_([site.id for site in problem.sites]),
            PopulationCount.recorded_at <= plan.created_at,
            PopulationCount.counted_on <= plan.created_at.date() + timedelta(days=1),
        )
        .subquery()
    )
    rows = session.execute(
        select(ranked.c.code, ranked.c.counted_on, ranked.c.source).where(ranked.c.newest == 1)
    )
    return {row.code: CountFacts(row.counted_on, row.source) for row in rows}


def standards_behind(
    session: Session, plan: PlanHead, problem: Problem, tongue: Tongue
) -> Iterator[StandardFacts]:
    """Yield the standards that hold on the plan's first day at its sites. Two statements."""
    there = _conditions(session, problem)
    rule = rules(plan.starts_on)
    rows = session.execute(
        select(rule, Item.code, Item.base_unit)
        .join(Item, Item.id == rule.c.item_id)
        .where(Item.code.in_([item.id for item in problem.items]))
        .order_by(Item.code, rule.c.valid_from, rule.c.id)
    )
    seen = set()
    for row in rows:
        at = (row.for_phase, row.for_climate)
        if at not in there or row.id in seen:
            continue
        seen.add(row.id)
        due = Due(row.basis, row.quantity, row.recurs_days, row.per)
        yield StandardFacts(
            item=row.code,
            rule=tongue.say(ration(due, tongue.amount(row.quantity, row.base_unit))),
            source=", ".join(part for part in (row.source, row.edition) if part),
            valid_from=row.valid_from,
        )


def _conditions(session: Session, problem: Problem) -> set[tuple[str, str]]:
    """Return the phases and climates of the plan's sites."""
    usual = Condition()
    rows = session.execute(
        select(SiteCondition.phase, SiteCondition.climate)
        .select_from(Place)
        .outerjoin(SiteCondition, SiteCondition.place_id == Place.id)
        .where(Place.code.in_([site.id for site in problem.sites]))
        .distinct()
    )
    return {
        ((row.phase or usual.phase).value, (row.climate or usual.climate).value) for row in rows
    }
