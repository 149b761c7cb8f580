"""What is expected in the warehouses: promised, ordered, on the road. A promise is never stock.

Each good is counted once: a pledge or an order of which a part has come counts only with its
rest, and what a truck carries left the warehouse that it came from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, false, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from aidlog.core.actor import Actor, Permission
from aidlog.db.numbering import Document
from aidlog.dispatch.models import Waybill, WaybillState
from aidlog.donations.models import (
    Pledge,
    PledgeEarmark,
    PledgeState,
    Purchase,
    PurchaseLine,
)
from aidlog.donations.pledging import OPEN
from aidlog.donations.purchasing import OPEN_PURCHASE
from aidlog.ledger.movement import AccountKind
from aidlog.planning.choices import Certainty
from aidlog.planning.gathering import Expected
from aidlog.registry.models import Place, PlaceKind
from aidlog.stock.models import StockTotal


def expected_goods(session: Session, actor: Actor) -> list[Expected]:
    """Return what the actor's organisations expect, the surest last. Four statements.

    Pledges need the right to see pledges, orders and trucks that to see the stock of the
    warehouse they come to; what the actor may not see is left out. Goods that were sent and
    are disputed may be lost: they are not expected.
    """
    return [*_pledges(session, actor), *_orders(session, actor), *_trucks(session, actor)]


def _pledges(session: Session, actor: Actor) -> Iterable[Expected]:
    if not actor.may(Permission.PLEDGE_VIEW):
        return
    rows = session.execute(
        select(
            Pledge.id,
            Document.code,
            Pledge.organisation_id,
            Pledge.item_id,
            Pledge.quantity - Pledge.received,
            Pledge.expected_on,
            Pledge.state,
            Place.id,
        )
        .join(Document, Document.id == Pledge.document_id)
        # a collection point is no store: from there the goods may go to any warehouse
        .outerjoin(Place, (Place.id == Pledge.collection_id) & (Place.kind == PlaceKind.WAREHOUSE))
        .where(Pledge.organisation_id.in_(actor.organisation_ids), Pledge.state.in_(OPEN))
        .where(Pledge.received < Pledge.quantity)
        .order_by(Pledge.id)
    ).all()
    marks = _earmarks(session, [row.id for row in rows])
    for id_, code, organisation, item, rest, on, state, place in rows:
        yield Expected(
            certainty=Certainty.PLEDGED if state is PledgeState.PROMISED else Certainty.ANNOUNCED,
            document=code,
            organisation_id=organisation,
            item_id=item,
            quantity=rest,
            on=on,
            place_id=place,
            earmarks=marks.get(id_, frozenset()),
        )


def _earmarks(session: Session, pledges: list[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for row in session.execute(
        select(PledgeEarmark.pledge_id, PledgeEarmark.place_id).where(
            PledgeEarmark.pledge_id.in_(pledges)
        )
    ):
        found[row.pledge_id].add(row.place_id)
    return {pledge: frozenset(places) for pledge, places in found.items()}


def _orders(session: Session, actor: Actor) -> Iterable[Expected]:
    rows = session.execute(
        select(
            Document.code,
            Purchase.organisation_id,
            PurchaseLine.item_id,
            (PurchaseLine.quantity - PurchaseLine.received).label("rest"),
            Purchase.expected_on.label("on"),
            Purchase.warehouse_id.label("place"),
        )
        .join(Document, Document.id == Purchase.document_id)
        .join(PurchaseLine, PurchaseLine.purchase_id == Purchase.id)
        .where(Purchase.organisation_id.in_(actor.organisation_ids))
        .where(Purchase.state.in_(OPEN_PURCHASE), PurchaseLine.received < PurchaseLine.quantity)
        .where(_seen(actor, Purchase.warehouse_id))
        .order_by(PurchaseLine.id)
    )
    return (_expected(row, Certainty.ORDERED) for row in rows)


def _trucks(session: Session, actor: Actor) -> Iterable[Expected]:
    rows = session.execute(
        select(
            Document.code,
            StockTotal.organisation_id,
            StockTotal.item_id,
            StockTotal.on_hand.label("rest"),
            Waybill.expected_at.label("on"),
            Waybill.destination_id.label("place"),
        )
        .join(Document, Document.id == Waybill.document_id)
        .join(
            StockTotal,
            (StockTotal.kind == AccountKind.TRANSIT) & (StockTotal.key == Waybill.transit_id),
        )
        .join(Place, Place.id == Waybill.destination_id)
        .where(Waybill.state == WaybillState.ON_THE_ROAD, Place.kind == PlaceKind.WAREHOUSE)
        .where(StockTotal.organisation_id.in_(actor.organisation_ids), StockTotal.on_hand > 0)
        .where(_seen(actor, Waybill.destination_id))
        .order_by(Waybill.id, StockTotal.item_id)
    )
    return (_expected(row, Certainty.IN_TRANSIT) for row in rows)


def _expected(row: Row[*tuple[Any, ...]], certainty: Certainty) -> Expected:
    code, organisation, item, rest, on, place = row
    return Expected(
        certainty=certainty,
        document=code,
        organisation_id=organisation,
        item_id=item,
        quantity=int(rest),
        on=on.date() if certainty is Certainty.IN_TRANSIT and on is not None else on,
        place_id=place,
    )


def _seen(actor: Actor, warehouse: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition on a warehouse column: the actor sees the stock there."""
    if not actor.may(Permission.STOCK_VIEW):
        return false()
    places = actor.places(Permission.STOCK_VIEW)
    return true() if places is None else warehouse.in_(places)
