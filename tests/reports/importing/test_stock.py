"""A stock list becomes lots: understood exactly, or not at all."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from aidlog.core.errors import Conflict, NotAllowed, NotFound, Refusal
from aidlog.core.quantity import BaseUnit
from aidlog.db.commands import new_id, once
from aidlog.db.transaction import writing
from aidlog.donations.models import GoodsReceived, GoodsReceivedLine, Source
from aidlog.donations.taking_back import take_back_receipt
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import PackKind, Place
from aidlog.registry.roles import Role
from aidlog.reports.importing.choices import Numbers
from aidlog.stock.models import Lot
from aidlog.stock.queries import lots_at
from aidlog.stock.reversing import ReverseDocument
from aidlog.stock.soundness import faults
from tests.factories import make_actor, make_item, make_organisation, make_warehouse
from tests.reports.importing.conftest import told

HEAD = "warehouse,item code,item,quantity,unit,pack,in a pack,lot,expiry,donor,condition\n"
DATED = {"given": {"counted_on": "2026-11-02"}}


def file(*lines: str, head: str = HEAD) -> bytes:
    return (head + "\n".join(lines) + "\n").encode()


def standing(session, code="W01", kind=AccountKind.WAREHOUSE):
    session.rollback()
    place = session.scalars(select(Place).where(Place.code == code)).one()
    return [(lot.number, lot.on_hand, lot.pack_size) for lot in lots_at(session, kind, place.id)]


def test_a_stock_list_stands_in_the_books_as_lots(desk, session):
    answer = desk.take(
        "stock",
        file("W01,MAT,,1 200,piece,bale,20,A1,2030-05-31,Friends,",
             "Lakeside store,,Plastic mat,7,bale,,,A2,,Friends,"),
        **DATED,
    )  # fmt: skip
    assert (answer["added"], answer["notes"]) == (2, ["GRN-KRB-26-0001"])
    assert standing(session) == [("A1", 1_200, 20), ("A2", 140, 20)]
    lot = session.scalars(select(Lot).where(Lot.number == "A1")).one()
    assert (lot.expires_on, lot.donor_name) == (date(2030, 5, 31), "Friends")
    note = session.scalars(select(GoodsReceived)).one()
    assert (note.source, note.received_from) == (Source.OPENING, "Friends")
    assert list(faults(session)) == []


def test_a_lot_without_a_number_gets_that_of_its_note(desk, session):
    desk.take("stock", file("W01,MAT,,5,piece,,,,,,"), **DATED)
    assert standing(session) == [("GRN-KRB-26-0001/1", 5, 20)]


def test_damaged_and_expired_goods_are_taken_in_and_held(desk, session):
    data = file("W01,MAT,,5,piece,,,T1,,,damaged", "W01,MAT,,8,piece,,,E1,2020-01-31,,good")
    checked = desk.check("stock", data, **DATED)
    assert "past its expiry date" in told(checked, stops=False)
    desk.take("stock", data, **DATED)
    assert standing(session) == []
    assert standing(session, kind=AccountKind.QUARANTINE) == [("E1", 8, 20), ("T1", 5, 20)]
    reasons = session.scalars(select(GoodsReceivedLine.reason).order_by(GoodsReceivedLine.id))
    assert reasons.all() == ["Damaged", "Expired"]


def test_kilograms_of_rice_are_grams_exactly(desk, session):
    with writing(session):
        make_item(session, code="RICE", name="Rice", base_unit=BaseUnit.GRAM,
                  pack=(PackKind.BAG, 25_000))  # fmt: skip
    desk.take(
        "stock",
        file("W01,RICE,,12.5,kg,,,R1,,,", "W01,RICE,,3,t,,,R2,,,", "W01,RICE,,4,bag,,,R3,,,"),
        numbers=Numbers.EN, **DATED,
    )  # fmt: skip
    assert standing(session) == [("R1", 12_500, 25_000), ("R2", 3_000_000, 25_000),
                                 ("R3", 100_000, 25_000)]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("W01,MAT,,5,carton,,,A1,,,", "How much of MAT one such pack holds is not known"),
        ("W01,MAT,,5,kg,,,A1,,,", "MAT is counted in pieces"),
        ("W01,MAT,,0.5,bale,,0.5,A1,,,", "whole pieces"),
        ("W01,MAT,,,piece,,,A1,,,", "The cell is empty"),
        ("W01,,,5,piece,,,A1,,,", "No row names an item"),
        ("W01,MATT,,5,piece,,,A1,,,", "“MATT” is not known here. Did you mean “MAT”"),
        ("W01,,Plastik mat,5,piece,,,A1,,,", "Did you mean “MAT” (Plastic mat)"),
        ("Lakside store,MAT,,5,piece,,,A1,,,", "Did you mean “W01” (Lakeside store)"),
        ("W01,MAT,,5,pcs,,,A1,,,", "Did you mean “piece” (Piece)"),
        (f"W01,MAT,,5,piece,,,{'L' * 37},,,", "36 is the most"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_would_help(desk, line, says):
    checked = desk.check("stock", file(line), numbers=Numbers.EN, **DATED)
    assert says in told(checked)
    assert not checked.ready


def test_a_pack_of_several_sizes_is_asked_about(desk, session):
    from aidlog.registry.models import Item, ItemPack

    with writing(session):
        mat = session.scalars(select(Item)).one()
        session.add(ItemPack(item_id=mat.id, kind=PackKind.BALE, size=25))
    checked = desk.check("stock", file("W01,MAT,,5,bale,,,A1,,,"), **DATED)
    assert "several sizes: 20, 25" in told(checked)


def test_a_word_settled_once_is_read_so_in_every_row(desk, session):
    data = file("W01,,Mats,5,pcs,,,A1,,,", "Hub,,mats,6,PCS,,,A2,,,")
    asked = desk.check("stock", data, **DATED).asked
    assert [(one.spelling, one.rows) for one in asked] == [("pcs", 2), ("Mats", 2), ("Hub", 1)]
    settled = {"unit": {"pcs": "piece"}, "warehouse": {"hub": "W01"}, "item_name": {"mats": "MAT"}}
    desk.take("stock", data, meanings=settled, **DATED)
    assert standing(session) == [("A1", 5, 20), ("A2", 6, 20)]


def test_rows_of_one_lot_are_added_up_and_told(desk, session):
    data = file("W01,MAT,,5,piece,,,A1,,,", "W01,MAT,,6,piece,,,A1,,,")
    assert "the two are added up" in told(desk.check("stock", data, **DATED), stops=False)
    desk.take("stock", data, **DATED)
    assert standing(session) == [("A1", 11, 20)]


def test_one_lot_at_two_warehouses_is_one_lot(desk, session):
    with writing(session):
        make_warehouse(session, code="W02", name="Hill store")
    answer = desk.take(
        "stock", file("W01,MAT,,5,piece,,,A1,,,", "W02,MAT,,6,piece,,,A1,,,"), **DATED
    )
    assert answer["notes"] == ["GRN-KRB-26-0001", "GRN-KRB-26-0002"]
    assert (standing(session), standing(session, "W02")) == ([("A1", 5, 20)], [("A1", 6, 20)])
    assert len(session.scalars(select(Lot)).all()) == 1


def test_zero_is_nothing_to_take_in(desk):
    checked = desk.check("stock", file("W01,MAT,,0,piece,,,A1,,,", "W01,MAT,,1,piece,,,A2,,,"),
                         **DATED)  # fmt: skip
    assert "quantity 0" in told(checked, stops=False)
    assert len(checked.lines) == 1


def test_a_lot_that_is_in_the_books_is_not_counted_in_again(desk):
    desk.take("stock", file("W01,MAT,,5,piece,,,A1,,,"), **DATED)
    checked = desk.check("stock", file("W01,MAT,,6,piece,,,A1,,,"), **DATED)
    assert "Lot A1 is in the books already" in told(checked)


def test_the_same_file_twice_is_noticed_with_day_and_name(desk, session):
    data = file("W01,MAT,,5,piece,,,,,,")
    desk.take("stock", data, **DATED)
    with pytest.raises(Conflict, match=r"imported on \d{4}-\d\d-\d\d by Person \d+: 1 row"):
        desk.take("stock", data, **DATED)
    assert [quantity for _, quantity, _ in standing(session)] == [5]


def test_the_same_file_counts_twice_only_where_that_is_said(desk, session):
    data = file("W01,MAT,,5,piece,,,,,,")
    desk.take("stock", data, **DATED)
    desk.take("stock", data, again=True, **DATED)
    assert [quantity for _, quantity, _ in standing(session)] == [5, 5]


def test_an_import_that_was_sent_twice_counts_once(desk, session):
    data, command = file("W01,MAT,,5,piece,,,,,,"), new_id()
    first = desk.take("stock", data, id_=command, **DATED)
    assert desk.take("stock", data, id_=command, **DATED) == first
    assert [quantity for _, quantity, _ in standing(session)] == [5]


def test_a_list_that_was_taken_back_can_be_counted_in_again(desk, session):
    data = file("W01,MAT,,5,piece,,,A1,,,")
    answer = desk.take("stock", data, **DATED)
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER, Role.PLANNER)
        command = ReverseDocument(
            command_id=new_id(), code=answer["notes"][0], why="The wrong list"
        )
        once(session, actor, command, take_back_receipt)
    desk.take("stock", data, again=True, **DATED)
    assert standing(session) == [("A1", 5, 20)]


def test_a_storekeeper_imports_only_into_the_own_warehouse(desk, session):
    with writing(session):
        other = make_warehouse(session, code="W02", name="Hill store")
        desk.actor = make_actor(session, Role.STOREKEEPER, place=other)
    checked = desk.check("stock", file("W01,MAT,,5,piece,,,A1,,,"), **DATED)
    assert "“W01” is not known here" in told(checked)


def test_another_organisations_warehouse_is_not_known(desk, session):
    with writing(session):
        other = make_organisation(session, code="OTH", name="Other hands")
        make_warehouse(session, code="X01", name="Far store", organisation=other)
    checked = desk.check("stock", file("X01,MAT,,5,piece,,,A1,,,"), **DATED)
    assert "Far store" not in told(checked)
    assert not checked.ready


def test_nobody_imports_for_another_organisation(desk, session):
    with writing(session):
        desk.organisation_id = make_organisation(session, code="OTH", name="Other hands").id
    with pytest.raises(NotFound):
        desk.check("stock", file("W01,MAT,,5,piece,,,A1,,,"), **DATED)


def test_who_may_not_receive_goods_imports_no_stock(desk, session):
    with writing(session):
        desk.actor = make_actor(session, Role.AUDITOR)
    with pytest.raises(NotAllowed):
        desk.check("stock", file("W01,MAT,,5,piece,,,A1,,,"), **DATED)


def test_a_list_of_tomorrow_is_refused(desk):
    with pytest.raises(Refusal):
        desk.take("stock", file("W01,MAT,,5,piece,,,A1,,,"), given={"counted_on": "2099-01-01"})


def test_what_is_said_once_for_all_rows_is_guessed_no_more_than_a_cell(desk):
    data = file("W01,MAT,,5,piece", head="warehouse,item code,item,quantity,unit\n")
    checked = desk.check("stock", data, given={"counted_on": "03/04/2026", "pack_size": "1.000"})
    assert (checked.reading.convention.open, checked.reading.order.open) == (True, True)
    assert not checked.ready


def test_a_row_without_an_item_among_others_is_named(desk):
    data = file("W01,MAT,,5,piece,,,A1,,,", "W01,,,5,piece,,,A2,,,")
    assert "Row 3, column B “item code”: The row names no item" in told(
        desk.check("stock", data, **DATED)
    )
