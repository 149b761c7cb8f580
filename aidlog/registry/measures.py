"""How items are counted by people: their unit, and the smallest pack that is issued."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from aidlog.core.units import Measure
from aidlog.registry.models import Item, ItemPack


def measures_of(session: Session, items: Collection[int]) -> dict[int, Measure]:
    """Return the measure of each of ``items`` by its id. One statement."""
    rows = session.execute(
        select(Item.id, Item.base_unit, ItemPack.size, ItemPack.kind)
        .outerjoin(ItemPack, and_(ItemPack.item_id == Item.id, ItemPack.issue, ItemPack.active))
        .where(Item.id.in_(items))
    )
    return {
        item: Measure(unit, size, kind) if size else Measure(unit)
        for item, unit, size, kind in rows
    }
