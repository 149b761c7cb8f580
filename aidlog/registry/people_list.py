"""People as the administrator of their organisation sees them. Rows out, one statement a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.registry.lists import Asked, Page, holding, page_of
from aidlog.registry.models import LoginSession, Organisation, Person, Place, PlaceKind, RoleGrant
from aidlog.registry.roles import Role


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person of one's organisations. ``seen_at``: last use of a browser that was signed in."""

    id: int
    login: str
    name: str
    organisation_id: int
    organisation: str
    active: bool
    has_password: bool
    must_change_password: bool
    roles: tuple[Role, ...]
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A role that someone holds; ``place`` is empty where it holds everywhere."""

    id: int
    role: Role
    organisation: str
    place: str


PEOPLE_SORTS: Mapping[str, Any] = {"name": func.lower(Person.name), "login": Person.login}


def list_people(session: Session, actor: Actor, asked: Asked) -> Page[PersonLine]:
    """Return a page of the people of the actor's organisations; all of them, also switched off.

    Pages follow by id: no one's name stands in the address of a page.
    """
    wanted = holding(_lines(actor), asked, (Person.name, Person.login))
    rows, following = page_of(session, wanted, asked, PEOPLE_SORTS, Person.id)
    return Page([_line(row) for row in rows], following)


def person_sheet(session: Session, actor: Actor, person_id: int) -> PersonLine:
    """Return one person.

    Raises:
        NotFound: there is no such person in the actor's organisations.
    """
    row = session.execute(_lines(actor).where(Person.id == person_id)).one_or_none()
    if row is None:
        raise NotFound(f"person {person_id}")
    return _line(row)


def grants_of(session: Session, actor: Actor, person_id: int) -> list[GrantLine]:
    """Return the roles of a person for the actor's organisations, oldest first."""
    hidden = (Place.kind == PlaceKind.SITE) & Place.protected
    rows = session.execute(
        select(
            RoleGrant.id,
            RoleGrant.role,
            Organisation.code,
            func.coalesce(case((hidden, Place.code), else_=Place.name), ""),
        )
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .outerjoin(Place, Place.id == RoleGrant.place_id)
        .where(
            RoleGrant.person_id == person_id,
            RoleGrant.organisation_id.in_(actor.organisation_ids),
        )
        .order_by(RoleGrant.id)
    )
    return [GrantLine(row[0], Role(row[1]), row[2], row[3]) for row in rows]


def _lines(actor: Actor) -> Select[Any]:
    actor.must(Permission.PEOPLE_MANAGE)
    roles = (
        select(func.aggregate_strings(RoleGrant.role, ","))
        .where(
            RoleGrant.person_id == Person.id,
            RoleGrant.organisation_id.in_(actor.organisation_ids),
        )
        .scalar_subquery()
    )
    seen = (
        select(func.max(LoginSession.seen_at))
        .where(LoginSession.person_id == Person.id)
        .scalar_subquery()
    )
    return (
        select(
            Person.id,
            Person.login,
            Person.name,
            Person.organisation_id,
            Organisation.code,
            Person.active,
            Person.password_hash.is_not(None),
            Person.must_change_password,
            roles,
            seen,
        )
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.organisation_id.in_(actor.organisation_ids))
    )


def _line(row: Any) -> PersonLine:
    """Roles in the order of roles.py, each once however many places it is held at."""
    held = set((row[8] or "").split(","))
    roles = tuple(role for role in Role if role in held)
    return PersonLine(*(*row[:8], roles, row[9]))
