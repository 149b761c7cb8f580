"""Pledges and notes, read: each list scoped to the organisations or the donor who asks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.donations.models import (
    Appeal,
    GoodsReceived,
    GoodsReceivedLine,
    Pledge,
    PledgeEarmark,
    PledgeState,
    Purchase,
)
from aidlog.donations.pledging import OPEN
from aidlog.donations.tracking_links import link_ends, tidy_reference
from aidlog.registry.models import Item, Organisation, Person, Place, PlaceKind, RoleGrant
from aidlog.registry.roles import Role
from aidlog.stock.models import Lot, StockCorrection


@dataclass(frozen=True, slots=True)
class PledgeRow:
    """A pledge in a list; quantities in base units of the item."""

    id: int
    reference: str
    donor_name: str
    item: Item
    quantity: int
    received: int
    expected_on: date | None
    state: PledgeState
    created_at: datetime

    @property
    def open(self) -> int:
        """What is still expected."""
        return self.quantity - self.received if self.state in OPEN else 0


def pledges(
    session: Session,
    actor: Actor,
    *,
    states: Collection[PledgeState] = (),
    search: str = "",
    before: int | None = None,
    limit: int = 25,
) -> list[PledgeRow]:
    """Return pledges of the actor's organisations, newest first. One statement.

    ``search`` finds a reference, a donor or an item; ``before`` is the last id of the page
    before.
    """
    actor.must(Permission.PLEDGE_VIEW)
    wanted = _rows().where(*_within(actor))
    if states:
        wanted = wanted.where(Pledge.state.in_(states))
    if search.strip():
        wanted = wanted.where(_matches(search.strip()))
    if before is not None:
        wanted = wanted.where(Pledge.id < before)
    return [
        PledgeRow(*row) for row in session.execute(wanted.order_by(Pledge.id.desc()).limit(limit))
    ]


def expected(
    session: Session, actor: Actor, *, until: date | None = None, limit: int = 100
) -> list[PledgeRow]:
    """Return the pledges of which goods are still to come, by day. One statement."""
    actor.must(Permission.PLEDGE_VIEW)
    wanted = _rows().where(*_within(actor), Pledge.state.in_(OPEN))
    if until is not None:
        wanted = wanted.where(Pledge.expected_on <= until)
    return [
        PledgeRow(*row)
        for row in session.execute(
            wanted.order_by(Pledge.expected_on.is_(None), Pledge.expected_on, Pledge.id).limit(
                limit
            )
        )
    ]


def own_gifts(session: Session, actor: Actor, *, limit: int = 100) -> list[PledgeRow]:
    """Return the pledges of a donor who is signed in, newest first: only their own."""
    actor.must(Permission.OWN_GIFTS_VIEW)
    return [
        PledgeRow(*row)
        for row in session.execute(
            _rows().where(Pledge.donor_id == actor.user_id).order_by(Pledge.id.desc()).limit(limit)
        )
    ]


def own_gift(session: Session, actor: Actor, reference: str) -> Pledge:
    """Return one of the donor's own pledges.

    Raises:
        NotFound: there is none with this reference, or it is another donor's.
    """
    actor.must(Permission.OWN_GIFTS_VIEW)
    return _the(
        session.scalars(
            select(Pledge).where(Pledge.reference == reference, Pledge.donor_id == actor.user_id)
        ).one_or_none()
    )


def by_link(session: Session, hashed: str, today: date) -> Pledge:
    """Return the pledge that a private link opens; only the link's hash is known.

    Raises:
        NotFound: there is none, or its link has ended: the two cannot be told apart.
    """
    pledge = _the(session.scalars(select(Pledge).where(Pledge.token_hash == hashed)).one_or_none())
    if today > link_ends(pledge.created_at.date()):
        raise NotFound("pledge")
    return pledge


def pledge(session: Session, actor: Actor, code: str) -> Pledge:
    """Return a pledge that the actor may see, by its reference or its number.

    Raises:
        NotFound: there is none with this code.
    """
    actor.must(Permission.PLEDGE_VIEW)
    return _the(
        session.scalars(
            select(Pledge)
            .join(Document, Document.id == Pledge.document_id)
            .where(
                *_within(actor),
                or_(
                    Pledge.reference == tidy_reference(code), Document.code == code.strip().upper()
                ),
            )
        ).one_or_none()
    )


@dataclass(frozen=True, slots=True)
class PledgeDetail:
    """What stands around a pledge: its number, item, places, appeal and notes."""

    document: str
    item: Item
    organisation: Organisation
    collection: Place | None
    appeal: Appeal | None
    earmarks: list[Place]
    notes: list[NoteRow]


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A goods received note and what it counted towards the pledge, in base units."""

    code: str
    arrived_at: datetime
    warehouse: str
    good: int
    damaged: int
    missing: int
    unpledged: int
    reversed_by: str | None


def detail(session: Session, of: Pledge) -> PledgeDetail:
    """Return what stands around a pledge that the caller may see; six statements at most."""
    return PledgeDetail(
        document=session.get_one(Document, of.document_id).code,
        item=session.get_one(Item, of.item_id),
        organisation=session.get_one(Organisation, of.organisation_id),
        collection=session.get(Place, of.collection_id) if of.collection_id else None,
        appeal=session.get(Appeal, of.appeal_id) if of.appeal_id else None,
        earmarks=list(
            session.scalars(
                select(Place)
                .join(PledgeEarmark, PledgeEarmark.place_id == Place.id)
                .where(PledgeEarmark.pledge_id == of.id)
                .order_by(Place.code)
            )
        ),
        notes=_notes(session, of.id),
    )


@dataclass(frozen=True, slots=True)
class NoteDetail:
    """A goods received note as it was written, whatever became of the goods since."""

    note: GoodsReceived
    warehouse: Place
    by: str
    pledge: Pledge | None
    order: str | None
    cites: str | None
    lines: list[NoteLine]


@dataclass(frozen=True, slots=True)
class NoteLine:
    item: Item
    lot: Lot | None
    line: GoodsReceivedLine


def note_of(session: Session, document_id: int) -> NoteDetail | None:
    """Return the goods received note with this document, None where it is another document."""
    order, cited = aliased(Document), aliased(Document)
    row = session.execute(
        select(GoodsReceived, Place, Person.name, Pledge, order.code, cited.code)
        .join(Place, Place.id == GoodsReceived.warehouse_id)
        .join(Person, Person.id == GoodsReceived.recorded_by)
        .outerjoin(Pledge, Pledge.id == GoodsReceived.pledge_id)
        .outerjoin(Purchase, Purchase.id == GoodsReceived.purchase_id)
        .outerjoin(order, order.id == Purchase.document_id)
        .outerjoin(cited, cited.id == GoodsReceived.cites_id)
        .where(GoodsReceived.document_id == document_id)
    ).one_or_none()
    if row is None:
        return None
    note, warehouse, by, pledged, ordered, cites = row
    lines = session.execute(
        select(Item, Lot, GoodsReceivedLine)
        .select_from(GoodsReceivedLine)
        .join(Item, Item.id == GoodsReceivedLine.item_id)
        .outerjoin(Lot, Lot.id == GoodsReceivedLine.lot_id)
        .where(GoodsReceivedLine.note_id == note.id)
        .order_by(GoodsReceivedLine.id)
    )
    return NoteDetail(
        note, warehouse, by, pledged, ordered, cites, [NoteLine(*line) for line in lines]
    )


def donors(session: Session, organisations: Collection[int]) -> list[Person]:
    """Return the people who have a donor's account with these organisations, by name."""
    return list(
        session.scalars(
            select(Person)
            .where(
                Person.active,
                select(RoleGrant.id)
                .where(
                    RoleGrant.person_id == Person.id,
                    RoleGrant.role == Role.DONOR,
                    RoleGrant.organisation_id.in_(organisations),
                )
                .exists(),
            )
            .order_by(Person.name, Person.id)
        )
    )


def owners(session: Session, actor: Actor) -> list[Organisation]:
    """Return the organisations that the actor acts for, by name."""
    return list(
        session.scalars(
            select(Organisation)
            .where(Organisation.id.in_(actor.organisation_ids))
            .order_by(Organisation.name)
        )
    )


def earmark_sites(session: Session) -> list[Place]:
    """Return the sites that a donor can give for, by code."""
    return list(
        session.scalars(
            select(Place).where(Place.kind == PlaceKind.SITE, Place.active).order_by(Place.code)
        )
    )


def collection_places(session: Session, actor: Actor) -> list[Place]:
    """Return where donors of the actor's organisations can bring goods, by name."""
    return list(
        session.scalars(
            select(Place)
            .where(
                Place.kind.in_([PlaceKind.COLLECTION_POINT, PlaceKind.WAREHOUSE]),
                Place.active,
                Place.organisation_id.in_(actor.organisation_ids),
            )
            .order_by(Place.name, Place.id)
        )
    )


def receiving_warehouses(
    session: Session, actor: Actor, may: Permission = Permission.GOODS_RECEIVE
) -> list[Place]:
    """Return the warehouses where the actor may receive goods, or what ``may`` says, by name."""
    places = actor.places(may)
    wanted = (
        select(Place)
        .where(
            Place.kind == PlaceKind.WAREHOUSE,
            Place.active,
            Place.organisation_id.in_(actor.organisation_ids),
        )
        .order_by(Place.name, Place.id)
    )
    return list(session.scalars(wanted if places is None else wanted.where(Place.id.in_(places))))


def _notes(session: Session, pledge_id: int) -> list[NoteRow]:
    pledged = ~GoodsReceivedLine.unpledged
    reversal = aliased(Document)
    line = GoodsReceivedLine
    rows = session.execute(
        select(
            Document.code,
            GoodsReceived.arrived_at,
            Place.name,
            func.coalesce(func.sum(line.good).filter(pledged), 0),
            func.coalesce(func.sum(line.damaged).filter(pledged), 0),
            func.coalesce(func.sum(line.missing).filter(pledged), 0),
            func.coalesce(func.sum(line.good + line.damaged).filter(line.unpledged), 0),
            reversal.code,
        )
        .join(Document, Document.id == GoodsReceived.document_id)
        .join(Place, Place.id == GoodsReceived.warehouse_id)
        .join(line, line.note_id == GoodsReceived.id)
        .outerjoin(StockCorrection, StockCorrection.reverses_document_id == Document.id)
        .outerjoin(reversal, reversal.id == StockCorrection.document_id)
        .where(GoodsReceived.pledge_id == pledge_id)
        .group_by(GoodsReceived.id, Document.code, Place.name, reversal.code)
        .order_by(GoodsReceived.id)
    )
    return [NoteRow(*row) for row in rows]


def _within(actor: Actor) -> list[ColumnElement[bool]]:
    """Conditions for the pledges that an actor may see: of their organisations and places.

    A storekeeper of one warehouse sees what is to come there, and what is to come anywhere.
    """
    where: list[ColumnElement[bool]] = [Pledge.organisation_id.in_(actor.organisation_ids)]
    places = actor.places(Permission.PLEDGE_VIEW)
    if places is not None:
        where.append(Pledge.collection_id.is_(None) | Pledge.collection_id.in_(places))
    return where


def _rows() -> Any:
    return select(
        Pledge.id,
        Pledge.reference,
        Pledge.donor_name,
        Item,
        Pledge.quantity,
        Pledge.received,
        Pledge.expected_on,
        Pledge.state,
        Pledge.created_at,
    ).join(Item, Item.id == Pledge.item_id)


def _matches(search: str) -> ColumnElement[bool]:
    return or_(
        *(
            column.icontains(search, autoescape=True)
            for column in (
                Pledge.reference,
                Pledge.donor_name,
                Item.code,
                Item.name_en,
                Item.name_fr,
                Item.name_sw,
                Item.name_rw,
            )
        )
    )


def _the(found: Pledge | None) -> Pledge:
    if found is None:
        raise NotFound("pledge")
    return found
