"""Setup: what a person, a household or a site is due, and who says so."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.decimals import shown_decimal, typed_decimal
from aidlog.core.errors import Refusal
from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_
from aidlog.db.commands import new_id, once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.needs.models import Basis, Climate, Phase
from aidlog.needs.queries import StandardRow, standards
from aidlog.needs.standards import AdoptStandard, SetStandard, adopt_standard, set_standard
from aidlog.needs.starter_standards import LoadStarterStandards, set_starter_standards
from aidlog.registry.models import Item
from aidlog.web.forms import CommandForm, QuantityField, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.logistics.item_picking import as_typed, item_typed
from aidlog.web.logistics.needs_words import BASES, CLIMATES, PHASES, standard_short
from aidlog.web.logistics.registry_words import offered, said

bp = Blueprint("standards", __name__, url_prefix="/setup/standards")

#: Quantities are typed in pieces, kilograms or litres; so many digits lie behind the point.
PLACES = {BaseUnit.PIECE: 0, BaseUnit.GRAM: 3, BaseUnit.MILLILITRE: 3}


HOLDS, BESIDE = "holds", "beside"
STANDINGS = {
    HOLDS: N_("It holds from its first day on"),
    BESIDE: N_("It stands beside the others, to be compared"),
}


class StandardForm(CommandForm):
    """A standard as its source gives it."""

    item = StringField(_l("Item"), [InputRequired(_l("Write the item's code or its name."))])
    basis = RadioField(_l("Due"), default=Basis.PERSON.value)
    quantity = StringField(_l("Quantity"), [InputRequired(_l("Write the quantity."))])
    per = QuantityField(_l("Serves so many people"))
    recurs_days = QuantityField(_l("Every so many days"))
    phase = RadioField(_l("In which phase"), default=Phase.ANY.value)
    climate = RadioField(_l("In which climate"), default=Climate.ANY.value)
    standing = RadioField(_l("Does it decide?"), default=HOLDS)
    source = StringField(_l("Source"), [Length(max=200)])
    edition = StringField(_l("Edition"), [Length(max=80)])
    valid_from = DateField(
        _l("Holds from"), [InputRequired(_l("Write the first day on which it holds."))]
    )
    note = TextAreaField(_l("Note"), [Length(max=1_000)])

    def offer(self) -> None:
        """Fill the lists."""
        self.basis.choices = offered(BASES)
        self.phase.choices = offered(PHASES)
        self.climate.choices = offered(CLIMATES)
        self.standing.choices = offered(STANDINGS)

    def command(self, item: Item) -> SetStandard:
        """Return the standard in base units of ``item``.

        Raises:
            Refusal: the quantity cannot be read.
        """
        valid_from = self.valid_from.data
        assert isinstance(valid_from, date)
        return SetStandard(
            command_id=str(self.command_id.data),
            item_id=item.id,
            basis=Basis(self.basis.data),
            quantity=typed_decimal(
                self.quantity.data or "", places=PLACES[item.base_unit], field="quantity"
            ),
            per=self.per.data or 1,
            recurs_days=self.recurs_days.data,
            phase=Phase(self.phase.data),
            climate=Climate(self.climate.data),
            in_force=self.standing.data == HOLDS,
            source=self.source.data or "",
            edition=self.edition.data or "",
            valid_from=valid_from,
            note=self.note.data or "",
        )


@bp.get("")
@requires(Permission.NEEDS_VIEW)
def listing() -> ResponseReturnValue:
    """List the standards that hold, and those that were superseded or are to come."""
    today = datetime.now(UTC).date()
    found = standards(db.session(), actor(), today)
    return render_template(
        "logistics/standards.html",
        standards=found,
        held={row.rule for row in found if row.current},
        today=today,
        short=_short,
        phases=said(PHASES),
        climates=said(CLIMATES),
        tongue=language(),
        load_form=CommandForm(),
    )


@bp.post("/starter")
@requires(Permission.STANDARD_EDIT)
def load() -> ResponseReturnValue:
    """Approve the starter standards of the items that have none."""
    form = CommandForm()
    command = LoadStarterStandards(
        command_id=str(form.command_id.data or new_id()), valid_from=datetime.now(UTC).date()
    )
    with writing(db.session()) as session:
        answer = once(session, actor(), command, set_starter_standards)
    flash(
        _("%(count)d standards set. You approved them.", count=len(answer["standards"])), "success"
    )
    return redirect(url_for(".listing"), 303)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.STANDARD_EDIT)
def add() -> ResponseReturnValue:
    """Set a standard; an older one of the item gives way from its first day on."""
    form = StandardForm(data=_first(request.args.get("from", type=int)))
    form.offer()
    if form.validate_on_submit():
        try:
            command = form.command(item_typed(db.session(), form.item.data or ""))
            with writing(db.session()) as session:
                once(session, actor(), command, set_standard)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Standard set. The needs follow it from its first day on."), "success")
            return redirect(url_for(".listing"), 303)
    return (
        render_template("logistics/standard_form.html", form=form),
        422 if form.is_submitted() else 200,
    )


@bp.post("/<int:standard_id>/adopt")
@requires(Permission.STANDARD_EDIT)
def adopt(standard_id: int) -> ResponseReturnValue:
    """Let a standard that stood by hold from today on."""
    form = CommandForm()
    command = AdoptStandard(
        command_id=str(form.command_id.data or new_id()),
        standard_id=standard_id,
        valid_from=datetime.now(UTC).date(),
    )
    try:
        with writing(db.session()) as session:
            once(session, actor(), command, adopt_standard)
    except Refusal as refusal:
        flash(say(refusal.message), "error")
    else:
        flash(_("It holds from today on. You approved it."), "success")
    return redirect(url_for(".listing"), 303)


def _first(standard_id: int | None) -> dict[str, object]:
    """Return what the form shows at first: today, or an older standard to be changed."""
    today = datetime.now(UTC).date()
    rows = standards(db.session(), actor(), today) if standard_id else []
    row = next((row for row in rows if row.id == standard_id), None)
    if row is None:
        return {"valid_from": today}
    item = db.session().get_one(Item, row.item_id)
    return {
        "item": as_typed(item),
        "basis": row.basis.value,
        "quantity": shown_decimal(row.quantity, places=PLACES[row.base_unit]),
        "per": row.per if row.per > 1 else None,
        "recurs_days": row.recurs_days,
        "phase": row.phase.value,
        "climate": row.climate.value,
        "source": row.source,
        "edition": row.edition,
        "valid_from": today,
        "note": row.note,
    }


def _short(row: StandardRow) -> str:
    return standard_short(row.due, row.base_unit)
