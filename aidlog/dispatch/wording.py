"""What the states of a waybill are called, on pages and in files."""

from __future__ import annotations

from collections.abc import Mapping

from aidlog.core.text import N_
from aidlog.dispatch.models import WaybillState

STATE_WORDS: Mapping[WaybillState, str] = {
    WaybillState.PREPARED: N_("to load"),
    WaybillState.ON_THE_ROAD: N_("on the road"),
    WaybillState.RECEIVED: N_("received"),
    WaybillState.DISPUTED: N_("goods missing"),
    WaybillState.RETURNED: N_("came back"),
    WaybillState.CANCELLED: N_("cancelled"),
}
