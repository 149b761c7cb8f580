"""How long the stock lasts: what is there, what comes, what will be needed, day by day. Pure.

Day 0 is today; the need through day ``d`` is that of ``d + 1`` days. What comes on a day can be
used on it. A need that was not met stays: the balance below zero is what will be missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aidlog.needs.arithmetic import Due, need_of_units
from aidlog.planning.choices import Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The need of one site for one item, less what the site has (``held``): base units.

    ``due`` occurs ``units`` times. Without it the need is a figure of its own, ``once``, and
    falls on the first day, as does what is given once.
    """

    held: int
    units: int = 0
    due: Due | None = None
    once: int = 0

    def through(self, day: int) -> int:
        """Return what is needed from outside the site up to and with ``day``."""
        if self.due is None:
            return max(0, self.once - self.held)
        return max(0, (need_of_units(self.due, self.units, day + 1) or 0) - self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """``quantity`` base units that are expected on ``day``."""

    day: int
    quantity: int
    certainty: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some days, first and last included: what comes, what is needed, what is left at the end."""

    first: int
    last: int
    coming: Mapping[Certainty, int]
    need: int
    balance: int

    @property
    def came(self) -> int:
        """All that is expected in these days, however sure."""
        return sum(self.coming.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """One item over all days: ``runs_out`` is the first day on which something is missing.

    ``next_arrival`` is the first day on which goods come. Both are None where there is none
    within the days that were looked at.
    """

    opening: int
    spans: Sequence[Span]
    runs_out: int | None
    next_arrival: int | None

    @property
    def breaks(self) -> bool:
        """Say whether it runs out before the next goods come, or with none coming."""
        return self.runs_out is not None and (
            self.next_arrival is None or self.runs_out < self.next_arrival
        )

    @property
    def missing(self) -> int:
        """What is missing at the end, in base units."""
        return max(0, -self.spans[-1].balance)


@dataclass(frozen=True)
class Outlook:
    """Stock, needs and arrivals of one item; ``opening`` base units today."""

    opening: int
    curves: Sequence[Curve]
    arrivals: Sequence[Arrival]
    _needs: dict[int, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def need(self, day: int) -> int:
        """Return what all sites need up to and with ``day``; before today nothing."""
        if day < 0:
            return 0
        if day not in self._needs:
            self._needs[day] = sum(curve.through(day) for curve in self.curves)
        return self._needs[day]

    def balance(self, day: int) -> int:
        """Return what is left, or below zero missing, at the end of ``day``."""
        came = sum(one.quantity for one in self.arrivals if one.day <= day)
        return self.opening + came - self.need(day)

    def projection(self, spans: Sequence[tuple[int, int]]) -> Projection:
        """Return the projection over ``spans`` (first and last day), which follow each other."""
        assert spans, "a projection looks at one span at least"
        assert spans[0][0] == 0, "a projection starts today"
        end = spans[-1][1]
        days = [one.day for one in self.arrivals if one.day <= end]
        return Projection(
            opening=self.opening,
            spans=[self._span(first, last) for first, last in spans],
            runs_out=self._runs_out(end),
            next_arrival=min(days, default=None),
        )

    def _span(self, first: int, last: int) -> Span:
        coming: dict[Certainty, int] = {}
        for one in self.arrivals:
            if first <= one.day <= last:
                coming[one.certainty] = coming.get(one.certainty, 0) + one.quantity
        return Span(
            first=first,
            last=last,
            coming=coming,
            need=self.need(last) - self.need(first - 1),
            balance=self.balance(last),
        )

    def _runs_out(self, end: int) -> int | None:
        """Return the first day below zero: between two arrivals the balance only falls."""
        starts = sorted({0, *(one.day for one in self.arrivals if 0 < one.day <= end)})
        for start, following in zip(starts, [*starts[1:], end + 1], strict=True):
            low, high = start, following - 1
            if self.balance(high) >= 0:
                continue
            while low < high:
                middle = (low + high) // 2
                if self.balance(middle) < 0:
                    high = middle
                else:
                    low = middle + 1
            return low
        return None
