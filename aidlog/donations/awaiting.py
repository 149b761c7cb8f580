"""What a delivery makes good: a pledge, an order, or nothing that anybody expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.core.units import Amount
from aidlog.donations.counting import CountedLine, NotedLine, split
from aidlog.donations.models import (
    Pledge,
    PledgeEarmark,
    PledgeState,
    Purchase,
    PurchaseLine,
    PurchaseState,
    Source,
)
from aidlog.donations.pledging import OPEN
from aidlog.donations.purchasing import lines_of_purchase, must_be_open, purchase_of
from aidlog.registry.measures import measures_of


class WrongGoods(Refusal):
    """What was counted cannot be, or needs a reason; ``line`` counts from 1, 0 is the note."""

    def __init__(self, message: Message, *, field: str | None = None, line: int = 0) -> None:
        super().__init__(message, field=field)
        self.line = line


@dataclass(frozen=True, slots=True)
class Awaited:
    """The promise or the order that a delivery is for, its rows locked; neither is a gift."""

    pledge: Pledge | None = None
    purchase: Purchase | None = None
    ordered: Sequence[PurchaseLine] = ()

    @property
    def room(self) -> dict[int, int] | None:
        """Base units still to come, by item; None where nothing was promised or ordered."""
        if self.pledge is not None:
            return {self.pledge.item_id: self.pledge.quantity - self.pledge.received}
        if self.purchase is not None:
            return {line.item_id: line.quantity - line.received for line in self.ordered}
        return None

    @property
    def giver(self) -> str:
        """Who brings the goods, as far as the promise or the order says it."""
        if self.pledge is not None:
            return self.pledge.donor_name
        return self.purchase.supplier if self.purchase is not None else ""


def awaited_pledge(session: Session, actor: Actor, pledge_id: int, organisation_id: int) -> Awaited:
    """Return a pledge of which goods are still expected, its row locked.

    Raises:
        NotFound: it is not this organisation's.
        WrongGoods: it is closed.
    """
    pledge = session.scalars(
        select(Pledge).where(Pledge.id == pledge_id).with_for_update()
    ).one_or_none()
    if pledge is None or pledge.organisation_id not in actor.organisation_ids:
        raise NotFound(f"pledge {pledge_id}")
    if pledge.organisation_id != organisation_id:
        raise NotFound(f"pledge {pledge_id} of another organisation")
    if pledge.state not in OPEN:
        raise WrongGoods(
            Message(
                N_("Pledge {reference} is closed. Receive these goods without a pledge."),
                {"reference": pledge.reference},
            ),
            field="pledge_id",
        )
    return Awaited(pledge=pledge)


def awaited_purchase(session: Session, actor: Actor, number: str, organisation_id: int) -> Awaited:
    """Return an order of which goods are still expected, its row locked.

    Raises:
        NotFound: it is not this organisation's.
        PurchaseClosed: nothing more is expected of it.
    """
    purchase, document = purchase_of(session, actor, number)
    if purchase.organisation_id != organisation_id:
        raise NotFound(f"purchase {number} of another organisation")
    must_be_open(purchase, document)
    return Awaited(purchase=purchase, ordered=lines_of_purchase(session, purchase.id))


def told_apart(
    session: Session, lines: Sequence[CountedLine], awaited: Awaited
) -> Iterator[NotedLine]:
    """Tell apart, line by line, what was expected and what came beside it.

    Raises:
        WrongGoods: more than was expected came, and nobody wrote why.
    """
    room = awaited.room
    for number, line in enumerate(lines, start=1):
        if room is None:
            yield NotedLine(number, line, unpledged=False)
        elif line.item_id not in room:
            yield NotedLine(number, line, unpledged=True)
        else:
            kept, more = split(line, room[line.item_id])
            room[line.item_id] -= kept.good
            if more and not line.reason.strip():
                over = measures_of(session, [line.item_id])[line.item_id].of(more.good)
                raise WrongGoods(_too_many(awaited, number, over), field="reason", line=number)
            if kept.declared or kept.good or kept.damaged:
                yield NotedLine(number, kept, unpledged=False)
            if more:
                yield NotedLine(number, more, unpledged=True)


def _too_many(awaited: Awaited, number: int, over: Amount) -> Message:
    if awaited.purchase is not None:
        return Message(
            N_(
                "Line {line}: {over} more than was ordered."
                " Check the count, or keep it and write why."
            ),
            {"line": number, "over": over},
        )
    return Message(
        N_(
            "Line {line}: {over} more than was promised. Check the count, or keep it and write why."
        ),
        {"line": number, "over": over},
    )


def make_good(awaited: Awaited, noted: Sequence[NotedLine], *, nothing_more: bool) -> None:
    """Count what came towards the promise or the order; told_apart() has kept it within."""
    if awaited.pledge is not None:
        _make_promise_good(awaited.pledge, noted, nothing_more=nothing_more)
    elif awaited.purchase is not None:
        _make_order_good(awaited.purchase, awaited.ordered, noted, nothing_more=nothing_more)


def _make_promise_good(pledge: Pledge, noted: Sequence[NotedLine], *, nothing_more: bool) -> None:
    pledge.received += sum(line.line.good for line in noted if not line.unpledged)
    assert pledge.received <= pledge.quantity
    if nothing_more or pledge.received == pledge.quantity:
        pledge.state = PledgeState.RECEIVED
    elif pledge.received:
        pledge.state = PledgeState.PARTLY_RECEIVED


def _make_order_good(
    purchase: Purchase,
    ordered: Sequence[PurchaseLine],
    noted: Sequence[NotedLine],
    *,
    nothing_more: bool,
) -> None:
    by_item = {line.item_id: line for line in ordered}
    for came in noted:
        if not came.unpledged:
            by_item[came.line.item_id].received += came.line.good
    assert all(line.received <= line.quantity for line in ordered)
    purchase.state = state_of(ordered)
    if nothing_more:
        purchase.state = PurchaseState.RECEIVED


def state_of(ordered: Sequence[PurchaseLine]) -> PurchaseState:
    """Return how far an order has come by what was received of its lines."""
    if all(line.received == line.quantity for line in ordered):
        return PurchaseState.RECEIVED
    came = any(line.received for line in ordered)
    return PurchaseState.PARTLY_RECEIVED if came else PurchaseState.ORDERED


def wished_places(session: Session, awaited: Awaited) -> list[int]:
    """Return the places that the donor of a pledge gave for; none means anywhere."""
    if awaited.pledge is None:
        return []
    return list(
        session.scalars(
            select(PledgeEarmark.place_id).where(PledgeEarmark.pledge_id == awaited.pledge.id)
        )
    )


#: What may be said of goods that come under no pledge and no order of the books.
UNAWAITED = frozenset({Source.GIFT, Source.PURCHASE})
