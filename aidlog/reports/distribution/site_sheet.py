"""The distribution sheet of a site: what arrives, what each household gets, who signs.

Landscape A4 on a grid of narrow columns, so that the arrivals and the signing list can
stand under each other. Names are not asked for: a card number is enough.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from aidlog.core.text import N_
from aidlog.reports import sheet_style as style
from aidlog.reports.distribution.book import Book
from aidlog.reports.distribution.view import Arrival

if TYPE_CHECKING:
    from aidlog.allocation.problem import Site

GRID = 24
COLUMN_WIDTH = 5.6
SIGNING_ROWS = 20
#: So many items stand beside each other on a signing list; more go on the next list.
MOST_ITEMS = 6

_BIG_NUMBER = replace(style.NUMBER, bold=True, size=12)
_BOX = style.Look(rule="box", align="center", wrap=True, size=9)
_BOX_LEFT = replace(_BOX, align="left", valign="top")
_FACT_LABEL = style.Look(
    size=8, ink=style.MUTED, fill=style.PAPER, rule="none", indent=1, align="left", wrap=True
)
_FACT = style.Look(size=12, bold=True, fill=style.PAPER, rule="none", indent=1)

#: Heading, first column, last column, look of the cells.
_COLUMNS = (
    (N_("Item"), 1, 5, style.TEXT),
    (N_("Packs"), 6, 7, _BIG_NUMBER),
    (N_("Loose"), 8, 8, style.NUMBER),
    (N_("Units"), 9, 10, _BIG_NUMBER),
    (N_("kg"), 11, 12, style.NUMBER),
    (N_("Average a household"), 13, 14, replace(style.NUMBER, form="#,##0.0")),
    (N_("Average a person"), 15, 16, replace(style.NUMBER, form="#,##0.00")),
    (N_("Need covered"), 17, 18, style.coverage_look(1.0)),
    (N_("Counted good"), 19, 20, _BOX),
    (N_("Damaged"), 21, 22, _BOX),
    (N_("Missing"), 23, 24, _BOX),
)
_CLOSING = (
    (N_("Item"), 1, 5),
    (N_("In store before"), 6, 8),
    (N_("Arrived good"), 9, 11),
    (N_("Given out"), 12, 14),
    (N_("Damaged or lost"), 15, 17),
    (N_("Left over"), 18, 20),
    (N_("Remarks"), 21, 24),
)


def write_site_sheets(book: Book, most_sheets: int) -> None:
    """Write a distribution sheet for each site that gets something.

    With more than ``most_sheets`` sites they follow each other on one worksheet, a page
    break between them, and only say what arrives: the boxes to sign in of a thousand sites
    are millions of cells, which no spreadsheet program opens in the field.
    """
    sites = book.view.receiving_sites()
    if len(sites) <= most_sheets:
        for site in sites:
            sheet = _new_sheet(book, book.view.site_name(site.id))
            last = _write(book, sheet, site, 1)
            sheet.print_area = f"A1:X{last}"
        return
    sheet = _new_sheet(book, book.text(N_("Distribution sheets")))
    row = 1
    for site in sites:
        row = _arrival_page(book, sheet, site, row)[0] + 1
        sheet.row_breaks.append(Break(id=row - 1))
    sheet.print_area = f"A1:X{row - 1}"


def _arrival_page(
    book: Book, sheet: Worksheet, site: Site, row: int
) -> tuple[int, list[Arrival]]:  # fmt: skip
    """Write the head of a site and what arrives there; return the row after it."""
    arrivals = book.view.arrivals(site.id)
    row = _head(book, sheet, site, row)
    return _arrivals(book, sheet, site, arrivals, row), arrivals


def _new_sheet(book: Book, title: str) -> Worksheet:
    sheet = book.sheet(title, landscape=True)
    style.set_widths(sheet, [COLUMN_WIDTH] * GRID)
    return sheet


def _write(book: Book, sheet: Worksheet, site: Site, row: int) -> int:
    """Write one site from ``row`` on; return the last row."""
    row, arrivals = _arrival_page(book, sheet, site, row)
    row = _closing(book, sheet, arrivals, row + 1)
    row = _signatures(book, sheet, row + 1)
    items = list(dict.fromkeys(arrival.item.id for arrival in arrivals))
    for start in range(0, len(items), MOST_ITEMS):
        sheet.row_breaks.append(Break(id=row))
        row = _signing_list(book, sheet, site, items[start : start + MOST_ITEMS], row + 1)
    return row


def _span(
    book: Book, sheet: Worksheet, row: int, columns: tuple[int, int], value: object,
    look: style.Look,
) -> None:  # fmt: skip
    """Write one cell over several columns; each of them gets the look, for its rules."""
    first, last = columns
    for column in range(first, last + 1):
        book.pen.write(sheet, row, column, value if column == first else None, look)
    if last > first:
        book.merge(sheet, row, first, last)


def _head(book: Book, sheet: Worksheet, site: Site, row: int) -> int:
    name = book.view.site_name(site.id)
    title = book.heading(N_("Distribution sheet")).replace("\n", " / ")
    _span(book, sheet, row, (1, GRID), f"{title}: {name}", style.TITLE)
    sheet.row_dimensions[row].height = 28
    facts = book.facts
    unknown = book.unknown()
    boxes = (
        (N_("Site code"), site.id, (1, 4)),
        (N_("People"), site.population, (5, 7)),
        (N_("Households"), unknown if site.households is None else site.households, (8, 10)),
        (N_("Plan"), " ".join(p for p in (facts.reference, facts.title) if p), (11, 18)),
        (N_("Day of distribution"), "", (19, 21)),
        (N_("Waybills"), "", (22, 24)),
    )
    for label, value, columns in boxes:
        _span(book, sheet, row + 1, columns, book.heading(label), _FACT_LABEL)
        blank = value == ""
        look = replace(_FACT, form=style.WHOLE, align="left", wrap=True)
        if columns == (11, 18):
            look = replace(look, size=10)
        _span(book, sheet, row + 2, columns, None if blank else value, _BOX if blank else look)
    lines = max(book.heading(label).count("\n") for label, _, _ in boxes) + 1
    sheet.row_dimensions[row + 1].height = 11 * lines + 4
    sheet.row_dimensions[row + 2].height = 26
    return row + 4


def _table_head(
    book: Book, sheet: Worksheet, row: int, columns: list[tuple[str, int, int]]
) -> None:
    """Write headings over the grid's columns, tall enough for the longest."""
    lines = 1
    for heading, first, last in columns:
        look = style.HEAD if first == 1 else style.HEAD_CENTRE
        text = book.heading(heading)
        _span(book, sheet, row, (first, last), text, replace(look, size=8))
        lines = max(lines, style.lines_needed(text, COLUMN_WIDTH * (last - first + 1)))
    sheet.row_dimensions[row].height = 11 * lines + 6


def _arrivals(
    book: Book, sheet: Worksheet, site: Site, arrivals: list[Arrival], row: int
) -> int:  # fmt: skip
    """Write what arrives; the boxes at the right are filled in when the truck is unloaded."""
    _table_head(book, sheet, row, [column[:3] for column in _COLUMNS])
    first = row + 1
    for arrival in arrivals:
        row += 1
        values = _arrival_values(book, site, arrival)
        for (_, start, end, look), value in zip(_COLUMNS, values, strict=True):
            if start == 17:
                share = arrival.line.outcome.covered_after if arrival.line else None
                look = style.coverage_look(share)  # noqa: PLW2901 - each need has its own colour
            _span(book, sheet, row, (start, end), value, look)
        sheet.row_dimensions[row].height = 30
    row += 1
    for _, start, end, look in _COLUMNS:
        total = style.TOTAL if look.align != "right" else style.TOTAL_NUMBER
        _span(book, sheet, row, (start, end), None, total)
    book.pen.write(sheet, row, 1, book.text(N_("Total")), style.TOTAL)
    if arrivals:
        packs: list[float | None] = [book.view.split_packs(a.item.id, a.units)[0] for a in arrivals]
        kg = [arrival.kg for arrival in arrivals]
        for column, values_of in ((6, packs), (11, kg)):
            book.total(
                sheet, row, column, (first, row - 1), look=style.TOTAL_NUMBER, values=values_of
            )
    return row + 1


def _arrival_values(book: Book, site: Site, arrival: Arrival) -> list[object]:
    view, item = book.view, arrival.item
    full, loose = view.split_packs(item.id, arrival.units)
    units = view.units(item.id, arrival.units)
    shown = view.shown(item.id)
    held = view.units(item.id, shown.pack_units or item.pack_units)
    unit = shown.unit or book.text(N_("units"))
    name = (
        view.item_name(item.id)
        + "\n"
        + book.text(N_("{count} {unit} a pack"), count=held, unit=unit)
    )
    if book.problem.periods > 1:
        name += " · " + book.text(N_("period {number}"), number=arrival.period)
    return [
        name, full, loose or "–", units, book.unknown() if arrival.kg is None else arrival.kg,
        units / site.households if site.households else book.unknown(),
        units / site.population if site.population else book.unknown(),
        arrival.line and style.shown_share(arrival.line.outcome.covered_after), None, None, None,
    ]  # fmt: skip


def _closing(book: Book, sheet: Worksheet, arrivals: list[Arrival], row: int) -> int:
    """Write the closing count: what was there and came, less what went, is what is left."""
    note = book.text(
        N_("After the distribution: in store before + arrived − given − damaged = left over.")
    )
    _span(book, sheet, row, (1, GRID), note, style.NOTE)
    row += 1
    _table_head(book, sheet, row, list(_CLOSING))
    for item in dict.fromkeys(arrival.item.id for arrival in arrivals):
        row += 1
        _span(book, sheet, row, (1, 5), book.view.item_name(item), style.TEXT)
        for _, start, end in _CLOSING[1:]:
            _span(book, sheet, row, (start, end), None, _BOX)
        sheet.row_dimensions[row].height = 20
    return row + 1


def _signatures(book: Book, sheet: Worksheet, row: int) -> int:
    """Write who signs, how to complain, and that help is free."""
    boxes = (
        (N_("Households served"), (1, 4)),
        (N_("People served"), (5, 8)),
        (N_("Distributor: name, date, signature"), (9, 13)),
        (N_("Community representative: name, date, signature"), (14, 19)),
        (N_("Monitor: name, date, signature"), (20, 24)),
    )
    for label, columns in boxes:
        _span(book, sheet, row, columns, book.heading(label), _BOX_LEFT)
    sheet.row_dimensions[row].height = 48
    row += 1
    free = book.text(
        N_("Help is free. Nobody may ask for money, work or favours for it. Questions and "
           "complaints: {channels}"),
        channels=book.facts.complaints or "……………………………………",
    )  # fmt: skip
    _span(book, sheet, row, (1, GRID), free, style.Look(bold=True, wrap=True, rule="none"))
    sheet.row_dimensions[row].height = 28
    return row


def _signing_list(
    book: Book, sheet: Worksheet, site: Site, items: list[str], row: int
) -> int:  # fmt: skip
    """Write one page of the signing list: a line a household, a box an item."""
    title = book.heading(N_("Signing list")).replace("\n", " / ")
    name = book.view.site_name(site.id)
    _span(book, sheet, row, (1, 14), f"{title}: {name}", replace(style.TITLE, size=14))
    page = book.text(N_("Copy this page as often as needed. Page ____ of ____. No names by rule."))
    _span(book, sheet, row, (15, GRID), page, replace(style.NOTE, align="right"))
    sheet.row_dimensions[row].height = 24
    row += 1
    wide = 12 // len(items)
    columns = [
        (N_("No."), 1, 1), (N_("Card number"), 2, 4), (N_("People"), 5, 6),
        *((book.view.item_name(item), 7 + wide * i, 6 + wide * (i + 1))
          for i, item in enumerate(items)),
        (N_("Who collects"), 19, 20), (N_("Signature or thumbprint"), 21, 24),
    ]  # fmt: skip
    for heading, first, last in columns:
        known = 7 <= first < 19
        text = heading if known else book.heading(heading)
        look = replace(style.HEAD_CENTRE, size=8)
        _span(book, sheet, row, (first, last), text, look)
    spare = 7 + wide * len(items)
    if spare < 19:
        _span(book, sheet, row, (spare, 18), None, style.HEAD_CENTRE)
    lines = max(
        style.lines_needed(text if 7 <= first < 19 else book.heading(text),
                           COLUMN_WIDTH * (last - first + 1))
        for text, first, last in columns
    )  # fmt: skip
    sheet.row_dimensions[row].height = 11 * lines + 6
    for number in range(1, SIGNING_ROWS + 1):
        row += 1
        for _, first, last in columns:
            _span(book, sheet, row, (first, last), number if first == 1 else None, _BOX)
        if spare < 19:
            _span(book, sheet, row, (spare, 18), None, _BOX)
        sheet.row_dimensions[row].height = 21
    return row
