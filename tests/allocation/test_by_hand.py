"""Answers that anyone can check with a pencil."""

from dataclasses import replace

import pytest

from aidlog.allocation.engine import Cancelled, Options, solve
from aidlog.allocation.problem import (
    Item,
    LimitScope,
    Lock,
    Lot,
    Need,
    Route,
    Rule,
    Sense,
    SharedLimit,
    Site,
    Tiers,
    Warehouse,
)
from aidlog.allocation.result import Status
from tests.allocation.worlds import answer, levels, packs, reason, world

A, B = ("A", "blanket"), ("B", "blanket")


def test_scarce_stock_covers_the_same_share_of_every_need():
    result = answer(world())
    assert packs(result) == {A: 40, B: 20}
    assert levels(result) == pytest.approx({A: 0.4, B: 0.4})
    assert result.status is Status.OPTIMAL


def test_who_holds_more_already_waits_until_the_others_have_caught_up():
    needs = (
        Need(site="A", item="blanket", need_units=100),
        Need(site="B", item="blanket", need_units=100, held_units=80),
    )
    assert packs(answer(world(needs=needs))) == {A: 60, B: 0}


def test_a_weight_of_one_and_a_half_gives_one_and_a_half_times_the_coverage():
    sites = (Site(id="A", population=100), Site(id="B", population=100, weight=1.5))
    needs = tuple(Need(site=s, item="blanket", need_units=100) for s in "AB")
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=100),)
    assert packs(answer(world(sites=sites, needs=needs, lots=lots))) == {A: 40, B: 60}


def test_a_need_that_no_road_reaches_drags_nobody_down():
    routes = (Route(warehouse="W", site="A"), Route(warehouse="W", site="B", open=False))
    result = answer(world(routes=routes))
    assert packs(result) == {A: 60, B: 0}
    assert levels(result)[B] is None
    assert reason(result, "B") == "no_road"


def test_a_pair_that_is_not_listed_is_a_closed_road():
    assert reason(answer(world(routes=(Route(warehouse="W", site="A"),))), "B") == "no_road"


def test_full_trucks_hold_back_their_own_site_only():
    routes = (Route(warehouse="W", site="A", max_kg=10), Route(warehouse="W", site="B"))
    result = answer(world(routes=routes))
    assert packs(result) == {A: 10, B: 50}
    assert (reason(result, "A"), reason(result, "B")) == ("route_full", "covered")


def test_a_road_with_no_truck_leaves_its_site_at_nothing_and_in_the_comparison():
    routes = (Route(warehouse="W", site="A", max_kg=0), Route(warehouse="W", site="B"))
    result = answer(world(routes=routes))
    assert (packs(result)[A], levels(result)[A]) == (0, 0)
    assert result.measures.zeros == 1


def test_an_earmark_is_kept():
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=60, sites=frozenset("B")),)
    result = answer(world(lots=lots))
    assert packs(result) == {A: 0, B: 50}
    assert reason(result, "A") == "earmarked_elsewhere"


def test_goods_that_would_expire_on_the_road_stay():
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=60, expiry_day=4),)
    routes = (
        Route(warehouse="W", site="A", travel_days=5), Route(warehouse="W", site="B", travel_days=4)
    )  # fmt: skip
    result = answer(world(lots=lots, routes=routes))
    assert packs(result) == {A: 0, B: 50}
    assert reason(result, "A") == "expires_before_arrival"


def test_the_last_day_of_use_counts_the_days_that_must_remain_on_arrival():
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=60, expiry_day=10),)
    assert packs(answer(world(lots=lots, min_shelf_days_on_arrival=10)))[A] == 40
    assert packs(answer(world(lots=lots, min_shelf_days_on_arrival=11)))[A] == 0


def test_no_need_and_enough_held_are_listed_with_their_reason():
    needs = (
        Need(site="A", item="blanket", need_units=0),
        Need(site="B", item="blanket", need_units=50, held_units=70),
    )
    result = answer(world(needs=needs))
    assert (reason(result, "A"), reason(result, "B")) == ("no_need", "held_enough")
    assert not result.shipments


def test_an_item_that_nobody_stores_says_so():
    assert reason(answer(world(lots=())), "A") == "no_stock"


def test_a_last_pack_may_overshoot_the_gap_by_less_than_a_pack():
    items = (Item(id="blanket", pack_units=30),)
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=60),)
    result = answer(world(items=items, lots=lots))
    assert packs(result) == {A: 4, B: 2}
    assert all(row.pack_level == 1 for row in result.needs)


def test_fractions_of_packs_never_overshoot():
    items = (Item(id="blanket", pack_units=30),)
    assert packs(answer(world(items=items, divisible=True))) == pytest.approx({A: 10 / 3, B: 5 / 3})


def test_a_pack_too_few_goes_where_it_lifts_the_worst_off_highest():
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=1),)
    result = answer(world(lots=lots))
    assert packs(result) == {A: 0, B: 1}
    assert reason(result, "A") == "less_than_a_pack"


def test_equals_are_told_apart_by_their_ids():
    needs = tuple(Need(site=s, item="blanket", need_units=10) for s in "BA")
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=3),)
    assert packs(answer(world(needs=needs, lots=lots))) == {A: 2, B: 1}


def test_a_lower_tier_waits_for_the_higher_one():
    items = (
        Item(id="blanket", pack_units=1, tier=2, kg_per_pack=1),
        Item(id="water", pack_units=1, tier=1, kg_per_pack=1),
    )
    needs = (
        Need(site="A", item="blanket", need_units=10),
        Need(site="A", item="water", need_units=10),
    )
    lots = tuple(Lot(id=i, warehouse="W", item=i, packs=10) for i in ("blanket", "water"))
    routes = (Route(warehouse="W", site="A", max_kg=14),)
    first = answer(world(items=items, needs=needs, lots=lots, routes=routes))
    assert packs(first) == {("A", "water"): 10, A: 4}
    pooled = answer(world(items=items, needs=needs, lots=lots, routes=routes, tiers=Tiers.POOLED))
    assert packs(pooled) == {("A", "water"): 7, A: 7}


def test_a_guarantee_comes_before_fairness():
    needs = (
        Need(site="A", item="blanket", need_units=100, min_fraction=0.5),
        Need(site="B", item="blanket", need_units=50),
    )
    assert packs(answer(world(needs=needs))) == {A: 50, B: 10}


def test_guarantees_that_cannot_all_be_met_are_missed_by_the_same_share():
    needs = tuple(Need(site=s, item="blanket", need_units=100, min_fraction=0.6) for s in "AB")
    assert packs(answer(world(needs=needs))) == {A: 30, B: 30}


def test_coverage_carried_from_earlier_rounds_counts():
    needs = (
        Need(site="A", item="blanket", need_units=100),
        Need(site="B", item="blanket", need_units=100, carried=0.5),
    )
    assert packs(answer(world(needs=needs))) == {A: 55, B: 5}


def test_a_pledge_counts_by_its_confidence_rounded_down():
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=100, confidence=0.29),)
    assert sum(packs(answer(world(lots=lots))).values()) == 29


def test_a_pledge_counts_with_parts_of_packs_where_goods_are_divisible():
    """Nine packs at a confidence of one half: four whole ones, or 4.5 of needs of 100 and 50."""
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=9, confidence=0.5),)
    assert sum(packs(answer(world(lots=lots))).values()) == 4
    parts = answer(world(lots=lots, divisible=True))
    assert packs(parts) == pytest.approx({A: 3.0, B: 1.5})
    assert sum(s.packs for s in parts.shipments) == pytest.approx(4.5)


def test_one_ferry_limits_both_roads_together():
    ferry = SharedLimit(id="ferry", over=frozenset({("W", "A"), ("W", "B")}), max_kg=30)
    result = answer(world(shared_limits=(ferry,)))
    assert packs(result) == {A: 20, B: 10}
    assert reason(result, "A") == "shared_limit_full"


def test_a_limit_per_period_opens_again_and_one_over_the_horizon_does_not():
    def ferry(scope):
        over = frozenset({("W", "A"), ("W", "B")})
        return (SharedLimit(id="ferry", over=over, max_kg=15, scope=scope),)

    by_period = answer(world(periods=2, shared_limits=ferry(LimitScope.PERIOD)))
    assert sum(packs(by_period).values()) == 30
    over_all = answer(world(periods=2, shared_limits=ferry(LimitScope.HORIZON)))
    assert sum(packs(over_all).values()) == 15


def test_a_budget_buys_what_lifts_the_worst_off_most():
    items = (Item(id="blanket", pack_units=1), Item(id="water", pack_units=1))
    needs = (
        Need(site="A", item="blanket", need_units=10, held_units=6),
        Need(site="A", item="water", need_units=10),
    )
    lots = tuple(
        Lot(id=i, warehouse="W", item=i, packs=100, unit_cost=2) for i in ("blanket", "water")
    )
    money = SharedLimit(
        id="budget", over=frozenset({("W", "A")}), max_cost=12, scope=LimitScope.HORIZON
    )
    result = answer(world(items=items, needs=needs, lots=lots, shared_limits=(money,)))
    assert packs(result) == {A: 0, ("A", "water"): 6}
    assert result.measures.cost == 12


def test_stock_leaves_as_early_as_it_can():
    lots = (
        Lot(id="L", warehouse="W", item="blanket", packs=30),
        Lot(id="M", warehouse="W", item="blanket", packs=30, available_period=2),
    )
    result = answer(world(lots=lots, periods=3))
    assert packs(result) == {A: 40, B: 20}
    assert {(s.lot, s.period) for s in result.shipments} == {("L", 1), ("M", 2)}


def test_of_two_roads_the_cheaper_is_taken_and_nobody_gets_less_for_it():
    routes = (
        Route(warehouse="V", site="A", cost_per_kg=3),
        Route(warehouse="V", site="B", cost_per_kg=1),
        Route(warehouse="W", site="A", cost_per_kg=1),
        Route(warehouse="W", site="B", cost_per_kg=3),
    )
    lots = tuple(Lot(id=w, warehouse=w, item="blanket", packs=40) for w in "VW")
    needs = tuple(Need(site=s, item="blanket", need_units=50) for s in "AB")
    places = (Warehouse(id="V"), Warehouse(id="W"))
    result = answer(world(routes=routes, lots=lots, needs=needs, warehouses=places))
    assert {(s.warehouse, s.site, s.packs) for s in result.shipments} == {
        ("V", "B", 40),
        ("W", "A", 40),
    }


def test_what_expires_first_goes_out_first():
    lots = tuple(
        Lot(id=name, warehouse="W", item="blanket", packs=90, expiry_day=day)
        for name, day in (("late", 90), ("soon", 20), ("never", None))
    )
    result = answer(world(lots=lots))
    sent = {}
    for s in result.shipments:
        sent[s.lot] = sent.get(s.lot, 0) + s.packs
    assert sent == {"soon": 90, "late": 60}


def test_an_exact_lock_is_kept_and_leaves_the_comparison():
    lock = Lock(site="B", item="blanket", packs=50, sense=Sense.EXACT)
    result = answer(world(locks=(lock,)))
    assert packs(result) == {A: 10, B: 50}
    assert (levels(result)[B], reason(result, "B")) == (None, "locked")


def test_at_least_and_at_most_locks_bound_a_need_that_is_still_compared():
    low = Lock(site="B", item="blanket", packs=30, sense=Sense.AT_LEAST)
    assert packs(answer(world(locks=(low,)))) == {A: 30, B: 30}
    high = Lock(site="A", item="blanket", packs=12, sense=Sense.AT_MOST)
    assert packs(answer(world(locks=(high,)))) == {A: 12, B: 48}


def test_a_lock_on_a_lot_sends_that_very_lot():
    lots = tuple(Lot(id=x, warehouse="W", item="blanket", packs=30) for x in "LM")
    lock = Lock(site="B", lot="M", packs=7)
    result = answer(world(lots=lots, locks=(lock,)))
    assert packs(result)[B] == 7
    assert [(s.lot, s.packs) for s in result.shipments if s.site == "B"] == [("M", 7)]


def test_a_lock_for_a_site_that_asked_for_nothing_is_a_decision_and_is_kept():
    lock = Lock(site="B", item="blanket", packs=5)
    needs = (Need(site="A", item="blanket", need_units=100),)
    result = answer(world(needs=needs, locks=(lock,)))
    assert sum(s.packs for s in result.shipments if s.site == "B") == 5
    assert packs(result) == {A: 55}


def test_locks_that_exclude_each_other_are_named_and_the_innocent_are_kept():
    locks = (
        Lock(site="A", item="blanket", packs=40),
        Lock(site="B", item="blanket", packs=30),
        Lock(site="B", lot="L", packs=10, sense=Sense.AT_LEAST),
    )
    result = answer(world(locks=locks))
    assert result.status is Status.INFEASIBLE_LOCKS
    assert [str(m) for m in result.clashing_locks] == [
        "Exactly 40 packs of blanket go to A.",
        "Exactly 30 packs of blanket go to B.",
    ]
    assert packs(result)[B] >= 10


def test_fractions_can_keep_locks_that_whole_packs_cannot():
    items = (Item(id="blanket", pack_units=1, kg_per_pack=2),)
    roads = frozenset({("W", "A"), ("W", "B")})
    ferry = (SharedLimit(id="ferry", over=roads, max_kg=3),)
    locks = tuple(Lock(site=s, item="blanket", packs=1, sense=Sense.AT_LEAST) for s in "AB")
    problem = world(items=items, shared_limits=ferry, locks=locks)
    assert answer(problem).status is Status.INFEASIBLE_LOCKS


@pytest.mark.parametrize("rule", [Rule.EQUAL_SHARE, Rule.FIRST_COME, Rule.CHEAPEST])
def test_other_rules_give_what_they_say(rule):
    routes = (
        Route(warehouse="W", site="A", cost_per_kg=5), Route(warehouse="W", site="B", cost_per_kg=1)
    )  # fmt: skip
    expected = {
        Rule.EQUAL_SHARE: {A: 40, B: 20},
        Rule.FIRST_COME: {A: 60, B: 0},
        Rule.CHEAPEST: {A: 10, B: 50},
    }
    assert packs(answer(world(routes=routes), rule=rule)) == expected[rule]


def test_priority_weights_give_shares_of_the_gap_as_the_weights_are():
    """70 for gaps of 60 and 60 with weights 1 and 1.5: 60 f + 90 f = 70, so 28 and 42."""
    sites = (Site(id="A", population=100), Site(id="B", population=100, weight=1.5))
    needs = tuple(Need(site=s, item="blanket", need_units=60) for s in "AB")
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=70),)
    problem = world(sites=sites, needs=needs, lots=lots)
    assert packs(answer(problem, rule=Rule.PRIORITY_WEIGHTS)) == {A: 28, B: 42}


def test_priority_weights_never_give_more_than_the_gap_and_the_rest_goes_on():
    """102 of 60 and 60: B would get 61, takes all its 60, and A has the 42 that are left."""
    sites = (Site(id="A", population=100), Site(id="B", population=100, weight=1.5))
    needs = tuple(Need(site=s, item="blanket", need_units=60) for s in "AB")
    lots = (Lot(id="L", warehouse="W", item="blanket", packs=102),)
    problem = world(sites=sites, needs=needs, lots=lots)
    assert packs(answer(problem, rule=Rule.PRIORITY_WEIGHTS)) == {A: 42, B: 60}


def test_a_problem_without_needs_has_an_empty_plan():
    result = answer(world(needs=()))
    assert (result.needs, result.shipments, result.status) == ((), (), Status.OPTIMAL)


def test_a_caller_can_stop_the_work():
    with pytest.raises(Cancelled):
        solve(world(), Options(), should_stop=lambda: True)


def test_no_time_at_all_still_gives_a_plan_that_keeps_every_limit():
    routes = (Route(warehouse="W", site="A", max_kg=10), Route(warehouse="W", site="B"))
    result = answer(world(routes=routes), time_limit_s=0.0)
    assert sum(packs(result).values()) > 0
    assert result.status is Status.FEASIBLE


def test_progress_is_told_stage_by_stage():
    told = []
    solve(world(), Options(), on_progress=told.append)
    assert told[0].stage == "model"
    assert all(0 <= p.done <= 1 for p in told)


def test_the_worth_of_a_limit_comes_from_solving_again():
    result = answer(world(divisible=True), explain=True)
    (limit,) = result.limits
    assert (limit.kind, limit.used, limit.capacity, limit.step) == ("stock_used_up", 60, 60, 1)
    again = answer(world(divisible=True, lots=(replace(world().lots[0], packs=61),)))
    gained = again.measures.min_level - result.measures.min_level
    assert limit.worth["min_level"] == pytest.approx(gained)
