"""Setup, people: who signs in, with which roles, and until when."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import Answer, once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry import passwords
from aidlog.registry.people import (
    AddPerson,
    GrantRole,
    SetPassword,
    SwitchPerson,
    WithdrawRole,
    add_person,
    grant_role,
    password_mark,
    set_password,
    switch_person,
    withdraw_role,
)
from aidlog.registry.people_list import (
    PEOPLE_SORTS,
    PersonLine,
    grants_of,
    list_people,
    person_sheet,
)
from aidlog.registry.queries import organisations, places
from aidlog.registry.roles import Role
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import name_of
from aidlog.web.listing import listing as asked_of
from aidlog.web.sessions import settings
from aidlog.web.shell import role_name

bp = Blueprint("people", __name__, url_prefix="/setup/people")

#: How "everywhere" stands in the list of places.
EVERYWHERE = 0


class RoleForm(CommandForm):
    """One role for an organisation, at a place or everywhere."""

    organisation_id = SelectField(_l("Organisation"), coerce=int)
    role = SelectField(_l("Role"))
    place_id = SelectField(_l("Where"), coerce=int)

    def offer(self, here: Actor) -> None:
        """Fill the lists with what the administrator may give."""
        session = db.session()
        self.organisation_id.choices = choices(
            (row.id, f"{row.code} · {row.name}") for row in organisations(session, here)
        )
        self.role.choices = choices((role.value, role_name(role)) for role in Role)
        self.place_id.choices = choices(
            [
                (EVERYWHERE, _("Everywhere")),
                *((row.id, f"{row.code} · {row.shown_as}") for row in places(session, here)),
            ]
        )

    @property
    def place(self) -> int | None:
        return self.place_id.data or None

    def grant(self, person_id: int) -> GrantRole:
        return GrantRole(
            command_id=str(self.command_id.data),
            person_id=person_id,
            organisation_id=self.organisation_id.data,
            role=Role(self.role.data),
            place_id=self.place,
        )


class PersonForm(RoleForm):
    """Someone new, with a first role."""

    name = StringField(
        _l("Name"),
        [InputRequired(_l("Write the name that others see on documents.")), Length(max=200)],
    )
    login = StringField(
        _l("Sign-in name"), [InputRequired(_l("Write a sign-in name.")), Length(max=120)]
    )
    language = SelectField(_l("Language"))

    def offer(self, here: Actor) -> None:
        super().offer(here)
        self.language.choices = choices((code, name_of(code)) for code in settings().languages)

    def command(self) -> AddPerson:
        return AddPerson(
            command_id=str(self.command_id.data),
            login=str(self.login.data),
            name=str(self.name.data),
            organisation_id=self.organisation_id.data,
            role=Role(self.role.data),
            place_id=self.place,
            language=str(self.language.data),
        )


@bp.route("", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
def listed() -> ResponseReturnValue:
    """List the people of one's organisations; a name that is searched for stays in the form."""
    asked = asked_of(PEOPLE_SORTS, private=True)
    return render_template(
        "admin/people.html", page=list_people(db.session(), actor(), asked.asked), list=asked
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
def add() -> ResponseReturnValue:
    """Add someone who signs in; the next page gives them a password."""
    form = PersonForm()
    form.offer(actor())
    if form.validate_on_submit():
        try:
            answer = _do(form.command(), add_person)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("The person is added. Make a password for them now."), "success")
            return redirect(url_for(".sheet", person_id=answer["person_id"]), 303)
    return render_template("admin/person_new.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/<int:person_id>")
@requires(Permission.PEOPLE_MANAGE)
def sheet(person_id: int) -> ResponseReturnValue:
    """Show one person: roles, password, and whether they may sign in."""
    form = RoleForm()
    form.offer(actor())
    return _sheet(person_sheet(db.session(), actor(), person_id), form)


@bp.post("/<int:person_id>/roles")
@requires(Permission.PEOPLE_MANAGE)
def grant(person_id: int) -> ResponseReturnValue:
    """Give one more role."""
    person = person_sheet(db.session(), actor(), person_id)
    form = RoleForm()
    form.offer(actor())
    if form.validate_on_submit():
        try:
            _do(form.grant(person_id), grant_role)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(
                _("The role is given. %(name)s signs in anew and has it.", name=person.name),
                "success",
            )
            return redirect(url_for(".sheet", person_id=person_id), 303)
    return _sheet(person, form), 422


@bp.post("/<int:person_id>/roles/<int:grant_id>/withdraw")
@requires(Permission.PEOPLE_MANAGE)
def withdraw(person_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a role back."""
    person = person_sheet(db.session(), actor(), person_id)
    if grant_id not in {line.id for line in grants_of(db.session(), actor(), person_id)}:
        raise NotFound(f"grant {grant_id}")
    form = CommandForm()
    if form.validate_on_submit():
        _do(WithdrawRole(command_id=str(form.command_id.data), grant_id=grant_id), withdraw_role)
        flash(_("%(name)s no longer has this role.", name=person.name), "success")
    return redirect(url_for(".sheet", person_id=person_id), 303)


@bp.post("/<int:person_id>/switch")
@requires(Permission.PEOPLE_MANAGE)
def switch(person_id: int) -> ResponseReturnValue:
    """Let someone sign in, or no longer."""
    person = person_sheet(db.session(), actor(), person_id)
    form = CommandForm()
    if form.validate_on_submit():
        active = request.form.get("active") == "yes"
        _do(
            SwitchPerson(command_id=str(form.command_id.data), person_id=person_id, active=active),
            switch_person,
        )
        flash(
            _("%(name)s can sign in again.", name=person.name)
            if active
            else _("%(name)s is signed out everywhere and cannot sign in.", name=person.name),
            "success",
        )
    return redirect(url_for(".sheet", person_id=person_id), 303)


@bp.post("/<int:person_id>/password")
@requires(Permission.PEOPLE_MANAGE)
def password(person_id: int) -> ResponseReturnValue:
    """Make a password to be used once, and show it this one time.

    The page is not reached again: sent a second time it tells that the password shown first
    is the one that counts.
    """
    person = person_sheet(db.session(), actor(), person_id)
    form = CommandForm()
    if not form.validate_on_submit():
        return redirect(url_for(".sheet", person_id=person_id), 303)
    words = passwords.one_time()
    password_hash = passwords.hashed(words)
    answer = _do(
        SetPassword(command_id=str(form.command_id.data), person_id=person_id),
        partial(set_password, password_hash=password_hash),
    )
    fresh = answer["mark"] == password_mark(password_hash)
    return render_template("admin/password_made.html", person=person, words=words if fresh else "")


def _do(command: Any, action: Any) -> Answer:
    with writing(db.session()) as session:
        return once(session, actor(), command, action)


def _sheet(person: PersonLine, form: RoleForm) -> str:
    if not form.is_submitted():
        form.organisation_id.data = person.organisation_id
    return render_template(
        "admin/person.html",
        person=person,
        grants=grants_of(db.session(), actor(), person.id),
        form=form,
        button=partial(CommandForm, formdata=None),
        myself=person.id == actor().user_id,
    )
