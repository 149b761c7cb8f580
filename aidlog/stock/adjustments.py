"""Corrections as people read them: those that wait, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.db.numbering import Document
from aidlog.registry.models import Item, Organisation, Person, Place
from aidlog.stock.models import AdjustmentState, Lot, Reason, StockAdjustment, StockCorrection

PAGE = 30


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A correction with the names around it."""

    asked: StockAdjustment
    code: str
    warehouse: Place
    item: Item
    lot: Lot
    organisation: Organisation
    reason: Reason
    remark: str
    asked_by: str
    decided_by: str | None


def adjustments(
    session: Session, actor: Actor, *, only_waiting: bool, before: int | None = None
) -> list[Adjustment]:
    """Return corrections within reach, newest first, one more than a page. One statement."""
    wanted = (
        _adjustments()
        .where(within_reach(actor, Permission.STOCK_VIEW))
        .order_by(StockAdjustment.id.desc())
        .limit(PAGE + 1)
    )
    if only_waiting:
        wanted = wanted.where(StockAdjustment.state == AdjustmentState.WAITING)
    if before is not None:
        wanted = wanted.where(StockAdjustment.id < before)
    return [Adjustment(*row) for row in session.execute(wanted)]


def adjustment_called(session: Session, actor: Actor, code: str) -> Adjustment:
    """Return the actor's correction ``code``.

    Raises:
        NotFound: there is none, or it is out of the actor's reach.
    """
    row = session.execute(
        _adjustments().where(Document.code == code, within_reach(actor, Permission.STOCK_VIEW))
    ).one_or_none()
    if row is None:
        raise NotFound(f"correction {code}")
    return Adjustment(*row)


def within_reach(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """True of corrections where the actor holds ``permission``."""
    own = StockAdjustment.organisation_id.in_(actor.organisation_ids)
    places = actor.places(permission)
    return own if places is None else and_(own, StockAdjustment.warehouse_id.in_(places))


def _adjustments() -> Any:
    decider = aliased(Person)
    wanted: Any = (
        select(
            StockAdjustment,
            Document.code,
            Place,
            Item,
            Lot,
            Organisation,
            StockCorrection.reason,
            StockCorrection.remark,
            Person.name,
            decider.name,
        )
        .join(Document, Document.id == StockAdjustment.document_id)
        .join(StockCorrection, StockCorrection.document_id == Document.id)
        .join(Place, Place.id == StockAdjustment.warehouse_id)
        .join(Lot, Lot.id == StockAdjustment.lot_id)
        .join(Item, Item.id == StockAdjustment.item_id)
        .join(Organisation, Organisation.id == StockAdjustment.organisation_id)
        .join(Person, Person.id == StockAdjustment.asked_by)
        .outerjoin(decider, decider.id == StockAdjustment.decided_by)
    )
    return wanted
