"""Appeals: what is asked for in public, and what is still missing of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, FieldList, FormField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.appealing import OpenAppeal, Wanted, appeals, gaps, open_appeal
from aidlog.donations.queries import owners
from aidlog.extensions import db
from aidlog.web.forms import CommandForm, Form, QuantityField, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import say
from aidlog.web.logistics.item_picking import WhichItem, item_typed

bp = Blueprint("appeals", __name__)

#: More items than this are two appeals.
MOST_LINES = 30


class WantedForm(Form):
    class Meta(Form.Meta):
        """The token is the whole form's, not each line's."""

        csrf = False

    item = StringField(_l("Item: code or name"), [Length(max=200)])
    quantity = QuantityField(_l("How much"))


class AppealForm(CommandForm):
    organisation = SelectField(_l("In the name of"), coerce=int)
    title = StringField(
        _l("Title"), [InputRequired(_l("Give the appeal a title.")), Length(max=200)]
    )
    text = TextAreaField(_l("What it is about"), [Length(max=4000)])
    opens_on = DateField(_l("Opens on"), [InputRequired(_l("Write the day it opens."))])
    closes_on = DateField(_l("Closes on"), [Optional()])
    wanted = FieldList(FormField(WantedForm), max_entries=MOST_LINES)

    def command(self, wanted: tuple[Wanted, ...]) -> OpenAppeal:
        opens_on = self.opens_on.data
        assert isinstance(opens_on, date)
        return OpenAppeal(
            command_id=str(self.command_id.data),
            organisation_id=int(self.organisation.data),
            title=self.title.data or "",
            text=self.text.data or "",
            wanted=wanted,
            opens_on=opens_on,
            closes_on=self.closes_on.data,
        )


@bp.get("/appeals")
@requires(Permission.PLEDGE_VIEW)
def listing() -> ResponseReturnValue:
    """Appeals with what was promised, what came and what is missing."""
    session = db.session()
    shown = appeals(session, actor())
    by_appeal = {
        appeal: list(lines)
        for appeal, lines in groupby(
            gaps(session, [appeal.id for appeal in shown]), lambda gap: gap.appeal_id
        )
    }
    return render_template(
        "logistics/appeals.html",
        appeals=shown,
        gaps=by_appeal,
        today=datetime.now(UTC).date(),
        may_open=actor().may(Permission.PLEDGE_RECORD),
    )


@bp.route("/appeals/new", methods=["GET", "POST"])
@requires(Permission.PLEDGE_RECORD)
def open_one() -> ResponseReturnValue:
    """Ask for goods."""
    form = AppealForm()
    form.organisation.choices = [(one.id, one.name) for one in owners(db.session(), actor())]
    if not form.is_submitted():
        form.opens_on.data = datetime.now(UTC).date()
        quantity = request.args.get("quantity", type=int)
        form.wanted.append_entry({"item": request.args.get("item", ""), "quantity": quantity})
    elif request.form.get("act") == "add":
        form.wanted.append_entry()
        return render_template("logistics/appeal_open.html", form=form, most=MOST_LINES)
    elif form.validate() and (wanted := _wanted(form)) is not None:
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(wanted), open_appeal)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("The appeal is open."), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template("logistics/appeal_open.html", form=form, most=MOST_LINES),
        422 if form.is_submitted() else 200,
    )


def _wanted(form: AppealForm) -> tuple[Wanted, ...] | None:
    """Return what is asked for; None where a line cannot be, with its error on its field."""
    wanted = []
    sound = True
    for entry in form.wanted:
        line = entry.form
        if not (line.item.data or "").strip() and line.quantity.data is None:
            continue
        try:
            item = item_typed(db.session(), line.item.data or "")
        except WhichItem as refusal:
            line.item.errors = [*line.item.errors, say(refusal.message)]
            sound = False
            continue
        if not line.quantity.data:
            line.quantity.errors = [
                say(Message(N_("Write how much is asked for: a whole number above zero.")))
            ]
            sound = False
            continue
        wanted.append(Wanted(item_id=item.id, quantity=line.quantity.data))
    return tuple(wanted) if sound else None
