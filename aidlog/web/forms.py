"""What the forms of all audiences share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from flask import g
from flask_babel import gettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    Field,
    FieldList,
    FormField,
    HiddenField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms import Form as AnyForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # not in stubs
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from aidlog.core.errors import Refusal
from aidlog.core.quantity import LARGEST, whole_number
from aidlog.core.text import N_
from aidlog.db.commands import new_id
from aidlog.web.i18n import say

#: What WTForms says of itself, in our words: what to do, in all languages of aidlog.
_OUR_WORDS = {
    "This field is required.": N_("Fill this in."),
    "Not a valid choice.": N_("Choose one from the list."),
    "Not a valid date value.": N_("Write the date as day, month and year."),
    "Not a valid datetime value.": N_("Write the date and the time."),
    "Not a valid time value.": N_("Write the time as hours and minutes."),
    "Not a valid integer value.": N_("Write a whole number."),
    "Invalid input.": N_("This is not one of the possible answers."),
    "Invalid Choice: could not coerce.": N_("Choose one from the list."),
    "Invalid email address.": N_("Write an e-mail address, for example name@example.org."),
    "Number must be at least %(min)s.": N_("The least is %(min)s."),
    "Number must be at most %(max)s.": N_("The most is %(max)s."),
    "Number must be between %(min)s and %(max)s.": N_("Write a number from %(min)s to %(max)s."),
    "Field must be at least %(min)d character long.": N_("Write at least %(min)d characters."),
    "Field must be at least %(min)d characters long.": N_("Write at least %(min)d characters."),
    "Field cannot be longer than %(max)d character.": N_("Write at most %(max)d characters."),
    "Field cannot be longer than %(max)d characters.": N_("Write at most %(max)d characters."),
    "Field must be between %(min)d and %(max)d characters long.": N_(
        "Write from %(min)d to %(max)d characters."
    ),
    "Field must be equal to %(other_name)s.": N_("The two do not match. Write the same twice."),
}


class _Words:
    """WTForms' sentences, put into ours and translated with the rest."""

    def gettext(self, text: str) -> str:
        return str(gettext(_OUR_WORDS.get(text, text)))

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)


class Form(FlaskForm):
    """A form that changes nothing by itself: a search, a choice, a sign-in."""

    class Meta(FlaskForm.Meta):
        """Lets the forms speak our words."""

        words: ClassVar[_Words] = _Words()

        def get_translations(self, form: object) -> _Words:
            return self.words

    def hidden_tag(self, *fields: Field) -> Markup:
        """Return the hidden fields, without ids: a page may hold several forms."""
        hidden = [f for f in (fields or self) if isinstance(f.widget, HiddenInput)]
        return Markup("\n").join(field(id=False) for field in hidden)


class CommandForm(Form):
    """A form that asks for one command, once, however often it is sent.

    Its id is made when the form is shown. After a refusal the form is shown again under a
    fresh id, since what is corrected is another command.
    """

    command_id = HiddenField(default=new_id)

    def renew(self) -> None:
        """Give the form a fresh id: what is sent next is a new command."""
        self.command_id.data = new_id()


class QuantityField(StringField):
    """A whole number as people type it; ``data`` is an int, or None where nothing was typed."""

    def __init__(self, *args: Any, largest: int = LARGEST, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.largest = largest
        self.typed = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data: Any = None
        if self.typed:
            try:
                self.data = whole_number(self.typed, largest=self.largest)
            except Refusal as refusal:
                raise ValidationError(say(refusal.message)) from refusal

    def _value(self) -> str:
        return self.typed or ("" if self.data is None else str(self.data))


class CheckboxField(SelectMultipleField):
    """Several of a few choices, a box to tick for each."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def choices(pairs: Iterable[tuple[Any, object]]) -> list[Any]:
    """Return (value, words) as WTForms wants them; plain pairs are on their way out there."""
    return [SelectChoice(value, words) for value, words in pairs]


def show_on(form: FlaskForm, refusal: Refusal, *, field: Field | None = None) -> None:
    """Show ``refusal`` on the field that it names, or over the form; nothing typed is lost.

    ``field`` says which one it is, where that is a field in a line of the form. What is told
    of it by number stands in errors.py: 409 where something changed meanwhile.
    """
    g.refusal = refusal
    if field is None and refusal.field:
        field = form._fields.get(refusal.field)
    sentence = say(refusal.message)
    if field is None or isinstance(field, FieldList | FormField):
        form.form_errors.append(sentence)
    else:
        field.errors = [*field.errors, sentence]
    if isinstance(form, CommandForm):
        form.renew()


def problems(form: AnyForm) -> list[tuple[str, str]]:
    """Return what is wrong with ``form`` as (id of the control, sentence), top to bottom.

    The id is empty for what concerns the whole form. Lines of lines are walked as well.
    """
    return [("", str(sentence)) for sentence in form.form_errors] + [
        found for field in form for found in _problems_of(field)
    ]


def _problems_of(field: Field) -> Iterator[tuple[str, str]]:
    if isinstance(field, FormField):
        yield from problems(field.form)
        return
    if isinstance(field, FieldList):
        for entry in field:
            yield from _problems_of(entry)
        for sentence in field.errors:
            if isinstance(sentence, str):
                yield "", sentence
        return
    target = "" if isinstance(field, HiddenField) else field.id
    for sentence in field.errors:
        yield target, str(sentence)
