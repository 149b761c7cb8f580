"""What a site hands out to people: totals of a day, first expiry first, no names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.db.numbering import Series, new_document
from aidlog.dispatch.finding import site_of
from aidlog.dispatch.models import HandOut
from aidlog.dispatch.picking import Shelf, first_expiring
from aidlog.ledger.movement import Account, AccountKind, Movement, MovementKind
from aidlog.registry.measures import measures_of
from aidlog.registry.models import Item, Organisation, Place
from aidlog.stock.models import Lot
from aidlog.stock.posting import lock, post
from aidlog.stock.queries import lots_at
from aidlog.stock.recalled import is_recalled

#: Where today begins first: a day that has begun somewhere is not in the future.
EASTERNMOST = timedelta(hours=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """``quantity`` base units of an item, to all households together."""

    item_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordHandOut(Command):
    """What ``households`` households were given at a site on a day."""

    site: str
    handed_on: date
    households: int
    lines: Sequence[HandedOut]


class CannotHandOut(Refusal):
    """Nobody, nothing, another day than today or before, or more than stands at the site."""


def record_handout(session: Session, actor: Actor, command: RecordHandOut) -> dict[str, Any]:
    """Move what was given from the site to its people; return ``{"handout", "households"}``.

    The lots that expire first are taken as given first; expired and recalled ones never are.

    Raises:
        CannotHandOut: more was given than stands at the site, or nothing, or in the future.
        NotFound: the site is not the actor's.
    """
    site = site_of(session, actor, command.site, Permission.HANDOUT_RECORD)
    lines = _checked(session, command)
    organisation = session.get_one(Organisation, site.organisation_id)
    document = new_document(
        session,
        Series.HANDOUT,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    moves = _given(session, site, lines)
    session.add(
        HandOut(
            document_id=document.id,
            organisation_id=organisation.id,
            site_id=site.id,
            handed_on=command.handed_on,
            households=command.households,
            recorded_at=datetime.now(UTC),
            recorded_by=actor.user_id,
        )
    )
    session.flush()
    post(
        session,
        actor,
        moves,
        command_id=command.command_id,
        document=document,
        occurred_at=datetime.combine(command.handed_on, time(12), UTC),
    )
    return {"handout": document.code, "households": command.households}


def _checked(session: Session, command: RecordHandOut) -> dict[int, int]:
    """Return base units by item, or refuse what cannot have been handed out."""
    if command.handed_on > (datetime.now(UTC) + EASTERNMOST).date():
        raise CannotHandOut(
            Message(N_("This day has not come yet. Write the day of the distribution.")),
            field="handed_on",
        )
    if command.households < 1:
        raise CannotHandOut(
            Message(N_("Write how many households were served.")), field="households"
        )
    lines: dict[int, int] = {}
    asked = {line.item_id for line in command.lines}
    known = set(session.scalars(select(Item.id).where(Item.id.in_(asked))))
    for line in command.lines:
        if line.quantity < 0 or line.item_id not in known:
            raise NotFound(f"item {line.item_id}")
        if line.quantity:
            lines[line.item_id] = lines.get(line.item_id, 0) + line.quantity
    if not lines:
        raise CannotHandOut(Message(N_("Nothing was written. Write at least one quantity.")))
    return lines


def _given(session: Session, site: Place, lines: dict[int, int]) -> list[Movement]:
    """Pick the lots that were given, under the locks of all lots they may come from."""
    here, people = Account(AccountKind.SITE, site.id), Account(AccountKind.PEOPLE, site.id)
    lots = session.scalars(
        select(Lot).where(
            Lot.id.in_(
                [lot.lot_id for lot in lots_at(session, here.kind, site.id, items=lines.keys())]
            ),
            ~is_recalled(),
        )
    ).all()
    held = lock(session, lots, {(lot.id, side) for lot in lots for side in (here, people)})
    shelves: dict[int, list[Shelf]] = {item_id: [] for item_id in lines}
    for lot in lots:
        shelves[lot.item_id].append(Shelf(lot.id, held[lot.id, here].free, lot.expires_on))
    moves, today = [], datetime.now(UTC).date()
    for item_id, quantity in lines.items():
        picks = first_expiring(shelves[item_id], quantity, today=today)
        there = sum(pick.quantity for pick in picks)
        if there < quantity:
            measure = measures_of(session, [item_id])[item_id]
            raise CannotHandOut(
                Message(
                    N_("Only {there} can be handed out here; {quantity} written. Count again."),
                    {"there": measure.of(there), "quantity": measure.of(quantity)},
                ),
                field=f"item_{item_id}",
            )
        moves += [
            Movement(
                kind=MovementKind.HANDED_OUT,
                lot_id=pick.lot_id,
                quantity=pick.quantity,
                source=here,
                target=people,
            )
            for pick in picks
        ]
    return moves
