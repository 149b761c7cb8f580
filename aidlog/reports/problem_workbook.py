"""Reads a filled problem workbook: every fault named by sheet, row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from aidlog.allocation.checking import Fault, ProblemRefused
from aidlog.allocation.problem import Problem
from aidlog.allocation.snapshot import PROBLEM_SCHEMA, problem_from_json
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.reports.cell_values import plain, read_value
from aidlog.reports.cells import Cell, SheetCells, read_cells
from aidlog.reports.faults import FileFault, FileRefused
from aidlog.reports.problem_options import SETTINGS
from aidlog.reports.problem_sheets import SHEETS, Kind, SheetPlan
from aidlog.reports.problem_tables import (
    OPTIONS_TABLE,
    Table,
    Translate,
    find_sheets,
    find_table,
    letter,
    names_of,
)

#: Sentences of the checks that name JSON fields, in the words of the workbook.
_IN_PLAIN_WORDS = {
    "This limit limits nothing. Write max_kg, max_m3 or max_cost.": N_(
        "This limit limits nothing. Fill in Most kg, Most m³ or Most cost."
    ),
}


@dataclass(frozen=True, slots=True)
class ProblemWorkbook:
    """What a filled workbook says. ``remarks`` are for the reader's eyes, not faults."""

    problem: Problem
    organisation: str
    starts_on: date | None
    remarks: tuple[Message, ...]


def read_problem_workbook(
    data: bytes, *, plan_name: str = "plan", translations: Sequence[Translate] = ()
) -> ProblemWorkbook:
    """Return the problem that the .xlsx file ``data`` holds.

    ``plan_name`` is used where the workbook gives none. ``translations`` turn an English
    heading into another language, so that a French workbook is read as well.

    Raises:
        Refusal: not a plain .xlsx workbook.
        FileRefused: with every fault: sheets, columns, cells, and what the problem's own
            checks say, each at its sheet, row and column.
    """
    reading = _Reading(translations)
    reading.read(read_cells(data))
    return reading.problem_workbook(plan_name)


@dataclass(slots=True)
class _Place:
    """Where a list of the document came from: the sheet row of each of its entries."""

    sheet: str
    plan: SheetPlan
    rows: list[int] = field(default_factory=list)
    columns: Mapping[str, int] = field(default_factory=dict)


class _Reading:
    """One workbook on its way to a document, with every fault met."""

    def __init__(self, translations: Sequence[Translate]) -> None:
        self.translations = translations
        self.faults: list[FileFault] = []
        self.remarks: list[Message] = []
        self.document: dict[str, Any] = {"schema": PROBLEM_SCHEMA}
        self.settings: dict[str, Any] = {}
        self.places: dict[str, _Place] = {}
        self.setting_rows: dict[str, int] = {}
        #: (list, row in the list, field) already blamed; the checks need not repeat it.
        self.blamed: set[tuple[str, int, str]] = set()

    def read(self, sheets: Sequence[SheetCells]) -> None:
        found, faults, self.remarks = find_sheets(sheets, self.translations)
        self.faults += faults
        if "options" in found:
            self._read_options(found["options"])
        for plan in SHEETS:
            self.document[plan.list_name] = []
            if plan.list_name in found:
                self._read_list(plan, found[plan.list_name])
        if not self.faults or "shared_limits" in self.places:
            _spell_out_routes(self.document)
        formulas = sum(sheet.formulas for sheet in found.values())
        if formulas:
            self.remarks.append(
                Message(
                    N_("{count} cell holds a formula; its last saved result was used."),
                    {"count": formulas},
                    plural=N_("{count} cells hold formulas; their last saved results were used."),
                    count=formulas,
                )
            )

    def _read_options(self, cells: SheetCells) -> None:
        table, faults = find_table(OPTIONS_TABLE, cells, self.translations)
        self.faults += faults
        if table is None or faults:
            return
        known = {
            name: setting
            for setting in SETTINGS
            for name in {*names_of(setting.label, self.translations), plain(setting.field)}
        }
        for row, values in table.filled_rows():
            label = str(_cell(values, table.places["setting"])).strip()
            setting = known.get(plain(label))
            if setting is None:
                what = Message(N_("“{label}” is not a setting. Correct its name, or delete the "
                                  "row."), {"label": label[:60]})  # fmt: skip
                self._blame(table, row, "setting", what)
                continue
            self.setting_rows[setting.field] = row
            cell = _cell(values, table.places["value"])
            if self._unusable(table, row, "value") or cell == "":
                continue
            try:
                words = self._words(setting.choices)
                self.settings[setting.field] = read_value(setting.kind, cell, words)
            except Refusal as refusal:
                self._blame(table, row, "value", refusal.message)

    def _read_list(self, plan: SheetPlan, cells: SheetCells) -> None:
        table, faults = find_table(plan, cells, self.translations)
        self.faults += faults
        if table is None:
            return
        place = _Place(cells.name, plan, columns=table.places)
        self.places[plan.list_name] = place
        for column in plan.columns:
            if column.required and column.field not in table.places:
                self.blamed.add((plan.list_name, 0, column.field))
        for row, values in table.filled_rows():
            place.rows.append(row)
            self.document[plan.list_name].append(self._entry(table, row, values))
        if plan.required and not place.rows:
            what = Message(N_("The sheet has no rows under its headings. Fill it in."))
            self.faults.append(FileFault(cells.name, 0, "", "", what))

    def _entry(self, table: Table, row: int, values: Sequence[Cell]) -> dict[str, Any]:
        """Return one row as a JSON record, without the cells that could not be read."""
        entry: dict[str, Any] = {}
        for column in table.plan.columns:
            if column.field not in table.places:
                continue
            if self._unusable(table, row, column.field):
                continue
            cell = _cell(values, table.places[column.field])
            if cell == "":
                if column.required:
                    what = Message(N_("The cell is empty. Fill it in, or delete the row."))
                    self._blame(table, row, column.field, what)
                continue
            try:
                value = read_value(column.kind, cell, self._words(column.choices))
                if column.kind is Kind.DAY and isinstance(value, date):
                    value = self._day_number(value)
                entry[column.field] = value
            except Refusal as refusal:
                self._blame(table, row, column.field, refusal.message)
        return entry

    def _unusable(self, table: Table, row: int, name: str) -> bool:
        """Blame a cell that shows an error, or a formula without a result."""
        at = (row, table.places[name] + 1)
        if at in table.cells.errors:
            what = Message(N_("The cell shows {error}. Correct its formula, or type the value."),
                           {"error": table.cells.errors[at]})  # fmt: skip
        elif at in table.cells.unsaved:
            what = Message(N_("The formula has no saved result. Open the workbook in a spreadsheet "
                              "program, save it, and use that copy."))  # fmt: skip
        else:
            return False
        self._blame(table, row, name, what)
        return True

    def _day_number(self, day: date) -> int:
        """Return ``day`` counted from the first day of the plan."""
        start = self.settings.get("starts_on")
        if start is None:
            raise Refusal(
                Message(
                    N_(
                        "Dates are counted from the first day of the plan. Write that day on "
                        "the Options sheet."
                    )
                )
            )
        assert isinstance(start, date)
        return (day - start).days

    def _words(self, choices: tuple[tuple[str, str], ...]) -> dict[str, str]:
        own = {plain(word): value for word, value in choices}
        others = {
            name: value for word, value in choices for name in names_of(word, self.translations)
        }
        return {**own, **others, **{plain(value): value for _, value in choices}}

    def _blame(self, table: Table, row: int, name: str, what: Message) -> None:
        column = table.plan.column(name)
        assert column is not None
        self.faults.append(
            FileFault(table.cells.name, row, letter(table.places[name]), column.heading, what)
        )
        place = self.places.get(table.plan.list_name)
        if place is not None:
            self.blamed.add((table.plan.list_name, len(place.rows), name))

    def problem_workbook(self, plan_name: str) -> ProblemWorkbook:
        """Return the problem, or raise all that was found wrong on the way and by its checks."""
        aside = ("organisation", "starts_on")
        self.document |= {k: v for k, v in self.settings.items() if k not in aside}
        self.document.setdefault("id", plan_name)
        try:
            problem = problem_from_json(self.document)
        except ProblemRefused as refused:
            self.faults += [
                self._placed(fault) for fault in refused.faults if not self._told_already(fault)
            ]
        if self.faults:
            raise FileRefused(sorted(self.faults, key=self._order))
        return ProblemWorkbook(
            problem=problem,
            organisation=self.settings.get("organisation", ""),
            starts_on=self.settings.get("starts_on"),
            remarks=tuple(self.remarks),
        )

    def _told_already(self, fault: Fault) -> bool:
        """Say whether a fault repeats one, or follows from a sheet that is not there."""
        key = (fault.where, fault.row, fault.field)
        absent = fault.message.values.get("list", fault.where) not in self.places
        follows = absent and fault.where in self.document
        return follows or key in self.blamed or (fault.where, 0, fault.field) in self.blamed

    def _placed(self, fault: Fault) -> FileFault:
        """Return a fault of the document at its sheet, row and column."""
        what = Message(
            _IN_PLAIN_WORDS.get(fault.message.template, fault.message.template),
            self._plain_values(fault),
        )
        place = self.places.get(fault.where)
        if place is None:
            row = self.setting_rows.get(fault.field, 0)
            label = next((s.label for s in SETTINGS if s.field == fault.field), fault.field)
            return FileFault("Options", row, "", label, what)
        column = place.plan.column(fault.field)
        row = place.rows[fault.row - 1] if fault.row else 0
        if column is None or column.field not in place.columns:
            heading = column.heading if column else fault.field
            return FileFault(place.sheet, row, "", heading, what)
        at = letter(place.columns[column.field])
        return FileFault(place.sheet, row, at, column.heading, what)

    def _plain_values(self, fault: Fault) -> dict[str, object]:
        """Return the gaps of a fault with sheet rows and headings for list rows and fields."""
        values = dict(fault.message.values)
        place = self.places.get(fault.where)
        if place is not None and isinstance(values.get("first"), int):
            values["first"] = place.rows[int(str(values["first"])) - 1]
        if isinstance(values.get("list"), str) and values["list"] in self.places:
            values["list"] = self.places[str(values["list"])].sheet
        if place is not None and "column" in values:
            column = place.plan.column(str(values["column"]))
            values["column"] = column.heading if column else values["column"]
        return values

    def _order(self, fault: FileFault) -> tuple[int, int, int, str]:
        order = [place.sheet for place in self.places.values()]
        sheet = order.index(fault.sheet) if fault.sheet in order else -1
        return sheet, fault.row, len(fault.column), fault.column


def _cell(values: Sequence[Cell], place: int) -> Cell:
    return values[place] if place < len(values) else ""


def _spell_out_routes(document: dict[str, Any]) -> None:
    """Turn the parts of "Over which roads" into the document's form: all, or pairs.

    A warehouse's code stands for its rows on the Roads sheet; a pair that is not listed
    there is closed, so the limit need not name it.
    """
    roads = [(road.get("warehouse"), road.get("site")) for road in document["routes"]]
    for limit in document["shared_limits"]:
        parts = limit.get("over")
        if parts is None:
            continue
        if len(parts) == 1:
            limit["over"] = _one_route(parts[0])
            continue
        pairs: list[list[str]] = []
        for part in parts:
            over = _one_route(part)
            if over == "all":
                limit["over"] = "all"
                break
            if isinstance(over, dict):
                known = [[w, s] for w, s in roads if w == over["warehouse"] and s]
                pairs += known or [[over["warehouse"], ""]]
            else:
                pairs += over
        else:
            limit["over"] = pairs


def _one_route(part: str) -> Any:
    if plain(part) in {"all", "tout", "tous", "toutes", "zote", "byose"}:
        return "all"
    if ">" in part or "→" in part:
        warehouse, _, site = part.replace("→", ">").partition(">")
        return [[warehouse.strip(), site.strip()]]
    return {"warehouse": part.strip()}
