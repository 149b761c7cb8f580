"""A truck comes back, or its signed paper is typed in; losses are decided."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateTimeLocalField,
    FieldList,
    FormField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.losses import (
    BookLoss,
    FoundLine,
    RecordLateArrival,
    book_loss,
    record_late_arrival,
)
from aidlog.dispatch.models import WaybillState
from aidlog.dispatch.queries import waybill_cited_by
from aidlog.dispatch.receipts import confirm_receipt
from aidlog.dispatch.returning import CameBack, ReturnToSender, return_to_sender
from aidlog.dispatch.story import Line, Story, story_of
from aidlog.extensions import db
from aidlog.web.counting import (
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
from aidlog.web.forms import CommandForm, QuantityField, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.waybills import in_state

bp = Blueprint("waybill_moving", __name__)

_WHEN = "%Y-%m-%dT%H:%M"


@bp.route("/waybills/<number>/receipt", methods=["GET", "POST"])
@requires(Permission.WAYBILL_LOAD)
def receipt(number: str) -> ResponseReturnValue:
    """Type in the paper that came back signed: the site's count, not one's own."""
    story = in_state(number, WaybillState.ON_THE_ROAD, WaybillState.RECEIVED, WaybillState.DISPUTED)
    form = ReceiptForm()
    fit(form.lines, len(story.lines))
    step = request.form.get("step", "")
    answers = None
    if form.is_submitted() and step != "edit":
        sound = form.validate()
        answers = understand(form, story.lines)
        answers = answers if sound else None
    if answers is not None and step == "confirm":
        if not (form.received_by.data or "").strip():
            form.received_by.errors = [_("Write who signed the paper.")]
        else:
            try:
                with writing(db.session()) as session:
                    asked = command(form, number, answers, channel="paper")
                    answer = once(session, actor(), asked, confirm_receipt)
            except Refusal as refusal:
                show_on(form, refusal)
                answers = None
            else:
                flash(_("Receipt %(number)s is recorded.", number=answer["receipt"]), "success")
                return redirect(url_for("waybills.show", number=number), 303)
    wrong = form.is_submitted() and step != "edit" and bool(form.errors or form.form_errors)
    return (
        render_template(
            "logistics/waybill_receipt.html",
            story=story_of(db.session(), actor(), number),
            form=form,
            answers=answers,
            sent=sent_before(),
            amount=amount,
            difference=difference,
        ),
        422 if wrong else 200,
    )


class BackPart(PacksForm):
    """What came back of one line in good state, and what of it is damaged beside that."""

    damaged = QuantityField(_l("Damaged, loose"))


class BackForm(CommandForm):
    """What came back, line by line, and when."""

    at = DateTimeLocalField(
        _l("When"), [InputRequired(_l("Write the day and the time."))], format=_WHEN
    )
    remark = StringField(_l("Why it came back"), [Length(max=200)])
    lines = FieldList(FormField(BackPart))


@bp.route("/waybills/<number>/return", methods=["GET", "POST"])
@requires(Permission.WAYBILL_LOAD)
def come_back(number: str) -> ResponseReturnValue:
    """Count what a truck brought back, onto the shelf again."""
    story = in_state(number, WaybillState.ON_THE_ROAD, WaybillState.DISPUTED)

    def asked(form: BackForm, lines: list[Line]) -> tuple[Any, Any]:
        return (
            ReturnToSender(
                command_id=str(form.command_id.data),
                waybill=number,
                lines=tuple(
                    CameBack(
                        line=line.number,
                        quantity=entry.form.units(line.pack_size),
                        damaged=entry.form.damaged.data or 0,
                    )
                    for line, entry in zip(lines, form.lines, strict=True)
                ),
                returned_at=moment_typed(form.at),
                remark=form.remark.data or "",
            ),
            return_to_sender,
        )

    return _counted_off(story, asked, late=False)


@bp.route("/waybills/<number>/late", methods=["GET", "POST"])
@requires(Permission.WAYBILL_LOAD)
def late(number: str) -> ResponseReturnValue:
    """Record for a site, from its paper, that what was missing arrived after all."""
    story = in_state(number, WaybillState.DISPUTED)
    report = story.open_report or (story.reports[-1] if story.reports else None)
    if report is None or (request.method == "GET" and story.open_report is None):
        raise NotFound(f"nothing is missing of {number}")

    def asked(form: BackForm, lines: list[Line]) -> tuple[Any, Any]:
        return (
            RecordLateArrival(
                command_id=str(form.command_id.data),
                report=report.number,
                lines=tuple(
                    FoundLine(line=line.number, quantity=entry.form.units(line.pack_size))
                    for line, entry in zip(lines, form.lines, strict=True)
                ),
                arrived_at=moment_typed(form.at),
            ),
            record_late_arrival,
        )

    return _counted_off(story, asked, late=True)


def _counted_off(story: Story, asked: Any, *, late: bool) -> ResponseReturnValue:
    """Show or take in the count of what comes off the road, at either end of it."""
    # One part a line of the paper, also for lines that are no longer out: a part that is found
    # by counting what is out would mean another line once some of it has come back.
    form = BackForm()
    fit(form.lines, len(story.lines))
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), *asked(form, story.lines))
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Count recorded."), "success")
            return redirect(url_for("waybills.show", number=story.number), 303)
    story = story_of(db.session(), actor(), story.number)
    return (
        render_template(
            "logistics/waybill_back.html",
            story=story,
            out=[
                (line, entry.form)
                for line, entry in zip(story.lines, form.lines, strict=True)
                if line.number in story.still_out
            ],
            form=form,
            late=late,
            amount=amount,
        ),
        422 if form.is_submitted() else 200,
    )


class LossForm(CommandForm):
    reason = TextAreaField(_l("What happened, as far as it is known"), [Length(max=400)])


@bp.route("/losses/<report>", methods=["GET", "POST"])
@requires(Permission.STOCK_APPROVE)
def decide(report: str) -> ResponseReturnValue:
    """Write off what is missing, as a second person."""
    number = waybill_cited_by(db.session(), report)
    story = story_of(db.session(), actor(), number, Permission.STOCK_APPROVE)
    form = LossForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                asked = BookLoss(
                    command_id=str(form.command_id.data),
                    report=report,
                    reason=form.reason.data or "",
                )
                once(session, actor(), asked, book_loss)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Loss booked under %(number)s.", number=report), "success")
            return redirect(url_for("waybills.show", number=story.number), 303)
    story = story_of(db.session(), actor(), story.number, Permission.STOCK_APPROVE)
    return (
        render_template(
            "logistics/loss.html",
            story=story,
            report=next(one for one in story.reports if one.number == report),
            lines={line.number: line for line in story.lines},
            form=form,
            amount=amount,
        ),
        422 if form.is_submitted() else 200,
    )
