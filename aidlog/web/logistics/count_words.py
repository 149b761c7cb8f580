"""What states and scopes of a stock take are called."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from aidlog.stock.models import Recount, TakeScope, TakeState

#: What a state is called, and the kind of its chip.
STATES: Mapping[str, tuple[object, str]] = {
    TakeState.OPEN: (_l("being counted"), "info"),
    TakeState.COUNTED: (_l("waits for approval"), "warn"),
    TakeState.RECOUNT: (_l("counted again"), "info"),
    TakeState.APPROVED: (_l("approved"), "good"),
    TakeState.CANCELLED: (_l("cancelled"), ""),
}
RECOUNTS: Mapping[str, object] = {
    Recount.MOVED: _l("moved meanwhile: count again"),
    Recount.DIFFERS: _l("two counts differ: count again"),
    Recount.ASKED: _l("to be counted again"),
}


def scope_words(scope: str, zone: str) -> str:
    """Return what is counted, in words."""
    if scope == TakeScope.ALL:
        return str(_("everything"))
    if scope == TakeScope.ITEMS:
        return str(_("some items"))
    return str(_("zone %(zone)s", zone=zone)) if zone else str(_("what is in no zone"))
