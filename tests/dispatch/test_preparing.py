"""Before the truck is loaded: what is on the paper is promised, and only once."""

from datetime import UTC, datetime, timedelta

import pytest

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.finding import WrongState, lines_of, locked
from aidlog.dispatch.models import WaybillState
from aidlog.dispatch.preparing import (
    CancelWaybill,
    ChangeWaybill,
    ItemAsked,
    NothingToLoad,
    PrepareWaybill,
    SplitWaybill,
    cancel_waybill,
    change_waybill,
    prepare_waybill,
    split_waybill,
)
from aidlog.dispatch.promising import EarmarkedElsewhere, LessLeftInPlan, LoadLine
from aidlog.ledger.movement import AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.roles import Role
from aidlog.stock.models import LotEarmark
from aidlog.stock.picking import NotEnoughToPick
from aidlog.stock.posting import LotExpired
from aidlog.stock.queries import lots_at
from aidlog.stock.reserving import held_for
from aidlog.stock.soundness import faults
from tests.dispatch.chain import make_approved_plan, make_ends, number_of, prepare, send
from tests.factories import (
    command_id,
    make_actor,
    make_item,
    make_lot,
    make_organisation,
    make_place,
    make_warehouse,
)


def on_shelf(session, trip):
    """Return ``(on hand, reserved)`` of the trip's lots in the warehouse."""
    held = {
        lot.lot_id: (lot.on_hand, lot.reserved)
        for lot in lots_at(session, AccountKind.WAREHOUSE, trip.origin.id)
    }
    return [held.get(lot.id, (0, 0)) for lot in trip.lots]


def carried(session, number):
    waybill, _document = locked(session, number)
    return [(line.lot_id, line.quantity) for line in lines_of(session, waybill)]


def test_a_prepared_waybill_reserves_free_stock(session):
    with writing(session):
        trip = prepare(session, make_ends(session, (400, 60)), 200, 60)
    assert trip.number.startswith("WB-KRB-")
    assert len(trip.check) == 2
    assert on_shelf(session, trip) == [(400, 200), (60, 60)]


def test_more_than_is_free_is_refused(session):
    with writing(session):
        trip = make_ends(session)
    with pytest.raises(NotEnoughStock), writing(session):
        prepare(session, trip, 401)
    assert on_shelf(session, trip) == [(400, 0)]


def test_a_plan_gives_its_promise_to_the_waybill_and_keeps_the_rest(session):
    with writing(session):
        trip = make_ends(session)
        plan = make_approved_plan(session, trip, 300)
        prepare(session, trip, 120, plan=number_of(session, plan))
    assert on_shelf(session, trip) == [(400, 300)]
    assert [held.quantity for held in held_for(session, plan.document_id)] == [180]
    with writing(session):
        prepare(session, trip, 180, plan=number_of(session, plan))
    assert held_for(session, plan.document_id) == []
    assert on_shelf(session, trip) == [(400, 300)]
    assert list(faults(session)) == []


def test_a_waybill_takes_no_more_than_its_plan_promised(session):
    with writing(session):
        trip = make_ends(session)
        number = number_of(session, make_approved_plan(session, trip, 300))
    with pytest.raises(LessLeftInPlan) as refused, writing(session):
        prepare(session, trip, 310, plan=number)
    assert "300" in str(refused.value.message)


def test_cancelling_frees_the_goods(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 200)
        once(
            session,
            trip.clerk,
            CancelWaybill(command_id=command_id(), waybill=trip.number),
            cancel_waybill,
        )
    assert on_shelf(session, trip) == [(400, 0)]
    assert locked(session, trip.number)[0].state is WaybillState.CANCELLED


def test_cancelling_a_truck_of_a_plan_gives_the_goods_back_to_the_plan(session):
    with writing(session):
        trip = make_ends(session)
        plan = make_approved_plan(session, trip, 300)
        prepare(session, trip, 120, plan=number_of(session, plan))
        once(
            session,
            trip.clerk,
            CancelWaybill(command_id=command_id(), waybill=trip.number),
            cancel_waybill,
        )
    assert on_shelf(session, trip) == [(400, 300)]
    assert [held.quantity for held in held_for(session, plan.document_id)] == [300]
    assert list(faults(session)) == []


def test_a_truck_that_has_left_cannot_be_cancelled(session):
    with writing(session):
        trip = send(session, prepare(session, make_ends(session), 200))
    with pytest.raises(WrongState), writing(session):
        once(
            session,
            trip.clerk,
            CancelWaybill(command_id=command_id(), waybill=trip.number),
            cancel_waybill,
        )


def test_a_changed_waybill_reserves_what_it_now_carries(session):
    with writing(session):
        trip = prepare(session, make_ends(session, (400, 60)), 200, 60)
        once(
            session,
            trip.clerk,
            ChangeWaybill(
                command_id=command_id(),
                waybill=trip.number,
                lines=(LoadLine(lot_id=trip.lots[0].id, quantity=250),),
            ),
            change_waybill,
        )
    assert on_shelf(session, trip) == [(400, 250), (60, 0)]
    assert carried(session, trip.number) == [(trip.lots[0].id, 250)]
    assert list(faults(session)) == []


def test_a_split_waybill_is_two_trucks_with_the_same_goods(session):
    with writing(session):
        trip = make_ends(session, (400, 60))
        plan = make_approved_plan(session, trip, 300, 60)
        prepare(session, trip, 300, 60, plan=number_of(session, plan))
        answer = once(
            session,
            trip.clerk,
            SplitWaybill(
                command_id=command_id(),
                waybill=trip.number,
                lines=(LoadLine(lot_id=trip.lots[0].id, quantity=100),),
            ),
            split_waybill,
        )
    first, second = trip.lots
    assert carried(session, trip.number) == [(first.id, 200), (second.id, 60)]
    assert carried(session, answer["waybill"]) == [(first.id, 100)]
    assert on_shelf(session, trip) == [(400, 300), (60, 60)]
    assert held_for(session, plan.document_id) == []
    assert list(faults(session)) == []


def test_a_split_that_would_empty_a_waybill_is_refused(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 200)
    with pytest.raises(NothingToLoad), writing(session):
        once(
            session,
            trip.clerk,
            SplitWaybill(
                command_id=command_id(),
                waybill=trip.number,
                lines=(LoadLine(lot_id=trip.lots[0].id, quantity=200),),
            ),
            split_waybill,
        )


def asking(trip, item, quantity):
    return PrepareWaybill(
        command_id=command_id(),
        organisation_id=trip.origin.organisation_id,
        origin_id=trip.origin.id,
        destination_id=trip.site.id,
        items=(ItemAsked(item_id=item.id, quantity=quantity),),
    )


def test_without_a_plan_the_lot_that_expires_first_goes_first(session):
    today = datetime.now(UTC).date()
    soon, later = today + timedelta(days=30), today + timedelta(days=90)
    with writing(session):
        trip = make_ends(session)
        item = make_item(session, name="Oil")
        undated = make_lot(session, warehouse=trip.origin, item=item, quantity=50)
        late = make_lot(session, warehouse=trip.origin, item=item, quantity=50, expires_on=later)
        first = make_lot(session, warehouse=trip.origin, item=item, quantity=50, expires_on=soon)
        answer = once(session, trip.clerk, asking(trip, item, 120), prepare_waybill)
    assert carried(session, answer["waybill"]) == [
        (first.id, 50),
        (late.id, 50),
        (undated.id, 20),
    ]


def test_expired_and_earmarked_lots_are_not_picked(session):
    with writing(session):
        trip = make_ends(session)
        item, elsewhere = make_item(session), make_place(session)
        make_lot(
            session,
            warehouse=trip.origin,
            item=item,
            quantity=50,
            expires_on=datetime.now(UTC).date() - timedelta(days=1),
        )
        given = make_lot(session, warehouse=trip.origin, item=item, quantity=50)
        session.add(LotEarmark(lot_id=given.id, place_id=elsewhere.id))
        free = make_lot(session, warehouse=trip.origin, item=item, quantity=30)
        answer = once(session, trip.clerk, asking(trip, item, 30), prepare_waybill)
    assert carried(session, answer["waybill"]) == [(free.id, 30)]
    with pytest.raises(NotEnoughToPick) as refused, writing(session):
        once(session, trip.clerk, asking(trip, item, 1), prepare_waybill)
    assert refused.value.field == f"item_{item.id}"


def test_a_lot_given_for_another_site_does_not_travel(session):
    with writing(session):
        trip = make_ends(session)
        session.add(LotEarmark(lot_id=trip.lots[0].id, place_id=make_place(session).id))
    with pytest.raises(EarmarkedElsewhere), writing(session):
        prepare(session, trip, 10)


def test_an_expired_lot_is_refused_by_name(session):
    with writing(session):
        trip = make_ends(session)
        trip.lots = [
            make_lot(
                session,
                warehouse=trip.origin,
                number="OLD-1",
                expires_on=datetime.now(UTC).date() - timedelta(days=1),
            )
        ]
    with pytest.raises(LotExpired, match="OLD-1"), writing(session):
        prepare(session, trip, 10)


def test_a_storekeeper_of_another_warehouse_cannot_prepare(session):
    with writing(session):
        trip = make_ends(session)
        trip.clerk = make_actor(session, Role.STOREKEEPER, place=make_warehouse(session))
    with pytest.raises(NotAllowed), writing(session):
        prepare(session, trip, 10)


def test_another_organisation_finds_no_warehouse_lot_or_waybill(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 100)
        other = make_organisation(session, code="OTH", name="Other")
        stranger = make_actor(session, Role.STOREKEEPER, organisation=other)
    with pytest.raises(NotFound), writing(session):
        once(
            session,
            stranger,
            CancelWaybill(command_id=command_id(), waybill=trip.number),
            cancel_waybill,
        )
    trip.clerk = stranger
    with pytest.raises(NotFound), writing(session):
        prepare(session, trip, 10)
