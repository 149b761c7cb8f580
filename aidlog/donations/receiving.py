"""Goods come in and get a goods received note (GRN)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document, Series, new_document
from aidlog.donations.models import (
    GoodsReceived,
    GoodsReceivedLine,
    Pledge,
    PledgeEarmark,
    PledgeState,
)
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Item, Organisation, Place, PlaceKind
from aidlog.stock.models import Lot, LotEarmark
from aidlog.stock.posting import post


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """What the storekeeper counted of one lot, in base units of its item.

    ``declared`` is what the papers or the donor said; ``good`` can be used and ``damaged``
    is set aside. What is missing or in excess follows from the three.
    """

    item_id: int
    lot_number: str
    expires_on: date | None
    pack_kind: str
    pack_size: int
    declared: int
    good: int
    damaged: int = 0
    reason: str = ""

    @property
    def missing(self) -> int:
        return max(0, self.declared - self.good - self.damaged)

    @property
    def excess(self) -> int:
        return max(0, self.good + self.damaged - self.declared)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveGoods(Command):
    """Take goods into ``warehouse_id``, for a pledge or from ``received_from``."""

    organisation_id: int
    warehouse_id: int
    lines: Sequence[CountedLine]
    arrived_at: datetime
    pledge_id: int | None = None
    received_from: str = ""
    origin: str = ""
    remark: str = ""


class WrongGoods(Refusal):
    """What was counted is not what the pledge is about, or does not add up."""


def receive_goods(session: Session, actor: Actor, command: ReceiveGoods) -> dict[str, Any]:
    """Take goods into a warehouse as new lots; return ``{"grn", "note_id", "lots"}``.

    Good and damaged goods enter the ledger, the damaged ones held apart. Against a pledge,
    at most what was promised counts as the pledge's; more than that is an unpledged gift of
    the same donor and is said so on the note.

    Raises:
        NotFound: warehouse, item or pledge are not the actor's.
        WrongGoods: nothing was counted, or another item than pledged; it names the line.
    """
    actor.must(Permission.GOODS_RECEIVE, at=command.warehouse_id)
    actor.must_own(command.organisation_id)
    organisation = session.get_one(Organisation, command.organisation_id)
    warehouse = _warehouse(session, command.warehouse_id)
    pledge = _pledge(session, actor, command)
    _check(session, command, pledge)
    document = new_document(
        session,
        Series.GRN,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    note = GoodsReceived(
        document_id=document.id,
        organisation_id=organisation.id,
        warehouse_id=warehouse.id,
        pledge_id=pledge.id if pledge else None,
        received_from=command.received_from or (pledge.donor_name if pledge else ""),
        arrived_at=command.arrived_at,
        recorded_at=datetime.now(UTC),
        recorded_by=actor.user_id,
        remark=command.remark,
    )
    session.add(note)
    session.flush()
    lots = [_write_line(session, command, note, line, pledge, document) for line in command.lines]
    moves = [
        move
        for lot, line in zip(lots, command.lines, strict=True)
        if lot is not None
        for move in _arrivals(lot, line, warehouse.id)
    ]
    if moves:
        post(
            session,
            actor,
            moves,
            command_id=command.command_id,
            document=document,
            occurred_at=command.arrived_at,
        )
    if pledge:
        _make_good(pledge, sum(line.good for line in command.lines))
    return {
        "grn": document.code,
        "note_id": note.id,
        "lots": [lot.id for lot in lots if lot is not None],
    }


def _warehouse(session: Session, place_id: int) -> Place:
    place = session.get(Place, place_id)
    if place is None or place.kind is not PlaceKind.WAREHOUSE or not place.active:
        raise NotFound(f"warehouse {place_id}")
    return place


def _pledge(session: Session, actor: Actor, command: ReceiveGoods) -> Pledge | None:
    if command.pledge_id is None:
        return None
    pledge = session.scalars(
        select(Pledge).where(Pledge.id == command.pledge_id).with_for_update()
    ).one_or_none()
    if pledge is None or pledge.organisation_id not in actor.organisation_ids:
        raise NotFound(f"pledge {command.pledge_id}")
    if pledge.state in {PledgeState.CANCELLED, PledgeState.RECEIVED}:
        raise WrongGoods(
            Message(
                N_("Pledge {reference} is closed. Receive these goods without a pledge."),
                {"reference": pledge.reference},
            ),
            field="pledge_id",
        )
    return pledge


def _check(session: Session, command: ReceiveGoods, pledge: Pledge | None) -> None:
    """Refuse a note that would say nothing, or something that cannot be."""
    if not any(line.good + line.damaged + line.declared for line in command.lines):
        raise WrongGoods(Message(N_("Nothing was counted. Write at least one quantity.")))
    today = datetime.now(UTC)
    if command.arrived_at > today:
        raise WrongGoods(
            Message(N_("The arrival is in the future. Write when the goods came.")),
            field="arrived_at",
        )
    for number, line in enumerate(command.lines, start=1):
        if session.get(Item, line.item_id) is None:
            raise NotFound(f"item {line.item_id}")
        if min(line.declared, line.good, line.damaged) < 0:
            raise WrongGoods(
                Message(N_("Line {line}: a count cannot be below zero."), {"line": number})
            )
        if pledge and line.item_id != pledge.item_id:
            raise WrongGoods(
                Message(
                    N_("Line {line} is not what was pledged. Receive it without the pledge."),
                    {"line": number},
                )
            )
        if (line.missing or line.damaged or line.excess) and not line.reason.strip():
            raise WrongGoods(
                Message(
                    N_("Line {line}: the count differs from the papers. Write why."),
                    {"line": number},
                ),
                field="reason",
            )


def _write_line(  # noqa: PLR0913, PLR0917 - one line's context
    session: Session,
    command: ReceiveGoods,
    note: GoodsReceived,
    line: CountedLine,
    pledge: Pledge | None,
    document: Document,
) -> Lot | None:
    """Write one line of the note, and its lot where any goods came."""
    lot = None
    if line.good or line.damaged:
        lot = Lot(
            organisation_id=command.organisation_id,
            item_id=line.item_id,
            number=line.lot_number.strip() or f"{document.code}/{_next_line(session, note)}",
            expires_on=line.expires_on,
            pack_kind=line.pack_kind,
            pack_size=line.pack_size,
            origin=command.origin,
            donor_name=note.received_from,
            gift_code=pledge.reference if pledge else "",
            created_at=note.recorded_at,
        )
        _refuse_known(session, lot)
        session.add(lot)
        session.flush()
        _carry_earmark(session, lot, pledge)
    session.add(
        GoodsReceivedLine(
            note_id=note.id,
            lot_id=lot.id if lot else None,
            item_id=line.item_id,
            declared=line.declared,
            good=line.good,
            damaged=line.damaged,
            missing=line.missing,
            excess=line.excess,
            reason=line.reason,
        )
    )
    session.flush()
    return lot


def _next_line(session: Session, note: GoodsReceived) -> int:
    return 1 + len(
        session.scalars(
            select(GoodsReceivedLine.id).where(GoodsReceivedLine.note_id == note.id)
        ).all()
    )


def _refuse_known(session: Session, lot: Lot) -> None:
    """One lot number of an item is one lot: goods that came another day are another lot."""
    if session.scalar(
        select(Lot.id).where(
            Lot.organisation_id == lot.organisation_id,
            Lot.item_id == lot.item_id,
            Lot.number == lot.number,
        )
    ):
        raise WrongGoods(
            Message(
                N_("Lot {lot} of this item is in stock already. Add a letter to the number."),
                {"lot": lot.number},
            ),
            field="lot_number",
        )


def _carry_earmark(session: Session, lot: Lot, pledge: Pledge | None) -> None:
    if pledge is None:
        return
    wished = session.scalars(
        select(PledgeEarmark.place_id).where(PledgeEarmark.pledge_id == pledge.id)
    )
    session.add_all(LotEarmark(lot_id=lot.id, place_id=place) for place in wished)


def _arrivals(lot: Lot, line: CountedLine, warehouse_id: int) -> Iterator[Movement]:
    if line.good:
        yield Movement(
            kind=MovementKind.RECEIVED,
            lot_id=lot.id,
            quantity=line.good,
            source=Account(AccountKind.DONOR),
            target=Account(AccountKind.WAREHOUSE, warehouse_id),
        )
    if line.damaged:
        yield Movement(
            kind=MovementKind.RECEIVED_DAMAGED,
            lot_id=lot.id,
            quantity=line.damaged,
            source=Account(AccountKind.DONOR),
            target=Account(AccountKind.QUARANTINE, warehouse_id),
        )


def _make_good(pledge: Pledge, good: int) -> None:
    """Count what came towards the promise, never more than was promised."""
    pledge.received = min(pledge.quantity, pledge.received + good)
    pledge.state = (
        PledgeState.RECEIVED if pledge.received == pledge.quantity else PledgeState.PARTLY_RECEIVED
    )
