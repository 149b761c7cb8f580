"""A waybill gets its number, and what makes the paper hard to mistype and to guess."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db.numbering import Document, Series, new_document
from aidlog.dispatch import marks
from aidlog.dispatch.models import Waybill, WaybillState
from aidlog.registry.models import Organisation


def open_waybill(
    session: Session,
    actor: Actor,
    waybill: Waybill,
    state: WaybillState = WaybillState.PREPARED,
) -> tuple[Waybill, Document]:
    """Number a new waybill of its organisation and add it, prepared by ``actor``."""
    organisation = session.get_one(Organisation, waybill.organisation_id)
    document = new_document(
        session,
        Series.WAYBILL,
        organisation_id=organisation.id,
        organisation_code=organisation.code,
    )
    waybill.document_id = document.id
    waybill.state = state
    waybill.check_code = marks.check_code(session, document.code)
    waybill.token_hash = marks.token_hash(marks.token(session, document.code))
    waybill.prepared_at = datetime.now(UTC)
    waybill.prepared_by = actor.user_id
    session.add(waybill)
    session.flush()
    return waybill, document
