"""Random small problems with every rule in them, against answers found the slow way."""

import dataclasses

import pytest

from aidlog.allocation.engine import Options, solve
from aidlog.allocation.result import Result, Status
from aidlog.allocation.snapshot import canonical
from tests.allocation.brute_force import best_phases, sorted_phases
from tests.allocation.slow_oracle import slow_levels
from tests.allocation.tiny import tiny

PLAIN = Options(explain=False, compare=False)


def received(result: Result) -> tuple[int, ...]:
    return tuple(int(row.packs) for row in result.needs)


@pytest.mark.parametrize("block", range(8))
def test_whole_packs_are_the_best_of_all_plans_there_are(block, campaign):
    for seed in range(block * 50 * campaign, (block + 1) * 50 * campaign):
        problem = canonical(tiny(seed))
        result = solve(problem, PLAIN)
        best = best_phases(problem)
        assert (best is None) == (result.status is Status.INFEASIBLE_LOCKS), seed
        if best is not None:
            assert sorted_phases(problem, received(result)) == best, seed
            assert result.status is Status.OPTIMAL, seed


@pytest.mark.parametrize("block", range(4))
def test_fractional_levels_are_those_of_a_sequence_of_linear_programs(block, campaign):
    for seed in range(10_000 + block * 25 * campaign, 10_000 + (block + 1) * 25 * campaign):
        problem = canonical(tiny(seed, divisible=True, locks=False, sites=5))
        result = solve(problem, PLAIN)
        found = {(r.site, r.item): r.level for r in result.needs if r.level is not None}
        assert found == pytest.approx(slow_levels(problem), abs=1e-6), seed
        assert result.status is Status.OPTIMAL, seed


def test_divisible_plans_deliver_exactly_their_levels(campaign):
    for seed in range(20_000, 20_000 + 60 * campaign):
        problem = tiny(seed, divisible=True)
        for row in solve(problem, PLAIN).needs:
            assert row.pack_level == row.level, seed


def test_levels_of_whole_pack_plans_are_never_above_the_fractional_ones_at_the_bottom(campaign):
    for seed in range(30_000, 30_000 + 60 * campaign):
        result = solve(tiny(seed, locks=False), PLAIN)
        first = min((r.level for r in result.needs if r.level is not None), default=None)
        if first is not None and all(i.tier == 1 for i in tiny(seed).items):
            lowest = min(r.pack_level for r in result.needs if r.pack_level is not None)
            assert lowest <= first + 1e-9 or tiny(seed).needs[0].min_fraction, seed
            assert result.gap >= 0, seed


def test_the_answer_is_the_same_however_the_lists_are_ordered(campaign):
    for seed in range(40_000, 40_000 + 40 * campaign):
        problem = tiny(seed)
        turned = dataclasses.replace(
            problem,
            items=problem.items[::-1],
            sites=problem.sites[::-1],
            lots=problem.lots[::-1],
            needs=problem.needs[::-1],
            routes=problem.routes[::-1],
            locks=problem.locks[::-1],
        )
        one, other = solve(problem), solve(turned)
        assert dataclasses.replace(one, timings={}) == dataclasses.replace(other, timings={}), seed
