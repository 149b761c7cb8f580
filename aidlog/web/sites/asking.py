"""A site lead asks for goods from a phone, and sees what was decided and what came."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, FieldList, FormField, StringField
from wtforms.validators import Length, Optional

from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.needs.askable import Askable, goods_to_ask
from aidlog.needs.requisition_queries import requisition_story, requisitions
from aidlog.needs.requisitions import AskedFor, AskForGoods, ask_for_goods
from aidlog.registry.models import Place
from aidlog.web.counting import ItemPacksForm, by_item, lay_out
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.requisition_words import STATES
from aidlog.web.sites.goods import own_site

bp = Blueprint("site_asking", __name__)

#: So many requests of before stand under the form.
LAST = 10


class AskForm(CommandForm):
    reason = StringField(_l("Why it is needed"), [Length(max=400)])
    needed_by = DateField(_l("Needed by"), [Optional()])
    lines = FieldList(FormField(ItemPacksForm), max_entries=500)

    def command(self, site: Place) -> AskForGoods:
        return AskForGoods(
            command_id=str(self.command_id.data),
            site_id=site.id,
            lines=tuple(
                AskedFor(item_id=item_id, quantity=part.quantity)
                for item_id, part in by_item(self.lines).items()
                if part.quantity
            ),
            reason=self.reason.data or "",
            needed_by=self.needed_by.data,
        )


@bp.route("/s/ask", methods=["GET", "POST"])
@requires(Permission.REQUISITION_MAKE)
def ask() -> ResponseReturnValue:
    """Ask for goods; below stands what was asked before, and what became of it."""
    places, site = own_site(Permission.REQUISITION_MAKE)
    form = AskForm()
    goods = _goods()
    if not form.is_submitted():
        lay_out(form.lines, [(one.item.id, one.pack_size) for one in goods])
    elif form.validate():
        try:
            with writing(db.session()) as session:
                answer = once(session, actor(), form.command(site), ask_for_goods)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Request %(number)s is sent.", number=answer["requisition"]), "success")
            return redirect(url_for(".ask", site=site.code), 303)
    places, site = own_site(Permission.REQUISITION_MAKE)
    session = db.session()
    rows = requisitions(session, actor(), show="all", site=site.id)[:LAST]
    return (
        render_template(
            "sites/ask.html",
            places=places,
            site=site,
            form=form,
            goods=_goods(),
            parts=by_item(form.lines),
            stories=[requisition_story(session, actor(), row.number) for row in rows],
            states=STATES,
        ),
        422 if form.is_submitted() else 200,
    )


def _goods() -> list[Askable]:
    return goods_to_ask(db.session(), datetime.now(UTC).date())
