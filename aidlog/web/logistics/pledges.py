"""The donor desk: promises recorded, confirmed, followed and ended."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.core.text import Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.appealing import open_appeals
from aidlog.donations.models import Pledge, PledgeState
from aidlog.donations.pledging import (
    OPEN,
    ConfirmPledge,
    EndPledge,
    RecordPledge,
    confirm_pledge,
    end_pledge,
    record_pledge,
)
from aidlog.donations.queries import (
    collection_places,
    detail,
    donors,
    earmark_sites,
    owners,
    pledge,
    pledges,
)
from aidlog.donations.tracking_links import make_token, token_hash
from aidlog.donations.wording import STATE_WORDS
from aidlog.extensions import db
from aidlog.web.forms import CommandForm, QuantityField, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.item_picking import item_typed
from aidlog.web.sessions import settings

bp = Blueprint("pledges", __name__)

PAGE = 25
#: Where the private link waits, in the recorder's own cookie, until it is shown once.
LINK = "tracking_link"

#: The kind of the chip of a state.
CHIPS = {
    PledgeState.PROMISED: "",
    PledgeState.CONFIRMED: "info",
    PledgeState.PARTLY_RECEIVED: "warn",
    PledgeState.RECEIVED: "good",
    PledgeState.CANCELLED: "",
}


class PledgeForm(CommandForm):
    organisation = SelectField(_l("For"), coerce=int)
    item = StringField(
        _l("What is promised"),
        [InputRequired(_l("Write the item's code or its name.")), Length(max=200)],
    )
    quantity = QuantityField(
        _l("How much"),
        [InputRequired(_l("Write how much is promised: a whole number above zero."))],
    )
    donor_name = StringField(_l("Donor"), [Length(max=120)])
    donor = SelectField(_l("Donor's account"), coerce=int)
    appeal = SelectField(_l("For the appeal"), coerce=int)
    earmark = SelectField(_l("Only for one site"), coerce=int)
    collection = SelectField(_l("Where it is brought"), coerce=int)
    expected_on = DateField(_l("When it should come"), [Optional()])

    def command(self, item_id: int, hashed: str) -> RecordPledge:
        return RecordPledge(
            command_id=str(self.command_id.data),
            organisation_id=int(self.organisation.data),
            item_id=item_id,
            quantity=int(self.quantity.data),
            token_hash=hashed,
            donor_name=(self.donor_name.data or "").strip(),
            donor_id=self.donor.data or None,
            appeal_id=self.appeal.data or None,
            earmarks=(self.earmark.data,) if self.earmark.data else (),
            collection_id=self.collection.data or None,
            expected_on=self.expected_on.data,
        )


class ConfirmForm(CommandForm):
    expected_on = DateField(_l("When it should come"), [Optional()])

    def command(self, reference: str) -> ConfirmPledge:
        return ConfirmPledge(
            command_id=str(self.command_id.data),
            reference=reference,
            expected_on=self.expected_on.data,
        )


class EndForm(CommandForm):
    why = StringField(
        _l("Why is nothing more expected?"),
        [InputRequired(_l("Write why nothing more is expected.")), Length(max=200)],
    )

    def command(self, reference: str) -> EndPledge:
        return EndPledge(
            command_id=str(self.command_id.data), reference=reference, why=self.why.data or ""
        )


@bp.get("/pledges")
@requires(Permission.PLEDGE_VIEW)
def listing() -> ResponseReturnValue:
    """Promises, newest first, with what came of each."""
    state = request.args.get("state", "")
    search = request.args.get("q", "").strip()[:80]
    states = {PledgeState(state)} if state in set(PledgeState) else OPEN if state == "open" else ()
    rows = pledges(
        db.session(),
        actor(),
        states=states,
        search=search,
        before=request.args.get("before", type=int),
        limit=PAGE + 1,
    )
    return render_template(
        "logistics/pledges.html",
        rows=rows[:PAGE],
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        before=request.args.get("before"),
        state=state,
        search=search,
        words=_words(),
        today=datetime.now(UTC).date(),
        may_record=actor().may(Permission.PLEDGE_RECORD),
    )


@bp.route("/pledges/new", methods=["GET", "POST"])
@requires(Permission.PLEDGE_RECORD)
def record() -> ResponseReturnValue:
    """Record a promise for somebody; their private link is shown once, on the next page."""
    form = PledgeForm()
    _choices(form)
    if form.validate_on_submit():
        # The link comes from the command's id: a form that is sent again shows the same one.
        token = make_token(str(current_app.secret_key).encode(), str(form.command_id.data))
        try:
            item = item_typed(db.session(), form.item.data or "")
            with writing(db.session()) as session:
                wanted = form.command(item.id, token_hash(token))
                answer = once(session, actor(), wanted, record_pledge)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            cookie[LINK] = {"reference": answer["reference"], "token": token}
            flash(_("Pledge %(code)s is recorded.", code=answer["reference"]), "success")
            return redirect(url_for(".show", code=answer["reference"]), 303)
    return (
        render_template("logistics/pledge_record.html", form=form),
        422 if form.is_submitted() else 200,
    )


@bp.get("/pledges/<code>")
@requires(Permission.PLEDGE_VIEW)
def show(code: str) -> ResponseReturnValue:
    """A pledge: what was promised, what came of it, what can be done."""
    return _page(pledge(db.session(), actor(), code), ConfirmForm(), EndForm(), 200)


@bp.post("/pledges/<code>/confirm")
@requires(Permission.PLEDGE_RECORD)
def confirm(code: str) -> ResponseReturnValue:
    """The donor said again that it will come."""
    shown = pledge(db.session(), actor(), code)
    form = ConfirmForm()
    if form.validate():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(shown.reference), confirm_pledge)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("The pledge is confirmed."), "success")
            return redirect(url_for(".show", code=code), 303)
    return _page(pledge(db.session(), actor(), code), form, EndForm(formdata=None), 422)


@bp.post("/pledges/<code>/end")
@requires(Permission.PLEDGE_RECORD)
def end(code: str) -> ResponseReturnValue:
    """Nothing more will come."""
    shown = pledge(db.session(), actor(), code)
    form = EndForm()
    if form.validate():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(shown.reference), end_pledge)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Nothing more is expected of this pledge."), "success")
            return redirect(url_for(".show", code=code), 303)
    return _page(pledge(db.session(), actor(), code), ConfirmForm(formdata=None), form, 422)


def _page(
    shown: Pledge, confirming: ConfirmForm, ending: EndForm, status: int
) -> ResponseReturnValue:
    link = cookie.get(LINK)
    token = None
    if link and link["reference"] == shown.reference:
        token = link["token"]
        del cookie[LINK]
    return (
        render_template(
            "logistics/pledge.html",
            pledge=shown,
            detail=detail(db.session(), shown),
            form=confirming if confirming.errors else ending,
            confirming=confirming,
            ending=ending,
            words=_words(),
            link=_link(token) if token else None,
            is_open=shown.state in OPEN,
            may_record=actor().may(Permission.PLEDGE_RECORD),
            may_receive=actor().may(Permission.GOODS_RECEIVE),
        ),
        status,
    )


def _link(token: str) -> str:
    """Return the whole address of a private link, from the settings where they name one."""
    path = url_for("tracking.gift", token=token)
    base = settings().base_url.rstrip("/") or request.host_url.rstrip("/")
    return base + path


def _choices(form: PledgeForm) -> None:
    session = db.session()
    none = (0, "–")
    form.organisation.choices = [(one.id, one.name) for one in owners(session, actor())]
    form.donor.choices = [
        none,
        *((one.id, one.name) for one in donors(session, actor().organisation_ids)),
    ]
    form.appeal.choices = [none, *((one.id, one.title) for one in open_appeals(session, actor()))]
    form.earmark.choices = [
        none,
        *((one.id, one.shown_as) for one in earmark_sites(session)),
    ]
    form.collection.choices = [
        none,
        *((one.id, one.shown_as) for one in collection_places(session, actor())),
    ]


def _words() -> dict[PledgeState, tuple[Message, str]]:
    return {state: (Message(words), CHIPS[state]) for state, words in STATE_WORDS.items()}
