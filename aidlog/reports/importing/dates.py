"""Days as files write them. 03/04/2027 is two days; which one is asked once a file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NoReturn

from aidlog.core.errors import Refusal
from aidlog.core.spelling import bare
from aidlog.core.text import N_, Message
from aidlog.reports.cells import Cell, OtherCell
from aidlog.reports.importing.choices import DayOrder

SAMPLES = 4
#: Excel counts days from here; a bare number in this range is a day that lost its format.
_EXCEL_DAY_NOUGHT = date(1899, 12, 30)
_LIKE_A_DAY = range(30_000, 80_000)

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d\d:\d\d.*)?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d\d)", re.ASCII)
_NAMED = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)? ?([a-z]{3,12}) (\d{4})", re.ASCII)
_NAMED_FIRST = re.compile(r"([a-z]{3,12}) (\d{1,2}) (\d{4})", re.ASCII)
_MONTHS = (
    ("january", "janvier", "januari", "mutarama"),
    ("february", "fevrier", "februari", "gashyantare"),
    ("march", "mars", "machi", "werurwe"),
    ("april", "avril", "aprili", "mata"),
    ("may", "mai", "mei", "gicurasi"),
    ("june", "juin", "juni", "kamena"),
    ("july", "juillet", "julai", "nyakanga"),
    ("august", "aout", "agosti", "kanama"),
    ("september", "septembre", "septemba", "nzeri"),
    ("october", "octobre", "oktoba", "ukwakira"),
    ("november", "novembre", "novemba", "ugushyingo"),
    ("december", "decembre", "desemba", "ukuboza"),
)
_SHORT = {"sept": 9, "juil": 7, "fev": 2, "avr": 4, "aou": 8, "jui": 0, "mac": 0}


@dataclass(frozen=True, slots=True)
class Order:
    """How this file's days are read; ``open`` where somebody has to say."""

    chosen: DayOrder | None
    open: bool
    samples: tuple[str, ...]


def order_of(texts: Iterable[str], chosen: DayOrder | None) -> Order:
    """Look whether the day cells ``texts`` of one file can be read in two ways."""
    doubtful = [text for text in dict.fromkeys(texts) if _two_ways(text)]
    return Order(chosen, chosen is None and bool(doubtful), tuple(doubtful[:SAMPLES]))


def read_day(cell: Cell, order: Order) -> date:
    """Return the day in a cell.

    Raises:
        Refusal: it is no day of the calendar, only a part of one, or one of two.
    """
    if isinstance(cell, date):
        return cell
    if isinstance(cell, OtherCell):
        return read_day(cell.shown, order)
    if not isinstance(cell, str):
        raise _a_number(cell)
    text = " ".join(cell.replace("\xa0", " ").split())
    if found := _ISO.fullmatch(text):
        return _day(text, int(found[1]), int(found[2]), int(found[3]))
    if found := _SLASHED.fullmatch(text):
        return _slashed(text, found, order)
    return _named(text) or _no_day(text)


def _named(text: str) -> date | None:
    """Return a day whose month is written as a word, None where it is not."""
    words = bare(text)
    if (found := _NAMED.fullmatch(words)) and (month := _month(found[2])):
        return _day(text, int(found[3]), month, int(found[1]))
    if (found := _NAMED_FIRST.fullmatch(words)) and (month := _month(found[1])):
        return _day(text, int(found[3]), month, int(found[2]))
    return None


def _no_day(text: str) -> NoReturn:
    if re.fullmatch(r"\d{1,11}(\.0*)?", text, re.ASCII):
        raise _a_number(float(text))
    if re.fullmatch(r"\d{1,2}[-/. ]\d{4}|\d{4}[-/.]\d{1,2}|[a-z]+ \d{2,4}", text.casefold()):
        raise Refusal(
            Message(
                N_("“{text}” has no day. Write the whole date, such as 2026-12-31."),
                {"text": text[:40]},
            )
        )
    raise Refusal(
        Message(
            N_("“{text}” is not read as a date. Write year, month, day, such as 2026-12-31."),
            {"text": text[:40]},
        )
    )


def _slashed(text: str, found: re.Match[str], order: Order) -> date:
    one, two = int(found[1]), int(found[2])
    if len(found[3]) == 2 and order.chosen is None:
        raise Refusal(
            Message(
                N_("“{text}” writes the year with two digits. Write it as 2026-12-31."),
                {"text": text},
            )
        )
    year = int(found[3]) if len(found[3]) == 4 else 2_000 + int(found[3])
    if order.chosen is DayOrder.DAY_FIRST:
        return _day(text, year, two, one)
    if order.chosen is DayOrder.MONTH_FIRST:
        return _day(text, year, one, two)
    if _two_ways(text):
        raise Refusal(
            Message(
                N_(
                    "“{text}” is {one} in one country and {other} in another. Say once for the "
                    "file which comes first, or write it as {one}."
                ),
                {
                    "text": text,
                    "one": date(year, two, one).isoformat(),
                    "other": date(year, one, two).isoformat(),
                },
            )
        )
    return _day(text, year, two, one) if two <= 12 else _day(text, year, one, two)


def _two_ways(text: str) -> bool:
    found = _SLASHED.fullmatch(" ".join(text.split()))
    if found is None:
        return False
    one, two = int(found[1]), int(found[2])
    return 0 < one <= 12 and 0 < two <= 12 and (one != two or len(found[3]) == 2)


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise Refusal(
            Message(N_("{text} is not in the calendar. Correct the date."), {"text": text[:40]})
        ) from error
    if not 1990 <= year <= 2100:
        raise Refusal(
            Message(N_("{text} is not a year of today's goods. Correct the date."), {"text": text})
        )
    return found


def _month(word: str) -> int:
    """Return the number of a month by its name or a beginning that only one month has."""
    if word in _SHORT:
        return _SHORT[word]
    fitting = {
        number
        for number, names in enumerate(_MONTHS, start=1)
        for name in names
        if name == word or (len(word) >= 3 and name.startswith(word))
    }
    return fitting.pop() if len(fitting) == 1 else 0


def _a_number(cell: float) -> Refusal:
    if cell == int(cell) and int(cell) in _LIKE_A_DAY:
        return Refusal(
            Message(
                N_(
                    "{number} may be a date that lost its format: {date}. Format the cell as a "
                    "date, or write {date}."
                ),
                {
                    "number": int(cell),
                    "date": (_EXCEL_DAY_NOUGHT + timedelta(days=int(cell))).isoformat(),
                },
            )
        )
    shown = str(int(cell)) if cell == int(cell) else str(cell)
    return Refusal(
        Message(
            N_("“{text}” is not read as a date. Write year, month, day, such as 2026-12-31."),
            {"text": shown[:40]},
        )
    )
