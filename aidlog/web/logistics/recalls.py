"""Recalls: choose the lots, hold them everywhere, see who has any, tell the site leads."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import Length

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.db import outbox
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import Person, RoleGrant
from aidlog.registry.roles import Role
from aidlog.reports.recall_list import (
    SENSITIVITY,
    WORDS,
    Whereabouts,
    lots_to_recall,
    recall_story,
)
from aidlog.reports.recall_list import recalls as all_recalls
from aidlog.stock.recalling import (
    HoldTheRest,
    LiftRecall,
    OpenRecall,
    hold_the_rest,
    lift_recall,
    must_recall,
    open_recall,
)
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.sessions import settings
from aidlog.web.tongues import tongue

bp = Blueprint("recalls", __name__, url_prefix="/recalls")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class RecallForm(CommandForm):
    why = StringField(_l("Why is it recalled?"), [Length(max=400)])


class LiftForm(CommandForm):
    note = StringField(_l("What was found?"), [Length(max=400)])


@bp.get("")
@requires(Permission.STOCK_APPROVE)
def listing() -> ResponseReturnValue:
    """Every recall, open ones first."""
    return render_template("logistics/recalls.html", rows=all_recalls(db.session(), actor()))


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.STOCK_APPROVE)
def new() -> ResponseReturnValue:
    """Find lots by item, number or giver; tick them; recall them."""
    must_recall(actor())
    form = RecallForm()
    if form.validate_on_submit():
        command = OpenRecall(
            command_id=str(form.command_id.data),
            lots=tuple(int(value) for value in request.form.getlist("lot") if _is_id(value)),
            why=form.why.data or "",
        )
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), command, _recall_and_tell)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(
                _("%(code)s: what is free is held back everywhere.", code=answer["recall"]),
                "success",
            )
            return redirect(url_for(".show", code=answer["recall"]), 303)
    asked = {name: request.args.get(name, "").strip()[:80] for name in ("item", "number", "giver")}
    return (
        render_template(
            "logistics/recall_new.html",
            form=form,
            asked=asked,
            rows=lots_to_recall(
                db.session(),
                actor(),
                item=asked["item"],
                number=asked["number"],
                giver=asked["giver"],
            ),
            ticked=set(request.form.getlist("lot")),
        ),
        422 if form.is_submitted() else 200,
    )


@bp.get("/<code>")
@requires(Permission.STOCK_APPROVE)
def show(code: str) -> ResponseReturnValue:
    """Who has, or had, any of it."""
    return _page(code, LiftForm(), 200)


@bp.post("/<code>/hold")
@requires(Permission.STOCK_APPROVE)
def hold(code: str) -> ResponseReturnValue:
    """Hold what came within reach since."""
    form = LiftForm()
    command = HoldTheRest(command_id=str(form.command_id.data), code=code)
    try:
        with writing(db.session()) as session:
            once(session, actor(), command, hold_the_rest)
    except Refusal as refusal:
        show_on(form, refusal)
        return _page(code, form, 422)
    flash(_("What is free of it now is held back."), "success")
    return redirect(url_for(".show", code=code), 303)


@bp.post("/<code>/lift")
@requires(Permission.STOCK_APPROVE)
def lift(code: str) -> ResponseReturnValue:
    """End the recall; held goods stay held until they are let go."""
    form = LiftForm()
    if form.validate():
        command = LiftRecall(
            command_id=str(form.command_id.data), code=code, note=form.note.data or ""
        )
        try:
            with writing(db.session()) as session:
                once(session, actor(), command, lift_recall)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("%(code)s is lifted. Let go what is held.", code=code), "success")
            return redirect(url_for(".show", code=code), 303)
    return _page(code, form, 422)


@bp.get("/<code>/list.xlsx")
@requires(Permission.STOCK_APPROVE)
def workbook(code: str) -> ResponseReturnValue:
    """The list as a workbook."""
    from aidlog.reports.recall_workbook import write_recall_workbook

    story = recall_story(db.session(), actor(), code)
    content = write_recall_workbook(story, language(), say)
    return send_file(
        BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=f"{code}.xlsx"
    )


def _page(code: str, form: LiftForm, status: int) -> ResponseReturnValue:
    page = render_template(
        "logistics/recall.html",
        story=recall_story(db.session(), actor(), code),
        form=form,
        words={where: Message(words) for where, words in WORDS.items()},
        sensitivity=SENSITIVITY,
    )
    return page, status


def _recall_and_tell(session: Session, who: Actor, command: OpenRecall) -> Mapping[str, Any]:
    """Recall, and ask for a mail to the site leads concerned where a mail server is set."""
    answer = open_recall(session, who, command)
    if settings().mail_url:
        _tell_site_leads(session, who, str(answer["recall"]))
    return answer


def _tell_site_leads(session: Session, who: Actor, code: str) -> None:
    story = recall_story(session, who, code, everyone=True)
    concerned = {
        row.place.id
        for row in story.rows
        if row.place and row.where in {Whereabouts.PEOPLE, Whereabouts.SITE, Whereabouts.ROAD}
    }
    people = session.scalars(
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == Role.SITE_LEAD, RoleGrant.place_id.in_(concerned), Person.active)
        .distinct()
    )
    for person in people:
        if "@" not in person.login:
            continue
        own = tongue(person.language)
        items = ", ".join(
            sorted(
                {
                    f"{item.name_in(person.language)} ({lot.number})"
                    for lot, item in (*story.named, *story.made)
                }
            )
        )
        text = Message(
            N_(
                "Recall {code}. Do not hand out: {items}. Keep what you have apart and call the"
                " logistics office. Reason: {why}"
            ),
            {"code": code, "items": items, "why": story.recall.why},
        )
        outbox.put(
            session,
            outbox.OutboxKind.MAIL,
            {
                "to": person.login,
                "subject": own.say(Message(N_("Recall {code}: do not hand out"), {"code": code})),
                "text": own.say(text),
            },
        )


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 15
