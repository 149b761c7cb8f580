"""What assessments found sites to need: the list, a new one, a wrong figure withdrawn."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, FieldList, FormField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.finding import sites_of
from aidlog.extensions import db
from aidlog.needs.assessments import (
    Found,
    RecordAssessment,
    WithdrawAssessment,
    record_assessment,
    withdraw_assessment,
)
from aidlog.needs.models import Confidence
from aidlog.needs.requisition_queries import PAGE, assessments
from aidlog.needs.wording import CONFIDENCES
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.item_rows import MOST_ROWS, ItemRow, RowsForm, labels, show_on_row, typed
from aidlog.web.logistics.registry_words import offered, said

bp = Blueprint("assessments", __name__, url_prefix="/assessments")


class AssessForm(RowsForm):
    """What was found at a site, in whole, item by item."""

    site = SelectField(_l("Site"), coerce=int)
    assessed_on = DateField(_l("Assessed on"), [InputRequired(_l("Write the day."))])
    valid_until = DateField(_l("Holds until"), [Optional()])
    source = StringField(_l("Source"), [Length(max=200)])
    method = StringField(_l("Method"), [Length(max=200)])
    confidence = SelectField(_l("How it is known"))
    rows = FieldList(FormField(ItemRow), max_entries=MOST_ROWS)


class WithdrawForm(CommandForm):
    note = StringField(_l("Why"), [Length(max=200)])


@bp.get("")
@requires(Permission.NEEDS_VIEW)
def listing() -> ResponseReturnValue:
    """List what was found, the newest first."""
    return _list(WithdrawForm(formdata=None), None, 200)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.POPULATION_UPDATE)
def new() -> ResponseReturnValue:
    """Record what an assessment found at a site."""
    form = AssessForm()
    sites = sites_of(db.session(), actor(), Permission.POPULATION_UPDATE)
    if not sites:
        raise NotFound("site to assess")
    form.site.choices = choices((site.id, site.shown_as) for site in sites)
    form.confidence.choices = offered(CONFIDENCES)
    if not form.is_submitted():
        asked = next((site.id for site in sites if site.code == request.args.get("site")), None)
        form.site.data = asked or sites[0].id
        form.assessed_on.data = datetime.now(UTC).date()
    rows, status = typed(db.session(), form)
    if rows is None:
        return _page(form, status)
    assessed_on = form.assessed_on.data
    assert isinstance(assessed_on, date)
    command = RecordAssessment(
        command_id=str(form.command_id.data),
        place_id=form.site.data,
        assessed_on=assessed_on,
        valid_until=form.valid_until.data,
        source=form.source.data or "",
        method=form.method.data or "",
        confidence=Confidence(form.confidence.data),
        lines=tuple(Found(item_id=row.item.id, quantity=row.quantity) for row in rows),
    )
    try:
        with writing(db.session()) as session:
            once(session, actor(), command, record_assessment)
    except Refusal as refusal:
        show_on_row(form, refusal)
        return _page(form, 422)
    flash(_("Assessment saved. It stands beside the need by standards."), "success")
    sees = actor().may(Permission.NEEDS_VIEW)
    return redirect(url_for("assessments.listing" if sees else "assessments.new"), 303)


@bp.post("/<int:assessment_id>/withdraw")
@requires(Permission.POPULATION_UPDATE)
def withdraw(assessment_id: int) -> ResponseReturnValue:
    """Take a wrong figure out of the sums; it stays on record. From the list, for who sees it."""
    actor().must(Permission.NEEDS_VIEW)
    form = WithdrawForm()
    if form.validate_on_submit():
        command = WithdrawAssessment(
            command_id=str(form.command_id.data),
            assessment_id=assessment_id,
            why=form.note.data or "",
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, withdraw_assessment)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Withdrawn. It stays on record and counts no more."), "success")
            return redirect(url_for("assessments.listing"), 303)
    return _list(form, assessment_id, 422)


def _page(form: AssessForm, status: int) -> ResponseReturnValue:
    return (
        render_template(
            "logistics/assessment_new.html",
            form=form,
            labels=labels(db.session(), form.rows),
            most=MOST_ROWS,
        ),
        status,
    )


def _list(form: WithdrawForm, of: int | None, status: int) -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    found = assessments(db.session(), actor(), before=before)
    return (
        render_template(
            "logistics/assessments.html",
            rows=found[:PAGE],
            next_before=found[PAGE - 1].id if len(found) > PAGE else None,
            before=before,
            confidences=said(CONFIDENCES),
            today=datetime.now(UTC).date(),
            form=form,
            withdrawing=of,
        ),
        status,
    )
