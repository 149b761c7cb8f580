"""The balance of a stock card as a line of steps: points of an SVG, worked out here.

A picture without a script and without a style of its own: it prints, and it follows the
page's colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

#: The picture's size and the box of the line within it, in the units of its view box.
WIDTH, HEIGHT = 568, 140
LEFT, RIGHT, TOP, BOTTOM = 44, 504, 16, 118


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis; ``value`` is a balance in base units or a day."""

    at: int
    value: int | date


@dataclass(frozen=True, slots=True)
class Chart:
    """``line`` and ``area`` are SVG paths; quantities are base units, divided by ``size``."""

    line: str
    area: str
    levels: tuple[Tick, ...]
    days: tuple[Tick, ...]
    end: tuple[int, int]
    first: int
    highest: int
    last: int
    since: date
    until: date
    size: int


def balance_chart(balances: Sequence[tuple[date, int]], size: int) -> Chart:
    """Return the picture of end-of-day balances, oldest first; ``size`` base units a pack."""
    assert len(balances) > 1
    figures = [quantity for _, quantity in balances]
    top = _round_up(max(*figures, 1), size)
    lowest = min(0, *figures)

    def x(step: int) -> int:
        return LEFT + (RIGHT - LEFT) * step // (len(balances) - 1)

    def y(quantity: int) -> int:
        return BOTTOM - (BOTTOM - TOP) * (quantity - lowest) // (top - lowest)

    parts = [f"M{x(0)} {y(figures[0])}"]
    for step, quantity in enumerate(figures[1:], start=1):
        parts.append(f"H{x(step)}")
        if quantity != figures[step - 1]:
            parts.append(f"V{y(quantity)}")
    line = "".join(parts)
    weeks = range(0, len(balances), 7)
    return Chart(
        line=line,
        area=f"{line}V{y(0)}H{LEFT}Z",
        levels=tuple(Tick(y(value), value) for value in (0, top // 2, top)),
        days=tuple(Tick(x(step), balances[step][0]) for step in weeks),
        end=(x(len(balances) - 1), y(figures[-1])),
        first=figures[0],
        highest=max(figures),
        last=figures[-1],
        since=balances[0][0],
        until=balances[-1][0],
        size=size,
    )


def _round_up(quantity: int, size: int) -> int:
    """Return the next round number of packs above ``quantity``, whose half is whole too."""
    packs = -(-quantity // size)
    step = 1
    while True:
        for factor in (2, 3, 4, 6, 10):
            half_is_whole = factor * step % 2 == 0
            if packs <= factor * step and half_is_whole:
                return factor * step * size
        step *= 10
