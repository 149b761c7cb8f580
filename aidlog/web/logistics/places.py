"""Setup: warehouses, collection points and sites."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Length

from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.db.commands import new_id, once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.lists import PLACE_SORTS, list_places
from aidlog.registry.models import Access, Place, PlaceKind
from aidlog.registry.places import AddPlace, EditPlace, add_place, edit_place
from aidlog.registry.queries import organisations, place_by_code
from aidlog.registry.wording import ACCESSES
from aidlog.stock.closing import ClosePlace, ReopenPlace, close_place, reopen_place
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.listing import listing as asked_of
from aidlog.web.logistics.registry_words import (
    ACCESS_CHIPS,
    PLACE_KINDS,
    offered,
    said,
)

bp = Blueprint("places", __name__, url_prefix="/setup/places")


#: A choice of its own and no box to tick: what is left out leaves a site protected.
BY_CODE, BY_NAME = "code", "name"


class PlaceForm(CommandForm):
    """What can be said anew of a place."""

    name = StringField(_l("Name"), [Length(max=200)])
    area = StringField(_l("Zone"), [Length(max=80)])
    shown = RadioField(
        _l("How a site is shown"),
        default=BY_CODE,
        choices=choices(
            [
                (BY_CODE, _l("Protected: lists, papers and exports carry its code only")),
                (BY_NAME, _l("By its name")),
            ]
        ),
    )
    access = RadioField(_l("Access"), default=Access.OPEN.value)

    def offer(self) -> None:
        """Fill the lists."""
        self.access.choices = offered(ACCESSES)

    def edit(self, place_id: int) -> EditPlace:
        return EditPlace(
            command_id=str(self.command_id.data),
            place_id=place_id,
            name=self.name.data or "",
            area=self.area.data or "",
            protected=self.shown.data != BY_NAME,
            access=Access(self.access.data),
        )


class NewPlaceForm(PlaceForm):
    """A new place also has an owner, a kind and a code, which stay."""

    organisation_id = SelectField(_l("Organisation"), coerce=int)
    kind = RadioField(_l("Kind"), default=PlaceKind.SITE.value)
    code = StringField(_l("Code"), [Length(max=40)])

    def offer(self) -> None:
        super().offer()
        self.kind.choices = offered(PLACE_KINDS)
        self.organisation_id.choices = choices(
            (row.id, row.name) for row in organisations(db.session(), actor())
        )

    def command(self) -> AddPlace:
        return AddPlace(
            command_id=str(self.command_id.data),
            organisation_id=self.organisation_id.data,
            code=self.code.data or "",
            name=self.name.data or "",
            kind=PlaceKind(self.kind.data),
            area=self.area.data or "",
            protected=self.shown.data != BY_NAME,
            access=Access(self.access.data),
        )


@bp.get("")
@requires(Permission.REGISTRY_VIEW)
def listing() -> ResponseReturnValue:
    """List the places of one's organisations; closed ones only when asked for."""
    asked = asked_of(PLACE_SORTS, kept=("kind",))
    kind = asked.kept["kind"]
    return render_template(
        "logistics/places.html",
        page=list_places(
            db.session(),
            actor(),
            asked.asked,
            kind=PlaceKind(kind) if kind in set(PlaceKind) else None,
        ),
        list=asked,
        kind=kind,
        kinds=said(PLACE_KINDS),
        accesses=said(ACCESSES),
        access_chips=ACCESS_CHIPS,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def add() -> ResponseReturnValue:
    """Add a place; a site is protected unless somebody says otherwise."""
    form = NewPlaceForm(kind=_kind(request.args.get("kind")))
    form.offer()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), form.command(), add_place)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Place %(code)s added.", code=answer["code"]), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template("logistics/place_form.html", form=form, place=None),
        422 if form.is_submitted() else 200,
    )


@bp.route("/<code>", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def edit(code: str) -> ResponseReturnValue:
    """Change a place. Only here does a protected site's name stand, for who may change it."""
    row = place_by_code(db.session(), actor(), code, permission=Permission.REGISTRY_EDIT)
    if not row.active:
        return render_template("logistics/place_closed.html", place=row, reopen_form=CommandForm())
    place = db.session().get_one(Place, row.id)
    form = PlaceForm(data=_as_typed(place))
    form.offer()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.edit(row.id), edit_place)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Place %(code)s changed.", code=code), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template(
            "logistics/place_form.html", form=form, place=row, close_form=CommandForm()
        ),
        422 if form.is_submitted() else 200,
    )


@bp.post("/<code>/close")
@requires(Permission.REGISTRY_EDIT)
def close(code: str) -> ResponseReturnValue:
    """Close a place that holds nothing; a refusal has a page of its own."""
    row = place_by_code(db.session(), actor(), code, permission=Permission.REGISTRY_EDIT)
    command = ClosePlace(command_id=str(CommandForm().command_id.data or new_id()), place_id=row.id)
    with writing(db.session()) as session:
        once(session, actor(), command, close_place)
    flash(_("Place %(code)s is closed. Its history stays.", code=code), "success")
    return redirect(url_for(".listing"), 303)


@bp.post("/<code>/reopen")
@requires(Permission.REGISTRY_EDIT)
def reopen(code: str) -> ResponseReturnValue:
    """Put a closed place back into all lists."""
    row = place_by_code(db.session(), actor(), code, permission=Permission.REGISTRY_EDIT)
    command = ReopenPlace(
        command_id=str(CommandForm().command_id.data or new_id()), place_id=row.id
    )
    with writing(db.session()) as session:
        once(session, actor(), command, reopen_place)
    flash(_("Place %(code)s is open again.", code=code), "success")
    return redirect(url_for(".edit", code=code), 303)


def _as_typed(place: Place) -> dict[str, object]:
    return {
        "name": place.name,
        "area": place.area,
        "shown": BY_CODE if place.protected else BY_NAME,
        "access": place.access.value,
    }


def _kind(given: str | None) -> str:
    return given if given in {kind.value for kind in PlaceKind} else PlaceKind.SITE.value
