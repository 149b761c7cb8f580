"""The stock journal, the balances that follow from it, and the promises made on them.

Written by posting.py and reserving.py alone, read by queries.py and soundness.py alone: no
other slice imports this. Balances and totals are moved by the database's triggers, which also
forbid any change to a movement; Python only inserts movements and reservations.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from aidlog.db.base import Base, Id, one_of
from aidlog.ledger.movement import AccountKind, MovementKind


class StockMovement(Base):
    """One line of the ledger. Written once by posting.post(), never changed.

    ``occurred_at`` is what the person says; the order is that of ``id``, the server's.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND quantity <= 1000000000000000", name="quantity_positive"),
        CheckConstraint("source_kind <> target_kind OR source_key <> target_key", name="two_sides"),
        UniqueConstraint("command_id", "line"),
        UniqueConstraint("reverses_id"),
        ForeignKeyConstraint(["lot_id", "item_id"], ["lot.id", "lot.item_id"]),
        Index("ix_stock_movement_lot_id", "lot_id", "id"),
        Index("ix_stock_movement_source", "source_kind", "source_key", "item_id", "id"),
        Index("ix_stock_movement_target", "target_kind", "target_key", "item_id", "id"),
    )

    id: Mapped[Id]
    command_id: Mapped[str] = mapped_column(
        ForeignKey("command.id", deferrable=True, initially="DEFERRED")
    )
    line: Mapped[int]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    kind: Mapped[MovementKind] = mapped_column(one_of(MovementKind))
    lot_id: Mapped[int]
    item_id: Mapped[int]
    quantity: Mapped[int]
    source_kind: Mapped[AccountKind] = mapped_column(one_of(AccountKind))
    source_key: Mapped[int]
    target_kind: Mapped[AccountKind] = mapped_column(one_of(AccountKind))
    target_key: Mapped[int]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("stock_movement.id"))


class StockBalance(Base):
    """What an account holds of a lot, and how much of that is promised."""

    __tablename__ = "stock_balance"
    __table_args__ = (
        CheckConstraint(
            "on_hand >= 0 OR kind IN ('donor', 'found', 'handed_over', 'remade')",
            name="never_below_zero",
        ),
        CheckConstraint(
            "reserved >= 0 AND (reserved <= on_hand OR reserved = 0)", name="reserved_in_stock"
        ),
        Index("ix_stock_balance_account", "kind", "key", "item_id", "lot_id"),
    )

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(one_of(AccountKind), primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)


class ReservationState(StrEnum):
    HELD = "held"
    CONSUMED = "consumed"
    RELEASED = "released"


class Reservation(Base):
    """A promise on stock in a warehouse; it ends exactly once, whole.

    ``document_id`` is the plan or waybill it was made for; ``destination_id`` where it goes.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        ForeignKeyConstraint(
            ["lot_id", "kind", "key"],
            ["stock_balance.lot_id", "stock_balance.kind", "stock_balance.key"],
        ),
        Index(
            "ix_reservation_held",
            "lot_id",
            "kind",
            "key",
            postgresql_where=text("state = 'held'"),
            sqlite_where=text("state = 'held'"),
        ),
    )

    id: Mapped[Id]
    command_id: Mapped[str] = mapped_column(
        ForeignKey("command.id", deferrable=True, initially="DEFERRED")
    )
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    destination_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    lot_id: Mapped[int]
    kind: Mapped[AccountKind] = mapped_column(one_of(AccountKind))
    key: Mapped[int]
    quantity: Mapped[int]
    state: Mapped[ReservationState] = mapped_column(one_of(ReservationState))
    ends_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
