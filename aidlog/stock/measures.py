"""How the goods of a lot are counted by people: their unit, and the packs they stand in."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.units import Measure
from aidlog.registry.models import Item
from aidlog.stock.models import Lot


def measure_of(session: Session, lot_id: int) -> Measure:
    """Return the measure of one lot. One statement: for refusals, not for lists."""
    unit, size, kind = session.execute(
        select(Item.base_unit, Lot.pack_size, Lot.pack_kind)
        .join(Item, Item.id == Lot.item_id)
        .where(Lot.id == lot_id)
    ).one()
    return Measure(unit, size, kind)
