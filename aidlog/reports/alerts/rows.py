"""The rows of each kind of alert, as far as an actor's organisations and places reach.

One statement a kind. Built once for whoever sees the same things and kept: Today counts all
four at every opening.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Subquery, bindparam, func, literal, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission, Scope
from aidlog.core.errors import NotFound
from aidlog.core.quantity import BaseUnit
from aidlog.db.base import table
from aidlog.registry.models import Item, Person, Place
from aidlog.reports.alerts.models import AlertKind
from aidlog.reports.alerts.pace import NEED_DAYS
from aidlog.reports.alerts.statements import rows_of

#: The days of need under which stock is low where an organisation set nothing else.
USUAL_DAYS = 14
#: Lots that expire later than this are not looked at yet.
HORIZON = timedelta(days=180)
#: What a person sees each kind by.
PERMISSION = {
    AlertKind.OVERDUE: Permission.WAYBILL_VIEW,
    AlertKind.EXPIRED: Permission.STOCK_VIEW,
    AlertKind.LOW: Permission.STOCK_VIEW,
    AlertKind.EXPIRING: Permission.STOCK_VIEW,
}


@dataclass(frozen=True, slots=True)
class Aside:
    """An alert was set aside until a day, by whom and why."""

    until: date
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Thing:
    """The item that an alert is about."""

    id: int
    code: str
    name_en: str
    name_fr: str
    name_sw: str
    name_rw: str
    base_unit: BaseUnit

    def name_in(self, language: str) -> str:
        """The item's name in ``language``, in English where it has none."""
        return str(getattr(self, f"name_{language}", "") or self.name_en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One row. Which fields are filled depends on ``kind``; quantities are base units.

    LOW: ``stock`` in date at the place, ``needed`` in NEED_DAYS days by ``sites`` sites
    (``unknown`` of them uncounted), ``least`` and ``days`` the limits that are undercut.
    EXPIRING: ``quantity`` of ``stock`` will not be used before ``day``, at the pace at which
    ``left`` base units left in LEFT_DAYS days. EXPIRED: ``stock`` expired on ``day``.
    OVERDUE: ``number`` was expected at ``moment``.
    """

    kind: AlertKind
    organisation_id: int
    place_id: int
    place_code: str
    place: str
    subject_id: int
    aside: Aside | None
    item: Thing | None = None
    number: str = ""
    stock: int = 0
    quantity: int = 0
    needed: int = 0
    sites: int = 0
    unknown: int = 0
    least: int | None = None
    limit: int | None = None
    left: int = 0
    day: date | None = None
    moment: datetime | None = None

    @property
    def days_left(self) -> int | None:
        """How many days of need the stock covers, rounded down; None where none is known."""
        return self.stock * NEED_DAYS // self.needed if self.needed else None


def alerts(
    session: Session, actor: Actor, kind: AlertKind, *, now: datetime, limit: int = 200
) -> list[Alert]:
    """Return the alerts of a kind that ``actor`` may see, the most urgent first.

    Those that were set aside come last. One statement; nothing for whoever sees none.
    """
    reach = _reach(actor, kind)
    if reach is None:
        return []
    asked = _asked(now) | {"most": limit}
    rows = session.execute(_ordered(kind, *reach, _dialect(session)), asked)
    return [_alert(kind, row) for row in rows]


def alert_named(
    session: Session, actor: Actor, kind: AlertKind, key: tuple[int, int, int], *, now: datetime
) -> Alert:
    """Return one alert by its organisation, place and subject.

    Raises:
        NotFound: there is none, or it is not within the actor's reach.
    """
    reach = _reach(actor, kind)
    if reach is None:
        raise NotFound("alert")
    asked = _asked(now) | dict(zip(("organisation", "place", "subject"), key, strict=True))
    found = session.execute(_named(kind, *reach, _dialect(session)), asked).one_or_none()
    if found is None:
        raise NotFound("alert")
    return _alert(kind, found)


def counts(session: Session, actor: Actor, *, now: datetime) -> dict[AlertKind, int]:
    """Return how many alerts of each kind wait for ``actor``, without those set aside.

    One statement for all kinds.
    """
    reaches = frozenset(
        (kind, *reach) for kind in AlertKind if (reach := _reach(actor, kind)) is not None
    )
    if not reaches:
        return dict.fromkeys(AlertKind, 0)
    row = session.execute(_counted(reaches, _dialect(session)), _asked(now)).one()
    return {kind: int(getattr(row, kind.value)) for kind in AlertKind}


def _reach(actor: Actor, kind: AlertKind) -> tuple[frozenset[int], Scope] | None:
    needed = PERMISSION[kind]
    return (actor.organisation_ids, actor.places(needed)) if actor.may(needed) else None


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _asked(now: datetime) -> dict[str, Any]:
    today = now.astimezone(UTC).date()
    return {"now": now, "today": today, "until": today + HORIZON, "usual": USUAL_DAYS}


@lru_cache(maxsize=200)
def _counted(
    reaches: frozenset[tuple[AlertKind, frozenset[int], Scope]], dialect: str
) -> Select[*tuple[int, ...]]:
    seen = {kind: (organisations, places) for kind, organisations, places in reaches}
    columns = []
    for kind in AlertKind:
        if kind not in seen:
            columns.append(literal(0).label(kind.value))
            continue
        rows = rows_of(kind, *seen[kind], dialect).subquery()
        waiting = select(func.count()).select_from(rows).where(rows.c.until.is_(None))
        columns.append(waiting.scalar_subquery().label(kind.value))
    return select(*columns)


@lru_cache(maxsize=200)
def _ordered(
    kind: AlertKind, organisations: frozenset[int], places: Scope, dialect: str
) -> Select[*tuple[Any, ...]]:
    """Return the statement of the list, the most urgent first, what was set aside last."""
    rows = rows_of(kind, organisations, places, dialect).subquery()
    urgency = {
        AlertKind.LOW: rows.c.stock * 1.0 / func.nullif(rows.c.needed, 0)
        if kind is AlertKind.LOW
        else None,
        AlertKind.EXPIRING: rows.c.get("day"),
        AlertKind.EXPIRED: rows.c.get("day"),
        AlertKind.OVERDUE: rows.c.get("moment"),
    }[kind]
    assert urgency is not None
    return (
        _told(kind, rows)
        .order_by(
            rows.c.until.is_not(None),
            urgency.is_(None),
            urgency,
            rows.c.subject_id,
            rows.c.place_id,
        )
        .limit(bindparam("most"))
    )


@lru_cache(maxsize=200)
def _named(
    kind: AlertKind, organisations: frozenset[int], places: Scope, dialect: str
) -> Select[*tuple[Any, ...]]:
    """Return the statement of one alert, by organisation, place and subject."""
    rows = rows_of(kind, organisations, places, dialect).subquery()
    return _told(kind, rows).where(
        rows.c.organisation_id == bindparam("organisation"),
        rows.c.place_id == bindparam("place"),
        rows.c.subject_id == bindparam("subject"),
    )


def _told(kind: AlertKind, rows: Subquery) -> Select[*tuple[Any, ...]]:
    """Return the statement of rows with the names beside their ids."""
    item = table(Item).c
    joined = rows.join(table(Place), Place.id == rows.c.place_id).outerjoin(
        table(Person), Person.id == rows.c.set_by
    )
    columns: list[Any] = [
        *rows.c,
        Place.code.label("place_code"),
        Place.shown_as.label("place"),
        Person.name.label("by"),
    ]
    if kind is not AlertKind.OVERDUE:
        joined = joined.join(table(Item), item.id == rows.c.item_id)
        columns += [
            item.code.label("item_code"), item.name_en, item.name_fr, item.name_sw, item.name_rw,
            item.base_unit,
        ]  # fmt: skip
    return select(*columns).select_from(joined)


def _alert(kind: AlertKind, row: Any) -> Alert:
    found = row._mapping
    item = (
        Thing(
            row.item_id, row.item_code, row.name_en, row.name_fr, row.name_sw, row.name_rw,
            row.base_unit,
        )
        if "item_code" in found
        else None
    )  # fmt: skip
    return Alert(
        kind=kind,
        organisation_id=row.organisation_id,
        place_id=row.place_id,
        place_code=row.place_code,
        place=row.place,
        subject_id=row.subject_id,
        aside=None if row.until is None else Aside(row.until, row.reason, row.by),
        item=item,
        number=found.get("number", ""),
        stock=int(found.get("stock", 0)),
        quantity=int(found.get("quantity", 0)),
        needed=int(found.get("needed", 0)),
        sites=int(found.get("sites", 0)),
        unknown=int(found.get("unknown", 0)),
        least=found.get("least"),
        limit=found.get("days"),
        left=int(found.get("left", 0)),
        day=found.get("day"),
        moment=found.get("moment"),
    )
