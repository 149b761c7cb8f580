"""Whole packs, proved: nothing lexicographically better exists (CP-SAT).

The plan's sorted levels are settled from the lowest up. Let ``v`` be the lowest value that is
not settled yet. With everything settled still holding and the rest at ``v`` or above, as many
needs as possible are lifted above ``v``; when CP-SAT proves that number, all entries equal to
``v`` are settled, and the next value follows. So one kind of question settles the worst level,
how many must bear it, and every level after it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from aidlog.allocation.fairness import Clock
from aidlog.allocation.model import Bools, Floats, Ints, Model
from aidlog.allocation.phases import guarantee_start, tiers_of
from aidlog.allocation.urgency import SAME
from aidlog.allocation.watching import watched

#: Deterministic seconds that all questions about one part may take.
_PATIENCE = 2.0
#: What every question costs of it at least, for the work around the search.
_LEAST_EFFORT = 0.005
#: Searches of so few deterministic seconds end before anybody could stop them.
_UNWATCHED = 0.02
_Reaching = Callable[[int, int], Any]


@dataclass(frozen=True, slots=True)
class Steps:
    """Level of some demands as a function of packs, for one phase."""

    demand: Ints
    start: Floats
    cap: Floats
    rise: Floats

    def level(self, packs: Ints) -> Floats:
        """Return levels at ``packs`` (per demand of the model)."""
        return np.minimum(self.start + packs[self.demand] / self.rise, self.cap)

    def packs_at(self, value: float, *, strictly: bool) -> Floats:
        """Return the packs each demand needs to reach or pass ``value``; inf where it cannot."""
        climb = (value - self.start) * self.rise
        if strictly:
            packs = np.where(self.start > value + SAME, 0.0, np.floor(climb + 1e-6) + 1)
            able = self.cap > value + SAME
        else:
            packs = np.ceil(climb - 1e-6)
            able = self.cap >= value - SAME
        return np.where(able, np.maximum(packs, 0.0), np.inf)


def search(
    program: Any, patience: float, clock: Clock, *, presolve: bool = False
) -> tuple[bool, list[int] | None, float]:
    """Return whether CP-SAT ended with its proof, its values if any, and the effort it took.

    One worker and a limit in deterministic seconds: the same question has the same answer on
    every machine, unless ``clock`` runs out, or says stop, before.
    """
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_number_of_conflicts = 20_000
    solver.parameters.cp_model_presolve = presolve  # most questions are small and many
    solver.parameters.max_deterministic_time = max(patience, 1e-3)
    seconds = clock.left()
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
    stopper = clock.stopper if patience > _UNWATCHED else None
    with watched(stopper, solver.stop_search):
        status = solver.solve(program)
    proven = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    known = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    answer = solver.response_proto
    spent = max(answer.deterministic_time, _LEAST_EFFORT)
    return proven, list(answer.solution) if known else None, spent


def phase_steps(model: Model, inside: Bools) -> list[Steps]:
    """Return the level functions of all phases for the needs that are inside."""
    needs = model.needs
    count = len(needs.full)
    here = inside[:count] & needs.in_vector
    phases = []
    promised = here & (needs.guarantee > 0)
    if promised.any():
        at = np.flatnonzero(promised)
        share = needs.guarantee[at]
        phases.append(
            Steps(at, guarantee_start(model)[at] / share, np.ones(len(at)), needs.full[at] * share)
        )
    for _, members in tiers_of(model):
        at = np.flatnonzero(members & here)
        if len(at):
            phases.append(Steps(at, needs.start[at], needs.cap[at], needs.rise[at]))
    return phases


class PackProgram:
    """Whole-pack plans of some demands as a CP-SAT model that grows by settled values."""

    def __init__(self, model: Model, demands: Ints, arcs: Ints, spare: Ints) -> None:
        from ortools.sat.python import cp_model

        self._model, self._arcs, self._cp = model, arcs, cp_model
        self.program: Any = cp_model.CpModel()
        d = model.demands
        supply = model.groups.packs[model.arcs.group[arcs]]
        owner = model.arcs.demand[arcs]
        self.x = [
            self.program.new_int_var(0, int(min(supply[j], d.most_whole[owner[j]])), f"x{j}")
            for j in range(len(arcs))
        ]
        self.packs: dict[int, Any] = {}
        self._reached: dict[tuple[int, int], Any] = {}
        self.patience = _PATIENCE
        #: phases that are settled, with their sorted levels
        self.settled_phases: list[tuple[Steps, Floats]] = []
        by_demand: dict[int, list[Any]] = {int(p): [] for p in demands}
        for j, p in enumerate(owner.tolist()):
            by_demand[p].append(self.x[j])
        for p, parts in by_demand.items():
            low, high = int(d.least_whole[p]), int(d.most_whole[p])
            total = self.program.new_int_var(low, high, f"packs{p}")
            self.program.add(total == sum(parts))
            self.packs[p] = total
        self._add_rows(spare)

    def _add_rows(self, spare: Ints) -> None:
        """Add every limit in whole units, divided by their greatest common divisor."""
        rows = self._model.rows
        position = np.full(len(self._model.arcs.group), -1, np.int64)
        position[self._arcs] = np.arange(len(self._arcs))
        mine = position[rows.entry_arc] >= 0
        members: dict[int, list[tuple[int, int]]] = {}
        for r, a, use in zip(
            rows.entry_row[mine].tolist(),
            position[rows.entry_arc[mine]].tolist(),
            rows.use_whole[mine].tolist(),
            strict=True,
        ):
            members.setdefault(r, []).append((a, use))
        for r, parts in members.items():
            unit = math.gcd(*(use for _, use in parts))
            room = int(spare[r]) // unit
            for a, use in parts:  # one pack alone that does not fit never travels here
                if use // unit > room:
                    self.program.add(self.x[a] == 0)
            fitting = [(a, use // unit) for a, use in parts if use // unit <= room]
            if fitting:
                self.program.add(sum(use * self.x[a] for a, use in fitting) <= room)

    def bound(self, demand: int, least: int, most: int) -> None:
        """Let ``demand`` receive from ``least`` to ``most`` packs from now on."""
        domain = self.packs[demand].proto.domain
        domain.clear()
        domain.extend([least, most])

    def reaching(self, demand: int, packs: int) -> Any:
        """Return the literal that implies that ``demand`` receives at least ``packs``."""
        if (demand, packs) not in self._reached:
            literal = self.program.new_bool_var(f"reach{demand}_{packs}")
            self.program.add(self.packs[demand] >= packs).only_enforce_if(literal)
            self._reached[demand, packs] = literal
        return self._reached[demand, packs]

    def ask(
        self, condition: Callable[[Any, _Reaching], None], flow: Ints, clock: Clock
    ) -> Ints | None:
        """Return a plan that also obeys ``condition``, which is forgotten again, or None."""
        ask = self.program.clone()
        ask.clear_objective()
        ask.clear_hints()
        for x, value in zip(self.x, flow.tolist(), strict=True):
            ask.add_hint(ask.get_int_var_from_proto_index(x.index), int(value))

        def reaching(demand: int, packs: int) -> Any:
            literal = ask.new_bool_var("")
            total = ask.get_int_var_from_proto_index(self.packs[demand].index)
            ask.add(total >= packs).only_enforce_if(literal)
            return literal

        condition(ask, reaching)
        return self.solve(clock, ask)[1]

    def solve(self, clock: Clock, program: Any = None) -> tuple[bool, Ints | None]:
        """Return whether the search ended with its proof, and packs per arc of its plan if any.

        All searches together may take the program's patience, in deterministic seconds.
        """
        proven, values, spent = search(
            self.program if program is None else program, self.patience, clock
        )
        self.patience -= spent
        if values is None:
            return proven, None
        return proven, np.array([values[x.index] for x in self.x], np.int64)

    def hint(self, flow: Ints) -> None:
        """Start the next search from ``flow``."""
        self.program.clear_hints()
        for x, value in zip(self.x, flow.tolist(), strict=True):
            self.program.add_hint(x, int(value))

    def delivered(self, flow: Ints) -> Ints:
        """Return packs per demand of the whole model that ``flow`` brings."""
        owner = self._model.arcs.demand[self._arcs]
        packs = np.zeros(len(self._model.demands.need), np.int64)
        np.add.at(packs, owner, flow)
        return packs


def settle(
    program: PackProgram, steps: Steps, flow: Ints, polish: Callable[[Ints], Ints], clock: Clock
) -> tuple[Ints, bool]:
    """Return the best flow for one phase and whether it is proved; its levels stay settled.

    ``flow`` (packs per arc of the program) is a plan that obeys all that is settled so far.
    ``polish`` betters a plan quickly, without a proof.
    """
    members = len(steps.demand)
    settled = 0
    improved = 0
    while settled < members:
        if improved == 1:
            flow = _polished(program, steps, flow, settled, polish)
        elif improved > 1:
            flow = _push_up(program, steps, flow, members - settled, clock)
        levels = np.sort(steps.level(program.delivered(flow)))
        value = float(levels[settled])
        require(program.program, program.reaching, steps, value, members - settled)
        lifted = _above(levels, value)
        above = _literals(program.reaching, steps, value, strictly=True)
        if len(above) > lifted:
            if clock.over() or program.patience <= 0:
                return flow, False
            program.program.maximize(sum(above))
            program.hint(flow)
            proven, found = program.solve(clock)
            if found is None or not proven:
                return flow, False
            before, lifted = lifted, _above(np.sort(steps.level(program.delivered(found))), value)
            if lifted > before:  # else the plan in hand is as good here, and better filled
                flow = found
            improved = improved + 1 if lifted > before else 0
        settled = members - lifted
    program.settled_phases.append((steps, np.sort(steps.level(program.delivered(flow)))))
    return flow, True


def _above(levels: Floats, value: float) -> int:
    return int((levels > value + SAME * max(1.0, value)).sum())


def _polished(
    program: PackProgram,
    steps: Steps,
    flow: Ints,
    settled: int,
    polish: Callable[[Ints], Ints],
) -> Ints:
    """Return the polished plan if it keeps what is settled and stands higher after that."""
    better = polish(flow)
    packs = program.delivered(better)
    if any(
        np.abs(np.sort(done.level(packs)) - values).max(initial=0.0) > SAME
        for done, values in program.settled_phases
    ):
        return flow
    before = np.sort(steps.level(program.delivered(flow)))
    after = np.sort(steps.level(packs))
    kept = np.abs(after[:settled] - before[:settled]).max(initial=0.0) <= SAME
    return better if kept and after[settled:].tolist() > before[settled:].tolist() else flow


def _push_up(program: PackProgram, steps: Steps, flow: Ints, count: int, clock: Clock) -> Ints:
    """Return a plan whose ``count`` highest levels begin as high as a short search finds.

    The value to reach is stepped up in doubling strides and then halved in. This only spares
    the many small steps between a poor plan and a good one; it proves nothing.
    """
    low = float(np.sort(steps.level(program.delivered(flow)))[-count])
    top = float(steps.cap.max())
    stride, high = 1e-3 * top, np.inf
    while min(high, top) - low > 2e-3 * top and program.patience > 0 and not clock.over():
        aim = min(low + stride, top) if high == np.inf else 0.5 * (low + high)
        found = program.ask(partial(require, steps=steps, value=aim, count=count), flow, clock)
        if found is None:
            high = aim
        else:
            flow = found
            low = max(aim, float(np.sort(steps.level(program.delivered(flow)))[-count]))
            stride *= 2
    return flow


def _literals(reaching: _Reaching, steps: Steps, value: float, *, strictly: bool) -> list[Any]:
    """Return a literal for each need that could reach ``value``, or pass it if ``strictly``."""
    packs = steps.packs_at(value, strictly=strictly)
    able = np.flatnonzero(np.isfinite(packs))
    return [reaching(int(steps.demand[i]), int(packs[i])) for i in able]


def require(program: Any, reaching: _Reaching, steps: Steps, value: float, count: int) -> None:
    """Keep at least ``count`` needs at ``value`` or above."""
    program.add(sum(_literals(reaching, steps, value, strictly=False)) >= count)
