"""What the simple rules would have done to the worst-off, need by need."""

from __future__ import annotations

import numpy as np

from aidlog.allocation.explain import Names
from aidlog.allocation.model import Floats, Ints, Model
from aidlog.allocation.phases import levels, tiers_of
from aidlog.allocation.problem import Rule
from aidlog.allocation.result import Elsewhere
from aidlog.core.text import N_, Message

_SENTENCES = {
    Rule.EQUAL_SHARE: N_(
        "By equal share {item} at {site} would stand at {there}; in this plan it stands at {here}."
    ),
    Rule.PRIORITY_WEIGHTS: N_(
        "By priority weights {item} at {site} would stand at {there}; in this plan it stands at"
        " {here}."
    ),
    Rule.FIRST_COME: N_(
        "By first come, first served {item} at {site} would stand at {there}; in this plan it"
        " stands at {here}."
    ),
    Rule.CHEAPEST: N_(
        "By the cheapest roads {item} at {site} would stand at {there}; in this plan it stands at"
        " {here}."
    ),
    Rule.LOWEST_FIRST: N_(
        "With the lowest first {item} at {site} would stand at {there}; in this plan it stands at"
        " {here}."
    ),
}


def elsewhere(
    model: Model, rule: Rule, flow: Floats | Ints, here: Floats | Ints
) -> Elsewhere | None:
    """Return the need of the first tier that ``rule``'s plan ``flow`` leaves the lowest.

    ``here`` is the plan that is told about. None where nothing is compared.
    """
    tiers = tiers_of(model)
    if not tiers or not tiers[0][1].any():
        return None
    first = np.flatnonzero(tiers[0][1])
    there = levels(model, model.delivered(flow))
    ours = levels(model, model.delivered(here))
    worst = first[np.lexsort((-ours[first], there[first].round(9)))[0]]
    need, names = model.problem.needs[worst], Names(model)
    values = {
        "item": names.items[int(model.needs.item[worst])],
        "site": names.sites[int(model.needs.site[worst])],
        "there": f"{there[worst]:.1%}",
        "here": f"{ours[worst]:.1%}",
    }
    return Elsewhere(
        rule=rule,
        site=need.site,
        item=need.item,
        level=float(there[worst]),
        here=float(ours[worst]),
        zeros=int((there[first] <= 1e-12).sum()),
        message=Message(_SENTENCES[rule], values),
    )
