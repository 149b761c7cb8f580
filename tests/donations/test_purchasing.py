"""Goods that were ordered: expected, counted in part by part, and open until nothing more comes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.awaiting import WrongGoods
from aidlog.donations.counting import CountedLine
from aidlog.donations.models import GoodsReceived, Purchase, PurchaseState, Source
from aidlog.donations.purchasing import (
    Bought,
    ClosePurchase,
    PurchaseClosed,
    RecordPurchase,
    WrongPurchase,
    close_purchase,
    lines_of_purchase,
    record_purchase,
)
from aidlog.donations.receiving import ReceiveGoods, receive_goods
from aidlog.donations.taking_back import take_back_receipt
from aidlog.registry.models import Item, PackKind, Place
from aidlog.registry.roles import Role
from aidlog.stock.models import Lot
from aidlog.stock.reversing import ReverseDocument
from tests.factories import (
    NOW,
    command_id,
    make_actor,
    make_item,
    make_organisation,
    make_warehouse,
)


@dataclass
class Desk:
    store: Place
    item: Item
    other: Item
    keeper: Actor
    number: str


@pytest.fixture
def desk(session: Session) -> Desk:
    with writing(session):
        store = make_warehouse(session)
        found = Desk(
            store=store,
            item=make_item(session),
            other=make_item(session),
            keeper=make_actor(session, Role.STOREKEEPER, place=store),
            number="",
        )
        found.number = once(session, found.keeper, ordering(found), record_purchase)["purchase"]
    return found


def ordering(desk: Desk, **more: object) -> RecordPurchase:
    values: dict[str, object] = {
        "command_id": command_id(),
        "warehouse_id": desk.store.id,
        "supplier": "Ziwa Traders",
        "order_reference": "ZT 4471",
        "donor_name": "Parish of the Lake",
        "currency": "usd",
        "lines": (Bought(item_id=desk.item.id, quantity=100, price=45_000),),
    }
    return RecordPurchase(**(values | more))  # type: ignore[arg-type]


def counted(item: Item, good: int, **more: object) -> CountedLine:
    values: dict[str, object] = {
        "item_id": item.id,
        "lot_number": "",
        "expires_on": None,
        "pack_kind": PackKind.BALE,
        "pack_size": 10,
        "declared": good,
        "good": good,
    }
    return CountedLine(**(values | more))  # type: ignore[arg-type]


def receive(session: Session, desk: Desk, *lines: CountedLine, **more: object) -> dict[str, object]:
    values: dict[str, object] = {
        "command_id": command_id(),
        "organisation_id": desk.store.organisation_id,
        "warehouse_id": desk.store.id,
        "purchase_code": desk.number,
        "lines": lines,
        "arrived_at": NOW,
    }
    command = ReceiveGoods(**(values | more))  # type: ignore[arg-type]
    with writing(session):
        return dict(once(session, desk.keeper, command, receive_goods))


def order(session: Session) -> Purchase:
    session.expire_all()
    return session.scalars(select(Purchase)).one()


def received(session: Session) -> list[int]:
    return [line.received for line in lines_of_purchase(session, order(session).id)]


def test_an_order_is_no_stock_and_knows_its_price_in_minor_units(session, desk):
    assert desk.number.startswith("PO-KRB-")
    assert order(session).currency == "USD"
    assert [line.price for line in lines_of_purchase(session, order(session).id)] == [45_000]
    assert session.scalars(select(Lot)).all() == []


def test_what_comes_in_part_leaves_the_remainder_open(session, desk):
    receive(session, desk, counted(desk.item, 40))
    assert (received(session), order(session).state) == ([40], PurchaseState.PARTLY_RECEIVED)
    receive(session, desk, counted(desk.item, 60))
    assert (received(session), order(session).state) == ([100], PurchaseState.RECEIVED)


def test_the_note_tells_supplier_and_order_and_the_lot_who_paid(session, desk):
    receive(session, desk, counted(desk.item, 40))
    note = session.scalars(select(GoodsReceived)).one()
    assert (note.source, note.order_reference) == (Source.PURCHASE, "ZT 4471")
    assert note.received_from == "Ziwa Traders"
    assert session.scalars(select(Lot.donor_name)).one() == "Parish of the Lake"


def test_more_than_was_ordered_needs_a_reason_and_a_lot_of_its_own(session, desk):
    with pytest.raises(WrongGoods, match="20 more than was ordered"):
        receive(session, desk, counted(desk.item, 120))
    answer = receive(session, desk, counted(desk.item, 120, reason="The supplier added two bales"))
    assert (received(session), answer["unpledged"]) == ([100], 20)
    assert len(answer["lots"]) == 2


def test_goods_that_were_not_ordered_stand_beside_the_order(session, desk):
    answer = receive(session, desk, counted(desk.item, 10), counted(desk.other, 5))
    assert (received(session), answer["unpledged"]) == ([10], 5)


def test_nothing_more_closes_the_order_with_what_came(session, desk):
    receive(session, desk, counted(desk.item, 40), nothing_more=True)
    assert order(session).state is PurchaseState.RECEIVED
    with pytest.raises(PurchaseClosed):
        receive(session, desk, counted(desk.item, 10))


def test_a_note_taken_back_opens_the_order_again(session, desk):
    note = receive(session, desk, counted(desk.item, 100))
    command = ReverseDocument(command_id=command_id(), code=str(note["grn"]), why="Wrong store")
    with writing(session):
        once(session, desk.keeper, command, take_back_receipt)
    assert (received(session), order(session).state) == ([0], PurchaseState.ORDERED)


def test_an_order_is_closed_with_a_reason_once(session, desk):
    silent = ClosePurchase(command_id=command_id(), purchase=desk.number, note=" ")
    with pytest.raises(WrongPurchase), writing(session):
        once(session, desk.keeper, silent, close_purchase)
    for expected in (None, PurchaseClosed):
        told = ClosePurchase(command_id=command_id(), purchase=desk.number, note="Out of stock")
        if expected is None:
            with writing(session):
                once(session, desk.keeper, told, close_purchase)
            assert order(session).state is PurchaseState.CANCELLED
        else:
            with pytest.raises(expected), writing(session):
                once(session, desk.keeper, told, close_purchase)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"supplier": " "}, "supplier"),
        ({"lines": ()}, None),
        ({"currency": ""}, "currency"),
        ({"currency": "US1"}, "currency"),
        ({"lines": (Bought(item_id=1, quantity=0),)}, "line_1"),
        ({"lines": (Bought(item_id=1, quantity=5, price=-1),)}, "price_1"),
        ({"lines": (Bought(item_id=1, quantity=5), Bought(item_id=1, quantity=6))}, None),
    ],
)
def test_an_order_that_cannot_be_says_what_is_wrong(session, desk, change, field):
    if change.get("lines"):
        change = {
            "lines": tuple(
                Bought(item_id=desk.item.id, quantity=line.quantity, price=line.price)
                for line in change["lines"]
            )
        }
    with pytest.raises(WrongPurchase) as refusal, writing(session):
        once(session, desk.keeper, ordering(desk, **change), record_purchase)
    assert refusal.value.field == field


def test_goods_bought_without_an_order_in_the_books_have_no_donor(session, desk):
    receive(
        session,
        desk,
        counted(desk.item, 10),
        purchase_code="",
        source=Source.PURCHASE,
        order_reference="Invoice 12",
        received_from="Market of Kivu",
    )
    note = session.scalars(select(GoodsReceived)).one()
    assert (note.source, note.order_reference) == (Source.PURCHASE, "Invoice 12")
    assert session.scalars(select(Lot.donor_name)).one() == ""


def test_a_delivery_without_papers_is_a_gift_or_was_bought(session, desk):
    with pytest.raises(WrongGoods, match="gift or were bought"):
        receive(session, desk, counted(desk.item, 1), purchase_code="", source=Source.TRANSFER)


def test_orders_are_an_organisations_own_and_recorded_where_one_receives(session, desk):
    with writing(session):
        other = make_organisation(session, code="LKA", name="Lake Alliance")
        stranger = make_actor(session, Role.STOREKEEPER, organisation=other)
        elsewhere = make_actor(session, Role.STOREKEEPER, place=make_warehouse(session))
    closing = ClosePurchase(command_id=command_id(), purchase=desk.number, note="No")
    with pytest.raises(NotFound), writing(session):
        once(session, stranger, closing, close_purchase)
    with pytest.raises(NotAllowed), writing(session):
        once(session, elsewhere, closing, close_purchase)
    with pytest.raises(NotAllowed), writing(session):
        once(session, elsewhere, ordering(desk), record_purchase)
