"""Decisions and overrides: what persons decided beside the stock, why, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aidlog.allocation.problem import Lock
from aidlog.allocation.result import Act, Price
from aidlog.core.text import N_
from aidlog.reports import sheet_style as style
from aidlog.reports.distribution.book import Book, Head
from aidlog.reports.distribution.words import RULE_NAMES, RULE_SENTENCES, SENSE_WORDS

HEADER = 4
HEADS = [
    Head(N_("Kind"), 20),
    Head(N_("What was decided"), 46),
    Head(N_("Reason"), 34),
    Head(N_("What it costs the others"), 52),
]


@dataclass(frozen=True, slots=True)
class Row:
    """One decision in words; ``price`` is who pays for it, where it was worked out."""

    kind: str
    decided: str
    reason: str = ""
    price: Price | None = None


def write_decisions(book: Book) -> None:
    """Write the sheet Decisions: who stands for the plan, then every decision with its price."""
    title = book.text(N_("Decisions and overrides"))
    sheet = book.sheet(title, landscape=True, title_rows=f"{HEADER}:{HEADER}")
    style.set_widths(sheet.setup, [head.width for head in HEADS])
    book.title(sheet, title, book.text(
        N_("What persons decided beside stock, roads and needs. Whoever gets less for it can ask.")
    ))  # fmt: skip
    book.head_row(sheet, HEADER, HEADS)
    row, priced = HEADER, set()
    for decision in _rows(book):
        row += 1
        price = decision.price
        if price is not None:
            priced.add(id(price))
        book.row(sheet, row, HEADS, [
            decision.kind, decision.decided, decision.reason,
            "" if price is None else book.say(price.message),
        ])  # fmt: skip
    for price in book.result.prices:
        if id(price) not in priced:
            row += 1
            book.row(sheet, row, HEADS, [
                book.text(_PRICED[price.change.act]), "", "", book.say(price.message)
            ])  # fmt: skip
    sheet.setup.freeze_panes = f"A{HEADER + 1}"
    sheet.setup.print_area = f"A1:D{row}"


_LOCK, _PROMISE, _ROAD = N_("Fixed number"), N_("Promised share"), N_("Closed road")
_EARMARK, _PRIORITY, _OTHER = N_("Earmark"), N_("Priority"), N_("Decision")
_PRICED = {
    Act.DROP_LOCK: _LOCK,
    Act.DROP_GUARANTEE: _PROMISE,
    Act.OPEN_ROAD: _ROAD,
    Act.FREE_EARMARK: _EARMARK,
}


def _rows(book: Book) -> Iterator[Row]:
    yield from _steps(book)
    rule = book.result.rule
    yield Row(
        book.text(N_("Rule")),
        f"{book.text(RULE_NAMES[rule])}. {book.text(RULE_SENTENCES[rule])}",
    )
    yield from _locks(book)
    yield from _promises(book)
    yield from _priorities(book)
    yield from _roads(book)
    for message, reason in book.facts.decisions:
        yield Row(book.text(_OTHER), book.say(message), reason)


def _steps(book: Book) -> Iterator[Row]:
    """Who drafted, sent and decided, in the order in which they did."""
    for message, remark in book.facts.steps:
        yield Row(book.text(N_("Who")), book.say(message), remark)


def _locks(book: Book) -> Iterator[Row]:
    view = book.view
    for lock in book.problem.locks:
        item = lock.item or (view.lots[lock.lot].item if lock.lot else "")
        words = book.text(
            N_("{site}, {item}: {sense} {packs} packs"),
            site=view.site_name(lock.site),
            item=view.item_name(item) + (f" ({lock.lot})" if lock.lot else ""),
            sense=book.text(SENSE_WORDS[lock.sense]),
            packs=lock.packs,
        )
        reason = lock.reason or book.text(N_("no reason written"))
        yield Row(book.text(_LOCK), words, reason, _price_of_lock(book, lock))


def _price_of_lock(book: Book, lock: Lock) -> Price | None:
    return _price(
        book,
        Act.DROP_LOCK,
        site=lock.site,
        item=lock.item,
        lot=lock.lot,
        packs=lock.packs,
        sense=lock.sense,
    )


def _promises(book: Book) -> Iterator[Row]:
    view = book.view
    for line in view.all_lines():
        if line.need.min_fraction > 0:
            words = book.text(
                N_("{site}, {item}: at least {share} of the need"),
                site=view.site_name(line.site.id),
                item=view.item_name(line.item.id),
                share=book.percent(line.need.min_fraction),
            )
            price = _price(book, Act.DROP_GUARANTEE, site=line.site.id, item=line.item.id)
            yield Row(book.text(_PROMISE), words, "", price)


def _priorities(book: Book) -> Iterator[Row]:
    view = book.view
    named = [(site.weight, view.site_name(site.id), site.reason) for site in book.problem.sites]
    named += [(item.weight, view.item_name(item.id), item.reason) for item in book.problem.items]
    for weight, name, reason in named:
        if weight != 1:
            words = book.text(N_("{name} counts {weight} times"), name=name, weight=f"{weight:g}")
            yield Row(book.text(_PRIORITY), words, reason)


def _roads(book: Book) -> Iterator[Row]:
    """The closed roads whose closing costs somebody something, as far as it was worked out."""
    view = book.view
    for price in book.result.prices:
        change = price.change
        if change.act is Act.OPEN_ROAD and change.warehouse and change.site:
            road = f"{view.place_name(change.warehouse)} → {view.site_name(change.site)}"
            yield Row(book.text(_ROAD), road, "", price)


def _price(book: Book, act: Act, **of: object) -> Price | None:
    """Return the price of a decision, None where it was not worked out."""
    return next(
        (
            price
            for price in book.result.prices
            if price.change.act is act
            and all(getattr(price.change, name) == value for name, value in of.items())
        ),
        None,
    )
