"""An organisation accepts what another offered: from now on the goods are its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Document
from aidlog.dispatch.handing_over import (
    WrongOffer,
    decided,
    lines_of_offer,
    must_be_offered,
    offer_of,
)
from aidlog.dispatch.models import (
    Handover,
    HandoverLine,
    HandoverState,
    Waybill,
    WaybillLine,
    WaybillState,
)
from aidlog.dispatch.opening import open_waybill
from aidlog.dispatch.promising import volume, weight
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Item, Organisation, Place, PlaceKind
from aidlog.stock.making import add_made, refuse_unusable
from aidlog.stock.models import Lot, Transit
from aidlog.stock.picking import earmarks
from aidlog.stock.posting import lock, post
from aidlog.stock.reserving import consume

HANDED_OVER = Account(AccountKind.HANDED_OVER)
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOffer(Command):
    """Own the goods of an offer and have them brought to ``destination_id``.

    ``expected_at`` is when they should be there; plate, driver and carrier are of the truck,
    as far as they are known.
    """

    handover: str
    destination_id: int
    expected_at: datetime
    plate: str = ""
    driver: str = ""
    carrier: str = ""


class OtherPersonNeeded(Refusal):
    """Who offered goods for one organisation does not accept them for the other."""


def accept_offer(session: Session, actor: Actor, command: AcceptOffer) -> dict[str, Any]:
    """Take over what was offered; return ``{"handover", "waybill", "lots"}``.

    Raises:
        OfferDecided: it was accepted, declined or withdrawn before.
        OtherPersonNeeded: the actor made the offer.
        WrongOffer: the goods would arrive before now.
        LotExpired, CannotMake: a lot has expired or was recalled since.
    """
    handover, document = offer_of(session, command.handover)
    actor.must_own(handover.taker_id)
    actor.must(Permission.STOCK_APPROVE, at=command.destination_id)
    destination = _destination(session, handover, command.destination_id)
    must_be_offered(handover, document)
    _check(actor, handover, command)
    lines = lines_of_offer(session, handover)
    given = _given(session, lines)
    refuse_unusable(session, list(given.values()))
    transit = Transit(
        origin_id=handover.warehouse_id,
        destination_id=destination.id,
        opened_at=datetime.now(UTC),
    )
    session.add(transit)
    session.flush()
    waybill, number = _waybill(session, actor, handover, transit, command)
    taken = {
        line.lot_id: _taken(session, handover, given[line.lot_id], line, document) for line in lines
    }
    _move(session, actor, handover, lines, taken, transit, (document, number), command.command_id)
    _write_lines(session, waybill, lines, taken)
    handover.destination_id, handover.waybill_id = destination.id, waybill.id
    decided(actor, handover, HandoverState.ACCEPTED, "")
    return {
        "handover": document.code,
        "waybill": number.code,
        "lots": [taken[line.lot_id].id for line in lines],
    }


def _destination(session: Session, handover: Handover, place_id: int) -> Place:
    place = session.get(Place, place_id)
    if (
        place is None
        or place.kind is not PlaceKind.WAREHOUSE
        or not place.active
        or place.organisation_id != handover.taker_id
    ):
        raise NotFound(f"warehouse {place_id}")
    return place


def _check(actor: Actor, handover: Handover, command: AcceptOffer) -> None:
    if actor.user_id == handover.offered_by:
        raise OtherPersonNeeded(
            Message(N_("You offered these goods. Another person accepts them."))
        )
    if command.expected_at <= datetime.now(UTC):
        raise WrongOffer(
            Message(N_("The goods would arrive before now. Write when they should be there.")),
            field="expected_at",
        )


def _given(session: Session, lines: Sequence[HandoverLine]) -> dict[int, Lot]:
    ids = [line.lot_id for line in lines]
    return {lot.id: lot for lot in session.scalars(select(Lot).where(Lot.id.in_(ids)))}


def _waybill(
    session: Session, actor: Actor, handover: Handover, transit: Transit, command: AcceptOffer
) -> tuple[Waybill, Document]:
    return open_waybill(
        session,
        actor,
        Waybill(
            organisation_id=handover.taker_id,
            origin_id=handover.warehouse_id,
            destination_id=transit.destination_id,
            transit_id=transit.id,
            plate=command.plate.strip()[:20],
            driver=command.driver.strip()[:120],
            carrier=command.carrier.strip()[:120],
            left_at=transit.opened_at,
            expected_at=command.expected_at,
        ),
        WaybillState.ON_THE_ROAD,
    )


def _taken(
    session: Session, handover: Handover, lot: Lot, line: HandoverLine, document: Document
) -> Lot:
    """Return the taker's lot: the same goods, donor and wishes under another owner."""
    wish = earmarks(session, [lot.id]).get(lot.id)
    taken = add_made(
        session,
        Lot(
            organisation_id=handover.taker_id,
            item_id=lot.item_id,
            number=_free_number(session, handover, lot, document),
            expires_on=lot.expires_on,
            pack_kind=lot.pack_kind,
            pack_size=lot.pack_size,
            origin=lot.origin,
            donor_name=lot.donor_name,
            gift_code=lot.gift_code,
            created_at=datetime.now(UTC),
        ),
        [(lot.id, line.quantity)],
        frozenset(wish) if wish else None,
        document,
    )
    line.taken_id = taken.id
    return taken


def _free_number(session: Session, handover: Handover, lot: Lot, document: Document) -> str:
    """Return the lot's number, marked with whence it came where the taker has one like it."""
    giver = session.get_one(Organisation, handover.organisation_id)
    room = _LONGEST_NUMBER - len(document.code) - 1
    wanted = [lot.number, f"{lot.number}/{giver.code}", f"{lot.number[:room]}/{document.code}"]
    known = set(
        session.scalars(
            select(Lot.number).where(
                Lot.organisation_id == handover.taker_id,
                Lot.item_id == lot.item_id,
                Lot.number.in_(wanted),
            )
        )
    )
    return next(
        number for number in wanted if number not in known and len(number) <= _LONGEST_NUMBER
    )


def _move(  # noqa: PLR0913, PLR0917 - both sides of a handover
    session: Session,
    actor: Actor,
    handover: Handover,
    lines: Sequence[HandoverLine],
    taken: Mapping[int, Lot],
    transit: Transit,
    documents: tuple[Document, Document],
    command_id: str,
) -> None:
    """Post the giver's side under the offer and the taker's under its waybill."""
    shelf = Account(AccountKind.WAREHOUSE, handover.warehouse_id)
    road = Account(AccountKind.TRANSIT, transit.id)
    given = _given(session, lines)
    lock(
        session,
        [*given.values(), *taken.values()],
        {(lot, side) for lot in given for side in (shelf, HANDED_OVER)}
        | {(lot.id, side) for lot in taken.values() for side in (HANDED_OVER, road)},
    )
    consume(session, [line.reservation_id for line in lines])
    giving = [
        Movement(
            kind=MovementKind.HANDED_OVER,
            lot_id=line.lot_id,
            quantity=line.quantity,
            source=shelf,
            target=HANDED_OVER,
        )
        for line in lines
    ]
    taking = [
        Movement(
            kind=MovementKind.TAKEN_OVER,
            lot_id=taken[line.lot_id].id,
            quantity=line.quantity,
            source=HANDED_OVER,
            target=road,
        )
        for line in lines
    ]
    for moves, document in zip((giving, taking), documents, strict=True):
        post(
            session,
            actor,
            moves,
            command_id=command_id,
            document=document,
            occurred_at=transit.opened_at,
        )


def _write_lines(
    session: Session,
    waybill: Waybill,
    lines: Sequence[HandoverLine],
    taken: Mapping[int, Lot],
) -> None:
    ids = {lot.item_id for lot in taken.values()}
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(ids)))}
    for number, line in enumerate(lines, start=1):
        lot = taken[line.lot_id]
        item = items[lot.item_id]
        session.add(
            WaybillLine(
                waybill_id=waybill.id,
                line=number,
                lot_id=lot.id,
                item_id=item.id,
                pack_size=lot.pack_size,
                quantity=line.quantity,
                grams=weight(item, line.quantity),
                millilitres=volume(item, line.quantity),
            )
        )
    session.flush()
