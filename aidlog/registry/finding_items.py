"""Finding an item by what people type: its code, or its name in any language, misspelt too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from aidlog.core.spelling import bare
from aidlog.registry.models import Item
from aidlog.registry.queries import ItemRow, item_rows

#: A misspelt word has to look at least this much like one of the item's words (0 to 1).
ALIKE = 0.72
#: More words than these say nothing more.
MOST_WORDS = 8
#: So many spellings are followed for one misspelt word.
MOST_ALIKE = 20
_DIGIT = re.compile("[0-9]")


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
    """Return the items whose code or names hold every word, best first, else those alike.

    Accents and capitals do not matter. First comes the item of that very code, then codes
    that begin so, then names in which a word begins so, then the rest; of equals the more
    urgent, then the shorter name. Nothing typed is the whole list by category and code.
    """
    wanted = item_rows()
    if not unused_too:
        wanted = wanted.where(Item.active)
    if category:
        wanted = wanted.where(Item.category == category)
    typed = bare(words).split()[:MOST_WORDS]
    if words.strip() and not typed:
        return Found([], guessed=False, more=False)
    if not typed:
        rows = _rows(session, wanted.order_by(Item.category, Item.code).limit(limit + 1))
        return Found(rows[:limit], guessed=False, more=len(rows) > limit)
    exact = wanted.where(*(Item.words.contains(word, autoescape=True) for word in typed))
    rows = _rows(session, exact.order_by(*_best(typed)).limit(limit + 1))
    if rows:
        return Found(rows[:limit], guessed=False, more=len(rows) > limit)
    alike = _alike(session, wanted, typed)
    return Found(_in_order(session, alike[:limit]), guessed=bool(alike), more=len(alike) > limit)


def _best(typed: list[str]) -> tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]:
    """Return the order in which items that hold all words are shown."""
    code = "".join(typed)
    bare_code = func.lower(func.replace(func.replace(Item.code, "-", ""), ".", ""))
    begins = and_(*(Item.words.contains(f" {word}", autoescape=True) for word in typed))
    rank = case(
        (bare_code == code, 0),
        (bare_code.startswith(code, autoescape=True), 1),
        (begins, 2),
        else_=3,
    )
    return rank, Item.tier, func.length(Item.name_en), Item.code


def _alike(session: Session, wanted: Select[Any], typed: list[str]) -> list[int]:
    """Return the ids of items whose words look like those typed, the most alike first.

    Every distinct word of the catalogue is compared once with what was typed; then only the
    items that hold one of the few words alike are looked at.
    """
    ids = wanted.with_only_columns(Item.id, Item.words).order_by(None)
    distinct = set(" ".join(words for _item, words in session.execute(ids)).split())
    likeness = [_likeness(word, distinct) for word in typed]
    if not all(likeness):
        return []
    holding = ids.where(
        *(or_(*(Item.words.contains(f" {word}") for word in alike)) for alike in likeness)
    )
    scored = []
    for item, words in session.execute(holding):
        own = words.split()
        score = min(max(alike.get(word, 0.0) for word in own) for alike in likeness)
        scored.append((-score, len(own), item))
    return [item for score, _words, item in sorted(scored) if score <= -ALIKE]


def _likeness(typed: str, words: Iterable[str]) -> dict[str, float]:
    """Return the words that look most like ``typed``, and how much, 0 to 1.

    Of a longer word only the beginning counts: what was typed may be the first half of it.
    Words with digits, as codes have them, are not meant by what has none.
    """
    groups = [typed[start : start + 2] for start in range(max(1, len(typed) - 1))]
    needed = max(1, len(groups) // 3)
    letters_only = not _DIGIT.search(typed)
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(typed)
    alike = []
    for word in words:
        if letters_only and _DIGIT.search(word):
            continue
        if len([group for group in groups if group in word]) < needed:
            continue
        matcher.set_seq1(word if len(word) <= len(typed) + 3 else word[: len(typed) + 1])
        if matcher.quick_ratio() >= ALIKE and (score := matcher.ratio()) >= ALIKE:
            alike.append((score, word))
    return {word: score for score, word in sorted(alike, reverse=True)[:MOST_ALIKE]}


def _in_order(session: Session, ids: list[int]) -> list[ItemRow]:
    if not ids:
        return []
    place = {item: at for at, item in enumerate(ids)}
    rows = _rows(session, item_rows().where(Item.id.in_(ids)))
    return sorted(rows, key=lambda row: place[row.id])


def _rows(session: Session, statement: Select[Any]) -> list[ItemRow]:
    return [ItemRow(*row) for row in session.execute(statement)]
