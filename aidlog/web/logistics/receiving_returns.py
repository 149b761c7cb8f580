"""Goods that a site sends back are counted into a warehouse, lot by lot."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import to_user_timezone
from wtforms import DateTimeLocalField, FieldList, FormField, HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.bringing_back import BroughtBack, ReturnFromSite, return_from_site
from aidlog.dispatch.offering import own_sites
from aidlog.donations.queries import receiving_warehouses
from aidlog.extensions import db
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, Place
from aidlog.stock.queries import LotAt, lots_at
from aidlog.web.counting import PacksForm, moment_typed
from aidlog.web.forms import CommandForm, QuantityField, show_on
from aidlog.web.guards import actor, requires

bp = Blueprint("receiving_returns", __name__)


class BackRow(PacksForm):
    """How much of one lot came back; it says which, and how large its packs are."""

    lot = HiddenField(validators=[Regexp(r"[0-9]{1,15}\Z")])
    size = HiddenField(validators=[Regexp(r"[0-9]{1,15}\Z")])
    damaged = QuantityField(_l("Damaged, loose"))

    @property
    def lot_id(self) -> int:
        return int(self.lot.data or 0)

    @property
    def good(self) -> int:
        """Base units in good state."""
        return self.units(int(self.size.data or 0))


class BackForm(CommandForm):
    at = DateTimeLocalField(
        _l("When"), [InputRequired(_l("Write the day and the time."))], format="%Y-%m-%dT%H:%M"
    )
    remark = TextAreaField(
        _l("Why the site sent them back"),
        [InputRequired(_l("Write why the site sent the goods back.")), Length(max=400)],
    )
    lots = FieldList(FormField(BackRow), max_entries=1000)


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
        for lot in _there(site, store):
            form.lots.append_entry({"lot": str(lot.lot_id), "size": str(lot.pack_size)})
    elif form.validate():
        command = ReturnFromSite(
            command_id=str(form.command_id.data),
            site_id=site.id,
            warehouse_id=store.id,
            lines=tuple(
                BroughtBack(
                    lot_id=entry.form.lot_id,
                    good=entry.form.good,
                    damaged=entry.form.damaged.data or 0,
                )
                for entry in form.lots
                if entry.form.good or entry.form.damaged.data
            ),
            returned_at=moment_typed(form.at),
            remark=form.remark.data or "",
        )
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), command, return_from_site)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("%(grn)s saved. The goods are in stock.", grn=answer["grn"]), "success")
            return redirect(url_for("movements.document", code=answer["grn"]), 303)
    lots = {lot.lot_id: lot for lot in _there(site, store)}
    return (
        render_template(
            "logistics/receive_return.html",
            form=form,
            site=site,
            store=store,
            rows=[
                (
                    lots[entry.form.lot_id],
                    db.session().get_one(Item, lots[entry.form.lot_id].item_id),
                    entry.form,
                )
                for entry in form.lots
                if entry.form.lot_id in lots
            ],
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
