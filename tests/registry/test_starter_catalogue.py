"""The catalogue an operation starts with, and finding an item in it."""

from datetime import date

import pytest
from sqlalchemy import event, select

from aidlog.core.quantity import BaseUnit
from aidlog.db.transaction import writing
from aidlog.needs.models import Standard
from aidlog.needs.queries import standards
from aidlog.needs.starter_standards import load_starter_standards, starter_standards
from aidlog.registry.finding_items import find_items
from aidlog.registry.models import Item
from aidlog.registry.queries import categories, packs_of
from aidlog.registry.roles import Role
from aidlog.registry.starter_catalogue import load_starter_catalogue, starter_items
from tests.factories import make_actor, make_item


@pytest.fixture
def planner(session):
    with writing(session):
        actor = make_actor(session, Role.PLANNER)
        load_starter_catalogue(session, actor)
    return actor


def test_every_item_of_the_file_says_its_source_and_has_names_in_four_languages():
    items = list(starter_items())
    assert len(items) >= 40
    for item in items:
        names = item.command.names
        assert all((names.en, names.fr, names.sw, names.rw)), item.command.code
        assert item.command.facts.source
        assert item.pack_source
        assert set(item.uncertain) <= {"fr", "sw", "rw"}


def test_the_catalogue_loads_exactly_and_a_second_load_adds_nothing(session, planner):
    blanket = session.scalars(select(Item).where(Item.code == "HSHEBLANPMT1")).one()
    assert (blanket.weight_mg, blanket.volume_mm3) == (1_600_000, 10_000_000)
    assert [(pack.kind, pack.size, pack.issue) for pack in packs_of(session, blanket.id)] == [
        ("bale", 30, True),
        ("pallet", 150, False),
    ]
    meal = session.scalars(select(Item).where(Item.code == "FCERMAIZWMEA")).one()
    assert (meal.base_unit, meal.weight_mg, meal.volume_mm3) == (BaseUnit.GRAM, 1_000, 2_100)
    oil = session.scalars(select(Item).where(Item.code == "FOILMAIZRE01")).one()
    assert (oil.weight_mg, oil.volume_mm3) == (900, 1_350)
    blend = session.scalars(select(Item).where(Item.code == "FNUTCSBX6722")).one()
    assert (blend.weight_mg, blend.volume_mm3) == (1_020, 1_900), "a bag of 25 kg weighs 25.5 kg"
    with writing(session):
        assert load_starter_catalogue(session, planner) == {}


def test_a_row_without_figures_says_that_its_source_gives_none():
    for item in starter_items():
        facts, unit = item.command.facts, item.command.base_unit
        known = unit is not BaseUnit.PIECE or facts.weight_mg is not None
        assert known or "gives neither weight nor volume" in facts.source, item.command.code


def test_a_pallet_of_food_is_no_heavier_and_no_larger_than_a_pallet_bears(session, planner):
    pallets = 0
    for item in session.scalars(select(Item).where(Item.base_unit == BaseUnit.GRAM)):
        [pallet] = [pack for pack in packs_of(session, item.id) if pack.kind == "pallet"]
        assert pallet.size * item.weight_mg <= 1_000 * 10**9, "a tonne in mg"
        assert pallet.size * item.volume_mm3 <= 1_728 * 10**6, "0.8 × 1.2 × 1.8 m in mm³"
        pallets += 1
    assert pallets > 10


def test_a_part_of_the_catalogue_can_be_loaded(session):
    with writing(session):
        actor = make_actor(session, Role.PLANNER)
        loaded = load_starter_catalogue(session, actor, ["HSHEBLANPMT1", "HSHEMNETRL"])
    assert set(loaded) == {"HSHEBLANPMT1", "HSHEMNETRL"}


def test_every_starter_standard_is_of_a_starter_item_and_names_its_source(session, planner):
    codes = {item.command.code for item in starter_items()}
    rows = list(starter_standards())
    assert all(row.code in codes and row.source for row in rows)
    with writing(session):
        loaded = load_starter_standards(session, planner, date(2026, 1, 1))
        assert len(loaded) == len({row.code for row in rows})
        assert load_starter_standards(session, planner, date(2026, 1, 1)) == {}
    assert len(session.scalars(select(Standard)).all()) == len(rows)
    assert all(
        row.current == row.in_force for row in standards(session, planner, date(2026, 11, 1))
    )


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("HSHEBLANPMT1", "HSHEBLANPMT1"),
        ("blanpm", "HSHEBLANPMT1"),
        ("couverture laine", "HSHEBLANWMT1"),
        ("bache", "HSHETARPW406"),
        ("Bâche", "HSHETARPW406"),
        ("chandarua", "HSHEMNETRL"),
        ("umuceri", "FCERRICEBR30"),
    ],
)
def test_an_item_is_found_by_code_and_by_name_in_any_language(session, planner, typed, code):
    found = find_items(session, typed)
    assert code in [item.code for item in found.items]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("blankte", "HSHEBLANPMT1"),
        ("tarpolin", "HSHETARPW406"),
        ("jerican", "HCONJCANP20"),
        ("mosquitto", "HSHEMNETRL"),
        ("maharage mekundu", "FPULBEANRK01"),
        ("isabuni", "HHYGSOAP100G"),
    ],
)
def test_a_misspelt_word_still_finds_its_item_and_says_it_was_guessed(
    session, planner, typed, code
):
    found = find_items(session, typed)
    assert code in [item.code for item in found.items]
    assert found.guessed


def test_a_word_that_resembles_nothing_finds_nothing(session, planner):
    found = find_items(session, "zzzqqq")
    assert (found.items, found.guessed) == ([], False)


def test_signs_that_mean_something_to_the_database_are_only_signs(session, planner):
    assert find_items(session, "%").items != find_items(session, "").items
    assert find_items(session, "_").items == []
    assert find_items(session, "'; DROP TABLE item").items == []


def test_a_search_costs_four_statements_at_most_whatever_the_catalogue(session, planner):
    with writing(session):
        for _ in range(30):
            make_item(session)
    session.connection()
    statements = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))
    find_items(session, "blankte")
    assert len(statements) <= 4
    statements.clear()
    find_items(session, "blanket")
    assert len(statements) == 1


def test_the_item_of_the_very_code_comes_first_then_names_that_begin_so(session, planner):
    with writing(session):
        make_item(session, code="SOAP", name="Soap dish")
        make_item(session, code="XSOAPX", name="Holder")
        make_item(session, code="Q1", name="Bar of softsoap", tier=1)
    codes = [item.code for item in find_items(session, "soap").items]
    assert codes[0] == "SOAP"
    assert codes.index("HHYGSOAP100G") < codes.index("Q1")


def test_a_category_narrows_the_search(session, planner):
    assert "food" in categories(session)
    found = find_items(session, "", category="food")
    assert {item.category for item in found.items} == {"food"}
