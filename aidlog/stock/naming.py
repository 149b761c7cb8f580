"""What accounts are called on screens and papers: never by a protected site's name."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.ledger.movement import Account, AccountKind
from aidlog.registry.models import Place
from aidlog.stock.models import Transit
from aidlog.stock.queries import AT_A_PLACE

_NAMED = frozenset({*AT_A_PLACE, AccountKind.PEOPLE})


def names_of(session: Session, accounts: Iterable[Account]) -> dict[Account, str]:
    """Return the name of the place of each account; of what is on the road, its destination.

    Accounts without a place (donors, losses) are left out. Two statements, however many.
    """
    wanted = set(accounts)
    roads = {account.key for account in wanted if account.kind is AccountKind.TRANSIT}
    ends: dict[int, int] = {}
    if roads:
        for road, place in session.execute(
            select(Transit.id, Transit.destination_id).where(Transit.id.in_(roads))
        ):
            ends[road] = place
    at = {
        account: ends[account.key] if account.kind is AccountKind.TRANSIT else account.key
        for account in wanted
        if account.kind is AccountKind.TRANSIT or account.kind in _NAMED
    }
    places = {
        place.id: place.shown_as
        for place in session.scalars(select(Place).where(Place.id.in_(set(at.values()))))
    }
    return {account: places[place] for account, place in at.items()}
