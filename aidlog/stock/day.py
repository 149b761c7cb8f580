"""What stood where at the end of a day: by the days on which people say things happened."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, Place
from aidlog.stock.journal import StockBalance, StockMovement
from aidlog.stock.models import Lot
from aidlog.stock.queries import IN_STORE


@dataclass(frozen=True, slots=True)
class LotOnDay:
    """What a warehouse held of a lot when a day ended: base units, usable and held back."""

    warehouse: Place
    item: Item
    lot: str
    expires_on: date | None
    usable: int
    held: int

    @property
    def on_hand(self) -> int:
        return self.usable + self.held


def stood_on(
    session: Session, actor: Actor, day: date, *, warehouse_id: int | None = None
) -> list[LotOnDay]:
    """Return what stood in the actor's warehouses when ``day`` (UTC) ended.

    A truck entered late counts on the day on which it left. What there is now, less what was
    said to have happened later; three statements.
    """
    places = _places(actor, warehouse_id)
    now, side = StockBalance, StockMovement
    end = datetime.combine(day, time.max, UTC)
    parts = [
        select(now.lot_id, now.kind, now.key, now.on_hand.label("quantity")).where(
            now.kind.in_(IN_STORE), now.organisation_id.in_(actor.organisation_ids)
        )
    ]
    for kind, key, sign in (
        (side.source_kind, side.source_key, 1),
        (side.target_kind, side.target_key, -1),
    ):
        parts.append(
            select(side.lot_id, kind, key, (side.quantity * sign).label("quantity"))
            .join(Lot, Lot.id == side.lot_id)
            .where(
                side.occurred_at > end,
                kind.in_(IN_STORE),
                Lot.organisation_id.in_(actor.organisation_ids),
            )
        )
    every = union_all(*parts).subquery()
    columns = every.c
    total = func.sum(columns.quantity)
    wanted = (
        select(columns.lot_id, columns.kind, columns.key, total)
        .group_by(columns.lot_id, columns.kind, columns.key)
        .having(total != 0)
    )
    if places is not None:
        wanted = wanted.where(columns.key.in_(places))
    figures: dict[tuple[int, int], list[int]] = {}
    for lot_id, kind, key, quantity in session.execute(wanted):
        pair = figures.setdefault((key, lot_id), [0, 0])
        pair[0 if kind == AccountKind.WAREHOUSE else 1] += int(quantity)
    return _named(session, figures)


def _places(actor: Actor, warehouse_id: int | None) -> Collection[int] | None:
    if warehouse_id is not None:
        actor.must(Permission.STOCK_VIEW, at=warehouse_id)
        return [warehouse_id]
    return actor.places(Permission.STOCK_VIEW)


def _named(session: Session, figures: dict[tuple[int, int], list[int]]) -> list[LotOnDay]:
    places = {
        place.id: place
        for place in session.scalars(
            select(Place).where(Place.id.in_({key for key, _lot in figures}))
        )
    }
    lots = {}
    ids = sorted({lot for _key, lot in figures})
    for start in range(0, len(ids), 500):
        for lot, item in session.execute(
            select(Lot, Item)
            .join(Item, Item.id == Lot.item_id)
            .where(Lot.id.in_(ids[start : start + 500]))
        ):
            lots[lot.id] = (lot, item)
    rows = [
        LotOnDay(places[key], item, lot.number, lot.expires_on, usable, held)
        for (key, lot_id), (usable, held) in figures.items()
        for lot, item in [lots[lot_id]]
    ]
    return sorted(rows, key=lambda row: (row.warehouse.code, row.item.code, row.lot))
