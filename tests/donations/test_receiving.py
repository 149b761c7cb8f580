"""Goods come in: what counts towards the promise, what is beside it, what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.awaiting import WrongGoods
from aidlog.donations.counting import CountedLine, split
from aidlog.donations.models import GoodsReceivedLine, Pledge, PledgeState
from aidlog.donations.receiving import ReceiveGoods, receive_goods
from aidlog.donations.taking_back import take_back_receipt
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.models import PackKind
from aidlog.registry.roles import Role
from aidlog.stock.card import card
from aidlog.stock.models import Lot, LotEarmark
from aidlog.stock.posting import AlreadyReversed
from aidlog.stock.reversing import CannotReverse, ReverseDocument, reverse_document
from aidlog.stock.soundness import faults
from tests.booking import send
from tests.factories import (
    NOW,
    command_id,
    make_actor,
    make_gift,
    make_item,
    make_lot,
    make_organisation,
    make_place,
    make_pledge,
    make_warehouse,
)


def line(item, *, good, declared=None, damaged=0, reason="", number="L-1", expires_on=None):
    return CountedLine(
        item_id=item.id,
        lot_number=number,
        expires_on=expires_on,
        pack_kind=PackKind.BALE,
        pack_size=10,
        declared=good + damaged if declared is None else declared,
        good=good,
        damaged=damaged,
        reason=reason,
    )


def receiving(warehouse, *lines, **more):
    values = {"arrived_at": NOW, "organisation_id": warehouse.organisation_id}
    return ReceiveGoods(
        command_id=command_id(), warehouse_id=warehouse.id, lines=lines, **values | more
    )


@pytest.fixture
def scene(session):
    """A storekeeper, their warehouse, an item."""
    with writing(session):
        return make_actor(session, Role.STOREKEEPER), make_warehouse(session), make_item(session)


def receive(session, actor, command):
    with writing(session):
        return once(session, actor, command, receive_goods)


def test_part_of_a_promise_leaves_the_rest_expected(session, scene):
    actor, warehouse, item = scene
    with writing(session):
        gift = make_pledge(session, item=item, quantity=100)
    receive(session, actor, receiving(warehouse, line(item, good=60), pledge_id=gift.id))
    session.refresh(gift)
    assert (gift.received, gift.state) == (60, PledgeState.PARTLY_RECEIVED)
    receive(
        session, actor, receiving(warehouse, line(item, good=40, number="L-2"), pledge_id=gift.id)
    )
    session.refresh(gift)
    assert (gift.received, gift.state) == (100, PledgeState.RECEIVED)
    with pytest.raises(WrongGoods):
        receive(
            session,
            actor,
            receiving(warehouse, line(item, good=1, number="L-3"), pledge_id=gift.id),
        )


def test_nothing_more_closes_a_promise_with_what_came(session, scene):
    actor, warehouse, item = scene
    with writing(session):
        gift = make_pledge(session, item=item, quantity=200)
    receive(
        session,
        actor,
        receiving(
            warehouse,
            line(item, good=198, damaged=2, declared=200, reason="Torn"),
            pledge_id=gift.id,
            nothing_more=True,
        ),
    )
    session.refresh(gift)
    assert (gift.received, gift.state) == (198, PledgeState.RECEIVED)


def test_more_than_promised_is_a_gift_of_its_own_on_the_same_note(session, scene):
    actor, warehouse, item = scene
    with writing(session):
        site = make_place(session)
        gift = make_pledge(session, item=item, quantity=60, earmarks=[site])
    answer = receive(
        session,
        actor,
        receiving(
            warehouse,
            line(item, good=72, declared=60, reason="They brought more"),
            pledge_id=gift.id,
        ),
    )
    session.refresh(gift)
    assert (gift.received, gift.state) == (60, PledgeState.RECEIVED)
    assert answer["unpledged"] == 12
    lots = session.scalars(select(Lot).order_by(Lot.id)).all()
    assert [(lot.number, lot.gift_code) for lot in lots] == [("L-1", gift.reference), ("L-1+", "")]
    lines = session.scalars(select(GoodsReceivedLine).order_by(GoodsReceivedLine.id)).all()
    assert [(row.good, row.excess, row.unpledged) for row in lines] == [
        (60, 0, False),
        (12, 12, True),
    ]
    earmarked = session.scalars(select(LotEarmark.lot_id)).all()
    assert earmarked == [lots[0].id]
    assert list(faults(session)) == []


def test_more_than_promised_needs_a_reason_and_the_line_is_named(session, scene):
    actor, warehouse, item = scene
    with writing(session):
        gift = make_pledge(session, item=item, quantity=60)
    with pytest.raises(WrongGoods) as refused:
        receive(session, actor, receiving(warehouse, line(item, good=72), pledge_id=gift.id))
    assert refused.value.line == 1
    assert "12 more than was promised" in str(refused.value.message)
    assert session.scalars(select(Lot)).all() == []


def test_another_item_with_a_pledge_is_received_beside_it(session, scene):
    actor, warehouse, item = scene
    with writing(session):
        gift = make_pledge(session, item=item, quantity=10)
        other = make_item(session)
    answer = receive(
        session,
        actor,
        receiving(
            warehouse, line(item, good=10), line(other, good=7, number="X"), pledge_id=gift.id
        ),
    )
    session.refresh(gift)
    assert gift.received == 10
    assert answer["unpledged"] == 7
    lot = session.scalars(select(Lot).where(Lot.item_id == other.id)).one()
    assert (lot.number, lot.gift_code) == ("X+", "")


def test_several_lots_of_a_promise_fill_it_in_their_order(session, scene):
    actor, warehouse, item = scene
    with writing(session):
        gift = make_pledge(session, item=item, quantity=100)
    receive(
        session,
        actor,
        receiving(
            warehouse,
            line(item, good=70, number="A"),
            line(item, good=50, number="B", declared=30, reason="Counted twice"),
            pledge_id=gift.id,
        ),
    )
    goods = {
        lot.number: (lot.gift_code != "")
        for lot in session.scalars(select(Lot).order_by(Lot.number))
    }
    assert goods == {"A": True, "B": True, "B+": False}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"good": 0}, "Nothing was counted"),
        ({"good": -1}, "below zero"),
        ({"good": 9, "declared": 10}, "Write why"),
        ({"good": 10, "damaged": 1}, "Write why"),
        ({"good": 10**15 + 1}, "too large"),
        ({"good": 5, "number": "N" * 40}, "too long"),
        ({"good": 5, "expires_on": (NOW - timedelta(days=40)).date()}, "expired on"),
    ],
)
def test_a_count_that_cannot_be_is_refused_in_words(session, scene, wrong, says):
    actor, warehouse, item = scene
    with pytest.raises(WrongGoods) as refused:
        receive(session, actor, receiving(warehouse, line(item, **wrong)))
    assert says in str(refused.value.message)
    assert session.scalars(select(Lot)).all() == []


def test_goods_do_not_arrive_tomorrow(session, scene):
    actor, warehouse, item = scene
    with pytest.raises(WrongGoods) as refused:
        receive(
            session,
            actor,
            receiving(
                warehouse, line(item, good=1), arrived_at=datetime.now(UTC) + timedelta(hours=2)
            ),
        )
    assert refused.value.field == "arrived_at"


def test_a_note_sent_twice_is_one_note(session, scene):
    actor, warehouse, item = scene
    command = receiving(warehouse, line(item, good=40))
    assert receive(session, actor, command) == receive(session, actor, command)
    assert card(session, actor, warehouse.code, item.code).on_hand == 40


def test_one_lot_number_of_an_item_is_one_lot(session, scene):
    actor, warehouse, item = scene
    receive(session, actor, receiving(warehouse, line(item, good=40)))
    with pytest.raises(WrongGoods) as refused:
        receive(session, actor, receiving(warehouse, line(item, good=5)))
    assert refused.value.field == "lot_number"
    assert card(session, actor, warehouse.code, item.code).on_hand == 40


def test_a_warehouse_of_someone_elses_charge_is_not_there(session, scene):
    _, warehouse, item = scene
    with writing(session):
        elsewhere = make_actor(session, Role.STOREKEEPER, place=make_warehouse(session))
        stranger = make_actor(
            session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
        )
    with pytest.raises(NotAllowed):
        receive(session, elsewhere, receiving(warehouse, line(item, good=1)))
    with pytest.raises(NotFound):
        receive(session, stranger, receiving(warehouse, line(item, good=1)))


def test_a_note_taken_back_is_expected_again_and_can_be_written_anew(session, scene):
    actor, warehouse, item = scene
    with writing(session):
        gift = make_pledge(session, item=item, quantity=100)
    first = receive(session, actor, receiving(warehouse, line(item, good=90), pledge_id=gift.id))
    with writing(session):
        once(
            session,
            actor,
            ReverseDocument(command_id=command_id(), code=first["grn"], why="Typed 90 for 80"),
            take_back_receipt,
        )
    session.refresh(gift)
    assert (gift.received, gift.state) == (0, PledgeState.CONFIRMED)
    assert card(session, actor, warehouse.code, item.code).on_hand == 0
    receive(session, actor, receiving(warehouse, line(item, good=80), pledge_id=gift.id))
    session.refresh(gift)
    assert gift.received == 80
    shown = card(session, actor, warehouse.code, item.code)
    assert [(lot.number, lot.on_hand) for lot in shown.lots] == [("L-1", 80)]
    assert list(faults(session)) == []


def test_a_note_is_taken_back_once(session, scene):
    actor, warehouse, item = scene
    grn = receive(session, actor, receiving(warehouse, line(item, good=90)))["grn"]
    for expectation in (None, AlreadyReversed):
        command = ReverseDocument(command_id=command_id(), code=grn, why="Wrong")
        if expectation is None:
            with writing(session):
                reversal = once(session, actor, command, take_back_receipt)["document"]
        else:
            with pytest.raises(expectation), writing(session):
                once(session, actor, command, take_back_receipt)
    with pytest.raises(CannotReverse), writing(session):
        once(
            session,
            actor,
            ReverseDocument(command_id=command_id(), code=reversal, why="Undo the undoing"),
            reverse_document,
        )
    assert card(session, actor, warehouse.code, item.code).on_hand == 0


def test_goods_that_moved_on_keep_their_note(session, scene):
    actor, warehouse, item = scene
    answer = receive(session, actor, receiving(warehouse, line(item, good=90)))
    with writing(session):
        lot = session.get_one(Lot, answer["lots"][0])
        send(session, actor, lot, 1, warehouse, make_place(session))
    with pytest.raises(NotEnoughStock) as refused, writing(session):
        once(
            session,
            actor,
            ReverseDocument(command_id=command_id(), code=answer["grn"], why="Wrong"),
            take_back_receipt,
        )
    assert "Lot L-1" in str(refused.value.message)
    assert (refused.value.asked, refused.value.free) == (90, 89)


def test_another_organisations_note_is_not_there(session, scene):
    actor, warehouse, item = scene
    grn = receive(session, actor, receiving(warehouse, line(item, good=90)))["grn"]
    with writing(session):
        stranger = make_actor(
            session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
        )
    with pytest.raises(NotFound), writing(session):
        once(
            session,
            stranger,
            ReverseDocument(command_id=command_id(), code=grn, why="Mine now"),
            take_back_receipt,
        )


def test_received_never_exceeds_promised_whatever_comes(session, scene):
    actor, warehouse, item = scene
    with writing(session):
        gift = make_pledge(session, item=item, quantity=50)
        for part in (20, 25, 40):
            make_gift(session, gift, warehouse=warehouse, good=part)
    kept = session.get_one(Pledge, gift.id)
    assert (kept.received, kept.state) == (50, PledgeState.RECEIVED)
    assert card(session, actor, warehouse.code, item.code).on_hand == 85


def test_damaged_goods_are_held_and_not_free(session, scene):
    actor, warehouse, item = scene
    with writing(session):
        make_lot(session, warehouse=warehouse, item=item, quantity=40, damaged=2)
    shown = card(session, actor, warehouse.code, item.code)
    assert (shown.on_hand, shown.held, shown.free) == (42, 2, 40)


amounts = st.integers(min_value=0, max_value=500)


@given(declared=amounts, good=amounts, damaged=amounts, room=amounts)
def test_a_split_line_adds_up_and_fills_the_promise_first(declared, good, damaged, room):
    whole = CountedLine(
        item_id=1,
        lot_number="L",
        expires_on=None,
        pack_kind="bale",
        pack_size=1,
        declared=declared,
        good=good,
        damaged=damaged,
    )
    kept, more = split(whole, room)
    parts = [kept] if more is None else [kept, more]
    for figure in ("declared", "good", "damaged", "missing", "excess"):
        assert sum(getattr(part, figure) for part in parts) == getattr(whole, figure)
    for part in parts:
        assert part.declared == part.good + part.damaged + part.missing - part.excess
        assert part.declared >= 0
    assert kept.good == min(good, room)
    assert (more is None) == (good <= room)
