"""Labels for lots: what it is in two languages, its number, its date, its pack, and a QR code.

A label travels with the goods and is read by anyone: no place, no person and no site stands on
it, and a donor's name only where whoever prints it says that the donor agreed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.reports.amounts import Tongue
from aidlog.reports.paper import HEIGHT, WIDTH, Paper, broken, line_height


class LabelSize(StrEnum):
    """How labels lie on the paper."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class Layout:
    """Millimetres: the page, its label, how many across and down, type size of the name."""

    page: tuple[float, float]
    label: tuple[float, float]
    across: int
    down: int
    name: float
    qr: float

    @property
    def on_page(self) -> int:
        return self.across * self.down


LAYOUTS = {
    LabelSize.SMALL: Layout((WIDTH, HEIGHT), (70.0, 37.0), 3, 8, 8.5, 20.0),
    LabelSize.MEDIUM: Layout((WIDTH, HEIGHT), (105.0, 74.0), 2, 4, 13.0, 30.0),
    LabelSize.LARGE: Layout((WIDTH, HEIGHT), (210.0, 148.5), 1, 2, 26.0, 60.0),
    LabelSize.SINGLE: Layout((100.0, 70.0), (100.0, 70.0), 1, 1, 13.0, 30.0),
}

#: More labels than this in one file are a slip of the hand.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Label:
    """What a label says; ``qr`` is an address that holds the lot's number and item code.

    ``names`` are the item's in both languages; ``marking`` the donor's, or empty.
    """

    names: tuple[str, str]
    code: str
    lot: str
    expires_on: date | None
    pack_kind: str
    pack_size: int
    unit: BaseUnit
    owner: str
    marking: str
    qr: str


def labels_pdf(
    labels: Sequence[tuple[Label, int]], size: LabelSize, first: Tongue, second: Tongue
) -> bytes:
    """Return a file with so many copies of each label, one after the other."""
    layout = LAYOUTS[size]
    paper = Paper("labels", width=layout.page[0], height=layout.page[1])
    wanted = [label for label, copies in labels for _ in range(copies)]
    for start in range(0, len(wanted), layout.on_page):
        for at, label in enumerate(wanted[start : start + layout.on_page]):
            x = layout.label[0] * (at % layout.across)
            y = layout.label[1] * (at // layout.across)
            _draw(paper, layout, x, y, label, (first, second))
        paper.turn()
    return paper.bytes()


def _draw(
    paper: Paper,
    layout: Layout,
    x: float,
    y: float,
    label: Label,
    tongues: tuple[Tongue, Tongue],
) -> None:
    wide, high = layout.label
    edge = max(3.5, high * 0.06)
    small = max(6.0, layout.name * 0.62)
    if layout.on_page > 1:
        paper.box(x, y, wide, high, rule=0.1)
    left, inner = x + edge, wide - 2 * edge
    beside = inner - layout.qr - 2
    top = y + edge
    for line in broken(label.names[0], inner, layout.name, bold=True)[:2]:
        top += line_height(layout.name)
        paper.fitted(left, top - 0.8, line, inner, size=layout.name, bold=True)
    if label.names[1] != label.names[0]:
        top += line_height(small)
        paper.fitted(left, top - 0.4, label.names[1], inner, size=small)
    paper.qr(x + wide - edge - layout.qr, y + high - edge - layout.qr, layout.qr, label.qr)
    for words, bold in _lines(label, tongues):
        top += line_height(small) * 1.06
        paper.fitted(left, top, words, beside, size=small * (1.15 if bold else 1), bold=bold)


def _lines(label: Label, tongues: tuple[Tongue, Tongue]) -> Iterator[tuple[str, bool]]:
    first = tongues[0]
    yield first.say(Message(N_("Lot {lot}"), {"lot": label.lot})), True
    if label.expires_on is None:
        yield first.word(N_("No expiry date")), False
    else:
        words = " / ".join(dict.fromkeys(tongue.word(N_("Expires")) for tongue in tongues))
        yield f"{words} {label.expires_on.isoformat()}", True
    if label.pack_size > 1:
        pack = first.packs(1, label.pack_size, label.pack_kind, label.unit)
        yield f"1 {pack}", False
    yield f"{label.code} · {label.owner}", False
    if label.marking:
        yield first.say(Message(N_("Gift of {donor}"), {"donor": label.marking})), False
