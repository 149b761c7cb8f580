"""What stands at a site, item by item, whoever owns it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.core.quantity import BaseUnit
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item
from aidlog.stock.models import StockTotal


@dataclass(frozen=True, slots=True)
class SiteStock:
    """``on_hand`` base units of one item at the site."""

    code: str
    name_en: str
    name_fr: str
    name_sw: str
    name_rw: str
    base_unit: BaseUnit
    on_hand: int

    def name_in(self, language: str) -> str:
        """The item's name in ``language``, in English where it has none."""
        return str(getattr(self, f"name_{language}", "") or self.name_en)


def site_stock(session: Session, place_id: int) -> list[SiteStock]:
    """Return what a site holds; whoever asks has to be allowed to see the site. One statement."""
    rows = session.execute(
        select(
            Item.code,
            Item.name_en,
            Item.name_fr,
            Item.name_sw,
            Item.name_rw,
            Item.base_unit,
            func.sum(StockTotal.on_hand),
        )
        .join(StockTotal, StockTotal.item_id == Item.id)
        .where(StockTotal.kind == AccountKind.SITE, StockTotal.key == place_id)
        .group_by(Item.id)
        .having(func.sum(StockTotal.on_hand) > 0)
        .order_by(Item.category, Item.code)
    )
    return [SiteStock(*row[:-1], int(row[-1])) for row in rows]
