"""Dates that cannot be, as people read them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.db.numbering import Document
from aidlog.ledger.movement import Account, AccountKind
from aidlog.registry.models import Item, Person
from aidlog.stock.models import DateFlag, Lot
from aidlog.stock.naming import names_of

PAGE = 30


@dataclass(frozen=True, slots=True)
class Flag:
    """A date that cannot be: which entry made it so, and where it shows."""

    flag: DateFlag
    document: str
    item: Item
    lot: str
    place: str
    flagged_by: str
    seen_by: str | None


def flags(
    session: Session, actor: Actor, *, only_open: bool, before: int | None = None
) -> list[Flag]:
    """Return flags within reach, newest first, one more than a page."""
    seer = aliased(Person)
    wanted = (
        select(DateFlag, Document.code, Item, Lot.number, Person.name, seer.name)
        .join(Document, Document.id == DateFlag.document_id)
        .join(Lot, Lot.id == DateFlag.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .join(Person, Person.id == DateFlag.flagged_by)
        .outerjoin(seer, seer.id == DateFlag.seen_by)
        .where(within_reach(actor, Permission.STOCK_VIEW))
        .order_by(DateFlag.id.desc())
        .limit(PAGE + 1)
    )
    if only_open:
        wanted = wanted.where(DateFlag.seen_at.is_(None))
    if before is not None:
        wanted = wanted.where(DateFlag.id < before)
    rows = session.execute(wanted).all()
    names = names_of(session, (Account(row[0].kind, row[0].key) for row in rows))
    return [
        Flag(flag, code, item, lot, names.get(Account(flag.kind, flag.key), "?"), by, seen)
        for flag, code, item, lot, by, seen in rows
    ]


def flagged(session: Session, documents: Collection[int]) -> set[int]:
    """Return those of ``documents`` whose date is still to be looked at."""
    return set(
        session.scalars(
            select(DateFlag.document_id).where(
                DateFlag.document_id.in_(documents), DateFlag.seen_at.is_(None)
            )
        )
    )


def within_reach(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """True of flags at places where the actor holds ``permission``.

    What is on the road is nobody's place: it is for those who hold it everywhere.
    """
    own = DateFlag.organisation_id.in_(actor.organisation_ids)
    places = actor.places(permission)
    if places is None:
        return own
    return and_(own, DateFlag.kind != AccountKind.TRANSIT, DateFlag.key.in_(places))
