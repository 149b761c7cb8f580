"""A paper that is a table: its heading, and that of its columns, on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aidlog.core.text import N_, Message
from aidlog.reports.amounts import Tongue
from aidlog.reports.paper import (
    HEIGHT,
    INNER,
    MARGIN,
    WIDTH,
    Paper,
    broken,
    line_height,
    size_for_words,
)

#: The table ends here; below it stand the page number and what is signed on the last page.
_END = HEIGHT - MARGIN - 6
_HEADS = 11.0
_SIGNATURES = 30.0


@dataclass(frozen=True, slots=True)
class Column:
    """A column ``width`` millimetres wide; ``words`` are marked. Figures stand to the right."""

    words: str
    width: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over every page: ``facts`` are whole, translated lines."""

    title: str
    number: str
    facts: Sequence[str]
    qr: str = ""


@dataclass(frozen=True, slots=True)
class TablePaper:
    """A table on paper. ``row_height`` leaves room to write by hand where it is large."""

    head: Head
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    row_height: float = 6.4
    signatures: Sequence[str] = ()
    notes: Sequence[str] = ()


def table_pdf(sheet: TablePaper, tongue: Tongue) -> bytes:
    """Return the paper as PDF, A4, black on white, in one language."""
    assert abs(sum(column.width for column in sheet.columns) - INNER) < 0.01
    paper = Paper(sheet.head.number)
    pages = _pages(sheet)
    for number, rows in enumerate(pages, start=1):
        y = _head(paper, sheet.head)
        y = _heads(paper, sheet.columns, y, tongue)
        for row in rows:
            y = _row(paper, sheet, row, y)
        if number == len(pages):
            _tail(paper, sheet, y, tongue)
        foot = Message(
            N_("{number} · page {page} of {pages}"),
            {"number": sheet.head.number, "page": number, "pages": len(pages)},
        )
        paper.text(WIDTH - MARGIN, HEIGHT - MARGIN, tongue.say(foot), size=8, align="right")
        paper.turn()
    return paper.bytes()


def _head_height(head: Head) -> float:
    return max(30.0 if head.qr else 0.0, 11.0 + 4.6 * len(head.facts)) + 3


def _pages(sheet: TablePaper) -> list[list[Sequence[str]]]:
    """Part the rows into pages; the last one leaves room for notes and signatures."""
    room = _END - MARGIN - _head_height(sheet.head) - _HEADS
    tail = _tail_height(sheet)
    pages: list[list[Sequence[str]]] = [[]]
    used = 0.0
    for row in sheet.rows:
        height = _height(sheet, row)
        if used + height > room and pages[-1]:
            pages.append([])
            used = 0.0
        pages[-1].append(row)
        used += height
    if used + tail > room and pages[-1]:
        pages.append([])
    return pages


def _height(sheet: TablePaper, row: Sequence[str]) -> float:
    most = max(
        (
            len(broken(cell, column.width - 2.4, 9))
            for cell, column in zip(row, sheet.columns, strict=True)
        ),
        default=1,
    )
    return max(sheet.row_height, most * line_height(9) + 2)


def _head(paper: Paper, head: Head) -> float:
    width = INNER - (32 if head.qr else 0)
    paper.fitted(MARGIN, MARGIN + 6, f"{head.title} {head.number}", width, size=15, bold=True)
    y = MARGIN + 11.5
    for fact in head.facts:
        paper.fitted(MARGIN, y, fact, width, size=9.5)
        y += 4.6
    if head.qr:
        paper.qr(WIDTH - MARGIN - 27, MARGIN, 27, head.qr)
    return MARGIN + _head_height(head)


def _heads(paper: Paper, columns: Sequence[Column], y: float, tongue: Tongue) -> float:
    x = MARGIN
    for column in columns:
        paper.box(x, y, column.width, _HEADS, fill="grey")
        words = tongue.word(column.words)
        size = size_for_words(words, column.width - 2.4, 8.5, bold=True)
        paper.block(x + 1.2, y + 1, words, column.width - 2.4, size=size, bold=True, most=3)
        x += column.width
    return y + _HEADS


def _row(paper: Paper, sheet: TablePaper, row: Sequence[str], y: float) -> float:
    height = _height(sheet, row)
    paper.row(y, height, [column.width for column in sheet.columns])
    x = MARGIN
    for cell, column in zip(row, sheet.columns, strict=True):
        if column.right:
            paper.fitted(
                x + column.width - 1.2,
                y + 4.4,
                cell,
                column.width - 2.4,
                size=9,
                align="right",
            )
        else:
            paper.block(x + 1.2, y + 0.8, cell, column.width - 2.4, size=9)
        x += column.width
    return y + height


def _tail_height(sheet: TablePaper) -> float:
    notes = sum(len(broken(note, INNER, 9)) * line_height(9) + 1 for note in sheet.notes)
    return notes + 4 + (_SIGNATURES if sheet.signatures else 0)


def _tail(paper: Paper, sheet: TablePaper, y: float, tongue: Tongue) -> None:
    y += 4
    for note in sheet.notes:
        y = paper.block(MARGIN, y, note, INNER, size=9) + 1
    if not sheet.signatures:
        return
    width = INNER / len(sheet.signatures)
    what = tongue.word(N_("Name, date, time, signature"))
    for place, label in enumerate(sheet.signatures):
        x = MARGIN + width * place
        paper.box(x, y, width, _SIGNATURES - 4)
        paper.fitted(x + 1.8, y + 4.4, label, width - 3, size=9, bold=True)
        paper.block(x + 1.8, y + 5.4, what, width - 3, size=7.5)
