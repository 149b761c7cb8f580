"""What a waybill carried when somebody looked at it, kept in the form that they send.

What is typed beside a line belongs to that lot and that quantity, and not to whatever stands
in its place of the list by the time it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from aidlog.core.errors import Conflict, Refusal
from aidlog.core.text import N_, Message

_LINE = re.compile(r"([0-9]{1,15}):([0-9]{1,15}):([0-9]{1,15})")


class Carried(Protocol):
    """A line of a waybill: base units of a lot, in packs of so many."""

    @property
    def lot_id(self) -> int: ...

    @property
    def quantity(self) -> int: ...

    @property
    def pack_size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line as it stood on the screen; ``number`` counts from 1, as on the paper."""

    number: int
    lot_id: int
    quantity: int
    pack_size: int


class NotSeen(Refusal):
    """A form that does not say what was on the screen."""


class ChangedMeanwhile(Conflict):
    """The waybill does not carry any more what the person saw when deciding about it."""


def as_seen(lines: Iterable[Carried]) -> str:
    """Return what a waybill carries as one word: lots, quantities and packs in their order."""
    return ",".join(f"{line.lot_id}:{line.quantity}:{line.pack_size}" for line in lines)


def seen_lines(seen: str) -> list[SeenLine]:
    """Return the lines that as_seen() wrote down.

    Raises:
        NotSeen: it is nothing of the kind.
    """
    found = [_LINE.fullmatch(part) for part in seen.split(",")]
    lines = [
        SeenLine(number, int(part[1]), int(part[2]), int(part[3]))
        for number, part in enumerate(found, start=1)
        if part is not None and int(part[3]) > 0
    ]
    if len(lines) != len(found):
        raise NotSeen(Message(N_("This form came without its lines. Open it anew.")))
    return lines


def must_be_as_seen(lines: Iterable[Carried], seen: str, number: str) -> None:
    """Raise unless waybill ``number`` carries what was ``seen``; empty was not looked at.

    Raises:
        ChangedMeanwhile: somebody changed it since.
    """
    if seen and seen != as_seen(lines):
        raise changed_meanwhile(number)


def changed_meanwhile(number: str) -> ChangedMeanwhile:
    """Return the refusal of a form whose lines are not those of the waybill any more."""
    return ChangedMeanwhile(
        Message(
            N_(
                "Waybill {number} was changed while you looked at it. Nothing was saved."
                " Look at its lines and write again."
            ),
            {"number": number},
        )
    )
