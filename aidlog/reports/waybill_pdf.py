"""The waybill on paper: four named copies, two languages, room to write what is missing.

The QR code holds the waybill's number, its check code and a token: no place and no person. A
protected site stands there by code and area, with the meeting point and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from aidlog.core.text import N_, Message
from aidlog.dispatch.models import WaybillState
from aidlog.dispatch.story import Line, Story
from aidlog.registry.models import Place
from aidlog.reports.amounts import Tongue
from aidlog.reports.paper import HEIGHT, INNER, MARGIN, WIDTH, Paper, broken, line_height
from aidlog.reports.waybill_goods import BAR, HEADS, TOTAL, GoodsTable, both

#: Who keeps which copy, in the order in which they are torn off.
COPIES = (N_("Receiver"), N_("Transporter"), N_("Sender"), N_("Logistics office"))

#: Heights in millimetres.
_HEADER, _TRIP_CELL = 30.0, 11.2
_REMARKS, _SIGNATURES, _FOOT = 22.0, 33.0, 11.0
_END = HEIGHT - MARGIN


@dataclass(frozen=True, slots=True)
class Facts:
    """What the paper says besides the waybill itself. ``printed_at`` is aware."""

    operation: str
    qr: str
    printed_at: datetime


def waybill_pdf(story: Story, facts: Facts, first: Tongue, second: Tongue) -> bytes:
    """Return the waybill as PDF, A4, all copies; ``first`` is the larger language."""
    paper = Paper(story.number)
    sheet = _Waybill(paper, story, facts, first, second)
    for copy in range(len(COPIES)):
        sheet.draw_copy(copy)
    return paper.bytes()


class _Waybill:
    """One waybill being drawn; ``y`` is how far down the page it has come."""

    def __init__(
        self, paper: Paper, story: Story, facts: Facts, first: Tongue, second: Tongue
    ) -> None:
        self.paper, self.story, self.facts = paper, story, facts
        self.first, self.second = first, second
        self.goods = GoodsTable(paper, story.lines, first, second)
        self.pages = list(self._paginated())

    def both(self, template: str) -> str:
        """Return a marked word in both languages, once where they agree."""
        return both(self.first, self.second, template)

    def draw_copy(self, copy: int) -> None:
        for number, lines in enumerate(self.pages):
            y = self._header(copy)
            if number == 0:
                y = self._trip(y)
            y = self.goods.heads(y)
            for line in lines:
                y = self.goods.line(y, line)
            if number == len(self.pages) - 1:
                y = self.goods.empty_rows(y, _END - _FOOT - self._tail())
                y = self.goods.total(y)
                y = self._remarks(y)
                y = self._warning(y)
                self._signatures(y)
            self._foot(number)
            self.paper.turn()

    def _paginated(self) -> Iterator[list[Line]]:
        """Cut the lines into pages: the last one leaves room for totals and signatures."""
        room = _END - _FOOT - self._below_heads(first=True)
        page: list[Line] = []
        lines = list(self.story.lines)
        for line in lines:
            height = self.goods.height(line)
            if page and room < height:
                yield page
                page, room = [], _END - _FOOT - self._below_heads(first=False)
            page.append(line)
            room -= height
        if room < self._tail() and len(page) > 1:
            yield page[:-1]
            page = page[-1:]
        elif room < self._tail():
            yield page
            page = []
        yield page

    def _below_heads(self, *, first: bool) -> float:
        trip = self._trip_height() + 4 if first else 0
        return MARGIN + _HEADER + trip + BAR + HEADS

    def _tail(self) -> float:
        return TOTAL + _REMARKS + self._warning_height() + 5 + 6.4 + _SIGNATURES

    def _header(self, copy: int) -> float:
        """Draw what stands on every page: whose, what, which number, which copy, the QR code."""
        paper, story = self.paper, self.story
        left = INNER - 27 - 5 - 58
        paper.fitted(
            MARGIN,
            MARGIN + 4,
            f"{self.facts.operation} · {story.organisation.name}",
            left,
            size=10,
            bold=True,
        )
        title, other = self.first.word(N_("Waybill")), self.second.word(N_("Waybill"))
        paper.fitted(
            MARGIN,
            MARGIN + 11.5,
            title if title == other else f"{title} / {other}",
            left,
            size=16,
            bold=True,
        )
        paper.block(MARGIN, MARGIN + 13.5, self._one_truck(), left, size=8, most=3)
        right = WIDTH - MARGIN - 27 - 5
        paper.fitted(right, MARGIN + 7, story.number, 58, size=18, bold=True, align="right")
        paper.text(
            right,
            MARGIN + 12.5,
            self.first.say(Message(N_("code {code}"), {"code": story.typed_code})),
            size=10,
            align="right",
        )
        name = self.both(COPIES[copy])
        words = self.first.say(
            Message(
                N_("Copy {copy} of {copies} · {name}"),
                {"copy": copy + 1, "copies": len(COPIES), "name": name},
            )
        )
        paper.box(right - 58, MARGIN + 16, 58, 7, rule=0.5)
        paper.fitted(right - 29, MARGIN + 20.7, words, 55, size=9, bold=True, align="center")
        paper.qr(WIDTH - MARGIN - 27, MARGIN, 27, self.facts.qr)
        return MARGIN + _HEADER

    def _one_truck(self) -> str:
        printed = {"when": self.facts.printed_at, "plan": self.story.plan}
        if self.story.plan:
            return self.first.say(
                Message(N_("Plan {plan} · one truck, one waybill · printed {when}"), printed)
            )
        return self.first.say(Message(N_("One truck, one waybill · printed {when}"), printed))

    def _trip(self, y: float) -> float:
        paper, waybill = self.paper, self.story.waybill
        y = paper.bar(y, "1 · " + self.both(N_("Trip")))
        cells = (
            (N_("From"), _shown(self.story.origin)),
            (N_("To"), _shown(self.story.destination)),
            (N_("Left"), self._moment(waybill.left_at)),
            (N_("Expected"), self._moment(waybill.expected_at)),
            (N_("Truck"), waybill.plate),
            (N_("Driver"), waybill.driver),
            (N_("Carrier"), waybill.carrier),
            (N_("Seal no."), waybill.seal),
        )
        width = INNER / 4
        for place, (label, value) in enumerate(cells):
            x, top = MARGIN + width * (place % 4), y + _TRIP_CELL * (place // 4)
            self._cell(x, top, width, label, value)
        y += 2 * _TRIP_CELL
        if waybill.meeting_point:
            self._cell(MARGIN, y, INNER, N_("Meeting point and contact"), waybill.meeting_point)
            y += _TRIP_CELL
        return y + 4

    def _trip_height(self) -> float:
        return 6.4 + _TRIP_CELL * (3 if self.story.waybill.meeting_point else 2)

    def _cell(self, x: float, y: float, width: float, label: str, value: str) -> None:
        self.paper.box(x, y, width, _TRIP_CELL)
        self.paper.fitted(x + 1.8, y + 3.4, self.both(label), width - 3, size=7)
        self.paper.fitted(x + 1.8, y + 8.4, value, width - 3, size=10, bold=True)

    def _remarks(self, y: float) -> float:
        """Draw the box for remarks; it takes what room the page has left."""
        spare = _END - _FOOT - y - (self._tail() - TOTAL)
        height = _REMARKS + max(0.0, min(18.0, spare))
        self.paper.box(MARGIN, y, INNER, height)
        label = self.both(N_("What is wrong, if anything"))
        self.paper.text(MARGIN + 1.8, y + 4.2, label, size=9, bold=True)
        return y + height + 2.5

    def _warnings(self) -> list[tuple[str, bool]]:
        sentence = N_(
            "Count before you sign. Write every missing or damaged pack above: what is not"
            " written cannot be claimed."
        )
        one, other = self.first.word(sentence), self.second.word(sentence)
        return [(one, True)] if one == other else [(one, True), (other, False)]

    def _warning_height(self) -> float:
        return 3.6 + sum(
            len(broken(words, INNER - 6, 9.5, bold=bold)) * line_height(9.5)
            for words, bold in self._warnings()
        )

    def _warning(self, y: float) -> float:
        height = self._warning_height()
        self.paper.box(MARGIN, y, INNER, height, rule=0.6)
        at = y + 1.4
        for words, bold in self._warnings():
            at = self.paper.block(MARGIN + 3, at, words, INNER - 6, size=9.5, bold=bold)
        return y + height + 2.5

    def _signatures(self, y: float) -> None:
        paper, story = self.paper, self.story
        y = paper.bar(y, self.both(N_("Signatures")))
        width = INNER / 3
        loader = story.loaded_by or ""
        columns = (
            (N_("Loaded by"), loader, N_("Name, date, time, signature")),
            (N_("Carried by"), story.waybill.driver, N_("Name, date, time, signature")),
            (N_("Received by"), "", N_("Name in capitals, date, time, signature, stamp")),
        )
        for place, (label, name, what) in enumerate(columns):
            x = MARGIN + width * place
            paper.box(x, y, width, _SIGNATURES)
            paper.fitted(x + 1.8, y + 4.2, self.both(label), width - 3, size=9, bold=True)
            paper.fitted(x + 1.8, y + 8.2, name, width - 3, size=8)
            below = paper.block(x + 1.8, y + 9, self.first.word(what), width - 3, size=7.5)
            if self.second.word(what) != self.first.word(what):
                paper.block(x + 1.8, below, self.second.word(what), width - 3, size=7)

    def _foot(self, number: int) -> None:
        paper = self.paper
        offline = N_(
            "No network? Keep this copy. The count can be entered later, with its own time."
        )
        paper.fitted(MARGIN, _END - 4.6, self.first.word(offline), INNER - 34, size=7.5)
        if self.second.word(offline) != self.first.word(offline):
            paper.fitted(MARGIN, _END - 1, self.second.word(offline), INNER - 34, size=7)
        page = self.first.say(
            Message(
                N_("{number} · page {page} of {pages}"),
                {"number": self.story.number, "page": number + 1, "pages": len(self.pages)},
            )
        )
        paper.text(WIDTH - MARGIN, _END - 1, page, size=8, align="right")
        if self.story.waybill.state is WaybillState.CANCELLED:
            paper.text(
                WIDTH / 2,
                HEIGHT / 2,
                self.both(N_("CANCELLED")),
                size=40,
                bold=True,
                align="center",
            )

    def _moment(self, moment: datetime | None) -> str:
        return "" if moment is None else self.first.say(Message("{when}", {"when": moment}))


def _shown(place: Place) -> str:
    """Return how a place stands on the paper: a protected site by code and area only."""
    if place.shown_as == place.code:
        return f"{place.code} · {place.area}" if place.area else place.code
    return f"{place.name} ({place.code})"
