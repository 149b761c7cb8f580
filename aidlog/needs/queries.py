"""Reads of counts and standards: rows out, one statement a list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.quantity import BaseUnit
from aidlog.needs.arithmetic import Due
from aidlog.needs.models import (
    Basis,
    ChangeKind,
    Climate,
    Confidence,
    Group,
    Phase,
    PopulationChange,
    PopulationCount,
    PopulationGroup,
    Standard,
)
from aidlog.registry.models import Item, Person, Place


@dataclass(frozen=True, slots=True)
class CountRow:
    """One count of a site's people; ``households`` None: not counted."""

    id: int
    counted_on: date
    people: int
    households: int | None
    confidence: Confidence
    source: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class StandardRow:
    """One standard; ``current`` where it holds on the day that was asked for.

    Of one item several are current where they are for different phases and climates.
    """

    id: int
    item_id: int
    code: str
    name_en: str
    name_fr: str
    name_sw: str
    name_rw: str
    base_unit: BaseUnit
    basis: Basis
    quantity: int
    recurs_days: int | None
    per: int
    phase: Phase
    climate: Climate
    in_force: bool
    source: str
    edition: str
    valid_from: date
    note: str
    approved_by: str
    current: bool

    @property
    def due(self) -> Due:
        return Due(self.basis, self.quantity, self.recurs_days, self.per)

    @property
    def rule(self) -> tuple[object, ...]:
        """What it says and who says so, whether it holds or stands by."""
        return self.item_id, self.due, self.phase, self.climate, self.source, self.edition

    def name_in(self, language: str) -> str:
        """The item's name in ``language``, in English where it has none."""
        return str(getattr(self, f"name_{language}", "") or self.name_en)


def counts_of(
    session: Session,
    actor: Actor,
    place_id: int,
    *,
    permission: Permission = Permission.NEEDS_VIEW,
    limit: int = 50,
) -> list[CountRow]:
    """Return the counts of a site, the one that holds first. One statement.

    Raises:
        NotAllowed: ``permission`` does not hold at the site.
    """
    actor.must(permission, at=place_id)
    return [
        CountRow(*row)
        for row in session.execute(
            select(
                PopulationCount.id,
                PopulationCount.counted_on,
                PopulationCount.people,
                PopulationCount.households,
                PopulationCount.confidence,
                PopulationCount.source,
                PopulationCount.recorded_at,
                Person.name,
            )
            .join(Person, Person.id == PopulationCount.recorded_by)
            .join(Place, Place.id == PopulationCount.place_id)
            .where(
                PopulationCount.place_id == place_id,
                Place.organisation_id.in_(actor.organisation_ids),
            )
            .order_by(PopulationCount.counted_on.desc(), PopulationCount.id.desc())
            .limit(limit)
        )
    ]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """People who came or left; ``households`` None: not counted. ``undone`` says why, if so."""

    id: int
    happened_on: date
    kind: ChangeKind
    people: int
    households: int | None
    source: str
    recorded_at: datetime
    recorded_by: str
    undone: str | None


def changes_of(
    session: Session,
    actor: Actor,
    place_id: int,
    *,
    permission: Permission = Permission.NEEDS_VIEW,
    limit: int = 50,
) -> list[ChangeRow]:
    """Return who came to a site and left it, the latest first. One statement.

    Raises:
        NotAllowed: ``permission`` does not hold at the site.
    """
    actor.must(permission, at=place_id)
    wanted = _changes(actor, place_id).order_by(
        PopulationChange.happened_on.desc(), PopulationChange.id.desc()
    )
    return [ChangeRow(*row) for row in session.execute(wanted.limit(limit))]


def change_at(session: Session, actor: Actor, place_id: int, change_id: int) -> ChangeRow:
    """Return one change of a site's people, for whoever may update them.

    Raises:
        NotAllowed: the actor may not update this site.
        NotFound: the change is of another site.
    """
    actor.must(Permission.POPULATION_UPDATE, at=place_id)
    wanted = _changes(actor, place_id).where(PopulationChange.id == change_id)
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(f"change {change_id}")
    return ChangeRow(*row)


def _changes(actor: Actor, place_id: int) -> Select[*tuple[Any, ...]]:
    """The changes at a place, each with why it was undone, if it was."""
    undoing = aliased(PopulationChange)
    return (
        select(
            PopulationChange.id,
            PopulationChange.happened_on,
            PopulationChange.kind,
            PopulationChange.people,
            PopulationChange.households,
            PopulationChange.source,
            PopulationChange.recorded_at,
            Person.name,
            undoing.source,
        )
        .join(Person, Person.id == PopulationChange.recorded_by)
        .join(Place, Place.id == PopulationChange.place_id)
        .outerjoin(undoing, undoing.undoes_id == PopulationChange.id)
        .where(
            PopulationChange.place_id == place_id,
            PopulationChange.undoes_id.is_(None),
            Place.organisation_id.in_(actor.organisation_ids),
        )
    )


def groups_of(session: Session, count_ids: Collection[int]) -> dict[int, dict[Group, int]]:
    """Return the groups of counts, by count id; the caller read those within its scope."""
    found: dict[int, dict[Group, int]] = {}
    for row in session.scalars(
        select(PopulationGroup).where(PopulationGroup.count_id.in_(count_ids))
    ):
        found.setdefault(row.count_id, {})[row.group] = row.number
    return found


def standards(session: Session, actor: Actor, on: date) -> list[StandardRow]:
    """Return all standards of items in use; those in force on ``on`` are current. One statement."""
    actor.must(Permission.NEEDS_VIEW)
    newest = (
        select(
            Standard.id,
            func.row_number()
            .over(
                partition_by=(Standard.item_id, Standard.phase, Standard.climate),
                order_by=(Standard.valid_from.desc(), Standard.id.desc()),
            )
            .label("place"),
        )
        .where(Standard.valid_from <= on, Standard.in_force)
        .subquery()
    )
    wanted: Select[*tuple[Any, ...]] = (
        select(
            Standard.id,
            Item.id,
            Item.code,
            Item.name_en,
            Item.name_fr,
            Item.name_sw,
            Item.name_rw,
            Item.base_unit,
            Standard.basis,
            Standard.quantity,
            Standard.recurs_days,
            Standard.per,
            Standard.phase,
            Standard.climate,
            Standard.in_force,
            Standard.source,
            Standard.edition,
            Standard.valid_from,
            Standard.note,
            Person.name,
            and_(newest.c.place.is_not(None), newest.c.place == 1),
        )
        .join(Item, Item.id == Standard.item_id)
        .join(Person, Person.id == Standard.approved_by)
        .outerjoin(newest, newest.c.id == Standard.id)
        .where(Item.active)
        .order_by(Item.category, Item.code, Standard.valid_from.desc(), Standard.id.desc())
    )
    return [StandardRow(*row) for row in session.execute(wanted)]
