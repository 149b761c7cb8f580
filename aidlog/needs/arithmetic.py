"""From a count of people and a standard to a need: whole base units, every rounding stated.

Knows no table and no page. What is not known stays unknown (None); it never becomes zero and
never becomes people divided by five.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from aidlog.needs.models import Basis, Group

#: Older than this many days, a count of people is shown as stale.
STALE_AFTER_DAYS = 30


@dataclass(frozen=True, slots=True)
class Due:
    """What one ``basis`` is due: ``quantity`` base units, every ``recurs_days`` days or once.

    A facility is one for every started ``per`` people; ``per`` is 1 for every other basis.
    """

    basis: Basis
    quantity: int
    recurs_days: int | None = None
    per: int = 1

    def __post_init__(self) -> None:
        assert self.quantity > 0, "a standard of nothing is no standard"
        assert self.per > 0, "a facility serves at least one person"
        assert self.recurs_days is None or self.recurs_days > 0

    @property
    def once(self) -> bool:
        """True for what lasts (a blanket): given once, it covers every horizon."""
        return self.recurs_days is None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many people and households, and of what groups; None, or no entry, is unknown.

    ``estimated`` of the households were not counted: they belong to people who came or left
    since, taken at the household size that was measured at the site.
    """

    people: int | None = None
    households: int | None = None
    groups: Mapping[Group, int] = field(default_factory=dict)
    estimated: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """Who came less who left since the count.

    ``households`` are those of the changes that counted them; ``uncounted`` are the people of
    the others.
    """

    people: int = 0
    households: int = 0
    uncounted: int = 0


def now(count: Counted, changes: Changes) -> Counted:
    """Return how many there are today: the count, and who came and left since.

    Where a change did not count its households they are estimated at the size that the count
    measured, rounded to the nearest, and said to be so. Groups are kept in proportion to the
    people and rounded up: who is added to a group by it is at most one person in each.
    """
    if count.people is None:
        return count
    people = max(0, count.people + changes.people)
    households, estimated = count.households, 0
    if households is not None:
        if changes.uncounted and count.people:
            estimated = _nearest(changes.uncounted * households, count.people)
        households = min(people, max(households + changes.households + estimated, int(people > 0)))
    groups = count.groups
    if people != count.people and count.people:
        groups = {group: -(-number * people // count.people) for group, number in groups.items()}
    return Counted(people, households, groups, abs(estimated))


def _nearest(numerator: int, denominator: int) -> int:
    """Return the quotient rounded to the nearest whole number, halves away from zero."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


#: The groups whose people a basis counts.
_GROUPS_OF = {
    Basis.CHILD_UNDER_5: (Group.GIRLS_0_4, Group.BOYS_0_4),
    Basis.INFANT: (Group.INFANTS,),
    Basis.MENSTRUATING: (Group.MENSTRUATING,),
    Basis.OLDER_PERSON: (Group.WOMEN_60, Group.MEN_60),
    Basis.HOUSEHOLD_WITH_INFANT: (Group.HOUSEHOLDS_WITH_INFANT,),
}


def units_of(basis: Basis, counted: Counted, per: int = 1) -> int | None:
    """Return how many times ``basis`` occurs among ``counted``; None where that is unknown.

    A pair of persons never reaches over two households: a household of five makes three
    pairs, not two and a half. The sizes of the households are not known, only their sum, so
    this is the most that any sizes can need, ``(people + households) // 2``: whoever counts
    on it runs out at no door. It is reached when as many households as can be are odd.

    A facility stands for every started ``per`` people. A group that was not counted is
    unknown, however many people there are; where nobody is, no group has anybody.
    """
    if basis is Basis.SITE:
        return 1
    if not counted.people:
        return counted.people
    if basis in _GROUPS_OF:
        return _sum([counted.groups.get(group) for group in _GROUPS_OF[basis]])
    if basis in {Basis.HOUSEHOLD, Basis.TWO_PERSONS}:
        households = counted.households
        if households is None or basis is Basis.HOUSEHOLD:
            return households
        return (counted.people + households) // 2
    return -(-counted.people // per)


def _sum(numbers: list[int | None]) -> int | None:
    """Return the sum; None where one of the numbers is unknown."""
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def need(due: Due, counted: Counted, days: int) -> int | None:
    """Return the need in base units for a horizon of ``days``; None where it is unknown.

    What recurs is worked out by the day, ``units x quantity x days / recurs_days``, and
    rounded up once, for the site as a whole: 31 days of a monthly parcel are 31/30 of one
    for every household, not two. What is given once does not depend on ``days``.
    """
    return need_of_units(due, units_of(due.basis, counted, due.per), days)


def need_of_units(due: Due, units: int | None, days: int) -> int | None:
    """Return the need where ``due.basis`` occurs ``units`` times; see :func:`need`."""
    assert days > 0, "a horizon has at least one day"
    if units is None:
        return None
    if due.recurs_days is None:
        return units * due.quantity
    return -(-units * due.quantity * days // due.recurs_days)


def gap(needed: int | None, held: int) -> int | None:
    """Return what is still missing of ``needed`` base units; None where that is unknown."""
    return None if needed is None else max(0, needed - held)


def coverage(needed: int | None, held: int) -> int | None:
    """Return ``held`` in permille of ``needed``, rounded down; None where nothing can be said.

    Rounded down so that a need that is short of one blanket never shows as covered. Above
    1000 there is more than needed.
    """
    return None if not needed else held * 1000 // needed


def horizon(starts_on: date, ends_on: date) -> int:
    """Return the days from ``starts_on`` to ``ends_on``, both included."""
    return (ends_on - starts_on).days + 1


def age_in_days(counted_on: date, today: date) -> int:
    """Return how old a count is; a count of today is 0 days old."""
    return max(0, (today - counted_on).days)


def is_stale(counted_on: date, today: date) -> bool:
    """Say whether a count is too old to be trusted without a look."""
    return age_in_days(counted_on, today) > STALE_AFTER_DAYS
