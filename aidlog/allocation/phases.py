"""The order of aims: locks, then guarantees, then one tier after the other.

Each phase lifts its own demands as far as fairness allows while everyone else holds what the
phases before gave. Its rungs, one a phase, are the fractional optimum and its proof.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aidlog.allocation.fairness import Fairness, Ladder, Rung
from aidlog.allocation.model import Bools, Floats, Model, sums
from aidlog.allocation.problem import Tiers

GUARANTEES = "guarantees"


@dataclass(frozen=True, slots=True)
class Fair:
    """Packs per demand, levels per need, and the rungs that prove them."""

    packs: Floats
    levels: Floats
    rungs: tuple[Rung, ...]

    @property
    def proven(self) -> bool:
        """Say whether every phase ended with its proof."""
        return all(rung.proven for rung in self.rungs)


def tiers_of(model: Model) -> list[tuple[str, Bools]]:
    """Return the needs of each tier in their order; pooled tiers are one."""
    vector = model.needs.in_vector
    if model.problem.tiers is Tiers.POOLED:
        return [("tiers pooled", vector)]
    tier = model.needs.tier
    return [(f"tier {t}", vector & (tier == t)) for t in np.unique(tier[vector]).tolist()]


def fairest(model: Model, fairness: Fairness) -> Fair:
    """Return the fractional optimum of all phases."""
    packs = model.demands.least.copy()
    rungs: list[Rung] = []
    guarantees, tiers = _guarantees(model, packs), tiers_of(model)
    fairness.phase, fairness.phases = 0, len(tiers)
    if guarantees.rising.any():
        fairness.phases += 1
        rungs.append(fairness.climb(guarantees))
        packs = rungs[-1].packs
    for name, members in tiers:
        fairness.phase = len(rungs)
        rungs.append(fairness.climb(_tier(model, name, members, packs)))
        packs = rungs[-1].packs
    return Fair(packs, levels(model, packs), tuple(rungs))


def levels(model: Model, packs: Floats) -> Floats:
    """Return the level of every need when demands receive ``packs``."""
    needs = model.needs
    own = packs[: len(needs.full)]
    return np.minimum(needs.start + own / needs.rise, needs.cap)


def guarantee_start(model: Model) -> Floats:
    """Return the coverage of every need before its own demand receives anything."""
    needs, demands = model.needs, model.demands
    tied = demands.lot >= 0
    counts = tied & (demands.need >= 0)
    given = sums(demands.need[counts], demands.least[counts], len(needs.full))
    return (needs.held + given) / np.maximum(needs.full, 1e-12)


def _guarantees(model: Model, packs: Floats) -> Ladder:
    """Lift coverage as a share of the guarantee, up to 1."""
    needs = model.needs
    promised = np.where(needs.guarantee > 0, needs.guarantee, 1.0)
    rise = needs.full * promised
    base = guarantee_start(model) / promised
    own = packs[: len(needs.full)]
    start = base + own / np.maximum(rise, 1e-12)
    most = base + model.demands.most[: len(needs.full)] / np.maximum(rise, 1e-12)
    rising = needs.in_vector & (needs.guarantee > 0) & (start < 1.0)
    return _padded(model, Ladder(GUARANTEES, rising, packs, start, np.minimum(most, 1.0), rise))


def _tier(model: Model, name: str, members: Bools, packs: Floats) -> Ladder:
    """Lift the levels of one tier's needs."""
    needs = model.needs
    count = len(needs.full)
    start = np.minimum(needs.start + packs[:count] / needs.rise, needs.cap)
    most = np.minimum(needs.start + model.demands.most[:count] / needs.rise, needs.cap)
    cap = np.maximum(most, start)
    return _padded(model, Ladder(name, members, packs, start, cap, needs.rise))


def _padded(model: Model, ladder: Ladder) -> Ladder:
    """Extend a ladder over needs to all demands; those beyond the needs never rise."""
    zeros = np.zeros(len(model.demands.need) - len(ladder.rising))
    return Ladder(
        ladder.name,
        np.concatenate((ladder.rising, zeros.astype(np.bool_))),
        ladder.packs.copy(),
        np.concatenate((ladder.start, zeros)),
        np.concatenate((ladder.cap, zeros)),
        np.concatenate((ladder.rise, zeros)),
    )
