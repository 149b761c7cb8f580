"""``aidlog user``: the people who sign in, from the machine's own terminal.

Whoever runs the machine needs no account for this: it is how the first administrator comes
to be. What is done is chained into the audit as the operator's.
"""

from __future__ import annotations

from typing import Any, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.cli.opening import engine_of, open_app, require_current, tell
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command, new_id
from aidlog.db.transaction import writing
from aidlog.registry.models import Organisation, Person, Place, RoleGrant
from aidlog.registry.people import (
    AddPerson,
    GrantRole,
    SetPassword,
    SwitchPerson,
    WithdrawRole,
    add_person,
    by_operator,
    grant_role,
    set_password,
    switch_person,
    withdraw_role,
)
from aidlog.registry.roles import Role

C = TypeVar("C", bound=Command)
ROLE = click.Choice([role.value for role in Role])
PLACE_HELP = "The place's code; without it the role holds everywhere."


class NotThere(Refusal):
    """A code or login on the command line names nobody and nothing."""


@click.group()
def user() -> None:
    """Add people, give and withdraw roles, set passwords, switch accounts off and on."""


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="The name that others see on documents.")
@click.option("--role", type=ROLE, required=True)
@click.option("--organisation", "code", metavar="CODE", help="Needed where there are several.")
@click.option(
    "--new-organisation", metavar="NAME", help="Make the organisation CODE under this name."
)
@click.option("--place", metavar="CODE", help=PLACE_HELP)
@click.option("--language", default="en", show_default=True, metavar="CODE")
@click.pass_context
def add(  # noqa: PLR0913, PLR0917 - one option each
    ctx: click.Context, /, login: str, name: str, role: str, code: str | None,
    new_organisation: str | None, place: str | None, language: str,
) -> None:  # fmt: skip
    """Add someone who signs in as LOGIN and print their one-time password."""
    with _opened(ctx) as session, writing(session):
        if new_organisation:
            _make_organisation(session, code, new_organisation)
        organisation = _organisation(session, code)
        answer = by_operator(
            session,
            AddPerson(
                command_id=new_id(),
                login=login,
                name=name,
                organisation_id=organisation.id,
                role=Role(role),
                place_id=_place(session, place),
                language=language,
            ),
            add_person,
        )
        password = _new_password(session, int(answer["person_id"]))
    _tell_password(ctx, login, password)


@user.command(name="role")
@click.argument("login")
@click.argument("role", type=ROLE)
@click.option("--organisation", "code", metavar="CODE", help="Default: the person's own.")
@click.option("--place", metavar="CODE", help=PLACE_HELP)
@click.option("--withdraw", is_flag=True, help="Take the role back.")
@click.pass_context
def change_role(
    ctx: click.Context, /, login: str, role: str, code: str | None, place: str | None,
    withdraw: bool,
) -> None:  # fmt: skip
    """Give LOGIN one more ROLE, or take it back; they sign in anew."""
    with _opened(ctx) as session, writing(session):
        person = _person(session, login)
        at = _place(session, place)
        organisation_id = _organisation(session, code).id if code else person.organisation_id
        if withdraw:
            grant_id = _grant(session, person.id, organisation_id, role, at)
            by_operator(
                session, WithdrawRole(command_id=new_id(), grant_id=grant_id), withdraw_role
            )
        else:
            command = GrantRole(
                command_id=new_id(),
                person_id=person.id,
                organisation_id=organisation_id,
                role=Role(role),
                place_id=at,
            )
            by_operator(session, command, grant_role)
    done = N_("{login} no longer has the role {role}.") if withdraw else N_(
        "{login} has the role {role} now."
    )  # fmt: skip
    tell(ctx, Message(done, {"login": login, "role": role}))


@user.command()
@click.argument("login")
@click.pass_context
def disable(ctx: click.Context, /, login: str) -> None:
    """Switch LOGIN off: every session ends, and none begins."""
    _switch(ctx, login, active=False)
    tell(ctx, Message(N_("{login} can no longer sign in."), {"login": login}))


@user.command()
@click.argument("login")
@click.pass_context
def enable(ctx: click.Context, /, login: str) -> None:
    """Let LOGIN sign in again, with the password and roles from before."""
    _switch(ctx, login, active=True)
    tell(ctx, Message(N_("{login} can sign in again."), {"login": login}))


@user.command()
@click.argument("login")
@click.pass_context
def password(ctx: click.Context, /, login: str) -> None:
    """Give LOGIN a one-time password and print it."""
    with _opened(ctx) as session, writing(session):
        person = _person(session, login)
        if not person.active:
            raise NotThere(
                Message(
                    N_("{login} is switched off. First run: aidlog user enable {login}"),
                    {"login": login},
                )
            )
        word = _new_password(session, person.id)
    _tell_password(ctx, login, word)


def _opened(ctx: click.Context) -> Session:
    app = open_app(ctx)
    require_current(app)
    return Session(engine_of(app))


def _tell_password(ctx: click.Context, login: str, word: str) -> None:
    tell(
        ctx,
        Message(
            N_("{login} signs in once with {password} and then chooses a password."),
            {"login": login, "password": word},
        ),
    )


def _new_password(session: Session, person_id: int) -> str:
    """Set a one-time password and return it: this is the only time that it can be seen."""
    from aidlog.registry import passwords

    word = passwords.one_time()
    password_hash = passwords.hashed(word)

    def with_hash(session: Session, actor: Any, command: SetPassword) -> dict[str, Any]:
        return set_password(session, actor, command, password_hash=password_hash)

    by_operator(session, SetPassword(command_id=new_id(), person_id=person_id), with_hash)
    return word


def _switch(ctx: click.Context, login: str, *, active: bool) -> None:
    with _opened(ctx) as session, writing(session):
        person = _person(session, login)
        command = SwitchPerson(command_id=new_id(), person_id=person.id, active=active)
        by_operator(session, command, switch_person)


def _make_organisation(session: Session, code: str | None, name: str) -> None:
    """Make the organisation that the first administrator belongs to."""
    if not code or not code.isascii() or not code.isalnum() or len(code) > 6:
        raise NotThere(
            Message(N_("An organisation needs a code of 1 to 6 letters: --organisation CODE."))
        )
    if session.scalar(select(Organisation.id).where(Organisation.code == code)):
        raise NotThere(
            Message(
                N_("The organisation {code} is there. Leave --new-organisation out."),
                {"code": code},
            )
        )
    session.add(Organisation(code=code, name=name.strip()))
    session.flush()


def _organisation(session: Session, code: str | None) -> Organisation:
    known = session.scalars(select(Organisation).order_by(Organisation.code)).all()
    if code is None and len(known) == 1:
        return known[0]
    for organisation in known:
        if organisation.code == code:
            return organisation
    raise NotThere(
        Message(
            N_("Name the organisation with --organisation. There are: {codes}."),
            {"codes": ", ".join(organisation.code for organisation in known) or "–"},
        )
    )


def _place(session: Session, code: str | None) -> int | None:
    if code is None:
        return None
    place_id = session.scalar(select(Place.id).where(Place.code == code))
    if place_id is None:
        raise NotThere(Message(N_("There is no place with the code {code}."), {"code": code}))
    return place_id


def _person(session: Session, login: str) -> Person:
    person = session.scalars(
        select(Person).where(Person.login == login.strip().casefold())
    ).one_or_none()
    if person is None:
        raise NotThere(Message(N_("Nobody signs in as {login}."), {"login": login}))
    return person


def _grant(
    session: Session, person_id: int, organisation_id: int, role: str, place_id: int | None
) -> int:
    grant_id = session.scalar(
        select(RoleGrant.id).where(
            RoleGrant.person_id == person_id,
            RoleGrant.organisation_id == organisation_id,
            RoleGrant.role == role,
            RoleGrant.place_id.is_(None) if place_id is None else RoleGrant.place_id == place_id,
        )
    )
    if grant_id is None:
        raise NotThere(Message(N_("They do not have the role {role} there."), {"role": role}))
    return grant_id
