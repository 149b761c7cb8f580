"""A printed workbook written fast: openpyxl sets the sheets up, the cells go straight to XML.

openpyxl keeps an object for every cell and every merged range and writes them one by one,
which takes ten times as long and as much memory as the file is worth. Here a cell is its
look's number and its text until its row is settled, then a piece of the file.

A formula stands with its result beside it. A spreadsheet program works it out anyway, but a
phone's preview, a mail program and our own reader show an empty cell or 0 otherwise. The
file is written with fixed times and in a fixed order: the same plan gives the same bytes.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from html import escape
from typing import IO, TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break

from aidlog.reports.plain_text import plain_text
from aidlog.reports.sheet_style import EXACT, Look, Pen, number_form

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_STAMP = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
#: Where the cells belong in what openpyxl writes of a sheet that has none.
_PLACES = re.compile(
    rb'(.*<dimension ref=")[^"]*(".*)<sheetData\s*(?:/>|></sheetData>)(.*)(<printOptions.*)',
    re.DOTALL,
)
_MOST_COLUMNS = 50
#: Days are counted from here on; right for every day after February 1900.
_DAY_ZERO = date(1899, 12, 30)
_LAST_ROW = 2**20
_LETTERS = ["", *map(get_column_letter, range(1, _MOST_COLUMNS + 1))]


class Sheet:
    """One sheet. ``setup`` is openpyxl's: widths, page, header and footer, but no cells.

    Rows and columns count from 1. ``heights`` are the rows' heights in points. A cell
    written twice keeps what was written last.
    """

    def __init__(self, setup: Worksheet, pen: Pen) -> None:
        self.setup = setup
        self.heights: dict[int, float] = {}
        self._pen = pen
        self._rows: dict[int, dict[int, str]] = {}
        self._settled: list[bytes] = []
        self._settled_to = 0
        self._last_column = 1
        self._merged: list[str] = []

    def write(self, row: int, column: int, value: object, look: Look) -> None:
        """Write ``value`` at (row, column). A str always stays text."""
        if look.form == EXACT:
            known = value if isinstance(value, int | float) else None
            look = replace(look, form=number_form(known))
        number = self._pen.number(self.setup, look)
        self._cells(row)[column] = f'" s="{number}"{_content(value)}'

    def formula(self, row: int, column: int, text: str, result: float, look: Look) -> None:
        """Write a formula of our own, such as ``=SUM(C5:C9)``, with the number it gives."""
        assert text.startswith("="), "a formula begins with ="
        number = self._pen.number(self.setup, look)
        worked_out = f"<f>{escape(text[1:], quote=False)}</f><v>{_number(result)}</v>"
        self._cells(row)[column] = f'" s="{number}">{worked_out}</c>'

    def merge(self, row: int, first: int, last: int) -> None:
        """Merge the cells of a row from column ``first`` to ``last``; each has its look."""
        self._merged.append(f"{_LETTERS[first]}{row}:{_LETTERS[last]}{row}")

    def break_after(self, row: int) -> None:
        """Begin a new page below ``row``."""
        self.setup.row_breaks.append(Break(id=row))

    def settle(self, before: int) -> None:
        """Turn the rows above ``before`` into a piece of the file; they cannot change again."""
        done = sorted({row for row in (*self._rows, *self.heights) if row < before})
        if not done:
            return
        widest = max(max(self._rows.get(row, (1,))) for row in done)
        self._last_column = max(self._last_column, widest)
        self._settled.append("".join(map(self._row_xml, done)).encode())
        self._settled_to = done[-1]

    def into(self, plain: bytes) -> bytes:
        """Return the sheet's part of the file from ``plain``, as openpyxl wrote it without cells.

        The sheet is done with: its pieces are given away.
        """
        self.settle(before=_LAST_ROW + 1)
        places = _PLACES.fullmatch(plain)
        assert places, "openpyxl writes the dimension, the rows, then the printing options"
        head, view, between, tail = places.groups()
        reach = f"A1:{_LETTERS[self._last_column]}{max(1, self._settled_to)}".encode()
        pieces, self._settled = self._settled, []
        merged = "".join(f'<mergeCell ref="{cells}"/>' for cells in self._merged)
        if merged:
            merged = f'<mergeCells count="{len(self._merged)}">{merged}</mergeCells>'
        return b"".join(
            [head, reach, view, b"<sheetData>", *pieces, b"</sheetData>", between,
             merged.encode(), tail]
        )  # fmt: skip

    def _cells(self, row: int) -> dict[int, str]:
        cells = self._rows.get(row)
        if cells is None:
            assert row > self._settled_to, f"row {row} is in the file already"
            cells = self._rows[row] = {}
        return cells

    def _row_xml(self, row: int) -> str:
        height = self.heights.pop(row, None)
        tall = "" if height is None else f' ht="{height:g}" customHeight="1"'
        cells = self._rows.pop(row, {})
        inside = [f'<c r="{_LETTERS[column]}{row}{cells[column]}' for column in sorted(cells)]
        return f'<row r="{row}"{tall}>{"".join(inside)}</row>'


def _content(value: object) -> str:
    """Return what follows a cell's place and look, up to its end."""
    if value is None or value == "":
        return "/>"
    if isinstance(value, str):
        text = plain_text(value)
        kept = ' xml:space="preserve"' if "\n" in text or text != text.strip() else ""
        return f' t="inlineStr"><is><t{kept}>{escape(text, quote=False)}</t></is></c>'
    assert not isinstance(value, bool | datetime), "said in words: yes, no, a day and an hour"
    if isinstance(value, date):
        value = (value - _DAY_ZERO).days
    assert isinstance(value, int | float), f"a cell holds no {type(value).__name__}"
    return f"><v>{_number(value)}</v></c>"


def _number(value: float) -> str:
    assert math.isfinite(value), "a cell holds a number that can be added up"
    # Sixteen digits: with seventeen the formula bar would show 2494.8 as 2494.7999999999997.
    return str(value) if isinstance(value, int) else f"{value:.16g}"


def save_workbook(
    workbook: Workbook, sheets: Sequence[Sheet], stream: IO[bytes], made: datetime
) -> None:
    """Save ``workbook`` with the cells of ``sheets``, which are all its sheets in order."""
    assert [sheet.setup for sheet in sheets] == workbook.worksheets
    assert workbook.calculation is not None, "a new workbook has calculation settings"
    workbook.calculation.fullCalcOnLoad = True
    cells = {f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in enumerate(sheets, start=1)}
    plain = io.BytesIO()
    workbook.save(plain)
    stamp = f"{made.astimezone(UTC) if made.tzinfo else made:%Y-%m-%dT%H:%M:%SZ}".encode()
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            data = source.read(part)
            if part.filename in cells:
                data = cells[part.filename].into(data)
            elif part.filename == "docProps/core.xml":
                data = _STAMP.sub(rb"\g<1>" + stamp + rb"\g<2>", data)
            entry = zipfile.ZipInfo(part.filename, date_time=made.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)
