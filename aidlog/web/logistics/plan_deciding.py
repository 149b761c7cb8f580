"""Send a plan for approval, decide on it as a second person, end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.needs.arithmetic import STALE_AFTER_DAYS
from aidlog.planning.approving import approve_plan, cancel_plan, reject_plan, submit_plan
from aidlog.planning.models import PlanState
from aidlog.planning.old_counts import old_counts
from aidlog.planning.overriding import lock_cell, unlock_cell
from aidlog.planning.queries import LineRow, PlanHead, plan_head
from aidlog.reports.expected_goods import expected_goods
from aidlog.web.forms import show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics import plan_words
from aidlog.web.logistics.plan_asking import wake
from aidlog.web.logistics.plan_comparing import beside, one_of_its_kind, others
from aidlog.web.logistics.plan_forms import (
    ApproveForm,
    LockForm,
    ReasonForm,
    SubmitForm,
    UnlockForm,
)
from aidlog.web.logistics.plans import figures, page

bp = Blueprint("plan_deciding", __name__)
plan_words.register(bp)

#: A lot that expires within so many days after the plan starts is pointed out.
SOON_DAYS = 30

#: So many needs that an earlier plan served otherwise stand beside the decision.
MOST_DIFFERENCES = 12


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """What a second person looks at before deciding."""

    old_counts: Sequence[object]
    soon_expiring: Sequence[LineRow]


@bp.route("/plans/<code>/submit", methods=["POST"])
@requires(Permission.PLAN_DRAFT)
def submit(code: str) -> ResponseReturnValue:
    """Send the plan to those who may approve it."""
    form = SubmitForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(code), submit_plan)
        except Refusal as refusal:
            show_on(form, refusal)
            return page(code, refused=form), 422
        flash(_("Sent for approval. Another person decides on it."), "success")
    return redirect(url_for("plans.show", code=code), 303)


@bp.route("/plans/<code>/approve", methods=["GET", "POST"])
@requires(Permission.PLAN_APPROVE)
def approve(code: str) -> ResponseReturnValue:
    """See what changes and what to look at; approving reserves the stock."""
    plan = plan_head(db.session(), actor(), code)
    form = ApproveForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), form.command(code), approve_plan)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(
                _(
                    "Approved. %(number)s reservations were made; waybills can be loaded.",
                    number=answer["reservations"],
                ),
                "success",
            )
            return redirect(url_for("plans.show", code=code), 303)
    return _decision_page(plan, form), 422 if form.is_submitted() else 200


@bp.route("/plans/<code>/reject", methods=["GET", "POST"])
@requires(Permission.PLAN_APPROVE)
def reject(code: str) -> ResponseReturnValue:
    """Send the plan back with the reason why."""
    plan = plan_head(db.session(), actor(), code)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.rejection(code), reject_plan)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Sent back. The planner sees why."), "success")
            return redirect(url_for("plans.show", code=code), 303)
    return (
        render_template("logistics/plan_reject.html", plan=plan, form=form),
        422 if form.is_submitted() else 200,
    )


@bp.route("/plans/<code>/cancel", methods=["GET", "POST"])
@requires(Permission.PLAN_VIEW)
def cancel(code: str) -> ResponseReturnValue:
    """End the plan; what it still holds is free again."""
    plan = plan_head(db.session(), actor(), code)
    approved = plan.state is PlanState.APPROVED
    actor().must(Permission.PLAN_APPROVE if approved else Permission.PLAN_DRAFT)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.ending(code), cancel_plan)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Cancelled. What was still reserved is free again."), "success")
            return redirect(url_for("plans.show", code=code), 303)
    return (
        render_template("logistics/plan_cancel.html", plan=plan, form=form),
        422 if form.is_submitted() else 200,
    )


@bp.route("/plans/<code>/lock", methods=["POST"])
@requires(Permission.PLAN_DRAFT)
def lock(code: str) -> ResponseReturnValue:
    """Fix one number and solve around it, as a new plan."""
    form = LockForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                answer = once(
                    session,
                    actor(),
                    form.command(code),
                    partial(lock_cell, expected=expected_goods),
                )
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            wake(answer["job"])
            return redirect(url_for("plan_asking.solving", code=answer["plan"]), 303)
    return page(code, lock_form=form, refused=form), 422


@bp.route("/plans/<code>/unlock", methods=["POST"])
@requires(Permission.PLAN_DRAFT)
def unlock(code: str) -> ResponseReturnValue:
    """Let one fixed number go and solve again, as a new plan."""
    form = UnlockForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                unlocking = partial(unlock_cell, expected=expected_goods)
                answer = once(session, actor(), form.command(code), unlocking)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            wake(answer["job"])
            return redirect(url_for("plan_asking.solving", code=answer["plan"]), 303)
    return page(code, refused=form), 422


def _decision_page(plan: PlanHead, form: ApproveForm) -> str:
    if plan.state in {PlanState.SOLVING, PlanState.FAILED}:
        raise NotFound(f"answer of plan {plan.code}")
    session = db.session()
    found = figures(session, plan)
    earlier = one_of_its_kind(plan, others(session, plan))
    return render_template(
        "logistics/plan_approve.html",
        beside=beside(session, found, earlier, most=MOST_DIFFERENCES) if earlier else None,
        plan=plan,
        form=form,
        found=found,
        look_at=ToLookAt(
            old_counts=old_counts(session, plan, older_than_days=STALE_AFTER_DAYS),
            soon_expiring=_soon(found.outcome.standing, plan.starts_on),
        ),
        may_decide=plan.may_decide(actor()),
        today=datetime.now(UTC).date(),
    )


def _soon(lines: Sequence[LineRow], starts_on: date) -> list[LineRow]:
    """Return one line for each lot that expires soon after the plan starts, first ones first."""
    until = starts_on + timedelta(days=SOON_DAYS)
    lots = {
        line.lot_id: line
        for line in lines
        if line.expires_on is not None and line.expires_on <= until
    }
    return sorted(lots.values(), key=lambda line: (line.expires_on or until, line.lot))
