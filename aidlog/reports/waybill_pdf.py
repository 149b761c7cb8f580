"""The waybill on paper: four named copies, two languages, room to write what is missing.

The QR code holds the waybill's number, its check code and a token: no place and no person. A
protected site stands there by code and area, with the meeting point and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from aidlog.core.quantity import in_packs
from aidlog.core.text import N_, Message
from aidlog.dispatch.models import WaybillState
from aidlog.dispatch.story import Line, Story
from aidlog.registry.models import Place
from aidlog.reports.amounts import Tongue
from aidlog.reports.paper import HEIGHT, INNER, MARGIN, WIDTH, Paper, broken, line_height

#: Who keeps which copy, in the order in which they are torn off.
COPIES = (N_("Receiver"), N_("Transporter"), N_("Sender"), N_("Logistics office"))

#: Millimetres: number, item, lot, expiry, packs, kind, total, kg, and three to write in.
_WIDTHS = (6.5, 38.0, 23.5, 17.5, 11.0, 23.5, 17.0, 14.0, 12.4, 12.3, 12.3)
_LOADED = sum(_WIDTHS[:8])
_HEADER, _TRIP_CELL, _HEADS, _ROW = 30.0, 11.2, 9.4, 10.6
_TOTAL, _REMARKS, _SIGNATURES, _FOOT = 9.4, 22.0, 33.0, 11.0
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
        self.pages = list(self._paginated())

    def both(self, template: str) -> str:
        """Return a marked word in both languages, once where they agree."""
        one, other = self.first.word(template), self.second.word(template)
        return one if one == other else f"{one} / {other}"

    def draw_copy(self, copy: int) -> None:
        for number, lines in enumerate(self.pages):
            y = self._header(copy)
            if number == 0:
                y = self._trip(y)
            y = self._heads(y)
            for line in lines:
                y = self._line(y, line)
            if number == len(self.pages) - 1:
                y = self._empty_rows(y)
                y = self._total(y)
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
            height = self._height(line)
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
        return MARGIN + _HEADER + trip + 6.4 + _HEADS

    def _tail(self) -> float:
        return _TOTAL + _REMARKS + self._warning_height() + 5 + 6.4 + _SIGNATURES

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

    def _heads(self, y: float) -> float:
        paper = self.paper
        paper.bar(y, "2 · " + self.both(N_("Loaded")), width=_LOADED)
        y = paper.bar(
            y, "3 · " + self.both(N_("Received")), x=MARGIN + _LOADED, width=INNER - _LOADED
        )
        heads = (
            ("#", ""),
            (N_("Item"), "left"),
            (N_("Lot"), "left"),
            (N_("Expires"), "left"),
            (N_("Packs loaded"), "span"),
            ("", "skip"),
            (N_("Total"), "right"),
            (N_("kg"), "right"),
            (N_("Good"), "left"),
            (N_("Missing"), "left"),
            (N_("Damaged"), "left"),
        )
        x = MARGIN
        for place, (label, how) in enumerate(heads):
            width = _WIDTHS[place] + (_WIDTHS[place + 1] if how == "span" else 0)
            if how != "skip":
                paper.box(x, y, width, _HEADS, fill="grey")
                self._head(x, y, width, label, right=how == "right")
            x += _WIDTHS[place]
        return y + _HEADS

    def _head(self, x: float, y: float, width: float, label: str, *, right: bool) -> None:
        at, align = (x + width - 1.2, "right") if right else (x + 1.2, "left")
        one = self.first.word(label)
        other = self.second.word(label)
        self.paper.fitted(at, y + 4, one, width - 2, size=8, bold=True, align=align)
        if other != one:
            self.paper.fitted(at, y + 7.6, other, width - 2, size=7, align=align)

    def _line(self, y: float, line: Line) -> float:
        paper, first = self.paper, self.first
        height = self._height(line)
        paper.row(y, height, _WIDTHS)
        packs = in_packs(line.quantity, line.pack_size)
        unit = line.item.base_unit
        at = _lefts()
        paper.text(at[0] + _WIDTHS[0] - 1.2, y + 4.0, str(line.number), size=8, align="right")
        below = paper.block(
            at[1] + 1.2,
            y + 1.0,
            line.item.name_in(first.language),
            _WIDTHS[1] - 2,
            bold=True,
            size=8.5,
        )
        other = self._other_name(line)
        if other:
            paper.block(at[1] + 1.2, below, other, _WIDTHS[1] - 2, size=7.5)
        paper.block(at[2] + 1.2, y + 1.0, line.lot, _WIDTHS[2] - 2, size=8)
        expiry = line.expires_on.isoformat() if line.expires_on else "–"
        paper.text(at[3] + 1.2, y + 4.0, expiry, size=8)
        paper.fitted(
            at[4] + _WIDTHS[4] - 1.2,
            y + 5.2,
            first.number(packs.full),
            _WIDTHS[4] - 2,
            size=12,
            bold=True,
            align="right",
        )
        kind = first.packs(packs.full, line.pack_size, line.pack_kind, unit)
        below = paper.block(at[5] + 1.2, y + 1.0, kind, _WIDTHS[5] - 2, size=8)
        if packs.loose:
            loose = Message(N_("and {loose} loose"), {"loose": first.amount(packs.loose, unit)})
            paper.fitted(
                at[5] + 1.2, below + 3, first.say(loose), _WIDTHS[5] - 2, size=8, bold=True
            )
        paper.fitted(
            at[6] + _WIDTHS[6] - 1.2,
            y + 4.0,
            first.amount(line.quantity, unit),
            _WIDTHS[6] - 2,
            size=8.5,
            align="right",
        )
        paper.fitted(
            at[7] + _WIDTHS[7] - 1.2,
            y + 4.0,
            "?" if line.grams is None else first.kilograms(line.grams),
            _WIDTHS[7] - 2,
            size=8.5,
            align="right",
        )
        return y + height

    def _height(self, line: Line) -> float:
        """Return the height of a line: as high as its names need, never under a write-in cell."""
        name = broken(line.item.name_in(self.first.language), _WIDTHS[1] - 2, 8.5, bold=True)
        other = broken(self._other_name(line), _WIDTHS[1] - 2, 7.5)
        lot = broken(line.lot, _WIDTHS[2] - 2, 8)
        used = max(
            len(name) * line_height(8.5) + len(other) * line_height(7.5),
            len(lot) * line_height(8),
        )
        return max(_ROW, used + 1.6)

    def _other_name(self, line: Line) -> str:
        other = line.item.name_in(self.second.language)
        return "" if other == line.item.name_in(self.first.language) else other

    def _empty_rows(self, y: float) -> float:
        """Rule rows for goods that came without standing on the paper, up to three."""
        for _ in range(3):
            if y + _ROW + self._tail() > _END - _FOOT:
                break
            self.paper.row(y, _ROW, _WIDTHS)
            y += _ROW
        return y

    def _total(self, y: float) -> float:
        paper, first, lines = self.paper, self.first, self.story.lines
        label = sum(_WIDTHS[:4])
        widths = (label, *_WIDTHS[4:])
        paper.row(y, _TOTAL, widths)
        paper.text(MARGIN + 1.8, y + 6, self.both(N_("Total")), size=9, bold=True)
        at = _lefts()
        packs = sum(line.quantity // line.pack_size for line in lines)
        paper.fitted(
            at[4] + _WIDTHS[4] - 1.2,
            y + 6.2,
            first.number(packs),
            _WIDTHS[4] - 2,
            size=12,
            bold=True,
            align="right",
        )
        paper.fitted(at[5] + 1.2, y + 6, self.both(N_("packs")), _WIDTHS[5] - 2, size=8)
        if any(line.quantity % line.pack_size for line in lines):
            paper.fitted(at[6] + 1.2, y + 6, first.word(N_("+ loose")), _WIDTHS[6] - 2, size=8)
        paper.fitted(
            at[7] + _WIDTHS[7] - 1.2,
            y + 6,
            self._weight(),
            _WIDTHS[7] - 2,
            size=9,
            bold=True,
            align="right",
        )
        return y + _TOTAL

    def _weight(self) -> str:
        """Return the load in kilograms; what nobody knows is said, never counted as nothing."""
        known = sum(line.grams or 0 for line in self.story.lines)
        unknown = any(line.grams is None for line in self.story.lines)
        shown = [self.first.kilograms(known)] if known else []
        return " + ".join([*shown, "?"] if unknown else shown)

    def _remarks(self, y: float) -> float:
        """Draw the box for remarks; it takes what room the page has left."""
        spare = _END - _FOOT - y - (self._tail() - _TOTAL)
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


def _lefts() -> Sequence[float]:
    """Return where the columns of the table begin."""
    lefts = [MARGIN]
    for width in _WIDTHS:
        lefts.append(lefts[-1] + width)
    return lefts
