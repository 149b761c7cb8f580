"""A truck leaves: what is on it, another lot where one had to be taken, and what was weighed."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import to_user_timezone
from wtforms import DateTimeLocalField, FieldList, FormField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.decimals import typed_decimal
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.loading import LoadAndSend, OtherLot, Weighed, load_and_send
from aidlog.dispatch.models import WaybillState
from aidlog.dispatch.seen import as_seen, changed_meanwhile, seen_lines
from aidlog.dispatch.story import Story, story_of
from aidlog.dispatch.truckloads import trucks_of
from aidlog.extensions import db
from aidlog.registry.models import Vehicle
from aidlog.stock.picking import open_lots
from aidlog.stock.queries import LotAt
from aidlog.web.counting import amount, fit, moment_typed
from aidlog.web.forms import CommandForm, Form, QuantityField, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.waybills import in_state

bp = Blueprint("waybill_leaving", __name__)

_WHEN = "%Y-%m-%dT%H:%M"


class _LineForm(Form):
    """What the loader says of one line: its weight where nobody knows it, another lot."""

    class Meta(Form.Meta):
        csrf = False

    line = HiddenField()
    kg = StringField(_l("Weight in kg"), [Length(max=20)])
    litres = StringField(_l("Volume in litres"), [Length(max=20)])
    other = SelectField(_l("Other lot"), coerce=int, validate_choice=False)
    packs = QuantityField(_l("Packs of the other lot"))
    why = StringField(_l("Why another lot"), [Length(max=200)])


class LeavingForm(CommandForm):
    vehicle = SelectField(_l("Truck"), coerce=int)
    plate = StringField(_l("Number plate"), [Length(max=20)])
    carrier = StringField(_l("Carrier"), [Length(max=120)])
    driver = StringField(_l("Driver"), [Length(max=120)])
    seal = StringField(_l("Seal number"), [Length(max=40)])
    left_at = DateTimeLocalField(
        _l("Left"), [InputRequired(_l("Write when the truck left."))], format=_WHEN
    )
    expected_at = DateTimeLocalField(
        _l("Expected"), [InputRequired(_l("Write when it should arrive."))], format=_WHEN
    )
    seen = HiddenField()
    lines = FieldList(FormField(_LineForm))


@bp.route("/waybills/<number>/load", methods=["GET", "POST"])
@requires(Permission.WAYBILL_LOAD)
def load(number: str) -> ResponseReturnValue:
    """Record that the goods are on the truck and it leaves."""
    story = in_state(number, WaybillState.PREPARED)
    form, problem = LeavingForm(), None
    trucks = trucks_of(db.session(), story.waybill.organisation_id)
    form.vehicle.choices = choices(
        [(0, _("Another truck")), *((one.id, one.plate) for one in trucks)]
    )
    if not form.is_submitted():
        form.seen.data = as_seen(story.lines)
        form.left_at.data = to_user_timezone(datetime.now(UTC)).replace(tzinfo=None)
    elif form.validate():
        try:
            with writing(db.session()) as session:
                asked = _leaving(form, number, {one.id: one for one in trucks})
                once(session, actor(), asked, load_and_send)
        except Refusal as refusal:
            problem = refusal
        else:
            flash(_("The truck is on the road. Print the waybill."), "success")
            return redirect(url_for("waybills.show", number=number), 303)
    story = story_of(db.session(), actor(), number)
    if (sent := form.seen.data) != as_seen(story.lines):
        # What stood beside each line is of no use any more; the trip is still as it was typed.
        form.lines.entries.clear()
        form.seen.data = as_seen(story.lines)
        problem = changed_meanwhile(number) if sent else problem
    others = _other_lots(story)
    _offer_lots(form, story, others)
    if problem is not None:
        _show_on_line(form, problem)
    return (
        render_template(
            "logistics/waybill_load.html",
            story=story,
            form=form,
            others=others,
            amount=amount,
        ),
        422 if form.is_submitted() else 200,
    )


def _offer_lots(form: LeavingForm, story: Story, others: dict[int, list[LotAt]]) -> None:
    fit(form.lines, len(story.lines))
    for line, entry in zip(story.lines, form.lines, strict=True):
        entry.form.other.choices = choices(
            [
                (0, _("As prepared")),
                *((lot.lot_id, lot.number) for lot in others.get(line.number, [])),
            ]
        )


def _other_lots(story: Story) -> dict[int, list[LotAt]]:
    """Return the lots that could stand in for each line, first expiry first."""
    lots = open_lots(
        db.session(),
        story.origin.id,
        {line.item.id for line in story.lines},
        datetime.now(UTC).date(),
        story.destination.id,
        {story.organisation.id},
    )
    return {
        line.number: [
            lot for lot in lots if lot.item_id == line.item.id and lot.lot_id != line.lot_id
        ]
        for line in story.lines
    }


def _leaving(form: LeavingForm, number: str, trucks: dict[int, Vehicle]) -> LoadAndSend:
    """Return the command; it follows from the form alone, so that a second click repeats it."""
    lines = seen_lines(form.seen.data or "")
    fit(form.lines, len(lines))
    truck = trucks.get(int(form.vehicle.data or 0))
    others, weights = [], []
    for line, entry in zip(lines, form.lines, strict=True):
        part = entry.form
        if part.other.data:
            units = line.quantity if part.packs.data is None else part.packs.data * line.pack_size
            others.append(
                OtherLot(
                    line=line.number,
                    lot_id=int(part.other.data),
                    quantity=units,
                    reason=part.why.data or "",
                )
            )
        grams = _typed(part.kg, f"kg_{line.number}")
        millilitres = _typed(part.litres, f"litres_{line.number}")
        if grams is not None or millilitres is not None:
            weights.append(Weighed(line=line.number, grams=grams, millilitres=millilitres))
    return LoadAndSend(
        command_id=str(form.command_id.data),
        waybill=number,
        plate=(form.plate.data or "").strip() or (truck.plate if truck else ""),
        carrier=(form.carrier.data or "").strip()
        or (truck.carrier.name if truck and truck.carrier else ""),
        driver=form.driver.data or "",
        seal=form.seal.data or "",
        left_at=moment_typed(form.left_at),
        expected_at=moment_typed(form.expected_at),
        vehicle_id=truck.id if truck else None,
        other_lots=tuple(others),
        weights=tuple(weights),
        seen=form.seen.data or "",
    )


def _typed(field: StringField, name: str) -> int | None:
    """Return kilograms as grams, or litres as millilitres; None where nothing was typed.

    Raises:
        Refusal: it is no figure above zero.
    """
    typed = (field.data or "").strip()
    if not typed:
        return None
    figure = typed_decimal(typed, places=3, field=name)
    if figure == 0:
        raise Refusal(
            Message(N_("This is above zero. Leave it empty where it is not known.")), field=name
        )
    return figure


def _show_on_line(form: LeavingForm, refusal: Refusal) -> None:
    """Show a refusal on the field of the line that it names (kg_2, litres_2, other_2, why_2)."""
    name, _sep, number = (refusal.field or "").rpartition("_")
    field = None
    of_a_line = name in {"kg", "litres", "other", "why"} and number.isdigit()
    if of_a_line and int(number) <= len(form.lines):
        field = form.lines[int(number) - 1].form[name]
    show_on(form, refusal, field=field)
