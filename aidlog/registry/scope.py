"""Who may change the registry: the rules that all its actions share."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotAllowed, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.registry.models import Place


class WrongEntry(Refusal):
    """An entry of the registry cannot be so; the refusal names the field to correct."""


def must_edit_everywhere(actor: Actor) -> None:
    """Raise unless ``actor`` edits the registry everywhere.

    What all places share (items, routes, trucks) is not for someone in charge of one place.
    """
    if actor.places(Permission.REGISTRY_EDIT) is not None:
        raise NotAllowed(Permission.REGISTRY_EDIT)


def place_of(session: Session, actor: Actor, place_id: int) -> Place:
    """Return an active place of the actor's organisations.

    Raises:
        NotFound: there is no such place, or it is not theirs.
    """
    place = session.get(Place, place_id)
    if place is None or not place.active or place.organisation_id not in actor.organisation_ids:
        raise NotFound(f"place {place_id}")
    return place


def tidy_code(typed: str, *, field: str = "code") -> str:
    """Return a code as it is kept: capitals, digits, points and dashes, at most 40.

    Codes of other organisations' catalogues are taken as they are; no grammar is asked for.
    """
    code = typed.strip().upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9.\-]{0,39}", code):
        raise WrongEntry(
            Message(
                N_("Write a code of capital letters, digits, points and dashes, for example S07.")
            ),
            field=field,
        )
    return code


def tidy_name(typed: str, *, field: str = "name") -> str:
    """Return a name without needless spaces; refuse an empty or endless one."""
    name = " ".join(typed.split())
    if not 1 <= len(name) <= 200:
        raise WrongEntry(
            Message(N_("Write a name of 1 to 200 characters.")),
            field=field,
        )
    return name
