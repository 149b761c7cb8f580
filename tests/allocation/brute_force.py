"""Every whole-pack plan of a tiny problem, one by one (no solver, no arrays of the engine)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from aidlog.allocation.problem import Problem, Sense, Tiers
from tests.allocation.slow_oracle import SlowModel


def plans(problem: Problem) -> Iterator[tuple[int, ...]]:
    """Yield packs per need of every feasible plan; several routings may give the same."""
    m = SlowModel(problem)
    rows = [
        ([Fraction(str(x)) for x in a], Fraction(str(b))) for a, b in zip(m.a, m.b, strict=True)
    ]
    needs = problem.needs
    most = [
        -(-max(n.need_units - n.held_units, 0) // m.item[n.item].pack_units) for n in needs
    ]  # fmt: skip
    low = [0] * len(needs)
    for lock in problem.locks:
        assert lock.lot is None
        at = next(i for i, n in enumerate(needs) if (n.site, n.item) == (lock.site, lock.item))
        if lock.sense is Sense.AT_MOST:
            most[at] = min(most[at], lock.packs)
        else:
            low[at] = lock.packs
            most[at] = max(most[at], lock.packs) if lock.sense is Sense.AT_LEAST else lock.packs
    packs = [0] * len(needs)
    room = [b for _, b in rows]

    def step(j: int) -> Iterator[tuple[int, ...]]:
        if j == len(m.arcs):
            if all(p >= q for p, q in zip(packs, low, strict=True)):
                yield tuple(packs)
            return
        n = m.arcs[j][1]
        used = [(r, a[j]) for r, (a, _) in enumerate(rows) if a[j]]
        sent = 0
        while True:
            yield from step(j + 1)
            if packs[n] >= most[n] or any(room[r] < use for r, use in used):
                break
            sent += 1
            packs[n] += 1
            for r, use in used:
                room[r] -= use
        packs[n] -= sent
        for r, use in used:
            room[r] += use * sent

    yield from step(0)


def sorted_phases(problem: Problem, packs: tuple[int, ...]) -> tuple[tuple[Fraction, ...], ...]:
    """Return the sorted vectors by which plans are compared, the most important first."""
    m = SlowModel(problem)
    fixed = {(k.site, k.item) for k in problem.locks if k.sense is Sense.EXACT}
    vector = [
        i for i, n in enumerate(problem.needs)
        if n.held_units < n.need_units and (n.site, n.item) not in fixed
        and any(arc[1] == i for arc in m.arcs)
    ]  # fmt: skip
    cover = {
        i: Fraction(n.held_units + packs[i] * m.item[n.item].pack_units, n.need_units)
        for i, n in ((i, problem.needs[i]) for i in vector)
    }
    phases = []
    promised = [i for i in vector if problem.needs[i].min_fraction > 0]
    if promised:
        phases.append(tuple(sorted(
            min(Fraction(1), cover[i] / Fraction(str(problem.needs[i].min_fraction)))
            for i in promised
        )))  # fmt: skip
    tiers = {m.item[problem.needs[i].item].tier for i in vector}
    pooled = problem.tiers is Tiers.POOLED
    for tier in [None] if pooled else sorted(tiers):
        phases.append(tuple(sorted(
            (Fraction(str(problem.needs[i].carried)) + min(Fraction(1), cover[i]))
            / Fraction(str(m.site[problem.needs[i].site].weight))
            / Fraction(str(m.item[problem.needs[i].item].weight))
            for i in vector
            if tier is None or m.item[problem.needs[i].item].tier == tier
        )))  # fmt: skip
    return tuple(phases)


def best_phases(problem: Problem) -> tuple[tuple[Fraction, ...], ...] | None:
    """Return the sorted vectors of the best plan, None where no plan exists."""
    return max((sorted_phases(problem, p) for p in set(plans(problem))), default=None)
