"""Who gets what in each period of a plan, and what is held back for a later one."""

from __future__ import annotations

import json

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound
from aidlog.extensions import db
from aidlog.planning.coming import periods_of
from aidlog.planning.models import PlanState
from aidlog.planning.queries import plan_brief, plan_head
from aidlog.web.guards import actor, requires
from aidlog.web.logistics import plan_words

bp = Blueprint("plan_periods", __name__)
plan_words.register(bp)


@bp.get("/plans/<code>/periods")
@requires(Permission.PLAN_VIEW)
def show(code: str) -> ResponseReturnValue:
    """Show the plan period by period."""
    session = db.session()
    plan = plan_head(session, actor(), code)
    brief = plan_brief(session, plan)
    if brief.summary is None or plan.state is PlanState.FAILED:
        raise NotFound(f"answer of plan {code}")
    return render_template(
        "logistics/plan_periods.html",
        plan=plan,
        periods=periods_of(session, plan, json.loads(brief.problem)),
    )
