"""Labels with a QR code, for a lot or for all lots of a goods received note."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, NumberRange

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound
from aidlog.extensions import db
from aidlog.registry.models import Item, Organisation
from aidlog.reports.labels_pdf import LAYOUTS, MOST, Label, LabelSize, labels_pdf
from aidlog.stock.documents import document_story
from aidlog.stock.lots import lot_of
from aidlog.stock.models import Lot
from aidlog.stock.queries import IN_STORE
from aidlog.web.forms import Form, QuantityField, choices
from aidlog.web.guards import actor, requires
from aidlog.web.sessions import settings
from aidlog.web.tongues import tongues

bp = Blueprint("labels", __name__)

SIZES = {
    LabelSize.SMALL: _l("Small: 24 on a page of A4, 70 × 37 mm"),
    LabelSize.MEDIUM: _l("Medium: 8 on a page of A4, 105 × 74 mm"),
    LabelSize.LARGE: _l("Large: 2 on a page of A4"),
    LabelSize.SINGLE: _l("One on a page of 100 × 70 mm, for a label printer"),
}


class LabelForm(Form):
    """What to print; it changes nothing, so it is sent by GET."""

    class Meta(Form.Meta):
        """A question, not a command."""

        csrf = False

    size = SelectField(
        _l("Size"), choices=choices((size.value, words) for size, words in SIZES.items())
    )
    copies = QuantityField(
        _l("How many of each"),
        [InputRequired(_l("Write how many.")), NumberRange(1, MOST)],
        largest=MOST,
    )
    marking = BooleanField(_l("With the donor's name"))


@bp.get("/lots/<int:lot_id>/labels")
@requires(Permission.STOCK_VIEW)
def choose(lot_id: int) -> ResponseReturnValue:
    """Choose size and number of labels for a lot; print them."""
    lot = lot_of(db.session(), actor(), lot_id)
    return _labels([lot], f"lot-{lot.id}", lot=lot)


@bp.get("/documents/<code>/labels")
@requires(Permission.STOCK_VIEW)
def of_document(code: str) -> ResponseReturnValue:
    """Choose size and number of labels for the lots that a document brought in."""
    story = document_story(db.session(), actor(), code)
    ids = list(
        dict.fromkeys(line.lot_id for line, _ in story.lines if line.target.kind in IN_STORE)
    )
    if not ids:
        raise NotFound("lots of a document")
    return _labels([lot_of(db.session(), actor(), one) for one in ids], code, code=code)


def _labels(lots: list[Lot], name: str, **shown: object) -> ResponseReturnValue:
    asked = "size" in request.args
    form = LabelForm(request.args if asked else None)
    if not asked:
        form.size.data = LabelSize.MEDIUM.value
        form.copies.data = LAYOUTS[LabelSize.MEDIUM].on_page
    elif form.validate():
        copies = int(form.copies.data)
        wanted = [(_label(lot, marked=bool(form.marking.data)), copies) for lot in lots]
        if copies * len(lots) <= MOST:
            pdf = labels_pdf(wanted, LabelSize(form.size.data), *tongues())
            return send_file(
                BytesIO(pdf), mimetype="application/pdf", download_name=f"{name}-labels.pdf"
            )
        form.copies.errors = [_l("Print at most 1000 labels at once.")]
    page = render_template("logistics/labels.html", form=form, lots=lots, **shown)
    return page, 422 if asked else 200


def _label(lot: Lot, *, marked: bool) -> Label:
    session = db.session()
    item = session.get_one(Item, lot.item_id)
    first, second = tongues()
    owner = session.get_one(Organisation, lot.organisation_id)
    base = (settings().base_url or request.host_url).rstrip("/")
    return Label(
        names=(item.name_in(first.language), item.name_in(second.language)),
        code=item.code,
        lot=lot.number,
        expires_on=lot.expires_on,
        pack_kind=lot.pack_kind,
        pack_size=lot.pack_size,
        unit=item.base_unit,
        owner=owner.name,
        marking=lot.donor_name if marked else "",
        qr=f"{base}/find?{urlencode({'lot': lot.number, 'item': item.code})}",
    )
