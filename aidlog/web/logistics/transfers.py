"""Warehouses of one organisation ask one another for goods, and send them by waybill."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, FieldList, FormField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.models import RequestState
from aidlog.dispatch.request_queries import (
    PAGE,
    RequestStory,
    request_story,
    transfer_requests,
    warehouses_to_ask,
)
from aidlog.dispatch.requesting import (
    Asked,
    EndRequest,
    RequestTransfer,
    cancel_request,
    decline_request,
    request_transfer,
)
from aidlog.donations.queries import receiving_warehouses
from aidlog.extensions import db
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.item_rows import MOST_ROWS, ItemRow, RowsForm, labels, show_on_row, typed
from aidlog.web.logistics.waybills import chips_of_states

bp = Blueprint("transfers", __name__, url_prefix="/transfers")

#: What a state is called, and the kind of its chip.
STATES: dict[str, tuple[object, str]] = {
    RequestState.OPEN: (_l("open"), "info"),
    RequestState.DONE: (_l("all on waybills"), "good"),
    RequestState.DECLINED: (_l("declined"), "warn"),
    RequestState.CANCELLED: (_l("cancelled"), ""),
}


class RequestForm(RowsForm):
    """Who asks whom, for what, until when."""

    destination = SelectField(_l("For the warehouse"), coerce=int)
    origin = SelectField(_l("From the warehouse"), coerce=int)
    wanted_by = DateField(_l("Wanted by"), [Optional()])
    remark = TextAreaField(_l("What it is for"), [Length(max=400)])
    rows = FieldList(FormField(ItemRow), max_entries=MOST_ROWS)

    def offer(self) -> None:
        """Fill the lists: one asks for where one receives, of any warehouse of one's own."""
        own = receiving_warehouses(db.session(), actor())
        self.destination.choices = choices((place.id, place.shown_as) for place in own)
        self.origin.choices = choices(
            (place.id, place.shown_as) for place in warehouses_to_ask(db.session(), actor())
        )


class EndForm(CommandForm):
    """Why nothing more is wanted, or sent."""

    note = StringField(_l("Why"), [Length(max=200)])


@bp.get("")
@requires(Permission.WAYBILL_VIEW)
def listing() -> ResponseReturnValue:
    """List what warehouses ask of one another."""
    everything = request.args.get("all") == "1"
    before = request.args.get("before", type=int)
    found = transfer_requests(db.session(), actor(), only_open=not everything, before=before)
    return render_template(
        "logistics/transfers.html",
        rows=found[:PAGE],
        next_before=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        everything=everything,
        states=STATES,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.GOODS_RECEIVE)
def new() -> ResponseReturnValue:
    """Ask another warehouse for goods."""
    form = RequestForm()
    form.offer()
    if not form.destination.choices:
        raise NotFound("warehouse to ask for")
    rows, status = typed(db.session(), form)
    if rows is None:
        return _page(form, status)
    command = RequestTransfer(
        command_id=str(form.command_id.data),
        origin_id=form.origin.data,
        destination_id=form.destination.data,
        lines=tuple(Asked(item_id=row.item.id, quantity=row.quantity) for row in rows),
        wanted_by=form.wanted_by.data,
        remark=form.remark.data or "",
    )
    try:
        with writing(db.session()) as session:
            answer = once(session, actor(), command, request_transfer)
    except Refusal as refusal:
        show_on_row(form, refusal)
        return _page(form, 422)
    flash(_("Request %(number)s is sent.", number=answer["request"]), "success")
    return redirect(url_for(".show", number=answer["request"]), 303)


def _page(form: RequestForm, status: int) -> ResponseReturnValue:
    return (
        render_template(
            "logistics/transfer_new.html",
            form=form,
            labels=labels(db.session(), form.rows),
            most=MOST_ROWS,
        ),
        status,
    )


@bp.get("/<number>")
@requires(Permission.WAYBILL_VIEW)
def show(number: str) -> ResponseReturnValue:
    """Show a request: what is asked, what is on waybills, what is still open."""
    return _shown(request_story(db.session(), actor(), number), EndForm(), 200)


@bp.post("/<number>/cancel")
@requires(Permission.GOODS_RECEIVE)
def cancel(number: str) -> ResponseReturnValue:
    """Want nothing more."""
    return _end(number, wanted=True)


@bp.post("/<number>/decline")
@requires(Permission.WAYBILL_LOAD)
def decline(number: str) -> ResponseReturnValue:
    """Send nothing more."""
    return _end(number, wanted=False)


def _end(number: str, *, wanted: bool) -> ResponseReturnValue:
    form = EndForm()
    if form.validate_on_submit():
        command = EndRequest(
            command_id=str(form.command_id.data), request=number, note=form.note.data or ""
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, cancel_request if wanted else decline_request)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Request %(number)s is closed.", number=number), "success")
            return redirect(url_for(".show", number=number), 303)
    return _shown(request_story(db.session(), actor(), number), form, 422)


def _shown(story: RequestStory, form: EndForm, status: int) -> ResponseReturnValue:
    here = actor()
    is_open = story.request.state is RequestState.OPEN
    return (
        render_template(
            "logistics/transfer.html",
            story=story,
            form=form,
            states=STATES,
            waybill_states=chips_of_states(),
            may_send=is_open and here.may(Permission.WAYBILL_LOAD, at=story.origin.id),
            may_cancel=is_open and here.may(Permission.GOODS_RECEIVE, at=story.destination.id),
        ),
        status,
    )
