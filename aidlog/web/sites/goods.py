"""What stands at one's own site, what was handed out, and the list to sign."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, FieldList, FormField
from wtforms.validators import InputRequired

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.arrivals import handouts, site_stock
from aidlog.dispatch.finding import sites_of
from aidlog.dispatch.handing_out import HandedOut, RecordHandOut, record_handout
from aidlog.extensions import db
from aidlog.registry.models import Place
from aidlog.reports.distribution_sheet import Wanted, sheet_of_site
from aidlog.web.counting import ItemPacksForm, by_item, lay_out
from aidlog.web.forms import CommandForm, QuantityField, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.tongues import tongues

bp = Blueprint("site_goods", __name__)


@bp.get("/s/stock")
@requires(Permission.RECEIPT_CONFIRM)
def stock() -> ResponseReturnValue:
    """Show what stands here, first expiry first."""
    places, site = own_site(Permission.RECEIPT_CONFIRM)
    return render_template(
        "sites/stock.html",
        places=places,
        site=site,
        goods=site_stock(db.session(), site),
        today=datetime.now(UTC).date(),
    )


class GiveForm(CommandForm):
    handed_on = DateField(
        _l("Day of the distribution"), [InputRequired(_l("Write the day of the distribution."))]
    )
    households = QuantityField(_l("Households served"), largest=1_000_000)
    lines = FieldList(FormField(ItemPacksForm), max_entries=500)

    def command(self, site: Place) -> RecordHandOut:
        handed_on = self.handed_on.data
        assert isinstance(handed_on, date)
        return RecordHandOut(
            command_id=str(self.command_id.data),
            site=site.code,
            handed_on=handed_on,
            households=self.households.data or 0,
            lines=tuple(
                HandedOut(item_id=item_id, quantity=part.quantity)
                for item_id, part in by_item(self.lines).items()
            ),
        )


@bp.route("/s/give", methods=["GET", "POST"])
@requires(Permission.HANDOUT_RECORD)
def give() -> ResponseReturnValue:
    """Record what households were given on a day, in all."""
    places, site = own_site(Permission.HANDOUT_RECORD)
    form = GiveForm()
    if not form.is_submitted():
        shown = site_stock(db.session(), site)
        lay_out(form.lines, [(there.item.id, there.pack_size) for there in shown])
    elif form.validate():
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), form.command(site), record_handout)
        except Refusal as refusal:
            _show(form, refusal)
        else:
            flash(
                _(
                    "Recorded under %(number)s. The stock of the site is lower now.",
                    number=answer["handout"],
                ),
                "success",
            )
            return redirect(url_for(".give", site=site.code), 303)
    places, site = own_site(Permission.HANDOUT_RECORD)
    return (
        render_template(
            "sites/give.html",
            places=places,
            site=site,
            goods=site_stock(db.session(), site),
            form=form,
            parts=by_item(form.lines),
            last=handouts(db.session(), site, limit=5),
        ),
        422 if form.is_submitted() else 200,
    )


def _show(form: GiveForm, refusal: Refusal) -> None:
    """Show a refusal on the item that it names, else where the form shows it."""
    part = {f"item_{item}": part for item, part in by_item(form.lines).items()}.get(
        refusal.field or ""
    )
    show_on(form, refusal, field=part.where if part else None)


@bp.get("/s/sheet.pdf")
@requires(Permission.HANDOUT_RECORD)
def sheet() -> ResponseReturnValue:
    """Print the list that households sign, for what stands here now."""
    from aidlog.reports.distribution_sheet_pdf import distribution_sheet_pdf

    _places, site = own_site(Permission.HANDOUT_RECORD)
    first, second = tongues()
    wanted = Wanted(
        held_on=None,
        first=request.args.get("from", 1, type=int),
        last=request.args.get("to", type=int),
        languages=(first.language, second.language),
    )
    pdf = distribution_sheet_pdf(sheet_of_site(db.session(), site, wanted), first, second)
    return send_file(
        BytesIO(pdf), mimetype="application/pdf", download_name="distribution-sheet.pdf"
    )


def own_site(permission: Permission) -> tuple[list[Place], Place]:
    """Return the sites of who asks, and the one that the address names, else the first.

    Raises:
        NotFound: the address names none of theirs, or they have none.
    """
    places = sites_of(db.session(), actor(), permission)
    code = request.args.get("site")
    for place in places:
        if code is None or place.code == code:
            return places, place
    raise NotFound(f"site {code}")
