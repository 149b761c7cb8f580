"""Goods ordered from a supplier: written down, expected, received in parts, closed."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, FieldList, FormField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from aidlog.core.actor import Permission
from aidlog.core.decimals import minor_digits, typed_decimal
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.models import PurchaseState
from aidlog.donations.purchase_queries import PAGE, PurchaseStory, purchase_story, purchases
from aidlog.donations.purchasing import (
    HIGHEST_PRICE,
    Bought,
    ClosePurchase,
    RecordPurchase,
    close_purchase,
    record_purchase,
)
from aidlog.donations.queries import receiving_warehouses
from aidlog.extensions import db
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.buying_list import from_list
from aidlog.web.logistics.item_rows import (
    MOST_ROWS,
    ItemRow,
    Meant,
    RowsForm,
    labels,
    show_on_row,
    typed,
)

bp = Blueprint("purchases", __name__, url_prefix="/purchases")

STATES: dict[str, tuple[object, str]] = {
    PurchaseState.ORDERED: (_l("ordered"), "info"),
    PurchaseState.PARTLY_RECEIVED: (_l("came in part"), "info"),
    PurchaseState.RECEIVED: (_l("closed"), "good"),
    PurchaseState.CANCELLED: (_l("cancelled"), ""),
}


class PurchaseForm(RowsForm):
    """Who sells what, for which warehouse; prices only where they are to be in the books."""

    supplier = StringField(
        _l("Supplier"), [InputRequired(_l("Write who sells the goods.")), Length(max=120)]
    )
    order_reference = StringField(_l("Number on the supplier’s papers"), [Length(max=60)])
    donor_name = StringField(_l("Who gave the money"), [Length(max=120)])
    warehouse = SelectField(_l("Brought to"), coerce=int)
    expected_on = DateField(_l("Expected"), [Optional()])
    currency = StringField(_l("Currency of the prices"), [Length(max=3)])
    rows = FieldList(FormField(ItemRow), max_entries=MOST_ROWS)


class CloseForm(CommandForm):
    """Why nothing more will come."""

    note = StringField(_l("Why"), [Length(max=200)])


@bp.get("")
@requires(Permission.STOCK_VIEW)
def listing() -> ResponseReturnValue:
    """List orders: the open ones by day, or all of them."""
    everything = request.args.get("all") == "1"
    before = request.args.get("before", type=int)
    found = purchases(db.session(), actor(), only_open=not everything, before=before)
    return render_template(
        "logistics/purchases.html",
        rows=found[:PAGE],
        next_before=found[PAGE - 1].id if everything and len(found) > PAGE else None,
        more=not everything and len(found) > PAGE,
        before=before,
        everything=everything,
        states=STATES,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.PURCHASE_RECORD)
def new() -> ResponseReturnValue:
    """Write down an order."""
    form = PurchaseForm(data=from_list(request.args))
    form.warehouse.choices = choices(
        (place.id, place.shown_as)
        for place in receiving_warehouses(db.session(), actor(), Permission.PURCHASE_RECORD)
    )
    if not form.warehouse.choices:
        raise NotFound("warehouse to order for")
    rows, status = typed(db.session(), form)
    if rows is None:
        return _page(form, status)
    try:
        command = _command(form, rows)
        with writing(db.session()) as session:
            answer = once(session, actor(), command, record_purchase)
    except Refusal as refusal:
        show_on_row(form, refusal)
        return _page(form, 422)
    flash(_("Order %(number)s is recorded.", number=answer["purchase"]), "success")
    return redirect(url_for(".show", number=answer["purchase"]), 303)


def _command(form: PurchaseForm, rows: list[Meant]) -> RecordPurchase:
    """Return the command.

    Raises:
        Refusal: a price is no amount of the currency.
    """
    currency = (form.currency.data or "").strip().upper()
    return RecordPurchase(
        command_id=str(form.command_id.data),
        warehouse_id=form.warehouse.data,
        supplier=form.supplier.data or "",
        order_reference=form.order_reference.data or "",
        donor_name=form.donor_name.data or "",
        currency=currency,
        expected_on=form.expected_on.data,
        lines=tuple(
            Bought(item_id=row.item.id, quantity=row.quantity, price=_price(row, currency))
            for row in rows
        ),
    )


def _price(row: Meant, currency: str) -> int | None:
    written = (row.row.price.data or "").strip()
    if not written:
        return None
    return typed_decimal(
        written,
        places=minor_digits(currency),
        field=f"price_{row.number}",
        largest=HIGHEST_PRICE,
    )


def _page(form: PurchaseForm, status: int) -> ResponseReturnValue:
    return (
        render_template(
            "logistics/purchase_new.html",
            form=form,
            labels=labels(db.session(), form.rows),
            most=MOST_ROWS,
        ),
        status,
    )


@bp.get("/<number>")
@requires(Permission.STOCK_VIEW)
def show(number: str) -> ResponseReturnValue:
    """Show an order: what came of it and what is still to come."""
    return _shown(purchase_story(db.session(), actor(), number), CloseForm(), 200)


@bp.post("/<number>/close")
@requires(Permission.GOODS_RECEIVE)
def close(number: str) -> ResponseReturnValue:
    """Expect nothing more."""
    form = CloseForm()
    if form.validate_on_submit():
        command = ClosePurchase(
            command_id=str(form.command_id.data), purchase=number, note=form.note.data or ""
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, close_purchase)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Order %(number)s is closed.", number=number), "success")
            return redirect(url_for(".show", number=number), 303)
    return _shown(purchase_story(db.session(), actor(), number), form, 422)


def _shown(story: PurchaseStory, form: CloseForm, status: int) -> ResponseReturnValue:
    return (
        render_template(
            "logistics/purchase.html", story=story, form=form, states=STATES, priced=priced
        ),
        status,
    )


def priced(amount: int | None, currency: str) -> str:
    """Return a price with its currency: 450.50 USD; a dash where it is not known."""
    if amount is None:
        return "–"
    digits = minor_digits(currency)
    pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
    return f"{format_decimal(Decimal(amount).scaleb(-digits), pattern)} {currency}"
