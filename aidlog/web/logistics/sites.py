"""Sites: how many people, what they need, what is there, and how the count changed."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.needs.arithmetic import Counted
from aidlog.needs.arrivals_and_departures import record_change, undo_change
from aidlog.needs.beside_wording import COUNTS
from aidlog.needs.models import Climate, Confidence, Phase
from aidlog.needs.populations import RecordPopulation, record_population
from aidlog.needs.queries import change_at, changes_of, counts_of, groups_of
from aidlog.needs.standards import SetCondition, set_condition
from aidlog.needs.standards_now import condition_of
from aidlog.needs.wording import CONFIDENCES
from aidlog.planning.board_query import board_sites, needs_board
from aidlog.planning.board_statement import View
from aidlog.registry.queries import PlaceRow, place_by_code
from aidlog.registry.site_points import (
    MICRODEGREES,
    SetSitePoint,
    Why,
    read_site_point,
    set_site_point,
    typed_degrees,
)
from aidlog.registry.wording import ACCESSES
from aidlog.reports.site_stock import site_stock
from aidlog.web.forms import CommandForm, Form, QuantityField, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language
from aidlog.web.logistics.needs import USUAL_DAYS
from aidlog.web.logistics.needs_words import CLIMATES, PHASES, how_needed
from aidlog.web.logistics.registry_words import offered, said
from aidlog.web.people_forms import (
    CAME,
    ChangeForm,
    GroupsForm,
    UndoForm,
    changes_said,
    groups_said,
)

bp = Blueprint("sites", __name__)

WHYS = {
    Why.DELIVERY: _l("To bring goods there"),
    Why.PROTECTION_VISIT: _l("For a protection visit"),
    Why.CHECKING: _l("To check that the position is right"),
    Why.EMERGENCY: _l("People there are in danger now"),
}


class PopulationForm(GroupsForm):
    people = QuantityField(_l("People"), [InputRequired(_l("Write the number of people."))])
    households = QuantityField(_l("Households"))
    counted_on = DateField(
        _l("Day of the count"), [InputRequired(_l("Write the day people were counted."))]
    )
    confidence = SelectField(_l("How it is known"))
    source = StringField(_l("Who counted, or which list"), [Length(max=200)])

    def command(self, place_id: int) -> RecordPopulation:
        counted_on = self.counted_on.data
        assert isinstance(counted_on, date)
        return RecordPopulation(
            command_id=str(self.command_id.data),
            place_id=place_id,
            counted_on=counted_on,
            people=int(self.people.data),
            households=self.households.data,
            confidence=Confidence(self.confidence.data),
            source=self.source.data or "",
            groups=self.groups(),
        )


class ConditionForm(CommandForm):
    """The phase and climate of a site, which say what standards hold there."""

    phase = RadioField(_l("Phase"))
    climate = RadioField(_l("Climate"))

    def command(self, place_id: int) -> SetCondition:
        return SetCondition(
            command_id=str(self.command_id.data),
            place_id=place_id,
            phase=Phase(self.phase.data),
            climate=Climate(self.climate.data),
        )


class WhyForm(Form):
    why = RadioField(
        _l("Why do you need the position?"),
        [InputRequired(_l("Choose why you need the position."))],
        choices=choices((why.value, words) for why, words in WHYS.items()),
    )


class PointForm(CommandForm):
    """The salt is made with the command id: see SetSitePoint."""

    latitude = StringField(_l("Latitude, degrees north"))
    longitude = StringField(_l("Longitude, degrees east"))
    salt = HiddenField(default=lambda: secrets.token_hex(16))

    def command(self, place_id: int) -> SetSitePoint:
        return SetSitePoint(
            command_id=str(self.command_id.data),
            place_id=place_id,
            latitude=typed_degrees(self.latitude.data or "", field="latitude"),
            longitude=typed_degrees(self.longitude.data or "", field="longitude"),
            salt=(self.salt.data or "").ljust(16, "0")[:64],
        )


@bp.get("/sites")
@requires(Permission.NEEDS_VIEW)
def listing() -> ResponseReturnValue:
    """List the sites with their latest counts, the oldest count first."""
    sites = board_sites(db.session(), actor())
    sites.sort(key=lambda site: (site.counted_on or date.min, site.code))
    return render_template("logistics/sites.html", sites=sites, accesses=said(ACCESSES))


@bp.route("/sites/<code>", methods=["GET", "POST"])
@requires(Permission.NEEDS_VIEW)
def show(code: str) -> ResponseReturnValue:
    """Show one site; those who may, record a new count of its people."""
    site = _site(code)
    form = _population_form() if actor().may(Permission.POPULATION_UPDATE, at=site.id) else None
    if form is not None and form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(site.id), record_population)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Count kept. The needs follow it from now on."), "success")
            return redirect(url_for(".show", code=code), 303)
    submitted = form is not None and form.is_submitted()
    coming = ChangeForm(formdata=None, prefix=CAME) if form is not None else None
    return _site_page(site, form, coming), 422 if submitted else 200


@bp.post("/sites/<code>/changes")
@requires(Permission.NEEDS_VIEW)
def change(code: str) -> ResponseReturnValue:
    """Record who came to the site or left it since the count."""
    actor().must(Permission.POPULATION_UPDATE, at=(site := _site(code)).id)
    form = ChangeForm(prefix=CAME)
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(site.id), record_change)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Recorded. The needs follow it from now on."), "success")
            return redirect(url_for(".show", code=code), 303)
    return _site_page(site, _population_form(fresh=True), form), 422


@bp.route("/sites/<code>/changes/<int:change_id>/undo", methods=["GET", "POST"])
@requires(Permission.NEEDS_VIEW)
def undo(code: str, change_id: int) -> ResponseReturnValue:
    """Undo an arrival or a departure that was written by mistake."""
    site = _site(code)
    line = change_at(db.session(), actor(), site.id, change_id)
    form = UndoForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(change_id), undo_change)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Undone. Both lines stay on record."), "success")
            return redirect(url_for(".show", code=code), 303)
    return (
        render_template(
            "logistics/undo_change.html", site=site, line=line, form=form, kinds=changes_said()
        ),
        422 if form.is_submitted() else 200,
    )


@bp.route("/sites/<code>/condition", methods=["GET", "POST"])
@requires(Permission.STANDARD_EDIT)
def condition(code: str) -> ResponseReturnValue:
    """Say under which phase and climate a site is."""
    actor().must(Permission.STANDARD_EDIT, at=(site := _site(code)).id)
    now = condition_of(db.session(), site.id)
    form = ConditionForm(data={"phase": now.phase.value, "climate": now.climate.value})
    form.phase.choices = offered({at: PHASES[at] for at in Phase if at is not Phase.ANY})
    form.climate.choices = offered({at: CLIMATES[at] for at in Climate if at is not Climate.ANY})
    if form.validate_on_submit():
        with writing(db.session()) as session:
            once(session, actor(), form.command(site.id), set_condition)
        flash(_("Kept. The standards for it hold here from now on."), "success")
        return redirect(url_for(".show", code=code), 303)
    return (
        render_template("logistics/site_condition.html", site=site, form=form),
        422 if form.is_submitted() else 200,
    )


@bp.route("/sites/<code>/point", methods=["GET", "POST"])
@requires(Permission.SITE_POINT_VIEW)
def point(code: str) -> ResponseReturnValue:
    """Ask why, write down who asked, then show where the site is. Nothing keeps the answer."""
    actor().must(Permission.SITE_POINT_VIEW, at=(site := _site(code)).id)
    form, found = WhyForm(), None
    if form.validate_on_submit():
        with writing(db.session()) as session:
            found = read_site_point(session, actor(), site.id, why=Why(form.why.data))
    answer = make_response(
        render_template(
            "logistics/site_point.html",
            site=site,
            form=form,
            latitude=_degrees(found.latitude) if found else None,
            longitude=_degrees(found.longitude) if found else None,
        ),
        422 if form.is_submitted() and found is None else 200,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("/setup/places/<code>/point", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def set_point(code: str) -> ResponseReturnValue:
    """Set where a site is. What was set before is not shown."""
    site = place_by_code(db.session(), actor(), code, permission=Permission.REGISTRY_EDIT)
    form = PointForm()
    if form.validate_on_submit():
        try:
            command = form.command(site.id)
            with writing(db.session()) as session:
                once(session, actor(), command, set_site_point)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Position kept. Only protection officers can read it."), "success")
            return redirect(url_for("places.edit", code=code), 303)
    return (
        render_template("logistics/site_point_form.html", site=site, form=form),
        422 if form.is_submitted() else 200,
    )


def _site(code: str) -> PlaceRow:
    """Return the site with ``code`` where the actor may see needs; other places are not there."""
    site = place_by_code(db.session(), actor(), code, permission=Permission.NEEDS_VIEW)
    actor().must(Permission.NEEDS_VIEW, at=site.id)
    return site


def _site_page(site: PlaceRow, form: PopulationForm | None, coming: ChangeForm | None) -> str:
    session, today = db.session(), datetime.now(UTC).date()
    ends_on = today + timedelta(days=USUAL_DAYS - 1)
    board = needs_board(session, actor(), today, ends_on, view=View(sites=[site.code]), today=today)
    counted = board_sites(session, actor(), view=View(sites=[site.code]), today=today)
    counts = counts_of(session, actor(), site.id)
    if coming is not None and coming.happened_on.data is None and not coming.errors:
        coming.happened_on.data = today
    return render_template(
        "logistics/site.html",
        place=site,
        site=counted[0] if counted else None,
        board=board,
        basket=board.baskets.get(site.id),
        phases=said(PHASES),
        climates=said(CLIMATES),
        household_size=_household_size(counted[0].counted) if counted else None,
        counts=counts,
        groups=groups_of(session, [count.id for count in counts]),
        group_words=groups_said(),
        changes=changes_of(session, actor(), site.id),
        kinds=changes_said(),
        stock=site_stock(session, site.id),
        form=coming if coming is not None and coming.errors else form,
        people=form,
        coming=coming,
        tongue=language(),
        how_needed=how_needed,
        figures=said(COUNTS),
        confidences=said(CONFIDENCES),
        accesses=said(ACCESSES),
    )


def _population_form(*, fresh: bool = False) -> PopulationForm:
    """Return the form of a count; a fresh one stands beside another form that was sent."""
    form = PopulationForm(formdata=None) if fresh else PopulationForm()
    form.confidence.choices = offered(CONFIDENCES)
    if fresh or not form.is_submitted():
        form.counted_on.data = datetime.now(UTC).date()
    return form


def _household_size(counted: Counted) -> str | None:
    """Return how many people live in a household, as measured, to one decimal place."""
    if not counted.people or not counted.households:
        return None
    return str(format_decimal(round(Decimal(counted.people) / counted.households, 1)))


def _degrees(millionths: int) -> str:
    """Return millionths of a degree as decimal degrees, exactly."""
    whole, rest = divmod(abs(millionths), MICRODEGREES)
    return f"{'-' if millionths < 0 else ''}{whole}.{rest:06d}"
