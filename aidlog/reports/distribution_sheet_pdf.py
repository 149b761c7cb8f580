"""The signing list of a distribution: card numbers, no names; what was given is what is left.

Lines are ruled for the households that a site counted. The last page holds the sum of all
sheets: opening stock less what was given and damaged is what must be left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.needs.arithmetic import Due
from aidlog.needs.models import Basis
from aidlog.needs.wording import ration
from aidlog.reports.amounts import Tongue
from aidlog.reports.paper import (
    HEIGHT,
    INNER,
    MARGIN,
    WIDTH,
    Paper,
    broken,
    line_height,
    size_for_words,
    width_of,
)

#: Most items on one sheet; with more, a second list with its own sum follows.
MOST_ITEMS = 6
#: Most lines in one file: less than a hundred pages. More households are printed in parts.
MOST_LINES = 2_000

_HEADER, _HEADS, _ROW, _GIVEN, _FOOT = 21.0, 16.0, 9.2, 9.4, 34.0
_NUMBER, _CARD, _PEOPLE, _SECTOR, _TICK = 9.0, 25.0, 11.0, 13.0, 8.0
_END = HEIGHT - MARGIN
#: Lines on a page.
PER_PAGE = int((_END - _FOOT - _GIVEN - MARGIN - _HEADER - _HEADS) / _ROW)


@dataclass(frozen=True, slots=True)
class SheetItem:
    """An item of the kit: what one is due by the standard, and what there is to give.

    ``due`` is None where no standard says. ``opening`` is the stock at the start, base units,
    None to be written in.
    """

    names: tuple[str, str]
    unit: BaseUnit
    due: Due | None
    opening: int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A distribution: where (code or public name), what for, and lines ``first`` to ``last``.

    ``households`` as counted, None where they were not. ``papers`` are the waybills used.
    """

    place: str
    organisation: str
    papers: Sequence[str]
    held_on: date | None
    households: int | None
    people: int | None
    counted_on: date | None
    first: int
    last: int
    items: Sequence[SheetItem]


def distribution_sheet_pdf(sheet: Sheet, first: Tongue, second: Tongue) -> bytes:
    """Return the signing list as PDF, A4; ``first`` is the larger language."""
    assert sheet.items
    assert 0 < sheet.first <= sheet.last < sheet.first + MOST_LINES
    paper = Paper(" ".join(sheet.papers) or sheet.place)
    kits = [
        sheet.items[start : start + MOST_ITEMS] for start in range(0, len(sheet.items), MOST_ITEMS)
    ]
    pages = len(kits) * (1 + -(-(sheet.last - sheet.first + 1) // PER_PAGE))
    page = 0
    for kit in kits:
        drawn = _List(paper, replace(sheet, items=kit), (first, second), (page, pages))
        for start in range(sheet.first, sheet.last + 1, PER_PAGE):
            drawn.draw_list(start, min(sheet.last, start + PER_PAGE - 1))
        drawn.draw_sum()
        page = drawn.page
    return paper.bytes()


class _List:
    """One signing list being drawn."""

    def __init__(
        self, paper: Paper, sheet: Sheet, tongues: tuple[Tongue, Tongue], pages: tuple[int, int]
    ) -> None:
        self.paper, self.sheet = paper, sheet
        self.first, self.second = tongues
        self.page, self.pages = pages
        self.blank: str | None = None
        left = INNER - _NUMBER - _CARD - _PEOPLE - _SECTOR - _TICK
        item = min(15.0, (left - 52) / len(sheet.items))
        rest = left - item * len(sheet.items)
        self.widths = (
            _NUMBER,
            _CARD,
            _PEOPLE,
            _SECTOR,
            *(item for _ in sheet.items),
            _TICK,
            rest * 0.58,
            rest * 0.42,
        )

    def both(self, template: str) -> str:
        """Return a marked word in both languages, once where they agree."""
        one, other = self.first.word(template), self.second.word(template)
        return one if one == other else f"{one} / {other}"

    def draw_list(self, start: int, end: int) -> None:
        """Draw a page of lines ``start`` to ``end``; what all pages share is drawn once."""
        if self.blank is None:
            self.blank = f"list{self.page}"
            with self.paper.stamp(self.blank):
                self._blank_list()
        self.paper.put(self.blank)
        self._page_number()
        y = MARGIN + _HEADER + _HEADS
        for number in range(start, end + 1):
            self._line(y, number)
            y += _ROW
        self.paper.turn()

    def _blank_list(self) -> None:
        y = self._heads(self._header(N_("Distribution sheet")))
        for _ in range(PER_PAGE):
            self.paper.row(y, _ROW, self.widths)
            y += _ROW
        self._given(y)
        self._foot()

    def draw_sum(self) -> None:
        """Draw the last page: what was there, given, damaged, and must be left."""
        paper = self.paper
        y = self._header(N_("Sum of all sheets"))
        self._page_number()
        widths = (53.0, 27.0, 27.0, 27.0, 27.0, 27.0)
        heads = (
            N_("Item"),
            N_("Opening stock"),
            N_("− given"),
            N_("− damaged"),
            N_("= must be left"),
            N_("Counted"),
        )
        x = MARGIN
        for label, width in zip(heads, widths, strict=True):
            paper.box(x, y, width, 11, fill="grey")
            self._head(x, y, width, label)
            x += width
        y += 11
        for item in self.sheet.items:
            paper.row(y, 12, widths)
            name, other = item.names
            paper.fitted(MARGIN + 1.6, y + 5, name, widths[0] - 3, size=9.5, bold=True)
            if other != name:
                paper.fitted(MARGIN + 1.6, y + 9.2, other, widths[0] - 3, size=8)
            if item.opening is not None:
                paper.fitted(
                    MARGIN + widths[0] + widths[1] - 1.6,
                    y + 7.4,
                    self.first.amount(item.opening, item.unit),
                    widths[1] - 3,
                    size=11,
                    bold=True,
                    align="right",
                )
            y += 12
        y = self._people(y + 5)
        y = self._remarks(y + 5)
        self._signatures(y + 5)
        self._free()
        paper.turn()

    def _header(self, title: str) -> float:
        paper, sheet = self.paper, self.sheet
        paper.fitted(MARGIN, MARGIN + 6, self.both(title), INNER - 62, size=15, bold=True)
        facts = [sheet.place, sheet.organisation, *sheet.papers]
        paper.fitted(MARGIN, MARGIN + 12, " · ".join(facts), INNER - 62, size=9.5, bold=True)
        day = sheet.held_on.isoformat() if sheet.held_on else "____-____-____"
        paper.fitted(
            MARGIN,
            MARGIN + 16.6,
            self.first.say(Message(N_("Day of the distribution: {day}"), {"day": day})),
            INNER - 62,
            size=9,
        )
        right = WIDTH - MARGIN
        paper.fitted(
            right, MARGIN + 12, self.both(N_("No names on this sheet")), 60, size=8, align="right"
        )
        return MARGIN + _HEADER

    def _page_number(self) -> None:
        self.page += 1
        page = Message(N_("Sheet {page} of {pages}"), {"page": self.page, "pages": self.pages})
        words = self.first.say(page)
        self.paper.text(WIDTH - MARGIN, MARGIN + 6, words, size=13, bold=True, align="right")

    def _heads(self, y: float) -> float:
        paper = self.paper
        labels = (
            "#",
            N_("Card number"),
            N_("People"),
            N_("Sector"),
            *("" for _ in self.sheet.items),
            "✓",
            N_("Signature or thumb"),
            N_("If someone else collects: card or relation"),
        )
        x = MARGIN
        for place, (label, width) in enumerate(zip(labels, self.widths, strict=True)):
            paper.box(x, y, width, _HEADS, fill="grey")
            item = place - 4
            if 0 <= item < len(self.sheet.items):
                self._item_head(x, y, width, self.sheet.items[item])
            else:
                self._head(x, y, width, label)
            x += width
        return y + _HEADS

    def _head(self, x: float, y: float, width: float, label: str) -> None:
        one = self.first.word(label)
        other = self.second.word(label)
        size = size_for_words(one, width - 1.8, 7.6, bold=True)
        below = self.paper.block(x + 1, y + 0.6, one, width - 1.8, size=size, bold=True, most=3)
        if other != one:
            size = size_for_words(other, width - 1.8, 6.6)
            self.paper.block(x + 1, below, other, width - 1.8, size=size, most=2)

    def _item_head(self, x: float, y: float, width: float, item: SheetItem) -> None:
        name, other = item.names
        size = size_for_words(name, width - 1.6, 7.6, bold=True)
        if len(broken(name, width - 1.6, size, bold=True)) > 2:
            size = min(size, 6.0)
        below = self.paper.block(x + 0.8, y + 0.5, name, width - 1.6, size=size, bold=True, most=2)
        if other != name:
            self.paper.fitted(x + 0.8, below + 2.6, other, width - 1.6, size=6.4)
        self._due(x + 0.8, y + _HEADS - 0.7, width - 1.6, item)

    def _due(self, x: float, bottom: float, width: float, item: SheetItem) -> None:
        """Say at the foot of an item's head what one is due, in one line or two smaller ones."""
        if item.due is None:
            return
        amount = self.first.amount(item.due.quantity, item.unit)
        words = self.first.say(ration(item.due, amount))
        size = 6.6
        if width_of(words, size) > width:
            size = size_for_words(words, width, 5.6)
        while len(broken(words, width, size)) > 2:
            size -= 0.2
        lines = len(broken(words, width, size))
        self.paper.block(x, bottom - lines * line_height(size), words, width, size=size)

    def _line(self, y: float, number: int) -> None:
        paper = self.paper
        paper.fitted(
            MARGIN + _NUMBER - 1.2, y + 6, str(number), _NUMBER - 1.6, size=8.5, align="right"
        )
        x = MARGIN + sum(self.widths[:4])
        for item, width in zip(self.sheet.items, self.widths[4:], strict=False):
            if item.due is not None and item.due.basis is Basis.HOUSEHOLD:
                paper.fitted(
                    x + width - 1.2,
                    y + 6.2,
                    self.first.amount(item.due.quantity, item.unit),
                    width - 2,
                    size=9.5,
                    bold=True,
                    align="right",
                )
            x += width

    def _given(self, y: float) -> None:
        """Draw the sum of the page, to be written in when the sheet is full."""
        label = sum(self.widths[:2])
        widths = (label, *self.widths[2:-3], sum(self.widths[-3:]))
        self.paper.row(y, _GIVEN, widths, fill="grey")
        self._head(MARGIN + 0.4, y, label, N_("Given on this sheet"))

    def _foot(self) -> None:
        paper = self.paper
        y = _END - _FOOT + 2.5
        width = INNER / 4
        for place, label in enumerate(
            (
                N_("Households served"),
                N_("Distributor, signature"),
                N_("Community representative, signature"),
                N_("Monitor, signature"),
            )
        ):
            x = MARGIN + width * place
            paper.box(x, y, width, 20)
            self._head(x + 0.6, y + 0.4, width - 1, label)
        self._free()

    def _free(self) -> None:
        """Say at the foot of every page what everybody at the distribution may know."""
        sentence = N_(
            "Aid is free. Nobody may ask for money or anything else for it."
            " Complaints and questions: at the complaints desk, also without a name."
        )
        one, other = self.first.word(sentence), self.second.word(sentence)
        self.paper.fitted(MARGIN, _END - 5, one, INNER, size=8.5, bold=True)
        if other != one:
            self.paper.fitted(MARGIN, _END - 1, other, INNER, size=8)

    def _people(self, y: float) -> float:
        paper, sheet, say = self.paper, self.sheet, self.first.say
        width = INNER / 3
        counted = (
            (N_("Households counted"), sheet.households),
            (N_("People counted"), sheet.people),
        )
        for place, (label, value) in enumerate(counted):
            x = MARGIN + width * place
            paper.box(x, y, width, 14)
            paper.fitted(x + 1.8, y + 4, self.both(label), width - 3, size=8)
            shown = "?" if value is None else self.first.number(value)
            if value is not None and sheet.counted_on is not None:
                shown = say(
                    Message(
                        N_("{number} on {day}"),
                        {"number": shown, "day": sheet.counted_on.isoformat()},
                    )
                )
            paper.fitted(x + 1.8, y + 10.6, shown, width - 3, size=11, bold=True)
        paper.box(MARGIN + 2 * width, y, width, 14)
        paper.fitted(
            MARGIN + 2 * width + 1.8,
            y + 4,
            self.both(N_("Households served")),
            width - 3,
            size=8,
        )
        return y + 14

    def _remarks(self, y: float) -> float:
        self.paper.box(MARGIN, y, INNER, 40)
        label = N_("What is left and what must be left differ? Write why.")
        self.paper.fitted(MARGIN + 1.8, y + 5, self.both(label), INNER - 4, size=9, bold=True)
        return y + 40

    def _signatures(self, y: float) -> None:
        y = self.paper.bar(y, self.both(N_("Signatures")))
        width = INNER / 3
        for place, label in enumerate(
            (N_("Distributor"), N_("Community representative"), N_("Monitor"))
        ):
            x = MARGIN + width * place
            self.paper.box(x, y, width, 34)
            self.paper.fitted(x + 1.8, y + 4.6, self.both(label), width - 3, size=9, bold=True)
