"""Orders as people see them: what is still expected, and one whole."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.donations.models import GoodsReceived, Purchase, PurchaseLine, PurchaseState
from aidlog.donations.purchasing import OPEN_PURCHASE
from aidlog.registry.models import Item, Person, Place

PAGE = 50


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """An order in a list; ``lines`` kinds of goods, of ``open_lines`` some is still to come."""

    id: int
    number: str
    supplier: str
    order_reference: str
    warehouse: Place
    expected_on: date | None
    state: PurchaseState
    lines: int
    open_lines: int


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """Base units; ``price`` of the whole line in minor units."""

    item: Item
    line: PurchaseLine

    @property
    def open(self) -> int:
        return self.line.quantity - self.line.received


@dataclass(frozen=True, slots=True)
class NoteOf:
    """A goods received note of an order."""

    number: str
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class PurchaseStory:
    purchase: Purchase
    number: str
    warehouse: Place
    created_by: str
    lines: list[OrderedLine]
    notes: list[NoteOf]

    @property
    def is_open(self) -> bool:
        """True while goods are expected."""
        return self.purchase.state in OPEN_PURCHASE

    @property
    def price(self) -> int | None:
        """What it costs in all, in minor units; None where a line has no price."""
        prices = [ordered.line.price for ordered in self.lines]
        return None if None in prices else sum(price or 0 for price in prices)


def purchases(
    session: Session,
    actor: Actor,
    *,
    may: Permission = Permission.STOCK_VIEW,
    only_open: bool = True,
    before: int | None = None,
) -> list[PurchaseRow]:
    """Return orders for warehouses where the actor ``may`` see the stock, or more. One statement.

    The open ones by the day on which they are expected; all of them newest first, in pages.
    """
    of_it = PurchaseLine.purchase_id == Purchase.id
    wanted = (
        select(
            Purchase.id,
            Document.code,
            Purchase.supplier,
            Purchase.order_reference,
            Place,
            Purchase.expected_on,
            Purchase.state,
            select(func.count()).where(of_it).scalar_subquery(),
            select(func.count())
            .where(of_it, PurchaseLine.received < PurchaseLine.quantity)
            .scalar_subquery(),
        )
        .join(Document, Document.id == Purchase.document_id)
        .join(Place, Place.id == Purchase.warehouse_id)
        .where(_reach(actor, may))
    )
    if only_open:
        wanted = wanted.where(Purchase.state.in_(OPEN_PURCHASE)).order_by(
            Purchase.expected_on.is_(None), Purchase.expected_on, Purchase.id
        )
    else:
        wanted = wanted.order_by(Purchase.id.desc())
        if before is not None:
            wanted = wanted.where(Purchase.id < before)
    return [PurchaseRow(*row) for row in session.execute(wanted.limit(PAGE + 1))]


def purchase_story(
    session: Session, actor: Actor, number: str, *, may: Permission = Permission.STOCK_VIEW
) -> PurchaseStory:
    """Return one order with what came of it.

    Raises:
        NotFound: there is none for a warehouse where the actor ``may`` see the stock, or more.
    """
    row = session.execute(
        select(Purchase, Document.code, Place, Person.name)
        .join(Document, Document.id == Purchase.document_id)
        .join(Place, Place.id == Purchase.warehouse_id)
        .join(Person, Person.id == Purchase.created_by)
        .where(Document.code == number, _reach(actor, may))
    ).one_or_none()
    if row is None:
        raise NotFound(f"purchase {number}")
    purchase: Purchase = row[0]
    note = aliased(Document)
    return PurchaseStory(
        *row,
        lines=[
            OrderedLine(*line)
            for line in session.execute(
                select(Item, PurchaseLine)
                .join(PurchaseLine, PurchaseLine.item_id == Item.id)
                .where(PurchaseLine.purchase_id == purchase.id)
                .order_by(PurchaseLine.id)
            )
        ],
        notes=[
            NoteOf(*line)
            for line in session.execute(
                select(note.code, GoodsReceived.arrived_at)
                .join(note, note.id == GoodsReceived.document_id)
                .where(GoodsReceived.purchase_id == purchase.id)
                .order_by(GoodsReceived.id)
            )
        ],
    )


@dataclass(frozen=True, slots=True)
class LastPrice:
    """What ``quantity`` base units of an item cost when it was last ordered, in minor units."""

    price: int
    quantity: int
    currency: str
    ordered_on: date

    def of(self, units: int) -> int:
        """Return what ``units`` cost at this price, rounded to the nearest minor unit."""
        return (2 * self.price * units + self.quantity) // (2 * self.quantity)


def last_prices(session: Session, actor: Actor, items: Collection[int]) -> dict[int, LastPrice]:
    """Return what the actor's organisations last paid, by item id. One statement.

    Orders that were cancelled, and lines without a price, say nothing.
    """
    actor.must(Permission.PLAN_DRAFT)
    latest = (
        select(func.max(PurchaseLine.id))
        .join(Purchase, Purchase.id == PurchaseLine.purchase_id)
        .where(Purchase.organisation_id.in_(actor.organisation_ids))
        .where(Purchase.state != PurchaseState.CANCELLED)
        .where(PurchaseLine.price > 0, PurchaseLine.item_id.in_(items))
        .group_by(PurchaseLine.item_id)
    )
    rows = session.execute(
        select(PurchaseLine, Purchase)
        .join(Purchase, Purchase.id == PurchaseLine.purchase_id)
        .where(PurchaseLine.id.in_(latest))
    )
    return {
        line.item_id: LastPrice(
            line.price or 0, line.quantity, purchase.currency, purchase.created_at.date()
        )
        for line, purchase in rows
    }


def _reach(actor: Actor, may: Permission) -> ColumnElement[bool]:
    own = Purchase.organisation_id.in_(actor.organisation_ids)
    places = actor.places(may)
    return own if places is None else and_(own, Purchase.warehouse_id.in_(places))
