"""Carriers: whose trucks they are, and to whom a claim for a loss goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.registry.models import Carrier
from aidlog.registry.scope import WrongEntry, must_edit_everywhere

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Haulier:
    """What is known of a carrier. ``contact`` is the office's; no driver is named here."""

    name: str
    contact: str = ""
    contract: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCarrier(Command):
    organisation_id: int
    carrier: Haulier


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCarrier(Command):
    """A new name is that of all its trucks; papers that were printed keep the old one."""

    carrier_id: int
    carrier: Haulier


def add_carrier(session: Session, actor: Actor, command: AddCarrier) -> dict[str, Any]:
    """Add a carrier; return ``{"carrier_id"}``.

    Raises:
        WrongEntry: the name is missing, too long or known already.
    """
    must_edit_everywhere(actor)
    actor.must_own(command.organisation_id)
    carrier = Carrier(organisation_id=command.organisation_id)
    _describe(session, carrier, command.carrier)
    session.add(carrier)
    session.flush()
    return {"carrier_id": carrier.id}


def edit_carrier(session: Session, actor: Actor, command: EditCarrier) -> dict[str, Any]:
    """Change a carrier, or take it out of use; return ``{"carrier_id"}``.

    Raises:
        NotFound: it is not a carrier of the actor's organisations.
        WrongEntry: the name is missing, too long or known already.
    """
    must_edit_everywhere(actor)
    carrier = session.get(Carrier, command.carrier_id)
    if carrier is None or carrier.organisation_id not in actor.organisation_ids:
        raise NotFound(f"carrier {command.carrier_id}")
    _describe(session, carrier, command.carrier)
    session.flush()
    return {"carrier_id": carrier.id}


def carrier_named(session: Session, organisation_id: int, typed: str) -> int | None:
    """Return the id of the carrier of that name, added where it is new; None for no name."""
    name = " ".join(typed.split())[:LONGEST_NAME]
    if not name:
        return None
    carrier = _of_name(session, organisation_id, name)
    if carrier is None:
        carrier = Carrier(organisation_id=organisation_id, name=name)
        session.add(carrier)
        session.flush()
    return carrier.id


def _of_name(session: Session, organisation_id: int, name: str) -> Carrier | None:
    with session.no_autoflush:
        return session.scalars(
            select(Carrier).where(Carrier.organisation_id == organisation_id, Carrier.name == name)
        ).one_or_none()


def _describe(session: Session, carrier: Carrier, said: Haulier) -> None:
    name = " ".join(said.name.split())
    if not 2 <= len(name) <= LONGEST_NAME:
        raise WrongEntry(
            Message(N_("Write the carrier’s name, in 2 to 120 characters.")), field="name"
        )
    twin = _of_name(session, carrier.organisation_id, name)
    if twin is not None and twin is not carrier:
        raise WrongEntry(
            Message(N_("The carrier {name} is listed already. Edit that one."), {"name": name}),
            field="name",
        )
    carrier.name = name
    carrier.contact = " ".join(said.contact.split())[:200]
    carrier.contract = " ".join(said.contract.split())[:60]
    carrier.active = said.active
