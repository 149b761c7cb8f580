"""What a person should look at before deciding on a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidlog.needs.models import PopulationCount
from aidlog.planning.models import PlanNeed
from aidlog.planning.queries import PlanHead
from aidlog.registry.models import Place


@dataclass(frozen=True, slots=True)
class OldCount:
    """A site whose people were last counted long ago."""

    code: str
    shown_as: str
    protected: bool
    counted_on: date
    age_days: int


def old_counts(session: Session, plan: PlanHead, *, older_than_days: int) -> Sequence[OldCount]:
    """Return the sites of ``plan`` whose latest count is old, the oldest first. One statement."""
    today = datetime.now(UTC).date()
    latest = (
        select(PopulationCount.place_id, func.max(PopulationCount.counted_on).label("counted_on"))
        .group_by(PopulationCount.place_id)
        .subquery("latest")
    )
    rows = session.execute(
        select(Place, latest.c.counted_on)
        .join(latest, latest.c.place_id == Place.id)
        .where(Place.id.in_(select(PlanNeed.site_id).where(PlanNeed.plan_id == plan.id)))
        .where(latest.c.counted_on < today - timedelta(days=older_than_days))
        .order_by(latest.c.counted_on, Place.code)
    )
    return [
        OldCount(
            code=place.code,
            shown_as=place.shown_as,
            protected=place.protected,
            counted_on=counted_on,
            age_days=(today - counted_on).days,
        )
        for place, counted_on in rows
    ]
