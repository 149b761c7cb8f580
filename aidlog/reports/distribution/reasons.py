"""Why this much: the reason of every need, and the proof that it cannot be more."""

from __future__ import annotations

from dataclasses import replace

from aidlog.allocation.result import NeedResult
from aidlog.core.text import N_
from aidlog.reports import sheet_style as style
from aidlog.reports.distribution.book import Book, Head
from aidlog.reports.distribution.view import SiteLine, whole
from aidlog.reports.distribution.words import handed_out, next_stop
from aidlog.reports.sheet_xml import Sheet

HEADER = 4
MOST_CUTS = 200
HEADS = [
    Head(N_("Site"), 22),
    Head(N_("Item"), 26),
    Head(N_("Level"), 9, replace(style.NUMBER, form="0.0%")),
    Head(N_("Covered"), 9, style.coverage_look(1.0)),
    Head(N_("Why this much and no more"), 58, style.TEXT_APART),
    Head(N_("Needs that share the limit"), 10, style.NUMBER),
    Head(N_("Packs"), 8, style.NUMBER),
    Head(N_("Exact fair share, in packs"), 10, replace(style.NUMBER, form="#,##0.0")),
    Head(N_("For each household"), 16, style.TEXT_APART),
]
_CUT_HEADS = [
    Head(N_("Limits that are used up, with their prices"), 48),
    Head("", 0),
    Head(N_("Needs it stops"), 9, style.NUMBER),
    Head(N_("Capacity"), 9, replace(style.NUMBER, form="#,##0.00")),
    Head(N_("Which"), 74, style.TEXT_APART),
    Head("", 0),
]


def write_reasons(book: Book) -> None:
    """Write the sheet Why this much."""
    title = book.text(N_("Why this much"))
    sheet = book.sheet(title, landscape=True, title_rows=f"{HEADER}:{HEADER}")
    style.set_widths(sheet.setup, [head.width for head in HEADS])
    book.title(sheet, title, book.text(
        N_("Level is coverage divided by the priority weight, before packs are made whole. Needs "
           "without a level cannot be reached.")
    ))  # fmt: skip
    book.head_row(sheet, HEADER, HEADS)
    view = book.view
    row = HEADER
    for line in view.all_lines():
        row += 1
        outcome = line.outcome
        book.row(sheet, row, HEADS, [
            view.site_name(line.site.id), view.item_name(line.item.id),
            "–" if outcome.level is None else outcome.level, None,
            _why(book, outcome), outcome.reason.shared_by or None, whole(outcome.packs),
            round(outcome.fraction_packs, 1), _handed_out(book, line),
        ])  # fmt: skip
        book.coverage(sheet, row, 4, outcome.covered_after)
    sheet.setup.freeze_panes = f"C{HEADER + 1}"
    row = _certificate(book, sheet, row + 2)
    sheet.setup.print_area = f"A1:I{row}"


def _why(book: Book, outcome: NeedResult) -> str:
    """Return the reason of a need, and what would stop it next."""
    following = outcome.reason.next
    why = book.say(outcome.reason.message)
    if following is None:
        return why
    return f"{why} {book.say(next_stop(following.code, book.percent(following.level)))}"


def _handed_out(book: Book, line: SiteLine) -> str:
    """Return what each household gets in whole units, and how many get one more."""
    shared_out = line.outcome.hand_out
    if shared_out is None:
        return ""
    shown = book.view.shown(line.item.id)
    amount = f"{book.view.units(line.item.id, shared_out.each):,g} {shown.unit}".strip()
    one_more = 0 if shown.per > 1 else shared_out.one_more
    return book.say(handed_out(shared_out.each, amount, one_more, shared_out.households))


_LIMIT_WORDS = {
    "lot": N_("lot {lot}"),
    "road": N_("road {warehouse} → {site}, {unit}"),
    "shared": N_("{limit}, {unit}"),
    "lock": N_("lock of lot {lot} for {site}"),
}


def _limit_words(book: Book, name: str) -> str:
    """Return a limit of the proof in words; its period where the plan has several."""
    kind, values = book.view.limit_name(name)
    words = book.text(_LIMIT_WORDS[kind], **values)
    if book.problem.periods > 1 and values.get("period", "0") != "0":
        words += " · " + book.text(N_("period {number}"), number=values["period"])
    return words


def _certificate(book: Book, sheet: Sheet, row: int) -> int:
    """Write the proof, limit by limit, for whoever wants to check it by arithmetic."""
    cuts = book.result.certificate
    if not cuts:
        return row
    sheet.write(row, 1, book.text(N_("The proof")), style.SECTION)
    row += 1
    book.paragraph(sheet, row, 6, book.text(
        N_("Each line prices some limits. Whatever the plan, the packs of the needs in the line, "
           "at their prices, cannot exceed the line's capacity; here they reach it. So a need in "
           "the line can only rise if another falls that is no better off.")
    ), 140)  # fmt: skip
    row += 1
    book.head_row(sheet, row, _CUT_HEADS)
    for first, last in ((1, 2), (5, 6)):
        sheet.merge(row, first, last)
    for cut in cuts[:MOST_CUTS]:
        row += 1
        prices = "; ".join(
            f"{_limit_words(book, name)} × {price:.6g}" for name, price in cut.prices.items()
        )
        stopped = "; ".join(f"{site} {item}" for site, item in cut.stops)
        book.row(sheet, row, _CUT_HEADS, [
            prices, None, len(cut.stops), cut.right_hand_side, stopped, None,
        ])  # fmt: skip
        for first, last in ((1, 2), (5, 6)):
            sheet.merge(row, first, last)
        lines = max(style.lines_needed(prices, 48), style.lines_needed(stopped, 74))
        sheet.heights[row] = min(13.0 * lines + 5, 400)
    if len(cuts) > MOST_CUTS:
        row += 1
        text = book.text(N_("and {more} more in the result file."), more=len(cuts) - MOST_CUTS)
        book.paragraph(sheet, row, 6, text, 140)
    return row
