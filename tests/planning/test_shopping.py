"""Asking what to buy beside a plan: on its frozen question, kept, sent once. Both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.appealing import (
    AddToAppeal,
    OpenAppeal,
    Wanted,
    add_to_appeal,
    gaps,
    open_appeal,
)
from aidlog.jobs.shopping_list import seconds_for_one
from aidlog.planning.models import CaseState, ShoppingList
from aidlog.planning.queries import plan_head
from aidlog.planning.shopping import (
    AskWhatToBuy,
    NoteSent,
    Price,
    StopList,
    ask_what_to_buy,
    note_sent,
    stop_list,
)
from aidlog.planning.shopping_queries import list_story
from aidlog.registry.roles import Role
from tests.factories import command_id, make_lot, make_organisation, make_person
from tests.planning.cases import STARTS, actor, make_case, solved, work


@pytest.fixture
def case(session):
    with writing(session):
        return make_case(session)


def asking(case, plan, **more):
    values = {
        "command_id": command_id(),
        "plan": plan,
        "warehouse": case.warehouse.code,
        "deliver_on": STARTS,
        "items": (Price(item=case.item.code, price=2_000),),
        "currency": "USD",
        "budget": 20_000,
        "step": 4_000,
    }
    return AskWhatToBuy(**(values | more))


def ask(session, case, tmp_path, plan, **more):
    """Ask and have it worked out; return the story of the list."""
    with writing(session):
        who = actor(session, case.planner)
        answer = once(session, who, asking(case, plan, **more), ask_what_to_buy)
    work(session.get_bind(), answer["job"], tmp_path)
    session.rollback()
    head = plan_head(session, actor(session, case.planner), plan)
    return list_story(session, head, answer["number"])


def test_a_budget_becomes_a_list_that_says_whom_it_lifts(session, case, tmp_path):
    plan = solved(session, case, tmp_path)
    story = ask(session, case, tmp_path, plan)
    (line,) = story.answer.lines
    # 300 of 500 are there: each of ten bales of ten lifts both sites towards 400 of 500
    assert (line.packs, line.cost, story.answer.spent) == (10, 20_000, 20_000)
    assert story.lifted(line).households == 100
    assert (story.answer.before.coverage, story.answer.after.coverage) == (600, 800)
    assert story.answer.proven


def test_donors_are_asked_for_as_much_as_reaches_the_target(session, case, tmp_path):
    plan = solved(session, case, tmp_path)
    unpriced = (Price(item=case.item.code),)
    story = ask(session, case, tmp_path, plan, budget=None, items=unpriced, target=900)
    assert [(line.packs, line.cost) for line in story.answer.lines] == [(15, None)]
    assert story.answer.after.coverage >= 900


def test_the_list_answers_the_frozen_question_whatever_came_since(session, case, tmp_path):
    plan = solved(session, case, tmp_path)
    with writing(session):
        make_lot(session, warehouse=case.warehouse, item=case.item, quantity=1_000)
    assert ask(session, case, tmp_path, plan).answer.before.coverage == 600


def test_an_unknown_price_is_asked_for_and_never_nothing(session, case, tmp_path):
    plan = solved(session, case, tmp_path)
    for price in (None, 0):
        with pytest.raises(Refusal, match="what a pack costs"), writing(session):
            ask_what_to_buy(
                session,
                actor(session, case.planner),
                asking(case, plan, items=(Price(item=case.item.code, price=price),)),
            )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"budget": 0}, "Write the budget"),
        ({"currency": "dollars"}, "three capital letters"),
        ({"items": ()}, "at least one item"),
        ({"deliver_on": STARTS + timedelta(days=60)}, "too late"),
        ({"budget": None, "target": 0}, "from 1 to 100"),
    ],
)
def test_what_cannot_be_asked_is_said(session, case, tmp_path, change, sentence):
    plan = solved(session, case, tmp_path)
    with pytest.raises(Refusal, match=sentence), writing(session):
        ask_what_to_buy(session, actor(session, case.planner), asking(case, plan, **change))
    assert session.scalars(select(ShoppingList)).all() == []


def test_another_organisations_plan_is_not_there(session, case, tmp_path):
    plan = solved(session, case, tmp_path)
    with writing(session):
        others = make_organisation(session, code="ZZZ", name="Others")
        stranger = make_person(session, Role.PLANNER, organisation=others)
    with pytest.raises(NotFound), writing(session):
        ask_what_to_buy(session, actor(session, stranger), asking(case, plan))


def test_a_list_is_asked_for_once_however_often_it_is_sent(session, case, tmp_path):
    command = asking(case, solved(session, case, tmp_path))
    for _ in range(2):
        with writing(session):
            once(session, actor(session, case.planner), command, ask_what_to_buy)
    assert [one.number for one in session.scalars(select(ShoppingList))] == [1]


def test_a_list_that_somebody_ended_takes_no_answer(session, case, tmp_path):
    plan = solved(session, case, tmp_path)
    with writing(session):
        command = asking(case, plan)
        answer = once(session, actor(session, case.planner), command, ask_what_to_buy)
        session.scalars(select(ShoppingList)).one().state = CaseState.CANCELLED
    work(session.get_bind(), answer["job"], tmp_path)
    session.rollback()
    assert session.scalars(select(ShoppingList.answer)).one() is None


def test_a_list_is_stopped_by_hand_and_takes_no_answer_any_more(session, case, tmp_path):
    plan = solved(session, case, tmp_path)
    with writing(session):
        answer = once(session, actor(session, case.planner), asking(case, plan), ask_what_to_buy)
    stop = StopList(command_id=command_id(), plan=plan, number=1)
    with pytest.raises(NotFound), writing(session):
        stop_list(session, actor(session, case.planner), replace(stop, number=2))
    with writing(session):
        once(session, actor(session, case.planner), stop, stop_list)
    work(session.get_bind(), answer["job"], tmp_path)
    session.rollback()
    found = session.scalars(select(ShoppingList)).one()
    assert (found.state, found.answer) == (CaseState.CANCELLED, None)
    again = replace(stop, command_id=command_id())
    with pytest.raises(Refusal, match="has ended"), writing(session):
        stop_list(session, actor(session, case.planner), again)


def test_the_solves_of_a_list_share_its_time_and_each_gets_some():
    seconds = [seconds_for_one(passed, 60) for passed in (0, 150, 200, 230, 500)]
    assert seconds == [15, 15, 10, 2.5, 1]


def test_lines_are_noted_as_sent_once(session, case, tmp_path):
    plan = solved(session, case, tmp_path)
    ask(session, case, tmp_path, plan)
    command = NoteSent(command_id=command_id(), plan=plan, number=1, title="Warm nights")
    with writing(session):
        note_sent(session, actor(session, case.planner), command)
    with pytest.raises(Refusal, match="Warm nights"), writing(session):
        note_sent(session, actor(session, case.planner), replace(command, title="Again"))


def test_more_in_an_open_appeal_adds_to_what_it_asks_for(session, case):
    def wanted(quantity):
        return (Wanted(item_id=case.item.id, quantity=quantity),)

    with writing(session):
        who = actor(session, case.planner)
        opened = OpenAppeal(
            command_id=command_id(),
            organisation_id=case.organisation.id,
            title="Warm nights",
            wanted=wanted(100),
            opens_on=STARTS,
            text="Blankets.",
        )
        appeal = once(session, who, opened, open_appeal)["appeal_id"]
    command = AddToAppeal(
        command_id=command_id(), appeal_id=appeal, wanted=wanted(40), text="Forty more."
    )
    for _ in range(2):
        with writing(session):
            once(session, actor(session, case.planner), command, add_to_appeal)
    (gap,) = gaps(session, [appeal])
    assert gap.wanted == 140
    session.rollback()
    with writing(session):
        stranger = make_person(
            session,
            Role.PLANNER,
            organisation=make_organisation(session, code="ZZZ", name="Others"),
        )
    with pytest.raises(NotFound), writing(session):
        add_to_appeal(session, actor(session, stranger), replace(command, command_id=command_id()))


def test_what_was_asked_is_kept_in_whole_numbers(session, case, tmp_path):
    plan = solved(session, case, tmp_path)
    ask(session, case, tmp_path, plan)
    asked = json.loads(session.scalars(select(ShoppingList.asked)).one())
    assert asked["items"] == [{"item": case.item.code, "price": 2_000}]
