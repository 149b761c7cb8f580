"""Files as they should not be, each with what has to come of it.

``refused``: nothing can be read; ``stops``: read, and a fault keeps it out of the books;
``reads``: taken as it is, with the remark that ``says`` names, if any.
"""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

REFUSED, STOPS, READS = "refused", "stops", "reads"

HEAD = ("Warehouse", "Item code", "Quantity", "Unit", "Lot number", "Expiry date", "Counted on",
        "Donor")  # fmt: skip
#: A row that is right, in the estate that the tests make.
ROW = ("W01", "MAT", "100", "piece", "L1", "2030-05-31", "2026-11-02", "Friends of the Lake")
SHEET = "xl/worksheets/sheet1.xml"


@dataclass(frozen=True)
class Malformed:
    """``number`` is that of the test plan; letters tell several forms of one apart."""

    number: str
    name: str
    make: Callable[[], bytes]
    verdict: str
    says: str = ""

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


def row(**changes: Any) -> tuple[Any, ...]:
    """Return the right row with some cells changed: Quantity=…, Lot_number=…"""
    cells = dict(zip(HEAD, ROW, strict=True))
    for name, value in changes.items():
        cells[name.replace("_", " ")] = value
    return tuple(cells.values())


def text(rows: Sequence[Sequence[Any]], *, separator: str = ",", encoding: str = "utf-8") -> bytes:
    lines = [separator.join(str(cell) for cell in cells) for cells in (HEAD, *rows)]
    return ("\n".join(lines) + "\n").encode(encoding)


def workbook(rows: Sequence[Sequence[Any]], change: Callable[[Workbook], None] | None = None,
             head: Sequence[str] = HEAD) -> bytes:  # fmt: skip
    book = Workbook()
    sheet = book.worksheets[0]
    for cells in (head, *rows):
        sheet.append(list(cells))
    if change is not None:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_parts(*parts: tuple[str, bytes], without: str = "", data: bytes | None = None) -> bytes:
    """Return a right workbook with parts added or replaced, and one left out."""
    names = {name for name, _ in parts}
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or workbook([ROW]))) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            if part.filename not in names | {without}:
                target.writestr(part.filename, source.read(part))
        for name, content in parts:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # zipfile's own, on a double name
                target.writestr(name, content)
    return stream.getvalue()


def sheet_xml(cells: str, dimension: str = "A1:H2") -> bytes:
    """Return a sheet of the right rows and ``cells`` under them."""

    def filled(number: int, values: Sequence[str]) -> str:
        return f'<row r="{number}">' + "".join(
            f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
            for place, value in enumerate(values)
        ) + "</row>"  # fmt: skip

    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="{dimension}"/><sheetData>{filled(1, HEAD)}{filled(2, ROW)}{cells}'
        "</sheetData></worksheet>"
    ).encode()


def wrong_crc() -> bytes:
    data = bytearray(workbook([ROW]))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        part = archive.getinfo(SHEET)
    where = part.header_offset + 14
    data[where : where + 4] = b"\x01\x02\x03\x04"
    directory = data.index(b"PK\x01\x02")
    while data[directory + 46 : directory + 46 + len(SHEET)] != SHEET.encode():
        directory = data.index(b"PK\x01\x02", directory + 4)
    data[directory + 16 : directory + 20] = b"\x01\x02\x03\x04"
    return bytes(data)


def bomb() -> bytes:
    """One part that unpacks to a gigabyte; made from one megabyte's packing, repeated."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(bytes(2**20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    packed = block * 1024 + squeeze.flush()
    stream = io.BytesIO(workbook([ROW]))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/media/image1.bin", packed)  # stored as it is; the headers then say
    data = bytearray(stream.getvalue())
    name = b"xl/media/image1.bin"
    for mark, method, size in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        at = data.rindex(mark, 0, data.rindex(name) if mark == b"PK\x01\x02" else data.index(name))
        data[at + method : at + method + 2] = struct.pack("<H", 8)
        data[at + size : at + size + 4] = struct.pack("<I", 2**30)
    return bytes(data)


def doctype(entities: str, content: str = "&z;") -> bytes:
    return with_parts(
        (SHEET, f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><worksheet>{content}</worksheet>'
         .encode())
    )  # fmt: skip


def merged(book: Workbook) -> None:
    book.worksheets[0].merge_cells("E2:E3")


def hidden(book: Workbook) -> None:
    book.worksheets[0].row_dimensions[3].hidden = True
    other = book.create_sheet("Old list")
    other.append(list(HEAD))
    other.append(list(row(Lot_number="OLD")))
    other.sheet_state = "hidden"


def formula(source: str, saved: str) -> bytes:
    """A quantity that is worked out, with the result that the file says it has."""
    data = workbook([row(Quantity=777)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read(SHEET).decode()
    kind = "" if saved[:1].isdigit() else ' t="e"'
    cell = f'<c r="C2"{kind}><f>{source}</f><v>{saved}</v></c>'
    start = sheet.index('<c r="C2"')
    end = sheet.index("</c>", start) + 4
    return with_parts((SHEET, (sheet[:start] + cell + sheet[end:]).encode()), data=data)


def since_1904() -> bytes:
    def change(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    return workbook(
        [row(Quantity=100, Expiry_date=date(2030, 5, 31), Counted_on=date(2026, 11, 2))], change
    )


def many_rows() -> bytes:
    cells = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(3, 200_001))
    return with_parts((SHEET, sheet_xml(cells)))


def macro() -> bytes:
    return with_parts(("xl/vbaProject.bin", b"\xd0\xcf" * 40))


BILLION = "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghiz", strict=True)
)

CONTAINER = (
    Malformed("1", "an empty file", lambda: b"", REFUSED, "empty"),
    Malformed("2", "a web page called xlsx", lambda: b"<html><table></table></html>", REFUSED,
              "web page"),
    Malformed("3", "an old xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), REFUSED,
              "old .xls"),
    Malformed("4", "an encrypted workbook",
              lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
              + "EncryptedPackage".encode("utf-16-le"), REFUSED, "password"),
    Malformed("5", "a truncated zip", lambda: workbook([ROW])[:-400], REFUSED, "cut off"),
    Malformed("6", "a wrong checksum", wrong_crc, REFUSED, "damaged"),
    Malformed("7", "no workbook part", lambda: with_parts(without="xl/workbook.xml"), REFUSED,
              "not an .xlsx"),
    Malformed("8", "no sheets",
              lambda: with_parts(("xl/workbook.xml", b'<workbook xmlns="http://schemas.openxml'
                                  b'formats.org/spreadsheetml/2006/main"><sheets/></workbook>')),
              REFUSED, "headings"),
    Malformed("9", "a gigabyte in a megabyte", bomb, REFUSED, "unpacks to more"),
    Malformed("10", "a billion laughs", lambda: doctype('<!ENTITY a "lol">' + BILLION), REFUSED,
              "document type"),
    Malformed("11", "quadratic entities",
              lambda: doctype(f'<!ENTITY z "{"A" * 50_000}">', "&z;" * 5_000), REFUSED,
              "document type"),
    Malformed("12", "an external entity",
              lambda: doctype('<!ENTITY z SYSTEM "file:///etc/hostname">'), REFUSED,
              "document type"),
    Malformed("13", "an entry that climbs out",
              lambda: with_parts(("../../../outside.xml", b"<a/>")), READS),
    Malformed("14", "ten thousand entries",
              lambda: with_parts(*((f"xl/media/{n}.bin", b"") for n in range(10_000))), REFUSED,
              "parts"),
    Malformed("15", "one sheet twice",
              lambda: with_parts((SHEET, sheet_xml("")), (SHEET, sheet_xml(""))), REFUSED, "twice"),
    Malformed("16", "a macro", macro, REFUSED, "macros"),
)  # fmt: skip

SHAPE = (
    Malformed("17", "a dimension that lies",
              lambda: with_parts((SHEET, sheet_xml("", "A1:XFD1048576"))), READS),
    Malformed("18", "a cell at the far end",
              lambda: with_parts((SHEET, sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v>'
                                                   "</c></row>"))), REFUSED, "far outside"),
    Malformed("19", "row two thousand million",
              lambda: with_parts((SHEET, sheet_xml('<row r="2000000000"><c r="A2000000000"><v>1'
                                                   "</v></c></row>"))), REFUSED, "far outside"),
    Malformed("20", "two hundred thousand rows", many_rows, REFUSED, "50000 rows"),
    Malformed("21", "a lot over merged cells",
              lambda: workbook([row(Quantity=5), row(Quantity=6, Lot_number=None)], merged), STOPS,
              "merged"),
    Malformed("22", "hidden rows and a hidden sheet",
              lambda: workbook([row(Quantity=5), row(Quantity=6, Lot_number="L2")], hidden), READS,
              "hidden"),
    Malformed("23", "a column that is missing",
              lambda: workbook([ROW[:2] + ROW[3:]], head=HEAD[:2] + HEAD[3:]), STOPS,
              "No column is “Quantity”"),
    Malformed("24", "a column twice",
              lambda: workbook([(*ROW, "7")], head=(*HEAD, "Qty")), STOPS, "are both"),
    Malformed("25", "a row with too many cells",
              lambda: text([ROW, row(Lot_number="L2", Donor="Les Amis, Goma, Sud")]), STOPS,
              "more cells than there are headings"),
    Malformed("26", "the last of 501 rows is bad",
              lambda: text([row(Lot_number=f"L{n}") for n in range(500)] + [row(Quantity="x")]),
              STOPS, "“x” is not a number"),
    Malformed("27", "a cell of 9 MB",
              lambda: text([row(Donor='"' + "x" * 9_000_000 + '"')]), REFUSED, "without an end"),
    Malformed("27b", "a file of 21 MB", lambda: text([row(Donor="x" * 21 * 2**20)]), REFUSED, "MB"),
    Malformed("28", "a quotation mark that is not closed",
              lambda: text([ROW, row(Donor='"Les Amis', Lot_number="L2"), row(Lot_number="L3")]),
              REFUSED, "never closed"),
)  # fmt: skip

VALUES = (
    Malformed("29", "a formula whose saved result is wrong", lambda: formula("1+1", "100"), READS,
              "holds a formula"),
    Malformed("30", "a link to another workbook", lambda: formula("[1]Sheet1!$A$1", "100"), STOPS,
              "another file"),
    Malformed("31", "a program to run, as text", lambda: text([row(Donor="=cmd|'/C calc'!A0")]),
              STOPS, "formula"),
    Malformed("31b", "a program to run, as a formula", lambda: formula("cmd|'/C calc'!A0", "100"),
              STOPS, "another file"),
    Malformed("32", "a broken reference", lambda: formula("#REF!+1", "#REF!"), STOPS, "#REF!"),
    Malformed("33", "one and a half mats", lambda: text([row(Quantity="1.5")]), STOPS, "whole"),
    Malformed("33b", "one and a half mats, as a number", lambda: workbook([row(Quantity=1.5)]),
              STOPS, "whole"),
    Malformed("34", "1e308", lambda: text([row(Quantity="1e308")]), STOPS, "outside 0 to"),
    Malformed("34b", "NaN", lambda: text([row(Quantity="NaN")]), STOPS, "not a number"),
    Malformed("34c", "infinity", lambda: text([row(Quantity="inf")]), STOPS, "not a number"),
    Malformed("34d", "1e308 as a number", lambda: workbook([row(Quantity=1e308)]), STOPS,
              "outside 0 to"),
    Malformed("35", "two to the sixty-third", lambda: text([row(Quantity=str(2**63))]), STOPS,
              "outside 0 to"),
    Malformed("36", "1,000", lambda: text([row(Quantity='"1,000"')]), STOPS, "two ways"),
    Malformed("36b", "1.000", lambda: text([row(Quantity="1.000")]), STOPS, "two ways"),
    Malformed("36c", "1 000", lambda: text([row(Quantity="1 000")]), READS),
    Malformed("36d", "1 000 with a narrow space", lambda: text([row(Quantity="1\u202f000")]),
              READS),
    Malformed("37", "Arabic digits", lambda: text([row(Quantity="١٢٣")]), STOPS, "not a number"),
    Malformed("37b", "twelve cubed", lambda: text([row(Quantity="12³")]), STOPS, "not a number"),
    Malformed("37c", "digits with an underscore", lambda: text([row(Quantity="1_000")]), STOPS,
              "not a number"),
    Malformed("38", "TRUE as a quantity", lambda: workbook([row(Quantity=True)]), STOPS,
              "TRUE"),
    Malformed("38b", "TRUE as text", lambda: text([row(Quantity="TRUE")]), STOPS, "not a number"),
    Malformed("39", "the third of April or the fourth of March",
              lambda: text([row(Expiry_date="03/04/2030")]), STOPS, "in one country"),
    Malformed("39b", "the thirty-first of February",
              lambda: text([row(Expiry_date="2030-02-31")]), STOPS, "not in the calendar"),
    Malformed("39c", "days counted from 1904", since_1904, READS),
    Malformed("39d", "a date that lost its format",
              lambda: workbook([row(Quantity=5, Expiry_date=47_634)]), STOPS, "2030-05-31"),
    Malformed("40", "one lot with two expiry dates",
              lambda: text([ROW, row(Expiry_date="2031-01-31")]), STOPS, "One lot has one date"),
)  # fmt: skip

LETTERS = (
    Malformed("41", "UTF-16 with a mark", lambda: text([ROW], encoding="utf-16"), READS),
    Malformed("41b", "UTF-16 without one", lambda: text([ROW], encoding="utf-16-le"), READS),
    Malformed("41c", "Latin-1",
              lambda: text([row(Donor="Amitié sans frontières")], encoding="latin-1"), READS),
    Malformed("41d", "UTF-8 with a mark", lambda: text([ROW], encoding="utf-8-sig"), READS),
    Malformed("41e", "UTF-8 with one line of Latin-1",
              lambda: text([row(Lot_number=f"L{n}", Donor="Amitié") for n in range(3)])
              + text([row(Lot_number="L9", Donor="Amitié")], encoding="latin-1").split(b"\n", 1)[1],
              READS, "another encoding"),
    Malformed("41f", "semicolons", lambda: text([ROW], separator=";"), READS),
    Malformed("42", "NUL in the middle", lambda: text([row(Donor="Les\0Amis")]), REFUSED,
              "neither a workbook nor text"),
    Malformed("43", "a mark that turns the writing", lambda: text([row(Lot_number="L\u202e1")]),
              STOPS, "cannot be seen"),
    Malformed("43b", "a space without width", lambda: text([row(Donor="Les\u200bAmis")]), STOPS,
              "cannot be seen"),
    Malformed("44", "a letter that only looks like it",
              lambda: text([row(Donor="Friends of the L\u0430ke")]), STOPS, "two alphabets"),
    Malformed("45", "a script in a name",
              lambda: text([row(Donor="<script>alert(1)</script>")]), READS),
)  # fmt: skip

ALL = (*CONTAINER, *SHAPE, *VALUES, *LETTERS)
