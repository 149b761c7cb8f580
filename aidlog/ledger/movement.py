"""Goods move from one account to another; nothing appears and nothing vanishes.

Every movement has two sides, as in double-entry bookkeeping, so that the balances of one lot
over all accounts add up to zero at any moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AccountKind(StrEnum):
    """Where goods can stand. Those that hold goods can be counted; the rest explain."""

    DONOR = "donor"
    FOUND = "found"
    WAREHOUSE = "warehouse"
    QUARANTINE = "quarantine"
    TRANSIT = "transit"
    SITE = "site"
    PEOPLE = "people"
    LOSS = "loss"

    @property
    def is_outside(self) -> bool:
        """True where goods come from: its balance counts down and may be negative."""
        return self in {AccountKind.DONOR, AccountKind.FOUND}


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One side of a movement.

    ``key`` is the place for WAREHOUSE, QUARANTINE, SITE and PEOPLE, the transit (one per
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
    HELD = "held"
    RELEASED = "released"
    ADJUSTED_UP = "adjusted_up"
    ADJUSTED_DOWN = "adjusted_down"
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
