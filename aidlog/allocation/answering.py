"""What a plan means for every need and every tier: rows, bounds, and what rounding costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aidlog.allocation.fairness import Fairness
from aidlog.allocation.filling import Filling
from aidlog.allocation.measures import coverage
from aidlog.allocation.model import Bools, Floats, Ints, Model
from aidlog.allocation.phases import GUARANTEES, Fair, guarantee_start, levels, tiers_of
from aidlog.allocation.problem import Tiers
from aidlog.allocation.result import HandOut, NeedResult, PackStop, Reason, TierReport
from aidlog.allocation.whole import best_by_stock_alone

#: Up to this many arcs a bound is sharpened by whole packs item by item.
_BOUNDED_ARCS = 100_000


def need_rows(
    model: Model,
    fair: Fair | None,
    flow: Floats | Ints,
    why: list[Reason],
    stopped: Mapping[int, PackStop],
) -> tuple[NeedResult, ...]:
    """Return one row a need: what it gets, its levels, what rounding did, and why.

    ``fair`` is the proven fractional optimum, None where there is none; ``flow`` is the plan
    in packs along arcs; ``stopped`` says why needs stand more than a pack below the optimum.
    """
    packs = model.delivered(flow)
    whole = not model.problem.divisible
    reached = levels(model, packs)
    fractional = reached if fair is None else fair.levels
    reached = reached if whole else fractional  # the same, but for the router's last digits
    before, after = coverage(model, np.zeros(len(packs))).tolist(), coverage(model, packs).tolist()
    total = model.per_need(packs)
    wished = (total if fair is None else model.per_need(fair.packs)).tolist()
    amounts = [round(amount) for amount in total.tolist()] if whole else total.tolist()
    units = [item.pack_units for item in model.problem.items]
    households = [site.households for site in model.problem.sites]
    compared = model.needs.in_vector.tolist()
    level, pack_level = fractional.tolist(), reached.tolist()
    place, item = model.needs.site.tolist(), model.needs.item.tolist()
    return tuple(
        NeedResult(
            site=need.site,
            item=need.item,
            level=level[p] if compared[p] else None,
            pack_level=pack_level[p] if compared[p] else None,
            packs=amounts[p],
            units=amounts[p] * units[item[p]],
            reason=why[p],
            covered_before=before[p],
            covered_after=after[p],
            fraction_packs=wished[p],
            rounding_packs=amounts[p] - wished[p] if whole else 0.0,
            packs_stopped=stopped.get(p),
            hand_out=_hand_out(households[place[p]], amounts[p] * units[item[p]]),
        )
        for p, need in enumerate(model.problem.needs)
    )


def _hand_out(households: int | None, units: float) -> HandOut | None:
    """Return how many whole units each household gets, and for how many there is one more."""
    if not households or units <= 0:
        return None
    each, more = divmod(math.floor(units + 1e-9), households)
    return HandOut(households=households, each=each, one_more=more)


def tier_reports(
    model: Model,
    fair: Fair | None,
    fairness: Fairness,
    flow: Floats | Ints,
    *,
    proven: bool,
    in_whole: Ints | None = None,
) -> tuple[TierReport, ...]:
    """Return where each phase stands: the guarantees, then tier after tier.

    ``fair`` is None under the simple rules; ``proven`` says that no plan is fairer. A bound
    holds for every plan that keeps the locks: it comes from filling the phase alone, with
    nothing for anybody else, on limits that no plan breaks. ``in_whole`` are packs per demand
    whose lowest standing in the first phase no whole-pack plan exceeds.
    """
    packs = model.delivered(flow)
    promised = model.needs.in_vector & (model.needs.guarantee > 0)
    phases = [_Phase(name, members) for name, members in tiers_of(model) if members.any()]
    if promised.any():
        phases.insert(0, _Phase(GUARANTEES, promised, shares=True))
    in_packs = None
    if not (model.problem.divisible or proven or len(phases) == 1) and _plain(model):
        in_packs = best_by_stock_alone(model)
    reports = []
    for number, phase in enumerate(phases):
        aim = None
        if fair is not None and fair.proven:
            aim = phase.lowest(model, fair.packs)
        lowest = phase.lowest(model, packs)
        if proven:
            lowest = aim if model.problem.divisible and aim is not None else lowest
            bound = lowest
        elif fair is not None and number == 0:
            bound = phase.lowest(model, fair.packs)
        else:
            bound = _alone(model, fairness, phase)
        if in_whole is not None and number == 0:
            bound = min(bound, phase.lowest(model, in_whole.astype(np.float64)))
        if in_packs is not None and not phase.shares:
            bound = min(bound, float(in_packs[phase.members].min()))
        reports.append(_report(model, phase, aim, lowest, max(bound, lowest), proven=proven))
    return tuple(reports)


@dataclass(frozen=True, slots=True)
class _Phase:
    """Who is compared in one phase: by level, or by the share of the guarantee."""

    name: str
    members: Bools
    shares: bool = False

    def lowest(self, model: Model, packs: Floats) -> float:
        """Return the lowest level, or share, of the members when demands get ``packs``."""
        standing = _share(model, packs) if self.shares else levels(model, packs)
        return float(standing[self.members].min())


def _report(
    model: Model, phase: _Phase, aim: float | None, lowest: float, bound: float, *, proven: bool
) -> TierReport:
    several = phase.shares or model.problem.tiers is Tiers.POOLED
    return TierReport(
        phase=phase.name,
        tier=None if several else int(model.needs.tier[phase.members][0]),
        needs=int(phase.members.sum()),
        level=aim,
        pack_level=lowest,
        bound=bound,
        gap=bound - lowest,
        proven=proven,
    )


def _share(model: Model, packs: Floats) -> Floats:
    """Return coverage as a share of the guarantee, at most 1, per need."""
    needs = model.needs
    covered = guarantee_start(model) + packs[: len(needs.full)] / np.maximum(needs.full, 1e-12)
    return np.minimum(covered / np.where(needs.guarantee > 0, needs.guarantee, 1.0), 1.0)


def _plain(model: Model) -> bool:
    """Say whether nothing but fairness itself decides, so that each item bounds the whole."""
    return len(model.arcs.group) <= _BOUNDED_ARCS and not (
        model.problem.locks or (model.needs.guarantee > 0).any()
    )


def _alone(model: Model, fairness: Fairness, phase: _Phase) -> float:
    """Return a bound on the lowest level (or share) of a phase's members in any plan.

    They are filled on the known cuts while everyone else has no more than locks give.
    """
    needs, least, members = model.needs, model.demands.least, phase.members
    count, extra = len(needs.full), len(model.demands.need) - len(needs.full)
    if phase.shares:
        rise = np.maximum(needs.full * np.where(members, needs.guarantee, 1.0), 1e-12)
        start, top = _share(model, least), np.ones(count)
    else:
        rise, start, top = needs.rise, levels(model, least), needs.cap
    most = np.minimum(start + np.maximum(_most(model)[:count] - least[:count], 0) / rise, top)
    pad = np.zeros(extra)
    filling = Filling(
        np.concatenate((start, pad)),
        np.concatenate((np.maximum(most, start), pad)),
        np.concatenate((rise, pad + 1)),
        np.concatenate((members, pad.astype(np.bool_))),
    )
    for cut in fairness.cuts:
        filling.add(cut.demand, cut.weight, cut.capacity - float(cut.weight @ least[cut.demand]))
    filled, _ = filling.run()
    return float(filled[:count][members].min())


def _most(model: Model) -> Floats:
    """Return the most packs a demand may receive: whole ones unless the problem is divisible."""
    demands = model.demands
    return demands.most if model.problem.divisible else demands.most_whole.astype(np.float64)
