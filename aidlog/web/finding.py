"""Find anything by its number, code or name."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aidlog.core.actor import Permission
from aidlog.core.text import N_, Message
from aidlog.db.numbering import Series
from aidlog.extensions import db
from aidlog.registry.models import PlaceKind
from aidlog.reports.finding import MOST, SHORTEST, Found, FoundKind
from aidlog.reports.finding import find as found_for
from aidlog.stock.lots import lots_called
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.shell import has_page

bp = Blueprint("finding", __name__)

SERIES_NAMES = {
    Series.PLEDGE: N_("Pledge"),
    Series.CONSIGNMENT: N_("Consignment"),
    Series.GRN: N_("Goods received note"),
    Series.PLAN: N_("Plan"),
    Series.WAYBILL: N_("Waybill"),
    Series.RECEIPT: N_("Receipt"),
    Series.LOSS: N_("Loss report"),
    Series.HANDOUT: N_("Distribution"),
    Series.ADJUSTMENT: N_("Correction"),
    Series.COUNT: N_("Stock take"),
    Series.REVERSAL: N_("Reversal"),
    Series.REQUISITION: N_("Requisition"),
    Series.TRANSFER: N_("Transfer"),
    Series.REPACK: N_("Repacking"),
    Series.KIT: N_("Kits"),
    Series.HOLD: N_("Goods held back or let go"),
    Series.DISPOSAL: N_("Goods destroyed"),
    Series.SENT_BACK: N_("Goods sent back"),
    Series.HANDOVER: N_("Offer to another organisation"),
    Series.PURCHASE: N_("Order from a supplier"),
    Series.RECALL: N_("Recall"),
}
PLACE_NAMES = {
    PlaceKind.WAREHOUSE: N_("Warehouse"),
    PlaceKind.COLLECTION_POINT: N_("Collection point"),
    PlaceKind.SITE: N_("Site"),
}
#: Where a document of a series is shown; the others are named, and found in their lists.
_PAGES = {
    Series.PLEDGE: "/pledges/{code}",
    Series.PLAN: "/plans/{code}",
    Series.WAYBILL: "/waybills/{code}",
    Series.GRN: "/documents/{code}",
    Series.ADJUSTMENT: "/documents/{code}",
    Series.REVERSAL: "/documents/{code}",
    Series.RECEIPT: "/documents/{code}",
    Series.LOSS: "/documents/{code}",
    Series.HANDOUT: "/documents/{code}",
    Series.COUNT: "/counts/{code}",
    Series.REPACK: "/documents/{code}",
    Series.KIT: "/documents/{code}",
    Series.HOLD: "/documents/{code}",
    Series.DISPOSAL: "/documents/{code}",
    Series.SENT_BACK: "/documents/{code}",
    Series.RECALL: "/recalls/{code}",
    Series.TRANSFER: "/transfers/{code}",
    Series.REQUISITION: "/requisitions/{code}",
    Series.HANDOVER: "/offers/{code}",
    Series.PURCHASE: "/purchases/{code}",
}


@bp.get("/find")
@requires(Permission.HOME_VIEW)
def find() -> ResponseReturnValue:
    """Search for what was typed; nothing typed is the empty page with the box."""
    if (scanned := request.args.get("lot", "").strip()[:40]) and actor().may(Permission.STOCK_VIEW):
        item = request.args.get("item", "").strip()[:40]
        lots = lots_called(db.session(), actor(), scanned, item_code=item, exactly=True)
        if len(lots) == 1:
            return redirect(url_for("lots.show", lot_id=lots[0][0].id), 303)
    typed = request.args.get("q", "") or request.args.get("lot", "")
    hits = found_for(db.session(), actor(), typed, language())
    rows = [(hit, _label(hit), _address(hit)) for hit in hits]
    return render_template("home/find.html", typed=typed, rows=rows, shortest=SHORTEST, most=MOST)


def _label(hit: Found) -> str:
    if hit.kind is FoundKind.ITEM:
        return say(Message(N_("Item")))
    if hit.kind is FoundKind.LOT:
        return say(Message(N_("Lot")))
    if hit.kind is FoundKind.PLACE:
        return say(Message(PLACE_NAMES[PlaceKind(hit.detail)]))
    return say(Message(SERIES_NAMES[Series(hit.detail)]))


def _address(hit: Found) -> str:
    """Return where the hit is shown; empty where no page of this installation shows it."""
    if hit.kind is FoundKind.ITEM:
        path = f"/stock?item={hit.code}"
    elif hit.kind is FoundKind.LOT:
        path = f"/lots/{hit.detail}"
    elif hit.kind is FoundKind.PLACE:
        path = f"/sites/{hit.code}" if hit.detail == PlaceKind.SITE else f"/stock/{hit.code}"
    else:
        path = _PAGES.get(Series(hit.detail), "").format(code=hit.code)
    return path if path and has_page(path.partition("?")[0]) else ""
