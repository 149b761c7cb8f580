"""Corrections of the books: those that wait for a second person, and the report of each."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import SelectField, StringField
from wtforms.validators import Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import Organisation
from aidlog.stock.adjustments import PAGE, Adjustment, adjustment_called, adjustments
from aidlog.stock.limits import (
    DEFAULT_PACKS,
    DEFAULT_PERMILLE,
    SetAdjustmentLimit,
    limit_of,
    set_adjustment_limit,
)
from aidlog.stock.models import AdjustmentState
from aidlog.stock.second_person import (
    ApproveAdjustment,
    RefuseAdjustment,
    WithdrawAdjustment,
    approve_adjustment,
    refuse_adjustment,
    withdraw_adjustment,
)
from aidlog.stock.wording import CORRECTING_WORDS, REASON_WORDS
from aidlog.web.forms import CommandForm, QuantityField, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import say
from aidlog.web.tongues import tongues

bp = Blueprint("corrections", __name__)

#: What a state is called, and the kind of its chip.
STATES: dict[str, tuple[object, str]] = {
    AdjustmentState.WAITING: (_l("waits for approval"), "warn"),
    AdjustmentState.POSTED: (_l("booked"), "good"),
    AdjustmentState.REFUSED: (_l("not booked"), ""),
    AdjustmentState.WITHDRAWN: (_l("withdrawn"), ""),
}


class DecideForm(CommandForm):
    answer = StringField(_l("What you found out"), [Length(max=400)])


@bp.get("/corrections")
@requires(Permission.STOCK_VIEW)
def listing() -> ResponseReturnValue:
    """List corrections, those that wait first."""
    everything = request.args.get("all") == "1"
    before = request.args.get("before", type=int)
    found = adjustments(db.session(), actor(), only_waiting=not everything, before=before)
    return render_template(
        "logistics/corrections.html",
        rows=found[:PAGE],
        next_before=found[PAGE - 1].asked.id if len(found) > PAGE else None,
        before=before,
        everything=everything,
        states=STATES,
        reasons=_reasons(),
        what=_what(),
    )


@bp.route("/corrections/<code>", methods=["GET", "POST"])
@requires(Permission.STOCK_VIEW)
def show(code: str) -> ResponseReturnValue:
    """One correction: what is asked, and the decision on it."""
    one = adjustment_called(db.session(), actor(), code)
    form = DecideForm()
    act = request.form.get("act", "")
    if request.method == "POST" and not _may(one, act):
        raise NotFound("decision on a correction")
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                _decide(session, form, code, act)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_said(act, code), "success")
            return redirect(url_for(".show", code=code), 303)
    return (
        render_template(
            "logistics/correction.html",
            one=adjustment_called(db.session(), actor(), code),
            form=form,
            states=STATES,
            reasons=_reasons(),
            what=_what(),
            may_decide=_may(one, "approve"),
            may_withdraw=_may(one, "withdraw"),
        ),
        422 if form.is_submitted() else 200,
    )


def _may(one: Adjustment, act: str) -> bool:
    """Say whether the actor may do ``act`` to a correction; what state it is in, it says."""
    if act in {"approve", "refuse"}:
        return actor().may(Permission.STOCK_APPROVE, at=one.warehouse.id) and (
            request.method == "POST" or one.asked.asked_by != actor().user_id
        )
    return act == "withdraw" and one.asked.asked_by == actor().user_id


def _decide(session: Session, form: DecideForm, code: str, act: str) -> None:
    id_, answer = str(form.command_id.data), form.answer.data or ""
    if act == "approve":
        approval = ApproveAdjustment(command_id=id_, code=code, answer=answer)
        once(session, actor(), approval, approve_adjustment)
    elif act == "refuse":
        refusal = RefuseAdjustment(command_id=id_, code=code, answer=answer)
        once(session, actor(), refusal, refuse_adjustment)
    else:
        withdrawal = WithdrawAdjustment(command_id=id_, code=code)
        once(session, actor(), withdrawal, withdraw_adjustment)


def _said(act: str, code: str) -> str:
    if act == "approve":
        return str(_("Correction %(code)s is booked.", code=code))
    if act == "refuse":
        return str(_("Correction %(code)s is not booked. Nothing has moved.", code=code))
    return str(_("Correction %(code)s is withdrawn. Nothing has moved.", code=code))


@bp.get("/corrections/<code>/report.pdf")
@requires(Permission.STOCK_VIEW)
def report(code: str) -> ResponseReturnValue:
    """Print the loss and adjustment report."""
    from aidlog.reports.correction_pdf import correction_pdf

    one = adjustment_called(db.session(), actor(), code)
    first, _second = tongues()
    return send_file(
        BytesIO(correction_pdf(one, first)),
        mimetype="application/pdf",
        download_name=f"{code}-report.pdf",
    )


class LimitForm(CommandForm):
    organisation = SelectField(_l("Organisation"), coerce=int)
    packs = QuantityField(_l("Packs of the item"), largest=1_000_000)
    percent = QuantityField(_l("Percent of what the warehouse holds of it"), largest=1_000)


@bp.route("/setup/approval", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
def limit() -> ResponseReturnValue:
    """Say above which size a correction waits for a second person."""
    form = LimitForm()
    own = list(
        db.session().scalars(
            select(Organisation)
            .where(Organisation.id.in_(actor().organisation_ids))
            .order_by(Organisation.name)
        )
    )
    form.organisation.choices = choices((one.id, one.name) for one in own)
    if not form.is_submitted():
        chosen = next((one for one in own if one.code == request.args.get("of")), own[0])
        form.organisation.data = chosen.id
        known = limit_of(db.session(), chosen.id)
        form.packs.data = known.packs
        form.percent.data = None if known.permille is None else known.permille // 10
    elif form.validate():
        command = SetAdjustmentLimit(
            command_id=str(form.command_id.data),
            organisation_id=int(form.organisation.data),
            packs=form.packs.data,
            permille=None if form.percent.data is None else form.percent.data * 10,
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, set_adjustment_limit)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("The limit is saved."), "success")
            code = next(one.code for one in own if one.id == command.organisation_id)
            return redirect(url_for(".limit", of=code), 303)
    return (
        render_template(
            "logistics/correction_limit.html",
            form=form,
            organisations=own,
            packs=DEFAULT_PACKS,
            percent=DEFAULT_PERMILLE // 10,
        ),
        422 if form.is_submitted() else 200,
    )


def _reasons() -> dict[str, str]:
    return {reason: say(Message(words)) for reason, words in REASON_WORDS.items()}


def _what() -> dict[str, str]:
    return {what: say(Message(words)) for what, words in CORRECTING_WORDS.items()}
