"""What repacking and kits share: a lot made from others inherits what holds for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.numbering import Document
from aidlog.ledger.movement import Account, AccountKind
from aidlog.registry.models import Place, PlaceKind
from aidlog.stock.models import Lot, LotEarmark, LotParent
from aidlog.stock.picking import earmarks
from aidlog.stock.posting import LotExpired
from aidlog.stock.recalled import recalled

REMADE = Account(AccountKind.REMADE)


class CannotMake(Refusal):
    """The goods cannot be repacked, built into kits or taken out of them like this."""


def working_in(session: Session, actor: Actor, warehouse_id: int) -> Place:
    """Return the warehouse in which the actor works on goods.

    Raises:
        NotFound: it is none, or not one where the actor may change stock.
    """
    actor.must(Permission.STOCK_ADJUST, at=warehouse_id)
    place = session.get(Place, warehouse_id)
    if place is None or place.kind is not PlaceKind.WAREHOUSE or not place.active:
        raise NotFound(f"warehouse {warehouse_id}")
    return place


def own_lot(session: Session, actor: Actor, lot_id: int) -> Lot:
    """Return a lot of the actor's organisations.

    Raises:
        NotFound: there is none.
    """
    lot = session.get(Lot, lot_id)
    if lot is None:
        raise NotFound(f"lot {lot_id}")
    actor.must_own(lot.organisation_id)
    return lot


def refuse_unusable(session: Session, lots: Sequence[Lot]) -> None:
    """Refuse lots that are past their date or recalled: they are not made into others.

    Raises:
        LotExpired: the date has passed.
        CannotMake: a recall is open.
    """
    today = datetime.now(UTC).date()
    for lot in lots:
        if expired(lot, today):
            raise LotExpired(
                Message(
                    N_("Lot {lot} expired on {date}. Take another lot, or hold this one back."),
                    {"lot": lot.number, "date": lot.expires_on},
                ),
                field="lot",
            )
    for lot_id, code in recalled(session, [lot.id for lot in lots]).items():
        number = next(lot.number for lot in lots if lot.id == lot_id)
        raise CannotMake(
            Message(
                N_("Lot {lot} is recalled by {recall}. Take another lot."),
                {"lot": number, "recall": code},
            ),
            field="lot",
        )


def expired(lot: Lot, today: date) -> bool:
    """Say whether a lot's date has passed."""
    return lot.expires_on is not None and lot.expires_on < today


def shared_wish(session: Session, lots: Sequence[Lot]) -> frozenset[int] | None:
    """Return the places where goods of all ``lots`` may go together; None is anywhere.

    Raises:
        CannotMake: their donors gave them for different places.
    """
    wishes = earmarks(session, [lot.id for lot in lots])
    if not wishes:
        return None
    together = frozenset.intersection(*(frozenset(places) for places in wishes.values()))
    if not together:
        first, other = (next(lot.number for lot in lots if lot.id == key) for key in _two(wishes))
        raise CannotMake(
            Message(
                N_(
                    "Lots {lot} and {other} were given for different sites."
                    " They cannot go into one kit. Take another lot of one of them."
                ),
                {"lot": first, "other": other},
            ),
            field="lot",
        )
    return together


def _two(wishes: dict[int, set[int]]) -> tuple[int, int]:
    """Return two lots whose wishes have no place in common, or the first two."""
    lots = sorted(wishes)
    for at, lot in enumerate(lots):
        for other in lots[at + 1 :]:
            if not wishes[lot] & wishes[other]:
                return lot, other
    return lots[0], lots[1]


def add_made(
    session: Session,
    lot: Lot,
    made_from: Sequence[tuple[int, int]],
    wish: frozenset[int] | None,
    document: Document,
) -> Lot:
    """Add a lot that was made from ``(lot id, base units)`` under ``document``."""
    session.add(lot)
    session.flush()
    session.add_all(
        LotParent(document_id=document.id, lot_id=lot.id, parent_id=parent, quantity=quantity)
        for parent, quantity in made_from
    )
    session.add_all(LotEarmark(lot_id=lot.id, place_id=place) for place in sorted(wish or ()))
    session.flush()
    return lot


def wish_of(session: Session, lot: Lot) -> frozenset[int] | None:
    """Return the places that a lot was given for; None is anywhere."""
    places = frozenset(
        session.scalars(select(LotEarmark.place_id).where(LotEarmark.lot_id == lot.id))
    )
    return places or None


def agreed(values: Sequence[str]) -> str:
    """Return what all of ``values`` are; empty where they differ."""
    return values[0] if len(set(values)) == 1 else ""
