"""Assumptions: all that the plan was made from, so that it can be questioned and redone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aidlog.core.text import N_
from aidlog.reports import sheet_style as style
from aidlog.reports.distribution.book import Book, Head
from aidlog.reports.distribution.words import RULE_NAMES, SCOPE_WORDS, SENSE_WORDS, TIER_WORDS
from aidlog.reports.sheet_xml import Sheet

WIDTHS = [20.0, 26.0, 26.0, 13.0, 13.0, 13.0, 13.0, 36.0]
LAST = len(WIDTHS)
#: A list of more rows than this begins on a page of its own.
LONG_LIST = 12
#: Points of a list's rows that stand on a page with its headings.
PAGE_HEIGHT = 420.0
_LABEL = style.Look(ink=style.MUTED)
_VALUE = style.Look(align="left", wrap=True)

Rows = Iterator[list[object]]


def write_assumptions(book: Book) -> None:
    """Write the Assumptions sheet: how it was made, then every list of the problem."""
    title = book.text(N_("Assumptions"))
    sheet = book.sheet(title, landscape=True)
    style.set_widths(sheet.setup, WIDTHS)
    book.title(sheet, title, book.text(
        N_("Everything the plan was made from. When one of these figures changes, make it anew.")
    ))  # fmt: skip
    row = _how(book, sheet, 4)
    for heading, columns, listed in (
        (N_("Locks: decisions taken before"), _LOCK_COLUMNS, _locks(book)),
        (N_("Sites"), _SITE_COLUMNS, _sites(book)),
        (N_("Items"), _ITEM_COLUMNS, _items(book)),
        (N_("Standards that the needs follow from"), _STANDARD_COLUMNS, _standards(book)),
        (N_("Stock"), _LOT_COLUMNS, _lots(book)),
        (N_("Shared limits"), _LIMIT_COLUMNS, _limits(book)),
        (N_("Roads"), _ROAD_COLUMNS, _roads(book)),
        (N_("Needs"), _NEED_COLUMNS, _needs(book)),
    ):
        rows = list(listed)
        if columns is _STANDARD_COLUMNS and not rows:
            continue
        if len(rows) > LONG_LIST:
            sheet.break_after(row)
        row = _table(book, sheet, row + 1, heading, columns, rows)
    sheet.setup.print_area = f"A1:H{row}"


def _how(book: Book, sheet: Sheet, row: int) -> int:
    problem, result, facts = book.problem, book.result, book.facts
    seconds = sum(result.timings.values())
    facts_shown: list[tuple[str, object]] = [
        (N_("Rule"), book.text(RULE_NAMES[result.rule])),
        (N_("Priority tiers"), book.text(TIER_WORDS[problem.tiers])),
        (N_("Packs may be opened and split"),
         book.text(N_("yes") if problem.divisible else N_("no"))),
        (N_("Periods"), problem.periods),
        (N_("Days in a period"), problem.period_days),
        (N_("Shelf days left on arrival"), problem.min_shelf_days_on_arrival),
        (N_("Made on"), f"{facts.made_at:%Y-%m-%d %H:%M} UTC"),
        (N_("Engine"), f"aidlog {result.engine_version}, OR-Tools {result.ortools_version}"),
        (N_("Time to solve, seconds"), round(seconds, 2)),
        (N_("Fingerprint of the input (SHA-256)"), result.problem_sha256),
    ]  # fmt: skip
    for label, value in facts_shown:
        sheet.write(row, 1, book.text(label), _LABEL)
        sheet.write(row, 2, None, _LABEL)
        sheet.merge(row, 1, 2)
        for column in range(3, LAST + 1):
            sheet.write(row, column, value if column == 3 else None, _VALUE)
        sheet.merge(row, 3, LAST)
        row += 1
    return row


Column = tuple[str, style.Look]
_T, _N, _R = style.TEXT, style.NUMBER, style.TEXT_APART
_D = style.EXACT_NUMBER
_S = replace(style.NUMBER, form=style.SHARE)

_LOCK_COLUMNS: tuple[Column, ...] = (
    (N_("Site"), _T), (N_("Item"), _T), (N_("Lot"), _T), (N_("How"), _T), (N_("Packs"), _N),
    ("", _T), ("", _T), (N_("Reason"), _R),
)  # fmt: skip
_SITE_COLUMNS: tuple[Column, ...] = (
    (N_("Site code"), _T), (N_("Name"), _T), (N_("People"), _N), (N_("Households"), _N),
    (N_("Priority weight"), _D), (N_("People counted on"), style.Look(form=style.DAY)),
    (N_("Reason"), _T), (N_("Counted by"), _R),
)  # fmt: skip
_STANDARD_COLUMNS: tuple[Column, ...] = (
    (N_("Item code"), _T), (N_("Name"), _T), (N_("What is due"), _T),
    (N_("In force from"), style.Look(form=style.DAY)), ("", _T), ("", _T), ("", _T),
    (N_("Source"), _R),
)  # fmt: skip
_ITEM_COLUMNS: tuple[Column, ...] = (
    (N_("Item code"), _T), (N_("Name"), _T), (N_("Priority tier"), _N), (N_("Units per pack"), _N),
    (N_("kg per pack"), _D), (N_("m³ per pack"), _D), (N_("Priority weight"), _D),
    (N_("Reason"), _R),
)  # fmt: skip
_LOT_COLUMNS: tuple[Column, ...] = (
    (N_("Lot code"), _T), (N_("Warehouse"), _T), (N_("Item"), _T), (N_("Packs"), _N),
    (N_("Expires"), style.Look(form=style.DAY, align="right", indent=1)),
    (N_("Available from period"), _N), (N_("Price per pack"), _D),
    (N_("Donor, earmark"), _R),
)  # fmt: skip
_LIMIT_COLUMNS: tuple[Column, ...] = (
    (N_("Limit code"), _T), (N_("Name"), _T), (N_("Holds"), _T), (N_("Most kg"), _N),
    (N_("Most m³"), _D), (N_("Most cost"), _D), ("", _T), (N_("Over which roads"), _R),
)  # fmt: skip
_ROAD_COLUMNS: tuple[Column, ...] = (
    (N_("From warehouse"), _T), (N_("To site"), _T), (N_("Open"), _T), (N_("Most kg"), _N),
    (N_("Most m³"), _D), (N_("Travel days"), _N), (N_("Cost per kg"), _D),
    (N_("Remarks"), _R),
)  # fmt: skip
_NEED_COLUMNS: tuple[Column, ...] = (
    (N_("Site"), _T), (N_("Item"), _T), (N_("Unit"), _T), (N_("Needed"), _D),
    (N_("Held already"), _D), (N_("Guaranteed share"), _S), (N_("Coverage of earlier rounds"), _S),
    ("", _T),
)  # fmt: skip


def _table(
    book: Book,
    sheet: Sheet,
    row: int,
    heading: str,
    columns: tuple[Column, ...],
    rows: list[list[object]],
) -> int:
    """Write one list under its heading; an empty list says so."""
    sheet.write(row, 1, book.heading(heading).replace("\n", " / "), style.SECTION)
    sheet.heights[row] = 24
    row += 1
    heads = [Head(name, width, look) for (name, look), width in zip(columns, WIDTHS, strict=True)]
    book.head_row(sheet, row, heads)
    tall = 0.0
    for values in rows:
        if tall > PAGE_HEIGHT:  # the list goes on under its headings
            sheet.break_after(row)
            row, tall = row + 1, 0.0
            book.head_row(sheet, row, heads)
        row += 1
        book.row(sheet, row, heads, values)
        tall += sheet.heights.get(row, 13.0)
    if not rows:
        row += 1
        book.paragraph(sheet, row, LAST, book.text(N_("None.")), sum(WIDTHS), style.NOTE)
    return row + 1


def _none(book: Book, value: object) -> object:
    """Show an absent limit in words: an empty cell could be read as zero."""
    return book.text(N_("no limit")) if value is None else value


def _locks(book: Book) -> Rows:
    view = book.view
    for lock in book.problem.locks:
        item = lock.item or (view.lots[lock.lot].item if lock.lot else "")
        yield [view.site_name(lock.site), view.item_name(item), lock.lot or "",
               book.text(SENSE_WORDS[lock.sense]), lock.packs, None, None,
               lock.reason or book.text(N_("no reason written"))]  # fmt: skip


def _sites(book: Book) -> Rows:
    for site in sorted(book.problem.sites, key=lambda s: book.view.site_order(s.id)):
        households = book.unknown() if site.households is None else site.households
        count = book.facts.counts.get(site.id)
        yield [site.id, site.name, site.population, households, site.weight,
               count.counted_on if count else None, site.reason,
               count.source if count else ""]  # fmt: skip


def _standards(book: Book) -> Rows:
    for standard in sorted(book.facts.standards, key=lambda s: book.view.item_order(s.item)):
        yield [standard.item, book.view.item_name(standard.item), standard.rule,
               standard.valid_from, None, None, None, standard.source]  # fmt: skip


def _items(book: Book) -> Rows:
    for item in sorted(book.problem.items, key=lambda i: book.view.item_order(i.id)):
        kg = book.unknown() if item.kg_per_pack is None else item.kg_per_pack
        m3 = book.unknown() if item.m3_per_pack is None else item.m3_per_pack
        units = book.view.units(item.id, item.pack_units)
        yield [item.id, item.name, item.tier, units, kg, m3, item.weight, item.reason]


def _lots(book: Book) -> Rows:
    view = book.view
    lots = sorted(
        book.problem.lots,
        key=lambda lot: (view.place_name(lot.warehouse), view.item_order(lot.item), lot.id),
    )
    for lot in lots:
        words = [lot.donor] if lot.donor else []
        if lot.sites is not None:
            names = ", ".join(view.site_name(s) for s in sorted(lot.sites, key=view.site_order))
            words.append(book.text(N_("only for {sites}"), sites=names))
        if lot.confidence < 1:
            share = book.percent(lot.confidence)
            words.append(book.text(N_("expected with {share} confidence"), share=share))
        expires = "–" if lot.expiry_day is None else view.day(lot.expiry_day) or lot.expiry_day
        yield [lot.id, view.place_name(lot.warehouse), view.item_name(lot.item), lot.packs, expires,
               lot.available_period, lot.unit_cost or "–", "; ".join(words)]  # fmt: skip


def _limits(book: Book) -> Rows:
    view = book.view
    for limit in book.problem.shared_limits:
        pairs = sorted(limit.over)
        over = "; ".join(f"{view.place_name(w)} → {view.site_name(s)}" for w, s in pairs)
        yield [limit.id, limit.name, book.text(SCOPE_WORDS[limit.scope]),
               _none(book, limit.max_kg), _none(book, limit.max_m3), _none(book, limit.max_cost),
               None, over]  # fmt: skip


def _roads(book: Book) -> Rows:
    view = book.view
    roads = sorted(
        book.problem.routes, key=lambda r: (view.place_name(r.warehouse), view.site_order(r.site))
    )
    for road in roads:
        remark = ""
        if road.open_from_period > 1:
            remark = book.text(N_("open from period {number}"), number=road.open_from_period)
        yield [view.place_name(road.warehouse), view.site_name(road.site),
               book.text(N_("yes") if road.open else N_("no")), _none(book, road.max_kg),
               _none(book, road.max_m3), road.travel_days, road.cost_per_kg, remark]  # fmt: skip


def _needs(book: Book) -> Rows:
    view = book.view
    for line in view.all_lines():
        need, item = line.need, line.item.id
        unit = view.shown(item).unit or book.text(N_("units"))
        yield [view.site_name(need.site), view.item_name(item), unit,
               view.units(item, need.need_units), view.units(item, need.held_units),
               need.min_fraction, need.carried, None]  # fmt: skip
