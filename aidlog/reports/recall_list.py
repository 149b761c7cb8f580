"""Who has, or had, any of the lots of a recall: the list that is telephoned through.

A protected site stands under its code, as everywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound
from aidlog.core.text import N_, Message
from aidlog.db.numbering import Document, Series
from aidlog.dispatch.models import Handover, Waybill
from aidlog.ledger.movement import AccountKind, MovementKind
from aidlog.registry.models import Item, Organisation, Place
from aidlog.stock.models import Lot, Recall, RecallLot, Transit
from aidlog.stock.recalling import must_recall
from aidlog.stock.shelves import gone, standing

#: Goods of an operation, where they are and who was given some.
SENSITIVITY = Message(N_("Restricted: for the staff of this operation only"))


class Whereabouts(StrEnum):
    """What kind of holder a row tells of, in the order in which they are called."""

    PEOPLE = "people"
    SITE = "site"
    ROAD = "road"
    OTHERS = "others"
    WAREHOUSE = "warehouse"
    BACK = "back"
    GONE = "gone"


WORDS = {
    Whereabouts.PEOPLE: N_("Given to people"),
    Whereabouts.SITE: N_("At a site"),
    Whereabouts.ROAD: N_("On the road"),
    Whereabouts.OTHERS: N_("Handed over to another organisation"),
    Whereabouts.WAREHOUSE: N_("In a warehouse"),
    Whereabouts.BACK: N_("Sent back to the giver"),
    Whereabouts.GONE: N_("Lost or destroyed"),
}

_KINDS = {
    AccountKind.WAREHOUSE: Whereabouts.WAREHOUSE,
    AccountKind.QUARANTINE: Whereabouts.WAREHOUSE,
    AccountKind.TRANSIT: Whereabouts.ROAD,
    AccountKind.SITE: Whereabouts.SITE,
    AccountKind.SITE_HELD: Whereabouts.SITE,
    AccountKind.LOSS: Whereabouts.GONE,
}
#: How goods leave for good: no balance of a place tells of them any more.
_LEFT = {
    MovementKind.HANDED_OUT: Whereabouts.PEOPLE,
    MovementKind.HANDED_OVER: Whereabouts.OTHERS,
    MovementKind.SENT_BACK: Whereabouts.BACK,
}
_HELD = frozenset({AccountKind.QUARANTINE, AccountKind.SITE_HELD})
_ORDER = list(Whereabouts)


@dataclass(frozen=True, slots=True)
class RecallRow:
    """One holder of one lot: base units; ``held`` of them are held back, ``reserved`` promised.

    ``day`` is when they left ``place`` for good; ``document`` the paper of that, or the waybill;
    ``to`` the organisation that took them over. Of what that did with them nothing is told.
    """

    where: Whereabouts
    place: Place | None
    lot: Lot
    item: Item
    quantity: int
    reserved: int
    held: bool
    day: date | None
    document: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class RecallStory:
    """A recall, its lots (named, then made from those), and who has any of them."""

    recall: Recall
    code: str
    named: list[tuple[Lot, Item]]
    made: list[tuple[Lot, Item]]
    rows: list[RecallRow]

    @property
    def open(self) -> bool:
        return self.recall.closed_at is None

    @property
    def loose(self) -> int:
        """How many rows in warehouses and at sites are not held back."""
        return sum(
            1
            for row in self.rows
            if row.where in {Whereabouts.WAREHOUSE, Whereabouts.SITE} and not row.held
        )


def recalls(session: Session, actor: Actor) -> list[tuple[Recall, str]]:
    """Return the recalls of the actor's organisations with their codes, open ones first."""
    must_recall(actor)
    rows = session.execute(
        select(Recall, Document.code)
        .join(Document, Document.id == Recall.document_id)
        .where(Recall.organisation_id.in_(actor.organisation_ids))
        .order_by(Recall.closed_at.is_not(None), Recall.id.desc())
    )
    return [(recall, code) for recall, code in rows]


def recall_story(
    session: Session, actor: Actor, code: str, *, everyone: bool = False
) -> RecallStory:
    """Return a recall and everyone who has, or had, any of its lots.

    Lots that another organisation took over are left out: that they were handed over stands
    in a row. ``everyone``: they are not, to know who is to be warned; no reader sees that.

    Raises:
        NotFound: there is no such recall of the actor's organisations.
    """
    must_recall(actor)
    recall = session.scalars(
        select(Recall)
        .join(Document, Document.id == Recall.document_id)
        .where(
            Document.code == code,
            Document.series == Series.RECALL,
            Recall.organisation_id.in_(actor.organisation_ids),
        )
    ).one_or_none()
    if recall is None:
        raise NotFound("recall")
    lots = session.execute(
        select(Lot, Item, RecallLot.named)
        .join(RecallLot, RecallLot.lot_id == Lot.id)
        .join(Item, Item.id == Lot.item_id)
        .where(RecallLot.recall_id == recall.id)
        .order_by(Lot.id)
    ).all()
    if not everyone:
        lots = [row for row in lots if row[0].organisation_id in actor.organisation_ids]
    known = {lot.id: (lot, item) for lot, item, _ in lots}
    return RecallStory(
        recall=recall,
        code=code,
        named=[(lot, item) for lot, item, named in lots if named],
        made=[(lot, item) for lot, item, named in lots if not named],
        rows=holders(session, known),
    )


def holders(session: Session, lots: dict[int, tuple[Lot, Item]]) -> list[RecallRow]:
    """Return who has, or was given, any of ``lots``, in the order of Whereabouts."""
    balances = [row for row in standing(session, lots.keys()) if row.account.kind in _KINDS]
    roads = _roads(
        session, {r.account.key for r in balances if r.account.kind is AccountKind.TRANSIT}
    )
    left = gone(session, lots.keys(), _LEFT)
    codes = {
        document.id: document.code
        for document in session.scalars(
            select(Document).where(Document.id.in_({row.document_id for row in left}))
        )
    }
    takers = _takers(session, codes)
    ids = {r.account.key for r in balances} | {row.place_id for row in left}
    ids |= {place for place, _ in roads.values()}
    places = {place.id: place for place in session.scalars(select(Place).where(Place.id.in_(ids)))}
    rows = [
        RecallRow(
            where=_LEFT[row.kind],
            place=places[row.place_id],
            lot=lots[row.lot_id][0],
            item=lots[row.lot_id][1],
            quantity=row.quantity,
            reserved=0,
            held=False,
            day=row.occurred_at.date(),
            document=codes[row.document_id],
            to=takers.get(row.document_id, ""),
        )
        for row in left
    ]
    for row in balances:
        where = _KINDS[row.account.kind]
        place_id, document = roads.get(row.account.key, (0, ""))
        if where is not Whereabouts.ROAD:
            place_id, document = row.account.key, ""
        lot, item = lots[row.lot_id]
        rows.append(
            RecallRow(
                where=where,
                place=None if where is Whereabouts.GONE else places.get(place_id),
                lot=lot,
                item=item,
                quantity=row.on_hand,
                reserved=row.reserved,
                held=row.account.kind in _HELD,
                day=None,
                document=document,
            )
        )
    return sorted(
        rows,
        key=lambda row: (
            _ORDER.index(row.where),
            row.place.code if row.place else "",
            row.lot.id,
            row.held,
        ),
    )


def _takers(session: Session, documents: Collection[int]) -> dict[int, str]:
    """Return ``{document id: name of who took the goods over by it}``."""
    rows = session.execute(
        select(Handover.document_id, Organisation.name)
        .join(Organisation, Organisation.id == Handover.taker_id)
        .where(Handover.document_id.in_(documents))
    )
    return {row[0]: row[1] for row in rows}


def _roads(session: Session, transits: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return ``{transit id: (destination id, waybill)}``."""
    rows = session.execute(
        select(Transit.id, Transit.destination_id, Document.code)
        .outerjoin(Waybill, Waybill.transit_id == Transit.id)
        .outerjoin(Document, Document.id == Waybill.document_id)
        .where(Transit.id.in_(transits))
    )
    return {transit: (place, code or "") for transit, place, code in rows}


@dataclass(frozen=True, slots=True)
class Choice:
    """A lot that can be recalled, and who gave it."""

    lot: Lot
    item: Item
    organisation: str


def lots_to_recall(
    session: Session, actor: Actor, *, item: str, number: str, giver: str, limit: int = 100
) -> list[Choice]:
    """Return lots by item code, lot number, and giver: a donor's name, a gift or a note.

    All that are given must fit; with nothing given there is nothing.
    """
    must_recall(actor)
    wanted = (
        select(Lot, Item, Organisation.code)
        .join(Item, Item.id == Lot.item_id)
        .join(Organisation, Organisation.id == Lot.organisation_id)
        .where(Lot.organisation_id.in_(actor.organisation_ids))
        .order_by(Lot.id.desc())
        .limit(limit)
    )
    if not (item or number or giver):
        return []
    if item:
        wanted = wanted.where(Item.code == item)
    if number:
        wanted = wanted.where(Lot.number.ilike(_holding(number), escape="\\"))
    if giver:
        wanted = wanted.where(
            Lot.donor_name.ilike(_holding(giver), escape="\\")
            | (Lot.gift_code == giver.upper())
            | Lot.number.ilike(f"{_escaped(giver)}/%", escape="\\")
        )
    return [Choice(lot, thing, code) for lot, thing, code in session.execute(wanted)]


def _holding(words: str) -> str:
    return f"%{_escaped(words)}%"


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
