"""The words of needs and standards, whole sentences with named gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.needs.arithmetic import Due, units_of
from aidlog.needs.models import Basis, Climate, Phase
from aidlog.needs.wording import ration
from aidlog.planning.board import BoardItem, BoardSite, rounded
from aidlog.planning.outcome import ItemColumn
from aidlog.web.filters import quantity
from aidlog.web.i18n import say

BASES = {
    Basis.PERSON: N_("for each person"),
    Basis.HOUSEHOLD: N_("for each household"),
    Basis.TWO_PERSONS: N_("for every two persons of a household"),
    Basis.CHILD_UNDER_5: N_("for each child under 5"),
    Basis.INFANT: N_("for each infant under 1"),
    Basis.MENSTRUATING: N_("for each person who menstruates"),
    Basis.OLDER_PERSON: N_("for each person of 60 or older"),
    Basis.HOUSEHOLD_WITH_INFANT: N_("for each household with an infant"),
    Basis.FACILITY: N_("for every so many people, one started"),
    Basis.SITE: N_("for each site"),
}
PHASES = {
    Phase.ANY: N_("In every phase"),
    Phase.FIRST_WEEKS: N_("First weeks"),
    Phase.STABLE: N_("Stable"),
}
CLIMATES = {
    Climate.ANY: N_("In every climate"),
    Climate.COLD: N_("Cold"),
    Climate.MILD: N_("Mild"),
    Climate.HOT: N_("Hot"),
}
_ONCE = {
    Basis.PERSON: N_("{units} people × {quantity}"),
    Basis.HOUSEHOLD: N_("{units} households × {quantity}"),
    Basis.TWO_PERSONS: N_(
        "{units} pairs × {quantity}: {people} people in {households} households,"
        " whatever their sizes"
    ),
    Basis.CHILD_UNDER_5: N_("{units} children under 5 × {quantity}"),
    Basis.INFANT: N_("{units} infants × {quantity}"),
    Basis.MENSTRUATING: N_("{units} menstruating persons × {quantity}"),
    Basis.OLDER_PERSON: N_("{units} people of 60 and older × {quantity}"),
    Basis.HOUSEHOLD_WITH_INFANT: N_("{units} households with an infant × {quantity}"),
    Basis.FACILITY: N_("{units} times {per} people, the last started × {quantity}"),
    Basis.SITE: N_("{quantity} for the site"),
}
_DAILY = {
    Basis.PERSON: N_("{units} people × {quantity} a day, for {days} days"),
    Basis.HOUSEHOLD: N_("{units} households × {quantity} a day, for {days} days"),
    Basis.TWO_PERSONS: N_(
        "{units} pairs × {quantity} a day, for {days} days:"
        " {people} people in {households} households, whatever their sizes"
    ),
    Basis.CHILD_UNDER_5: N_("{units} children under 5 × {quantity} a day, for {days} days"),
    Basis.INFANT: N_("{units} infants × {quantity} a day, for {days} days"),
    Basis.MENSTRUATING: N_("{units} menstruating persons × {quantity} a day, for {days} days"),
    Basis.OLDER_PERSON: N_("{units} people of 60 and older × {quantity} a day, for {days} days"),
    Basis.HOUSEHOLD_WITH_INFANT: N_(
        "{units} households with an infant × {quantity} a day, for {days} days"
    ),
    Basis.FACILITY: N_(
        "{units} times {per} people, the last started × {quantity} a day, for {days} days"
    ),
    Basis.SITE: N_("{quantity} for the site a day, for {days} days"),
}
_RECURRING = {
    Basis.PERSON: N_("{units} people × {quantity} every {cycle} d, for {days} days"),
    Basis.HOUSEHOLD: N_("{units} households × {quantity} every {cycle} d, for {days} days"),
    Basis.TWO_PERSONS: N_(
        "{units} pairs × {quantity} every {cycle} d, for {days} days:"
        " {people} people in {households} households, whatever their sizes"
    ),
    Basis.CHILD_UNDER_5: N_(
        "{units} children under 5 × {quantity} every {cycle} d, for {days} days"
    ),
    Basis.INFANT: N_("{units} infants × {quantity} every {cycle} d, for {days} days"),
    Basis.MENSTRUATING: N_(
        "{units} menstruating persons × {quantity} every {cycle} d, for {days} days"
    ),
    Basis.OLDER_PERSON: N_(
        "{units} people of 60 and older × {quantity} every {cycle} d, for {days} days"
    ),
    Basis.HOUSEHOLD_WITH_INFANT: N_(
        "{units} households with an infant × {quantity} every {cycle} d, for {days} days"
    ),
    Basis.FACILITY: N_(
        "{units} times {per} people, the last started × {quantity} every {cycle} d, for {days} days"
    ),
    Basis.SITE: N_("{quantity} for the site every {cycle} d, for {days} days"),
}


def standard_short(due: Due, unit: BaseUnit) -> str:
    """Return a standard for the head of a column: 25 kg/HH in 30 d."""
    return say(ration(due, quantity(due.quantity, unit)))


def standard_of(item: BoardItem) -> str:
    """Return the standard of an item's column, or that sites have different ones."""
    if item.rule is None:
        return say(Message(N_("by phase and climate")))
    return standard_short(item.rule.due, item.base_unit)


def how_needed(site: BoardSite, item: BoardItem, days: int) -> str:
    """Return how a need was worked out, or what has to be counted before it can be."""
    rule = item.rule_at(site)
    if rule is None:
        return say(Message(N_("No standard holds in the phase and climate of this site.")))
    due = rule.due
    units = units_of(due.basis, site.counted, due.per)
    if units is None:
        return say(Message(why_unknown(site, due.basis)))
    daily = due.recurs_days == 1
    templates = _ONCE if due.once else _DAILY if daily else _RECURRING
    return say(
        Message(
            templates[due.basis],
            {
                "units": units,
                "quantity": quantity(due.quantity, item.base_unit),
                "cycle": due.recurs_days or 0,
                "days": days,
                "people": site.people or 0,
                "households": site.households or 0,
                "per": due.per,
            },
        )
    )


def why_unknown(site: BoardSite, basis: Basis) -> str:
    """Return, marked and not yet translated, what is missing to know the needs of ``site``."""
    if site.people is None:
        return N_("Nobody has been counted here yet.")
    if basis in {Basis.HOUSEHOLD, Basis.TWO_PERSONS}:
        return N_("Households were not counted here.")
    return N_("This group of people was not counted here.")


def short_names(items: Iterable[BoardItem | ItemColumn], language: str) -> dict[int, str]:
    """Return names for narrow columns: up to the first comma, where that tells them apart."""
    full = {item.id: item.name_in(language) for item in items}
    first = {id_: name.split(",")[0] for id_, name in full.items()}
    often = Counter(first.values())
    return {id_: first[id_] if often[first[id_]] == 1 else full[id_] for id_ in full}


def rough(value: int, unit: BaseUnit, *, up: bool) -> str:
    """Return a quantity for a narrow cell; the exact one stands beside it when it is opened."""
    return quantity(rounded(value, unit, up=up), unit)
