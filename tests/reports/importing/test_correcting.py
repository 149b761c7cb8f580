"""The workbook of corrections: the rows as given, what is wrong beside each, importable again."""

from __future__ import annotations

import io

import openpyxl

from aidlog.reports.any_file import read_any
from aidlog.reports.importing.correcting import FAULT_HEADING, write_to_correct
from tests.reports.importing.conftest import told

GIVEN = {"given": {"counted_on": "2026-11-02"}}
DATA = (
    b"Old list\n\nWarehouse,Item code,Quantity,Unit,Lot,Phone number,Remarks\n"
    b"W01,MAT,10,piece,A1,+243 811 22 33 44,=1+1\nW01,MAT,x,piece,A2,+243 811 22 33 45,\n"
)


def book(checked):
    return openpyxl.load_workbook(io.BytesIO(write_to_correct(checked, str)))


def test_every_row_stands_as_given_with_what_to_correct(desk):
    rows = list(book(desk.check("stock", DATA, **GIVEN)).worksheets[0].values)
    assert rows[0] == (
        "Warehouse",
        "Item code",
        "Quantity",
        "Unit",
        "Lot",
        "Remarks",
        FAULT_HEADING,
    )
    assert rows[1][:3] == ("W01", "MAT", "10")
    assert rows[1][-1] is None
    assert rows[2][-1].startswith("Quantity: “x” is not a number")


def test_columns_that_look_personal_are_not_in_it(desk):
    text = str(
        [list(sheet.values) for sheet in book(desk.check("stock", DATA, **GIVEN)).worksheets]
    )
    assert "+243" not in text


def test_no_cell_becomes_a_formula(desk):
    sheet = book(desk.check("stock", DATA, **GIVEN)).worksheets[0]
    (formula,) = [cell for row in sheet for cell in row if str(cell.value).startswith("=")]
    assert (formula.value, formula.data_type) == ("=1+1", "s")


def test_the_corrected_workbook_is_imported_as_it_is(desk):
    workbook = book(desk.check("stock", DATA, **GIVEN))
    workbook.worksheets[0]["C3"] = 12
    stream = io.BytesIO()
    workbook.save(stream)
    again = desk.check("stock", stream.getvalue(), **GIVEN)
    assert told(again) == ""
    assert desk.take("stock", stream.getvalue(), **GIVEN)["added"] == 2


def test_the_tags_of_a_tagged_file_stay_under_its_headings(desk):
    data = b"Chiffre,Lieu\n#population+ind,#loc+code\n100,S77\n"
    checked = desk.check("population", data, given={"confidence": "counted"})
    rows = list(book(checked).worksheets[0].values)
    assert rows[1][:2] == ("#population+ind", "#loc+code")
    stream = write_to_correct(checked, str)
    assert read_any(stream).sheets[0].rows[1][0] == "#population+ind"
