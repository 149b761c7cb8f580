"""Arrivals at one's own site: what is coming, what came, and what the server has on record."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, FieldList, FormField
from wtforms.validators import InputRequired

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.arrivals import arrival, inbound, number_typed
from aidlog.dispatch.finding import sites_of
from aidlog.dispatch.losses import FoundLine, RecordLateArrival, record_late_arrival
from aidlog.dispatch.models import WaybillState
from aidlog.dispatch.receipts import confirm_receipt
from aidlog.dispatch.story import Line, Story
from aidlog.extensions import db
from aidlog.web.counting import (
    Answer,
    PacksForm,
    ReceiptForm,
    amount,
    command,
    difference,
    fit,
    moment_typed,
    sent_before,
    understand,
)
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import actor, requires

bp = Blueprint("arrivals", __name__)


@bp.get("/s/")
@requires(Permission.RECEIPT_CONFIRM)
def inbox() -> ResponseReturnValue:
    """Show trucks on their way here, and what arrived lately."""
    now = datetime.now(UTC)
    rows = inbound(db.session(), actor(), now=now)
    return render_template(
        "sites/inbox.html",
        places=sites_of(db.session(), actor(), Permission.RECEIPT_CONFIRM),
        coming=[row for row in rows if row.state is WaybillState.ON_THE_ROAD],
        disputed=[row for row in rows if row.state is WaybillState.DISPUTED],
        done=[row for row in rows if row.state is WaybillState.RECEIVED],
        now=now,
    )


@bp.get("/s/find")
@requires(Permission.RECEIPT_CONFIRM)
def find() -> ResponseReturnValue:
    """Open the waybill whose printed code was typed."""
    typed = request.args.get("code", "").strip()
    if typed:
        number = number_typed(db.session(), actor(), typed[:60])
        if number is not None:
            return redirect(url_for(".what_arrived", number=number), 303)
    return render_template("sites/find.html", typed=typed), 404 if typed else 200


@bp.route("/s/in/<number>", methods=["GET", "POST"])
@requires(Permission.RECEIPT_CONFIRM)
def what_arrived(number: str) -> ResponseReturnValue:
    """Ask what arrived, show what follows from it, and keep what is confirmed.

    A count that comes after another one is taken all the same: it is kept beside the first.
    """
    story = arrival(db.session(), actor(), number)
    form = ReceiptForm()
    fit(form.lines, len(story.lines))
    step = request.form.get("step", "")
    if not form.is_submitted():
        if story.counts and "again" not in request.args:
            return redirect(url_for(".kept", number=number), 303)
        return _question(story, form, 200)
    sound = form.validate() if step != "edit" else False
    answers = understand(form, story.lines) if step != "edit" else None
    if not sound or answers is None:
        return _question(story, form, 200 if step == "edit" else 422)
    if step == "confirm":
        return _keep(story, form, answers)
    return _check(story, form, answers, 200)


def _keep(story: Story, form: ReceiptForm, answers: list[Answer]) -> ResponseReturnValue:
    if not (form.received_by.data or "").strip():
        form.received_by.errors = [_("Write your name: it stands for your signature.")]
        return _check(story, form, answers, 422)
    try:
        with writing(db.session()) as session:
            once(session, actor(), command(form, story.number, answers), confirm_receipt)
    except Refusal as refusal:
        show_on(form, refusal)
        return _question(arrival(db.session(), actor(), story.number), form, 422)
    return redirect(url_for(".kept", number=story.number), 303)


@bp.get("/s/in/<number>/kept")
@requires(Permission.RECEIPT_CONFIRM)
def kept(number: str) -> ResponseReturnValue:
    """Show what the server has on record, with the number of the receipt."""
    story = arrival(db.session(), actor(), number)
    if not story.counts:
        return redirect(url_for(".what_arrived", number=number), 303)
    return render_template(
        "sites/kept.html", story=story, amount=amount, lines={n.number: n for n in story.lines}
    )


class LateForm(CommandForm):
    arrived_at = DateTimeLocalField(
        _l("When did it arrive?"),
        [InputRequired(_l("Write the day and the time."))],
        format="%Y-%m-%dT%H:%M",
    )
    lines = FieldList(FormField(PacksForm))


@bp.route("/s/in/<number>/late", methods=["GET", "POST"])
@requires(Permission.RECEIPT_CONFIRM)
def late(number: str) -> ResponseReturnValue:
    """Take in what was missing and arrived after all."""
    story = arrival(db.session(), actor(), number)
    # A second click comes when the first has closed the report, and is answered like the first.
    report = story.open_report or (story.reports[-1] if story.reports else None)
    if report is None or (request.method == "GET" and story.open_report is None):
        raise NotFound(f"nothing is missing of {number}")
    # One part a line of the paper: what is still missing changes while a form is open.
    form = LateForm()
    fit(form.lines, len(story.lines))
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(
                    session,
                    actor(),
                    _late_command(form, report.number, story.lines),
                    record_late_arrival,
                )
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Late arrival recorded."), "success")
            return redirect(url_for(".kept", number=number), 303)
    again = arrival(db.session(), actor(), number)
    return (
        render_template(
            "sites/late.html",
            story=again,
            missing=[
                (line, entry.form)
                for line, entry in zip(again.lines, form.lines, strict=True)
                if line.number in again.still_out
            ],
            form=form,
            amount=amount,
        ),
        422 if form.is_submitted() else 200,
    )


def _late_command(form: LateForm, report: str, lines: list[Line]) -> RecordLateArrival:
    return RecordLateArrival(
        command_id=str(form.command_id.data),
        report=report,
        lines=tuple(
            FoundLine(line=line.number, quantity=entry.form.units(line.pack_size))
            for line, entry in zip(lines, form.lines, strict=True)
        ),
        arrived_at=moment_typed(form.arrived_at),
    )


def _question(story: Story, form: ReceiptForm, status: int) -> ResponseReturnValue:
    return (
        render_template("sites/what_arrived.html", story=story, form=form, amount=amount),
        status,
    )


def _check(
    story: Story, form: ReceiptForm, answers: list[Answer], status: int
) -> ResponseReturnValue:
    return (
        render_template(
            "sites/check.html",
            story=story,
            form=form,
            answers=answers,
            sent=sent_before(),
            amount=amount,
            difference=difference,
        ),
        status,
    )
