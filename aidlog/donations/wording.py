"""What a pledge is and how goods came in, in words: for pages, papers and files."""

from __future__ import annotations

from collections.abc import Mapping

from aidlog.core.text import N_
from aidlog.donations.models import PledgeState, Source

STATE_WORDS: Mapping[PledgeState, str] = {
    PledgeState.PROMISED: N_("promised"),
    PledgeState.CONFIRMED: N_("confirmed"),
    PledgeState.PARTLY_RECEIVED: N_("partly received"),
    PledgeState.RECEIVED: N_("received"),
    PledgeState.CANCELLED: N_("cancelled"),
}

SOURCE_WORDS: Mapping[Source, str] = {
    Source.PLEDGE: N_("Pledge"),
    Source.PURCHASE: N_("Purchase"),
    Source.TRANSFER: N_("Transfer from a warehouse"),
    Source.RETURN: N_("Return"),
    Source.GIFT: N_("Gift without a pledge"),
    Source.OPENING: N_("Opening stock"),
}
