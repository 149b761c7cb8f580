"""The work on a plan: published whole, cancelled, given up, replayed."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from aidlog.allocation.result_json import result_from_json
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.errors import NotFound
from aidlog.core.text import Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.db.work import Job, JobState, Wish
from aidlog.planning.choices import LockChoice, WarehouseChoice
from aidlog.planning.models import PlanLine, PlanNeed, PlanState
from aidlog.planning.overriding import LockCell, LockWithoutReason, lock_cell
from aidlog.planning.solving import AskSolver, NothingRuns, ask_solver, publish, replay
from aidlog.registry.roles import Role
from tests.factories import command_id, make_organisation, make_person
from tests.planning.cases import actor, draft, make_case, plan_of, solved, work


@pytest.fixture
def case(session):
    with writing(session):
        return make_case(session)


def wish(session, person, code, what):
    with writing(session):
        command = AskSolver(command_id=command_id(), code=code, wish=what)
        return once(session, actor(session, person), command, ask_solver)


def lines_of(session, plan):
    return session.scalar(select(func.count(PlanLine.id)).where(PlanLine.plan_id == plan.id))


def test_the_same_question_gives_the_same_answer_again(session, case, tmp_path):
    assert replay(plan_of(session, solved(session, case, tmp_path)))


def test_an_answer_that_was_touched_does_not_come_out_again(session, case, tmp_path):
    code = solved(session, case, tmp_path)
    with writing(session):
        plan = plan_of(session, code)
        plan.result = (plan.result or "").replace('"packs": 12', '"packs": 13')
    assert not replay(plan_of(session, code))


def test_a_stored_answer_is_read_back_whole(session, case, tmp_path):
    plan = plan_of(session, solved(session, case, tmp_path))
    result = result_from_json(json.loads(plan.result))
    assert result.problem_sha256 == plan.problem_sha256
    assert sum(shipment.units for shipment in result.shipments) == 300


def test_a_job_run_twice_publishes_once(session, case, tmp_path):
    answer = draft(session, case)
    for _ in range(2):
        work(session.get_bind(), answer["job"], tmp_path)
    assert lines_of(session, plan_of(session, answer["plan"])) == 2


def test_an_answer_that_comes_late_is_dropped(session, case, tmp_path):
    code = solved(session, case, tmp_path)
    plan = plan_of(session, code)
    result = result_from_json(json.loads(plan.result))
    with writing(session):
        assert not publish(session, plan.id, plan.job_id, result)
    assert lines_of(session, plan_of(session, code)) == 2


def test_a_plan_cancelled_before_the_worker_comes_has_no_lines(session, case, tmp_path):
    answer = draft(session, case)
    wish(session, case.planner, answer["plan"], Wish.CANCEL)
    work(session.get_bind(), answer["job"], tmp_path)
    plan = plan_of(session, answer["plan"])
    assert plan.state is PlanState.CANCELLED
    assert str(Message.from_data(json.loads(plan.note))).startswith("Stopped")
    assert lines_of(session, plan) == 0
    assert session.get_one(Job, answer["job"]).state is JobState.CANCELLED


def test_the_best_so_far_is_a_plan(session, case, tmp_path):
    answer = draft(session, case)
    wish(session, case.planner, answer["plan"], Wish.USE_BEST)
    work(session.get_bind(), answer["job"], tmp_path)
    plan = plan_of(session, answer["plan"])
    assert plan.state is PlanState.SOLVED


def test_work_that_has_ended_is_not_stopped(session, case, tmp_path):
    code = solved(session, case, tmp_path)
    with pytest.raises(NothingRuns):
        wish(session, case.planner, code, Wish.CANCEL)


def test_anothers_work_is_not_there(session, case):
    answer = draft(session, case)
    with writing(session):
        other = make_organisation(session, code="ZZZ", name="Others")
        stranger = make_person(session, Role.PLANNER, organisation=other)
    with pytest.raises(NotFound):
        wish(session, stranger, answer["plan"], Wish.CANCEL)


def test_trucks_limit_what_is_sent(session, case, tmp_path):
    trucks = (WarehouseChoice(code=case.warehouse.code, max_kg=160),)
    plan = plan_of(session, solved(session, case, tmp_path, warehouses=trucks))
    sent = session.scalar(select(func.sum(PlanNeed.sent)).where(PlanNeed.plan_id == plan.id))
    assert sent == 100


def lock(case, **more):
    values = {"site": case.sites[0].code, "item": case.item.code, "packs": 5, "reason": "Roads"}
    return LockChoice(**(values | more))


def test_a_fixed_number_is_kept_and_the_rest_goes_round_it(session, case, tmp_path):
    plan = plan_of(session, solved(session, case, tmp_path, locks=(lock(case),)))
    sent = {
        need.site_id: need.sent
        for need in session.scalars(select(PlanNeed).where(PlanNeed.plan_id == plan.id))
    }
    assert sent == {case.sites[0].id: 50, case.sites[1].id: 250}


def test_numbers_that_cannot_all_be_kept_are_named(session, case, tmp_path):
    locks = (lock(case, packs=20), lock(case, site=case.sites[1].code, packs=20))
    plan = plan_of(session, solved(session, case, tmp_path, locks=locks))
    assert plan.state is PlanState.FAILED
    assert str(Message.from_data(json.loads(plan.note))).startswith("These numbers cannot")
    assert lines_of(session, plan) == 0


def fix(session, case, code, **more):
    values = {"site": case.sites[0].code, "item": case.item.code, "packs": 5, "reason": "Roads"}
    with writing(session):
        command = LockCell(command_id=command_id(), code=code, **(values | more))
        return once(session, actor(session, case.planner), command, lock_cell)


def test_fixing_a_number_asks_for_a_new_plan_and_keeps_the_old_one(session, case, tmp_path):
    old = solved(session, case, tmp_path)
    answer = fix(session, case, old)
    work(session.get_bind(), answer["job"], tmp_path)
    new = plan_of(session, answer["plan"])
    locks = problem_from_json(json.loads(new.problem)).locks
    assert [(one.packs, one.reason) for one in locks] == [(5, "Roads")]
    assert new.state is PlanState.SOLVED
    assert plan_of(session, old).state is PlanState.SOLVED


def test_fixing_it_again_replaces_the_earlier_number(session, case, tmp_path):
    old = solved(session, case, tmp_path, locks=(lock(case),))
    answer = fix(session, case, old, packs=7)
    locks = problem_from_json(json.loads(plan_of(session, answer["plan"]).problem)).locks
    assert [one.packs for one in locks] == [7]


def test_a_fixed_number_says_why(session, case, tmp_path):
    old = solved(session, case, tmp_path)
    with pytest.raises(LockWithoutReason):
        fix(session, case, old, reason=" ")


def test_a_number_outside_the_plan_cannot_be_fixed(session, case, tmp_path):
    old = solved(session, case, tmp_path)
    with pytest.raises(NotFound):
        fix(session, case, old, site="S-none")
