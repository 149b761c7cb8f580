"""Goods are ordered from a supplier: expected at a warehouse, and stock once counted in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series, new_document
from aidlog.donations.models import Purchase, PurchaseLine, PurchaseState
from aidlog.registry.models import Item, Organisation, Place, PlaceKind

OPEN_PURCHASE = (PurchaseState.ORDERED, PurchaseState.PARTLY_RECEIVED)
MOST_LINES = 60
#: A line that costs more, in minor units, is a slip of the hand.
HIGHEST_PRICE = 10**13


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """So many base units of an item; ``price`` of them all, in minor units, None not known."""

    item_id: int
    quantity: int
    price: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPurchase(Command):
    """Goods that ``supplier`` will bring to ``warehouse_id``; ``donor_name`` gave the money."""

    warehouse_id: int
    supplier: str
    lines: Sequence[Bought]
    order_reference: str = ""
    donor_name: str = ""
    currency: str = ""
    expected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePurchase(Command):
    """Nothing more will come of it; ``note`` says why."""

    purchase: str
    note: str


class WrongPurchase(Refusal):
    """An order of nothing, of nobody, or at a price without a currency."""


class PurchaseClosed(Conflict):
    """All of it came, or it was closed before."""


def record_purchase(session: Session, actor: Actor, command: RecordPurchase) -> dict[str, Any]:
    """Write down an order; return ``{"purchase"}``. It is no stock before it is received.

    Raises:
        NotFound: the warehouse or an item is not there for this actor.
        WrongPurchase: no supplier, no line, an item twice, or a price without a currency.
    """
    actor.must(Permission.PURCHASE_RECORD, at=command.warehouse_id)
    warehouse = session.get(Place, command.warehouse_id)
    if warehouse is None or warehouse.kind is not PlaceKind.WAREHOUSE or not warehouse.active:
        raise NotFound(f"warehouse {command.warehouse_id}")
    actor.must_own(warehouse.organisation_id)
    currency = _check(session, command)
    organisation = session.get_one(Organisation, warehouse.organisation_id)
    document = new_document(
        session,
        Series.PURCHASE,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    purchase = Purchase(
        document_id=document.id,
        organisation_id=organisation.id,
        warehouse_id=warehouse.id,
        supplier=_tidy(command.supplier, 120),
        order_reference=_tidy(command.order_reference, 60),
        donor_name=_tidy(command.donor_name, 120),
        currency=currency,
        expected_on=command.expected_on,
        state=PurchaseState.ORDERED,
        created_at=datetime.now(UTC),
        created_by=actor.user_id,
    )
    session.add(purchase)
    session.flush()
    session.add_all(
        PurchaseLine(
            purchase_id=purchase.id,
            item_id=line.item_id,
            quantity=line.quantity,
            price=line.price,
        )
        for line in command.lines
    )
    session.flush()
    return {"purchase": document.code}


def close_purchase(session: Session, actor: Actor, command: ClosePurchase) -> dict[str, Any]:
    """Expect nothing more of an order; return ``{"purchase"}``.

    Raises:
        PurchaseClosed: all of it came, or it was closed before.
        WrongPurchase: nobody wrote why.
    """
    purchase, document = purchase_of(session, actor, command.purchase)
    actor.must(Permission.GOODS_RECEIVE, at=purchase.warehouse_id)
    must_be_open(purchase, document)
    if not command.note.strip():
        raise WrongPurchase(Message(N_("Write why nothing more will come.")), field="note")
    came = any(line.received for line in lines_of_purchase(session, purchase.id))
    purchase.state = PurchaseState.RECEIVED if came else PurchaseState.CANCELLED
    purchase.closing_note = _tidy(command.note, 200)
    return {"purchase": document.code}


def purchase_of(session: Session, actor: Actor, number: str) -> tuple[Purchase, Document]:
    """Return the actor's order ``number``, its row locked.

    Raises:
        NotFound: there is none, or it is another organisation's.
    """
    row = session.execute(
        select(Purchase, Document)
        .join(Document, Document.id == Purchase.document_id)
        .where(Document.code == number)
        .with_for_update(of=Purchase)
    ).one_or_none()
    if row is None or row[0].organisation_id not in actor.organisation_ids:
        raise NotFound(f"purchase {number}")
    return row[0], row[1]


def must_be_open(purchase: Purchase, document: Document) -> None:
    """Raise unless goods of the order are still expected."""
    if purchase.state not in OPEN_PURCHASE:
        raise PurchaseClosed(
            Message(
                N_("Purchase {number} is closed. Receive these goods without it."),
                {"number": document.code},
            )
        )


def lines_of_purchase(session: Session, purchase_id: int) -> list[PurchaseLine]:
    """Return what was ordered, in the order in which it was written."""
    return list(
        session.scalars(
            select(PurchaseLine)
            .where(PurchaseLine.purchase_id == purchase_id)
            .order_by(PurchaseLine.id)
        )
    )


def _check(session: Session, command: RecordPurchase) -> str:
    """Return the currency, tidied; refuse what cannot be."""
    if not command.supplier.strip():
        raise WrongPurchase(Message(N_("Write who sells the goods.")), field="supplier")
    if not command.lines:
        raise WrongPurchase(Message(N_("Nothing is ordered yet. Write at least one quantity.")))
    if len(command.lines) > MOST_LINES:
        raise WrongPurchase(
            Message(
                N_("{count} items are too many for one order. Write {most} at most."),
                {"count": len(command.lines), "most": MOST_LINES},
            )
        )
    if len({line.item_id for line in command.lines}) < len(command.lines):
        raise WrongPurchase(Message(N_("An item stands in two lines. Write it in one.")))
    for number, line in enumerate(command.lines, start=1):
        if session.get(Item, line.item_id) is None:
            raise NotFound(f"item {line.item_id}")
        if not 0 < line.quantity <= LARGEST:
            raise WrongPurchase(
                Message(N_("Line {line}: write how much was ordered."), {"line": number}),
                field=f"line_{number}",
            )
        if line.price is not None and not 0 <= line.price <= HIGHEST_PRICE:
            raise WrongPurchase(
                Message(N_("Line {line}: check the price."), {"line": number}),
                field=f"price_{number}",
            )
    currency = command.currency.strip().upper()
    priced = any(line.price is not None for line in command.lines)
    if (priced or currency) and not (
        len(currency) == 3 and currency.isascii() and currency.isalpha()
    ):
        raise WrongPurchase(
            Message(N_("Write the currency as three capital letters, for example USD.")),
            field="currency",
        )
    return currency if priced else ""


def _tidy(typed: str, longest: int) -> str:
    return " ".join(typed.split())[:longest]
