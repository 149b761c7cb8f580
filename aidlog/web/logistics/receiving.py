"""Goods in: what is expected, counting it, checking the count, saving the note."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from sqlalchemy import select

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.inbound import inbound
from aidlog.donations.models import Pledge
from aidlog.donations.pledging import OPEN
from aidlog.donations.purchase_queries import purchase_story, purchases
from aidlog.donations.queries import detail, expected, receiving_warehouses
from aidlog.donations.queries import pledge as one_pledge
from aidlog.donations.receiving import receive_goods
from aidlog.extensions import db
from aidlog.registry.models import Item, Place
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.item_picking import as_typed, take_item
from aidlog.web.logistics.receiving_form import (
    MOST_LINES,
    Counted,
    Expected,
    ReceiveForm,
    command,
    labels,
    show_refusal,
    understand,
)

bp = Blueprint("receiving", __name__)

#: So many orders stand in the list of what is expected; the rest is a page further.
ORDERS_SHOWN = 20


@bp.get("/receive")
@requires(Permission.GOODS_RECEIVE)
def expected_goods() -> ResponseReturnValue:
    """What should come: trucks, orders, pledges by day. The start of every receipt."""
    now = datetime.now(UTC)
    orders = purchases(db.session(), actor(), may=Permission.GOODS_RECEIVE)
    return render_template(
        "logistics/expected.html",
        rows=expected(db.session(), actor()),
        trucks=inbound(db.session(), actor()),
        orders=orders[:ORDERS_SHOWN],
        more_orders=len(orders) > ORDERS_SHOWN,
        today=now.date(),
        now=now,
    )


@bp.route("/receive/new", methods=["GET", "POST"])
@requires(Permission.GOODS_RECEIVE)
def unpledged() -> ResponseReturnValue:
    """Receive goods that nobody announced: given, or bought without an order in the books."""
    return _receive(Expected())


@bp.route("/receive/order/<code>", methods=["GET", "POST"])
@requires(Permission.GOODS_RECEIVE)
def bought(code: str) -> ResponseReturnValue:
    """Receive goods of an order."""
    order = purchase_story(db.session(), actor(), code, may=Permission.GOODS_RECEIVE)
    return _receive(Expected(order=order))


@bp.route("/receive/<code>", methods=["GET", "POST"])
@requires(Permission.GOODS_RECEIVE)
def pledged(code: str) -> ResponseReturnValue:
    """Receive goods of a pledge."""
    return _receive(Expected(pledge=one_pledge(db.session(), actor(), code)))


def _receive(wanted: Expected) -> ResponseReturnValue:
    session = db.session()
    places = receiving_warehouses(session, actor())
    if not places:
        raise NotFound("warehouse to receive in")
    if request.method == "GET" and (closed := _closed(wanted)):
        return redirect(closed, 303)
    form = ReceiveForm()
    form.warehouse.choices = [(place.id, place.shown_as) for place in places]
    if not form.is_submitted():
        _prefill(form, wanted)
        return _form_page(form, wanted), 200
    act = request.form.get("act", "check")
    if act in {"add", "change"} or act.startswith(("remove-", "take-")):
        _rearrange(form, act)
        return _form_page(form, wanted), 200
    sound = form.validate()
    # At saving, a count that was checked is sent as it is: had it been saved before, its own
    # goods would now seem to be more than is promised. The action looks at that again.
    counted = understand(session, form, wanted.awaited, against_promise=act == "check")
    if not sound or counted is None:
        form.renew()
        return _form_page(form, wanted), 422
    if act == "check":
        return _check_page(form, counted, wanted, places), 200
    return _save(form, counted, wanted, places)


def _closed(wanted: Expected) -> str | None:
    """Return the page of a pledge or order of which nothing more is expected."""
    if wanted.pledge is not None and wanted.pledge.state not in OPEN:
        return url_for("pledges.show", code=wanted.pledge.reference)
    if wanted.order is not None and not wanted.order.is_open:
        return url_for("purchases.show", number=wanted.order.number)
    return None


def _save(
    form: ReceiveForm, counted: list[Counted], wanted: Expected, places: list[Place]
) -> ResponseReturnValue:
    asked = command(form, counted, _organisation(form, wanted, places), wanted)
    try:
        with writing(db.session()) as session:
            answer = once(session, actor(), asked, receive_goods)
    except Refusal as refusal:
        show_refusal(form, refusal, counted)
        return _form_page(form, _again(wanted)), 422
    flash(_("%(grn)s saved. The goods are in stock.", grn=answer["grn"]), "success")
    return redirect(url_for("movements.document", code=answer["grn"]), 303)


def _again(wanted: Expected) -> Expected:
    """Return the pledge or order as it is now: what was read before the write is forgotten."""
    if wanted.pledge is not None:
        return Expected(pledge=db.session().get_one(Pledge, wanted.pledge.id))
    if wanted.order is not None:
        number = wanted.order.number
        return Expected(
            order=purchase_story(db.session(), actor(), number, may=Permission.GOODS_RECEIVE)
        )
    return wanted


def _organisation(form: ReceiveForm, wanted: Expected, places: list[Place]) -> int:
    """Return who will own the goods: whose pledge or order it is, else the warehouse's owner."""
    if wanted.pledge is not None:
        return wanted.pledge.organisation_id
    if wanted.order is not None:
        return wanted.order.purchase.organisation_id
    return next(place.organisation_id for place in places if place.id == int(form.warehouse.data))


def _prefill(form: ReceiveForm, wanted: Expected) -> None:
    form.arrived_at.data = to_user_timezone(datetime.now(UTC)).replace(tzinfo=None)
    form.received_from.data = wanted.awaited.giver
    if wanted.order is not None:
        form.warehouse.data = wanted.order.purchase.warehouse_id
        form.order_reference.data = wanted.order.purchase.order_reference
    still = {item: units for item, units in (wanted.awaited.room or {}).items() if units}
    found = db.session().scalars(select(Item).where(Item.id.in_(still)))
    items = {item.id: item for item in found}
    for item_id, units in list(still.items())[:MOST_LINES]:
        form.lines.append_entry()
        line = form.lines[-1].form
        line.item.data = as_typed(items[item_id])
        line.declared.data = units
    if not len(form.lines):
        form.lines.append_entry()


def _rearrange(form: ReceiveForm, act: str) -> None:
    """Add an empty line, remove one, or take an item for one; nothing else typed is touched."""
    take_item(form.lines, act)
    if act == "add" and len(form.lines) < MOST_LINES:
        form.lines.append_entry()
    elif act.startswith("remove-"):
        kept = [entry for entry in form.lines.entries if entry.id != act.removeprefix("remove-")]
        form.lines.entries = kept


def _form_page(form: ReceiveForm, wanted: Expected) -> str:
    return render_template(
        "logistics/receive.html",
        form=form,
        wanted=wanted,
        pledge=wanted.pledge,
        order=wanted.order,
        detail=detail(db.session(), wanted.pledge) if wanted.pledge else None,
        labels=labels(db.session(), form),
        most=MOST_LINES,
    )


def _check_page(
    form: ReceiveForm, counted: list[Counted], wanted: Expected, places: list[Place]
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
        wanted=wanted,
        pledge=wanted.pledge,
        order=wanted.order,
        warehouse=next(place for place in places if place.id == int(form.warehouse.data)),
        sent=sent,
    )
