"""A case's question is handed to a worker, and its answer kept beside the plan."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem, Rule
from aidlog.allocation.result import Result, Status
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.text import Message
from aidlog.planning.case_outcome import outcome_text
from aidlog.planning.models import CaseState, PlanCase
from aidlog.planning.solving import locks_clash


def case_question(session: Session, case_id: int, job_id: str) -> tuple[Problem, Rule] | None:
    """Return the frozen question and its rule; None where this job has nothing to do on it."""
    case = session.get(PlanCase, case_id)
    if case is None or not _waits_for(case, job_id):
        return None
    return problem_from_json(json.loads(case.problem)), Rule(case.rule)


def publish_case(session: Session, case_id: int, job_id: str, result: Result) -> bool:
    """Keep the answer to a case; say whether it was. One that nobody waits for is dropped."""
    from aidlog.allocation.result_json import result_to_json, summary_of

    case = _locked(session, case_id)
    if case is None or not _waits_for(case, job_id):
        return False
    document = result_to_json(result)
    case.result = json.dumps(document, sort_keys=True, ensure_ascii=False)
    case.summary = json.dumps(summary_of(document), sort_keys=True, ensure_ascii=False)
    case.solved_at = datetime.now(UTC)
    if result.status is Status.INFEASIBLE_LOCKS:
        case.state, case.note = CaseState.FAILED, _kept(locks_clash(result.clashing_locks))
        return True
    case.outcome = outcome_text(problem_from_json(json.loads(case.problem)), result)
    case.state = CaseState.SOLVED
    return True


def give_up_case(session: Session, case_id: int, job_id: str, sentence: Message) -> None:
    """End a case whose work failed, with the sentence that says why."""
    case = _locked(session, case_id)
    if case is not None and _waits_for(case, job_id):
        case.state, case.note = CaseState.FAILED, _kept(sentence)


def _locked(session: Session, case_id: int) -> PlanCase | None:
    return session.scalars(
        select(PlanCase).where(PlanCase.id == case_id).with_for_update()
    ).one_or_none()


def _waits_for(case: PlanCase, job_id: str) -> bool:
    return case.state is CaseState.SOLVING and case.job_id == job_id


def _kept(sentence: Message) -> str:
    return json.dumps(sentence.as_data(), sort_keys=True)
