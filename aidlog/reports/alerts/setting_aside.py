"""An alert that somebody saw can wait: it is set aside until a day, with a reason, or brought back.

Whoever works at the same place sees that it was, by whom and why; it is never deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import Command
from aidlog.reports.alerts.models import AlertAside, AlertKind
from aidlog.reports.alerts.rows import alert_named

#: Nothing is put out of sight for longer.
LONGEST = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Which alert is meant; see AlertAside."""

    kind: AlertKind
    organisation_id: int
    place_id: int
    subject_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside(Command):
    """Let an alert wait until the end of ``until``, because of ``reason``."""

    alert: Named
    until: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BringBack(Command):
    """Show an alert again that was set aside."""

    alert: Named


class WrongAside(Refusal):
    """The day is past or too far off, or no reason was given."""


def set_aside(session: Session, actor: Actor, command: SetAside) -> dict[str, Any]:
    """Set an alert aside for everybody who sees it; return ``{"until"}``.

    Raises:
        NotFound: there is no such alert within the actor's reach.
        NotAllowed: the actor does not answer for alerts at this place.
        WrongAside: it names the field to correct.
    """
    now = datetime.now(UTC)
    _must_answer(session, actor, command.alert, now)
    today, reason = now.date(), " ".join(command.reason.split())
    if not today < command.until <= today + LONGEST:
        raise WrongAside(
            Message(
                N_("Choose a day from tomorrow on, at most {days} days ahead."),
                {"days": LONGEST.days},
            ),
            field="until",
        )
    if not 3 <= len(reason) <= 200:
        raise WrongAside(
            Message(N_("Write why it can wait, in 3 to 200 characters.")), field="reason"
        )
    _end(session, command.alert, now)
    session.add(
        AlertAside(
            organisation_id=command.alert.organisation_id,
            kind=command.alert.kind,
            place_id=command.alert.place_id,
            subject_id=command.alert.subject_id,
            until=command.until,
            reason=reason,
            set_at=now,
            set_by=actor.user_id,
        )
    )
    session.flush()
    return {"until": command.until.isoformat()}


def bring_back(session: Session, actor: Actor, command: BringBack) -> dict[str, Any]:
    """Show an alert again before its day; return ``{"brought_back"}``.

    Raises:
        NotFound, NotAllowed: as for set_aside().
    """
    now = datetime.now(UTC)
    _must_answer(session, actor, command.alert, now)
    return {"brought_back": _end(session, command.alert, now)}


def _must_answer(session: Session, actor: Actor, alert: Named, now: datetime) -> None:
    actor.must_own(alert.organisation_id)
    actor.must(Permission.ALERT_ANSWER, at=alert.place_id)
    alert_named(
        session,
        actor,
        alert.kind,
        (alert.organisation_id, alert.place_id, alert.subject_id),
        now=now,
    )


def _end(session: Session, alert: Named, now: datetime) -> bool:
    """End what stands of an alert; say whether anything did."""
    ended = session.execute(
        update(AlertAside)
        .where(
            AlertAside.organisation_id == alert.organisation_id,
            AlertAside.kind == alert.kind,
            AlertAside.place_id == alert.place_id,
            AlertAside.subject_id == alert.subject_id,
            AlertAside.ended_at.is_(None),
        )
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(ended, CursorResult)
    return ended.rowcount > 0
