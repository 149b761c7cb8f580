"""What a person settled about one file: once each, and for the whole of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from aidlog.core.text import N_


class Numbers(StrEnum):
    """How a file writes numbers, named after a language that writes them so."""

    EN = "en"
    FR = "fr"
    RW = "rw"


class DayOrder(StrEnum):
    """Whether 03/04/2027 is in April or in March."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


NUMBER_WORDS: Mapping[Numbers, str] = {
    Numbers.EN: N_("1,234.5 – commas between thousands, a point before the fraction"),
    Numbers.FR: N_("1 234,5 – spaces between thousands, a comma before the fraction"),
    Numbers.RW: N_("1.234,5 – points between thousands, a comma before the fraction"),
}
DAY_WORDS: Mapping[DayOrder, str] = {
    DayOrder.DAY_FIRST: N_("Day before month: 03/04/2027 is 3 April"),
    DayOrder.MONTH_FIRST: N_("Month before day: 03/04/2027 is 4 March"),
}


@dataclass(frozen=True, slots=True)
class Choices:
    """The answers to what a file leaves open.

    ``sheet`` and ``header_row`` (from 1; 0 for no headings) where the file was misread.
    ``columns`` maps a column's position from 0 to its field, "" for not to be read.
    ``given`` are values for every row, by field; ``meanings`` what a spelling stands for.
    ``again``: the file was imported before, and is meant.
    """

    sheet: str | None = None
    header_row: int | None = None
    columns: Mapping[int, str] = field(default_factory=dict)
    numbers: Numbers | None = None
    dates: DayOrder | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    again: bool = False

    def to_json(self) -> str:
        """Return the answers as text to be kept beside the file."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Choices:
        """Return the answers that :meth:`to_json` wrote down."""
        kept: dict[str, Any] = json.loads(text or "{}")
        return cls(
            sheet=kept.get("sheet"),
            header_row=kept.get("header_row"),
            columns={int(place): name for place, name in kept.get("columns", {}).items()},
            numbers=Numbers(kept["numbers"]) if kept.get("numbers") else None,
            dates=DayOrder(kept["dates"]) if kept.get("dates") else None,
            given=kept.get("given", {}),
            meanings=kept.get("meanings", {}),
            again=bool(kept.get("again")),
        )
