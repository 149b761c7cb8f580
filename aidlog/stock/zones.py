"""Lots are put into zones of a warehouse: Row C, cold room, whatever its people say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.registry.models import Item, Place
from aidlog.stock.models import Lot, LotZone
from aidlog.stock.queries import IN_STORE, lots_at

LONGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PutInZone:
    """Lot ``lot_id`` stands in ``zone``; empty is none."""

    lot_id: int
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetZones(Command):
    warehouse_id: int
    lots: Sequence[PutInZone]


@dataclass(frozen=True, slots=True)
class ZonedLot:
    """A lot that stands in a warehouse, and the zone it was put in."""

    lot_id: int
    number: str
    item: Item
    zone: str


def zone_called(typed: str) -> str:
    """Return a zone as it is kept: one blank between words, none around them."""
    return " ".join(typed.split())


def set_zones(session: Session, actor: Actor, command: SetZones) -> dict[str, Any]:
    """Write down where lots stand; return ``{"lots"}``, how many.

    Raises:
        NotFound: a lot is not the actor's.
        Refusal: a zone's name is too long.
    """
    actor.must(Permission.STOCK_ADJUST, at=command.warehouse_id)
    ids = {put.lot_id for put in command.lots}
    owners = session.scalars(select(Lot.organisation_id).where(Lot.id.in_(ids))).all()
    if len(owners) != len(ids) or not actor.organisation_ids.issuperset(owners):
        raise NotFound("a lot")
    for put in command.lots:
        if len(put.zone.strip()) > LONGEST:
            raise Refusal(
                Message(
                    N_("Write a zone in at most {longest} letters."),
                    {"longest": LONGEST},
                ),
                field=f"zone_{put.lot_id}",
            )
    session.execute(
        delete(LotZone).where(LotZone.place_id == command.warehouse_id, LotZone.lot_id.in_(ids))
    )
    session.add_all(
        LotZone(
            lot_id=put.lot_id,
            place_id=command.warehouse_id,
            zone=zone_called(put.zone),
        )
        for put in {put.lot_id: put for put in command.lots}.values()
        if put.zone.strip()
    )
    session.flush()
    return {"lots": len(ids)}


def zoned_lots(
    session: Session, actor: Actor, warehouse: Place, *, after: int = 0, limit: int = 40
) -> list[ZonedLot]:
    """Return lots that stand in a warehouse, by item code; from place ``after`` of the list on."""
    here = {
        lot.lot_id: lot
        for kind in IN_STORE
        for lot in lots_at(session, kind, warehouse.id)
        if lot.organisation_id in actor.organisation_ids
    }
    items = {
        item.id: item
        for item in session.scalars(
            select(Item).where(Item.id.in_({lot.item_id for lot in here.values()}))
        )
    }
    zones = dict(
        session.execute(
            select(LotZone.lot_id, LotZone.zone).where(LotZone.place_id == warehouse.id)
        ).all()
    )
    ordered = sorted(here.values(), key=lambda lot: (items[lot.item_id].code, lot.number))
    return [
        ZonedLot(lot.lot_id, lot.number, items[lot.item_id], zones.get(lot.lot_id, ""))
        for lot in ordered[after : after + limit]
    ]
