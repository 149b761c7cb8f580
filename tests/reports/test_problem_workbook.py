"""Reading a filled problem workbook: what people do to it, and where each fault is named."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from datetime import date, time

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from aidlog.allocation.problem import LimitScope, Problem, Sense, Tiers
from aidlog.allocation.snapshot import problem_from_json, problem_to_json
from aidlog.reports.examples import great_lakes
from aidlog.reports.faults import MOST_SHOWN, FileFault, FileRefused
from aidlog.reports.problem_sheets import SHEETS
from aidlog.reports.problem_template import write_problem_template
from aidlog.reports.problem_workbook import read_problem_workbook

Change = Callable[[Workbook], object]


@pytest.fixture(scope="module")
def template() -> bytes:
    stream = io.BytesIO()
    write_problem_template(
        stream, great_lakes.problem_document(), say=str,
        organisation=great_lakes.ORGANISATION, starts_on=great_lakes.STARTS_ON,
    )  # fmt: skip
    return stream.getvalue()


def changed(template: bytes, change: Change) -> bytes:
    """Return the template as somebody saved it after ``change``."""
    workbook = openpyxl.load_workbook(io.BytesIO(template))
    change(workbook)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def put(sheet: str, cell: str, value: object) -> Change:
    def change(workbook: Workbook) -> None:
        workbook[sheet][cell] = value
        if isinstance(value, str) and not value.startswith("="):
            workbook[sheet][cell].data_type = "s"
        if type(value) is int:
            workbook[sheet][cell].number_format = "0"  # not the date format of its column

    return change


def faults_of(data: bytes) -> tuple[FileFault, ...]:
    with pytest.raises(FileRefused) as refused:
        read_problem_workbook(data)
    return refused.value.faults


def expected() -> Problem:
    return problem_from_json(great_lakes.problem_document())


def same(problem: Problem) -> bool:
    return problem_to_json(problem) == problem_to_json(expected())


def test_the_template_is_read_back_as_the_problem_it_shows(template: bytes) -> None:
    read = read_problem_workbook(template)
    assert same(read.problem)
    assert read.organisation == great_lakes.ORGANISATION
    assert read.starts_on == great_lakes.STARTS_ON
    assert read.remarks == ()


def test_every_field_of_every_list_survives_the_round_trip() -> None:
    document = {
        "schema": "aidlog-problem/1", "id": "all fields", "divisible": True, "tiers": "pooled",
        "periods": 3, "period_days": 7, "min_shelf_days_on_arrival": 14,
        "items": [{"id": "I1", "name": "Rice", "tier": 2, "pack_units": 50, "kg_per_pack": 50.2,
                   "m3_per_pack": 0.0625, "weight": 1.25, "reason": "staple"}],
        "sites": [{"id": "S1", "name": "A", "population": 10, "households": 2, "weight": 1.5,
                   "reason": "far"}, {"id": "S2", "population": 0}],
        "warehouses": [{"id": "W1", "name": "W"}],
        "lots": [{"id": "L1", "warehouse": "W1", "item": "I1", "packs": 9, "expiry_day": 40,
                  "sites": ["S1", "S2"], "available_period": 2, "donor": "D", "confidence": 0.8,
                  "unit_cost": 31.5}],
        "needs": [{"site": "S1", "item": "I1", "need_units": 500, "held_units": 20,
                   "min_fraction": 0.25, "carried": 0.4}],
        "routes": [{"warehouse": "W1", "site": "S1", "open": False, "max_kg": 1000.0,
                    "max_m3": 5.5, "travel_days": 2, "cost_per_kg": 0.31, "open_from_period": 2},
                   {"warehouse": "W1", "site": "S2", "open": True}],
        "shared_limits": [
            {"id": "X", "name": "Gate", "over": {"warehouse": "W1"}, "max_kg": 1.0, "max_m3": 2.0,
             "max_cost": 3.0, "scope": "horizon"},
            {"id": "Y", "over": "all", "max_cost": 9.0},
            {"id": "Z", "over": [["W1", "S1"], ["W1", "S2"]], "max_m3": 4.0}],
        "locks": [{"site": "S1", "lot": "L1", "item": "I1", "packs": 2, "sense": "at_most",
                   "reason": "asked for"}],
    }  # fmt: skip
    stream = io.BytesIO()
    write_problem_template(stream, document, say=str)
    read = read_problem_workbook(stream.getvalue()).problem
    whole = problem_from_json(document)
    assert problem_to_json(read) == problem_to_json(whole)
    for name in ("items", "sites", "lots", "needs", "routes", "shared_limits", "locks"):
        record = getattr(whole, name)[0]
        fields = dataclasses.fields(record)
        default = [f.name for f in fields if getattr(record, f.name) == f.default]
        assert default == [], f"{name} tries every field with a value of its own"
    assert read.tiers is Tiers.POOLED
    assert read.locks[0].sense is Sense.AT_MOST
    assert read.shared_limits[0].scope is LimitScope.HORIZON


def move_header_down(workbook: Workbook) -> None:
    sheet = workbook["Sites"]
    sheet.insert_rows(1, 14)
    sheet["C2"] = "Camp office, printed 24 Nov"


def shuffle_columns(workbook: Workbook) -> None:
    sheet = workbook["Needs"]
    sheet.move_range("C4:C60", cols=6)
    sheet["I4"] = "  NEEDED   Units "


def blank_rows(workbook: Workbook) -> None:
    workbook["Sites"].insert_rows(7, 3)
    workbook["Sites"]["B8"] = "   "


def number_as_text(workbook: Workbook) -> None:
    workbook["Needs"]["C5"] = "49 440"
    workbook["Needs"]["C6"] = "7\u202f416"
    workbook["Items"]["E5"] = "25,2"
    workbook["Items"]["F5"] = "0,0525"
    workbook["Needs"]["E5"] = "20%"


def words_for_yes(workbook: Workbook) -> None:
    rows = {5: "Oui", 6: "NDIYO", 7: "yego", 8: True, 9: "hapana"}
    for row, word in rows.items():
        workbook["Roads"][f"C{row}"] = word


def expiry_as_day_numbers(workbook: Workbook) -> None:
    sheet = workbook["Stock"]
    for row in range(5, 19):
        cell = sheet[f"E{row}"]
        if cell.value is not None:
            cell.value = (cell.value.date() - great_lakes.STARTS_ON).days
            cell.number_format = "0"


def expiry_as_text(workbook: Workbook) -> None:
    workbook["Stock"]["E5"] = "2027-3-31"


def hidden_junk(workbook: Workbook) -> None:
    junk = workbook.create_sheet("Sheet77")
    junk["A1"] = "=1/0"
    junk.sheet_state = "hidden"
    workbook["Sites"].row_dimensions[6].hidden = True
    workbook["Sites"].column_dimensions["D"].hidden = True


def sheet_names_in_other_case(workbook: Workbook) -> None:
    workbook["Shared limits"].title = " shared  LIMITS"
    workbook["Roads"].title = "  roads "


def field_names_as_headings(workbook: Workbook) -> None:
    for place, name in enumerate(("id", "name", "population", "households"), start=1):
        workbook["Sites"].cell(row=4, column=place).value = name


def empty_optional_sheets(workbook: Workbook) -> None:
    for row in workbook["Locks"]["A5:F9"]:
        for cell in row:
            cell.value = None
    workbook["Locks"]["A5"], workbook["Locks"]["B5"] = "U4", "SOAP"
    workbook["Locks"]["D5"], workbook["Locks"]["E5"] = 30, "AT  least"
    workbook["Locks"]["F5"] = "Cholera watch: promised to the health committee"


def warehouses_as_limits(workbook: Workbook) -> None:
    workbook["Shared limits"]["C5"] = "LAKE > K2 ;LAKE→N3, LAKE>P8"


READ_ALIKE = [
    move_header_down, shuffle_columns, blank_rows, number_as_text, words_for_yes,
    expiry_as_day_numbers, expiry_as_text, hidden_junk, sheet_names_in_other_case,
    field_names_as_headings, empty_optional_sheets, warehouses_as_limits,
]  # fmt: skip


@pytest.mark.parametrize("change", READ_ALIKE, ids=lambda change: change.__name__)
def test_what_people_do_to_a_workbook_does_not_change_the_problem(
    template: bytes, change: Change
) -> None:
    assert same(read_problem_workbook(changed(template, change)).problem)


def test_a_code_that_the_spreadsheet_made_a_number_is_still_the_code(template: bytes) -> None:
    def renumber(workbook: Workbook) -> None:
        for sheet, column in (("Sites", "A"), ("Needs", "A"), ("Roads", "B")):
            for row in range(5, 60):
                cell = workbook[sheet][f"{column}{row}"]
                if cell.value == "T1":
                    cell.value = 101

    read = read_problem_workbook(changed(template, renumber)).problem
    assert {site.id for site in read.sites} >= {"101", "K2"}


def test_optional_sheets_may_be_absent(template: bytes) -> None:
    def drop(workbook: Workbook) -> None:
        for name in ("Locks", "Shared limits", "Read me"):
            workbook.remove(workbook[name])

    read = read_problem_workbook(changed(template, drop)).problem
    assert read.locks == ()
    assert read.shared_limits == ()


def test_without_options_the_file_names_the_plan(template: bytes) -> None:
    def drop(workbook: Workbook) -> None:
        workbook.remove(workbook["Options"])
        for row in range(5, 19):
            workbook["Stock"][f"E{row}"] = None

    read = read_problem_workbook(changed(template, drop), plan_name="december")
    assert read.problem.id == "december"
    assert read.starts_on is None


def test_a_workbook_in_another_language_is_read_with_its_words(template: bytes) -> None:
    french = {"Site code": "Code du site", "Needs": "Besoins", "at least": "au moins",
              "Needed units": "Unités nécessaires", "no": "non"}  # fmt: skip

    def translate(text: str) -> str:
        return french.get(text, text)

    def say_in_french(workbook: Workbook) -> None:
        for sheet in workbook.worksheets:
            for cell in sheet[4]:
                bare = str(cell.value or "").removesuffix(" *")
                if bare in french:
                    cell.value = french[bare]
        workbook["Locks"]["E5"] = "au moins"
        workbook["Needs"].title = "Besoins"

    data = changed(template, say_in_french)
    assert same(read_problem_workbook(data, translations=[translate]).problem)
    assert len(faults_of(data)) > 1


def test_saved_results_of_formulas_are_used_and_said(template: bytes) -> None:
    """A formula that openpyxl writes has no result; with one it is a number like another."""
    data = changed(template, put("Needs", "C5", "=4120*12"))
    (fault,) = faults_of(data)
    assert (fault.sheet, fault.row, fault.column) == ("Needs", 5, "C")
    assert "no saved result" in str(fault.what)
    with_result = _give_result(data, b"<f>4120*12</f>", b"<v>49440</v>")
    read = read_problem_workbook(with_result)
    assert same(read.problem)
    assert [str(remark) for remark in read.remarks] == [
        "1 cell holds a formula; its last saved result was used."
    ]


def _give_result(data: bytes, formula: bytes, result: bytes) -> bytes:
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            for empty in (b"<v />", b"<v></v>", b"<v/>"):
                content = content.replace(formula + empty, formula + result)
            target.writestr(part, content)
    return stream.getvalue()


def test_a_visible_sheet_of_another_name_is_said_to_be_unread(template: bytes) -> None:
    def scratch(workbook: Workbook) -> None:
        workbook.create_sheet("Telephone numbers")["A1"] = "none here"

    read = read_problem_workbook(changed(template, scratch))
    assert [str(remark) for remark in read.remarks] == ["Sheet “Telephone numbers” was not read."]


# Faults: sheet, row and column of each, and what to do ----------------------------------

ONE_FAULT: list[tuple[str, str, object, str]] = [
    ("Needs", "C5", "1,200", "is 1200 in one country and 1.200 in another"),
    ("Needs", "C5", "1.200", "Write the digits only: 1200"),
    ("Needs", "C5", "1.200.000", "digits only: 1200000"),
    ("Needs", "C5", "about 500", "is not a whole number"),
    ("Needs", "C5", "١٢٣", "is not a whole number"),
    ("Needs", "C5", "12³", "is not a whole number"),
    ("Needs", "C5", "1_000", "is not a whole number"),
    ("Needs", "C5", 1.5, "1.5 is not a whole number"),
    ("Needs", "C5", -3, "outside 0 to"),
    ("Needs", "C5", 2**63, "outside 0 to"),
    ("Needs", "C5", 1e308, "outside 0 to"),
    ("Needs", "C5", True, "“TRUE” is not a number"),
    ("Needs", "C5", date(2026, 12, 1), "holds the date 2026-12-01"),
    ("Needs", "C5", time(3, 4), "is not a number"),
    ("Needs", "C5", None, "The cell is empty"),
    ("Needs", "A5", None, "The cell is empty"),
    ("Needs", "A5", "T9", "“T9” is not in the list Sites"),
    ("Needs", "A5", "\u0422\u0031", "is not in the list Sites"),
    ("Needs", "A5", "T1\u200b", "cannot be seen"),
    ("Needs", "A6", "x" * 65, "65 characters"),
    ("Needs", "E5", 20, "is not a share"),
    ("Needs", "E5", "150%", "is not a share"),
    ("Needs", "E5", "a lot", "is not a number"),
    ("Items", "D5", 0, "too small"),
    ("Items", "E5", "12,500", "is 12500 in one country and 12.500 in another"),
    ("Items", "E5", "5kg", "Write a number such as 12.5"),
    ("Items", "E5", None, "its kg per pack is not known"),
    ("Sites", "A6", "T1", "stands in row 5 already"),
    ("Sites", "A5", date(2026, 3, 1), "turned this code into the date 2026-03-01"),
    ("Sites", "B5", "\u202eTumaini", "cannot be seen"),
    ("Sites", "E5", 0.5, "Write 1 or more"),
    ("Stock", "E5", "31/12/2026", "Write year, month, day"),
    ("Stock", "E5", "03/04/2027", "day and month could be mixed up"),
    ("Stock", "E5", "2027-02-31", "not in the calendar"),
    ("Stock", "E5", 46370, "lost its format"),
    ("Stock", "E5", date(1900, 2, 9), "shows a day number as a date"),
    ("Stock", "B5", "HARBOUR", "is not in the list Warehouses"),
    ("Stock", "F5", "T1; X9", "“X9” is not in the list Sites"),
    ("Stock", "I5", 1.2, "is not a share"),
    ("Roads", "C5", "maybe", "neither yes nor no"),
    ("Roads", "A5", "HILL9", "is not in the list Warehouses"),
    ("Shared limits", "C5", "FERRY9", "is not in the list Warehouses"),
    ("Shared limits", "D5", None, "Fill in Most kg, Most m³ or Most cost"),
    ("Shared limits", "G5", "weekly", "Write one of: per period, whole plan"),
    ("Locks", "B5", None, "Say which lot or which item"),
    ("Locks", "E5", "perhaps", "Write one of: exactly, at least, at most"),
    ("Options", "B8", "perhaps", "neither yes nor no"),
    ("Options", "B9", "sometimes", "Write one of"),
    ("Options", "B7", "1.12.2026", "Write year, month, day"),
    ("Options", "A6", "Organization name here", "is not a setting"),
]


@pytest.mark.parametrize(("sheet", "cell", "value", "words"), ONE_FAULT)
def test_a_bad_value_is_named_by_sheet_row_and_column(
    template: bytes, sheet: str, cell: str, value: object, words: str
) -> None:
    faults = faults_of(changed(template, put(sheet, cell, value)))
    fault = next(f for f in faults if words in str(f.what))
    assert f"{fault.column}{fault.row}" == cell
    assert fault.sheet == sheet
    assert f"{sheet}, row {fault.row}, column {fault.column}" in str(fault.sentence())


def test_an_error_cell_is_named_and_not_read_as_empty(template: bytes) -> None:
    def break_formula(workbook: Workbook) -> None:
        cell = workbook["Needs"]["D5"]
        cell.value = "#REF!"
        cell.data_type = "e"

    (fault,) = faults_of(changed(template, break_formula))
    assert (fault.sheet, fault.row, fault.column) == ("Needs", 5, "D")
    assert "#REF!" in str(fault.what)


def test_every_fault_is_told_at_once(template: bytes) -> None:
    def spoil(workbook: Workbook) -> None:
        workbook["Items"]["D5"] = "many"
        workbook["Sites"]["C7"] = "1,460"
        workbook["Needs"]["A9"] = "Z1"
        workbook["Roads"]["D6"] = "4 t"
        workbook["Locks"]["D5"] = -1
        workbook["Options"]["B7"] = "soon"

    faults = faults_of(changed(template, spoil))
    places = {(fault.sheet, f"{fault.column}{fault.row}") for fault in faults}
    assert places >= {
        ("Items", "D5"), ("Sites", "C7"), ("Needs", "A9"), ("Roads", "D6"), ("Locks", "D5"),
        ("Options", "B7"),
    }  # fmt: skip


def test_one_bad_cell_is_one_fault(template: bytes) -> None:
    assert len(faults_of(changed(template, put("Sites", "C5", "4,120")))) == 1


def test_an_expiry_date_needs_the_first_day_of_the_plan(template: bytes) -> None:
    faults = faults_of(changed(template, put("Options", "B7", None)))
    assert {fault.sheet for fault in faults} == {"Stock"}
    assert "Write that day on the Options sheet" in str(faults[0].what)


def rename(sheet: str, title: str) -> Change:
    def change(workbook: Workbook) -> None:
        workbook[sheet].title = title

    return change


def drop(sheet: str) -> Change:
    return lambda workbook: workbook.remove(workbook[sheet])


def test_a_missing_sheet_is_one_fault_and_not_one_for_each_code(template: bytes) -> None:
    (fault,) = faults_of(changed(template, drop("Sites")))
    assert fault.sheet == "Sites"
    assert "missing" in str(fault.what)


def test_a_misspelt_optional_sheet_is_refused_rather_than_ignored(template: bytes) -> None:
    (fault,) = faults_of(changed(template, rename("Locks", "Lock")))
    assert fault.sheet == "Lock"
    assert "Did you mean “Locks”?" in str(fault.what)


def test_a_sheet_that_stands_twice_is_refused(template: bytes) -> None:
    def copy(workbook: Workbook) -> None:
        workbook.copy_worksheet(workbook["Warehouses"]).title = "warehouses "

    (fault,) = faults_of(changed(template, copy))
    assert "Keep one of the two" in str(fault.what)


def test_an_unknown_column_is_named_with_the_nearest_one(template: bytes) -> None:
    (fault, other) = faults_of(changed(template, put("Sites", "C4", "Peple")))
    assert (other.row, other.column) == (4, "C")
    assert "Did you mean “People”?" in str(other.what)
    assert "The column “People” is missing" in str(fault.what)


def test_a_column_that_nobody_asked_for_is_named(template: bytes) -> None:
    (fault,) = faults_of(changed(template, put("Sites", "G4", "Latitude")))
    assert (fault.row, fault.column, fault.heading) == (4, "G", "Latitude")
    assert "not a column of the sheet" in str(fault.what)


def test_a_column_that_stands_twice_is_named(template: bytes) -> None:
    (fault,) = faults_of(changed(template, put("Sites", "G4", "people")))
    assert (fault.column, "column C too" in str(fault.what)) == ("G", True)


def test_a_value_under_no_heading_is_named(template: bytes) -> None:
    (fault,) = faults_of(changed(template, put("Sites", "H9", "call back")))
    assert (fault.row, fault.column) == (9, "H")
    assert "no heading" in str(fault.what)


def test_a_sheet_without_headings_is_named(template: bytes) -> None:
    def strip(workbook: Workbook) -> None:
        workbook["Roads"].delete_rows(1, 4)

    (fault,) = faults_of(changed(template, strip))
    assert fault.sheet == "Roads"
    assert "No header row" in str(fault.what)


def test_a_missing_column_that_must_be_filled_is_one_fault(template: bytes) -> None:
    def cut(workbook: Workbook) -> None:
        workbook["Needs"].delete_cols(3)

    (fault,) = faults_of(changed(template, cut))
    assert "The column “Needed units” is missing" in str(fault.what)


def test_faults_beyond_two_hundred_are_counted(template: bytes) -> None:
    def spoil(workbook: Workbook) -> None:
        sheet: Worksheet = workbook["Needs"]
        for row in range(5, 405):
            sheet[f"A{row}"], sheet[f"B{row}"], sheet[f"C{row}"] = "T1", "MAIZE", "many"

    with pytest.raises(FileRefused) as refused:
        read_problem_workbook(changed(template, spoil))
    sentences = refused.value.sentences()
    assert len(sentences) == MOST_SHOWN + 1
    assert str(sentences[-1]) == f"and {len(refused.value.faults) - MOST_SHOWN} more."


def test_a_workbook_of_something_else_names_every_sheet_it_lacks() -> None:
    workbook = Workbook()
    workbook.worksheets[0].title = "Budget"
    workbook.worksheets[0]["A1"] = date(2026, 1, 1)
    stream = io.BytesIO()
    workbook.save(stream)
    missing = {fault.sheet for fault in faults_of(stream.getvalue())}
    assert missing == {plan.title for plan in SHEETS if plan.required}


def test_dates_of_the_1904_calendar_are_the_dates_that_the_sheet_shows(template: bytes) -> None:
    def old_macintosh(workbook: Workbook) -> None:
        workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    assert same(read_problem_workbook(changed(template, old_macintosh)).problem)
