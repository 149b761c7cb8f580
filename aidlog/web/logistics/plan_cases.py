"""What if: up to four cases side by side with their plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidlog.allocation.problem import Problem
from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.planning.case_outcome import Column, column_of, differing, read_column
from aidlog.planning.case_queries import CaseRow, case_of, cases_of
from aidlog.planning.case_taking import take_case
from aidlog.planning.cases import MOST_CASES, make_case, remove_case, stop_case, try_limit
from aidlog.planning.models import CaseState, PlanState
from aidlog.planning.offering import item_codes, trucks
from aidlog.planning.outcome import ItemColumn, SiteRow
from aidlog.planning.overriding import question_again
from aidlog.planning.queries import PlanHead, plan_head
from aidlog.reports.expected_goods import expected_goods
from aidlog.web.filters import day, weight
from aidlog.web.forms import choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics import plan_words
from aidlog.web.logistics.plan_answer import Answer, read_answer
from aidlog.web.logistics.plan_asking import STAGES, stage_of, wake
from aidlog.web.logistics.plan_case_forms import (
    AND,
    NOTHING,
    CaseForm,
    RemoveForm,
    StopForm,
    TakeForm,
    TryForm,
)
from aidlog.web.logistics.plans import Figures, figures, page

bp = Blueprint("plan_cases", __name__)
plan_words.register(bp)

#: So many needs that differ are shown, and so many limits of each case.
MOST_CELLS, MOST_LIMITS = 60, 3


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of the page: the plan itself, or a case that has its answer."""

    name: str
    case: CaseRow | None
    column: Column
    answer: Answer

    @property
    def limits(self) -> Sequence[Message]:
        return [limit.message for limit in self.answer.limits[:MOST_LIMITS]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A need that some case serves otherwise."""

    site: SiteRow
    item: ItemColumn


@bp.get("/plans/<code>/cases")
@requires(Permission.PLAN_VIEW)
def show(code: str) -> ResponseReturnValue:
    """Show the plan and its cases side by side."""
    return _page(code)


@bp.route("/plans/<code>/cases/new", methods=["GET", "POST"])
@requires(Permission.PLAN_DRAFT)
def new(code: str) -> ResponseReturnValue:
    """Choose what changes; the case is worked out beside the plan."""
    plan = _with_answer(code)
    _, problem = question_again(db.session(), actor(), code, Permission.PLAN_DRAFT)
    form = _form(plan, problem)
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                make = partial(make_case, expected=expected_goods)
                answer = once(session, actor(), form.command(code), make)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            wake(answer["job"])
            return redirect(url_for(".show", code=code), 303)
    rounds = any(need.carried for need in problem.needs)
    return (
        render_template("logistics/plan_case_new.html", plan=plan, form=form, rounds=rounds),
        422 if form.is_submitted() else 200,
    )


@bp.post("/plans/<code>/cases/limit")
@requires(Permission.PLAN_DRAFT)
def try_advice(code: str) -> ResponseReturnValue:
    """Make a case of the advice on a limit of the plan."""
    form = TryForm()
    if not form.validate_on_submit():
        return page(code, refused=form), 422
    try:
        with writing(db.session()) as session:
            answer = once(session, actor(), form.command(code), try_limit)
    except Refusal as refusal:
        show_on(form, refusal)
        return _page(code, refused=form), 422
    wake(answer["job"])
    return redirect(url_for(".show", code=code), 303)


@bp.post("/plans/<code>/cases/<int:number>/stop")
@requires(Permission.PLAN_DRAFT)
def stop(code: str, number: int) -> ResponseReturnValue:
    """End the work on a case: with the best so far, or with nothing."""
    form = StopForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(code, number), stop_case)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            return redirect(url_for(".show", code=code), 303)
    return _page(code, refused=form), 422


@bp.post("/plans/<code>/cases/<int:number>/remove")
@requires(Permission.PLAN_DRAFT)
def remove(code: str, number: int) -> ResponseReturnValue:
    """Take a case away; its number is free again."""
    form = RemoveForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(code, number), remove_case)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Removed. The plan is as it was."), "success")
            return redirect(url_for(".show", code=code), 303)
    return _page(code, refused=form), 422


@bp.route("/plans/<code>/cases/<int:number>/take", methods=["GET", "POST"])
@requires(Permission.PLAN_DRAFT)
def take(code: str, number: int) -> ResponseReturnValue:
    """Plan as the case does: a new plan with its changes as decisions."""
    plan = _with_answer(code)
    case = case_of(db.session(), plan, number)
    form = TakeForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), form.command(code, number), take_case)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            wake(answer["job"])
            return redirect(url_for("plan_asking.solving", code=answer["plan"]), 303)
    return (
        render_template("logistics/plan_case_take.html", plan=plan, case=case, form=form),
        422 if form.is_submitted() else 200,
    )


def _with_answer(code: str) -> PlanHead:
    """Return a plan that has an answer to compare with; another is not there."""
    plan = plan_head(db.session(), actor(), code)
    if plan.solved_at is None or plan.state in {PlanState.SOLVING, PlanState.FAILED}:
        raise NotFound(f"answer of plan {code}")
    return plan


def _page(code: str, refused: object = None) -> str:
    session = db.session()
    plan = _with_answer(code)
    found = figures(session, plan)
    if found.answer is None:
        raise NotFound(f"answer of plan {code}")
    cases = cases_of(session, plan)
    columns = _columns(plan, found, found.answer, cases)
    base, others = columns[0].column, [shown.column for shown in columns[1:]]
    cells = differing(base, others)
    sites = {site.code: site for site in found.outcome.sites}
    items = {item.code: item for item in found.outcome.items}
    return render_template(
        "logistics/plan_cases.html",
        plan=plan,
        found=found,
        cases=cases,
        columns=columns,
        differences=[Difference(sites[s], items[i]) for s, i in cells[:MOST_CELLS]],
        left_out=max(0, len(cells) - MOST_CELLS),
        may_draft=actor().may(Permission.PLAN_DRAFT),
        room=len(cases) < MOST_CASES,
        working=any(case.state is CaseState.SOLVING for case in cases),
        stop_form=StopForm,
        remove_form=RemoveForm,
        stages=STAGES,
        stage_of=stage_of,
        form=refused,
    )


def _columns(
    plan: PlanHead, found: Figures, answer: Answer, cases: Sequence[CaseRow]
) -> list[Shown]:
    """Return the plan, and beside it the cases that have their answer."""
    columns = [Shown(plan.code, None, column_of(found.outcome), answer)]
    for case in cases:
        if case.state is CaseState.SOLVED and case.summary and case.outcome:
            column, told = read_column(case.outcome), read_answer(case.summary)
            columns.append(Shown(name_of(case), case, column, told))
    return columns


def name_of(case: CaseRow) -> str:
    """Return what a case is called: its title, or its number."""
    return case.title or str(_("Case %(number)s", number=case.number))


def _form(plan: PlanHead, problem: Problem) -> CaseForm:
    form = CaseForm()
    form.offer(
        problem,
        [
            (
                f"{truck.max_grams // 1000}x{truck.max_litres}",
                f"{weight(truck.max_grams)} ({truck.number})",
            )
            for truck in trucks(db.session(), plan.organisation_id)
        ],
    )
    form.coming.choices = choices([NOTHING, *_coming(plan, problem)])
    return form


def _coming(plan: PlanHead, problem: Problem) -> list[tuple[str, str]]:
    """Return the goods that are promised, ordered or on the road, of the plan's items."""
    session = db.session()
    items = {item.id: item for item in problem.items}
    codes = item_codes(session, items)
    offered = []
    for goods in expected_goods(session, actor()):
        item = items.get(codes.get(goods.item_id, ""))
        if item is None or goods.organisation_id != plan.organisation_id:
            continue
        number = goods.quantity // item.pack_units
        words = f"{goods.document} · {number} × {item.name or item.id}"
        if goods.on is not None:
            words += f" · {day(goods.on)}"
        if number:
            offered.append((f"{goods.document}{AND}{item.id}", words))
    return offered
