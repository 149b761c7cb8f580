"""Promises on stock: made for a plan or a waybill, ended exactly once.

Approving a plan holds its lots; loading a truck consumes what it takes; cancelling releases.
The database's triggers keep ``reserved`` equal to the sum of what is held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from aidlog.core.errors import Conflict
from aidlog.core.text import N_, Message
from aidlog.db.numbering import Document
from aidlog.ledger import rules
from aidlog.ledger.movement import Account, AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.stock.journal import Reservation, ReservationState
from aidlog.stock.measures import measure_of
from aidlog.stock.models import Lot
from aidlog.stock.posting import lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """``quantity`` base units of a lot in a warehouse, promised to ``destination_id``."""

    lot_id: int
    warehouse_id: int
    destination_id: int
    quantity: int


class ReservationEnded(Conflict):
    """The promise was consumed or released before."""


def reserve(
    session: Session,
    holds: Sequence[Hold],
    *,
    command_id: str,
    document: Document,
    ends_at: datetime | None = None,
) -> list[int]:
    """Promise every one of ``holds`` or none; return the reservations' ids in their order.

    Raises:
        NotEnoughStock: less than asked is free; it names lot, quantity asked and free.
    """
    assert holds
    lots = session.scalars(select(Lot).where(Lot.id.in_({hold.lot_id for hold in holds}))).all()
    balances = lock(session, lots, {(hold.lot_id, _account(hold)) for hold in holds})
    numbers = {lot.id: lot.number for lot in lots}
    for hold in holds:
        key = (hold.lot_id, _account(hold))
        try:
            balances[key] = rules.reserve(
                balances[key], hold.quantity, lot_id=key[0], account=key[1]
            )
        except NotEnoughStock as refusal:
            raise refusal.of(numbers[hold.lot_id], measure_of(session, hold.lot_id)) from None
    rows = [
        Reservation(
            command_id=command_id,
            document_id=document.id,
            destination_id=hold.destination_id,
            lot_id=hold.lot_id,
            kind=AccountKind.WAREHOUSE,
            key=hold.warehouse_id,
            quantity=hold.quantity,
            state=ReservationState.HELD,
            ends_at=ends_at,
            made_at=datetime.now(UTC),
        )
        for hold in holds
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def consume(session: Session, ids: Sequence[int]) -> None:
    """End reservations whose goods leave now; call it just before post() moves them.

    Raises:
        ReservationEnded: one of them was ended before.
    """
    _end(session, ids, ReservationState.CONSUMED)


def release(session: Session, ids: Sequence[int]) -> None:
    """End reservations whose goods stay; they are free again.

    Raises:
        ReservationEnded: one of them was ended before.
    """
    _end(session, ids, ReservationState.RELEASED)


def held_for(session: Session, document_id: int) -> list[Reservation]:
    """Return the reservations of a plan or waybill that are still held, by id."""
    return list(
        session.scalars(
            select(Reservation)
            .where(
                Reservation.document_id == document_id,
                Reservation.state == ReservationState.HELD,
            )
            .order_by(Reservation.id)
        )
    )


def taken_from(session: Session, ids: Select[*tuple[Any, ...]]) -> set[int]:
    """Return those reservations among ``ids`` that a truck has taken. One statement."""
    return set(
        session.scalars(
            select(Reservation.id).where(
                Reservation.id.in_(ids), Reservation.state == ReservationState.CONSUMED
            )
        )
    )


def promised_under(session: Session, lot_id: int, account: Account) -> list[str]:
    """Return the plans and waybills for which a lot in an account is promised, most first."""
    promised = func.sum(Reservation.quantity)
    return list(
        session.scalars(
            select(Document.code)
            .join(Reservation, Reservation.document_id == Document.id)
            .where(
                Reservation.lot_id == lot_id,
                Reservation.kind == account.kind,
                Reservation.key == account.key,
                Reservation.state == ReservationState.HELD,
            )
            .group_by(Document.code)
            .order_by(promised.desc(), Document.code)
        )
    )


def _end(session: Session, ids: Sequence[int], state: ReservationState) -> None:
    held = session.execute(
        select(Reservation.id, Reservation.lot_id, Reservation.kind, Reservation.key)
        .where(Reservation.id.in_(ids), Reservation.state == ReservationState.HELD)
        .order_by(Reservation.id)
        .with_for_update()
    ).all()
    if len(held) != len(set(ids)):
        raise ReservationEnded(
            Message(N_("This stock is no longer reserved here. Open the plan again to see it."))
        )
    if not held:
        return
    lots = session.scalars(select(Lot).where(Lot.id.in_({row.lot_id for row in held}))).all()
    lock(session, lots, {(row.lot_id, Account(row.kind, row.key)) for row in held})
    session.execute(
        update(Reservation)
        .where(Reservation.id.in_(ids))
        .values(state=state, ended_at=datetime.now(UTC))
        .execution_options(synchronize_session="fetch")
    )


def _account(hold: Hold) -> Account:
    return Account(AccountKind.WAREHOUSE, hold.warehouse_id)
