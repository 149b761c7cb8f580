"""A truck of another warehouse is counted in: what came good, damaged, short or too many."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import Answer as Answered
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.inbound import inbound_story
from aidlog.dispatch.models import WaybillState
from aidlog.dispatch.receipts import confirm_receipt
from aidlog.extensions import db
from aidlog.web.counting import (
    Answer,
    ReceiptForm,
    amount,
    command,
    difference,
    fit,
    sent_before,
    understand,
)
from aidlog.web.forms import show_on
from aidlog.web.guards import actor, requires

bp = Blueprint("receiving_trucks", __name__)


@bp.route("/receive/truck/<number>", methods=["GET", "POST"])
@requires(Permission.GOODS_RECEIVE)
def count(number: str) -> ResponseReturnValue:
    """Count a truck at the ramp, look at the count once more, and save it."""
    story = inbound_story(db.session(), actor(), number)
    if request.method == "GET" and story.waybill.state is not WaybillState.ON_THE_ROAD:
        raise NotFound(f"truck {number} on the road")
    form = ReceiptForm()
    fit(form.lines, len(story.lines))
    step = request.form.get("step", "")
    answers: list[Answer] | None = None
    if form.is_submitted() and step != "edit":
        sound = form.validate()
        understood = understand(form, story.lines)
        answers = understood if sound else None
    if answers is not None and step == "confirm":
        counted = answers
        try:
            with writing(db.session()) as session:
                asked = command(form, number, answers)
                answer = once(session, actor(), asked, confirm_receipt)
        except Refusal as refusal:
            show_on(form, refusal)
            answers = None
        else:
            return _saved(number, answer, counted)
    wrong = form.is_submitted() and step != "edit" and bool(form.errors or form.form_errors)
    return (
        render_template(
            "logistics/receive_truck.html",
            story=inbound_story(db.session(), actor(), number),
            form=form,
            answers=answers,
            sent=sent_before(),
            amount=amount,
            difference=difference,
        ),
        422 if wrong else 200,
    )


def _saved(number: str, answer: Answered, counted: list[Answer]) -> ResponseReturnValue:
    """Lead on: to the note of what came, or to the waybill where nothing did."""
    if not any(one.counted.good or one.counted.damaged for one in counted):
        flash(_("Nothing came. Loss report %(number)s is open.", number=answer["loss_report"]))
        return redirect(url_for("waybills.show", number=number), 303)
    flash(_("%(grn)s saved. The goods are in stock.", grn=answer["receipt"]), "success")
    if answer["loss_report"]:
        flash(_("Loss report %(number)s is open.", number=answer["loss_report"]), "warning")
    return redirect(url_for("movements.document", code=answer["receipt"]), 303)
