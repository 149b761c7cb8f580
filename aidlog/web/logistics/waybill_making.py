"""Waybills before the truck: proposed from a plan, made from free stock, changed, cancelled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, HiddenField, StringField
from wtforms.validators import Length

from aidlog.core.actor import Permission
from aidlog.core.decimals import typed_decimal
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import new_id, once
from aidlog.db.transaction import writing
from aidlog.dispatch.following import followed
from aidlog.dispatch.offering import Offered, destinations, offered, origins
from aidlog.dispatch.preparing import (
    CancelWaybill,
    ChangeWaybill,
    ItemAsked,
    PrepareWaybill,
    SplitWaybill,
    cancel_waybill,
    change_waybill,
    prepare_waybill,
    split_waybill,
)
from aidlog.dispatch.promising import LoadLine
from aidlog.dispatch.request_queries import RequestStory, request_story
from aidlog.dispatch.seen import as_seen, changed_meanwhile, seen_lines
from aidlog.dispatch.serving import CiteRequisition, cite_requisition
from aidlog.dispatch.story import Story, story_of
from aidlog.dispatch.truckloads import Proposal, proposals, trucks_of
from aidlog.extensions import db
from aidlog.needs.requisition_queries import RequisitionStory, requisition_story
from aidlog.planning.queries import plan_head
from aidlog.registry.models import Place
from aidlog.web.counting import ItemPacksForm, PacksForm, amount, by_item, fit, lay_out
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import say

bp = Blueprint("waybill_making", __name__)

#: A line of a proposed load in a form: lot, base units, and grams and millilitres where typed.
_LOAD_LINE = re.compile(r"([0-9]{1,15})-([0-9]{1,15})-([0-9]{0,15})-([0-9]{0,15})")


class LoadForm(CommandForm):
    """One proposed truckload, ready to become a waybill."""

    origin = StringField()
    destination = StringField()
    load = StringField()
    ahead = StringField()
    meeting_point = StringField(_l("Meeting point and contact"), [Length(max=200)])


@bp.route("/plans/<code>/dispatch", methods=["GET", "POST"])
@requires(Permission.PLAN_VIEW)
def dispatch(code: str) -> ResponseReturnValue:
    """Propose one waybill a truck for what a plan still has to send, and prepare them."""
    plan = plan_head(db.session(), actor(), code)
    form = LoadForm()
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                command = _load_command(form, code, plan.organisation_id)
                answer = once(session, actor(), command, prepare_waybill)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Waybill %(number)s is prepared.", number=answer["waybill"]), "success")
            return redirect(url_for(".dispatch", code=code, **_asked_again()), 303)
    sizes, wrong = _sizes_typed()
    return (
        render_template(
            "logistics/dispatch.html",
            plan=plan,
            form=form,
            trips=_trips(code, sizes),
            size_errors=wrong,
            trucks=trucks_of(db.session(), plan.organisation_id),
            follow=followed(db.session(), actor(), code),
            typed=request.args,
            new_id=new_id,
            encode=_encoded,
        ),
        422 if form.is_submitted() else 200,
    )


def _trips(code: str, sizes: dict[int, tuple[int | None, int | None]]) -> list[Proposal]:
    chosen = {}
    for name, value in request.args.items():
        found = re.fullmatch(r"truck_([0-9]{1,15})_([0-9]{1,15})", name)
        if found and value.isascii() and value.isdigit():
            chosen[int(found[1]), int(found[2])] = int(value)
    return proposals(db.session(), actor(), code, vehicles=chosen, sizes=sizes)


def _sizes_typed() -> tuple[dict[int, tuple[int | None, int | None]], dict[str, str]]:
    """Return (grams, millilitres) of a pack by lot as typed, and what is wrong by field."""
    grams: dict[int, int] = {}
    litres: dict[int, int] = {}
    wrong = {}
    for name, value in request.args.items():
        found = re.fullmatch(r"(kg|l)_([0-9]{1,15})", name)
        if not found or not value.strip():
            continue
        try:
            size = typed_decimal(value, places=3, largest=10**9)
        except Refusal as refusal:
            wrong[name] = say(refusal.message)
            continue
        (grams if found[1] == "kg" else litres)[int(found[2])] = size
    return {lot: (grams.get(lot), litres.get(lot)) for lot in grams.keys() | litres.keys()}, wrong


def _asked_again() -> dict[str, Any]:
    return {
        name: value
        for name, value in request.args.items()
        if re.fullmatch(r"(kg|l|truck)_[0-9_]{1,31}", name)
    }


def _encoded(proposal: Proposal, load: Any) -> str:
    """Return a load as one field of a form; see _LOAD_LINE."""
    return ",".join(
        f"{line.lot_id}-{line.quantity}-{line.grams or ''}-{line.millilitres or ''}"
        for line in proposal.load_lines(load)
    )


def _load_command(form: LoadForm, code: str, organisation_id: int) -> PrepareWaybill:
    lines = []
    for part in (form.load.data or "").split(","):
        found = _LOAD_LINE.fullmatch(part)
        if found is None or int(found[2]) == 0:
            raise NotFound("a load as it was proposed")
        lines.append(
            LoadLine(
                lot_id=int(found[1]),
                quantity=int(found[2]),
                grams=int(found[3]) if found[3] else None,
                millilitres=int(found[4]) if found[4] else None,
            )
        )
    return PrepareWaybill(
        command_id=str(form.command_id.data),
        organisation_id=organisation_id,
        origin_id=_place_id(form.origin.data),
        destination_id=_place_id(form.destination.data),
        lines=tuple(lines),
        plan_code=code,
        meeting_point=form.meeting_point.data or "",
        ahead=form.ahead.data == "1",
    )


def _place_id(text: str | None) -> int:
    if not text or not re.fullmatch(r"[0-9]{1,15}", text):
        raise NotFound("a place")
    return int(text)


class FreeForm(CommandForm):
    """Quantities of a waybill made from free stock, one part an item."""

    meeting_point = StringField(_l("Meeting point and contact"), [Length(max=200)])
    lines = FieldList(FormField(ItemPacksForm), max_entries=500)


@bp.route("/waybills/new", methods=["GET", "POST"])
@requires(Permission.WAYBILL_LOAD)
def new() -> ResponseReturnValue:
    """Make a waybill without a plan: choose the trip, then how much of what is free."""
    if plan := request.args.get("plan"):
        return redirect(url_for(".dispatch", code=plan), 303)
    starts = origins(db.session(), actor())
    ends = destinations(db.session(), actor())
    origin = next((place for place in starts if place.code == request.args.get("from")), None)
    destination = next((place for place in ends if place.code == request.args.get("to")), None)
    if origin is None or destination is None or origin.id == destination.id:
        return render_template(
            "logistics/waybill_new.html", origins=starts, ends=ends, origin=origin, form=None
        )
    return _from_free_stock(origin, destination)


def _from_free_stock(origin: Place, destination: Place) -> ResponseReturnValue:
    form = FreeForm()
    asked_for, wanted = _asked_for(), _requisition()
    open_of = {line.item.id: line.open for line in asked_for.lines} if asked_for else {}
    if wanted:
        open_of = {line.item.id: line.unsent for line in wanted.lines}
    if not form.is_submitted():
        goods = _offered(origin, destination)
        lay_out(form.lines, [(there.item.id, there.pack_size) for there in goods])
        _prefill(form, goods, open_of)
    elif form.validate():
        command = PrepareWaybill(
            command_id=str(form.command_id.data),
            organisation_id=origin.organisation_id,
            origin_id=origin.id,
            destination_id=destination.id,
            items=tuple(
                ItemAsked(item_id=item_id, quantity=part.quantity)
                for item_id, part in by_item(form.lines).items()
                if part.quantity
            ),
            request_code=asked_for.number if asked_for else "",
            requisition_code=wanted.number if wanted else "",
            meeting_point=form.meeting_point.data or "",
        )
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), command, prepare_waybill)
        except Refusal as refusal:
            _show_on_item(form, refusal)
        else:
            flash(_("Waybill %(number)s is prepared.", number=answer["waybill"]), "success")
            return redirect(url_for("waybills.show", number=answer["waybill"]), 303)
    return (
        render_template(
            "logistics/waybill_new.html",
            origin=origin,
            destination=destination,
            goods=_offered(origin, destination),
            parts=by_item(form.lines),
            form=form,
            asked_for=asked_for,
            wanted=wanted,
            open_of=open_of,
        ),
        422 if form.is_submitted() else 200,
    )


def _asked_for() -> RequestStory | None:
    """Return the transfer request that the address names, if it names one."""
    number = request.args.get("request")
    return request_story(db.session(), actor(), number) if number else None


def _requisition() -> RequisitionStory | None:
    """Return what a site asked for, if the address names it."""
    number = request.args.get("requisition")
    return requisition_story(db.session(), actor(), number) if number else None


def _prefill(form: FreeForm, goods: list[Offered], wanted: Mapping[int, int]) -> None:
    """Write what is still open of a request, as far as it is free."""
    parts = by_item(form.lines)
    for there in goods:
        quantity = min(wanted.get(there.item.id, 0), there.free)
        if quantity:
            part = parts[there.item.id]
            full, loose = divmod(quantity, there.pack_size)
            part.packs.data, part.loose.data = full or None, loose or None


def _offered(origin: Place, destination: Place) -> list[Offered]:
    today = datetime.now(UTC).date()
    return offered(db.session(), actor(), origin, destination, today=today)


def _show_on_item(form: FreeForm, refusal: Refusal) -> None:
    part = {f"item_{item}": part for item, part in by_item(form.lines).items()}.get(
        refusal.field or ""
    )
    show_on(form, refusal, field=part.where if part else None)


class LinesForm(CommandForm):
    """New quantities for a waybill's lines; ``act`` says whether they stay or go."""

    meeting_point = StringField(_l("Meeting point and contact"), [Length(max=200)])
    seen = HiddenField()
    lines = FieldList(FormField(PacksForm))

    @classmethod
    def of(cls, story: Story) -> LinesForm:
        """Return the form with what the waybill carries now, whatever was sent."""
        form = cls(formdata=None)
        fit(form.lines, len(story.lines))
        form.seen.data = as_seen(story.lines)
        form.meeting_point.data = story.waybill.meeting_point
        for line, entry in zip(story.lines, form.lines, strict=True):
            entry.form.packs.data, entry.form.loose.data = divmod(line.quantity, line.pack_size)
        return form


@bp.route("/waybills/<number>/change", methods=["GET", "POST"])
@requires(Permission.WAYBILL_LOAD)
def change(number: str) -> ResponseReturnValue:
    """Load less, or move a part to a second truck, before the truck has left."""
    story = story_of(db.session(), actor(), number, Permission.WAYBILL_LOAD)
    form, problem = LinesForm(), None
    if not form.is_submitted():
        form = LinesForm.of(story)
    elif form.validate():
        split = request.form.get("act") == "split"
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), *_changed(form, number, split=split))
        except Refusal as refusal:
            problem = refusal
        else:
            flash(
                _("The rest goes with waybill %(number)s.", number=answer["waybill"])
                if split
                else _("Waybill changed."),
                "success",
            )
            return redirect(url_for("waybills.show", number=number), 303)
    story = story_of(db.session(), actor(), number, Permission.WAYBILL_LOAD)
    if (sent := form.seen.data) != as_seen(story.lines):
        form = LinesForm.of(story)
        problem = changed_meanwhile(number) if sent else problem
    if problem is not None:
        show_on(form, problem)
    return (
        render_template("logistics/waybill_change.html", story=story, form=form, amount=amount),
        422 if form.is_submitted() else 200,
    )


def _changed(form: LinesForm, number: str, *, split: bool) -> tuple[Any, Any]:
    """Return the command and its action: keep what is typed, or send what is left of it.

    It follows from the form alone, so that the same form sent twice is the same command.
    """
    seen = form.seen.data or ""
    lines = seen_lines(seen)
    fit(form.lines, len(lines))
    kept = [
        (line, entry.form.units(line.pack_size))
        for line, entry in zip(lines, form.lines, strict=True)
    ]
    if split:
        return (
            SplitWaybill(
                command_id=str(form.command_id.data),
                waybill=number,
                lines=tuple(
                    LoadLine(lot_id=line.lot_id, quantity=line.quantity - quantity)
                    for line, quantity in kept
                    if quantity < line.quantity
                ),
                seen=seen,
            ),
            split_waybill,
        )
    return (
        ChangeWaybill(
            command_id=str(form.command_id.data),
            waybill=number,
            lines=tuple(
                LoadLine(lot_id=line.lot_id, quantity=quantity)
                for line, quantity in kept
                if quantity
            ),
            meeting_point=form.meeting_point.data or "",
            seen=seen,
        ),
        change_waybill,
    )


@bp.post("/waybills/<number>/cancel")
@requires(Permission.WAYBILL_LOAD)
def cancel(number: str) -> ResponseReturnValue:
    """Call the truck off; its goods are free again, or the plan's."""
    form = CommandForm()
    if not form.validate_on_submit():
        raise NotFound(f"a form to cancel {number}")
    with writing(db.session()) as session:
        command = CancelWaybill(command_id=str(form.command_id.data), waybill=number)
        once(session, actor(), command, cancel_waybill)
    flash(_("Waybill %(number)s is cancelled. Its goods were not moved.", number=number), "success")
    return redirect(url_for("waybills.show", number=number), 303)


@bp.post("/waybills/<number>/cite")
@requires(Permission.WAYBILL_LOAD)
def cite(number: str) -> ResponseReturnValue:
    """Say which request of its site a waybill serves; what is counted for it follows."""
    story = story_of(db.session(), actor(), number, Permission.WAYBILL_LOAD)
    form = CommandForm()
    if not form.validate_on_submit():
        raise NotFound(f"a form to cite a request on {number}")
    command = CiteRequisition(
        command_id=str(form.command_id.data),
        waybill=story.number,
        number=request.form.get("number", "").strip()[:40],
    )
    try:
        with writing(db.session()) as session:
            once(session, actor(), command, cite_requisition)
    except Refusal as refusal:
        flash(say(refusal.message), "error")
    else:
        flash(_("Waybill changed."), "success")
    return redirect(url_for("waybills.show", number=number), 303)
