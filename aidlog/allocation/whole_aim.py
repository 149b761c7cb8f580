"""What whole packs may aim for: the highest that no limit forbids, and whether it can be sent.

Filling on cuts (:mod:`whole_filling`) and asking whether fractions of trucks could bring what
was filled go on in turn, as for fractional levels; the trucks of small blocks are loaded pack
by pack on the way. Where the outcome can be sent as it is, it is the optimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aidlog.allocation.fairness import Clock, Fairness
from aidlog.allocation.linear import NoAnswer
from aidlog.allocation.model import Bools, Floats, Ints, Model
from aidlog.allocation.phases import Fair, levels
from aidlog.allocation.urgency import Urgency
from aidlog.allocation.whole_blocks import Block, Budget, blocks_of
from aidlog.allocation.whole_filling import PackFilling
from aidlog.allocation.whole_proof import PackProgram
from aidlog.allocation.whole_sweep import Filled, Undecided

#: Rounds of filling and asking, first by cuts and then with blocks loaded pack by pack: of
#: problems that are worth patience, and of large ones.
_ROUNDS, _HASTY_ROUNDS = (8, 4), (3, 1)
#: Up to so many arcs blocks are loaded with patience, and up to so many at all.
_PATIENT_ARCS, _LOADED_ARCS = 2_000, 30_000
#: Deterministic seconds of CP-SAT for loading blocks, with and without patience.
_PATIENCE, _HASTE = 4.0, 0.5
#: Up to so many arcs CP-SAT is asked for a way to send exactly what is aimed for.
_SENT_ARCS = 3_000


@dataclass(frozen=True, slots=True)
class Aim:
    """Packs per demand; ``highest``: every plan's sorted keys are at most theirs.

    ``blocks`` are those whose trucks were loaded on the way. ``fractions`` are the packs to be
    rounded, whole ones already where there was time to find them.
    """

    packs: Ints
    highest: bool
    fractions: Floats
    blocks: Sequence[Block] = ()


def aim(model: Model, urgency: Urgency, fairness: Fairness, members: Bools, fair: Fair) -> Aim:
    """Return the lexicographically highest whole packs for ``members`` that could be shown.

    Out of time they are the levels of fractions, ``fair``, which no plan exceeds either.
    """
    size = int(members[model.arcs.demand].sum())
    filling = PackFilling(urgency, members, model.demands.least_whole, fairness.clock)
    filling.add(fairness.cuts)
    patient = size <= _PATIENT_ARCS
    by_cuts, by_blocks = _ROUNDS if patient else _HASTY_ROUNDS if size <= _LOADED_ARCS else (1, 0)
    upward = np.minimum(np.ceil(fair.packs - 1e-6).astype(np.int64), urgency.most)
    least = model.demands.least_whole
    hasty = Filled(np.where(members, np.maximum(upward, least), least), forced=False)
    filled, sendable = _fill(model, filling, fairness, by_cuts, hasty)
    if filled is hasty:
        return Aim(filled.packs, highest=False, fractions=fair.packs)
    if size > _LOADED_ARCS:
        whole = filled.packs.astype(np.float64)
        return Aim(filled.packs, sendable and filled.forced, whole)
    budget = Budget(_PATIENCE if patient else _HASTE, fairness.clock)
    filling.blocks = blocks_of(model, members, budget)
    if filling.blocks:
        filled, sendable = _fill(model, filling, fairness, by_blocks, filled)
    whole = filled.packs.astype(np.float64)
    return Aim(filled.packs, sendable and filled.forced, whole, filling.blocks)


def highest_loaded(
    model: Model, urgency: Urgency, fairness: Fairness, demands: Ints, arcs: Ints
) -> Ints | None:
    """Return packs along the arcs of one part that bring its highest whole packs, if decided.

    Every pack is loaded before the next rises, from stock that is counted for all. None if
    equals had to be chosen among, or a question found no answer in time.
    """
    members = np.zeros(len(urgency.most), np.bool_)
    members[demands] = True
    filling = PackFilling(urgency, members, model.demands.least_whole, fairness.clock)
    filling.add(fairness.cuts)
    block = Block(model, demands, arcs, Budget(_PATIENCE, fairness.clock), whole=True)
    filling.blocks = [block]
    try:
        filled = filling.run()
    except Undecided:
        return None
    if not filled.forced:
        return None
    return block.flow(filled.packs[demands])


def _fill(
    model: Model, filling: PackFilling, fairness: Fairness, rounds: int, filled: Filled
) -> tuple[Filled, bool]:
    """Return what fills, and whether fractions of trucks can bring it.

    ``filled`` is what no plan exceeds, for want of anything better in time.
    """
    for turn in range(rounds + 1):
        try:
            filled = filling.run()
        except Undecided:
            break
        if turn == rounds:
            break
        packs = filled.packs.astype(np.float64)
        height = levels(model, packs)
        beyond = np.ones(len(packs) - len(height))  # what locks ask for beside the needs
        try:
            new = fairness.broken(packs, np.concatenate((height, beyond)))
        except NoAnswer:
            return filled, False
        if not new:
            return filled, True
        filling.add(new)
    return filled, False


def delivered_exactly(
    model: Model, packs: Ints, demands: Ints, arcs: Ints, flow: Ints, clock: Clock
) -> tuple[bool, Ints]:
    """Return whether ``packs`` can be sent to ``demands`` along ``arcs``, and how.

    ``flow`` is a plan that may do so already, or nearly.
    """
    sent = np.bincount(model.arcs.demand[arcs], flow[arcs], len(packs))
    if (sent[demands] == packs[demands]).all():
        return True, flow[arcs]
    if len(arcs) > _SENT_ARCS or clock.over():
        return False, flow[arcs]
    program = PackProgram(model, demands, arcs, model.rows.capacity_whole)
    for d in demands.tolist():
        program.bound(d, int(packs[d]), int(packs[d]))
    program.hint(flow[arcs])
    _, found = program.solve(clock)
    return found is not None, flow[arcs] if found is None else found
