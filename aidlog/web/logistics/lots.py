"""One lot: where it stands, what became of it, and what can be done with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.kits import contents
from aidlog.registry.models import PackKind, PlaceKind
from aidlog.registry.queries import packs_of
from aidlog.stock.holding import HOLD_REASONS, GoodsAt, HoldGoods, hold_goods, may_hold
from aidlog.stock.kitting import BreakKits, break_kits
from aidlog.stock.lots import AtPlace, LotStory, lot_of, lot_story
from aidlog.stock.models import Reason
from aidlog.stock.repacking import Repack, repack
from aidlog.stock.wording import REASON_WORDS
from aidlog.web.filters import packs, quantity
from aidlog.web.forms import CommandForm, QuantityField, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import say

bp = Blueprint("lots", __name__, url_prefix="/lots")

SOON, NEAR = timedelta(days=30), timedelta(days=90)


@bp.get("/<int:lot_id>")
@requires(Permission.STOCK_VIEW)
def show(lot_id: int) -> ResponseReturnValue:
    """The card of a lot."""
    story = _story(lot_id)
    today = datetime.now(UTC).date()
    return render_template(
        "logistics/lot.html",
        story=story,
        chips={"today": today, "soon": today + SOON, "near": today + NEAR},
        is_kit=story.item.id in contents(db.session(), [story.item.id]),
        may_hold=any(may_hold(actor(), at.place.id) for at in story.places if at.free),
        may_work=bool(_workable(story)),
    )


class HoldForm(CommandForm):
    place = SelectField(_l("Where"), coerce=int, validate_choice=False)
    quantity = QuantityField(_l("How many"), [InputRequired(_l("Write how many."))])
    reason = SelectField(_l("Why"), [InputRequired(_l("Choose why."))])
    remark = StringField(_l("Remark"), [Length(max=400)])

    def command(self, lot_id: int) -> HoldGoods:
        line = GoodsAt(
            place_id=int(self.place.data), lot_id=lot_id, quantity=int(self.quantity.data)
        )
        return HoldGoods(
            command_id=str(self.command_id.data),
            lines=(line,),
            reason=Reason(self.reason.data),
            remark=self.remark.data or "",
        )


@bp.route("/<int:lot_id>/hold", methods=["GET", "POST"])
@requires(Permission.STOCK_VIEW)
def hold(lot_id: int) -> ResponseReturnValue:
    """Hold back a part of a lot, or all of it."""
    story = _story(lot_id)
    places = [at for at in story.places if may_hold(actor(), at.place.id)]
    form = HoldForm()
    if not places and not form.is_submitted():
        raise NotFound("goods to hold back")
    form.place.choices = _place_choices(places, story)
    form.reason.choices = choices(
        [("", _l("Choose a reason"))]
        + [(reason.value, say_reason(reason)) for reason in HOLD_REASONS]
    )
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), form.command(lot_id), hold_goods)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Held back under %(code)s.", code=answer["document"]), "success")
            return redirect(url_for(".show", lot_id=lot_id), 303)
    return (
        render_template("logistics/lot_hold.html", form=form, story=_story(lot_id)),
        422 if form.is_submitted() else 200,
    )


class RepackForm(CommandForm):
    place = SelectField(_l("Warehouse"), coerce=int, validate_choice=False)
    quantity = QuantityField(_l("How many are repacked"), [InputRequired(_l("Write how many."))])
    pack = SelectField(_l("Into"), [InputRequired(_l("Choose the new pack."))])
    rest_stays = BooleanField(_l("What does not fill a pack stays as it is"))

    def command(self, lot_id: int) -> Repack:
        kind, _sign, size = str(self.pack.data).partition("-")
        return Repack(
            command_id=str(self.command_id.data),
            warehouse_id=int(self.place.data),
            lot_id=lot_id,
            quantity=int(self.quantity.data),
            pack_kind=PackKind(kind),
            pack_size=int(size),
            rest_stays=bool(self.rest_stays.data),
        )


@bp.route("/<int:lot_id>/repack", methods=["GET", "POST"])
@requires(Permission.STOCK_ADJUST)
def repacking(lot_id: int) -> ResponseReturnValue:
    """Open packs, or put pieces into packs: another lot of the same goods."""
    story = _story(lot_id)
    places = _workable(story)
    form = RepackForm()
    if not places and not form.is_submitted():
        raise NotFound("goods to repack")
    form.place.choices = _place_choices(places, story)
    form.pack.choices = _pack_choices(story)
    if not form.is_submitted() and len(places) == 1:
        form.quantity.data = places[0].free
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), form.command(lot_id), repack)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(
                _(
                    "Repacked under %(code)s. This is the new lot; print its labels.",
                    code=answer["document"],
                ),
                "success",
            )
            return redirect(url_for(".show", lot_id=answer["lot_id"]), 303)
    return (
        render_template("logistics/lot_repack.html", form=form, story=_story(lot_id)),
        422 if form.is_submitted() else 200,
    )


class BreakForm(CommandForm):
    place = SelectField(_l("Where"), validate_choice=False)
    kits = QuantityField(_l("How many kits"), [InputRequired(_l("Write how many kits."))])

    def command(self, lot_id: int) -> BreakKits:
        place, _sign, held = str(self.place.data).partition("-")
        return BreakKits(
            command_id=str(self.command_id.data),
            warehouse_id=int(place) if place.isdecimal() else 0,
            lot_id=lot_id,
            kits=int(self.kits.data),
            held=held == "held",
        )


@bp.route("/<int:lot_id>/apart", methods=["GET", "POST"])
@requires(Permission.STOCK_ADJUST)
def apart(lot_id: int) -> ResponseReturnValue:
    """Take kits of a lot apart into lots of what is in them."""
    story = _story(lot_id)
    what = contents(db.session(), [story.item.id]).get(story.item.id)
    form = BreakForm()
    form.place.choices = choices(_places_of_kits(story))
    if (what is None or not form.place.choices) and not form.is_submitted():
        raise NotFound("kits to take apart")
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), form.command(lot_id), break_kits)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            code = answer["document"]
            if answer["held"]:
                told = _(
                    "Taken apart under %(code)s. The parts are held back: look at each of them.",
                    code=code,
                )
            else:
                told = _("Taken apart under %(code)s. The parts are in stock.", code=code)
            flash(told, "success")
            return redirect(url_for("movements.document", code=answer["document"]), 303)
    return (
        render_template("logistics/lot_apart.html", form=form, story=_story(lot_id), what=what),
        422 if form.is_submitted() else 200,
    )


def say_reason(reason: Reason) -> str:
    """Return the words for a reason, in the language of the page."""
    return say(Message(REASON_WORDS[reason]))


def _story(lot_id: int) -> LotStory:
    session = db.session()
    return lot_story(session, actor(), lot_of(session, actor(), lot_id))


def _workable(story: LotStory) -> list[AtPlace]:
    """Return the warehouses in which the actor can work on what is free of the lot."""
    return [
        at
        for at in story.places
        if at.place.kind is PlaceKind.WAREHOUSE
        and at.free
        and actor().may(Permission.STOCK_ADJUST, at=at.place.id)
    ]


def _place_choices(places: list[AtPlace], story: LotStory) -> list[Any]:
    return choices(
        (
            at.place.id,
            _(
                "%(place)s: %(free)s free",
                place=at.place.shown_as,
                free=quantity(at.free, story.item.base_unit),
            ),
        )
        for at in places
    )


def _places_of_kits(story: LotStory) -> list[tuple[str, str]]:
    """Return where kits of the lot can be taken apart: free ones, and those held back."""
    offered = []
    for at in story.places:
        if at.place.kind is not PlaceKind.WAREHOUSE or not actor().may(
            Permission.STOCK_ADJUST, at=at.place.id
        ):
            continue
        unit = story.item.base_unit
        if at.free:
            words = _(
                "%(place)s: %(free)s free",
                place=at.place.shown_as,
                free=quantity(at.free, unit),
            )
            offered.append((str(at.place.id), words))
        if at.held:
            words = _(
                "%(place)s: %(held)s held back",
                place=at.place.shown_as,
                held=quantity(at.held, unit),
            )
            offered.append((f"{at.place.id}-held", words))
    return offered


def _pack_choices(story: LotStory) -> list[Any]:
    """Return the packs that the item comes in, but the one that the lot is in."""
    unit = story.item.base_unit
    known = {(row.kind, row.size) for row in packs_of(db.session(), story.item.id)}
    known.add((PackKind.PIECE, 1))
    known.discard((PackKind(story.lot.pack_kind), story.lot.pack_size))
    return choices(
        [("", _l("Choose a pack"))]
        + [
            (
                f"{kind.value}-{size}",
                _("loose, one by one")
                if size == 1
                else _(
                    "packs of %(size)s: %(pack)s",
                    size=quantity(size, unit),
                    pack=packs(size, size, kind),
                ),
            )
            for kind, size in sorted(known, key=lambda pack: pack[1])
        ]
    )
