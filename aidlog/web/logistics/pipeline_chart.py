"""The balance of one item over the days to come, as a line of steps: points of an SVG."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aidlog.planning.projection import Outlook, Projection

#: The picture's size and the box of the line within it, in the units of its view box.
WIDTH, HEIGHT = 560, 200
LEFT, RIGHT, TOP, BOTTOM = 76, 545, 22, 172
#: Two days or two levels are written no closer than this, so that they can be read.
APART, ASUNDER = 62, 14


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the picture; ``value`` is a balance in base units or a day of the projection."""

    x: int
    y: int
    value: int


@dataclass(frozen=True, slots=True)
class PipelineChart:
    """``line`` is the path of the balance, ``zero`` the height of nothing left.

    ``arrivals`` stand where goods come, ``runs_out`` where something is missing first.
    """

    line: str
    zero: int
    levels: tuple[Mark, ...]
    days: tuple[Mark, ...]
    arrivals: tuple[Mark, ...]
    runs_out: Mark | None


def pipeline_chart(outlook: Outlook, projection: Projection) -> PipelineChart:
    """Return the picture of ``outlook`` over the days of ``projection``.

    It goes as far below nothing as the stock stands above it; the line ends there, and the
    table says how it goes on.
    """
    end = projection.spans[-1].last
    balances = [outlook.balance(day) for day in range(end + 1)]
    high = max(*balances, projection.opening, 1)
    low = max(min(0, *balances), -high)

    def x(day: int) -> int:
        return LEFT + (RIGHT - LEFT) * day // max(1, end)

    def y(balance: int) -> int:
        return BOTTOM - (BOTTOM - TOP) * (max(balance, low) - low) // (high - low)

    parts = [f"M{x(0)} {y(projection.opening)}V{y(balances[0])}"]
    below = (day for day, balance in enumerate(balances) if balance < low)
    shown = next((day for day in below if max(balances[day:]) < low), end)
    for day in range(1, shown + 1):
        parts.append(f"H{x(day)}")
        if balances[day] != balances[day - 1]:
            parts.append(f"V{y(balances[day])}")
    came = sorted({one.day for one in outlook.arrivals if one.day <= shown})
    out = projection.runs_out
    return PipelineChart(
        line="".join(parts),
        zero=y(0),
        levels=_apart([Mark(LEFT, y(value), value) for value in dict.fromkeys((0, high, low))]),
        days=_apart([Mark(x(span.first), BOTTOM, span.first) for span in projection.spans]),
        arrivals=tuple(Mark(x(day), y(balances[day]), day) for day in came),
        runs_out=None if out is None else Mark(x(out), y(0), out),
    )


def _apart(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Return the marks, the first ones first, without those too close to one already there."""
    kept: list[Mark] = []
    for mark in marks:
        if all(abs(mark.x - k.x) >= APART or abs(mark.y - k.y) >= ASUNDER for k in kept):
            kept.append(mark)
    return tuple(kept)
