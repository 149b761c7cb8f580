"""Goods that a site sends back are counted into a warehouse, lot by lot."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import to_user_timezone
from wtforms import DateTimeLocalField, FieldList, FormField, TextAreaField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.bringing_back import BroughtBack, ReturnFromSite, return_from_site
from aidlog.dispatch.offering import own_sites
from aidlog.donations.queries import receiving_warehouses
from aidlog.extensions import db
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Place
from aidlog.stock.queries import LotAt, lots_at
from aidlog.web.counting import moment_typed
from aidlog.web.forms import CommandForm, QuantityField
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.lot_rows import MOST_ROWS, LotRow, lay_out, show_on_lot, shown

bp = Blueprint("receiving_returns", __name__)


class BackRow(LotRow):
    """What came back of one lot in good state, and what of it is damaged beside that."""

    damaged = QuantityField(_l("Damaged, loose"))


class BackForm(CommandForm):
    at = DateTimeLocalField(
        _l("When"), [InputRequired(_l("Write the day and the time."))], format="%Y-%m-%dT%H:%M"
    )
    remark = TextAreaField(
        _l("Why the site sent them back"),
        [InputRequired(_l("Write why the site sent the goods back.")), Length(max=400)],
    )
    lots = FieldList(FormField(BackRow), max_entries=MOST_ROWS)


@bp.route("/receive/return", methods=["GET", "POST"])
@requires(Permission.GOODS_RECEIVE)
def choose() -> ResponseReturnValue:
    """Choose site and warehouse, then count what came back of which lot."""
    stores = receiving_warehouses(db.session(), actor())
    sites = own_sites(db.session(), actor())
    store = next((one for one in stores if one.code == request.args.get("to")), None)
    site = next((one for one in sites if one.code == request.args.get("from")), None)
    if not stores:
        raise NotFound("warehouse to receive in")
    if store is None or site is None:
        return render_template(
            "logistics/receive_return.html", stores=stores, sites=sites, form=None
        )
    return _count(site, store)


def _count(site: Place, store: Place) -> ResponseReturnValue:
    form = BackForm()
    if not form.is_submitted():
        form.at.data = to_user_timezone(datetime.now(UTC)).replace(tzinfo=None)
        lay_out(form.lots, _there(site, store))
    elif form.validate():
        command = ReturnFromSite(
            command_id=str(form.command_id.data),
            site_id=site.id,
            warehouse_id=store.id,
            lines=tuple(
                BroughtBack(
                    lot_id=entry.form.lot_id,
                    good=entry.form.quantity,
                    damaged=entry.form.damaged.data or 0,
                )
                for entry in form.lots
                if entry.form.quantity or entry.form.damaged.data
            ),
            returned_at=moment_typed(form.at),
            remark=form.remark.data or "",
        )
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), command, return_from_site)
        except Refusal as refusal:
            show_on_lot(form, form.lots, refusal)
        else:
            flash(_("%(grn)s saved. The goods are in stock.", grn=answer["grn"]), "success")
            return redirect(url_for("movements.document", code=answer["grn"]), 303)
    return (
        render_template(
            "logistics/receive_return.html",
            form=form,
            site=site,
            store=store,
            rows=shown(db.session(), form.lots, _there(site, store)),
        ),
        422 if form.is_submitted() else 200,
    )


def _there(site: Place, store: Place) -> list[LotAt]:
    """Return the lots of the warehouse's organisation that a site holds; not how much of them."""
    return [
        lot
        for lot in lots_at(db.session(), AccountKind.SITE, site.id)
        if lot.organisation_id == store.organisation_id
    ]
