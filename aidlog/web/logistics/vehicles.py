"""Setup: trucks and what they may carry."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.lists import VEHICLE_SORTS, list_vehicles
from aidlog.registry.models import PlaceKind, VehicleClass
from aidlog.registry.queries import VehicleRow, carrier_names, organisations, places, vehicles
from aidlog.registry.vehicles import AddVehicle, EditVehicle, Truck, add_vehicle, edit_vehicle
from aidlog.web.forms import CommandForm, QuantityField, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.listing import listing as asked_of
from aidlog.web.logistics.registry_words import VEHICLE_CLASSES, said

bp = Blueprint("vehicles", __name__, url_prefix="/setup/vehicles")

GRAMS_PER_KG = 1_000
#: Stands in the list of places for a truck that is based nowhere.
NOWHERE = 0


class VehicleForm(CommandForm):
    """A truck as its papers describe it."""

    plate = StringField(_l("Plate"), [InputRequired(_l("Write the plate.")), Length(max=20)])
    carrier = StringField(_l("Carrier"), [Length(max=120)])
    vehicle_class = SelectField(_l("Kind of vehicle"), default="")
    max_grams = QuantityField(
        _l("Carries at most, kg"), [InputRequired(_l("Write how many kg it carries."))]
    )
    max_litres = QuantityField(
        _l("Holds at most, litres"), [InputRequired(_l("Write how many litres it holds."))]
    )
    base_id = SelectField(_l("Stands at"), coerce=int)

    def offer(self) -> None:
        """Fill the lists."""
        self.vehicle_class.choices = choices(
            [
                ("", _("not said")),
                *((str(key), name) for key, name in said(VEHICLE_CLASSES).items()),
            ]
        )
        stores = places(db.session(), actor(), kinds=(PlaceKind.WAREHOUSE,))
        self.base_id.choices = choices(
            [(NOWHERE, _("no fixed place")), *((row.id, row.shown_as) for row in stores)]
        )

    def truck(self, *, active: bool = True) -> Truck:
        return Truck(
            plate=self.plate.data or "",
            carrier=self.carrier.data or "",
            max_grams=self.max_grams.data * GRAMS_PER_KG,
            max_litres=self.max_litres.data,
            base_id=self.base_id.data or None,
            active=active,
            vehicle_class=VehicleClass(self.vehicle_class.data)
            if self.vehicle_class.data
            else None,
        )


class NewVehicleForm(VehicleForm):
    """A new truck also has an owner, who stays."""

    organisation_id = SelectField(_l("Organisation"), coerce=int)

    def offer(self) -> None:
        super().offer()
        self.organisation_id.choices = choices(
            (row.id, row.name) for row in organisations(db.session(), actor())
        )


class EditVehicleForm(VehicleForm):
    """A truck that is known can also be taken out of use."""

    active = BooleanField(_l("In use"))


@bp.get("")
@requires(Permission.REGISTRY_VIEW)
def listing() -> ResponseReturnValue:
    """List the trucks; those out of use only when asked for."""
    asked = asked_of(VEHICLE_SORTS)
    return render_template(
        "logistics/vehicles.html",
        page=list_vehicles(db.session(), actor(), asked.asked),
        list=asked,
        classes=said(VEHICLE_CLASSES),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def add() -> ResponseReturnValue:
    """Add a truck."""
    form = NewVehicleForm()
    form.offer()
    if form.validate_on_submit():
        command = AddVehicle(
            command_id=str(form.command_id.data),
            organisation_id=form.organisation_id.data,
            truck=form.truck(),
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, add_vehicle)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Truck added."), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template(
            "logistics/vehicle_form.html",
            form=form,
            vehicle=None,
            carriers=carrier_names(db.session(), actor()),
        ),
        422 if form.is_submitted() else 200,
    )


@bp.route("/<int:vehicle_id>", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def edit(vehicle_id: int) -> ResponseReturnValue:
    """Change a truck, or take it out of use."""
    found = vehicles(db.session(), actor(), vehicle_id=vehicle_id)
    if not found:
        raise NotFound(f"vehicle {vehicle_id}")
    form = EditVehicleForm(data=_as_typed(found[0]))
    form.offer()
    if form.validate_on_submit():
        command = EditVehicle(
            command_id=str(form.command_id.data),
            vehicle_id=vehicle_id,
            truck=form.truck(active=bool(form.active.data)),
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, edit_vehicle)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Truck changed."), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template(
            "logistics/vehicle_form.html",
            form=form,
            vehicle=found[0],
            carriers=carrier_names(db.session(), actor()),
        ),
        422 if form.is_submitted() else 200,
    )


def _as_typed(row: VehicleRow) -> dict[str, object]:
    return {
        "plate": row.plate,
        "carrier": row.carrier,
        "max_grams": row.max_grams // GRAMS_PER_KG,
        "max_litres": row.max_litres,
        "base_id": row.base_id or NOWHERE,
        "active": row.active,
        "vehicle_class": row.vehicle_class or "",
    }
