"""The stock card of an item in a warehouse: lots, figures, every line with its balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.text import Message
from aidlog.ledger.movement import Account
from aidlog.registry.models import Item, Place
from aidlog.stock.history import (
    MovementLine,
    card_lines,
    changed_after,
    changed_from,
    changes_by_day,
)
from aidlog.stock.levels import warehouses
from aidlog.stock.models import StockTotal
from aidlog.stock.naming import names_of
from aidlog.stock.queries import IN_STORE, LotInStore, Shelf, lots_in_store
from aidlog.stock.wording import sentence


@dataclass(frozen=True, slots=True)
class CardLine:
    """A movement, what it was in words, and the balance after it (base units)."""

    move: MovementLine
    what: Message
    change: int
    balance: int


@dataclass(frozen=True, slots=True)
class CardPage:
    """Some lines of a card, newest first. ``older`` starts the next page, None at the end.

    ``brought_forward`` is what there was before the oldest line shown.
    """

    lines: list[CardLine]
    older: int | None
    brought_forward: int


@dataclass(frozen=True, slots=True)
class Card:
    """Everything about an item in a warehouse; figures in base units."""

    warehouse: Place
    item: Item
    lots: list[LotInStore]

    @property
    def on_hand(self) -> int:
        return sum(lot.on_hand for lot in self.lots)

    @property
    def reserved(self) -> int:
        return sum(lot.reserved for lot in self.lots)

    @property
    def held(self) -> int:
        return sum(lot.held for lot in self.lots)

    @property
    def free(self) -> int:
        return sum(lot.free for lot in self.lots)

    @property
    def first_expiry(self) -> date | None:
        return min((lot.expires_on for lot in self.lots if lot.expires_on), default=None)


def card(session: Session, actor: Actor, warehouse_code: str, item_code: str) -> Card:
    """Return the card of an item in a warehouse; three statements.

    Raises:
        NotFound: no such item or warehouse, or not one whose stock the actor may see.
    """
    warehouse, item = shelf_of(session, actor, warehouse_code, item_code)
    return Card(warehouse, item, lots_in_store(session, _shelf(actor, warehouse, item)))


def shelf_of(
    session: Session, actor: Actor, warehouse_code: str, item_code: str
) -> tuple[Place, Item]:
    """Return the warehouse and the item that a card is of; two statements.

    Raises:
        NotFound: no such item or warehouse, or not one whose stock the actor may see.
    """
    warehouse = next(
        (place for place in warehouses(session, actor) if place.code == warehouse_code), None
    )
    item = session.scalars(select(Item).where(Item.code == item_code)).one_or_none()
    if warehouse is None or item is None:
        raise NotFound("stock card")
    return warehouse, item


def card_page(
    session: Session, actor: Actor, shown: Card, *, before: int | None = None, limit: int = 50
) -> CardPage:
    """Return the lines of a card before a line, each with the balance after it.

    The balance runs back from what there is now, so the newest line always agrees with it.
    """
    shelf = _shelf(actor, shown.warehouse, shown.item)
    lines = card_lines(session, shelf, before=before, limit=limit + 1)
    balance = shown.on_hand
    if before is not None:
        balance -= changed_from(session, shelf, first_id=before)
    here = {Account(kind, shown.warehouse.id) for kind in IN_STORE}
    names = names_of(session, (side for line in lines for side in (line.source, line.target)))
    page = []
    for line in lines[:limit]:
        change = line.change_at(here)
        page.append(CardLine(line, sentence(line, names), change, balance))
        balance -= change
    older = page[-1].move.id if len(lines) > limit else None
    return CardPage(page, older, balance)


def balance_on(session: Session, actor: Actor, warehouse: Place, item: Item, day: date) -> int:
    """Return what stood in a warehouse of an item when ``day`` (UTC) ended, in base units.

    By the days on which people say things happened: a truck entered late counts on the day
    on which it left.
    """
    actor.must(Permission.STOCK_VIEW, at=warehouse.id)
    shelf = _shelf(actor, warehouse, item)
    now = session.scalar(
        select(func.coalesce(func.sum(StockTotal.on_hand), 0)).where(
            StockTotal.kind.in_(IN_STORE),
            StockTotal.key == warehouse.id,
            StockTotal.item_id == item.id,
            StockTotal.organisation_id.in_(actor.organisation_ids),
        )
    )
    end = datetime.combine(day, time.max, UTC)
    return int(now or 0) - changed_after(session, shelf, moment=end)


def balances(
    session: Session, actor: Actor, shown: Card, *, today: date, days: int = 30
) -> list[tuple[date, int]]:
    """Return the balance at the end of each of the last ``days`` days, oldest first."""
    first = today - timedelta(days=days - 1)
    changes = changes_by_day(
        session,
        _shelf(actor, shown.warehouse, shown.item),
        since=datetime.combine(first, time.min, UTC),
    )
    balance = shown.on_hand
    back = []
    for step in range(days):
        day = today - timedelta(days=step)
        back.append((day, balance))
        balance -= changes.get(day, 0)
    return back[::-1]


def _shelf(actor: Actor, warehouse: Place, item: Item) -> Shelf:
    return Shelf(warehouse.id, item.id, actor.organisation_ids)
