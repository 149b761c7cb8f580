"""Work a case out beside its plan: as a plan, but nothing is published that can be promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.text import Message
from aidlog.jobs.solving import solve_for
from aidlog.jobs.work import Work
from aidlog.planning import case_solving


def run(work: Work) -> Mapping[str, Any]:
    """Solve the case of this job; a second run after a crash finds what the first left."""
    case_id = int(work.payload["case"])
    with Session(work.engine) as session:
        asked = case_solving.case_question(session, case_id, work.job_id)
    if asked is None or work.cancelled():
        return {"case": case_id, "published": False}
    result = solve_for(work, *asked)
    if result is None:
        return {"case": case_id, "published": False}
    with work.writing() as session:
        published = case_solving.publish_case(session, case_id, work.job_id, result)
    return {"case": case_id, "published": published}


def failed(session: Session, job_id: str, payload: Mapping[str, Any], sentence: Message) -> None:
    """Tell the case that its work ended without an answer."""
    case_solving.give_up_case(session, int(payload["case"]), job_id, sentence)
