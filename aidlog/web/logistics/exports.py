"""Lists as files: asked for on their page, written by a worker, fetched by their maker."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound
from aidlog.core.text import Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.db.work import JobState
from aidlog.extensions import db
from aidlog.reports.exports.asking import AskExport, ask_export, asked_of, file_of, own_export
from aidlog.web.forms import CommandForm, choices
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.logistics.movements import GROUPS
from aidlog.web.sessions import settings

bp = Blueprint("exports", __name__, url_prefix="/exports")

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


class ExportForm(CommandForm):
    """Which form the file has."""

    ending = SelectField(
        _l("File"),
        choices=choices([("xlsx", _l("Excel (.xlsx)")), ("csv", _l("Text (.csv)"))]),
    )
    hxl = BooleanField(_l("With a row of HXL tags"))


@bp.route("/new/<kind>", methods=["GET", "POST"])
@requires(Permission.HOME_VIEW)
def ask(kind: str) -> ResponseReturnValue:
    """Ask for a list as a file, narrowed as the page was that led here."""
    from aidlog.reports.exports.kinds import CLASSES, KINDS

    wanted = KINDS.get(kind)
    if wanted is None or not actor().may(wanted.permission):
        raise NotFound(f"list {kind}")
    form = ExportForm()
    narrowed = _narrowed(wanted.filters)
    if form.validate_on_submit():
        command = AskExport(
            command_id=str(form.command_id.data),
            kind=kind,
            ending=form.ending.data,
            hxl=bool(form.hxl.data),
            language=language(),
            narrowed=narrowed,
        )
        with writing(db.session()) as session:
            answer = once(session, actor(), command, ask_export)
        current_app.extensions["aidlog.wake"](answer["job"])
        return redirect(url_for(".show", job=answer["job"]), 303)
    return (
        render_template(
            "logistics/export_new.html",
            form=form,
            title=say(Message(wanted.title)),
            words=say(Message(CLASSES[wanted.sensitivity])),
            narrowed=bool(narrowed),
        ),
        422 if form.is_submitted() else 200,
    )


def _narrowed(filters: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the filters of the page that led here, as they stand in the address."""
    given = [(name, value.strip()[:80]) for name in filters for value in request.args.getlist(name)]
    if "kinds" in filters and (group := request.args.get("what", "")) in GROUPS:
        given += [("kinds", kind.value) for kind in GROUPS[group][1]]
    return tuple((name, value) for name, value in given if value)


@bp.get("/<uuid:job>")
@requires(Permission.HOME_VIEW)
def show(job: object) -> ResponseReturnValue:
    """Show how far the file is; then lead to it."""
    work = own_export(db.session(), actor(), str(job))
    result = json.loads(work.result or "{}")
    path = file_of(Path(settings().data_dir), work.id, asked_of(work)["ending"])
    return render_template(
        "logistics/export.html",
        work=work,
        result=result,
        there=work.state is JobState.DONE and path.exists(),
        under_way=work.state in {JobState.QUEUED, JobState.RUNNING},
    )


@bp.get("/<uuid:job>/file")
@requires(Permission.HOME_VIEW)
def fetch(job: object) -> ResponseReturnValue:
    """Send the file to whoever asked for it, and may still see the list."""
    from aidlog.reports.exports.kinds import KINDS

    work = own_export(db.session(), actor(), str(job))
    asked = asked_of(work)
    path = file_of(Path(settings().data_dir), work.id, asked["ending"])
    may = actor().may(KINDS[asked["kind"]].permission)
    if work.state is not JobState.DONE or not may or not path.exists():
        raise NotFound("file")
    name = json.loads(work.result or "{}")["name"]
    return send_file(path, TYPES[asked["ending"]], as_attachment=True, download_name=name)
