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
#: Without any of these a sheet's XML has nothing that its values do not tell.
_WORTH_A_LOOK = (b"f>", b"f ", b'"e"', b"'e'", b"mergeCell ", b"hidden=")
#: In a formula: another workbook ([1]Sheet!A1, a file), a program to run (cmd|…), the network.
_OUTSIDE = re.compile(r"\[\d+\]|\.xls|\||\b(WEBSERVICE|RTD|DDE|HYPERLINK)\s*\(", re.IGNORECASE)
_RANGE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7}):([A-Za-z]{1,3})([0-9]{1,7})")
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
    last_row = int(sys.argv[1]) if len(sys.argv) > 1 else LAST_ROW
    try:
        answer: dict[str, Any] = {"sheets": _sheets(data, last_row)}
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


def _sheets(data: bytes, last_row: int) -> list[dict[str, Any]]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            marks = _marks(archive, last_row)
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
                    **marks.get(sheet.name, _Marks().found()),
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


def _marks(archive: zipfile.ZipFile, last_row: int) -> dict[str, dict[str, Any]]:
    """Return, per sheet name, what the values alone do not tell.

    Formulas without a saved result and error cells are empty cells to calamine; empty means
    "none" on several sheets, so a broken formula would silently change the plan. Formulas
    that take their value from outside the workbook, merged cells and hidden rows are told
    as well.
    """
    parts = _parts(archive)
    marks = {}
    for name, path in parts.items():
        text = archive.read(path)
        _refuse_far_cells(name, text, last_row)
        if any(mark in text for mark in _WORTH_A_LOOK):
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


def _refuse_far_cells(name: str, text: bytes, most_rows: int) -> None:
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
    if last_row > most_rows:
        raise Refused("too_many_rows", sheet=name, most=most_rows)
    if last_row * last_column > MOST_CELLS:
        raise Refused("too_many_cells", sheet=name)


class _Marks:
    """One pass over a sheet's XML that keeps the place of what its values do not tell."""

    def __init__(self) -> None:
        self.row = self.column = 0
        self.formulas: list[tuple[int, int]] = []
        self.outside: list[tuple[int, int]] = []
        self.unsaved: list[tuple[int, int]] = []
        self.errors: list[tuple[int, int, str]] = []
        self.merged: list[tuple[int, int, int, int]] = []
        self.hidden_rows: list[int] = []
        self._formula = self._error = False
        self._value: list[str] | None = None
        self._text = ""
        self._formula_text: list[str] | None = None

    def read(self, text: bytes) -> dict[str, Any]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(text, True)
        return self.found()

    def found(self) -> dict[str, Any]:
        return {
            "formulas": self.formulas,
            "outside": self.outside,
            "unsaved": self.unsaved,
            "errors": self.errors,
            "merged": self.merged,
            "hidden_rows": self.hidden_rows,
        }

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rsplit(" ", 1)[-1]
        if name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
            if attributes.get("hidden") in {"1", "true"}:
                self.hidden_rows.append(self.row)
        elif name == "c":
            self._place(attributes.get("r", ""))
            self._formula, self._text = False, ""
            self._error = attributes.get("t") == "e"
        elif name == "f":
            self._formula, self._formula_text = True, []
        elif name in {"v", "t"}:
            self._value = []
        elif name == "mergeCell" and (ends := _RANGE.fullmatch(attributes.get("ref", ""))):
            self.merged.append((int(ends[2]), _column(ends[1]), int(ends[4]), _column(ends[3])))

    def _place(self, reference: str) -> None:
        letters = reference.rstrip("0123456789")
        self.column = _column(letters) if letters else self.column + 1

    def _characters(self, text: str) -> None:
        if self._value is not None:
            self._value.append(text)
        elif self._formula_text is not None:
            self._formula_text.append(text)

    def _end(self, tag: str) -> None:
        name = tag.rsplit(" ", 1)[-1]
        if name in {"v", "t"} and self._value is not None:
            self._text += "".join(self._value)
            self._value = None
        elif name == "f" and self._formula_text is not None:
            if _OUTSIDE.search("".join(self._formula_text)):
                self.outside.append((self.row, self.column))
            self._formula_text = None
        elif name == "c":
            if self._formula:
                self.formulas.append((self.row, self.column))
            if self._error:
                self.errors.append((self.row, self.column, self._text))
            elif self._formula and not self._text:
                self.unsaved.append((self.row, self.column))


def _column(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column


if __name__ == "__main__":
    sys.exit(main())
