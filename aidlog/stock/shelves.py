"""What stands where, lot by lot and place by place: for expiry, what is held, and recalls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from aidlog.ledger.movement import Account, AccountKind, MovementKind
from aidlog.registry.models import Item, Place
from aidlog.stock.journal import StockBalance, StockMovement
from aidlog.stock.models import Lot
from aidlog.stock.queries import AT_A_PLACE, IN_STORE, undone

#: The accounts in which a place holds goods back.
APART = (AccountKind.QUARANTINE, AccountKind.SITE_HELD)


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account holds of a lot: base units, ``reserved`` of them promised."""

    lot_id: int
    account: Account
    on_hand: int
    reserved: int


def standing(session: Session, lots: Collection[int]) -> list[Standing]:
    """Return every account that holds some of ``lots`` or has taken some in. One statement.

    What came from outside (negative there) is left out.
    """
    rows = session.execute(
        select(
            StockBalance.lot_id,
            StockBalance.kind,
            StockBalance.key,
            StockBalance.on_hand,
            StockBalance.reserved,
        )
        .where(StockBalance.lot_id.in_(lots), StockBalance.on_hand > 0)
        .order_by(StockBalance.lot_id, StockBalance.kind, StockBalance.key)
    )
    return [
        Standing(lot, Account(kind, key), on_hand, reserved)
        for lot, kind, key, on_hand, reserved in rows
    ]


@dataclass(frozen=True, slots=True)
class Gone:
    """``quantity`` base units of a lot that left a place for good under a document."""

    lot_id: int
    kind: MovementKind
    place_id: int
    document_id: int
    occurred_at: datetime
    quantity: int


def gone(session: Session, lots: Collection[int], kinds: Collection[MovementKind]) -> list[Gone]:
    """Return what of ``lots`` left by ``kinds``, oldest first; what was reversed left out."""
    rows = session.execute(
        select(
            StockMovement.lot_id,
            StockMovement.kind,
            StockMovement.source_key,
            StockMovement.document_id,
            StockMovement.occurred_at,
            func.sum(StockMovement.quantity),
        )
        .where(
            StockMovement.lot_id.in_(lots),
            StockMovement.kind.in_(kinds),
            ~undone(),
        )
        .group_by(
            StockMovement.lot_id,
            StockMovement.kind,
            StockMovement.source_key,
            StockMovement.document_id,
            StockMovement.occurred_at,
        )
        .order_by(StockMovement.occurred_at, StockMovement.document_id, StockMovement.lot_id)
    )
    return [Gone(*row[:5], int(row[5])) for row in rows]


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A lot at a place: base units that can be used, are promised of those, and are held."""

    place: Place
    lot: Lot
    item: Item
    usable: int
    reserved: int
    held: int

    @property
    def free(self) -> int:
        return self.usable - self.reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfFilter:
    """``places`` None is everywhere; ``held``: only what is held back; days are included."""

    organisations: Collection[int]
    places: Collection[int] | None
    since: date | None = None
    until: date | None = None
    held: bool = False


def on_shelves(session: Session, which: ShelfFilter, *, limit: int) -> list[OnShelf]:
    """Return lots at their places, first expiry first, then by item. One statement."""
    apart = StockBalance.kind.in_(APART)
    wanted = (
        select(
            Place,
            Lot,
            Item,
            func.sum(case((apart, 0), else_=StockBalance.on_hand)),
            func.sum(StockBalance.reserved),
            func.sum(case((apart, StockBalance.on_hand), else_=0)),
        )
        .join_from(StockBalance, Lot, Lot.id == StockBalance.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .join(Place, Place.id == StockBalance.key)
        .where(
            StockBalance.kind.in_(APART if which.held else IN_STORE),
            StockBalance.on_hand > 0,
            StockBalance.organisation_id.in_(which.organisations),
        )
        .group_by(Place.id, Lot.id, Item.id)
        .order_by(Lot.expires_on.is_(None), Lot.expires_on, Item.code, Lot.id, Place.id)
        .limit(limit)
    )
    if which.places is not None:
        wanted = wanted.where(StockBalance.key.in_(which.places))
    if which.since is not None:
        wanted = wanted.where(Lot.expires_on >= which.since)
    if which.until is not None:
        wanted = wanted.where(Lot.expires_on <= which.until)
    return [
        OnShelf(place, lot, item, int(usable), int(reserved), int(held))
        for place, lot, item, usable, reserved, held in session.execute(wanted)
    ]


def seen_at(places: Collection[int]) -> Select[int]:
    """The ids of lots that stand, or stood once, in ``places``; to stand within a statement."""
    return select(StockBalance.lot_id).where(
        StockBalance.kind.in_(AT_A_PLACE), StockBalance.key.in_(places)
    )
