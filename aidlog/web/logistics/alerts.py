"""Alerts: their rows, setting one aside, and from when on stock is low."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.decimals import typed_decimal
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.planning.offering import organisations
from aidlog.registry.models import Item
from aidlog.reports.alerts.digest import HEADINGS
from aidlog.reports.alerts.limits import SetAlertLimit, limits, set_alert_limit
from aidlog.reports.alerts.models import AlertKind
from aidlog.reports.alerts.rows import PERMISSION, USUAL_DAYS, Alert, alert_named, alerts
from aidlog.reports.alerts.setting_aside import BringBack, Named, SetAside, bring_back, set_aside
from aidlog.web.forms import CommandForm, QuantityField, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language
from aidlog.web.logistics.item_picking import item_typed
from aidlog.web.logistics.registry_words import said
from aidlog.web.logistics.standards import PLACES

bp = Blueprint("alerts", __name__, url_prefix="/alerts")

#: What to do about it.
ADVICE = {
    AlertKind.OVERDUE: _l("Call the driver or the site, then record what arrived."),
    AlertKind.EXPIRED: _l("Hold it back, then take it off the books."),
    AlertKind.LOW: _l("Days of need are those of the sites nearest to each warehouse."),
    AlertKind.EXPIRING: _l("At the pace of the last 90 days. Send it where it is needed first."),
}
#: The most that a list shows.
MOST = 200


def names() -> dict[AlertKind, str]:
    """Return what the kinds are called, over their rows and on Today."""
    return said(HEADINGS)


class AsideForm(CommandForm):
    """Until when an alert can wait, and why."""

    until = DateField(_l("Show it again on"), [InputRequired(_l("Choose the day."))])
    reason = StringField(
        _l("Why it can wait"), [InputRequired(_l("Write why it can wait.")), Length(max=200)]
    )


class LimitForm(CommandForm):
    """From when on stock is low: of one item, or of all where none is named."""

    organisation = SelectField(_l("Organisation"), coerce=int)
    item = StringField(_l("Item"), [Length(max=200)])
    days = QuantityField(_l("Days of need"), largest=10_000)
    least = StringField(_l("Least in each warehouse"), [Length(max=20)])

    def command(self) -> SetAlertLimit:
        """Return what is asked for.

        Raises:
            Refusal: the item or the quantity cannot be read.
        """
        typed = (self.item.data or "").strip()
        item = item_typed(db.session(), typed) if typed else None
        return SetAlertLimit(
            command_id=str(self.command_id.data),
            organisation_id=int(self.organisation.data),
            item_id=item.id if item else None,
            days=self.days.data,
            least=self._least(item),
        )

    def _least(self, item: Item | None) -> int | None:
        typed = (self.least.data or "").strip()
        if not typed:
            return None
        places = PLACES[item.base_unit] if item else 0
        return typed_decimal(typed, places=places, field="least")


@bp.get("")
@requires(Permission.HOME_VIEW)
def listing() -> ResponseReturnValue:
    """Show the alerts of one kind, or of every kind that one may see."""
    now, here = datetime.now(UTC), actor()
    seen = [kind for kind in AlertKind if here.may(PERMISSION[kind])]
    if not seen:
        raise NotFound("alerts")
    asked = request.args.get("kind", "")
    shown = [kind for kind in seen if kind.value == asked] or seen
    found = {kind: alerts(db.session(), here, kind, now=now, limit=MOST + 1) for kind in shown}
    return render_template(
        "logistics/alerts.html",
        kinds=seen,
        only=shown[0] if len(shown) == 1 and asked else None,
        found={kind: rows[:MOST] for kind, rows in found.items()},
        more={kind for kind, rows in found.items() if len(rows) > MOST},
        names=names(),
        advice=ADVICE,
        which=which,
        plain=CommandForm,
        may_answer=lambda row: here.may(Permission.ALERT_ANSWER, at=row.place_id),
        may_set=here.may(Permission.STANDARD_EDIT),
        now=now,
    )


@bp.route("/aside", methods=["GET", "POST"])
@requires(Permission.ALERT_ANSWER)
def aside() -> ResponseReturnValue:
    """Set an alert aside until a day, with the reason."""
    named = _named()
    alert = _alert(named)
    form = AsideForm(data={"until": datetime.now(UTC).date() + timedelta(days=7)})
    if form.validate_on_submit():
        until = form.until.data
        assert until is not None
        command = SetAside(
            command_id=str(form.command_id.data),
            alert=named,
            until=until,
            reason=form.reason.data or "",
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, set_aside)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Set aside. Everybody who sees it sees why."), "success")
            return redirect(url_for(".listing", kind=alert.kind.value), 303)
    return (
        render_template("logistics/alert_aside.html", form=form, alert=alert, names=names()),
        422 if form.is_submitted() else 200,
    )


@bp.post("/back")
@requires(Permission.ALERT_ANSWER)
def back() -> ResponseReturnValue:
    """Show an alert again that was set aside."""
    named, form = _named(), CommandForm()
    if form.validate_on_submit():
        command = BringBack(command_id=str(form.command_id.data), alert=named)
        with writing(db.session()) as session:
            once(session, actor(), command, bring_back)
    return redirect(url_for(".listing", kind=named.kind.value), 303)


@bp.route("/limits", methods=["GET", "POST"])
@requires(Permission.STANDARD_EDIT)
def limit() -> ResponseReturnValue:
    """List from when on stock is low, and set it for all items or for one."""
    form = LimitForm()
    form.organisation.choices = choices(organisations(db.session(), actor()))
    if form.validate_on_submit():
        try:
            command = form.command()
            with writing(db.session()) as session:
                answer = once(session, actor(), command, set_alert_limit)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Limit set.") if answer["kept"] else _("Limit taken away."), "success")
            return redirect(url_for(".limit"), 303)
    return (
        render_template(
            "logistics/alert_limits.html",
            form=form,
            rows=limits(db.session(), actor()),
            usual=USUAL_DAYS,
            tongue=language(),
        ),
        422 if form.is_submitted() else 200,
    )


def which(alert: Alert) -> str:
    """Return how an alert stands in an address."""
    parts = (alert.organisation_id, alert.place_id, alert.subject_id)
    return ".".join([alert.kind.value, *map(str, parts)])


def _named() -> Named:
    kind, *parts = request.args.get("alert", "").split(".")
    digits = [part for part in parts if part.isascii() and part.isdigit() and len(part) < 16]
    if kind not in set(AlertKind) or len(parts) != 3 or digits != parts:
        raise NotFound("alert")
    organisation, place, subject = map(int, parts)
    return Named(
        kind=AlertKind(kind), organisation_id=organisation, place_id=place, subject_id=subject
    )


def _alert(named: Named) -> Alert:
    key = (named.organisation_id, named.place_id, named.subject_id)
    alert = alert_named(db.session(), actor(), named.kind, key, now=datetime.now(UTC))
    if not actor().may(Permission.ALERT_ANSWER, at=alert.place_id):
        raise NotFound("alert")
    return alert
