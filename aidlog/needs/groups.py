"""Age, sex and the other groups of a count: what of them can be true together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.needs.models import Group

#: The groups that together are all the people of a site.
BY_AGE_AND_SEX = (
    Group.GIRLS_0_4,
    Group.BOYS_0_4,
    Group.GIRLS_5_11,
    Group.BOYS_5_11,
    Group.GIRLS_12_17,
    Group.BOYS_12_17,
    Group.WOMEN_18_59,
    Group.MEN_18_59,
    Group.WOMEN_60,
    Group.MEN_60,
)
UNDER_5 = (Group.GIRLS_0_4, Group.BOYS_0_4)
#: From which the menstruating come; the oldest and youngest of them do not.
GIRLS_AND_WOMEN_FROM_5 = (
    Group.GIRLS_5_11,
    Group.GIRLS_12_17,
    Group.WOMEN_18_59,
    Group.WOMEN_60,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCount:
    """How many belong to a group; groups that are not known are left out."""

    group: Group
    number: int


class WrongCount(Refusal):
    """The count cannot be, or does not say where it comes from."""


def field_of(group: Group) -> str:
    """Return the name of the field that asks for ``group``."""
    return f"group_{group.value}"


def check_groups(people: int, households: int | None, groups: Sequence[GroupCount]) -> None:
    """Refuse groups that cannot be parts of ``people`` in ``households``.

    Raises:
        WrongCount: it names the field to correct.
    """
    stated = {part.group: part.number for part in groups}
    if len(stated) != len(groups):
        raise WrongCount(Message(N_("A group is given twice. Keep one figure for each.")))
    for group, number in stated.items():
        if number < 0:
            raise WrongCount(
                Message(N_("A group has 0 people or more. Leave it empty where it is unknown.")),
                field=field_of(group),
            )
    _check_ages(people, stated)
    _check_part(stated, Group.INFANTS, UNDER_5, people)
    _check_part(stated, Group.MENSTRUATING, GIRLS_AND_WOMEN_FROM_5, people)
    with_infant = stated.get(Group.HOUSEHOLDS_WITH_INFANT)
    if with_infant is not None and with_infant > (people if households is None else households):
        raise WrongCount(
            Message(
                N_("{number} households with an infant are more than the households there are."),
                {"number": with_infant},
            ),
            field=field_of(Group.HOUSEHOLDS_WITH_INFANT),
        )


def _check_ages(people: int, stated: dict[Group, int]) -> None:
    """The ages and sexes that are known are no more than all; where all are known, all."""
    known = [stated[group] for group in BY_AGE_AND_SEX if group in stated]
    total = sum(known)
    all_known = len(known) == len(BY_AGE_AND_SEX)
    if total > people or (all_known and total != people):
        raise WrongCount(
            Message(
                N_(
                    "The groups by age and sex add up to {total}, the people to {people}. Correct"
                    " one of them, or leave empty what was not counted."
                ),
                {"total": total, "people": people},
            ),
            field=field_of(next(group for group in BY_AGE_AND_SEX if group in stated)),
        )


def _check_part(stated: dict[Group, int], part: Group, of: Sequence[Group], people: int) -> None:
    """A part is no more than what it is a part of, as far as that is known."""
    if part not in stated:
        return
    most = sum(stated[group] for group in of) if all(group in stated for group in of) else people
    if stated[part] > most:
        raise WrongCount(
            Message(
                N_("{number} are more than the {most} they are part of. Check both figures."),
                {"number": stated[part], "most": most},
            ),
            field=field_of(part),
        )
