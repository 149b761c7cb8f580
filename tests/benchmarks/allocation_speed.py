"""How fast the fair plan is, beside what others would write: ``python -m
tests.benchmarks.allocation_speed M 11 12``.

In one run and in CPU seconds of one core: the engine's proven levels of all needs; the first
maximin level alone by linear programming (PuLP with CBC, HiGHS, GLOP); and, where it ends in
time, the naive lexicographic sequence that solves such a program for every level. Ratios hold
on a busy machine; seconds do not.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import highspy
import numpy as np
import pulp

from aidlog.allocation.building import build
from aidlog.allocation.engine import Options, solve
from aidlog.allocation.fairness import Clock, Fairness
from aidlog.allocation.linear import Entries, LinearProgram
from aidlog.allocation.model import Model
from aidlog.allocation.phases import Fair, fairest
from aidlog.allocation.problem import Problem
from aidlog.allocation.snapshot import canonical
from tests.benchmarks.allocation_families import SIZES, family

Answer = TypeVar("Answer")


def main() -> None:
    options = _options()
    for seed in options.seeds:
        _compare(options, canonical(family(options.size, seed)))


def _compare(options: argparse.Namespace, problem: Problem) -> None:
    """Print one line a method for one problem."""
    model = build(problem)
    print(f"{problem.id}: {len(problem.needs)} needs, {len(model.arcs.group)} arcs")

    def all_levels() -> tuple[Fair, Fairness]:
        fairness = Fairness(build(problem), Clock())
        return fairest(model, fairness), fairness

    ours, (fair, fairness) = _timed(all_levels)
    levels = fair.levels[model.needs.in_vector]
    lowest = float(levels.min())
    _line("all levels, proven" if fair.proven else "all levels, NOT proven", ours, ours, lowest)
    distinct = len(np.unique(levels.round(9)))
    print(f"  {distinct} distinct levels, {fairness.rounds} rounds, {len(fairness.cuts)} cuts")
    if not options.levels_only:
        whole, result = _timed(lambda: solve(problem, Options(explain=False, compare=False)))
        _line(f"whole-pack plan ({result.status.value})", whole, ours, result.measures.min_level)
    for name, first in (("HiGHS", _highs), ("GLOP", _glop), ("PuLP + CBC", _pulp_first)):
        seconds, level = _timed(partial(first, model))
        _line(f"{name}, first level only", seconds, ours, level)
        assert abs(level - lowest) < 1e-5, (name, level, lowest)
    if options.sequence:
        seconds, (rounds, done) = _timed(lambda: _pulp_sequence(model, options.sequence))
        name = f"PuLP + CBC, sequence: {rounds} rounds, " + ("done" if done else "given up")
        _line(name, seconds, ours, float("nan"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.allocation_speed")
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--sequence", type=float, default=0, help="seconds for the naive sequence")
    parser.add_argument("--levels-only", action="store_true", help="no whole-pack plan")
    return parser.parse_args()


def _timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    begun = _cpu()
    answer = work()
    return _cpu() - begun, answer


def _cpu() -> float:
    """Return the CPU seconds of this process and of the solvers that it started."""
    return sum(os.times()[:4])


def _line(name: str, seconds: float, ours: float, level: float) -> None:
    print(f"  {name:45} {seconds:9.3f} s  {seconds / ours:8.1f} x  level {level:.6f}")


def _first_level(model: Model) -> tuple[np.ndarray, ...]:
    """Return the maximin program as triples: packs along arcs, then the level to be raised."""
    arcs, rows, needs = model.arcs, model.rows, model.needs
    compared = np.flatnonzero(needs.in_vector)
    place = np.full(len(model.demands.need), -1)
    place[compared] = np.arange(len(compared))
    inside = np.flatnonzero(place[arcs.demand] >= 0)
    r, n = len(rows), len(arcs.group)
    at = place[arcs.demand[inside]]
    row = np.concatenate((rows.entry_row, r + at, r + np.arange(len(compared))))
    column = np.concatenate((rows.entry_arc, inside, np.full(len(compared), n)))
    gain = 1.0 / needs.rise[compared][at]
    value = np.concatenate((rows.use, gain, np.full(len(compared), -1.0)))
    low = np.concatenate((np.full(r, -np.inf), -needs.start[compared]))
    high = np.concatenate((rows.capacity, np.full(len(compared), np.inf)))
    return row, column, value, low, high, np.array([needs.cap[compared].min()])


def _highs(model: Model) -> float:
    row, column, value, low, high, cap = _first_level(model)
    n = len(model.arcs.group)
    order = np.lexsort((column, row))
    program = highspy.Highs()
    program.setOptionValue("output_flag", False)
    program.setOptionValue("threads", 1)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n + 1, len(low)
    lp.col_cost_ = np.concatenate((np.zeros(n), [-1.0]))
    lp.col_lower_ = np.zeros(n + 1)
    lp.col_upper_ = np.concatenate((np.full(n, np.inf), cap))
    lp.row_lower_, lp.row_upper_ = low, high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.searchsorted(row[order], np.arange(len(low) + 1))
    lp.a_matrix_.index_, lp.a_matrix_.value_ = column[order], value[order]
    program.passModel(lp)
    program.run()
    return -program.getInfo().objective_function_value


def _glop(model: Model) -> float:
    row, column, value, low, high, cap = _first_level(model)
    n = len(model.arcs.group)
    program = LinearProgram(
        cost=np.concatenate((np.zeros(n), [-1.0])),
        low=np.concatenate((low, [-np.inf])),
        high=np.concatenate((high, cap)),
        entries=Entries(np.append(row, len(low)), np.append(column, n), np.append(value, 1.0)),
    )
    return float(program.solve().variables[n])


def _pulp_first(model: Model) -> float:
    program = _Sequence(model)
    return program.raise_level(set(program.compared))


def _pulp_sequence(model: Model, seconds: float) -> tuple[int, bool]:
    """Raise the common level, fix those that cannot rise, and begin again."""
    program = _Sequence(model)
    free, rounds, end = set(program.compared), 0, _cpu() + seconds
    while free and _cpu() < end:
        level = program.raise_level(free)
        rounds += 1
        stuck = program.stuck(free, level)
        for p in stuck:
            program.fixed[p] = level
        free -= stuck
    return rounds, not free


class _Sequence:
    """The maximin program as one writes it with a modelling library, built anew each round."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.compared = np.flatnonzero(model.needs.in_vector).tolist()
        self.fixed: dict[int, float] = {}

    def raise_level(self, free: set[int]) -> float:
        model, needs = self.model, self.model.needs
        program = pulp.LpProblem("maximin", pulp.LpMaximize)
        level = pulp.LpVariable("level", 0, min(float(needs.cap[p]) for p in free))
        x = [pulp.LpVariable(f"x{a}", 0) for a in range(len(model.arcs.group))]
        program += level
        limits: dict[int, list[tuple[pulp.LpVariable, float]]] = {}
        for r, a, use in zip(
            model.rows.entry_row, model.rows.entry_arc, model.rows.use, strict=True
        ):
            limits.setdefault(int(r), []).append((x[a], float(use)))
        for r, terms in limits.items():
            program += pulp.LpAffineExpression(terms) <= float(model.rows.capacity[r])
        coming: dict[int, list[tuple[pulp.LpVariable, float]]] = {p: [] for p in self.compared}
        for a, d in enumerate(model.arcs.demand.tolist()):
            if d in coming:
                coming[d].append((x[a], 1.0 / float(needs.rise[d])))
        self.rows = {}
        for p in self.compared:
            reached = pulp.LpAffineExpression(coming[p]) + float(needs.start[p])
            if p in free:
                self.rows[p] = reached - level >= 0
                program += self.rows[p]
            else:
                program += reached >= self.fixed[p] - 1e-7
        program.solve(pulp.PULP_CBC_CMD(msg=False))
        return float(level.value())

    def stuck(self, free: set[int], level: float) -> set[int]:
        """Return those whose row has a price, or who are at their cap."""
        caps = self.model.needs.cap
        stuck = {p for p in free if abs(self.rows[p].pi or 0) > 1e-9 or caps[p] <= level + 1e-9}
        return stuck or free


if __name__ == "__main__":
    main()
