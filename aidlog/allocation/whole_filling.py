"""Whole packs filled on cuts: the lowest rises first until no cut has room for its next pack.

What fills so is lexicographically as high as whole packs can stand under the cuts alone; plans
are held back by no less than the cuts. So the lowest key bounds every plan's, and where the
packs can be delivered as they are, and nobody was chosen among equals, they are the optimum.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aidlog.allocation.cuts import Cut
from aidlog.allocation.fairness import Clock
from aidlog.allocation.model import Bools, Ints
from aidlog.allocation.urgency import Urgency
from aidlog.allocation.whole_blocks import Block
from aidlog.allocation.whole_sweep import Filled, Sweep, TooLateError

#: How far below its first full limit a block is loaded from, if nearer does not do.
_EARLIER = 0.03


class PackFilling:
    """Members that rise under cuts and in blocks; everybody else keeps what ``given`` says."""

    def __init__(
        self, urgency: Urgency, rising: Bools, given: Ints, clock: Clock | None = None
    ) -> None:
        self._urgency, self._given, self._clock = urgency, given, clock or Clock()
        self.blocks: list[Block] = []
        self._early: dict[int, float] = {}
        self._members = np.flatnonzero(rising & urgency.competes & (given < urgency.most))
        self._cuts: list[Cut] = []

    def add(self, cuts: Sequence[Cut]) -> None:
        """Fill under these cuts too."""
        self._cuts += cuts

    def run(self) -> Filled:
        """Return the packs that fill the cuts known so far.

        Raises:
            Undecided: not before the clock was over, or a whole block has no answer.
        """
        while True:
            blocks = [(block, self._early.get(b, 0.0)) for b, block in enumerate(self.blocks)]
            sweep = Sweep(
                self._urgency, self._members, self._given, self._cuts, blocks, self._clock
            )
            try:
                return sweep.run()
            except TooLateError as late:
                self._early[late.block] = self._early.get(late.block, 0.0) + _EARLIER
