"""Goods are held back, let go, destroyed and sent back; a recall finds and holds them all."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.numbering import Document, Series
from aidlog.db.transaction import writing
from aidlog.dispatch.handing_out import CannotHandOut, HandedOut, RecordHandOut, record_handout
from aidlog.ledger.movement import AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.roles import Role
from aidlog.stock.holding import (
    CannotHold,
    DestroyGoods,
    GoodsAt,
    HoldGoods,
    ReleaseGoods,
    SendBackGoods,
    destroy_goods,
    hold_goods,
    release_goods,
    send_back_goods,
)
from aidlog.stock.journal import StockBalance, StockMovement
from aidlog.stock.models import Reason, Recall, RecallLot, StockCorrection, Transit
from aidlog.stock.picking import open_lots
from aidlog.stock.posting import LotExpired, LotRecalled, reversal_of
from aidlog.stock.recalling import (
    CannotRecall,
    HoldTheRest,
    LiftRecall,
    OpenRecall,
    RecallClosed,
    hold_the_rest,
    lift_recall,
    open_recall,
)
from aidlog.stock.repacking import Repack, repack
from aidlog.stock.reversing import ReverseDocument, reverse_document
from aidlog.stock.soundness import faults
from tests.booking import arrive, book, hand_out, promise, send
from tests.factories import (
    NOW,
    command_id,
    make_actor,
    make_lot,
    make_organisation,
    make_place,
    make_warehouse,
)

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


class Scene:
    """A lot of 100 in a warehouse, a storekeeper there, and a coordinator."""

    def __init__(self, session):
        self.session = session
        self.warehouse = make_warehouse(session)
        self.site = make_place(session)
        self.lot = make_lot(session, warehouse=self.warehouse, quantity=100)
        self.keeper = make_actor(session, Role.STOREKEEPER, place=self.warehouse)
        self.coordinator = make_actor(session, Role.COORDINATOR)

    def at(self, kind=AccountKind.WAREHOUSE, place=None, lot=None):
        return (
            self.session.scalar(
                select(StockBalance.on_hand).where(
                    StockBalance.lot_id == (lot or self.lot).id,
                    StockBalance.kind == kind,
                    StockBalance.key == (place or self.warehouse).id,
                )
            )
            or 0
        )

    def line(self, quantity, lot=None, place=None, **more):
        return GoodsAt(
            place_id=(place or self.warehouse).id,
            lot_id=(lot or self.lot).id,
            quantity=quantity,
            **more,
        )

    def do(self, actor, action, kind, *lines, **more):
        command = kind(command_id=command_id(), lines=lines, **more)
        with writing(self.session):
            return once(self.session, actor, command, action)["document"]

    def hold(self, quantity, actor=None, reason=Reason.QUALITY_CHECK, **more):
        line = self.line(quantity, **more)
        return self.do(
            actor or self.keeper, hold_goods, HoldGoods, line, reason=reason, remark="Smells"
        )

    def release(self, quantity, actor=None, reason=Reason.QUALITY_CHECK, lot=None):
        line = self.line(quantity, lot)
        return self.do(actor or self.coordinator, release_goods, ReleaseGoods, line, reason=reason)

    def recall(self, *lots, actor=None, why="Oil may be spoilt"):
        command = OpenRecall(
            command_id=command_id(), lots=tuple(lot.id for lot in lots or [self.lot]), why=why
        )
        with writing(self.session):
            return once(self.session, actor or self.coordinator, command, open_recall)

    def hold_rest(self, code):
        with writing(self.session):
            command = HoldTheRest(command_id=command_id(), code=code)
            return once(self.session, self.coordinator, command, hold_the_rest)

    def lift(self, code, note="The laboratory found nothing"):
        with writing(self.session):
            command = LiftRecall(command_id=command_id(), code=code, note=note)
            return once(self.session, self.coordinator, command, lift_recall)


@pytest.fixture
def scene(session):
    with writing(session):
        return Scene(session)


def test_a_part_of_a_lot_is_held_and_the_rest_can_be_used(session, scene):
    document = scene.hold(30)
    assert (scene.at(), scene.at(AccountKind.QUARANTINE)) == (70, 30)
    assert document.startswith("HD-")
    assert session.scalar(select(StockCorrection.remark)) == "Smells"


def test_what_is_promised_is_not_held(session, scene):
    with writing(session):
        promise(session, scene.keeper, scene.lot, 80, scene.warehouse, scene.site)
    with pytest.raises(NotEnoughStock):
        scene.hold(30)


def test_who_holds_back_does_not_let_go(scene):
    scene.hold(30)
    with pytest.raises(NotAllowed):
        scene.release(30, actor=scene.keeper)
    scene.release(30)
    assert (scene.at(), scene.at(AccountKind.QUARANTINE)) == (100, 0)


def test_an_expired_lot_stays_held(session, scene):
    with writing(session):
        old = make_lot(
            session, warehouse=scene.warehouse, quantity=0, damaged=9, expires_on=YESTERDAY
        )
    with pytest.raises(LotExpired):
        scene.release(9, lot=old)


def test_destroying_is_a_numbered_loss_that_says_how(session, scene):
    scene.hold(30)
    held = scene.line(30, held=True)
    with pytest.raises(CannotHold):
        scene.do(
            scene.coordinator, destroy_goods, DestroyGoods, held, reason=Reason.DAMAGED, remark=" "
        )
    code = scene.do(
        scene.coordinator,
        destroy_goods,
        DestroyGoods,
        held,
        reason=Reason.DAMAGED,
        remark="Burnt before two witnesses",
    )
    assert code.startswith("DD-")
    assert (scene.at(), scene.at(AccountKind.QUARANTINE)) == (70, 0)
    assert list(faults(session)) == []


def test_sending_back_names_the_receiver(session, scene):
    line = scene.line(40)
    with pytest.raises(CannotHold):
        scene.do(
            scene.coordinator,
            send_back_goods,
            SendBackGoods,
            line,
            reason=Reason.DAMAGED,
            receiver="",
        )
    code = scene.do(
        scene.coordinator,
        send_back_goods,
        SendBackGoods,
        line,
        reason=Reason.DAMAGED,
        receiver="Lake Traders",
    )
    assert code.startswith("RT-")
    assert scene.at() == 60
    assert list(faults(session)) == []


def test_a_storekeeper_destroys_nothing(scene):
    with pytest.raises(NotAllowed):
        scene.do(
            scene.keeper,
            destroy_goods,
            DestroyGoods,
            scene.line(5),
            reason=Reason.DAMAGED,
            remark="Burnt",
        )


def test_nobody_holds_the_goods_of_another_organisation(session, scene):
    with writing(session):
        other = make_actor(
            session, Role.STOREKEEPER, organisation=make_organisation(session, code="OTH")
        )
    with pytest.raises(NotFound):
        scene.hold(5, actor=other)


def test_a_reason_that_does_not_explain_is_refused(scene):
    with pytest.raises(CannotHold):
        scene.hold(5, reason=Reason.FOUND)


# -- recall -------------------------------------------------------------------------------


def spread(session, scene):
    """50 left for the site, 30 arrived, 10 were given out; 20 are still on the road."""
    with writing(session):
        road = send(session, scene.keeper, scene.lot, 50, scene.warehouse, scene.site)
        arrive(session, scene.keeper, scene.lot, 30, road)
        hand_out(session, scene.keeper, scene.lot, 10, scene.site)


def test_a_recall_holds_what_is_free_in_warehouses_and_at_sites(session, scene):
    spread(session, scene)
    answer = scene.recall()
    assert answer["held"] == 2
    assert (scene.at(), scene.at(AccountKind.QUARANTINE)) == (0, 50)
    assert scene.at(AccountKind.SITE, scene.site) == 0
    assert scene.at(AccountKind.SITE_HELD, scene.site) == 20
    assert list(faults(session)) == []


def test_recalled_goods_that_arrive_later_are_not_handed_out(session, scene):
    spread(session, scene)
    code = scene.recall()["recall"]
    with writing(session):
        arrive(session, scene.keeper, scene.lot, 20, road_of(session))
        lead = make_actor(session, Role.SITE_LEAD, place=scene.site)
    command = RecordHandOut(
        command_id=command_id(),
        site=scene.site.code,
        handed_on=date(2026, 11, 21),
        households=5,
        lines=(HandedOut(item_id=scene.lot.item_id, quantity=5),),
    )
    with pytest.raises(CannotHandOut), writing(session):
        once(session, lead, command, record_handout)
    assert scene.hold_rest(code)["held"] == 1
    assert scene.at(AccountKind.SITE_HELD, scene.site) == 40


def test_an_arrival_of_recalled_goods_that_was_entered_wrong_is_undone(session, scene):
    spread(session, scene)
    scene.recall()
    with writing(session):
        code = arrive(session, scene.keeper, scene.lot, 20, road_of(session))
    document = session.scalars(select(Document).where(Document.code == code)).one()
    undoing = reversal_of(session, document)
    with writing(session):
        book(session, scene.keeper, undoing, series=Series.REVERSAL)
    assert scene.at(place=scene.site, kind=AccountKind.SITE) == 0
    assert list(faults(session)) == []


def road_of(session):
    return session.scalars(select(Transit)).one()


def test_a_recalled_lot_goes_on_no_truck(session, scene):
    with writing(session):
        promise(session, scene.keeper, scene.lot, 40, scene.warehouse, scene.site)
    scene.recall()
    assert scene.at() == 40
    with pytest.raises(LotRecalled), writing(session):
        send(session, scene.keeper, scene.lot, 1, scene.warehouse, scene.site)


def test_the_database_itself_keeps_a_recalled_lot_off_the_road(session, scene):
    """A careless program that asks nobody is refused by the trigger."""
    spread(session, scene)
    scene.recall()
    with writing(session):
        arrive(session, scene.keeper, scene.lot, 20, road_of(session))
    known = session.scalars(
        select(StockMovement).where(StockMovement.target_kind == AccountKind.PEOPLE)
    ).one()
    bare = {
        column.key: getattr(known, column.key)
        for column in StockMovement.__table__.columns
        if column.key != "id"
    }
    with pytest.raises(DBAPIError), writing(session):
        session.execute(insert(StockMovement), bare | {"line": 99, "quantity": 1})


def test_a_recalled_lot_is_not_offered_for_picking(session, scene):
    with writing(session):
        promise(session, scene.keeper, scene.lot, 40, scene.warehouse, scene.site)
    scene.recall()
    offered = open_lots(
        session,
        scene.warehouse.id,
        [scene.lot.item_id],
        NOW.date(),
        scene.site.id,
        scene.keeper.organisation_ids,
    )
    assert offered == []


def test_a_recall_takes_along_what_was_made_from_the_lot(session, scene):
    command = Repack(
        command_id=command_id(),
        warehouse_id=scene.warehouse.id,
        lot_id=scene.lot.id,
        quantity=30,
        pack_kind="piece",
        pack_size=1,
    )
    with writing(session):
        made = once(session, scene.keeper, command, repack)["lot_id"]
    answer = scene.recall()
    named = dict(session.execute(select(RecallLot.lot_id, RecallLot.named)).all())
    assert named == {scene.lot.id: True, made: False}
    assert answer["held"] == 2


def test_held_goods_of_a_recall_are_let_go_only_after_it_is_lifted(scene):
    code = scene.recall()["recall"]
    with pytest.raises(LotRecalled):
        scene.release(100)
    scene.lift(code)
    scene.release(100)
    assert scene.at() == 100


def test_a_recall_is_lifted_once_and_with_what_was_found(session, scene):
    code = scene.recall()["recall"]
    with pytest.raises(CannotRecall):
        scene.lift(code, note=" ")
    scene.lift(code)
    with pytest.raises(RecallClosed):
        scene.lift(code)
    with pytest.raises(RecallClosed):
        scene.hold_rest(code)
    assert session.scalars(select(Recall)).one().closing_note


def test_only_who_approves_stock_everywhere_recalls(session, scene):
    with writing(session):
        planner_here = make_actor(session, Role.PLANNER, place=scene.warehouse)
    for someone in (scene.keeper, planner_here):
        with pytest.raises(NotAllowed):
            scene.recall(actor=someone)


def test_a_recall_of_two_organisations_at_once_is_refused(session, scene):
    with writing(session):
        other = make_organisation(session, code="OTH")
        foreign = make_lot(session, warehouse=make_warehouse(session, organisation=other))
    with pytest.raises(NotFound):
        scene.recall(scene.lot, foreign)


def test_a_recall_sent_twice_is_one(session, scene):
    command = OpenRecall(command_id=command_id(), lots=(scene.lot.id,), why="Spoilt")
    for _ in range(2):
        with writing(session):
            once(session, scene.coordinator, command, open_recall)
    assert len(session.scalars(select(Recall)).all()) == 1


def test_undoing_a_hold_does_not_let_go_what_is_recalled(session, scene):
    document = scene.hold(30)
    scene.recall()
    command = ReverseDocument(command_id=command_id(), code=document, why="Entered wrong")
    with pytest.raises(LotRecalled), writing(session):
        once(session, scene.coordinator, command, reverse_document)
    assert scene.at(AccountKind.QUARANTINE) == 100
