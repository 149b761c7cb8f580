"""What the ledger accepts. Pure: balances in, balances out.

The database's triggers apply the same rules; tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aidlog.core.errors import Conflict
from aidlog.core.text import N_, Message
from aidlog.core.units import Measure
from aidlog.ledger.movement import Account, Movement


@dataclass(frozen=True, slots=True)
class Balance:
    """Base units of one lot in one account; ``reserved`` of them are promised."""

    on_hand: int = 0
    reserved: int = 0

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved


EMPTY = Balance()
Balances = Mapping[tuple[int, Account], Balance]


class NotEnoughStock(Conflict):
    """More was asked of an account than is free there. All figures in base units.

    The rules know no names and no units: who shows the refusal says it with :meth:`of`.
    """

    def __init__(self, *, lot_id: int, account: Account, asked: int, free: int) -> None:
        super().__init__(
            Message(
                N_("Only {free} free in stock; {asked} asked. Nothing was moved."),
                {"free": free, "asked": asked},
            ),
            field="quantity",
        )
        self.lot_id, self.account, self.asked, self.free = lot_id, account, asked, free

    def of(self, lot: str, measure: Measure) -> NotEnoughStock:
        """Return the same refusal, its lot by the number and its figures as people count."""
        said = NotEnoughStock(
            lot_id=self.lot_id, account=self.account, asked=self.asked, free=self.free
        )
        said.say_instead(
            Message(
                N_("Lot {lot}: only {free} free in stock; {asked} asked. Nothing was moved."),
                {"lot": lot, "free": measure.of(self.free), "asked": measure.of(self.asked)},
            )
        )
        return said


def apply(balances: Balances, movements: Iterable[Movement]) -> dict[tuple[int, Account], Balance]:
    """Return the balances after ``movements``, taken one after the other.

    Raises:
        NotEnoughStock: at some movement its source held less free stock than it takes.
    """
    after = dict(balances)
    for move in movements:
        source, target = (move.lot_id, move.source), (move.lot_id, move.target)
        there = after.get(source, EMPTY)
        if not move.source.kind.is_outside and there.free < move.quantity:
            raise NotEnoughStock(
                lot_id=move.lot_id, account=move.source, asked=move.quantity, free=there.free
            )
        after[source] = Balance(there.on_hand - move.quantity, there.reserved)
        reached = after.get(target, EMPTY)
        after[target] = Balance(reached.on_hand + move.quantity, reached.reserved)
    assert _total(after) == _total(balances), "goods appeared or vanished"
    return after


def reserve(balance: Balance, quantity: int, *, lot_id: int, account: Account) -> Balance:
    """Return ``balance`` with ``quantity`` more of it promised.

    Raises:
        NotEnoughStock: less than that is free.
    """
    assert quantity > 0
    if balance.free < quantity:
        raise NotEnoughStock(lot_id=lot_id, account=account, asked=quantity, free=balance.free)
    return Balance(balance.on_hand, balance.reserved + quantity)


def unreserve(balance: Balance, quantity: int) -> Balance:
    """Return ``balance`` with a promise of ``quantity`` ended, consumed or released."""
    assert 0 < quantity <= balance.reserved, "a reservation ends once, and whole"
    return Balance(balance.on_hand, balance.reserved - quantity)


def _total(balances: Balances) -> int:
    return sum(balance.on_hand for balance in balances.values())
