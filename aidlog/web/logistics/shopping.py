"""What to buy or ask for beside a plan: asked, worked out, sent to an appeal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidlog.allocation.shopping import Line
from aidlog.core.actor import Actor, Permission
from aidlog.core.decimals import minor_digits, shown_decimal
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import new_id, once
from aidlog.db.transaction import writing
from aidlog.donations.appealing import (
    AddToAppeal,
    OpenAppeal,
    Wanted,
    add_to_appeal,
    appeals,
    open_appeal,
    open_appeals,
)
from aidlog.donations.purchase_queries import LastPrice, last_prices
from aidlog.extensions import db
from aidlog.planning.models import PlanState
from aidlog.planning.queries import NeedRow, PlanHead, pack_kinds, plan_brief, plan_head, plan_needs
from aidlog.planning.shopping import (
    NoteSent,
    StopList,
    ask_what_to_buy,
    note_sent,
    stop_list,
)
from aidlog.planning.shopping_queries import ListStory, list_story, lists_of
from aidlog.web.filters import quantity
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.logistics import plan_words
from aidlog.web.logistics.plan_asking import wake
from aidlog.web.logistics.purchases import priced
from aidlog.web.logistics.shopping_forms import NEW, SendForm, ShoppingForm

bp = Blueprint("shopping", __name__)
plan_words.register(bp)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: People are counted in public only where so many sites hide each other.
HIDING_SITES = 3


@dataclass(frozen=True, slots=True)
class Missing:
    """An item of the plan, how much of it is still missing after it, and its last price."""

    need: NeedRow
    pack_units: int
    pack_kind: str
    gap: int
    last: LastPrice | None


@bp.route("/plans/<code>/buy", methods=["GET", "POST"])
@requires(Permission.PLAN_DRAFT)
def ask(code: str) -> ResponseReturnValue:
    """Ask what to buy, or what to ask donors for."""
    session = db.session()
    plan = plan_head(session, actor(), code)
    if plan.state not in {PlanState.SOLVED, PlanState.SUBMITTED, PlanState.APPROVED}:
        raise NotFound(f"answer of plan {code}")
    problem = json.loads(plan_brief(session, plan).problem)
    missing = _missing(session, plan, problem)
    form = ShoppingForm(data=_first(plan, missing))
    form.warehouse.choices = choices(
        (place["id"], place["name"] or place["id"]) for place in problem["warehouses"]
    )
    if form.validate_on_submit():
        try:
            command = form.command(code)
            with writing(db.session()) as writer:
                answer = once(writer, actor(), command, ask_what_to_buy)
        except Refusal as refusal:
            show_on(form, refusal, field=form.show_on_line(refusal))
        else:
            wake(answer["job"])
            return redirect(url_for(".show", code=code, number=answer["number"]), 303)
    return (
        render_template(
            "logistics/shopping_ask.html",
            plan=plan,
            form=form,
            missing={row.need.item: row for row in missing},
            lists=lists_of(db.session(), plan),
            priced=priced,
        ),
        422 if form.is_submitted() else 200,
    )


@bp.get("/plans/<code>/buy/<int:number>")
@requires(Permission.PLAN_VIEW)
def show(code: str, number: int) -> ResponseReturnValue:
    """Show the list, or how far it is."""
    plan = plan_head(db.session(), actor(), code)
    story = list_story(db.session(), plan, number)
    return _shown(plan, story, _send_form(plan, story), 200)


@bp.post("/plans/<code>/buy/<int:number>/stop")
@requires(Permission.PLAN_DRAFT)
def stop(code: str, number: int) -> ResponseReturnValue:
    """End the work on the list with nothing."""
    form = CommandForm()
    if not form.validate_on_submit():
        raise NotFound(f"a form to stop list {number}")
    command = StopList(command_id=str(form.command_id.data), plan=code, number=number)
    try:
        with writing(db.session()) as session:
            once(session, actor(), command, stop_list)
    except Refusal as refusal:
        flash(say(refusal.message), "error")
    return redirect(url_for(".show", code=code, number=number), 303)


@bp.get("/plans/<code>/buy/<int:number>/list.xlsx")
@requires(Permission.PLAN_VIEW)
def workbook(code: str, number: int) -> ResponseReturnValue:
    """Send the same list as a workbook."""
    from aidlog.reports.shopping_workbook import write_shopping_workbook

    plan = plan_head(db.session(), actor(), code)
    story = list_story(db.session(), plan, number)
    if story.answer is None:
        raise NotFound(f"answer of list {number}")
    book = write_shopping_workbook(plan, story, language(), say)
    return send_file(
        BytesIO(book),
        mimetype=XLSX,
        as_attachment=True,
        download_name=f"{plan.code}-list-{number}-restricted.xlsx",
    )


@bp.post("/plans/<code>/buy/<int:number>/send")
@requires(Permission.PLAN_DRAFT)
def send(code: str, number: int) -> ResponseReturnValue:
    """Send the lines to an open appeal, or to a new one."""
    plan = plan_head(db.session(), actor(), code)
    story = list_story(db.session(), plan, number)
    if story.answer is None or not story.answer.lines:
        raise NotFound(f"lines of list {number}")
    form = _send_form(plan, story)
    if form.validate():
        try:
            with writing(db.session()) as session:
                title = _sent(session, actor(), plan, story, form)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("The lines were sent to “%(title)s”.", title=title), "success")
            return redirect(url_for("appeals.listing"), 303)
    return _shown(plan, story, form, 422)


def _sent(session: Session, who: Actor, plan: PlanHead, story: ListStory, form: SendForm) -> str:
    """Add the lines to the appeal and remember it, both or neither; return its title."""
    assert story.answer is not None
    wanted = tuple(
        Wanted(item_id=story.items[line.item].id, quantity=line.packs * story.units(line.item))
        for line in story.answer.lines
    )
    text = form.text.data or ""
    command_id = str(form.command_id.data)
    if form.appeal.data == NEW:
        title = (form.title.data or "").strip()
        opened = OpenAppeal(
            command_id=command_id,
            organisation_id=plan.organisation_id,
            title=title,
            wanted=wanted,
            opens_on=datetime.now(UTC).date(),
            text=text,
        )
        once(session, who, opened, open_appeal)
    else:
        title = next((one.title for one in appeals(session, who) if one.id == form.appeal.data), "")
        more = AddToAppeal(
            command_id=command_id, appeal_id=int(form.appeal.data), wanted=wanted, text=text
        )
        once(session, who, more, add_to_appeal)
    noted = NoteSent(command_id=new_id(), plan=plan.code, number=story.row.number, title=title)
    note_sent(session, who, noted)
    return title


def _shown(plan: PlanHead, story: ListStory, form: SendForm, status: int) -> ResponseReturnValue:
    return (
        render_template(
            "logistics/shopping.html",
            plan=plan,
            story=story,
            answer=story.answer,
            form=form,
            stop_form=CommandForm,
            priced=priced,
            may_draft=actor().may(Permission.PLAN_DRAFT),
            may_send=actor().may(Permission.PLAN_DRAFT) and actor().may(Permission.PLEDGE_RECORD),
        ),
        status,
    )


def _send_form(plan: PlanHead, story: ListStory) -> SendForm:
    """Return the form, with why each line is asked for in words that the planner can change."""
    form = SendForm(data={"title": plan.title, "text": _why(story)})
    own = [
        one
        for one in (
            open_appeals(db.session(), actor()) if actor().may(Permission.PLEDGE_VIEW) else []
        )
        if one.organisation_id == plan.organisation_id
    ]
    form.appeal.choices = choices([*((one.id, one.title) for one in own), (NEW, _("A new appeal"))])
    return form


def _why(story: ListStory) -> str:
    if story.answer is None:
        return ""
    return "\n".join(_why_line(story, line) for line in story.answer.lines)


def _why_line(story: ListStory, line: Line) -> str:
    """Say what is asked for, and for how many where that tells nothing about one site."""
    item, lifted = story.items[line.item], story.lifted(line)
    amount = quantity(line.packs * story.units(line.item), item.base_unit)
    name = item.name_in(language())
    if lifted.households is None or len(lifted.sites) < HIDING_SITES:
        return str(_("%(item)s: %(quantity)s", item=name, quantity=amount))
    return str(
        _(
            "%(item)s: %(quantity)s, for %(households)s households",
            item=name,
            quantity=amount,
            households=lifted.households,
        )
    )


def _missing(session: Session, plan: PlanHead, problem: Mapping[str, Any]) -> list[Missing]:
    """Return the items of which the plan leaves something missing, most urgent first."""
    needs = plan_needs(session, plan)
    sizes = {item["id"]: item["pack_units"] for item in problem["items"]}
    kinds = pack_kinds(session, {need.item_id for need in needs})
    prices = last_prices(session, actor(), {need.item_id for need in needs})
    gaps: dict[str, int] = {}
    first: dict[str, NeedRow] = {}
    for need in needs:
        first.setdefault(need.item, need)
        left = max(0, need.need - need.held - need.sent)
        gaps[need.item] = gaps.get(need.item, 0) + left
    return [
        Missing(
            need=need,
            pack_units=sizes[need.item],
            pack_kind=str(kinds.get(need.item_id, "piece")),
            gap=gaps[need.item],
            last=prices.get(need.item_id),
        )
        for need in sorted(first.values(), key=lambda need: (need.tier, need.item))
        if gaps[need.item]
    ]


def _first(plan: PlanHead, missing: list[Missing]) -> dict[str, Any]:
    """Return what the form holds when it is opened: the prices last paid, in one currency."""
    newest = max(
        (row.last for row in missing if row.last), key=lambda last: last.ordered_on, default=None
    )
    currency = newest.currency if newest else ""
    return {
        "currency": currency,
        "target": 100,
        "deliver_on": max(plan.starts_on, datetime.now(UTC).date() + timedelta(days=1)),
        "lines": [
            {
                "code": row.need.item,
                "chosen": True,
                "price": shown_decimal(row.last.of(row.pack_units), places=minor_digits(currency))
                if row.last and row.last.currency == currency
                else "",
            }
            for row in missing
        ],
    }
