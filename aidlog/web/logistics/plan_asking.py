"""Ask for a plan, and watch it being worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from aidlog.allocation.problem import Rule
from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.core.text import Message
from aidlog.db.commands import new_id, once
from aidlog.db.transaction import writing
from aidlog.db.work import Wish
from aidlog.extensions import db
from aidlog.planning import offering
from aidlog.planning.board import Board
from aidlog.planning.board_query import needs_board
from aidlog.planning.board_statement import View
from aidlog.planning.choices import DraftPlan
from aidlog.planning.deciding import COUNTING
from aidlog.planning.drafting import draft_plan
from aidlog.planning.models import PlanState
from aidlog.planning.overriding import asked_again, kept_locks, question_again
from aidlog.planning.queries import Running, plan_head
from aidlog.planning.solving import ask_solver
from aidlog.reports.expected_goods import expected_goods
from aidlog.web.forms import choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.logistics import plan_words
from aidlog.web.logistics.certainty_words import CERTAINTIES
from aidlog.web.logistics.plan_forms import COUNTED, NORMAL, PlanForm, WishForm

bp = Blueprint("plan_asking", __name__)
plan_words.register(bp)

#: A plan's usual length where nothing else was chosen, in days.
USUAL_DAYS = 30
#: So many lines for promises stand empty in the form.
BLANK_PROMISES = 3
#: With more roads than this the page shows none of them: closures are set under Setup.
MOST_ROADS = 300


#: The stages of the work as people read them: what it does, and what that means.
STAGES = (
    (_l("Checking the data"), _l("Needs, stock, roads and limits are put together.")),
    (_l("Finding fair levels"), _l("The lowest need is raised first, until something runs out.")),
    (_l("Turning them into whole packs"), _l("Packs are loaded by road, first expired first.")),
    (_l("Proving and explaining"), _l("Each number gets its reason and the result is checked.")),
)
#: The engine's own names of what it does, by stage. Within the levels it names the tier.
LEVELS = 1
STAGE_OF = (
    frozenset({"", "model"}),
    frozenset({"levels"}),
    frozenset({"packs", "plan", "routes", "shipments"}),
    frozenset({"reasons", "worth", "compare", "check"}),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything there is to choose from, by code."""

    board: Board
    stores: Sequence[offering.Store]
    roads: Sequence[offering.Road]
    organisations: Sequence[tuple[int, str]]

    @property
    def roads_shown(self) -> Sequence[offering.Road]:
        return self.roads if len(self.roads) <= MOST_ROADS else ()


def wake(job_id: str) -> None:
    """Tell a worker that there is work, after its transaction has committed."""
    current_app.extensions["aidlog.wake"](job_id)


@bp.route("/plans/new", methods=["GET", "POST"])
@requires(Permission.PLAN_DRAFT)
def new() -> ResponseReturnValue:
    """Choose sites and items, stock and trucks, and the rule; then solve."""
    before = _asked_before()
    starts_on, ends_on = _days(request.form if request.method == "POST" else request.args, before)
    offer = _offer(starts_on, ends_on)
    locks = before.locks if before else ()
    form = _form(offer, _first(offer, before, starts_on, ends_on))
    form.keep.choices = choices((f"{lock.site}~{lock.item}", lock.item) for lock in locks)
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                draft = partial(draft_plan, expected=expected_goods)
                answer = once(session, actor(), form.command(locks), draft)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            wake(answer["job"])
            return redirect(url_for(".solving", code=answer["plan"]), 303)
    return (
        render_template(
            "logistics/plan_new.html",
            form=form,
            offer=offer,
            locks=locks,
        ),
        422 if form.is_submitted() else 200,
    )


@bp.route("/plans/<code>/solving", methods=["GET", "POST"])
@requires(Permission.PLAN_VIEW)
def solving(code: str) -> ResponseReturnValue:
    """Show how far the work is; leave and return as you like."""
    plan = plan_head(db.session(), actor(), code)
    form = WishForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(code), ask_solver)
        except Refusal as refusal:
            show_on(form, refusal)
            plan = plan_head(db.session(), actor(), code)  # it may have ended in between
        else:
            if form.wish.data == Wish.CANCEL:
                flash(_("Stopped. No plan was made and nothing was reserved."), "success")
            return redirect(url_for(".solving", code=code), 303)
    if plan.state is not PlanState.SOLVING:
        return redirect(url_for("plans.show", code=code), 303)
    now = datetime.now(UTC)
    started = plan.job.started_at if plan.job else None
    return render_template(
        "logistics/plan_solving.html",
        plan=plan,
        job=plan.job,
        form=form,
        seconds=int((now - started).total_seconds()) if started else 0,
        most=current_app.config["AIDLOG"].solve_seconds,
        may_stop=actor().may(Permission.PLAN_DRAFT),
        stages=STAGES,
        stage_number=stage_of(plan.job),
    )


def stage_of(job: Running | None) -> int:
    """Return how many of STAGES are done."""
    if job is None:
        return 0
    return next((n for n, names in enumerate(STAGE_OF) if job.stage in names), LEVELS)


def _asked_before() -> DraftPlan | None:
    """Return the question of the plan that ``?again=`` names, to be changed and asked anew."""
    code = request.args.get("again")
    if not code:
        return None
    plan, problem = question_again(db.session(), actor(), code, Permission.PLAN_DRAFT)
    return asked_again(plan, problem, new_id(), kept_locks(problem))


def _days(given: Any, before: DraftPlan | None) -> tuple[date, date]:
    """Return the days of the plan as chosen, those asked for before, or the usual ones."""
    if before is not None and not given.get("starts_on"):
        return before.starts_on, before.ends_on
    today = datetime.now(UTC).date()
    starts_on = _date(given.get("starts_on")) or today
    ends_on = _date(given.get("ends_on")) or starts_on + timedelta(days=USUAL_DAYS - 1)
    return starts_on, max(starts_on, ends_on)


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _offer(starts_on: date, ends_on: date) -> Offer:
    session = db.session()
    board = needs_board(session, actor(), starts_on, ends_on, view=View())
    stores = offering.stores(session, actor())
    return Offer(
        board=board,
        stores=stores,
        roads=offering.roads(
            session,
            [store.id for store in stores],
            [site.id for site in board.sites],
            starts_on,
            ends_on,
        ),
        organisations=offering.organisations(session, actor()),
    )


def _first(
    offer: Offer, before: DraftPlan | None, starts_on: date, ends_on: date
) -> dict[str, Any]:
    """Return what the form holds when it is opened: asked before, or from the board's filters."""
    days = {"starts_on": starts_on, "ends_on": ends_on}
    return days | (_from_board(offer) if before is None else _from_before(offer, before))


def _time_before(before: DraftPlan) -> dict[str, Any]:
    """Return the periods and the goods counted on that were asked for before."""
    return {
        "periods": before.periods,
        "coming": [kind.value for kind in before.coming],
        "coming_to": before.coming_to,
    }


def _from_board(offer: Offer) -> dict[str, Any]:
    given, board = request.args, offer.board
    sites, areas, items = (set(given.getlist(name)) for name in ("site", "area", "item"))
    category = given.get("category")
    chosen = [
        item
        for item in board.items
        if (item.code in items if items else item.free != 0)
        and category in {None, "", item.category}
    ]
    return {
        "sites": [
            {
                "code": site.code,
                "chosen": not any(board.cells[site.id, item.id].unknown for item in chosen)
                and (not sites or site.code in sites)
                and (not areas or site.area in areas),
                "weight": NORMAL,
            }
            for site in board.lowest_first()
        ],
        "items": [item.code for item in chosen],
        "stores": [{"code": store.code, "chosen": store.kinds_free > 0} for store in offer.stores],
        "roads": [{"warehouse": r.warehouse, "site": r.site} for r in offer.roads_shown],
        "rule": Rule.LOWEST_FIRST.value,
        "periods": 1,
        "priorities": [{"code": item.code, "weight": NORMAL} for item in board.items],
        "promises": [{}] * BLANK_PROMISES,
    }


def _from_before(offer: Offer, before: DraftPlan) -> dict[str, Any]:
    sites = {site.code: site for site in before.sites}
    stores = {store.code: store for store in before.warehouses}
    roads = {(road.warehouse, road.site): road for road in before.roads}
    return {
        "organisation": before.organisation_id,
        "title": before.title,
        "sites": [
            {
                "code": site.code,
                "chosen": site.code in sites,
                "weight": sites[site.code].weight_percent if site.code in sites else NORMAL,
                "reason": sites[site.code].reason if site.code in sites else "",
            }
            for site in offer.board.lowest_first()
        ],
        "items": list(before.items),
        "stores": [
            {
                "code": store.code,
                "chosen": store.code in stores,
                "max_kg": stores[store.code].max_kg if store.code in stores else None,
            }
            for store in offer.stores
        ],
        "roads": [
            {
                "warehouse": road.warehouse,
                "site": road.site,
                "closed": asked is not None and asked.closed and not road.closed,
                "max_kg": None if asked is None or road.max_grams is not None else asked.max_kg,
            }
            for road in offer.roads_shown
            for asked in (roads.get((road.warehouse, road.site)),)
        ],
        "rule": before.rule.value,
        **_time_before(before),
        **_decided_before(offer, before),
        "keep": [f"{lock.site}~{lock.item}" for lock in before.locks],
    }


def form_items(offer: Offer) -> list[tuple[str, str]]:
    """Return (code, name) of the items on offer."""
    return [(item.code, item.name_in(language())) for item in offer.board.items]


def _decided_before(offer: Offer, before: DraftPlan) -> dict[str, Any]:
    """Return the priorities of items, the promises and the earlier rounds asked for before."""
    first = {priority.code: priority for priority in before.priorities}
    return {
        "priorities": [
            {
                "code": item.code,
                "weight": first[item.code].weight_percent if item.code in first else NORMAL,
                "reason": first[item.code].reason if item.code in first else "",
            }
            for item in offer.board.items
        ],
        "promises": [
            *(
                {
                    "item": promise.item,
                    "site": promise.site,
                    "percent": promise.percent or None,
                    "packs": promise.packs or None,
                    "reason": promise.reason,
                }
                for promise in before.promises
            ),
            *([{}] * BLANK_PROMISES),
        ],
        "rounds": before.earlier_rounds or None,
        "counting": before.counting or "",
        "counting_reason": before.counting_reason,
    }


def _form(offer: Offer, first: dict[str, Any]) -> PlanForm:
    form = PlanForm(data=first)
    form.items.choices = choices(form_items(offer))
    form.organisation.choices = choices(offer.organisations)
    sites = [(site.code, site.shown_as) for site in offer.board.sites]
    for line in form.promises:
        line.form.item.choices = choices([("", "–"), *form_items(offer)])
        line.form.site.choices = choices([("", _l("Every site")), *sites])
    form.counting.choices = choices(
        (figure.value, say(Message(COUNTING[figure])))
        if figure
        else ("", _("As decided for each cell"))
        for figure in COUNTED
    )
    form.coming.choices = choices(CERTAINTIES.items())
    form.coming_to.choices = choices(
        [("", _l("none: leave them out")), *((s.code, s.shown_as) for s in offer.stores)]
    )
    return form
