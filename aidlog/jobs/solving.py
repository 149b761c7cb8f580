"""One solve for one job: here, or in a process of its own where several run at once.

Python runs one thread at a time, so solves that are to share a machine's cores each need a
process. It gets the question as text and sends back how far it is and what it found; what the
job is asked to do (stop, use the best) goes the other way.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy.orm import Session

from aidlog.allocation.problem import Problem, Rule
from aidlog.allocation.result import Progress, Result
from aidlog.jobs.cores import solvers
from aidlog.jobs.pulse import Stand
from aidlog.jobs.work import Work

#: Seconds between two looks at what people wish, while a process works.
_LOOK = 0.2
#: What goes to the process, and what comes back beside how far it is.
_FINISH, _FOUND, _FAULT = "finish", "found", "fault"


class ProcessDied(RuntimeError):
    """The process of a solve ended without an answer."""


def solve_and_publish(
    work: Work,
    what: str,
    question: Callable[[Session, int, str], tuple[Problem, Rule] | None],
    publish: Callable[[Session, int, str, Result], bool],
) -> Mapping[str, Any]:
    """Read the question of ``what`` this job is for, solve it outside any transaction, publish.

    A second run after a crash finds what the first one left. ``question`` and ``publish`` take
    a session, the id of what is solved and this job's; each says where nobody waits any more.
    """
    id_ = int(work.payload[what])
    with Session(work.engine) as session:
        asked = question(session, id_, work.job_id)
    result = None if asked is None or work.cancelled() else solve_for(work, *asked)
    if result is None:
        return {what: id_, "published": False}
    with work.writing() as session:
        return {what: id_, "published": publish(session, id_, work.job_id, result)}


def solve_for(work: Work, problem: Problem, rule: Rule) -> Result | None:
    """Return the answer, None where a person or another worker ended the work meanwhile."""
    if work.settings.jobs_url == "immediate" or solvers() == 1:
        return solve_here(work, problem, rule)
    return solve_apart(work, problem, rule)


def solve_here(work: Work, problem: Problem, rule: Rule) -> Result | None:
    """Solve within this process."""
    from aidlog.allocation.engine import Cancelled, Options, solve

    tell = _Teller(work)
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


def solve_apart(work: Work, problem: Problem, rule: Rule) -> Result | None:
    """Solve in a process of its own, which ends with the work.

    Raises:
        ProcessDied: it ended without an answer (a fault, or the machine killed it).
    """
    from aidlog.allocation.result_json import result_from_json
    from aidlog.allocation.snapshot import problem_to_json

    ours, theirs = multiprocessing.Pipe()
    asked = (json.dumps(problem_to_json(problem)), rule.value, float(work.settings.solve_seconds))
    process = multiprocessing.get_context("spawn").Process(
        target=_solve_alone, args=(theirs, *asked), daemon=True, name="solve"
    )
    process.start()
    theirs.close()
    try:
        text = _followed(work, ours)
    finally:
        ours.close()
        process.terminate()
        process.join()
    return None if text is None else result_from_json(json.loads(text))


class _Teller:
    """Tells the job how far its solve is, and keeps the last bound and best."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._bound: int | None = None
        self._best: int | None = None

    def __call__(self, progress: Progress) -> None:
        self._bound = self._bound if progress.bound is None else _permille(progress.bound)
        self._best = self._best if progress.incumbent is None else _permille(progress.incumbent)
        done = round(progress.done * 1000)
        self._work.report(
            Stand(stage=progress.stage, done=done, total=1000, bound=self._bound, best=self._best)
        )


def _followed(work: Work, ours: Connection) -> str | None:
    """Return what the process found, as text; None where the work was to end with nothing."""
    tell = _Teller(work)
    finishing = False
    while not work.cancelled():
        if work.use_best() and not finishing:
            finishing = True
            with suppress(OSError):
                ours.send(_FINISH)
        try:
            if not ours.poll(_LOOK):
                continue
            kind, what = ours.recv()
        except (EOFError, OSError) as error:
            raise ProcessDied from error
        if kind == _FOUND:
            return str(what)
        if kind == _FAULT:
            raise ProcessDied(what)
        tell(what)
    return None


def _solve_alone(theirs: Connection, question: str, rule: str, seconds: float) -> None:
    """Work one question out; runs in a process of its own and ends with who asked."""
    from aidlog.allocation.engine import Options, solve
    from aidlog.allocation.result_json import result_to_json
    from aidlog.allocation.snapshot import problem_from_json

    finish = False

    def asked_to_finish() -> bool:
        nonlocal finish
        while theirs.poll():
            finish = theirs.recv() == _FINISH or finish
        return finish

    try:
        found = solve(
            problem_from_json(json.loads(question)),
            Options(rule=Rule(rule), time_limit_s=seconds),
            on_progress=lambda progress: theirs.send(("", progress)),
            should_finish=asked_to_finish,
        )
        theirs.send((_FOUND, json.dumps(result_to_json(found), ensure_ascii=False)))
    except (EOFError, BrokenPipeError):  # nobody waits for it any more
        return
    except Exception as error:
        theirs.send((_FAULT, type(error).__name__))


def _permille(level: float) -> int:
    """Return a level as the page shows it; above one there is nothing more to gain."""
    return max(0, min(1000, int(level * 1000)))
