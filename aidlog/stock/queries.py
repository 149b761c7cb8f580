"""What stands where: reads of the stock, rows out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Exists, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidlog.ledger.movement import Account, AccountKind, MovementKind
from aidlog.registry.models import Place
from aidlog.stock.journal import StockBalance, StockMovement
from aidlog.stock.models import Lot

#: The two accounts of a place where goods stand: those that can be used, and those held back.
IN_STORE = (AccountKind.WAREHOUSE, AccountKind.QUARANTINE)
#: The same of any place, a site as well.
AT_A_PLACE = (*IN_STORE, AccountKind.SITE, AccountKind.SITE_HELD)


@dataclass(frozen=True, slots=True)
class LotAt:
    """A lot in one account; quantities in base units, ``reserved`` of ``on_hand`` promised."""

    lot_id: int
    item_id: int
    organisation_id: int
    number: str
    expires_on: date | None
    pack_kind: str
    pack_size: int
    on_hand: int
    reserved: int

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved


def lots_at(
    session: Session, kind: AccountKind, key: int, *, items: Collection[int] | None = None
) -> list[LotAt]:
    """Return the lots that an account holds, of ``items`` or of all; first expiry first.

    ``key`` is the place, or the transit for goods on the road. One statement.
    """
    wanted = (
        select(
            Lot.id,
            Lot.item_id,
            Lot.organisation_id,
            Lot.number,
            Lot.expires_on,
            Lot.pack_kind,
            Lot.pack_size,
            StockBalance.on_hand,
            StockBalance.reserved,
        )
        .join(StockBalance, StockBalance.lot_id == Lot.id)
        .where(StockBalance.kind == kind, StockBalance.key == key, StockBalance.on_hand > 0)
        .order_by(Lot.expires_on.is_(None), Lot.expires_on, Lot.id)
    )
    if items is not None:
        wanted = wanted.where(StockBalance.item_id.in_(items))
    return [LotAt(*row) for row in session.execute(wanted)]


def free_in_stores(session: Session, lots: Collection[int]) -> dict[tuple[int, str], int]:
    """Return what is free of lots, in base units, by lot and warehouse code. One statement."""
    rows = session.execute(
        select(StockBalance.lot_id, Place.code, StockBalance.on_hand - StockBalance.reserved)
        .join(Place, Place.id == StockBalance.key)
        .where(StockBalance.kind == AccountKind.WAREHOUSE, StockBalance.lot_id.in_(lots))
    )
    return {(lot_id, warehouse): free for lot_id, warehouse, free in rows}


def moved_by(
    session: Session, documents: Collection[int], kind: MovementKind
) -> dict[tuple[int, int], int]:
    """Return ``{(document id, item id): base units}`` that ``documents`` moved as ``kind``.

    What was reversed does not count.
    """
    rows = session.execute(
        select(StockMovement.document_id, StockMovement.item_id, func.sum(StockMovement.quantity))
        .where(StockMovement.document_id.in_(documents), StockMovement.kind == kind)
        .where(~undone())
        .group_by(StockMovement.document_id, StockMovement.item_id)
    )
    return {(document, item): int(quantity) for document, item, quantity in rows}


def arrived_from(session: Session, transits: Collection[int]) -> dict[tuple[int, int], int]:
    """Return ``{(transit id, item id): base units}`` that came to a site off these roads.

    What was reversed is taken off again.
    """
    arrived: dict[tuple[int, int], int] = {}
    for sign, road, here in (
        (1, StockMovement.source_kind, StockMovement.target_kind),
        (-1, StockMovement.target_kind, StockMovement.source_kind),
    ):
        key = StockMovement.source_key if sign > 0 else StockMovement.target_key
        rows = session.execute(
            select(key, StockMovement.item_id, func.sum(StockMovement.quantity))
            .where(road == AccountKind.TRANSIT, key.in_(transits), here == AccountKind.SITE)
            .group_by(key, StockMovement.item_id)
        )
        for transit, item, quantity in rows:
            arrived[transit, item] = arrived.get((transit, item), 0) + sign * int(quantity)
    return arrived


def handed_out(
    session: Session, places: Collection[int], lots: Collection[int]
) -> dict[tuple[int, int], int]:
    """Return ``{(place id, lot id): base units}`` of ``lots`` that ``places`` handed out."""
    rows = session.execute(
        select(StockMovement.source_key, StockMovement.lot_id, func.sum(StockMovement.quantity))
        .where(
            StockMovement.kind == MovementKind.HANDED_OUT,
            StockMovement.source_kind == AccountKind.SITE,
            StockMovement.source_key.in_(places),
            StockMovement.lot_id.in_(lots),
        )
        .where(~undone())
        .group_by(StockMovement.source_key, StockMovement.lot_id)
    )
    return {(place, lot): int(quantity) for place, lot, quantity in rows}


def left_since(session: Session, moment: datetime) -> dict[tuple[int, int, int], int]:
    """Return what left warehouses for good since a moment, by road or by hand.

    ``{(organisation id, warehouse id, item id): base units}``; what was reversed does not
    count, nor what came back on the truck.
    """
    goes = case(
        (StockMovement.source_kind == AccountKind.WAREHOUSE, StockMovement.quantity),
        else_=-StockMovement.quantity,
    )
    place = case(
        (StockMovement.source_kind == AccountKind.WAREHOUSE, StockMovement.source_key),
        else_=StockMovement.target_key,
    )
    rows = session.execute(
        select(Lot.organisation_id, place, StockMovement.item_id, func.sum(goes))
        .join(Lot, Lot.id == StockMovement.lot_id)
        .where(
            StockMovement.recorded_at >= moment,
            or_(
                and_(
                    StockMovement.kind == MovementKind.LOADED,
                    StockMovement.source_kind == AccountKind.WAREHOUSE,
                ),
                and_(
                    StockMovement.kind == MovementKind.RETURNED,
                    StockMovement.source_kind == AccountKind.TRANSIT,
                    StockMovement.target_kind == AccountKind.WAREHOUSE,
                ),
            ),
            ~undone(),
        )
        .group_by(Lot.organisation_id, place, StockMovement.item_id)
    )
    return {(owner, at, item): int(net) for owner, at, item, net in rows if net > 0}


def undone() -> Exists:
    """True of a movement that another one reverses."""
    reversal = aliased(StockMovement)
    return select(reversal.id).where(reversal.reverses_id == StockMovement.id).exists()


@dataclass(frozen=True, slots=True)
class Shelf:
    """An item in a warehouse, as far as it belongs to ``organisations``."""

    place_id: int
    item_id: int
    organisations: Collection[int]


@dataclass(frozen=True, slots=True)
class LotInStore:
    """A lot in a warehouse: base units that can be used, are promised, and are held back."""

    lot_id: int
    number: str
    expires_on: date | None
    pack_kind: str
    pack_size: int
    donor_name: str
    gift_code: str
    usable: int
    reserved: int
    held: int

    @property
    def on_hand(self) -> int:
        return self.usable + self.held

    @property
    def free(self) -> int:
        return self.usable - self.reserved


def lots_in_store(session: Session, shelf: Shelf) -> list[LotInStore]:
    """Return the lots that stand on a shelf; first expiry first. One statement."""
    rows = session.execute(
        _lots_in_store(),
        {
            "place": shelf.place_id,
            "item": shelf.item_id,
            "organisations": list(shelf.organisations),
        },
    )
    return [LotInStore(*row[:7], *(int(part) for part in row[7:])) for row in rows]


@cache
def _lots_in_store() -> Select[Any]:
    lot, balance = Lot.__table__.c, StockBalance.__table__.c
    usable = balance.kind == AccountKind.WAREHOUSE
    return (
        select(
            lot.id,
            lot.number,
            lot.expires_on,
            lot.pack_kind,
            lot.pack_size,
            lot.donor_name,
            lot.gift_code,
            func.sum(case((usable, balance.on_hand), else_=0)),
            func.sum(balance.reserved),
            func.sum(case((usable, 0), else_=balance.on_hand)),
        )
        .join_from(Lot.__table__, StockBalance.__table__, balance.lot_id == lot.id)
        .where(
            balance.kind.in_(IN_STORE),
            balance.key == bindparam("place"),
            balance.item_id == bindparam("item"),
            balance.on_hand > 0,
            balance.organisation_id.in_(bindparam("organisations", expanding=True)),
        )
        .group_by(lot.id)
        .order_by(lot.expires_on.is_(None), lot.expires_on, lot.id)
    )


def gift_free(session: Session, gift_code: str) -> int:
    """Return how many base units of a gift stand in warehouses, promised to nobody yet."""
    return int(
        session.scalar(
            select(func.coalesce(func.sum(StockBalance.on_hand - StockBalance.reserved), 0))
            .join(Lot, Lot.id == StockBalance.lot_id)
            .where(Lot.gift_code == gift_code, StockBalance.kind == AccountKind.WAREHOUSE)
        )
        or 0
    )


def lot_item(session: Session, lot_id: int) -> int | None:
    """Return the item that a lot is of; None where there is no such lot."""
    found: int | None = session.scalar(_lot_item(), {"lot": lot_id})
    return found


@cache
def _lot_item() -> Select[Any]:
    lot = Lot.__table__.c
    return select(lot.item_id).where(lot.id == bindparam("lot"))


@dataclass(frozen=True, slots=True)
class Holder:
    """An account that holds some of a lot, in base units; ``reserved`` of it is promised."""

    account: Account
    on_hand: int
    reserved: int


def holders(session: Session, lot_id: int) -> list[Holder]:
    """Return where a lot is, the most first; where it came from is not told. One statement."""
    rows = session.execute(
        select(StockBalance.kind, StockBalance.key, StockBalance.on_hand, StockBalance.reserved)
        .where(StockBalance.lot_id == lot_id, StockBalance.on_hand > 0)
        .order_by(StockBalance.on_hand.desc(), StockBalance.kind, StockBalance.key)
    )
    return [Holder(Account(kind, key), on_hand, held) for kind, key, on_hand, held in rows]


def moved_at(document_id: Any, places: Collection[int]) -> Exists:
    """True of a document that moved goods into, out of or within one of ``places``."""
    move = StockMovement
    return (
        select(move.id)
        .where(
            move.document_id == document_id,
            or_(
                and_(move.source_kind.in_(AT_A_PLACE), move.source_key.in_(places)),
                and_(move.target_kind.in_(AT_A_PLACE), move.target_key.in_(places)),
            ),
        )
        .exists()
    )


def still_stands(session: Session, document_id: int) -> bool:
    """Say whether a document moved goods and nothing has undone that."""
    return (
        session.scalar(
            select(StockMovement.id)
            .where(StockMovement.document_id == document_id, StockMovement.reverses_id.is_(None))
            .where(~undone())
            .limit(1)
        )
        is not None
    )


def stands_somewhere(session: Session, lot_id: int) -> bool:
    """Say whether any of a lot is anywhere; False once all of it was taken back."""
    return (
        session.scalar(
            select(StockBalance.lot_id)
            .where(StockBalance.lot_id == lot_id, StockBalance.on_hand != 0)
            .limit(1)
        )
        is not None
    )


@dataclass(frozen=True, slots=True)
class FreeAt:
    """What is free of an item in one warehouse; ``expired`` of it is past its date already."""

    place_id: int
    free: int
    expired: int
    first_expiry: date | None


def free_of_item(
    session: Session, item_id: int, organisations: Collection[int], today: date
) -> list[FreeAt]:
    """Return where an item is free, most first. One statement.

    ``free`` leaves out what expired before ``today``; ``first_expiry`` is of what is left.
    """
    left = StockBalance.on_hand - StockBalance.reserved
    good = Lot.expires_on.is_(None) | (Lot.expires_on >= today)
    free = func.sum(case((good, left), else_=0))
    rows = session.execute(
        select(
            StockBalance.key,
            free,
            func.sum(case((good, 0), else_=left)),
            func.min(case((good, Lot.expires_on))),
        )
        .join(Lot, Lot.id == StockBalance.lot_id)
        .where(
            StockBalance.kind == AccountKind.WAREHOUSE,
            StockBalance.item_id == item_id,
            StockBalance.organisation_id.in_(organisations),
            StockBalance.on_hand > StockBalance.reserved,
        )
        .group_by(StockBalance.key)
        .order_by(free.desc(), StockBalance.key)
    )
    return [FreeAt(key, int(good), int(late), first) for key, good, late, first in rows]
