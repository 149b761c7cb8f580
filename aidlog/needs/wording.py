"""What a standard gives and how sure a count is, in words: for pages, papers and files."""

from __future__ import annotations

from collections.abc import Mapping

from aidlog.core.text import N_, Message
from aidlog.needs.arithmetic import Due
from aidlog.needs.models import Basis, Confidence

CONFIDENCES: Mapping[Confidence, str] = {
    Confidence.COUNTED: N_("Counted"),
    Confidence.REGISTERED: N_("Registered"),
    Confidence.ESTIMATED: N_("Estimated"),
}
_ONCE_SHORT = {
    Basis.PERSON: N_("{quantity}/person"),
    Basis.HOUSEHOLD: N_("{quantity}/HH"),
    Basis.TWO_PERSONS: N_("{quantity}/2 persons"),
    Basis.CHILD_UNDER_5: N_("{quantity}/child under 5"),
    Basis.INFANT: N_("{quantity}/infant"),
    Basis.MENSTRUATING: N_("{quantity}/menstruating person"),
    Basis.OLDER_PERSON: N_("{quantity}/person over 60"),
    Basis.HOUSEHOLD_WITH_INFANT: N_("{quantity}/HH with infant"),
    Basis.FACILITY: N_("{quantity}/{per} people"),
    Basis.SITE: N_("{quantity}/site"),
}
_DAILY_SHORT = {
    Basis.PERSON: N_("{quantity}/person a day"),
    Basis.HOUSEHOLD: N_("{quantity}/HH a day"),
    Basis.TWO_PERSONS: N_("{quantity}/2 persons a day"),
    Basis.CHILD_UNDER_5: N_("{quantity}/child under 5 a day"),
    Basis.INFANT: N_("{quantity}/infant a day"),
    Basis.MENSTRUATING: N_("{quantity}/menstruating person a day"),
    Basis.OLDER_PERSON: N_("{quantity}/person over 60 a day"),
    Basis.HOUSEHOLD_WITH_INFANT: N_("{quantity}/HH with infant a day"),
    Basis.FACILITY: N_("{quantity}/{per} people a day"),
    Basis.SITE: N_("{quantity}/site a day"),
}
_CYCLE_SHORT = {
    Basis.PERSON: N_("{quantity}/person in {days} d"),
    Basis.HOUSEHOLD: N_("{quantity}/HH in {days} d"),
    Basis.TWO_PERSONS: N_("{quantity}/2 persons in {days} d"),
    Basis.CHILD_UNDER_5: N_("{quantity}/child under 5 in {days} d"),
    Basis.INFANT: N_("{quantity}/infant in {days} d"),
    Basis.MENSTRUATING: N_("{quantity}/menstruating person in {days} d"),
    Basis.OLDER_PERSON: N_("{quantity}/person over 60 in {days} d"),
    Basis.HOUSEHOLD_WITH_INFANT: N_("{quantity}/HH with infant in {days} d"),
    Basis.FACILITY: N_("{quantity}/{per} people in {days} d"),
    Basis.SITE: N_("{quantity}/site in {days} d"),
}


def ration(due: Due, quantity: str) -> Message:
    """Return what is due of an item in few words: 25 kg/HH in 30 d.

    ``quantity`` is that of ``due`` as the page or paper writes amounts.
    """
    if due.recurs_days is None:
        template = _ONCE_SHORT[due.basis]
    else:
        template = (_DAILY_SHORT if due.recurs_days == 1 else _CYCLE_SHORT)[due.basis]
    return Message(template, {"quantity": quantity, "days": due.recurs_days or 0, "per": due.per})
