"""How the figures that can be a need are called, wherever they stand side by side."""

from __future__ import annotations

from aidlog.core.text import N_
from aidlog.needs.models import Counts

COUNTS = {
    Counts.COMPUTED: N_("By standards"),
    Counts.ASSESSED: N_("Assessed"),
    Counts.REQUESTED: N_("Asked for and approved"),
}
