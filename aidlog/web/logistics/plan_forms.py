"""The forms of plans: what is typed becomes a command; they know no rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as Part
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from aidlog.allocation.problem import Rule
from aidlog.db.work import Wish
from aidlog.needs.models import Counts
from aidlog.planning.approving import ApprovePlan, CancelPlan, RejectPlan, SubmitPlan
from aidlog.planning.choices import (
    Certainty,
    DraftPlan,
    ItemPriority,
    LockChoice,
    Promise,
    RoadChoice,
    SiteChoice,
    WarehouseChoice,
)
from aidlog.planning.drafting import MOST_PERIODS
from aidlog.planning.earlier_rounds import MOST_ROUNDS
from aidlog.planning.overriding import LockCell, UnlockCell
from aidlog.planning.solving import AskSolver
from aidlog.web.forms import CheckboxField, CommandForm, Form, QuantityField, choices

#: The rules a planner may choose, the usual one first; their words stand in the template.
RULES = (
    Rule.LOWEST_FIRST,
    Rule.EQUAL_SHARE,
    Rule.PRIORITY_WEIGHTS,
    Rule.FIRST_COME,
    Rule.CHEAPEST,
)
#: No truck of this world carries more; keeps a slip of the finger out of the question.
MOST_KG = 100_000_000
NORMAL = 100
#: Which figure may be chosen as the need of a whole plan; None is as decided for each cell.
COUNTED: tuple[Counts | None, ...] = (None, Counts.COMPUTED, Counts.ASSESSED)


class _Line(Part):
    """A line within a form, with aidlog's own words for what is wrong."""

    class Meta(Form.Meta):
        csrf = False


class SiteLine(_Line):
    code = HiddenField()
    chosen = BooleanField(_l("Plan for this site"))
    weight = QuantityField(_l("Priority in percent"), largest=1_000)
    reason = StringField(_l("Why it comes first"), [Length(max=200)])


class StoreLine(_Line):
    code = HiddenField()
    chosen = BooleanField(_l("Send from this warehouse"))
    max_kg = QuantityField(_l("Trucks carry at most, kg"), largest=MOST_KG)


class RoadLine(_Line):
    warehouse = HiddenField()
    site = HiddenField()
    closed = BooleanField(_l("Closed"))
    max_kg = QuantityField(_l("At most, kg"), largest=MOST_KG)


class PriorityLine(_Line):
    code = HiddenField()
    weight = QuantityField(_l("Priority in percent"), largest=1_000)
    reason = StringField(_l("Why it comes first"), [Length(max=200)])


class PromiseLine(_Line):
    """A least that is promised; a line without an item and a figure promises nothing."""

    item = SelectField(_l("Item"), default="")
    site = SelectField(_l("Site"), default="")
    percent = QuantityField(_l("Per cent of the need"), largest=100)
    packs = QuantityField(_l("or packs"), largest=10_000_000)
    reason = StringField(_l("Why"), [Length(max=200)])


class PlanForm(CommandForm):
    """The whole question on one page, in three parts."""

    organisation = SelectField(_l("Goods of"), coerce=int)
    title = StringField(_l("Title"), [InputRequired(), Length(max=200)])
    starts_on = DateField(_l("First day"), [InputRequired()])
    ends_on = DateField(_l("Last day, included"), [InputRequired()])
    sites = FieldList(FormField(SiteLine))
    items = SelectMultipleField(_l("Items"))
    stores = FieldList(FormField(StoreLine))
    roads = FieldList(FormField(RoadLine))
    rule = RadioField(_l("Rule"), choices=choices((rule.value, rule.value) for rule in RULES))
    periods = QuantityField(_l("Number of periods"), [Optional()], largest=MOST_PERIODS)
    coming = CheckboxField(_l("Count on goods that are"))
    coming_to = SelectField(_l("Goods that no warehouse was named for come to"), default="")
    counting = SelectField(_l("Which figure counts"), default="")
    counting_reason = StringField(_l("Why"), [Length(max=200)])
    keep = SelectMultipleField(_l("Numbers fixed by hand"), choices=[])
    priorities = FieldList(FormField(PriorityLine))
    promises = FieldList(FormField(PromiseLine))
    rounds = QuantityField(_l("Earlier plans that count"), [Optional()], largest=MOST_ROUNDS)

    def command(self, locks: Sequence[LockChoice] = ()) -> DraftPlan:
        """Return what is asked; ``locks`` stay where their site and item are still chosen."""
        starts_on, ends_on = self.starts_on.data, self.ends_on.data
        assert isinstance(starts_on, date)
        assert isinstance(ends_on, date)
        return DraftPlan(
            command_id=str(self.command_id.data),
            organisation_id=int(self.organisation.data),
            title=str(self.title.data),
            starts_on=starts_on,
            ends_on=ends_on,
            sites=tuple(
                SiteChoice(
                    code=line["code"],
                    weight_percent=NORMAL if line["weight"] is None else line["weight"],
                    reason=line["reason"] or "",
                )
                for line in _chosen(self.sites)
            ),
            items=tuple(self.items.data or ()),
            warehouses=tuple(
                WarehouseChoice(code=line["code"], max_kg=line["max_kg"])
                for line in _chosen(self.stores)
            ),
            rule=Rule(self.rule.data),
            roads=tuple(
                RoadChoice(
                    warehouse=line["warehouse"],
                    site=line["site"],
                    closed=bool(line["closed"]),
                    max_kg=line["max_kg"],
                )
                for line in self.roads.data
                if line["closed"] or line["max_kg"] is not None
            ),
            locks=tuple(
                lock
                for lock in locks
                if f"{lock.site}~{lock.item}" in (self.keep.data or ())
                and lock.item in (self.items.data or ())
                and lock.site in {line["code"] for line in _chosen(self.sites)}
            ),
            periods=1 if self.periods.data is None else self.periods.data,
            coming=tuple(Certainty(kind) for kind in self.coming.data or ()),
            coming_to=self.coming_to.data or "",
            priorities=tuple(self._priorities()),
            promises=tuple(self._promises()),
            earlier_rounds=self.rounds.data or 0,
            counting=Counts(self.counting.data) if self.counting.data else None,
            counting_reason=self.counting_reason.data or "",
        )

    def _priorities(self) -> Iterator[ItemPriority]:
        """Yield the items that come first, of those that are planned for."""
        for line in self.priorities.data:
            weight = NORMAL if line["weight"] is None else line["weight"]
            if weight != NORMAL and line["code"] in (self.items.data or ()):
                yield ItemPriority(
                    code=line["code"], weight_percent=weight, reason=line["reason"] or ""
                )

    def _promises(self) -> Iterator[Promise]:
        for line in self.promises.data:
            if line["item"]:
                yield Promise(
                    item=line["item"],
                    site=line["site"] or "",
                    percent=line["percent"] or 0,
                    packs=line["packs"] or 0,
                    reason=line["reason"] or "",
                )


def _chosen(lines: FieldList) -> Iterator[dict[str, Any]]:
    return (line for line in lines.data if line["chosen"])


class WishForm(CommandForm):
    """Use the plan found so far, or stop with nothing; the button says which."""

    wish = StringField(validators=[AnyOf([Wish.USE_BEST.value, Wish.CANCEL.value])])

    def command(self, code: str) -> AskSolver:
        return AskSolver(
            command_id=str(self.command_id.data), code=code, wish=Wish(str(self.wish.data))
        )


class SubmitForm(CommandForm):
    def command(self, code: str) -> SubmitPlan:
        return SubmitPlan(command_id=str(self.command_id.data), code=code)


class ApproveForm(CommandForm):
    remark = TextAreaField(_l("Remark"), [Optional(), Length(max=400)])

    def command(self, code: str) -> ApprovePlan:
        return ApprovePlan(
            command_id=str(self.command_id.data), code=code, remark=self.remark.data or ""
        )


class ReasonForm(CommandForm):
    """Send a plan back, or end it: both say why."""

    reason = TextAreaField(_l("Why"), [InputRequired(_l("Write why.")), Length(max=400)])

    def rejection(self, code: str) -> RejectPlan:
        return RejectPlan(
            command_id=str(self.command_id.data), code=code, reason=str(self.reason.data)
        )

    def ending(self, code: str) -> CancelPlan:
        return CancelPlan(
            command_id=str(self.command_id.data), code=code, reason=str(self.reason.data)
        )


#: Why a person fixes a number, as it is kept: in the words of whoever gives it.
REASONS = {
    "": _l("Choose a reason"),
    "roads": _l("Roads"),
    "security": _l("Security"),
    "culture": _l("What people use and eat"),
    "storage": _l("Storage at the site"),
    "other": _l("Other"),
}


class LockForm(CommandForm):
    """Fix one number of the grid; the rest is worked out around it."""

    site = HiddenField()
    item = HiddenField()
    packs = QuantityField(_l("Packs"), [InputRequired()], largest=10_000_000)
    reason = SelectField(_l("Reason"), choices=choices(REASONS.items()))
    words = StringField(_l("In a few words"), [Length(max=150)])

    def _reason(self) -> str:
        """Return the reason in the words of whoever gives it, as it is kept."""
        return str(REASONS[self.reason.data]) if self.reason.data else ""

    def command(self, code: str) -> LockCell:
        return LockCell(
            command_id=str(self.command_id.data),
            code=code,
            site=str(self.site.data),
            item=str(self.item.data),
            packs=int(self.packs.data),
            reason=": ".join(part for part in (self._reason(), self.words.data) if part),
        )


class UnlockForm(CommandForm):
    """Let one fixed number go; the rest is worked out anew."""

    site = StringField(validators=[InputRequired()])
    item = StringField(validators=[InputRequired()])

    def command(self, code: str) -> UnlockCell:
        return UnlockCell(
            command_id=str(self.command_id.data),
            code=code,
            site=str(self.site.data),
            item=str(self.item.data),
        )
