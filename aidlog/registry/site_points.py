"""Where a site is on the map: the most dangerous figures that aidlog holds.

One function reads them, and who read is written down before they are told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.text import N_, Message
from aidlog.db import audit
from aidlog.db.commands import Command
from aidlog.registry.models import Place, PlaceKind, SitePoint
from aidlog.registry.scope import WrongEntry, place_of

#: A point is kept in millionths of a degree: about eleven centimetres.
MICRODEGREES = 1_000_000


class Why(StrEnum):
    """What a position is needed for. A closed list, so that the chain holds no free text."""

    DELIVERY = "delivery"
    PROTECTION_VISIT = "protection_visit"
    CHECKING = "checking"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSitePoint(Command):
    """Millionths of a degree, north and east positive.

    ``salt`` is random and made together with the command id: the audit chain holds a hash of
    the command, and without it that hash could be searched for the position.
    """

    place_id: int
    latitude: int
    longitude: int
    salt: str


@dataclass(frozen=True, slots=True)
class Point:
    """Millionths of a degree. Its text form tells nothing, so that no log can."""

    latitude: int
    longitude: int

    def __repr__(self) -> str:
        return "Point(…)"


def read_site_point(session: Session, actor: Actor, place_id: int, *, why: Why) -> Point:
    """Return where a site is, and chain into the audit who asked, for which site, and why.

    Call it inside ``writing()``: without the audit entry there is no answer.

    Raises:
        NotAllowed: the actor may not know where this site is.
        NotFound: there is no such site of theirs, or it has no point.
    """
    site = _site(session, actor, Permission.SITE_POINT_VIEW, place_id)
    point = session.get(SitePoint, site.id)
    if point is None:
        raise NotFound(f"point of place {place_id}")
    audit.record(
        session,
        actor_id=actor.user_id,
        verb="ReadSitePoint:done",
        subject=f"place {site.id}: {why}",
    )
    return Point(point.latitude, point.longitude)


def set_site_point(session: Session, actor: Actor, command: SetSitePoint) -> dict[str, Any]:
    """Keep where a site is; the answer does not repeat it.

    Raises:
        WrongEntry: the figures are no point on earth.
    """
    assert len(command.salt) >= 16, "a position without salt could be searched for"
    site = _site(session, actor, Permission.REGISTRY_EDIT, command.place_id)
    if abs(command.latitude) > 90 * MICRODEGREES:
        raise WrongEntry(Message(N_("The latitude is from -90 to 90 degrees.")), field="latitude")
    if abs(command.longitude) > 180 * MICRODEGREES:
        raise WrongEntry(
            Message(N_("The longitude is from -180 to 180 degrees.")), field="longitude"
        )
    point = session.get(SitePoint, site.id)
    if point is None:
        point = SitePoint(place_id=site.id, latitude=0, longitude=0)
        session.add(point)
    point.latitude, point.longitude = command.latitude, command.longitude
    session.flush()
    return {"place_id": site.id}


def typed_degrees(text: str, *, field: str) -> int:
    """Return decimal degrees as people type them, in millionths; what is finer is refused.

    The refusal does not repeat what was typed: refusals are kept, positions are not.
    """
    tidy = text.strip().replace(",", ".").replace("\u2212", "-")
    if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,6})?", tidy):
        raise WrongEntry(
            Message(N_("Write decimal degrees with at most 6 digits behind the point.")),
            field=field,
        )
    whole, _, fraction = tidy.lstrip("-").partition(".")
    size = int(whole) * MICRODEGREES + int(fraction.ljust(6, "0") or "0")
    return -size if tidy.startswith("-") else size


def _site(session: Session, actor: Actor, permission: Permission, place_id: int) -> Place:
    actor.must(permission, at=place_id)
    site = place_of(session, actor, place_id)
    if site.kind is not PlaceKind.SITE:
        raise NotFound(f"site {place_id}")
    return site
