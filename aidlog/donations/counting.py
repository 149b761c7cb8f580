"""What the storekeeper counted, and what of it was promised. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """What the storekeeper counted of one lot, in base units of its item.

    ``declared`` is what the papers or the donor said; ``good`` can be used and ``damaged``
    is set aside. What is missing or in excess follows from the three.
    """

    item_id: int
    lot_number: str
    expires_on: date | None
    pack_kind: str
    pack_size: int
    declared: int
    good: int
    damaged: int = 0
    reason: str = ""

    @property
    def missing(self) -> int:
        return max(0, self.declared - self.good - self.damaged)

    @property
    def excess(self) -> int:
        return max(0, self.good + self.damaged - self.declared)


@dataclass(frozen=True, slots=True)
class NotedLine:
    """A line as the note keeps it. ``number`` is that of the counted line, from 1.

    ``unpledged`` goods came beside a pledge: more than was promised, or another item.
    """

    number: int
    line: CountedLine
    unpledged: bool


def split(line: CountedLine, room: int) -> tuple[CountedLine, CountedLine | None]:
    """Return what of ``line`` makes a promise good, and what is more than was promised.

    ``room`` is how much of the promise is still open, in base units; only good goods fill
    it. Declared, good, damaged, missing and excess of the two parts add up to those of
    ``line``: what was not promised is the first to be in excess.
    """
    assert room >= 0
    over = line.good - room
    if over <= 0:
        return line, None
    declared = over - min(line.excess, over)
    more = replace(line, declared=declared, good=over, damaged=0)
    kept = replace(line, declared=line.declared - declared, good=room)
    assert (kept.missing, kept.excess + more.excess) == (line.missing, line.excess)
    return kept, more
