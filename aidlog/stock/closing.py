"""A place is closed for good, once nothing is left in it and nothing is on the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Place
from aidlog.registry.scope import must_edit_everywhere
from aidlog.stock.models import StockTotal, Transit
from aidlog.stock.queries import AT_A_PLACE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePlace(Command):
    """The place leaves all lists; its history stays."""

    place_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenPlace(Command):
    place_id: int


class StillInUse(Refusal):
    """Goods stand in the place, or are on the road to it: closing it would hide them."""


def close_place(session: Session, actor: Actor, command: ClosePlace) -> dict[str, Any]:
    """Close a place that holds nothing; return ``{"place_id"}``.

    Raises:
        NotFound: it is not an open place of the actor's organisations.
        StillInUse: it holds goods, or goods are on the way to it.
    """
    place = _place(session, actor, command.place_id)
    if not place.active:
        raise NotFound(f"place {command.place_id}")
    if session.scalar(_goods_at(place.id)) is not None:
        raise StillInUse(
            Message(
                N_("{place} still holds goods. Move them, or correct the stock, before it closes."),
                {"place": place.shown_as},
            )
        )
    if session.scalar(_goods_on_the_way(place.id)) is not None:
        raise StillInUse(
            Message(
                N_("Goods are on the way to {place}. Wait for them before it closes."),
                {"place": place.shown_as},
            )
        )
    place.active = False
    return {"place_id": place.id}


def reopen_place(session: Session, actor: Actor, command: ReopenPlace) -> dict[str, Any]:
    """Put a closed place back into all lists; return ``{"place_id"}``."""
    place = _place(session, actor, command.place_id)
    place.active = True
    return {"place_id": place.id}


def _place(session: Session, actor: Actor, place_id: int) -> Place:
    must_edit_everywhere(actor)
    place = session.scalars(
        select(Place).where(Place.id == place_id).with_for_update()
    ).one_or_none()
    if place is None or place.organisation_id not in actor.organisation_ids:
        raise NotFound(f"place {place_id}")
    return place


def _goods_at(place_id: int) -> Any:
    return (
        select(StockTotal.item_id)
        .where(StockTotal.kind.in_(AT_A_PLACE), StockTotal.key == place_id, StockTotal.on_hand > 0)
        .limit(1)
    )


def _goods_on_the_way(place_id: int) -> Any:
    """Goods that are to arrive here, or that may come back here from the road."""
    return (
        select(StockTotal.item_id)
        .join(
            Transit,
            and_(StockTotal.kind == AccountKind.TRANSIT, StockTotal.key == Transit.id),
        )
        .where(
            or_(Transit.destination_id == place_id, Transit.origin_id == place_id),
            StockTotal.on_hand > 0,
        )
        .limit(1)
    )
