"""An item as people type it: its code, or enough of its name in any language."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import FieldList

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.registry.finding_items import find_items
from aidlog.registry.models import Item
from aidlog.registry.queries import ItemRow
from aidlog.web.i18n import language

#: So many items are named to choose from.
NAMED = 5
#: The button that takes an item: the row's id, then the item's code.
_TAKEN = re.compile(r"take-([a-z]+-[0-9]{1,3})-(.{1,40})")


class WhichItem(Refusal):
    """No item, or more than one, is meant by what was typed; ``found`` are those it can mean."""

    def __init__(self, message: Message, *, found: Sequence[ItemRow] = ()) -> None:
        super().__init__(message, field="item")
        self.found = found


def item_typed(session: Session, typed: str) -> Item:
    """Return the one item in use that ``typed`` means.

    Raises:
        WhichItem: none or several do; the sentence names some to choose from.
    """
    words = typed.strip()
    if not words:
        raise WhichItem(Message(N_("Write the item's code or its name.")))
    code = words.split(" ", 1)[0].upper()
    exact = session.scalars(select(Item).where(Item.code == code, Item.active)).one_or_none()
    if exact is not None:
        return exact
    found = find_items(session, words, limit=NAMED)
    if len(found.items) == 1 and not found.guessed:
        return session.get_one(Item, found.items[0].id)
    if not found.items:
        raise WhichItem(
            Message(
                N_("No item is called “{words}”. Write its code, or another word of its name."),
                {"words": words[:60]},
            ),
        )
    named = "; ".join(f"{row.code} {row.name_in(language())}" for row in found.items)
    raise WhichItem(
        Message(
            N_("“{words}” can mean: {items}. Write the code of one."),
            {"words": words[:60], "items": named},
        ),
        found=found.items,
    )


def take_item(rows: FieldList, act: str) -> None:
    """Write the item of the button that was pressed into the row it stands in."""
    taken = _TAKEN.fullmatch(act)
    for entry in rows:
        if taken and entry.id == taken[1]:
            entry.form.item.data = taken[2]


def as_typed(item: Item) -> str:
    """Return how an item stands in a field: its code, then its name."""
    return f"{item.code} {item.name_in(language())}"
