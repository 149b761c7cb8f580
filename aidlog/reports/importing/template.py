"""An empty sheet of each list to fill in: headings, a note over each, invented examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from aidlog.core.sheets import Column, Kind, SheetPlan
from aidlog.core.text import N_, Message
from aidlog.reports import sheet_style as style

Say = Callable[[Message], str]

NOTE_ROW, HEADER_ROW, FIRST_ROW = 3, 4, 5
LAST_CHECKED_ROW = 5_000
_ROWS_DRESSED = 40
_FORMS = {
    Kind.WHOLE: style.WHOLE,
    Kind.DECIMAL: "#,##0.######",
    Kind.DATE: style.DAY,
}
_WORDS = {
    Kind.DATE: N_("Year, month, day, such as 2026-12-31."),
    Kind.YES_NO: N_("Yes or no."),
    Kind.WHOLE: N_("A whole number."),
    Kind.DECIMAL: N_("A number."),
}
_HOW_TO = (
    N_("Headings with * must be filled in. Columns may be moved or left out; blank rows are "
       "skipped."),
    N_("Leave a cell empty where you do not know. 0 means none, which is not the same."),
    N_("No names, telephone numbers or papers of people who receive help, and no coordinates: "
       "such columns are left out."),
    N_("Nothing is imported until every row holds. The page shows what will be read, and each "
       "fault with its row and column."),
)  # fmt: skip
_FROM_THE_COMMAND_LINE = N_("On the command line: {command}")
_EXAMPLES = N_("The rows are an invented example. Replace them with your own.")


def write_import_template(
    stream: IO[bytes], plan: SheetPlan, *, say: Say, examples: bool = True
) -> None:
    """Write the workbook of ``plan`` to ``stream``; the importer reads it as it stands."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = style.sheet_title(say(Message(plan.title)), set())
    pen = style.Pen()
    _list(sheet, pen, plan, say, examples=examples)
    _notes(workbook, pen, plan, say)
    workbook.properties.title = say(Message(plan.title))
    workbook.properties.creator = "aidlog"
    workbook.save(stream)


def _list(sheet: Worksheet, pen: style.Pen, plan: SheetPlan, say: Say, *, examples: bool) -> None:
    pen.write(sheet, 1, 1, say(Message(plan.title)), style.TITLE)
    purpose = say(Message(plan.purpose))
    shown = f"{purpose} {say(Message(_EXAMPLES))}" if examples else purpose
    pen.write(sheet, 2, 1, shown, style.SUBTITLE)
    widths = []
    rows = max((len(column.example) for column in plan.columns), default=0) if examples else 0
    tallest = 1
    for place, column in enumerate(plan.columns, start=1):
        heading = say(Message(column.heading)) + (" *" if column.required else "")
        note = _note(column, say)
        width = max(12.0, min(26.0, len(heading) + 3.0))
        widths.append(width)
        tallest = max(tallest, style.lines_needed(note, width))
        pen.write(sheet, NOTE_ROW, place, note, style.NOTE)
        pen.write(sheet, HEADER_ROW, place, heading, style.HEAD)
        look = style.Look(form=_FORMS.get(column.kind, "@"))
        for row in range(FIRST_ROW, FIRST_ROW + max(rows, _ROWS_DRESSED)):
            value = None
            if row - FIRST_ROW < min(rows, len(column.example)):
                value = column.example[row - FIRST_ROW]
                if isinstance(value, str) and column.kind in {Kind.WHOLE, Kind.DECIMAL}:
                    value = float(value) if value else None  # type: ignore[assignment]
            pen.write(sheet, row, place, value if value != "" else None, look)
        _guide(sheet, column, place, say)
    style.set_widths(sheet, widths)
    sheet.row_dimensions[NOTE_ROW].height = 13.0 * tallest
    sheet.freeze_panes = f"A{FIRST_ROW}"
    style.set_page(sheet, landscape=True, title_rows=f"{HEADER_ROW}:{HEADER_ROW}")


def _note(column: Column, say: Say) -> str:
    """Return what stands over a heading: what it means, and what may be written."""
    parts = [say(Message(column.note))] if column.note else []
    if column.kind in _WORDS and not column.note:
        parts.append(say(Message(_WORDS[column.kind])))
    return " ".join(parts)


def _guide(sheet: Worksheet, column: Column, place: int, say: Say) -> None:
    """Offer the words of a closed list; other cells only show their note."""
    letter = get_column_letter(place)
    if column.kind is Kind.WORD and column.choices:
        words = [say(Message(choice.word)) for choice in column.choices]
        listed = ",".join(word.replace(",", " ") for word in words)
        if len(listed) < 250:
            rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
            rule.showErrorMessage = False  # other spellings are asked about, not forbidden
            rule.add(f"{letter}{FIRST_ROW}:{letter}{LAST_CHECKED_ROW}")
            sheet.add_data_validation(rule)


def _notes(workbook: Workbook, pen: style.Pen, plan: SheetPlan, say: Say) -> None:
    sheet = workbook.create_sheet(style.sheet_title(say(Message(N_("Notes"))), set()))
    assert isinstance(sheet, Worksheet)
    style.set_widths(sheet, [30, 80])
    pen.write(sheet, 1, 1, say(Message(plan.title)), style.TITLE)
    row = 3
    for sentence in _HOW_TO:
        pen.write(sheet, row, 1, say(Message(sentence)), style.PLAIN)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
        sheet.row_dimensions[row].height = 14.0 * style.lines_needed(say(Message(sentence)), 110)
        row += 1
    command = Message(
        _FROM_THE_COMMAND_LINE, {"command": f"aidlog import {plan.kind} FILE.xlsx --dry-run"}
    )
    pen.write(sheet, row, 1, say(command), style.PLAIN)
    row += 2
    for column in plan.columns:
        if column.choices:
            pen.write(sheet, row, 1, say(Message(column.heading)), style.TEXT)
            words = ", ".join(say(Message(choice.word)) for choice in column.choices)
            pen.write(sheet, row, 2, words, style.TEXT)
            sheet.row_dimensions[row].height = 14.0 * style.lines_needed(words, 80)
            row += 1
    style.set_page(sheet, landscape=False)
