"""Which lots go on the truck: first to expire first, and never against a donor's wish."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.errors import Conflict
from aidlog.core.text import N_, Message
from aidlog.core.units import Measure
from aidlog.ledger.movement import AccountKind
from aidlog.registry.measures import measures_of
from aidlog.registry.models import Place, PlaceKind
from aidlog.stock.models import LotEarmark
from aidlog.stock.queries import LotAt, lots_at
from aidlog.stock.recalled import recalled


class NotEnoughToPick(Conflict):
    """Fewer than asked are free, in date on arrival and open to this destination."""

    def __init__(self, *, asked: int, free: int, measure: Measure) -> None:
        super().__init__(
            Message(
                N_("Only {free} can go there in date; {asked} asked. Nothing was moved."),
                {"free": measure.of(free), "asked": measure.of(asked)},
            ),
            field="quantity",
        )
        self.asked, self.free = asked, free


def pick_fefo(  # noqa: PLR0913 - the question a picker is asked
    session: Session,
    warehouse_id: int,
    item_id: int,
    quantity: int,
    arrive_by: date,
    destination_id: int,
    *,
    organisations: Collection[int],
) -> list[tuple[LotAt, int]]:
    """Return the lots to take ``quantity`` base units from, with how many of each.

    First expiry first, no expiry last; of two that expire together the one given for this
    destination first, then the older. A lot that expires before ``arrive_by`` stays, and so
    does one that its donor gave for other places. Nothing is reserved by asking.

    Raises:
        NotEnoughToPick: fewer than ``quantity`` can go; it says how many.
    """
    assert quantity > 0
    usable = open_lots(session, warehouse_id, [item_id], arrive_by, destination_id, organisations)
    picked: list[tuple[LotAt, int]] = []
    left = quantity
    for lot in usable:
        take = min(left, lot.free)
        if take:
            picked.append((lot, take))
            left -= take
    if left:
        measure = measures_of(session, [item_id])[item_id]
        raise NotEnoughToPick(asked=quantity, free=quantity - left, measure=measure)
    return picked


def open_lots(
    session: Session,
    warehouse_id: int,
    items: Collection[int],
    arrive_by: date,
    destination_id: int,
    organisations: Collection[int],
) -> list[LotAt]:
    """Return the lots with free stock that may go to a destination, in the order to take them."""
    lots = [
        lot
        for lot in lots_at(session, AccountKind.WAREHOUSE, warehouse_id, items=items)
        if lot.free > 0
        and lot.organisation_id in organisations
        and (lot.expires_on is None or lot.expires_on >= arrive_by)
    ]
    wishes = wishes_towards(session, [lot.lot_id for lot in lots], destination_id)
    out = recalled(session, [lot.lot_id for lot in lots])
    may_go = [
        lot
        for lot in lots
        if lot.lot_id not in out
        and (lot.lot_id not in wishes or destination_id in wishes[lot.lot_id])
    ]
    return sorted(
        may_go,
        key=lambda lot: (
            lot.expires_on is None,
            lot.expires_on or date.max,
            lot.lot_id not in wishes,
            lot.lot_id,
        ),
    )


def wishes_towards(
    session: Session, lots: Sequence[int], destination_id: int
) -> dict[int, set[int]]:
    """Return the donors' wishes that count on the way to a destination, as earmarks() does.

    On the way to another warehouse none does: the lot is not given out there, and its wish
    goes with it.
    """
    destination = session.get(Place, destination_id)
    if destination is not None and destination.kind is PlaceKind.WAREHOUSE:
        return {}
    return earmarks(session, lots)


def earmarks(session: Session, lots: Sequence[int]) -> dict[int, set[int]]:
    """Return ``{lot id: places}`` of those of ``lots`` that were given for certain places."""
    places: dict[int, set[int]] = {}
    for lot, place in session.execute(
        select(LotEarmark.lot_id, LotEarmark.place_id).where(LotEarmark.lot_id.in_(lots))
    ):
        places.setdefault(lot, set()).add(place)
    return places
