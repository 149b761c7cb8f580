"""Work out what to buy or ask for: many solves of one question, outside any transaction."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem
from aidlog.allocation.result import Result
from aidlog.core.text import Message
from aidlog.jobs.pulse import Stand
from aidlog.jobs.work import Work
from aidlog.planning import shopping

#: One of the many solves may take a fourth of a plan's time, the whole list four times as much
#: as a plan. Towards the end each gets a fourth of what is left, and never less than a second:
#: the list is then the best found in the time, and says so.
_SHARE, _WHOLE, _LEAST = 4, 4, 1.0


def run(work: Work) -> Mapping[str, Any]:
    """Work the list of this job out; a second run after a crash finds what the first left."""
    from aidlog.allocation.engine import Cancelled
    from aidlog.allocation.shopping import shopping_list

    list_id = int(work.payload["list"])
    with Session(work.engine) as session:
        asked = shopping.question_of_list(session, list_id, work.job_id)
    if asked is None or work.cancelled():
        return {"list": list_id, "published": False}
    try:
        answer = shopping_list(*asked, _Solver(work))
    except Cancelled:
        return {"list": list_id, "published": False}
    with work.writing() as session:
        published = shopping.publish_list(session, list_id, work.job_id, answer)
    return {"list": list_id, "published": published}


def failed(session: Session, job_id: str, payload: Mapping[str, Any], sentence: Message) -> None:
    """Tell the list that its work ended without an answer."""
    shopping.give_up_list(session, int(payload["list"]), job_id, sentence)


def seconds_for_one(passed: float, plan_seconds: float) -> float:
    """Return how long the next solve may take, ``passed`` seconds after the list was begun."""
    left = _WHOLE * plan_seconds - passed
    return max(_LEAST, min(plan_seconds, left) / _SHARE)


class _Solver:
    """Solves one question after the other and says how many it has solved."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._solved = 0
        self._begun = time.monotonic()

    def __call__(self, problem: Problem) -> Result:
        from aidlog.allocation.engine import Options, solve

        found = solve(
            problem,
            Options(
                time_limit_s=seconds_for_one(
                    time.monotonic() - self._begun, self._work.settings.solve_seconds
                ),
                explain=False,
                compare=False,
            ),
            should_stop=self._work.cancelled,
        )
        self._solved += 1
        self._work.report(Stand(stage="shopping", done=self._solved))
        return found
