"""The one way in for stock, on both databases."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from aidlog.db.numbering import Series, new_document
from aidlog.db.transaction import writing
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.roles import Role
from aidlog.stock.journal import StockBalance
from aidlog.stock.posting import post
from aidlog.stock.reserving import Hold, held_for, release, reserve
from aidlog.stock.soundness import faults
from tests.factories import NOW, command_id, make_actor, make_lot, make_place, make_warehouse


def issue(session, lot, warehouse, site, quantity):
    """Hand ``quantity`` straight from a warehouse to a site (no truck, for the ledger alone)."""
    from aidlog.db.commands import CommandRecord

    actor = make_actor(session, Role.STOREKEEPER)
    document = new_document(
        session, Series.ADJUSTMENT, organisation_id=lot.organisation_id, organisation_code="KRB"
    )
    move = Movement(
        kind=MovementKind.ADJUSTED_DOWN,
        lot_id=lot.id,
        quantity=quantity,
        source=Account(AccountKind.WAREHOUSE, warehouse.id),
        target=Account(AccountKind.LOSS),
    )
    id_ = command_id()
    session.add(
        CommandRecord(
            id=id_,
            kind="Test",
            actor_id=actor.user_id,
            request_hash="",
            outcome="done",
            answer="{}",
            recorded_at=NOW,
        )
    )
    post(session, actor, [move], command_id=id_, document=document, occurred_at=NOW)
    return document


def test_what_comes_in_stands_in_the_warehouse(session):
    with writing(session):
        warehouse = make_warehouse(session)
        lot = make_lot(session, warehouse=warehouse, quantity=40, damaged=2)
    held = session.get_one(StockBalance, (lot.id, AccountKind.WAREHOUSE, warehouse.id))
    assert held.on_hand == 40
    apart = session.get_one(StockBalance, (lot.id, AccountKind.QUARANTINE, warehouse.id))
    assert apart.on_hand == 2
    assert list(faults(session)) == []


def test_more_than_is_free_is_refused_and_nothing_moves(session):
    with writing(session):
        warehouse, site = make_warehouse(session), make_place(session)
        lot = make_lot(session, warehouse=warehouse, quantity=40)
    with pytest.raises(NotEnoughStock) as refused, writing(session):
        issue(session, lot, warehouse, site, 41)
    assert refused.value.free == 40
    assert (
        session.get_one(StockBalance, (lot.id, AccountKind.WAREHOUSE, warehouse.id)).on_hand == 40
    )
    assert list(faults(session)) == []


def test_reserved_stock_is_not_free(session):
    with writing(session):
        warehouse, site = make_warehouse(session), make_place(session)
        lot = make_lot(session, warehouse=warehouse, quantity=40)
        document = issue(session, lot, warehouse, site, 1)
        hold = Hold(lot_id=lot.id, warehouse_id=warehouse.id, destination_id=site.id, quantity=30)
        from aidlog.db.commands import CommandRecord

        id_ = session.query(CommandRecord.id).limit(1).scalar()
        ids = reserve(session, [hold], command_id=id_, document=document)
    with pytest.raises(NotEnoughStock), writing(session):
        issue(session, lot, warehouse, site, 10)
    with writing(session):
        release(session, ids)
        issue(session, lot, warehouse, site, 10)
    assert held_for(session, document.id) == []
    assert list(faults(session)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_movement SET quantity = quantity + 1",
        "DELETE FROM stock_movement",
        "UPDATE command SET answer = ''",
        "DELETE FROM audit_entry",
        "UPDATE lot SET number = 'other'",
        "DELETE FROM lot",
        "UPDATE document SET number = 9",
    ],
)
def test_history_cannot_be_changed(session, statement):
    with writing(session):
        make_lot(session, warehouse=make_warehouse(session))
    with pytest.raises((IntegrityError, OperationalError, ProgrammingError)), writing(session):
        session.execute(text(statement))
