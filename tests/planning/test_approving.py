"""Solved by the real engine, approved by a second person, reserved whole or not at all."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.core.errors import NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.planning.approving import (
    ApprovePlan,
    CancelPlan,
    NotNow,
    ReasonMissing,
    RejectPlan,
    SamePerson,
    StockChanged,
    SubmitPlan,
    approve_plan,
    cancel_plan,
    reject_plan,
    submit_plan,
)
from aidlog.planning.models import Plan, PlanLine, PlanNeed, PlanState
from aidlog.planning.stock_now import arrivals_of
from aidlog.registry.roles import Role
from aidlog.stock.adjusting import CorrectStock, correct_stock
from aidlog.stock.models import Correcting, Reason, StockTotal
from aidlog.stock.reserving import held_for
from aidlog.stock.soundness import faults
from tests.factories import command_id, make_lot, make_organisation, make_person
from tests.planning.cases import STARTS, actor, make_case, plan_of, solved, submitted
from tests.stock.limit import lift_the_limit


@pytest.fixture
def case(session):
    with writing(session):
        return make_case(session)


def ask(session, person, command, action):
    with writing(session):
        return once(session, actor(session, person), command, action)


def approve(session, person, code):
    return ask(session, person, ApprovePlan(command_id=command_id(), code=code), approve_plan)


def reserved(session, case):
    session.rollback()
    return session.scalar(
        select(StockTotal.reserved).where(
            StockTotal.kind == AccountKind.WAREHOUSE, StockTotal.key == case.warehouse.id
        )
    )


def test_a_solved_plan_levels_the_sites_and_says_why(session, case, tmp_path):
    plan = plan_of(session, solved(session, case, tmp_path))
    assert plan.state is PlanState.SOLVED
    needs = session.scalars(select(PlanNeed).where(PlanNeed.plan_id == plan.id)).all()
    assert sorted((need.sent, need.after) for need in needs) == [(120, 600), (180, 600)]
    assert all(need.reason for need in needs)


def test_lines_are_whole_packs_and_add_up_to_what_needs_say(session, case, tmp_path):
    plan = plan_of(session, solved(session, case, tmp_path))
    lines = session.scalars(select(PlanLine).where(PlanLine.plan_id == plan.id)).all()
    sent = session.scalar(select(func.sum(PlanNeed.sent)).where(PlanNeed.plan_id == plan.id))
    assert sum(line.quantity for line in lines) == sent == 300
    assert all(line.packs * 10 == line.quantity for line in lines)


def test_approval_reserves_every_line_for_its_site(session, case, tmp_path):
    code = submitted(session, case, tmp_path)
    approve(session, case.second, code)
    plan = plan_of(session, code)
    held = held_for(session, plan.document_id)
    assert plan.state is PlanState.APPROVED
    assert sorted((hold.destination_id, hold.quantity) for hold in held) == [
        (case.sites[0].id, 120),
        (case.sites[1].id, 180),
    ]
    lines = session.scalars(select(PlanLine).where(PlanLine.plan_id == plan.id)).all()
    assert {line.reservation_id for line in lines} == {hold.id for hold in held}
    assert reserved(session, case) == 300
    assert list(faults(session)) == []


def test_who_drafted_a_plan_does_not_approve_it(session, case, tmp_path):
    code = submitted(session, case, tmp_path)
    with pytest.raises(SamePerson):
        approve(session, case.planner, code)
    assert plan_of(session, code).state is PlanState.SUBMITTED
    assert reserved(session, case) == 0


def test_who_sent_a_plan_does_not_approve_it(session, case, tmp_path):
    code = solved(session, case, tmp_path)
    ask(session, case.second, SubmitPlan(command_id=command_id(), code=code), submit_plan)
    with pytest.raises(SamePerson):
        approve(session, case.second, code)


def test_a_plan_that_was_not_sent_is_not_approved(session, case, tmp_path):
    code = solved(session, case, tmp_path)
    with pytest.raises(NotNow):
        approve(session, case.second, code)


def test_approving_twice_reserves_once(session, case, tmp_path):
    code = submitted(session, case, tmp_path)
    command = ApprovePlan(command_id=command_id(), code=code)
    first = ask(session, case.second, command, approve_plan)
    assert ask(session, case.second, command, approve_plan) == first
    with pytest.raises(NotNow):
        approve(session, case.second, code)
    assert reserved(session, case) == 300


def test_stock_that_went_meanwhile_is_named_and_nothing_is_reserved(session, case, tmp_path):
    code = submitted(session, case, tmp_path)
    with writing(session):
        keeper = make_person(session, Role.STOREKEEPER, organisation=case.organisation)
        lift_the_limit(session, case.organisation)
    ask(
        session,
        keeper,
        CorrectStock(
            command_id=command_id(),
            warehouse_id=case.warehouse.id,
            lot_id=case.lots[0].id,
            quantity=10,
            what=Correcting.TAKE_OFF,
            reason=Reason.DAMAGED,
        ),
        correct_stock,
    )
    with pytest.raises(StockChanged) as said:
        approve(session, case.second, code)
    assert case.lots[0].number in str(said.value.message)
    assert plan_of(session, code).state is PlanState.SUBMITTED
    assert reserved(session, case) == 0


def test_a_lot_that_would_be_past_its_date_when_it_arrives_is_not_promised(session, case, tmp_path):
    with writing(session):
        item, keeps = case.item, STARTS + timedelta(days=5)
        soon = make_lot(
            session, warehouse=case.warehouse, item=item, quantity=100, expires_on=keeps
        )
    code = submitted(session, case, tmp_path)
    with writing(session):  # the lot is good today; the convoy leaves later than it was planned
        plan = session.scalars(select(Plan)).one()
        assert soon.id in session.scalars(
            select(PlanLine.lot_id).where(PlanLine.plan_id == plan.id)
        )
        plan.starts_on = keeps + timedelta(days=1)
    with pytest.raises(StockChanged) as said:
        approve(session, case.second, code)
    assert soon.number in str(said.value.message)
    assert reserved(session, case) == 0


def test_goods_must_keep_until_they_arrive():
    question = {
        "min_shelf_days_on_arrival": 7,
        "routes": [{"warehouse": "W", "site": "S", "travel_days": 3}],
    }
    early = arrivals_of(question, STARTS, today=STARTS - timedelta(days=20))
    assert early.keeps_until("W", "S") == STARTS + timedelta(days=10)
    late = arrivals_of(question, STARTS, today=STARTS + timedelta(days=5))
    assert late.keeps_until("W", "S") == STARTS + timedelta(days=15)


def test_of_two_plans_for_the_same_boxes_one_is_approved(session, case, tmp_path):
    codes = [submitted(session, case, tmp_path) for _ in range(2)]
    approve(session, case.second, codes[0])
    with pytest.raises(StockChanged):
        approve(session, case.second, codes[1])
    assert reserved(session, case) == 300


def test_two_approvals_at_once_promise_the_boxes_once(session, case, tmp_path):
    codes = [submitted(session, case, tmp_path) for _ in range(2)]
    engine, outcomes, ready = session.get_bind(), [], threading.Barrier(2)

    def decide(code):
        with Session(engine) as other:
            ready.wait()
            try:
                approve(other, case.second, code)
                outcomes.append("approved")
            except StockChanged:
                outcomes.append("refused")

    second = case.second.id
    session.rollback()
    case.second = session.get_one(type(case.second), second)
    session.expunge(case.second)
    threads = [threading.Thread(target=decide, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "refused"]
    assert reserved(session, case) == 300
    assert list(faults(session)) == []


def test_a_plan_sent_back_says_why_and_reserves_nothing(session, case, tmp_path):
    code = submitted(session, case, tmp_path)
    command = RejectPlan(command_id=command_id(), code=code, reason="The road is cut")
    ask(session, case.second, command, reject_plan)
    plan = plan_of(session, code)
    assert (plan.state, plan.decision_note) == (PlanState.REJECTED, "The road is cut")
    assert reserved(session, case) == 0


def test_sending_back_without_a_reason_is_refused(session, case, tmp_path):
    code = submitted(session, case, tmp_path)
    with pytest.raises(ReasonMissing):
        ask(
            session,
            case.second,
            RejectPlan(command_id=command_id(), code=code, reason=" "),
            reject_plan,
        )


def test_ending_an_approved_plan_frees_its_stock(session, case, tmp_path):
    code = submitted(session, case, tmp_path)
    approve(session, case.second, code)
    command = CancelPlan(command_id=command_id(), code=code, reason="People moved on")
    assert ask(session, case.second, command, cancel_plan)["released"] == 2
    assert plan_of(session, code).state is PlanState.CANCELLED
    assert reserved(session, case) == 0
    assert list(faults(session)) == []


def test_an_ended_plan_does_not_end_again(session, case, tmp_path):
    code = solved(session, case, tmp_path)
    command = CancelPlan(command_id=command_id(), code=code, reason="Drawn twice")
    ask(session, case.planner, command, cancel_plan)
    with pytest.raises(NotNow):
        ask(
            session,
            case.planner,
            CancelPlan(command_id=command_id(), code=code, reason="Again"),
            cancel_plan,
        )


def test_anothers_plan_is_not_there(session, case, tmp_path):
    code = submitted(session, case, tmp_path)
    with writing(session):
        other = make_organisation(session, code="ZZZ", name="Others")
        stranger = make_person(session, Role.PLANNER, organisation=other)
    with pytest.raises(NotFound):
        approve(session, stranger, code)


def test_who_may_decide_at_one_site_only_does_not_decide_on_two(session, case, tmp_path):
    code = submitted(session, case, tmp_path)
    with writing(session):
        local = make_person(
            session, Role.COORDINATOR, organisation=case.organisation, place=case.sites[0]
        )
    with pytest.raises(NotFound):
        approve(session, local, code)
