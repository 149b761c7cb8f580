"""Stock and its days: what stood at the end of a day, and dates that cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import Place
from aidlog.stock.dating import ClearDateFlag, clear_date_flag
from aidlog.stock.day import stood_on
from aidlog.stock.flags import PAGE, flags
from aidlog.stock.levels import warehouses
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.tongues import tongues

bp = Blueprint("stock_dates", __name__)

#: Rows on one page of what stood on a day; the workbook has all of them.
ROWS = 200


@bp.get("/stock-on")
@requires(Permission.STOCK_VIEW)
def stood() -> ResponseReturnValue:
    """What stood in each warehouse at the end of a day."""
    seen, place, day = _asked()
    rows = stood_on(db.session(), actor(), day, warehouse_id=place.id if place else None)
    after = max(0, request.args.get("after", 0, type=int))
    return render_template(
        "logistics/stock_on.html",
        rows=rows[after : after + ROWS],
        lots=len(rows),
        next_after=after + ROWS if len(rows) > after + ROWS else None,
        after=after,
        warehouses=seen,
        place=place,
        day=day,
    )


@bp.get("/stock-on.xlsx")
@requires(Permission.STOCK_VIEW)
def stood_workbook() -> ResponseReturnValue:
    """The same as a workbook."""
    from aidlog.reports.stock_on_workbook import stock_on_workbook

    _seen, place, day = _asked()
    rows = stood_on(db.session(), actor(), day, warehouse_id=place.id if place else None)
    first, _second = tongues()
    return send_file(
        BytesIO(stock_on_workbook(rows, day, first)),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=f"stock-{day.isoformat()}-internal.xlsx",
    )


def _asked() -> tuple[list[Place], Place | None, date]:
    """Return the warehouses, the one asked for, and the day; today where none can be read."""
    seen = warehouses(db.session(), actor())
    code = request.args.get("at", "")
    place = next((one for one in seen if one.code == code), None)
    if code and place is None:
        raise NotFound("warehouse")
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = datetime.now(UTC).date()
    return seen, place, day


class SeenForm(CommandForm):
    remark = StringField(_l("Which date is wrong"), [Length(max=400)])


@bp.route("/dates", methods=["GET", "POST"])
@requires(Permission.STOCK_VIEW)
def dates() -> ResponseReturnValue:
    """Dates that cannot be: by the days people gave, less than nothing would have been there."""
    form = SeenForm()
    wrong = request.form.get("flag", 0, type=int)
    if form.is_submitted():
        if not actor().may(Permission.STOCK_APPROVE):
            raise NotFound("date to look at")
        command = ClearDateFlag(
            command_id=str(form.command_id.data), flag=wrong, remark=form.remark.data or ""
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, clear_date_flag)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("It is written down. The dates stay as they were entered."), "success")
            return redirect(url_for(".dates"), 303)
    everything = request.args.get("all") == "1"
    before = request.args.get("before", type=int)
    found = flags(db.session(), actor(), only_open=not everything, before=before)
    return (
        render_template(
            "logistics/dates.html",
            rows=found[:PAGE],
            next_before=found[PAGE - 1].flag.id if len(found) > PAGE else None,
            before=before,
            everything=everything,
            form=form,
            wrong=wrong if form.is_submitted() else None,
            may_clear=actor().may(Permission.STOCK_APPROVE),
        ),
        422 if form.is_submitted() else 200,
    )
