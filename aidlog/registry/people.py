"""People who sign in: added, given roles and passwords, switched off.

Passwords never stand in a command, since commands leave a hash of their content: they are
hashed beforehand and handed to the action beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotAllowed, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db import audit
from aidlog.db.commands import Answer, Command
from aidlog.registry.models import Organisation, Person, Place, RoleGrant
from aidlog.registry.roles import Role
from aidlog.registry.signing_in import revoke_sessions

#: Roles that mean nothing without the one place they are held at.
AT_ONE_PLACE = frozenset({Role.SITE_LEAD})


class WrongPerson(Refusal):
    """What was asked about a person does not hold together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson(Command):
    """Someone is to sign in, with a first role; everywhere where ``place_id`` is None."""

    login: str
    name: str
    organisation_id: int
    role: Role
    place_id: int | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword(Command):
    """A person gets a password from someone else, to be used once unless ``lasting``."""

    person_id: int
    lasting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPerson(Command):
    """A person may sign in from now on (``active``) or no longer."""

    person_id: int
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRole(Command):
    """A person holds one more role for an organisation, at a place or everywhere."""

    person_id: int
    organisation_id: int
    role: Role
    place_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRole(Command):
    """A person holds a role no longer."""

    grant_id: int


def add_person(session: Session, actor: Actor, command: AddPerson) -> dict[str, Any]:
    """Add someone who can sign in once a password is set; return ``{"person_id"}``.

    Raises:
        WrongPerson: the login is taken or not one, the name is empty, or the role needs a place.
    """
    _must_manage(actor)
    actor.must_own(command.organisation_id)
    login = command.login.strip().casefold()
    if not re.fullmatch(r"[^\s@,;:/\\<>]+(@[^\s@,;:/\\<>]+)?", login) or len(login) > 120:
        raise WrongPerson(
            Message(
                N_("“{login}” cannot be a sign-in name. Write an e-mail address, or one word."),
                {"login": command.login.strip()[:40]},
            ),
            field="login",
        )
    if not command.name.strip():
        raise WrongPerson(Message(N_("Write the name that others see on documents.")), field="name")
    if session.scalar(select(Person.id).where(Person.login == login)):
        raise WrongPerson(
            Message(
                N_("Someone signs in as {login} already. Choose another name."), {"login": login}
            ),
            field="login",
        )
    person = Person(
        login=login,
        name=" ".join(command.name.split()),
        organisation_id=command.organisation_id,
        language=command.language,
        must_change_password=True,
        created_at=datetime.now(UTC),
    )
    session.add(person)
    session.flush()
    _grant(session, actor, person, command.organisation_id, command.role, command.place_id)
    return {"person_id": person.id}


def set_password(
    session: Session, actor: Actor, command: SetPassword, *, password_hash: str
) -> dict[str, Any]:
    """Give a person a new password; every browser of theirs has to sign in anew.

    Returns ``{"person_id", "mark"}``: the mark tells whether it was this very password that
    was set, or an earlier one under the same command id.
    """
    _must_manage(actor)
    person = _person(session, actor, command.person_id)
    person.password_hash = password_hash
    person.must_change_password = not command.lasting
    revoke_sessions(session, person.id, now=datetime.now(UTC))
    return {"person_id": person.id, "mark": password_mark(password_hash)}


def password_mark(password_hash: str) -> str:
    """Return what tells one hash from another and gives nothing away: part of its salt."""
    return password_hash.rsplit("$", 2)[-2][:8]


def switch_person(session: Session, actor: Actor, command: SwitchPerson) -> dict[str, Any]:
    """Let a person sign in, or end all their sessions and let them no longer.

    Raises:
        WrongPerson: one would switch off oneself.
    """
    _must_manage(actor)
    person = _person(session, actor, command.person_id)
    if person.id == actor.user_id and not command.active:
        raise WrongPerson(
            Message(N_("You cannot switch off your own account. Ask another administrator."))
        )
    person.active = command.active
    if not command.active:
        revoke_sessions(session, person.id, now=datetime.now(UTC))
    return {"person_id": person.id}


def grant_role(session: Session, actor: Actor, command: GrantRole) -> dict[str, Any]:
    """Give a person a role; they sign in anew and have it."""
    _must_manage(actor)
    actor.must_own(command.organisation_id)
    person = _person(session, actor, command.person_id)
    grant = _grant(session, actor, person, command.organisation_id, command.role, command.place_id)
    revoke_sessions(session, person.id, now=datetime.now(UTC))
    return {"person_id": person.id, "grant_id": grant.id}


def withdraw_role(session: Session, actor: Actor, command: WithdrawRole) -> dict[str, Any]:
    """Take a role back; they sign in anew without it.

    Raises:
        WrongPerson: an administrator would lay down the role that lets them do this.
    """
    _must_manage(actor)
    grant = session.get(RoleGrant, command.grant_id)
    if grant is None:
        raise NotFound(f"grant {command.grant_id}")
    actor.must_own(grant.organisation_id)
    if grant.person_id == actor.user_id and grant.role == Role.ADMINISTRATOR:
        raise WrongPerson(
            Message(N_("You cannot lay down your own role. Ask another administrator."))
        )
    session.delete(grant)
    session.flush()
    revoke_sessions(session, grant.person_id, now=datetime.now(UTC))
    return {"person_id": grant.person_id}


def change_own_password(session: Session, person_id: int, password_hash: str) -> None:
    """Set what a person chose for themselves; every browser of theirs has to sign in anew."""
    session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(password_hash=password_hash, must_change_password=False)
    )
    revoke_sessions(session, person_id, now=datetime.now(UTC))
    audit.record(session, actor_id=person_id, verb="ChangeOwnPassword:done", subject=str(person_id))


def choose_language(session: Session, person_id: int, language: str) -> None:
    """Remember the language that a person reads."""
    session.execute(update(Person).where(Person.id == person_id).values(language=language))


C = TypeVar("C", bound=Command)


def by_operator(
    session: Session, command: C, action: Callable[[Session, Actor, C], Answer]
) -> Answer:
    """Do ``action`` for whoever runs the machine: the command line, without an account.

    It holds people:manage for every organisation and is chained into the audit as nobody's.
    """
    everyone = frozenset(session.scalars(select(Organisation.id)))
    operator = Actor(user_id=0, organisation_ids=everyone, grants={Permission.PEOPLE_MANAGE: None})
    answer = action(session, operator, command)
    audit.record(
        session,
        actor_id=None,
        verb=f"{type(command).__name__}:operator",
        subject=command.command_id,
    )
    return answer


def _must_manage(actor: Actor) -> None:
    """Managing people at one place only is not foreseen: it would let a person rise by it."""
    if actor.places(Permission.PEOPLE_MANAGE) is not None:
        raise NotAllowed(Permission.PEOPLE_MANAGE)


def _person(session: Session, actor: Actor, person_id: int) -> Person:
    person = session.scalars(
        select(Person).where(Person.id == person_id).with_for_update()
    ).one_or_none()
    if person is None or person.organisation_id not in actor.organisation_ids:
        raise NotFound(f"person {person_id}")
    return person


def _grant(
    session: Session,
    actor: Actor,
    person: Person,
    organisation_id: int,
    role: Role,
    place_id: int | None,
) -> RoleGrant:
    if role in AT_ONE_PLACE and place_id is None:
        raise WrongPerson(
            Message(N_("A site lead answers for one site. Choose the site.")), field="place_id"
        )
    if place_id is not None:
        place = session.get(Place, place_id)
        if place is None or place.organisation_id not in actor.organisation_ids:
            raise NotFound(f"place {place_id}")
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == person.id,
        RoleGrant.organisation_id == organisation_id,
        RoleGrant.role == role,
        RoleGrant.place_id.is_(None) if place_id is None else RoleGrant.place_id == place_id,
    )
    if session.scalar(held):
        raise WrongPerson(
            Message(N_("{name} has this role already."), {"name": person.name}), field="role"
        )
    grant = RoleGrant(
        person_id=person.id, organisation_id=organisation_id, role=role, place_id=place_id
    )
    session.add(grant)
    session.flush()
    return grant
