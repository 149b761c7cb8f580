"""What people see of waybills: only theirs, in few statements, with nothing hidden in a sum."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.core.quantity import BaseUnit
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.arrivals import arrival, handouts, inbound, number_typed, site_stock
from aidlog.dispatch.finding import locked
from aidlog.dispatch.following import followed
from aidlog.dispatch.handing_out import (
    CannotHandOut,
    HandedOut,
    RecordHandOut,
    record_handout,
)
from aidlog.dispatch.marks import ALPHABET, tidy, token, token_hash, typed_code
from aidlog.dispatch.queries import PAGE, WaybillFilter, how_many, loss_reports, waybills
from aidlog.dispatch.receipts import Counted
from aidlog.dispatch.story import story_of
from aidlog.dispatch.truckloads import Capacity, ToSend, fill, proposals
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, Vehicle
from aidlog.registry.roles import Role
from aidlog.stock.queries import lots_at
from aidlog.stock.soundness import faults
from tests.dispatch.chain import (
    LEFT,
    count,
    make_approved_plan,
    make_ends,
    number_of,
    prepare,
    send,
)
from tests.factories import (
    command_id,
    make_actor,
    make_item,
    make_lot,
    make_organisation,
    make_place,
)


@pytest.fixture
def statements(session):
    """Count what is asked of the database."""
    asked = []
    engine = session.get_bind()

    def note(*args):
        if args[2].startswith("SELECT"):
            asked.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def listed(session, actor, **wanted):
    return [row.number for row in waybills(session, actor, WaybillFilter(**wanted), now=now())]


def now():
    return datetime.now(UTC)


def test_the_list_costs_one_statement_however_long_it_is(session, statements):
    with writing(session):
        trip = make_ends(session)
        planner = make_actor(session, Role.PLANNER)
        for _ in range(4):
            prepare(session, trip, 10)
    statements.clear()
    assert len(waybills(session, planner, WaybillFilter(), now=now())) == 4
    assert len(statements) == 1


def test_a_waybill_with_its_story_costs_eight_statements(session, statements):
    with writing(session):
        trip = send(session, prepare(session, make_ends(session, (400, 60, 90)), 200, 31, 90))
        count(
            session,
            trip,
            Counted(line=1, good=200),
            Counted(line=2, good=28, damaged=1, missing=2),
            Counted(line=3, good=90),
        )
        planner = make_actor(session, Role.PLANNER)
    statements.clear()
    story = story_of(session, planner, trip.number)
    assert len(statements) <= 8
    assert [line.quantity for line in story.lines] == [200, 31, 90]
    assert story.still_out == {2: 2}
    assert story.booked is not None
    assert story.booked.lines[2].missing == 2
    assert story.open_report is not None


def test_lists_are_filtered_by_state_and_lateness(session):
    with writing(session):
        trip = make_ends(session)
        planner = make_actor(session, Role.PLANNER)
        prepare(session, trip, 10)
        waiting = trip.number
        send(session, prepare(session, trip, 10))
        late = trip.number
        send(
            session,
            prepare(session, trip, 10),
            left_at=LEFT,
            expected_at=now() + timedelta(hours=3),
        )
        driving = trip.number
        send(session, prepare(session, trip, 10))
        count(session, trip, Counted(line=1, good=10))
        done = trip.number
    assert listed(session, planner) == [driving, late, waiting]
    assert listed(session, planner, state="late") == [late]
    assert listed(session, planner, state="prepared") == [waiting]
    assert listed(session, planner, state="received") == [done]
    assert listed(session, planner, state="all") == [done, driving, late, waiting]
    counts = how_many(session, planner, now=now())
    assert (counts["open"], counts["late"], counts["all"], counts["received"]) == (3, 1, 4, 1)


def test_a_storekeeper_sees_the_waybills_of_their_warehouse_only(session):
    with writing(session):
        here, elsewhere = make_ends(session), make_ends(session)
        prepare(session, here, 10)
        prepare(session, elsewhere, 10)
    assert listed(session, here.clerk) == [here.number]
    with pytest.raises(NotFound):
        story_of(session, here.clerk, elsewhere.number)


def test_another_organisation_sees_nothing(session):
    with writing(session):
        trip = send(session, prepare(session, make_ends(session, (31,)), 31))
        count(session, trip, Counted(line=1, good=29, missing=2))
        other = make_organisation(session, code="OTH", name="Other")
        stranger = make_actor(session, Role.PLANNER, Role.SITE_LEAD, organisation=other)
    assert listed(session, stranger, state="all") == []
    assert loss_reports(session, stranger) == []
    assert inbound(session, stranger, now=now()) == []
    with pytest.raises(NotFound):
        story_of(session, stranger, trip.number)
    with pytest.raises(NotFound):
        arrival(session, stranger, trip.number)


def test_a_page_has_one_more_line_to_show_that_there_is_more(session):
    with writing(session):
        trip = make_ends(session, (PAGE * 20,))
        planner = make_actor(session, Role.PLANNER)
        for _ in range(PAGE + 2):
            prepare(session, trip, 1)
    first = waybills(session, planner, WaybillFilter(), now=now())
    assert len(first) == PAGE + 1
    second = waybills(session, planner, WaybillFilter(before=first[PAGE - 1].id), now=now())
    assert [row.id for row in second] == [first[PAGE].id, first[PAGE].id - 1]


def test_a_site_sees_only_trucks_that_have_left_for_it(session, statements):
    with writing(session):
        trip, other = make_ends(session), make_ends(session)
        send(session, prepare(session, other, 10))
        send(session, prepare(session, trip, 10))
        coming = trip.number
        prepare(session, trip, 10)
    statements.clear()
    assert [row.number for row in inbound(session, trip.lead, now=now())] == [coming]
    assert len(statements) == 1
    for hidden in (trip.number, other.number):
        with pytest.raises(NotFound):
            arrival(session, trip.lead, hidden)
    with pytest.raises(NotAllowed):
        inbound(session, trip.clerk, now=now())


def test_the_printed_code_finds_its_waybill_however_it_is_typed(session):
    with writing(session):
        trip = send(session, prepare(session, make_ends(session), 10))
        stranger = make_actor(session, Role.SITE_LEAD, place=make_place(session))
    code = typed_code(trip.number, trip.check)
    for typed in (code, code.lower(), code.replace("-", " "), f" wb {code}", tidy(code)):
        assert number_typed(session, trip.lead, typed) == trip.number
    assert number_typed(session, trip.lead, code[:-1]) is None
    assert number_typed(session, stranger, code) is None


def test_the_token_can_be_printed_again_and_is_not_stored(session):
    with writing(session):
        trip = prepare(session, make_ends(session), 10)
    printed = token(session, trip.number)
    waybill, _document = locked(session, trip.number)
    assert len(printed) == 16
    assert token_hash(printed) == waybill.token_hash
    assert printed not in waybill.token_hash
    assert set(trip.check) <= set(ALPHABET)


def stand(session, *dated):
    """Return a site with one item in lots of (quantity, days to expiry or None)."""
    with writing(session):
        trip = make_ends(session)
        item = make_item(session, name="Oil", base_unit=BaseUnit.PIECE)
        trip.lots = [
            make_lot(
                session,
                warehouse=trip.origin,
                item=item,
                quantity=quantity,
                expires_on=None if days is None else now().date() + timedelta(days=days),
            )
            for quantity, days in dated
        ]
        send(session, prepare(session, trip, *(quantity for quantity, _days in dated)))
        count(
            session,
            trip,
            *(
                Counted(line=number, good=quantity)
                for number, (quantity, _days) in enumerate(dated, start=1)
            ),
        )
    return trip, item


def handing(trip, item, quantity, **more):
    values = {
        "command_id": command_id(),
        "site": trip.site.code,
        "handed_on": now().date(),
        "households": 12,
        "lines": (HandedOut(item_id=item.id, quantity=quantity),),
    }
    return RecordHandOut(**(values | more))


def test_what_expires_first_is_handed_out_first(session):
    trip, item = stand(session, (20, None), (20, 90), (20, 30))
    with writing(session):
        answer = once(session, trip.lead, handing(trip, item, 30), record_handout)
    assert answer["handout"].startswith("D-KRB-")
    [oil] = site_stock(session, trip.site)
    assert oil.quantity == 30
    assert [(lot.lot_id, lot.on_hand) for lot in oil.lots] == [
        (trip.lots[1].id, 10),
        (trip.lots[0].id, 20),
    ]
    assert [(given.households, given.quantities) for given in handouts(session, trip.site)] == [
        (12, {item.id: 30})
    ]
    assert list(faults(session)) == []


def test_more_than_stands_at_the_site_cannot_be_handed_out(session):
    trip, item = stand(session, (20, None))
    with pytest.raises(CannotHandOut) as refused, writing(session):
        once(session, trip.lead, handing(trip, item, 21), record_handout)
    assert refused.value.field == f"item_{item.id}"
    assert [lot.on_hand for lot in lots_at(session, AccountKind.SITE, trip.site.id)] == [20]


@pytest.mark.parametrize(
    "more",
    [
        {"households": 0},
        {"lines": ()},
        {"handed_on": datetime.now(UTC).date() + timedelta(days=2)},
    ],
)
def test_a_hand_out_of_nothing_to_nobody_or_tomorrow_is_refused(session, more):
    trip, item = stand(session, (20, None))
    with pytest.raises(CannotHandOut), writing(session):
        once(session, trip.lead, handing(trip, item, 5, **more), record_handout)


def test_the_lead_of_another_site_hands_nothing_out_here(session):
    trip, item = stand(session, (20, None))
    with writing(session):
        stranger = make_actor(session, Role.SITE_LEAD, place=make_place(session))
    with pytest.raises(NotAllowed), writing(session):
        once(session, stranger, handing(trip, item, 5), record_handout)


def test_plan_sent_received_and_handed_out_stand_on_one_line(session):
    with writing(session):
        trip = make_ends(session)
        plan = make_approved_plan(session, trip, 300)
        send(session, prepare(session, trip, 200, plan=number_of(session, plan)))
        count(session, trip, Counted(line=1, good=190, damaged=4, missing=6))
        item = session.get_one(Item, trip.lots[0].item_id)
        once(session, trip.lead, handing(trip, item, 150), record_handout)
        planner = make_actor(session, Role.PLANNER)
    [line] = followed(session, planner, number_of(session, plan))
    assert (line.planned, line.sent, line.received, line.handed_out) == (300, 200, 190, 150)


def goods(lot_id, quantity, *, pack=10, grams=16_000, millilitres=100_000):
    return ToSend(
        lot_id=lot_id,
        lot=f"L{lot_id}",
        expires_on=None,
        item=Item(id=lot_id, code="X", name_en="X", base_unit=BaseUnit.PIECE),
        pack_kind="bale",
        pack_size=pack,
        quantity=quantity,
        grams=grams,
        millilitres=millilitres,
    )


def test_trucks_are_filled_with_whole_packs_up_to_what_they_may_carry():
    loads, unknown, too_big = fill(
        [goods(1, 100), goods(2, 60)], Capacity(grams=100_000, litres=None)
    )
    assert [load.quantities for load in loads] == [{1: 60}, {1: 40, 2: 20}, {2: 40}]
    assert [load.grams for load in loads] == [96_000, 96_000, 64_000]
    assert (unknown, too_big) == ([], [])


def test_volume_limits_a_truck_as_weight_does():
    loads, _unknown, _too_big = fill([goods(1, 40)], Capacity(grams=10**9, litres=250))
    assert [load.quantities for load in loads] == [{1: 20}, {1: 20}]


def test_goods_of_unknown_weight_are_on_no_truck():
    strange = goods(2, 60, grams=None)
    loads, unknown, _too_big = fill([goods(1, 10), strange], Capacity(grams=10**6, litres=None))
    assert [load.quantities for load in loads] == [{1: 10}]
    assert unknown == [strange]


def test_a_pack_heavier_than_the_truck_is_named_and_ends_no_loop():
    huge = goods(2, 60, grams=2_000_000)
    loads, _unknown, too_big = fill([goods(1, 10), huge], Capacity(grams=10**6, litres=10**6))
    assert [load.quantities for load in loads] == [{1: 10}]
    assert too_big == [huge]


def test_a_plan_is_proposed_as_one_waybill_a_truck(session):
    with writing(session):
        trip = make_ends(session, (400, 60))
        plan = number_of(session, make_approved_plan(session, trip, 300, 60))
        session.add(
            Vehicle(
                organisation_id=trip.origin.organisation_id,
                plate="RAF 218 C",
                max_grams=320_000,
                max_litres=20_000,
            )
        )
        planner = make_actor(session, Role.PLANNER)
    [trip_proposed] = proposals(session, planner, plan)
    assert [sum(load.quantities.values()) for load in trip_proposed.loads] == [200, 160]
    with writing(session):
        prepare(session, trip, 200, plan=plan)
    [rest] = proposals(session, planner, plan)
    assert [sum(load.quantities.values()) for load in rest.loads] == [160]
