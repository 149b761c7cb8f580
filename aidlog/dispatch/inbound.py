"""Trucks that come to one's warehouses, from another of the organisation or handed over."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.dispatch.models import Waybill, WaybillState
from aidlog.dispatch.queries import WaybillRow, listed, select_rows
from aidlog.dispatch.story import Story, tell
from aidlog.registry.models import Place, PlaceKind

#: So many trucks at most stand in the list of what is expected.
MOST = 100


def inbound(session: Session, actor: Actor) -> list[WaybillRow]:
    """Return the trucks on the road to warehouses where the actor receives, soonest first.

    One statement.

    Raises:
        NotAllowed: the actor receives goods nowhere.
    """
    rows = (
        select_rows()
        .where(_reach(actor), Waybill.state == WaybillState.ON_THE_ROAD)
        .order_by(Waybill.expected_at, Waybill.id)
        .limit(MOST)
    )
    return listed(session, rows)


def inbound_story(session: Session, actor: Actor, number: str) -> Story:
    """Return waybill ``number`` where it goes to a warehouse at which the actor receives.

    Raises:
        NotFound: there is none, it has not left, or it goes elsewhere.
    """
    story = tell(session, number, _reach(actor))
    if story.waybill.state in {WaybillState.PREPARED, WaybillState.CANCELLED}:
        raise NotFound(f"truck {number} on the road")
    return story


def _reach(actor: Actor) -> ColumnElement[bool]:
    to_a_warehouse = exists().where(
        Place.id == Waybill.destination_id, Place.kind == PlaceKind.WAREHOUSE
    )
    own = and_(Waybill.organisation_id.in_(actor.organisation_ids), to_a_warehouse)
    places = actor.places(Permission.GOODS_RECEIVE)
    return own if places is None else and_(own, Waybill.destination_id.in_(places))
