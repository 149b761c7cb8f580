"""Exchanges for those who stand more than a pack below their fraction without a proof.

Whoever lags behind, the lowest first, gets a pack more wherever that brings nobody as low as it
stands. Room is made row by row: somebody goes another way, or gives a pack, or goes another way
once room was made there in the same manner, a few rows deep. Every exchange raises the sorted
keys lexicographically, so the work ends.
"""

from __future__ import annotations

import heapq

import numpy as np

from aidlog.allocation.cuts import Cut
from aidlog.allocation.fairness import Clock
from aidlog.allocation.model import Floats, Ints, Model
from aidlog.allocation.urgency import SAME, Urgency
from aidlog.allocation.whole_rounding import Load, Move, exchange_for, top_up
from aidlog.allocation.whole_stops import A_PACK, Floors, KnownCuts, behind

#: Rounds of exchanges, and how many rows deep room is made.
_ROUNDS, _DEEP = 6, 2
#: Larger plans are left as they are, and in any plan so many tries are all.
_ARCS, _TRIES = 50_000, 250
#: Out of time so many needs with nothing are still tried; on 60,000 needs each costs up to 9 ms.
_LATE_TRIES = 250


def repaired(model: Model, fractions: Floats, cuts: list[Cut], flow: Ints, clock: Clock) -> Ints:
    """Return ``flow`` (packs along arcs) after all exchanges that were found.

    ``fractions`` are packs per demand of the proven fractional optimum, ``cuts`` hold for
    every plan: whom one of them stops is not tried.
    """
    urgency = Urgency(model)
    load = Load(model, urgency, flow)
    if len(flow) > _ARCS or not len(behind(model, fractions, load.packs)):
        return flow
    known = KnownCuts(cuts, len(load.packs))
    rivals = np.flatnonzero(urgency.competes)
    tries = _TRIES
    for _ in range(_ROUNDS):
        made, tried = _round(model, fractions, load, known, tries, clock)
        top_up(load, rivals, model.demands.most_whole, clock)
        tries -= tried
        if not made or tries <= 0 or clock.over():
            break
    return load.flow


def nobody_empty(model: Model, flow: Ints, clock: Clock) -> Ints:
    """Return ``flow`` after a first pack for everyone who has nothing, where one was found.

    Out of time it still tries the lowest ``_LATE_TRIES``: a need at zero that could have a pack
    is worse than a plan that is a little late. It is a search, not a proof: an exchange of many
    packs is not found.
    """
    needs = model.needs
    sent = model.delivered(flow)[: len(needs.full)]
    empty = np.flatnonzero(needs.in_vector & (sent == 0) & (needs.start <= SAME))
    if not len(empty):
        return flow
    load = Load(model, Urgency(model), flow)
    late = 0
    for demand in empty[np.argsort(load.key_now[empty], kind="stable")].tolist():
        if load.packs[demand] or not load.urgency.most[demand]:
            continue
        late += clock.over()
        if late > _LATE_TRIES or clock.asked_to_stop():
            break
        _lifted(load, demand)
    return load.flow


def _round(
    model: Model, fractions: Floats, load: Load, known: KnownCuts, tries: int, clock: Clock
) -> tuple[int, int]:
    """Lift whoever lags behind, the lowest first; return exchanges made and tried."""
    most = load.urgency.most

    def late(d: int) -> bool:
        return bool(load.packs[d] < most[d] and fractions[d] - load.packs[d] > A_PACK)

    waiting = [
        (float(load.key_now[d]), d)
        for d in behind(model, fractions, load.packs).tolist()
        if late(d)
    ]
    heapq.heapify(waiting)
    made = tried = 0
    while waiting and tried < tries and not clock.over():
        key, demand = heapq.heappop(waiting)
        if key != load.key_now[demand]:
            continue
        if known.exceeded(Floors(load.urgency, load.packs, load.key_now), demand) is not None:
            continue
        tried += 1
        for d in _lifted(load, demand):
            if late(d):
                heapq.heappush(waiting, (float(load.key_now[d]), d))
            made += d == demand
    return made, tried


def _lifted(load: Load, demand: int) -> set[int]:
    """Bring one pack to ``demand`` and return who changed; nobody if it cannot be found."""
    above = float(load.key_now[demand]) + SAME
    touched = exchange_for(load, demand, np.inf) or exchange_for(load, demand, above + SAME)
    if touched:
        return touched
    for deep in range(1, _DEEP):
        for arc in load.arcs_to(demand):
            moves = _room_along(load, arc, _Asking(demand, above), deep, frozenset())
            if moves is not None:
                load.change(arc, 1)
                return {demand} | {load.owner(moved) for moved, _ in moves}
    return set()


class _Asking:
    """Who asks for room, and the key above which everybody must stay."""

    def __init__(self, taker: int, above: float) -> None:
        self.taker, self.above = taker, above


def _room_along(
    load: Load, arc: int, asking: _Asking, deep: int, busy: frozenset[int]
) -> list[Move] | None:
    """Make room for a pack along ``arc`` and return the moves made; None, undone, if none is.

    The rows ``busy`` are being cleared already and may not be filled again.
    """
    done: list[Move] = []
    for row, _ in load.lacking(arc):
        lack = dict(load.lacking(arc)).get(row, 0)
        if lack > 0:
            moves = _room_in(load, row, load.room[row] + lack, asking, deep, busy | {row})
            if moves is None:
                break
            done += moves
    if not load.lacking(arc):
        return done
    _undo(load, done)
    return None


def _room_in(
    load: Load, row: int, wanted: int, asking: _Asking, deep: int, busy: frozenset[int]
) -> list[Move] | None:
    """Make ``wanted`` room in ``row`` and return the moves made; None, undone, if none are."""
    done: list[Move] = []
    while load.room[row] < wanted:
        moves = (
            _another_way(load, row, asking, 0, busy)
            or _given(load, row, wanted - load.room[row], asking)
            or (deep > 0 and _another_way(load, row, asking, deep, busy))
        )
        if not moves:
            _undo(load, done)
            return None
        done += moves
    return done


def _another_way(
    load: Load, row: int, asking: _Asking, deep: int, busy: frozenset[int]
) -> list[Move]:
    """Send a pack in ``row`` another way, where there is room or room can be made."""
    for arc in load.users(row)[: load.looked_at].tolist():
        for other in load.arcs_to(load.owner(arc)):
            if other == arc or not busy.isdisjoint(load.rows_of(other)):
                continue
            if deep == 0 and load.lacking(other):
                continue
            load.change(arc, -1)
            moves = _room_along(load, other, asking, deep - 1, busy)
            if moves is not None:
                load.change(other, 1)
                return [(arc, -1), *moves, (other, 1)]
            load.change(arc, 1)
    return []


def _given(load: Load, row: int, lack: int, asking: _Asking) -> list[Move]:
    """Take the pack in ``row`` whose loss leaves its demand highest, if any stays high enough."""
    arcs, use, after = load.givers(row, asking.above, asking.taker)
    if not len(arcs):
        return []
    arc = int(arcs[np.lexsort((arcs, -after, use < lack))[0]])
    load.change(arc, -1)
    return [(arc, -1)]


def _undo(load: Load, moves: list[Move]) -> None:
    for arc, packs in reversed(moves):
        load.change(arc, -packs)
