"""The mail of the day: what waits for each person, in their language, without a name of a site.

It names items, lots, warehouses and numbers of waybills; where a truck goes is not in it, and
who reads somebody's mail learns no place of people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.text import N_, Message
from aidlog.db import outbox
from aidlog.registry.models import Person
from aidlog.registry.roles import actor_for
from aidlog.reports.alerts.models import AlertKind
from aidlog.reports.alerts.rows import Alert, alerts, counts

#: So many rows of each kind are named; the page has the others.
NAMED = 10

HEADINGS = {
    AlertKind.OVERDUE: N_("Trucks overdue"),
    AlertKind.EXPIRED: N_("Expired, and still among what can be used"),
    AlertKind.LOW: N_("Stock that runs low"),
    AlertKind.EXPIRING: N_("Will expire before it is used"),
}

Say = Callable[[Message], str]


def send_digests(
    session: Session, speakers: Callable[[str], Say], *, now: datetime, base_url: str
) -> int:
    """Put a mail into the outbox for everybody for whom an alert waits; return how many.

    Logins that are no mail address get none. ``speakers`` gives what says a sentence in a
    language.
    """
    sent = 0
    people = session.execute(
        select(Person.id, Person.login, Person.language)
        .where(Person.active, Person.login.contains("@"))
        .order_by(Person.id)
    ).all()
    for person_id, login, language in people:
        actor = actor_for(session, person_id)
        waiting = counts(session, actor, now=now)
        if any(waiting.values()):
            say = speakers(language)
            first = {
                kind: alerts(session, actor, kind, now=now, limit=min(count, NAMED))
                for kind, count in waiting.items()
                if count
            }
            letter = {
                "to": login,
                "subject": say(_subject(sum(waiting.values()))),
                "text": _text(waiting, first, say, language, base_url),
            }
            outbox.put(session, outbox.OutboxKind.MAIL, letter)
            sent += 1
    return sent


def _subject(count: int) -> Message:
    return Message(
        N_("aidlog: {count} alert waits for you"),
        {"count": count},
        plural=N_("aidlog: {count} alerts wait for you"),
        count=count,
    )


def _text(
    waiting: Mapping[AlertKind, int],
    first: Mapping[AlertKind, list[Alert]],
    say: Say,
    language: str,
    base_url: str,
) -> str:
    """Return the letter; ``first`` are the rows that are named, those set aside come after."""
    lines = []
    for kind, rows in first.items():
        lines += [f"{say(Message(HEADINGS[kind]))}: {waiting[kind]}"]
        lines += [f"- {say(_line(row, language))}" for row in rows]
        lines += ["…"] if waiting[kind] > len(rows) else []
        lines.append("")
    if base_url:
        lines.append(f"{base_url.rstrip('/')}/alerts")
    return "\n".join(lines)


def _line(row: Alert, language: str) -> Message:
    if row.item is None:
        return Message(
            N_("{waybill}, expected {date}"),
            {"waybill": row.number, "date": row.moment and row.moment.date().isoformat()},
        )
    thing = {"item": row.item.name_in(language), "warehouse": row.place, "lot": row.number}
    if row.kind is AlertKind.LOW and row.days_left is None:
        return Message(N_("{item}, {warehouse}: less than is to be kept"), thing)
    if row.kind is AlertKind.LOW:
        return Message(
            N_("{item}, {warehouse}: {days} day of need left"),
            thing | {"days": row.days_left},
            plural=N_("{item}, {warehouse}: {days} days of need left"),
            count=row.days_left,
        )
    day = row.day.isoformat() if row.day else ""
    if row.kind is AlertKind.EXPIRED:
        return Message(N_("{item}, lot {lot}, {warehouse}: expired {date}"), thing | {"date": day})
    return Message(
        N_("{item}, lot {lot}, {warehouse}: some will not be used by {date}"), thing | {"date": day}
    )
