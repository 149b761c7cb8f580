"""Writes the problem workbook: every list on its sheet, notes over the headings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from aidlog.core.text import N_, Message
from aidlog.reports import sheet_style as style
from aidlog.reports.problem_options import (
    NOTE_HEADING,
    OPTIONS_PURPOSE,
    OPTIONS_TITLE,
    README_TITLE,
    SETTING_HEADING,
    SETTINGS,
    VALUE_HEADING,
    Setting,
)
from aidlog.reports.problem_sheets import SHEETS, Column, Kind, SheetPlan

Say = Callable[[Message], str]

HEADER_ROW = 4
FIRST_ROW = 5
LAST_CHECKED_ROW = 5_000
BLANK_ROWS = 40

_FORMS = {
    Kind.WHOLE: style.WHOLE,
    Kind.DECIMAL: "#,##0.####",
    Kind.SHARE: "0%",
    Kind.DATE: style.DAY,
    Kind.CODE: "@",
    Kind.TEXT: "@",
    Kind.CODES: "@",
    Kind.ROUTES: "@",
}
_RIGHT = {Kind.WHOLE, Kind.DECIMAL, Kind.SHARE, Kind.DAY, Kind.DATE}

_README: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("What this workbook is for"),
        (
            N_("You write what each site needs, what stands in the warehouses and which roads are "
               "open. aidlog makes a plan that raises the worst-off first and says why."),
            N_("Give the filled workbook to: aidlog allocate THIS-FILE.xlsx"),
        ),
    ),
    (
        N_("How to fill it in"),
        (
            N_("Fill in the sheets from left to right. Headings with * must be filled in."),
            N_("The line above each heading says what the column means. Columns may be moved; "
               "headings may not be renamed. Blank rows are skipped."),
            N_("Write numbers as numbers, without commas or points between thousands. Write dates "
               "as 2026-12-31."),
            N_("Leave a cell empty where you do not know. 0 means none, which is not the same."),
            N_("Codes tie the sheets together: the site code on Needs and Roads is the one on "
               "Sites."),
            N_("A road that is not on the Roads sheet is closed."),
        ),
    ),
    (
        N_("What to keep out of it"),
        (
            N_("No coordinates, no names of people who receive help, no times of convoys. The plan "
               "does not need them and the workbook travels."),
        ),
    ),
)  # fmt: skip
_EXAMPLE_NOTE = N_(
    "The rows are an invented example that works as it stands. Replace them with your own."
)


def write_problem_template(
    stream: IO[bytes],
    document: Mapping[str, Any] | None,
    *,
    say: Say,
    organisation: str = "",
    starts_on: date | None = None,
) -> None:
    """Write the problem workbook to ``stream``.

    ``document`` is an ``aidlog-problem/1`` document whose rows fill the sheets, None for an
    empty workbook. With ``starts_on`` expiry days are written as dates.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    pen = style.Pen()
    _readme(workbook, pen, say, with_example=document is not None)
    _options(workbook, pen, say, _settings(document, organisation, starts_on))
    titles = {plan.list_name: say(Message(plan.title)) for plan in SHEETS}
    for plan in SHEETS:
        rows = [_shown_row(row, starts_on) for row in (document or {}).get(plan.list_name, [])]
        _list_sheet(workbook, pen, say, plan, rows, titles)
    workbook.active = 0
    workbook.properties.title = say(Message(N_("aidlog problem workbook")))
    workbook.properties.creator = "aidlog"
    workbook.save(stream)


def _settings(
    document: Mapping[str, Any] | None, organisation: str, starts_on: date | None
) -> dict[str, Any]:
    values = {
        "divisible": False, "tiers": "lexicographic", "periods": 1, "period_days": 30,
        "min_shelf_days_on_arrival": 0,
    }  # fmt: skip
    given = {k: v for k, v in (document or {}).items() if not isinstance(v, list)}
    return {**values, **given, "organisation": organisation, "starts_on": starts_on}


def _shown_row(row: Mapping[str, Any], starts_on: date | None) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if value not in (None, "")}
    if starts_on is not None and "expiry_day" in shown:
        shown["expiry_day"] = starts_on + timedelta(days=shown["expiry_day"])
    if isinstance(shown.get("sites"), (list, tuple, set, frozenset)):
        shown["sites"] = "; ".join(sorted(shown["sites"]))
    if "over" in shown:
        shown["over"] = _routes_text(shown["over"])
    return shown


def _routes_text(over: object) -> str:
    if isinstance(over, str):
        return over
    if isinstance(over, Mapping):
        return str(over["warehouse"])
    assert isinstance(over, Sequence)
    return "; ".join(f"{warehouse}>{site}" for warehouse, site in over)


def _readme(workbook: Workbook, pen: style.Pen, say: Say, *, with_example: bool) -> None:
    sheet = workbook.create_sheet(say(Message(README_TITLE)))
    style.set_widths(sheet, [20, 66])
    pen.write(sheet, 1, 1, say(Message(N_("aidlog problem workbook"))), style.TITLE)
    sheet.row_dimensions[1].height = 30
    row = 2
    if with_example:
        look = style.Look(wrap=True, fill=style.AMBER, rule="none", bold=True)
        pen.write(sheet, row, 1, say(Message(_EXAMPLE_NOTE)), look)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
        sheet.row_dimensions[row].height = 22
    row += 2
    for heading, lines in _README:
        pen.write(sheet, row, 1, say(Message(heading)), style.SECTION)
        sheet.row_dimensions[row].height = 24
        for line in lines:
            row += 1
            text = say(Message(line))
            pen.write(sheet, row, 1, text, style.PLAIN)
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
            sheet.row_dimensions[row].height = 14 * style.lines_needed(text, 92) + 4
        row += 2
    pen.write(sheet, row, 1, say(Message(N_("The sheets"))), style.SECTION)
    for plan in SHEETS:
        row += 1
        pen.write(sheet, row, 1, say(Message(plan.title)), style.Look(bold=True))
        pen.write(sheet, row, 2, say(Message(plan.purpose)), style.TEXT)
    style.set_page(sheet, landscape=False)


def _options(workbook: Workbook, pen: style.Pen, say: Say, values: Mapping[str, Any]) -> None:
    sheet = workbook.create_sheet(say(Message(OPTIONS_TITLE)))
    style.set_widths(sheet, [34, 34, 70])
    pen.write(sheet, 1, 1, say(Message(OPTIONS_TITLE)), style.TITLE)
    pen.write(sheet, 2, 1, say(Message(OPTIONS_PURPOSE)), style.SUBTITLE)
    sheet.row_dimensions[1].height = 28
    for column, heading in enumerate((SETTING_HEADING, VALUE_HEADING, NOTE_HEADING), start=1):
        pen.write(sheet, HEADER_ROW, column, say(Message(heading)), style.HEAD)
    for row, setting in enumerate(SETTINGS, start=FIRST_ROW):
        pen.write(sheet, row, 1, say(Message(setting.label)), style.TEXT)
        value = _setting_value(setting, values.get(setting.field), say)
        look = style.Look(fill=style.PAPER, rule="box", form=_FORMS.get(setting.kind, "General"),
                          align="left", wrap=True)  # fmt: skip
        pen.write(sheet, row, 2, value, look)
        pen.write(sheet, row, 3, say(Message(setting.note)), style.TEXT)
        sheet.row_dimensions[row].height = 24
        _check(sheet, f"B{row}", setting.kind, setting.choices, say, setting.note)
    sheet.freeze_panes = f"A{FIRST_ROW}"
    style.set_page(sheet, landscape=True, title_rows=f"{HEADER_ROW}:{HEADER_ROW}")


def _setting_value(setting: Setting, value: Any, say: Say) -> Any:
    if setting.kind is Kind.YES_NO:
        return say(Message(N_("yes") if value else N_("no")))
    return next((say(Message(w)) for w, v in setting.choices if v == value), value)


def _list_sheet(
    workbook: Workbook,
    pen: style.Pen,
    say: Say,
    plan: SheetPlan,
    rows: Sequence[Mapping[str, Any]],
    titles: Mapping[str, str],
) -> None:
    sheet = workbook.create_sheet(titles[plan.list_name])
    style.set_widths(sheet, [float(column.width) for column in plan.columns])
    pen.write(sheet, 1, 1, titles[plan.list_name], style.TITLE)
    pen.write(sheet, 2, 1, say(Message(plan.purpose)), style.SUBTITLE)
    sheet.row_dimensions[1].height = 28
    last = FIRST_ROW + len(rows) + BLANK_ROWS
    for place, column in enumerate(plan.columns, start=1):
        note = say(Message(column.note))
        pen.write(sheet, HEADER_ROW - 1, place, note, style.NOTE)
        star = " *" if column.required else ""
        right = column.kind in _RIGHT
        head = style.HEAD_NUMBER if right else style.HEAD
        pen.write(sheet, HEADER_ROW, place, say(Message(column.heading)) + star, head)
        look = style.Look(
            form=_FORMS.get(column.kind, "General"),
            align="right" if right else "",
            indent=int(right),
            wrap=not right,
        )
        for offset in range(last - FIRST_ROW):
            value = rows[offset].get(column.field) if offset < len(rows) else None
            # An empty cell of a day must not have the format of a date: 40 would become a
            # day of the year 1900.
            form = style.DAY if isinstance(value, date) else look.form
            shown = _cell_value(column, value, say)
            pen.write(sheet, FIRST_ROW + offset, place, shown, replace(look, form=form))
        cells = (
            f"{get_column_letter(place)}{FIRST_ROW}:{get_column_letter(place)}{LAST_CHECKED_ROW}"
        )
        if column.lists:
            _check_list(sheet, cells, titles[column.lists], note)
        else:
            _check(sheet, cells, column.kind, column.choices, say, column.note)
    notes = (style.lines_needed(say(Message(c.note)), c.width) for c in plan.columns)
    sheet.row_dimensions[HEADER_ROW - 1].height = 12.5 * max(notes) + 6
    sheet.row_dimensions[HEADER_ROW].height = 30
    sheet.freeze_panes = f"B{FIRST_ROW}"
    printed = FIRST_ROW + max(len(rows) + 5, 20)
    sheet.print_area = f"A1:{get_column_letter(len(plan.columns))}{printed}"
    style.set_page(
        sheet, landscape=True, title_rows=f"{HEADER_ROW}:{HEADER_ROW}", left=titles[plan.list_name]
    )


def _cell_value(column: Column, value: Any, say: Say) -> Any:
    if value is None:
        return None
    if column.kind is Kind.YES_NO:
        return say(Message(N_("yes") if value else N_("no")))
    return next((say(Message(w)) for w, v in column.choices if v == value), value)


def _check_list(sheet: Worksheet, cells: str, title: str, note: str) -> None:
    """Give cells a drop-down of the codes on another sheet."""
    codes = f"{quote_sheetname(title)}!$A${FIRST_ROW}:$A${LAST_CHECKED_ROW}"
    _add(sheet, cells, DataValidation(type="list", formula1=codes, allow_blank=True), note)


def _check(
    sheet: Worksheet,
    cells: str,
    kind: Kind,
    choices: tuple[tuple[str, str], ...],
    say: Say,
    note: str,
) -> None:
    """Give cells the check that their kind allows; the note shows while the cell is chosen."""
    words = [say(Message(word)) for word, _ in choices]
    if kind is Kind.YES_NO:
        words = [say(Message(N_("yes"))), say(Message(N_("no")))]
    if words:
        quoted = '"' + ",".join(words) + '"'
        rule = DataValidation(type="list", formula1=quoted, allow_blank=True)
    elif kind in {Kind.WHOLE, Kind.DECIMAL}:
        rule = DataValidation(
            type="whole" if kind is Kind.WHOLE else "decimal",
            operator="greaterThanOrEqual",
            formula1="0",
            allow_blank=True,
        )
    elif kind is Kind.SHARE:
        rule = DataValidation(
            type="decimal", operator="between", formula1="0", formula2="1", allow_blank=True
        )
    else:
        rule = DataValidation(allow_blank=True)
    _add(sheet, cells, rule, say(Message(note)))


def _add(sheet: Worksheet, cells: str, rule: DataValidation, note: str) -> None:
    rule.showInputMessage = True
    rule.prompt = note[:250]
    rule.showErrorMessage = rule.type is not None
    rule.error = note[:220]
    rule.add(cells)
    sheet.add_data_validation(rule)
