"""How our workbooks look: one family of type, one palette, one way to set up a page.

Cells are written through :class:`Pen`, which keeps each distinct look once, makes text
stay text (a name that begins with "=" must not become a formula), and drops characters
that a spreadsheet cannot hold.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from aidlog.reports.plain_text import plain_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FONT = "Arial"
TEAL_DEEP = "0B3F4A"
TEAL = "0D6470"
PAPER = "F5F3EE"
BAND = "E9E6DE"
RULE = "C9C4B8"
INK = "1D2B2F"
MUTED = "5C676A"
AMBER = "FFF0D2"

#: Coverage 0–24, 25–49, 50–74, 75–99 %, covered: fill and ink. Dark means a gap, so the order
#: survives a black-and-white copier.
RAMP = (
    (0.25, "6D2208", "FFFFFF"),
    (0.50, "B24E14", "FFFFFF"),
    (0.75, "E0964C", INK),
    (1.00, "F4D2A2", INK),
    (float("inf"), "E8F2F3", INK),
)

WHOLE = "#,##0"
#: Stands for the number format of each value by itself (:func:`number_form`).
EXACT = "exact"
KG = '#,##0" kg"'
M3 = '#,##0.0" m³"'
SHARE = "#,##0%"
DAY = "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks. Sizes in points; colours as RRGGBB, "" for none."""

    size: float = 10
    bold: bool = False
    italic: bool = False
    ink: str = INK
    fill: str = ""
    align: str = ""
    valign: str = "center"
    wrap: bool = False
    form: str = "General"
    rule: str = "line"
    """``line`` under the cell, ``box`` around it, ``total``, ``card`` (thick at left), ``none``.

    ``box-start``, ``box-middle`` and ``box-end`` make one box of several cells in a row.
    """
    indent: int = 0


TITLE = Look(size=18, bold=True, ink=TEAL_DEEP, rule="none")
SUBTITLE = Look(size=10, ink=MUTED, rule="none")
SECTION = Look(size=12, bold=True, ink=TEAL_DEEP, rule="none", valign="bottom")
HEAD = Look(size=9, bold=True, ink="FFFFFF", fill=TEAL_DEEP, wrap=True, align="left")
HEAD_NUMBER = Look(
    size=9, bold=True, ink="FFFFFF", fill=TEAL_DEEP, wrap=True, align="right", indent=1
)
HEAD_CENTRE = Look(size=9, bold=True, ink="FFFFFF", fill=TEAL_DEEP, wrap=True, align="center")
TEXT = Look(wrap=True)
#: Text beside a column of numbers, kept clear of them.
TEXT_APART = Look(wrap=True, align="left", indent=1)
PLAIN = Look(wrap=True, rule="none", valign="top")
NOTE = Look(size=9, italic=True, ink=MUTED, wrap=True, rule="none", valign="top")
NUMBER = Look(align="right", form=WHOLE, indent=1)
EXACT_NUMBER = Look(align="right", form=EXACT, indent=1)
TOTAL = Look(bold=True, fill=BAND, rule="total")
TOTAL_NUMBER = Look(bold=True, fill=BAND, rule="total", align="right", form=WHOLE, indent=1)
BOX = Look(rule="box", align="center")


class Pen:
    """Writes cells of one workbook; each distinct :class:`Look` is built once."""

    def __init__(self) -> None:
        self._styles: dict[Look, Any] = {}
        self._numbers: dict[Look, int] = {}

    def write(self, sheet: Worksheet, row: int, column: int, value: object, look: Look) -> Cell:
        """Write ``value`` at (row, column), counted from 1. A str always stays text."""
        cell: Cell = sheet.cell(row=row, column=column)  # type: ignore[assignment]
        if isinstance(value, str):
            cell.value = plain_text(value)
            cell.data_type = "s"
        elif value is not None:
            cell.value = value  # type: ignore[assignment]
        self._dress(cell, look)
        return cell

    def number(self, sheet: Worksheet, look: Look) -> int:
        """Return the number by which the workbook of ``sheet`` knows ``look``."""
        number = self._numbers.get(look)
        if number is None:
            sample = Cell(sheet, row=1, column=1)  # stands in no row, so it is never saved
            self._dress(sample, look)
            number = self._numbers[look] = sample.style_id
        return number

    def _dress(self, cell: Any, look: Look) -> None:
        style = self._styles.get(look)
        if style is None:
            cell.font = Font(
                name=FONT, size=look.size, bold=look.bold, italic=look.italic, color=look.ink
            )
            if look.fill:
                cell.fill = PatternFill("solid", start_color=look.fill)
            cell.alignment = Alignment(
                horizontal=look.align or None,
                vertical=look.valign,
                wrap_text=look.wrap,
                indent=look.indent,
            )
            cell.number_format = look.form
            cell.border = _border(look.rule)
            self._styles[look] = copy(cell._style)
        else:
            # openpyxl looks every font, fill and border up anew when each is set by name;
            # handing on the finished style is ten times faster.
            cell._style = copy(style)


_INK_SIDES = {
    "box": ("left", "right", "top", "bottom"),
    "box-start": ("left", "top", "bottom"),
    "box-middle": ("top", "bottom"),
    "box-end": ("right", "top", "bottom"),
    "total": ("top", "bottom"),
}


def _border(rule: str) -> Border:
    match rule:
        case "line":
            return Border(bottom=Side(style="thin", color=RULE))
        case "card":
            return Border(left=Side(style="thick", color=TEAL))
    sides: dict[str, Any] = dict.fromkeys(_INK_SIDES.get(rule, ()), Side(style="thin", color=INK))
    return Border(**sides)


def coverage_look(share: float | None) -> Look:
    """Return the look of a coverage: the number first, colour second, bold below 25 %."""
    if share is None:
        return Look(align="center", ink=MUTED)
    _, fill, ink = next(step for step in RAMP if share < step[0])
    return Look(align="center", form=SHARE, fill=fill, ink=ink, bold=share < 0.25)


def shown_share(share: float) -> float:
    """Return a coverage as it is shown: what is not fully covered never reads 100 %."""
    return min(share, 0.99) if share < 1 else share


def number_form(value: float | Decimal | None) -> str:
    """Return the number format that shows ``value`` with the decimals it has, four at most.

    A format such as ``#,##0.###`` leaves a point behind whole numbers: "6,301.".
    """
    decimals = f"{Decimal(str(value or 0)):.4f}".rstrip("0").partition(".")[2]
    return f"{WHOLE}.{'0' * len(decimals)}" if decimals else WHOLE


def set_widths(sheet: Worksheet, widths: list[float]) -> None:
    """Set the widths of columns A, B, … in characters."""
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width


def set_page(
    sheet: Worksheet,
    *,
    landscape: bool,
    title_rows: str = "",
    left: str = "",
    right: str = "",
    foot: str = "",
) -> None:
    """Set ``sheet`` up for A4, one page wide, with repeated title rows, header and footer."""
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = 0.45
    margins.top, margins.bottom = 0.75, 0.65
    margins.header = margins.footer = 0.3
    sheet.print_options.horizontalCentered = True
    if title_rows:
        sheet.print_title_rows = title_rows
    header, footer = sheet.oddHeader, sheet.oddFooter
    assert header is not None, "a new sheet has a header"
    assert footer is not None, "a new sheet has a footer"
    for part, text in ((header.left, left), (header.right, right), (footer.left, foot)):
        part.text = plain_text(text).replace("&", "&&") or None
        part.size, part.font = 8, FONT
    footer.right.text = "&P / &N"
    footer.right.size, footer.right.font = 8, FONT
    sheet.sheet_view.showGridLines = False


def sheet_title(wanted: str, taken: set[str]) -> str:
    """Return a sheet title from ``wanted``: legal, at most 31 characters, not in ``taken``.

    ``taken`` holds the titles used so far in lower case; the new one is added.
    """
    legal = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", plain_text(wanted))
    tidy = " ".join(legal.split()).strip("' ") or "-"
    if tidy.casefold() == "history":  # a title that spreadsheet programs keep for themselves
        tidy = f"{tidy} 1"
    title, number = tidy[:31].rstrip("' "), 1
    while title.casefold() in taken:
        number += 1
        ending = f" ({number})"
        title = tidy[: 31 - len(ending)].rstrip("' ") + ending
    taken.add(title.casefold())
    return title


def lines_needed(text: str, width: float) -> int:
    """Estimate the lines that ``text`` takes in a column of ``width`` at 10 points.

    A width counts digits; letters of running text are on average a sixth narrower.
    """
    room = max(1, int(width * 1.2))
    return sum(max(1, -(-len(line) // room)) for line in text.split("\n"))
