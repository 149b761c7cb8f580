"""Why a need stands more than a pack below its fraction: the proof that one pack more cannot be.

Whole packs bring some needs above their fraction and others below it. A need is held back
rightly if no plan gives it a pack more while everybody at or below its level keeps all packs
and everybody above stays above. What each must keep are its *floors*; a cut that the floors
and the pack more exceed is the proof, for cuts hold for every plan. Mostly a cut of the
fractional optimum does it; else the linear program is asked for one, and where fractions of
trucks could bring the pack, CP-SAT is asked whether the trucks can take it in whole packs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from aidlog.allocation.cuts import Cut
from aidlog.allocation.fairness import Clock, Fairness
from aidlog.allocation.linear import NoAnswer
from aidlog.allocation.model import Floats, Ints, Model
from aidlog.allocation.urgency import Urgency
from aidlog.allocation.whole_blocks import Block, Budget, blocks_of

#: Whoever stands further below the fraction than so many packs is told why.
A_PACK = 1 + 1e-6
#: Keys closer than this are one key: less than the checker allows for.
_SAME_KEY = 1e-12
#: By so much of its size a cut must be exceeded: more than the checker asks for.
_EXCEEDED = 2e-9
#: Up to so many arcs needs are looked at, and up to so many a program is asked.
_ARCS, _ASKED_ARCS = 1_000_000, 10_000
#: The most questions to the linear program.
_QUESTIONS = 200
#: Deterministic seconds of CP-SAT for all questions about trucks.
_PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class Stops:
    """Who is stopped by which of ``cuts`` (need → position), and who by a search alone."""

    cuts: list[Cut] = field(default_factory=list)
    by_cut: dict[int, int] = field(default_factory=dict)
    by_search: frozenset[int] = frozenset()


class Floors:
    """What everybody must keep, so that a pack more for one brings nobody as low as it was."""

    def __init__(self, urgency: Urgency, packs: Ints, key: Floats | None = None) -> None:
        """``key`` are the keys at ``packs``, where they are known."""
        self.packs, self._urgency = packs, urgency
        self.every = np.arange(len(packs))
        self.key = urgency.key(self.every, packs) if key is None else key

    def of(self, who: Ints, taker: int) -> Ints:
        """Return the packs that ``who`` must keep, and a pack more for ``taker`` among them."""
        packs, key = self.packs[who].copy(), float(self.key[taker])
        higher = np.flatnonzero(self._urgency.competes[who] & (self.key[who] > key + _SAME_KEY))
        above = who[higher]
        fewest = self._urgency.packs_for(above, key)
        fewest += self._urgency.key(above, fewest) <= key + _SAME_KEY
        packs[higher] = np.minimum(fewest, self.packs[above])
        packs[who == taker] += 1
        return packs


class KnownCuts:
    """Cuts by the demands that they weigh."""

    def __init__(self, cuts: list[Cut], demands: int) -> None:
        self._cuts: list[Cut] = []
        self._of: list[list[int]] = [[] for _ in range(demands)]
        self.add(cuts)

    def add(self, cuts: list[Cut]) -> None:
        """Know these cuts too."""
        for cut in cuts:
            weighty = cut.weight > 1e-9 * cut.weight.max(initial=0.0)
            for d in cut.demand[weighty].tolist():
                self._of[d].append(len(self._cuts))
            self._cuts.append(cut)

    def exceeded(self, floors: Floors, taker: int) -> Cut | None:
        """Return a cut that leaves ``taker`` no pack more."""
        for number in self._of[taker]:
            cut = self._cuts[number]
            asked = float(cut.weight @ floors.of(cut.demand, taker))
            if asked > cut.capacity + _EXCEEDED * max(cut.capacity, asked):
                return cut
        return None


class _Blocks:
    """The trucks that hold needs back together, loaded as the plan loads them."""

    def __init__(self, model: Model, floors: Floors, clock: Clock) -> None:
        self._floors = floors
        everybody = np.ones(len(floors.packs), np.bool_)
        self._block_of: dict[int, Block] = {}
        for block in blocks_of(model, everybody, Budget(_PATIENCE, clock)):
            self._block_of |= dict.fromkeys(block.demands.tolist(), block)

    def cannot_take(self, taker: int) -> bool:
        """Say whether no way to load the trucks brings ``taker`` a pack more."""
        block = self._block_of.get(taker)
        if block is None:
            return False
        who = block.demands[block.demands != taker]
        less = self._floors.packs[who] - self._floors.of(who, taker)
        return block.load(self._floors.packs[block.demands]) and not block.could_add_without(
            taker, dict(zip(who.tolist(), less.tolist(), strict=True))
        )


def behind(model: Model, fractions: Floats, packs: Ints) -> Ints:
    """Return the needs that are compared and stand more than a pack below their fraction."""
    count = len(model.needs.full)
    late = fractions[:count] - packs[:count] > A_PACK
    return np.flatnonzero(late & model.needs.in_vector)


def _by_known(
    known: KnownCuts, floors: Floors, late: Ints, clock: Clock
) -> tuple[dict[int, Cut], list[int]]:
    """Return which known cut stops whom, and who is left, the lowest first."""
    found: dict[int, Cut] = {}
    left: list[int] = []
    for p in late[np.argsort(floors.key[late], kind="stable")].tolist():
        if clock.over():
            break
        cut = known.exceeded(floors, p)
        if cut is None:
            left.append(p)
        else:
            found[p] = cut
    return found, left


def stops(
    model: Model, fractions: Floats, fairness: Fairness, flow: Ints, clock: Clock, *, best: bool
) -> Stops:
    """Return what proves that whoever lags behind ``fractions`` (packs) gets no pack more.

    ``best``: it is proved that no whole-pack plan is fairer than ``flow``. A pack more for one
    with all floors kept would be fairer, so that proof is the search of whoever no cut stops.
    Else who has no proof in the time given is left out.
    """
    packs = model.delivered(flow).astype(np.int64)
    late = behind(model, fractions, packs)
    if not len(late) or len(model.arcs.group) > _ARCS:
        return Stops()
    floors = Floors(Urgency(model), packs)
    known = KnownCuts(fairness.cuts, len(packs))
    found, open_ = _by_known(known, floors, late, Clock() if best else clock)
    searched = set(open_) if best else set()
    if open_ and not best and len(model.arcs.group) <= _ASKED_ARCS:
        blocks = _Blocks(model, floors, clock)
        for p in open_[:_QUESTIONS]:
            if clock.over():
                break
            wanted = floors.of(floors.every, p)
            try:
                new = fairness.broken(wanted.astype(np.float64), np.ones(len(packs)))
            except NoAnswer:
                break
            known.add(new)
            cut = known.exceeded(floors, p)
            if cut is not None:
                found[p] = cut
            elif not new and blocks.cannot_take(p):
                searched.add(p)
    used = {id(cut): cut for cut in found.values()}
    place = {name: at for at, name in enumerate(used)}
    return Stops(
        list(used.values()), {p: place[id(c)] for p, c in found.items()}, frozenset(searched)
    )
