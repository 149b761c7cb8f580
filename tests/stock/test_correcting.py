"""The books are set right by numbered corrections, and undone by mirrored ones."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotAllowed, NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.roles import Role
from aidlog.stock.adjusting import (
    REASONS,
    CorrectStock,
    WrongReason,
    correct_stock,
)
from aidlog.stock.journal import StockBalance
from aidlog.stock.models import Correcting, Reason, StockCorrection
from aidlog.stock.posting import AlreadyReversed
from aidlog.stock.reversing import CannotReverse, ReverseDocument, reverse_document
from aidlog.stock.soundness import faults
from tests.booking import arrive, hand_out, promise, send
from tests.factories import (
    command_id,
    make_actor,
    make_lot,
    make_organisation,
    make_place,
    make_warehouse,
)
from tests.stock.limit import lift_the_limit


@pytest.fixture
def scene(session):
    """A storekeeper, a warehouse, and a lot of 100."""
    with writing(session):
        warehouse = make_warehouse(session)
        lot = make_lot(session, warehouse=warehouse, quantity=100, number="L-7")
        lift_the_limit(session)
        return make_actor(session, Role.STOREKEEPER), warehouse, lot


def correct(session, actor, warehouse, lot, what, quantity, reason=None, remark="As seen"):
    command = CorrectStock(
        command_id=command_id(),
        warehouse_id=warehouse.id,
        lot_id=lot.id,
        what=what,
        quantity=quantity,
        reason=reason or REASONS[what][0],
        remark=remark,
    )
    with writing(session):
        return once(session, actor, command, correct_stock)["document"]


def reverse(session, actor, code, why="Entered wrong"):
    command = ReverseDocument(command_id=command_id(), code=code, why=why)
    with writing(session):
        return once(session, actor, command, reverse_document)["document"]


def held(session, lot, warehouse):
    """Return (usable, held back) of a lot in a warehouse."""
    return tuple(
        session.scalar(
            select(StockBalance.on_hand).where(
                StockBalance.lot_id == lot.id,
                StockBalance.kind == kind,
                StockBalance.key == warehouse.id,
            )
        )
        or 0
        for kind in (AccountKind.WAREHOUSE, AccountKind.QUARANTINE)
    )


@pytest.mark.parametrize(
    ("what", "after"),
    [
        (Correcting.ADD, (105, 0)),
        (Correcting.TAKE_OFF, (95, 0)),
        (Correcting.HOLD, (95, 5)),
    ],
)
def test_a_correction_moves_what_it_says(session, scene, what, after):
    actor, warehouse, lot = scene
    code = correct(session, actor, warehouse, lot, what, 5)
    assert code.startswith("ADJ-KRB-")
    assert held(session, lot, warehouse) == after
    assert list(faults(session)) == []


def test_held_goods_are_taken_off(session, scene):
    actor, warehouse, lot = scene
    correct(session, actor, warehouse, lot, Correcting.HOLD, 10)
    correct(session, actor, warehouse, lot, Correcting.TAKE_OFF_HELD, 6)
    assert held(session, lot, warehouse) == (90, 4)
    with pytest.raises(NotEnoughStock):
        correct(session, actor, warehouse, lot, Correcting.TAKE_OFF_HELD, 5)


def test_who_may_not_let_go_does_not_undo_a_hold_either(session, scene):
    actor, warehouse, lot = scene
    code = correct(session, actor, warehouse, lot, Correcting.HOLD, 10)
    with pytest.raises(NotAllowed):
        reverse(session, actor, code)
    assert held(session, lot, warehouse) == (90, 10)
    with writing(session):
        coordinator = make_actor(session, Role.COORDINATOR)
    reverse(session, coordinator, code)
    assert held(session, lot, warehouse) == (100, 0)


def test_promised_goods_are_not_taken_off(session, scene):
    actor, warehouse, lot = scene
    with writing(session):
        promise(session, actor, lot, 60, warehouse, make_place(session))
    with pytest.raises(NotEnoughStock) as refused:
        correct(session, actor, warehouse, lot, Correcting.TAKE_OFF, 41)
    assert "Lot L-7: only 40 free" in str(refused.value.message)
    correct(session, actor, warehouse, lot, Correcting.HOLD, 40)
    assert held(session, lot, warehouse) == (60, 40)


@pytest.mark.parametrize("what", list(Correcting))
def test_a_reason_that_explains_nothing_is_refused(session, scene, what):
    actor, warehouse, lot = scene
    for reason in set(Reason) - set(REASONS[what]):
        with pytest.raises(WrongReason):
            correct(session, actor, warehouse, lot, what, 1, reason)
    assert held(session, lot, warehouse) == (100, 0)
    assert session.scalars(select(StockCorrection)).all() == []


@pytest.mark.parametrize("quantity", [0, -3])
def test_a_correction_moves_something(session, scene, quantity):
    actor, warehouse, lot = scene
    with pytest.raises(WrongReason) as refused:
        correct(session, actor, warehouse, lot, Correcting.ADD, quantity)
    assert refused.value.field == "quantity"


def test_an_unknown_reason_needs_a_remark(session, scene):
    actor, warehouse, lot = scene
    with pytest.raises(WrongReason) as refused:
        correct(session, actor, warehouse, lot, Correcting.TAKE_OFF, 1, Reason.UNKNOWN, remark=" ")
    assert refused.value.field == "remark"


def test_an_expired_lot_is_held_and_taken_off(session):
    day = datetime.now(UTC).date()
    with writing(session):
        warehouse = make_warehouse(session)
        actor = make_actor(session, Role.STOREKEEPER)
        # received while it was good, expired since
        lot = make_lot(
            session, warehouse=warehouse, quantity=10, expires_on=day - timedelta(days=1)
        )
        lift_the_limit(session)
    correct(session, actor, warehouse, lot, Correcting.HOLD, 10, Reason.EXPIRED)
    correct(session, actor, warehouse, lot, Correcting.TAKE_OFF_HELD, 10, Reason.EXPIRED)
    assert held(session, lot, warehouse) == (0, 0)


def test_another_organisations_lot_is_not_there(session, scene):
    _, warehouse, lot = scene
    with writing(session):
        stranger = make_actor(
            session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
        )
        elsewhere = make_actor(session, Role.STOREKEEPER, place=make_warehouse(session))
        planner = make_actor(session, Role.PLANNER)
    with pytest.raises(NotFound):
        correct(session, stranger, warehouse, lot, Correcting.TAKE_OFF, 1)
    for actor in (elsewhere, planner):
        with pytest.raises(NotAllowed):
            correct(session, actor, warehouse, lot, Correcting.TAKE_OFF, 1)
    assert held(session, lot, warehouse) == (100, 0)


def test_a_correction_is_reversed_once(session, scene):
    actor, warehouse, lot = scene
    code = correct(session, actor, warehouse, lot, Correcting.TAKE_OFF, 30)
    reversal = reverse(session, actor, code)
    assert held(session, lot, warehouse) == (100, 0)
    with pytest.raises(AlreadyReversed):
        reverse(session, actor, code)
    with pytest.raises(CannotReverse):
        reverse(session, actor, reversal)
    assert held(session, lot, warehouse) == (100, 0)
    assert list(faults(session)) == []


def test_goods_that_were_found_and_have_left_are_not_unfound(session, scene):
    actor, warehouse, lot = scene
    code = correct(session, actor, warehouse, lot, Correcting.ADD, 20)
    with writing(session):
        send(session, actor, lot, 110, warehouse, make_place(session))
    with pytest.raises(NotEnoughStock) as refused:
        reverse(session, actor, code)
    assert str(refused.value.message).startswith(
        "Lot L-7 has moved on: 20 are to come back and 10 are free there. 110 of it are on the"
    )


def test_a_reversal_says_why(session, scene):
    actor, warehouse, lot = scene
    code = correct(session, actor, warehouse, lot, Correcting.TAKE_OFF, 30)
    with pytest.raises(Refusal) as refused:
        reverse(session, actor, code, why="  ")
    assert refused.value.field == "why"


def test_what_travelled_is_not_reversed_here(session, scene):
    actor, warehouse, lot = scene
    with writing(session):
        road = send(session, actor, lot, 10, warehouse, make_place(session))
        receipt = arrive(session, actor, lot, 10, road)
    with pytest.raises(CannotReverse):
        reverse(session, actor, receipt)


def test_a_site_lead_takes_back_a_hand_out_at_their_own_site_only(session, scene):
    actor, warehouse, lot = scene
    with writing(session):
        site = make_place(session)
        lead = make_actor(session, Role.SITE_LEAD, place=site)
        other = make_actor(session, Role.SITE_LEAD, place=make_place(session))
        road = send(session, actor, lot, 10, warehouse, site)
        arrive(session, actor, lot, 10, road)
        code = hand_out(session, actor, lot, 6, site)
    with pytest.raises(NotAllowed):
        reverse(session, other, code)
    reverse(session, lead, code)
    at_site = session.get_one(StockBalance, (lot.id, AccountKind.SITE, site.id))
    assert at_site.on_hand == 10


def test_the_same_reversal_sent_twice_gives_the_same_answer(session, scene):
    actor, warehouse, lot = scene
    code = correct(session, actor, warehouse, lot, Correcting.TAKE_OFF, 30)
    command = ReverseDocument(command_id=command_id(), code=code, why="Twice")
    answers = []
    for _ in range(2):
        with writing(session):
            answers.append(once(session, actor, command, reverse_document))
    assert answers[0] == answers[1]
    assert held(session, lot, warehouse) == (100, 0)
