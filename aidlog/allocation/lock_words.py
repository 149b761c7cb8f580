"""What a lock asks for, as a sentence."""

from __future__ import annotations

from aidlog.allocation.problem import Lock, Problem
from aidlog.core.text import N_, Message


def words(problem: Problem, lock: Lock) -> Message:
    """Return what ``lock`` asks for, as a sentence."""
    site = next((s.name or s.id for s in problem.sites if s.id == lock.site), lock.site)
    names = {item.id: item.name or item.id for item in problem.items}
    values = {
        "count": lock.packs,
        "thing": lock.lot if lock.lot is not None else names.get(lock.item or "", lock.item),
        "site": site,
    }
    templates = {
        "exact": (
            N_("Exactly {count} pack of {thing} goes to {site}."),
            N_("Exactly {count} packs of {thing} go to {site}."),
        ),
        "at_least": (
            N_("At least {count} pack of {thing} goes to {site}."),
            N_("At least {count} packs of {thing} go to {site}."),
        ),
        "at_most": (
            N_("At most {count} pack of {thing} goes to {site}."),
            N_("At most {count} packs of {thing} go to {site}."),
        ),
    }
    one, many = templates[lock.sense.value]
    return Message(one, values, plural=many, count=lock.packs)
