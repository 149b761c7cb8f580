"""Reads the cells of one workbook from standard input; run as a process of its own.

A stranger's file can make any parser eat memory or time. This program has little of both,
knows nothing of aidlog, and prints JSON: ``{"sheets": [...]}`` or ``{"refused": code}``.
It imports nothing of the project so that it can run isolated (``python -I``).
"""

from __future__ import annotations

import datetime
import io
import json
import re
import sys
import zipfile
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

MEMORY = 768 * 2**20
CPU_SECONDS = 60
LAST_ROW = 200_000
LAST_COLUMN = 256
MOST_CELLS = 4_000_000
#: One long text can stand in a million cells and be stored once in the file.
MOST_TEXT = 64 * 2**20

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,8})([0-9]{1,20})["']""")


class Refused(Exception):
    """The workbook cannot be read; ``answer`` is what the parent is told."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.answer = {"refused": code, **details}


def main() -> int:
    """Read standard input, print the answer. Always 0: a crash is the other outcome."""
    _limit_ourselves()
    data = sys.stdin.buffer.read()
    try:
        answer: dict[str, Any] = {"sheets": _sheets(data)}
    except Refused as refused:
        answer = refused.answer
    json.dump(answer, sys.stdout, ensure_ascii=True)
    return 0


def _limit_ourselves() -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit is all there is
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _sheets(data: bytes) -> list[dict[str, Any]]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            marks = _marks(archive)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = []
        text = 0
        for sheet in workbook.sheets_metadata:
            if sheet.typ is not SheetTypeEnum.WorkSheet:
                continue
            rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            text += sum(len(cell) for row in rows for cell in row if isinstance(cell, str))
            if text > MOST_TEXT:
                raise Refused("too_much_text", sheet=sheet.name)
            sheets.append(
                {
                    "name": sheet.name,
                    "hidden": sheet.visible is not SheetVisibleEnum.Visible,
                    "rows": [[_plain(cell) for cell in row] for row in rows],
                    **marks.get(sheet.name, {"formulas": 0, "unsaved": [], "errors": []}),
                }
            )
    except (CalamineError, expat.ExpatError, ElementTree.ParseError, KeyError) as error:
        raise Refused("damaged") from error
    return sheets


def _plain(cell: object) -> object:
    """Return a cell as JSON: dates become ``{"date": …}``, times and spans ``{"time": …}``."""
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return {"date": cell.date().isoformat()} if midnight else {"time": cell.isoformat(" ")}
    if isinstance(cell, datetime.date):
        return {"date": cell.isoformat()}
    if isinstance(cell, (datetime.time, datetime.timedelta)):
        return {"time": str(cell)}
    return cell


def _marks(archive: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    """Return, per sheet name, its formulas without a saved result and its error cells.

    The cell values come from calamine, which shows both as empty cells; empty means "none"
    on several sheets, so a broken formula would silently change the plan.
    """
    parts = _parts(archive)
    marks = {}
    for name, path in parts.items():
        text = archive.read(path)
        _refuse_far_cells(name, text)
        if b"f>" in text or b"f " in text or b'"e"' in text or b"'e'" in text:
            marks[name] = _Marks().read(text)
    return marks


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return sheet name → path of its XML part."""
    # The container check has refused every document type declaration, so no entity expands.
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    parts = {}
    names = set(archive.namelist())
    for sheet in [*book.iter(f"{_MAIN}sheet"), *book.iter(f"{_STRICT}sheet")]:
        link = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), None)
        target = targets.get(link, "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in names:
            parts[sheet.get("name", "")] = path
    return parts


def _refuse_far_cells(name: str, text: bytes) -> None:
    """Refuse a cell far outside: the table up to it would be built in memory."""
    last_row = last_column = 0
    for match in _REFERENCE.finditer(text):
        letters, row = match[1].decode().upper(), int(match[2])
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        if row > LAST_ROW or column > LAST_COLUMN:
            raise Refused("far_cell", sheet=name, cell=f"{letters}{row}")
        last_row, last_column = max(last_row, row), max(last_column, column)
    if last_row * last_column > MOST_CELLS:
        raise Refused("too_many_cells", sheet=name)


class _Marks:
    """One pass over a sheet's XML that keeps the place of formulas and errors."""

    def __init__(self) -> None:
        self.row = self.column = 0
        self.formulas = 0
        self.unsaved: list[tuple[int, int]] = []
        self.errors: list[tuple[int, int, str]] = []
        self._formula = self._error = False
        self._value: list[str] | None = None
        self._text = ""

    def read(self, text: bytes) -> dict[str, Any]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(text, True)
        return {"formulas": self.formulas, "unsaved": self.unsaved, "errors": self.errors}

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rsplit(" ", 1)[-1]
        if name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
        elif name == "c":
            self._place(attributes.get("r", ""))
            self._formula, self._text = False, ""
            self._error = attributes.get("t") == "e"
        elif name == "f":
            self._formula = True
        elif name in {"v", "t"}:
            self._value = []

    def _place(self, reference: str) -> None:
        letters = reference.rstrip("0123456789")
        self.column += 1
        if letters:
            self.column = 0
            for letter in letters.upper():
                self.column = self.column * 26 + ord(letter) - 64

    def _characters(self, text: str) -> None:
        if self._value is not None:
            self._value.append(text)

    def _end(self, tag: str) -> None:
        name = tag.rsplit(" ", 1)[-1]
        if name in {"v", "t"} and self._value is not None:
            self._text += "".join(self._value)
            self._value = None
        elif name == "c":
            self.formulas += self._formula
            if self._error:
                self.errors.append((self.row, self.column, self._text))
            elif self._formula and not self._text:
                self.unsaved.append((self.row, self.column))


if __name__ == "__main__":
    sys.exit(main())
