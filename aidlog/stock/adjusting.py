"""The books are set right by hand: goods found, lost, spoiled or held back.

Every such change has a number, a reason and a person; nothing is ever overwritten. Letting go
what is held back takes another right: holding.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.base import table
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series, new_document
from aidlog.ledger import rules
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.registry.models import Organisation, Place, PlaceKind
from aidlog.stock.limits import needs_another
from aidlog.stock.measures import measure_of
from aidlog.stock.models import (
    AdjustmentState,
    Correcting,
    Lot,
    Reason,
    StockAdjustment,
    StockCorrection,
)
from aidlog.stock.posting import KnownLot, lock, post

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
}

# Every correction asks and tells these, so they are built once.
_LOT, _PLACE, _ORGANISATION = (t.c for t in map(table, (Lot, Place, Organisation)))
_LOT_AT = select(
    _LOT.id,
    _LOT.item_id,
    _LOT.organisation_id,
    _LOT.number,
    _LOT.expires_on,
    select(_PLACE.kind).where(_PLACE.id == bindparam("place")).scalar_subquery(),
).where(_LOT.id == bindparam("lot"))
_CODE_OF = select(_ORGANISATION.code).where(_ORGANISATION.id == bindparam("organisation"))
_GIVE_REASON, _ASK = insert(table(StockCorrection)), insert(table(StockAdjustment))


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectStock(Command):
    """Do ``what`` to ``quantity`` base units of a lot in a warehouse, and say why.

    ``cites``: the waybill or note on which the goods came, where a loss is claimed by it.
    """

    warehouse_id: int
    lot_id: int
    what: Correcting
    quantity: int
    reason: Reason
    remark: str = ""
    cites: str = ""


class WrongReason(Refusal):
    """The reason given does not explain what is done."""


def correct_stock(session: Session, actor: Actor, command: CorrectStock) -> dict[str, Any]:
    """Change what the books say of one lot in one warehouse, or ask a second person to.

    Returns ``{"document", "waits"}``. Above the organisation's limit (limits.py) nothing moves
    until somebody else has approved it.

    Raises:
        NotFound: the warehouse or the lot is not the actor's, or no document is called so.
        WrongReason: nothing is moved, or the reason does not fit.
        NotEnoughStock: fewer are there, or they are promised; it names the lot.
    """
    actor.must(Permission.STOCK_ADJUST, at=command.warehouse_id)
    lot = _lot_at(session, command)
    actor.must_own(lot.organisation_id)
    _check(command)
    cites = _cited(session, actor, command)
    move = movement_of(command)
    balances = lock(session, [lot], [(lot.id, move.source), (lot.id, move.target)])
    waits = needs_another(session, command, lot)
    if waits:  # what cannot be booked now is not asked of anybody
        try:
            rules.apply(balances, [move])
        except NotEnoughStock as refusal:
            raise refusal.of(lot.number, measure_of(session, lot.id)) from None
    document = numbered(session, lot.organisation_id, Series.ADJUSTMENT)
    now = datetime.now(UTC)
    session.execute(
        _GIVE_REASON,
        {
            "document_id": document.id,
            "reason": command.reason,
            "remark": command.remark.strip(),
        },
    )
    session.execute(
        _ASK,
        {
            "document_id": document.id,
            "organisation_id": lot.organisation_id,
            "warehouse_id": command.warehouse_id,
            "lot_id": lot.id,
            "item_id": lot.item_id,
            "what": command.what,
            "quantity": command.quantity,
            "cites": cites,
            "state": AdjustmentState.WAITING if waits else AdjustmentState.POSTED,
            "asked_at": now,
            "asked_by": actor.user_id,
        },
    )
    if not waits:
        post(
            session,
            actor,
            [move],
            command_id=command.command_id,
            document=document,
            occurred_at=now,
        )
    return {"document": document.code, "waits": waits}


def _lot_at(session: Session, command: CorrectStock) -> KnownLot:
    """Return the lot that a correction speaks of; the place must be a warehouse."""
    asked = {"lot": command.lot_id, "place": command.warehouse_id}
    session.flush()
    row = session.execute(_LOT_AT, asked).one_or_none()
    if row is None:
        raise NotFound(f"lot {command.lot_id}")
    *lot, kind = row
    if kind is not PlaceKind.WAREHOUSE:
        raise NotFound(f"warehouse {command.warehouse_id}")
    return KnownLot(*lot)


def numbered(session: Session, organisation_id: int, series: Series) -> Document:
    """Give the next number of ``series`` to a document of an organisation."""
    code = session.scalars(_CODE_OF, {"organisation": organisation_id}).one()
    return new_document(session, series, organisation_id=organisation_id, organisation_code=code)


def _check(command: CorrectStock) -> None:
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


def _cited(session: Session, actor: Actor, command: CorrectStock) -> str:
    """Return the number of the paper that the goods came on, as it is written in the books."""
    typed = command.cites.strip().upper()
    if not typed:
        return ""
    known = session.scalar(
        select(Document.code).where(
            Document.code == typed, Document.organisation_id.in_(actor.organisation_ids)
        )
    )
    if known is None:
        raise WrongReason(
            Message(
                N_("No document has the number {number}. Write it as on the paper, or leave it."),
                {"number": command.cites.strip()[:40]},
            ),
            field="cites",
        )
    return known


def movement_of(asked: CorrectStock | StockAdjustment) -> Movement:
    """Return the movement that a correction stands for."""
    usable = Account(AccountKind.WAREHOUSE, asked.warehouse_id)
    held = Account(AccountKind.QUARANTINE, asked.warehouse_id)
    kind, source, target = {
        Correcting.ADD: (MovementKind.ADJUSTED_UP, Account(AccountKind.FOUND), usable),
        Correcting.TAKE_OFF: (MovementKind.ADJUSTED_DOWN, usable, Account(AccountKind.LOSS)),
        Correcting.TAKE_OFF_HELD: (MovementKind.ADJUSTED_DOWN, held, Account(AccountKind.LOSS)),
        Correcting.HOLD: (MovementKind.HELD, usable, held),
    }[asked.what]
    return Movement(
        kind=kind, lot_id=asked.lot_id, quantity=asked.quantity, source=source, target=target
    )
