"""One plan beside another: a number fixed, a truck more, another rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound
from aidlog.extensions import db
from aidlog.planning.comparing import Change, changes
from aidlog.planning.models import PlanState
from aidlog.planning.queries import PlanHead, PlanRow, plan_head, plan_list
from aidlog.web.guards import actor, requires
from aidlog.web.logistics import plan_words
from aidlog.web.logistics.plans import Figures, figures

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


@dataclass(frozen=True, slots=True)
class Beside:
    """Another plan, its figures, and the first of the needs that this one serves otherwise."""

    other: PlanHead
    that: Figures
    differences: Sequence[Change]
    left_out: int


def beside(session: Session, this: Figures, than: str, *, most: int = MOST_CHANGES) -> Beside:
    """Return the plan ``than`` beside ``this``; at most ``most`` differences are named.

    Raises:
        NotFound: the other plan is not the actor's, or has no answer.
    """
    other = plan_head(session, actor(), than)
    that = figures(session, other)
    if that.answer is None:
        raise NotFound(f"answer of plan {than}")
    found = changes(this.outcome, that.outcome)
    return Beside(other, that, found[:most], max(0, len(found) - most))


def others(session: Session, plan: PlanHead) -> list[PlanRow]:
    """Return the other plans that have an answer, the newest first."""
    return [
        row
        for row in plan_list(session, actor(), states=WORKED_OUT)
        if row.code != plan.code and row.covered_after is not None
    ]


def one_of_its_kind(plan: PlanHead, rows: Sequence[PlanRow]) -> str | None:
    """Return the newest other plan of the same title: what the plan stands in for."""
    return next((row.code for row in rows if row.title == plan.title), None)


@bp.route("/plans/<code>/compare")
@requires(Permission.PLAN_VIEW)
def compare(code: str) -> ResponseReturnValue:
    """Show this plan beside the one named by ``?than=``, or the nearest of its kind."""
    session = db.session()
    plan = plan_head(session, actor(), code)
    this = figures(session, plan)
    if this.answer is None:
        raise NotFound(f"answer of plan {code}")
    rows = others(session, plan)
    newest = rows[0].code if rows else None
    than = request.args.get("than") or one_of_its_kind(plan, rows) or newest
    return render_template(
        "logistics/plan_compare.html",
        plan=plan,
        others=rows,
        this=this,
        beside=beside(session, this, than) if than else None,
    )
