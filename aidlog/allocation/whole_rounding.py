"""Whole packs where roads and shared limits bind too many at once for a proof.

The fractional flow is rounded down, packs go to the lowest key that has room, and then the
lowest are lifted by taking single packs from those who stay above them. Each such exchange
raises the sorted levels lexicographically, so it never undoes itself.
"""

from __future__ import annotations

import heapq
import itertools

import numpy as np

from aidlog.allocation.fairness import Clock
from aidlog.allocation.model import Floats, Ints, Model
from aidlog.allocation.urgency import SAME, Urgency

#: An arc, and the packs that are sent more (or fewer) along it.
Move = tuple[int, int]

#: How many of those who use a full row are looked at for another way.
_LOOKED_AT, _FEW_LOOKED_AT = 60, 6
#: From so many arcs on only a few are looked at.
_MANY_ARCS = 50_000
#: How far past the next in the queue a demand of very many packs may rise at once, and how far
#: when time is up.
_STRIDE, _HASTY_STRIDE = 1e-4, 1e-2
#: Turns between two looks at whether to stop.
_LOOK = 1_000
#: Exchanges per demand before the work stops.
_EXCHANGES = 4
#: In large plans so many tries to lift the lowest are all that time allows, and when time is up
#: so many are for those who have nothing.
_TRIES, _LAST_TRIES = 8_000, 400


class Load:
    """A whole-pack plan while it is being changed: packs per arc, and room left in every row."""

    def __init__(self, model: Model, urgency: Urgency, flow: Ints) -> None:
        self.model, self.urgency = model, urgency
        rows, arcs = model.rows, model.arcs
        self.flow = flow.copy()
        self.large = len(flow) >= _MANY_ARCS
        self.looked_at = _FEW_LOOKED_AT if self.large else _LOOKED_AT
        self._owner: list[int] = arcs.demand.tolist()
        self._least: list[int] = urgency.least.tolist()
        count = len(model.demands.need)
        self._first = np.searchsorted(arcs.demand, np.arange(count + 1)).tolist()
        self._entry = np.searchsorted(rows.entry_arc, np.arange(len(arcs.group) + 1)).tolist()
        self._row: list[int] = rows.entry_row.tolist()
        self._use: list[int] = rows.use_whole.tolist()
        by_row = np.argsort(rows.entry_row, kind="stable")
        start = np.searchsorted(rows.entry_row[by_row], np.arange(len(rows) + 1))
        self._users = (start, rows.entry_arc[by_row], rows.use_whole[by_row])
        self.room: list[int] = (rows.capacity_whole - model.used_whole(flow)).tolist()
        self.packs = np.zeros(count, np.int64)
        np.add.at(self.packs, arcs.demand, flow)
        every = np.arange(count)
        self.key_now = urgency.key(every, self.packs)
        self.key_less = self._keys_with_less(every)
        cheap = np.lexsort((np.arange(len(arcs.group)), arcs.cost, arcs.period, arcs.demand))
        self._cheapest_first: list[int] = cheap.tolist()

    def _keys_with_less(self, demand: Ints) -> Floats:
        """Return the keys after losing a pack; minus infinity where none may be taken."""
        fewer = self.packs[demand] - 1
        key = self.urgency.key(demand, np.maximum(fewer, 0))
        key[(fewer < self.urgency.least[demand])] = -np.inf
        return key

    def arcs_to(self, demand: int) -> list[int]:
        """Return the arcs of ``demand``: earliest, then cheapest first."""
        return self._cheapest_first[self._first[demand] : self._first[demand + 1]]

    def change(self, arc: int, packs: int) -> None:
        """Send ``packs`` more (or fewer) along ``arc``."""
        self.flow[arc] += packs
        for e in range(self._entry[arc], self._entry[arc + 1]):
            self.room[self._row[e]] -= self._use[e] * packs
        demand = self._owner[arc]
        total = int(self.packs[demand]) + packs
        self.packs[demand] = total
        self.key_now[demand] = self.urgency.key_of_one(demand, total)
        self.key_less[demand] = (
            self.urgency.key_of_one(demand, total - 1) if total > self._least[demand] else -np.inf
        )

    def lacking(self, arc: int) -> list[tuple[int, int]]:
        """Return the rows that have no room for one pack along ``arc``, and how much they lack."""
        short = []
        for e in range(self._entry[arc], self._entry[arc + 1]):
            lack = self._use[e] - self.room[self._row[e]]
            if lack > 0:
                short.append((self._row[e], lack))
        return short

    def add_bulk(self, demand: int, packs: int) -> int:
        """Send up to ``packs`` more to ``demand`` and return how many found room."""
        sent = 0
        for arc in self.arcs_to(demand):
            fit = packs - sent
            for e in range(self._entry[arc], self._entry[arc + 1]):
                fit = min(fit, self.room[self._row[e]] // self._use[e])
            if fit > 0:
                self.change(arc, fit)
                sent += fit
            if sent == packs:
                break
        return sent

    def owner(self, arc: int) -> int:
        """Return the demand that ``arc`` leads to."""
        return self._owner[arc]

    def rows_of(self, arc: int) -> list[int]:
        """Return the rows that ``arc`` uses."""
        return self._row[self._entry[arc] : self._entry[arc + 1]]

    def uses(self, arc: int, row: int) -> bool:
        """Say whether ``arc`` uses ``row``."""
        return row in self.rows_of(arc)

    def users(self, row: int) -> Ints:
        """Return the arcs through ``row`` that carry packs."""
        start, arcs, _ = self._users
        through = arcs[start[row] : start[row + 1]]
        return through[self.flow[through] > 0]

    def givers(self, row: int, above: float, taker: int) -> tuple[Ints, Ints, Floats]:
        """Return arcs through ``row`` that may lose a pack, their use, and the keys after it.

        Whoever gives stays above the key ``above``.
        """
        start, arcs, use = self._users
        arcs, use = arcs[start[row] : start[row + 1]], use[start[row] : start[row + 1]]
        owner = self.model.arcs.demand[arcs]
        after = self.key_less[owner]
        may = (self.flow[arcs] > 0) & (after > above) & (owner != taker)
        return arcs[may], use[may], after[may]


def round_down(model: Model, flow: Floats, members: np.ndarray) -> Ints:
    """Return whole packs along the arcs of ``members``, never more than any row holds."""
    whole = np.floor(flow + 1e-6).astype(np.int64)
    whole[~members[model.arcs.demand]] = 0
    rows = model.rows
    while True:
        over = model.used_whole(whole) > rows.capacity_whole
        if not over.any():
            return whole
        guilty = np.unique(rows.entry_arc[over[rows.entry_row]])
        exact = np.maximum(np.ceil(flow[guilty] - 1e-6).astype(np.int64) - 1, 0)
        lower = np.minimum(whole[guilty], exact)
        stuck = (lower == whole[guilty]).all()
        whole[guilty] = np.maximum(lower - int(stuck), 0)


def top_up(load: Load, members: Ints, limit: Ints, clock: Clock) -> None:
    """Give packs to the lowest key first, while they find room and stay within ``limit``.

    Whoever is lowest rises at once to where the next one waits, or out of time further. Told
    to stop it leaves the rest.
    """
    stride = _HASTY_STRIDE if clock.over() else _STRIDE
    members = members[load.packs[members] < limit[members]]
    waiting = list(zip(load.key_now[members].tolist(), members.tolist(), strict=True))
    heapq.heapify(waiting)
    for turn in itertools.count():
        if not waiting or (turn % _LOOK == 0 and clock.asked_to_stop()):
            return
        _, demand = heapq.heappop(waiting)
        has = int(load.packs[demand])
        enough = int(limit[demand])
        if waiting:
            next_to = load.urgency.packs_for_one(demand, waiting[0][0] + stride)
            enough = min(enough, max(next_to, has + 1))
        if load.add_bulk(demand, enough - has) == enough - has and enough < limit[demand]:
            heapq.heappush(waiting, (float(load.key_now[demand]), demand))


def exchange(load: Load, members: Ints, target: Floats, clock: Clock) -> int:
    """Lift the lowest of ``members`` towards their ``target`` keys; return the exchanges made."""
    most = load.urgency.most
    waiting = [
        (float(load.key_now[d]), int(d))
        for d in members
        if load.packs[d] < most[d] and load.key_now[d] < target[d] - SAME
    ]
    heapq.heapify(waiting)
    made, allowed = 0, _EXCHANGES * max(len(members), 100)
    tries = _TRIES if load.large else 10 * allowed
    while waiting and made < allowed and tries > 0 and not clock.asked_to_stop():
        key, demand = heapq.heappop(waiting)
        if key != load.key_now[demand]:
            continue
        if clock.over():
            if load.packs[demand] > 0:
                break
            tries = min(tries, _LAST_TRIES)
        tries -= 1
        touched = exchange_for(load, demand, float(target[demand]))
        made += touched is not None
        for d in touched or ():
            if load.packs[d] < most[d] and load.key_now[d] < target[d] - SAME:
                heapq.heappush(waiting, (float(load.key_now[d]), d))
    return made


def exchange_for(load: Load, demand: int, target: float) -> set[int] | None:
    """Bring one pack to ``demand`` if nobody falls as low as it is; return who changed.

    Whoever gives stays above half the way to the next key of ``demand``, or to ``target``.
    """
    now = float(load.key_now[demand])
    lifted = load.urgency.key_of_one(demand, int(load.packs[demand]) + 1)
    above = now + 0.5 * (min(lifted, target) - now)
    best: tuple[int, int, list[Move]] | None = None
    for arc in load.arcs_to(demand):
        moves = _make_room(load, arc, demand, above)
        if moves is not None:
            losses = -sum(change for _, change in moves)
            if best is None or losses < best[0]:
                best = (losses, arc, moves)
            if not losses:
                break
    if best is None:
        return None
    _, arc, moves = best
    for moved, change in moves:
        load.change(moved, change)
    load.change(arc, 1)
    return {demand} | {int(load.model.arcs.demand[moved]) for moved, _ in moves}


def _make_room(load: Load, arc: int, demand: int, above: float) -> list[Move] | None:
    """Return moves that make room for one pack along ``arc``, or None.

    First others are served another way, which costs nobody anything; then packs are taken
    from those who stay above the key ``above`` (in large plans in the other order, which finds
    room sooner). Nothing is changed for good: what is tried is
    undone before returning.
    """
    moves: list[Move] = []
    for row, _ in load.lacking(arc):
        while (lack := dict(load.lacking(arc)).get(row, 0)) > 0:
            found = (
                _gift(load, row, lack, above, demand) or _detour(load, row)
                if load.large
                else _detour(load, row) or _gift(load, row, lack, above, demand)
            )
            if not found:
                break
            moves += found
            for moved, change in found:
                load.change(moved, change)
        if lack > 0:
            break
    fits = not load.lacking(arc)
    for moved, change in reversed(moves):
        load.change(moved, -change)
    return moves if fits else None


def _detour(load: Load, row: int) -> list[Move]:
    """Return a pack that can leave ``row`` for another arc to the same demand, if there is one."""
    for arc in load.users(row)[: load.looked_at].tolist():
        for other in load.arcs_to(load.owner(arc)):
            if other != arc and not load.uses(other, row) and not load.lacking(other):
                return [(arc, -1), (other, 1)]
    return []


def _gift(load: Load, row: int, lack: int, above: float, taker: int) -> list[Move]:
    """Return the pack in ``row`` whose loss leaves its demand highest, if any stays high enough."""
    arcs, use, after = load.givers(row, above, taker)
    if len(arcs) == 0:
        return []
    return [(int(arcs[np.lexsort((arcs, -after, use < lack))[0]]), -1)]
