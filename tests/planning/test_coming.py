"""A plan over several periods, with goods that are still to come."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.errors import Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.counting import CountedLine
from aidlog.donations.models import Pledge
from aidlog.donations.purchasing import Bought, RecordPurchase, record_purchase
from aidlog.donations.receiving import ReceiveGoods, receive_goods
from aidlog.planning.choices import Certainty
from aidlog.planning.coming import coming_lines, periods_of
from aidlog.planning.drafting import draft_plan
from aidlog.planning.models import PlanLine, PlanNeed
from aidlog.planning.overriding import asked_again
from aidlog.planning.queries import plan_head
from aidlog.planning.question import ComingFacts, build, coming_lot, standing_lot
from aidlog.registry.roles import Role, actor_for
from aidlog.reports.expected_goods import expected_goods
from tests.factories import NOW, command_id, make_organisation, make_person, make_pledge
from tests.planning.cases import ENDS, STARTS, actor, make_case, plan_of, work
from tests.planning.test_question import FACTS

ALL = tuple(Certainty)


@pytest.fixture
def case(session):
    with writing(session):
        return make_case(session)


def pledge(session, case, *, quantity=200, on=STARTS + timedelta(days=5), came=0):
    """A promise of blankets, of which ``came`` were received."""
    with writing(session):
        made = make_pledge(
            session,
            organisation=case.organisation,
            item=case.item,
            quantity=quantity,
            expected_on=on,
        )
        if came:
            store = make_person(session, Role.STOREKEEPER, organisation=case.organisation)
            line = CountedLine(
                item_id=case.item.id,
                lot_number="",
                expires_on=None,
                pack_kind="bale",
                pack_size=10,
                declared=came,
                good=came,
                damaged=0,
            )
            command = ReceiveGoods(
                command_id=command_id(),
                organisation_id=case.organisation.id,
                warehouse_id=case.warehouse.id,
                lines=(line,),
                arrived_at=NOW,
                pledge_id=made.id,
            )
            once(session, actor_for(session, store.id), command, receive_goods)
        return made.id


def order(session, case, *, quantity=100, on=STARTS + timedelta(days=20)):
    with writing(session):
        store = make_person(session, Role.STOREKEEPER, organisation=case.organisation)
        command = RecordPurchase(
            command_id=command_id(),
            warehouse_id=case.warehouse.id,
            supplier="Market",
            lines=(Bought(item_id=case.item.id, quantity=quantity),),
            expected_on=on,
        )
        return once(session, actor_for(session, store.id), command, record_purchase)["purchase"]


def solved(session, case, tmp_path, **more):
    values = {"periods": 3, "coming": ALL, "coming_to": case.warehouse.code} | more
    with writing(session):
        answer = once(
            session,
            actor(session, case.planner),
            case.command(**values),
            partial(draft_plan, expected=expected_goods),
        )
    work(session.get_bind(), answer["job"], tmp_path)
    plan = plan_of(session, answer["plan"])
    return plan, json.loads(plan.problem)


def test_goods_to_come_enter_the_first_period_after_their_day_and_only_with_their_rest(
    session, case, tmp_path
):
    pledge(session, case, quantity=100, came=50)
    number = order(session, case)
    plan, problem = solved(session, case, tmp_path)
    coming = {
        coming_lot(lot["id"])[0]: (lot["packs"], lot["available_period"])
        for lot in problem["lots"]
        if standing_lot(lot["id"]) is None
    }
    # 31 days in three periods of ten: day 5 is within the first, day 20 starts the third
    assert coming == {Certainty.ANNOUNCED: (5, 2), Certainty.ORDERED: (10, 3)}
    head = plan_head(session, actor(session, case.planner), problem["id"])
    sent = sum(session.scalars(select(PlanNeed.sent).where(PlanNeed.plan_id == plan.id)))
    standing = sum(session.scalars(select(PlanLine.quantity).where(PlanLine.plan_id == plan.id)))
    to_come = coming_lines(session, head, problem)
    assert {line.lot for line in to_come} >= {number}
    assert sent == standing + sum(line.quantity for line in to_come) == 500
    periods = periods_of(session, head, problem)
    assert sum(line.quantity for period in periods for line in period.lines) == sent
    assert [(p.starts_on, p.ends_on) for p in periods][-1] == (date(2026, 12, 21), ENDS)


def test_late_goods_and_goods_without_a_day_or_warehouse_are_not_counted_on(
    session, case, tmp_path
):
    pledge(session, case, on=None)
    made = pledge(session, case)
    assert _coming(solved(session, case, tmp_path, coming_to="")[1]) == []
    with writing(session):
        session.get_one(Pledge, made).expected_on = date(2020, 1, 1)
    assert _coming(solved(session, case, tmp_path)[1]) == []


def test_only_the_chosen_kinds_of_ones_own_organisation_are_counted_on(session, case, tmp_path):
    pledge(session, case)
    order(session, case)
    with writing(session):
        other = make_organisation(session, code="ZZZ", name="Others")
        make_pledge(
            session,
            organisation=other,
            item=case.item,
            quantity=900,
            expected_on=STARTS + timedelta(days=1),
        )
    _plan, problem = solved(session, case, tmp_path, coming=(Certainty.ORDERED,))
    assert _coming(problem) == [Certainty.ORDERED]
    assert _coming(solved(session, case, tmp_path, coming=())[1]) == []


def test_asking_again_keeps_the_periods_and_what_was_counted_on(session, case, tmp_path):
    pledge(session, case)
    plan, problem = solved(session, case, tmp_path)
    again = asked_again(plan, problem_from_json(problem), command_id(), ())
    assert (again.periods, again.coming, again.coming_to) == (
        3,
        (Certainty.PLEDGED,),
        case.warehouse.code,
    )


def test_more_periods_than_days_are_refused(session, case, tmp_path):
    with pytest.raises(Refusal, match="31 days"):
        solved(session, case, tmp_path, periods=13)


def test_what_comes_on_the_first_day_of_a_period_belongs_to_it():
    facts = replace(FACTS, periods=3)
    days = [0, 1, 10, 11, 20, 21]
    assert [facts.period_on(STARTS + timedelta(days=day)) for day in days] == [1, 2, 2, 3, 3, 4]


def test_a_planners_limit_of_a_road_holds_over_all_periods_together():
    facts = replace(FACTS, periods=2, roads=(replace(FACTS.roads[0], max_kg=90, max_grams=5_000),))
    problem = build("P-1", facts)
    assert problem.routes[0].max_kg == 75.0
    assert [(limit.max_kg, limit.scope) for limit in problem.shared_limits] == [(90.0, "horizon")]


def test_what_comes_too_late_or_is_less_than_a_pack_is_left_out():
    def goods(quantity, day):
        return ComingFacts(
            certainty=Certainty.ORDERED,
            document="B-1",
            warehouse="W1",
            item="BLANKET",
            quantity=quantity,
            on=STARTS + timedelta(days=day),
        )

    problem = build("P-1", replace(FACTS, coming=(goods(9, 0), goods(90, 1))))
    assert len(problem.lots) == 1


def _coming(problem):
    return [coming_lot(lot["id"])[0] for lot in problem["lots"] if standing_lot(lot["id"]) is None]
