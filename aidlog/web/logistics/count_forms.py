"""The forms of a stock take: what to count, the blind sheet, a found lot, why it differs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional

from aidlog.core.text import N_, Message
from aidlog.stock.count_deciding import Explanation, reasons_for
from aidlog.stock.counting import CountOfLine, TypedLine
from aidlog.stock.models import Reason, TakeScope
from aidlog.stock.takes import Difference, SheetLine
from aidlog.stock.wording import REASON_WORDS
from aidlog.web.forms import CommandForm, Form, QuantityField, choices
from aidlog.web.i18n import language, say

_NUMBER = re.compile("[0-9]{1,15}")
SCOPES = {
    TakeScope.ALL: _l("Everything in the warehouse"),
    TakeScope.ZONE: _l("One zone"),
    TakeScope.ITEMS: _l("Some items"),
}


class _Part(Form):
    """A part of a form, one a line; the whole form carries the token.

    ``line`` says which, whatever order the page has.
    """

    class Meta(Form.Meta):
        csrf = False

    line = HiddenField()

    @property
    def line_id(self) -> int:
        return line_number(self.line.data)


class OpenForm(CommandForm):
    """What is to be counted, and where."""

    warehouse = SelectField(_l("Warehouse"), coerce=int)
    organisation = SelectField(_l("Whose goods"), coerce=int)
    scope = RadioField(
        _l("What is counted?"),
        [InputRequired(_l("Choose what is counted."))],
        choices=choices((scope.value, words) for scope, words in SCOPES.items()),
    )
    zone = StringField(_l("Zone"), [Length(max=40)])
    items = StringField(_l("Items"), [Length(max=400)])


class LineForm(_Part):
    """What stands there of one line."""

    packs = QuantityField(_l("Full packs"))
    loose = QuantityField(_l("Loose"))

    @property
    def has_count(self) -> bool:
        return self.packs.data is not None or self.loose.data is not None

    @property
    def where(self) -> QuantityField:
        """The field to show a refusal on."""
        return self.packs if self.packs.typed else self.loose


class SheetForm(CommandForm):
    """A page of the blind sheet."""

    lines = FieldList(FormField(LineForm))

    def lay_out(self, lines: Sequence[SheetLine]) -> None:
        """Give the form one part a line, with what this person typed before."""
        while len(self.lines) < len(lines):
            self.lines.append_entry()
        del self.lines.entries[len(lines) :]
        for line, entry in zip(lines, self.lines, strict=True):
            entry.form.line.data = str(line.id)
            entry.form.packs.typed, entry.form.loose.typed = line.packs, line.loose

    def counts(self, sizes: dict[int, int]) -> tuple[CountOfLine, ...]:
        """Return what was counted, in base units; an empty line says nothing, 0 says none."""
        return tuple(
            CountOfLine(
                line=entry.form.line_id,
                quantity=(entry.form.packs.data or 0) * sizes[entry.form.line_id]
                + (entry.form.loose.data or 0),
            )
            for entry in self.lines
            if entry.form.has_count
        )

    def as_typed(self) -> tuple[TypedLine, ...]:
        """Return what stands in the fields, right or wrong."""
        return tuple(
            TypedLine(
                line=entry.form.line_id,
                packs=entry.form.packs.typed[:40],
                loose=entry.form.loose.typed[:40],
            )
            for entry in self.lines
        )


class FoundForm(CommandForm):
    """A lot that stands there and is not on the sheet."""

    item = StringField(_l("Item"), [Length(max=200)])
    number = StringField(
        _l("Lot number"), [InputRequired(_l("Write the lot number.")), Length(max=38)]
    )
    expires_on = DateField(_l("Expires"), [Optional()])
    no_expiry = BooleanField(_l("No expiry date on it"))
    held = BooleanField(_l("It stands with the goods that are held back"))


class WhyForm(_Part):
    """Why one line differs."""

    reason = SelectField(_l("Why"), validate_choice=False)
    remark = StringField(_l("Remark"), [Length(max=200)])


class ExplainForm(CommandForm):
    """The reasons of all differences."""

    lines = FieldList(FormField(WhyForm))

    def lay_out(self, found: Sequence[Difference], *, typed: bool) -> None:
        """Give the form one part a difference; what was typed stays where it was."""
        sent = {entry.form.line.data: entry.form for entry in self.lines} if typed else {}
        kept = {id_: (form.reason.data, form.remark.data) for id_, form in sent.items()}
        while len(self.lines) < len(found):
            self.lines.append_entry()
        del self.lines.entries[len(found) :]
        for one, entry in zip(found, self.lines, strict=True):
            form = entry.form
            form.line.data = str(one.id)
            form.reason.choices = choices(
                [
                    ("", _("Choose a reason")),
                    *(
                        (reason.value, say(Message(REASON_WORDS[reason])))
                        for reason in reasons_for(one.difference)
                    ),
                ]
            )
            reason, remark = kept.get(
                str(one.id), (one.reason.value if one.reason else "", one.remark)
            )
            form.reason.data, form.remark.data = reason, remark

    def explanations(self) -> tuple[Explanation, ...]:
        """Return the reasons that were chosen; a line without one is left for later."""
        return tuple(
            Explanation(
                line=entry.form.line_id,
                reason=Reason(entry.form.reason.data),
                remark=entry.form.remark.data or "",
            )
            for entry in self.lines
            if entry.form.reason.data in set(Reason)
        )


class ApproveForm(CommandForm):
    """What the approver adds."""

    remark = StringField(_l("Remark"), [Length(max=400)])


class CancelForm(CommandForm):
    """Why the stock take is given up."""

    why = StringField(_l("Why it is given up"), [Length(max=400)])


def line_number(sent: str | None) -> int:
    """Return which line a page speaks of; what is no number is no line's."""
    return int(sent) if sent and _NUMBER.fullmatch(sent) else 0


def line_called(line: SheetLine | Difference) -> str:
    """Return how a line is called to those who cannot see its row."""
    return say(
        Message(N_("{item}, lot {lot}"), {"item": line.item.name_in(language()), "lot": line.lot})
    )
