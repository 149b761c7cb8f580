"""Stock takes: opened, counted on a blind sheet, on screen or from paper; lots found."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import Organisation, PackKind, Place
from aidlog.stock.count_sheets import AddFoundLot, OpenCount, add_found_lot, open_count
from aidlog.stock.counting import KeepDraft, RecordCounts, keep_draft, record_counts
from aidlog.stock.levels import warehouses
from aidlog.stock.models import TakeScope, TakeState
from aidlog.stock.takes import (
    LINES,
    PAGE,
    SheetLine,
    Take,
    differences,
    sheet_lines,
    take_called,
    takes,
    zones_of,
)
from aidlog.stock.zones import LONGEST, PutInZone, SetZones, set_zones, zoned_lots
from aidlog.web.filters import quantity
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import say
from aidlog.web.logistics.count_forms import (
    FoundForm,
    OpenForm,
    SheetForm,
    line_called,
)
from aidlog.web.logistics.count_words import RECOUNTS, STATES, scope_words
from aidlog.web.logistics.item_picking import WhichItem, item_typed
from aidlog.web.logistics.receiving_form import PACK_LABELS, UNIT_LABELS
from aidlog.web.sessions import settings
from aidlog.web.tongues import tongues

bp = Blueprint("counts", __name__)


@bp.get("/counts")
@requires(Permission.STOCK_VIEW)
def listing() -> ResponseReturnValue:
    """List stock takes, newest first."""
    everything = request.args.get("all") == "1"
    before = request.args.get("before", type=int)
    found = takes(db.session(), actor(), only_open=not everything, before=before)
    return render_template(
        "logistics/counts.html",
        rows=found[:PAGE],
        next_before=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        everything=everything,
        states=STATES,
        scope_words=scope_words,
        may_open=actor().may(Permission.STOCK_ADJUST),
    )


@bp.route("/counts/new", methods=["GET", "POST"])
@requires(Permission.STOCK_ADJUST)
def new() -> ResponseReturnValue:
    """Choose what is counted, and open the sheet."""
    form = OpenForm()
    places = _countable()
    if not places:
        raise NotFound("warehouse to count")
    form.warehouse.choices = choices((place.id, place.shown_as) for place in places)
    owners = db.session().scalars(
        select(Organisation)
        .where(Organisation.id.in_(actor().organisation_ids))
        .order_by(Organisation.name)
    )
    form.organisation.choices = choices((one.id, one.name) for one in owners)
    if not form.is_submitted():
        _asked_for(form, places)
    elif form.validate():
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), _opening(form), open_count)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Stock take %(code)s is open.", code=answer["take"]), "success")
            return redirect(url_for("count_deciding.show", code=answer["take"]), 303)
    chosen = next((one for one in places if one.id == form.warehouse.data), places[0])
    return (
        render_template(
            "logistics/count_new.html",
            form=form,
            zones=zones_of(db.session(), actor(), [place.id for place in places]),
            chosen=chosen,
        ),
        422 if form.is_submitted() else 200,
    )


def _countable() -> list[Place]:
    return [
        place
        for place in warehouses(db.session(), actor())
        if place.active and actor().may(Permission.STOCK_ADJUST, at=place.id)
    ]


def _asked_for(form: OpenForm, places: list[Place]) -> None:
    """Fill in what the page that led here was about."""
    code = request.args.get("warehouse", "")
    place = next((one for one in places if one.code == code), places[0])
    form.warehouse.data = place.id
    own = actor().organisation_ids
    form.organisation.data = place.organisation_id if place.organisation_id in own else min(own)
    if item := request.args.get("item", "")[:40]:
        form.scope.data, form.items.data = TakeScope.ITEMS.value, item
    else:
        form.scope.data = TakeScope.ALL.value


def _opening(form: OpenForm) -> OpenCount:
    scope = TakeScope(form.scope.data)
    items: tuple[int, ...] = ()
    if scope is TakeScope.ITEMS:
        named = [one for one in (form.items.data or "").replace(";", ",").split(",") if one.strip()]
        try:
            items = tuple(item_typed(db.session(), one).id for one in named)
        except WhichItem as refusal:
            refusal.field = "items"
            raise
    return OpenCount(
        command_id=str(form.command_id.data),
        warehouse_id=int(form.warehouse.data),
        organisation_id=int(form.organisation.data),
        scope=scope,
        zone=form.zone.data or "",
        items=items,
    )


@bp.route("/counts/<code>/sheet", methods=["GET", "POST"])
@requires(Permission.STOCK_ADJUST)
def sheet(code: str) -> ResponseReturnValue:
    """The blind sheet: what stands there, line by line. No figure of the books is shown."""
    session = db.session()
    take = _counting(code)
    everything = request.args.get("all") == "1"
    page = max(0, request.args.get("page", 0, type=int))
    form = SheetForm()
    if form.is_submitted():
        ids = [entry.form.line_id for entry in form.lines]
        by_id = {line.id: line for line in sheet_lines(session, actor(), take.take, lines=ids)}
        if not by_id.keys() >= set(ids):
            raise NotFound("a line of the sheet")
        shown = [by_id[id_] for id_ in ids]
        draft = request.form.get("act") == "draft"
        answer = _keep(form, code) if draft else _save(form, code, by_id)
        if answer is not None:
            return answer
        more = False
    else:
        wanted = sheet_lines(session, actor(), take.take, only_open=not everything, page=page)
        shown, more = wanted[:LINES], len(wanted) > LINES
        form.lay_out(shown)
    return (
        render_template(
            "logistics/count_sheet.html",
            take=take,
            form=form,
            rows=list(zip(shown, form.lines, strict=True)),
            more=more,
            page=page,
            everything=everything,
            paper=request.args.get("paper") == "1",
            recounts=RECOUNTS,
            pack_label=_pack_label,
            loose_label=lambda line: say(Message(UNIT_LABELS[line.item.base_unit][0])),
            line_called=line_called,
        ),
        422 if form.is_submitted() else 200,
    )


def _counting(code: str) -> Take:
    take = take_called(db.session(), actor(), code)
    if not actor().may(Permission.STOCK_ADJUST, at=take.warehouse.id):
        raise NotFound("sheet")
    counting = take.take.state in {TakeState.OPEN, TakeState.RECOUNT}
    if request.method == "GET" and not counting:
        raise NotFound("sheet that is being counted")
    return take


def _keep(form: SheetForm, code: str) -> ResponseReturnValue | None:
    asked = KeepDraft(command_id=str(form.command_id.data), take=code, lines=form.as_typed())
    try:
        with writing(db.session()) as session:
            once(session, actor(), asked, keep_draft)
    except Refusal as refusal:
        show_on(form, refusal)
        return None
    flash(_("What you typed is kept. Nobody else sees it, and nothing is counted yet."))
    return redirect(url_for(".sheet", code=code, **_view()), 303)


def _save(form: SheetForm, code: str, by_id: dict[int, SheetLine]) -> ResponseReturnValue | None:
    if not form.validate():
        form.renew()
        return None
    asked = RecordCounts(
        command_id=str(form.command_id.data),
        take=code,
        counts=form.counts({line.id: line.pack_size for line in by_id.values()}),
        channel="paper" if request.args.get("paper") == "1" else "page",
    )
    try:
        with writing(db.session()) as session:
            answer = once(session, actor(), asked, record_counts)
    except Refusal as refusal:
        show_on(form, refusal)
        return None
    if answer["counted"]:
        flash(_("Lines counted: %(number)s.", number=answer["counted"]), "success")
    for line in answer["moved"]:
        flash(
            _(
                "%(line)s: goods moved while it was counted. Count it again.",
                line=line_called(by_id[line]),
            ),
            "warning",
        )
    for line in answer["differ"]:
        flash(
            _(
                "%(line)s: two people counted, and not the same. Count it again.",
                line=line_called(by_id[line]),
            ),
            "warning",
        )
    take = take_called(db.session(), actor(), code)
    if not take.to_count:
        return redirect(url_for("count_deciding.show", code=code), 303)
    return redirect(url_for(".sheet", code=code, **_view()), 303)


def _view() -> dict[str, Any]:
    return {name: "1" for name in ("all", "paper") if request.args.get(name) == "1"}


def _pack_label(line: SheetLine) -> str:
    size = quantity(line.pack_size, line.item.base_unit)
    return say(Message(PACK_LABELS[PackKind(line.pack_kind)], {"size": size}))


@bp.route("/counts/<code>/found", methods=["GET", "POST"])
@requires(Permission.STOCK_ADJUST)
def found(code: str) -> ResponseReturnValue:
    """Put a lot on the sheet that stands there and is not on it."""
    take = _counting(code)
    form = FoundForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), _found(form, code), add_found_lot)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("The lot is on the sheet. Count it like the others."), "success")
            return redirect(url_for(".sheet", code=code), 303)
    return (
        render_template("logistics/count_found.html", take=take, form=form),
        422 if form.is_submitted() else 200,
    )


def _found(form: FoundForm, code: str) -> AddFoundLot:
    item = item_typed(db.session(), form.item.data or "")
    return AddFoundLot(
        command_id=str(form.command_id.data),
        take=code,
        item_id=item.id,
        number=form.number.data or "",
        expires_on=None if form.no_expiry.data else form.expires_on.data,
        no_expiry=bool(form.no_expiry.data),
        held=bool(form.held.data),
    )


@bp.get("/counts/<code>/paper.pdf")
@requires(Permission.STOCK_VIEW)
def paper(code: str) -> ResponseReturnValue:
    """Print the blind sheet, to be filled in by hand."""
    from aidlog.reports.count_pdf import blind_sheet_pdf

    take = take_called(db.session(), actor(), code)
    only_open = take.take.state is TakeState.RECOUNT
    lines = sheet_lines(db.session(), actor(), take.take, only_open=only_open)
    if not lines:
        raise NotFound("lines to count")
    first, _second = tongues()
    qr = f"{settings().base_url.rstrip('/')}/counts/{code}/sheet?paper=1"
    return _pdf(blind_sheet_pdf(take, lines, qr, first), f"{code}.pdf")


@bp.get("/counts/<code>/report.pdf")
@requires(Permission.STOCK_VIEW)
def report(code: str) -> ResponseReturnValue:
    """Print what was found, who counted and who approved."""
    from aidlog.reports.count_pdf import count_report_pdf

    take = take_called(db.session(), actor(), code)
    if take.take.state not in {TakeState.COUNTED, TakeState.APPROVED}:
        raise NotFound("report of a stock take that is not counted")
    first, _second = tongues()
    found_there = differences(db.session(), take.take)
    return _pdf(count_report_pdf(take, found_there, first), f"{code}-report.pdf")


def _pdf(content: bytes, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(content), mimetype="application/pdf", download_name=name)


class ZonesForm(CommandForm):
    """Which lot stands in which zone; the fields are named for the lots."""


@bp.route("/warehouses/<warehouse>/zones", methods=["GET", "POST"])
@requires(Permission.STOCK_ADJUST)
def zones(warehouse: str) -> ResponseReturnValue:
    """Say where in the warehouse each lot stands."""
    place = next((one for one in _countable() if one.code == warehouse), None)
    if place is None:
        raise NotFound("warehouse")
    form = ZonesForm()
    after = max(0, request.args.get("after", 0, type=int))
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), _zoned(form, place), set_zones)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Zones saved."), "success")
            return redirect(url_for(".zones", warehouse=warehouse, after=after or None), 303)
    rows = zoned_lots(db.session(), actor(), place, after=after, limit=LINES + 1)
    return (
        render_template(
            "logistics/zones.html",
            form=form,
            place=place,
            rows=rows[:LINES],
            typed=dict(request.form.items()),
            known=zones_of(db.session(), actor(), [place.id]),
            next_after=after + LINES if len(rows) > LINES else None,
            after=after,
            longest=LONGEST,
        ),
        422 if form.is_submitted() else 200,
    )


def _zoned(form: ZonesForm, place: Place) -> SetZones:
    lots = []
    for name, value in request.form.items():
        number = name.removeprefix("zone_")
        if name.startswith("zone_") and number.isascii() and number.isdigit():
            lots.append(PutInZone(lot_id=int(number[:15]), zone=value[:200]))
    return SetZones(command_id=str(form.command_id.data), warehouse_id=place.id, lots=tuple(lots))
