"""Blocks: needs that the same trucks, roads and shared limits hold back, loaded pack by pack.

A block is everything that limits beside stock tie together: often one site with few trucks.
Its packs are kept on real trucks while they rise. A pack more is loaded where there is room,
else by moving packs from truck to truck; whether no way of loading it exists at all is asked
of CP-SAT. Stock counts in a block as if the block were alone, so a "no" holds for every plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aidlog.allocation.fairness import Clock
from aidlog.allocation.model import Bools, Ints, Model, RowKind
from aidlog.allocation.parts import beside_stock, parts
from aidlog.allocation.whole_proof import PackProgram

#: Blocks beyond this many arcs are judged by linear cuts alone.
_ARCS = 800


@dataclass(slots=True)
class Budget:
    """Deterministic seconds that CP-SAT may still spend, and the clock that may end it sooner."""

    left: float
    clock: Clock


def blocks_of(model: Model, members: Bools, budget: Budget) -> list[Block]:
    """Return what limits beside stock tie together among ``members``, where small enough."""
    side = members & beside_stock(model)
    found = parts(model, side, model.rows.kind != RowKind.SUPPLY)
    return [Block(model, d, arcs, budget) for d, arcs in found if len(arcs) <= _ARCS]


class Block:
    """One block's trucks while they are loaded; a ``whole`` one shares no stock with others."""

    def __init__(
        self, model: Model, demands: Ints, arcs: Ints, budget: Budget, *, whole: bool = False
    ) -> None:
        self.demands, self.arcs, self.whole = demands, arcs, whole
        self._model, self._budget = model, budget
        self._program: PackProgram | None = None
        self._known: dict[tuple[int, ...], list[int] | None] = {}
        self._refused: list[Ints] = []
        rows = model.rows
        position = np.full(len(model.arcs.group), -1, np.int64)
        position[arcs] = np.arange(len(arcs))
        mine = position[rows.entry_arc] >= 0
        names, label = np.unique(rows.entry_row[mine], return_inverse=True)
        self._capacity: list[int] = rows.capacity_whole[names].tolist()
        self._uses: list[list[tuple[int, int]]] = [[] for _ in arcs]
        for a, r, use in zip(
            position[rows.entry_arc[mine]].tolist(),
            label.tolist(),
            rows.use_whole[mine].tolist(),
            strict=True,
        ):
            self._uses[a].append((r, use))
        self._arcs_of: dict[int, list[int]] = {int(d): [] for d in demands}
        for a, d in enumerate(model.arcs.demand[arcs].tolist()):
            self._arcs_of[d].append(a)
        self._place = {int(d): i for i, d in enumerate(demands)}
        self._users: list[list[int]] = [[] for _ in names]
        for a, uses in enumerate(self._uses):
            for r, _ in uses:
                self._users[r].append(a)
        self._owner: list[int] = model.arcs.demand[arcs].tolist()
        self.sure = True
        self._set([0] * len(arcs))

    def _set(self, flow: list[int]) -> None:
        self.flow = flow
        self._room = list(self._capacity)
        packs = dict.fromkeys(self._arcs_of, 0)
        for a, sent in enumerate(flow):
            packs[self._owner[a]] += sent
            if sent:
                for r, use in self._uses[a]:
                    self._room[r] -= use * sent
        self._packs = [packs[int(d)] for d in self.demands]

    def load(self, packs: Ints) -> bool:
        """Load ``packs`` (per demand of the block) anew and say whether a way was found."""
        wanted = packs.tolist()
        self._set([0] * len(self.arcs))
        order = sorted(
            self._place, key=lambda d: -max((u for a in self._arcs_of[d] for _, u in self._uses[a]),
                                            default=0),
        )  # fmt: skip
        if all(self._simply(d, wanted[self._place[d]]) == wanted[self._place[d]] for d in order):
            return True
        found, _ = self._ask(wanted)
        return found

    def add(self, demand: int, packs: int) -> int:
        """Load up to ``packs`` more and return how many found a place."""
        added = self._simply(demand, packs)
        while added < packs and (self._by_moving(demand) or self._exactly(demand)):
            added += 1
            added += self._simply(demand, packs - added)
        return added

    def could_add_without(self, demand: int, less: Mapping[int, int]) -> bool:
        """Say whether ``demand`` could have a pack more if others had ``less``; True if unsure."""
        wanted = list(self._packs)
        for d, packs in less.items():
            wanted[self._place[d]] -= packs
        wanted[self._place[demand]] += 1
        kept = list(self.flow)
        found, sure = self._ask(wanted)
        self._set(kept)
        return found or not sure

    def _fit(self, arc: int) -> int:
        return min((self._room[r] // use for r, use in self._uses[arc] if use), default=10**15)

    def _move(self, arc: int, packs: int) -> None:
        self.flow[arc] += packs
        self._packs[self._place[self._owner[arc]]] += packs
        for r, use in self._uses[arc]:
            self._room[r] -= use * packs

    def _simply(self, demand: int, packs: int) -> int:
        added = 0
        for arc in self._arcs_of[demand]:
            if added == packs:
                break
            fit = min(self._fit(arc), packs - added)
            if fit > 0:
                self._move(arc, fit)
                added += fit
        return added

    def _by_moving(self, demand: int) -> bool:
        """Load one pack by sending one pack of somebody else another way."""
        for arc in self._arcs_of[demand]:
            lacking = [(r, u - self._room[r]) for r, u in self._uses[arc] if u > self._room[r]]
            if len(lacking) > 2:
                continue
            row = lacking[0][0]
            for other in self._users[row]:
                if not self.flow[other] or other == arc:
                    continue
                use = dict(self._uses[other])
                if any(use.get(r, 0) < need for r, need in lacking):
                    continue
                self._move(other, -1)
                for way in self._arcs_of[self._owner[other]]:
                    if way != other and self._fit(way) > 0:
                        self._move(way, 1)
                        if self._fit(arc) > 0:
                            self._move(arc, 1)
                            return True
                        self._move(way, -1)
                self._move(other, 1)
        return False

    def _exactly(self, demand: int) -> bool:
        wanted = list(self._packs)
        wanted[self._place[demand]] += 1
        found, sure = self._ask(wanted)
        self.sure &= sure
        return found

    def _ask(self, wanted: list[int]) -> tuple[bool, bool]:
        """Say whether ``wanted`` can be loaded, and whether that is certain; load it if so."""
        key = tuple(wanted)
        if key in self._known:
            flow = self._known[key]
            if flow is not None:
                self._set(list(flow))
            return flow is not None, True
        asked = np.array(wanted)
        if any((asked >= known).all() for known in self._refused):
            return False, True
        if self._budget.left <= 0:
            return False, False
        if self._program is None:
            self._program = PackProgram(
                self._model, self.demands, self.arcs, self._model.rows.capacity_whole
            )
        program = self._program
        program.patience = min(self._budget.left, 0.05)
        before = program.patience
        for d, packs in zip(self.demands.tolist(), wanted, strict=True):
            program.bound(d, packs, packs)
        program.hint(np.array(self.flow))
        proven, found = program.solve(self._budget.clock.left())
        self._budget.left -= before - program.patience
        if found is None and not proven:
            return False, False
        self._known[key] = None if found is None else found.tolist()
        if found is None:
            self._refused.append(asked)
        else:
            self._set(found.tolist())
        return found is not None, True
