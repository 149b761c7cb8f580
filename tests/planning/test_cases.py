"""What-if cases: frozen beside their plan, four at most, and a plan once taken."""

from __future__ import annotations

import json

import pytest

from aidlog.allocation.problem import Rule
from aidlog.core.errors import NotFound
from aidlog.core.text import Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.db.work import Wish
from aidlog.planning.case_outcome import read_column
from aidlog.planning.case_queries import cases_of
from aidlog.planning.case_taking import CannotTake, TakeCase, take_case
from aidlog.planning.case_words import CannotChange, CaseChange, What
from aidlog.planning.cases import (
    EnoughCases,
    MakeCase,
    RemoveCase,
    StillWorking,
    StopCase,
    TryLimit,
    make_case,
    remove_case,
    stop_case,
    try_limit,
)
from aidlog.planning.choices import Certainty, WarehouseChoice
from aidlog.planning.gathering import Expected
from aidlog.planning.models import CaseState, PlanState
from aidlog.planning.queries import plan_head
from aidlog.planning.solving import replay
from aidlog.registry.roles import Role
from tests.factories import command_id, make_organisation, make_person
from tests.planning.cases import actor, plan_of, solved, work
from tests.planning.cases import make_case as make_operation

TRUCKS = 160  # kilograms: 10 bales of 10 blankets of 1.6 kg


@pytest.fixture
def case(session):
    with writing(session):
        return make_operation(session)


@pytest.fixture
def plan(session, case, tmp_path):
    trucks = (WarehouseChoice(code=case.warehouse.code, max_kg=TRUCKS),)
    return solved(session, case, tmp_path, warehouses=trucks)


def trips(case, number=1, kg=160):
    limit = f"trucks of {case.warehouse.code}"
    return CaseChange(what=What.TRUCKS, limit=limit, number=number, kg=kg)


def ask(session, case, plan, *changes, title="", expected=None):
    command = MakeCase(command_id=command_id(), code=plan, title=title, changes=changes)

    def action(session, by, command):
        if expected is None:
            return make_case(session, by, command)
        return make_case(session, by, command, lambda *_: expected)

    with writing(session):
        return once(session, actor(session, case.planner), command, action)


def answered(session, case, plan, tmp_path, *changes, **more):
    """Make a case, have it worked out, and return it as its page reads it."""
    answer = ask(session, case, plan, *changes, **more)
    work(session.get_bind(), answer["job"], tmp_path)
    return row(session, case, plan, answer["case"])


def row(session, case, plan, number):
    session.rollback()
    head = plan_head(session, actor(session, case.planner), plan)
    return next(found for found in cases_of(session, head) if found.number == number)


def sent(found):
    return sum(need.sent for need in read_column(found.outcome).needs.values())


def take(session, case, plan, number, reason="The ferry runs again"):
    command = TakeCase(command_id=command_id(), code=plan, number=number, reason=reason)
    with writing(session):
        return once(session, actor(session, case.planner), command, take_case)


def test_two_trips_more_bring_twenty_bales_more(session, case, plan, tmp_path):
    found = answered(session, case, plan, tmp_path, trips(case, 2))
    assert found.state is CaseState.SOLVED
    assert sent(found) == 300
    assert str(found.changes[0]).startswith("2 trips of 160 kg more within the limit")


def test_a_case_changes_nothing_of_its_plan(session, case, plan, tmp_path):
    before = plan_of(session, plan).problem
    answered(session, case, plan, tmp_path, trips(case))
    after = plan_of(session, plan)
    assert (after.problem, after.state) == (before, PlanState.SOLVED)
    assert replay(after)


def test_a_closed_road_leaves_its_site_with_nothing(session, case, plan, tmp_path):
    closed = CaseChange(
        what=What.CLOSE_ROAD, warehouse=case.warehouse.code, site=case.sites[0].code
    )
    found = read_column(answered(session, case, plan, tmp_path, closed).outcome)
    assert found.needs[case.sites[0].code, case.item.code].sent == 0
    assert found.households_reached == 60
    assert found.out_of_reach == 1
    opened = CaseChange(what=What.OPEN_ROAD, warehouse=closed.warehouse, site=closed.site)
    assert sent(answered(session, case, plan, tmp_path, opened)) == 100


def test_more_people_need_more_and_are_covered_less(session, case, plan, tmp_path):
    found = read_column(
        answered(session, case, plan, tmp_path, CaseChange(what=What.PEOPLE, number=50)).outcome
    )
    assert {count.people for count in found.counts.values()} == {300, 450}
    assert max(found.levels) < 200  # 100 blankets for 750 people


def test_another_rule_shares_the_same_goods(session, case, plan, tmp_path):
    rule = CaseChange(what=What.RULE, rule=Rule.FIRST_COME)
    found = answered(session, case, plan, tmp_path, rule)
    column = read_column(found.outcome)
    assert found.rule == Rule.FIRST_COME
    assert sorted(need.sent for need in column.needs.values()) == [0, 100]


def test_a_pledge_in_time_counts_its_whole_packs(session, case, plan, tmp_path):
    goods = Expected(
        certainty=Certainty.PLEDGED,
        document="PL-1",
        organisation_id=case.organisation.id,
        item_id=case.item.id,
        quantity=207,
        on=None,
        place_id=None,
    )
    change = CaseChange(
        what=What.IN_TIME, document="PL-1", item=case.item.code, warehouse=case.warehouse.code
    )
    found = answered(session, case, plan, tmp_path, change, trips(case, 9), expected=[goods])
    assert sent(found) == 500
    with pytest.raises(NotFound):
        ask(session, case, plan, change, expected=[])
    taken = take(session, case, plan, found.number)
    work(session.get_bind(), taken["job"], tmp_path)
    assert plan_of(session, taken["plan"]).state is PlanState.SOLVED


def test_stock_may_be_more_or_less(session, case, plan, tmp_path):
    more = CaseChange(
        what=What.MORE_STOCK, item=case.item.code, warehouse=case.warehouse.code, number=20
    )
    assert sent(answered(session, case, plan, tmp_path, more, trips(case, 9))) == 500
    less = CaseChange(
        what=What.LESS_STOCK, item=case.item.code, warehouse=case.warehouse.code, number=25
    )
    assert sent(answered(session, case, plan, tmp_path, less)) == 50


@pytest.mark.parametrize(
    "change",
    [
        CaseChange(what=What.PEOPLE, number=0),
        CaseChange(what=What.PEOPLE, number=900),
        CaseChange(what=What.TRUCKS, limit="trucks", number=0, kg=5),
    ],
)
def test_a_change_that_says_nothing_is_refused(session, case, plan, change):
    with pytest.raises(CannotChange):
        ask(session, case, plan, change)
    with pytest.raises(CannotChange):
        ask(session, case, plan)


def test_more_than_is_there_cannot_go_missing(session, case, plan):
    with pytest.raises(CannotChange, match="only 30 packs"):
        ask(
            session,
            case,
            plan,
            CaseChange(
                what=What.LESS_STOCK,
                item=case.item.code,
                warehouse=case.warehouse.code,
                number=31,
            ),
        )


def test_what_is_not_in_the_question_is_not_there(session, case, plan):
    for change in (
        CaseChange(what=What.CLOSE_ROAD, warehouse="X", site="Y"),
        CaseChange(what=What.PEOPLE, number=10, site="X"),
        CaseChange(what=What.TRUCKS, limit="X", number=1, kg=1),
    ):
        with pytest.raises(NotFound):
            ask(session, case, plan, change)


def test_four_cases_stand_beside_a_plan_and_a_removed_one_makes_room(session, case, plan):
    for _ in range(4):
        ask(session, case, plan, trips(case))
    with pytest.raises(EnoughCases):
        ask(session, case, plan, trips(case))
    with pytest.raises(StillWorking):
        remove(session, case, plan, 2)
    stop(session, case, plan, 2, Wish.CANCEL)
    remove(session, case, plan, 2)
    assert ask(session, case, plan, trips(case))["case"] == 2


def remove(session, case, plan, number):
    command = RemoveCase(command_id=command_id(), code=plan, number=number)
    with writing(session):
        once(session, actor(session, case.planner), command, remove_case)


def stop(session, case, plan, number, wish):
    command = StopCase(command_id=command_id(), code=plan, number=number, wish=wish)
    with writing(session):
        once(session, actor(session, case.planner), command, stop_case)


def test_a_case_that_is_stopped_has_no_answer_and_a_late_one_is_dropped(
    session, case, plan, tmp_path
):
    answer = ask(session, case, plan, trips(case))
    stop(session, case, plan, 1, Wish.CANCEL)
    work(session.get_bind(), answer["job"], tmp_path)
    found = row(session, case, plan, 1)
    assert (found.state, found.outcome) == (CaseState.CANCELLED, None)
    with pytest.raises(StillWorking):
        stop(session, case, plan, 1, Wish.CANCEL)


def test_the_advice_on_a_limit_keeps_what_it_promises(session, case, plan, tmp_path):
    limits = json.loads(plan_of(session, plan).summary)["limits"]
    limit = next(n for n, limit in enumerate(limits) if limit["advice"])
    command = TryLimit(command_id=command_id(), code=plan, limit=limit)
    with writing(session):
        answer = once(session, actor(session, case.planner), command, try_limit)
    work(session.get_bind(), answer["job"], tmp_path)
    found = row(session, case, plan, answer["case"])
    now = json.loads(plan_of(session, plan).summary)["measures"]["min_level"]
    then = json.loads(found.summary)["measures"]["min_level"]
    assert then - now == pytest.approx(limits[limit]["in_packs"]["min_level"])
    other = TryLimit(command_id=command_id(), code=plan, limit=99)
    with pytest.raises(NotFound), writing(session):
        once(session, actor(session, case.planner), other, try_limit)


def test_a_case_that_is_taken_is_a_plan_of_its_own_with_its_decision(session, case, plan, tmp_path):
    found = answered(session, case, plan, tmp_path, trips(case, 2))
    taken = take(session, case, plan, found.number)
    work(session.get_bind(), taken["job"], tmp_path)
    new = plan_of(session, taken["plan"])
    assert new.state is PlanState.SOLVED
    assert replay(new)
    (decision,) = json.loads(new.decisions)
    assert decision["reason"] == "The ferry runs again"
    assert str(Message.from_data(decision["message"])) == str(found.changes[0])
    measured = json.loads(new.summary)["measures"]
    assert measured == json.loads(found.summary)["measures"]


def test_a_case_with_goods_that_nobody_has_is_not_taken(session, case, plan, tmp_path):
    more = CaseChange(
        what=What.MORE_STOCK, item=case.item.code, warehouse=case.warehouse.code, number=5
    )
    found = answered(session, case, plan, tmp_path, more)
    with pytest.raises(CannotTake, match="nobody has"):
        take(session, case, plan, found.number)


def test_a_case_is_taken_with_a_reason_and_an_answer_only(session, case, plan, tmp_path):
    found = answered(session, case, plan, tmp_path, trips(case))
    with pytest.raises(CannotTake):
        take(session, case, plan, found.number, reason=" ")
    waiting = ask(session, case, plan, trips(case))
    with pytest.raises(CannotTake):
        take(session, case, plan, waiting["case"])


def test_anothers_plan_has_no_cases_to_make_or_take(session, case, plan):
    ask(session, case, plan, trips(case))
    with writing(session):
        other = make_organisation(session, code="ZZZ", name="Others")
        case.planner = make_person(session, Role.PLANNER, organisation=other)
    for attempt in (
        lambda: ask(session, case, plan, trips(case)),
        lambda: take(session, case, plan, 1),
        lambda: remove(session, case, plan, 1),
        lambda: stop(session, case, plan, 1, Wish.CANCEL),
    ):
        with pytest.raises(NotFound):
            attempt()
