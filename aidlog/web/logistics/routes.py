"""Setup: the roads from warehouses to places."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from aidlog.core.actor import Permission
from aidlog.core.decimals import minor_digits, shown_decimal, typed_decimal
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.lists import ROUTE_SORTS, list_routes
from aidlog.registry.models import Access, PlaceKind, VehicleClass
from aidlog.registry.queries import RouteRow, places, routes
from aidlog.registry.routes import AddRoute, EditRoute, Road, add_route, edit_route
from aidlog.registry.wording import ACCESSES
from aidlog.web.forms import CheckboxField, CommandForm, QuantityField, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.listing import listing as asked_of
from aidlog.web.logistics.registry_words import (
    ACCESS_CHIPS,
    VEHICLE_CLASSES,
    offered,
    said,
)

bp = Blueprint("routes", __name__, url_prefix="/setup/routes")

GRAMS_PER_KG = 1_000
#: No road carries more in a day; keeps a slip of the finger out of the sums.
MOST_KG_A_DAY = 100_000_000


class RouteForm(CommandForm):
    """What is known of a road; limits may stay empty where none is known."""

    km = QuantityField(_l("Distance, km"), [InputRequired(_l("Write the distance in km."))])
    hours = QuantityField(_l("Hours of driving"), largest=720)
    minutes = QuantityField(_l("Minutes"), largest=59)
    cost_per_tonne = StringField(
        _l("Cost per tonne"), [InputRequired(_l("Write the cost per tonne, 0 where it is free."))]
    )
    currency = StringField(_l("Currency"), [Length(max=3)], default="USD")
    access = RadioField(_l("Access"), default=Access.OPEN.value)
    closed_from = DateField(_l("Closed from"), [Optional()])
    closed_until = DateField(_l("Closed until"), [Optional()])
    max_grams = QuantityField(_l("Most kg a day"), largest=MOST_KG_A_DAY)
    max_litres = QuantityField(_l("Most litres a day"))
    vehicle_classes = CheckboxField(_l("Vehicles that can drive it"), validate_choice=False)

    def offer(self) -> None:
        """Fill the lists."""
        self.access.choices = offered(ACCESSES)
        self.vehicle_classes.choices = offered(VEHICLE_CLASSES)

    def road(self) -> Road:
        """Return the road as typed.

        Raises:
            Refusal: the cost is no amount of its currency.
        """
        currency = (self.currency.data or "").strip().upper()
        return Road(
            km=self.km.data,
            minutes=(self.hours.data or 0) * 60 + (self.minutes.data or 0),
            cost_per_tonne=typed_decimal(
                self.cost_per_tonne.data or "",
                places=minor_digits(currency),
                field="cost_per_tonne",
            ),
            currency=currency,
            access=Access(self.access.data),
            closed_from=self.closed_from.data,
            closed_until=self.closed_until.data,
            max_grams=None if self.max_grams.data is None else self.max_grams.data * GRAMS_PER_KG,
            max_litres=self.max_litres.data,
            vehicle_classes=frozenset(
                one for one in VehicleClass if one.value in (self.vehicle_classes.data or ())
            ),
        )


class NewRouteForm(RouteForm):
    """A new road also has two ends, which stay."""

    origin_id = SelectField(_l("From"), coerce=int)
    destination_id = SelectField(_l("To"), coerce=int)

    def offer(self) -> None:
        super().offer()
        known = places(db.session(), actor())
        self.origin_id.choices = choices(
            (row.id, row.shown_as) for row in known if row.kind is not PlaceKind.SITE
        )
        self.destination_id.choices = choices((row.id, row.shown_as) for row in known)


@bp.get("")
@requires(Permission.REGISTRY_VIEW)
def listing() -> ResponseReturnValue:
    """List the roads, those that are closed today marked."""
    asked = asked_of(ROUTE_SORTS)
    return render_template(
        "logistics/routes.html",
        page=list_routes(db.session(), actor(), asked.asked),
        list=asked,
        today=datetime.now(UTC).date(),
        accesses=said(ACCESSES),
        access_chips=ACCESS_CHIPS,
        classes=said(VEHICLE_CLASSES),
        money=_money,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def add() -> ResponseReturnValue:
    """Add a road from a warehouse to a place."""
    form = NewRouteForm()
    form.offer()
    if form.validate_on_submit():
        try:
            command = AddRoute(
                command_id=str(form.command_id.data),
                origin_id=form.origin_id.data,
                destination_id=form.destination_id.data,
                road=form.road(),
            )
            with writing(db.session()) as session:
                once(session, actor(), command, add_route)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Road added."), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template("logistics/route_form.html", form=form, route=None),
        422 if form.is_submitted() else 200,
    )


@bp.route("/<int:route_id>", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def edit(route_id: int) -> ResponseReturnValue:
    """Change what is known of a road."""
    found = routes(db.session(), actor(), route_id=route_id)
    if not found:
        raise NotFound(f"route {route_id}")
    form = RouteForm(data=_as_typed(found[0]))
    form.offer()
    if form.validate_on_submit():
        try:
            command = EditRoute(
                command_id=str(form.command_id.data), route_id=route_id, road=form.road()
            )
            with writing(db.session()) as session:
                once(session, actor(), command, edit_route)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Road changed."), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template("logistics/route_form.html", form=form, route=found[0]),
        422 if form.is_submitted() else 200,
    )


def _as_typed(row: RouteRow) -> dict[str, object]:
    hours, minutes = divmod(row.minutes, 60)
    return {
        "km": row.km,
        "hours": hours,
        "minutes": minutes,
        "cost_per_tonne": shown_decimal(row.cost_per_tonne, places=minor_digits(row.currency)),
        "currency": row.currency,
        "access": row.access.value,
        "closed_from": row.closed_from,
        "closed_until": row.closed_until,
        "max_grams": None if row.max_grams is None else row.max_grams // GRAMS_PER_KG,
        "max_litres": row.max_litres,
        "vehicle_classes": [one.value for one in row.vehicle_classes],
    }


def _money(row: RouteRow) -> str:
    """Return the cost per tonne with its currency: 50.5 USD."""
    return f"{shown_decimal(row.cost_per_tonne, places=minor_digits(row.currency))} {row.currency}"
