"""Work a plan out: read the question, solve it outside any transaction, publish the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.text import Message
from aidlog.jobs.solving import solve_for
from aidlog.jobs.work import Work
from aidlog.planning import solving


def run(work: Work) -> Mapping[str, Any]:
    """Solve the plan of this job; a second run after a crash finds what the first left."""
    plan_id = int(work.payload["plan"])
    with Session(work.engine) as session:
        asked = solving.question_of(session, plan_id, work.job_id)
    if asked is None or work.cancelled():
        return {"plan": plan_id, "published": False}
    result = solve_for(work, *asked)
    if result is None:
        return {"plan": plan_id, "published": False}
    with work.writing() as session:
        published = solving.publish(session, plan_id, work.job_id, result)
    return {"plan": plan_id, "published": published}


def failed(session: Session, job_id: str, payload: Mapping[str, Any], sentence: Message) -> None:
    """Tell the plan that its work ended without an answer."""
    solving.give_up(session, int(payload["plan"]), job_id, sentence)
