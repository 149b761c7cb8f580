"""What a donor sees of a gift: how much got how far, and never where.

A gift is followed from the pledge through its lots to the movements of the journal. Nothing
here holds the name or code of a place, a waybill or a person, so no page can show one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.donations.models import (
    GoodsReceived,
    GoodsReceivedLine,
    Pledge,
    PledgeEarmark,
    PledgeState,
)
from aidlog.ledger.movement import Account, AccountKind, MovementKind
from aidlog.registry.models import Item, Place, PlaceKind
from aidlog.stock.history import GiftStep, gift_steps
from aidlog.stock.models import Reason, StockCorrection
from aidlog.stock.queries import gift_free

#: A departure and all that follows from it is told this long after it happened, so that the
#: page never tells of a truck that is still on its way.
DELAY = timedelta(hours=48)

#: The smallest number of sites among which one cannot be picked out.
FEWEST_SITES = 3

_ROAD = frozenset(
    {AccountKind.TRANSIT, AccountKind.SITE, AccountKind.SITE_HELD, AccountKind.PEOPLE}
)


class Fate(StrEnum):
    """Why part of a gift did not reach people."""

    ROAD_MISSING = "road_missing"
    ROAD_DAMAGED = "road_damaged"
    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    UNEXPLAINED = "unexplained"


_FATES = {
    Reason.LOST: Fate.LOST,
    Reason.STOLEN: Fate.STOLEN,
    Reason.DAMAGED: Fate.DAMAGED,
    Reason.EXPIRED: Fate.EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftStory:
    """A gift, in base units of its item.

    ``received`` was counted on arrival and can be used, ``torn`` came damaged. Of what was
    received, ``set_aside`` is promised to people, ``on_road``, ``arrived`` (confirmed by a
    site, whether given out or not), ``given``, or ``lost`` by fate; ``held`` waits for a
    check. ``beside`` came with the gift without having been promised. ``areas`` is where it
    arrived: empty means that only the wider region may be said. Days of the road are the
    Mondays of their weeks.
    """

    reference: str
    state: PledgeState
    item: Item
    promised: int
    promised_on: date
    expected_on: date | None
    received: int
    received_on: date | None
    torn: int
    beside: int
    held: int
    set_aside: int
    on_road: int
    left_week: date | None
    arrived: int
    arrived_week: date | None
    given: int
    given_week: date | None
    lost: dict[Fate, int]
    areas: tuple[str, ...]

    @property
    def left(self) -> int:
        """What has left the warehouses for people: on the road, arrived, or lost on the way."""
        return (
            self.on_road
            + self.arrived
            + sum(self.lost.get(fate, 0) for fate in (Fate.ROAD_MISSING, Fate.ROAD_DAMAGED))
        )


def gift_story(session: Session, pledge: Pledge, now: datetime) -> GiftStory:
    """Return what the donor of ``pledge`` may know at ``now``; six statements."""
    steps = list(_told(gift_steps(session, pledge.reference), now - DELAY))
    held_at: Counter[AccountKind] = Counter()
    for step in steps:
        held_at[step.source.kind] -= step.quantity
        held_at[step.target.kind] += step.quantity
    in_store = held_at[AccountKind.WAREHOUSE]
    # What left within the delay is still told as set aside: it is not free, and not yet gone.
    free = min(in_store, gift_free(session, pledge.reference))
    item = session.get_one(Item, pledge.item_id)
    torn = _net(steps, lambda step: step.kind is MovementKind.RECEIVED_DAMAGED)
    return GiftStory(
        reference=pledge.reference,
        state=pledge.state,
        item=item,
        promised=pledge.quantity,
        promised_on=pledge.created_at.date(),
        expected_on=pledge.expected_on,
        received=-held_at[AccountKind.DONOR] - torn,
        received_on=_first(steps, {MovementKind.RECEIVED, MovementKind.RECEIVED_DAMAGED}),
        torn=torn,
        beside=_beside(session, pledge.id),
        held=held_at[AccountKind.QUARANTINE] + held_at[AccountKind.SITE_HELD],
        # What was packed into kits is set aside for people, and is not followed further.
        set_aside=in_store - free + max(0, held_at[AccountKind.REMADE]),
        on_road=held_at[AccountKind.TRANSIT],
        left_week=_week(_first(steps, {MovementKind.LOADED})),
        arrived=_net(steps, _reaches_a_site),
        arrived_week=_week(_last(steps, {MovementKind.ARRIVED, MovementKind.ARRIVED_EXCESS})),
        given=held_at[AccountKind.PEOPLE],
        given_week=_week(_last(steps, {MovementKind.HANDED_OUT})),
        lost=_losses(steps),
        areas=_areas(session, pledge.id, _reached(steps)),
    )


def _told(steps: Iterable[GiftStep], until: datetime) -> Iterator[GiftStep]:
    """Yield each lot's steps up to the first one on the road that is too recent to tell.

    Nothing of a lot is told past such a step: what follows would give it away.
    """
    for _, of_lot in groupby(sorted(steps, key=lambda step: step.lot_id), lambda step: step.lot_id):
        for step in of_lot:
            touches = {step.source.kind, step.target.kind}
            if touches & _ROAD and step.occurred_at > until:
                break
            yield step


def _net(steps: Collection[GiftStep], counts: Callable[[GiftStep], bool]) -> int:
    """Return the sum of the steps that count, less those of them that were reversed."""
    by_id = {step.id: step for step in steps}
    total = 0
    for step in steps:
        if step.reverses_id is not None:
            undone = by_id.get(step.reverses_id)
            total -= step.quantity if undone and counts(undone) else 0
        elif counts(step):
            total += step.quantity
    return total


def _reaches_a_site(step: GiftStep) -> bool:
    return step.target.kind is AccountKind.SITE and step.source.kind not in {
        AccountKind.PEOPLE,
        AccountKind.SITE_HELD,
    }


def _losses(steps: Collection[GiftStep]) -> dict[Fate, int]:
    """Return how much was lost, by fate; what was found again or entered wrong is taken off."""
    lost: Counter[Fate] = Counter()
    by_id = {step.id: step for step in steps}
    for step in steps:
        undone = by_id.get(step.reverses_id) if step.reverses_id else None
        if step.target.kind is AccountKind.LOSS and undone is None:
            lost[_fate(step)] += step.quantity
        elif undone is not None and undone.target.kind is AccountKind.LOSS:
            lost[_fate(undone)] -= step.quantity
    return {fate: quantity for fate, quantity in lost.items() if quantity > 0}


def _fate(step: GiftStep) -> Fate:
    if step.kind is MovementKind.MISSING:
        return Fate.ROAD_MISSING
    if step.kind is MovementKind.ARRIVED_DAMAGED:
        return Fate.ROAD_DAMAGED
    return _FATES.get(step.reason or Reason.UNKNOWN, Fate.UNEXPLAINED)


def _reached(steps: Iterable[GiftStep]) -> set[int]:
    """Return the sites that hold or handed out some of the gift."""
    held: Counter[Account] = Counter()
    for step in steps:
        held[step.source] -= step.quantity
        held[step.target] += step.quantity
    return {
        account.key
        for account, quantity in held.items()
        if account.kind in {AccountKind.SITE, AccountKind.SITE_HELD, AccountKind.PEOPLE}
        and quantity > 0
    }


def _areas(session: Session, pledge_id: int, sites: Collection[int]) -> tuple[str, ...]:
    """Return the areas that may be named for a gift which reached ``sites``; none: the region.

    An area is named only if it has FEWEST_SITES sites, and only if all areas reached have.
    A donor who gave for fewer sites than that knows them, so an area would say too much.
    """
    wished = session.scalar(
        select(func.count()).select_from(PledgeEarmark).where(PledgeEarmark.pledge_id == pledge_id)
    )
    if not sites or (wished and wished < FEWEST_SITES):
        return ()
    reached = set(session.scalars(select(Place.area).where(Place.id.in_(sites))))
    wide_enough = set(
        session.scalars(
            select(Place.area)
            .where(Place.kind == PlaceKind.SITE, Place.active, Place.area.in_(reached))
            .group_by(Place.area)
            .having(func.count() >= FEWEST_SITES)
        )
    )
    return tuple(sorted(reached)) if reached <= wide_enough and "" not in reached else ()


def _beside(session: Session, pledge_id: int) -> int:
    """Return how much of the pledge's item came beyond what was promised, notes in force only."""
    return int(
        session.scalar(
            select(func.coalesce(func.sum(GoodsReceivedLine.good), 0))
            .join(GoodsReceived, GoodsReceived.id == GoodsReceivedLine.note_id)
            .join(Pledge, Pledge.id == GoodsReceived.pledge_id)
            .where(
                Pledge.id == pledge_id,
                GoodsReceivedLine.unpledged,
                GoodsReceivedLine.item_id == Pledge.item_id,
                ~select(StockCorrection.id)
                .where(StockCorrection.reverses_document_id == GoodsReceived.document_id)
                .exists(),
            )
        )
        or 0
    )


def _first(steps: Iterable[GiftStep], kinds: Collection[MovementKind]) -> date | None:
    return min((step.occurred_at.date() for step in steps if step.kind in kinds), default=None)


def _last(steps: Iterable[GiftStep], kinds: Collection[MovementKind]) -> date | None:
    return max((step.occurred_at.date() for step in steps if step.kind in kinds), default=None)


def _week(day: date | None) -> date | None:
    """Return the Monday of a day's week."""
    return None if day is None else day - timedelta(days=day.weekday())
