"""Decimal figures as people type them, kept as whole numbers of a smaller unit.

1.6 kg is 1 600 000 mg and USD 12.50 is 1 250 cents: exact, and no float on the way.
"""

from __future__ import annotations

import re

from aidlog.core.errors import Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message

#: Currencies without a smaller unit (ISO 4217); all others here have hundredths.
_NO_MINOR_UNITS = frozenset({"BIF", "DJF", "KMF", "RWF", "UGX", "XAF", "XOF"})


def minor_digits(currency: str) -> int:
    """Return how many digits of ``currency`` stand behind the point."""
    return 0 if currency in _NO_MINOR_UNITS else 2


def typed_decimal(
    text: str, *, places: int, field: str | None = None, largest: int = LARGEST
) -> int:
    """Return what a person typed, times ten to the power of ``places``, exactly.

    A point or a comma stands before the fraction; spaces may group the digits before it.
    "1.600" and "1,600" are refused, never guessed: a thousand and a half here, sixteen
    hundred there. "0.600" has one meaning only and is taken.

    Raises:
        Refusal: no such figure, more than ``places`` digits behind the point, or above
            ``largest`` (counted in the smaller unit).
    """
    tidy = text.strip().translate({0xA0: " ", 0x202F: " ", 0x2009: " "})
    parts = re.fullmatch(r"([0-9]{1,15}|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,]([0-9]+))?", tidy)
    if parts is None:
        raise Refusal(
            Message(
                N_("“{text}” is not a figure. Write for example 1.5 or 1,5."),
                {"text": text.strip()[:40]},
            ),
            field=field,
        )
    whole, fraction = parts.group(1).replace(" ", ""), parts.group(2) or ""
    if len(fraction) == 3 and whole[0] != "0" and len(whole) <= 3:
        raise Refusal(
            Message(
                N_("“{text}” can be read in two ways. Write {short} or {long}."),
                {
                    "text": tidy,
                    "short": f"{whole}.{fraction.rstrip('0') or '0'}"
                    if fraction.endswith("0")
                    else f"{whole}.{fraction}0",
                    "long": f"{whole}{fraction}",
                },
            ),
            field=field,
        )
    significant = fraction.rstrip("0")
    if len(significant) > places:
        raise Refusal(
            Message(
                N_("“{text}” is too fine. Write at most {places} digits behind the point."),
                {"text": tidy, "places": places},
            ),
            field=field,
        )
    scaled = int(whole + significant.ljust(places, "0"))
    if scaled > largest:
        raise Refusal(
            Message(N_("“{text}” is too large. Check the figure and its unit."), {"text": tidy}),
            field=field,
        )
    return scaled


def shown_decimal(scaled: int, *, places: int) -> str:
    """Return ``scaled`` as plain digits with a point that :func:`typed_decimal` takes again."""
    assert scaled >= 0
    whole, rest = divmod(scaled, 10**places)
    fraction = str(rest).rjust(places, "0").rstrip("0") if places else ""
    if len(fraction) == 3 and 0 < whole < 1000:
        fraction += "0"
    return f"{whole}.{fraction}" if fraction else str(whole)
