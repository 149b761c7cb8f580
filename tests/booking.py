"""Movements and promises booked as a truck or a site would book them, for tests of the stock.

Each goes through once() and post() or reserve(), under a document and a command of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db.commands import Command, once
from aidlog.db.numbering import Series, new_document
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.models import Organisation, Place
from aidlog.stock.models import Lot, Transit
from aidlog.stock.posting import post
from aidlog.stock.reserving import Hold, reserve
from tests.factories import NOW, command_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Book(Command):
    """Move what ``moves`` says (kind, lot, quantity, from kind and key, to kind and key)."""

    moves: tuple[tuple[str, int, int, str, int, str, int], ...]
    at: datetime
    series: str = Series.WAYBILL


def book(
    session: Session,
    actor: Actor,
    moves: Sequence[Movement],
    *,
    at: datetime = NOW,
    series: Series = Series.WAYBILL,
) -> str:
    """Book ``moves`` under a new document; return its code."""

    def action(session: Session, actor: Actor, command: Book) -> dict[str, str]:
        lot = session.get_one(Lot, moves[0].lot_id)
        organisation = session.get_one(Organisation, lot.organisation_id)
        document = new_document(
            session,
            series,
            organisation_id=organisation.id,
            organisation_code=organisation.code,
        )
        post(
            session,
            actor,
            moves,
            command_id=command.command_id,
            document=document,
            occurred_at=command.at,
        )
        return {"document": document.code}

    command = Book(
        command_id=command_id(),
        moves=tuple(
            (
                move.kind,
                move.lot_id,
                move.quantity,
                move.source.kind,
                move.source.key,
                move.target.kind,
                move.target.key,
            )
            for move in moves
        ),
        at=at,
        series=series,
    )
    return str(once(session, actor, command, action)["document"])


def move(kind: MovementKind, lot: Lot, quantity: int, source: Account, target: Account) -> Movement:
    return Movement(kind=kind, lot_id=lot.id, quantity=quantity, source=source, target=target)


def send(
    session: Session,
    actor: Actor,
    lot: Lot,
    quantity: int,
    origin: Place,
    destination: Place,
    *,
    at: datetime = NOW,
) -> Transit:
    """Put goods on the road from a warehouse to a site; return the transit."""
    transit = Transit(origin_id=origin.id, destination_id=destination.id, opened_at=at)
    session.add(transit)
    session.flush()
    book(
        session,
        actor,
        [
            move(
                MovementKind.LOADED,
                lot,
                quantity,
                Account(AccountKind.WAREHOUSE, origin.id),
                Account(AccountKind.TRANSIT, transit.id),
            )
        ],
        at=at,
    )
    return transit


def arrive(
    session: Session, actor: Actor, lot: Lot, quantity: int, transit: Transit, *, at: datetime = NOW
) -> str:
    """Take goods off the road at their destination."""
    return book(
        session,
        actor,
        [
            move(
                MovementKind.ARRIVED,
                lot,
                quantity,
                Account(AccountKind.TRANSIT, transit.id),
                Account(AccountKind.SITE, transit.destination_id),
            )
        ],
        at=at,
        series=Series.RECEIPT,
    )


def go_missing(
    session: Session, actor: Actor, lot: Lot, quantity: int, transit: Transit, *, at: datetime = NOW
) -> str:
    """Write off what never arrived."""
    return book(
        session,
        actor,
        [
            move(
                MovementKind.MISSING,
                lot,
                quantity,
                Account(AccountKind.TRANSIT, transit.id),
                Account(AccountKind.LOSS),
            )
        ],
        at=at,
        series=Series.LOSS,
    )


def hand_out(
    session: Session, actor: Actor, lot: Lot, quantity: int, site: Place, *, at: datetime = NOW
) -> str:
    """Give goods at a site to its people; return the document's code."""
    return book(
        session,
        actor,
        [
            move(
                MovementKind.HANDED_OUT,
                lot,
                quantity,
                Account(AccountKind.SITE, site.id),
                Account(AccountKind.PEOPLE, site.id),
            )
        ],
        at=at,
        series=Series.HANDOUT,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(Command):
    lot_id: int
    quantity: int


def promise(
    session: Session, actor: Actor, lot: Lot, quantity: int, warehouse: Place, site: Place
) -> list[int]:
    """Reserve goods for a site, as an approved plan does; return the reservation's id."""

    def action(session: Session, actor: Actor, command: Promise) -> dict[str, list[int]]:
        organisation = session.get_one(Organisation, lot.organisation_id)
        document = new_document(
            session,
            Series.PLAN,
            organisation_id=organisation.id,
            organisation_code=organisation.code,
        )
        hold = Hold(
            lot_id=lot.id,
            warehouse_id=warehouse.id,
            destination_id=site.id,
            quantity=quantity,
        )
        return {"ids": reserve(session, [hold], command_id=command.command_id, document=document)}

    command = Promise(command_id=command_id(), lot_id=lot.id, quantity=quantity)
    return list(once(session, actor, command, action)["ids"])
