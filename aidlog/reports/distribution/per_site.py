"""Per site: every need, what is sent for it, and how far it is covered."""

from __future__ import annotations

from dataclasses import replace

from aidlog.core.text import N_
from aidlog.reports import sheet_style as style
from aidlog.reports.distribution.book import Book, Head
from aidlog.reports.distribution.view import whole

HEADER = 4
HEADS = [
    Head(N_("Site"), 22),
    Head(N_("Item"), 26),
    Head(N_("Unit"), 7),
    Head(N_("Needed"), 11, style.EXACT_NUMBER),
    Head(N_("Held already"), 11, style.EXACT_NUMBER),
    Head(N_("Packs"), 9, style.NUMBER),
    Head(N_("Units sent"), 11, replace(style.EXACT_NUMBER, bold=True)),
    Head(N_("Before"), 9, style.coverage_look(1.0)),
    Head(N_("After"), 9, style.coverage_look(1.0)),
    Head(N_("kg"), 11, style.NUMBER),
    Head(N_("m³"), 9, replace(style.NUMBER, form="#,##0.0")),
    Head(N_("From"), 26, style.TEXT_APART),
]
#: Every second site stands on paper grey, so that the eye keeps its rows together.
_BANDED = [replace(head, look=replace(head.look, fill=style.PAPER)) for head in HEADS]


def write_per_site(book: Book) -> None:
    """Write the Per site sheet: all needs, a filter over the headings, totals below."""
    title = book.text(N_("Per site"))
    sheet = book.sheet(title, landscape=True, title_rows=f"{HEADER}:{HEADER}")
    style.set_widths(sheet.setup, [head.width for head in HEADS])
    book.title(
        sheet, title, book.text(N_("Coverage is held and sent over needed. Dark means a gap."))
    )
    book.head_row(sheet, HEADER, HEADS)
    view = book.view
    lines = view.all_lines()
    units = book.text(N_("units"))
    row = HEADER
    banded = False
    for number, line in enumerate(lines):
        row += 1
        if number and line.site.id != lines[number - 1].site.id:
            banded = not banded
        item, outcome = line.item.id, line.outcome
        book.row(sheet, row, _BANDED if banded else HEADS, [
            view.site_name(line.site.id), view.item_name(item), view.shown(item).unit or units,
            view.units(item, line.need.need_units), view.units(item, line.need.held_units),
            whole(outcome.packs), view.units(item, outcome.units), None, None,
            book.unknown() if line.kg is None else line.kg,
            book.unknown() if line.m3 is None else line.m3,
            ", ".join(line.warehouses),
        ])  # fmt: skip
        for column, share in ((8, outcome.covered_before), (9, outcome.covered_after)):
            book.coverage(sheet, row, column, share)
    if lines:
        sheet.setup.auto_filter.ref = f"A{HEADER}:L{row}"
        rows, row = (HEADER + 1, row), row + 1
        for column in range(1, len(HEADS) + 1):
            sheet.write(row, column, None, style.TOTAL)
        sheet.write(row, 1, book.text(N_("Total")), style.TOTAL)
        for column, look, values in (
            (6, style.TOTAL_NUMBER, [line.outcome.packs for line in lines]),
            (10, style.TOTAL_NUMBER, [line.kg for line in lines]),
            (11, replace(style.TOTAL_NUMBER, form="#,##0.0"), [line.m3 for line in lines]),
        ):
            book.total(sheet, row, column, rows, look=look, values=list(values))
    sheet.setup.freeze_panes = f"C{HEADER + 1}"
    sheet.setup.print_area = f"A1:L{row}"
