"""Goods offered from one organisation to another, and what the other answers."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateTimeLocalField,
    FieldList,
    FormField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.handing_over import (
    DeclineOffer,
    OfferGoods,
    OfferLine,
    WithdrawOffer,
    decline_offer,
    offer_goods,
    withdraw_offer,
)
from aidlog.dispatch.handover_queries import (
    PAGE,
    HandoverStory,
    handover_story,
    handovers,
    other_organisations,
)
from aidlog.dispatch.models import HandoverState
from aidlog.dispatch.taking_over import AcceptOffer, accept_offer
from aidlog.extensions import db
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import PlaceKind
from aidlog.registry.queries import PlaceRow, places
from aidlog.stock.queries import LotAt, lots_at
from aidlog.web.counting import moment_typed
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.lot_rows import MOST_ROWS, LotRow, lay_out, show_on_lot, shown

bp = Blueprint("handovers", __name__, url_prefix="/offers")

STATES: dict[str, tuple[object, str]] = {
    HandoverState.OFFERED: (_l("waits for an answer"), "info"),
    HandoverState.ACCEPTED: (_l("accepted"), "good"),
    HandoverState.DECLINED: (_l("declined"), "warn"),
    HandoverState.WITHDRAWN: (_l("withdrawn"), ""),
}


class OfferForm(CommandForm):
    taker = SelectField(_l("To the organisation"), coerce=int)
    purpose = TextAreaField(
        _l("What the goods are for"),
        [InputRequired(_l("Write what the goods are for.")), Length(max=400)],
    )
    condition = StringField(_l("Their condition"), [Length(max=200)])
    lots = FieldList(FormField(LotRow), max_entries=MOST_ROWS)


class AcceptForm(CommandForm):
    destination = SelectField(_l("Bring them to"), coerce=int)
    expected_at = DateTimeLocalField(
        _l("They should be there"),
        [InputRequired(_l("Write when they should be there."))],
        format="%Y-%m-%dT%H:%M",
    )
    plate = StringField(_l("Number plate"), [Length(max=20)])
    driver = StringField(_l("Driver"), [Length(max=120)])
    carrier = StringField(_l("Carrier"), [Length(max=120)])


class NoForm(CommandForm):
    """Why the offer is declined or withdrawn."""

    note = StringField(_l("Why"), [Length(max=400)])


@bp.get("")
@requires(Permission.STOCK_VIEW)
def listing() -> ResponseReturnValue:
    """List offers to and from one's organisations."""
    everything = request.args.get("all") == "1"
    before = request.args.get("before", type=int)
    found = handovers(db.session(), actor(), only_open=not everything, before=before)
    return render_template(
        "logistics/handovers.html",
        rows=found[:PAGE],
        next_before=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        everything=everything,
        states=STATES,
        own=actor().organisation_ids,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.STOCK_APPROVE)
def new() -> ResponseReturnValue:
    """Offer goods of a warehouse: choose the warehouse, then how much of which lot."""
    stores = _stores(Permission.STOCK_APPROVE)
    store = next((one for one in stores if one.code == request.args.get("from")), None)
    if store is None:
        return render_template("logistics/handover_new.html", stores=stores, store=None, form=None)
    form = OfferForm()
    form.taker.choices = choices(other_organisations(db.session(), store.organisation_id))
    if not form.is_submitted():
        lay_out(form.lots, _free(store))
    elif form.validate():
        command = OfferGoods(
            command_id=str(form.command_id.data),
            warehouse_id=store.id,
            taker_id=form.taker.data,
            lines=tuple(
                OfferLine(lot_id=entry.form.lot_id, quantity=entry.form.quantity)
                for entry in form.lots
                if entry.form.quantity
            ),
            purpose=form.purpose.data or "",
            condition=form.condition.data or "",
        )
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), command, offer_goods)
        except Refusal as refusal:
            show_on_lot(form, form.lots, refusal)
        else:
            flash(_("Offer %(number)s is made.", number=answer["handover"]), "success")
            return redirect(url_for(".show", number=answer["handover"]), 303)
    return _offer_page(form, stores, store)


def _offer_page(form: OfferForm, stores: list[PlaceRow], store: PlaceRow) -> ResponseReturnValue:
    return (
        render_template(
            "logistics/handover_new.html",
            stores=stores,
            store=store,
            form=form,
            rows=shown(db.session(), form.lots, _free(store)),
        ),
        422 if form.is_submitted() else 200,
    )


def _free(store: PlaceRow) -> list[LotAt]:
    """Return what may be offered: free, in date, of the warehouse's own organisation."""
    today = datetime.now(UTC).date()
    return [
        lot
        for lot in lots_at(db.session(), AccountKind.WAREHOUSE, store.id)
        if lot.free > 0
        and lot.organisation_id == store.organisation_id
        and (lot.expires_on is None or lot.expires_on >= today)
    ]


def _stores(permission: Permission) -> list[PlaceRow]:
    return places(db.session(), actor(), kinds=(PlaceKind.WAREHOUSE,), permission=permission)


@bp.get("/<number>")
@requires(Permission.STOCK_VIEW)
def show(number: str) -> ResponseReturnValue:
    """Show an offer to whoever made it or may answer it."""
    return _shown(handover_story(db.session(), actor(), number), 200)


@bp.post("/<number>/accept")
@requires(Permission.STOCK_APPROVE)
def accept(number: str) -> ResponseReturnValue:
    """Own the goods from now on."""
    story = handover_story(db.session(), actor(), number)
    if not story.is_taker(actor()):
        raise NotFound(f"offer {number} to accept")
    form = _accept_form(story)
    if form.validate_on_submit():
        command = AcceptOffer(
            command_id=str(form.command_id.data),
            handover=number,
            destination_id=form.destination.data,
            expected_at=moment_typed(form.expected_at),
            plate=form.plate.data or "",
            driver=form.driver.data or "",
            carrier=form.carrier.data or "",
        )
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), command, accept_offer)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(
                _(
                    "The goods are yours, on the road under %(waybill)s."
                    " Count them when they come.",
                    waybill=answer["waybill"],
                ),
                "success",
            )
            return redirect(url_for(".show", number=number), 303)
    return _shown(handover_story(db.session(), actor(), number), 422, accepting=form)


@bp.post("/<number>/decline")
@requires(Permission.STOCK_APPROVE)
def decline(number: str) -> ResponseReturnValue:
    """Say no, and why."""
    form = NoForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                command = DeclineOffer(
                    command_id=str(form.command_id.data),
                    handover=number,
                    note=form.note.data or "",
                )
                once(session, actor(), command, decline_offer)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Offer %(number)s is declined.", number=number), "success")
            return redirect(url_for(".show", number=number), 303)
    return _shown(handover_story(db.session(), actor(), number), 422, declining=form)


@bp.post("/<number>/withdraw")
@requires(Permission.STOCK_APPROVE)
def withdraw(number: str) -> ResponseReturnValue:
    """Keep the goods after all."""
    form = CommandForm()
    if not form.validate_on_submit():
        raise NotFound(f"a form to withdraw {number}")
    with writing(db.session()) as session:
        command = WithdrawOffer(command_id=str(form.command_id.data), handover=number)
        once(session, actor(), command, withdraw_offer)
    flash(_("Offer %(number)s is withdrawn. Its goods are free again.", number=number), "success")
    return redirect(url_for(".show", number=number), 303)


def _accept_form(story: HandoverStory) -> AcceptForm:
    form = AcceptForm()
    stores = _stores(Permission.STOCK_APPROVE) if actor().may(Permission.STOCK_APPROVE) else []
    form.destination.choices = choices(
        (row.id, row.shown_as) for row in stores if row.organisation_id == story.handover.taker_id
    )
    return form


def _shown(
    story: HandoverStory,
    status: int,
    *,
    accepting: AcceptForm | None = None,
    declining: NoForm | None = None,
) -> ResponseReturnValue:
    here = actor()
    waits = story.handover.state is HandoverState.OFFERED
    answers = waits and story.is_taker(here) and here.may(Permission.STOCK_APPROVE)
    return (
        render_template(
            "logistics/handover.html",
            story=story,
            states=STATES,
            may_withdraw=waits
            and story.is_giver(here)
            and here.may(Permission.STOCK_APPROVE, at=story.handover.warehouse_id),
            may_answer=answers and here.user_id != story.handover.offered_by,
            own_offer=answers and here.user_id == story.handover.offered_by,
            is_taker=story.is_taker(here),
            accepting=accepting or _accept_form(story),
            declining=declining or NoForm(),
            form=accepting or declining,
            withdraw_form=CommandForm(),
        ),
        status,
    )
