"""Words that several sheets of the distribution workbook share."""

from __future__ import annotations

from aidlog.allocation.problem import LimitScope, Rule, Sense, Tiers
from aidlog.allocation.result import ReasonCode, Status
from aidlog.core.text import N_, Message

RULE_NAMES = {
    Rule.LOWEST_FIRST: N_("Lowest first"),
    Rule.EQUAL_SHARE: N_("Equal share"),
    Rule.PRIORITY_WEIGHTS: N_("Priority weights"),
    Rule.FIRST_COME: N_("First come"),
    Rule.CHEAPEST: N_("Cheapest first"),
}

RULE_SENTENCES = {
    Rule.LOWEST_FIRST: N_(
        "The need with the lowest coverage is raised as far as stock, roads and locks allow, then "
        "the next lowest, and so on. Cost decides which road is used, never who gets how much."
    ),
    Rule.EQUAL_SHARE: N_(
        "Every site gets the same share of what it still lacks of an item. A site with a full "
        "road gets less; what it cannot get stays in the warehouse."
    ),
    Rule.PRIORITY_WEIGHTS: N_(
        "As equal share, but the share grows with the weight of the site and the item: a need of "
        "weight 1.5 gets 1.5 times the share of what it lacks."
    ),
    Rule.FIRST_COME: N_(
        "Sites are served in the order in which they stand in the list, each as far as stock and "
        "roads allow."
    ),
    Rule.CHEAPEST: N_(
        "The goods go where transport costs least. Sites far from the warehouses may get nothing."
    ),
}

STATUS_SENTENCES = {
    Status.OPTIMAL: N_(
        "Proven: under this rule no plan can give a need more without taking from one that is "
        "no better off. The proof can be checked without a solver."
    ),
    Status.FEASIBLE: N_(
        "The plan keeps every limit. It is the best one found; it is not proven that no better "
        "one exists."
    ),
    Status.INFEASIBLE_LOCKS: N_(
        "The locks cannot all be kept: {locks}. The plan leaves these out. Change or remove "
        "one of them."
    ),
}

TIER_WORDS = {
    Tiers.LEXICOGRAPHIC: N_("one after the other"),
    Tiers.POOLED: N_("all together"),
}

SENSE_WORDS = {
    Sense.EXACT: N_("exactly"),
    Sense.AT_LEAST: N_("at least"),
    Sense.AT_MOST: N_("at most"),
}

SCOPE_WORDS = {
    LimitScope.PERIOD: N_("per period"),
    LimitScope.HORIZON: N_("whole plan"),
}

#: What would stop a need if the limit that does were gone.
_NEXT = {
    ReasonCode.STOCK_USED_UP: N_("Without this limit the stock would stop it, at {level}."),
    ReasonCode.ROUTE_FULL: N_("Without this limit full trucks would stop it, at {level}."),
    ReasonCode.SHARED_LIMIT_FULL: N_(
        "Without this limit one that several roads share would stop it, at {level}."
    ),
    ReasonCode.SEVERAL_LIMITS: N_(
        "Without this limit stock and trucks together would stop it, at {level}."
    ),
    ReasonCode.LOCKED: N_("Without this limit a decision would stop it, at {level}."),
}


def next_stop(code: str, level: str) -> Message:
    """Return what would stop a need next, at ``level`` of its coverage, or that nothing would."""
    template = next((words for known, words in _NEXT.items() if known == code), None)
    if template is None:
        return Message(N_("Without this limit it could be covered in full."))
    return Message(template, {"level": level})


def handed_out(each: int, shown: str, one_more: int, households: int) -> Message:
    """Return what each household gets in whole units: ``each`` of them, ``shown`` with its unit.

    ``one_more`` households of ``households`` get one more.
    """
    if not one_more:
        return Message(N_("{each} each"), {"each": shown})
    if not each:
        values = {"some": one_more, "all": households}
        return Message(N_("one each for {some} of {all} households"), values)
    return Message(N_("{each} each, one more for {some}"), {"each": shown, "some": one_more})


#: The figures that plans are compared by: field of Measures, heading, what it means.
MEASURES = (
    ("min_level", N_("Lowest level"), N_("Coverage of the worst-off need, weights counted")),
    ("p5", N_("Coverage that 95 in 100 needs reach"), N_("All but the worst-off twentieth")),
    ("mean", N_("Average coverage"), N_("Over all needs that can be reached")),
    ("zeros", N_("Needs left at nothing"), N_("Needs that could be reached and have none")),
    ("gini", N_("Inequality"), N_("Gini; 0 means that all needs are equally covered")),
    ("people_items", N_("People × items covered"), N_("Coverage times people, added up")),
    ("critical_unmet", N_("Life-saving need left"), N_("Tier 1: people × items not covered")),
    ("kg", N_("Weight to move, kg"), ""),
    ("m3", N_("Volume to move, m³"), ""),
    ("cost", N_("Cost"), N_("Transport and purchases")),
)  # fmt: skip

#: So much of a limit, by its unit as the engine names it: for one, and for another number.
AMOUNTS = {
    "packs": (N_("{amount} pack"), N_("{amount} packs")),
    "kg": (N_("{amount} kg"), N_("{amount} kg")),
    "m3": (N_("{amount} m³"), N_("{amount} m³")),
    "cost": (N_("{amount} of budget"), N_("{amount} of budget")),
    "": (N_("{amount} of it"), N_("{amount} of it")),
}

SHARES = frozenset({"min_level", "p5", "mean"})
