"""Kits are built in a warehouse: the parts are proposed, first expiry first, and can be changed."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import InputRequired

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.quantity import whole_number
from aidlog.core.text import N_, Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.kits import KitList, contents
from aidlog.registry.models import Item, Place
from aidlog.stock.card import card
from aidlog.stock.kit_picking import PartPicks, most_kits, propose_picks
from aidlog.stock.kitting import MOST_KITS, BuildKits, Pick, build_kits
from aidlog.web.forms import CommandForm, QuantityField, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import say

bp = Blueprint("kit_building", __name__)


class BuildForm(CommandForm):
    """How many kits; the quantities per lot are fields named ``lot-<id>`` beside it."""

    kits = QuantityField(
        _l("How many kits"), [InputRequired(_l("Write how many kits."))], largest=MOST_KITS
    )
    version = HiddenField()


@bp.route("/stock/<warehouse>/<path:item>/build", methods=["GET", "POST"])
@requires(Permission.STOCK_ADJUST)
def build(warehouse: str, item: str) -> ResponseReturnValue:
    """Choose how many kits, see and change the lots, build them."""
    shown = card(db.session(), actor(), warehouse, item)
    place, kit = shown.warehouse, shown.item
    what = contents(db.session(), [kit.id]).get(kit.id)
    if what is None or not actor().may(Permission.STOCK_ADJUST, at=place.id):
        raise NotFound("kit to build")
    form = BuildForm()
    act = request.form.get("act", "propose")
    if not form.is_submitted():
        form.version.data = str(what.number)
        return _page(form, place, kit, what, kits=0, typed=None), 200
    if not form.validate() or not form.kits.data:
        form.renew()
        return _page(form, place, kit, what, kits=0, typed=None), 422
    kits = int(form.kits.data)
    if act != "build":
        form.version.data = str(what.number)
        return _page(form, place, kit, what, kits=kits, typed=None), 200
    try:
        command = BuildKits(
            command_id=str(form.command_id.data),
            warehouse_id=place.id,
            kit_id=kit.id,
            version=whole_number(form.version.data or "0"),
            kits=kits,
            picks=tuple(_picks()),
        )
        with writing(db.session()) as session:
            answer = once(session, actor(), command, build_kits)
    except Refusal as refusal:
        show_on(form, refusal)
        shown = card(db.session(), actor(), warehouse, item)
        what = contents(db.session(), [shown.item.id])[shown.item.id]
        form.version.data = str(what.number)
        return _page(form, shown.warehouse, shown.item, what, kits=kits, typed=request.form), 422
    flash(_("Kits built under %(code)s. Print their labels.", code=answer["document"]), "success")
    return redirect(url_for("lots.show", lot_id=answer["lot_id"]), 303)


def _picks() -> list[Pick]:
    """Return what was typed beside the lots; an empty field takes nothing."""
    picks = []
    for name, value in request.form.items():
        number = name.removeprefix("lot-")
        if name.startswith("lot-") and number.isascii() and number.isdecimal() and value.strip():
            try:
                quantity = whole_number(value)
            except Refusal as refusal:
                raise Refusal(
                    Message(N_("A quantity of a lot: {sentence}"), {"sentence": refusal.message})
                ) from refusal
            if quantity:
                picks.append(Pick(lot_id=int(number[:15]), quantity=quantity))
    return picks


def _page(
    form: BuildForm, place: Place, kit: Item, what: KitList, *, kits: int, typed: object
) -> str:
    rows = propose_picks(
        db.session(),
        place.id,
        what,
        max(kits, 1),
        organisations=actor().organisation_ids,
        today=datetime.now(UTC).date(),
    )
    return render_template(
        "logistics/kit_build.html",
        form=form,
        place=place,
        kit=kit,
        what=what,
        kits=kits,
        rows=rows,
        most=most_kits(rows),
        amounts=_amounts(rows, typed),
        said=say,
    )


def _amounts(rows: list[PartPicks], typed: object) -> dict[int, object]:
    """Return what stands in the field of each lot: what was typed, else what is proposed."""
    if typed is not None:
        return {
            lot.lot_id: request.form.get(f"lot-{lot.lot_id}", "")
            for row in rows
            for lot in row.lots
        }
    return {lot: number for row in rows for lot, number in row.picks.items()}
