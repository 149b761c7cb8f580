"""Setup: kits and what is in them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, StringField
from wtforms import Form as Part
from wtforms.validators import Length

from aidlog.core.actor import Permission
from aidlog.core.errors import Conflict, NotFound, Refusal
from aidlog.core.text import N_, Message
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.kits import (
    LARGEST_CONTENT,
    MOST_CONTENTS,
    Content,
    KitList,
    SetKitContents,
    contents,
    kits,
    set_kit_contents,
    versions_of,
)
from aidlog.registry.queries import item_by_code
from aidlog.web.forms import CommandForm, Form, QuantityField, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.logistics.item_picking import WhichItem, as_typed, item_typed

bp = Blueprint("kits", __name__, url_prefix="/setup/kits")

#: Empty lines offered beside those that are filled.
SPARE_LINES = 4


class ContentLine(Part):
    """An item in the kit; no item written is no line."""

    class Meta(Form.Meta):
        """The token is the whole form's."""

        csrf = False

    item = StringField(_l("Item: code or name"), [Length(max=200)])
    quantity = QuantityField(_l("Base units in one kit"), largest=LARGEST_CONTENT)


class KitForm(CommandForm):
    kit = StringField(_l("Kit: code or name of the item"), [Length(max=200)])
    lines = FieldList(FormField(ContentLine), max_entries=MOST_CONTENTS)

    def offer(self) -> None:
        """Leave room for more lines."""
        empty = sum(1 for line in self.lines if not line.form.item.data)
        while empty < SPARE_LINES and len(self.lines) < MOST_CONTENTS:
            self.lines.append_entry()
            empty += 1

    def command(self, kit_id: int) -> SetKitContents | None:
        """Return the command; None where a line cannot be, with the error on its field."""
        found = []
        sound = True
        for number, entry in enumerate(self.lines, start=1):
            line = entry.form
            if not (line.item.data or "").strip() and not line.quantity.data:
                continue
            try:
                item = item_typed(db.session(), line.item.data or "")
            except WhichItem as refusal:
                said = Message(
                    N_("Line {line}: {sentence}"),
                    {"line": number, "sentence": refusal.message},
                )
                line.item.errors = [say(said)]
                sound = False
                continue
            if not line.quantity.data:
                said = Message(N_("Line {line}: write how many are in one kit."), {"line": number})
                line.quantity.errors = [say(said)]
                sound = False
                continue
            found.append(Content(item_id=item.id, quantity=int(line.quantity.data)))
        if not sound:
            self.renew()
            return None
        return SetKitContents(
            command_id=str(self.command_id.data), item_id=kit_id, contents=tuple(found)
        )


@bp.get("")
@requires(Permission.REGISTRY_VIEW)
def listing() -> ResponseReturnValue:
    """Every kit, and what is in it."""
    session = db.session()
    items = kits(session)
    return render_template(
        "logistics/kits.html",
        rows=items,
        inside=contents(session, [item.id for item in items]),
        tongue=language(),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def add() -> ResponseReturnValue:
    """Make an item a kit by saying what is in it."""
    form = KitForm()
    if form.validate_on_submit():
        try:
            kit = item_typed(db.session(), form.kit.data or "")
        except WhichItem as refusal:
            show_on(form, refusal, field=form.kit)
        else:
            if contents(db.session(), [kit.id]):
                show_on(form, _known(kit.code), field=form.kit)
            elif answer := _save(form, kit.id):
                return answer
    form.offer()
    return (
        render_template("logistics/kit_form.html", form=form, kit=None, versions=[]),
        422 if form.is_submitted() else 200,
    )


@bp.route("/<code>", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def edit(code: str) -> ResponseReturnValue:
    """Change what is in a kit from now on."""
    kit = item_by_code(db.session(), code)
    versions = versions_of(db.session(), kit.id)
    if not versions:
        raise NotFound(f"kit {code}")
    form = KitForm(lines=_typed(versions[0]))
    if form.validate_on_submit() and (answer := _save(form, kit.id)):
        return answer
    form.offer()
    kit = item_by_code(db.session(), code)
    return (
        render_template(
            "logistics/kit_form.html",
            form=form,
            kit=kit,
            versions=versions_of(db.session(), kit.id),
            tongue=language(),
        ),
        422 if form.is_submitted() else 200,
    )


def _typed(what: KitList) -> list[dict[str, object]]:
    return [{"item": as_typed(part.item), "quantity": part.quantity} for part in what.parts]


def _known(code: str) -> Conflict:
    """Say that an item is a kit already; what was typed stays on the form."""
    return Conflict(
        Message(
            N_("{kit} is a kit already. Open it under Kits and change its contents there."),
            {"kit": code},
        )
    )


def _save(form: KitForm, kit_id: int) -> ResponseReturnValue | None:
    command = form.command(kit_id)
    if command is None:
        return None
    try:
        with writing(db.session()) as session:
            answer = once(session, actor(), command, set_kit_contents)
    except Refusal as refusal:
        show_on(form, refusal)
        return None
    flash(
        _(
            "Kit %(code)s: list %(number)s holds now.",
            code=answer["code"],
            number=answer["version"],
        ),
        "success",
    )
    return redirect(url_for(".listing"), 303)
