"""Organisations of the operation: each owns its stock, its documents and its people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotAllowed, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.registry.models import Organisation, Person, RoleGrant
from aidlog.registry.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOrganisation(Command):
    """``code`` stands in every document number of the organisation and never changes."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameOrganisation(Command):
    organisation_id: int
    name: str


class WrongOrganisation(Refusal):
    """The code or the name cannot stand for an organisation."""


def add_organisation(session: Session, actor: Actor, command: AddOrganisation) -> dict[str, Any]:
    """Add an organisation; return ``{"organisation_id"}``.

    The administrator who adds it administers it, so that people can be added to it.

    Raises:
        WrongOrganisation: the code is taken or not one, or the name is empty.
    """
    _must_manage(actor)
    code = command.code.strip().upper()
    if not re.fullmatch(r"[A-Z][A-Z0-9]{1,5}", code):
        raise WrongOrganisation(
            Message(N_("Write a code of 2 to 6 capital letters or digits, for example KRB.")),
            field="code",
        )
    if session.scalar(select(Organisation.id).where(Organisation.code == code)):
        raise WrongOrganisation(
            Message(N_("The code {code} is in use. Choose another one."), {"code": code}),
            field="code",
        )
    organisation = Organisation(code=code, name=_name(command.name))
    session.add(organisation)
    session.flush()
    if session.get(Person, actor.user_id) is not None:
        session.add(
            RoleGrant(
                person_id=actor.user_id,
                organisation_id=organisation.id,
                role=Role.ADMINISTRATOR,
                place_id=None,
            )
        )
        session.flush()
    return {"organisation_id": organisation.id}


def rename_organisation(
    session: Session, actor: Actor, command: RenameOrganisation
) -> dict[str, Any]:
    """Give an organisation another name; its code stays as it is printed."""
    _must_manage(actor)
    actor.must_own(command.organisation_id)
    organisation = session.get_one(Organisation, command.organisation_id)
    organisation.name = _name(command.name)
    return {"organisation_id": organisation.id}


def _must_manage(actor: Actor) -> None:
    if actor.places(Permission.PEOPLE_MANAGE) is not None:
        raise NotAllowed(Permission.PEOPLE_MANAGE)


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not 2 <= len(name) <= 200:
        raise WrongOrganisation(
            Message(N_("Write the organisation's name, in 2 to 200 characters.")), field="name"
        )
    return name
