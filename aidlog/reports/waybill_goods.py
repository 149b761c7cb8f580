"""The table of goods of a printed waybill: what was loaded, and room for what was received."""

from __future__ import annotations

from collections.abc import Sequence

from aidlog.core.quantity import in_packs
from aidlog.core.text import N_, Message
from aidlog.dispatch.story import Line
from aidlog.reports.amounts import Tongue
from aidlog.reports.paper import INNER, MARGIN, Paper, broken, line_height

#: Millimetres: number, item, lot, expiry, packs, kind, total, kg, and three to write in.
WIDTHS = (6.5, 38.0, 23.5, 17.5, 11.0, 23.5, 17.0, 14.0, 12.4, 12.3, 12.3)
LOADED = sum(WIDTHS[:8])
BAR, HEADS, ROW, TOTAL = 6.4, 9.4, 10.6, 9.4


class GoodsTable:
    """The goods of one waybill, drawn from ``y`` downwards; every part returns where it ends."""

    def __init__(self, paper: Paper, lines: Sequence[Line], first: Tongue, second: Tongue) -> None:
        self.paper, self.lines = paper, lines
        self.first, self.second = first, second

    def both(self, template: str) -> str:
        """Return a marked word in both languages, once where they agree."""
        return both(self.first, self.second, template)

    def heads(self, y: float) -> float:
        paper = self.paper
        paper.bar(y, "2 · " + self.both(N_("Loaded")), width=LOADED)
        y = paper.bar(
            y, "3 · " + self.both(N_("Received")), x=MARGIN + LOADED, width=INNER - LOADED
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
            width = WIDTHS[place] + (WIDTHS[place + 1] if how == "span" else 0)
            if how != "skip":
                paper.box(x, y, width, HEADS, fill="grey")
                self._head(x, y, width, label, right=how == "right")
            x += WIDTHS[place]
        return y + HEADS

    def _head(self, x: float, y: float, width: float, label: str, *, right: bool) -> None:
        at, align = (x + width - 1.2, "right") if right else (x + 1.2, "left")
        one = self.first.word(label)
        other = self.second.word(label)
        self.paper.fitted(at, y + 4, one, width - 2, size=8, bold=True, align=align)
        if other != one:
            self.paper.fitted(at, y + 7.6, other, width - 2, size=7, align=align)

    def line(self, y: float, line: Line) -> float:
        paper, first = self.paper, self.first
        height = self.height(line)
        paper.row(y, height, WIDTHS)
        packs = in_packs(line.quantity, line.pack_size)
        unit = line.item.base_unit
        at = _lefts()
        paper.text(at[0] + WIDTHS[0] - 1.2, y + 4.0, str(line.number), size=8, align="right")
        below = paper.block(
            at[1] + 1.2,
            y + 1.0,
            line.item.name_in(first.language),
            WIDTHS[1] - 2,
            bold=True,
            size=8.5,
        )
        other = self._other_name(line)
        if other:
            paper.block(at[1] + 1.2, below, other, WIDTHS[1] - 2, size=7.5)
        paper.block(at[2] + 1.2, y + 1.0, line.lot, WIDTHS[2] - 2, size=8)
        expiry = line.expires_on.isoformat() if line.expires_on else "–"
        paper.text(at[3] + 1.2, y + 4.0, expiry, size=8)
        paper.fitted(
            at[4] + WIDTHS[4] - 1.2,
            y + 5.2,
            first.number(packs.full),
            WIDTHS[4] - 2,
            size=12,
            bold=True,
            align="right",
        )
        kind = first.packs(packs.full, line.pack_size, line.pack_kind, unit)
        below = paper.block(at[5] + 1.2, y + 1.0, kind, WIDTHS[5] - 2, size=8)
        if packs.loose:
            loose = Message(N_("and {loose} loose"), {"loose": first.amount(packs.loose, unit)})
            paper.fitted(at[5] + 1.2, below + 3, first.say(loose), WIDTHS[5] - 2, size=8, bold=True)
        paper.fitted(
            at[6] + WIDTHS[6] - 1.2,
            y + 4.0,
            first.amount(line.quantity, unit),
            WIDTHS[6] - 2,
            size=8.5,
            align="right",
        )
        paper.fitted(
            at[7] + WIDTHS[7] - 1.2,
            y + 4.0,
            "?" if line.grams is None else first.kilograms(line.grams),
            WIDTHS[7] - 2,
            size=8.5,
            align="right",
        )
        return y + height

    def height(self, line: Line) -> float:
        """Return the height of a line: as high as its names need, never under a write-in cell."""
        name = broken(line.item.name_in(self.first.language), WIDTHS[1] - 2, 8.5, bold=True)
        other = broken(self._other_name(line), WIDTHS[1] - 2, 7.5)
        lot = broken(line.lot, WIDTHS[2] - 2, 8)
        used = max(
            len(name) * line_height(8.5) + len(other) * line_height(7.5),
            len(lot) * line_height(8),
        )
        return max(ROW, used + 1.6)

    def _other_name(self, line: Line) -> str:
        other = line.item.name_in(self.second.language)
        return "" if other == line.item.name_in(self.first.language) else other

    def empty_rows(self, y: float, until: float) -> float:
        """Rule rows for goods that came without standing on the paper, up to three."""
        for _ in range(3):
            if y + ROW > until:
                break
            self.paper.row(y, ROW, WIDTHS)
            y += ROW
        return y

    def total(self, y: float) -> float:
        paper, first, lines = self.paper, self.first, self.lines
        label = sum(WIDTHS[:4])
        widths = (label, *WIDTHS[4:])
        paper.row(y, TOTAL, widths)
        paper.text(MARGIN + 1.8, y + 6, self.both(N_("Total")), size=9, bold=True)
        at = _lefts()
        packs = sum(line.quantity // line.pack_size for line in lines)
        paper.fitted(
            at[4] + WIDTHS[4] - 1.2,
            y + 6.2,
            first.number(packs),
            WIDTHS[4] - 2,
            size=12,
            bold=True,
            align="right",
        )
        paper.fitted(at[5] + 1.2, y + 6, self.both(N_("packs")), WIDTHS[5] - 2, size=8)
        if any(line.quantity % line.pack_size for line in lines):
            paper.fitted(at[6] + 1.2, y + 6, first.word(N_("+ loose")), WIDTHS[6] - 2, size=8)
        paper.fitted(
            at[7] + WIDTHS[7] - 1.2,
            y + 6,
            self._weight(),
            WIDTHS[7] - 2,
            size=9,
            bold=True,
            align="right",
        )
        return y + TOTAL

    def _weight(self) -> str:
        """Return the load in kilograms; what nobody knows is said, never counted as nothing."""
        known = sum(line.grams or 0 for line in self.lines)
        unknown = any(line.grams is None for line in self.lines)
        shown = [self.first.kilograms(known)] if known else []
        return " + ".join([*shown, "?"] if unknown else shown)


def both(first: Tongue, second: Tongue, template: str) -> str:
    """Return a marked word in two languages, once where they agree."""
    one, other = first.word(template), second.word(template)
    return one if one == other else f"{one} / {other}"


def _lefts() -> Sequence[float]:
    """Return where the columns of the table begin."""
    lefts = [MARGIN]
    for width in WIDTHS:
        lefts.append(lefts[-1] + width)
    return lefts
