"""What expires, what is held back, and the decisions on it: by date and by place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.quantity import whole_number
from aidlog.core.text import N_, Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import Place
from aidlog.stock.holding import (
    DESTROY_REASONS,
    RELEASE_REASONS,
    CannotHold,
    DestroyGoods,
    GoodsAt,
    HoldGoods,
    ReleaseGoods,
    SendBackGoods,
    destroy_goods,
    hold_goods,
    may_decide,
    may_hold,
    release_goods,
    send_back_goods,
)
from aidlog.stock.levels import warehouses
from aidlog.stock.models import Reason
from aidlog.stock.recalled import recalled
from aidlog.stock.shelves import OnShelf, ShelfFilter, on_shelves
from aidlog.stock.wording import REASON_WORDS
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import say

bp = Blueprint("holding", __name__)

#: More rows than this are read by warehouse, one after the other.
MOST = 400
#: Within so many days a lot is near its date, where nothing else was asked.
WITHIN = 90


class DecisionForm(CommandForm):
    """What is decided on the rows that are ticked."""

    reason = SelectField(_l("Why"), validate_choice=False)
    receiver = StringField(_l("Goes back to"), [Length(max=120)])
    remark = StringField(_l("Remark"), [Length(max=250)])

    def offer(self, reasons: Sequence[Reason]) -> None:
        """Fill the list of reasons."""
        self.reason.choices = choices(
            [("", _l("Choose a reason"))] + [(one.value, _words(one)) for one in reasons]
        )

    def why(self) -> Reason:
        """Return the reason that was chosen; one that is none explains nothing."""
        try:
            return Reason(self.reason.data)
        except ValueError:
            return Reason.UNKNOWN


@bp.route("/expiry", methods=["GET", "POST"])
@requires(Permission.STOCK_VIEW)
def expiry() -> ResponseReturnValue:
    """What has expired and what soon will, warehouse by warehouse; two clicks hold it back."""
    today = datetime.now(UTC).date()
    seen, place = _place()
    within = min(max(request.args.get("within", WITHIN, type=int), 0), 3650)
    form = DecisionForm()
    form.offer([Reason.EXPIRED])
    form.reason.data = Reason.EXPIRED.value
    if form.is_submitted() and (answer := _decide(form, _of_expiry, held=False)):
        return answer
    rows = _rows(seen, place, until=today + timedelta(days=within))
    return _page("logistics/expiry_list.html", form, rows, seen, place, today, within=within)


@bp.route("/held", methods=["GET", "POST"])
@requires(Permission.STOCK_VIEW)
def held() -> ResponseReturnValue:
    """What is held back in warehouses and at sites, and the decision on it."""
    today = datetime.now(UTC).date()
    seen, place = _place()
    form = DecisionForm()
    form.offer(sorted({*RELEASE_REASONS, *DESTROY_REASONS}))
    if form.is_submitted() and (answer := _decide(form, _of_held, held=True)):
        return answer
    rows = on_shelves(
        db.session(),
        ShelfFilter(
            organisations=actor().organisation_ids,
            places=[place.id] if place else actor().places(Permission.STOCK_VIEW),
            held=True,
        ),
        limit=MOST,
    )
    out = recalled(db.session(), [row.lot.id for row in rows])
    return _page("logistics/held_list.html", form, rows, seen, place, today, recalls=out)


Act = tuple[Callable[..., Any], Any]


def _of_expiry(form: DecisionForm, lines: tuple[GoodsAt, ...], act: str) -> Act:
    """Return action and command."""
    given: dict[str, Any] = {
        "command_id": str(form.command_id.data),
        "lines": lines,
        "reason": Reason.EXPIRED,
        "remark": form.remark.data or "",
    }
    if act == "hold":
        return hold_goods, HoldGoods(**given)
    return _of_loss(form, given, act)


def _of_held(form: DecisionForm, lines: tuple[GoodsAt, ...], act: str) -> Act:
    given: dict[str, Any] = {
        "command_id": str(form.command_id.data),
        "lines": lines,
        "reason": form.why(),
        "remark": form.remark.data or "",
    }
    if act == "release":
        return release_goods, ReleaseGoods(**given)
    return _of_loss(form, given, act)


def _of_loss(form: DecisionForm, given: dict[str, Any], act: str) -> Act:
    if act == "destroy":
        return destroy_goods, DestroyGoods(**given)
    if act == "back":
        return send_back_goods, SendBackGoods(**given, receiver=form.receiver.data or "")
    raise NotFound("decision")


def _decide(
    form: DecisionForm, of: Callable[[DecisionForm, tuple[GoodsAt, ...], str], Act], *, held: bool
) -> ResponseReturnValue | None:
    """Do what is asked of the ticked rows; None where it was refused and stands on the form."""
    if not form.validate():
        form.renew()
        return None
    try:
        action, command = of(form, _ticked(held=held), request.form.get("act", ""))
        with writing(db.session()) as session:
            answer = once(session, actor(), command, action)
    except Refusal as refusal:
        show_on(form, refusal)
        return None
    flash(_told(request.form.get("act", ""), answer["document"]), "success")
    return redirect(url_for("movements.document", code=answer["document"]), 303)


def _told(act: str, code: str) -> str:
    if act == "hold":
        return str(_("Held back under %(code)s.", code=code))
    if act == "release":
        return str(_("Let go for use under %(code)s.", code=code))
    if act == "destroy":
        return str(_("Written off under %(code)s.", code=code))
    return str(_("Sent back under %(code)s.", code=code))


def _ticked(*, held: bool) -> tuple[GoodsAt, ...]:
    """Return the rows that are ticked, each with the quantity beside it."""
    lines = []
    for value in request.form.getlist("row"):
        place, _sign, lot = value.partition("-")
        if not (place.isdecimal() and lot.isdecimal() and value.isascii() and len(value) < 40):
            raise NotFound("row")
        lines.append(
            GoodsAt(
                place_id=int(place),
                lot_id=int(lot),
                quantity=whole_number(request.form.get(f"n-{value}", ""), field="quantity"),
                held=held,
            )
        )
    if not lines:
        raise CannotHold(Message(N_("Tick at least one lot.")))
    return tuple(lines)


def _place() -> tuple[list[Place], Place | None]:
    seen = warehouses(db.session(), actor())
    code = request.args.get("at", "")
    place = next((one for one in seen if one.code == code), None)
    if code and place is None:
        raise NotFound("warehouse")
    return seen, place


def _rows(seen: list[Place], place: Place | None, *, until: date) -> list[OnShelf]:
    which = ShelfFilter(
        organisations=actor().organisation_ids,
        places=[place.id] if place else [one.id for one in seen],
        until=until,
    )
    return on_shelves(db.session(), which, limit=MOST)


def _page(
    template: str,
    form: DecisionForm,
    rows: list[OnShelf],
    seen: list[Place],
    place: Place | None,
    today: date,
    **more: object,
) -> ResponseReturnValue:
    page = render_template(
        template,
        form=form,
        rows=rows,
        warehouses=seen,
        place=place,
        today=today,
        most=MOST,
        may_hold={row.place.id for row in rows if may_hold(actor(), row.place.id)},
        may_decide={row.place.id for row in rows if may_decide(actor(), row.place.id)},
        ticked=set(request.form.getlist("row")),
        amounts={name: value for name, value in request.form.items() if name.startswith("n-")},
        expired=any(row.lot.expires_on is not None and row.lot.expires_on < today for row in rows),
        chips={
            "today": today,
            "soon": today + timedelta(days=30),
            "near": today + timedelta(days=WITHIN),
        },
        **more,
    )
    return page, 422 if form.is_submitted() else 200


def _words(reason: Reason) -> str:
    return say(Message(REASON_WORDS[reason]))
