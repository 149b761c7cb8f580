"""Which lots to take: first expiry first, as a storekeeper takes them from the shelf. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Shelf:
    """A lot that may be taken from, and how many base units of it at most."""

    lot_id: int
    available: int
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Pick:
    """``quantity`` base units of a lot to take."""

    lot_id: int
    quantity: int


def first_expiring(shelves: Iterable[Shelf], quantity: int, *, today: date) -> list[Pick]:
    """Return what to take of each lot for ``quantity`` base units in all.

    Lots that expire first are taken first, lots without a date last, older lots before newer
    ones; what has expired is left where it is. Where there is less than asked, the picks add
    up to less, and the caller says so.
    """
    assert quantity > 0
    picks = []
    left = quantity
    for shelf in sorted(shelves, key=_order):
        if shelf.available <= 0 or (shelf.expires_on is not None and shelf.expires_on < today):
            continue
        taken = min(left, shelf.available)
        picks.append(Pick(shelf.lot_id, taken))
        left -= taken
        if left == 0:
            break
    return picks


def _order(shelf: Shelf) -> tuple[bool, date, int]:
    return shelf.expires_on is None, shelf.expires_on or date.max, shelf.lot_id
