"""Kits are built from lots and taken apart; every part is accounted for and can be traced."""

from datetime import date

import pytest
from sqlalchemy import select

from aidlog.core.quantity import BaseUnit
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.items import EditItem, Facts, Names, edit_item
from aidlog.registry.kits import Content, SetKitContents, contents, set_kit_contents
from aidlog.registry.models import Item, PackKind
from aidlog.registry.roles import Role
from aidlog.registry.scope import WrongEntry
from aidlog.stock.journal import StockBalance
from aidlog.stock.kit_picking import most_kits, propose_picks
from aidlog.stock.kitting import (
    BreakKits,
    BuildKits,
    ContentsChanged,
    Pick,
    break_kits,
    build_kits,
)
from aidlog.stock.making import CannotMake
from aidlog.stock.models import Lot, LotEarmark
from aidlog.stock.recalled import recalled
from aidlog.stock.recalling import OpenRecall, open_recall
from aidlog.stock.repacking import Repack, repack
from aidlog.stock.reversing import ReverseDocument, reverse_document
from aidlog.stock.soundness import faults
from aidlog.stock.tracing import backward, forward
from tests.factories import (
    NOW,
    command_id,
    make_actor,
    make_item,
    make_lot,
    make_place,
    make_warehouse,
)

SOON, LATER = date(2030, 1, 31), date(2031, 5, 31)


class Scene:
    """A kit of 2 soaps and 500 g of rice; 60 soaps in two lots, and 20 kg of rice."""

    def __init__(self, session):
        self.session = session
        self.warehouse = make_warehouse(session)
        self.keeper = make_actor(session, Role.STOREKEEPER)
        self.planner = make_actor(session, Role.PLANNER)
        self.soap = make_item(session, code="SOAP", weight_mg=100_000, volume_mm3=90_000)
        self.rice = make_item(
            session,
            code="RICE",
            base_unit=BaseUnit.GRAM,
            pack=(PackKind.BAG, 25_000),
            weight_mg=1_000,
            volume_mm3=1_250,
        )
        self.kit = make_item(session, code="KIT", pack=(PackKind.CARTON, 1))
        self.late = make_lot(
            session, warehouse=self.warehouse, item=self.soap, quantity=40, expires_on=LATER
        )
        self.soon = make_lot(
            session, warehouse=self.warehouse, item=self.soap, quantity=20, expires_on=SOON
        )
        self.grain = make_lot(
            session,
            warehouse=self.warehouse,
            item=self.rice,
            quantity=20_000,
            pack=(PackKind.BAG, 25_000),
        )
        self.say(self.kit, (self.soap, 2), (self.rice, 500))

    def say(self, kit, *lines):
        command = SetKitContents(
            command_id=command_id(),
            item_id=kit.id,
            contents=tuple(Content(item_id=item.id, quantity=number) for item, number in lines),
        )
        return once(self.session, self.planner, command, set_kit_contents)

    def build(self, kits, picks, version=1):
        command = BuildKits(
            command_id=command_id(),
            warehouse_id=self.warehouse.id,
            kit_id=self.kit.id,
            version=version,
            kits=kits,
            picks=tuple(Pick(lot_id=lot.id, quantity=number) for lot, number in picks),
        )
        with writing(self.session):
            return once(self.session, self.keeper, command, build_kits)

    def take_apart(self, lot_id, kits, **more):
        command = BreakKits(
            command_id=command_id(),
            warehouse_id=self.warehouse.id,
            lot_id=lot_id,
            kits=kits,
            **more,
        )
        with writing(self.session):
            return once(self.session, self.keeper, command, break_kits)

    def undo(self, code):
        command = ReverseDocument(command_id=command_id(), code=code, why="Entered wrong")
        with writing(self.session):
            return once(self.session, self.keeper, command, reverse_document)

    def at(self, lot_id, kind=AccountKind.WAREHOUSE):
        return (
            self.session.scalar(
                select(StockBalance.on_hand).where(
                    StockBalance.lot_id == lot_id,
                    StockBalance.kind == kind,
                    StockBalance.key == self.warehouse.id,
                )
            )
            or 0
        )


@pytest.fixture
def scene(session):
    with writing(session):
        return Scene(session)


def ten_kits(scene):
    return scene.build(10, [(scene.soon, 15), (scene.late, 5), (scene.grain, 5_000)])


def test_built_kits_take_their_parts_off_the_shelf(session, scene):
    answer = ten_kits(scene)
    assert scene.at(answer["lot_id"]) == 10
    assert [scene.at(lot.id) for lot in (scene.soon, scene.late, scene.grain)] == [5, 35, 15_000]
    assert list(faults(session)) == []


def test_kits_expire_with_their_first_part(session, scene):
    assert session.get_one(Lot, ten_kits(scene)["lot_id"]).expires_on == SOON


def test_picks_that_are_not_the_contents_are_refused(scene):
    for soap in (19, 21):
        with pytest.raises(CannotMake) as refusal:
            scene.build(10, [(scene.late, soap), (scene.grain, 5_000)])
        assert refusal.value.message.values["needed"].quantity == 20
    with pytest.raises(CannotMake):
        scene.build(10, [(scene.late, 20)])


def test_goods_given_for_different_sites_are_not_mixed(session, scene):
    with writing(session):
        for lot in (scene.soon, scene.grain):
            session.add(LotEarmark(lot_id=lot.id, place_id=make_place(session).id))
    with pytest.raises(CannotMake):
        ten_kits(scene)
    assert scene.at(scene.soon.id) == 20


def test_kits_may_go_where_all_their_parts_may(session, scene):
    with writing(session):
        one, other = make_place(session), make_place(session)
        for lot, places in ((scene.soon, (one, other)), (scene.grain, (one,))):
            session.add_all(LotEarmark(lot_id=lot.id, place_id=place.id) for place in places)
    made = ten_kits(scene)["lot_id"]
    wished = session.scalars(select(LotEarmark.place_id).where(LotEarmark.lot_id == made))
    assert list(wished) == [one.id]


def test_proposed_picks_go_first_expiry_first(session, scene):
    what = contents(session, [scene.kit.id])[scene.kit.id]
    rows = propose_picks(
        session,
        scene.warehouse.id,
        what,
        15,
        organisations=scene.keeper.organisation_ids,
        today=NOW.date(),
    )
    picks = {row.part.item.code: row.picks for row in rows}
    assert picks["SOAP"] == {scene.soon.id: 20, scene.late.id: 10}
    assert most_kits(rows) == 30


def test_more_kits_than_there_are_parts_for_are_refused_whole(session, scene):
    with pytest.raises(NotEnoughStock):
        scene.build(35, [(scene.soon, 25), (scene.late, 45), (scene.grain, 17_500)])
    assert scene.at(scene.soon.id) == 20
    assert list(faults(session)) == []


def test_a_list_that_changed_meanwhile_is_not_built_by(session, scene):
    with writing(session):
        scene.say(scene.kit, (scene.soap, 3))
    with pytest.raises(ContentsChanged):
        ten_kits(scene)


def test_kits_taken_apart_give_what_they_were_built_from(session, scene):
    """Also after the list has changed: what is in a kit was fixed when it was built."""
    made = ten_kits(scene)["lot_id"]
    with writing(session):
        scene.say(scene.kit, (scene.soap, 3))
    answer = scene.take_apart(made, 4)
    assert {session.get_one(Lot, lot).item_id: scene.at(lot) for lot in answer["lots"]} == {
        scene.soap.id: 8,
        scene.rice.id: 2_000,
    }
    assert scene.at(made) == 6
    assert list(faults(session)) == []


def test_parts_of_kits_have_the_first_date_of_what_they_came_from(session, scene):
    answer = scene.take_apart(ten_kits(scene)["lot_id"], 1)
    dates = {lot.item_id: lot.expires_on for lot in map(scene_lot(session), answer["lots"])}
    assert dates == {scene.soap.id: SOON, scene.rice.id: None}


def scene_lot(session):
    return lambda lot_id: session.get_one(Lot, lot_id)


def test_kits_that_came_ready_are_taken_apart_by_their_list(session, scene):
    with writing(session):
        lot = make_lot(session, warehouse=scene.warehouse, item=scene.kit, quantity=5)
    answer = scene.take_apart(lot.id, 5)
    assert sorted(scene.at(one) for one in answer["lots"]) == [10, 2_500]


def test_parts_of_held_kits_come_out_held(session, scene):
    with writing(session):
        lot = make_lot(session, warehouse=scene.warehouse, item=scene.kit, quantity=5, damaged=3)
    answer = scene.take_apart(lot.id, 3, held=True)
    assert answer["held"]
    assert sorted(scene.at(one, AccountKind.QUARANTINE) for one in answer["lots"]) == [6, 1_500]
    assert all(scene.at(one) == 0 for one in answer["lots"])


def test_a_lot_that_is_not_of_kits_is_not_taken_apart(scene):
    with pytest.raises(CannotMake):
        scene.take_apart(scene.soon.id, 1)


def test_building_and_breaking_are_reversed(session, scene):
    built = ten_kits(scene)
    broken = scene.take_apart(built["lot_id"], 4)
    scene.undo(broken["document"])
    assert scene.at(built["lot_id"]) == 10
    scene.undo(built["document"])
    assert [scene.at(lot.id) for lot in (scene.soon, scene.late, scene.grain)] == [20, 40, 20_000]
    assert [step.lot_id for step in forward(session, [scene.soon.id])] == [scene.soon.id]
    assert list(faults(session)) == []


def test_the_trace_finds_kits_and_leaves_out_what_lay_beside(session, scene):
    """Soap is doubted: the kits, and the soap that came out of them; not their rice."""
    built = ten_kits(scene)["lot_id"]
    answer = scene.take_apart(built, 4)
    by_item = {session.get_one(Lot, lot).item_id: lot for lot in answer["lots"]}
    reached = {step.lot_id for step in forward(session, [scene.soon.id])}
    assert reached == {scene.soon.id, built, by_item[scene.soap.id]}
    back = {step.lot_id for step in backward(session, [by_item[scene.soap.id]])}
    assert back == {by_item[scene.soap.id], built, scene.soon.id, scene.late.id}


def test_what_comes_out_of_recalled_kits_is_recalled_and_what_lay_beside_is_not(session, scene):
    built = ten_kits(scene)["lot_id"]
    command = OpenRecall(command_id=command_id(), lots=(scene.soon.id,), why="Smells of petrol")
    with writing(session):
        coordinator = make_actor(session, Role.COORDINATOR)
        code = once(session, coordinator, command, open_recall)["recall"]
    lots = scene.take_apart(built, 4, held=True)["lots"]
    by_item = {session.get_one(Lot, lot).item_id: lot for lot in lots}
    assert recalled(session, lots) == {by_item[scene.soap.id]: code}


def test_kits_that_came_ready_are_followed_through_repacking(session, scene):
    with writing(session):
        ready = make_lot(
            session,
            warehouse=scene.warehouse,
            item=scene.kit,
            quantity=10,
            pack=(PackKind.CARTON, 1),
        )
    command = Repack(
        command_id=command_id(),
        warehouse_id=scene.warehouse.id,
        lot_id=ready.id,
        quantity=10,
        pack_kind=PackKind.PIECE,
        pack_size=1,
    )
    with writing(session):
        loose = once(session, scene.keeper, command, repack)["lot_id"]
    parts = scene.take_apart(loose, 10)["lots"]
    assert {step.lot_id for step in forward(session, [ready.id])} == {ready.id, loose, *parts}


def test_kits_packed_anew_lead_back_to_all_that_was_in_the_old_ones(session, scene):
    """Both parts of the new kits came out of the old ones: the trace goes on for both."""
    old = ten_kits(scene)["lot_id"]
    by_item = {session.get_one(Lot, lot).item_id: lot for lot in scene.take_apart(old, 4)["lots"]}
    soap, grain = (session.get_one(Lot, by_item[item.id]) for item in (scene.soap, scene.rice))
    new = scene.build(4, [(soap, 8), (grain, 2_000)])["lot_id"]
    back = {step.lot_id for step in backward(session, [new])}
    assert {scene.soon.id, scene.late.id, scene.grain.id} <= back


def test_a_kit_weighs_what_its_parts_weigh(session, scene):
    session.expire_all()
    kit = session.get_one(Item, scene.kit.id)
    assert (kit.weight_mg, kit.volume_mm3) == (700_000, 805_000)


def test_a_kit_follows_a_part_whose_weight_is_learnt_or_lost(session, scene):
    with writing(session):
        command = EditItem(
            command_id=command_id(),
            item_id=scene.soap.id,
            names=Names(en="Soap"),
            facts=Facts(weight_mg=200_000, volume_mm3=None),
        )
        once(session, scene.planner, command, edit_item)
    session.expire_all()
    kit = session.get_one(Item, scene.kit.id)
    assert (kit.weight_mg, kit.volume_mm3) == (900_000, None)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (("soap", 2), ("soap", 1)),
        (("soap", 0),),
        (("kit", 1),),
    ],
)
def test_a_list_of_contents_that_cannot_be_is_refused(session, scene, lines):
    with pytest.raises(WrongEntry), writing(session):
        scene.say(scene.kit, *((getattr(scene, name), number) for name, number in lines))


def test_a_kit_holds_no_kits(session, scene):
    with writing(session):
        other = make_item(session)
    with pytest.raises(WrongEntry), writing(session):
        scene.say(other, (scene.kit, 1))
    with pytest.raises(WrongEntry), writing(session):
        scene.say(scene.soap, (other, 1))


def test_the_same_list_again_is_no_new_version(session, scene):
    with writing(session):
        assert scene.say(scene.kit, (scene.rice, 500), (scene.soap, 2))["version"] == 1
        assert scene.say(scene.kit, (scene.soap, 2))["version"] == 2
