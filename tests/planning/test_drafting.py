"""A plan is drafted: the question frozen, or a sentence that says what is missing."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import select

from aidlog.allocation.snapshot import problem_from_json, sha256
from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.transaction import writing
from aidlog.db.work import Job, JobState
from aidlog.planning.choices import LockChoice, RoadChoice, SiteChoice, WarehouseChoice
from aidlog.planning.drafting import CannotPlan
from aidlog.planning.models import PlanNeed, PlanState
from aidlog.registry.models import Access, Route
from aidlog.registry.roles import Role
from tests.factories import (
    NOW,
    make_item,
    make_lot,
    make_organisation,
    make_person,
    make_place,
    make_route,
    make_standard,
    make_warehouse,
)
from tests.planning.cases import draft, make_case, plan_of


@pytest.fixture
def case(session):
    with writing(session):
        return make_case(session)


def question(session, code):
    return problem_from_json(json.loads(plan_of(session, code).problem))


def test_a_draft_is_numbered_and_waits_for_a_worker(session, case):
    answer = draft(session, case)
    plan = plan_of(session, answer["plan"])
    assert answer["plan"].startswith("P-KRB-")
    assert plan.state is PlanState.SOLVING
    assert session.get_one(Job, plan.job_id).state is JobState.QUEUED


def test_the_question_is_frozen_with_its_fingerprint(session, case):
    answer = draft(session, case)
    plan = plan_of(session, answer["plan"])
    assert plan.problem_sha256 == sha256(question(session, answer["plan"]))


def test_needs_are_written_with_what_is_covered_before(session, case):
    answer = draft(session, case)
    plan = plan_of(session, answer["plan"])
    needs = session.scalars(select(PlanNeed).where(PlanNeed.plan_id == plan.id)).all()
    assert sorted((need.need, need.held, need.before) for need in needs) == [
        (200, 0, 0),
        (300, 0, 0),
    ]


def test_a_protected_sites_name_is_not_in_the_question(session, case):
    answer = draft(session, case)
    text = plan_of(session, answer["plan"]).problem
    assert all(site.code in text and site.name not in text for site in case.sites)


def test_only_stock_of_ones_own_organisation_is_asked_about(session, case):
    with writing(session):
        other = make_organisation(session, code="ZZZ", name="Others")
        theirs = make_warehouse(session, organisation=other)
        make_lot(session, warehouse=theirs, item=case.item, quantity=500)
    with pytest.raises(NotFound):
        draft(session, case, warehouses=(WarehouseChoice(code=theirs.code),))


def test_reserved_and_loose_stock_is_not_asked_about(session, case):
    with writing(session):
        make_lot(session, warehouse=case.warehouse, item=case.item, quantity=19)
    packs = [lot.packs for lot in question(session, draft(session, case)["plan"]).lots]
    assert sorted(packs) == [1, 30]


def test_an_expired_lot_is_not_asked_about(session, case):
    with writing(session):
        make_lot(
            session,
            warehouse=case.warehouse,
            item=case.item,
            quantity=500,
            expires_on=NOW.date(),
        )
    assert len(question(session, draft(session, case)["plan"]).lots) == 1


def test_anothers_site_is_not_there(session, case):
    with writing(session):
        other = make_organisation(session, code="ZZZ", name="Others")
        theirs = make_place(session, organisation=other)
    with pytest.raises(NotFound):
        draft(session, case, sites=(SiteChoice(code=theirs.code),))


def test_a_planner_of_one_site_plans_for_no_other(session, case):
    with writing(session):
        case.planner = make_person(
            session, Role.PLANNER, organisation=case.organisation, place=case.sites[0]
        )
    with pytest.raises(NotAllowed):
        draft(session, case)


def test_a_road_that_is_closed_all_the_time_is_closed_in_the_question(session, case):
    with writing(session):
        road = session.scalars(select(Route).where(Route.destination_id == case.sites[0].id)).one()
        road.closed_from, road.closed_until = date(2026, 11, 1), date(2026, 12, 31)
    routes = question(session, draft(session, case)["plan"]).routes
    assert {route.site: route.open for route in routes} == {
        case.sites[0].code: False,
        case.sites[1].code: True,
    }


def test_a_road_that_opens_during_the_plan_is_open(session, case):
    with writing(session):
        road = session.scalars(select(Route).where(Route.destination_id == case.sites[0].id)).one()
        road.closed_from, road.closed_until = date(2026, 11, 1), date(2026, 12, 10)
    assert all(route.open for route in question(session, draft(session, case)["plan"]).routes)


def test_what_the_planner_says_of_a_road_holds_for_the_plan(session, case):
    roads = (
        RoadChoice(warehouse=case.warehouse.code, site=case.sites[0].code, closed=True),
        RoadChoice(warehouse=case.warehouse.code, site=case.sites[1].code, max_kg=900),
    )
    routes = question(session, draft(session, case, roads=roads)["plan"]).routes
    assert sorted((route.open, route.max_kg) for route in routes) == [(False, None), (True, 900.0)]


def refused(session, case, **more):
    with pytest.raises(CannotPlan) as said:
        draft(session, case, **more)
    return str(said.value.message)


def test_a_site_that_was_never_counted_is_named(session, case):
    with writing(session):
        uncounted = make_place(session, organisation=case.organisation)
    sites = (*(SiteChoice(code=site.code) for site in case.sites), SiteChoice(code=uncounted.code))
    assert f"never counted at {uncounted.code}." in refused(session, case, sites=sites)


def test_an_item_without_a_standard_is_named(session, case):
    with writing(session):
        other = make_item(session)
    assert other.code in refused(session, case, items=(case.item.code, other.code))


def test_an_empty_warehouse_is_refused(session, case):
    with writing(session):
        empty = make_warehouse(session, organisation=case.organisation)
        make_route(session, empty, case.sites[0])
    sentence = refused(session, case, warehouses=(WarehouseChoice(code=empty.code),))
    assert sentence.startswith("None of these items is free")


def test_no_open_road_is_refused(session, case):
    with writing(session):
        for road in session.scalars(select(Route)):
            road.access = Access.CLOSED
    assert refused(session, case).startswith("No open road")


def test_an_unknown_weight_is_named_where_trucks_are_limited(session, case):
    with writing(session):
        case.item = make_item(session, name="Rope", weight_mg=None)
        make_standard(session, item=case.item)
        make_lot(session, warehouse=case.warehouse, item=case.item)
    trucks = (WarehouseChoice(code=case.warehouse.code, max_kg=1_000),)
    assert "Rope" in refused(session, case, warehouses=trucks)


def test_an_unknown_weight_is_no_matter_where_nothing_counts_it(session, case):
    with writing(session):
        case.item = make_item(session, name="Rope", weight_mg=None)
        make_standard(session, item=case.item)
        make_lot(session, warehouse=case.warehouse, item=case.item)
    assert draft(session, case)["plan"]


def test_two_currencies_are_not_added_up(session, case):
    with writing(session):
        road = session.scalars(select(Route).where(Route.destination_id == case.sites[0].id)).one()
        road.currency = "RWF"
    assert "RWF, USD" in refused(session, case)


def test_a_plan_that_ends_before_it_starts_is_refused(session, case):
    assert "ends before" in refused(session, case, ends_on=date(2026, 11, 30))


def test_a_priority_says_why(session, case):
    first = (SiteChoice(code=case.sites[0].code, weight_percent=150),)
    assert case.sites[0].code in refused(session, case, sites=first)


def test_a_lock_outside_the_plan_is_not_there(session, case):
    lock = LockChoice(site=case.sites[1].code, item=case.item.code, packs=1, reason="Roads")
    with pytest.raises(NotFound):
        draft(session, case, sites=(SiteChoice(code=case.sites[0].code),), locks=(lock,))


def test_a_refused_plan_leaves_no_number_behind(session, case):
    refused(session, case, title=" ")
    assert draft(session, case)["plan"].endswith("-0001")
