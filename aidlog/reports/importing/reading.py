"""The rows of a found table as plain values, with everything that is wrong or open."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from aidlog.core.errors import Refusal
from aidlog.core.sheets import Choice, Column, Finding, Kind, Row, Value, unknown_word
from aidlog.core.spelling import Spellings, bare
from aidlog.core.text import N_, Message
from aidlog.reports.cell_values import no_longer, read_value
from aidlog.reports.cells import Cell, OtherCell
from aidlog.reports.importing.choices import Choices
from aidlog.reports.importing.dates import Order, order_of, read_day
from aidlog.reports.importing.numbers import Convention, convention_of, read_number, scaled
from aidlog.reports.importing.tables import Found, Translate, required_missing
from aidlog.reports.problem_sheets import Kind as CellKind
from aidlog.reports.problem_tables import letter

_NUMERIC = frozenset({Kind.WHOLE, Kind.DECIMAL})
#: What stands in a cell to say that nothing is known. Not zero.
_NOTHING = frozenset(
    {"", "-", "–", "—", "?", "n/a", "na", "nd", "unknown", "inconnu", "haijulikani"}
)
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CHEROKEE")


@dataclass(frozen=True, slots=True)
class Reading:
    """Every filled row as values, what was found on the way, and how the file writes figures."""

    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    convention: Convention
    order: Order


def read_rows(found: Found, choices: Choices, translations: Sequence[Translate] = ()) -> Reading:
    """Read the rows under the headings; cells that cannot be read are absent and told."""
    reader = _Reader(found, choices, translations)
    rows = tuple(reader.row(number, cells) for number, cells in filled_rows(found))
    return Reading(
        rows, tuple(reader.about_the_file(rows) + reader.findings), reader.convention, reader.order
    )


def filled_rows(found: Found) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Yield (row from 1, cells) of what stands under the headings; blank rows are passed over."""
    cells = found.cells
    marked = {row for row, _ in (*cells.unsaved, *cells.errors)}
    for number, row in enumerate(cells.rows[found.first_row - 1 :], start=found.first_row):
        if number in marked or any(cell != "" for cell in row):
            yield number, row


#: The words of a closed list: those without doubt, those that are used for one or more of
#: them, and all of them to look for the nearest.
_Words = tuple[dict[str, Choice], dict[str, list[str]], Spellings]


class _Reader:
    def __init__(self, found: Found, choices: Choices, translations: Sequence[Translate]) -> None:
        self.found = found
        self.choices = choices
        self.translations = translations
        self.findings: list[Finding] = []
        self.read = [
            (found.plan.column(seen.field), seen.place) for seen in found.columns if seen.field
        ]
        width = [seen.place for seen in found.columns if seen.heading or seen.tag]
        self.width = max(width, default=-1) + 1 or None
        self.given_texts = {
            name: text for name, text in choices.given.items()
            if text and name not in found.places
        }  # fmt: skip
        self.convention = convention_of(self._texts(_NUMERIC), choices.numbers)
        self.order = order_of(self._texts({Kind.DATE}), choices.dates)
        self._words: dict[str, _Words] = {}
        self.given = dict(self._given())

    def _texts(self, kinds: frozenset[Kind] | set[Kind]) -> Iterator[str]:
        """Yield the text cells of the columns of ``kinds``, and what was given for all rows."""
        for name, text in self.given_texts.items():
            if self.found.plan.column(name).kind in kinds:
                yield text
        for column, place in self.read:
            if column.kind in kinds:
                for _, row in filled_rows(self.found):
                    if place < len(row) and isinstance(cell := row[place], str) and cell:
                        yield cell

    def _given(self) -> Iterator[tuple[str, Value]]:
        for name, text in self.given_texts.items():
            value = self._value(self.found.plan.column(name), 0, text)
            if value is not None:
                yield name, value

    def row(self, number: int, cells: Sequence[Cell]) -> Row:
        values: dict[str, Value] = {}
        for column, place in self.read:
            cell: Cell = cells[place] if place < len(cells) else ""
            if (problem := self._unusable(number, place, cell)) is not None:
                self._blame(number, column.field, problem)
            elif cell == "" or (isinstance(cell, str) and bare_nothing(cell)):
                continue
            elif (value := self._value(column, number, cell)) is not None:
                values[column.field] = value
        self._look_beyond(number, cells)
        for name, value in self.given.items():
            values.setdefault(name, value)
        self._require(number, cells, values)
        return Row(number, values)

    def _require(self, number: int, cells: Sequence[Cell], values: Mapping[str, Value]) -> None:
        """Blame the required cells that are empty; one that could not be read was blamed."""
        for column, place in self.read:
            if not column.required or column.field in values:
                continue
            cell = cells[place] if place < len(cells) else ""
            empty = isinstance(cell, str) and bare_nothing(cell)
            if empty and self._unusable(number, place, cell) is None:
                what = Message(N_("The cell is empty. Fill it in, or delete the row."))
                self._blame(number, column.field, what)

    def _unusable(self, row: int, place: int, cell: Cell) -> Message | None:
        """Return why a cell's value cannot be trusted, None where it can."""
        at, cells = (row, place + 1), self.found.cells
        if at in cells.errors:
            return Message(N_("The cell shows {error}. Correct its formula, or type the value."),
                           {"error": cells.errors[at]})  # fmt: skip
        if at in cells.unsaved:
            return Message(N_("The formula has no saved result. Open the workbook in a spreadsheet "
                              "program, save it, and use that copy."))  # fmt: skip
        if at in cells.outside:
            return Message(N_("The cell takes its value from another file or program. Type the "
                              "value itself."))  # fmt: skip
        if at in cells.covered and cell == "":
            return Message(N_("The cell lies under a merged cell. Unmerge it and fill in every "
                              "row."))  # fmt: skip
        return None

    def _look_beyond(self, number: int, cells: Sequence[Cell]) -> None:
        """Blame what stands to the right of the last heading: a row that is shifted."""
        if self.width is not None and any(cell != "" for cell in cells[self.width :]):
            self._blame(
                number,
                "",
                Message(
                    N_("The row has more cells than there are headings. A separator may stand in "
                       "a text; put that text in quotation marks.")
                ),
            )  # fmt: skip

    def _value(self, column: Column, row: int, cell: Cell) -> Value | None:
        try:
            if column.kind is Kind.WORD and column.choices:
                return self._word(column, row, cell)
            return _read(column, cell, self.convention, self.order)
        except Refusal as refusal:
            self._blame(row, column.field, refusal.message)
            return None

    def _word(self, column: Column, row: int, cell: Cell) -> str | None:
        """Return the value of a word of a closed list; others are told with suggestions."""
        spelling = _text(cell)
        exact, used_for, like = self._words_of(column)
        name = bare(spelling)
        meant = self.choices.meanings.get(column.field, {}).get(name)
        if meant in {choice.value for choice in column.choices}:
            return meant
        if name in exact:
            return exact[name].value
        suggested = used_for.get(name) or like.nearest(spelling)
        words = {choice.value: choice.word for choice in column.choices}
        self.findings.append(
            unknown_word(row, column.field, spelling, [(key, words[key]) for key in suggested])
        )
        return None

    def _words_of(self, column: Column) -> _Words:
        if column.field not in self._words:
            exact: dict[str, Choice] = {}
            used_for: dict[str, list[str]] = {}
            for choice in column.choices:
                for word in (choice.value, choice.word, *choice.exact):
                    exact.setdefault(bare(word), choice)
                for word in choice.like:
                    used_for.setdefault(bare(word), []).append(choice.value)
            for name, meant in self._translated(column).items():
                if len(meant) == 1:
                    exact.setdefault(name, meant[0])
                else:
                    used_for.setdefault(name, []).extend(choice.value for choice in meant)
            self._words[column.field] = (
                exact,
                used_for,
                Spellings(
                    (choice.value, word)
                    for choice in column.choices
                    for word in (choice.word, choice.value, *choice.exact, *choice.like)
                ),
            )
        return self._words[column.field]

    def _translated(self, column: Column) -> dict[str, list[Choice]]:
        """Return the words of a closed list as templates in other languages offer them."""
        translated: dict[str, list[Choice]] = {}
        for choice in column.choices:
            for name in {bare(translate(choice.word)) for translate in self.translations}:
                translated.setdefault(name, []).append(choice)
        return translated

    def _blame(self, row: int, name: str, what: Message) -> None:
        self.findings.append(Finding(row=row, field=name, what=what))

    def about_the_file(self, rows: Sequence[Row]) -> list[Finding]:
        """Return what concerns the whole sheet: what is missing, what is left open."""
        found = self.found
        about = [
            Finding(
                row=found.header_row,
                field=column.field,
                what=Message(
                    N_("No column is “{heading}”. Add it, say which column it is, or say it once "
                       "for all rows.")
                    if column.for_all
                    else N_("No column is “{heading}”. Add it, or say which column it is."),
                    {"heading": Message(column.heading)},
                ),
            )
            for column in required_missing(found, self.choices.given)
        ]  # fmt: skip
        if not rows:
            about.append(_for_all(N_("There are no rows under the headings. Fill them in.")))
        if self.convention.open and self.convention.samples:
            about.append(
                Finding(
                    row=0,
                    what=Message(
                        N_("Numbers such as {sample} can be read in two ways. Say how this file "
                           "writes numbers."),
                        {"sample": self.convention.samples[0].written},
                    ),
                )
            )  # fmt: skip
        if self.order.open:
            about.append(
                Finding(
                    row=0,
                    what=Message(
                        N_("Dates such as {sample} can be read in two ways. Say whether the day "
                           "or the month comes first."),
                        {"sample": self.order.samples[0]},
                    ),
                )
            )  # fmt: skip
        return [*about, *self._twins(), *self._remarks()]

    def _twins(self) -> Iterator[Finding]:
        for seen in self.found.columns:
            if seen.twin is not None and seen.place not in self.choices.columns:
                yield _for_all(
                    N_("Columns {one} and {other} are both “{heading}”. Say which one counts."),
                    one=letter(seen.twin),
                    other=seen.letter,
                    heading=seen.heading,
                )

    def _remarks(self) -> Iterator[Finding]:
        cells, read = self.found.cells, {place + 1 for _, place in self.read}
        for row in sorted(cells.hidden_rows):
            if row >= self.found.first_row and row <= len(cells.rows):
                yield _remark(row, N_("The row is hidden in the file; it is read all the same."))
        for row in sorted(cells.odd_rows):
            yield _remark(
                row, N_("A letter was in another encoding than the rest. Check the spelling.")
            )
        computed = sorted(at for at in cells.computed if at[1] in read)
        if computed:
            count = len(computed)
            yield Finding(
                row=0,
                stops=False,
                what=Message(
                    N_("{count} cell holds a formula; its last saved result was used."),
                    {"count": count},
                    plural=N_("{count} cells hold formulas; their last saved results were used."),
                    count=count,
                ),
            )


def _for_all(template: str, **values: object) -> Finding:
    return Finding(row=0, what=Message(template, values))


def _remark(row: int, template: str) -> Finding:
    return Finding(row=row, what=Message(template), stops=False)


def bare_nothing(cell: str) -> bool:
    """Say whether a cell only says that nothing is known."""
    return cell.strip().casefold() in _NOTHING


def _read(column: Column, cell: Cell, convention: Convention, order: Order) -> Value:
    match column.kind:
        case Kind.WHOLE | Kind.DECIMAL:
            return scaled(
                read_number(_number_cell(cell), convention),
                places=column.places,
                rounded=column.rounded,
            )
        case Kind.DATE:
            if isinstance(cell, bool):
                raise _no(N_("“{text}” is not read as a date. Write year, month, day, such as "
                             "2026-12-31."), cell)  # fmt: skip
            return read_day(cell, order)
        case Kind.YES_NO:
            return bool(read_value(CellKind.YES_NO, cell))
        case Kind.CODE:
            text = str(read_value(CellKind.CODE, _as_text(cell)))
        case _:
            text = _text(cell)
    return _safe(text if column.longest is None else no_longer(text, column.longest))


def _number_cell(cell: Cell) -> str | float:
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        raise _no(N_("“{text}” is not a number. Write digits, such as 1200."), cell)
    return cell


def _text(cell: Cell) -> str:
    return str(read_value(CellKind.TEXT, _as_text(cell)))


def _as_text(cell: Cell) -> Cell:
    """Return a number as its digits: 12.0 in a column of codes is 12."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return cell


def _safe(text: str) -> str:
    """Refuse text that a spreadsheet program would run, or that mixes alphabets to deceive."""
    if text.startswith(("=", "@")):
        raise _no(N_("“{text}” begins as a formula does. Type the text itself."), text)
    if not text.isascii() and any(len(_alphabets(word)) > 1 for word in re.findall(r"\w+", text)):
        raise _no(N_("“{text}” mixes letters of two alphabets that look alike. Type it anew."),
                  text)  # fmt: skip
    if any(unicodedata.category(letter) in {"Cf", "Co", "Cn", "Cs"} for letter in text):
        raise _no(N_("“{text}” holds a character that cannot be seen. Type it anew."), text)
    return text


def _alphabets(word: str) -> set[str]:
    return {
        script
        for letter in word
        if letter.isalpha() and (script := unicodedata.name(letter, "").split(" ")[0]) in _SCRIPTS
    }


def _no(template: str, cell: Cell) -> Refusal:
    if isinstance(cell, OtherCell):
        shown = cell.shown
    elif isinstance(cell, bool):
        shown = "TRUE" if cell else "FALSE"
    elif isinstance(cell, date):
        shown = cell.isoformat()
    else:
        shown = str(cell)
    return Refusal(Message(template, {"text": shown[:40]}))
