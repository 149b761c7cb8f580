"""One lot: what it is, where it stands, what it was made from and what was made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.quantity import BaseUnit
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, Organisation, Place, PlaceKind
from aidlog.stock.levels import warehouses
from aidlog.stock.models import Lot, LotEarmark
from aidlog.stock.recalled import recalled
from aidlog.stock.shelves import Standing, seen_at, standing
from aidlog.stock.tracing import Step, backward, forward

_AT_A_PLACE = frozenset(
    {AccountKind.WAREHOUSE, AccountKind.QUARANTINE, AccountKind.SITE, AccountKind.SITE_HELD}
)

#: How many lots of a number are shown to choose from.
MOST = 20


@dataclass(frozen=True, slots=True)
class AtPlace:
    """What a place has of a lot, in base units: usable, promised of that, and held back."""

    place: Place
    usable: int
    reserved: int
    held: int

    @property
    def free(self) -> int:
        return self.usable - self.reserved


@dataclass(frozen=True, slots=True)
class Relative:
    """A lot that this one was made from, or that was made from it.

    ``quantity`` base units of the parent went in; ``document`` is the paper of the last step.
    A lot that the reader may not see is None: ``organisation`` is its owner, from or to whom
    the goods were handed over.
    """

    lot: Lot | None
    item: Item
    depth: int
    quantity: int
    unit: BaseUnit
    document: str
    organisation: str


@dataclass(frozen=True, slots=True)
class LotStory:
    """A lot, where it stands as far as the actor may see, and its relatives, nearest first.

    ``on_road`` and ``given`` are base units; ``wishes`` the places that it was given for;
    ``recall`` the code of the open recall, if there is one.
    """

    lot: Lot
    item: Item
    places: list[AtPlace]
    on_road: int
    given: int
    parents: list[Relative]
    children: list[Relative]
    wishes: list[Place]
    recall: str


def lot_of(session: Session, actor: Actor, lot_id: int) -> Lot:
    """Return a lot that the actor may see.

    Raises:
        NotFound: there is none, it is another organisation's, or it never stood at a place
            of the actor's.
    """
    lot = session.get(Lot, lot_id)
    if lot is None or lot.organisation_id not in actor.organisation_ids:
        raise NotFound(f"lot {lot_id}")
    places = actor.places(Permission.STOCK_VIEW)
    if places is not None and not session.scalar(
        select(Lot.id).where(Lot.id == lot.id, Lot.id.in_(seen_at(places)))
    ):
        raise NotFound(f"lot {lot_id}")
    return lot


def lot_story(session: Session, actor: Actor, lot: Lot) -> LotStory:
    """Return everything about a lot; the caller has seen to it that the actor may know it."""
    balances = standing(session, [lot.id])
    ups, downs = backward(session, [lot.id]), forward(session, [lot.id])
    known = {
        one.id: one
        for one in session.scalars(
            select(Lot).where(Lot.id.in_({step.lot_id for step in (*ups, *downs)}))
        )
    }
    items = {
        item.id: item
        for item in session.scalars(
            select(Item).where(Item.id.in_({one.item_id for one in known.values()}))
        )
    }
    owners = _others(session, actor, known.values())
    return LotStory(
        lot=lot,
        item=items[lot.item_id],
        places=_places(session, actor, balances),
        on_road=_sum(balances, AccountKind.TRANSIT),
        given=_sum(balances, AccountKind.PEOPLE),
        parents=_relatives(ups, known, items, owners),
        children=_relatives(downs, known, items, owners),
        wishes=list(
            session.scalars(
                select(Place)
                .join(LotEarmark, LotEarmark.place_id == Place.id)
                .where(LotEarmark.lot_id == lot.id)
                .order_by(Place.code)
            )
        ),
        recall=recalled(session, [lot.id]).get(lot.id, ""),
    )


def lots_called(
    session: Session, actor: Actor, number: str, *, item_code: str = "", exactly: bool = False
) -> list[tuple[Lot, Item]]:
    """Return the lots whose number holds ``number``, the exact one first; at most MOST."""
    words = number.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    wanted = (
        select(Lot, Item)
        .join(Item, Item.id == Lot.item_id)
        .where(Lot.organisation_id.in_(actor.organisation_ids))
        .where(Lot.number == number if exactly else Lot.number.ilike(f"%{words}%", escape="\\"))
        .order_by(Lot.number != number, Lot.id.desc())
        .limit(MOST)
    )
    if item_code:
        wanted = wanted.where(Item.code == item_code)
    places = actor.places(Permission.STOCK_VIEW)
    if places is not None:
        wanted = wanted.where(Lot.id.in_(seen_at(places)))
    return [(lot, item) for lot, item in session.execute(wanted)]


def _places(session: Session, actor: Actor, balances: list[Standing]) -> list[AtPlace]:
    by_place: dict[int, dict[AccountKind, Standing]] = {}
    for row in balances:
        if row.account.kind in _AT_A_PLACE:
            by_place.setdefault(row.account.key, {})[row.account.kind] = row
    seen = {place.id for place in warehouses(session, actor)}
    all_places = actor.places(Permission.STOCK_VIEW) is None
    found = []
    for place in session.scalars(
        select(Place).where(Place.id.in_(by_place)).order_by(Place.kind.desc(), Place.code)
    ):
        if place.id not in seen and not (all_places and place.kind is PlaceKind.SITE):
            continue
        rows = by_place[place.id]
        usable = rows.get(AccountKind.WAREHOUSE) or rows.get(AccountKind.SITE)
        held = rows.get(AccountKind.QUARANTINE) or rows.get(AccountKind.SITE_HELD)
        found.append(
            AtPlace(
                place,
                usable.on_hand if usable else 0,
                usable.reserved if usable else 0,
                held.on_hand if held else 0,
            )
        )
    return found


def _sum(balances: list[Standing], kind: AccountKind) -> int:
    return sum(row.on_hand for row in balances if row.account.kind is kind)


def _others(session: Session, actor: Actor, lots: Iterable[Lot]) -> dict[int, str]:
    """Return ``{lot id: its owner's name}`` of those that are not the actor's."""
    foreign = {
        lot.id: lot.organisation_id
        for lot in lots
        if lot.organisation_id not in actor.organisation_ids
    }
    rows = session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(foreign.values()))
    )
    names = {row[0]: row[1] for row in rows}
    return {lot: names[organisation] for lot, organisation in foreign.items()}


def _relatives(
    steps: list[Step], lots: dict[int, Lot], items: dict[int, Item], owners: Mapping[int, str]
) -> list[Relative]:
    """Return what the steps reached; of others' lots only what was handed over itself.

    What another organisation made the goods from before, or makes of them later, is its own.
    """
    return [
        Relative(
            None if step.lot_id in owners else lots[step.lot_id],
            items[lots[step.lot_id].item_id],
            step.depth,
            step.link.quantity,
            items[step.link.parent_item_id].base_unit,
            step.link.document,
            owners.get(step.lot_id, ""),
        )
        for step in steps
        if step.link is not None and not {step.link.lot_id, step.link.parent_id} <= owners.keys()
    ]
