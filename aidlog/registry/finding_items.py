"""Finding an item by what people type: its code, or its name in any language, misspelt too."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, or_
from sqlalchemy.orm import Session

from aidlog.registry.models import Item
from aidlog.registry.queries import ItemRow, item_rows

#: A misspelt word has to look at least this much like one of the item's words (0 to 1).
ALIKE = 0.72
#: So many items that share most letters with the words are looked at closely.
CANDIDATES = 400


@dataclass(frozen=True, slots=True)
class Found:
    """``guessed``: nothing matched as typed, these look alike. ``more``: the list was cut."""

    items: list[ItemRow]
    guessed: bool
    more: bool


def find_items(
    session: Session,
    words: str = "",
    *,
    category: str | None = None,
    unused_too: bool = False,
    limit: int = 100,
) -> Found:
    """Return the items whose code or names hold every word, else those that look alike.

    The database looks first; only when it finds nothing are the items that share most groups
    of three letters with the words compared letter by letter. Twelve thousand items are
    searched without reading them all.
    """
    wanted = item_rows()
    if not unused_too:
        wanted = wanted.where(Item.active)
    if category:
        wanted = wanted.where(Item.category == category)
    typed = _words(words)
    exact = wanted.where(*(_holds(word) for word in typed))
    rows = _rows(session, exact.order_by(Item.category, Item.code).limit(limit + 1))
    if rows or not typed:
        return Found(rows[:limit], guessed=False, more=len(rows) > limit)
    alike = _alike(session, wanted, typed)
    return Found(alike[:limit], guessed=bool(alike), more=len(alike) > limit)


def plain(text: str) -> str:
    """Return ``text`` in small letters without accents: "Bâche" and "bache" are one."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _words(typed: str) -> list[str]:
    return [word for word in re.split(r"[\s,;/]+", typed.strip().casefold()) if word][:8]


def _text() -> ColumnElement[str]:
    """All that an item is called, in small letters, as one column."""
    return func.lower(
        Item.code
        + " "
        + Item.name_en
        + " "
        + Item.name_fr
        + " "
        + Item.name_sw
        + " "
        + Item.name_rw
    )


def _holds(word: str) -> ColumnElement[bool]:
    """True of an item that holds ``word``, as typed or without its accents."""
    return or_(*(_text().contains(form, autoescape=True) for form in {word, plain(word)}))


def _alike(session: Session, wanted: Select[*tuple[Any, ...]], words: list[str]) -> list[ItemRow]:
    groups = {
        plain(word)[start : start + 3]
        for word in words
        for start in range(max(1, len(plain(word)) - 2))
    }
    shared: ColumnElement[int] = literal(0)
    for group in sorted(groups):
        shared += case((_text().contains(group, autoescape=True), 1), else_=0)
    rows = _rows(session, wanted.where(shared > 0).order_by(shared.desc()).limit(CANDIDATES))
    scored = [(_likeness(row, words), row) for row in rows]
    return [
        row
        for score, row in sorted(scored, key=lambda pair: (-pair[0], pair[1].code))
        if score >= ALIKE
    ]


def _likeness(row: ItemRow, words: list[str]) -> float:
    """Return how well the worst of ``words`` is met by the item's best word, 0 to 1."""
    names = f"{row.code} {row.name_en} {row.name_fr} {row.name_sw} {row.name_rw}"
    own = re.findall(r"\w+", plain(names))
    return min(
        max((SequenceMatcher(None, plain(word), mine).ratio() for mine in own), default=0.0)
        for word in words
    )


def _rows(session: Session, statement: Select[*tuple[Any, ...]]) -> list[ItemRow]:
    return [ItemRow(*row) for row in session.execute(statement)]
