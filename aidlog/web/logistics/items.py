"""Setup: the catalogue of items, found by any of their names, with their packs."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import new_id, once
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.finding_items import Found, find_items
from aidlog.registry.items import add_item, edit_item, set_packs
from aidlog.registry.lists import ITEM_SORTS, list_items
from aidlog.registry.queries import categories, item_by_code, packs_before, packs_of
from aidlog.registry.starter_catalogue import LoadStarterCatalogue, add_starter_items
from aidlog.web.forms import CommandForm, show_on
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language
from aidlog.web.listing import listing as asked_of
from aidlog.web.logistics.item_forms import ItemForm, NewItemForm, PacksForm
from aidlog.web.logistics.registry_words import (
    BASE_UNITS,
    TIERS,
    category_choices,
    category_name,
    said,
    volume,
    weight,
)

bp = Blueprint("items", __name__, url_prefix="/setup/items")

#: So many items one page of the catalogue shows; a word more in the search narrows it.
SHOWN = 100


@bp.get("")
@requires(Permission.REGISTRY_VIEW)
def listing() -> ResponseReturnValue:
    """Search the catalogue, or turn its pages; what is searched for comes best first."""
    asked = asked_of(ITEM_SORTS, kept=("category",))
    words, category = asked.asked.search, asked.kept["category"]
    if words:
        found = find_items(
            db.session(),
            words,
            category=category or None,
            unused_too=asked.asked.everything,
            limit=SHOWN,
        )
        following = None
    else:
        page = list_items(db.session(), asked.asked, category=category)
        found = Found(page.rows, guessed=False, more=False)
        following = page.next
    return render_template(
        "logistics/items.html",
        found=found,
        next=following,
        list=asked,
        words=words,
        category=category,
        categories=category_choices(categories(db.session())),
        category_name=category_name,
        tongue=language(),
        tiers=said(TIERS),
        shown=SHOWN,
        weight=weight,
        volume=volume,
        load_form=CommandForm(),
    )


@bp.post("/starter")
@requires(Permission.REGISTRY_EDIT)
def load() -> ResponseReturnValue:
    """Add the items of the starter catalogue that are not there yet."""
    form = CommandForm()
    command = LoadStarterCatalogue(command_id=str(form.command_id.data or new_id()))
    with writing(db.session()) as session:
        answer = once(session, actor(), command, add_starter_items)
    flash(_("%(count)d items added. Check the packs.", count=len(answer["items"])), "success")
    return redirect(url_for(".listing"), 303)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def add() -> ResponseReturnValue:
    """Add an item with its packs."""
    form = NewItemForm()
    form.offer()
    if form.validate_on_submit():
        try:
            command = form.new()
            with writing(db.session()) as session:
                answer = once(session, actor(), command, add_item)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Item %(code)s added.", code=answer["code"]), "success")
            return redirect(url_for(".edit", code=answer["code"]), 303)
    return (
        render_template("logistics/item_new.html", form=form),
        422 if form.is_submitted() else 200,
    )


@bp.route("/<path:code>", methods=["GET", "POST"])
@requires(Permission.REGISTRY_VIEW)
def edit(code: str) -> ResponseReturnValue:
    """Show an item with the sources of its figures; who may can change it on the same page."""
    item = item_by_code(db.session(), code)
    if request.method == "POST" and not _may_edit():
        raise NotFound(f"item {code} to change")
    form = ItemForm.of(item)
    if form.validate_on_submit():
        try:
            command = form.edit(item)
            with writing(db.session()) as session:
                once(session, actor(), command, edit_item)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Item %(code)s changed.", code=code), "success")
            return redirect(url_for(".edit", code=code), 303)
    item = item_by_code(db.session(), code)
    return (
        render_template(
            "logistics/item_edit.html",
            form=form if _may_edit() else None,
            item=item,
            packs=packs_of(db.session(), item.id),
            packs_before=packs_before(db.session(), item.id),
            tongue=language(),
            unit=said(BASE_UNITS)[item.base_unit],
            tiers=said(TIERS),
            category_name=category_name,
            weight=weight,
            volume=volume,
        ),
        422 if form.is_submitted() else 200,
    )


def _may_edit() -> bool:
    """Say whether who asks changes the catalogue: it is one for all, so for all places or not."""
    here = actor()
    return here.may(Permission.REGISTRY_EDIT) and here.places(Permission.REGISTRY_EDIT) is None


@bp.route("/<path:code>/packs", methods=["GET", "POST"])
@requires(Permission.REGISTRY_EDIT)
def packs(code: str) -> ResponseReturnValue:
    """Say which packs an item comes in from now on."""
    item = item_by_code(db.session(), code)
    form = PacksForm.of(packs_of(db.session(), item.id))
    if form.validate_on_submit():
        try:
            with writing(db.session()) as session:
                once(session, actor(), form.command(item.id), set_packs)
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("The packs of %(code)s are set.", code=code), "success")
            return redirect(url_for(".edit", code=code), 303)
    return (
        render_template(
            "logistics/item_packs.html",
            form=form,
            item=item,
            tongue=language(),
            unit=said(BASE_UNITS)[item.base_unit],
        ),
        422 if form.is_submitted() else 200,
    )
