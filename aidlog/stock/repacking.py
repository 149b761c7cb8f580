"""A lot in packs of one size becomes a lot in packs of another: exactly, and traceably."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.text import N_, Message
from aidlog.core.units import Measure
from aidlog.db.commands import Command
from aidlog.db.numbering import Series
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Item, ItemPack, PackKind
from aidlog.stock.adjusting import numbered
from aidlog.stock.making import (
    REMADE,
    CannotMake,
    add_made,
    own_lot,
    refuse_unusable,
    wish_of,
    working_in,
)
from aidlog.stock.models import Lot
from aidlog.stock.posting import post


@dataclass(frozen=True, slots=True, kw_only=True)
class Repack(Command):
    """Put ``quantity`` base units of a lot into packs of ``pack_size``.

    ``rest_stays``: what does not fill a pack stays in the lot as it is; else it is refused.
    """

    warehouse_id: int
    lot_id: int
    quantity: int
    pack_kind: PackKind
    pack_size: int
    rest_stays: bool = False


def repack(session: Session, actor: Actor, command: Repack) -> dict[str, Any]:
    """Make a new lot of other packs; return ``{"document", "lot_id", "quantity"}``.

    The new lot is named by the paper that made it, and keeps the expiry date, the donor, the
    gift and the donor's wish of the old one.

    Raises:
        NotFound: the warehouse or the lot is not the actor's.
        CannotMake: the pack is not one of the item's or is the one it is in, the quantity
            does not fill whole packs, or the lot is recalled.
        LotExpired: the lot's date has passed.
        NotEnoughStock: fewer are free; it names the lot.
    """
    warehouse = working_in(session, actor, command.warehouse_id)
    lot = own_lot(session, actor, command.lot_id)
    refuse_unusable(session, [lot])
    quantity = _whole_packs(session, lot, command)
    document = numbered(session, lot.organisation_id, Series.REPACK)
    made = add_made(
        session,
        Lot(
            organisation_id=lot.organisation_id,
            item_id=lot.item_id,
            number=document.code,
            expires_on=lot.expires_on,
            pack_kind=command.pack_kind,
            pack_size=command.pack_size,
            origin=lot.origin,
            donor_name=lot.donor_name,
            gift_code=lot.gift_code,
            created_at=datetime.now(UTC),
        ),
        [(lot.id, quantity)],
        wish_of(session, lot),
        document,
    )
    here = Account(AccountKind.WAREHOUSE, warehouse.id)
    post(
        session,
        actor,
        [
            Movement(
                kind=MovementKind.REPACKED_FROM,
                lot_id=lot.id,
                quantity=quantity,
                source=here,
                target=REMADE,
            ),
            Movement(
                kind=MovementKind.REPACKED_INTO,
                lot_id=made.id,
                quantity=quantity,
                source=REMADE,
                target=here,
            ),
        ],
        command_id=command.command_id,
        document=document,
        occurred_at=datetime.now(UTC),
    )
    return {"document": document.code, "lot_id": made.id, "quantity": quantity}


def _whole_packs(session: Session, lot: Lot, command: Repack) -> int:
    """Return how many base units are repacked: a whole number of the new packs."""
    if command.quantity < 1:
        raise CannotMake(Message(N_("Write how many are repacked.")), field="quantity")
    if not _is_pack_of(session, lot.item_id, command.pack_kind, command.pack_size):
        raise CannotMake(
            Message(N_("The item does not come in this pack. Choose one from the list.")),
            field="pack",
        )
    if (lot.pack_kind, lot.pack_size) == (command.pack_kind, command.pack_size):
        raise CannotMake(
            Message(N_("The lot is in these packs already. Choose another pack.")), field="pack"
        )
    full, rest = divmod(command.quantity, command.pack_size)
    one = Measure(session.get_one(Item, lot.item_id).base_unit, typed=True)
    if not full:
        raise CannotMake(
            Message(
                N_("{quantity} do not fill one pack of {size}. Choose a smaller pack."),
                {"quantity": one.of(command.quantity), "size": one.of(command.pack_size)},
            ),
            field="quantity",
        )
    if rest and not command.rest_stays:
        raise CannotMake(
            Message(
                N_(
                    "{quantity} fill {full} packs of {size}, and {rest} are left over."
                    " Write {fits}, or let the rest stay as it is."
                ),
                {
                    "quantity": one.of(command.quantity),
                    "full": full,
                    "size": one.of(command.pack_size),
                    "rest": one.of(rest),
                    "fits": one.of(command.quantity - rest),
                },
            ),
            field="quantity",
        )
    return command.quantity - rest


def _is_pack_of(session: Session, item_id: int, kind: PackKind, size: int) -> bool:
    """Say whether an item comes in this pack today; single base units always are one."""
    if (kind, size) == (PackKind.PIECE, 1):
        return True
    return (
        session.scalar(
            select(ItemPack.id).where(
                ItemPack.item_id == item_id,
                ItemPack.kind == kind,
                ItemPack.size == size,
                ItemPack.active,
            )
        )
        is not None
    )
