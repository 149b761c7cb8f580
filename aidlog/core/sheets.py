"""What a filled sheet can say: the columns of each list, and what was found in its rows.

A slice says which columns its list has and what they mean. How a file is read, in which
row its headings stand and how it writes numbers, is no affair of the slice: it gets
:class:`Row` after :class:`Row` of plain values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from aidlog.core.spelling import bare
from aidlog.core.text import N_, Message

#: A whole number, text, a day, yes or no.
Value = str | int | bool | date


class Kind(StrEnum):
    """What stands in a column. A DECIMAL arrives as a whole number of its smallest part."""

    CODE = "code"
    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    DATE = "date"
    YES_NO = "yes_no"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the words of a closed list.

    ``exact`` are the ways to write it that leave no doubt; ``like`` those that people use and
    that are only suggested, never taken without being asked.
    """

    value: str
    word: str
    exact: tuple[str, ...] = ()
    like: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list.

    ``also`` are other headings that mean the same, in any language; ``hxl`` the tags. With
    ``for_all`` it may be said once for every row. ``places``: a DECIMAL is counted in
    10**-places; with ``rounded`` a finer figure is rounded to that (half up), else refused.
    ``longest``: so many characters a text may have (None: as any cell). ``example`` are cells
    of the template.
    """

    field: str
    heading: str
    kind: Kind
    note: str = ""
    also: tuple[str, ...] = ()
    hxl: tuple[str, ...] = ()
    required: bool = False
    for_all: bool = False
    places: int = 0
    rounded: bool = False
    longest: int | None = None
    choices: tuple[Choice, ...] = ()
    example: tuple[Value | None, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """A list that can be imported: its name on the command line, and its columns in order."""

    kind: str
    title: str
    purpose: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column whose field is ``name``."""
        return next(column for column in self.columns if column.field == name)


@dataclass(frozen=True, slots=True)
class Row:
    """A row under the headings; ``number`` is the spreadsheet's, from 1. Empty cells are absent."""

    number: int
    values: Mapping[str, Value]

    def text(self, name: str) -> str:
        """Return a text, "" where nothing is said."""
        value = self.values.get(name, "")
        assert isinstance(value, str), f"{name} is a text"
        return value

    def number_of(self, name: str) -> int | None:
        """Return a number, None where nothing is said: unknown is not zero."""
        value = self.values.get(name)
        assert value is None or type(value) is int, f"{name} is a number"
        return value

    def day(self, name: str) -> date | None:
        """Return a day, None where none is said."""
        value = self.values.get(name)
        assert value is None or isinstance(value, date), f"{name} is a day"
        return value

    def flag(self, name: str, *, otherwise: bool) -> bool:
        """Return yes or no, ``otherwise`` where nothing is said."""
        value = self.values.get(name, otherwise)
        assert isinstance(value, bool), f"{name} is yes or no"
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a cell, a row (``field`` "") or the sheet (``row`` 0).

    ``stops``: nothing is imported while it stands. With ``spelling`` it can be settled once
    for the file: what does this word stand for? ``suggestions`` are (value, what it is).
    """

    row: int
    what: Message
    field: str = ""
    stops: bool = True
    spelling: str = ""
    suggestions: tuple[tuple[str, str], ...] = ()


#: Field → spelling as :func:`bare` writes it → the value that a person said it stands for.
Meanings = Mapping[str, Mapping[str, str]]


Thing = TypeVar("Thing")
Thing_co = TypeVar("Thing_co", covariant=True)


class Known(Protocol[Thing_co]):
    """Things that rows name: found by what a cell says, suggested where it is misspelt."""

    def find(self, text: str) -> Thing_co | None: ...

    def suggestions(self, text: str) -> list[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Question:
    """What a slice is asked: these rows, for this organisation, with what was settled."""

    rows: Sequence[Row]
    organisation_id: int
    meanings: Meanings = field(default_factory=dict)

    def meaning(self, name: str, spelling: str) -> str:
        """Return what ``spelling`` was said to stand for, else itself."""
        return self.meanings.get(name, {}).get(bare(spelling), spelling)

    def named(
        self, row: Row, name: str, known: Known[Thing], findings: list[Finding]
    ) -> Thing | None:
        """Return what the cell ``name`` of a row names; None where it is empty.

        None as well where it names nothing ``known``: that is put to ``findings``.
        """
        text = row.text(name)
        if not text:
            return None
        thing = known.find(self.meaning(name, text))
        if thing is None:
            findings.append(unknown_word(row.number, name, text, known.suggestions(text)))
        return thing


@dataclass(frozen=True, slots=True)
class Understood:
    """What the rows ask for: one line of the command a row that holds, and every finding."""

    lines: tuple[object, ...]
    findings: tuple[Finding, ...]


def unknown_word(
    row: int, name: str, spelling: str, suggestions: Sequence[tuple[str, str]]
) -> Finding:
    """Return the finding for a word that names nothing known here."""
    if suggestions:
        what = Message(
            N_("“{word}” is not known here. Did you mean {suggestions}? Write that instead."),
            {
                "word": spelling[:60],
                "suggestions": ", ".join(
                    f"“{value}”" if shown in {"", value} else f"“{value}” ({shown})"
                    for value, shown in suggestions
                ),
            },
        )
    else:
        what = Message(
            N_("“{word}” is not known here. Correct it, or add it first."), {"word": spelling[:60]}
        )
    return Finding(
        row=row, field=name, what=what, spelling=spelling, suggestions=tuple(suggestions)
    )
