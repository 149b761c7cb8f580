"""Which figure is the need of an item at a site: chosen on the panel of its cell, with a reason."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import Length

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.needs.beside_wording import COUNTS
from aidlog.needs.choosing import ChooseNeed, choose_need
from aidlog.needs.models import Counts
from aidlog.registry.models import Item
from aidlog.registry.queries import place_by_code
from aidlog.reports.needs_cell import CellStory
from aidlog.web.forms import CommandForm
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import say
from aidlog.web.logistics.registry_words import offered

bp = Blueprint("need_choices", __name__)


class CountsForm(CommandForm):
    """One of the figures that stand beside one another, and why; ``back`` is the view."""

    site = HiddenField()
    item = HiddenField()
    back = HiddenField()
    counts = RadioField(_l("Which figure counts"))
    reason = StringField(_l("Why"), [Length(max=400)])

    @classmethod
    def of(cls, story: CellStory | None, view: str) -> CountsForm | None:
        """Return the form of a cell where there is more than one figure to choose."""
        if story is None or story.cell.beside is None:
            return None
        form = cls(formdata=None)
        form.counts.choices = offered(COUNTS)
        form.counts.data = story.cell.beside.chosen.value
        form.site.data, form.item.data = story.site.code, story.item.code
        form.back.data = view.partition("?")[2]
        form.reason.data = story.chosen.reason if story.chosen else ""
        return form


@bp.post("/needs/counts")
@requires(Permission.PLAN_DRAFT)
def choose() -> ResponseReturnValue:
    """Let one figure be the need: by standards, assessed, or asked for and approved."""
    form = CountsForm()
    form.counts.choices = offered(COUNTS)
    session = db.session()
    site = place_by_code(session, actor(), form.site.data or "", permission=Permission.PLAN_DRAFT)
    item = session.scalars(select(Item).where(Item.code == (form.item.data or ""))).one_or_none()
    if item is None:
        raise NotFound("item")
    site_code, item_code, item_id = site.code, item.code, item.id
    if form.validate():
        command = ChooseNeed(
            command_id=str(form.command_id.data),
            place_id=site.id,
            item_ids=(item_id,),
            counts=Counts(form.counts.data),
            reason=form.reason.data or "",
        )
        try:
            with writing(session):
                once(session, actor(), command, choose_need)
        except Refusal as refusal:
            flash(say(refusal.message), "error")
        else:
            flash(_("Saved. Plans made from now on use this figure."), "success")
    else:
        flash(_("Choose one from the list."), "error")
    view = urlencode(parse_qsl(form.back.data or "", keep_blank_values=True))
    return redirect(
        f"{url_for('needs.board')}?{view}&cell={site_code}~{item_code}#cell",
        303,
    )
