"""The cases beside a plan, as their pages read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.errors import NotFound
from aidlog.core.text import Message
from aidlog.db.work import Job
from aidlog.planning.models import CaseState, PlanCase
from aidlog.planning.queries import PlanHead, Running, running


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case: what it changes, how far it is, and its stored answer as JSON text."""

    number: int
    title: str
    changes: Sequence[Message]
    not_there: bool
    rule: str
    state: CaseState
    why: Message | None
    summary: str | None
    outcome: str | None
    job: Running | None


def cases_of(session: Session, plan: PlanHead) -> list[CaseRow]:
    """Return the cases beside a plan that was read before. One statement."""
    rows = session.execute(
        select(PlanCase, Job)
        .outerjoin(Job, Job.id == PlanCase.job_id)
        .where(PlanCase.plan_id == plan.id)
        .order_by(PlanCase.number)
        .execution_options(populate_existing=True)
    )
    return [_row(case, job) for case, job in rows]


def case_of(session: Session, plan: PlanHead, number: int) -> CaseRow:
    """Return one case beside a plan that was read before.

    Raises:
        NotFound: there is none with this number.
    """
    for case in cases_of(session, plan):
        if case.number == number:
            return case
    raise NotFound(f"case {number} of plan {plan.code}")


def _row(case: PlanCase, job: Job | None) -> CaseRow:
    changes = json.loads(case.changes)
    return CaseRow(
        number=case.number,
        title=case.title,
        changes=[Message.from_data(change["message"]) for change in changes],
        not_there=any(change["not_there"] for change in changes),
        rule=case.rule,
        state=case.state,
        why=Message.from_data(json.loads(case.note)) if case.note else None,
        summary=case.summary,
        outcome=case.outcome,
        job=None if job is None else running(job),
    )
