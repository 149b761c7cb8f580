"""What the states of a requisition are called, and the kind of their chips."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from aidlog.needs.models import RequisitionState

STATES: dict[str, tuple[object, str]] = {
    RequisitionState.ASKED: (_l("waits for a decision"), "warn"),
    RequisitionState.APPROVED: (_l("approved"), "info"),
    RequisitionState.REFUSED: (_l("refused"), ""),
    RequisitionState.WITHDRAWN: (_l("withdrawn"), ""),
    RequisitionState.FULFILLED: (_l("all there"), "good"),
    RequisitionState.CLOSED: (_l("closed"), ""),
}
