"""What others would write for the same problems: one maximin program, or a sequence of them."""

from __future__ import annotations

import os
import time

import highspy
import numpy as np
import pulp

from aidlog.allocation.linear import Entries, LinearProgram, NoAnswer
from aidlog.allocation.model import Model


def cpu() -> float:
    """Return the CPU seconds of this process and of the solvers that it started."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


def first_level(model: Model) -> tuple[np.ndarray, ...]:
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


class GivenUp(RuntimeError):
    """No optimum within the seconds given."""


def highs_first(model: Model, seconds: float) -> float:
    """Return the first maximin level by HiGHS."""
    program = _highs_program(model)
    program.setOptionValue("time_limit", seconds)
    program.run()
    if program.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise GivenUp
    return -float(program.getInfo().objective_function_value)


def highs_sequence(model: Model, seconds: float) -> tuple[int, bool]:
    """Raise the common level, fix those that cannot rise, and go on from the last basis.

    Returns the rounds made, and whether all levels were found within ``seconds``.
    """
    program = _highs_program(model)
    needs = model.needs
    compared = np.flatnonzero(needs.in_vector)
    level, first = len(model.arcs.group), len(model.rows)
    free = np.ones(len(compared), np.bool_)
    rounds, end = 0, cpu() + seconds
    while free.any() and cpu() < end:
        program.setOptionValue("time_limit", program.getRunTime() + end - cpu())
        program.changeColBounds(level, 0.0, float(needs.cap[compared][free].min()))
        program.run()
        if program.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return rounds, False
        rounds += 1
        reached = -float(program.getInfo().objective_function_value)
        duals = np.abs(np.array(program.getSolution().row_dual)[first:])
        stuck = free & ((duals > 1e-9) | (needs.cap[compared] <= reached + 1e-9))
        stuck = stuck if stuck.any() else free
        for at in np.flatnonzero(stuck).tolist():
            program.changeCoeff(first + at, level, 0.0)
            low = reached - 1e-7 - float(needs.start[compared][at])
            program.changeRowBounds(first + at, low, highspy.kHighsInf)
        free = free & ~stuck
    return rounds, not free.any()


def _highs_program(model: Model) -> highspy.Highs:
    row, column, value, low, high, cap = first_level(model)
    n = len(model.arcs.group)
    order = np.lexsort((column, row))
    program = highspy.Highs()
    program.setOptionValue("output_flag", False)
    program.setOptionValue("log_to_console", False)
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
    return program


def glop_first(model: Model, seconds: float) -> float:
    """Return the first maximin level by GLOP."""
    row, column, value, low, high, cap = first_level(model)
    n = len(model.arcs.group)
    program = LinearProgram(
        cost=np.concatenate((np.zeros(n), [-1.0])),
        low=np.concatenate((low, [-np.inf])),
        high=np.concatenate((high, cap)),
        entries=Entries(np.append(row, len(low)), np.append(column, n), np.append(value, 1.0)),
    )
    try:
        return float(program.solve(seconds).variables[n])
    except NoAnswer as late:
        raise GivenUp from late


def pulp_first(model: Model, seconds: float) -> float:
    """Return the first maximin level by PuLP and CBC."""
    program = _Sequence(model, seconds)
    return program.raise_level(set(program.compared))


def pulp_sequence(model: Model, seconds: float) -> tuple[int, bool]:
    """Raise the common level, fix those that cannot rise, and begin again."""
    program = _Sequence(model, seconds)
    free, rounds = set(program.compared), 0
    while free:
        try:
            level = program.raise_level(free)
        except GivenUp:
            break
        rounds += 1
        stuck = program.stuck(free, level)
        for p in stuck:
            program.fixed[p] = level
        free -= stuck
    return rounds, not free


class _Sequence:
    """The maximin program as one writes it with a modelling library, built anew each round."""

    def __init__(self, model: Model, seconds: float) -> None:
        self.model, self.end = model, cpu() + seconds
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
        left = max(self.end - cpu(), 1.0)
        program.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=left))
        if program.status != pulp.LpStatusOptimal:
            raise GivenUp
        return float(level.value())

    def stuck(self, free: set[int], level: float) -> set[int]:
        """Return those whose row has a price, or who are at their cap."""
        caps = self.model.needs.cap
        stuck = {p for p in free if abs(self.rows[p].pi or 0) > 1e-9 or caps[p] <= level + 1e-9}
        return stuck or free
