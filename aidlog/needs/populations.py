"""How many people a site has: counts are added, never overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.needs.groups import GroupCount, WrongCount, check_groups
from aidlog.needs.models import Confidence, PopulationCount, PopulationGroup
from aidlog.needs.people_now import people_at
from aidlog.registry.models import Place, PlaceKind

#: More people than this at one site is a slip of the hand: no camp has ever been so large.
LARGEST_SITE = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPopulation(Command):
    """``households`` None: they were not counted. That is not none, and not people by five."""

    place_id: int
    counted_on: date
    people: int
    households: int | None
    confidence: Confidence
    source: str
    groups: tuple[GroupCount, ...] = ()


def record_population(session: Session, actor: Actor, command: RecordPopulation) -> dict[str, Any]:
    """Add a count of a site's people; return ``{"count_id"}``.

    The latest day counts; of one day, what was recorded last. What was recorded stays.

    Raises:
        NotAllowed: the actor may not update this site (a site lead only their own).
        NotFound: there is no such site of the actor's organisations.
        WrongCount: the day is ahead, or the figures cannot be; it names the field.
    """
    site = own_site(session, actor, command.place_id)
    check_count(command)
    check_groups(command.people, command.households, command.groups)
    count = PopulationCount(
        place_id=site.id,
        counted_on=command.counted_on,
        people=command.people,
        households=command.households,
        confidence=command.confidence,
        source=command.source.strip(),
        recorded_at=datetime.now(UTC),
        recorded_by=actor.user_id,
    )
    session.add(count)
    session.flush()
    session.add_all(
        PopulationGroup(count_id=count.id, group=part.group, number=part.number)
        for part in command.groups
    )
    session.flush()
    _check_what_left_since(session, site)
    return {"count_id": count.id}


def own_site(session: Session, actor: Actor, place_id: int) -> Place:
    """Return the site if the actor may update its people; it is locked till the end of writing.

    Raises:
        NotAllowed: the actor may not update this site.
        NotFound: there is no such site of the actor's organisations.
    """
    actor.must(Permission.POPULATION_UPDATE, at=place_id)
    site = session.get(Place, place_id, with_for_update=True)
    if site is None or site.kind is not PlaceKind.SITE or not site.active:
        raise NotFound(f"site {place_id}")
    actor.must_own(site.organisation_id)
    return site


def _check_what_left_since(session: Session, site: Place) -> None:
    """A count after which more people left than it holds cannot be right."""
    _, row = people_at(session, site.id, datetime.now(UTC).date())
    if row is not None and row.people_counted + row.people_since < 0:
        raise WrongCount(
            Message(
                N_(
                    "{left} more people left since that day than came. {people} cannot have been"
                    " all. Check the count, or undo a departure that was wrong."
                ),
                {"left": -row.people_since, "people": row.people_counted},
            ),
            field="people",
        )


def check_count(command: RecordPopulation) -> None:
    """Refuse a count that cannot be; the refusal names the field."""
    if command.counted_on > datetime.now(UTC).date():
        raise WrongCount(
            Message(
                N_("The day of the count is in the future. Write the day people were counted.")
            ),
            field="counted_on",
        )
    if not 0 <= command.people <= LARGEST_SITE:
        raise WrongCount(
            Message(
                N_("The number of people is from 0 to {largest}. Check the figure."),
                {"largest": LARGEST_SITE},
            ),
            field="people",
        )
    if not command.source.strip():
        raise WrongCount(
            Message(N_("Write who counted, or which list the figure comes from.")), field="source"
        )
    if command.households is not None:
        _check_households(command.people, command.households)


def _check_households(people: int, households: int) -> None:
    """A household has at least one person; people live in at least one household."""
    if households < 0 or households > people:
        raise WrongCount(
            Message(
                N_(
                    "{households} households cannot be made of {people} people."
                    " Check both, or leave the households empty where they were not counted."
                ),
                {"households": households, "people": people},
            ),
            field="households",
        )
    if people and not households:
        raise WrongCount(
            Message(
                N_(
                    "{people} people live in at least one household."
                    " Leave the households empty where they were not counted."
                ),
                {"people": people},
            ),
            field="households",
        )
