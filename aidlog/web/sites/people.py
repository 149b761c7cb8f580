"""How many people live at one's own site now."""

from __future__ import annotations

from datetime import UTC, date, datetime

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
from aidlog.needs.arrivals_and_departures import record_change, undo_change
from aidlog.needs.models import Confidence
from aidlog.needs.people_now import people_at
from aidlog.needs.populations import RecordPopulation, record_population
from aidlog.needs.queries import change_at, changes_of, counts_of
from aidlog.registry.models import Place
from aidlog.web.forms import QuantityField, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.people_forms import CAME, ChangeForm, GroupsForm, UndoForm, changes_said
from aidlog.web.sites.goods import own_site

bp = Blueprint("site_people", __name__)

HOW_SURE = {
    Confidence.COUNTED: _l("Counted one by one"),
    Confidence.REGISTERED: _l("From the list of households"),
    Confidence.ESTIMATED: _l("Estimated"),
}


class PeopleForm(GroupsForm):
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
            groups=self.groups(),
        )


@bp.route("/s/people", methods=["GET", "POST"])
@requires(Permission.POPULATION_UPDATE)
def update() -> ResponseReturnValue:
    """Add a count of the people here; earlier ones stay on record."""
    site = own_site(Permission.POPULATION_UPDATE)[1]
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
    return _page(form, ChangeForm(formdata=None, prefix=CAME)), 422 if form.is_submitted() else 200


@bp.post("/s/people/changes")
@requires(Permission.POPULATION_UPDATE)
def change() -> ResponseReturnValue:
    """Record who came or left since the count."""
    site = own_site(Permission.POPULATION_UPDATE)[1]
    form = ChangeForm(prefix=CAME)
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(site.id), record_change)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Recorded. The number of people follows it."), "success")
            return redirect(url_for(".update", site=site.code), 303)
    return _page(PeopleForm(formdata=None), form), 422


@bp.route("/s/people/changes/<int:change_id>/undo", methods=["GET", "POST"])
@requires(Permission.POPULATION_UPDATE)
def undo(change_id: int) -> ResponseReturnValue:
    """Undo an arrival or a departure that was written by mistake."""
    site = own_site(Permission.POPULATION_UPDATE)[1]
    session = db.session()
    line = change_at(session, actor(), site.id, change_id)
    form = UndoForm()
    if form.validate_on_submit():
        try:
            with writing(session):
                once(session, actor(), form.command(change_id), undo_change)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Undone. Both lines stay on record."), "success")
            return redirect(url_for(".update", site=site.code), 303)
    return (
        render_template(
            "sites/undo_change.html", site=site, line=line, form=form, kinds=changes_said()
        ),
        422 if form.is_submitted() else 200,
    )


def _page(people: PeopleForm, coming: ChangeForm) -> str:
    """Show how many are here, who came and left, and the forms to say so."""
    places, site = own_site(Permission.POPULATION_UPDATE)
    session, may = db.session(), Permission.POPULATION_UPDATE
    today = datetime.now(UTC).date()
    counted, row = people_at(session, site.id, today)
    if coming.happened_on.data is None and not coming.errors:
        coming.happened_on.data = today
    return render_template(
        "sites/people.html",
        places=places,
        site=site,
        form=coming if coming.errors else people,
        people=people,
        coming=coming,
        counted=counted,
        row=row,
        counts=counts_of(session, actor(), site.id, permission=may, limit=1),
        changes=changes_of(session, actor(), site.id, permission=may, limit=5),
        kinds=changes_said(),
        how=HOW_SURE,
    )
