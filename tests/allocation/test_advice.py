"""Advice is true: whoever follows it and solves again gets what was promised."""

from __future__ import annotations

import json

import pytest

from aidlog.allocation.changing import changed
from aidlog.allocation.engine import Options, solve
from aidlog.allocation.problem import Lock, Lot, Need, Problem, Route, Sense, Site
from aidlog.allocation.result import Act, PriceKind, ReasonCode, Result, Status
from aidlog.allocation.result_json import result_from_json, result_to_json
from aidlog.allocation.snapshot import canonical
from tests.allocation.tiny import tiny
from tests.allocation.worlds import world
from tests.benchmarks.allocation_families import Shape, generate

PLAIN = Options(explain=False, compare=False)
EXPLAINED = Options(compare=False)
_CLEAR = 1e-5  # below it the two ways of solving may disagree whether a need moved


def problems(seed: int) -> Problem:
    """Return a tiny problem with every rule in it, or one of roads and earmarks."""
    if seed % 3:
        return canonical(tiny(seed, divisible=bool(seed % 2), sites=4))
    shape = Shape(tight=0.5, earmarked=0.6, closed=0.3, divisible=bool(seed % 2))
    return canonical(generate(f"advice-{seed}", 5, 3, 2, seed, shape))


def levels(result: Result) -> dict[tuple[str, str], float]:
    return {(r.site, r.item): r.level for r in result.needs if r.level is not None}


def moved(before: Result, after: Result) -> tuple[int, int]:
    """Return how many needs, compared in both, clearly rose and clearly fell."""
    one, other = levels(before), levels(after)
    lift = [other[pair] - one[pair] for pair in one.keys() & other.keys()]
    return sum(x > _CLEAR for x in lift), sum(x < -_CLEAR for x in lift)


@pytest.mark.parametrize("block", range(4))
def test_more_of_a_limit_does_what_its_worth_says(block, campaign):
    tried = 0
    for seed in range(block * 12 * campaign, (block + 1) * 12 * campaign):
        problem = problems(seed)
        result = solve(problem, EXPLAINED)
        if result.status is Status.INFEASIBLE_LOCKS:
            continue
        for limit in (limit for limit in result.limits if limit.worth):
            again = solve(changed(problem, limit.advice), PLAIN)
            both = levels(result).keys() & levels(again).keys()
            lowest = min(levels(again)[p] for p in both) - min(levels(result)[p] for p in both)
            assert limit.worth["min_level"] == pytest.approx(lowest, abs=1e-6), (seed, limit)
            raised, lowered = moved(result, again)
            assert limit.worth["raised"] >= raised, (seed, limit)
            assert limit.worth["lowered"] >= lowered, (seed, limit)
            assert limit.worth["lowest_held_back"] >= -1e-9, (seed, limit)
            if limit.in_packs:
                gain = again.measures.min_level - result.measures.min_level
                assert limit.in_packs["min_level"] == pytest.approx(gain), (seed, limit)
            tried += 1
    assert tried > 10


@pytest.mark.parametrize("block", range(4))
def test_the_price_of_a_decision_is_what_its_absence_changes(block, campaign):
    tried = set()
    for seed in range(100 + block * 24 * campaign, 100 + (block + 1) * 24 * campaign):
        problem = problems(seed)
        result = solve(problem, EXPLAINED)
        if result.status is Status.INFEASIBLE_LOCKS:
            continue
        for price in result.prices:
            again = solve(changed(problem, (price.change,)), PLAIN)
            now, then = levels(result), levels(again)
            for harm in price.harmed:
                pair = harm.site, harm.item
                assert harm.without > harm.now
                if pair in now:
                    assert now[pair] == pytest.approx(harm.now, abs=1e-6), (seed, price)
                if pair in then:
                    assert then[pair] == pytest.approx(harm.without, abs=1e-6), (seed, price)
            raised, _ = moved(result, again)
            assert price.needs_harmed >= raised, (seed, price)
            assert (price.needs_harmed > 0) == bool(price.harmed)
            tried.add(price.kind)
    assert tried == set(PriceKind)


def test_what_would_stop_a_need_next_does_so_no_lower_than_it_stands(campaign):
    seen = 0
    for seed in range(200, 200 + 30 * campaign):
        problem = problems(seed * 3)
        result = solve(problem, EXPLAINED)
        for row in result.needs:
            if row.reason.next is None or row.level is None:
                continue
            assert row.reason.next.level >= row.level - 1e-9
            seen += 1
    assert seen > 20


def test_one_more_truck_and_then_the_stock():
    """A's truck takes 10 of its 100; alone on a free road it could have all 60 minus B's 50."""
    routes = (Route(warehouse="W", site="A", max_kg=10), Route(warehouse="W", site="B"))
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=80),)
    result = solve(world(routes=routes, lots=lots, divisible=True), EXPLAINED)
    row = next(row for row in result.needs if row.site == "A")
    assert row.reason.code is ReasonCode.ROUTE_FULL
    assert row.reason.next is not None
    assert (row.reason.next.code, row.reason.next.limit) == (ReasonCode.STOCK_USED_UP, "blanket")
    assert row.reason.next.level == pytest.approx(0.3)  # 80 - 50 of B = 30 of 100


def test_a_pledge_counted_in_part_is_worth_one_pack_more_and_not_all_of_it():
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=60, confidence=0.5),)
    result = solve(world(lots=lots, divisible=True), EXPLAINED)
    (limit,) = result.limits
    assert limit.advice[0].act is Act.MORE_PACKS
    assert limit.worth["min_level"] == pytest.approx(1 / 150)


def test_a_road_without_a_truck_is_tried_with_as_much_as_one_pack_needs():
    routes = (Route(warehouse="W", site="A", max_kg=0), Route(warehouse="W", site="B"))
    result = solve(world(routes=routes), EXPLAINED)
    limit = next(limit for limit in result.limits if limit.kind == "route_full")
    assert (limit.step, limit.advice[0].site) == (1.0, "A")
    assert limit.worth["min_level"] == pytest.approx(0.01)
    assert limit.in_packs["zeros"] == -1


def test_who_pays_for_a_lock_is_named():
    lock = Lock(site="B", item="blanket", packs=50)
    result = solve(world(locks=(lock,), divisible=True), EXPLAINED)
    (price,) = result.prices
    assert price.kind is PriceKind.LOCK
    (harm,) = price.harmed
    assert (harm.site, harm.now, harm.without) == ("A", pytest.approx(0.1), pytest.approx(0.4))
    assert str(price.message) == (
        "Exactly 50 packs of blanket go to B. 1 need stands lower for it: blanket at A, at 10.0%"
        " instead of 40.0%."
    )


def test_who_pays_for_a_promise_an_earmark_and_a_closed_road_is_named():
    needs = (
        Need(site="A", item="blanket", need_units=100, min_fraction=0.5),
        Need(site="B", item="blanket", need_units=50),
    )
    lots = (
        Lot(id="L", warehouse="W", item="blanket", packs=60),
        Lot(id="M", warehouse="W", item="blanket", packs=5, sites=frozenset("A")),
    )
    routes = (
        Route(warehouse="W", site="A"), Route(warehouse="W", site="B"),
        Route(warehouse="W", site="C", open=False),
    )  # fmt: skip
    sites = tuple(Site(id=s, population=100) for s in "ABC")
    needs = (*needs, Need(site="C", item="blanket", need_units=10))
    problem = world(needs=needs, lots=lots, routes=routes, sites=sites, divisible=True)
    result = solve(problem, EXPLAINED)
    by_kind = {price.kind: price for price in result.prices}
    assert set(by_kind) == {PriceKind.GUARANTEE, PriceKind.EARMARK, PriceKind.CLOSED_ROAD}
    promise = by_kind[PriceKind.GUARANTEE].harmed[0]
    assert (promise.site, promise.now) == ("B", pytest.approx(0.3))
    assert promise.without == pytest.approx(65 / 150)
    assert by_kind[PriceKind.EARMARK].harmed == ()
    assert str(by_kind[PriceKind.EARMARK].message).endswith("It costs nobody anything.")
    opened = by_kind[PriceKind.CLOSED_ROAD].harmed[0]
    assert (opened.site, opened.now) == ("C", 0.0)
    assert opened.without > 0


def test_a_lock_is_dropped_by_what_it_says_also_where_others_clash():
    locks = (
        Lock(site="A", item="blanket", packs=40),
        Lock(site="B", item="blanket", packs=30),
        Lock(site="B", lot="L", packs=10, sense=Sense.AT_LEAST),
    )
    problem = canonical(world(locks=locks))
    result = solve(problem, EXPLAINED)
    assert result.status is Status.INFEASIBLE_LOCKS
    (price,) = [price for price in result.prices if price.kind is PriceKind.LOCK]
    assert [lock.packs for lock in changed(problem, (price.change,)).locks] == [40, 30]


def test_what_others_would_have_done_to_the_worst_off_is_told():
    result = solve(world(), Options())
    told = {other.rule.value: other for other in result.elsewhere}
    assert set(told) == {"equal-share", "first-come", "cheapest"}
    assert (told["first-come"].site, told["first-come"].level) == ("B", 0.0)
    assert str(told["first-come"].message) == (
        "By first come, first served blanket at B would stand at 0.0%; in this plan it stands at"
        " 40.0%."
    )


@pytest.mark.parametrize("seed", range(24))
def test_everything_that_is_told_comes_back_from_its_json(seed):
    result = solve(problems(seed))
    document = json.loads(json.dumps(result_to_json(result)))
    assert result_from_json(document) == result
