"""From the tables' facts to the engine's question: units, packs, days, limits."""

from dataclasses import replace
from datetime import date

from aidlog.planning.question import (
    Facts,
    ItemFacts,
    LotFacts,
    NeedFacts,
    RoadFacts,
    SiteFacts,
    WarehouseFacts,
    build,
    travel_days,
)

STARTS, ENDS = date(2026, 12, 1), date(2026, 12, 31)


def lot(**more):
    values = {
        "lot_id": 7,
        "warehouse": "W1",
        "item": "BLANKET",
        "free": 105,
        "expires_on": None,
        "earmarks": None,
    }
    return LotFacts(**(values | more))


def road(**more):
    values = {
        "warehouse": "W1",
        "site": "S1",
        "open": True,
        "minutes": 120,
        "cost_per_tonne": 5_000,
        "currency": "USD",
    }
    return RoadFacts(**(values | more))


FACTS = Facts(
    starts_on=STARTS,
    ends_on=ENDS,
    sites=(SiteFacts(code="S1", shown_as="S1", people=500, households=100),),
    items=(
        ItemFacts(
            code="BLANKET",
            name="Blanket",
            tier=1,
            pack_units=10,
            weight_mg=1_600_000,
            volume_mm3=10_000_000,
        ),
    ),
    warehouses=(WarehouseFacts(code="W1", shown_as="Lakeside"),),
    lots=(lot(),),
    needs=(NeedFacts(site="S1", item="BLANKET", need=200, held=30),),
    roads=(road(),),
)


def only(facts, **change):
    return build("P-1", replace(facts, **change))


def test_a_pack_weighs_its_units():
    (item,) = build("P-1", FACTS).items
    assert (item.kg_per_pack, item.m3_per_pack) == (16.0, 0.1)


def test_an_unknown_weight_stays_unknown():
    unweighed = replace(FACTS.items[0], weight_mg=None)
    assert only(FACTS, items=(unweighed,)).items[0].kg_per_pack is None


def test_loose_units_beside_whole_packs_stay():
    (stood,) = build("P-1", FACTS).lots
    assert (stood.packs, stood.id) == (10, "7@W1")


def test_less_than_a_pack_is_no_stock():
    assert only(FACTS, lots=(lot(free=9),)).lots == ()


def test_the_first_day_of_the_plan_is_day_zero_of_an_expiry():
    (stood,) = only(FACTS, lots=(lot(expires_on=date(2026, 12, 5)),)).lots
    assert stood.expiry_day == 4


def test_a_lot_that_expires_before_the_plan_starts_is_left_out():
    assert only(FACTS, lots=(lot(expires_on=date(2026, 11, 30)),)).lots == ()


def test_an_earmark_for_sites_outside_the_plan_keeps_the_lot_out():
    assert only(FACTS, lots=(lot(earmarks=frozenset({"S9"})),)).lots == ()


def test_an_earmark_counts_for_the_sites_inside_the_plan():
    (stood,) = only(FACTS, lots=(lot(earmarks=frozenset({"S1", "S9"})),)).lots
    assert stood.sites == {"S1"}


def test_a_road_carries_its_daily_limit_on_every_day_of_the_plan():
    (route,) = only(FACTS, roads=(road(max_grams=1_000_000, max_litres=2_000),)).routes
    assert (route.max_kg, route.max_m3) == (31_000.0, 62.0)


def test_the_planners_own_limit_holds_where_it_is_the_smaller_one():
    (route,) = only(FACTS, roads=(road(max_grams=1_000_000, max_kg=700),)).routes
    assert route.max_kg == 700.0


def test_cost_is_in_major_units_a_kilogram():
    assert only(FACTS, roads=(road(),)).routes[0].cost_per_kg == 0.05


def test_a_currency_without_minor_units_is_not_divided():
    (route,) = only(FACTS, roads=(road(cost_per_tonne=70_000, currency="RWF"),)).routes
    assert route.cost_per_kg == 70.0


def test_a_drive_of_ten_hours_arrives_the_same_day_and_a_longer_one_later():
    assert [travel_days(minutes) for minutes in (0, 600, 601, 1_200, 1_201)] == [0, 0, 1, 1, 2]


def test_the_trucks_of_a_warehouse_are_one_limit_over_its_roads():
    trucks = (WarehouseFacts(code="W1", shown_as="Lakeside", max_kg=10_000),)
    (limit,) = only(FACTS, warehouses=trucks).shared_limits
    assert (limit.max_kg, limit.over, limit.name) == (
        10_000.0,
        {("W1", "S1")},
        "Lakeside: 10000 kg",
    )


def test_a_protected_site_is_in_the_question_by_its_code_only():
    site = SiteFacts(code="S1", shown_as="S1", people=1, households=1)
    assert only(FACTS, sites=(site,)).sites[0].name == "S1"


def test_priority_is_a_weight_with_its_reason():
    first = replace(FACTS.sites[0], weight_percent=150, reason="Cholera")
    (site,) = only(FACTS, sites=(first,)).sites
    assert (site.weight, site.reason) == (1.5, "Cholera")
