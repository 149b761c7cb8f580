"""Rows of items with how much of each: typed by name, said back by code, in packs and loose.

The packs of an item are known once the item is. So a row that names its item for the first
time is shown again with its packs before anything is saved, and says from then on which item
and which pack it counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import FieldList, HiddenField, StringField
from wtforms.validators import Length

from aidlog.core.errors import Refusal
from aidlog.core.quantity import LARGEST
from aidlog.core.text import N_, Message
from aidlog.registry.models import Item
from aidlog.registry.queries import ItemRow as FoundItem
from aidlog.stock.levels import issue_packs
from aidlog.web.filters import quantity
from aidlog.web.forms import CommandForm, Form, QuantityField, show_on
from aidlog.web.i18n import say
from aidlog.web.logistics.item_picking import WhichItem, as_typed, item_typed, take_item
from aidlog.web.logistics.receiving_form import PACK_LABELS, UNIT_LABELS

#: Rows that stand empty on a new form, and the most of them.
EMPTY_ROWS, MOST_ROWS = 3, 60
_KNOWN = re.compile(r"([0-9]{1,15}):([0-9]{1,15})")
#: The fields of a row on which a refusal can be shown, by how the refusal calls them.
_ON_FIELD = {"line": "packs", "price": "price"}


class ItemRow(Form):
    """One item; ``known`` says item and pack size of what was shown."""

    class Meta(Form.Meta):
        """The token is the whole form's."""

        csrf = False

    #: Items that what was typed can mean, to take one of by a button.
    found: Sequence[FoundItem] = ()

    item = StringField(_l("Item: code or name"), [Length(max=200)])
    known = HiddenField()
    packs = QuantityField(_l("Packs"))
    loose = QuantityField(_l("Loose"))
    price = StringField(_l("Price of the line"), [Length(max=30)])

    def is_blank(self) -> bool:
        """Say whether nothing was typed in this row."""
        return not any(
            (field.data or "") if isinstance(field.data, str) else field.data is not None
            for field in (self.item, self.packs, self.loose, self.price)
        )


class RowsForm(CommandForm):
    """A form with rows of items; each form says where they stand among its own fields."""

    rows: FieldList


@dataclass(frozen=True, slots=True)
class Meant:
    """A row as it is understood; ``fresh`` where its packs were not on the screen yet."""

    number: int
    row: ItemRow
    item: Item
    pack_size: int
    fresh: bool

    @property
    def quantity(self) -> int:
        """Base units that were typed."""
        return (self.row.packs.data or 0) * self.pack_size + (self.row.loose.data or 0)


@dataclass(frozen=True, slots=True)
class Labels:
    """What stands over the fields of a row once its item is known."""

    item: Item | None
    packs: str
    loose: str
    total: str


def typed(session: Session, form: RowsForm) -> tuple[list[Meant] | None, int]:
    """Return the rows to save; or None where the form is to be shown, and the status it has then.

    It is shown new, with rows added or removed, with what is wrong, and once more where the
    packs of an item were not on the screen yet.
    """
    act = request.form.get("act", "")
    if not form.is_submitted() or act == "add" or act.startswith(("remove-", "take-")):
        _arrange(form.rows, act)
        return None, 200
    sound = form.validate()
    rows = _meant(session, form.rows)
    if not sound or rows is None:
        form.renew()
        return None, 422
    if any(row.fresh for row in rows):
        flash(_("Look at the amounts, now in the packs of each item, then save."))
        return None, 200
    return rows, 200


def show_on_row(form: RowsForm, refusal: Refusal) -> None:
    """Show a refusal on the row that it names (line_2, price_2), else as any other."""
    name, _sep, number = (refusal.field or "").rpartition("_")
    filled = [entry.form for entry in form.rows if not entry.form.is_blank()]
    field = None
    if name in _ON_FIELD and number.isdigit() and 0 < int(number) <= len(filled):
        field = filled[int(number) - 1][_ON_FIELD[name]]
    show_on(form, refusal, field=field)


def _arrange(rows: FieldList, act: str) -> None:
    """Leave room to type; do what ``act`` says: add a row, remove one, take an item for one."""
    if act.startswith("remove-"):
        gone = act.removeprefix("remove-")
        rows.entries = [entry for entry in rows.entries if entry.id != gone]
    take_item(rows, act)
    if act == "add" and len(rows) < MOST_ROWS:
        rows.append_entry()
    while len(rows) < EMPTY_ROWS:
        rows.append_entry()


def _meant(session: Session, rows: FieldList) -> list[Meant] | None:
    """Return what the rows mean, blank ones passed over; None where one has a fault on it."""
    found: list[Meant] = []
    sound = True
    filled = [entry.form for entry in rows if not entry.form.is_blank()]
    items: list[Item | None] = []
    for number, row in enumerate(filled, start=1):
        try:
            items.append(item_typed(session, row.item.data or ""))
        except WhichItem as refusal:
            items.append(None)
            row.found = refusal.found
            sound = _fault(row.item, number, refusal.message)
    packs = issue_packs(session, [item.id for item in items if item])
    for number, (row, item) in enumerate(zip(filled, items, strict=True), start=1):
        if item is None:
            continue
        size = packs[item.id].size if item.id in packs else 1
        shown = _KNOWN.fullmatch(row.known.data or "")
        fresh = shown is None or (int(shown[1]), int(shown[2])) != (item.id, size)
        row.item.data, row.known.data = as_typed(item), f"{item.id}:{size}"
        one = Meant(number, row, item, size, fresh)
        if any(field.errors for field in (row.packs, row.loose)):
            sound = False
        elif not 0 < one.quantity <= LARGEST:
            sound = _fault(row.packs, number, Message(N_("Write how much.")))
        found.append(one)
    return found if sound else None


def labels(session: Session, rows: FieldList) -> list[Labels]:
    """Return the labels of each row, as far as its item is known."""
    shown = [_KNOWN.fullmatch(entry.form.known.data or "") for entry in rows]
    wanted = {int(known[1]) for known in shown if known is not None}
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(wanted)))}
    packs = issue_packs(session, list(items))
    out = []
    for entry, known in zip(rows, shown, strict=True):
        item = items.get(int(known[1])) if known else None
        if item is None:
            out.append(Labels(None, say(Message(N_("Packs"))), say(Message(N_("Loose"))), ""))
            continue
        size = int(known[2]) if known else 1
        pack = packs.get(item.id)
        said = (
            say(Message(PACK_LABELS[pack.kind], {"size": quantity(size, item.base_unit)}))
            if pack
            else say(Message(N_("Packs")))
        )
        units = (entry.form.packs.data or 0) * size + (entry.form.loose.data or 0)
        out.append(
            Labels(
                item,
                said,
                say(Message(UNIT_LABELS[item.base_unit][0])),
                quantity(units, item.base_unit) if units else "",
            )
        )
    return out


def _fault(field: StringField, number: int, message: Message) -> bool:
    field.errors = [
        *field.errors,
        say(Message(N_("Line {line}: {sentence}"), {"line": number, "sentence": message})),
    ]
    return False
