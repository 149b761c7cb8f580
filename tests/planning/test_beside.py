"""Assessments and requisitions stand beside the computed need; one of them counts, never two."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from aidlog.core.actor import Permission
from aidlog.core.errors import NotAllowed, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.receipts import Counted
from aidlog.needs.assessments import (
    Found,
    RecordAssessment,
    WithdrawAssessment,
    record_assessment,
    withdraw_assessment,
)
from aidlog.needs.choosing import ChooseNeed, choose_need
from aidlog.needs.models import Confidence, Counts
from aidlog.needs.requisitions import (
    AskedFor,
    AskForGoods,
    DecideRequisition,
    DecidesOwn,
    LineDecision,
    ask_for_goods,
    decide_requisition,
)
from aidlog.planning.board_query import needs_board
from aidlog.planning.board_statement import View
from aidlog.planning.decisions import read_decisions
from aidlog.planning.drafting import draft_plan
from aidlog.planning.models import PlanNeed
from aidlog.planning.overriding import asked_again, question_again
from aidlog.registry.models import Item
from aidlog.registry.roles import Role
from tests.dispatch.chain import count, make_ends, prepare, send
from tests.factories import (
    command_id,
    make_actor,
    make_count,
    make_item,
    make_organisation,
    make_standard,
)
from tests.planning.cases import actor, make_case

TODAY = date.today()  # noqa: DTZ011 - days as the actions count them
END = TODAY + timedelta(days=29)


@pytest.fixture
def trip(session):
    """A warehouse with 400 of an item, and a site whose 500 people are due one each."""
    with writing(session):
        made = make_ends(session)
        make_count(session, made.site, people=500, households=100, counted_on=TODAY)
        make_standard(session, session.get_one(Item, made.lots[0].item_id))
        return made


@pytest.fixture
def planner(session, trip):
    with writing(session):
        return make_actor(session, Role.PLANNER)


def cell(session, actor, trip, **view):
    board = needs_board(session, actor, TODAY, END, view=View(**view), today=TODAY)
    return board.cells[trip.site.id, trip.lots[0].item_id]


def assess(session, planner, trip, quantity, **more):
    values = {
        "command_id": command_id(),
        "place_id": trip.site.id,
        "assessed_on": TODAY - timedelta(days=3),
        "valid_until": None,
        "source": "Shelter team",
        "method": "Every shelter",
        "confidence": Confidence.COUNTED,
        "lines": (Found(item_id=trip.lots[0].item_id, quantity=quantity),),
    }
    command = RecordAssessment(**(values | more))
    return once(session, planner, command, record_assessment)["assessments"][0]


def choose(session, planner, trip, counts, reason="The team saw it"):
    command = ChooseNeed(
        command_id=command_id(),
        place_id=trip.site.id,
        item_ids=(trip.lots[0].item_id,),
        counts=counts,
        reason=reason,
    )
    return once(session, planner, command, choose_need)


def ask_and_approve(session, planner, trip, asked, approved, **more):
    command = AskForGoods(
        command_id=command_id(),
        site_id=trip.site.id,
        lines=(AskedFor(item_id=trip.lots[0].item_id, quantity=asked),),
        reason="Rain",
    )
    number = once(session, trip.lead, command, ask_for_goods)["requisition"]
    line = LineDecision(item_id=trip.lots[0].item_id, approved=approved, reason="Stock is low")
    decision = DecideRequisition(command_id=command_id(), number=number, lines=(line,), **more)
    once(session, planner, decision, decide_requisition)
    return number


def test_what_stands_beside_a_need_changes_it_only_where_a_planner_says_so(session, trip, planner):
    with writing(session):
        assess(session, planner, trip, 620)
        ask_and_approve(session, planner, trip, 80, 60)
        there = cell(session, planner, trip)
        assert (there.need, there.counts) == (500, Counts.COMPUTED)
        beside = there.beside
        assert (beside.assessed, beside.approved, beside.waiting) == (620, 60, None)
        choose(session, planner, trip, Counts.ASSESSED)
        assert cell(session, planner, trip).need == 620
        choose(session, planner, trip, Counts.REQUESTED)
        assert cell(session, planner, trip).need == 60
        assert cell(session, planner, trip, counting=Counts.COMPUTED).need == 500


def test_towards_a_request_counts_only_what_comes_for_it(session, trip, planner):
    with writing(session):
        send(session, prepare(session, trip, 100))  # before anybody asked
        ask_and_approve(session, planner, trip, 60, 60, lets_count=True)
        send(session, prepare(session, trip, 40))
        there = cell(session, planner, trip)
        assert (there.need, there.held, there.gap) == (60, 40, 20)
        computed = cell(session, planner, trip, counting=Counts.COMPUTED)
        assert (computed.need, computed.held) == (500, 140)


def test_an_assessment_that_ended_or_was_withdrawn_leaves_the_need_to_standards(
    session, trip, planner
):
    with writing(session):
        choose(session, planner, trip, Counts.ASSESSED)
        assess(session, planner, trip, 620, valid_until=TODAY - timedelta(days=1))
        assert cell(session, planner, trip).need == 500
        wrong = assess(session, planner, trip, 9_000)
        assert cell(session, planner, trip).need == 9_000
        command = WithdrawAssessment(command_id=command_id(), assessment_id=wrong, why="A slip")
        once(session, planner, command, withdraw_assessment)
        assert cell(session, planner, trip).need == 500


def test_an_item_without_a_standard_stands_on_the_board_once_it_is_asked_for(
    session, trip, planner
):
    with writing(session):
        lamp = make_item(session, name="Lamp")
        command = AskForGoods(
            command_id=command_id(),
            site_id=trip.site.id,
            lines=(AskedFor(item_id=lamp.id, quantity=30),),
            reason="Dark latrines",
        )
        once(session, trip.lead, command, ask_for_goods)
        mirror = make_item(session, name="Mirror")
        assess(session, planner, trip, 5, lines=(Found(item_id=mirror.id, quantity=5),))
        board = needs_board(session, planner, TODAY, END, today=TODAY)
        there = board.cells[trip.site.id, lamp.id]
        assert (there.need, there.beside.waiting) == (0, 30)
        assert mirror.id in {item.id for item in board.items}
        stranger = make_actor(
            session, Role.PLANNER, organisation=make_organisation(session, code="ZZZ", name="Other")
        )
        other = needs_board(session, stranger, TODAY, END, today=TODAY)
        assert not {lamp.id, mirror.id} & {item.id for item in other.items}


def test_a_request_that_was_the_need_until_it_came_does_not_make_the_next_one_the_need(
    session, trip, planner
):
    with writing(session):
        ask_and_approve(session, planner, trip, 60, 60, lets_count=True)
        send(session, prepare(session, trip, 60))
        count(session, trip, Counted(line=1, good=60))
        assert cell(session, planner, trip).need == 500
        ask_and_approve(session, planner, trip, 10, 10)
        assert cell(session, planner, trip).need == 500
        choose(session, planner, trip, Counts.REQUESTED)
        ask_and_approve(session, planner, trip, 5, 5)
        assert cell(session, planner, trip).need == 15


def test_what_came_beyond_one_request_is_not_taken_for_what_another_lacks(session, trip, planner):
    with writing(session):
        lamp = make_item(session, name="Lamp")
        wanted = {trip.lots[0].item_id: 10, lamp.id: 5}
        command = AskForGoods(
            command_id=command_id(),
            site_id=trip.site.id,
            lines=tuple(AskedFor(item_id=item, quantity=of) for item, of in wanted.items()),
            reason="Rain",
        )
        number = once(session, trip.lead, command, ask_for_goods)["requisition"]
        lines = tuple(LineDecision(item_id=item, approved=of) for item, of in wanted.items())
        decision = DecideRequisition(
            command_id=command_id(), number=number, lines=lines, lets_count=True
        )
        once(session, planner, decision, decide_requisition)
        send(session, prepare(session, trip, 30))
        count(session, trip, Counted(line=1, good=30))
        ask_and_approve(session, planner, trip, 10, 10, lets_count=True)
        there = cell(session, planner, trip)
        assert (there.beside.still_open, there.gap) == (10, 10)


def test_nobody_decides_on_what_they_asked_and_a_lesser_figure_wants_its_reason(
    session, trip, planner
):
    with writing(session):
        command = AskForGoods(
            command_id=command_id(),
            site_id=trip.site.id,
            lines=(AskedFor(item_id=trip.lots[0].item_id, quantity=80),),
            reason="Rain",
        )
        number = ask_for_goods(session, planner, command)["requisition"]
        line = LineDecision(item_id=trip.lots[0].item_id, approved=60)
        decision = DecideRequisition(command_id=command_id(), number=number, lines=(line,))
        with pytest.raises(DecidesOwn):
            decide_requisition(session, planner, decision)
        coordinator = make_actor(session, Role.COORDINATOR)
        with pytest.raises(Refusal) as refused:
            decide_requisition(session, coordinator, decision)
        assert refused.value.field == f"why_{trip.lots[0].item_id}"
        with pytest.raises(NotAllowed):
            decide_requisition(session, trip.lead, decision)


def test_a_plan_freezes_which_figure_counted_and_what_stood_beside_it(session):
    with writing(session):
        case = make_case(session)
        planner = actor(session, case.planner)
        site, item = case.sites[0], case.item
        command = RecordAssessment(
            command_id=command_id(),
            place_id=site.id,
            assessed_on=TODAY,
            valid_until=None,
            source="Team",
            method="",
            confidence=Confidence.ESTIMATED,
            lines=(Found(item_id=item.id, quantity=77),),
        )
        once(session, planner, command, record_assessment)
        choice = ChooseNeed(
            command_id=command_id(),
            place_id=site.id,
            item_ids=(item.id,),
            counts=Counts.ASSESSED,
            reason="The team counted",
        )
        once(session, planner, choice, choose_need)
        once(session, planner, case.command(), draft_plan)
        row = session.scalars(
            select(PlanNeed).where(PlanNeed.site_id == site.id, PlanNeed.item_id == item.id)
        ).one()
        assert (row.need, row.counts, row.counts_reason) == (
            77,
            Counts.ASSESSED,
            "The team counted",
        )
        assert row.assessed == 77
        assert row.computed not in {None, 77}

        whole = {"counting": Counts.COMPUTED, "counting_reason": " Donor asks for standards "}
        with pytest.raises(Refusal, match="Write why"):
            draft_plan(session, planner, case.command(counting=Counts.COMPUTED))
        answer = once(session, planner, case.command(**whole), draft_plan)
        plan, problem = question_again(session, planner, answer["plan"], Permission.PLAN_DRAFT)
        frozen = {(need.site, need.item): need.need_units for need in problem.needs}
        assert frozen[site.code, item.code] == row.computed
        [decision] = read_decisions(plan.decisions)
        assert (str(decision.message), decision.reason) == (
            "Only standards count in this plan.",
            "Donor asks for standards",
        )
        again = asked_again(plan, problem, command_id(), ())
        assert (again.counting, again.counting_reason) == (Counts.COMPUTED, decision.reason)
        assert again.sites == case.command(**whole).sites
