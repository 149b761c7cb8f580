"""What a site asked for is served by many trucks; what has not come stays open."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.preparing import (
    CancelWaybill,
    ChangeWaybill,
    SplitWaybill,
    cancel_waybill,
    change_waybill,
    split_waybill,
)
from aidlog.dispatch.promising import LoadLine
from aidlog.dispatch.receipts import Counted
from aidlog.dispatch.serving import CiteRequisition, cite_requisition, unfollowed
from aidlog.dispatch.undoing import reverse_loading, reverse_receipt
from aidlog.needs.models import RequisitionLine, RequisitionState, RequisitionStep
from aidlog.needs.requisitions import (
    AskedFor,
    AskForGoods,
    ChangeRequisition,
    DecideRequisition,
    LineDecision,
    ask_for_goods,
    close_requisition,
    decide_requisition,
    reopen_requisition,
    requisition_of,
    undo_decision,
)
from aidlog.registry.roles import Role
from aidlog.stock.reversing import ReverseDocument
from tests.dispatch.chain import count, make_ends, prepare, send
from tests.factories import command_id, make_actor, make_organisation


@pytest.fixture
def trip(session):
    with writing(session):
        return make_ends(session)


@pytest.fixture
def planner(session, trip):
    with writing(session):
        return make_actor(session, Role.PLANNER)


def ask(session, trip, quantity, **more):
    command = AskForGoods(
        command_id=command_id(),
        site_id=trip.site.id,
        lines=(AskedFor(item_id=trip.lots[0].item_id, quantity=quantity),),
        reason="Rain came through the roofs.",
        **more,
    )
    return once(session, trip.lead, command, ask_for_goods)["requisition"]


def approve(session, trip, planner, number, quantity, reason="As far as the stock goes"):
    decision = LineDecision(item_id=trip.lots[0].item_id, approved=quantity, reason=reason)
    command = DecideRequisition(command_id=command_id(), number=number, lines=(decision,))
    return once(session, planner, command, decide_requisition)


def asked_and_approved(session, trip, planner, quantity=100, **more):
    number = ask(session, trip, quantity, **more)
    approve(session, trip, planner, number, quantity)
    return number


def figures(session, trip, number):
    requisition, _ = requisition_of(session, trip.lead, number, Permission.REQUISITION_MAKE)
    (line,) = session.scalars(
        select(RequisitionLine).where(RequisitionLine.requisition_id == requisition.id)
    )
    assert unfollowed(session) == []
    return requisition.state, (line.prepared, line.on_road, line.received)


def change(number, note="No longer needed"):
    return ChangeRequisition(command_id=command_id(), number=number, note=note)


def test_several_trucks_serve_one_request_and_the_last_one_ends_it(session, trip, planner):
    with writing(session):
        number = asked_and_approved(session, trip, planner)
        prepare(session, trip, 60)
        assert figures(session, trip, number) == (RequisitionState.APPROVED, (60, 0, 0))
        send(session, trip)
        assert figures(session, trip, number) == (RequisitionState.APPROVED, (0, 60, 0))
        count(session, trip, Counted(line=1, good=60))
        assert figures(session, trip, number) == (RequisitionState.APPROVED, (0, 0, 60))
        send(session, prepare(session, trip, 40))
        count(session, trip, Counted(line=1, good=40))
        assert figures(session, trip, number) == (RequisitionState.FULFILLED, (0, 0, 100))


def test_what_went_missing_on_the_road_is_still_to_be_sent(session, trip, planner):
    with writing(session):
        number = asked_and_approved(session, trip, planner)
        send(session, prepare(session, trip, 100))
        answer = count(session, trip, Counted(line=1, good=70, damaged=10, missing=20))
        assert figures(session, trip, number) == (RequisitionState.APPROVED, (0, 20, 70))
        once(
            session,
            trip.lead,
            ReverseDocument(command_id=command_id(), code=answer["receipt"], why="Miscounted"),
            reverse_receipt,
        )
        assert figures(session, trip, number) == (RequisitionState.APPROVED, (0, 100, 0))
        count(session, trip, Counted(line=1, good=100))
        assert figures(session, trip, number)[0] is RequisitionState.FULFILLED


def test_a_receipt_that_is_undone_opens_the_request_again(session, trip, planner):
    with writing(session):
        number = asked_and_approved(session, trip, planner, 60)
        send(session, prepare(session, trip, 60))
        receipt = count(session, trip, Counted(line=1, good=60))["receipt"]
        assert figures(session, trip, number)[0] is RequisitionState.FULFILLED
        once(
            session,
            trip.lead,
            ReverseDocument(command_id=command_id(), code=receipt, why="Another truck"),
            reverse_receipt,
        )
        assert figures(session, trip, number) == (RequisitionState.APPROVED, (0, 60, 0))
        once(
            session,
            trip.clerk,
            ReverseDocument(command_id=command_id(), code=trip.number, why="Never left"),
            reverse_loading,
        )
        assert figures(session, trip, number) == (RequisitionState.APPROVED, (0, 0, 0))
        kinds = session.scalars(select(RequisitionStep.kind).order_by(RequisitionStep.id)).all()
        assert kinds == ["asked", "decided", "fulfilled", "short"]


def test_a_waybill_that_is_changed_split_or_cancelled_counts_what_is_on_it(session, trip, planner):
    with writing(session):
        number = asked_and_approved(session, trip, planner)
        prepare(session, trip, 90)
        lot = trip.lots[0].id
        once(
            session,
            trip.clerk,
            ChangeWaybill(
                command_id=command_id(),
                waybill=trip.number,
                lines=(LoadLine(lot_id=lot, quantity=80),),
            ),
            change_waybill,
        )
        assert figures(session, trip, number)[1] == (80, 0, 0)
        answer = once(
            session,
            trip.clerk,
            SplitWaybill(
                command_id=command_id(),
                waybill=trip.number,
                lines=(LoadLine(lot_id=lot, quantity=30),),
            ),
            split_waybill,
        )
        assert figures(session, trip, number)[1] == (80, 0, 0)
        once(
            session,
            trip.clerk,
            CancelWaybill(command_id=command_id(), waybill=answer["waybill"]),
            cancel_waybill,
        )
        assert figures(session, trip, number)[1] == (50, 0, 0)


def test_the_oldest_request_is_cited_and_a_person_may_cite_another_or_none(session, trip, planner):
    with writing(session):
        first = asked_and_approved(session, trip, planner, 50)
        second = asked_and_approved(session, trip, planner, 50)
        prepare(session, trip, 40)
        assert figures(session, trip, first)[1] == (40, 0, 0)
        for cited, other in ((second, first), ("", second)):
            command = CiteRequisition(command_id=command_id(), waybill=trip.number, number=cited)
            once(session, trip.clerk, command, cite_requisition)
            assert figures(session, trip, other)[1] == (0, 0, 0)
        assert figures(session, trip, second)[1] == (0, 0, 0)


def test_what_was_not_approved_for_this_site_is_not_cited(session, trip, planner):
    with writing(session):
        waiting = ask(session, trip, 50)
        prepare(session, trip, 40)
        assert figures(session, trip, waiting)[1] == (0, 0, 0)
        command = CiteRequisition(command_id=command_id(), waybill=trip.number, number=waiting)
        with pytest.raises(Refusal):
            cite_requisition(session, trip.clerk, command)
        approve(session, trip, planner, waiting, 50)
        other = make_ends(session)
        prepare(session, other, 40)
        with pytest.raises(NotFound):
            cite_requisition(session, other.clerk, replace(command, waybill=other.number))


def test_a_decision_stands_once_goods_are_on_a_waybill_and_closing_ends_it(session, trip, planner):
    with writing(session):
        number = asked_and_approved(session, trip, planner)
        prepare(session, trip, 40)
        with pytest.raises(Refusal, match=number):
            undo_decision(session, planner, change(number))
        close_requisition(session, planner, change(number))
        send(session, trip)
        assert figures(session, trip, number) == (RequisitionState.CLOSED, (0, 40, 0))
        reopen_requisition(session, planner, change(number))
        assert figures(session, trip, number)[0] is RequisitionState.APPROVED


def test_another_organisation_sees_no_request(session, trip):
    with writing(session):
        number = ask(session, trip, 10)
        stranger = make_actor(
            session, Role.PLANNER, organisation=make_organisation(session, code="ZZZ", name="Other")
        )
        with pytest.raises(NotFound):
            close_requisition(session, stranger, change(number))
