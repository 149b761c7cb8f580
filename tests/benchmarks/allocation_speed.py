"""How fast the fair plan is, beside what others would write.

``python -m tests.benchmarks.allocation_speed S 11 M 11 12 R 1 --plot time.svg``: sizes S, M, L
and XL, or R for real roads, each followed by seeds. In one run, each method in a process of its
own, in CPU seconds of one core and peak memory: the engine's proven levels of all needs and its
whole-pack plan; the first maximin level alone (PuLP with CBC, HiGHS, GLOP); and the naive
lexicographic sequences (PuLP with CBC, HiGHS) that solve such a program for every level. What
takes more than ``--give-up`` seconds is given up, and its ratio is a floor (≥). Ratios hold on
a busy machine; seconds do not.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from aidlog.allocation.problem import Problem
from tests.benchmarks.allocation_families import SIZES, family
from tests.benchmarks.allocation_roads import on_real_roads
from tests.benchmarks.plot import log_plot


@dataclass(frozen=True, slots=True)
class Told:
    """What one method did: CPU seconds, peak MB, its lowest level, and a remark.

    ``ended`` is False where it was given up after so many seconds.
    """

    seconds: float
    mb: float = 0.0
    level: float | None = None
    remark: str = ""
    arcs: int = 0
    ended: bool = True


OURS = "aidlog, all levels"
Method = Callable[[Problem, float], Told]


def main() -> None:
    options = _options()
    curves: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for size, seed in _instances(options.instances):
        print(f"{size}-{seed}", flush=True)
        ours: Told | None = None
        for name in METHODS:
            if options.levels_only and name == PLAN:
                continue
            told = _apart(name, size, seed, options.give_up)
            if name == OURS:
                ours = told
            assert ours is not None
            _line(name, told, ours)
            if told.ended and name != PLAN:
                curves[name].append((ours.arcs, max(told.seconds, 1e-3)))
            if told.ended and ours.ended and told.level is not None and name != PLAN:
                assert ours.level is None or abs(told.level - ours.level) < 1e-5, (name, told)
    if options.plot:
        options.plot.write_text(
            log_plot("Time to plan fairly, one core", "ways from stock to a need", "CPU seconds",
                     curves),
            encoding="utf-8",
        )  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.allocation_speed")
    parser.add_argument("instances", nargs="+", help="sizes, each followed by its seeds")
    parser.add_argument("--give-up", type=float, default=120, metavar="SECONDS")
    parser.add_argument("--levels-only", action="store_true", help="no whole-pack plan")
    parser.add_argument("--plot", type=Path, metavar="OUT.svg")
    return parser.parse_args()


def _instances(words: list[str]) -> Iterator[tuple[str, int]]:
    size = ""
    for word in words:
        if word.isdigit():
            yield size, int(word)
        else:
            size = word
            assert size in SIZES or size == "R", f"{size} is neither {', '.join(SIZES)} nor R"


def instance(size: str, seed: int) -> Problem:
    """Return the problem of a size (R: real roads) and seed."""
    return on_real_roads(seed) if size == "R" else family(size, seed)


def _apart(name: str, size: str, seed: int, seconds: float) -> Told:
    """Return what a method does in a process of its own, which is ended when time is up."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    work = context.Process(target=_work, args=(name, size, seed, seconds, there))
    work.start()
    there.close()
    try:
        told: Told = (
            here.recv()
            if here.poll(seconds * 1.5 + 30)
            else Told(seconds, remark="no answer", ended=False)
        )
    except EOFError:
        told = Told(seconds, remark="broke off", ended=False)
    work.kill()
    work.join()
    return told


def _work(name: str, size: str, seed: int, seconds: float, answer: Connection) -> None:
    """Do one method here, and send what it did."""
    from aidlog.allocation.snapshot import canonical

    METHODS[name](canonical(instance("S", 1)), seconds)  # so that no import is timed
    told = METHODS[name](canonical(instance(size, seed)), seconds)
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    answer.send(Told(told.seconds, peak / 1024, told.level, told.remark, told.arcs, told.ended))


def _all_levels(problem: Problem, seconds: float) -> Told:
    import time

    import numpy as np

    from aidlog.allocation.building import build
    from aidlog.allocation.fairness import Clock, Fairness
    from aidlog.allocation.phases import fairest
    from tests.benchmarks.allocation_others import cpu

    begun = cpu()
    model = build(problem)
    fairness = Fairness(model, Clock(deadline=time.monotonic() + seconds))
    fair = fairest(model, fairness)
    spent = cpu() - begun
    levels = fair.levels[model.needs.in_vector]
    remark = f"{len(problem.needs)} needs, {len(np.unique(levels.round(9)))} levels, " + (
        "proven" if fair.proven else "NOT proven"
    )
    return Told(spent, 0, float(levels.min()), remark, len(model.arcs.group), ended=fair.proven)


def _plan(problem: Problem, seconds: float) -> Told:
    from aidlog.allocation.engine import Options, solve
    from tests.benchmarks.allocation_others import cpu

    begun = cpu()
    result = solve(problem, Options(explain=False, compare=False, time_limit_s=seconds))
    remark = f"{result.status.value}, gap {result.gap:.1e}"
    return Told(cpu() - begun, level=result.measures.min_level, remark=remark)


def _first(which: str) -> Method:
    def work(problem: Problem, seconds: float) -> Told:
        from aidlog.allocation.building import build
        from tests.benchmarks import allocation_others as others

        begun = others.cpu()
        try:
            level = getattr(others, which)(build(problem), seconds)
        except others.GivenUp:
            return Told(others.cpu() - begun, ended=False)
        return Told(others.cpu() - begun, level=level)

    return work


def _sequence(which: str) -> Method:
    def work(problem: Problem, seconds: float) -> Told:
        from aidlog.allocation.building import build
        from tests.benchmarks import allocation_others as others

        begun = others.cpu()
        rounds, done = getattr(others, which)(build(problem), seconds)
        return Told(others.cpu() - begun, remark=f"{rounds} rounds", ended=done)

    return work


PLAN = "aidlog, whole-pack plan"
METHODS: dict[str, Method] = {
    OURS: _all_levels,
    PLAN: _plan,
    "HiGHS, first level only": _first("highs_first"),
    "GLOP, first level only": _first("glop_first"),
    "PuLP + CBC, first level only": _first("pulp_first"),
    "HiGHS, all levels in sequence": _sequence("highs_sequence"),
    "PuLP + CBC, all levels in sequence": _sequence("pulp_sequence"),
}


def _line(name: str, told: Told, ours: Told) -> None:
    more = " " if told.ended else "≥"
    level = "" if told.level is None else f"level {told.level:.6f}"
    given_up = "" if told.ended else "given up"
    print(
        f"  {name:36}{more}{told.seconds:9.3f} s {more}{told.seconds / ours.seconds:9.1f} x"
        f" {told.mb:7.0f} MB  {level} {told.remark} {given_up}".rstrip(),
        flush=True,
    )


if __name__ == "__main__":
    main()
