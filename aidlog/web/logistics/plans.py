"""Plans: the list, one plan with its reasons, its workbook."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from aidlog.allocation.result import PriceKind
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound
from aidlog.extensions import db
from aidlog.needs.arithmetic import STALE_AFTER_DAYS
from aidlog.needs.beside_wording import COUNTS
from aidlog.planning.coming import coming_lines
from aidlog.planning.fixed_numbers import Fixed, fixed_numbers
from aidlog.planning.lot_numbers import lot_numbers
from aidlog.planning.models import PlanState
from aidlog.planning.old_counts import old_counts
from aidlog.planning.outcome import ItemColumn, Outcome, SiteCount, SiteRow, put_together
from aidlog.planning.queries import (
    PAGE,
    LineRow,
    NeedRow,
    PlanBrief,
    PlanHead,
    currency_of,
    pack_kinds,
    plan_brief,
    plan_head,
    plan_lines,
    plan_list,
    plan_needs,
    plan_text,
)
from aidlog.planning.stock_now import ChangedLot, changed_stock
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.logistics import plan_words
from aidlog.web.logistics.needs_words import short_names
from aidlog.web.logistics.plan_answer import Answer, read_answer
from aidlog.web.logistics.plan_case_forms import TryForm
from aidlog.web.logistics.plan_flows import draw
from aidlog.web.logistics.plan_forms import LockForm, SubmitForm
from aidlog.web.logistics.plan_sentences import for_reader
from aidlog.web.logistics.registry_words import said

bp = Blueprint("plans", __name__)
plan_words.register(bp)

#: What the grid shows in its cells.
SHOWN = ("units", "packs", "households")
#: The grid shows so many cells at once; a large plan is leafed through.
MOST_CELLS = 800
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Figures:
    """A plan's figures: what it does, and the answer's own measures.

    ``item_names`` are the reader's names of items by those that the question froze.
    """

    outcome: Outcome
    answer: Answer | None
    item_names: Mapping[str, str]
    locked: Mapping[tuple[str, str], str]
    fixed: Sequence[Fixed]
    currency: str
    changed: Sequence[ChangedLot]
    periods: int


@dataclass(frozen=True, slots=True)
class Cell:
    """The cell that was asked about: why this much, and the sum."""

    site: SiteRow
    item: ItemColumn
    need: NeedRow
    lots: Sequence[LineRow]

    @property
    def packs(self) -> int:
        return self.need.sent // self.item.pack_units


@bp.route("/plans")
@requires(Permission.PLAN_VIEW)
def index() -> ResponseReturnValue:
    """List plans, the newest first."""
    older_than = request.args.get("before", type=int)
    found = plan_list(db.session(), actor(), older_than=older_than)
    return render_template(
        "logistics/plans.html",
        plans=found[:PAGE],
        next_before=found[PAGE - 1].id if len(found) > PAGE else None,
        first=older_than is None,
        may_draft=actor().may(Permission.PLAN_DRAFT),
    )


@bp.route("/plans/<code>")
@requires(Permission.PLAN_VIEW)
def show(code: str) -> ResponseReturnValue:
    """Show what a plan does, what limits it, and why each number is what it is."""
    plan = plan_head(db.session(), actor(), code)
    if plan.state is PlanState.SOLVING:
        return redirect(url_for("plan_asking.solving", code=code), 303)
    return page(code, plan=plan)


@bp.route("/plans/<code>/workbook.xlsx")
@requires(Permission.PLAN_VIEW)
def workbook(code: str) -> ResponseReturnValue:
    """Download the plan as the papers that a logistician works from."""
    from aidlog.reports.plan_workbook import write_plan_workbook

    plan = plan_head(db.session(), actor(), code)
    text = plan_text(db.session(), plan)
    if text.result is None or plan.state is PlanState.FAILED:
        raise NotFound(f"answer of plan {code}")
    stream = BytesIO()
    write_plan_workbook(
        stream,
        db.session(),
        plan,
        text,
        language=language(),
        stale_days=STALE_AFTER_DAYS,
        say=say,
    )
    stream.seek(0)
    return send_file(stream, mimetype=XLSX, as_attachment=True, download_name=f"{plan.code}.xlsx")


def page(
    code: str,
    *,
    plan: PlanHead | None = None,
    lock_form: LockForm | None = None,
    refused: Any = None,
) -> str:
    """Return the page of a plan; ``refused`` is a form of it that was answered with a no."""
    session = db.session()
    plan = plan or plan_head(session, actor(), code)
    found = figures(session, plan)
    cell = _cell(found.outcome, lock_form)
    leaf = _leaf(found.outcome, cell)
    may_draft = actor().may(Permission.PLAN_DRAFT)
    return render_template(
        "logistics/plan.html",
        plan=plan,
        found=found,
        outcome=found.outcome,
        answer=found.answer,
        picture=draw(found.outcome),
        counts=said(COUNTS),
        short=short_names(found.outcome.items, language()),
        old_counts=old_counts(session, plan, older_than_days=STALE_AFTER_DAYS),
        cell=cell,
        why=for_reader(cell.need.why, found.item_names) if cell and cell.need.why else None,
        leaf=leaf,
        shown=request.args.get("show") if request.args.get("show") in SHOWN else SHOWN[0],
        form=refused,
        submit_form=SubmitForm(),
        tries=_tries(found.answer, may_draft=may_draft),
        may_ask=actor().may(Permission.PLEDGE_RECORD),
        lock_form=lock_form or (_lock_form(cell) if cell else None),
        may_draft=may_draft,
        may_decide=plan.may_decide(actor()),
        may_cancel=actor().may(Permission.PLAN_APPROVE)
        if plan.state is PlanState.APPROVED
        else may_draft,
    )


def figures(session: Session, plan: PlanHead) -> Figures:
    """Return everything that the page of a plan counts; a fixed number of statements."""
    brief = plan_brief(session, plan)
    problem: Mapping[str, Any] = json.loads(brief.problem)
    needs = plan_needs(session, plan)
    lines = [*plan_lines(session, plan), *coming_lines(session, plan, problem)]
    outcome = put_together(
        needs,
        lines,
        {
            site["id"]: SiteCount(people=site["population"], households=site["households"])
            for site in problem["sites"]
        },
        {item["id"]: item["pack_units"] for item in problem["items"]},
        pack_kinds(session, {need.item_id for need in needs}),
    )
    names = _items_for_reader(problem, outcome)
    return Figures(
        outcome=outcome,
        answer=None if plan.state is PlanState.FAILED else _answer(session, brief, names),
        item_names=names,
        locked={(lock["site"], lock["item"]): lock["reason"] for lock in problem["locks"]},
        fixed=fixed_numbers(problem, brief.summary),
        currency=currency_of(session, lines),
        changed=changed_stock(
            session, plan, problem, lines, {site.id: site.code for site in outcome.sites}
        )
        if plan.state in {PlanState.SOLVED, PlanState.SUBMITTED}
        else (),
        periods=problem["periods"],
    )


def _answer(session: Session, brief: PlanBrief, items: Mapping[str, str]) -> Answer | None:
    """Read the answer; lots stand in its sentences by their numbers, items by their names."""
    if not brief.summary:
        return None
    answer = read_answer(brief.summary, items=items)
    if all(price.kind != PriceKind.EARMARK for price in answer.prices):
        return answer
    problem = problem_from_json(json.loads(brief.problem))
    return read_answer(brief.summary, lot_numbers(session, problem), items)


def _items_for_reader(problem: Mapping[str, Any], outcome: Outcome) -> Mapping[str, str]:
    """Return the reader's names of the items by those that the question froze."""
    names = {item.code: item.name_in(language()) for item in outcome.items}
    return {item["name"]: names[item["id"]] for item in problem["items"] if item["id"] in names}


@dataclass(frozen=True, slots=True)
class Leaf:
    """The sites of the plan that the page shows at once, the lowest before first."""

    sites: Sequence[SiteRow]
    skip: int
    following: int | None
    total: int


def _leaf(outcome: Outcome, cell: Cell | None) -> Leaf:
    """Return the sites from ``?skip=`` on, or those around the cell that was asked about."""
    size = max(10, MOST_CELLS // max(1, len(outcome.items)))
    skip = max(0, request.args.get("skip", 0, type=int))
    if cell is not None:
        skip = outcome.sites.index(cell.site) // size * size
    rest = skip + size
    total = len(outcome.sites)
    return Leaf(outcome.sites[skip:rest], skip, rest if rest < total else None, total)


def _cell(outcome: Outcome, lock_form: LockForm | None) -> Cell | None:
    """Return the cell that ``?cell=SITE~ITEM`` names, or the one a lock was asked for."""
    if lock_form is not None:
        site_code, item_code = str(lock_form.site.data), str(lock_form.item.data)
    else:
        site_code, _, item_code = request.args.get("cell", "").partition("~")
    site = next((site for site in outcome.sites if site.code == site_code), None)
    item = next((item for item in outcome.items if item.code == item_code), None)
    if site is None or item is None or item.id not in site.cells:
        return None
    return Cell(site, item, site.cells[item.id], outcome.lots_for(site.id, item.id))


def _tries(answer: Answer | None, *, may_draft: bool) -> Mapping[int, TryForm]:
    """Return a form for each limit whose advice can be tried, by the limit's place."""
    limits = answer.limits if answer is not None and may_draft else ()
    return {limit.place: TryForm(formdata=None) for limit in limits if limit.advised}


def _lock_form(cell: Cell) -> LockForm:
    return LockForm(
        formdata=None,
        data={"site": cell.site.code, "item": cell.item.code, "packs": cell.packs},
    )
