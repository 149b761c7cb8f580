"""Between acts two and three: kits are packed in a warehouse, and something is held back."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select

from aidlog.cli.demo_operation.giving import PLANNER, STOREKEEPER
from aidlog.cli.demo_operation.stage import Stage
from aidlog.core.quantity import BaseUnit
from aidlog.registry.items import AddItem, Facts, Names, Pack, add_item
from aidlog.registry.kits import Content, SetKitContents, contents, set_kit_contents
from aidlog.registry.models import PackKind
from aidlog.registry.roles import actor_for
from aidlog.stock import kitting
from aidlog.stock.holding import GoodsAt, HoldGoods, hold_goods
from aidlog.stock.kit_picking import propose_picks
from aidlog.stock.models import Lot, Reason

KIT, KITS, PACKED_IN = "KIT-ARRIVAL", 20, "HLH"
IN_A_KIT = (("HHYGSOAP100G", 2), ("HHYGSOAP200G", 1), ("HHYGTOILPAPR", 2))

#: Lot, warehouse and packs of what got damp, and is to be looked at.
DAMP = ("OR-1", "LKH", 2)


def handle(stage: Stage) -> None:
    """Pack kits for newcomers by the proposed lots, and hold back what got damp."""
    kit_id = int(stage.do(PLANNER, _kit, add_item)["item_id"])
    stage.do(PLANNER, partial(_inside, stage, kit_id), set_kit_contents)
    stage.do(STOREKEEPER, partial(_packing, stage, kit_id), kitting.build_kits)
    stage.do(STOREKEEPER, partial(_damp, stage), hold_goods)


def _kit(id_: str) -> AddItem:
    return AddItem(
        command_id=id_,
        code=KIT,
        base_unit=BaseUnit.PIECE,
        names=Names(en="Arrival kit", fr="Kit d’arrivée"),
        facts=Facts(category="hygiene"),
        packs=(Pack(kind=PackKind.PIECE, size=1, issue=True),),
    )


def _inside(stage: Stage, kit_id: int, id_: str) -> SetKitContents:
    return SetKitContents(
        command_id=id_,
        item_id=kit_id,
        contents=tuple(
            Content(item_id=stage.item(code).id, quantity=number) for code, number in IN_A_KIT
        ),
    )


def _packing(stage: Stage, kit_id: int, id_: str) -> kitting.BuildKits:
    what = contents(stage.session, [kit_id])[kit_id]
    warehouse_id = stage.place(PACKED_IN)
    rows = propose_picks(
        stage.session,
        warehouse_id,
        what,
        KITS,
        organisations=actor_for(stage.session, stage.person(STOREKEEPER)).organisation_ids,
        today=stage.today,
    )
    return kitting.BuildKits(
        command_id=id_,
        warehouse_id=warehouse_id,
        kit_id=kit_id,
        version=what.number,
        kits=KITS,
        picks=tuple(
            kitting.Pick(lot_id=lot, quantity=number)
            for row in rows
            for lot, number in row.picks.items()
        ),
    )


def _damp(stage: Stage, id_: str) -> HoldGoods:
    number, warehouse, packs = DAMP
    lot = stage.session.scalars(select(Lot).where(Lot.number == number)).one()
    line = GoodsAt(place_id=stage.place(warehouse), lot_id=lot.id, quantity=packs * lot.pack_size)
    return HoldGoods(
        command_id=id_,
        lines=(line,),
        reason=Reason.QUALITY_CHECK,
        remark="The lowest boxes stood in water.",
    )
