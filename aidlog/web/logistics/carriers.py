"""Setup: carriers, whose trucks go under whose name."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.carriers import AddCarrier, EditCarrier, Haulier, add_carrier, edit_carrier
from aidlog.registry.lists import CARRIER_SORTS, list_carriers
from aidlog.registry.queries import carrier, organisations
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.listing import listing as asked_of

bp = Blueprint("carriers", __name__, url_prefix="/setup/carriers")


class CarrierForm(CommandForm):
    """A carrier as its contract names it."""

    name = StringField(
        _l("Name"), [InputRequired(_l("Write the carrier’s name.")), Length(max=120)]
    )
    contact = StringField(_l("Address or telephone of the office"), [Length(max=200)])
    contract = StringField(_l("Contract number"), [Length(max=60)])

    def haulier(self, *, active: bool = True) -> Haulier:
        return Haulier(
            name=self.name.data or "",
            contact=self.contact.data or "",
            contract=self.contract.data or "",
            active=active,
        )


class NewCarrierForm(CarrierForm):
    """A new carrier also belongs to an organisation, which stays."""

    organisation_id = SelectField(_l("Organisation"), coerce=int)

    def offer(self) -> None:
        """Fill the list."""
        self.organisation_id.choices = choices(
            (row.id, row.name) for row in organisations(db.session(), actor())
        )


class EditCarrierForm(CarrierForm):
    """A carrier that is known can also be taken out of use."""

    active = BooleanField(_l("In use"))


@bp.get("")
@requires(Permission.REGISTRY_VIEW)
def listing() -> ResponseReturnValue:
    """List the carriers; those out of use only when asked for."""
    asked = asked_of(CARRIER_SORTS)
    return render_template(
        "logistics/carriers.html",
        page=list_carriers(db.session(), actor(), asked.asked),
        list=asked,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def add() -> ResponseReturnValue:
    """Add a carrier."""
    form = NewCarrierForm()
    form.offer()
    if form.validate_on_submit():
        command = AddCarrier(
            command_id=str(form.command_id.data),
            organisation_id=form.organisation_id.data,
            carrier=form.haulier(),
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, add_carrier)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Carrier added."), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template("logistics/carrier_form.html", form=form, carrier=None),
        422 if form.is_submitted() else 200,
    )


@bp.route("/<int:carrier_id>", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def edit(carrier_id: int) -> ResponseReturnValue:
    """Change a carrier, or take it out of use: its history stays."""
    known = carrier(db.session(), actor(), carrier_id)
    form = EditCarrierForm(obj=known)
    if form.validate_on_submit():
        command = EditCarrier(
            command_id=str(form.command_id.data),
            carrier_id=carrier_id,
            carrier=form.haulier(active=bool(form.active.data)),
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, edit_carrier)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Carrier changed."), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template("logistics/carrier_form.html", form=form, carrier=known),
        422 if form.is_submitted() else 200,
    )
