"""A file that somebody sent to be imported, whatever program wrote it: workbook or text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.reports import text_reader
from aidlog.reports.cells import Cell, SheetCells, read_cells, run_reader
from aidlog.reports.container import MOST_BYTES

#: More rows than this are several files: nobody looks through so many at once.
MOST_ROWS = 50_000
#: How long a text file may take to read; a million cells take three.
SECONDS = 20

_NOT_TEXT = (
    (b"%PDF", N_("This is a PDF. Export the table as a workbook (.xlsx) or as CSV.")),
    (b"<!doctype", N_("This is a web page. Save the table as a workbook (.xlsx) or as CSV.")),
    (b"<html", N_("This is a web page. Save the table as a workbook (.xlsx) or as CSV.")),
    (b"<table", N_("This is a web page. Save the table as a workbook (.xlsx) or as CSV.")),
    (b"<?xml", N_("This is an XML file. Save the table as a workbook (.xlsx) or as CSV.")),
    (b"\x89PNG", N_("This is a picture. Type the table into a workbook.")),
    (b"\xff\xd8\xff", N_("This is a picture. Type the table into a workbook.")),
)


@dataclass(frozen=True, slots=True)
class FileCells:
    """The sheets of a file. ``encoding`` and ``separator`` are "" for a workbook.

    ``digest`` tells one list from another by what stands in its cells: saved again, it is
    the same.
    """

    sheets: tuple[SheetCells, ...]
    digest: str
    encoding: str = ""
    separator: str = ""


def digest_of(sheets: Sequence[SheetCells]) -> str:
    """Return the SHA-256 of the filled cells, sheet by sheet and row by row.

    A spreadsheet program that only opens and saves a workbook changes its bytes, not these:
    goods without lot numbers would be counted in twice.
    """
    rows = [
        ["\t".join(map(_written, row)).rstrip("\t") for row in sheet.rows if any(map(_filled, row))]
        for sheet in sheets
    ]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=True).encode()).hexdigest()


def _filled(cell: Cell) -> bool:
    return cell != ""


def _written(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(getattr(cell, "shown", cell))


def must_fit(size: int) -> None:
    """Refuse a file of ``size`` bytes that is too large to be read at all.

    Raises:
        Refusal: it is; into how large pieces to divide it.
    """
    if size > MOST_BYTES:
        raise Refusal(
            Message(
                N_("The file has {size} MB; {most} MB is the most. Divide it into several files."),
                {"size": -(-size // 2**20), "most": MOST_BYTES // 2**20},
            )
        )


def read_any(data: bytes) -> FileCells:
    """Return the cells of ``data``: an .xlsx workbook, or text with one row a line.

    Raises:
        Refusal: it is neither, it is damaged, or too large to read within the memory and time
            of a process that is ended when it exceeds them.
    """
    workbook = data.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    if not workbook:
        must_fit(len(data))
    if not data.strip(b"\0 \r\n\t\xef\xbb\xbf\xff\xfe"):
        raise Refusal(Message(N_("The file is empty. Save it again.")))
    if workbook:
        sheets = read_cells(data, most_rows=MOST_ROWS)
        return FileCells(sheets, digest_of(sheets))
    beginning = data[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    for mark, sentence in _NOT_TEXT:
        if beginning.startswith(mark.lower()):
            raise Refusal(Message(sentence))
    answer = run_reader(text_reader.__file__, data, MOST_ROWS, seconds=SECONDS)
    if "refused" in answer:
        raise Refusal(_refused(answer))
    rows = tuple(tuple(cell if cell.strip() else "" for cell in row) for row in answer["rows"])
    sheet = SheetCells("", hidden=False, rows=rows, odd_rows=frozenset(answer["odd"]))
    return FileCells((sheet,), digest_of((sheet,)), answer["encoding"], answer["separator"])


def _refused(answer: Mapping[str, Any]) -> Message:
    row = {"row": answer.get("row", 0)}
    match answer["refused"]:
        case "too_many_rows":
            return Message(
                N_("The file has more than {most} rows. Divide it into several files."),
                {"most": answer["most"]},
            )
        case "too_many_cells":
            return Message(N_("The file has too many cells. Divide it into several files."))
        case "endless_field":
            return Message(
                N_("Row {row} holds a cell without an end. A quotation mark may be missing."), row
            )
        case "open_quote":
            return Message(
                N_("A quotation mark that opens in row {row} is never closed. Close or delete it."),
                row,
            )
        case "broken_quote":
            return Message(
                N_("Row {row} has a quotation mark in the middle of a cell. Double or delete it."),
                row,
            )
    return Message(N_("This is neither a workbook nor text. Save it as .xlsx or as CSV."))
