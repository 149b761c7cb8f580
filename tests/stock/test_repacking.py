"""Packs of one size become packs of another, exactly; both lots and their paper stay."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.items import Pack, SetPacks, set_packs
from aidlog.registry.models import ItemPack, PackKind
from aidlog.registry.roles import Role
from aidlog.stock.journal import StockBalance
from aidlog.stock.making import CannotMake
from aidlog.stock.models import Lot, LotEarmark
from aidlog.stock.posting import LotExpired
from aidlog.stock.repacking import Repack, repack
from aidlog.stock.reversing import ReverseDocument, reverse_document
from aidlog.stock.soundness import faults
from aidlog.stock.tracing import backward, children, forward
from tests.booking import promise
from tests.factories import (
    command_id,
    make_actor,
    make_lot,
    make_organisation,
    make_place,
    make_warehouse,
)

LATER = date(2031, 5, 31)


@pytest.fixture
def scene(session):
    """A storekeeper, a warehouse, and a lot of 100 in bales of 10; bundles of 4 exist too."""
    with writing(session):
        warehouse = make_warehouse(session)
        lot = make_lot(session, warehouse=warehouse, quantity=100, expires_on=LATER)
        session.add(ItemPack(item_id=lot.item_id, kind=PackKind.BUNDLE, size=4))
        return make_actor(session, Role.STOREKEEPER), warehouse, lot


def asked(warehouse, lot, quantity, kind=PackKind.PIECE, size=1, **more):
    return Repack(
        command_id=command_id(),
        warehouse_id=warehouse.id,
        lot_id=lot.id,
        quantity=quantity,
        pack_kind=kind,
        pack_size=size,
        **more,
    )


def do(session, actor, command):
    with writing(session):
        return once(session, actor, command, repack)


def usable(session, lot_id, warehouse):
    return session.scalar(
        select(StockBalance.on_hand).where(
            StockBalance.lot_id == lot_id,
            StockBalance.kind == AccountKind.WAREHOUSE,
            StockBalance.key == warehouse.id,
        )
    )


def test_opened_bales_are_pieces_and_nothing_is_lost(session, scene):
    actor, warehouse, lot = scene
    answer = do(session, actor, asked(warehouse, lot, 30))
    assert usable(session, lot.id, warehouse) == 70
    assert usable(session, answer["lot_id"], warehouse) == 30
    assert list(faults(session)) == []


def test_the_new_lot_keeps_date_donor_and_gift_and_has_the_new_pack(session, scene):
    actor, warehouse, lot = scene
    answer = do(session, actor, asked(warehouse, lot, 40, PackKind.BUNDLE, 4))
    made = session.get_one(Lot, answer["lot_id"])
    assert (made.pack_kind, made.pack_size) == (PackKind.BUNDLE, 4)
    assert (made.expires_on, made.donor_name, made.gift_code, made.item_id) == (
        LATER,
        lot.donor_name,
        lot.gift_code,
        lot.item_id,
    )
    assert made.number == answer["document"]


def test_the_donors_wish_goes_with_the_goods(session, scene):
    actor, warehouse, lot = scene
    with writing(session):
        site = make_place(session)
        session.add(LotEarmark(lot_id=lot.id, place_id=site.id))
    answer = do(session, actor, asked(warehouse, lot, 30))
    assert session.get(LotEarmark, (answer["lot_id"], site.id)) is not None


def test_a_remainder_is_refused_with_what_would_fit(session, scene):
    actor, warehouse, lot = scene
    with pytest.raises(CannotMake) as refusal:
        do(session, actor, asked(warehouse, lot, 30, PackKind.BUNDLE, 4))
    assert refusal.value.message.values["rest"].quantity == 2
    assert refusal.value.message.values["fits"].quantity == 28
    assert usable(session, lot.id, warehouse) == 100


def test_a_remainder_stays_where_that_is_asked(session, scene):
    actor, warehouse, lot = scene
    answer = do(session, actor, asked(warehouse, lot, 30, PackKind.BUNDLE, 4, rest_stays=True))
    assert answer["quantity"] == 28
    assert usable(session, lot.id, warehouse) == 72


def test_less_than_one_pack_is_refused_also_where_the_rest_may_stay(session, scene):
    actor, warehouse, lot = scene
    with pytest.raises(CannotMake):
        do(session, actor, asked(warehouse, lot, 3, PackKind.BUNDLE, 4, rest_stays=True))


@pytest.mark.parametrize(
    ("kind", "size"), [(PackKind.BUNDLE, 7), (PackKind.CARTON, 4), (PackKind.BALE, 10)]
)
def test_only_another_pack_of_the_item_will_do(session, scene, kind, size):
    actor, warehouse, lot = scene
    with pytest.raises(CannotMake):
        do(session, actor, asked(warehouse, lot, 70 * 4, kind, size))


def test_what_is_promised_is_not_repacked(session, scene):
    actor, warehouse, lot = scene
    with writing(session):
        promise(session, actor, lot, 80, warehouse, make_place(session))
    with pytest.raises(NotEnoughStock):
        do(session, actor, asked(warehouse, lot, 30))


def test_an_expired_lot_is_not_repacked(session, scene):
    actor, warehouse, _ = scene
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with writing(session):
        old = make_lot(session, warehouse=warehouse, quantity=0, damaged=10, expires_on=yesterday)
    with pytest.raises(LotExpired):
        do(session, actor, asked(warehouse, old, 10))


def test_nobody_repacks_at_another_warehouse_or_for_another_organisation(session, scene):
    _, warehouse, lot = scene
    with writing(session):
        elsewhere = make_actor(session, Role.STOREKEEPER, place=make_warehouse(session))
        other = make_actor(
            session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
        )
        planner = make_actor(session, Role.PLANNER)
    for someone in (elsewhere, planner):
        with pytest.raises(NotAllowed):
            do(session, someone, asked(warehouse, lot, 30))
    with pytest.raises(NotFound):
        do(session, other, asked(warehouse, lot, 30))


def test_repacking_sent_twice_makes_one_lot(session, scene):
    actor, warehouse, lot = scene
    command = asked(warehouse, lot, 30)
    assert do(session, actor, command) == do(session, actor, command)
    assert usable(session, lot.id, warehouse) == 70


def test_repacking_is_reversed_whole_and_leaves_no_trace_between_lots(session, scene):
    actor, warehouse, lot = scene
    answer = do(session, actor, asked(warehouse, lot, 30))
    with writing(session):
        once(
            session,
            actor,
            ReverseDocument(command_id=command_id(), code=answer["document"], why="Wrong lot"),
            reverse_document,
        )
    assert usable(session, lot.id, warehouse) == 100
    assert usable(session, answer["lot_id"], warehouse) == 0
    assert children(session, [lot.id]) == []
    assert list(faults(session)) == []


def test_repacking_twice_is_traced_both_ways(session, scene):
    actor, warehouse, lot = scene
    first = do(session, actor, asked(warehouse, lot, 40))
    middle = session.get_one(Lot, first["lot_id"])
    last = do(session, actor, asked(warehouse, middle, 20, PackKind.BUNDLE, 4))
    reached = [step.lot_id for step in forward(session, [lot.id])]
    assert reached == [lot.id, middle.id, last["lot_id"]]
    assert [step.lot_id for step in backward(session, [last["lot_id"]])] == reached[::-1]


def test_a_changed_pack_size_changes_no_lot(session, scene):
    """The pack on a lot is a fact of the day on which it was received."""
    _, warehouse, lot = scene
    with writing(session):
        planner = make_actor(session, Role.PLANNER)
        change = SetPacks(
            command_id=command_id(),
            item_id=lot.item_id,
            packs=(Pack(kind=PackKind.BALE, size=12, issue=True),),
        )
        once(session, planner, change, set_packs)
    session.expire_all()
    assert (session.get_one(Lot, lot.id).pack_size, usable(session, lot.id, warehouse)) == (10, 100)
    sizes = session.scalars(select(ItemPack.size).where(ItemPack.item_id == lot.item_id))
    assert {10, 12} <= set(sizes)


def test_the_database_keeps_the_size_of_a_pack(session, scene):
    _, _, lot = scene
    pack = session.scalars(select(ItemPack).where(ItemPack.item_id == lot.item_id)).first()
    with pytest.raises(DBAPIError), writing(session):
        session.get_one(ItemPack, pack.id).size = 12
