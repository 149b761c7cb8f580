"""Sentences of the engine as their reader writes them: items by name, shares as percent."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from decimal import Decimal

from babel.numbers import format_percent

from aidlog.core.text import Message
from aidlog.web.i18n import tongue

_SHARE = re.compile(r"(\d+(?:\.\d+)?)%")


def for_reader(message: Message, items: Mapping[str, str]) -> Message:
    """Return ``message`` in the reader's words, in the sentences in it too.

    A plan freezes names as its planner read them and shares as ``65.7%``. ``items`` are the
    names in the reader's language by the frozen ones.
    """
    return dataclasses.replace(
        message,
        values={gap: _shown(value, items) for gap, value in message.values.items()},
    )


def _shown(value: object, items: Mapping[str, str]) -> object:
    if isinstance(value, Message):
        return for_reader(value, items)
    if not isinstance(value, str):
        return value
    if share := _SHARE.fullmatch(value):
        number = Decimal(share[1]) / 100
        return format_percent(number, locale=tongue().locale, decimal_quantization=False)
    return items.get(value, value)
