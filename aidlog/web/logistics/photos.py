"""Pictures of a goods received note: added by who receives, shown to who sees that stock."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.photos import (
    LARGEST_FILE,
    AddPhoto,
    NotAPhoto,
    add_photo,
    clean,
    keep,
    path_of,
    photo_of,
    photos_of,
)
from aidlog.donations.queries import note_of
from aidlog.extensions import db
from aidlog.stock.documents import document_story
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.sessions import settings

bp = Blueprint("photos", __name__)


class PhotoForm(CommandForm):
    photo = FileField(_l("Picture"))


@bp.route("/documents/<code>/photos", methods=["GET", "POST"])
@requires(Permission.STOCK_VIEW)
def of_note(code: str) -> ResponseReturnValue:
    """The pictures of a note, and the way to add one."""
    story = document_story(db.session(), actor(), code)
    note = note_of(db.session(), story.document.id)
    if note is None:
        raise NotFound("goods received note")
    note_id, warehouse_id = note.note.id, note.warehouse.id
    may_add = actor().may(Permission.GOODS_RECEIVE, at=warehouse_id)
    form = PhotoForm()
    if form.is_submitted() and not may_add:
        raise NotFound("photo")
    if form.validate_on_submit():
        try:
            picture = clean(_sent())
            command = AddPhoto(
                command_id=str(form.command_id.data),
                note_id=note_id,
                sha256=keep(Path(settings().data_dir), picture),
                size=len(picture),
            )
            with writing(db.session()) as session:
                once(session, actor(), command, add_photo)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Picture kept, without place and time of the camera."), "success")
            return redirect(url_for(".of_note", code=code), 303)
    return (
        render_template(
            "logistics/photos.html",
            form=form,
            code=code,
            photos=photos_of(db.session(), note_id),
            may_add=may_add,
        ),
        422 if form.is_submitted() else 200,
    )


@bp.get("/photos/<int:photo_id>")
@requires(Permission.STOCK_VIEW)
def show(photo_id: int) -> ResponseReturnValue:
    """One picture."""
    photo = photo_of(db.session(), actor(), photo_id)
    path = path_of(Path(settings().data_dir), photo.sha256)
    if not path.is_file():
        raise NotFound("file of a photo")
    return send_file(
        BytesIO(path.read_bytes()), mimetype="image/jpeg", download_name=f"photo-{photo.id}.jpg"
    )


def _sent() -> bytes:
    file = request.files.get("photo")
    content = file.stream.read(LARGEST_FILE + 1) if file else b""
    if not content:
        raise NotAPhoto(Message(N_("Choose a picture.")), field="photo")
    return content
