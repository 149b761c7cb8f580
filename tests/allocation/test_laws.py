"""What must hold of every plan, whatever the problem."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aidlog.allocation.engine import Options, solve
from aidlog.allocation.problem import Lot, Problem
from tests.allocation.tiny import tiny
from tests.benchmarks.allocation_families import Shape, generate

PLAIN = Options(explain=False, compare=False)
seeds = st.integers(0, 10**6)


def small(seed: int, *, divisible: bool = True) -> Problem:
    """Return a problem of six sites, four items and two warehouses, some trucks scarce."""
    return generate(f"small-{seed}", 6, 4, 2, seed, Shape(tight=0.5, divisible=divisible))


def sorted_levels(problem: Problem) -> list[float]:
    return sorted(r.level for r in solve(problem, PLAIN).needs if r.level is not None)


@settings(max_examples=25)
@given(seeds, st.sampled_from([2, 7, 1000]))
def test_counting_everything_in_other_units_changes_no_level(seed, times):
    problem = small(seed)
    scaled = dataclasses.replace(
        problem,
        items=tuple(dataclasses.replace(i, pack_units=i.pack_units * times) for i in problem.items),
        needs=tuple(
            dataclasses.replace(n, need_units=n.need_units * times, held_units=n.held_units * times)
            for n in problem.needs
        ),
    )
    assert sorted_levels(scaled) == pytest.approx(sorted_levels(problem), abs=1e-8)


@settings(max_examples=25)
@given(seeds)
def test_weighing_in_other_units_changes_no_level(seed):
    problem = small(seed)
    heavy = dataclasses.replace(
        problem,
        items=tuple(dataclasses.replace(i, kg_per_pack=i.kg_per_pack * 8) for i in problem.items),
        routes=tuple(dataclasses.replace(r, max_kg=r.max_kg * 8) for r in problem.routes),
    )
    assert sorted_levels(heavy) == pytest.approx(sorted_levels(problem), abs=1e-8)


@settings(max_examples=25)
@given(seeds)
def test_other_names_change_no_level(seed):
    problem = small(seed)
    renamed = dataclasses.replace(
        problem,
        sites=tuple(dataclasses.replace(s, id="z" + s.id[::-1]) for s in problem.sites),
        needs=tuple(dataclasses.replace(n, site="z" + n.site[::-1]) for n in problem.needs),
        routes=tuple(dataclasses.replace(r, site="z" + r.site[::-1]) for r in problem.routes),
        lots=tuple(
            dataclasses.replace(
                lot, sites=lot.sites and frozenset("z" + s[::-1] for s in lot.sites)
            )
            for lot in problem.lots
        ),
    )
    assert sorted_levels(renamed) == pytest.approx(sorted_levels(problem), abs=1e-9)


@settings(max_examples=10)
@given(seeds)
def test_a_lot_split_in_two_is_the_same_stock(seed):
    problem = small(seed, divisible=False)
    if not problem.lots:
        return
    first, *rest = problem.lots
    halves = [
        dataclasses.replace(first, id="left", packs=first.packs // 2),
        dataclasses.replace(first, id="right", packs=first.packs - first.packs // 2),
    ]
    split = dataclasses.replace(problem, lots=(*halves, *rest))
    one, other = solve(problem, PLAIN), solve(split, PLAIN)
    assert [(r.packs, r.level) for r in one.needs] == [(r.packs, r.level) for r in other.needs]


@settings(max_examples=25)
@given(seeds, st.integers(1, 500))
def test_more_stock_never_lowers_the_sorted_levels(seed, more):
    problem = small(seed)
    if not problem.lots:
        return
    richer = dataclasses.replace(
        problem,
        lots=(
            dataclasses.replace(problem.lots[0], packs=problem.lots[0].packs + more),
            *problem.lots[1:],
        ),
    )
    before, after = sorted_levels(problem), sorted_levels(richer)
    assert [round(x, 7) for x in after] >= [round(x, 7) for x in before]


@settings(max_examples=25)
@given(seeds)
def test_longer_trucks_never_lower_the_sorted_levels(seed):
    problem = small(seed)
    wider = dataclasses.replace(
        problem,
        routes=tuple(dataclasses.replace(r, max_kg=r.max_kg * 1.2) for r in problem.routes),
    )
    before, after = sorted_levels(problem), sorted_levels(wider)
    assert [round(x, 7) for x in after] >= [round(x, 7) for x in before]


@settings(max_examples=8)
@given(seeds)
def test_a_lock_on_what_the_plan_gives_anyway_moves_nobody(seed):
    from aidlog.allocation.problem import Lock

    problem = small(seed, divisible=False)
    result = solve(problem, PLAIN)
    row = next((r for r in result.needs if r.level is not None and r.packs > 0), None)
    if row is None:
        return
    locked = dataclasses.replace(
        problem, locks=(Lock(site=row.site, item=row.item, packs=int(row.packs)),)
    )
    again = solve(locked, PLAIN)
    assert sorted(r.units for r in again.needs) == sorted(r.units for r in result.needs)


@settings(max_examples=30)
@given(seeds)
def test_no_plan_by_another_rule_stands_higher_at_the_bottom(seed):
    problem = small(seed)
    result = solve(problem, Options(explain=False))
    for measures in result.compared.values():
        assert measures.min_level <= result.measures.min_level + 1e-9


@settings(max_examples=30)
@given(seeds)
def test_the_same_problem_twice_gives_the_same_bytes(seed):
    problem = tiny(seed)
    one, other = solve(problem), solve(problem)
    assert repr(dataclasses.replace(one, timings={})) == repr(
        dataclasses.replace(other, timings={})
    )


@settings(max_examples=8)
@given(seeds)
def test_stock_for_nobody_changes_nothing(seed):
    problem = small(seed, divisible=False)
    nowhere = Lot(id="nowhere", warehouse="W00", item="I000", packs=50, sites=frozenset(["far"]))
    far = dataclasses.replace(problem.sites[0], id="far")
    more = dataclasses.replace(problem, lots=(*problem.lots, nowhere), sites=(*problem.sites, far))
    before, after = solve(problem, PLAIN), solve(more, PLAIN)
    assert [r.packs for r in before.needs] == [r.packs for r in after.needs]
