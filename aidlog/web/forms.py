"""What the forms of all audiences share."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, StringField, ValidationError

from aidlog.core.errors import Refusal
from aidlog.core.quantity import LARGEST, whole_number
from aidlog.db.commands import new_id
from aidlog.web.i18n import say


class CommandForm(FlaskForm):
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


def show_on(form: FlaskForm, refusal: Refusal) -> None:
    """Show ``refusal`` on the field that it names, or over the form; nothing typed is lost."""
    field: Field | None = form._fields.get(refusal.field) if refusal.field else None
    sentence = say(refusal.message)
    if field is None:
        form.form_errors.append(sentence)
    else:
        field.errors = [*field.errors, sentence]
    if isinstance(form, CommandForm):
        form.renew()
