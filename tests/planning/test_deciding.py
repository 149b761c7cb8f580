"""Priorities, promises and earlier rounds: what a planner decides beside the stock."""

from __future__ import annotations

import json

import pytest

from aidlog.allocation.problem import Rule
from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound
from aidlog.core.text import Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.planning.approving import ApprovePlan, approve_plan
from aidlog.planning.choices import ItemPriority, LockChoice, Promise, SiteChoice
from aidlog.planning.deciding import CannotDecide
from aidlog.planning.fixed_numbers import fixed_numbers
from aidlog.planning.models import PlanNeed, PlanState
from aidlog.planning.overriding import (
    UnlockCell,
    asked_again,
    kept_locks,
    question_again,
    unlock_cell,
)
from tests.factories import command_id
from tests.planning.cases import actor, draft, make_case, plan_of, solved, submitted, work


@pytest.fixture
def case(session):
    with writing(session):
        return make_case(session, quantity=100)


def sent(session, code):
    """Return packs by site in the order of the sites' codes."""
    plan = plan_of(session, code)
    rows = session.query(PlanNeed).filter_by(plan_id=plan.id).order_by(PlanNeed.site_id)
    return [row.sent // 10 for row in rows]


def promise(case, **more):
    values = {"site": case.sites[1].code, "item": case.item.code, "reason": "Newly arrived"}
    return Promise(**(values | more))


def test_a_promise_is_kept_before_the_rest_is_shared(session, case, tmp_path):
    assert sent(session, solved(session, case, tmp_path)) == [4, 6]
    half = solved(session, case, tmp_path, promises=(promise(case, percent=30),))
    assert sent(session, half) == [1, 9]
    packs = solved(session, case, tmp_path, promises=(promise(case, packs=8),))
    assert sent(session, packs) == [2, 8]
    (kept,) = json.loads(plan_of(session, half).decisions)
    assert kept["reason"] == "Newly arrived"
    assert "is promised" in str(Message.from_data(kept["message"]))


def test_promises_that_cannot_all_be_kept_are_kept_evenly(session, case, tmp_path):
    every = promise(case, site="", percent=90)
    code = solved(session, case, tmp_path, promises=(every,))
    assert plan_of(session, code).state is PlanState.SOLVED
    assert sent(session, code) == [4, 6]


def test_decisions_are_asked_for_again_with_their_plan(session, case, tmp_path):
    first = ItemPriority(code=case.item.code, weight_percent=150, reason="Cold nights")
    code = solved(
        session,
        case,
        tmp_path,
        promises=(promise(case, packs=8),),
        priorities=(first,),
        earlier_rounds=2,
    )
    planner = actor(session, case.planner)
    plan, problem = question_again(session, planner, code, Permission.PLAN_DRAFT)
    again = asked_again(plan, problem, command_id(), kept_locks(problem))
    assert again.promises == (promise(case, packs=8),)
    assert again.priorities == (first,)
    assert again.earlier_rounds == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"promises": ({"percent": 0},)},
        {"promises": ({"percent": 120},)},
        {"promises": ({"percent": 10, "packs": 1},)},
        {"promises": ({"percent": 10, "reason": " "},)},
        {"priorities": ({"weight_percent": 150, "reason": ""},)},
        {"priorities": ({"weight_percent": 90, "reason": "x"},)},
        {"earlier_rounds": 99},
        {"rule": Rule.PRIORITY_WEIGHTS},
    ],
)
def test_a_decision_says_how_much_and_why(session, case, wrong):
    more = dict(wrong)
    if "promises" in more:
        more["promises"] = tuple(promise(case, **part) for part in more["promises"])
    if "priorities" in more:
        more["priorities"] = tuple(
            ItemPriority(code=case.item.code, **part) for part in more["priorities"]
        )
    with pytest.raises(CannotDecide):
        draft(session, case, **more)


def test_a_promise_is_about_what_is_planned(session, case):
    with pytest.raises(NotFound):
        draft(session, case, promises=(promise(case, site="X", percent=10),))


def test_priority_weights_share_by_the_weight_of_a_site(session, case, tmp_path):
    sites = (
        SiteChoice(code=case.sites[0].code, weight_percent=300, reason="Cut off next month"),
        SiteChoice(code=case.sites[1].code),
    )
    code = solved(session, case, tmp_path, sites=sites, rule=Rule.PRIORITY_WEIGHTS)
    assert sent(session, code)[0] > 4


def approved(session, case, tmp_path, **more):
    code = submitted(session, case, tmp_path, **more)
    with writing(session):
        command = ApprovePlan(command_id=command_id(), code=code)
        once(session, actor(session, case.second), command, approve_plan)
    return code


def test_who_got_less_in_earlier_rounds_comes_first_now(session, case, tmp_path):
    only = (SiteChoice(code=case.sites[0].code),)
    lock = LockChoice(site=case.sites[0].code, item=case.item.code, packs=5, reason="Security")
    first = approved(session, case, tmp_path, sites=only, locks=(lock,))
    plain = sent(session, solved(session, case, tmp_path))
    carried = solved(session, case, tmp_path, earlier_rounds=3)
    needs = json.loads(plan_of(session, carried).problem)["needs"]
    # nothing of the first round has left the warehouse: it delivered nothing yet
    assert {need["carried"] for need in needs} == {0.0}
    assert sent(session, carried) == plain
    _deliver(session, first)
    then = solved(session, case, tmp_path, earlier_rounds=3)
    needs = {n["site"]: n["carried"] for n in json.loads(plan_of(session, then).problem)["needs"]}
    assert needs[case.sites[0].code] == pytest.approx(0.25)  # 50 of 200
    assert needs[case.sites[1].code] == pytest.approx(0.25)  # never planned for: at the mean
    (said,) = json.loads(plan_of(session, then).decisions)
    assert str(Message.from_data(said["message"])).startswith("1 earlier plan counts")


def _deliver(session, code):
    from aidlog.stock.reserving import consume, held_for

    plan = plan_of(session, code)
    with writing(session):
        consume(session, [held.id for held in held_for(session, plan.document_id)])


def test_numbers_that_clash_are_named_and_removed_one_by_one(session, case, tmp_path):
    locks = tuple(
        LockChoice(site=site.code, item=case.item.code, packs=7, reason="Roads")
        for site in case.sites
    )
    code = solved(session, case, tmp_path, locks=locks)
    plan = plan_of(session, code)
    assert plan.state is PlanState.FAILED
    fixed = fixed_numbers(json.loads(plan.problem), plan.summary)
    assert [number.clashes for number in fixed] == [True, True]
    command = UnlockCell(command_id=command_id(), code=code, site=fixed[0].site, item=fixed[0].item)
    with writing(session):
        answer = once(session, actor(session, case.planner), command, unlock_cell)
    work(session.get_bind(), answer["job"], tmp_path)
    again = plan_of(session, answer["plan"])
    assert again.state is PlanState.SOLVED
    assert sent(session, answer["plan"]) == [3, 7]
    gone = UnlockCell(command_id=command_id(), code=answer["plan"], site="X", item="Y")
    with pytest.raises(NotFound), writing(session):
        once(session, actor(session, case.planner), gone, unlock_cell)
