"""Corrections above the limit wait for a second person; below it they are booked at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotAllowed, NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.roles import Role
from aidlog.stock.adjusting import CorrectStock, WrongReason, correct_stock
from aidlog.stock.limits import SetAdjustmentLimit, WrongLimit, set_adjustment_limit
from aidlog.stock.models import AdjustmentState, Correcting, Reason, StockAdjustment
from aidlog.stock.second_person import (
    ApproveAdjustment,
    AskedYourself,
    NotWaiting,
    RefuseAdjustment,
    WithdrawAdjustment,
    approve_adjustment,
    refuse_adjustment,
    withdraw_adjustment,
)
from aidlog.stock.soundness import faults
from tests.booking import send
from tests.factories import (
    command_id,
    make_actor,
    make_lot,
    make_organisation,
    make_place,
    make_warehouse,
)
from tests.stock.limit import set_limit
from tests.stock.test_correcting import held


@pytest.fixture
def scene(session):
    """A storekeeper, a planner, a warehouse, and a lot of 1000 in bales of ten."""
    with writing(session):
        warehouse = make_warehouse(session)
        lot = make_lot(session, warehouse=warehouse, quantity=1_000, number="L-7")
        return (
            make_actor(session, Role.STOREKEEPER),
            make_actor(session, Role.PLANNER),
            warehouse,
            lot,
        )


def take_off(session, actor, warehouse, lot, quantity, what=Correcting.TAKE_OFF, **more):
    values = {"reason": Reason.DAMAGED} | more
    command = CorrectStock(
        command_id=command_id(),
        warehouse_id=warehouse.id,
        lot_id=lot.id,
        what=what,
        quantity=quantity,
        **values,
    )
    with writing(session):
        return dict(once(session, actor, command, correct_stock))


def approve(session, actor, code):
    with writing(session):
        command = ApproveAdjustment(command_id=command_id(), code=code)
        return once(session, actor, command, approve_adjustment)


def refuse(session, actor, code, answer="Count again"):
    with writing(session):
        command = RefuseAdjustment(command_id=command_id(), code=code, answer=answer)
        return once(session, actor, command, refuse_adjustment)


def state_of(session, code):
    return session.scalars(
        select(StockAdjustment.state)
        .join(Document, Document.id == StockAdjustment.document_id)
        .where(Document.code == code)
    ).one()


def test_without_a_setting_five_in_a_hundred_may_be_taken_off_alone(session, scene):
    keeper, _planner, warehouse, lot = scene
    assert take_off(session, keeper, warehouse, lot, 50)["waits"] is False
    assert held(session, lot, warehouse) == (950, 0)


def test_above_the_limit_nothing_moves_before_another_approves(session, scene):
    keeper, planner, warehouse, lot = scene
    asked = take_off(session, keeper, warehouse, lot, 51)
    assert asked["waits"] is True
    assert asked["document"].startswith("ADJ-KRB-")
    assert held(session, lot, warehouse) == (1_000, 0)
    assert state_of(session, asked["document"]) is AdjustmentState.WAITING
    approve(session, planner, asked["document"])
    assert held(session, lot, warehouse) == (949, 0)
    assert state_of(session, asked["document"]) is AdjustmentState.POSTED
    assert list(faults(session)) == []


def test_many_small_corrections_add_up(session, scene):
    keeper, _planner, warehouse, lot = scene
    for _ in range(2):
        assert take_off(session, keeper, warehouse, lot, 20)["waits"] is False
    assert take_off(session, keeper, warehouse, lot, 20)["waits"] is True


def test_after_a_month_small_corrections_begin_anew(session, scene):
    keeper, _planner, warehouse, lot = scene
    take_off(session, keeper, warehouse, lot, 45)
    with writing(session):
        session.scalars(select(StockAdjustment)).one().asked_at -= timedelta(days=31)
    assert take_off(session, keeper, warehouse, lot, 45)["waits"] is False


def test_what_a_second_person_approved_does_not_count_towards_the_limit(session, scene):
    keeper, planner, warehouse, lot = scene
    approve(session, planner, take_off(session, keeper, warehouse, lot, 100)["document"])
    assert take_off(session, keeper, warehouse, lot, 40)["waits"] is False


@pytest.mark.parametrize(
    ("packs", "permille", "quantity", "waits"),
    [
        (3, None, 30, False),
        (3, None, 31, True),
        (None, 100, 100, False),
        (None, 100, 101, True),
        (0, None, 1, True),
        (None, None, 900, False),
    ],
)
def test_the_limit_is_set_in_packs_and_in_thousandths(
    session, scene, packs, permille, quantity, waits
):
    keeper, _planner, warehouse, lot = scene
    with writing(session):
        set_limit(session, packs=packs, permille=permille)
    assert take_off(session, keeper, warehouse, lot, quantity)["waits"] is waits


def test_what_is_only_held_back_needs_no_second_person(session, scene):
    keeper, _planner, warehouse, lot = scene
    asked = take_off(session, keeper, warehouse, lot, 900, what=Correcting.HOLD)
    assert asked["waits"] is False
    assert held(session, lot, warehouse) == (100, 900)


def test_found_goods_above_the_limit_wait_too(session, scene):
    keeper, _planner, warehouse, lot = scene
    asked = take_off(session, keeper, warehouse, lot, 200, what=Correcting.ADD, reason=Reason.FOUND)
    assert asked["waits"] is True
    assert held(session, lot, warehouse) == (1_000, 0)


def test_nobody_approves_their_own(session, scene):
    _keeper, _planner, warehouse, lot = scene
    with writing(session):
        both = make_actor(session, Role.STOREKEEPER, Role.PLANNER)
        other = make_actor(session, Role.STOREKEEPER)
    code = take_off(session, both, warehouse, lot, 200)["document"]
    for act in (approve, refuse):
        with pytest.raises(AskedYourself):
            act(session, both, code)
    with pytest.raises(NotAllowed):
        approve(session, other, code)
    assert held(session, lot, warehouse) == (1_000, 0)


def test_it_is_decided_on_once(session, scene):
    keeper, planner, warehouse, lot = scene
    code = take_off(session, keeper, warehouse, lot, 200)["document"]
    approve(session, planner, code)
    for act in (approve, refuse):
        with pytest.raises(NotWaiting):
            act(session, planner, code)
    assert held(session, lot, warehouse) == (800, 0)


def test_a_refusal_says_why_and_moves_nothing(session, scene):
    keeper, planner, warehouse, lot = scene
    code = take_off(session, keeper, warehouse, lot, 200)["document"]
    with pytest.raises(Refusal) as refused:
        refuse(session, planner, code, answer=" ")
    assert refused.value.field == "answer"
    refuse(session, planner, code)
    assert state_of(session, code) is AdjustmentState.REFUSED
    assert held(session, lot, warehouse) == (1_000, 0)


def test_who_asked_takes_it_back_and_nobody_else(session, scene):
    keeper, planner, warehouse, lot = scene
    with writing(session):
        other = make_actor(session, Role.STOREKEEPER)
    code = take_off(session, keeper, warehouse, lot, 200)["document"]

    def withdraw(actor):
        with writing(session):
            command = WithdrawAdjustment(command_id=command_id(), code=code)
            once(session, actor, command, withdraw_adjustment)

    with pytest.raises(NotFound):
        withdraw(other)
    withdraw(keeper)
    assert state_of(session, code) is AdjustmentState.WITHDRAWN
    with pytest.raises(NotWaiting):
        approve(session, planner, code)


def test_what_has_left_by_the_time_of_the_approval_is_refused(session, scene):
    keeper, planner, warehouse, lot = scene
    code = take_off(session, keeper, warehouse, lot, 200)["document"]
    with writing(session):
        send(session, keeper, lot, 900, warehouse, make_place(session))
    with pytest.raises(NotEnoughStock):
        approve(session, planner, code)
    assert state_of(session, code) is AdjustmentState.WAITING


def test_more_than_is_there_is_not_asked_of_anybody(session, scene):
    keeper, _planner, warehouse, lot = scene
    with pytest.raises(NotEnoughStock):
        take_off(session, keeper, warehouse, lot, 1_001)
    assert session.scalars(select(StockAdjustment)).all() == []


def test_a_loss_cites_the_paper_on_which_the_goods_came(session, scene):
    keeper, _planner, warehouse, lot = scene
    note = session.scalars(select(Document.code).where(Document.series == "GRN")).one()
    take_off(session, keeper, warehouse, lot, 1, cites=note.lower())
    assert session.scalars(select(StockAdjustment.cites)).one() == note
    with pytest.raises(WrongReason) as refused:
        take_off(session, keeper, warehouse, lot, 1, cites="WB-KRB-26-0999")
    assert refused.value.field == "cites"


def test_another_organisations_correction_is_not_there(session, scene):
    keeper, _planner, warehouse, lot = scene
    code = take_off(session, keeper, warehouse, lot, 200)["document"]
    with writing(session):
        stranger = make_actor(
            session, Role.PLANNER, organisation=make_organisation(session, code="OTH")
        )
        elsewhere = make_actor(session, Role.PLANNER, place=make_warehouse(session))
    with pytest.raises(NotFound):
        approve(session, stranger, code)
    with pytest.raises(NotAllowed):
        approve(session, elsewhere, code)


def test_an_administrator_sets_the_limit_and_nobody_else(session, scene):
    keeper, planner, _warehouse, _lot = scene
    with writing(session):
        organisation = make_organisation(session)
        boss = make_actor(session, Role.ADMINISTRATOR)

    def set_as(actor, packs):
        with writing(session):
            command = SetAdjustmentLimit(
                command_id=command_id(),
                organisation_id=organisation.id,
                packs=packs,
                permille=None,
            )
            once(session, actor, command, set_adjustment_limit)

    for actor in (keeper, planner):
        with pytest.raises(NotAllowed):
            set_as(actor, 3)
    with pytest.raises(WrongLimit) as refused:
        set_as(boss, -1)
    assert refused.value.field == "packs"
    set_as(boss, 3)
    set_as(boss, 4)
