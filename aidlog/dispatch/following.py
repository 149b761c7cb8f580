"""From plan to people on one line: planned, sent, received, handed out; by site and item."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.dispatch.models import Receipt, ReceiptLine, Waybill, WaybillLine, WaybillState
from aidlog.planning.models import Plan, PlanLine
from aidlog.planning.scope import must_reach
from aidlog.registry.models import Item, Place
from aidlog.stock.queries import handed_out


@dataclass(frozen=True, slots=True)
class Followed:
    """One need of a plan on its way, in base units.

    ``handed_out`` counts what the site gave of the lots that this plan sent there, at most
    what it received: where two plans sent one lot to one site, the giving counts for both.
    """

    site: Place
    item: Item
    planned: int
    sent: int
    received: int
    handed_out: int


def followed(session: Session, actor: Actor, number: str) -> list[Followed]:
    """Return how far plan ``number`` has come, by site and item. Seven statements.

    Raises:
        NotFound: the plan is not within the actor's reach.
    """
    plan = session.scalars(
        select(Plan).join(Document, Document.id == Plan.document_id).where(Document.code == number)
    ).one_or_none()
    if plan is None:
        raise NotFound(f"plan {number}")
    must_reach(session, actor, plan, Permission.PLAN_VIEW)
    planned = _planned(session, plan)
    sent = _sent(session, plan)
    received = _received(session, plan)
    given = handed_out(session, {site for site, _lot in received}, {lot for _site, lot in received})
    item_of = {lot: item for (_site, lot), (item, _quantity) in sent.items()}
    totals: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for key, quantity in planned.items():
        totals[key][0] += quantity
    for (site, _lot), (item, quantity) in sent.items():
        totals[site, item][1] += quantity
    for (site, lot), quantity in received.items():
        totals[site, item_of[lot]][2] += quantity
        totals[site, item_of[lot]][3] += min(quantity, given.get((site, lot), 0))
    return _named(session, totals)


def _planned(session: Session, plan: Plan) -> dict[tuple[int, int], int]:
    return {
        (site, item): int(quantity)
        for site, item, quantity in session.execute(
            select(PlanLine.site_id, PlanLine.item_id, func.sum(PlanLine.quantity))
            .where(PlanLine.plan_id == plan.id)
            .group_by(PlanLine.site_id, PlanLine.item_id)
        )
    }


def _sent(session: Session, plan: Plan) -> dict[tuple[int, int], tuple[int, int]]:
    """Return ``{(site, lot): (item, base units)}`` of what left under the plan."""
    return {
        (site, lot): (item, int(quantity))
        for site, lot, item, quantity in session.execute(
            select(
                Waybill.destination_id,
                WaybillLine.lot_id,
                WaybillLine.item_id,
                func.sum(WaybillLine.quantity),
            )
            .join(Waybill, Waybill.id == WaybillLine.waybill_id)
            .where(
                Waybill.plan_id == plan.id,
                Waybill.transit_id.is_not(None),
                Waybill.state.not_in([WaybillState.RETURNED, WaybillState.CANCELLED]),
            )
            .group_by(Waybill.destination_id, WaybillLine.lot_id, WaybillLine.item_id)
        )
    }


def _received(session: Session, plan: Plan) -> dict[tuple[int, int], int]:
    """Return ``{(site, lot): base units}`` that arrived in good state, an excess left out."""
    return {
        (site, lot): int(quantity)
        for site, lot, quantity in session.execute(
            select(
                Waybill.destination_id,
                WaybillLine.lot_id,
                func.sum(ReceiptLine.good - ReceiptLine.excess),
            )
            .join(WaybillLine, WaybillLine.waybill_id == Waybill.id)
            .join(ReceiptLine, ReceiptLine.waybill_line_id == WaybillLine.id)
            .join(Receipt, Receipt.id == ReceiptLine.receipt_id)
            .where(Waybill.plan_id == plan.id, Receipt.booked.is_(True))
            .group_by(Waybill.destination_id, WaybillLine.lot_id)
        )
    }


def _named(session: Session, totals: dict[tuple[int, int], list[int]]) -> list[Followed]:
    places = {
        place.id: place
        for place in session.scalars(
            select(Place).where(Place.id.in_({site for site, _item in totals}))
        )
    }
    items = {
        item.id: item
        for item in session.scalars(
            select(Item).where(Item.id.in_({item for _site, item in totals}))
        )
    }
    lines = [
        Followed(places[site], items[item], *figures) for (site, item), figures in totals.items()
    ]
    return sorted(lines, key=lambda line: (line.site.code, line.item.tier, line.item.name_en))
