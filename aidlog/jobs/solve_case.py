"""Work a case out beside its plan: as a plan, but nothing is published that can be promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.text import Message
from aidlog.jobs.solving import solve_and_publish
from aidlog.jobs.work import Work
from aidlog.planning import case_solving


def run(work: Work) -> Mapping[str, Any]:
    """Solve the case of this job."""
    return solve_and_publish(work, "case", case_solving.case_question, case_solving.publish_case)


def failed(session: Session, job_id: str, payload: Mapping[str, Any], sentence: Message) -> None:
    """Tell the case that its work ended without an answer."""
    case_solving.give_up_case(session, int(payload["case"]), job_id, sentence)
