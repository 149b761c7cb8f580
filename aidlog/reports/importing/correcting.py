"""The rows as they were sent, with what to correct beside each: to be put right and sent again.

Columns that look like people or positions are left out: the workbook travels.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from aidlog.core.text import N_, Message
from aidlog.reports.cells import Cell, OtherCell
from aidlog.reports.faults import FileFault
from aidlog.reports.importing.checking import Checked
from aidlog.reports.importing.reading import filled_rows
from aidlog.reports.importing.tables import ColumnSeen
from aidlog.reports.plain_text import plain_text

Say = Callable[[Message], str]

#: Stands over the faults; read back in, it is a column that no list knows.
FAULT_HEADING = N_("What to correct")
_WIDEST, _NARROWEST = 48, 10
_FAULT_WIDTH = 60


def write_to_correct(checked: Checked, say: Say) -> bytes:
    """Return an .xlsx workbook: every row as given, and in the last column what is wrong with it.

    Cells that are wrong are marked. What concerns the file as a whole stands on a sheet of
    its own. Corrected or not, the workbook can be imported as it is.
    """
    from openpyxl import Workbook

    found = checked.found
    columns = [seen for seen in found.columns if seen.field or not (seen.personal or seen.position)]
    by_row: defaultdict[int, list[FileFault]] = defaultdict(list)
    for fault in checked.stopping:
        by_row[fault.row].append(fault)
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(plain_text(checked.importer.plan.kind))
    _set_up(sheet, columns, frozen=1 + bool(found.tag_row))
    pen = _Pen(sheet)
    headings = [seen.heading or seen.letter for seen in columns]
    sheet.append([pen.heading(text) for text in (*headings, say(Message(FAULT_HEADING)))])
    if found.tag_row:
        sheet.append([pen.cell(seen.tag) for seen in columns])
    for number, row in filled_rows(found):
        faults = by_row.pop(number, [])
        blamed = {fault.column for fault in faults}
        cells = [
            pen.cell(row[seen.place] if seen.place < len(row) else "", mark=seen.letter in blamed)
            for seen in columns
        ]
        told = " · ".join(_sentences(faults, say))
        sheet.append([*cells, pen.cell(told, mark=bool(faults))])
    rest = [fault for faults in by_row.values() for fault in faults]
    _about_the_file(workbook, [*rest, *checked.remarks], say)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _set_up(sheet: Any, columns: Sequence[ColumnSeen], *, frozen: int) -> None:
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = f"A{1 + frozen}"
    widths = [
        min(_WIDEST, max(_NARROWEST, *(len(text) + 2 for text in (seen.heading, *seen.samples))))
        for seen in columns
    ]
    for place, width in enumerate([*widths, _FAULT_WIDTH], start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width


class _Pen:
    """Makes the cells of a sheet that is written row by row."""

    def __init__(self, sheet: Any) -> None:
        from openpyxl.styles import Alignment, Font, PatternFill

        from aidlog.reports.sheet_style import AMBER, FONT, TEAL_DEEP

        self._sheet = sheet
        self._wrong = PatternFill("solid", start_color=AMBER)
        self._head = PatternFill("solid", start_color=TEAL_DEEP)
        self._head_font = Font(name=FONT, size=9, bold=True, color="FFFFFF")
        self._wrapped = Alignment(wrap_text=True, vertical="top")

    def cell(self, value: Cell, *, mark: bool = False) -> Any:
        from openpyxl.cell import WriteOnlyCell

        made: Any = WriteOnlyCell(self._sheet)
        if isinstance(value, OtherCell):
            value = value.shown
        if isinstance(value, str):
            made.value = plain_text(value)
            made.data_type = "s"  # a name that begins with "=" must not become a formula
        else:
            made.value = value
            if isinstance(value, date):
                made.number_format = "yyyy-mm-dd"
        if mark:
            made.fill = self._wrong
        return made

    def heading(self, text: str) -> Any:
        made = self.cell(text)
        made.fill, made.font, made.alignment = self._head, self._head_font, self._wrapped
        return made


def _sentences(faults: Sequence[FileFault], say: Say) -> Iterator[str]:
    for fault in faults:
        sentence = say(fault.what)
        yield f"{fault.heading}: {sentence}" if fault.heading else sentence


def _about_the_file(workbook: Any, faults: Sequence[FileFault], say: Say) -> None:
    """Write what concerns the file as a whole, and what is only worth a look."""
    from openpyxl.cell import WriteOnlyCell

    if not faults:
        return
    sheet = workbook.create_sheet("aidlog")
    sheet.column_dimensions["A"].width = 120
    for fault in faults:
        made = WriteOnlyCell(sheet, value=plain_text(say(fault.sentence())))
        made.data_type = "s"
        sheet.append([made])
