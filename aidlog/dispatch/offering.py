"""What a warehouse could load for a destination now: free, in date, open to it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, Place, PlaceKind
from aidlog.stock.models import StockTotal
from aidlog.stock.picking import open_lots
from aidlog.stock.queries import LotAt


@dataclass(frozen=True, slots=True)
class Offered:
    """An item with ``free`` base units that may go; packs as in the lot that goes first."""

    item: Item
    free: int
    pack_kind: str
    pack_size: int
    expires_on: date | None


def offered(
    session: Session, actor: Actor, origin: Place, destination: Place, *, today: date
) -> list[Offered]:
    """Return what ``origin`` can send to ``destination`` without a plan. Four statements.

    Raises:
        NotAllowed: the actor does not load at ``origin``.
    """
    actor.must(Permission.WAYBILL_LOAD, at=origin.id)
    items = session.scalars(
        select(StockTotal.item_id).where(
            StockTotal.kind == AccountKind.WAREHOUSE,
            StockTotal.key == origin.id,
            StockTotal.organisation_id == origin.organisation_id,
            StockTotal.on_hand > StockTotal.reserved,
        )
    ).all()
    by_item: dict[int, list[LotAt]] = defaultdict(list)
    for lot in open_lots(
        session, origin.id, items, today, destination.id, {origin.organisation_id}
    ):
        by_item[lot.item_id].append(lot)
    return [
        Offered(
            item=item,
            free=sum(lot.free for lot in by_item[item.id]),
            pack_kind=by_item[item.id][0].pack_kind,
            pack_size=by_item[item.id][0].pack_size,
            expires_on=by_item[item.id][0].expires_on,
        )
        for item in session.scalars(
            select(Item).where(Item.id.in_(by_item)).order_by(Item.tier, Item.name_en, Item.id)
        )
    ]


def origins(session: Session, actor: Actor) -> list[Place]:
    """Return the warehouses where the actor loads trucks, by name."""
    places = actor.places(Permission.WAYBILL_LOAD)
    wanted = _of(actor).where(Place.kind == PlaceKind.WAREHOUSE)
    return list(session.scalars(wanted if places is None else wanted.where(Place.id.in_(places))))


def destinations(session: Session, actor: Actor) -> list[Place]:
    """Return where a truck may go: sites and warehouses of the actor's organisations.

    Also for someone who loads at one warehouse only: they see what a place is called in lists,
    and nothing else of it.
    """
    actor.must(Permission.WAYBILL_LOAD)
    return list(session.scalars(_of(actor).where(Place.kind != PlaceKind.COLLECTION_POINT)))


def own_sites(session: Session, actor: Actor) -> list[Place]:
    """Return the sites of the actor's organisations, as lists show them, by code."""
    actor.must(Permission.GOODS_RECEIVE)
    return list(session.scalars(_of(actor).where(Place.kind == PlaceKind.SITE)))


def _of(actor: Actor) -> Select[Place]:
    return (
        select(Place)
        .where(Place.organisation_id.in_(actor.organisation_ids), Place.active.is_(True))
        .order_by(Place.kind, Place.code)
    )
