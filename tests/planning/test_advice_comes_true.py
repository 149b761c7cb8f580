"""Whoever takes the advice on a limit of a plan gets what was promised, by the way of the pages."""

from __future__ import annotations

import json
import random

import pytest

from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.planning.cases import RemoveCase, TryLimit, remove_case, try_limit
from aidlog.planning.choices import SiteChoice, WarehouseChoice
from aidlog.planning.models import PlanCase
from aidlog.registry.models import Organisation
from aidlog.registry.roles import Role
from tests.factories import (
    command_id,
    make_count,
    make_item,
    make_lot,
    make_organisation,
    make_person,
    make_place,
    make_route,
    make_standard,
    make_warehouse,
)
from tests.planning.cases import Case, actor, plan_of, solved, work


def operation(session, seed: int) -> tuple[Case, dict[str, object]]:
    """Make two warehouses, four sites and three items, with trucks and roads that are short."""
    chance = random.Random(seed)
    organisation: Organisation = make_organisation(session, code=f"OP{seed}")
    planner = make_person(session, Role.PLANNER, organisation=organisation)
    stores = [
        make_warehouse(session, organisation=organisation, name=f"Store {seed} {n}")
        for n in range(2)
    ]
    sites = [make_place(session, organisation=organisation) for _ in range(4)]
    items = [
        make_item(session, name=f"Thing {n}", weight_mg=chance.choice((400_000, 1_600_000)))
        for n in range(3)
    ]
    for item in items:
        make_standard(session, item=item)
        for store in stores:
            make_lot(session, warehouse=store, item=item, quantity=chance.randrange(5, 40) * 10)
    for site in sites:
        people = chance.randrange(8, 40) * 10
        make_count(session, site, people=people, households=people // 5)
        for store in stores:
            tight = chance.random() < 0.4
            grams = chance.randrange(4, 12) * 1_000 if tight else None  # a day
            make_route(session, store, site, max_grams=grams)
    session.flush()
    case = Case(organisation, planner, planner, stores[0], sites, items[0])
    asked = {
        "sites": tuple(SiteChoice(code=site.code) for site in sites),
        "items": tuple(item.code for item in items),
        "warehouses": tuple(
            WarehouseChoice(code=store.code, max_kg=chance.choice((None, 300, 700)))
            for store in stores
        ),
    }
    return case, asked


def lowest(result: dict, pairs: set) -> float:
    return min(n["level"] for n in result["needs"] if (n["site"], n["item"]) in pairs)


def compared(result: dict) -> set:
    return {(n["site"], n["item"]) for n in result["needs"] if n["level"] is not None}


@pytest.mark.parametrize("seed", [3, 11, 26])
def test_the_advice_on_every_limit_keeps_its_promise(session, tmp_path, seed):
    with writing(session):
        case, asked = operation(session, seed)
    code = solved(session, case, tmp_path, **asked)
    plan = json.loads(plan_of(session, code).result)
    advised = [n for n, limit in enumerate(plan["limits"]) if limit["advice"] and limit["worth"]]
    assert advised, "a problem without limits says nothing"
    for number in advised:
        limit = plan["limits"][number]
        planner = actor(session, case.planner)
        with writing(session):
            command = TryLimit(command_id=command_id(), code=code, limit=number)
            answer = once(session, planner, command, try_limit)
        work(session.get_bind(), answer["job"], tmp_path)
        session.rollback()
        then = json.loads(session.query(PlanCase).one().result)
        both = compared(plan) & compared(then)
        gain = lowest(then, both) - lowest(plan, both)
        assert limit["worth"]["min_level"] == pytest.approx(gain, abs=1e-6), limit["id"]
        assert limit["in_packs"], "so small a plan is made again in whole packs"
        for measure, promised in limit["in_packs"].items():
            gain = then["measures"][measure] - plan["measures"][measure]
            assert promised == pytest.approx(gain, abs=1e-9), (limit["id"], measure)
        with writing(session):
            command = RemoveCase(command_id=command_id(), code=code, number=1)
            once(session, planner, command, remove_case)
