"""What an .xlsx must be before anything parses it; each file here was made to be refused."""

from __future__ import annotations

import io
import struct
import time
import warnings
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from aidlog.core.errors import Refusal
from aidlog.reports.cells import read_cells
from aidlog.reports.container import MOST_BYTES, check_container


def plain_workbook() -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Sites"
    sheet.append(["Site code", "People"])
    sheet.append(["T1", 4120])
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def with_parts(*parts: tuple[str, bytes], without: str = "", data: bytes | None = None) -> bytes:
    """Return a workbook with parts added or replaced, and one left out."""
    names = {name for name, _ in parts}
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or plain_workbook())) as source,
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


def sheet_xml(rows: str, dimension: str = "A1:B2") -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    ).encode()


SHEET = "xl/worksheets/sheet1.xml"
BILLION = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<worksheet>&b;</worksheet>"
)


def old_excel() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


def lying_size() -> bytes:
    """A part that says it has 100 bytes and unpacks to 60 MB."""
    data = bytearray(with_parts((SHEET, b" " * (60 * 2**20))))
    real = struct.pack("<I", 60 * 2**20)
    return bytes(data.replace(real, struct.pack("<I", 100)))


REFUSED: list[tuple[str, Callable[[], bytes], str]] = [
    ("empty", lambda: b"", "empty"),
    ("a page of a web site", lambda: b"<html><body>log in</body></html>", "not an .xlsx"),
    ("text", lambda: b"Site;People\nT1;4120\n", "not an .xlsx"),
    ("an old or encrypted workbook", old_excel, "password"),
    ("cut off", lambda: plain_workbook()[:-300], "damaged"),
    ("only its first bytes", lambda: plain_workbook()[:40], "damaged"),
    ("another zip", lambda: with_parts(without="xl/workbook.xml"), "not an .xlsx"),
    ("a macro", lambda: with_parts(("xl/vbaProject.bin", b"x")), "macros"),
    ("a macro type", lambda: with_parts(("[Content_Types].xml", b"<Types>macroEnabled</Types>")),
     "macros"),
    ("a part twice", lambda: with_parts((SHEET, b"<a/>"), (SHEET, b"<b/>")), "twice"),
    ("a part twice in another case",
     lambda: with_parts((SHEET, b"<a/>"), ("XL/worksheets/Sheet1.xml", b"<b/>")), "twice"),
    ("3,000 parts", lambda: with_parts(*((f"xl/x{n}.xml", b"") for n in range(3_000))), "parts"),
    ("a bomb of 80 MB", lambda: with_parts((SHEET, bytes(80 * 2**20))), "unpacks to more"),
    ("a bomb within 50 MB", lambda: with_parts((SHEET, b" " * (40 * 2**20))), "unpacks to more"),
    ("a bomb that lies about its size", lying_size, "damaged"),
    ("entities", lambda: with_parts((SHEET, BILLION.encode())), "document type"),
    ("entities in UTF-16", lambda: with_parts((SHEET, BILLION.encode("utf-16"))), "document type"),
    ("an external entity", lambda: with_parts(
        ("xl/sharedStrings.xml", b'<!DOCTYPE a SYSTEM "file:///x"><a/>')), "document type"),
    ("a doctype over a chunk's edge", lambda: with_parts(
        (SHEET, b"<a>" + bytes(range(48, 58)) * 6553 + b"<!DOCTYPE a><b/>")), "document type"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "words"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_a_file_that_is_not_a_plain_workbook_is_refused_in_words(
    make: Callable[[], bytes], words: str
) -> None:
    data = make()
    began = time.process_time()
    with pytest.raises(Refusal) as refusal:
        check_container(data)
    assert words in str(refusal.value)
    assert time.process_time() - began < 60, "it hangs"


def test_a_wrong_checksum_is_a_damaged_workbook() -> None:
    data = bytearray(plain_workbook())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = archive.getinfo(SHEET)
    at = part.header_offset + 30 + len(part.filename) + 20
    data[at] ^= 0xFF
    with pytest.raises(Refusal, match="damaged"):
        check_container(bytes(data))


def test_a_file_above_the_limit_is_refused_by_its_size() -> None:
    with pytest.raises(Refusal, match="MB"):
        check_container(b"PK\x03\x04" + bytes(MOST_BYTES))


def test_a_plain_workbook_passes() -> None:
    check_container(plain_workbook())


def test_a_part_that_climbs_out_of_the_folder_is_never_written_anywhere() -> None:
    sheets = read_cells(with_parts(("../../outside.xml", b"<a/>")))
    assert sheets[0].rows[1] == ("T1", 4120.0)


@pytest.mark.parametrize(
    ("rows", "cell"),
    [
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "1048576"),
        ('<row r="2000000000"><c><v>1</v></c></row>', "2000000000"),
        ("<row r='1'><c r='XFD1'><v>1</v></c></row>", "XFD1"),
    ],
)
def test_a_cell_far_outside_is_refused_by_its_place(rows: str, cell: str) -> None:
    with pytest.raises(Refusal, match=cell):
        read_cells(with_parts((SHEET, sheet_xml(rows))))


def test_a_lying_dimension_does_not_cost_memory() -> None:
    row = '<row r="1"><c r="A1"><v>7</v></c></row>'
    sheets = read_cells(with_parts((SHEET, sheet_xml(row, "A1:XFD1048576"))))
    assert sheets[0].rows == ((7.0,),)


def test_many_empty_formatted_cells_are_refused() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="199999"><c r="IV199999" s="1"/></row>'
    with pytest.raises(Refusal, match="too many cells"):
        read_cells(with_parts((SHEET, sheet_xml(rows))))


def test_broken_xml_is_a_damaged_workbook() -> None:
    with pytest.raises(Refusal, match="damaged"):
        read_cells(with_parts((SHEET, b"<worksheet><sheetData><row r='1'><c r='A1'><f>1")))


def test_no_sheet_gives_no_rows() -> None:
    book = (
        b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheets/></workbook>"
    )
    assert read_cells(with_parts(("xl/workbook.xml", book))) == ()


def test_an_error_cell_and_a_formula_without_result_are_known_by_their_place() -> None:
    rows = (
        '<row r="3"><c r="B3" t="e"><v>#REF!</v></c><c r="C3"><f>A1*2</f></c>'
        '<c r="D3"><f>A1*2</f><v>12</v></c></row>'
    )
    (sheet,) = read_cells(with_parts((SHEET, sheet_xml(rows))))
    assert sheet.errors == {(3, 2): "#REF!"}
    assert sheet.unsaved == {(3, 3)}
    assert sheet.formulas == 2
    assert sheet.rows[2][3] == 12.0


@pytest.mark.parametrize("cells", [3_000, 100_000])
def test_one_long_text_in_very_many_cells_is_refused(cells: int) -> None:
    """Stored once in the file, it would fill the memory of whoever reads the cells."""
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + "help " * 6_000
        + "</t></si></sst>"
    ).encode()
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, cells + 1)
    )
    data = with_parts(
        ("xl/sharedStrings.xml", strings),
        (SHEET, sheet_xml(rows)),
        ("[Content_Types].xml", _with_shared_strings("[Content_Types].xml")),
        ("xl/_rels/workbook.xml.rels", _with_shared_strings("xl/_rels/workbook.xml.rels")),
    )
    with pytest.raises(Refusal, match=r"more text than|too much memory"):
        read_cells(data)


def _with_shared_strings(part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(plain_workbook())) as archive:
        content = archive.read(part)
    if part.startswith("["):
        entry = (
            b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.'
            b'openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
        )
        return content.replace(b"</Types>", entry)
    entry = (
        b'<Relationship Id="rIdText" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    return content.replace(b"</Relationships>", entry)
