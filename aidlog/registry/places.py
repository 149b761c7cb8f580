"""Warehouses, collection points and sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.registry.models import Access, Place, PlaceKind
from aidlog.registry.scope import WrongEntry, must_edit_everywhere, place_of, tidy_code, tidy_name


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPlace(Command):
    """A site is protected unless someone says that its name may be known."""

    organisation_id: int
    code: str
    name: str
    kind: PlaceKind
    area: str
    protected: bool = True
    access: Access = Access.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPlace(Command):
    """Code, kind and owner stay: stock and papers are written under them."""

    place_id: int
    name: str
    area: str
    protected: bool
    access: Access


def add_place(session: Session, actor: Actor, command: AddPlace) -> dict[str, Any]:
    """Add a place; return ``{"place_id", "code"}``.

    Raises:
        WrongEntry: the code is in use or not one, the name or the area is missing.
    """
    must_edit_everywhere(actor)
    actor.must_own(command.organisation_id)
    code = tidy_code(command.code)
    if session.scalar(select(Place.id).where(Place.code == code)):
        raise WrongEntry(
            Message(N_("The code {code} is in use. Choose another one."), {"code": code}),
            field="code",
        )
    place = Place(
        organisation_id=command.organisation_id,
        code=code,
        name=_name(command.name, code, protected=_hidden(command.kind, command.protected)),
        kind=command.kind,
        area=_area(command.area),
        protected=_hidden(command.kind, command.protected),
        access=command.access,
    )
    session.add(place)
    session.flush()
    return {"place_id": place.id, "code": place.code}


def edit_place(session: Session, actor: Actor, command: EditPlace) -> dict[str, Any]:
    """Change a place; return ``{"place_id", "code"}``.

    Raises:
        NotFound: it is not a place of the actor's organisations.
        WrongEntry: the name or the area is missing.
    """
    actor.must(Permission.REGISTRY_EDIT, at=command.place_id)
    place = place_of(session, actor, command.place_id)
    place.protected = _hidden(place.kind, command.protected)
    place.name = _name(command.name, place.code, protected=place.protected)
    place.area = _area(command.area)
    place.access = command.access
    session.flush()
    return {"place_id": place.id, "code": place.code}


def _hidden(kind: PlaceKind, asked: bool) -> bool:
    """Only sites are protected: goods are brought to warehouses and points by name."""
    return asked and kind is PlaceKind.SITE


def _name(typed: str, code: str, *, protected: bool) -> str:
    """A protected site needs no name at all: what is not written cannot leak."""
    return code if protected and not typed.strip() else tidy_name(typed)


def _area(typed: str) -> str:
    area = " ".join(typed.split())
    if not 1 <= len(area) <= 80:
        raise WrongEntry(
            Message(N_("Write the zone, in at most 80 characters. Maps and lists group by it.")),
            field="area",
        )
    return area
