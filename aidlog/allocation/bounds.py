"""What locks ask, per site and item and per site and lot: at least, at most, exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from aidlog.allocation.problem import Lock, Problem, Sense

_NO_LIMIT = 10**15
Pair = tuple[str, str]


@dataclass(slots=True)
class Bounds:
    """Lower and upper bounds in packs; a lower bound on a lot ties goods to that lot."""

    least_of_item: dict[Pair, int] = field(default_factory=dict)
    most_of_item: dict[Pair, int] = field(default_factory=dict)
    least_of_lot: dict[Pair, int] = field(default_factory=dict)
    most_of_lot: dict[Pair, int] = field(default_factory=dict)
    exact_items: set[Pair] = field(default_factory=set)
    exact_lots: set[Pair] = field(default_factory=set)
    item_of: dict[str, str] = field(default_factory=dict)
    _tied: dict[Pair, int] = field(default_factory=dict)
    _fixed: set[Pair] = field(default_factory=set)

    @property
    def named_lots(self) -> frozenset[str]:
        """Lots that a lock names; they may not be merged with others."""
        return frozenset(lot for _, lot in (*self.least_of_lot, *self.most_of_lot))

    @property
    def tied_lots(self) -> dict[Pair, int]:
        """(site, lot) → packs that must come from that very lot."""
        return {pair: packs for pair, packs in self.least_of_lot.items() if packs > 0}

    @property
    def pairs(self) -> list[Pair]:
        """(site, item) pairs that locks on items ask something for."""
        return [pair for pair, packs in self.least_of_item.items() if packs > 0]

    def tied(self, site: str, item: str) -> int:
        """Return the packs for this need that locks tie to named lots."""
        return self._tied.get((site, item), 0)

    def fixed(self, site: str, item: str) -> bool:
        """Say whether an exact lock decides this need, on the item or on one of its lots."""
        return (site, item) in self._fixed

    def rest(self, site: str, item: str) -> tuple[int, int]:
        """Return the least and the most packs beside those tied to named lots.

        A need with an exact lock on a lot receives nothing beside it that no lock asks for.
        """
        given = self.tied(site, item)
        low = max(self.least_of_item.get((site, item), 0) - given, 0)
        high = max(self.most_of_item.get((site, item), _NO_LIMIT) - given, 0)
        if self.fixed(site, item) and (site, item) not in self.exact_items:
            high = low
        return low, high

    def contradictions(self) -> bool:
        """Say whether two locks on the same thing exclude each other by their numbers alone."""
        on_lots = any(
            packs > self.most_of_lot.get(pair, _NO_LIMIT)
            for pair, packs in self.least_of_lot.items()
        )
        on_items = any(
            max(self.least_of_item.get(pair, 0), self.tied(*pair)) > most
            for pair, most in self.most_of_item.items()
        )
        return on_lots or on_items


def lock_bounds(problem: Problem, locks: Iterable[Lock] | None = None) -> Bounds:
    """Gather the locks of ``problem``, or only ``locks``."""
    bounds = Bounds(item_of={lot.id: lot.item for lot in problem.lots})
    for lock in problem.locks if locks is None else locks:
        if lock.lot is not None:
            _narrow(lock, (lock.site, lock.lot), bounds.least_of_lot, bounds.most_of_lot)
            if lock.sense is Sense.EXACT:
                bounds.exact_lots.add((lock.site, lock.lot))
                bounds._fixed.add((lock.site, bounds.item_of[lock.lot]))
        else:
            assert lock.item is not None, "a checked lock names a lot or an item"
            _narrow(lock, (lock.site, lock.item), bounds.least_of_item, bounds.most_of_item)
            if lock.sense is Sense.EXACT:
                bounds.exact_items.add((lock.site, lock.item))
                bounds._fixed.add((lock.site, lock.item))
    for (site, lot), packs in bounds.least_of_lot.items():
        pair = (site, bounds.item_of[lot])
        bounds._tied[pair] = bounds._tied.get(pair, 0) + packs
    return bounds


def _narrow(lock: Lock, pair: Pair, least: dict[Pair, int], most: dict[Pair, int]) -> None:
    """Tighten the bounds of one pair by one lock."""
    if lock.sense is not Sense.AT_MOST:
        least[pair] = max(least.get(pair, 0), lock.packs)
    if lock.sense is not Sense.AT_LEAST:
        most[pair] = min(most.get(pair, _NO_LIMIT), lock.packs)
