"""What to buy or ask for: by hand, and laws that hold whatever the question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aidlog.allocation.problem import Item, Lot, Need, Route, Site
from aidlog.allocation.shopping import Offer, Wanted, shopping_list
from tests.allocation.tiny import tiny
from tests.allocation.worlds import answer, world

ITEMS = (
    Item(id="blanket", pack_units=10, kg_per_pack=16.0),
    Item(id="soap", pack_units=10, kg_per_pack=1.0),
)


def shop(problem, **wanted):
    values = {"warehouse": "W", "offers": (Offer(item="blanket", price=200),)} | wanted
    return shopping_list(problem, Wanted(**values), answer)


def both(budget, **more):
    """60 blankets for 150, 100 soaps for 200: two sites, packs of ten."""
    problem = world(
        items=ITEMS,
        lots=(
            Lot(id="L", warehouse="W", item="blanket", packs=6),
            Lot(id="S", warehouse="W", item="soap", packs=10),
        ),
        needs=(
            Need(site="A", item="blanket", need_units=100),
            Need(site="B", item="blanket", need_units=50),
            Need(site="A", item="soap", need_units=100),
            Need(site="B", item="soap", need_units=100),
        ),
    )
    offers = (Offer(item="blanket", price=200), Offer(item="soap", price=50))
    return shop(problem, budget=budget, step=200, offers=offers, **more)


def bought(found):
    return {line.item: line.packs for line in found.lines}


def test_a_budget_buys_what_lifts_the_lowest_need():
    found = both(600)
    assert found.spent <= 600
    # blankets stand at 40 % everywhere, soap at 50 %: three bales lift the lowest to 60 %
    assert found.before.coverage == 400
    assert (bought(found)["blanket"], found.after.coverage > 400) == (2, True)


def test_a_line_says_what_would_be_lost_without_it():
    found = both(600)
    blanket = next(line for line in found.lines if line.item == "blanket")
    assert blanket.cost == 400
    assert blanket.lifted_from < blanket.lifted_to
    assert blanket.without.item == "blanket"
    assert blanket.without.coverage < found.after.coverage


def test_the_line_that_would_be_missed_most_comes_first():
    found = both(600)
    without = [line.without.coverage for line in found.lines]
    assert without == sorted(without)


def test_the_next_step_of_budget_buys_more():
    found = both(600)
    assert [step.asked for step in found.steps] == [200, 400, 600, 800, 1000]
    lowest = [step.lowest.coverage for step in found.steps]
    assert lowest == sorted(lowest)
    assert all(step.spent <= step.asked for step in found.steps)


def test_without_a_budget_as_much_is_asked_for_as_lifts_all_to_the_target():
    found = shop(world(), target=800, offers=(Offer(item="blanket"),))
    assert bought(found) == {"blanket": 60}  # 80 of 100 and 40 of 50, and 60 are there
    assert found.after.coverage == 800
    assert found.spent is None


def test_stock_is_used_before_anything_is_asked_for():
    problem = world(lots=(Lot(id="L", warehouse="W", item="blanket", packs=150),))
    assert bought(shop(problem, target=1000)) == {}


def test_a_need_that_no_road_reaches_does_not_hold_the_others_back():
    problem = world(
        routes=(Route(warehouse="W", site="A"), Route(warehouse="W", site="B", open=False))
    )
    found = shop(problem, target=1000)
    assert bought(found) == {"blanket": 40}
    assert found.after.site == "A"


def test_goods_that_come_too_late_for_every_period_lift_nobody():
    problem = world(periods=2, period_days=15)
    assert bought(shop(problem, target=1000, period=2)) == {"blanket": 90}


def test_a_budget_below_every_price_buys_nothing():
    found = both(40)
    assert (found.lines, found.spent, found.before) == ((), 0, found.after)


@pytest.mark.parametrize("seed", range(12))
def test_a_list_never_costs_more_than_the_budget_and_never_does_harm(seed):
    problem = _alike(tiny(seed, locks=False))
    offers = tuple(Offer(item=item.id, price=3 + n) for n, item in enumerate(problem.items))
    wanted = Wanted(offers=offers, warehouse=problem.warehouses[0].id, budget=12, step=5)
    found = shopping_list(problem, wanted, answer)
    assert found.spent == sum(line.cost for line in found.lines) <= 12
    assert found.before is None or found.after.coverage >= found.before.coverage
    assert all(line.packs > 0 and line.lifted for line in found.lines)


def test_a_site_that_comes_first_is_weighed_as_in_the_plan():
    problem = world(sites=(Site(id="A", population=100, weight=2.0), Site(id="B", population=100)))
    found = shop(problem, budget=2000, step=1000)
    assert found.after.site in {"A", "B"}
    assert found.spent <= 2000


def _alike(problem):
    """The same problem with nobody before another: what is lowest is the lowest coverage."""
    return replace(
        problem,
        sites=tuple(replace(site, weight=1.0) for site in problem.sites),
        items=tuple(replace(item, tier=1) for item in problem.items),
        needs=tuple(replace(need, min_fraction=0.0, carried=0.0) for need in problem.needs),
    )
