"""Movements: what went where, and what any document did; wrong ones are reversed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import once
from aidlog.db.numbering import Series
from aidlog.db.transaction import writing
from aidlog.dispatch.undoing_any import permissions_to_undo, reverse_any
from aidlog.donations.queries import note_of
from aidlog.donations.wording import SOURCE_WORDS
from aidlog.extensions import db
from aidlog.ledger.movement import MovementKind
from aidlog.stock.documents import DocumentStory, document_story
from aidlog.stock.flags import flagged
from aidlog.stock.history import journal_lines
from aidlog.stock.levels import warehouses
from aidlog.stock.naming import names_of
from aidlog.stock.reversing import ReverseDocument
from aidlog.stock.whereabouts import whereabouts
from aidlog.stock.wording import sentence
from aidlog.web.finding import SERIES_NAMES
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.stock_rows import count_words

bp = Blueprint("movements", __name__)

PAGE = 50

#: What the list can be narrowed to, in the words of its filter.
GROUPS = {
    "in": (N_("Received"), (MovementKind.RECEIVED, MovementKind.RECEIVED_DAMAGED)),
    "road": (
        N_("On the road and arrived"),
        (
            MovementKind.LOADED,
            MovementKind.ARRIVED,
            MovementKind.ARRIVED_DAMAGED,
            MovementKind.ARRIVED_EXCESS,
            MovementKind.RETURNED,
            MovementKind.MISSING,
        ),
    ),
    "handed": (
        N_("Handed over between organisations"),
        (MovementKind.HANDED_OVER, MovementKind.TAKEN_OVER),
    ),
    "given": (N_("Given to households"), (MovementKind.HANDED_OUT,)),
    "made": (
        N_("Repacked, built into kits and taken apart"),
        (
            MovementKind.REPACKED_FROM,
            MovementKind.REPACKED_INTO,
            MovementKind.USED_FOR_KITS,
            MovementKind.KITS_BUILT,
            MovementKind.KITS_BROKEN,
            MovementKind.OUT_OF_KITS,
        ),
    ),
    "corrected": (
        N_("Corrected and reversed"),
        (
            MovementKind.HELD,
            MovementKind.RELEASED,
            MovementKind.DESTROYED,
            MovementKind.SENT_BACK,
            MovementKind.ADJUSTED_UP,
            MovementKind.ADJUSTED_DOWN,
            MovementKind.REVERSED,
        ),
    ),
}


@bp.get("/movements")
@requires(Permission.STOCK_VIEW)
def listing() -> ResponseReturnValue:
    """Every movement of goods, newest first."""
    session = db.session()
    seen = warehouses(session, actor())
    place = next((one for one in seen if one.code == request.args.get("at")), None)
    group = request.args.get("what", "")
    lines = journal_lines(
        session,
        actor().organisation_ids,
        places=[place.id] if place else actor().places(Permission.STOCK_VIEW),
        kinds=GROUPS[group][1] if group in GROUPS else (),
        before=request.args.get("before", type=int),
        limit=PAGE + 1,
    )
    shown = lines[:PAGE]
    names = names_of(session, (side for line in shown for side in (line.source, line.target)))
    return render_template(
        "logistics/movements.html",
        rows=[(line, sentence(line, names)) for line in shown],
        older=shown[-1].id if len(lines) > PAGE else None,
        before=request.args.get("before"),
        warehouses=seen,
        place=place,
        groups={name: Message(words) for name, (words, _kinds) in GROUPS.items()},
        group=group,
    )


class ReverseForm(CommandForm):
    why = StringField(
        _l("Why is it reversed?"),
        [InputRequired(_l("Write why this document is reversed.")), Length(max=400)],
    )

    def command(self, code: str) -> ReverseDocument:
        return ReverseDocument(
            command_id=str(self.command_id.data), code=code, why=self.why.data or ""
        )


@bp.route("/documents/<code>", methods=["GET", "POST"])
@requires(Permission.STOCK_VIEW)
def document(code: str) -> ResponseReturnValue:
    """What a document did to the stock, and the way to undo it."""
    story = document_story(db.session(), actor(), code)
    form = ReverseForm() if _may_reverse(story) else None
    if form is None and request.method == "POST":
        raise NotFound("reversal")
    if form is not None and form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), form.command(code), reverse_any)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(
                _(
                    "%(document)s is reversed by %(reversal)s.",
                    document=code,
                    reversal=answer["document"],
                ),
                "success",
            )
            return redirect(url_for(".document", code=answer["document"]), 303)
    return (
        render_template(
            "logistics/document.html",
            story=story,
            note=note_of(db.session(), story.document.id),
            sources={source: Message(words) for source, words in SOURCE_WORDS.items()},
            series=Message(SERIES_NAMES[story.document.series]),
            date_flagged=bool(flagged(db.session(), [story.document.id])),
            count_words=count_words,
            whereabouts=whereabouts(db.session(), {line.lot_id for line, _what in story.lines})
            if form is not None and form.is_submitted()
            else [],
            form=None if story.reversed_by and form and not form.is_submitted() else form,
        ),
        422 if form is not None and form.is_submitted() else 200,
    )


def _may_reverse(story: DocumentStory) -> bool:
    """Say whether this is a document that the actor may undo; the action decides again."""
    if not story.lines or story.document.series is Series.REVERSAL:
        return False
    needed = permissions_to_undo(db.session(), story.document)
    return any(actor().may(permission) for permission in needed)
