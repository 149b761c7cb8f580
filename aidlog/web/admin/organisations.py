"""Setup: the organisations of the operation."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.organisations import (
    AddOrganisation,
    RenameOrganisation,
    add_organisation,
    rename_organisation,
)
from aidlog.registry.queries import organisations
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import actor, requires

bp = Blueprint("organisations", __name__, url_prefix="/setup/organisations")


class NameForm(CommandForm):
    """What can be said anew of an organisation."""

    name = StringField(_l("Name"), [InputRequired(_l("Write the name.")), Length(max=200)])


class OrganisationForm(NameForm):
    """A new organisation also has a code, which stays."""

    code = StringField(_l("Code"), [InputRequired(_l("Write the code.")), Length(max=6)])


@bp.get("")
@requires(Permission.REGISTRY_VIEW)
def listing() -> ResponseReturnValue:
    """List the organisations one acts for."""
    return render_template(
        "admin/organisations.html", organisations=organisations(db.session(), actor())
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
def add() -> ResponseReturnValue:
    """Add an organisation; whoever adds it administers it."""
    form = OrganisationForm()
    if form.validate_on_submit():
        command = AddOrganisation(
            command_id=str(form.command_id.data),
            code=form.code.data or "",
            name=form.name.data or "",
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, add_organisation)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Organisation added. You administer it."), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template("admin/organisation_form.html", form=form, organisation=None),
        422 if form.is_submitted() else 200,
    )


@bp.route("/<code>", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
def edit(code: str) -> ResponseReturnValue:
    """Give an organisation another name."""
    row = next((row for row in organisations(db.session(), actor()) if row.code == code), None)
    if row is None:
        raise NotFound(f"organisation {code}")
    form = NameForm(data={"name": row.name})
    if form.validate_on_submit():
        command = RenameOrganisation(
            command_id=str(form.command_id.data),
            organisation_id=row.id,
            name=form.name.data or "",
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, rename_organisation)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Organisation %(code)s renamed.", code=code), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template("admin/organisation_form.html", form=form, organisation=row),
        422 if form.is_submitted() else 200,
    )
