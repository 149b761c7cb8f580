"""Finds the tables of a problem workbook: which sheet is which, where its header stands."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aidlog.core.text import N_, Message
from aidlog.reports.cell_values import plain
from aidlog.reports.cells import Cell, SheetCells
from aidlog.reports.faults import FileFault
from aidlog.reports.problem_options import (
    NOTE_HEADING,
    OPTIONS_TITLE,
    README_TITLE,
    SETTING_HEADING,
    VALUE_HEADING,
)
from aidlog.reports.problem_sheets import SHEETS, Column, Kind, SheetPlan

HEADER_WITHIN = 20

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Table:
    """A found table: ``places`` maps each column's field to its position from 0."""

    plan: SheetPlan
    cells: SheetCells
    header_row: int
    places: Mapping[str, int]

    def filled_rows(self) -> Iterable[tuple[int, Sequence[Cell]]]:
        """Yield (row from 1, cells) of the rows under the header that are not blank."""
        for row, cells in enumerate(self.cells.rows, start=1):
            broken = any((row, place + 1) in self.cells.unsaved for place in self.places.values())
            if row > self.header_row and (broken or any(cell != "" for cell in cells)):
                yield row, cells


def letter(place: int) -> str:
    """Return the column letter of position ``place`` from 0: A, B, …, Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def names_of(text: str, translations: Sequence[Translate]) -> set[str]:
    """Return the ways to write a title or heading: in English and in each translation."""
    return {plain(text), *(plain(translate(text)) for translate in translations)}


def find_sheets(
    sheets: Sequence[SheetCells], translations: Sequence[Translate]
) -> tuple[dict[str, SheetCells], list[FileFault], list[Message]]:
    """Return list name → sheet, the faults, and remarks on sheets that are not read.

    The Options sheet goes under ``"options"``.
    """
    titles = {plan.list_name: (plan.title, plan.list_name) for plan in SHEETS}
    titles["options"] = (OPTIONS_TITLE, "options")
    known = {
        name: list_name
        for list_name, (title, own) in titles.items()
        for name in {*names_of(title, translations), plain(own)}
    }
    found: dict[str, SheetCells] = {}
    faults: list[FileFault] = []
    strangers: list[SheetCells] = []
    for sheet in sheets:
        list_name = known.get(plain(sheet.name))
        if list_name is None:
            strangers.append(sheet)
        elif list_name in found:
            what = Message(N_("Sheet “{other}” is the same list. Keep one of the two."),
                           {"other": found[list_name].name})  # fmt: skip
            faults.append(FileFault(sheet.name, 0, "", "", what))
        else:
            found[list_name] = sheet
    remarks = _strangers(strangers, found, known, faults, translations)
    _missing(found, faults)
    return found, faults, remarks


def _strangers(
    strangers: Sequence[SheetCells],
    found: Mapping[str, SheetCells],
    known: Mapping[str, str],
    faults: list[FileFault],
    translations: Sequence[Translate],
) -> list[Message]:
    """Refuse a sheet that looks like a misspelt list; remark on others that hold something."""
    remarks = []
    free = {name: own for name, own in known.items() if own not in found}
    for sheet in strangers:
        near = difflib.get_close_matches(plain(sheet.name), free, n=1, cutoff=0.75)
        if near and not sheet.hidden:
            title = next((plan.title for plan in SHEETS if plan.list_name == free[near[0]]),
                         OPTIONS_TITLE)  # fmt: skip
            what = Message(N_("This is not a sheet of the workbook. Did you mean “{title}”? Rename "
                              "the sheet, or delete it."), {"title": title})  # fmt: skip
            faults.append(FileFault(sheet.name, 0, "", "", what))
        elif plain(sheet.name) not in names_of(README_TITLE, translations) and sheet.rows:
            remarks.append(Message(N_("Sheet “{sheet}” was not read."), {"sheet": sheet.name}))
    return remarks


def _missing(found: Mapping[str, SheetCells], faults: list[FileFault]) -> None:
    for plan in SHEETS:
        if plan.required and plan.list_name not in found:
            what = Message(N_("The sheet is missing. Add it, with the columns {columns}."),
                           {"columns": _required(plan)})  # fmt: skip
            faults.append(FileFault(plan.title, 0, "", "", what))


def _required(plan: SheetPlan) -> str:
    return ", ".join(f"“{column.heading}”" for column in plan.columns if column.required)


def find_table(
    plan: SheetPlan, cells: SheetCells, translations: Sequence[Translate]
) -> tuple[Table | None, list[FileFault]]:
    """Find the header row of a sheet and what stands under which heading.

    The header may stand in any of the first :data:`HEADER_WITHIN` rows, its columns in any
    order. Unknown headings, headings that stand twice, missing required columns and values
    under no heading are faults.
    """
    headings = {
        name: column
        for column in plan.columns
        for name in {*names_of(column.heading, translations), plain(column.field)}
    }
    scores = [
        len({headings[plain(cell)].field for cell in row
             if isinstance(cell, str) and plain(cell) in headings})
        for row in cells.rows[:HEADER_WITHIN]
    ]  # fmt: skip
    if not scores or max(scores) < min(2, len(plan.columns)):
        if not plan.required and not any(any(c != "" for c in row) for row in cells.rows):
            return None, []
        what = Message(N_("No header row in the first {rows} rows. The sheet needs the columns "
                          "{columns}."),
                       {"rows": HEADER_WITHIN, "columns": _required(plan)})  # fmt: skip
        return None, [FileFault(cells.name, 0, "", "", what)]
    header_row = scores.index(max(scores)) + 1
    places, faults = _columns(plan, cells, header_row, headings)
    return Table(plan, cells, header_row, places), faults


def _columns(
    plan: SheetPlan, cells: SheetCells, header_row: int, headings: Mapping[str, Column]
) -> tuple[dict[str, int], list[FileFault]]:
    places: dict[str, int] = {}
    faults: list[FileFault] = []

    def fault(place: int, heading: str, what: Message, row: int = header_row) -> None:
        faults.append(FileFault(cells.name, row, letter(place), heading, what))

    header = cells.rows[header_row - 1]
    for place, cell in enumerate(header):
        if cell == "":
            row = _first_value_below(cells, header_row, place)
            if row:
                what = Message(N_("There is a value here, but the column has no heading. Give it "
                                  "one, or clear it."))  # fmt: skip
                fault(place, "", what, row)
            continue
        text = str(cell).strip()
        column = headings.get(plain(text))
        if column is None:
            fault(place, text, _unknown_heading(text, headings))
        elif column.field in places:
            fault(place, text, Message(N_("The heading stands in column {other} too. Keep one."),
                                       {"other": letter(places[column.field])}))  # fmt: skip
        else:
            places[column.field] = place
    for column in plan.columns:
        if column.required and column.field not in places:
            what = Message(N_("The column “{heading}” is missing. Add it to the header row."),
                           {"heading": column.heading})  # fmt: skip
            faults.append(FileFault(cells.name, header_row, "", "", what))
    return places, faults


def _first_value_below(cells: SheetCells, header_row: int, place: int) -> int:
    rows = enumerate(cells.rows[header_row:], start=header_row + 1)
    return next((row for row, values in rows if place < len(values) and values[place] != ""), 0)


def _unknown_heading(text: str, headings: Mapping[str, Column]) -> Message:
    near = difflib.get_close_matches(plain(text), headings, n=1, cutoff=0.6)
    if near:
        return Message(
            N_(
                "This is not a column of the sheet. Did you mean “{heading}”? Rename the column, "
                "or delete it."
            ),
            {"heading": headings[near[0]].heading},
        )
    return Message(N_("This is not a column of the sheet. Delete it, or move it to another sheet."))


#: The Options sheet read as a table: a setting and its value in each row.
OPTIONS_TABLE = SheetPlan(
    "options",
    OPTIONS_TITLE,
    "",
    tuple(
        Column(name, heading, Kind.TEXT, "", required=name != "note")
        for name, heading in (
            ("setting", SETTING_HEADING),
            ("value", VALUE_HEADING),
            ("note", NOTE_HEADING),
        )
    ),
    required=False,
)
