"""Forms about the people of a site that the desk and the site's own phone share."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from aidlog.needs.arrivals_and_departures import RecordChange, UndoChange
from aidlog.needs.groups import GroupCount
from aidlog.needs.models import ChangeKind, Group
from aidlog.web.forms import CommandForm, QuantityField, choices

CHANGES = {
    ChangeKind.ARRIVAL: _l("Arrived"),
    ChangeKind.DEPARTURE: _l("Left"),
    ChangeKind.RETURN: _l("Returned home"),
}
GROUPS = {
    Group.GIRLS_0_4: _l("Girls, 0–4 years"),
    Group.BOYS_0_4: _l("Boys, 0–4 years"),
    Group.GIRLS_5_11: _l("Girls, 5–11 years"),
    Group.BOYS_5_11: _l("Boys, 5–11 years"),
    Group.GIRLS_12_17: _l("Girls, 12–17 years"),
    Group.BOYS_12_17: _l("Boys, 12–17 years"),
    Group.WOMEN_18_59: _l("Women, 18–59 years"),
    Group.MEN_18_59: _l("Men, 18–59 years"),
    Group.WOMEN_60: _l("Women, 60 years and older"),
    Group.MEN_60: _l("Men, 60 years and older"),
    Group.INFANTS: _l("Infants under 1 year"),
    Group.MENSTRUATING: _l("Women and girls who menstruate"),
    Group.HOUSEHOLDS_WITH_INFANT: _l("Households with an infant"),
}


#: Sets the form of changes apart from that of the count on the same page.
CAME = "came"


def changes_said() -> dict[ChangeKind, str]:
    """Return the kinds of changes in this request's language."""
    return {kind: str(words) for kind, words in CHANGES.items()}


def groups_said() -> dict[Group, str]:
    """Return the groups in this request's language."""
    return {group: str(words) for group, words in GROUPS.items()}


class ChangeForm(CommandForm):
    """Who came to a site, left it, or went home."""

    kind = RadioField(
        _l("What happened?"),
        [InputRequired(_l("Choose what happened."))],
        choices=choices((kind.value, words) for kind, words in CHANGES.items()),
    )
    people = QuantityField(_l("How many people"), [InputRequired(_l("Write how many people."))])
    households = QuantityField(_l("In how many households"))
    happened_on = DateField(_l("On which day"), [InputRequired(_l("Write the day."))])
    source = StringField(_l("Who saw it, or which list"), [Length(max=200)])

    def command(self, place_id: int) -> RecordChange:
        happened_on = self.happened_on.data
        assert isinstance(happened_on, date)
        return RecordChange(
            command_id=str(self.command_id.data),
            place_id=place_id,
            kind=ChangeKind(self.kind.data),
            happened_on=happened_on,
            people=int(self.people.data),
            households=self.households.data,
            source=self.source.data or "",
        )


class UndoForm(CommandForm):
    reason = StringField(_l("Why is it undone?"), [Length(max=200)])

    def command(self, change_id: int) -> UndoChange:
        return UndoChange(
            command_id=str(self.command_id.data),
            change_id=change_id,
            reason=self.reason.data or "",
        )


class GroupsForm(CommandForm):
    """Age, sex and other groups of a count; each may be left empty."""

    def groups(self) -> tuple[GroupCount, ...]:
        """Return the groups that were filled in."""
        return tuple(
            GroupCount(group=group, number=number)
            for group in Group
            if (number := self[f"group_{group.value}"].data) is not None
        )

    @property
    def group_fields(self) -> list[QuantityField]:
        """The fields of the groups in their order."""
        return [self[f"group_{group.value}"] for group in Group]

    @property
    def groups_open(self) -> bool:
        """Say whether a group was filled in or faulted, so that it must be seen."""
        return any(field.data is not None or field.errors for field in self.group_fields)


for _group, _words in GROUPS.items():
    setattr(GroupsForm, f"group_{_group.value}", QuantityField(_words))
