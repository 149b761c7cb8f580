"""How goods came in, in words: for the page of a goods received note and for its paper."""

from __future__ import annotations

from collections.abc import Mapping

from aidlog.core.text import N_
from aidlog.donations.models import Source

SOURCE_WORDS: Mapping[Source, str] = {
    Source.PLEDGE: N_("Pledge"),
    Source.PURCHASE: N_("Purchase"),
    Source.TRANSFER: N_("Transfer from a warehouse"),
    Source.RETURN: N_("Return"),
    Source.GIFT: N_("Gift without a pledge"),
    Source.OPENING: N_("Opening stock"),
}
