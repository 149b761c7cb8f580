"""Goods change hands between organisations in two steps, and never by one side alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotAllowed, NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.numbering import Series, new_document
from aidlog.db.transaction import writing
from aidlog.dispatch.finding import NotTheirs
from aidlog.dispatch.handing_over import (
    DeclineOffer,
    OfferDecided,
    OfferGoods,
    OfferLine,
    WithdrawOffer,
    WrongOffer,
    decline_offer,
    offer_goods,
    withdraw_offer,
)
from aidlog.dispatch.models import Handover, Waybill, WaybillState
from aidlog.dispatch.receipts import ConfirmReceipt, Counted, confirm_receipt
from aidlog.dispatch.returning import CameBack, ReturnToSender, return_to_sender
from aidlog.dispatch.taking_over import AcceptOffer, OtherPersonNeeded, accept_offer
from aidlog.dispatch.undoing_any import reverse_any
from aidlog.ledger.movement import AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.models import Place, RoleGrant
from aidlog.registry.roles import Role, actor_for
from aidlog.reports.recall_list import recall_story
from aidlog.stock.lots import lot_story
from aidlog.stock.models import Lot, LotEarmark, LotParent
from aidlog.stock.picking import earmarks
from aidlog.stock.queries import lots_at
from aidlog.stock.recalling import OpenRecall, open_recall
from aidlog.stock.reversing import ReverseDocument
from aidlog.stock.soundness import faults
from aidlog.stock.tracing import forward
from tests.factories import (
    command_id,
    make_actor,
    make_lot,
    make_organisation,
    make_place,
    make_warehouse,
)

SOON = datetime.now(UTC) + timedelta(days=1)


@dataclass
class Hands:
    """Two organisations, each with a warehouse and someone who decides on its stock."""

    store: Place
    lot: Lot
    giver: Actor
    theirs: Place
    taker: Actor
    keeper: Actor
    number: str = ""


@pytest.fixture
def hands(session: Session) -> Hands:
    with writing(session):
        other = make_organisation(session, code="LKA", name="Lake Alliance")
        store = make_warehouse(session)
        theirs = make_warehouse(session, organisation=other)
        return Hands(
            store=store,
            lot=make_lot(session, warehouse=store, quantity=100, number="L77"),
            giver=make_actor(session, Role.PLANNER),
            theirs=theirs,
            taker=make_actor(session, Role.PLANNER, organisation=other),
            keeper=make_actor(session, Role.STOREKEEPER, organisation=other, place=theirs),
        )


def offering(hands: Hands, quantity: int = 60, **more: object) -> OfferGoods:
    values: dict[str, object] = {
        "command_id": command_id(),
        "warehouse_id": hands.store.id,
        "taker_id": hands.theirs.organisation_id,
        "lines": (OfferLine(lot_id=hands.lot.id, quantity=quantity),),
        "purpose": "Families who arrived last week",
    }
    return OfferGoods(**(values | more))  # type: ignore[arg-type]


def offer(session: Session, hands: Hands, quantity: int = 60) -> str:
    with writing(session):
        hands.number = once(session, hands.giver, offering(hands, quantity), offer_goods)[
            "handover"
        ]
    return hands.number


def accepting(hands: Hands, **more: object) -> AcceptOffer:
    values: dict[str, object] = {
        "command_id": command_id(),
        "handover": hands.number,
        "destination_id": hands.theirs.id,
        "expected_at": SOON,
    }
    return AcceptOffer(**(values | more))  # type: ignore[arg-type]


def accept(session: Session, hands: Hands) -> dict[str, object]:
    with writing(session):
        return dict(once(session, hands.taker, accepting(hands), accept_offer))


def stands(session: Session, place: Place) -> dict[int, tuple[int, int]]:
    """Return (on hand, reserved) by lot."""
    return {
        lot.lot_id: (lot.on_hand, lot.reserved)
        for lot in lots_at(session, AccountKind.WAREHOUSE, place.id)
    }


def test_what_is_offered_stays_the_givers_and_is_promised_to_nobody_else(session, hands):
    offer(session, hands)
    assert stands(session, hands.store) == {hands.lot.id: (100, 60)}
    assert session.scalars(select(Lot)).all() == [hands.lot]
    with pytest.raises(NotEnoughStock), writing(session):
        once(session, hands.giver, offering(hands, 41), offer_goods)


def test_acceptance_ends_the_givers_lot_and_begins_the_takers_on_the_road(session, hands):
    offer(session, hands)
    answer = accept(session, hands)
    [taken] = session.scalars(select(Lot).where(Lot.id.in_(answer["lots"])))
    assert stands(session, hands.store) == {hands.lot.id: (40, 0)}
    assert taken.organisation_id == hands.theirs.organisation_id
    assert (taken.number, taken.item_id, taken.expires_on) == ("L77", hands.lot.item_id, None)
    assert taken.donor_name == "Friends of the Lake"
    waybill = session.scalars(select(Waybill)).one()
    assert waybill.state is WaybillState.ON_THE_ROAD
    assert waybill.organisation_id == hands.theirs.organisation_id
    [road] = lots_at(session, AccountKind.TRANSIT, waybill.transit_id)
    assert (road.lot_id, road.on_hand) == (taken.id, 60)
    assert list(faults(session)) == []


def test_the_taker_counts_the_goods_in_like_any_truck(session, hands):
    offer(session, hands)
    number = accept(session, hands)["waybill"]
    counted = Counted(line=1, good=50, damaged=4, missing=6)
    with writing(session):
        answer = once(
            session,
            hands.keeper,
            ConfirmReceipt(
                command_id=command_id(),
                waybill=number,
                lines=(counted,),
                arrived_at=datetime.now(UTC),
            ),
            confirm_receipt,
        )
    assert str(answer["receipt"]).startswith("GRN-LKA-")
    assert str(answer["loss_report"]).startswith("LR-LKA-")
    [shelf] = lots_at(session, AccountKind.WAREHOUSE, hands.theirs.id)
    [held] = lots_at(session, AccountKind.QUARANTINE, hands.theirs.id)
    assert (shelf.on_hand, held.on_hand) == (50, 4)
    assert list(faults(session)) == []


def test_the_donors_wish_and_the_trace_travel_with_the_goods(session, hands):
    with writing(session):
        site = make_place(session)
        session.add(LotEarmark(lot_id=hands.lot.id, place_id=site.id))
    offer(session, hands)
    [taken] = accept(session, hands)["lots"]
    assert earmarks(session, [taken]) == {taken: {site.id}}
    assert [step.lot_id for step in forward(session, [hands.lot.id])] == [hands.lot.id, taken]


def test_each_side_is_told_of_the_other_what_was_handed_over_and_no_more(session, hands):
    with writing(session):
        paper = new_document(
            session, Series.REPACK, organisation_id=hands.lot.organisation_id,
            organisation_code="KRB",
        )  # fmt: skip
        bulk = make_lot(session, warehouse=hands.store, quantity=100, number="BULK")
        session.add(
            LotParent(lot_id=hands.lot.id, parent_id=bulk.id, quantity=100, document_id=paper.id)
        )
    offer(session, hands, 60)
    [taken] = accept(session, hands)["lots"]
    theirs = session.get_one(Lot, taken)
    with writing(session):
        own = make_lot(session, warehouse=hands.theirs, quantity=7, number="SECRET")
        session.add(LotParent(lot_id=own.id, parent_id=taken, quantity=7, document_id=paper.id))
    given = lot_story(session, hands.giver, hands.lot)
    assert [(one.lot, one.organisation, one.quantity) for one in given.children] == [
        (None, "Lake Alliance", 60)
    ]
    assert [one.lot for one in given.parents] == [bulk]
    got = lot_story(session, hands.taker, theirs)
    assert [(one.lot, one.quantity, one.document) for one in got.parents] == [
        (None, 60, hands.number)
    ]
    assert got.parents[0].organisation != "Lake Alliance"
    assert [one.lot.number for one in got.children] == ["SECRET"]


def test_a_recall_names_who_took_goods_over_and_not_where_they_have_them(session, hands):
    offer(session, hands)
    accept(session, hands)
    with writing(session):
        command = OpenRecall(command_id=command_id(), lots=(hands.lot.id,), why="Mould")
        code = once(session, hands.giver, command, open_recall)["recall"]
    story = recall_story(session, hands.giver, code)
    assert story.made == []
    assert {row.lot.id for row in story.rows} == {hands.lot.id}
    [row] = [row for row in story.rows if row.to]
    assert (row.to, row.quantity, row.document) == ("Lake Alliance", 60, hands.number)
    assert len(recall_story(session, hands.giver, code, everyone=True).made) == 1


def test_a_lot_number_that_the_taker_has_already_is_marked_with_its_giver(session, hands):
    numbers = []
    for _time in range(3):
        offer(session, hands, 10)
        [taken] = accept(session, hands)["lots"]
        numbers.append(session.get_one(Lot, taken).number)
    assert numbers == ["L77", "L77/KRB", f"L77/{hands.number}"]


def test_an_offer_can_be_withdrawn_until_it_is_accepted(session, hands):
    offer(session, hands)
    command = WithdrawOffer(command_id=command_id(), handover=hands.number)
    with writing(session):
        once(session, hands.giver, command, withdraw_offer)
    assert stands(session, hands.store) == {hands.lot.id: (100, 0)}
    with pytest.raises(OfferDecided, match="withdrawn"):
        accept(session, hands)


def test_an_accepted_offer_is_not_withdrawn(session, hands):
    offer(session, hands)
    accept(session, hands)
    command = WithdrawOffer(command_id=command_id(), handover=hands.number)
    with pytest.raises(OfferDecided, match="accepted"), writing(session):
        once(session, hands.giver, command, withdraw_offer)
    assert stands(session, hands.store) == {hands.lot.id: (40, 0)}


def test_who_declines_says_why_and_the_goods_are_the_givers_again(session, hands):
    offer(session, hands)
    silent = DeclineOffer(command_id=command_id(), handover=hands.number, note=" ")
    with pytest.raises(WrongOffer, match="why"), writing(session):
        once(session, hands.taker, silent, decline_offer)
    with writing(session):
        command = DeclineOffer(command_id=command_id(), handover=hands.number, note="No room")
        once(session, hands.taker, command, decline_offer)
    assert stands(session, hands.store) == {hands.lot.id: (100, 0)}


def test_only_the_organisation_that_is_offered_to_answers(session, hands):
    offer(session, hands)
    with writing(session):
        third = make_organisation(session, code="HIL", name="Hill Church")
        outsider = make_actor(session, Role.PLANNER, organisation=third)
    declining = DeclineOffer(command_id=command_id(), handover=hands.number, note="No")
    for stranger in (outsider, hands.giver):
        with pytest.raises(NotFound), writing(session):
            once(session, stranger, accepting(hands), accept_offer)
        with pytest.raises(NotFound), writing(session):
            once(session, stranger, declining, decline_offer)


def test_a_storekeeper_gives_nothing_away_and_accepts_nothing(session, hands):
    with writing(session):
        keeper = make_actor(session, Role.STOREKEEPER, place=hands.store)
    with pytest.raises(NotAllowed), writing(session):
        once(session, keeper, offering(hands), offer_goods)
    offer(session, hands)
    with pytest.raises(NotAllowed), writing(session):
        once(session, hands.keeper, accepting(hands), accept_offer)


def test_one_person_of_both_organisations_does_not_do_both(session, hands):
    with writing(session):
        session.add(
            RoleGrant(
                person_id=hands.giver.user_id,
                organisation_id=hands.theirs.organisation_id,
                role=Role.PLANNER,
                place_id=None,
            )
        )
        session.flush()
        both = actor_for(session, hands.giver.user_id)
    offer(session, hands)
    with pytest.raises(OtherPersonNeeded), writing(session):
        once(session, both, accepting(hands), accept_offer)


def test_goods_are_brought_to_a_warehouse_of_the_taker_only(session, hands):
    offer(session, hands)
    for place in (hands.store.id, 999):
        with pytest.raises((NotFound, NotAllowed)), writing(session):
            once(session, hands.taker, accepting(hands, destination_id=place), accept_offer)


def test_a_lot_that_has_expired_is_not_offered(session, hands):
    with writing(session):
        old = make_lot(session, warehouse=hands.store, quantity=10, expires_on=date(2026, 11, 21))
    lines = (OfferLine(lot_id=old.id, quantity=5),)
    with pytest.raises(Refusal, match="expired"), writing(session):
        once(session, hands.giver, offering(hands, lines=lines), offer_goods)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"purpose": " "}, "purpose"), ({"lines": ()}, None)],
)
def test_an_offer_says_what_and_what_for(session, hands, change, field):
    with pytest.raises(WrongOffer) as refusal, writing(session):
        once(session, hands.giver, offering(hands, **change), offer_goods)
    assert refusal.value.field == field


def test_goods_that_changed_hands_do_not_go_back_by_turning_the_truck(session, hands):
    offer(session, hands)
    number = accept(session, hands)["waybill"]
    with writing(session):
        everywhere = make_actor(
            session,
            Role.PLANNER,
            organisation=make_organisation(session, code="LKA"),
        )
    command = ReturnToSender(
        command_id=command_id(),
        waybill=number,
        lines=(CameBack(line=1, quantity=60),),
        returned_at=datetime.now(UTC),
    )
    with pytest.raises(NotTheirs), writing(session):
        once(session, everywhere, command, return_to_sender)
    undoing = ReverseDocument(command_id=command_id(), code=number, why="Not ours")
    with pytest.raises(NotTheirs), writing(session):
        once(session, everywhere, undoing, reverse_any)


def at_once(engine, *acts: Callable[[Session], object]) -> list[object]:
    """Do ``acts`` at the same time, each in a session of its own; return answers or refusals."""
    gate = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(at: int) -> None:
        with Session(engine) as own:
            gate.wait()
            try:
                with writing(own):
                    outcomes[at] = acts[at](own)
            except Refusal as refusal:
                outcomes[at] = refusal

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_two_who_accept_at_once_one_does(session, hands):
    offer(session, hands)
    with writing(session):
        second = make_actor(
            session, Role.PLANNER, organisation=make_organisation(session, code="LKA")
        )
    commands = [(hands.taker, accepting(hands)), (second, accepting(hands))]
    outcomes = at_once(
        session.get_bind(),
        *[
            lambda own, who=who, command=command: once(own, who, command, accept_offer)
            for who, command in commands
        ],
    )
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    session.rollback()
    assert stands(session, hands.store) == {hands.lot.id: (40, 0)}
    assert len(session.scalars(select(Waybill)).all()) == 1
    assert list(faults(session)) == []


@pytest.mark.parametrize("turn", range(3))
def test_an_offer_accepted_and_withdrawn_at_once_ends_one_way(session, hands, turn):
    offer(session, hands)
    withdrawal = WithdrawOffer(command_id=command_id(), handover=hands.number)
    acceptance = accepting(hands)
    acts = [
        lambda own: once(own, hands.taker, acceptance, accept_offer),
        lambda own: once(own, hands.giver, withdrawal, withdraw_offer),
    ]
    outcomes = at_once(session.get_bind(), *(acts if turn % 2 else reversed(acts)))
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1
    session.rollback()
    state = session.scalars(select(Handover.state)).one()
    expected = {"accepted": (40, 0), "withdrawn": (100, 0)}[state]
    assert stands(session, hands.store) == {hands.lot.id: expected}
    assert list(faults(session)) == []


def test_an_acceptance_sent_twice_counts_once(session, hands):
    offer(session, hands)
    command = accepting(hands)
    for _time in range(2):
        with writing(session):
            once(session, hands.taker, command, accept_offer)
    assert stands(session, hands.store) == {hands.lot.id: (40, 0)}
    assert len(session.scalars(select(Waybill)).all()) == 1
