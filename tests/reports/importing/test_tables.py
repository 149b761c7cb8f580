"""The list in a file: found under junk, by headings in any language, by HXL tags."""

from __future__ import annotations

import pytest

from aidlog.donations.stock_columns import STOCK_COLUMNS
from aidlog.needs.importing_population import POPULATION_COLUMNS
from aidlog.registry.item_columns import ITEM_COLUMNS
from aidlog.reports.any_file import read_any
from aidlog.reports.importing.choices import Choices
from aidlog.reports.importing.tables import NoTable, find_table
from tests.reports.importing.malformed import HEAD, ROW, row, workbook


def found(plan, text, **choices):
    return find_table(plan, read_any(text.encode()), Choices(**choices))


def test_headings_are_found_under_junk_lines():
    table = found(
        STOCK_COLUMNS, "Relief stock\n\nas of,2 Nov\nEntrepôt,Désignation,Quantité\nA,B,1\n"
    )
    assert (table.header_row, table.first_row) == (4, 5)
    assert table.places == {"warehouse": 0, "item_name": 1, "quantity": 2}


@pytest.mark.parametrize(
    "heading", ["Quantité", "QUANTITY *", "qty", "Quantity (pcs)", "idadi", "Umubare", "On hand",
                "quantity_on_hand", "Closing balance"],
)  # fmt: skip
def test_a_column_is_known_by_what_people_call_it(heading):
    table = found(STOCK_COLUMNS, f"Ghala,Bidhaa,{heading}\nA,B,1\n")
    assert table.places["quantity"] == 2


def test_tags_decide_whatever_the_headings_say():
    table = found(
        POPULATION_COLUMNS,
        "Junk,Junk,Junk\nOrg,Lieu exact,Chiffre\n#org,#loc +name,#population+ind\nX,S01,100\n",
    )
    assert (table.header_row, table.tag_row, table.first_row) == (2, 3, 4)
    assert table.places == {"site_name": 1, "people": 2}


def test_a_heading_that_begins_with_a_hash_is_no_tag():
    table = found(STOCK_COLUMNS, '"#warehouse",item,quantity\nA,B,1\n')
    assert table.tag_row == 0
    assert table.places["warehouse"] == 0


def test_a_misspelt_heading_is_suggested_and_not_read():
    table = found(STOCK_COLUMNS, "Warehouse,Item code,Quantitty\nA,B,1\n")
    assert "quantity" not in table.places
    assert table.columns[2].alike == "quantity"


def test_a_column_that_a_person_moved_is_read_there_and_nowhere_else():
    text = "Warehouse,Item code,Quantity,Counted\nA,B,1,2\n"
    table = found(STOCK_COLUMNS, text, columns={3: "quantity"})
    assert table.places["quantity"] == 3


def test_two_columns_cannot_be_made_one_field():
    text = "Warehouse,Item code,Quantity,Counted\nA,B,1,2\n"
    with pytest.raises(NoTable, match="Two columns"):
        found(STOCK_COLUMNS, text, columns={2: "quantity", 3: "quantity"})


def test_a_list_without_headings_is_read_by_position():
    table = found(POPULATION_COLUMNS, "2015-05-01,0\n2015-06-01,23984\n", header_row=0,
                  columns={0: "counted_on", 1: "people"})  # fmt: skip
    assert (table.first_row, table.places) == (1, {"counted_on": 0, "people": 1})


def test_a_file_without_the_list_says_which_columns_it_has():
    with pytest.raises(NoTable, match="“Item code”"):
        found(ITEM_COLUMNS, "2015-05-01,0\n2015-06-01,23984\n")


def test_two_sheets_that_look_alike_are_asked_about():
    def twice(book):
        other = book.create_sheet("Again")
        other.append(list(HEAD))
        other.append(list(ROW))

    data = workbook([ROW], twice)
    with pytest.raises(NoTable, match="both look like"):
        find_table(STOCK_COLUMNS, read_any(data), Choices())
    assert find_table(STOCK_COLUMNS, read_any(data), Choices(sheet="Again")).cells.name == "Again"


@pytest.mark.parametrize(
    ("heading", "cells"),
    [("Recipient", ["A", "B", "C"]), ("Nom du chef de ménage", ["A"]), ("Phone1", []),
     ("Date of birth", []), ("Ethnicity", []), ("Remarks", ["+243 811 22 33 44"] * 4),
     ("Remarks", ["a@example.org", "b@example.org", "c@example.org"])],
)  # fmt: skip
def test_columns_that_look_like_people_are_told_and_left_out(heading, cells):
    lines = [f"W01,MAT,1,{cell}" for cell in cells] or ["W01,MAT,1,"]
    table = found(STOCK_COLUMNS, "\n".join([f"Warehouse,Item code,Quantity,{heading}", *lines]))
    assert table.columns[3].personal
    assert table.columns[3].field is None


@pytest.mark.parametrize("cells", [["12 000", "13 500", "900 100"], ["5000", "2325", "1000"]])
def test_plain_figures_do_not_look_like_telephone_numbers(cells):
    lines = [f"W01,MAT,1,{cell}" for cell in cells]
    table = found(STOCK_COLUMNS, "\n".join(["Warehouse,Item code,Quantity,Value", *lines]))
    assert not table.columns[3].personal


def test_positions_are_never_read():
    table = found(
        STOCK_COLUMNS, "Warehouse,Item code,Quantity,Lat,Longitude\nW01,MAT,1,-1.5,29.2\n"
    )
    assert [seen.position for seen in table.columns[3:]] == [True, True]


def test_every_heading_and_every_other_name_of_a_list_means_one_field():
    from aidlog.reports.importing.kinds import IMPORTERS
    from aidlog.reports.importing.tables import heading_name

    for importer in IMPORTERS.values():
        fields: dict[str, str] = {}
        for column in importer.plan.columns:
            for name in {heading_name(n) for n in (column.heading, *column.also)}:
                assert fields.setdefault(name, column.field) == column.field, (
                    f"{importer.plan.kind}: {name} is {fields[name]} and {column.field}"
                )


def test_a_right_row_is_right():
    assert len(row()) == len(HEAD)
