"""Goods move from one account to another; nothing appears and nothing vanishes.

Every movement has two sides, as in double-entry bookkeeping, so that the balances of one lot
over all accounts add up to zero at any moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AccountKind(StrEnum):
    """Where goods can stand. Those that hold goods can be counted; the rest explain.

    QUARANTINE is what a warehouse holds back, SITE_HELD what a site does. REMADE is where a
    lot goes that is made into another one, and where that other one comes from.
    """

    DONOR = "donor"
    FOUND = "found"
    WAREHOUSE = "warehouse"
    QUARANTINE = "quarantine"
    TRANSIT = "transit"
    SITE = "site"
    SITE_HELD = "site_held"
    PEOPLE = "people"
    LOSS = "loss"
    REMADE = "remade"
    HANDED_OVER = "handed_over"

    @property
    def is_outside(self) -> bool:
        """True where goods come from: its balance counts down and may be negative.

        So it does for what one organisation hands over to another: the giver's lot ends
        there and the taker's begins, and the two add up to zero.
        """
        return self in {
            AccountKind.DONOR,
            AccountKind.FOUND,
            AccountKind.HANDED_OVER,
            AccountKind.REMADE,
        }


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One side of a movement.

    ``key`` is the place for WAREHOUSE, QUARANTINE, SITE, SITE_HELD and PEOPLE, the transit (one per
    waybill) for TRANSIT, and 0 for the rest.
    """

    kind: AccountKind
    key: int = 0


class MovementKind(StrEnum):
    """What a movement was, in the words of the stock card."""

    RECEIVED = "received"
    RECEIVED_DAMAGED = "received_damaged"
    LOADED = "loaded"
    ARRIVED = "arrived"
    ARRIVED_DAMAGED = "arrived_damaged"
    ARRIVED_EXCESS = "arrived_excess"
    MISSING = "missing"
    RETURNED = "returned"
    HANDED_OUT = "handed_out"
    HANDED_OVER = "handed_over"
    TAKEN_OVER = "taken_over"
    HELD = "held"
    RELEASED = "released"
    ADJUSTED_UP = "adjusted_up"
    ADJUSTED_DOWN = "adjusted_down"
    DESTROYED = "destroyed"
    SENT_BACK = "sent_back"
    REPACKED_FROM = "repacked_from"
    REPACKED_INTO = "repacked_into"
    USED_FOR_KITS = "used_for_kits"
    KITS_BUILT = "kits_built"
    KITS_BROKEN = "kits_broken"
    OUT_OF_KITS = "out_of_kits"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """``quantity`` base units of one lot leave ``source`` and reach ``target``.

    ``reverses`` is the id of the movement that this one undoes.
    """

    kind: MovementKind
    lot_id: int
    quantity: int
    source: Account
    target: Account
    reverses: int | None = None

    def __post_init__(self) -> None:
        assert type(self.quantity) is int, "quantities are whole base units"
        assert self.quantity > 0, "a movement moves something; reverse it by swapping its sides"
        assert self.source != self.target, "goods cannot move to where they are"
