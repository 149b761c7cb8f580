"""Quantities: whole numbers of base units inside, packs and typed text at the edges.

A base unit is the smallest thing counted: a piece, a gram, a millilitre. No quantity is
ever a float, and text becomes a number only here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.core.units import BaseUnit

__all__ = ["LARGEST", "BaseUnit", "Packs", "in_packs", "whole_number"]

#: Largest quantity of the ledger, in base units; far inside 64 bits so that sums stay exact.
LARGEST = 10**15


@dataclass(frozen=True, slots=True)
class Packs:
    """``full`` packs and ``loose`` base units beside them."""

    full: int
    loose: int


def in_packs(quantity: int, pack_size: int) -> Packs:
    """Return ``quantity`` base units as full packs of ``pack_size`` and the rest."""
    assert quantity >= 0
    assert pack_size > 0
    return Packs(*divmod(quantity, pack_size))


def whole_number(text: str, *, field: str | None = None, largest: int = LARGEST) -> int:
    """Return the whole number that a person typed, or refuse.

    Spaces that group digits are allowed (1 200; also U+00A0 and U+202F). Commas and points
    are refused, never guessed: 1.200 is twelve hundred in one country and one and a fifth in
    the next. Digits of other scripts, signs, underscores and exponents are refused as well;
    Python's ``int()`` would take "١٢٣" and "1_000".

    Raises:
        Refusal: the text is not such a number, or is above ``largest``.
    """
    tidy = text.strip().translate({0xA0: " ", 0x202F: " ", 0x2009: " "})
    if not re.fullmatch(r"[0-9]{1,18}|[0-9]{1,3}( [0-9]{3})+", tidy):
        raise Refusal(
            Message(
                N_("“{text}” is not a whole number. Write digits only, for example 1200."),
                {"text": text.strip()[:40]},
            ),
            field=field,
        )
    number = int(tidy.replace(" ", ""))
    if number > largest:
        raise Refusal(
            Message(
                N_("{number} is too large. The most is {largest}."),
                {"number": number, "largest": largest},
            ),
            field=field,
        )
    return number
