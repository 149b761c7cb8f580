"""How much one person may correct alone; above that a second person decides.

Small corrections add up: what somebody took off or added within a month without another
person counts towards the limit, so that a large loss cannot be booked in small parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotAllowed, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.base import table
from aidlog.db.commands import Command
from aidlog.registry.models import Organisation
from aidlog.stock.levels import issue_packs
from aidlog.stock.models import (
    AdjustmentLimit,
    AdjustmentState,
    Correcting,
    StockAdjustment,
    StockTotal,
)
from aidlog.stock.queries import IN_STORE

#: What stands until an organisation says otherwise: ten packs, or five in a hundred.
DEFAULT_PACKS, DEFAULT_PERMILLE = 10, 50
#: Corrections of one item in one warehouse within this time are taken together.
TOGETHER = timedelta(days=30)
#: What is held back or let go stays in the warehouse, and needs no second person.
LIMITED = (Correcting.ADD, Correcting.TAKE_OFF, Correcting.TAKE_OFF_HELD)
_MOST = 1_000_000

# Every correction asks these, so they are built once.
_ASKED, _TOTAL, _SET = (t.c for t in map(table, (StockAdjustment, StockTotal, AdjustmentLimit)))
_LIMIT_OF = select(_SET.packs, _SET.permille).where(
    _SET.organisation_id == bindparam("organisation")
)
_ALONE = select(func.coalesce(func.sum(_ASKED.quantity), 0)).where(
    _ASKED.organisation_id == bindparam("organisation"),
    _ASKED.warehouse_id == bindparam("warehouse"),
    _ASKED.item_id == bindparam("item"),
    _ASKED.state == AdjustmentState.POSTED,
    _ASKED.decided_by.is_(None),
    _ASKED.what.in_(LIMITED),
    _ASKED.asked_at > bindparam("since"),
)
_HELD = select(func.coalesce(func.sum(_TOTAL.on_hand), 0)).where(
    _TOTAL.kind.in_(IN_STORE),
    _TOTAL.key == bindparam("warehouse"),
    _TOTAL.organisation_id == bindparam("organisation"),
    _TOTAL.item_id == bindparam("item"),
)


@dataclass(frozen=True, slots=True)
class Limit:
    """Packs, and thousandths of what the warehouse holds of the item; None does not limit."""

    packs: int | None
    permille: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAdjustmentLimit(Command):
    """From now on corrections above this wait for a second person; 0 is every correction."""

    organisation_id: int
    packs: int | None
    permille: int | None


class WrongLimit(Refusal):
    """A limit that cannot be."""


class Asked(Protocol):
    """A correction, as far as the limit looks at it."""

    @property
    def warehouse_id(self) -> int: ...
    @property
    def what(self) -> Correcting: ...
    @property
    def quantity(self) -> int: ...


class OfItem(Protocol):
    """A lot, as far as the limit looks at it."""

    @property
    def item_id(self) -> int: ...
    @property
    def organisation_id(self) -> int: ...


def set_adjustment_limit(
    session: Session, actor: Actor, command: SetAdjustmentLimit
) -> dict[str, Any]:
    """Set the limit of an organisation; return ``{"organisation_id"}``.

    Raises:
        WrongLimit: a number below zero, or too large.
    """
    if actor.places(Permission.PEOPLE_MANAGE) is not None:
        raise NotAllowed(Permission.PEOPLE_MANAGE)
    actor.must_own(command.organisation_id)
    for field, value in (("packs", command.packs), ("permille", command.permille)):
        if value is not None and not 0 <= value <= _MOST:
            raise WrongLimit(
                Message(N_("Write a number from 0 on, or leave it empty.")), field=field
            )
    organisation = session.get_one(Organisation, command.organisation_id)
    session.merge(
        AdjustmentLimit(
            organisation_id=organisation.id, packs=command.packs, permille=command.permille
        )
    )
    session.flush()
    return {"organisation_id": organisation.id}


def limit_of(session: Session, organisation_id: int) -> Limit:
    """Return the limit that an organisation set, or the one that stands without."""
    session.flush()
    known = session.execute(_LIMIT_OF, {"organisation": organisation_id}).one_or_none()
    if known is None:
        return Limit(DEFAULT_PACKS, DEFAULT_PERMILLE)
    return Limit(*known)


def needs_another(session: Session, asked: Asked, lot: OfItem) -> bool:
    """Say whether a correction waits for a second person.

    Call it with the lot's balance locked (posting.lock), so that two corrections at once do
    not each think themselves the first.
    """
    if asked.what not in LIMITED:
        return False
    limit = limit_of(session, lot.organisation_id)
    together = asked.quantity + _alone_lately(session, asked.warehouse_id, lot)
    if limit.packs is not None:
        pack = issue_packs(session, [lot.item_id]).get(lot.item_id)
        if together > limit.packs * (pack.size if pack else 1):
            return True
    if limit.permille is None:
        return False
    return together * 1_000 > limit.permille * _held_there(session, asked.warehouse_id, lot)


def _alone_lately(session: Session, warehouse_id: int, lot: OfItem) -> int:
    """Return what was corrected of the item here lately without a second person."""
    since = datetime.now(UTC) - TOGETHER
    return int(session.scalar(_ALONE, {**_there(warehouse_id, lot), "since": since}) or 0)


def _held_there(session: Session, warehouse_id: int, lot: OfItem) -> int:
    """Return what the books have of the item in the warehouse, usable and held back."""
    return int(session.scalar(_HELD, _there(warehouse_id, lot)) or 0)


def _there(warehouse_id: int, lot: OfItem) -> dict[str, int]:
    return {
        "organisation": lot.organisation_id,
        "warehouse": warehouse_id,
        "item": lot.item_id,
    }
