"""One filling of whole packs from the lowest key to the highest, by saturating cuts and trucks.

Filling goes by cuts in the order in which they saturate. Until then all members of a cut stand
at one key, found by bisection; from then on its members rise one by one, the lowest first, and
stop for good at the first pack that does not fit.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aidlog.allocation.cuts import Cut
from aidlog.allocation.fairness import Clock
from aidlog.allocation.model import Floats, Ints
from aidlog.allocation.urgency import SAME, Place, Urgency
from aidlog.allocation.whole_blocks import Block

#: A cut has room for what exceeds it by less than this share of its size.
_ROOM = 1e-10
#: Keys at which all cuts are weighed at once, before any is looked at alone.
_GRID = 48
#: Packs that rise singly before a leap is tried.
_SINGLY = 200


@dataclass(frozen=True, slots=True)
class Filled:
    """Packs per demand, and whether no choice among equals was made on the way."""

    packs: Ints
    forced: bool


class Undecided(Exception):
    """Time is up, or a block that is the whole problem has a question without an answer."""


class TooLateError(Exception):
    """A block must be loaded from a lower key on."""

    def __init__(self, block: int) -> None:
        self.block = block


class Sweep:
    """One filling from the lowest key to the highest."""

    def __init__(
        self,
        urgency: Urgency,
        members: Ints,
        given: Ints,
        cuts: list[Cut],
        blocks: Sequence[tuple[Block, float]],
        clock: Clock,
    ) -> None:
        """``blocks`` come with how far below its first full limit each is loaded from."""
        self.urgency, self.cuts, self.clock = urgency, cuts, clock
        self.blocks, self.early = [block for block, _ in blocks], [early for _, early in blocks]
        self.block_of = np.full(len(given), -1, np.int64)
        for b, block in enumerate(self.blocks):
            self.block_of[block.demands] = b
        self.loading: dict[int, Block] = {}
        self.packs = given.copy()
        self.alive = np.zeros(len(given), np.bool_)
        self.alive[members] = True
        self.key = urgency.key(np.arange(len(given)), given)
        self.before = np.full(len(given), -np.inf)
        self.last_rise = np.zeros(len(given), np.int64)
        self.top = float(urgency.stage[members].max()) + 1.0 if len(members) else 1.0
        self.slack: dict[int, float] = {}
        self.hot: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self.queue: list[Place] = []
        self.queued = np.zeros(len(given), np.bool_)
        self.forced = True
        self.members = members

    def run(self) -> Filled:
        cold = self._brackets()
        heapq.heapify(cold)
        while True:
            self._look_at_clock()
            number, until = self._next_saturated(cold)
            self._rise_singly(until)
            if number < 0:
                break
            if number < len(self.cuts):
                self._heat(number, until)
            else:
                self._begin_loading(number - len(self.cuts), until)
        free = self.members[self.alive[self.members]]
        self.packs[free] = self.urgency.most[free]
        return Filled(self.packs, self.forced)

    def _look_at_clock(self) -> None:
        if self.clock.over():
            raise Undecided

    def _brackets(self) -> list[tuple[float, int, float]]:
        """Return (a key at which it has room, cut, a key at which it has not) for cuts that can."""
        if not self.cuts or not len(self.members):
            return []
        label = np.repeat(np.arange(len(self.cuts)), [len(cut.demand) for cut in self.cuts])
        demand = np.concatenate([cut.demand for cut in self.cuts])
        weight = np.concatenate([cut.weight for cut in self.cuts])
        capacity = np.array([cut.capacity for cut in self.cuts])
        low, high = np.zeros(len(capacity)), np.full(len(capacity), np.inf)
        packs = self.packs.copy()
        stages = np.unique(self.urgency.stage[self.members])
        grid = np.concatenate([[0.0], *(s + np.linspace(0, 1, _GRID) for s in stages)])
        for key in (*grid.tolist(), self.top):
            packs[self.members] = self.urgency.packs_for(self.members, key)
            load = np.bincount(label, weight * packs[demand], len(capacity))
            over = load > capacity * (1 + _ROOM)
            high[over & (high == np.inf)] = key
            low[high == np.inf] = key
        waiting = [
            (float(low[c]), c, float(high[c])) for c in np.flatnonzero(high < np.inf).tolist()
        ]
        if self.blocks:
            beside = np.array([cut.beside_stock for cut in self.cuts])[label]
            block = self.block_of[demand]
            all_count = np.array([*(b.whole for b in self.blocks), False])[block]
            counts = (beside | all_count) & (block >= 0) & (weight > 0) & self.alive[demand]
            first = np.full(len(self.blocks), self.top)
            np.minimum.at(first, block[counts], low[label[counts]])
            waiting += [
                (max(float(first[b]) - self.early[b], 0.0), len(self.cuts) + b, np.inf)
                for b in range(len(self.blocks))
            ]
        return waiting

    def _next_saturated(self, cold: list[tuple[float, int, float]]) -> tuple[int, float]:
        """Return the cut that saturates next and the key, (-1, inf) if none does."""
        while cold:
            key, number, high = heapq.heappop(cold)
            if number >= len(self.cuts):
                return number, key
            key = self._saturation(self.cuts[number], high)
            if key == np.inf:
                continue
            if not cold or key <= cold[0][0]:
                return number, key
            heapq.heappush(cold, (key, number, high if high > key else np.inf))
        return -1, np.inf

    def _saturation(self, cut: Cut, high: float) -> float:
        """Return a key at which ``cut`` has room for everybody, but hardly any beyond."""
        mine = self.alive[cut.demand]
        who, weight = cut.demand[mine], cut.weight[mine]
        rest = cut.demand[~mine]
        room = cut.capacity * (1 + _ROOM) - float(cut.weight[~mine] @ self.packs[rest])
        packs_for = self.urgency.packs_for
        if not len(who) or float(weight @ packs_for(who, self.top)) <= room:
            return np.inf
        low, high = 0.0, min(high, self.top)
        if float(weight @ packs_for(who, high)) <= room:
            low, high = high, self.top
        step = float(weight.sum())
        while high - low > 1e-12:
            middle = 0.5 * (low + high)
            left = room - float(weight @ packs_for(who, middle))
            if left < 0:
                high = middle
                continue
            low = middle
            if left < step:
                break
        return low

    def _heat(self, number: int, key: float) -> None:
        """Let the members of a cut that saturates rise one by one from ``key`` on."""
        cut = self.cuts[number]
        mine = self.alive[cut.demand]
        new = cut.demand[mine & ~self.queued[cut.demand]]
        self.packs[new] = self.urgency.packs_for(new, key)
        self.key[new] = self.urgency.key(new, self.packs[new])
        self.queued[new] = True
        for place in self.urgency.places(new, self.packs[new]):
            heapq.heappush(self.queue, place)
        held = float(cut.weight @ self.packs[cut.demand])
        self.slack[number] = cut.capacity * (1 + _ROOM) - held
        for d, weight in zip(cut.demand[mine].tolist(), cut.weight[mine].tolist(), strict=True):
            self.hot[d].append((number, weight))

    def _begin_loading(self, number: int, key: float) -> None:
        """Load what a block has at ``key``; its members rise one by one from there on."""
        block = self.blocks[number]
        mine = self.alive[block.demands]
        new = block.demands[mine & ~self.queued[block.demands]]
        self.packs[new] = self.urgency.packs_for(new, key)
        self.key[new] = self.urgency.key(new, self.packs[new])
        if not block.load(self.packs[block.demands]):
            if key > 0:
                raise TooLateError(number)
            self.forced = False  # what is promised finds no trucks: others must see to that
            return
        self.queued[new] = True
        for place in self.urgency.places(new, self.packs[new]):
            heapq.heappush(self.queue, place)
        for d in block.demands.tolist():
            self.loading[d] = block

    def _rise_singly(self, until: float) -> None:
        """Raise the members of saturated cuts, the lowest first, up to the key ``until``."""
        queue, urgency, most = self.queue, self.urgency, self.urgency.most
        risen, patience = 0, _SINGLY
        self._pass_over(until)
        while queue and queue[0][0] < until:
            risen += 1
            if risen > patience:
                self._look_at_clock()
                risen, patience = 0, patience if self._leap(until) else 2 * patience
                continue
            d = heapq.heappop(queue)[-1]
            key = float(self.key[d])
            aim = min(queue[0][0] if queue else np.inf, until)
            packs = int(self.packs[d])
            wanted = int(most[d]) if aim == np.inf else urgency.packs_for_one(d, aim)
            wanted = min(max(wanted - packs, 1), int(most[d]) - packs)
            fit = wanted
            for number, weight in self.hot[d]:
                fit = min(fit, int(max(self.slack[number], 0.0) / weight))
            block = self.loading.get(d)
            if fit > 0 and block is not None:
                found = block.add(d, fit)
                if block.sure:
                    fit = found
                else:
                    self._give_up(block)
            if fit > 0:
                for number, weight in self.hot[d]:
                    self.slack[number] -= weight * fit
                self.packs[d] = packs + fit
                self.before[d], self.last_rise[d] = key, fit
                self.key[d] = urgency.key_of_one(d, packs + fit)
            if fit == wanted and packs + fit < most[d]:
                heapq.heappush(queue, urgency.place(d, packs + fit))
                continue
            if fit < wanted and self.forced:
                self.forced = self._nobody_else_decides(d)
            self.alive[d] = False

    def _give_up(self, block: Block) -> None:
        """Judge a block by its linear cuts from now on: its trucks are too hard to load."""
        self.forced = False
        if block.whole:
            raise Undecided
        for member in block.demands.tolist():
            self.loading.pop(member, None)

    def _pass_over(self, until: float) -> None:
        """Raise those to ``until`` at once whose cuts have room for everybody at that key."""
        queue = self.queue
        if not queue:
            return
        who = np.array([place[-1] for place in queue], np.int64)
        goal = self.packs.copy()
        goal[who] = np.maximum(self.urgency.packs_for(who, min(until, self.top)), goal[who])
        more = goal - self.packs
        free = np.zeros(len(goal), np.bool_)
        free[who] = more[who] > 0
        for number, demand, weight in self._hot_cuts():
            if float(weight @ more[demand]) > self.slack[number]:
                free[demand] = False
        rising = np.flatnonzero(free)
        for block in {id(b): b for d in rising.tolist() if (b := self.loading.get(d))}.values():
            below = block.demands[self.alive[block.demands]]
            below = below[self.key[below] < until]
            if not free[below].all():  # the lower ones of a block are loaded before the higher
                free[block.demands] = False
        rising = np.flatnonzero(free)
        loaded = [d for d in rising.tolist() if d in self.loading]
        if loaded and not self._load_all(np.array(loaded), more[loaded]):
            free[loaded] = False
            rising = np.flatnonzero(free)
        if not len(rising):
            return
        more[~free] = 0
        for number, demand, weight in self._hot_cuts():
            self.slack[number] -= float(weight @ more[demand])
        self.before[rising] = -np.inf
        self.packs[rising] += more[rising]
        self.key[rising] = self.urgency.key(rising, self.packs[rising])
        self._queue_again(who)

    def _hot_cuts(self) -> list[tuple[int, Ints, Floats]]:
        """Return the saturated cuts with their members that may still rise."""
        found = []
        for number in list(self.slack):
            cut = self.cuts[number]
            mine = self.alive[cut.demand]
            if mine.any():
                found.append((number, cut.demand[mine], cut.weight[mine]))
        return found

    def _queue_again(self, who: Ints) -> None:
        """Queue those of ``who`` anew who may have more; the others are done."""
        full = self.packs[who] >= self.urgency.most[who]
        self.alive[who[full]] = False
        left = who[~full]
        self.queue[:] = self.urgency.places(left, self.packs[left])
        heapq.heapify(self.queue)

    def _leap(self, until: float) -> bool:
        """Raise all who wait to the highest key that leaves room everywhere, if that is far."""
        who = np.array([place[-1] for place in self.queue], np.int64)
        before = self.packs[who]
        place = np.full(len(self.packs), -1, np.int64)
        place[who] = np.arange(len(who))
        hot = [c for c in self.slack if self.alive[self.cuts[c].demand].any()]
        cuts = [self.cuts[c] for c in hot]
        label = np.repeat(np.arange(len(cuts)), [len(cut.demand) for cut in cuts])
        at = place[np.concatenate([cut.demand for cut in cuts])] if cuts else who[:0]
        weight = np.concatenate([cut.weight for cut in cuts]) if cuts else np.zeros(0)
        label, weight, at = label[at >= 0], weight[at >= 0], at[at >= 0]
        slack = np.maximum(np.array([self.slack[c] for c in hot]), 0.0)
        low = first = self.queue[0][0]
        high = middle = min(until, self.top)
        while True:
            more = np.maximum(self.urgency.packs_for(who, middle) - before, 0)
            if (np.bincount(label, weight * more[at], len(cuts)) <= slack).all():
                low = middle
            else:
                high = middle
            if high - low <= max(0.05 * (low - first), 1e-6):
                break
            middle = 0.5 * (low + high)
        for _ in range(3):
            packs = np.maximum(self.urgency.packs_for(who, low), before)
            if (packs - before).sum() <= len(who):
                return False
            if self._load_all(who, packs - before):
                break
            low = first + 0.3 * (low - first)
        else:
            return False
        gone = np.bincount(label, weight * (packs - before)[at], len(cuts))
        for c, used in zip(hot, gone.tolist(), strict=True):
            self.slack[c] -= used
        self.before[who] = np.where(packs > before, -np.inf, self.before[who])
        self.packs[who], self.key[who] = packs, self.urgency.key(who, packs)
        self._queue_again(who)
        return True

    def _load_all(self, who: Ints, more: Ints) -> bool:
        """Load these packs more in all blocks, or none."""
        of_block: dict[int, dict[int, int]] = {}
        for d, packs in zip(who.tolist(), more.tolist(), strict=True):
            if packs and d in self.loading:
                of_block.setdefault(int(self.block_of[d]), {})[d] = packs
        kept = {b: self.blocks[b].saved() for b in of_block}
        for b, packs_of in of_block.items():
            if not self.blocks[b].add_all(packs_of):
                for other, flow in kept.items():
                    self.blocks[other].restore(flow)
                return False
        return True

    def _nobody_else_decides(self, d: int) -> bool:
        """Say whether ``d`` would have no room even if its equals had not risen before it."""
        key = float(self.key[d])
        for number, weight in self.hot[d]:
            cut = self.cuts[number]
            equal = np.abs(self.before[cut.demand] - key) <= SAME
            given = cut.weight[equal] @ self.last_rise[cut.demand[equal]]
            if self.slack[number] + float(given) < weight:
                return True
        block = self.loading.get(d)
        if block is None:
            return False
        equals = block.demands[np.abs(self.before[block.demands] - key) <= SAME]
        less = dict(zip(equals.tolist(), self.last_rise[equals].tolist(), strict=True))
        return not block.could_add_without(d, less)
