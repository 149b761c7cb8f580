"""The question "What arrived?", line by line: all of it, or another number. Nothing is pre-filled.

Asked of a site's lead on a phone and of a clerk who types in the signed paper. What is missing
is worked out from the count, shown, and confirmed before it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import to_utc
from wtforms import (
    DateTimeLocalField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Regexp

from aidlog.dispatch.receipts import ConfirmReceipt, Counted
from aidlog.dispatch.story import Line
from aidlog.web.filters import packs, quantity
from aidlog.web.forms import CommandForm, Form, QuantityField, choices
from aidlog.web.i18n import language

ALL, OTHER = "all", "other"
_NUMBER = r"[0-9]{1,15}\Z"


class _Part(Form):
    """A part of a form, one for each line of a paper; the whole form carries the token."""

    class Meta(Form.Meta):
        csrf = False


class PacksForm(_Part):
    """So many full packs and so many loose units of one line."""

    line = HiddenField()
    packs = QuantityField(_l("Full packs"))
    loose = QuantityField(_l("Loose"))

    def units(self, pack_size: int) -> int:
        """Return base units; what was left empty is none."""
        return (self.packs.data or 0) * pack_size + (self.loose.data or 0)


class ItemPacksForm(PacksForm):
    """How much of one item; it says which, and how large the packs were that were shown.

    What stands on a shelf changes while a form is open: another item may stand in that place
    of the list by then, and the lot that goes first may come in other packs.
    """

    item = HiddenField(validators=[Regexp(_NUMBER)])
    size = HiddenField(validators=[Regexp(_NUMBER)])

    @property
    def item_id(self) -> int:
        """The item; 0, which is none, where what was sent is no number."""
        return 0 if self.item.errors else int(self.item.data or 0)

    @property
    def quantity(self) -> int:
        """Base units that were typed."""
        return self.units(int(self.size.data or 0))

    @property
    def where(self) -> QuantityField:
        """The field to show a refusal of this item on."""
        return self.packs if self.size.data != "1" else self.loose


def lay_out(parts: FieldList, shown: Sequence[tuple[int, int]]) -> None:
    """Give a form one part for each (item id, pack size) that is shown."""
    fit(parts, len(shown))
    for (item_id, size), entry in zip(shown, parts, strict=True):
        entry.form.item.data = str(item_id)
        entry.form.size.data = str(size)


def by_item(parts: FieldList) -> dict[int, ItemPacksForm]:
    """Return the parts of a form by the item they speak of."""
    return {entry.form.item_id: entry.form for entry in parts}


class LineForm(_Part):
    """One line of the waybill: all of it came, or so many good and so many damaged."""

    answer = RadioField(
        _l("What arrived"), choices=choices([(ALL, ALL), (OTHER, OTHER)]), validate_choice=False
    )
    packs = QuantityField(_l("Good, full packs"))
    loose = QuantityField(_l("Good, loose"))
    damaged_packs = QuantityField(_l("Damaged, full packs"))
    damaged_loose = QuantityField(_l("Damaged, loose"))


class ReceiptForm(CommandForm):
    lines = FieldList(FormField(LineForm))
    arrived_at = DateTimeLocalField(
        _l("When did it arrive?"),
        [InputRequired(_l("Write the day and the time."))],
        format="%Y-%m-%dT%H:%M",
    )
    received_by = StringField(_l("Name of who counted"), [Length(max=120)])
    remark = TextAreaField(_l("What is wrong, if anything"), [Length(max=2000)])


def fit(parts: FieldList, number: int) -> None:
    """Give a form ``number`` parts, one for each line of the paper, and not one more.

    A part says which line it is of, where its form can: a line that asks for nothing sends
    nothing, and those after it must not move up into its place.
    """
    sent = [entry for entry in parts if _line_of(entry)]
    by_line = {_line_of(entry): entry for entry in sent} or dict(enumerate(parts, start=1))
    parts.entries.clear()
    for line in range(1, number + 1):
        if line in by_line:
            parts.entries.append(by_line[line])
        else:
            parts.last_index = line - 2
            parts.append_entry()
        entry = parts.entries[-1]
        if "line" in entry.form:
            entry.form.line.data = str(line)


def _line_of(entry: Any) -> int:
    """Return the line that a part says it is of, from 1; 0 where it does not say."""
    said = entry.form.line.data if "line" in entry.form else None
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 6 else 0


def moment_typed(field: DateTimeLocalField) -> datetime:
    """Return a moment typed in the operation's time zone, aware."""
    typed = field.data
    assert isinstance(typed, datetime)
    moment: datetime = to_utc(typed)
    return moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    """A line as it was understood, in base units."""

    line: Line
    counted: Counted

    @property
    def as_sent(self) -> bool:
        return self.counted.good == self.line.quantity and not self.counted.excess


def understand(form: ReceiptForm, lines: Sequence[Line]) -> list[Answer] | None:
    """Return what the answers mean; None where one is open, with the error on its field."""
    answers = []
    for line, entry in zip(lines, form.lines, strict=True):
        answer = _answer(line, entry.form)
        if answer is not None:
            answers.append(answer)
    return answers if len(answers) == len(lines) else None


def _answer(line: Line, form: Any) -> Answer | None:
    if any(field.errors for field in form if field is not form.answer):
        return None
    sent = line.quantity
    if form.answer.data == ALL:
        return Answer(line, Counted(line=line.number, good=sent))
    if form.answer.data != OTHER:
        form.answer.errors = [_("%(item)s: choose what arrived.", item=_name(line))]
        return None
    if form.packs.data is None and form.loose.data is None:
        field = form.packs if line.pack_size > 1 else form.loose
        field.errors = [_("%(item)s: write how many came in good state, also 0.", item=_name(line))]
        return None
    good = (form.packs.data or 0) * line.pack_size + (form.loose.data or 0)
    damaged = (form.damaged_packs.data or 0) * line.pack_size + (form.damaged_loose.data or 0)
    if damaged > sent:
        field = form.damaged_packs if line.pack_size > 1 else form.damaged_loose
        field.errors = [
            _("%(item)s: more damaged than were sent. Count them again.", item=_name(line))
        ]
        return None
    return Answer(
        line,
        Counted(
            line=line.number,
            good=good,
            damaged=damaged,
            missing=max(0, sent - good - damaged),
            excess=max(0, good + damaged - sent),
        ),
    )


def command(
    form: ReceiptForm, number: str, answers: Sequence[Answer], *, channel: str = "page"
) -> ConfirmReceipt:
    """Return the command that a sound form asks for."""
    return ConfirmReceipt(
        command_id=str(form.command_id.data),
        waybill=number,
        lines=tuple(answer.counted for answer in answers),
        arrived_at=moment_typed(form.arrived_at),
        received_by=(form.received_by.data or "").strip(),
        remark=(form.remark.data or "").strip(),
        channel=channel,
    )


def sent_before() -> list[tuple[str, str]]:
    """Return what was typed on the page before, to be sent on with the yes to it."""
    own = {"step", "csrf_token", "received_by", "command_id"}
    return [(name, value) for name, value in request.form.items(multi=True) if name not in own]


def amount(line: Line, units: int) -> str:
    """Return base units of a line as people at the ramp say them: in packs, if it fills one."""
    if units < line.pack_size or line.pack_size == 1:
        return quantity(units, line.item.base_unit)
    return packs(units, line.pack_size, line.pack_kind)


def difference(answer: Answer) -> list[str]:
    """Return what differs from what was sent, a sentence for each kind."""
    counted, line = answer.counted, answer.line
    said: list[str] = []
    if counted.missing:
        said.append(_("%(amount)s missing", amount=amount(line, counted.missing)))
    if counted.damaged:
        said.append(_("%(amount)s damaged", amount=amount(line, counted.damaged)))
    if counted.excess:
        said.append(_("%(amount)s more than sent", amount=amount(line, counted.excess)))
    return said


def _name(line: Line) -> str:
    return line.item.name_in(language())
