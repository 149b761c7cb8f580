"""Goods in: what is expected, counting it, checking the count, saving the note."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import to_user_timezone

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.models import Pledge
from aidlog.donations.pledging import OPEN
from aidlog.donations.queries import detail, expected, receiving_warehouses
from aidlog.donations.queries import pledge as one_pledge
from aidlog.donations.receiving import receive_goods
from aidlog.extensions import db
from aidlog.registry.models import Item, Place
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.item_picking import as_typed
from aidlog.web.logistics.receiving_form import (
    MOST_LINES,
    Counted,
    ReceiveForm,
    command,
    labels,
    show_refusal,
    understand,
)

bp = Blueprint("receiving", __name__)


@bp.get("/receive")
@requires(Permission.GOODS_RECEIVE)
def expected_goods() -> ResponseReturnValue:
    """What should come, by day: the start of every receipt."""
    today = datetime.now(UTC).date()
    return render_template(
        "logistics/expected.html", rows=expected(db.session(), actor()), today=today
    )


@bp.route("/receive/new", methods=["GET", "POST"])
@requires(Permission.GOODS_RECEIVE)
def unpledged() -> ResponseReturnValue:
    """Receive goods that nobody pledged: bought, returned, or simply brought."""
    return _receive(None)


@bp.route("/receive/<code>", methods=["GET", "POST"])
@requires(Permission.GOODS_RECEIVE)
def pledged(code: str) -> ResponseReturnValue:
    """Receive goods of a pledge."""
    return _receive(one_pledge(db.session(), actor(), code))


def _receive(pledge: Pledge | None) -> ResponseReturnValue:
    session = db.session()
    places = receiving_warehouses(session, actor())
    if not places:
        raise NotFound("warehouse to receive in")
    if pledge is not None and pledge.state not in OPEN and request.method == "GET":
        return redirect(url_for("pledges.show", code=pledge.reference), 303)
    form = ReceiveForm()
    form.warehouse.choices = [(place.id, place.shown_as) for place in places]
    if not form.is_submitted():
        _prefill(form, pledge)
        return _form_page(form, pledge), 200
    act = request.form.get("act", "check")
    if act in {"add", "change"} or act.startswith("remove-"):
        _rearrange(form, act)
        return _form_page(form, pledge), 200
    sound = form.validate()
    # At saving, a count that was checked is sent as it is: had it been saved before, its own
    # goods would now seem to be more than is promised. The action looks at that again.
    counted = understand(session, form, pledge, against_promise=act == "check")
    if not sound or counted is None:
        form.renew()
        return _form_page(form, pledge), 422
    if act == "check":
        return _check_page(form, counted, pledge, places), 200
    return _save(form, counted, pledge, places)


def _save(
    form: ReceiveForm, counted: list[Counted], pledge: Pledge | None, places: list[Place]
) -> ResponseReturnValue:
    wanted = command(form, counted, _organisation(form, pledge, places), pledge)
    try:
        with writing(db.session()) as session:
            answer = once(session, actor(), wanted, receive_goods)
    except Refusal as refusal:
        show_refusal(form, refusal, counted)
        return _form_page(form, _again(pledge)), 422
    flash(_("%(grn)s saved. The goods are in stock.", grn=answer["grn"]), "success")
    return redirect(url_for("movements.document", code=answer["grn"]), 303)


def _again(pledge: Pledge | None) -> Pledge | None:
    """Return the pledge as it is now: what was read before the write is forgotten."""
    return None if pledge is None else db.session().get_one(Pledge, pledge.id)


def _organisation(form: ReceiveForm, pledge: Pledge | None, places: list[Place]) -> int:
    """Return who will own the goods: the pledge's organisation, else the warehouse's."""
    if pledge is not None:
        return pledge.organisation_id
    return next(place.organisation_id for place in places if place.id == int(form.warehouse.data))


def _prefill(form: ReceiveForm, pledge: Pledge | None) -> None:
    form.arrived_at.data = to_user_timezone(datetime.now(UTC)).replace(tzinfo=None)
    form.lines.append_entry()
    if pledge is not None:
        line = form.lines[0].form
        line.item.data = as_typed(db.session().get_one(Item, pledge.item_id))
        line.declared.data = pledge.quantity - pledge.received
        form.received_from.data = pledge.donor_name


def _rearrange(form: ReceiveForm, act: str) -> None:
    """Add an empty line, or take one away; nothing typed elsewhere is touched."""
    if act == "add" and len(form.lines) < MOST_LINES:
        form.lines.append_entry()
    elif act.startswith("remove-"):
        kept = [entry for entry in form.lines.entries if entry.id != act.removeprefix("remove-")]
        form.lines.entries = kept


def _form_page(form: ReceiveForm, pledge: Pledge | None) -> str:
    return render_template(
        "logistics/receive.html",
        form=form,
        pledge=pledge,
        detail=detail(db.session(), pledge) if pledge else None,
        labels=labels(db.session(), form),
        most=MOST_LINES,
    )


def _check_page(
    form: ReceiveForm, counted: list[Counted], pledge: Pledge | None, places: list[Place]
) -> str:
    sent = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in {"act", "csrf_token"}
    ]
    return render_template(
        "logistics/receive_check.html",
        form=form,
        counted=counted,
        pledge=pledge,
        warehouse=next(place for place in places if place.id == int(form.warehouse.data)),
        sent=sent,
    )
