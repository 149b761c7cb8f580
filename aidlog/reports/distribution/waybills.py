"""Waybills: what to load from each warehouse for each site, lot by lot, to be written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openpyxl.utils import get_column_letter

from aidlog.core.text import N_
from aidlog.reports import sheet_style as style
from aidlog.reports.distribution.book import Book, Head
from aidlog.reports.distribution.view import PickLine, whole
from aidlog.reports.sheet_xml import Sheet

HEADER = 4
_M3 = replace(style.NUMBER, form="#,##0.0")
_BOX = style.Look(rule="box", align="center")
HEADS = [
    Head(N_("Load"), 7, style.Look(align="center")),
    Head(N_("From warehouse"), 20),
    Head(N_("To site"), 20),
    Head(N_("Item"), 28),
    Head(N_("Lot"), 15),
    Head(N_("Expires"), 12, style.Look(form=style.DAY, align="center")),
    Head(N_("Packs"), 9, replace(style.NUMBER, bold=True)),
    Head(N_("Quantity"), 11, style.EXACT_NUMBER),
    Head(N_("Unit"), 7),
    Head(N_("kg"), 10, style.NUMBER),
    Head(N_("m³"), 8, _M3),
    Head(N_("Waybill no., truck"), 18, _BOX),
]
PACKS, KG, M3, LAST = 7, 10, 11, len(HEADS)
_QUIET = style.Look(bold=True, fill=style.PAPER)
_QUIET_NUMBER = replace(_QUIET, align="right", form=style.WHOLE, indent=1)


@dataclass(frozen=True, slots=True)
class Load:
    """What one warehouse sends to one site in one period: one waybill or more."""

    warehouse: str
    site: str
    period: int
    lines: Sequence[PickLine]


def write_waybills(book: Book) -> None:
    """Write the Waybills sheet: the loads by warehouse and site, each with its total."""
    loads = _loads(book)
    if not loads:
        return
    title = book.text(N_("Waybills"))
    sheet = book.sheet(title, landscape=True, title_rows=f"{HEADER}:{HEADER}")
    style.set_widths(sheet.setup, [head.width for head in HEADS])
    book.title(sheet, title, book.text(
        N_("One load a warehouse and site. Split a load that is more than one truck; write the "
           "number of each waybill beside it.")
    ))  # fmt: skip
    book.head_row(sheet, HEADER, HEADS)
    row = HEADER
    for number, load in enumerate(loads, start=1):
        first = row + 1
        for line in load.lines:
            row += 1
            _line(book, sheet, row, (number, load), line)
        row += 1
        _sum(book, sheet, row, (number, load), (first, row - 1))
    row += 1
    _grand_total(book, sheet, row, [line for load in loads for line in load.lines])
    sheet.setup.freeze_panes = f"D{HEADER + 1}"
    sheet.setup.print_area = f"A1:L{row}"


def _loads(book: Book) -> list[Load]:
    view = book.view
    loads = []
    for warehouse in view.sending_warehouses():
        picks = view.picks(warehouse.id)
        keys = {(view.site_order(pick.site.id), pick.period): pick.site for pick in picks}
        for (order, period), site in sorted(keys.items(), key=lambda pair: pair[0]):
            del order
            own = [pick for pick in picks if pick.site.id == site.id and pick.period == period]
            loads.append(Load(warehouse.name or warehouse.id, view.site_name(site.id), period, own))
    return loads


def _line(
    book: Book, sheet: Sheet, row: int, of: tuple[int, Load], line: PickLine
) -> None:  # fmt: skip
    view, (number, load) = book.view, of
    item, day = line.item.id, line.lot.expiry_day
    name = view.item_name(item)
    if book.problem.periods > 1:
        name += "\n" + book.text(N_("period {number}"), number=load.period)
    book.row(sheet, row, HEADS, [
        number, load.warehouse, load.site, name, line.lot.id,
        "–" if day is None else view.day(day) or day,
        whole(line.packs), view.units(item, line.units),
        view.shown(item).unit or book.text(N_("units")),
        book.unknown() if line.kg is None else line.kg,
        book.unknown() if line.m3 is None else line.m3, None,
    ])  # fmt: skip


def _sum(
    book: Book, sheet: Sheet, row: int, of: tuple[int, Load], rows: tuple[int, int]
) -> None:  # fmt: skip
    number, load = of
    for column in range(1, LAST + 1):
        sheet.write(row, column, None, _BOX if column == LAST else _QUIET)
    text = book.text(N_("Load {number}: {warehouse} → {site}"), number=number,
                     warehouse=load.warehouse, site=load.site)  # fmt: skip
    sheet.write(row, 1, text, _QUIET)
    for column, field, form in _SUMMED:
        values = [getattr(line, field) for line in load.lines]
        look = replace(_QUIET_NUMBER, form=form)
        book.total(sheet, row, column, rows, look=look, values=values)


_SUMMED = ((PACKS, "packs", style.WHOLE), (KG, "kg", style.WHOLE), (M3, "m3", "#,##0.0"))


def _grand_total(book: Book, sheet: Sheet, row: int, lines: Sequence[PickLine]) -> None:
    """Add everything up: every line stands in the range twice, once in its load's total."""
    for column in range(1, LAST + 1):
        sheet.write(row, column, None, style.TOTAL)
    sheet.write(row, 1, book.text(N_("Total")), style.TOTAL)
    for column, field, form in _SUMMED:
        letter = get_column_letter(column)
        result = sum(getattr(line, field) or 0 for line in lines)
        formula = f"=SUM({letter}{HEADER + 1}:{letter}{row - 1})/2"
        sheet.formula(row, column, formula, whole(result), replace(style.TOTAL_NUMBER, form=form))
