"""The list of a recall as a workbook: one row a holder, with its sensitivity on every page."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.reports import sheet_style as style
from aidlog.reports.recall_list import SENSITIVITY, WORDS, RecallRow, RecallStory

_UNITS = {
    BaseUnit.PIECE: (1, N_("pc")),
    BaseUnit.GRAM: (1000, N_("kg")),
    BaseUnit.MILLILITRE: (1000, N_("L")),
}
_HEADS = (
    (N_("Where"), 22),
    (N_("Place"), 26),
    (N_("Item"), 32),
    (N_("Lot"), 22),
    (N_("Expires"), 13),
    (N_("Quantity"), 12),
    (N_("Unit"), 7),
    (N_("Held back"), 11),
    (N_("Reserved"), 12),
    (N_("Day"), 13),
    (N_("Document"), 20),
)
_HEAD_ROW = 4


def write_recall_workbook(
    story: RecallStory, language: str, say: Callable[[Message], str]
) -> bytes:
    """Return the list of who has any of the recalled lots, in ``language``."""
    book, pen = Workbook(), style.Pen()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = style.sheet_title(story.code, set())
    pen.write(sheet, 1, 1, f"{say(Message(N_('Recall')))} {story.code}", style.TITLE)
    pen.write(sheet, 2, 1, f"{story.recall.why} · {say(SENSITIVITY)}", style.SUBTITLE)
    style.set_widths(sheet, [float(width) for _, width in _HEADS])
    style.set_page(
        sheet,
        landscape=True,
        title_rows=f"{_HEAD_ROW}:{_HEAD_ROW}",
        left=story.code,
        right=say(SENSITIVITY),
    )
    for column, (words, _) in enumerate(_HEADS, start=1):
        pen.write(sheet, _HEAD_ROW, column, say(Message(words)), style.HEAD)
    for number, row in enumerate(story.rows, start=_HEAD_ROW + 1):
        for column, value in enumerate(_cells(row, language, say), start=1):
            look = style.NUMBER if isinstance(value, Decimal | int) else style.TEXT
            pen.write(sheet, number, column, value, look)
    sheet.freeze_panes = f"A{_HEAD_ROW + 1}"
    book.properties.title, book.properties.creator = story.code, "aidlog"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _cells(row: RecallRow, language: str, say: Callable[[Message], str]) -> list[object]:
    size, unit = _UNITS[row.item.base_unit]
    return [
        f"{say(Message(WORDS[row.where]))}: {row.to}" if row.to else say(Message(WORDS[row.where])),
        row.place.shown_as if row.place else "",
        f"{row.item.name_in(language)} ({row.item.code})",
        row.lot.number,
        row.lot.expires_on.isoformat() if row.lot.expires_on else "",
        Decimal(row.quantity) / size,
        say(Message(unit)),
        say(Message(N_("yes"))) if row.held else "",
        Decimal(row.reserved) / size if row.reserved else "",
        row.day.isoformat() if row.day else "",
        row.document,
    ]
