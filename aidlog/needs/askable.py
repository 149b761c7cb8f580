"""The goods that a phone offers to ask for: those that people are due by a standard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.needs.models import Standard
from aidlog.registry.models import Item, ItemPack


@dataclass(frozen=True, slots=True)
class Askable:
    """An item and its smallest pack that may be sent; a pack of one is a single unit."""

    item: Item
    pack_size: int
    pack_kind: str


def goods_to_ask(session: Session, today: date) -> list[Askable]:
    """Return the items with a standard in force, the most urgent first. One statement."""
    due = select(Standard.item_id).where(Standard.in_force, Standard.valid_from <= today)
    rows = session.execute(
        select(Item, ItemPack.size, ItemPack.kind)
        .outerjoin(ItemPack, (ItemPack.item_id == Item.id) & ItemPack.issue & ItemPack.active)
        .where(Item.active, Item.id.in_(due))
        .order_by(Item.tier, Item.name_en, Item.id)
    )
    return [Askable(item, size or 1, kind or "") for item, size, kind in rows]
