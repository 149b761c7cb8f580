"""Work a plan out, and publish its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.text import Message
from aidlog.jobs.solving import solve_and_publish
from aidlog.jobs.work import Work
from aidlog.planning import solving


def run(work: Work) -> Mapping[str, Any]:
    """Solve the plan of this job."""
    return solve_and_publish(work, "plan", solving.question_of, solving.publish)


def failed(session: Session, job_id: str, payload: Mapping[str, Any], sentence: Message) -> None:
    """Tell the plan that its work ended without an answer."""
    solving.give_up(session, int(payload["plan"]), job_id, sentence)
