"""Goods are held back, let go again, destroyed or sent back: each under a number of its own.

Whoever works in the warehouse holds back. Letting go, destroying and sending back are decided
by someone who approves stock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotAllowed, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Series
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Place, PlaceKind
from aidlog.stock.adjusting import numbered
from aidlog.stock.making import expired, own_lot
from aidlog.stock.models import Lot, Reason, StockCorrection
from aidlog.stock.posting import LotExpired, post

#: Where a place keeps what can be used, and what it holds back.
ACCOUNTS: Mapping[PlaceKind, tuple[AccountKind, AccountKind]] = {
    PlaceKind.WAREHOUSE: (AccountKind.WAREHOUSE, AccountKind.QUARANTINE),
    PlaceKind.SITE: (AccountKind.SITE, AccountKind.SITE_HELD),
}

HOLD_REASONS = (Reason.DAMAGED, Reason.EXPIRED, Reason.QUALITY_CHECK, Reason.RECALLED)
RELEASE_REASONS = (Reason.QUALITY_CHECK, Reason.MISCOUNTED, Reason.WRONG_ENTRY)
DESTROY_REASONS = (Reason.DAMAGED, Reason.EXPIRED, Reason.RECALLED, Reason.QUALITY_CHECK)

#: More lines than this do not fit on one paper; the page makes several.
MOST_LINES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsAt:
    """``quantity`` base units of a lot at a place; ``held``: of what is held back there."""

    place_id: int
    lot_id: int
    quantity: int
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldGoods(Command):
    """Hold goods back: they are counted, and used for nothing."""

    lines: Sequence[GoodsAt]
    reason: Reason
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseGoods(Command):
    """Let goods go for use again that were held back."""

    lines: Sequence[GoodsAt]
    reason: Reason
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyGoods(Command):
    """Write off goods that were destroyed; ``remark`` says how and before whom."""

    lines: Sequence[GoodsAt]
    reason: Reason
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBackGoods(Command):
    """Write off goods that went back to who gave or sold them (``receiver``)."""

    lines: Sequence[GoodsAt]
    reason: Reason
    receiver: str
    remark: str = ""


class CannotHold(Refusal):
    """Nothing is moved, or the reason does not fit."""


@dataclass(frozen=True, slots=True)
class _Line:
    line: GoodsAt
    lot: Lot
    usable: Account
    apart: Account

    @property
    def stands(self) -> Account:
        return self.apart if self.line.held else self.usable


def hold_goods(session: Session, actor: Actor, command: HoldGoods) -> dict[str, Any]:
    """Hold goods back, of a part of a lot too; return ``{"document"}``.

    Raises:
        NotFound: a place or a lot is not the actor's.
        CannotHold: nothing is held, or the reason does not fit.
        NotEnoughStock: fewer are free; it names the lot.
    """
    lines = _lines(session, actor, command.lines, (Permission.STOCK_ADJUST,))
    _check(command.reason, HOLD_REASONS)
    moves = [_move(MovementKind.HELD, line, line.usable, line.apart) for line in lines]
    return _book(session, actor, command, lines, moves, Series.HOLD, command.remark)


def release_goods(session: Session, actor: Actor, command: ReleaseGoods) -> dict[str, Any]:
    """Let held goods go for use; return ``{"document"}``.

    Raises:
        NotFound: a place or a lot is not the actor's, or the actor may not approve there.
        LotExpired: the lot's date has passed.
        LotRecalled: a recall of the lot is open.
        CannotHold: the reason does not fit.
        NotEnoughStock: fewer are held.
    """
    lines = _lines(session, actor, command.lines)
    _check(command.reason, RELEASE_REASONS)
    _refuse_expired([line.lot for line in lines])
    moves = [_move(MovementKind.RELEASED, line, line.apart, line.usable) for line in lines]
    return _book(session, actor, command, lines, moves, Series.HOLD, command.remark)


def destroy_goods(session: Session, actor: Actor, command: DestroyGoods) -> dict[str, Any]:
    """Write off what was destroyed, under a numbered loss; return ``{"document"}``.

    Raises:
        NotFound: a place or a lot is not the actor's, or the actor may not approve there.
        CannotHold: the reason does not fit, or nobody wrote how it was destroyed.
        NotEnoughStock: fewer stand there.
    """
    lines = _lines(session, actor, command.lines)
    _check(command.reason, DESTROY_REASONS)
    if not command.remark.strip():
        raise CannotHold(
            Message(N_("Write how the goods were destroyed, and before whom.")), field="remark"
        )
    loss = Account(AccountKind.LOSS)
    moves = [_move(MovementKind.DESTROYED, line, line.stands, loss) for line in lines]
    return _book(session, actor, command, lines, moves, Series.DISPOSAL, command.remark)


def send_back_goods(session: Session, actor: Actor, command: SendBackGoods) -> dict[str, Any]:
    """Write off what went back to who gave or sold it; return ``{"document"}``.

    Raises:
        NotFound: a place or a lot is not the actor's, or the actor may not approve there.
        CannotHold: the reason does not fit, or nobody wrote to whom.
        NotEnoughStock: fewer stand there.
    """
    lines = _lines(session, actor, command.lines)
    _check(command.reason, DESTROY_REASONS)
    if not command.receiver.strip():
        raise CannotHold(Message(N_("Write to whom the goods went back.")), field="receiver")
    donor = Account(AccountKind.DONOR)
    moves = [_move(MovementKind.SENT_BACK, line, line.stands, donor) for line in lines]
    said = " · ".join(part.strip() for part in (command.receiver, command.remark) if part.strip())
    return _book(session, actor, command, lines, moves, Series.SENT_BACK, said)


def may_hold(actor: Actor, place_id: int) -> bool:
    """Say whether the actor may hold goods back at a place."""
    return actor.may(Permission.STOCK_ADJUST, at=place_id) or may_decide(actor, place_id)


def may_decide(actor: Actor, place_id: int) -> bool:
    """Say whether the actor may let go, destroy or send back at a place."""
    return actor.may(Permission.STOCK_APPROVE, at=place_id)


def _lines(
    session: Session,
    actor: Actor,
    lines: Sequence[GoodsAt],
    also: Sequence[Permission] = (),
) -> list[_Line]:
    """Return the lines with their lots and accounts; ``also``: what permits beside approving.

    Raises:
        CannotHold: there are none, too many, or one says nothing.
    """
    if not 0 < len(lines) <= MOST_LINES:
        raise CannotHold(
            Message(N_("Choose from 1 to {most} lots."), {"most": MOST_LINES}), field="quantity"
        )
    places = {
        place.id: place
        for place in session.scalars(
            select(Place).where(Place.id.in_({line.place_id for line in lines}))
        )
    }
    found = []
    for line in lines:
        place = places.get(line.place_id)
        if place is None or place.kind not in ACCOUNTS:
            raise NotFound(f"place {line.place_id}")
        needed = (Permission.STOCK_APPROVE, *also)
        if not any(actor.may(permission, at=place.id) for permission in needed):
            raise NotAllowed(Permission.STOCK_APPROVE)
        if line.quantity < 1:
            raise CannotHold(
                Message(N_("Write how many: a whole number above zero.")), field="quantity"
            )
        usable, apart = (Account(kind, place.id) for kind in ACCOUNTS[place.kind])
        found.append(_Line(line, own_lot(session, actor, line.lot_id), usable, apart))
    if len({one.lot.organisation_id for one in found}) > 1:
        raise CannotHold(
            Message(N_("The lots belong to several organisations. Choose lots of one of them."))
        )
    return found


def _check(reason: Reason, fitting: Sequence[Reason]) -> None:
    if reason not in fitting:
        raise CannotHold(
            Message(N_("This reason does not explain it. Choose another one.")), field="reason"
        )


def _refuse_expired(lots: Sequence[Lot]) -> None:
    today = datetime.now(UTC).date()
    for lot in lots:
        if expired(lot, today):
            raise LotExpired(
                Message(
                    N_("Lot {lot} expired on {date}. It stays held: destroy it or send it back."),
                    {"lot": lot.number, "date": lot.expires_on},
                ),
                field="lot",
            )


def _move(kind: MovementKind, line: _Line, source: Account, target: Account) -> Movement:
    return Movement(
        kind=kind,
        lot_id=line.lot.id,
        quantity=line.line.quantity,
        source=source,
        target=target,
    )


def _book(  # noqa: PLR0913, PLR0917 - what a numbered decision consists of
    session: Session,
    actor: Actor,
    command: HoldGoods | ReleaseGoods | DestroyGoods | SendBackGoods,
    lines: Sequence[_Line],
    moves: Sequence[Movement],
    series: Series,
    remark: str,
) -> dict[str, Any]:
    document = numbered(session, lines[0].lot.organisation_id, series)
    session.add(
        StockCorrection(document_id=document.id, reason=command.reason, remark=remark.strip()[:400])
    )
    session.flush()
    post(
        session,
        actor,
        moves,
        command_id=command.command_id,
        document=document,
        occurred_at=datetime.now(UTC),
    )
    return {"document": document.code}
