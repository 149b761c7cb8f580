"""A truck leaves, comes back, or its signed paper is typed in; losses are decided."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import to_user_timezone
from wtforms import (
    DateTimeLocalField,
    FieldList,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.decimals import typed_decimal
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.loading import LoadAndSend, OtherLot, Weighed, load_and_send
from aidlog.dispatch.losses import (
    BookLoss,
    FoundLine,
    RecordLateArrival,
    book_loss,
    record_late_arrival,
)
from aidlog.dispatch.models import WaybillState
from aidlog.dispatch.queries import waybill_cited_by
from aidlog.dispatch.receipts import confirm_receipt
from aidlog.dispatch.returning import CameBack, ReturnToSender, return_to_sender
from aidlog.dispatch.seen import as_seen, changed_meanwhile, seen_lines
from aidlog.dispatch.story import Line, Story, story_of
from aidlog.dispatch.truckloads import trucks_of
from aidlog.extensions import db
from aidlog.registry.models import Vehicle
from aidlog.stock.picking import open_lots
from aidlog.stock.queries import LotAt
from aidlog.web.counting import (
    PacksForm,
    ReceiptForm,
    amount,
    command,
    difference,
    fit,
    moment_typed,
    understand,
)
from aidlog.web.forms import CommandForm, Form, QuantityField, choices, show_on
from aidlog.web.guards import actor, requires

bp = Blueprint("waybill_moving", __name__)

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
    story = _in(number, WaybillState.PREPARED)
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


@bp.route("/waybills/<number>/receipt", methods=["GET", "POST"])
@requires(Permission.WAYBILL_LOAD)
def receipt(number: str) -> ResponseReturnValue:
    """Type in the paper that came back signed: the site's count, not one's own."""
    story = _in(number, WaybillState.ON_THE_ROAD, WaybillState.RECEIVED, WaybillState.DISPUTED)
    form = ReceiptForm()
    fit(form.lines, len(story.lines))
    step = request.form.get("step", "")
    answers = None
    if form.is_submitted() and step != "edit":
        sound = form.validate()
        answers = understand(form, story.lines)
        answers = answers if sound else None
    if answers is not None and step == "confirm":
        if not (form.received_by.data or "").strip():
            form.received_by.errors = [_("Write who signed the paper.")]
        else:
            try:
                with writing(db.session()) as session:
                    asked = command(form, number, answers, channel="paper")
                    answer = once(session, actor(), asked, confirm_receipt)
            except Refusal as refusal:
                show_on(form, refusal)
                answers = None
            else:
                flash(_("Receipt %(number)s is recorded.", number=answer["receipt"]), "success")
                return redirect(url_for("waybills.show", number=number), 303)
    wrong = form.is_submitted() and step != "edit" and bool(form.errors or form.form_errors)
    return (
        render_template(
            "logistics/waybill_receipt.html",
            story=story_of(db.session(), actor(), number),
            form=form,
            answers=answers,
            sent=_sent(),
            amount=amount,
            difference=difference,
        ),
        422 if wrong else 200,
    )


def _sent() -> list[tuple[str, str]]:
    own = {"step", "csrf_token", "received_by", "command_id"}
    return [(name, value) for name, value in request.form.items(multi=True) if name not in own]


class BackPart(PacksForm):
    """What came back of one line in good state, and what of it is damaged beside that."""

    damaged = QuantityField(_l("Damaged, loose"))


class BackForm(CommandForm):
    """What came back, line by line, and when."""

    at = DateTimeLocalField(
        _l("When"), [InputRequired(_l("Write the day and the time."))], format=_WHEN
    )
    remark = StringField(_l("Why it came back"), [Length(max=200)])
    lines = FieldList(FormField(BackPart))


@bp.route("/waybills/<number>/return", methods=["GET", "POST"])
@requires(Permission.WAYBILL_LOAD)
def come_back(number: str) -> ResponseReturnValue:
    """Count what a truck brought back, onto the shelf again."""
    story = _in(number, WaybillState.ON_THE_ROAD, WaybillState.DISPUTED)

    def asked(form: BackForm, lines: list[Line]) -> tuple[Any, Any]:
        return (
            ReturnToSender(
                command_id=str(form.command_id.data),
                waybill=number,
                lines=tuple(
                    CameBack(
                        line=line.number,
                        quantity=entry.form.units(line.pack_size),
                        damaged=entry.form.damaged.data or 0,
                    )
                    for line, entry in zip(lines, form.lines, strict=True)
                ),
                returned_at=moment_typed(form.at),
                remark=form.remark.data or "",
            ),
            return_to_sender,
        )

    return _counted_off(story, asked, late=False)


@bp.route("/waybills/<number>/late", methods=["GET", "POST"])
@requires(Permission.WAYBILL_LOAD)
def late(number: str) -> ResponseReturnValue:
    """Record for a site, from its paper, that what was missing arrived after all."""
    story = _in(number, WaybillState.DISPUTED)
    report = story.open_report or (story.reports[-1] if story.reports else None)
    if report is None or (request.method == "GET" and story.open_report is None):
        raise NotFound(f"nothing is missing of {number}")

    def asked(form: BackForm, lines: list[Line]) -> tuple[Any, Any]:
        return (
            RecordLateArrival(
                command_id=str(form.command_id.data),
                report=report.number,
                lines=tuple(
                    FoundLine(line=line.number, quantity=entry.form.units(line.pack_size))
                    for line, entry in zip(lines, form.lines, strict=True)
                ),
                arrived_at=moment_typed(form.at),
            ),
            record_late_arrival,
        )

    return _counted_off(story, asked, late=True)


def _counted_off(story: Story, asked: Any, *, late: bool) -> ResponseReturnValue:
    """Show or take in the count of what comes off the road, at either end of it."""
    # One part a line of the paper, also for lines that are no longer out: a part that is found
    # by counting what is out would mean another line once some of it has come back.
    form = BackForm()
    fit(form.lines, len(story.lines))
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), *asked(form, story.lines))
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Count recorded."), "success")
            return redirect(url_for("waybills.show", number=story.number), 303)
    story = story_of(db.session(), actor(), story.number)
    return (
        render_template(
            "logistics/waybill_back.html",
            story=story,
            out=[
                (line, entry.form)
                for line, entry in zip(story.lines, form.lines, strict=True)
                if line.number in story.still_out
            ],
            form=form,
            late=late,
            amount=amount,
        ),
        422 if form.is_submitted() else 200,
    )


class LossForm(CommandForm):
    reason = TextAreaField(_l("What happened, as far as it is known"), [Length(max=400)])


@bp.route("/losses/<report>", methods=["GET", "POST"])
@requires(Permission.STOCK_APPROVE)
def decide(report: str) -> ResponseReturnValue:
    """Write off what is missing, as a second person."""
    number = waybill_cited_by(db.session(), report)
    story = story_of(db.session(), actor(), number, Permission.STOCK_APPROVE)
    form = LossForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                asked = BookLoss(
                    command_id=str(form.command_id.data),
                    report=report,
                    reason=form.reason.data or "",
                )
                once(session, actor(), asked, book_loss)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Loss booked under %(number)s.", number=report), "success")
            return redirect(url_for("waybills.show", number=story.number), 303)
    story = story_of(db.session(), actor(), story.number, Permission.STOCK_APPROVE)
    return (
        render_template(
            "logistics/loss.html",
            story=story,
            report=next(one for one in story.reports if one.number == report),
            lines={line.number: line for line in story.lines},
            form=form,
            amount=amount,
        ),
        422 if form.is_submitted() else 200,
    )


def _in(number: str, *states: WaybillState) -> Story:
    """Return the waybill where it is in one of ``states``; its page says what else it is.

    What is sent is the action's to judge: a second click comes when the truck has left, and
    is answered like the first.
    """
    story = story_of(db.session(), actor(), number, Permission.WAYBILL_LOAD)
    if request.method == "GET" and story.waybill.state not in states:
        raise NotFound(f"waybill {number} is {story.waybill.state}")
    return story
