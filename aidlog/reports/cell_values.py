"""From what stands in a cell to what it means: never guessed, refused with what to do."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from aidlog.core.errors import Refusal
from aidlog.core.quantity import LARGEST, whole_number
from aidlog.core.text import N_, Message
from aidlog.reports.cells import Cell, OtherCell
from aidlog.reports.problem_sheets import Kind

LONGEST_CODE = 64
LONGEST_TEXT = 500
#: A date that lost its format shows as a number near 46,000; no plan is that many days long.
LONGEST_DAY = 3_660

FIRST_YEAR = 1990

_YES = frozenset({"yes", "y", "true", "1", "oui", "vrai", "ndiyo", "kweli", "yego", "ni yego", "x"})
_NO = frozenset({"no", "n", "false", "0", "non", "faux", "hapana", "si kweli", "oya"})
_SPACES = {0xA0: " ", 0x202F: " ", 0x2009: " ", 0x2007: " "}
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str) -> str:
    """Return ``text`` for comparing: no letter case, one space, no mark at the ends."""
    tidy = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[*:_]", " ", tidy).split())


def read_value(kind: Kind, cell: Cell, words: Mapping[str, str] | None = None) -> Any:
    """Return the JSON value of a cell that is not empty.

    ``words`` maps the plain words of a choice to its value. A :attr:`Kind.DAY` gives a day
    number or a :class:`~datetime.date`, a :attr:`Kind.ROUTES` the parts as text.

    Raises:
        Refusal: the cell holds something else; the sentence says what to write.
    """
    if kind is Kind.CHOICE:
        return _choice(cell, words or {})
    return _READERS[kind](cell)


def _shown(cell: Cell) -> str:
    if isinstance(cell, OtherCell):
        return cell.shown
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell).strip()[:40]


def _text(cell: Cell, longest: int = LONGEST_TEXT) -> str:
    if isinstance(cell, (bool, OtherCell)):
        raise _refusal(N_("“{text}” is not text. Write it as text."), cell)
    text = _shown(cell) if not isinstance(cell, str) else " ".join(cell.translate(_SPACES).split())
    no_longer(text, longest)
    if any(c in _DIRECTIONS or unicodedata.category(c) == "Cc" for c in text):
        raise _refusal(N_("“{text}” holds a character that cannot be seen. Type it anew."), text)
    return text


def no_longer(text: str, longest: int) -> str:
    """Return ``text``, refused where it has more characters than ``longest``."""
    if len(text) > longest:
        raise Refusal(
            Message(
                N_("The text has {length} characters; {longest} is the most. Shorten it."),
                {"length": len(text), "longest": longest},
            )
        )
    return text


def _code(cell: Cell) -> str:
    text = _text(cell, LONGEST_CODE)
    if any(unicodedata.category(c) in {"Cf", "Co", "Cn"} for c in text):
        raise _refusal(N_("“{text}” holds a character that cannot be seen. Type it anew."), text)
    if isinstance(cell, date):
        raise _refusal(
            N_(
                "The spreadsheet program turned this code into the date {text}. Format the column "
                "as text and type the code anew."
            ),
            cell,
        )
    return text


def _whole(cell: Cell) -> int:
    if isinstance(cell, str):
        return _whole_from_text(cell)
    number = _number(cell)
    if not number.is_integer():
        raise _refusal(N_("{text} is not a whole number. Write a whole number."), cell)
    if not 0 <= number <= LARGEST:
        raise Refusal(
            Message(
                N_("{number} is outside 0 to {largest}. Correct it."),
                {"number": _shown(cell), "largest": LARGEST},
            )
        )
    return int(number)


def _whole_from_text(cell: str) -> int:
    """Read a number typed as text; a comma or a point in it means different things to people."""
    text = cell.translate(_SPACES).strip()
    if re.fullmatch(r"[0-9]{1,3}([.,][0-9]{3})+", text):
        raise Refusal(
            Message(
                N_(
                    "“{text}” is {digits} in one country and {fraction} in another. Write the "
                    "digits only: {digits}."
                ),
                {
                    "text": text,
                    "digits": re.sub(r"[.,]", "", text),
                    "fraction": text.replace(",", "."),
                },
            )
            if len(re.findall(r"[.,]", text)) == 1
            else Message(
                N_("“{text}” is not a whole number. Write the digits only: {digits}."),
                {"text": text, "digits": re.sub(r"[.,]", "", text)},
            )
        )
    return whole_number(text)


def _number(cell: Cell) -> float:
    """Return a cell that the spreadsheet program itself holds as a number."""
    if isinstance(cell, date):
        raise _refusal(
            N_("A number is needed; the cell holds the date {text}. Write the number."), cell
        )
    if isinstance(cell, (bool, OtherCell, str)):
        raise _refusal(N_("“{text}” is not a number. Write a number."), cell)
    if not math.isfinite(cell):
        raise _refusal(N_("“{text}” is not a number. Write a number."), str(cell))
    return float(cell)


def _decimal(cell: Cell) -> float:
    number = _decimal_from_text(cell) if isinstance(cell, str) else _number(cell)
    if not 0 <= number <= LARGEST:
        raise Refusal(
            Message(
                N_("{number} is outside 0 to {largest}. Correct it."),
                {"number": _shown(cell), "largest": LARGEST},
            )
        )
    return number


def _decimal_from_text(cell: str) -> float:
    """Read a decimal typed as text. One mark before three digits could group thousands."""
    text = cell.translate(_SPACES).strip()
    if re.fullmatch(r"[0-9]{1,15}|[0-9]{1,3}( [0-9]{3})+", text):
        return float(text.replace(" ", ""))
    if re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", text):
        raise Refusal(
            Message(
                N_(
                    "“{text}” is {digits} in one country and {fraction} in another. Type it as a "
                    "number, not as text."
                ),
                {
                    "text": text,
                    "digits": re.sub(r"[.,]", "", text),
                    "fraction": text.replace(",", "."),
                },
            )
        )
    if re.fullmatch(r"[0-9]{1,15}[.,][0-9]{1,15}", text):
        return float(text.replace(",", "."))
    raise _refusal(N_("“{text}” is not a number. Write a number such as 12.5."), cell)


def _share(cell: Cell) -> float:
    if isinstance(cell, str) and cell.strip().endswith("%"):
        share = _decimal_from_text(cell.strip()[:-1]) / 100
    else:
        share = _decimal(cell)
    if not 0 <= share <= 1:
        raise _refusal(N_("{text} is not a share. Write a percentage such as 40%."), cell)
    return share


def _yes_no(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    word = plain(_shown(cell))
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise _refusal(N_("“{text}” is neither yes nor no. Write yes or no."), cell)


def _date(cell: Cell) -> date:
    if isinstance(cell, date):
        return cell
    if isinstance(cell, str):
        found = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", cell.strip())
        try:
            if found:
                return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError as error:
            raise _refusal(N_("{text} is not in the calendar. Correct the date."), cell) from error
    raise _refusal(
        N_(
            "“{text}” is not read as a date, since day and month could be mixed up. Write year, "
            "month, day, such as 2026-12-31."
        ),
        cell,
    )


def _day(cell: Cell) -> int | date:
    if isinstance(cell, date):
        if cell.year < FIRST_YEAR:
            raise _refusal(
                N_(
                    "The cell shows a day number as a date, {text}. Set its format to General and "
                    "write the number again, or write the date."
                ),
                cell,
            )
        return cell
    if isinstance(cell, str) and not re.fullmatch(r"[0-9 ]+", cell.translate(_SPACES).strip()):
        return _date(cell)
    number = _whole(cell)
    if number > LONGEST_DAY:
        raise _refusal(
            N_(
                "{text} is no day of a plan; it may be a date that lost its format. Write the date "
                "as 2026-12-31, or the day number."
            ),
            cell,
        )
    return number


def _codes(cell: Cell) -> list[str]:
    return [_code(part) for part in re.split(r"[;,\n]", _raw(cell)) if part.strip()]


def _routes(cell: Cell) -> list[str]:
    return [_text(part, 200) for part in re.split(r"[;,\n]", _raw(cell)) if part.strip()]


def _raw(cell: Cell) -> str:
    return cell if isinstance(cell, str) else _code(cell)


def _choice(cell: Cell, words: Mapping[str, str]) -> str:
    word = plain(_shown(cell))
    if word in words:
        return words[word]
    raise Refusal(
        Message(
            N_("“{text}” is not one of the choices. Write one of: {choices}."),
            {"text": _shown(cell), "choices": ", ".join(dict.fromkeys(words))},
        )
    )


def _refusal(template: str, cell: Cell) -> Refusal:
    return Refusal(Message(template, {"text": _shown(cell)}))


_READERS: dict[Kind, Callable[[Cell], Any]] = {
    Kind.CODE: _code,
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.DECIMAL: _decimal,
    Kind.SHARE: _share,
    Kind.YES_NO: _yes_no,
    Kind.DATE: _date,
    Kind.DAY: _day,
    Kind.CODES: _codes,
    Kind.ROUTES: _routes,
}
