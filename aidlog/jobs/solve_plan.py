"""Work a plan out: read the question, solve it outside any transaction, publish the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem, Rule
from aidlog.allocation.result import Progress, Result
from aidlog.core.text import Message
from aidlog.jobs.pulse import Stand
from aidlog.jobs.work import Work
from aidlog.planning import solving


def run(work: Work) -> Mapping[str, Any]:
    """Solve the plan of this job; a second run after a crash finds what the first left."""
    plan_id = int(work.payload["plan"])
    with Session(work.engine) as session:
        asked = solving.question_of(session, plan_id, work.job_id)
    if asked is None or work.cancelled():
        return {"plan": plan_id, "published": False}
    result = _solve(work, *asked)
    if result is None:
        return {"plan": plan_id, "published": False}
    with work.writing() as session:
        published = solving.publish(session, plan_id, work.job_id, result)
    return {"plan": plan_id, "published": published}


def failed(session: Session, job_id: str, payload: Mapping[str, Any], sentence: Message) -> None:
    """Tell the plan that its work ended without an answer."""
    solving.give_up(session, int(payload["plan"]), job_id, sentence)


def _solve(work: Work, problem: Problem, rule: Rule) -> Result | None:
    """Return the answer, None where a person or another worker ended the work meanwhile."""
    from aidlog.allocation.engine import Cancelled, Options, solve

    known: dict[str, int | None] = {"bound": None, "best": None}

    def tell(progress: Progress) -> None:
        for name, level in (("bound", progress.bound), ("best", progress.incumbent)):
            known[name] = known[name] if level is None else _permille(level)
        stand = Stand(stage=progress.stage, done=round(progress.done * 1000), total=1000, **known)
        work.report(stand)

    try:
        return solve(
            problem,
            Options(rule=rule, time_limit_s=float(work.settings.solve_seconds)),
            on_progress=tell,
            should_stop=work.cancelled,
            should_finish=work.use_best,
        )
    except Cancelled:
        return None


def _permille(level: float) -> int:
    """Return a level as the page shows it; above one there is nothing more to gain."""
    return max(0, min(1000, int(level * 1000)))
