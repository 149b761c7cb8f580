"""What sites ask for: asked, decided line by line, followed until it is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, FieldList, FormField, SelectField, StringField
from wtforms.validators import Length, Optional

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.finding import sites_of
from aidlog.dispatch.offering import origins
from aidlog.dispatch.serving_queries import serving
from aidlog.extensions import db
from aidlog.needs.models import RequisitionState, StepKind
from aidlog.needs.requisition_queries import (
    PAGE,
    RequisitionStory,
    requisition_story,
    requisitions,
)
from aidlog.needs.requisitions import (
    AskedFor,
    AskForGoods,
    ChangeRequisition,
    DecideRequisition,
    LineDecision,
    ask_for_goods,
    close_requisition,
    decide_requisition,
    reopen_requisition,
    undo_decision,
    withdraw_requisition,
)
from aidlog.stock.levels import issue_packs
from aidlog.web.counting import ItemPacksForm, by_item, lay_out
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.item_rows import MOST_ROWS, ItemRow, RowsForm, labels, show_on_row, typed
from aidlog.web.logistics.waybills import chips_of_states
from aidlog.web.requisition_words import STATES
from aidlog.web.sessions import settings

bp = Blueprint("requisitions", __name__, url_prefix="/requisitions")

SHOWN = (("waiting", _l("To decide")), ("open", _l("Open")), ("all", _l("All")))
STEPS: dict[str, object] = {
    StepKind.ASKED: _l("asked"),
    StepKind.DECIDED: _l("approved"),
    StepKind.REFUSED: _l("refused"),
    StepKind.UNDECIDED: _l("decision taken back"),
    StepKind.WITHDRAWN: _l("withdrawn"),
    StepKind.CLOSED: _l("closed"),
    StepKind.REOPENED: _l("opened again"),
    StepKind.FULFILLED: _l("all there"),
    StepKind.SHORT: _l("not all there any more"),
}
Change = Callable[..., dict[str, Any]]
#: What ends or opens a requisition, by the last part of its address.
CHANGES: dict[str, Change] = {
    "withdraw": withdraw_requisition,
    "close": close_requisition,
    "reopen": reopen_requisition,
    "undecide": undo_decision,
}


class AskForm(RowsForm):
    """What a site asks for, as it says itself or as a clerk reads it from a paper."""

    site = SelectField(_l("For the site"), coerce=int)
    needed_by = DateField(_l("Needed by"), [Optional()])
    reason = StringField(_l("Why it is needed"), [Length(max=400)])
    asked_by = StringField(_l("Who asks"), [Length(max=120)])
    asked_on = DateField(_l("Asked on"), [Optional()])
    paper = StringField(_l("Number on the paper"), [Length(max=60)])
    rows = FieldList(FormField(ItemRow), max_entries=MOST_ROWS)


class DecisionForm(ItemPacksForm):
    """How much of one line is approved, and why it is not what was asked."""

    why = StringField(_l("Why"), [Length(max=200)])


class DecideForm(CommandForm):
    """A decision on every line; ``note`` is the reason of lines that name none."""

    note = StringField(_l("Why, for every line that differs"), [Length(max=200)])
    lets_count = BooleanField(_l("Let this be the need in plans until it is there"))
    lines = FieldList(FormField(DecisionForm), max_entries=100)


class ChangeForm(CommandForm):
    note = StringField(_l("Why"), [Length(max=400)])


@bp.get("")
@requires(Permission.REQUISITION_VIEW)
def listing() -> ResponseReturnValue:
    """List what sites ask for, and how long it has been open."""
    show = request.args.get("show", "open")
    show = show if show in {name for name, _words in SHOWN} else "open"
    before = request.args.get("before", type=int)
    found = requisitions(db.session(), actor(), show=show, before=before)
    return render_template(
        "logistics/requisitions.html",
        rows=found[:PAGE],
        next_before=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        show=show,
        shown=SHOWN,
        states=STATES,
        today=datetime.now(UTC).date(),
        most_days=settings().open_request_days,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REQUISITION_MAKE)
def new() -> ResponseReturnValue:
    """Ask for goods for a site."""
    form = AskForm()
    sites = sites_of(db.session(), actor(), Permission.REQUISITION_MAKE)
    if not sites:
        raise NotFound("site to ask for")
    form.site.choices = choices((site.id, site.shown_as) for site in sites)
    if not form.is_submitted():
        asked = next((site.id for site in sites if site.code == request.args.get("site")), None)
        form.site.data = asked or sites[0].id
    rows, status = typed(db.session(), form)
    if rows is None:
        return _ask_page(form, status)
    command = AskForGoods(
        command_id=str(form.command_id.data),
        site_id=form.site.data,
        lines=tuple(AskedFor(item_id=row.item.id, quantity=row.quantity) for row in rows),
        reason=form.reason.data or "",
        needed_by=form.needed_by.data,
        asked_on=form.asked_on.data,
        asked_by=form.asked_by.data or "",
        paper=form.paper.data or "",
    )
    try:
        with writing(db.session()) as session:
            answer = once(session, actor(), command, ask_for_goods)
    except Refusal as refusal:
        show_on_row(form, refusal)
        return _ask_page(form, 422)
    flash(_("Request %(number)s is sent.", number=answer["requisition"]), "success")
    return redirect(url_for(".show", number=answer["requisition"]), 303)


def _ask_page(form: AskForm, status: int) -> ResponseReturnValue:
    return (
        render_template(
            "logistics/requisition_new.html",
            form=form,
            labels=labels(db.session(), form.rows),
            most=MOST_ROWS,
        ),
        status,
    )


@bp.get("/<number>")
@requires(Permission.REQUISITION_VIEW)
def show(number: str) -> ResponseReturnValue:
    """Show a requisition: asked, approved, on the way, there, still open."""
    story = requisition_story(db.session(), actor(), number)
    return _shown(story, _laid_out(story), ChangeForm(formdata=None), 200)


@bp.post("/<number>/decide")
@requires(Permission.REQUISITION_DECIDE)
def decide(number: str) -> ResponseReturnValue:
    """Approve it whole, in part, or refuse it, line by line."""
    form = DecideForm()
    if form.validate():
        refuse = request.form.get("act") == "refuse"
        try:
            with writing(db.session()) as session:
                command = _decision(form, number, refuse=refuse)
                once(session, actor(), command, decide_requisition)
        except Refusal as refusal:
            _show_on_line(form, refusal)
        else:
            flash(_("Request %(number)s is saved.", number=number), "success")
            return redirect(url_for(".show", number=number), 303)
    story = requisition_story(db.session(), actor(), number)
    return _shown(story, form, ChangeForm(formdata=None), 422)


@bp.post("/<number>/<any(withdraw, close, reopen, undecide):what>")
@requires(Permission.REQUISITION_VIEW)
def change(number: str, what: str) -> ResponseReturnValue:
    """End a requisition, open it again, or take the decision back, with the reason."""
    form = ChangeForm()
    if form.validate_on_submit():
        command = ChangeRequisition(
            command_id=str(form.command_id.data), number=number, note=form.note.data or ""
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, CHANGES[what])
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Request %(number)s is saved.", number=number), "success")
            return redirect(url_for(".show", number=number), 303)
    story = requisition_story(db.session(), actor(), number)
    return _shown(story, _laid_out(story), form, 422)


def _laid_out(story: RequisitionStory) -> DecideForm:
    """Return the form with what was asked written in, in whole packs where they fit."""
    form = DecideForm(formdata=None)
    packs = issue_packs(db.session(), [line.item.id for line in story.lines])
    sizes = {id_: pack.size for id_, pack in packs.items()}
    lay_out(form.lines, [(line.item.id, sizes.get(line.item.id, 1)) for line in story.lines])
    for line, entry in zip(story.lines, form.lines, strict=True):
        full, loose = divmod(line.asked, sizes.get(line.item.id, 1))
        entry.form.packs.data, entry.form.loose.data = full or None, loose or None
    return form


def _decision(form: DecideForm, number: str, *, refuse: bool) -> DecideRequisition:
    note = (form.note.data or "").strip()
    return DecideRequisition(
        command_id=str(form.command_id.data),
        number=number,
        lines=tuple(
            LineDecision(
                item_id=item_id,
                approved=0 if refuse else part.quantity,
                reason=(part.why.data or "").strip() or note,
            )
            for item_id, part in by_item(form.lines).items()
            if isinstance(part, DecisionForm)
        ),
        lets_count=bool(form.lets_count.data),
    )


def _show_on_line(form: DecideForm, refusal: Refusal) -> None:
    name, _sep, item = (refusal.field or "").rpartition("_")
    part = by_item(form.lines).get(int(item)) if item.isdigit() else None
    field = None
    if isinstance(part, DecisionForm):
        field = part.why if name == "why" else part.where
    show_on(form, refusal, field=field)


def _shown(
    story: RequisitionStory, form: DecideForm, change_form: ChangeForm, status: int
) -> ResponseReturnValue:
    here, state, site = actor(), story.requisition.state, story.site
    make = here.may(Permission.REQUISITION_MAKE, at=site.id)
    decides = here.may(Permission.REQUISITION_DECIDE, at=site.id)
    approved = state is RequisitionState.APPROVED
    untouched = not any(line.prepared or line.on_road or line.received for line in story.lines)
    may = {
        "decide": decides
        and state is RequisitionState.ASKED
        and story.requisition.recorded_by != here.user_id,
        "withdraw": make and state is RequisitionState.ASKED,
        "close": (make or decides) and approved,
        "undecide": decides and (state is RequisitionState.REFUSED or (approved and untouched)),
        "reopen": (make or decides)
        and state in {RequisitionState.CLOSED, RequisitionState.WITHDRAWN},
    }
    starts = origins(db.session(), here) if here.may(Permission.WAYBILL_LOAD) else []
    return (
        render_template(
            "logistics/requisition.html",
            story=story,
            form=change_form if change_form.is_submitted() else form,
            deciding=form,
            parts=by_item(form.lines),
            change_form=change_form,
            may_do=may,
            may_plan=here.may(Permission.PLAN_DRAFT, at=site.id),
            origins=starts if approved else [],
            waybills=serving(db.session(), story.requisition.id),
            waybill_states=chips_of_states(),
            states=STATES,
            steps=STEPS,
            packs=issue_packs(db.session(), [line.item.id for line in story.lines]),
            today=datetime.now(UTC).date(),
            most_days=settings().open_request_days,
        ),
        status,
    )
