"""The Summary: what was decided, what it changes, what holds it back, who signs."""

from __future__ import annotations

from dataclasses import replace

from aidlog.allocation.problem import Rule
from aidlog.allocation.result import (
    Limit,
    Measures,
    ReasonCode,
    Result,
    Status,
    TierReport,
)
from aidlog.core.text import N_, Message
from aidlog.reports import sheet_style as style
from aidlog.reports.distribution.book import Book, Head
from aidlog.reports.distribution.view import SiteLine, total
from aidlog.reports.distribution.words import (
    AMOUNTS,
    MEASURES,
    RULE_NAMES,
    RULE_SENTENCES,
    SHARES,
    STATUS_SENTENCES,
)
from aidlog.reports.distribution_workbook import MOST_SITE_SHEETS
from aidlog.reports.sheet_xml import Sheet

WIDTHS = [27.0, 12.0, 12.0, 12.0, 14.0, 23.0]
LAST = len(WIDTHS)
MOST_SITES = 40
MOST_LIMITS = 12
MOST_WARNINGS = 25
#: A rise of the worst-off of less than this many points is not worth a word.
LEAST_POINTS = 0.05
#: A summary of so many rows is shrunk a little, so that all of it stands on one page.
ROWS_OF_ONE_PAGE = 75

_CARD = style.Look(size=9, ink=style.MUTED, fill=style.PAPER, rule="card", align="left", indent=1)
_CARD_LABEL = _CARD
_CARD_VALUE = replace(_CARD, size=16, bold=True, ink=style.TEAL_DEEP)
_CARD_NOTE = replace(_CARD, size=8, valign="top")

_SITE_HEADS = [
    Head(N_("Site"), WIDTHS[0]),
    Head(N_("People"), WIDTHS[1], style.NUMBER),
    Head(N_("Lowest before"), WIDTHS[2], style.coverage_look(1.0)),
    Head(N_("Lowest after"), WIDTHS[3], style.coverage_look(1.0)),
    Head(N_("Weight, kg"), WIDTHS[4], style.NUMBER),
    Head(N_("Lowest item after"), WIDTHS[5], style.TEXT_APART),
]


def write_summary(book: Book) -> None:
    """Write the Summary sheet."""
    sheet = book.sheet(book.text(N_("Summary")), landscape=False)
    style.set_widths(sheet.setup, WIDTHS)
    facts = book.facts
    book.title(sheet, facts.title, _subtitle(book))
    row = 3
    if facts.standing is not None:
        look = style.Look(bold=True, fill=style.AMBER, rule="none", wrap=True, indent=1)
        book.paragraph(sheet, row, LAST, book.say(facts.standing), sum(WIDTHS), look)
        row += 1
    row = _cards(book, sheet, row + 1)
    row = _decision(book, sheet, row + 1)
    row = _sites(book, sheet, row + 1)
    row = _limits(book, sheet, row + 1)
    row = _compared(book, sheet, row + 1)
    row = _warnings(book, sheet, row + 1)
    row = _signatures(book, sheet, row + 1)
    sheet.setup.print_area = f"A1:F{row}"
    if row <= ROWS_OF_ONE_PAGE:
        sheet.setup.page_setup.fitToHeight = 1


def _subtitle(book: Book) -> str:
    facts, problem = book.facts, book.problem
    size = book.text(
        N_("{sites} sites, {items} items, {warehouses} warehouses"),
        sites=len(problem.sites), items=len(problem.items), warehouses=len(problem.warehouses),
    )  # fmt: skip
    days = ""
    if facts.starts_on and facts.ends_on:
        days = book.text(N_("{first} to {last}"), first=facts.starts_on, last=facts.ends_on)
    elif facts.starts_on:
        days = book.text(N_("from {first}"), first=facts.starts_on)
    return " · ".join(part for part in (facts.organisation, facts.reference, days, size) if part)


def _section(book: Book, sheet: Sheet, row: int, template: str) -> int:
    sheet.write(row, 1, book.heading(template).replace("\n", " / "), style.SECTION)
    sheet.heights[row] = 22
    return row + 1


def _cards(book: Book, sheet: Sheet, row: int) -> int:
    """Write six figures, two rows of three: the plan at a glance."""
    now, was = book.result.measures, book.result.before
    weakest = book.view.worst_off()
    weights = {site.weight for site in book.problem.sites}
    weights |= {item.weight for item in book.problem.items}
    weighted = weights != {1}
    worst_off = N_("Worst-off need, weights counted") if weighted else N_("Worst-off need")
    currency = f" {book.facts.currency}" if book.facts.currency else ""
    cards = [
        (worst_off, _change(book, was.min_level, now.min_level), _where(book, weakest)),
        (N_("Average coverage"), _change(book, was.mean, now.mean), ""),
        (N_("Needs left at nothing"), f"{was.zeros} → {now.zeros}", ""),
        (N_("To move"), f"{book.number(now.kg / 1000, 1)} t", f"{book.number(now.m3, 1)} m³"),
        (N_("People × items covered"),
         f"{book.number(was.people_items)} → {book.number(now.people_items)}", ""),
        (N_("Cost"), f"{book.number(now.cost)}{currency}",
         book.text(N_("Transport and purchases"))),
    ]  # fmt: skip
    for number, (label, value, note) in enumerate(cards):
        top = row + 4 * (number // 3)
        first = 1 + 2 * (number % 3)
        label_text = book.text(label)
        for offset, (text, look) in enumerate(
            ((label_text, _CARD_LABEL), (value, _CARD_VALUE), (note, _CARD_NOTE))
        ):
            sheet.write(top + offset, first, text, look)
            sheet.write(top + offset, first + 1, None, replace(look, rule="none"))
            sheet.merge(top + offset, first, first + 1)
        for offset, height in enumerate((14.0, 22.0, 15.0, 6.0)):
            sheet.heights[top + offset] = height
    return row + 8


def _change(book: Book, before: float, after: float) -> str:
    return f"{book.percent(before)} → {book.percent(after)}"


def _where(book: Book, line: SiteLine | None) -> str:
    if line is None:
        return ""
    view = book.view
    return f"{view.site_name(line.site.id)}: {view.item_name(line.item.id)}"


def _decision(book: Book, sheet: Sheet, row: int) -> int:
    row = _section(book, sheet, row, N_("How it was decided"))
    result = book.result
    locks = "; ".join(book.say(lock) for lock in result.clashing_locks)
    sentences = [
        f"{book.text(RULE_NAMES[result.rule])}. {book.text(RULE_SENTENCES[result.rule])}",
        book.text(_status_sentence(result), locks=locks),
    ]
    if result.rule is Rule.LOWEST_FIRST and result.status is Status.FEASIBLE and result.gap > 0:
        sentences.append(
            book.text(
                N_("No plan can raise the worst-off need above {bound}."),
                bound=book.percent(result.bound),
            )
        )
    sentences += [_tier_words(book, tier) for tier in result.tiers if not tier.proven]
    for sentence in sentences:
        book.paragraph(sheet, row, LAST, sentence, sum(WIDTHS))
        row += 1
    return row


def _tier_words(book: Book, tier: TierReport) -> str:
    """Say how far a phase that is not proven may be from its best."""
    name = (
        book.text(N_("Tier {number}"), number=tier.tier)
        if tier.tier is not None
        else book.text(N_("Promised shares") if tier.phase == "guarantees" else N_("All together"))
    )
    return book.text(
        N_("{tier}: the lowest need stands at {level}; no plan can raise it above {bound}."),
        tier=name, level=book.percent(tier.pack_level), bound=book.percent(tier.bound),
    )  # fmt: skip


def _status_sentence(result: Result) -> str:
    """Return what is proven of the plan; only the fair rule claims to be the best."""
    if result.status is Status.FEASIBLE and result.rule is not Rule.LOWEST_FIRST:
        return N_("The plan keeps every limit.")
    return STATUS_SENTENCES[result.status]


def _sites(book: Book, sheet: Sheet, row: int) -> int:
    """Write one row a site, the lowest after the plan first."""
    row = _section(book, sheet, row, N_("Coverage by site"))
    view = book.view
    rows = []
    for lines in view.site_lines.values():
        before, after = view.weakest(lines, after=False), view.weakest(lines, after=True)
        kg = total(line.kg for line in lines)
        rows.append((lines[0].site, before, after, kg))
    rows.sort(
        key=lambda r: (
            r[2].outcome.covered_after if r[2] else 2.0, view.site_order(r[0].id)
        )
    )  # fmt: skip
    book.head_row(sheet, row, _SITE_HEADS)
    first = row + 1
    shown = rows[:MOST_SITES]
    for row, (site, before, after, kg) in enumerate(shown, start=first):
        name = view.site_name(site.id)
        book.row(sheet, row, _SITE_HEADS, [
            name if name == site.id else f"{name} ({site.id})", site.population, None, None, kg,
            view.item_name(after.item.id) if after else book.text(N_("nothing can be sent")),
        ])  # fmt: skip
        for column, line, share in ((3, before, "before"), (4, after, "after")):
            value = getattr(line.outcome, f"covered_{share}") if line else None
            book.coverage(sheet, row, column, value)
    row = first + len(shown)
    sheet.write(row, 1, book.text(N_("Total")), style.TOTAL)
    for column in (3, 4, 6):
        sheet.write(row, column, None, style.TOTAL)
    people: list[float | None] = [r[0].population for r in shown]
    kilograms: list[float | None] = [r[3] for r in shown]
    for column, values in ((2, people), (5, kilograms)):
        book.total(sheet, row, column, (first, row - 1), look=style.TOTAL_NUMBER, values=values)
    if len(rows) > len(shown):
        row += 1
        note = book.text(N_("The {shown} lowest of {all} sites. All are on the next sheet."),
                         shown=len(shown), all=len(rows))  # fmt: skip
        book.paragraph(sheet, row, LAST, note, sum(WIDTHS), style.NOTE)
    return row + 1


def _limits(book: Book, sheet: Sheet, row: int) -> int:
    """Write what is used up and holds needs back, and what a little more of it would do."""
    row = _section(book, sheet, row, N_("What limits this plan"))
    limits = book.result.limits[:MOST_LIMITS]
    if not limits:
        text = book.text(N_("Nothing: every need that can be reached is covered."))
        book.paragraph(sheet, row, LAST, text, sum(WIDTHS))
        return row + 1
    heads = [
        Head(N_("Limit"), sum(WIDTHS[:3])), Head("", 0), Head("", 0),
        Head(N_("Needs held back"), WIDTHS[3], style.NUMBER),
        Head(N_("Used"), WIDTHS[4], replace(style.NUMBER, form=style.SHARE)),
        Head(N_("With a little more"), WIDTHS[5], style.TEXT_APART),
    ]  # fmt: skip
    book.head_row(sheet, row, heads)
    sheet.merge(row, 1, 3)
    for limit in limits:
        row += 1
        used = limit.used / limit.capacity if limit.capacity else None
        text, worth = book.say(limit.message), _worth(book, limit)
        book.row(sheet, row, heads, [text, None, None, limit.needs_held_back, used, worth])
        sheet.merge(row, 1, 3)
        lines = max(style.lines_needed(text, sum(WIDTHS[:3])), style.lines_needed(worth, WIDTHS[5]))
        sheet.heights[row] = 13.5 * lines + 5
    return row + 1


def _worth(book: Book, limit: Limit) -> str:
    """Say what a little more of a limit would change, as solving again found it."""
    if limit.step is None or not limit.worth:
        return ""
    lowest = limit.worth.get("min_level", 0.0) * 100
    one, many = AMOUNTS[limit.unit]
    values = {
        "more": Message(
            one, {"amount": book.number(limit.step)}, plural=many, count=round(limit.step)
        ),
        "points": f"{lowest:.1f}",
        "people": book.number(max(0.0, limit.worth.get("people_items", 0.0))),
    }
    if lowest >= LEAST_POINTS:
        template = N_("{more} more: worst-off up {points} points, {people} more covered")
    else:
        template = N_("{more} more: {people} more people × items covered")
    return book.say(Message(template, values))


def _compared(book: Book, sheet: Sheet, row: int) -> int:
    """Write the plan's figures beside those of the other ways to share."""
    row = _section(book, sheet, row, N_("Compared with other ways to share"))
    result = book.result
    others = list(result.compared.items())[: LAST - 2]
    columns: list[tuple[str, Measures]] = [(N_("This plan"), result.measures), *(
        (_rule_heading(key), measures) for key, measures in others
    )]  # fmt: skip
    heads = [Head(N_("Figure"), WIDTHS[0])]
    heads += [Head(heading, WIDTHS[i], style.NUMBER) for i, (heading, _) in enumerate(columns, 1)]
    book.head_row(sheet, row, heads)
    for name, heading, note in MEASURES:
        row += 1
        text = book.text(heading)
        sheet.write(row, 1, text, style.TEXT)
        form = style.SHARE if name in SHARES else "0.00" if name == "gini" else style.WHOLE
        for column, (_, measures) in enumerate(columns, start=2):
            look = replace(style.NUMBER, form=form, bold=column == 2)
            sheet.write(row, column, float(getattr(measures, name)), look)
        lines = style.lines_needed(text, WIDTHS[0])
        if len(columns) < LAST - 1 and note:
            sheet.write(row, LAST, book.text(note), replace(style.NOTE, size=8))
            lines = max(lines, style.lines_needed(book.text(note), WIDTHS[-1] * 1.1))
        sheet.heights[row] = 11.5 * lines + 3.5
    row += 1
    for other in result.elsewhere:
        book.paragraph(sheet, row, LAST, f"• {book.say(other.message)}", sum(WIDTHS))
        row += 1
    return row


def _rule_heading(key: str) -> str:
    return next((name for rule, name in RULE_NAMES.items() if rule == key), key)


def _warnings(book: Book, sheet: Sheet, row: int) -> int:
    warnings = [*map(book.say, book.facts.warnings), *_own_warnings(book)]
    if not warnings:
        return row
    row = _section(book, sheet, row, N_("To look at before you approve"))
    for warning in warnings[:MOST_WARNINGS]:
        book.paragraph(sheet, row, LAST, f"• {warning}", sum(WIDTHS))
        row += 1
    if len(warnings) > MOST_WARNINGS:
        text = book.text(N_("and {more} more."), more=len(warnings) - MOST_WARNINGS)
        book.paragraph(sheet, row, LAST, text, sum(WIDTHS))
        row += 1
    return row


def _own_warnings(book: Book) -> list[str]:
    """Return what the figures themselves warn of."""
    view = book.view
    said = [
        book.say(Message(N_("{site}, {item}: nothing is sent. {reason}"), {
            "site": view.site_name(line.site.id),
            "item": view.item_name(line.item.id),
            "reason": line.outcome.reason.message,
        }))
        for line in view.all_lines()
        if line.outcome.units == 0 and line.outcome.covered_after < 1
        and line.outcome.reason.code not in {ReasonCode.NO_NEED, ReasonCode.HELD_ENOUGH}
    ]  # fmt: skip
    sent = {shipment.item for shipment in book.result.shipments}
    said += [
        book.text(N_("The weight of {item} is unknown: the weights add up to too little."),
                  item=view.item_name(item))
        for item in sorted(sent, key=view.item_order)
        if view.items[item].kg_per_pack is None
    ]  # fmt: skip
    if len(view.receiving_sites()) > MOST_SITE_SHEETS:
        said.append(
            book.text(
                N_("With more than {most} sites the distribution sheets have no signing lists. "
                   "Make a plan for fewer sites to print them."),
                most=MOST_SITE_SHEETS,
            )
        )  # fmt: skip
    horizon = book.problem.periods * book.problem.period_days
    for lot, packs in view.left_over():
        if lot.expiry_day is not None and lot.expiry_day <= horizon:
            said.append(
                book.text(
                    N_("Lot {lot}, {item} in {warehouse}: {packs} packs stay and expire on {day}."),
                    lot=lot.id, item=view.item_name(lot.item),
                    warehouse=view.place_name(lot.warehouse), packs=packs,
                    day=view.day(lot.expiry_day) or lot.expiry_day,
                )
            )  # fmt: skip
    return said


def _signatures(book: Book, sheet: Sheet, row: int) -> int:
    """Write the boxes for those who stand for the plan. The checker is not the planner."""
    row += 1
    for first, label in ((1, N_("Planned by")), (3, N_("Checked by")), (5, N_("Approved by"))):
        text = book.heading(label) + "\n\n" + book.text(N_("Name, date, signature"))
        look = style.Look(size=9, rule="box", valign="top", wrap=True)
        for column in (first, first + 1):
            sheet.write(row, column, text if column == first else None, look)
        sheet.merge(row, first, first + 1)
    sheet.heights[row] = 62
    return row
