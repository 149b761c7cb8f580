"""What plans, rules and the stages of the work are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint
from flask_babel import format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _l

from aidlog.allocation.problem import Rule
from aidlog.core.quantity import BaseUnit
from aidlog.core.text import Message
from aidlog.planning.models import PlanState
from aidlog.reports.distribution.words import handed_out
from aidlog.reports.distribution.words import next_stop as words_of_next
from aidlog.web.filters import percent, quantity, weight
from aidlog.web.forms import CommandForm
from aidlog.web.i18n import say
from aidlog.web.logistics.certainty_words import CERTAINTIES

#: State → its words and the kind of its chip.
STATES = {
    PlanState.DRAFT: (_l("Draft"), "info"),
    PlanState.SOLVING: (_l("Being worked out"), "info"),
    PlanState.SOLVED: (_l("Draft, worked out"), "info"),
    PlanState.FAILED: (_l("Stopped without a result"), "bad"),
    PlanState.SUBMITTED: (_l("Waiting for approval"), "warn"),
    PlanState.APPROVED: (_l("Approved"), "good"),
    PlanState.REJECTED: (_l("Sent back"), "bad"),
    PlanState.CANCELLED: (_l("Cancelled"), ""),
}


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule's name, what it does in one sentence, and the smallest example."""

    name: object
    sentence: object
    example: object


RULES = {
    Rule.LOWEST_FIRST: RuleWords(
        _l("Lowest site first"),
        _l("The need that is covered least gets goods first, until something runs out."),
        _l(
            "70 blankets, two sites that need 100 each: one has 20, the other 40."
            " They get 45 and 25, and both stand at 65 of 100."
        ),
    ),
    Rule.EQUAL_SHARE: RuleWords(
        _l("Equal share"),
        _l("Everyone gets the same share of what is still missing; who had less stays behind."),
        _l(
            "70 blankets, two sites that need 100 each: one has 20, the other 40."
            " They get 40 and 30, and stand at 60 and 70 of 100."
        ),
    ),
    Rule.PRIORITY_WEIGHTS: RuleWords(
        _l("Priority weights"),
        _l("As equal share, but a site of weight 1.5 gets 1.5 times the share of what it lacks."),
        _l(
            "70 blankets, two sites that lack 60 each, one of weight 1 and one of weight 1.5:"
            " they get 28 and 42."
        ),
    ),
    Rule.FIRST_COME: RuleWords(
        _l("First come, first served"),
        _l("Sites are filled in the order of their codes; the last ones may get nothing."),
        _l(
            "70 blankets, two sites that need 100 each: one has 20, the other 40."
            " They get 70 and 0, and stand at 90 and 40 of 100."
        ),
    ),
    Rule.CHEAPEST: RuleWords(
        _l("Cheapest transport first"),
        _l("The cheapest roads are filled first, wherever they lead."),
        _l(
            "70 blankets, two sites that need 100 each: one has 20, the other 40."
            " If the road to the other is cheaper, they get 10 and 60, and stand at 30 and 100."
        ),
    ),
}

#: Why needs get nothing whatever the rule: the engine's code → a sentence.
UNREACHED = {
    "no_stock": _l("Nothing is free of these items"),
    "no_road": _l("No open road leads there from where the goods are"),
    "earmarked_elsewhere": _l("What is free was given for other sites"),
    "expires_before_arrival": _l("What is free would expire before it arrives"),
}

#: Name of each rule as plans store it.
RULE_NAMES = {rule.value: words.name for rule, words in RULES.items()}


def amount(number: int, unit: str) -> str:
    """Return so much of what a limit counts in: packs, kilograms, cubic metres, money."""
    if unit == "packs":
        return str(ngettext("%(num)s pack", "%(num)s packs", number))
    if unit == "kg":
        return weight(number * 1000)
    if unit == "m3":
        return str(gettext("%(number)s m³", number=format_decimal(number)))
    return str(format_decimal(number))


def per_household(sent: int, households: int | None, unit: BaseUnit) -> str:
    """Return what each household gets, rounded down: pieces to a tenth; "?" if not known."""
    if not households:
        return "?"
    if unit is BaseUnit.PIECE:
        return str(format_decimal(Decimal(sent * 10 // households) / 10))
    return quantity(sent // households, unit)


def next_stop(following: Mapping[str, Any]) -> Message:
    """Return what would stop a need next, from what is kept of the answer."""
    return words_of_next(following["code"], percent(following["permille"]))


def register(blueprint: Blueprint) -> None:
    """Give the templates of ``blueprint`` these words."""

    @blueprint.context_processor
    def words() -> dict[str, object]:
        return {
            "plan_states": STATES,
            "rules": RULES,
            "rule_names": RULE_NAMES,
            "amount": amount,
            "unreached": UNREACHED,
            "per_household": per_household,
            "say": say,
            "next_stop": next_stop,
            "handed_out": handed_out,
            "fresh_form": CommandForm,
            "certainties": CERTAINTIES,
        }
