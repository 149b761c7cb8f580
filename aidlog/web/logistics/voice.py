"""What people say at the sites: written down, answered, and what changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.voice.models import Category, Channel, FeedbackState
from aidlog.voice.queries import feedback_list, one_feedback, sites_to_record_for
from aidlog.voice.recording import (
    ANSWER_DAYS,
    LONGEST,
    AnswerFeedback,
    RecordFeedback,
    answer_feedback,
    record_feedback,
)
from aidlog.web.forms import CommandForm, choices, show_on
from aidlog.web.guards import actor, requires

bp = Blueprint("voice", __name__)

#: Chosen for abuse or danger: nothing is stored, the page shows whom to turn to.
PROTECTION = "protection"

CATEGORIES = {
    Category.NOT_ON_LIST: _l("Not on the list"),
    Category.FAMILY_SIZE: _l("Wrong family size"),
    Category.SHORT_ITEM: _l("Short or missing item"),
    Category.QUALITY: _l("Quality"),
    Category.WRONG_ITEM: _l("Wrong item"),
    Category.WAITING: _l("Waiting, distance or access"),
    Category.STAFF: _l("Conduct of staff"),
    Category.PAYMENT_ASKED: _l("Payment was asked"),
    Category.QUESTION: _l("Question"),
    Category.SUGGESTION: _l("Suggestion"),
    Category.THANKS: _l("Thanks"),
    Category.RUMOUR: _l("Rumour"),
}
CHANNELS = {
    Channel.DESK: _l("Complaints desk"),
    Channel.HOTLINE: _l("Hotline"),
    Channel.BOX: _l("Suggestion box"),
    Channel.MEETING: _l("Community meeting"),
    Channel.PHONE_PAGE: _l("On a phone"),
}
STATES = {
    FeedbackState.OPEN: _l("waiting for an answer"),
    FeedbackState.ANSWERED: _l("answered"),
    FeedbackState.CLOSED: _l("closed"),
}


class FeedbackForm(CommandForm):
    site = SelectField(_l("Site"), coerce=int)
    category = RadioField(
        _l("What is it about?"),
        [InputRequired(_l("Choose what it is about."))],
        choices=choices(
            [
                *[(category.value, words) for category, words in CATEGORIES.items()],
                (PROTECTION, _l("Abuse, or somebody is in danger")),
            ]
        ),
    )
    channel = SelectField(
        _l("How did it reach us?"),
        choices=choices((channel.value, words) for channel, words in CHANNELS.items()),
    )
    said_on = DateField(
        _l("Day it was said"), [InputRequired(_l("Write the day as year-month-day."))]
    )
    text = TextAreaField(
        _l("What was said"),
        [Length(max=LONGEST, message=_l("Shorten it to %(max)d characters."))],
    )
    about = StringField(_l("Waybill or hand-out it is about"), [Length(max=40)])

    def command(self) -> RecordFeedback:
        said_on = self.said_on.data
        assert isinstance(said_on, date)
        return RecordFeedback(
            command_id=str(self.command_id.data),
            site_id=int(self.site.data),
            category=Category(self.category.data),
            channel=Channel(self.channel.data),
            text=self.text.data or "",
            said_on=said_on,
            about_document=(self.about.data or "").strip().upper(),
        )


class AnswerForm(CommandForm):
    answer = TextAreaField(
        _l("Answer that people are to hear"),
        [InputRequired(_l("Write the answer.")), Length(max=LONGEST)],
    )
    changed = TextAreaField(_l("What changed because of it"), [Length(max=LONGEST)])

    def command(self, feedback_id: int) -> AnswerFeedback:
        return AnswerFeedback(
            command_id=str(self.command_id.data),
            feedback_id=feedback_id,
            answer=self.answer.data or "",
            changed=self.changed.data or "",
        )


@bp.route("/voice")
@requires(Permission.VOICE_VIEW)
def listing() -> ResponseReturnValue:
    """What people said: what waits for an answer first."""
    before = request.args.get("before", type=int)
    lines = feedback_list(db.session(), actor(), before=before, limit=51)
    return render_template(
        "voice/list.html", lines=lines[:50], more=len(lines) > 50, before=before, **_words()
    )


@bp.route("/voice/new", methods=["GET", "POST"])
@requires(Permission.VOICE_RECORD)
def record() -> ResponseReturnValue:
    """Write down what somebody said; abuse and danger are referred and never stored."""
    form = FeedbackForm()
    form.site.choices = choices(sites_to_record_for(db.session(), actor()))
    if not form.is_submitted():
        form.said_on.data = datetime.now(UTC).date()
    elif form.category.data == PROTECTION:
        return render_template("voice/referral.html")
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(), record_feedback)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(
                _("Written down. An answer is due within %(days)d days.", days=ANSWER_DAYS),
                "success",
            )
            return redirect(url_for(".listing"), 303)
    return render_template("voice/record.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/voice/<int:feedback_id>", methods=["GET", "POST"])
@requires(Permission.VOICE_VIEW)
def one(feedback_id: int) -> ResponseReturnValue:
    """Read what was said; those who may, answer it."""
    line = one_feedback(db.session(), actor(), feedback_id)
    form = AnswerForm() if actor().may(Permission.VOICE_ANSWER) else None
    if form is not None and form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(feedback_id), answer_feedback)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Answer kept."), "success")
            return redirect(url_for(".one", feedback_id=feedback_id), 303)
    status = 422 if form is not None and form.is_submitted() else 200
    return render_template("voice/one.html", line=line, form=form, **_words()), status


def _words() -> dict[str, Any]:
    return {"categories": CATEGORIES, "channels": CHANNELS, "states": STATES}
