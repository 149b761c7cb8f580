"""One pick list a warehouse: what to take out, lot by lot, first expiry first."""

from __future__ import annotations

from dataclasses import replace

from openpyxl.utils import get_column_letter

from aidlog.allocation.problem import Warehouse
from aidlog.core.text import N_
from aidlog.reports import sheet_style as style
from aidlog.reports.distribution.book import Book, Head
from aidlog.reports.distribution.view import PickLine, whole
from aidlog.reports.sheet_xml import Sheet

HEADER = 4
_TICK = style.Look(rule="box", align="center")
_M3 = replace(style.NUMBER, form="#,##0.0")
HEADS = [
    Head("✓", 5, _TICK),
    Head(N_("Item"), 26),
    Head(N_("Lot"), 14),
    Head(N_("Expires"), 12, style.Look(form=style.DAY, align="center")),
    Head(N_("For site"), 22),
    Head(N_("Packs"), 10, replace(style.NUMBER, bold=True, size=11)),
    Head(N_("Units"), 11, style.EXACT_NUMBER),
    Head(N_("kg"), 11, style.NUMBER),
    Head(N_("m³"), 9, _M3),
    Head(N_("Picked"), 10, _TICK),
    Head(N_("Remarks"), 18, style.Look(rule="box")),
]
PERIOD = Head(N_("Period"), 8, style.Look(align="center"))
_LOADS = [
    Head(N_("Load for site"), 26),
    Head(N_("Packs"), 10, style.NUMBER),
    Head(N_("kg"), 11, style.NUMBER),
    Head(N_("m³"), 9, _M3),
]


def write_pick_lists(book: Book) -> None:
    """Write a pick list for each warehouse that sends something."""
    for warehouse in book.view.sending_warehouses():
        _write(book, warehouse)


def _write(book: Book, warehouse: Warehouse) -> None:
    name = warehouse.name or warehouse.id
    title = book.text(N_("Pick {warehouse}"), warehouse=name)
    sheet = book.sheet(title, landscape=True, title_rows=f"{HEADER}:{HEADER}")
    heads = _heads(book)
    style.set_widths(sheet.setup, [head.width for head in heads])
    heading = book.heading(N_("Pick list: {warehouse}"), warehouse=name).replace("\n", " / ")
    book.title(sheet, heading, book.text(
        N_("First expired, first out. Take each line from the lot named; note it under Remarks "
           "when you had to take another.")
    ))  # fmt: skip
    book.head_row(sheet, HEADER, heads)
    picks = book.view.picks(warehouse.id)
    row = _lines(book, sheet, heads, picks)
    row = _loads(book, sheet, row + 2, picks, heads.index(HEADS[5]) + 1)
    row = _signatures(book, sheet, row + 2)
    sheet.setup.freeze_panes = f"A{HEADER + 1}"
    sheet.setup.print_area = f"A1:{'L' if len(heads) == 12 else 'K'}{row}"


def _heads(book: Book) -> list[Head]:
    """Return the columns; the period only where the plan has several."""
    return [*HEADS[:5], PERIOD, *HEADS[5:]] if book.problem.periods > 1 else HEADS


def _lines(book: Book, sheet: Sheet, heads: list[Head], picks: list[PickLine]) -> int:
    """Write the lines, with a total under each item; return the last row."""
    packs_column = heads.index(HEADS[5]) + 1
    row, first = HEADER, HEADER + 1
    totals: list[tuple[int, list[PickLine]]] = []
    for number, pick in enumerate(picks):
        row += 1
        _line(book, sheet, row, heads, pick)
        last_of_item = number + 1 == len(picks) or picks[number + 1].item.id != pick.item.id
        if last_of_item:
            own = picks[number - (row - first) : number + 1]
            row += 1
            _item_total(book, sheet, row, heads, (first, row - 1), own)
            totals.append((row, own))
            first = row + 1
    row += 1
    for column in range(1, len(heads) + 1):
        sheet.write(row, column, None, style.TOTAL)
    sheet.write(row, 2, book.text(N_("Leaves the warehouse")), style.TOTAL)
    for column, field, form in _summed(packs_column):
        letter = get_column_letter(column)
        formula = "=" + "+".join(f"{letter}{at}" for at, _ in totals) if totals else "=0"
        result = sum(getattr(pick, field) or 0 for pick in picks)
        look = replace(style.TOTAL_NUMBER, form=form, size=11)
        sheet.formula(row, column, formula, whole(result), look)
    return row


def _line(book: Book, sheet: Sheet, row: int, heads: list[Head], pick: PickLine) -> None:
    view = book.view
    day = pick.lot.expiry_day
    expires = "–" if day is None else view.day(day) or day
    lot = f"{pick.lot.id}\n{pick.lot.donor}" if pick.lot.donor else pick.lot.id
    values: list[object] = [
        None, _item_words(book, pick), lot, expires, view.site_name(pick.site.id),
        whole(pick.packs), view.units(pick.item.id, pick.units),
        book.unknown() if pick.kg is None else pick.kg,
        book.unknown() if pick.m3 is None else pick.m3, None, None,
    ]  # fmt: skip
    if len(heads) > len(HEADS):
        values.insert(5, pick.period)
    book.row(sheet, row, heads, values)
    sheet.heights[row] = max(28.0, sheet.heights.get(row, 0.0))


def _item_words(book: Book, pick: PickLine) -> str:
    """Return the item's name and what its pack holds."""
    shown = book.view.shown(pick.item.id)
    held = book.view.units(pick.item.id, pick.item.pack_units)
    unit = shown.unit or book.text(N_("units"))
    name = book.view.item_name(pick.item.id)
    return f"{name}\n" + book.text(N_("{count} {unit} a pack"), count=held, unit=unit)


def _item_total(
    book: Book, sheet: Sheet, row: int, heads: list[Head], rows: tuple[int, int],
    picks: list[PickLine],
) -> None:  # fmt: skip
    quiet = style.Look(bold=True, fill=style.PAPER)
    for column in range(1, len(heads) + 1):
        sheet.write(row, column, None, quiet)
    sheet.write(row, 2, book.text(N_("{item}: total"), item=book.view.item_name(picks[0].item.id)),
        quiet,
    )  # fmt: skip
    for column, field, form in _summed(heads.index(HEADS[5]) + 1):
        look = style.Look(bold=True, fill=style.PAPER, align="right", form=form, indent=1)
        values = [getattr(pick, field) for pick in picks]
        book.total(sheet, row, column, rows, look=look, values=values)


def _summed(packs_column: int) -> tuple[tuple[int, str, str], ...]:
    return (
        (packs_column, "packs", style.WHOLE),
        (packs_column + 2, "kg", style.WHOLE),
        (packs_column + 3, "m3", "#,##0.0"),
    )


def _loads(book: Book, sheet: Sheet, row: int, picks: list[PickLine], packs: int) -> int:
    """Write what goes to each site, for loading the trucks; ``packs`` is the packs' column."""
    sheet.write(row, 2, book.text(N_("Loads")), style.SECTION)
    sheet.heights[row] = 22
    row += 1
    _across(book, sheet, row, packs, style.HEAD)
    lines = max(book.heading(head.heading).count("\n") for head in _LOADS) + 1
    sheet.heights[row] = 12.5 * lines + 3
    for column, head in zip((2, packs, packs + 2, packs + 3), _LOADS, strict=True):
        sheet.write(row, column, book.heading(head.heading), head.head_look)
    sites = sorted({pick.site.id for pick in picks}, key=book.view.site_order)
    first = row + 1
    for row, site in enumerate(sites, start=first):
        own = [pick for pick in picks if pick.site.id == site]
        _across(book, sheet, row, packs, style.TEXT)
        sheet.write(row, 2, book.view.site_name(site), style.TEXT)
        for column, field, form in _summed(packs):
            value = sum(getattr(pick, field) or 0 for pick in own)
            sheet.write(row, column, whole(value), replace(style.NUMBER, form=form))
    row = first + len(sites)
    _across(book, sheet, row, packs, style.TOTAL)
    sheet.write(row, 2, book.text(N_("Total")), style.TOTAL)
    for column, field, form in _summed(packs):
        look = replace(style.TOTAL_NUMBER, form=form)
        values = [getattr(pick, field) for pick in picks]
        book.total(sheet, row, column, (first, row - 1), look=look, values=values)
    return row


def _across(book: Book, sheet: Sheet, row: int, packs: int, look: style.Look) -> None:
    """Give the cells from the site to the volume one look."""
    for column in range(2, packs + 4):
        sheet.write(row, column, None, look)


def _signatures(book: Book, sheet: Sheet, row: int) -> int:
    for first, last, label in ((2, 3, N_("Picked by")), (4, 7, N_("Checked by")),
                               (8, 11, N_("Handed to the driver by"))):  # fmt: skip
        text = book.heading(label) + "\n\n" + book.text(N_("Name, date, signature"))
        look = style.Look(size=9, rule="box", valign="top", wrap=True)
        for column in range(first, last + 1):
            sheet.write(row, column, text if column == first else None, look)
        sheet.merge(row, first, last)
    sheet.heights[row] = 56
    return row
