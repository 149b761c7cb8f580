"""A flat list as XLSX or CSV, written row by row: memory does not grow with the rows.

The XLSX is written as XML by hand. openpyxl's write-only mode makes an object for each cell,
which takes several times as long for what is text, whole numbers and days only. Text always
stays text: no cell of ours is a formula, and a CSV field that a spreadsheet would take for one
has an apostrophe before it.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import escape
from itertools import count
from pathlib import Path
from typing import IO

from aidlog.reports.plain_text import plain_text

Cell = str | int | Decimal | date | None
Row = Sequence[Cell]
#: Told how many rows are written, every STEP rows.
Progress = Callable[[int], None]

STEP = 1_000
_DAY_ZERO = date(1899, 12, 30)
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\0")
_PLAIN, _HEADING, _DAY = 0, 1, 2
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"'
    f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/>'
    '<xf xfId="0" numFmtId="164" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands over the rows: the title with its class, the headings, HXL tags or none."""

    title: str
    headings: Sequence[str]
    tags: Sequence[str] = ()

    def lines(self) -> Iterator[Row]:
        yield [self.title]
        yield self.headings
        if self.tags:
            yield self.tags


def write_file(
    path: Path, head: Head, rows: Iterable[Row], *, progress: Progress = lambda _done: None
) -> int:
    """Write ``rows`` to ``path``, as XLSX or, where its name says so, CSV; return how many."""
    told = _told(rows, progress)
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            return _write_csv(file, head, told)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        return _write_xlsx(package, head, told)


def _told(rows: Iterable[Row], progress: Progress) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        if number % STEP == 0:
            progress(number)
        yield row


def _write_csv(file: IO[str], head: Head, rows: Iterable[Row]) -> int:
    writer = csv.writer(file)
    for line in head.lines():
        writer.writerow([_inert(cell) for cell in line])
    written = 0
    for row in rows:
        writer.writerow([_inert(cell) for cell in row])
        written += 1
    return written


def _inert(cell: Cell) -> str | int | Decimal:
    """Return a field that no spreadsheet takes for a formula; days as ISO dates."""
    if cell is None:
        return ""
    if isinstance(cell, (int, Decimal)):
        return cell
    text = cell if isinstance(cell, str) else _day_of(cell).isoformat()
    return f"'{text}" if text.startswith(_LIVE) else text


def _write_xlsx(package: zipfile.ZipFile, head: Head, rows: Iterable[Row]) -> int:
    for name, text in PARTS.items():
        package.writestr(name, _XML + text)
    package.writestr(
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="aidlog" sheetId="1" r:id="r1"/></sheets></workbook>',
    )
    lines = list(head.lines())
    number, buffer = count(1), bytearray()
    with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
        sheet.write(
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            f'<pane ySplit="{len(lines)}" topLeftCell="A{len(lines) + 1}" state="frozen"/>'
            f"</sheetView></sheetViews>{_widths(head.headings)}<sheetData>".encode()
        )
        for line in lines:
            sheet.write(_row(next(number), line, _HEADING).encode())
        written = 0
        for row in rows:
            buffer += _row(next(number), row, _PLAIN).encode()
            written += 1
            if len(buffer) > 1 << 16:
                sheet.write(buffer)
                buffer.clear()
        sheet.write(buffer)
        sheet.write(b"</sheetData></worksheet>")
    return written


def _widths(headings: Sequence[str]) -> str:
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{min(40, max(12, len(heading) + 2))}"/>'
        for at, heading in enumerate(headings, start=1)
    )
    return f"<cols>{columns}</cols>"


def _row(number: int, cells: Row, style: int) -> str:
    look = f' s="{style}"' if style else ""
    return f'<row r="{number}">{"".join([_cell(cell, look) for cell in cells])}</row>'


def _cell(value: Cell, look: str) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, str):
        text = escape(plain_text(value), quote=False)
        return f'<c t="inlineStr"{look}><is><t xml:space="preserve">{text}</t></is></c>'
    if isinstance(value, (int, Decimal)):
        return f"<c{look}><v>{value}</v></c>"
    return f'<c s="{_DAY}"><v>{(_day_of(value) - _DAY_ZERO).days}</v></c>'


def _day_of(value: date) -> date:
    """Return the day of a day or a moment: the hour of a truck stands in no file."""
    return value.date() if isinstance(value, datetime) else value
