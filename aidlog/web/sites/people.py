"""How many people live at one's own site now."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.needs.models import Confidence
from aidlog.needs.populations import RecordPopulation, record_population
from aidlog.needs.queries import counts_of
from aidlog.registry.models import Place
from aidlog.web.forms import CommandForm, QuantityField, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.sites.goods import own_site

bp = Blueprint("site_people", __name__)

HOW_SURE = {
    Confidence.COUNTED: _l("Counted one by one"),
    Confidence.REGISTERED: _l("From the list of households"),
    Confidence.ESTIMATED: _l("Estimated"),
}


class PeopleForm(CommandForm):
    people = QuantityField(_l("People"), [InputRequired(_l("Write how many people live here."))])
    households = QuantityField(_l("Households"))
    counted_on = DateField(_l("Day of the count"), [InputRequired(_l("Write the day."))])
    confidence = RadioField(
        _l("How do you know?"),
        [InputRequired(_l("Choose how you know."))],
        choices=choices((how.value, words) for how, words in HOW_SURE.items()),
    )
    source = StringField(_l("Who counted, or why it changed"), [Length(max=200)])

    def command(self, site: Place) -> RecordPopulation:
        counted_on = self.counted_on.data
        assert isinstance(counted_on, date)
        return RecordPopulation(
            command_id=str(self.command_id.data),
            place_id=site.id,
            counted_on=counted_on,
            people=int(self.people.data),
            households=self.households.data,
            confidence=Confidence(self.confidence.data),
            source=self.source.data or "",
        )


@bp.route("/s/people", methods=["GET", "POST"])
@requires(Permission.POPULATION_UPDATE)
def update() -> ResponseReturnValue:
    """Add a count of the people here; earlier ones stay on record."""
    places, site = own_site(Permission.POPULATION_UPDATE)
    form = PeopleForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(site), record_population)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Number of people recorded."), "success")
            return redirect(url_for(".update", site=site.code), 303)
    places, site = own_site(Permission.POPULATION_UPDATE)
    counts = counts_of(
        db.session(), actor(), site.id, permission=Permission.POPULATION_UPDATE, limit=5
    )
    return (
        render_template(
            "sites/people.html", places=places, site=site, form=form, counts=counts, how=HOW_SURE
        ),
        422 if form.is_submitted() else 200,
    )
