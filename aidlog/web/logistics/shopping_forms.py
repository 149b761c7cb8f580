"""The forms of shopping lists: what is typed becomes a command; they know no rule."""

from __future__ import annotations

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
    StringField,
    TextAreaField,
)
from wtforms import Form as Part
from wtforms.validators import InputRequired, Length, Optional

from aidlog.core.decimals import minor_digits, typed_decimal
from aidlog.core.errors import Refusal
from aidlog.planning.shopping import HIGHEST_BUDGET, AskWhatToBuy, Price
from aidlog.web.forms import CommandForm, Form, QuantityField, choices

BUY, ASK = "buy", "ask"
WAYS = {BUY: _l("Buy for a budget"), ASK: _l("Ask donors, without a budget")}
#: The appeal that is not there yet.
NEW = 0


class OfferLine(Part):
    """An item that may be bought; the price is of one pack."""

    class Meta(Form.Meta):
        """The token is the whole form's, not each line's."""

        csrf = False

    code = HiddenField()
    chosen = BooleanField(_l("Item"))
    price = StringField(_l("Price of a pack"), [Length(max=30)])


class ShoppingForm(CommandForm):
    """A budget with prices, or how far the lowest need is to be lifted."""

    way = RadioField(_l("What it is for"), choices=choices(WAYS.items()), default=BUY)
    budget = StringField(_l("Budget"), [Length(max=30)])
    step = StringField(_l("Compare with this much more or less"), [Length(max=30)])
    currency = StringField(_l("Currency of the prices"), [Length(max=3)])
    target = QuantityField(_l("Lift every need to at least, percent"), [Optional()], largest=100)
    warehouse = SelectField(_l("Brought to"))
    deliver_on = DateField(_l("There on"), [InputRequired()])
    lines = FieldList(FormField(OfferLine))

    def command(self, plan: str) -> AskWhatToBuy:
        """Return what is asked.

        Raises:
            Refusal: a figure is none; it names the field.
        """
        day = self.deliver_on.data
        assert isinstance(day, date)
        currency = (self.currency.data or "").strip().upper()
        buying = self.way.data == BUY
        budget = _money(self.budget.data, currency, "budget") if buying else None
        if buying and budget is None:
            budget = 0  # the action says that it is missing
        step = _money(self.step.data, currency, "step") if buying else None
        return AskWhatToBuy(
            command_id=str(self.command_id.data),
            plan=plan,
            warehouse=str(self.warehouse.data),
            deliver_on=day,
            items=tuple(
                Price(
                    item=line["code"],
                    price=_money(line["price"], currency, f"price_{line['code']}"),
                )
                for line in self.lines.data
                if line["chosen"]
            ),
            currency=currency,
            budget=budget,
            step=step if step is not None or budget is None else max(1, budget // 4),
            target=1000 if self.target.data is None else self.target.data * 10,
        )

    def show_on_line(self, refusal: Refusal) -> Any:
        """Return the field of a line that ``refusal`` names, None where it names none."""
        code = (refusal.field or "").removeprefix("price_")
        return next((e.form.price for e in self.lines if e.form.code.data == code), None)


def _money(typed: str | None, currency: str, field: str) -> int | None:
    if not (typed or "").strip():
        return None
    return typed_decimal(
        str(typed), places=minor_digits(currency), field=field, largest=HIGHEST_BUDGET
    )


class SendForm(CommandForm):
    """Send the lines to an appeal: one that is open, or a new one."""

    appeal = SelectField(_l("Appeal"), coerce=int)
    title = StringField(_l("Title"), [Length(max=200)])
    text = TextAreaField(_l("What it is about"), [Length(max=4000)])
