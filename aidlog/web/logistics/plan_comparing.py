"""One plan beside another: a number fixed, a truck more, another rule."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound
from aidlog.extensions import db
from aidlog.planning.comparing import changes
from aidlog.planning.models import PlanState
from aidlog.planning.queries import PlanHead, PlanRow, plan_head, plan_list
from aidlog.web.guards import actor, requires
from aidlog.web.logistics import plan_words
from aidlog.web.logistics.plans import figures

bp = Blueprint("plan_comparing", __name__)
plan_words.register(bp)

#: Plans that have an answer to compare with.
WORKED_OUT = (
    PlanState.SOLVED,
    PlanState.SUBMITTED,
    PlanState.APPROVED,
    PlanState.REJECTED,
    PlanState.CANCELLED,
)
#: So many differences are shown.
MOST_CHANGES = 100


@bp.route("/plans/<code>/compare")
@requires(Permission.PLAN_VIEW)
def compare(code: str) -> ResponseReturnValue:
    """Show this plan beside the one named by ``?than=``, or the nearest of its kind."""
    session = db.session()
    plan = plan_head(session, actor(), code)
    this = figures(session, plan)
    if this.answer is None:
        raise NotFound(f"answer of plan {code}")
    others = [
        row
        for row in plan_list(session, actor(), states=WORKED_OUT)
        if row.code != code and row.covered_after is not None
    ]
    than = request.args.get("than") or _nearest(plan, others)
    other = plan_head(session, actor(), than) if than else None
    that = figures(session, other) if other else None
    if that is not None and that.answer is None:
        raise NotFound(f"answer of plan {than}")
    differences = changes(this.outcome, that.outcome) if that else ()
    return render_template(
        "logistics/plan_compare.html",
        plan=plan,
        other=other,
        others=others,
        this=this,
        that=that,
        differences=differences[:MOST_CHANGES],
        left_out=max(0, len(differences) - MOST_CHANGES),
    )


def _nearest(plan: PlanHead, others: list[PlanRow]) -> str | None:
    """Return the newest other plan of the same title, else the newest of all."""
    same = [row.code for row in others if row.title == plan.title]
    return next(iter(same or [row.code for row in others]), None)
