"""The catalogue from a file, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotAllowed
from aidlog.core.quantity import BaseUnit
from aidlog.db.commands import new_id
from aidlog.db.transaction import writing
from aidlog.registry.kits import Content, SetKitContents, set_kit_contents
from aidlog.registry.models import Item, ItemPack
from aidlog.registry.roles import Role
from aidlog.reports.faults import FileRefused
from aidlog.reports.importing.choices import Numbers
from tests.factories import make_actor, make_item
from tests.reports.importing.conftest import told

HEAD = "item code,item description,length cm,height cm,width cm,volume litre,weight kg,in EIC\n"
PIECE = {"given": {"base_unit": "piece"}, "numbers": Numbers.EN}


def file(*lines: str, head: str = HEAD) -> bytes:
    return (head + "\n".join(lines) + "\n").encode()


def item(session, code):
    session.rollback()
    return session.scalars(select(Item).where(Item.code == code)).one()


def test_a_catalogue_of_somebody_else_is_read_with_its_own_headings(desk, session):
    answer = desk.take(
        "items",
        file('HSHEX1,"BLANKET, warm",120,5,150,9,1.6,yes', "WNEA11/4,Elbow 1 1/4,0,0,0,0,0,"),
        **PIECE,
    )
    assert answer == {"added": 2, "changed": 0, "unchanged": 0, "rows": 2}
    blanket = item(session, "HSHEX1")
    assert (blanket.name_en, blanket.base_unit) == ("BLANKET, warm", BaseUnit.PIECE)
    assert (blanket.weight_mg, blanket.volume_mm3) == (1_600_000, 9_000_000)


def test_a_weight_of_zero_is_not_known_and_that_is_told(desk, session):
    data = file("ELBOW,Elbow,0,0,0,0,0,")
    assert "weight and volume of 1 item" in told(desk.check("items", data, **PIECE), stops=False)
    desk.take("items", data, **PIECE)
    assert (item(session, "ELBOW").weight_mg, item(session, "ELBOW").volume_mm3) == (None, None)


def test_rice_weighs_by_the_kilogram_and_oil_by_the_litre(desk, session):
    head = "code,name,unit,kg,litres,pack,pack size\n"
    desk.take(
        "items",
        file("RICE,Rice,kg,,1.25,bag,25", "OIL,Oil,litre,0.92,,bottle,5", head=head),
        numbers=Numbers.EN,
    )
    rice, oil = item(session, "RICE"), item(session, "OIL")
    assert (rice.base_unit, rice.weight_mg, rice.volume_mm3) == (BaseUnit.GRAM, 1_000, 1_250)
    assert (oil.base_unit, oil.weight_mg, oil.volume_mm3) == (BaseUnit.MILLILITRE, 920, 1_000)
    sizes = {
        pack.item_id: pack.size for pack in session.scalars(select(ItemPack).where(ItemPack.issue))
    }
    assert (sizes[rice.id], sizes[oil.id]) == (25_000, 5_000)


def test_goods_by_weight_need_a_pack_that_leaves(desk):
    checked = desk.check("items", file("RICE,Rice,kg", head="code,name,unit\n"))
    assert "smallest pack that leaves" in told(checked)


@pytest.mark.parametrize("spelling", ["pcs", "Unit", "tins", "pairs", "set"])
def test_a_spelling_of_a_unit_is_suggested_and_never_taken_unasked(desk, spelling):
    data = file(f"MUG,Mug,{spelling}", head="code,name,unit\n")
    checked = desk.check("items", data)
    (asked,) = checked.asked
    assert asked.suggestions[0][0] == "piece"
    assert not checked.lines
    settled = desk.check("items", data, meanings={"base_unit": {asked.name: "piece"}})
    assert (settled.ready, settled.asked) == (True, ())


def test_the_second_file_changes_what_it_says_and_leaves_the_rest(desk, session):
    head = "code,name,name fr,kg,pack,pack size,unit\n"
    first = file("MUG,Mug,Tasse,0.2,box,10,piece", "CUP,Cup,,0.1,box,10,piece", head=head)
    desk.take("items", first, numbers=Numbers.EN)
    second = file("MUG,Enamel mug,,0.25,box,12,piece", "CUP,Cup,,,,,piece", head=head)
    answer = desk.take("items", second, numbers=Numbers.EN)
    assert answer == {"added": 0, "changed": 1, "unchanged": 1, "rows": 2}
    mug = item(session, "MUG")
    assert (mug.name_en, mug.name_fr, mug.weight_mg) == ("Enamel mug", "Tasse", 250_000)
    packs = session.scalars(select(ItemPack).where(ItemPack.item_id == mug.id)).all()
    assert {(pack.size, pack.issue, pack.active) for pack in packs} == {
        (10, False, True), (12, True, True)
    }  # fmt: skip


def test_a_unit_never_changes_under_an_item(desk):
    checked = desk.check("items", file("MAT,Mat,kg,bag,25", head="code,name,unit,pack,pack size\n"))
    assert "counted in another unit already" in told(checked)


def test_one_code_twice_names_both_rows(desk):
    checked = desk.check("items", file("MUG,Mug,piece", "mug,Mug,piece", head="code,name,unit\n"))
    assert "Row 3, column A “code”: The code MUG stands in row 2 too" in told(checked)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("GOLD,Gold,1,1,1,0.001,5,", "heavier than lead"),
        ("TENT,Tent,100,100,100,5,5,", "Length, width and height give 1000 litres"),
        ('RICEP,"Rice, per kg",0,0,0,1.25,1,', "counted in pieces"),
    ],
)
def test_figures_that_can_hardly_be_are_worth_a_look_and_stop_nothing(desk, line, says):
    checked = desk.check("items", file(line), **PIECE)
    assert says in told(checked, stops=False)
    assert checked.ready


def test_a_bad_row_keeps_every_row_out(desk, session):
    with pytest.raises(FileRefused) as refused:
        desk.take("items", file("MUG,Mug,piece", "C U P,Cup,piece", head="code,name,unit\n"))
    (fault,) = refused.value.faults
    assert (fault.row, fault.column) == (3, "A")
    assert session.scalars(select(Item.code)).all() == ["MAT"]


def test_only_who_edits_the_registry_everywhere_imports_items(desk, session):
    with writing(session):
        desk.actor = make_actor(session, Role.STOREKEEPER)
    with pytest.raises(NotAllowed):
        desk.check("items", file("MUG,Mug,piece", head="code,name,unit\n"))


def test_kits_weigh_anew_when_a_file_says_what_their_parts_weigh(desk, session):
    with writing(session):
        kit = make_item(session, code="KIT")
        mat = session.scalars(select(Item).where(Item.code == "MAT")).one()
        content = Content(item_id=mat.id, quantity=3)
        command = SetKitContents(command_id=new_id(), item_id=kit.id, contents=[content])
        set_kit_contents(session, desk.actor, command)
    desk.take("items", file("MAT,Plastic mat,2,5", head="code,name,kg,litres\n"), **PIECE)
    assert (item(session, "KIT").weight_mg, item(session, "KIT").volume_mm3) == (
        6_000_000, 15_000_000
    )  # fmt: skip
