"""The books are set right by hand: goods found, lost, spoiled, held back or let go again.

Every such change has a number, a reason and a person; nothing is ever overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series, new_document
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Organisation, Place, PlaceKind
from aidlog.stock.models import Lot, Reason, StockCorrection
from aidlog.stock.posting import LotExpired, post


class Correcting(StrEnum):
    """What is done to a lot in a warehouse."""

    ADD = "add"
    TAKE_OFF = "take_off"
    TAKE_OFF_HELD = "take_off_held"
    HOLD = "hold"
    RELEASE = "release"


#: Which reasons can be given for what. A loss is said to be one; nothing is "other".
REASONS: dict[Correcting, tuple[Reason, ...]] = {
    Correcting.ADD: (Reason.FOUND, Reason.MISCOUNTED, Reason.UNKNOWN),
    Correcting.TAKE_OFF: (
        Reason.LOST,
        Reason.STOLEN,
        Reason.DAMAGED,
        Reason.EXPIRED,
        Reason.UNRECORDED_ISSUE,
        Reason.MISCOUNTED,
        Reason.UNKNOWN,
    ),
    Correcting.TAKE_OFF_HELD: (
        Reason.DAMAGED,
        Reason.EXPIRED,
        Reason.LOST,
        Reason.STOLEN,
        Reason.MISCOUNTED,
        Reason.UNKNOWN,
    ),
    Correcting.HOLD: (Reason.DAMAGED, Reason.EXPIRED, Reason.QUALITY_CHECK),
    Correcting.RELEASE: (Reason.QUALITY_CHECK, Reason.MISCOUNTED, Reason.WRONG_ENTRY),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectStock(Command):
    """Do ``what`` to ``quantity`` base units of a lot in a warehouse, and say why."""

    warehouse_id: int
    lot_id: int
    what: Correcting
    quantity: int
    reason: Reason
    remark: str = ""


class WrongReason(Refusal):
    """The reason given does not explain what is done."""


def correct_stock(session: Session, actor: Actor, command: CorrectStock) -> dict[str, Any]:
    """Change what the books say of one lot in one warehouse; return ``{"document"}``.

    Raises:
        NotFound: the warehouse or the lot is not the actor's.
        WrongReason: nothing is moved, or the reason does not fit.
        NotEnoughStock: fewer are there, or they are promised; it names the lot.
        LotExpired: an expired lot would be let go for use again.
    """
    actor.must(Permission.STOCK_ADJUST, at=command.warehouse_id)
    warehouse = session.get(Place, command.warehouse_id)
    lot = session.get(Lot, command.lot_id)
    if warehouse is None or warehouse.kind is not PlaceKind.WAREHOUSE:
        raise NotFound(f"warehouse {command.warehouse_id}")
    if lot is None:
        raise NotFound(f"lot {command.lot_id}")
    actor.must_own(lot.organisation_id)
    _check(command, lot)
    document = numbered(session, lot.organisation_id, Series.ADJUSTMENT)
    session.add(
        StockCorrection(
            document_id=document.id, reason=command.reason, remark=command.remark.strip()
        )
    )
    now = datetime.now(UTC)
    post(
        session,
        actor,
        [_movement(command)],
        command_id=command.command_id,
        document=document,
        occurred_at=now,
    )
    return {"document": document.code}


def numbered(session: Session, organisation_id: int, series: Series) -> Document:
    """Give the next number of ``series`` to a document of an organisation."""
    organisation = session.get_one(Organisation, organisation_id)
    return new_document(
        session,
        series,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )


def _check(command: CorrectStock, lot: Lot) -> None:
    if command.quantity < 1:
        raise WrongReason(
            Message(N_("Write how many were counted: a whole number above zero.")),
            field="quantity",
        )
    allowed: Sequence[Reason] = REASONS[command.what]
    if command.reason not in allowed:
        raise WrongReason(
            Message(N_("This reason does not explain the correction. Choose another one.")),
            field="reason",
        )
    if command.reason is Reason.UNKNOWN and not command.remark.strip():
        raise WrongReason(
            Message(N_("Write in the remark what is known, since the reason is not.")),
            field="remark",
        )
    today = datetime.now(UTC).date()
    if command.what is Correcting.RELEASE and lot.expires_on and lot.expires_on < today:
        raise LotExpired(
            Message(
                N_("Lot {lot} expired on {date}. It stays held; take it off the books instead."),
                {"lot": lot.number, "date": lot.expires_on},
            ),
            field="lot",
        )


def _movement(command: CorrectStock) -> Movement:
    usable = Account(AccountKind.WAREHOUSE, command.warehouse_id)
    held = Account(AccountKind.QUARANTINE, command.warehouse_id)
    kind, source, target = {
        Correcting.ADD: (MovementKind.ADJUSTED_UP, Account(AccountKind.FOUND), usable),
        Correcting.TAKE_OFF: (MovementKind.ADJUSTED_DOWN, usable, Account(AccountKind.LOSS)),
        Correcting.TAKE_OFF_HELD: (MovementKind.ADJUSTED_DOWN, held, Account(AccountKind.LOSS)),
        Correcting.HOLD: (MovementKind.HELD, usable, held),
        Correcting.RELEASE: (MovementKind.RELEASED, held, usable),
    }[command.what]
    return Movement(
        kind=kind, lot_id=command.lot_id, quantity=command.quantity, source=source, target=target
    )
