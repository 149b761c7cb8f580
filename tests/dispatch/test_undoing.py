"""Loadings, receipts and loss reports are reversed, once, the last one first."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.dispatch.handing_out import HandedOut, RecordHandOut, record_handout
from aidlog.dispatch.losses import (
    BookLoss,
    FoundLine,
    RecordLateArrival,
    book_loss,
    record_late_arrival,
)
from aidlog.dispatch.models import LossReport, LossState, Receipt, Waybill, WaybillState
from aidlog.dispatch.receipts import Counted
from aidlog.dispatch.returning import CameBack, ReturnToSender, return_to_sender
from aidlog.dispatch.undoing import (
    SomethingFollowed,
    reverse_loading,
    reverse_loss,
    reverse_receipt,
)
from aidlog.dispatch.undoing_any import reverse_any
from aidlog.ledger.movement import AccountKind
from aidlog.registry.roles import Role
from aidlog.stock.journal import Reservation, ReservationState, StockBalance
from aidlog.stock.models import Transit
from aidlog.stock.posting import AlreadyReversed
from aidlog.stock.reversing import CannotReverse, ReverseDocument
from aidlog.stock.soundness import faults
from aidlog.stock.whereabouts import MovedOn
from tests.dispatch.chain import (
    ARRIVED,
    LEFT,
    count,
    make_approved_plan,
    make_ends,
    number_of,
    prepare,
    send,
)
from tests.factories import command_id, make_actor, make_organisation, make_warehouse


@pytest.fixture
def trip(session):
    """A truck with 100 of a lot of 400 is on the road to a site."""
    with writing(session):
        return send(session, prepare(session, make_ends(session), 100))


@pytest.fixture
def planner(session):
    with writing(session):
        return make_actor(session, Role.PLANNER)


def undo(session, actor, act, code, why="Another truck"):
    command = ReverseDocument(command_id=command_id(), code=code, why=why)
    with writing(session):
        return dict(once(session, actor, command, act))


def waybill_of(session, trip):
    session.expire_all()
    return session.scalars(
        select(Waybill)
        .join(Document, Document.id == Waybill.document_id)
        .where(Document.code == trip.number)
    ).one()


def holds(session, trip, kind, key=None):
    session.rollback()
    keys = {
        AccountKind.WAREHOUSE: trip.origin.id,
        AccountKind.SITE: trip.site.id,
        AccountKind.TRANSIT: waybill_of(session, trip).transit_id,
    }
    return (
        session.scalar(
            select(StockBalance.on_hand).where(
                StockBalance.lot_id == trip.lots[0].id,
                StockBalance.kind == kind,
                StockBalance.key == (key if key is not None else keys.get(kind, 0)),
            )
        )
        or 0
    )


def arrives(session, trip, **counted):
    with writing(session):
        return count(session, trip, Counted(line=1, **counted))


def sound(session):
    session.rollback()
    return list(faults(session)) == []


def test_a_loading_is_undone_and_the_truck_never_left(session, trip):
    answer = undo(session, trip.clerk, reverse_loading, trip.number)
    assert answer["document"].startswith("RV-KRB-")
    waybill = waybill_of(session, trip)
    assert waybill.state is WaybillState.CANCELLED
    assert session.get_one(Transit, waybill.transit_id).closed_at is not None
    assert holds(session, trip, AccountKind.WAREHOUSE) == 400
    with pytest.raises(AlreadyReversed):
        undo(session, trip.clerk, reverse_loading, trip.number)
    assert sound(session)


def test_a_loading_of_a_plan_is_promised_to_the_plan_again(session):
    with writing(session):
        trip = make_ends(session)
        plan = make_approved_plan(session, trip, 300)
        send(session, prepare(session, trip, 100, plan=number_of(session, plan)))
    undo(session, trip.clerk, reverse_loading, trip.number)
    held = session.scalars(
        select(Reservation.quantity).where(
            Reservation.document_id == plan.document_id,
            Reservation.state == ReservationState.HELD,
        )
    ).all()
    assert held == [300]
    assert sound(session)


def test_a_truck_that_came_back_is_undone_after_its_return(session, trip):
    with writing(session):
        command = ReturnToSender(
            command_id=command_id(),
            waybill=trip.number,
            lines=(CameBack(line=1, quantity=100),),
            returned_at=ARRIVED,
        )
        note = once(session, trip.clerk, command, return_to_sender)["grn"]
    assert waybill_of(session, trip).state is WaybillState.RETURNED
    with pytest.raises(SomethingFollowed) as refused:
        undo(session, trip.clerk, reverse_loading, trip.number)
    assert f"Reverse {note} first" in str(refused.value)
    undo(session, trip.clerk, reverse_any, note)
    assert waybill_of(session, trip).state is WaybillState.ON_THE_ROAD
    assert holds(session, trip, AccountKind.TRANSIT) == 100
    undo(session, trip.clerk, reverse_any, trip.number)
    assert waybill_of(session, trip).state is WaybillState.CANCELLED
    assert holds(session, trip, AccountKind.WAREHOUSE) == 400
    assert sound(session)


def test_a_loading_is_not_undone_under_a_receipt(session, trip):
    receipt = arrives(session, trip, good=100)["receipt"]
    with pytest.raises(SomethingFollowed) as refused:
        undo(session, trip.clerk, reverse_loading, trip.number)
    assert f"Reverse {receipt} first" in str(refused.value)


def test_a_waybill_that_has_not_left_is_cancelled_and_not_reversed(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 100)
    with pytest.raises(SomethingFollowed):
        undo(session, trip.clerk, reverse_loading, trip.number)


def test_a_receipt_is_undone_and_the_waybill_is_open_to_be_counted(session, trip, planner):
    first = arrives(session, trip, good=90, damaged=10)["receipt"]
    undo(session, planner, reverse_receipt, first)
    assert waybill_of(session, trip).state is WaybillState.ON_THE_ROAD
    assert waybill_of(session, trip).closed_at is None
    assert (holds(session, trip, AccountKind.SITE), holds(session, trip, AccountKind.TRANSIT)) == (
        0,
        100,
    )
    again = arrives(session, trip, good=100)
    assert again["booked"] is True
    assert again["receipt"] != first
    assert holds(session, trip, AccountKind.SITE) == 100
    assert holds(session, trip, AccountKind.LOSS) == 0
    assert [one.booked for one in session.scalars(select(Receipt).order_by(Receipt.id))] == [
        False,
        True,
    ]
    with pytest.raises(AlreadyReversed):
        undo(session, planner, reverse_receipt, first)
    assert sound(session)


def test_who_counted_at_the_site_undoes_the_count(session, trip):
    receipt = arrives(session, trip, good=100)["receipt"]
    undo(session, trip.lead, reverse_receipt, receipt)
    assert holds(session, trip, AccountKind.SITE) == 0


def test_who_has_nothing_to_say_there_undoes_nothing(session, trip):
    receipt = arrives(session, trip, good=100)["receipt"]
    with writing(session):
        stranger = make_actor(
            session, Role.PLANNER, organisation=make_organisation(session, code="OTH")
        )
        elsewhere = make_actor(session, Role.PLANNER, place=make_warehouse(session))
    for actor, refusal in ((stranger, NotFound), (elsewhere, NotAllowed), (trip.clerk, NotAllowed)):
        with pytest.raises(refusal):
            undo(session, actor, reverse_receipt, receipt)
    assert holds(session, trip, AccountKind.SITE) == 100


def test_a_reversed_receipt_withdraws_its_open_loss_report(session, trip, planner):
    answer = arrives(session, trip, good=90, missing=10)
    undo(session, planner, reverse_receipt, str(answer["receipt"]))
    (report,) = session.scalars(select(LossReport))
    assert report.state is LossState.WITHDRAWN
    assert waybill_of(session, trip).state is WaybillState.ON_THE_ROAD
    second = arrives(session, trip, good=95, missing=5)
    assert second["loss_report"] not in {None, answer["loss_report"]}
    assert sound(session)


def test_a_receipt_is_not_undone_under_a_loss_that_was_booked(session, trip, planner):
    answer = arrives(session, trip, good=90, missing=10)
    report = str(answer["loss_report"])
    with writing(session):
        command = BookLoss(command_id=command_id(), report=report, reason="Stolen on the way")
        once(session, planner, command, book_loss)
    with pytest.raises(SomethingFollowed) as refused:
        undo(session, planner, reverse_receipt, str(answer["receipt"]))
    assert report in str(refused.value)
    new = undo(session, planner, reverse_loss, report)["loss_report"]
    assert waybill_of(session, trip).state is WaybillState.DISPUTED
    assert holds(session, trip, AccountKind.TRANSIT) == 10
    states = dict(
        session.execute(
            select(Document.code, LossReport.state).join(
                LossReport, LossReport.document_id == Document.id
            )
        ).all()
    )
    assert states == {report: LossState.REVERSED, new: LossState.OPEN}
    assert sound(session)
    undo(session, planner, reverse_receipt, str(answer["receipt"]))
    assert holds(session, trip, AccountKind.TRANSIT) == 100
    undo(session, trip.clerk, reverse_loading, trip.number)
    assert holds(session, trip, AccountKind.WAREHOUSE) == 400
    assert sound(session)


def test_a_return_that_had_settled_a_loss_is_undone_and_the_report_is_open(session, trip, planner):
    arrives(session, trip, good=90, missing=10)
    with writing(session):
        command = ReturnToSender(
            command_id=command_id(),
            waybill=trip.number,
            lines=(CameBack(line=1, quantity=10),),
            returned_at=ARRIVED + timedelta(minutes=30),
        )
        note = once(session, trip.clerk, command, return_to_sender)["grn"]
    assert waybill_of(session, trip).state is WaybillState.RECEIVED
    undo(session, trip.clerk, reverse_any, note)
    assert waybill_of(session, trip).state is WaybillState.DISPUTED
    assert session.scalars(select(LossReport.state)).all() == [LossState.OPEN]
    assert holds(session, trip, AccountKind.TRANSIT) == 10
    assert sound(session)


def test_goods_that_turned_up_under_a_loss_report_are_missing_again(session, trip, planner):
    report = str(arrives(session, trip, good=90, missing=10)["loss_report"])
    with writing(session):
        command = RecordLateArrival(
            command_id=command_id(),
            report=report,
            lines=(FoundLine(line=1, quantity=10),),
            arrived_at=ARRIVED + timedelta(minutes=30),
        )
        once(session, trip.lead, command, record_late_arrival)
    assert waybill_of(session, trip).state is WaybillState.RECEIVED
    undo(session, planner, reverse_loss, report)
    assert (holds(session, trip, AccountKind.SITE), holds(session, trip, AccountKind.TRANSIT)) == (
        90,
        10,
    )
    with pytest.raises(AlreadyReversed):
        undo(session, planner, reverse_loss, report)
    assert sound(session)


def test_a_receipt_whose_goods_were_given_says_where_they_are(session, trip, planner):
    receipt = str(arrives(session, trip, good=100)["receipt"])
    with writing(session):
        command = RecordHandOut(
            command_id=command_id(),
            site=trip.site.code,
            handed_on=datetime.now(UTC).date(),
            households=20,
            lines=(HandedOut(item_id=trip.lots[0].item_id, quantity=60),),
        )
        once(session, trip.lead, command, record_handout)
    with pytest.raises(MovedOn) as refused:
        undo(session, planner, reverse_receipt, receipt)
    said = str(refused.value.message)
    assert "100 are to come back and 40 are free there" in said
    assert holds(session, trip, AccountKind.SITE) == 40


def test_another_count_kept_beside_moved_nothing_to_undo(session, trip, planner):
    arrives(session, trip, good=100)
    trip.lead = trip.lead
    with writing(session):
        other = make_actor(session, Role.SITE_LEAD, place=trip.site)
    trip.lead = other
    beside = arrives(session, trip, good=99, missing=1)
    assert beside["booked"] is False
    with pytest.raises(AlreadyReversed):
        undo(session, planner, reverse_receipt, str(beside["receipt"]))


@pytest.mark.parametrize("act", [reverse_loading, reverse_receipt, reverse_loss])
def test_a_reversal_is_never_reversed_and_says_why(session, trip, planner, act):
    with writing(session):
        boss = make_actor(session, Role.PLANNER, Role.STOREKEEPER)
    with pytest.raises(CannotReverse):
        undo(session, boss, reverse_loading, trip.number, why=" ")
    reversal = undo(session, boss, reverse_loading, trip.number)["document"]
    with pytest.raises(NotFound):
        undo(session, boss, act, reversal)
    assert datetime.now(UTC) > LEFT
