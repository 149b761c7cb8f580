"""What a site sees: trucks on their way to it, what stands there, what it handed out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.dispatch import marks
from aidlog.dispatch.models import HandOut, Waybill, WaybillState
from aidlog.dispatch.queries import WaybillRow, listed, select_rows
from aidlog.dispatch.story import Story, tell
from aidlog.ledger.movement import AccountKind, MovementKind
from aidlog.registry.models import Item, Place
from aidlog.stock.queries import LotAt, lots_at, moved_by

#: How long a site still sees a trip that is over.
KEPT = timedelta(days=30)

ON_THE_WAY = (WaybillState.ON_THE_ROAD, WaybillState.DISPUTED)


def inbound(session: Session, actor: Actor, *, now: datetime) -> list[WaybillRow]:
    """Return what comes to the actor's sites and what came lately, newest first. One statement.

    Raises:
        NotAllowed: the actor receives nowhere.
    """
    rows = (
        select_rows()
        .where(
            at_own_sites(actor),
            or_(
                Waybill.state.in_(ON_THE_WAY),
                and_(Waybill.state == WaybillState.RECEIVED, Waybill.closed_at > now - KEPT),
            ),
        )
        .order_by(Waybill.id.desc())
    )
    return listed(session, rows)


def at_own_sites(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that holds for waybills to sites where the actor receives."""
    places = actor.places(Permission.RECEIPT_CONFIRM)
    if places is not None:
        return Waybill.destination_id.in_(places)
    return Waybill.destination_id.in_(
        select(Place.id).where(Place.organisation_id.in_(actor.organisation_ids))
    )


def arrival(session: Session, actor: Actor, number: str) -> Story:
    """Return a waybill that left for one of the actor's sites.

    Raises:
        NotFound: there is none, or it goes elsewhere, or has not left.
    """
    story = tell(session, number, at_own_sites(actor))
    if story.waybill.transit_id is None:
        raise NotFound(f"waybill {number}")
    return story


def number_typed(session: Session, actor: Actor, typed: str) -> str | None:
    """Return the waybill on its way to the actor whose printed code was ``typed``, or None."""
    wanted = marks.tidy(typed)
    for number, check in session.execute(
        select(Document.code, Waybill.check_code)
        .join(Waybill, Waybill.document_id == Document.id)
        .where(at_own_sites(actor), Waybill.transit_id.is_not(None))
        .where(Waybill.state.in_((*ON_THE_WAY, WaybillState.RECEIVED)))
    ):
        if wanted == marks.tidy(number + check):
            return str(number)
    return None


@dataclass(frozen=True, slots=True)
class OnSite:
    """An item at a site: base units in all, and the lots it is made of, first expiry first."""

    item: Item
    quantity: int
    lots: list[LotAt]

    @property
    def pack_size(self) -> int:
        """The pack to count in: that of the lot that goes first."""
        return self.lots[0].pack_size

    @property
    def pack_kind(self) -> str:
        return self.lots[0].pack_kind


def site_stock(session: Session, site: Place) -> list[OnSite]:
    """Return what stands at ``site``, by item. Two statements; the caller checked the site."""
    by_item: dict[int, list[LotAt]] = defaultdict(list)
    for lot in lots_at(session, AccountKind.SITE, site.id):
        by_item[lot.item_id].append(lot)
    items = session.scalars(
        select(Item).where(Item.id.in_(by_item)).order_by(Item.tier, Item.name_en, Item.id)
    )
    return [
        OnSite(item, sum(lot.on_hand for lot in by_item[item.id]), by_item[item.id])
        for item in items
    ]


@dataclass(frozen=True, slots=True)
class GivenOut:
    """A hand-out; ``quantities`` base units by item id."""

    number: str
    handed_on: date
    households: int
    quantities: dict[int, int]


def handouts(session: Session, site: Place, *, limit: int = 10) -> list[GivenOut]:
    """Return the last hand-outs of ``site``. Two statements; the caller checked the site."""
    rows = session.execute(
        select(HandOut.document_id, Document.code, HandOut.handed_on, HandOut.households)
        .join(Document, Document.id == HandOut.document_id)
        .where(HandOut.site_id == site.id)
        .order_by(HandOut.handed_on.desc(), HandOut.id.desc())
        .limit(limit)
    ).all()
    moved = moved_by(session, [row[0] for row in rows], MovementKind.HANDED_OUT)
    return [
        GivenOut(
            code,
            handed_on,
            households,
            {item: quantity for (of, item), quantity in moved.items() if of == document},
        )
        for document, code, handed_on, households in rows
    ]
