"""The figures a plan is compared by."""

from __future__ import annotations

import numpy as np

from aidlog.allocation.model import Floats, Ints, Model
from aidlog.allocation.phases import levels
from aidlog.allocation.result import Measures


def coverage(model: Model, packs: Floats) -> Floats:
    """Return the covered share of every need when demands receive ``packs``, at most 1.

    Where nothing is needed, everything is covered.
    """
    needs = model.needs
    total = needs.held + model.per_need(packs)
    share = np.minimum(total / np.maximum(needs.full, 1e-12), 1.0)
    return np.where(needs.full > 0, share, 1.0)


def measure(model: Model, flow: Floats | Ints) -> Measures:
    """Return the measures of a plan given as packs along every arc.

    ``min_level``, ``p5`` (linear interpolation), ``gini``, ``mean`` and ``zeros`` look at the
    needs that are compared, the last four by coverage. ``people_items`` is the sum of
    population times coverage over all needs, ``critical_unmet`` that of population times what
    is not covered over the needs of the first tier. Costs are transport and purchase.
    """
    needs, problem = model.needs, model.problem
    packs = model.delivered(flow)
    covered = coverage(model, packs)
    vector = needs.in_vector
    real = needs.full > 0
    people = np.array([site.population for site in problem.sites], np.float64)[needs.site]
    compared = np.sort(covered[vector])
    kg = np.array([item.kg_per_pack or 0.0 for item in problem.items])[model.demands.item]
    m3 = np.array([item.m3_per_pack or 0.0 for item in problem.items])[model.demands.item]
    critical = real & (needs.tier == needs.tier[real].min(initial=np.iinfo(np.int64).max))
    return Measures(
        min_level=float(levels(model, packs)[vector].min(initial=np.inf)) if vector.any() else 0.0,
        p5=float(np.quantile(compared, 0.05)) if len(compared) else 0.0,
        gini=_gini(compared),
        mean=float(compared.mean()) if len(compared) else 0.0,
        people_items=float(people[real] @ covered[real]),
        critical_unmet=float(people[critical] @ (1.0 - covered[critical])),
        zeros=int((compared <= 1e-12).sum()),
        kg=float(kg @ packs),
        m3=float(m3 @ packs),
        cost=float(model.arcs.cost @ flow),
    )


def _gini(ascending: Floats) -> float:
    """Return the Gini index of ascending values; 0 where all are equal, or all are zero."""
    count, total = len(ascending), float(ascending.sum())
    if count == 0 or total <= 0:
        return 0.0
    rank = 2 * np.arange(1, count + 1) - count - 1
    return float(rank @ ascending / (count * total))
