"""Why not more: the second limit that would stop a need if its first were gone."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from aidlog.allocation.cuts import Cut
from aidlog.allocation.explain import Names, meaning
from aidlog.allocation.model import Bools, Ints, Model
from aidlog.allocation.phases import Fair
from aidlog.allocation.result import NextStop, ReasonCode

#: Levels closer than this are the same level.
_SAME = 1e-9


def next_stops(model: Model, fair: Fair) -> dict[int, NextStop]:
    """Return for each need that a cut stops what would stop it next.

    Take away the rows of its cut, and leave everyone else what they have: then every cut
    without these rows still holds, and the need can rise by no more than the least of
    ``room / weight`` over them. So the level is the most it could be, and the cut of the least
    is the next stop; where that is beyond the cap, the need would be covered.
    """
    if not fair.rungs:
        return {}
    cuts = fair.rungs[-1].cuts
    count = len(model.needs.full)
    stopped = _stopped_by(fair, cuts, count)
    at = np.flatnonzero(stopped >= 0)
    if len(at) == 0:
        return {}
    demand = np.concatenate([cut.demand for cut in cuts])
    weight = np.concatenate([cut.weight for cut in cuts])
    number = np.repeat(np.arange(len(cuts)), [len(cut.demand) for cut in cuts])
    room = np.array(
        [max(cut.capacity - float(cut.weight @ fair.packs[cut.demand]), 0.0) for cut in cuts]
    )
    ours = demand < count
    ours[ours] = stopped[demand[ours]] >= 0
    demand, weight, number = demand[ours], weight[ours], number[ours]
    apart = _apart(cuts)[stopped[demand], number]
    demand, weight, number = demand[apart], weight[apart], number[apart]
    lift = room[number] / (weight * model.needs.rise[demand])
    order = np.lexsort((number, lift, demand))
    first = np.unique(demand[order], return_index=True)
    best = np.full(count, np.inf)
    cut_of = np.full(count, -1)
    best[first[0]] = lift[order][first[1]]
    cut_of[first[0]] = number[order][first[1]]
    names = Names(model)
    meanings = {k: meaning(model, names, cuts[k]) for k in np.unique(cut_of[cut_of >= 0]).tolist()}
    found = {}
    for p in at.tolist():
        level, cap = float(fair.levels[p] + best[p]), float(model.needs.cap[p])
        if level >= cap - _SAME:
            found[p] = NextStop(code=ReasonCode.COVERED, limit="", level=cap)
        else:
            code, limit = meanings[int(cut_of[p])]
            found[p] = NextStop(code=code, limit=limit, level=level)
    return found


def _stopped_by(fair: Fair, cuts: list[Cut], count: int) -> Ints:
    """Return for each need the number of the cut that stopped it last, -1 for none."""
    number = {id(cut): k for k, cut in enumerate(cuts)}
    stopped = np.full(count, -1, np.int64)
    for rung in fair.rungs:
        here = np.flatnonzero(rung.stopped_by[:count] >= 0)
        stopped[here] = [number[id(rung.cuts[c])] for c in rung.stopped_by[here].tolist()]
    return stopped


def _apart(cuts: list[Cut]) -> Bools:
    """Say for each two cuts whether no limit stands in both."""
    with_row: dict[int, list[int]] = defaultdict(list)
    for number, cut in enumerate(cuts):
        for row in cut.row.tolist():
            with_row[row].append(number)
    apart = np.ones((len(cuts), len(cuts)), np.bool_)
    for number, cut in enumerate(cuts):
        for row in cut.row.tolist():
            apart[number, with_row[row]] = False
    return apart
