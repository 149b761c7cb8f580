"""How many people live at each site: the latest count, and who came and left since."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidlog.needs.arithmetic import Changes, Counted, now
from aidlog.needs.models import (
    ChangeKind,
    Group,
    PopulationChange,
    PopulationCount,
    PopulationGroup,
)

#: The columns that :func:`latest` adds for the groups, in the order of the kinds.
_GROUPS = [f"group_{group.value}" for group in Group]


def latest(today: date) -> Subquery:
    """Return one row a site that was counted: its count up to ``today`` and what changed since.

    Of one day the count that was recorded last holds. A change counts if it happened after the
    day of the count, or on that day and was recorded later; one that was undone never does.
    """
    ranked = (
        select(
            PopulationCount,
            func.row_number()
            .over(
                partition_by=PopulationCount.place_id,
                order_by=(PopulationCount.counted_on.desc(), PopulationCount.id.desc()),
            )
            .label("newest"),
        )
        .where(PopulationCount.counted_on <= today)
        .subquery("ranked")
    )
    changed, grouped = _changed(ranked, today), _grouped()
    return (
        select(
            ranked.c.place_id,
            ranked.c.id.label("count_id"),
            ranked.c.counted_on,
            ranked.c.people.label("people_counted"),
            ranked.c.households.label("households_counted"),
            ranked.c.confidence,
            ranked.c.source.label("counted_by"),
            func.coalesce(changed.c.people, 0).label("people_since"),
            func.coalesce(changed.c.households, 0).label("households_since"),
            func.coalesce(changed.c.uncounted, 0).label("uncounted_since"),
            changed.c.changed_on,
            *(grouped.c[name] for name in _GROUPS),
        )
        .outerjoin(changed, changed.c.place_id == ranked.c.place_id)
        .outerjoin(grouped, grouped.c.count_id == ranked.c.id)
        .where(ranked.c.newest == 1)
        .subquery("count")
    )


def counted_now(row: Row[Any] | Any) -> Counted:
    """Return how many there are now from a row that holds the columns of :func:`latest`."""
    if row.people_counted is None:
        return Counted()
    count = Counted(
        row.people_counted,
        row.households_counted,
        {
            group: number
            for group, name in zip(Group, _GROUPS, strict=True)
            if (number := getattr(row, name)) is not None
        },
    )
    changes = Changes(int(row.people_since), int(row.households_since), int(row.uncounted_since))
    return now(count, changes)


def people_at(session: Session, place_id: int, today: date) -> tuple[Counted, Row[Any] | None]:
    """Return how many live at a site and the row it was worked out from; None if uncounted."""
    count = latest(today)
    row = session.execute(select(count).where(count.c.place_id == place_id)).one_or_none()
    return (Counted(), None) if row is None else (counted_now(row), row)


def standing() -> Select[Any]:
    """Return the changes that hold: no undoing row and nothing that was undone."""
    undoing = aliased(PopulationChange)
    undone = select(undoing.id).where(undoing.undoes_id == PopulationChange.id).exists()
    return select(PopulationChange).where(PopulationChange.undoes_id.is_(None), ~undone)


def _changed(ranked: Subquery, today: date) -> Subquery:
    """What changed at each site since the count that holds there."""
    change = standing().subquery("change")
    sign = case((change.c.kind.in_([kind for kind in ChangeKind if kind.adds]), 1), else_=-1)
    return (
        select(
            change.c.place_id,
            func.sum(sign * change.c.people).label("people"),
            func.sum(sign * func.coalesce(change.c.households, 0)).label("households"),
            func.sum(sign * case((change.c.households.is_(None), change.c.people), else_=0)).label(
                "uncounted"
            ),
            func.max(change.c.happened_on).label("changed_on"),
        )
        .join(ranked, and_(ranked.c.place_id == change.c.place_id, ranked.c.newest == 1))
        .where(
            change.c.happened_on <= today,
            or_(
                change.c.happened_on > ranked.c.counted_on,
                and_(
                    change.c.happened_on == ranked.c.counted_on,
                    change.c.recorded_at > ranked.c.recorded_at,
                ),
            ),
        )
        .group_by(change.c.place_id)
        .subquery("changed")
    )


def _grouped() -> Subquery:
    """The groups of each count side by side; a group that was not counted is null."""
    return (
        select(
            PopulationGroup.count_id,
            *(
                func.max(case((PopulationGroup.group == group, PopulationGroup.number))).label(name)
                for group, name in zip(Group, _GROUPS, strict=True)
            ),
        )
        .group_by(PopulationGroup.count_id)
        .subquery("grouped")
    )
