"""The problem as arrays: demands, stock groups, arcs between them, and the limits as rows.

Everything that can run out is one *row*: ``Σ use · packs ≤ capacity`` over arcs, with
``use ≥ 0``. A *demand* is a need, or goods that a lock ties to one lot. An *arc* sends packs
of one stock group to one demand in one period. Quantities along arcs are packs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from aidlog.allocation.problem import Problem, Route

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class RowKind(IntEnum):
    """What a row counts."""

    SUPPLY = 0
    ROUTE_KG = 1
    ROUTE_M3 = 2
    SHARED_KG = 3
    SHARED_M3 = 4
    SHARED_COST = 5
    LOT_LOCK = 6


@dataclass(frozen=True, slots=True)
class Needs:
    """One entry a need, in canonical order. ``full`` is the need in packs.

    The level of a need that receives ``a`` packs is ``min(start + a / rise, cap)``.
    """

    site: Ints
    item: Ints
    full: Floats
    held: Floats
    start: Floats
    cap: Floats
    rise: Floats
    tier: Ints
    guarantee: Floats
    in_vector: Bools
    reachable: Bools
    locked: Bools


@dataclass(frozen=True, slots=True)
class Demands:
    """One entry a demand: first the needs, then what locks ask for beside them.

    ``least`` and ``most`` bound the packs it receives; ``need`` is the index of the need that
    it counts for, -1 where there is none.
    """

    need: Ints
    site: Ints
    item: Ints
    lot: Ints
    least: Floats
    most: Floats
    least_whole: Ints
    most_whole: Ints


@dataclass(frozen=True, slots=True)
class Groups:
    """Lots that no rule tells apart, merged; ``lots`` holds the lots' indices of each.

    ``packs`` are whole; ``stock`` is what may be counted on, with a share of a pack where the
    problem is divisible. ``expiry_rank`` orders groups by their first expiry, the earliest first.
    """

    warehouse: Ints
    item: Ints
    packs: Ints
    stock: Floats
    unit_cost: Floats
    expiry_rank: Ints
    lots: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Arcs:
    """Where packs can go. Sorted by demand; ``cost`` is money per pack."""

    group: Ints
    demand: Ints
    route: Ints
    period: Ints
    cost: Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """Limits that could bind, and their use by arcs as (row, arc, use) sorted by arc.

    ``capacity`` and ``use`` are in packs, kg, m³ or money; the whole forms in packs or
    millionths. ``about`` is the group, route, limit or lock; ``period`` 0 is the horizon.
    """

    kind: Ints
    about: Ints
    period: Ints
    capacity: Floats
    capacity_whole: Ints
    entry_row: Ints
    entry_arc: Ints
    use: Floats
    use_whole: Ints

    def __len__(self) -> int:
        return len(self.kind)


@dataclass(frozen=True, slots=True)
class Model:
    """A problem (canonically ordered) and its arrays."""

    problem: Problem
    needs: Needs
    demands: Demands
    groups: Groups
    arcs: Arcs
    rows: Rows
    routes: tuple[Route, ...]

    def delivered(self, flow: Floats | Ints) -> Floats:
        """Return packs per demand of ``flow`` (packs per arc)."""
        return sums(self.arcs.demand, flow, len(self.demands.need))

    def per_need(self, by_demand: Floats) -> Floats:
        """Return packs per need: its own demand and those of locks that count for it."""
        counts = self.demands.need >= 0
        return sums(self.demands.need[counts], by_demand[counts], len(self.needs.full))

    def used(self, flow: Floats) -> Floats:
        """Return the use of every row by ``flow``."""
        entries = self.rows
        return sums(entries.entry_row, entries.use * flow[entries.entry_arc], len(entries))

    def used_whole(self, flow: Ints) -> Ints:
        """Return the use of every row by ``flow`` in whole packs, exactly."""
        entries = self.rows
        used = np.zeros(len(entries), np.int64)
        np.add.at(used, entries.entry_row, entries.use_whole * flow[entries.entry_arc])
        return used


def sums(label: Ints, values: Floats | Ints, count: int) -> Floats:
    """Return the sum of ``values`` for each label below ``count``."""
    return np.bincount(label, values, count).astype(np.float64)


def joined(pieces: Sequence[Ints]) -> Ints:
    """Return the pieces end to end; nothing from nothing."""
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)
