"""Which plans an actor may see: their organisations', at places within their reach.

A plan is within reach where every site it speaks of is: a page about half of a plan would
show wrong totals.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.planning.models import Plan, PlanNeed


def within_reach(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the condition on :class:`Plan` that holds for the plans of ``actor``.

    Raises:
        NotAllowed: the actor does not hold ``permission`` anywhere.
    """
    places = actor.places(permission)
    own = Plan.organisation_id.in_(actor.organisation_ids)
    if places is None:
        return own
    beyond: Any = select(PlanNeed.id).where(
        PlanNeed.plan_id == Plan.id, PlanNeed.site_id.not_in(places)
    )
    return and_(own, ~beyond.exists()) if places else and_(own, ~true())


def must_reach(session: Session, actor: Actor, plan: Plan, permission: Permission) -> None:
    """Raise unless ``actor`` holds ``permission`` at every site of ``plan``.

    Raises:
        NotFound: the plan is not within reach.
        NotAllowed: the actor holds it nowhere.
    """
    if session.scalar(select(Plan.id).where(Plan.id == plan.id, within_reach(actor, permission))):
        return
    raise NotFound(f"plan {plan.id}")
