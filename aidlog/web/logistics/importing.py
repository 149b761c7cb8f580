"""Setup: lists from files. Sent, looked at, put right, and only then taken into the books."""

from __future__ import annotations

import io
import json

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import Message
from aidlog.db.imports import ImportFile, content_of, give_up, keep_file, kept_file
from aidlog.db.transaction import writing
from aidlog.db.work import Job, JobState, request_job
from aidlog.extensions import db
from aidlog.registry.queries import organisations
from aidlog.reports.any_file import FileCells, read_any
from aidlog.reports.importing.carrying_out import before, carry_out
from aidlog.reports.importing.checking import Checked, check_file
from aidlog.reports.importing.choices import DAY_WORDS, NUMBER_WORDS, Choices
from aidlog.reports.importing.kinds import importer_of, importers_for
from aidlog.reports.importing.tables import NoTable
from aidlog.reports.words import LANGUAGES, translator
from aidlog.web.forms import choices as offered
from aidlog.web.forms import show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.logistics.import_forms import DecideForm, SendForm, typed_choices

bp = Blueprint("importing", __name__, url_prefix="/setup/import")

#: More rows than this are imported by a worker, and the page shows how far it is.
AT_ONCE = 2_000
#: So many faults stand on the page; the workbook of corrections holds them all.
SHOWN = 100
#: Where one goes to see what was imported.
LISTS = {
    "items": "items.listing",
    "warehouses": "places.listing",
    "sites": "places.listing",
    "routes": "routes.listing",
    "vehicles": "vehicles.listing",
    "people": "people.listing",
    "population": "sites.listing",
    "standards": "standards.listing",
    "stock": "stock.listing",
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.route("", methods=["GET", "POST"])
@requires(Permission.HOME_VIEW)
def send() -> ResponseReturnValue:
    """Send a file, and say which list it is."""
    kinds = importers_for(actor())
    if not kinds:
        raise NotFound("imports")
    form = SendForm(kind=request.args.get("kind"))
    form.kind.choices = offered(
        (importer.plan.kind, say(Message(importer.plan.title))) for importer in kinds
    )
    form.organisation_id.choices = offered(
        (row.id, row.name) for row in organisations(db.session(), actor())
    )
    if form.validate_on_submit():
        sent = form.file.data
        data = sent.read() if sent else b""
        try:
            file = read_any(data)  # a file that nothing can be read from is not kept
            with writing(db.session()) as session:
                kept = keep_file(
                    session,
                    actor(),
                    kind=form.kind.data,
                    organisation_id=form.organisation_id.data,
                    name=(sent.filename or "") if sent else "",
                    data=data,
                    digest=file.digest,
                )
                token = kept.id
        except Refusal as refusal:
            show_on(form, refusal, field=form.file)
        else:
            return redirect(url_for(".show", token=token), 303)
    return (
        render_template(
            "logistics/import_send.html",
            form=form,
            kinds=kinds,
            words=lambda text: say(Message(text)),
        ),
        422 if form.is_submitted() else 200,
    )


@bp.get("/template/<kind>.xlsx")
@requires(Permission.HOME_VIEW)
def template(kind: str) -> Response:
    """Send an empty sheet to fill in, with invented examples and notes."""
    importer = importer_of(kind)
    if not actor().may(importer.permission):
        raise NotFound(f"template of {kind}")
    from aidlog.reports.importing.template import write_import_template

    stream = io.BytesIO()
    write_import_template(stream, importer.plan, say=say)
    stream.seek(0)
    return send_file(stream, XLSX, as_attachment=True, download_name=f"{kind}.xlsx")


@bp.get("/<token>")
@requires(Permission.HOME_VIEW)
def show(token: str) -> ResponseReturnValue:
    """Show what will be read from a file, and what is in its way."""
    kept = kept_file(db.session(), actor(), token)
    if kept.imported_at is not None or _under_way(kept):
        return _progress(kept)
    return _page(kept, DecideForm())


@bp.post("/<token>")
@requires(Permission.HOME_VIEW)
def decide(token: str) -> ResponseReturnValue:
    """Check the file as decided, import it, or give it up."""
    kept = kept_file(db.session(), actor(), token)
    if kept.imported_at is not None or _under_way(kept):
        return redirect(url_for(".show", token=token), 303)
    content_of(kept)
    form = DecideForm()
    wish = request.form.get("do", "check")
    if not form.validate_on_submit():
        return _page(kept, form), 422
    if wish == "discard":
        return _discard(token, kept.kind)
    with writing(db.session()) as session:
        kept = kept_file(session, actor(), token)
        plan = importer_of(kept.kind).plan
        decided = typed_choices(request.form, plan, Choices.from_json(kept.choices))
        kept.choices = decided.to_json()
    if wish != "import":
        return redirect(url_for(".show", token=token) + "#stand", 303)
    return _import(token, form)


@bp.get("/<token>/to-correct.xlsx")
@requires(Permission.HOME_VIEW)
def to_correct(token: str) -> ResponseReturnValue:
    """Send the rows as they were given, with what to correct beside each."""
    from aidlog.reports.importing.correcting import write_to_correct

    kept = kept_file(db.session(), actor(), token)
    checked = _check(kept, read_any(content_of(kept)), Choices.from_json(kept.choices))
    stream = io.BytesIO(write_to_correct(checked, say))
    return send_file(stream, XLSX, as_attachment=True, download_name=f"{kept.kind}-to-correct.xlsx")


def _import(token: str, form: DecideForm) -> ResponseReturnValue:
    session = db.session()
    kept = kept_file(session, actor(), token)
    decided = Choices.from_json(kept.choices)
    file = read_any(content_of(kept))
    try:
        rows = max(len(sheet.rows) for sheet in file.sheets)
        if rows > AT_ONCE:
            return _leave_to_a_worker(token, form)
        with writing(session):
            kept = kept_file(session, actor(), token)
            kind = kept.kind
            answer = carry_out(
                session,
                actor(),
                _check(kept, file, decided),
                kept,
                command_id=str(form.command_id.data),
                again=decided.again,
            )
    except Refusal as refusal:
        show_on(form, refusal)
        return _page(kept_file(db.session(), actor(), token), form), 422
    flash(
        _(
            "%(added)d rows added, %(changed)d changed, %(unchanged)d as before.",
            added=answer["added"],
            changed=answer["changed"],
            unchanged=answer["unchanged"],
        ),
        "success",
    )
    for note in answer.get("notes", ()):
        flash(_("Goods received note %(number)s", number=note), "success")
    return redirect(url_for(LISTS[kind]), 303)


def _leave_to_a_worker(token: str, form: DecideForm) -> ResponseReturnValue:
    with writing(db.session()) as session:
        kept = kept_file(session, actor(), token)
        job = request_job(
            session,
            actor(),
            "import_file",
            {"import": token, "command": str(form.command_id.data)},
            organisation_id=kept.organisation_id,
        )
        session.flush()
        kept.job_id = job_id = job.id
    current_app.extensions["aidlog.wake"](job_id)
    return redirect(url_for(".show", token=token), 303)


def _discard(token: str, kind: str) -> ResponseReturnValue:
    with writing(db.session()) as session:
        give_up(session, kept_file(session, actor(), token))
    flash(_("The file was given up. Nothing was changed."), "info")
    return redirect(url_for(".send", kind=kind), 303)


def _under_way(kept: ImportFile) -> bool:
    job = db.session().get(Job, kept.job_id) if kept.job_id else None
    return job is not None and job.state in {JobState.QUEUED, JobState.RUNNING}


def _progress(kept: ImportFile) -> str:
    """Show that a worker is at it, or what came of it."""
    job = db.session().get(Job, kept.job_id) if kept.job_id else None
    return render_template(
        "logistics/import_progress.html",
        kept=kept,
        title=say(Message(importer_of(kept.kind).plan.title)),
        answer=json.loads(job.result or "{}") if job is not None else {},
        there=url_for(LISTS[kept.kind]),
    )


def _check(kept: ImportFile, file: FileCells, decided: Choices) -> Checked:
    return check_file(
        db.session(),
        actor(),
        importer_of(kept.kind),
        file,
        kept.organisation_id,
        decided,
        [translator(other) for other in LANGUAGES if other != "en"],
    )


def _page(kept: ImportFile, form: DecideForm) -> str:
    """Show the file as it is understood; where no list is found in it, what would help."""
    decided = Choices.from_json(kept.choices)
    file = read_any(content_of(kept))
    plan = importer_of(kept.kind).plan
    checked, lost = None, ""
    try:
        checked = _check(kept, file, decided)
    except NoTable as refusal:
        lost = say(refusal.message)
    job = db.session().get(Job, kept.job_id) if kept.job_id else None
    failed = bool(job and job.state is JobState.FAILED and job.error)
    told = before(db.session(), actor(), kind=kept.kind, digest=kept.digest)
    return render_template(
        "logistics/import_check.html",
        form=form,
        kept=kept,
        file=file,
        plan=plan,
        checked=checked,
        lost=lost,
        decided=decided,
        before=say(told) if told else "",
        failed=say(Message.from_data(json.loads(job.error))) if job and failed else "",
        words=lambda text: say(Message(text)),
        number_words=NUMBER_WORDS,
        day_words=DAY_WORDS,
        shown=SHOWN,
        tongue=language(),
        settled=_settled(decided, checked),
    )


def _settled(decided: Choices, checked: Checked | None) -> list[tuple[str, str, str]]:
    """Return (field, word, value) of what was settled and holds; the rest is asked again."""
    open_ = {(one.field, one.name) for one in checked.asked} if checked else set()
    return [
        (field, word, value)
        for field, words in decided.meanings.items()
        for word, value in words.items()
        if (field, word) not in open_
    ]
