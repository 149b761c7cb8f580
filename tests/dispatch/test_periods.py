"""A plan of several periods leaves period by period. Both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.preparing import (
    CancelWaybill,
    ChangeWaybill,
    HeldBack,
    cancel_waybill,
    change_waybill,
)
from aidlog.dispatch.promising import LessLeftInPlan, LoadLine
from aidlog.dispatch.truckloads import proposals
from aidlog.planning.leaving import Leaving, spans
from aidlog.registry.roles import Role
from tests.dispatch.chain import make_approved_plan, make_ends, number_of, prepare
from tests.factories import command_id, make_actor

TODAY = datetime.now(UTC).date()
#: Of 400 of one lot 100 leave at once and 200 in the second fifteen days, of 60 of another all.
PARTS = ((100, 200), (60, 0))


@pytest.fixture
def trip(session):
    with writing(session):
        return make_ends(session, (400, 60))


def plan_of(session, trip, *, begun=TODAY):
    with writing(session):
        made = make_approved_plan(session, trip, 300, 60, by_period=PARTS, starts_on=begun)
        return number_of(session, made)


def proposed(session, plan):
    """Return (period, held back, base units by lot) of each proposal, in order."""
    session.rollback()
    planner = make_actor(session, Role.PLANNER)
    return [
        (
            one.period.number,
            one.later,
            {line.lot_id: line.quantity for line in one.lines.values()},
        )
        for one in proposals(session, planner, plan)
    ]


def test_each_period_has_its_own_loads_the_first_first_and_nothing_that_is_to_come(session, trip):
    plan = plan_of(session, trip)
    blankets, mats = (lot.id for lot in trip.lots)
    assert proposed(session, plan) == [
        (1, False, {blankets: 100, mats: 60}),
        (2, True, {blankets: 200}),
    ]


def test_a_later_period_is_proposed_from_its_first_day_on(session, trip):
    plan = plan_of(session, trip, begun=TODAY - timedelta(days=15))
    assert [later for _number, later, _lots in proposed(session, plan)] == [False, False]
    with writing(session):
        prepare(session, trip, 300, plan=plan)


def test_what_is_held_back_is_refused_unless_somebody_wants_it_ahead(session, trip):
    plan = plan_of(session, trip)
    with pytest.raises(HeldBack, match="later period"), writing(session):
        prepare(session, trip, 101, plan=plan)
    with writing(session):
        prepare(session, trip, 300, plan=plan, ahead=True)
    assert [number for number, _later, _lots in proposed(session, plan)] == [1]


def test_the_same_page_sent_again_takes_nothing_of_the_next_period(session, trip):
    plan = plan_of(session, trip)
    with writing(session):
        prepare(session, trip, 100, 60, plan=plan)
    with pytest.raises(HeldBack), writing(session):
        prepare(session, trip, 100, plan=plan)
    with pytest.raises(LessLeftInPlan), writing(session):
        prepare(session, trip, 0, 60, plan=plan)
    assert proposed(session, plan) == [(2, True, {trip.lots[0].id: 200})]


def change(session, trip, *quantities):
    lines = tuple(
        LoadLine(lot_id=lot.id, quantity=quantity)
        for lot, quantity in zip(trip.lots, quantities, strict=False)
        if quantity
    )
    with writing(session):
        asked = ChangeWaybill(command_id=command_id(), waybill=trip.number, lines=lines)
        once(session, trip.clerk, asked, change_waybill)


def test_a_prepared_waybill_takes_no_more_of_a_later_period(session, trip):
    plan = plan_of(session, trip)
    with writing(session):
        prepare(session, trip, 40, 60, plan=plan)
    change(session, trip, 100, 60)
    with pytest.raises(HeldBack):
        change(session, trip, 101, 60)
    session.rollback()
    change(session, trip, 90, 60)


def test_what_was_loaded_ahead_on_purpose_may_be_changed(session, trip):
    plan = plan_of(session, trip)
    with writing(session):
        prepare(session, trip, 250, 60, plan=plan, ahead=True)
    change(session, trip, 240, 60)
    with pytest.raises(HeldBack):
        change(session, trip, 300, 60)


def test_a_cancelled_waybill_gives_its_goods_back_to_the_period_they_were_of(session, trip):
    plan = plan_of(session, trip)
    before = proposed(session, plan)
    with writing(session):
        prepare(session, trip, 40, 60, plan=plan)
    with writing(session):
        cancelled = CancelWaybill(command_id=command_id(), waybill=trip.number)
        once(session, trip.clerk, cancelled, cancel_waybill)
    assert proposed(session, plan) == before


def test_what_has_left_counts_for_the_earliest_periods():
    days = spans(TODAY, TODAY + timedelta(days=30), {"periods": 3, "period_days": 10})
    when = Leaving(days, {(1, 2, 3): (10, 0, 30)})
    left = [[(span.number, part) for span, part in when.left((1, 2, 3), n)] for n in (40, 35, 30)]
    assert left == [[(1, 10), (3, 30)], [(1, 5), (3, 30)], [(3, 30)]]
    assert when.left((9, 9, 9), 7) == [(days[0], 7)]
    assert days[-1].ends_on == TODAY + timedelta(days=30)
    assert not replace(days[0], starts_on=TODAY + timedelta(days=9)).later(TODAY)
