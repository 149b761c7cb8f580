"""How numbers, quantities and dates are written for people, in their language.

No figure is rounded upwards: a need that is 99.9 % covered shows 99 %, never 100 %.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_percent
from flask import Flask
from flask_babel import (
    format_currency,
    format_date,
    format_datetime,
    format_decimal,
)
from markupsafe import Markup

from aidlog.core.quantity import BaseUnit, in_packs
from aidlog.core.text import N_, Message
from aidlog.registry.amounts import LARGE, LARGE_UNITS, PACKS, SMALL_UNITS
from aidlog.registry.models import PackKind
from aidlog.web.i18n import DAY, MOMENT, say, tongue, whole

#: Grams in a tonne.
TONNE = 1_000_000


def number(value: int | None) -> str:
    """Return a whole number with this language's grouping; "?" where it is not known."""
    return "?" if value is None else whole(value)


def quantity(value: int | None, unit: BaseUnit | str) -> str:
    """Return ``value`` base units with their unit, exactly: 1500 grams are "1.5 kg"."""
    if value is None:
        return "?"
    unit = BaseUnit(unit)
    if unit in LARGE_UNITS and (abs(value) >= LARGE or value == 0):
        shown = format_decimal(Decimal(value) / LARGE, "#,##0.###")
        return say(Message(LARGE_UNITS[unit], {"number": shown}))
    return say(Message(SMALL_UNITS[unit], {"number": whole(value)}))


def weight(grams: int | None) -> str:
    """Return a weight in tonnes (from one on) or kilograms, rounded down; "?" if not known."""
    if grams is None:
        return "?"
    if grams >= TONNE:
        shown = format_decimal(Decimal(grams * 10 // TONNE) / 10, "#,##0.0")
        return say(Message(N_("{number} t"), {"number": shown}))
    return say(Message(N_("{number} kg"), {"number": whole(grams // LARGE)}))


def load_weight(grams: int, unknown: int) -> str:
    """Return what a load weighs, with how many of its items nobody has weighed.

    What is unknown is said beside the sum and never counted as nothing in it.
    """
    if not unknown:
        return weight(grams)
    number = whole(unknown)
    if not grams:
        return say(
            Message(
                N_("{number} item of unknown weight"),
                {"number": number},
                plural=N_("{number} items of unknown weight"),
                count=unknown,
            )
        )
    return say(
        Message(
            N_("{weight} + {number} item of unknown weight"),
            {"weight": weight(grams), "number": number},
            plural=N_("{weight} + {number} items of unknown weight"),
            count=unknown,
        )
    )


def money(amount: int, currency: str) -> str:
    """Return a whole amount of ``currency``; only the number where the currency is not known."""
    if not currency:
        return whole(amount)
    return str(format_currency(Decimal(amount), currency, "¤#,##0", currency_digits=False))


def packs(value: int, size: int, kind: PackKind | str) -> str:
    """Return ``value`` base units as packs of ``size``: "60 bags", with a rest "60 bags + 5"."""
    split = in_packs(value, size)
    one, many = PACKS[PackKind(kind)]
    full = say(Message(one, {"number": whole(split.full)}, plural=many, count=split.full))
    return f"{full} + {whole(split.loose)}" if split.loose else full


def percent(permille: int | None) -> str:
    """Return ``permille`` as whole percent, rounded down; "?" where it is not known."""
    return "?" if permille is None else _percent(permille // 10, tongue().locale)


@lru_cache(maxsize=4096)
def _percent(share: int, locale: Locale) -> str:
    """Return a share as text; a board writes the same hundred of them over and over."""
    return format_percent(Decimal(share) / 100, locale=locale)


def points(permille: int) -> str:
    """Return a difference of coverage as percentage points, to a tenth."""
    return str(format_decimal(Decimal(permille) / 10, "#,##0.#"))


def day(value: date | None) -> str:
    """Return a calendar date with its month's name: 21 Nov 2026."""
    return "–" if value is None else str(format_date(value, DAY))


def short_day(value: date) -> str:
    """Return a date without its year, for the axis of a chart: 21 Nov."""
    return str(format_date(value, "d MMM"))


def moment(value: datetime | None) -> str:
    """Return a moment in the operation's time zone: 21 Nov 2026, 07:40."""
    return "–" if value is None else str(format_datetime(value, MOMENT))


def coverage_class(permille: int | None) -> str:
    """Return the class of a coverage cell: c0 (a gap) to c4 (covered), cx where not known."""
    if permille is None:
        return "cx"
    return f"c{min(4, max(0, permille) // 250)}"


def register(app: Flask) -> None:
    """Give the templates of ``app`` these filters."""
    for written in (
        number,
        quantity,
        weight,
        load_weight,
        money,
        packs,
        percent,
        points,
        day,
        short_day,
        moment,
        coverage_class,
    ):
        app.add_template_filter(written)
    # Only for the constant drawings of parts/icons.html.
    app.add_template_filter(Markup, "markup")
