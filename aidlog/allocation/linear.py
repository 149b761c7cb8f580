"""Linear programs for GLOP, handed over in bulk and solved again from where they stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from aidlog.allocation.model import Floats, Ints
from aidlog.allocation.watching import watched


@dataclass(frozen=True, slots=True)
class LinearAnswer:
    """Variables and row duals of one solve, and whether GLOP vouches for them.

    Duals that it does not vouch for still serve as prices, for what follows from prices is
    computed anew; variables do not.
    """

    variables: Floats
    duals: Floats
    sure: bool


@dataclass(frozen=True, slots=True)
class Entries:
    """Coefficients that are not zero, as triples."""

    row: Ints
    column: Ints
    value: Floats


class NoAnswer(RuntimeError):
    """GLOP stopped without an optimum: out of time, told to stop, or out of numbers."""


class LinearProgram:
    """``min cost·x, low ≤ rows ≤ high, 0 ≤ x``; solved again from where it stood.

    Nothing is presolved: that would throw the basis away whenever a bound changes what it
    finds.
    """

    def __init__(self, *, cost: Floats, low: Floats, high: Floats, entries: Entries) -> None:
        from ortools.math_opt import callback_pb2, model_parameters_pb2, model_pb2, parameters_pb2
        from ortools.math_opt.core.python import solver

        model = model_pb2.ModelProto()
        count = len(cost)
        model.variables.ids.extend(np.arange(count))
        model.variables.lower_bounds.extend(np.zeros(count))
        model.variables.upper_bounds.extend(np.full(count, np.inf))
        model.variables.integers.extend(np.zeros(count, np.bool_))
        model.linear_constraints.ids.extend(np.arange(len(low)))
        model.linear_constraints.lower_bounds.extend(low)
        model.linear_constraints.upper_bounds.extend(high)
        _fill(model.linear_constraint_matrix, entries)
        nonzero = np.flatnonzero(cost)
        model.objective.linear_coefficients.ids.extend(nonzero)
        model.objective.linear_coefficients.values.extend(cost[nonzero])
        self._parameters = parameters_pb2.SolveParametersProto()
        glop = self._parameters.glop
        glop.solution_feasibility_tolerance = 1e-9
        glop.primal_feasibility_tolerance = 1e-10
        glop.dual_feasibility_tolerance = 1e-10
        glop.use_dual_simplex = True
        glop.use_preprocessing = False
        glop.use_scaling = False
        self._quiet = (
            model_parameters_pb2.ModelSolveParametersProto(),
            callback_pb2.CallbackRegistrationProto(),
        )
        self._rows = len(low)
        self._solver: Any = solver.new(
            parameters_pb2.SOLVER_TYPE_GLOP, model, parameters_pb2.SolverInitializerProto()
        )

    def set_low(self, rows: Ints, low: Floats) -> None:
        """Change lower bounds of ``rows`` (ascending)."""
        bounds = (update := _update()).linear_constraint_updates.lower_bounds
        bounds.ids.extend(rows)
        bounds.values.extend(low)
        self._take(update)

    def set_high(self, rows: Ints, high: Floats) -> None:
        """Change upper bounds of ``rows`` (ascending)."""
        bounds = (update := _update()).linear_constraint_updates.upper_bounds
        bounds.ids.extend(rows)
        bounds.values.extend(high)
        self._take(update)

    def set_cost(self, columns: Ints, cost: Floats) -> None:
        """Change the cost of ``columns`` (ascending)."""
        changed = (update := _update()).objective_updates.linear_coefficients
        changed.ids.extend(columns)
        changed.values.extend(cost)
        self._take(update)

    def set_entries(self, entries: Entries) -> None:
        """Change coefficients; those that become zero are given as zero."""
        update = _update()
        _fill(update.linear_constraint_matrix_updates, entries)
        self._take(update)

    def add_row(self, columns: Ints, values: Floats, high: float) -> int:
        """Add ``values · x[columns] ≤ high`` and return the row's number."""
        update, row = _update(), self._rows
        new = update.new_linear_constraints
        new.ids.append(row)
        new.lower_bounds.append(-np.inf)
        new.upper_bounds.append(high)
        entries = Entries(np.full(len(columns), row), columns, values)
        _fill(update.linear_constraint_matrix_updates, entries)
        self._take(update)
        self._rows += 1
        return row

    def _take(self, update: Any) -> None:
        accepted = self._solver.update(update)
        assert accepted, "GLOP takes such changes without rebuilding"

    def solve(
        self, seconds: float | None = None, stop: Callable[[], bool] | None = None
    ) -> LinearAnswer:
        """Return the optimum, or what GLOP has where its own tolerances fail it.

        ``stop`` is asked a few times a second, from another thread, whether to give up.

        Raises:
            NoAnswer: there is none, or not within ``seconds``, or not before ``stop``.
        """
        from ortools.math_opt import result_pb2
        from ortools.util.python.pybind_solve_interrupter import PySolveInterrupter

        self._parameters.ClearField("time_limit")
        if seconds is not None:
            self._parameters.time_limit.FromMilliseconds(max(int(seconds * 1000), 1))
        parameters, callback = self._quiet
        interrupter = None if stop is None else PySolveInterrupter()
        with watched(stop, interrupter.interrupt if interrupter else _nothing):
            result = self._solver.solve(
                self._parameters, parameters, None, callback, None, interrupter
            )
        reason = result.termination.reason
        sure = reason == result_pb2.TERMINATION_REASON_OPTIMAL
        known = sure or reason == result_pb2.TERMINATION_REASON_IMPRECISE
        if not known or not result.solutions or not result.solutions[0].HasField("dual_solution"):
            raise NoAnswer(result_pb2.TerminationReasonProto.Name(reason))
        solution = result.solutions[0]
        return LinearAnswer(
            np.array(solution.primal_solution.variable_values.values),
            np.array(solution.dual_solution.dual_values.values),
            sure,
        )


def _nothing() -> None:
    pass


def _update() -> Any:
    from ortools.math_opt import model_update_pb2

    return model_update_pb2.ModelUpdateProto()


def _fill(matrix: Any, entries: Entries) -> None:
    """Write entries into a sparse matrix of MathOpt, which wants them sorted."""
    order = np.lexsort((entries.column, entries.row))
    matrix.row_ids.extend(entries.row[order])
    matrix.column_ids.extend(entries.column[order])
    matrix.coefficients.extend(entries.value[order])
