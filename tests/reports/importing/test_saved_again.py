"""One list is one list, whatever program saved it last."""

from __future__ import annotations

import io

import openpyxl

from aidlog.reports.any_file import read_any


def workbook(quantity: int, *, title: str = "", blank: int = 0) -> bytes:
    book = openpyxl.Workbook()
    book.properties.title = title
    for row in (["Item", "Quantity"], *([[None, None]] * blank), ["Mat", quantity]):
        book.worksheets[0].append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_saved_again_is_the_same_list():
    first, again = workbook(20), workbook(20, title="saved by another program", blank=1)
    assert first != again
    assert read_any(first).digest == read_any(again).digest


def test_another_quantity_makes_another_list():
    assert read_any(workbook(20)).digest != read_any(workbook(21)).digest


def test_two_cells_are_not_one_cell_with_both_their_texts():
    assert read_any(b"a,b\n1,23\n").digest != read_any(b"a,b\n12,3\n").digest
