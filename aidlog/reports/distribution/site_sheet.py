"""The distribution sheet of a site: what arrives, what each household gets, who signs.

Landscape A4. The arrivals and the signing list stand under each other on one grid, whose
columns are cut so that nearly every figure and box has one of its own: merged cells by the
thousand make a workbook slow to open on a phone. Names are not asked for: a card number is
enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from aidlog.core.text import N_
from aidlog.reports import sheet_style as style
from aidlog.reports.distribution.book import Book
from aidlog.reports.distribution.view import Arrival
from aidlog.reports.sheet_xml import Sheet

if TYPE_CHECKING:
    from aidlog.allocation.problem import Site

#: Widths of the columns A to L in characters.
WIDTHS = [5.6, 19.0, 10.6, 9.6, 11.2, 11.2, 11.2, 11.2, 11.2, 11.2, 11.2, 11.2]
GRID = len(WIDTHS)
SIGNING_ROWS = 20
#: Points of a row whose height is not set, and of what stands on a page of landscape A4.
USUAL_HEIGHT, PAGE_HEIGHT = 13.0, 604.0
#: So many items stand beside each other on a signing list; more go on the next list.
MOST_ITEMS = 6

_BIG_NUMBER = replace(style.EXACT_NUMBER, bold=True, size=12)
_BOX = style.Look(rule="box", align="center", wrap=True, size=9)
_BOX_LEFT = replace(_BOX, align="left", valign="top")
_FACT_LABEL = style.Look(
    size=8, ink=style.MUTED, fill=style.PAPER, rule="none", indent=1, align="left", wrap=True
)
_FACT = style.Look(
    size=12, bold=True, fill=style.PAPER, rule="none", indent=1, align="left", wrap=True,
    form=style.WHOLE,
)  # fmt: skip
_PLAN = replace(_FACT, size=10)
#: How many more letters than at 10 points stand on a line at 8, bold, and at 8 or 9, plain.
_SMALL_BOLD, _SMALL = 1.15, 1.2

_LIST_TITLE = replace(style.TITLE, size=14)
_LIST_NOTE = replace(style.NOTE, align="right")
_LIST_HEAD = replace(style.HEAD_CENTRE, size=8)

#: Heading, first column, last column, look of the cells.
_COLUMNS = (
    (N_("Item"), 1, 2, style.TEXT),
    (N_("Packs"), 3, 3, _BIG_NUMBER),
    (N_("Loose"), 4, 4, style.EXACT_NUMBER),
    (N_("Units"), 5, 5, _BIG_NUMBER),
    (N_("kg"), 6, 6, style.NUMBER),
    (N_("Average a household"), 7, 7, replace(style.NUMBER, form="#,##0.0")),
    (N_("Average a person"), 8, 8, replace(style.NUMBER, form="#,##0.00")),
    (N_("Need covered"), 9, 9, style.coverage_look(1.0)),
    (N_("Counted good"), 10, 10, _BOX),
    (N_("Damaged"), 11, 11, _BOX),
    (N_("Missing"), 12, 12, _BOX),
)
_PACKS, _KG, _COVERED = 3, 6, 9
_CLOSING = (
    (N_("Item"), 1, 2),
    (N_("In store before"), 3, 4),
    (N_("Arrived good"), 5, 6),
    (N_("Given out"), 7, 7),
    (N_("Damaged or lost"), 8, 9),
    (N_("Left over"), 10, 10),
    (N_("Remarks"), 11, 12),
)
#: The columns of a signing list in which the items stand.
_FIRST_ITEM, _LAST_ITEM = 4, 9


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
            sheet.setup.print_area = f"A1:L{last}"
        return
    sheet = _new_sheet(book, book.text(N_("Distribution sheets")))
    row = 1
    for site in sites:
        sheet.settle(before=row)
        row = _arrival_page(book, sheet, site, row)[0] + 1
        sheet.break_after(row - 1)
    sheet.setup.print_area = f"A1:L{row - 1}"


def _arrival_page(
    book: Book, sheet: Sheet, site: Site, row: int
) -> tuple[int, list[Arrival]]:  # fmt: skip
    """Write the head of a site and what arrives there; return the row after it."""
    arrivals = book.view.arrivals(site.id)
    row = _head(book, sheet, site, row)
    return _arrivals(book, sheet, site, arrivals, row), arrivals


def _new_sheet(book: Book, title: str) -> Sheet:
    sheet = book.sheet(title, landscape=True)
    style.set_widths(sheet.setup, WIDTHS)
    return sheet


def _write(book: Book, sheet: Sheet, site: Site, row: int) -> int:
    """Write one site from ``row`` on; return the last row."""
    row, arrivals = _arrival_page(book, sheet, site, row)
    begins, arrived = min(sheet.heights, default=row), row
    row = _closing(book, sheet, arrivals, row + 1)
    last = _signatures(book, sheet, row + 1)
    if _points(sheet, begins, last) > PAGE_HEIGHT:
        sheet.break_after(arrived)  # the closing count and who signs it stay together
        if _points(sheet, arrived, last) > PAGE_HEIGHT:
            sheet.break_after(row)
    row = last
    items = list(dict.fromkeys(arrival.item.id for arrival in arrivals))
    for start in range(0, len(items), MOST_ITEMS):
        sheet.break_after(row)
        sheet.settle(before=row)
        row = _signing_list(book, sheet, site, items[start : start + MOST_ITEMS], row + 1)
    return row


def _points(sheet: Sheet, first: int, last: int) -> float:
    """Return how high the rows from ``first`` to ``last`` stand on paper."""
    return sum(sheet.heights.get(row, USUAL_HEIGHT) for row in range(first, last + 1))


def _span(
    sheet: Sheet, row: int, columns: tuple[int, int], value: object, look: style.Look
) -> None:
    """Write one cell over several columns.

    They are merged only where text must wrap across them. A box to write in is drawn around
    them; text on one line runs over the empty cells beside it.
    """
    first, last = columns
    blank = value is None
    if blank and look.rule == "box" and last > first:
        rules = ["box-start", *["box-middle"] * (last - first - 1), "box-end"]
        for column, rule in enumerate(rules, start=first):
            sheet.write(row, column, None, _part(look, rule))
        return
    sheet.write(row, first, value, look)
    for column in range(first + 1, last + 1):
        sheet.write(row, column, None, look)
    if last > first and look.wrap and not blank:
        sheet.merge(row, first, last)


@cache
def _part(look: style.Look, rule: str) -> style.Look:
    """Return the look of one of several cells that make a box; what is typed is centred."""
    return replace(look, rule=rule, align="centerContinuous", wrap=False)


def _lines(text: str, columns: tuple[int, int], narrower: float = 1.0) -> int:
    """Return the lines of ``text`` in these columns; ``narrower`` than type of 10 points."""
    first, last = columns
    return style.lines_needed(text, sum(WIDTHS[first - 1 : last]) * narrower)


def _head(book: Book, sheet: Sheet, site: Site, row: int) -> int:
    name = book.view.site_name(site.id)
    title = book.heading(N_("Distribution sheet")).replace("\n", " / ")
    _span(sheet, row, (1, GRID), f"{title}: {name}", style.TITLE)
    sheet.heights[row] = 28
    facts = book.facts
    unknown = book.unknown()
    boxes = (
        (N_("Site code"), site.id, (1, 2)),
        (N_("People"), site.population, (3, 3)),
        (N_("Households"), unknown if site.households is None else site.households, (4, 5)),
        (N_("Plan"), " ".join(p for p in (facts.reference, facts.title) if p), (6, 8)),
        (N_("Day of distribution"), None, (9, 10)),
        (N_("Waybills"), None, (11, 12)),
    )
    for label, value, columns in boxes:
        _span(sheet, row + 1, columns, book.heading(label), _FACT_LABEL)
        look = _BOX if value is None else _PLAN if columns == (6, 8) else _FACT
        _span(sheet, row + 2, columns, value, look)
    lines = max(_lines(book.heading(label), columns, _SMALL) for label, _, columns in boxes)
    sheet.heights[row + 1] = 11 * lines + 4
    sheet.heights[row + 2] = 26
    return row + 4


def _table_head(
    book: Book, sheet: Sheet, row: int, columns: Iterable[tuple[str, int, int]]
) -> None:
    """Write headings over the grid's columns, tall enough for the longest."""
    lines = 1
    for heading, first, last in columns:
        look = style.HEAD if first == 1 else style.HEAD_CENTRE
        text = book.heading(heading)
        _span(sheet, row, (first, last), text, replace(look, size=8))
        lines = max(lines, _lines(text, (first, last), _SMALL_BOLD))
    sheet.heights[row] = 11 * lines + 6


def _arrivals(
    book: Book, sheet: Sheet, site: Site, arrivals: list[Arrival], row: int
) -> int:  # fmt: skip
    """Write what arrives; the boxes at the right are filled in when the truck is unloaded."""
    _table_head(book, sheet, row, (column[:3] for column in _COLUMNS))
    first = row + 1
    for arrival in arrivals:
        row += 1
        values = _arrival_values(book, site, arrival)
        for (_, start, end, look), value in zip(_COLUMNS, values, strict=True):
            if start == _COVERED:
                share = arrival.line.outcome.covered_after if arrival.line else None
                look = style.coverage_look(share)  # noqa: PLW2901 - each need has its own colour
            _span(sheet, row, (start, end), value, look)
        sheet.heights[row] = max(26, 12.5 * _lines(str(values[0]), (1, 2)) + 3)
    row += 1
    for _, start, end, look in _COLUMNS:
        total = style.TOTAL if look.align != "right" else style.TOTAL_NUMBER
        _span(sheet, row, (start, end), None, total)
    sheet.write(row, 1, book.text(N_("Total")), style.TOTAL)
    if arrivals:
        packs: list[float | None] = [book.view.split_packs(a.item.id, a.units)[0] for a in arrivals]
        kg = [arrival.kg for arrival in arrivals]
        for column, values_of in ((_PACKS, packs), (_KG, kg)):
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


def _closing(book: Book, sheet: Sheet, arrivals: list[Arrival], row: int) -> int:
    """Write the closing count: what was there and came, less what went, is what is left."""
    note = book.text(
        N_("After the distribution: in store before + arrived − given − damaged = left over.")
    )
    _span(sheet, row, (1, GRID), note, style.NOTE)
    row += 1
    _table_head(book, sheet, row, _CLOSING)
    for item in dict.fromkeys(arrival.item.id for arrival in arrivals):
        row += 1
        name = book.view.item_name(item)
        _span(sheet, row, (1, 2), name, style.TEXT)
        for _, start, end in _CLOSING[1:]:
            _span(sheet, row, (start, end), None, _BOX)
        sheet.heights[row] = max(18, 12.5 * _lines(name, (1, 2)) + 5)
    return row + 1


def _signatures(book: Book, sheet: Sheet, row: int) -> int:
    """Write who signs, how to complain, and that help is free."""
    boxes = (
        (N_("Households served"), (1, 2)),
        (N_("People served"), (3, 4)),
        (N_("Distributor: name, date, signature"), (5, 7)),
        (N_("Community representative: name, date, signature"), (8, 10)),
        (N_("Monitor: name, date, signature"), (11, 12)),
    )
    lines = 1
    for label, columns in boxes:
        text = book.heading(label)
        _span(sheet, row, columns, text, _BOX_LEFT)
        lines = max(lines, _lines(text, columns, _SMALL))
    sheet.heights[row] = max(44, 11 * lines + 15)
    row += 1
    free = book.text(
        N_("Help is free. Nobody may ask for money, work or favours for it. Questions and "
           "complaints: {channels}"),
        channels=book.facts.complaints or "……………………………………",
    )  # fmt: skip
    _span(sheet, row, (1, GRID), free, style.Look(bold=True, wrap=True, rule="none"))
    sheet.heights[row] = 22
    return row


def _signing_list(
    book: Book, sheet: Sheet, site: Site, items: list[str], row: int
) -> int:  # fmt: skip
    """Write one page of the signing list: a line a household, a box an item."""
    title = book.heading(N_("Signing list")).replace("\n", " / ")
    name = book.view.site_name(site.id)
    _span(sheet, row, (1, 6), f"{title}: {name}", _LIST_TITLE)
    page = book.text(N_("Copy this page as often as needed. Page ____ of ____. No names by rule."))
    _span(sheet, row, (7, GRID), page, _LIST_NOTE)
    sheet.heights[row] = 24
    row += 1
    columns = [
        (book.heading(N_("No.")), 1, 1),
        (book.heading(N_("Card number")), 2, 2),
        (book.heading(N_("People")), 3, 3),
        *_item_columns(book, items),
        (book.heading(N_("Who collects")), 10, 10),
        (book.heading(N_("Signature or thumbprint")), 11, 12),
    ]
    for text, first, last in columns:
        _span(sheet, row, (first, last), text, _LIST_HEAD)
    lines = max(_lines(text, (first, last), _SMALL_BOLD) for text, first, last in columns)
    sheet.heights[row] = 11 * lines + 6
    for number in range(1, SIGNING_ROWS + 1):
        row += 1
        for _, first, last in columns:
            _span(sheet, row, (first, last), number if first == 1 else None, _BOX)
        sheet.heights[row] = 21
    return row


def _item_columns(book: Book, items: list[str]) -> list[tuple[str, int, int]]:
    """Share the columns of the items among ``items``: name, first column, last column."""
    wide = _LAST_ITEM - _FIRST_ITEM + 1
    cuts = [_FIRST_ITEM + wide * number // len(items) for number in range(len(items) + 1)]
    return [
        (book.view.item_name(item), first, after - 1)
        for item, first, after in zip(items, cuts, cuts[1:], strict=False)
    ]
