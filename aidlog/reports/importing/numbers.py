"""Numbers as files write them: one convention a file, asked where two of them would fit.

55.350 is fifty-five thousand three hundred and fifty in Kinyarwanda and fifty-five and a bit
in English. No cell is read by a convention that nobody named while another one would give
another figure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from aidlog.core.errors import Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message
from aidlog.reports.importing.choices import Numbers

#: So many cells are shown as the file writes them, each as every convention reads it.
SAMPLES = 4

_SPACES = {0xA0: " ", 0x202F: " ", 0x2009: " ", 0x2007: " "}
_FORMS = {
    Numbers.EN: re.compile(r"(\d{1,25}|[1-9]\d{0,2}(?:[ ,]\d{3})+)(?:\.(\d{1,18}))?", re.ASCII),
    Numbers.FR: re.compile(r"(\d{1,25}|[1-9]\d{0,2}(?: \d{3})+)(?:,(\d{1,18}))?", re.ASCII),
    Numbers.RW: re.compile(r"(\d{1,25}|[1-9]\d{0,2}(?:[ .]\d{3})+)(?:,(\d{1,18}))?", re.ASCII),
}
#: As statistics programs write 100000.
_POWER = re.compile(r"(\d(?:\.\d{1,15})?)[eE]\+?(\d{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sample:
    """A cell as it is written, and what each convention makes of it (None: nothing)."""

    written: str
    readings: tuple[tuple[Numbers, Decimal | None], ...]


@dataclass(frozen=True, slots=True)
class Convention:
    """How this file's numbers are read.

    ``read_by`` are the conventions that agree on every number of the file, or the one that
    was chosen. ``open``: they do not agree, and somebody has to say.
    """

    read_by: tuple[Numbers, ...]
    chosen: Numbers | None
    open: bool
    samples: tuple[Sample, ...]
    fitting: tuple[Numbers, ...]

    @property
    def matters(self) -> bool:
        """True where the file has any number with a mark in it."""
        return bool(self.samples)


def convention_of(texts: Iterable[str], chosen: Numbers | None) -> Convention:
    """Work out how the number cells ``texts`` of one file are to be read."""
    marked = [text for text in dict.fromkeys(map(tidy, texts)) if re.search(r"[.,]", text)]
    readings = {text: {form: _by(form, text) for form in Numbers} for text in marked}
    known = {text: by for text, by in readings.items() if any(v is not None for v in by.values())}
    doubtful = [text for text, by in known.items() if len(set(by.values()) - {None}) > 1]
    fitting = tuple(form for form in Numbers if all(by[form] is not None for by in known.values()))
    shown = [*doubtful, *(text for text in known if text not in doubtful)][:SAMPLES]
    return Convention(
        read_by=(chosen,) if chosen else fitting,
        chosen=chosen,
        open=chosen is None and bool(doubtful or not fitting),
        samples=tuple(Sample(text, tuple(readings[text].items())) for text in shown),
        fitting=fitting,
    )


def tidy(text: str) -> str:
    """Return a number cell with plain spaces and none at its ends."""
    return text.translate(_SPACES).strip()


def read_number(cell: str | float, convention: Convention) -> Decimal:
    """Return the number in a cell, exactly as it is written.

    Raises:
        Refusal: no number, or not in the file's convention.
    """
    if not isinstance(cell, str):
        if not math.isfinite(cell):
            raise _no_number(str(cell))
        return _within(Decimal(repr(cell)), str(cell))
    text = tidy(cell)
    for form in convention.read_by or tuple(Numbers):
        number = _by(form, text)
        if number is not None:
            return _within(number, text)
    if power := _POWER.fullmatch(text):
        return _within(Decimal(power[1]).scaleb(int(power[2])), text)
    if text.startswith("-") and text[1:2].isdigit():
        raise Refusal(
            Message(N_("“{text}” is below zero. Write what is there."), {"text": text[:40]})
        )
    if re.match(r"[<>~≈±]", text):
        raise Refusal(
            Message(
                N_("“{text}” is not an exact number. Write one, or leave the cell empty."),
                {"text": text[:40]},
            )
        )
    raise _no_number(text)


def scaled(number: Decimal, *, places: int, rounded: bool) -> int:
    """Return ``number`` counted in 10**-``places``, exactly, or rounded half up if so told.

    Raises:
        Refusal: it is finer than that, or would be rounded away.
    """
    figure = number.scaleb(places)
    whole = int(figure.to_integral_value(rounding="ROUND_HALF_UP"))
    if figure == whole:
        return whole
    if rounded and whole:
        return whole
    if places:
        raise Refusal(
            Message(
                N_("“{text}” is too fine. Write at most {places} digits behind the point."),
                {"text": _plain(number), "places": places},
            )
        )
    raise Refusal(
        Message(N_("{text} is not a whole number. Write a whole number."), {"text": _plain(number)})
    )


def _by(form: Numbers, text: str) -> Decimal | None:
    found = _FORMS[form].fullmatch(text)
    if found is None or "  " in text:
        return None
    marks = set(re.sub(r"\d", "", found[1], flags=re.ASCII))
    if len(marks) > 1:  # 1,000 000: a number is grouped in one way
        return None
    whole = re.sub(r"\D", "", found[1])
    return Decimal(f"{whole}.{found[2]}" if found[2] else whole)


def _within(number: Decimal, text: str) -> Decimal:
    if not 0 <= number <= LARGEST:
        raise Refusal(
            Message(
                N_("{number} is outside 0 to {largest}. Correct it."),
                {"number": text[:40], "largest": LARGEST},
            )
        )
    return number


def _no_number(text: str) -> Refusal:
    return Refusal(
        Message(N_("“{text}” is not a number. Write digits, such as 1200."), {"text": text[:40]})
    )


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"[:40]
