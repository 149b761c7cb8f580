"""From the ramp to the site: what left equals what arrived, broke, is missing or came back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from aidlog.core.errors import NotAllowed, NotFound, Refusal
from aidlog.db.commands import IdReused, once
from aidlog.db.transaction import writing
from aidlog.dispatch.draining import StillOnTheRoad, on_the_road
from aidlog.dispatch.finding import InTheFuture, WrongState, lines_of, locked
from aidlog.dispatch.loading import CannotLeave, OtherLot, Weighed, load_and_send
from aidlog.dispatch.losses import (
    BookLoss,
    FoundLine,
    RecordLateArrival,
    ReportClosed,
    SecondPersonNeeded,
    book_loss,
    record_late_arrival,
)
from aidlog.dispatch.models import LossReport, LossState, Receipt, WaybillState
from aidlog.dispatch.receipts import Counted, DoesNotAddUp, confirm_receipt
from aidlog.dispatch.returning import CameBack, ReturnToSender, return_to_sender
from aidlog.ledger.movement import AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.models import Item, Vehicle
from aidlog.registry.roles import Role
from aidlog.stock.models import StockTotal, Transit
from aidlog.stock.queries import lots_at
from aidlog.stock.soundness import faults
from tests.dispatch.chain import (
    ARRIVED,
    count,
    counting,
    make_ends,
    prepare,
    send,
    sending,
)
from tests.factories import (
    command_id,
    make_actor,
    make_item,
    make_lot,
    make_organisation,
    make_place,
)


def sent(session, *quantities, in_stock=None):
    """Return a trip whose truck has left with ``quantities``."""
    with writing(session):
        trip = make_ends(session, in_stock or tuple(400 for _ in quantities))
        return send(session, prepare(session, trip, *quantities))


def held(session, kind, key):
    return {lot.lot_id: lot.on_hand for lot in lots_at(session, kind, key)}


def lost(session):
    return (
        session.scalar(
            select(func.sum(StockTotal.on_hand)).where(StockTotal.kind == AccountKind.LOSS)
        )
        or 0
    )


def test_a_truck_that_leaves_takes_its_reserved_goods_on_the_road(session):
    trip = sent(session, 200)
    waybill, _document = locked(session, trip.number)
    assert waybill.state is WaybillState.ON_THE_ROAD
    assert held(session, AccountKind.TRANSIT, waybill.transit_id) == {trip.lots[0].id: 200}
    [left] = lots_at(session, AccountKind.WAREHOUSE, trip.origin.id)
    assert (left.on_hand, left.reserved) == (200, 0)
    assert list(faults(session)) == []


def test_a_truck_leaves_once(session):
    trip = sent(session, 200)
    with pytest.raises(WrongState), writing(session):
        send(session, trip)
    assert held(session, AccountKind.WAREHOUSE, trip.origin.id) == {trip.lots[0].id: 200}


def test_another_lot_goes_instead_with_a_reason_and_the_first_is_free_again(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 200)
        first = trip.lots[0]
        other = make_lot(
            session, warehouse=trip.origin, item=session.get_one(Item, first.item_id), quantity=150
        )
    with pytest.raises(CannotLeave), writing(session):
        send(
            session,
            trip,
            other_lots=(OtherLot(line=1, lot_id=other.id, quantity=50, reason=" "),),
        )
    with writing(session):
        send(
            session,
            trip,
            other_lots=(OtherLot(line=1, lot_id=other.id, quantity=50, reason="Torn bales"),),
        )
    waybill, _document = locked(session, trip.number)
    assert held(session, AccountKind.TRANSIT, waybill.transit_id) == {first.id: 150, other.id: 50}
    shelf = {lot.lot_id: lot for lot in lots_at(session, AccountKind.WAREHOUSE, trip.origin.id)}
    assert (shelf[first.id].on_hand, shelf[first.id].reserved) == (250, 0)
    assert [line.remark for line in lines_of(session, waybill)] == ["", "Torn bales"]
    assert list(faults(session)) == []


def test_a_whole_line_can_go_from_another_lot(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 100)
        first = trip.lots[0]
        other = make_lot(
            session, warehouse=trip.origin, item=session.get_one(Item, first.item_id), quantity=100
        )
        send(
            session,
            trip,
            other_lots=(OtherLot(line=1, lot_id=other.id, quantity=100, reason="Nearer"),),
        )
    shelf = {lot.lot_id: lot for lot in lots_at(session, AccountKind.WAREHOUSE, trip.origin.id)}
    assert list(shelf) == [first.id]
    assert shelf[first.id].reserved == 0
    assert list(faults(session)) == []


def test_the_lot_that_stands_in_must_be_free_and_of_the_same_item(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 100)
        same = make_lot(
            session,
            warehouse=trip.origin,
            item=session.get_one(Item, trip.lots[0].item_id),
            quantity=20,
        )
        different = make_lot(session, warehouse=trip.origin, item=make_item(session))
    for lot, refusal in ((same, NotEnoughStock), (different, CannotLeave)):
        with pytest.raises(refusal), writing(session):
            send(
                session,
                trip,
                other_lots=(OtherLot(line=1, lot_id=lot.id, quantity=30, reason="Nearer"),),
            )
    assert held(session, AccountKind.WAREHOUSE, trip.origin.id)[trip.lots[0].id] == 400


def test_a_truck_carries_no_more_than_it_may(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 200)  # 200 blankets of 1.6 kg
        truck = Vehicle(
            organisation_id=trip.origin.organisation_id,
            plate="RAF 218 C",
            max_grams=300_000,
            max_litres=20_000,
        )
        session.add(truck)
    with pytest.raises(CannotLeave, match="320 kg"), writing(session):
        send(session, trip, vehicle_id=truck.id)


@pytest.mark.parametrize("typed", ["RAF 218 C", "raf-218c"])
def test_a_listed_truck_carries_no_more_because_its_plate_was_typed(session, typed):
    with writing(session):
        trip = prepare(session, make_ends(session), 200)  # 200 blankets of 1.6 kg
        session.add(
            Vehicle(
                organisation_id=trip.origin.organisation_id,
                plate="RAF 218 C",
                max_grams=300_000,
                max_litres=20_000,
            )
        )
    with pytest.raises(CannotLeave, match="320 kg"), writing(session):
        send(session, trip, plate=typed)


def test_an_unknown_weight_is_asked_for_and_never_zero(session):
    with writing(session):
        trip = make_ends(session)
        item = make_item(session, name="Kit", weight_mg=None, volume_mm3=None)
        trip.lots = [make_lot(session, warehouse=trip.origin, item=item, quantity=10)]
        prepare(session, trip, 10)
        truck = Vehicle(
            organisation_id=trip.origin.organisation_id,
            plate="RAF 218 C",
            max_grams=300_000,
            max_litres=20_000,
        )
        session.add(truck)
    with pytest.raises(CannotLeave, match="Line 1: nobody knows"), writing(session):
        send(session, trip, vehicle_id=truck.id)
    with writing(session):
        known = Weighed(line=1, grams=250_000, millilitres=900_000)
        send(session, trip, vehicle_id=truck.id, weights=(known,))
    waybill, _document = locked(session, trip.number)
    assert [line.grams for line in lines_of(session, waybill)] == [250_000]


def test_a_departure_in_the_future_is_refused(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 100)
    later = datetime.now(UTC) + timedelta(hours=2)
    with pytest.raises(InTheFuture), writing(session):
        send(session, trip, left_at=later, expected_at=later + timedelta(hours=1))


def test_what_arrived_whole_stands_at_the_site_and_the_road_is_empty(session):
    trip = sent(session, 200)
    with writing(session):
        answer = count(session, trip, Counted(line=1, good=200))
    assert answer["receipt"].startswith("R-KRB-")
    assert (answer["booked"], answer["state"], answer["loss_report"]) == (True, "received", None)
    assert held(session, AccountKind.SITE, trip.site.id) == {trip.lots[0].id: 200}
    waybill, _document = locked(session, trip.number)
    assert on_the_road(session, waybill) == []
    assert session.get_one(Transit, waybill.transit_id).closed_at is not None
    assert list(faults(session)) == []


def test_short_and_damaged_are_told_apart(session):
    trip = sent(session, 200, 31)
    with writing(session):
        answer = count(
            session,
            trip,
            Counted(line=1, good=200),
            Counted(line=2, good=28, damaged=1, missing=2),
        )
    assert answer["state"] == "disputed"
    assert answer["loss_report"].startswith("LR-KRB-")
    waybill, _document = locked(session, trip.number)
    first, second = trip.lots
    assert held(session, AccountKind.SITE, trip.site.id) == {first.id: 200, second.id: 28}
    assert held(session, AccountKind.TRANSIT, waybill.transit_id) == {second.id: 2}
    assert lost(session) == 1
    assert session.get_one(Transit, waybill.transit_id).closed_at is None
    assert list(faults(session)) == []


def test_more_than_was_sent_is_booked_apart(session):
    trip = sent(session, 200)
    with writing(session):
        answer = count(session, trip, Counted(line=1, good=203, excess=3))
    assert answer["state"] == "received"
    assert held(session, AccountKind.SITE, trip.site.id) == {trip.lots[0].id: 203}
    assert list(faults(session)) == []


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (Counted(line=1, good=200),),
        (Counted(line=1, good=200), Counted(line=1, good=200)),
        (Counted(line=1, good=199), Counted(line=2, good=31)),
        (Counted(line=1, good=200), Counted(line=2, good=31, missing=1)),
        (Counted(line=1, good=200), Counted(line=2, good=30, missing=2, excess=1)),
        (Counted(line=1, good=200), Counted(line=2, good=-1, damaged=32)),
        (Counted(line=1, good=200), Counted(line=2, good=31), Counted(line=3, good=1)),
        (Counted(line=1, good=200), Counted(line=2, good=0, damaged=32, excess=1)),
    ],
)
def test_a_count_that_does_not_add_up_books_nothing(session, lines):
    trip = sent(session, 200, 31)
    with pytest.raises(DoesNotAddUp), writing(session):
        count(session, trip, *lines)
    assert held(session, AccountKind.SITE, trip.site.id) == {}
    assert session.scalar(select(func.count(Receipt.id))) == 0


def test_a_receipt_sent_twice_counts_once(session):
    trip = sent(session, 200)
    command = counting(trip, Counted(line=1, good=200))
    with writing(session):
        first = once(session, trip.lead, command, confirm_receipt)
    with writing(session):
        again = once(session, trip.lead, command, confirm_receipt)
    assert again == first
    assert held(session, AccountKind.SITE, trip.site.id) == {trip.lots[0].id: 200}
    assert session.scalar(select(func.count(Receipt.id))) == 1


def test_one_id_with_two_counts_is_refused(session):
    trip = sent(session, 200)
    id_ = command_id()
    with writing(session):
        count(session, trip, Counted(line=1, good=200), command_id=id_)
    with pytest.raises(IdReused), writing(session):
        count(session, trip, Counted(line=1, good=199, missing=1), command_id=id_)


def test_the_same_count_under_a_new_id_is_the_same_receipt(session):
    trip = sent(session, 200)
    with writing(session):
        first = count(session, trip, Counted(line=1, good=198, missing=2))
    with writing(session):
        again = count(session, trip, Counted(line=1, good=198, missing=2))
    assert again == first


def test_a_second_persons_count_is_kept_beside_the_first(session):
    trip = sent(session, 200)
    with writing(session):
        first = count(session, trip, Counted(line=1, good=200))
        trip.lead = make_actor(session, Role.SITE_LEAD, place=trip.site)
        second = count(session, trip, Counted(line=1, good=198, missing=2))
    assert (first["booked"], second["booked"]) == (True, False)
    assert first["receipt"] != second["receipt"]
    assert held(session, AccountKind.SITE, trip.site.id) == {trip.lots[0].id: 200}
    assert session.scalar(select(func.count(LossReport.id))) == 0
    assert list(faults(session)) == []


def test_the_site_lead_of_another_site_finds_nothing(session):
    trip = sent(session, 200)
    with writing(session):
        trip.lead = make_actor(session, Role.SITE_LEAD, place=make_place(session))
    with pytest.raises(NotAllowed), writing(session):
        count(session, trip, Counted(line=1, good=200))


def test_a_stranger_finds_nothing_even_with_the_role_everywhere(session):
    trip = sent(session, 200)
    with writing(session):
        other = make_organisation(session, code="OTH", name="Other")
        trip.lead = make_actor(session, Role.SITE_LEAD, organisation=other)
    with pytest.raises(NotFound), writing(session):
        count(session, trip, Counted(line=1, good=200))


def test_a_clerk_types_in_the_paper_but_not_of_the_load_that_was_their_own(session):
    trip = sent(session, 200)
    with pytest.raises(NotAllowed), writing(session):
        once(session, trip.clerk, counting(trip, Counted(line=1, good=200)), confirm_receipt)
    with writing(session):
        colleague = make_actor(session, Role.STOREKEEPER, place=trip.origin)
        command = counting(trip, Counted(line=1, good=200), channel="paper")
        answer = once(session, colleague, command, confirm_receipt)
    assert answer["booked"]


def test_arrival_is_what_people_say_and_recording_is_the_servers(session):
    trip = sent(session, 200)
    with writing(session):
        count(session, trip, Counted(line=1, good=200))
    receipt = session.scalars(select(Receipt)).one()
    assert receipt.arrived_at == ARRIVED
    assert receipt.recorded_at > ARRIVED


def short(session):
    """Return a trip with 2 of 31 missing, and its loss report's number."""
    trip = sent(session, 31)
    with writing(session):
        answer = count(session, trip, Counted(line=1, good=29, missing=2))
    return trip, answer["loss_report"]


def booking(report, reason="Fell off at the river crossing, driver’s statement kept"):
    return BookLoss(command_id=command_id(), report=report, reason=reason)


def test_a_second_person_books_the_loss_and_the_road_is_empty(session):
    trip, report = short(session)
    with writing(session):
        planner = make_actor(session, Role.PLANNER)
        once(session, planner, booking(report), book_loss)
    waybill, _document = locked(session, trip.number)
    assert waybill.state is WaybillState.RECEIVED
    assert session.get_one(Transit, waybill.transit_id).closed_at is not None
    assert lost(session) == 2
    assert session.scalars(select(LossReport)).one().state is LossState.BOOKED
    with pytest.raises(ReportClosed), writing(session):
        once(session, planner, booking(report), book_loss)
    assert list(faults(session)) == []


def test_who_loaded_or_counted_does_not_book_the_loss(session):
    with writing(session):
        trip = make_ends(session, (31,))
        trip.clerk = make_actor(session, Role.PLANNER)
        send(session, prepare(session, trip, 31))
        report = count(session, trip, Counted(line=1, good=29, missing=2))["loss_report"]
    with pytest.raises(SecondPersonNeeded), writing(session):
        once(session, trip.clerk, booking(report), book_loss)
    with pytest.raises(NotAllowed), writing(session):
        once(session, trip.lead, booking(report), book_loss)
    assert lost(session) == 0


def test_a_loss_without_a_reason_is_refused(session):
    _trip, report = short(session)
    with writing(session):
        planner = make_actor(session, Role.PLANNER)
    with pytest.raises(Refusal), writing(session):
        once(session, planner, booking(report, "  "), book_loss)
    assert lost(session) == 0


def finding(report, quantity):
    return RecordLateArrival(
        command_id=command_id(),
        report=report,
        lines=(FoundLine(line=1, quantity=quantity),),
        arrived_at=ARRIVED,
    )


def test_what_was_missing_can_still_arrive_in_parts(session):
    trip, report = short(session)
    with writing(session):
        first = once(session, trip.lead, finding(report, 1), record_late_arrival)
    with pytest.raises(StillOnTheRoad), writing(session):
        once(session, trip.lead, finding(report, 2), record_late_arrival)
    with writing(session):
        second = once(session, trip.lead, finding(report, 1), record_late_arrival)
    assert (first["closed"], second["closed"]) == (False, True)
    assert held(session, AccountKind.SITE, trip.site.id) == {trip.lots[0].id: 31}
    assert session.scalars(select(LossReport)).one().state is LossState.FOUND
    assert locked(session, trip.number)[0].state is WaybillState.RECEIVED
    assert list(faults(session)) == []


def test_a_loss_booked_after_a_part_was_found_is_the_rest(session):
    trip, report = short(session)
    with writing(session):
        once(session, trip.lead, finding(report, 1), record_late_arrival)
        once(session, make_actor(session, Role.PLANNER), booking(report), book_loss)
    assert lost(session) == 1
    assert list(faults(session)) == []


def coming_back(trip, *lines):
    return ReturnToSender(
        command_id=command_id(),
        waybill=trip.number,
        lines=tuple(CameBack(line=line, quantity=quantity) for line, quantity in lines),
        returned_at=ARRIVED,
    )


def test_a_truck_that_comes_back_puts_its_goods_on_the_shelf_again(session):
    trip = sent(session, 200)
    with writing(session):
        answer = once(session, trip.clerk, coming_back(trip, (1, 200)), return_to_sender)
    assert answer["closed"]
    assert held(session, AccountKind.WAREHOUSE, trip.origin.id) == {trip.lots[0].id: 400}
    assert locked(session, trip.number)[0].state is WaybillState.RETURNED
    assert list(faults(session)) == []


def test_what_did_not_come_back_stays_on_the_road(session):
    trip = sent(session, 200)
    with writing(session):
        answer = once(session, trip.clerk, coming_back(trip, (1, 190)), return_to_sender)
    assert not answer["closed"]
    waybill, _document = locked(session, trip.number)
    assert waybill.state is WaybillState.ON_THE_ROAD
    assert [lot.on_hand for lot in on_the_road(session, waybill)] == [10]


def test_missing_goods_that_never_left_the_truck_settle_the_report(session):
    trip, _report = short(session)
    with writing(session):
        once(session, trip.clerk, coming_back(trip, (1, 2)), return_to_sender)
    assert session.scalars(select(LossReport)).one().state is LossState.FOUND
    assert locked(session, trip.number)[0].state is WaybillState.RECEIVED
    assert list(faults(session)) == []


def test_a_waybill_that_has_not_left_cannot_be_received(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 100)
    with pytest.raises(WrongState, match="has not left"), writing(session):
        count(session, trip, Counted(line=1, good=100))


def test_loading_needs_a_plate_and_a_driver(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 100)
    for missing in ("plate", "driver"):
        with pytest.raises(CannotLeave) as refused, writing(session):
            once(session, trip.clerk, sending(trip, **{missing: " "}), load_and_send)
        assert refused.value.field == missing
