"""Waybills: the list, one with all that happened to it, its papers, and its QR code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound
from aidlog.dispatch import marks
from aidlog.dispatch.arrivals import arrival
from aidlog.dispatch.losses import deciding_place
from aidlog.dispatch.models import LossState, WaybillState
from aidlog.dispatch.queries import PAGE, WaybillFilter, how_many, loss_reports, waybills
from aidlog.dispatch.serving_queries import could_serve, served_by
from aidlog.dispatch.story import Story, story_of
from aidlog.dispatch.wording import STATE_WORDS
from aidlog.extensions import db
from aidlog.registry.models import PlaceKind
from aidlog.reports.distribution_sheet import Wanted, sheet_of_waybill
from aidlog.web.counting import amount
from aidlog.web.forms import CommandForm, choices
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.registry_words import said
from aidlog.web.sessions import settings
from aidlog.web.tongues import tongues

bp = Blueprint("waybills", __name__)

_CHIPS = {
    WaybillState.ON_THE_ROAD: "info",
    WaybillState.RECEIVED: "good",
    WaybillState.DISPUTED: "warn",
}
#: Filters of the list, in the order of the work.
FILTERS = (
    ("open", _l("Open")),
    ("late", _l("Late")),
    ("prepared", _l("To load")),
    ("on_the_road", _l("On the road")),
    ("disputed", _l("Goods missing")),
    ("received", _l("Received")),
    ("all", _l("All")),
)
REPORTS: Mapping[str, tuple[object, str]] = {
    LossState.OPEN: (_l("waits for a decision"), "warn"),
    LossState.BOOKED: (_l("written off"), ""),
    LossState.FOUND: (_l("found"), "good"),
    LossState.WITHDRAWN: (_l("withdrawn: its count was reversed"), ""),
    LossState.REVERSED: (_l("reversed"), ""),
}


class CiteForm(CommandForm):
    """Which request of the site a waybill serves with what is on both; none is a choice."""

    number = SelectField(_l("For request"), default="")

    @classmethod
    def of(cls, numbers: Sequence[str], cited: Sequence[str]) -> CiteForm:
        """Return the form with the requests that are open, the one that is cited chosen."""
        form = cls(formdata=None)
        form.number.data = next((one for one in cited if one in numbers), "")
        form.number.choices = choices([("", _("none")), *((one, one) for one in numbers)])
        return form


@bp.get("/waybills")
@requires(Permission.WAYBILL_VIEW)
def listing() -> ResponseReturnValue:
    """List trucks: what to load, what is on the road, what is late, what is missing."""
    now = datetime.now(UTC)
    state = request.args.get("state", "open")
    wanted = WaybillFilter(
        state=state,
        warehouse=request.args.get("from", ""),
        before=request.args.get("before", type=int),
    )
    found = waybills(db.session(), actor(), wanted, now=now)
    return render_template(
        "logistics/waybills.html",
        rows=found[:PAGE],
        next_before=found[PAGE - 1].id if len(found) > PAGE else None,
        wanted=wanted,
        state=state if state in {name for name, _words in FILTERS} else "open",
        counts=how_many(db.session(), actor(), now=now),
        filters=FILTERS,
        states=chips_of_states(),
        now=now,
        overdue=now - timedelta(hours=settings().transit_grace_hours),
        may_load=actor().may(Permission.WAYBILL_LOAD),
    )


@bp.get("/waybills/<number>")
@requires(Permission.WAYBILL_VIEW)
def show(number: str) -> ResponseReturnValue:
    """Show a waybill: what it carries, what happened, what can be done next."""
    story = story_of(db.session(), actor(), number)
    waybill, now = story.waybill, datetime.now(UTC)
    return render_template(
        "logistics/waybill.html",
        story=story,
        waybill=waybill,
        amount=amount,
        states=chips_of_states(),
        reports=REPORTS,
        may_load=story.origin.organisation_id == story.organisation.id
        and actor().may(Permission.WAYBILL_LOAD, at=waybill.origin_id),
        may_receive=_may_receive(story),
        may_count=waybill.state is WaybillState.ON_THE_ROAD
        and story.destination.kind is PlaceKind.WAREHOUSE
        and actor().may(Permission.GOODS_RECEIVE, at=waybill.destination_id),
        may_decide=actor().may(Permission.STOCK_APPROVE, at=deciding_place(db.session(), waybill))
        and actor().user_id != waybill.loaded_by,
        late=waybill.state is WaybillState.ON_THE_ROAD
        and waybill.expected_at is not None
        and waybill.expected_at < now,
        grace=settings().transit_grace_hours,
        cancel_form=CommandForm(),
        served=(served := served_by(db.session(), actor(), waybill.id)),
        could_serve=(could := could_serve(db.session(), actor(), waybill.destination_id)),
        cite_form=CiteForm.of(could, served),
    )


def _may_receive(story: Story) -> bool:
    """Say whether who asks may type in the paper: not the one who loaded the truck."""
    waybill = story.waybill
    return (
        waybill.state in {WaybillState.ON_THE_ROAD, WaybillState.RECEIVED, WaybillState.DISPUTED}
        and actor().may(Permission.WAYBILL_LOAD, at=waybill.origin_id)
        and actor().user_id != waybill.loaded_by
    )


@bp.get("/waybills/<number>/print.pdf")
@requires(Permission.WAYBILL_VIEW)
def paper(number: str) -> ResponseReturnValue:
    """Print the waybill, four copies, in two languages."""
    from aidlog.reports.waybill_pdf import Facts, waybill_pdf

    story = story_of(db.session(), actor(), number)
    first, second = tongues()
    facts = Facts(
        operation=settings().operation_name,
        qr=_qr(story),
        printed_at=datetime.now(UTC),
    )
    return _pdf(waybill_pdf(story, facts, first, second), f"{number}.pdf")


@bp.get("/waybills/<number>/sheet.pdf")
@requires(Permission.WAYBILL_VIEW)
def sheet(number: str) -> ResponseReturnValue:
    """Print the list that households sign for what this waybill carries."""
    from aidlog.reports.distribution_sheet_pdf import distribution_sheet_pdf

    story = story_of(db.session(), actor(), number)
    first, second = tongues()
    wanted = Wanted(
        held_on=None,
        first=request.args.get("from", 1, type=int),
        last=request.args.get("to", type=int),
        languages=(first.language, second.language),
    )
    pdf = distribution_sheet_pdf(sheet_of_waybill(db.session(), story, wanted), first, second)
    return _pdf(pdf, f"{number}-list.pdf")


@bp.get("/w/<number>/<check>/<token>")
@bp.get("/W/<number>/<check>/<token>")
@requires(Permission.HOME_VIEW)
def scanned(number: str, check: str, token: str) -> ResponseReturnValue:
    """Lead from the QR code on the paper to the page of whoever scanned it."""
    here = actor()
    if here.may(Permission.RECEIPT_CONFIRM):
        _same(arrival(db.session(), here, number), check, token)
        return redirect(url_for("arrivals.what_arrived", number=number), 303)
    if here.may(Permission.WAYBILL_VIEW):
        _same(story_of(db.session(), here, number), check, token)
        return redirect(url_for(".show", number=number), 303)
    raise NotFound(f"waybill {number}")


def _same(story: Story, check: str, token: str) -> None:
    """Raise unless check code and token are those printed on the paper."""
    waybill = story.waybill
    if check != waybill.check_code or marks.token_hash(token) != waybill.token_hash:
        raise NotFound(f"paper of {story.number}")


@bp.get("/losses")
@requires(Permission.WAYBILL_VIEW)
def losses() -> ResponseReturnValue:
    """List loss reports: what is missing, and what was decided."""
    only_open = request.args.get("state") == "open"
    before = request.args.get("before", type=int)
    found = loss_reports(db.session(), actor(), only_open=only_open, before=before)
    return render_template(
        "logistics/losses.html",
        rows=found[:PAGE],
        next_before=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        only_open=only_open,
        reports=REPORTS,
    )


def _qr(story: Story) -> str:
    """Return what the QR code holds: number, check code, token; no place and no person.

    In capitals, which a QR code packs tighter; what is printed small is still read.
    """
    path = f"/w/{story.number}/{story.waybill.check_code}/{marks.token(db.session(), story.number)}"
    return f"{settings().base_url.rstrip('/')}{path}".upper()


def _pdf(content: bytes, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(content), mimetype="application/pdf", download_name=name)


def in_state(number: str, *states: WaybillState) -> Story:
    """Return the waybill where it is in one of ``states``; its page says what else it is.

    What is sent is the action's to judge: a second click comes when the truck has left, and
    is answered like the first.
    """
    story = story_of(db.session(), actor(), number, Permission.WAYBILL_LOAD)
    if request.method == "GET" and story.waybill.state not in states:
        raise NotFound(f"waybill {number} is {story.waybill.state}")
    return story


def chips_of_states() -> Mapping[str, tuple[str, str]]:
    """Return what each state is called, and the kind of its chip."""
    return {state: (words, _CHIPS.get(state, "")) for state, words in said(STATE_WORDS).items()}
