"""Stock: what there is, the card of an item, and corrections of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.kits import contents
from aidlog.registry.models import Item, Place
from aidlog.registry.queries import categories, item_by_code
from aidlog.stock.adjusting import REASONS, CorrectStock, correct_stock
from aidlog.stock.card import Card, balance_on, balances, card, card_page, shelf_of
from aidlog.stock.levels import (
    LevelFilter,
    by_warehouse,
    issue_packs,
    levels,
    warehouses,
)
from aidlog.stock.models import Correcting, Reason
from aidlog.stock.queries import lot_item
from aidlog.stock.takes import last_take
from aidlog.stock.wording import REASON_WORDS
from aidlog.web.filters import quantity as amount
from aidlog.web.forms import CommandForm, QuantityField, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.balance_chart import balance_chart
from aidlog.web.logistics.stock_rows import Counted, card_rows, list_rows, lot_rows
from aidlog.web.tongues import tongues

bp = Blueprint("stock", __name__)

PAGE = 25
#: An expiry within these days is shown on a chip; the first limit says "use first".
SOON = timedelta(days=30)
NEAR = timedelta(days=90)

WHAT_WORDS = {
    Correcting.ADD: _l("Add to the books: more are there than the card says"),
    Correcting.TAKE_OFF: _l("Take off the books: fewer are there, or they are gone"),
    Correcting.HOLD: _l("Hold back: damaged, expired or to be checked"),
    Correcting.TAKE_OFF_HELD: _l("Take off the books what was held back"),
}


@bp.get("/stock")
@requires(Permission.STOCK_VIEW)
def listing() -> ResponseReturnValue:
    """What there is of each item, over all warehouses that one may see."""
    if code := request.args.get("item", ""):
        return _item(item_by_code(db.session(), code))
    return _list(None)


@bp.get("/stock/<warehouse>")
@requires(Permission.STOCK_VIEW)
def warehouse(warehouse: str) -> ResponseReturnValue:
    """What there is of each item in one warehouse."""
    return _list(warehouse)


@bp.get("/stock/<warehouse>/<path:item>")
@requires(Permission.STOCK_VIEW)
def show_card(warehouse: str, item: str) -> ResponseReturnValue:
    """The stock card: figures, lots, balance, every movement with the balance after it."""
    session = db.session()
    shown = card(session, actor(), warehouse, item)
    before = request.args.get("before", type=int)
    page = card_page(session, actor(), shown, before=before)
    today = datetime.now(UTC).date()
    pack = issue_packs(session, [shown.item.id]).get(shown.item.id)
    in_units = request.args.get("unit") == "units"
    counted = Counted.by(None if in_units else pack, shown.item.base_unit)
    asked = _day(request.args.get("on", ""))
    return render_template(
        "logistics/stock_card.html",
        card=shown,
        page=page,
        rows=card_rows(page.lines, counted),
        lots=lot_rows(shown, counted),
        before=before,
        pack=pack,
        counted=counted,
        chart=balance_chart(balances(session, actor(), shown, today=today), counted.size),
        today=today,
        chips=_chips(today),
        on=asked,
        stood=None
        if asked is None
        else balance_on(session, actor(), shown.warehouse, shown.item, asked),
        last_count=last_take(session, shown.warehouse.id, shown.item.id, actor().organisation_ids),
        is_kit=bool(contents(session, [shown.item.id])),
        may_correct=actor().may(Permission.STOCK_ADJUST, at=shown.warehouse.id),
        may_receive=actor().may(Permission.GOODS_RECEIVE, at=shown.warehouse.id),
    )


@bp.get("/stock/<warehouse>/<path:item>/card.pdf")
@requires(Permission.STOCK_VIEW)
def paper(warehouse: str, item: str) -> ResponseReturnValue:
    """Print the stock card: the newest lines, and the balance after each."""
    from aidlog.reports.stock_card_pdf import MOST_LINES, stock_card_pdf

    shown = card(db.session(), actor(), warehouse, item)
    page = card_page(db.session(), actor(), shown, limit=MOST_LINES)
    first, _second = tongues()
    return send_file(
        BytesIO(stock_card_pdf(shown, page, first)),
        mimetype="application/pdf",
        download_name=f"card-{warehouse}-{item}.pdf",
    )


class CorrectForm(CommandForm):
    """A correction of one lot of ``item_id``.

    A lot that was emptied since the form was shown is no longer offered and may still be
    sent: the books say what is left, and a repeated sending gets its first answer.
    """

    item_id = 0
    lot = SelectField(_l("Lot"), coerce=int, validate_choice=False)
    what = RadioField(
        _l("What is to be set right?"),
        [InputRequired(_l("Choose what is to be set right."))],
        # Letting go is decided by someone who approves stock, on the page of what is held.
        choices=choices((what.value, words) for what, words in WHAT_WORDS.items()),
    )
    quantity = QuantityField(_l("How many"), [InputRequired(_l("Write how many."))])
    reason = SelectField(
        _l("Why"),
        [InputRequired(_l("Choose why."))],
        choices=choices(
            [
                ("", _l("Choose a reason")),
                *((reason.value, _l(words)) for reason, words in REASON_WORDS.items()),
            ]
        ),
    )
    remark = StringField(_l("Remark"), [Length(max=400)])
    cites = StringField(_l("Waybill or note that the goods came on"), [Length(max=40)])

    def validate_lot(self, field: Field) -> None:
        if lot_item(db.session(), field.data) != self.item_id:
            raise ValidationError(_("Choose one from the list."))

    def command(self, warehouse_id: int) -> CorrectStock:
        return CorrectStock(
            command_id=str(self.command_id.data),
            warehouse_id=warehouse_id,
            lot_id=int(self.lot.data),
            what=Correcting(self.what.data),
            quantity=int(self.quantity.data),
            reason=Reason(self.reason.data),
            remark=self.remark.data or "",
            cites=self.cites.data or "",
        )


@bp.route("/stock/<warehouse>/<path:item>/correct", methods=["GET", "POST"])
@requires(Permission.STOCK_ADJUST)
def correct(warehouse: str, item: str) -> ResponseReturnValue:
    """Set the books right for a lot: more, fewer or held back."""
    place, goods = shelf_of(db.session(), actor(), warehouse, item)
    if not actor().may(Permission.STOCK_ADJUST, at=place.id):
        raise NotFound("correction")
    form = CorrectForm()
    form.item_id = goods.id
    if form.validate_on_submit():
        command = form.command(place.id)
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), command, correct_stock)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            if answer["waits"]:
                flash(
                    _(
                        "Correction %(code)s waits for a second person. Nothing has moved yet.",
                        code=answer["document"],
                    ),
                    "warning",
                )
                return redirect(url_for("corrections.show", code=answer["document"]), 303)
            flash(_("Correction %(code)s saved.", code=answer["document"]), "success")
            return redirect(url_for(".show_card", warehouse=warehouse, item=item), 303)
    return _correct_again(form, card(db.session(), actor(), warehouse, item))


def _correct_again(form: CorrectForm, shown: Card) -> ResponseReturnValue:
    """Show the form, for the first time or with what is wrong in it."""
    if not shown.lots and not form.is_submitted():
        raise NotFound("correction")
    form.lot.choices = [(lot.lot_id, _lot_words(shown, lot.lot_id)) for lot in shown.lots]
    if not form.is_submitted() and (lot := request.args.get("lot", type=int)):
        form.lot.data = lot
    return (
        render_template("logistics/stock_correct.html", form=form, card=shown, reasons=REASONS),
        422 if form.is_submitted() else 200,
    )


def _list(code: str | None) -> ResponseReturnValue:
    session = db.session()
    seen = warehouses(session, actor())
    place = _among(seen, code)
    today = datetime.now(UTC).date()
    expiring = request.args.get("expires", type=int)
    which = LevelFilter(
        warehouse_id=place.id if place else None,
        search=request.args.get("q", "").strip()[:80],
        category=request.args.get("category", "")[:40],
        expires_by=today + timedelta(days=min(max(expiring, 0), 3650))
        if expiring is not None
        else None,
    )
    after = request.args.get("after", "")
    rows = levels(session, actor(), which, after=after, near=today + NEAR, limit=PAGE + 1)
    only = place or (seen[0] if len(seen) == 1 else None)
    packed = issue_packs(session, [row.item.id for row in rows])
    return render_template(
        "logistics/stock_list.html",
        rows=list_rows(rows[:PAGE], packed, only),
        next_after=rows[PAGE - 1].item.code if len(rows) > PAGE else None,
        after=after,
        warehouses=seen,
        place=place,
        categories=categories(session),
        which=which,
        expiring=expiring,
        chips=_chips(today),
        may_receive=actor().may(Permission.GOODS_RECEIVE),
    )


def _item(item: Item) -> ResponseReturnValue:
    return render_template(
        "logistics/stock_item.html",
        item=item,
        rows=by_warehouse(db.session(), actor(), item),
        pack=issue_packs(db.session(), [item.id]).get(item.id),
        builders=_builders(item),
    )


def _builders(item: Item) -> list[Place]:
    """Return the warehouses in which the actor can build this item: none where it is no kit."""
    if not actor().may(Permission.STOCK_ADJUST) or not contents(db.session(), [item.id]):
        return []
    return [
        place
        for place in warehouses(db.session(), actor())
        if actor().may(Permission.STOCK_ADJUST, at=place.id)
    ]


def _among(seen: list[Place], code: str | None) -> Place | None:
    if code is None:
        return None
    for place in seen:
        if place.code == code:
            return place
    raise NotFound("warehouse")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _chips(today: date) -> dict[str, date]:
    return {"today": today, "soon": today + SOON, "near": today + NEAR}


def _lot_words(shown: Card, lot_id: int) -> str:
    lot = next(lot for lot in shown.lots if lot.lot_id == lot_id)
    return str(
        _(
            "%(lot)s: %(usable)s usable, %(reserved)s reserved, %(held)s held",
            lot=lot.number,
            usable=amount(lot.usable, shown.item.base_unit),
            reserved=amount(lot.reserved, shown.item.base_unit),
            held=amount(lot.held, shown.item.base_unit),
        )
    )
