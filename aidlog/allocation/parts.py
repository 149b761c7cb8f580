"""Which demands roads and shared limits tie together, and which only stock holds back."""

from __future__ import annotations

import numpy as np

from aidlog.allocation.cuts import connected_parts
from aidlog.allocation.model import Bools, Ints, Model, RowKind


def beside_stock(model: Model) -> Bools:
    """Say which demands have an arc that uses a row other than stock."""
    rows = model.rows
    other = rows.kind[rows.entry_row] != RowKind.SUPPLY
    touched = np.zeros(len(model.demands.need), np.bool_)
    touched[model.arcs.demand[rows.entry_arc[other]]] = True
    return touched


def parts(model: Model, members: Bools, counted: Bools | None = None) -> list[tuple[Ints, Ints]]:
    """Return demands and arcs of each part of ``members`` that shares no row with another.

    ``counted`` says which rows tie, all of them by default.
    """
    rows, arcs = model.rows, model.arcs
    owner = arcs.demand[rows.entry_arc]
    mine = members[owner]
    if counted is not None:
        mine &= counted[rows.entry_row]
    label = connected_parts(rows.entry_row[mine], owner[mine], len(rows), len(members))
    label = label[len(rows) :]
    demands = np.flatnonzero(members)
    demands = demands[np.argsort(label[demands], kind="stable")]
    own_arcs = np.flatnonzero(members[arcs.demand])
    own_arcs = own_arcs[np.argsort(label[arcs.demand[own_arcs]], kind="stable")]
    names = np.unique(label[demands])
    first = np.searchsorted(label[demands], names)
    first_arc = np.searchsorted(label[arcs.demand[own_arcs]], names)
    return list(zip(np.split(demands, first[1:]), np.split(own_arcs, first_arc[1:]), strict=True))
