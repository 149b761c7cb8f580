"""One way in: a problem goes in, a checked, explained and certified plan comes out."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import TypeVar

import numpy as np

import aidlog
from aidlog.allocation.answering import need_rows, tier_reports
from aidlog.allocation.baseline import plan_by
from aidlog.allocation.building import build
from aidlog.allocation.certificate import verify
from aidlog.allocation.checking import ProblemRefused, check
from aidlog.allocation.clashes import clashing_locks
from aidlog.allocation.elsewhere import elsewhere
from aidlog.allocation.explain import Bottleneck, bottlenecks, reasons
from aidlog.allocation.explain_packs import pack_stops
from aidlog.allocation.fairness import Clock, Fairness
from aidlog.allocation.fefo import shipments
from aidlog.allocation.lock_words import words
from aidlog.allocation.measures import measure
from aidlog.allocation.model import Floats, Ints, Model
from aidlog.allocation.next_stops import next_stops
from aidlog.allocation.phases import GUARANTEES, Fair, fairest, levels
from aidlog.allocation.prices import prices
from aidlog.allocation.problem import Lock, Problem, Rule
from aidlog.allocation.proof import export, export_stops
from aidlog.allocation.result import (
    Elsewhere,
    Limit,
    Measures,
    OnProgress,
    Price,
    Progress,
    Result,
    ShouldStop,
    Status,
)
from aidlog.allocation.routing import route_fractions, route_whole
from aidlog.allocation.snapshot import canonical, sha256
from aidlog.allocation.trying import Trials
from aidlog.allocation.whole import NoWholePlan, locked_packs, whole_plan
from aidlog.allocation.whole_repair import nobody_empty, repaired
from aidlog.allocation.whole_stops import Stops, stops
from aidlog.allocation.worth import in_packs, limits
from aidlog.core.errors import AidlogError

#: What follows in any case, in times of what it took here and now to set the model up: finding
#: a flow for fractions; making whole packs of them; routing, telling and checking the plan; and
#: checking a proof beside.
_FLOWING, _ROUNDING, _TELLING, _PROOF = 3.0, 8.0, 5.0, 6.0

#: At least this share of what is left goes into the work that a clock limits.
_LEAST_SHARE = 0.15

#: The stages of a solve, and the share of the work that is done where each begins.
_STAGES = {
    "locks": 0.0, "model": 0.01, "levels": 0.03, "plan": 0.03, "packs": 0.35, "routes": 0.62,
    "shipments": 0.65, "reasons": 0.67, "stops": 0.68, "worth": 0.7,
    "worth in packs": 0.78, "prices": 0.8, "compare": 0.9, "check": 0.93,
}  # fmt: skip

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to solve: by which rule, for how long, and what to work out beside the plan.

    ``time_limit_s`` is wall time; without it the engine works until it has its proof.
    """

    rule: Rule = Rule.LOWEST_FIRST
    time_limit_s: float | None = None
    explain: bool = True
    compare: bool = True


class Cancelled(AidlogError):
    """The caller asked the engine to stop."""


class WrongAnswer(RuntimeError):
    """The engine's own check found a fault in its plan: a bug, and no plan leaves."""


class _Work:
    """The pieces of one solve, filled in stage by stage."""

    def __init__(self, problem: Problem, clashing: tuple[Lock, ...], clock: Clock) -> None:
        self.problem, self.clashing, self.clock = problem, clashing, clock
        self.timings: dict[str, float] = {}
        self.bound: float | None = None
        self.incumbent: float | None = None
        begun = time.monotonic()
        self.model: Model = self.timed("model", lambda: build(problem))
        self.fairness = Fairness(self.model, clock)
        self._unit = time.monotonic() - begun
        self.fair: Fair | None = None
        self.flow: Floats | Ints = np.zeros(len(self.model.arcs.group))
        self.proven = False
        self.in_whole: Ints | None = None

    def timed(self, stage: str, work: Callable[[], _Answer]) -> _Answer:
        """Do ``work``, note its seconds under ``stage``, and tell whoever listens."""
        self.stop_if_asked(stage)
        self.clock.report(stage, 0.0, self.bound, self.incumbent)
        begun = time.perf_counter()
        answer = work()
        self.timings[stage] = time.perf_counter() - begun
        return answer

    def stop_if_asked(self, stage: str) -> None:
        """Go no further where the caller wants to stop."""
        if self.clock.asked_to_stop():
            raise Cancelled(stage)

    def leaving(self, times: float) -> Clock:
        """Return a clock that leaves what follows its time: so often that of the first stage."""
        left = self.clock.left()
        if not left:
            return self.clock
        return self.clock.part(max(1.0 - times * self._unit / left, _LEAST_SHARE))

    def lowest(self, reached: Floats) -> float | None:
        """Return the lowest level of the needs that are compared, None where there are none."""
        compared = reached[self.model.needs.in_vector]
        return float(compared.min()) if len(compared) else None


def solve(
    problem: Problem,
    options: Options | None = None,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    should_finish: ShouldStop | None = None,
) -> Result:
    """Return the plan for ``problem`` by the rule of ``options``; by default the fairest.

    Method: fair levels by filling on cuts (``fairness.py``), whole packs (``whole.py``), the
    earliest and cheapest routing (``routing.py``), first expired first out (``fefo.py``).
    Units: packs and base units whole, kilograms, cubic metres; levels within 1e-9.
    The same problem, however its lists are ordered, gives the same result but for timings.
    ``should_stop`` ends with nothing; ``should_finish`` ends with the best plan so far, as if
    the time were up.

    Raises:
        ProblemRefused: the problem breaks a rule; all faults are listed.
        Cancelled: ``should_stop`` said yes.
        WrongAnswer: the plan failed its own check, a bug.
    """
    options = options or Options()
    begun = time.monotonic()
    faults = check(problem)
    if faults:
        raise ProblemRefused(faults)
    clock = _clock(options, begun, on_progress, should_stop)
    if clock.asked_to_stop():
        raise Cancelled("model")
    problem = canonical(problem)
    if should_finish is not None:
        clock.asked_to_finish = should_finish
    clashing = clashing_locks(problem, clock) if problem.locks else ()
    try:
        work = _planned(problem, clashing, clock, options.rule)
    except NoWholePlan:  # too hard to see beforehand: no decision about locks can be trusted
        work = _planned(problem, problem.locks, clock, options.rule)
    result = _result(problem, options, work)
    result = work.timed("check", lambda: _checked(problem, result, work))
    work.clock.report("check", 1.0, work.bound, work.incumbent)
    return dataclasses.replace(result, timings=dict(work.timings))


def _checked(problem: Problem, result: Result, work: _Work) -> Result:
    """Return ``result`` if it holds; without its claim of proof where only the proof does not.

    Raises:
        WrongAnswer: the plan itself breaks the problem's rules.
    """

    def pause() -> None:
        work.stop_if_asked("check")

    if not verify(problem, result, pause):
        return result
    unproven = dataclasses.replace(
        result,
        status=Status.FEASIBLE if result.status is Status.OPTIMAL else result.status,
        levels_proven=False,
        certificate=(),
        needs=tuple(dataclasses.replace(need, packs_stopped=None) for need in result.needs),
        pack_certificate=(),
    )
    wrong = verify(problem, unproven, pause)
    if wrong:
        raise WrongAnswer("; ".join(wrong[:5]))
    return unproven


def _planned(problem: Problem, clashing: tuple[Lock, ...], clock: Clock, rule: Rule) -> _Work:
    """Return the plan by ``rule`` that keeps all locks but those that clash."""
    kept = tuple(lock for lock in problem.locks if all(lock is not bad for bad in clashing))
    work = _Work(dataclasses.replace(problem, locks=kept), clashing, clock)
    if rule is Rule.LOWEST_FIRST:
        _fairest_plan(work)
    else:
        work.flow = work.timed("plan", lambda: _simple_plan(work, rule))
    return work


def _clock(
    options: Options, begun: float, on_progress: OnProgress | None, should_stop: ShouldStop | None
) -> Clock:
    """Return the clock that the options and the caller ask for."""
    clock = Clock()
    if options.time_limit_s is not None:
        clock.deadline = begun + options.time_limit_s
    if should_stop is not None:
        clock.asked_to_stop = should_stop
    if on_progress is not None:
        clock.report = _Told(on_progress)
    return clock


class _Told:
    """Tells whoever listens how far the work is as a whole; it never goes back."""

    def __init__(self, tell: OnProgress) -> None:
        self._tell, self._stage = tell, "locks"
        self._now = Progress(stage="", done=0.0)

    def __call__(
        self, stage: str, done: float, bound: float | None, incumbent: float | None
    ) -> None:
        """Tell of a stage, or of a part of the one that was told of last."""
        if stage in _STAGES:
            self._stage = stage
        begin = _STAGES[self._stage]
        end = min((share for share in _STAGES.values() if share > begin), default=1.0)
        before = self._now
        self._now = Progress(
            stage=stage,
            done=max(before.done, begin + done * (end - begin)),
            bound=before.bound if bound is None else bound,
            incumbent=before.incumbent if incumbent is None else incumbent,
        )
        self._tell(self._now)


def _fairest_plan(work: _Work) -> None:
    """Find the fairest levels, the plan that reaches them, and its routing."""
    model, fairness = work.model, work.fairness
    fairness.clock = work.leaving(_TELLING + (_FLOWING if model.problem.divisible else _ROUNDING))
    work.incumbent = work.lowest(levels(model, np.zeros(len(model.demands.need))))
    fair = work.fair = work.timed("levels", lambda: fairest(model, fairness))
    work.bound = work.lowest(fair.levels)
    telling = _TELLING + (_PROOF if fair.proven else 0.0)
    fairness.clock = work.leaving(telling + _ROUNDING)
    work.clock = work.leaving(telling)
    if model.problem.divisible:
        fairness.clock = work.clock
        work.flow = work.timed("routes", lambda: route_fractions(model, fairness, fair.packs))
        work.proven = fair.proven
        return
    whole = work.timed("packs", lambda: whole_plan(model, fair, fairness, work.clock))
    work.incumbent = work.lowest(levels(model, model.delivered(whole.flow)))
    work.in_whole = whole.aim
    packed = whole.flow
    if fair.proven and not whole.proven:
        packed = repaired(model, fair.packs, fairness.cuts, packed, work.clock)
    if not whole.proven:
        packed = nobody_empty(model, packed, work.clock)
    work.flow = work.timed("routes", lambda: route_whole(model, packed, work.clock))
    work.proven = whole.proven and fair.proven


def _simple_plan(work: _Work, rule: Rule) -> Floats | Ints:
    """Return packs along arcs by a simple rule; whole numbers unless the problem is divisible."""
    model = work.model
    if model.problem.divisible:
        locked = route_fractions(model, work.fairness, model.demands.least)
        return plan_by(model, rule, locked)
    locked = locked_packs(model, work.clock).astype(np.float64)
    return plan_by(model, rule, locked).astype(np.int64)


def _result(problem: Problem, options: Options, work: _Work) -> Result:
    """Put everything together."""
    model = work.model
    fair = work.fair if work.fair is not None and work.fair.proven else None
    packs = model.delivered(work.flow)
    sent = work.timed("shipments", lambda: shipments(model, work.flow))
    found = bottlenecks(model, fair) if fair is not None else []
    why = work.timed("reasons", lambda: reasons(model, fair, found, packs, options.rule))
    stopped = work.timed("stops", lambda: _stops(work, fair))
    if options.explain and fair is not None:
        following = next_stops(model, fair)
        why = [
            dataclasses.replace(reason, next=following.get(p)) if reason.shared_by else reason
            for p, reason in enumerate(why)
        ]
    held_back, costs = _explained(work, options, found) if options.explain else ((), ())
    compared, told = (
        work.timed("compare", lambda: _compared(work, options.rule))
        if options.compare
        else ({}, ())
    )
    tiers = tier_reports(
        model, work.fair, work.fairness, work.flow, proven=work.proven, in_whole=work.in_whole
    )
    first = next((report for report in tiers if report.phase != GUARANTEES), None)
    status = Status.OPTIMAL if work.proven else Status.FEASIBLE
    return Result(
        problem_id=problem.id,
        status=Status.INFEASIBLE_LOCKS if work.clashing else status,
        rule=options.rule,
        needs=need_rows(model, fair, work.flow, why, pack_stops(model, stopped)),
        shipments=sent,
        limits=held_back,
        measures=measure(model, work.flow),
        before=measure(model, np.zeros(len(model.arcs.group))),
        compared=compared,
        bound=first.bound if first is not None else 0.0,
        gap=first.gap if first is not None else 0.0,
        certificate=export(model, fair) if fair is not None else (),
        pack_certificate=export_stops(model, stopped),
        problem_sha256=sha256(problem),
        engine_version=aidlog.__version__,
        ortools_version=metadata.version("ortools"),
        timings={},
        clashing_locks=tuple(words(problem, lock) for lock in work.clashing),
        levels_proven=fair is not None,
        tiers=tiers,
        prices=costs,
        elsewhere=told,
        options={
            "rule": options.rule.value,
            "time_limit_s": options.time_limit_s,
            "explain": options.explain,
            "compare": options.compare,
        },
    )


def _stops(work: _Work, fair: Fair | None) -> Stops:
    """Return what proves that needs stand more than a pack below their proven fractions."""
    if fair is None or work.model.problem.divisible:
        return Stops()
    whole = np.asarray(work.flow, np.int64)
    return stops(work.model, fair.packs, work.fairness, whole, work.clock, best=work.proven)


def _explained(
    work: _Work, options: Options, found: list[Bottleneck]
) -> tuple[tuple[Limit, ...], tuple[Price, ...]]:
    """Return what limits the plan, and who pays for what, by solving again with changes."""
    model, fair = work.model, work.fair
    if fair is None or not fair.proven:
        return (), ()
    trials = Trials(model, fair, work.clock)
    used = model.used(work.flow.astype(np.float64))
    held_back = work.timed("worth", lambda: limits(model, fair, found, used, trials))
    if work.proven and not work.clashing:
        plain = Options(rule=options.rule, explain=False, compare=False)

        def again(problem: Problem) -> Measures | None:
            other = solve(problem, plain, should_stop=work.clock.asked_to_stop)
            return other.measures if other.status is Status.OPTIMAL else None

        now = measure(model, work.flow)
        held_back = work.timed("worth in packs", lambda: in_packs(model, held_back, now, again))
    return held_back, work.timed("prices", lambda: prices(model, trials))


def _compared(work: _Work, rule: Rule) -> tuple[dict[str, Measures], tuple[Elsewhere, ...]]:
    """Return the measures of the simple rules' plans, and what they do to the worst-off."""
    measures, told = {}, []
    for other in (Rule.EQUAL_SHARE, Rule.FIRST_COME, Rule.CHEAPEST):
        if other is rule:
            continue
        work.stop_if_asked("compare")
        flow = _simple_plan(work, other)
        work.stop_if_asked("compare")
        measures[other.value] = measure(work.model, flow)
        work.stop_if_asked("compare")
        worst = elsewhere(work.model, other, flow, work.flow)
        if worst is not None:
            told.append(worst)
    return measures, tuple(told)
