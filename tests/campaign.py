"""How large a campaign is: short in every run, long by name (bash tests/run storms, long)."""

from __future__ import annotations

import os

#: True in a long campaign.
LONG = os.environ.get("AIDLOG_LONG") == "1"


def sized(short: int, long: int) -> int:
    """Return how often, how many or how long: ``short`` in every run, ``long`` by name."""
    return long if LONG else short
