"""Blocks: needs that the same trucks, roads and shared limits hold back, loaded pack by pack.

A block is everything that limits beside stock tie together: often one site with few trucks.
Its packs are kept on real trucks while they rise. A pack more is loaded where there is room,
else by moving packs from truck to truck; whether no way of loading it exists at all is asked
of CP-SAT. Stock counts in a block as if the block were alone, so a "no" holds for every plan.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from aidlog.allocation.fairness import Clock
from aidlog.allocation.model import Bools, Ints, Model, RowKind
from aidlog.allocation.parts import beside_stock, parts
from aidlog.allocation.whole_proof import search

#: Blocks beyond this many arcs are judged by linear cuts alone.
_ARCS = 800
#: Deterministic seconds that a question may take as it stands, and after CP-SAT simplified it.
_AT_ONCE, _ONE_QUESTION = 0.01, 0.3


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
    """One block's trucks while they are loaded; a ``whole`` one shares no stock with others.

    Needs of one item that the same stock may reach, and nothing but stock holds back, count as
    one here: what is loaded for them together can always be divided among them.
    """

    def __init__(
        self, model: Model, demands: Ints, arcs: Ints, budget: Budget, *, whole: bool = False
    ) -> None:
        self.demands, self.whole, self.sure = demands, whole, True
        self._model, self._budget, self.all_arcs = model, budget, arcs
        self._known: dict[tuple[int, ...], list[int] | None] = {}
        self._refused: list[Ints] = []
        self._loading: _Loading | None = None
        first = _first_alike(model, demands, arcs)
        kinds = sorted(set(first.values()))
        number = {d: k for k, d in enumerate(kinds)}
        self._kind = {d: number[like] for d, like in first.items()}
        self._kind_of = np.array([self._kind[d] for d in demands.tolist()], np.int64)
        arcs = arcs[np.isin(model.arcs.demand[arcs], kinds)]
        self.arcs = arcs
        self._owner = [self._kind[d] for d in model.arcs.demand[arcs].tolist()]
        self._arcs_of: list[list[int]] = [[] for _ in kinds]
        for a, k in enumerate(self._owner):
            self._arcs_of[k].append(a)
        rows = model.rows
        position = np.full(len(model.arcs.group), -1, np.int64)
        position[arcs] = np.arange(len(arcs))
        mine = position[rows.entry_arc] >= 0
        names, label = np.unique(rows.entry_row[mine], return_inverse=True)
        self._rows = names
        self._capacity: list[int] = rows.capacity_whole[names].tolist()
        self._uses: list[list[tuple[int, int]]] = [[] for _ in arcs]
        self._users: list[list[int]] = [[] for _ in names]
        for a, r, use in zip(
            position[rows.entry_arc[mine]].tolist(),
            label.tolist(),
            rows.use_whole[mine].tolist(),
            strict=True,
        ):
            self._uses[a].append((r, use))
            self._users[r].append(a)
        self._heaviest_first = sorted(
            range(len(kinds)),
            key=lambda k: -max((u for a in self._arcs_of[k] for _, u in self._uses[a]), default=0),
        )
        self._set([0] * len(arcs))

    def _set(self, flow: list[int]) -> None:
        self._flow = flow
        self._room = list(self._capacity)
        self._packs = [0] * len(self._arcs_of)
        for a, sent in enumerate(flow):
            if sent:
                self._packs[self._owner[a]] += sent
                for r, use in self._uses[a]:
                    self._room[r] -= use * sent

    def load(self, packs: Ints) -> bool:
        """Load ``packs`` (per demand of the block) anew and say whether a way was found."""
        wanted = np.bincount(self._kind_of, packs, len(self._arcs_of)).astype(np.int64).tolist()
        self._set([0] * len(self.arcs))
        if all(self._simply(k, wanted[k]) == wanted[k] for k in self._heaviest_first):
            return True
        return self._ask(wanted)[0]

    def add(self, demand: int, packs: int) -> int:
        """Load up to ``packs`` more and return how many found a place.

        After the first question without an answer the block is not ``sure`` any more.
        """
        kind = self._kind[demand]
        added = self._simply(kind, packs)
        while added < packs and (self._by_moving(kind) or self._exactly(kind)):
            added += 1
            added += self._simply(kind, packs - added)
        return added

    def add_all(self, packs: Mapping[int, int]) -> bool:
        """Load all these packs more if that is easy, else nothing, and say which."""
        kept = self.saved()
        for demand, more in packs.items():
            kind = self._kind[demand]
            added = self._simply(kind, more)
            while added < more and self._by_moving(kind):
                added += 1
                added += self._simply(kind, more - added)
            if added < more:
                self.restore(kept)
                return False
        return True

    def saved(self) -> list[int]:
        """Return what is loaded, to go back to it later."""
        return list(self._flow)

    def restore(self, saved: list[int]) -> None:
        """Go back to what was loaded before."""
        self._set(list(saved))

    def could_add_without(self, demand: int, less: Mapping[int, int]) -> bool:
        """Say whether ``demand`` could have a pack more if others had ``less``; True if unsure."""
        wanted = list(self._packs)
        for d, packs in less.items():
            wanted[self._kind[d]] -= packs
        wanted[self._kind[demand]] += 1
        kept = list(self._flow)
        found, sure = self._ask(wanted)
        self._set(kept)
        return found or not sure

    def brought(self, packs: Ints, room: Ints) -> Ints | None:
        """Return packs along the block's arcs that bring ``packs`` within ``room``, if found.

        ``room`` is what every row of the model still holds beside this block.
        """
        wanted = np.bincount(self._kind_of, packs, len(self._arcs_of)).astype(np.int64).tolist()
        capacity = np.maximum(room[self._rows], 0).tolist()
        loading = _Loading(capacity, self._uses, self._owner, len(self._arcs_of))
        _, found = loading.solve(wanted, self._flow, Budget(_ONE_QUESTION, self._budget.clock))
        if found is None:
            return None
        kept, self._flow = self._flow, found
        flow = self.flow(packs)
        self._flow = kept
        return flow

    def flow(self, packs: Ints) -> Ints:
        """Return packs along all arcs of the block that bring ``packs`` (per demand of it).

        They must be what is loaded.
        """
        arcs = self._model.arcs
        sent = np.zeros(len(self.all_arcs), np.int64)
        way: dict[tuple[int, int, int], int] = {}
        for i, a in enumerate(self.all_arcs.tolist()):
            way[int(arcs.demand[a]), int(arcs.group[a]), int(arcs.period[a])] = i
        left = dict(zip(self.demands.tolist(), packs.tolist(), strict=True))
        members: list[list[int]] = [[] for _ in self._arcs_of]
        for d, kind in self._kind.items():
            members[kind].append(d)
        for i, a in enumerate(self.arcs.tolist()):
            there = self._flow[i]
            for d in members[self._owner[i]]:
                part = min(there, left[d])
                if part:
                    sent[way[d, int(arcs.group[a]), int(arcs.period[a])]] += part
                    left[d] -= part
                    there -= part
        assert not any(left.values()), "what is loaded is what is wanted"
        return sent

    def _fit(self, arc: int) -> int:
        return min((self._room[r] // use for r, use in self._uses[arc] if use), default=10**15)

    def _move(self, arc: int, packs: int) -> None:
        self._flow[arc] += packs
        self._packs[self._owner[arc]] += packs
        for r, use in self._uses[arc]:
            self._room[r] -= use * packs

    def _simply(self, kind: int, packs: int) -> int:
        added = 0
        for arc in self._arcs_of[kind]:
            if added == packs:
                break
            fit = min(self._fit(arc), packs - added)
            if fit > 0:
                self._move(arc, fit)
                added += fit
        return added

    def _by_moving(self, kind: int) -> bool:
        """Load one pack by sending one pack of somebody else another way."""
        for arc in self._arcs_of[kind]:
            lacking = [(r, u - self._room[r]) for r, u in self._uses[arc] if u > self._room[r]]
            if len(lacking) > 2:
                continue
            row = lacking[0][0]
            for other in self._users[row]:
                if not self._flow[other] or other == arc:
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

    def _exactly(self, kind: int) -> bool:
        wanted = list(self._packs)
        wanted[kind] += 1
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
        if self._budget.left <= 0 or self._budget.clock.over():
            return False, False
        if self._loading is None:
            self._loading = _Loading(self._capacity, self._uses, self._owner, len(self._arcs_of))
        proven, found = self._loading.solve(wanted, self._flow, self._budget)
        if found is None and not proven:
            return False, False
        self._known[key] = found
        if found is None:
            self._refused.append(asked)
        else:
            self._set(list(found))
        return found is not None, True


def _first_alike(model: Model, demands: Ints, arcs: Ints) -> dict[int, int]:
    """Return for each demand the first that differs from it in no limit but its own size."""
    rows, all_arcs = model.rows, model.arcs
    beside = np.zeros(len(all_arcs.group), np.bool_)
    beside[rows.entry_arc[rows.kind[rows.entry_row] != RowKind.SUPPLY]] = True
    ways: dict[int, list[tuple[int, int]]] = {int(d): [] for d in demands}
    held: set[int] = set()
    for a, d, g, t in zip(
        arcs.tolist(),
        all_arcs.demand[arcs].tolist(),
        all_arcs.group[arcs].tolist(),
        all_arcs.period[arcs].tolist(),
        strict=True,
    ):
        ways[d].append((g, t))
        if beside[a]:
            held.add(d)
    seen: dict[tuple[tuple[int, int], ...], int] = {}
    return {d: d if d in held else seen.setdefault(tuple(w), d) for d, w in ways.items()}


class _Loading:
    """Whether given packs can be loaded at all, as a CP-SAT model with packs per kind."""

    def __init__(
        self,
        capacity: list[int],
        uses: list[list[tuple[int, int]]],
        owner: list[int],
        kinds: int,
    ) -> None:
        from ortools.sat.python import cp_model

        program = cp_model.CpModel()
        members: list[list[tuple[int, int]]] = [[] for _ in capacity]
        for a, parts_ in enumerate(uses):
            for r, use in parts_:
                members[r].append((a, use))
        most = [min((capacity[r] // u for r, u in parts_), default=10**9) for parts_ in uses]
        x = [program.new_int_var(0, m, "") for m in most]
        for r, users in enumerate(members):
            unit = math.gcd(*(use for _, use in users))
            fitting = [(a, use // unit) for a, use in users if most[a]]
            if fitting:
                program.add(sum(use * x[a] for a, use in fitting) <= capacity[r] // unit)
        self._wanted = [program.new_int_var(0, 2**40, "") for _ in range(kinds)]
        of_kind: list[list[Any]] = [[] for _ in range(kinds)]
        for a, k in enumerate(owner):
            of_kind[k].append(x[a])
        for total, terms in zip(self._wanted, of_kind, strict=True):
            program.add(total == sum(terms))
        self._program: Any = program
        self._x = [v.index for v in x]

    def solve(
        self, wanted: list[int], near: list[int], budget: Budget
    ) -> tuple[bool, list[int] | None]:
        """Return whether the answer is certain, and packs per arc that bring ``wanted`` if any."""
        for total, packs in zip(self._wanted, wanted, strict=True):
            domain = total.proto.domain
            domain.clear()
            domain.extend([packs, packs])
        hint = self._program.proto.solution_hint
        hint.vars.clear()
        hint.values.clear()
        hint.vars.extend(self._x)
        hint.values.extend(near)
        for presolve, effort in ((False, _AT_ONCE), (True, _ONE_QUESTION)):
            proven, values, spent = search(
                self._program, min(budget.left, effort), budget.clock, presolve=presolve
            )
            budget.left -= spent
            if proven or values is not None or budget.left <= 0:
                break
        return proven, None if values is None else [values[i] for i in self._x]
