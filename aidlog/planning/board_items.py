"""The items that can stand on the needs board, to choose among."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.needs.beside import items_beside
from aidlog.needs.models import Standard
from aidlog.registry.models import Item


@dataclass(frozen=True, slots=True)
class ItemChoice:
    """An item that can stand on the board."""

    code: str
    name_en: str
    name_fr: str
    name_sw: str
    name_rw: str
    category: str
    tier: int

    def name_in(self, language: str) -> str:
        """The item's name in ``language``, in English where it has none."""
        return str(getattr(self, f"name_{language}", "") or self.name_en)


def board_items(
    session: Session, actor: Actor, starts_on: date, *, today: date | None = None
) -> list[ItemChoice]:
    """Return the items that can stand on the board on ``starts_on``, the most urgent first."""
    today = today or datetime.now(UTC).date()
    with_standard = select(Standard.item_id).where(
        Standard.valid_from <= starts_on, Standard.in_force
    )
    return [
        ItemChoice(*row)
        for row in session.execute(
            select(
                Item.code,
                Item.name_en,
                Item.name_fr,
                Item.name_sw,
                Item.name_rw,
                Item.category,
                Item.tier,
            )
            .where(
                Item.active,
                or_(
                    Item.id.in_(with_standard),
                    Item.id.in_(items_beside(actor.organisation_ids, starts_on, today)),
                ),
            )
            .order_by(Item.tier, Item.category, Item.code)
        )
    ]
