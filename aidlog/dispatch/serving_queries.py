"""Which waybills serve a requisition, and what a waybill serves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db.numbering import Document
from aidlog.dispatch.models import Waybill, WaybillLine, WaybillState
from aidlog.needs.models import Requisition, RequisitionState


@dataclass(frozen=True, slots=True)
class Serves:
    """A waybill that serves a requisition."""

    number: str
    state: WaybillState


def serving(session: Session, requisition_id: int) -> list[Serves]:
    """Return the waybills that cite a requisition, the first first. One statement."""
    cites = select(WaybillLine.waybill_id).where(WaybillLine.requisition_id == requisition_id)
    rows = session.execute(
        select(Document.code, Waybill.state)
        .join(Waybill, Waybill.document_id == Document.id)
        .where(Waybill.id.in_(cites))
        .order_by(Waybill.id)
    )
    return [Serves(*row) for row in rows]


def served_by(session: Session, actor: Actor, waybill_id: int) -> list[str]:
    """Return the numbers of the actor's requisitions that a waybill cites. One statement."""
    cited = select(WaybillLine.requisition_id).where(WaybillLine.waybill_id == waybill_id)
    return list(
        session.scalars(
            select(Document.code)
            .join(Requisition, Requisition.document_id == Document.id)
            .where(
                Requisition.id.in_(cited),
                Requisition.organisation_id.in_(actor.organisation_ids),
            )
            .order_by(Document.id)
        )
    )


def could_serve(session: Session, actor: Actor, site_id: int) -> list[str]:
    """Return the numbers of what a site asked for that is approved and open. One statement."""
    return list(
        session.scalars(
            select(Document.code)
            .join(Requisition, Requisition.document_id == Document.id)
            .where(
                Requisition.site_id == site_id,
                Requisition.organisation_id.in_(actor.organisation_ids),
                Requisition.state == RequisitionState.APPROVED,
            )
            .order_by(Document.id)
        )
    )
