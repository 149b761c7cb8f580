"""People who come to a site, leave it, or return home: kept as events, never overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.needs.models import ChangeKind, PopulationChange
from aidlog.needs.people_now import people_at
from aidlog.needs.populations import LARGEST_SITE, own_site


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange(Command):
    """``people`` came or left on a day, in ``households``; None where those were not counted."""

    place_id: int
    kind: ChangeKind
    happened_on: date
    people: int
    households: int | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoChange(Command):
    """An arrival or departure that was written by mistake."""

    change_id: int
    reason: str


class WrongChange(Refusal):
    """The change cannot have happened so, or does not say who saw it."""


def record_change(session: Session, actor: Actor, command: RecordChange) -> dict[str, Any]:
    """Record who came or left; return ``{"change_id", "people"}``, the people there now.

    Raises:
        NotAllowed: the actor may not update this site.
        NotFound: there is no such site of the actor's organisations.
        WrongChange: it names the field to correct.
    """
    site = own_site(session, actor, command.place_id)
    _check(command)
    change = PopulationChange(
        place_id=site.id,
        happened_on=command.happened_on,
        kind=command.kind,
        people=command.people,
        households=command.households,
        source=command.source.strip(),
        recorded_at=datetime.now(UTC),
        recorded_by=actor.user_id,
    )
    session.add(change)
    session.flush()
    return {"change_id": change.id, "people": _people_left(session, site.id, command.people)}


def undo_change(session: Session, actor: Actor, command: UndoChange) -> dict[str, Any]:
    """Undo a change, once; return ``{"change_id", "people"}``. Both rows stay on record.

    Raises:
        NotAllowed: the actor may not update this site.
        NotFound: there is no such change at the actor's sites.
        WrongChange: it was undone before, or others left since who came with it.
    """
    change = session.get(PopulationChange, command.change_id)
    if change is None or change.undoes_id is not None:
        raise NotFound(f"change {command.change_id}")
    site = own_site(session, actor, change.place_id)
    if not command.reason.strip():
        raise WrongChange(Message(N_("Write why it is undone.")), field="reason")
    before = select(PopulationChange.id).where(PopulationChange.undoes_id == change.id)
    if session.scalar(before) is not None:
        raise WrongChange(Message(N_("This was undone before. Nothing more to do.")))
    undoing = PopulationChange(
        place_id=site.id,
        happened_on=change.happened_on,
        kind=change.kind,
        people=change.people,
        households=change.households,
        source=command.reason.strip(),
        recorded_at=datetime.now(UTC),
        recorded_by=actor.user_id,
        undoes_id=change.id,
    )
    session.add(undoing)
    session.flush()
    return {"change_id": undoing.id, "people": _people_left(session, site.id, change.people)}


def _people_left(session: Session, place_id: int, moved: int) -> int | None:
    """Return the people there now, None if never counted; refuse less than nobody."""
    counted, row = people_at(session, place_id, datetime.now(UTC).date())
    if row is not None and row.people_counted + row.people_since < 0:
        raise WrongChange(
            Message(
                N_(
                    "Only {people} people are on record at this site, so {moved} cannot have left."
                    " Check the figure, or record a new count first."
                ),
                {"people": row.people_counted + row.people_since + moved, "moved": moved},
            ),
            field="people",
        )
    return counted.people


def _check(command: RecordChange) -> None:
    if command.happened_on > datetime.now(UTC).date():
        raise WrongChange(
            Message(N_("The day is in the future. Write the day people came or left.")),
            field="happened_on",
        )
    if not 0 < command.people <= LARGEST_SITE:
        raise WrongChange(
            Message(
                N_("The number of people is from 1 to {largest}. Check the figure."),
                {"largest": LARGEST_SITE},
            ),
            field="people",
        )
    if command.households is not None and not 0 < command.households <= command.people:
        raise WrongChange(
            Message(
                N_(
                    "{households} households cannot be made of {people} people."
                    " Check both, or leave the households empty where they were not counted."
                ),
                {"households": command.households, "people": command.people},
            ),
            field="households",
        )
    if not command.source.strip():
        raise WrongChange(
            Message(N_("Write who saw it, or which list it comes from.")), field="source"
        )
