"""Where in a file the list stands, and which of its columns is which."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from aidlog.core.errors import Refusal
from aidlog.core.sheets import Column, SheetPlan
from aidlog.core.spelling import Spellings, bare
from aidlog.core.text import N_, Message
from aidlog.reports.any_file import FileCells
from aidlog.reports.cells import Cell, SheetCells
from aidlog.reports.importing.choices import Choices
from aidlog.reports.importing.personal import looks_like_a_position, looks_personal
from aidlog.reports.problem_tables import letter

HEADER_WITHIN = 30
#: So many filled cells of a column are shown to whoever confirms it.
SAMPLES = 3

Translate = Callable[[str], str]
_TAG = re.compile(r"#[a-z][a-z0-9_]*(?:\s*[+/]\s*[a-z][a-z0-9_]*)*", re.IGNORECASE)


class NoTable(Refusal):
    """The file holds no list of this kind, or more than one."""


@dataclass(frozen=True, slots=True)
class ColumnSeen:
    """A column of the file, as it was recognised.

    ``field`` is what it will be read as, None for not at all. ``alike`` is a field that its
    heading only resembles: a suggestion. ``personal`` and ``position`` are why it is left out.
    ``twin`` is another column that means the same.
    """

    place: int
    heading: str
    tag: str
    samples: tuple[str, ...]
    field: str | None = None
    alike: str | None = None
    personal: bool = False
    position: bool = False
    twin: int | None = None

    @property
    def letter(self) -> str:
        return letter(self.place)


@dataclass(frozen=True, slots=True)
class Found:
    """The table in a file: its sheet, the rows of its headings and tags (0: none), its columns."""

    plan: SheetPlan
    cells: SheetCells
    header_row: int
    tag_row: int
    columns: tuple[ColumnSeen, ...]
    other_sheets: tuple[str, ...]

    @property
    def places(self) -> dict[str, int]:
        """Field → position from 0."""
        return {seen.field: seen.place for seen in self.columns if seen.field}

    @property
    def first_row(self) -> int:
        """The first row under headings and tags."""
        return max(self.header_row, self.tag_row) + 1


def find_table(
    plan: SheetPlan, file: FileCells, choices: Choices, translations: Sequence[Translate] = ()
) -> Found:
    """Return where ``plan`` stands in ``file``, by its headings or its HXL tags.

    Raises:
        NoTable: no sheet has such headings, or several have them equally.
    """
    names = _names(plan, translations)
    sheets = [sheet for sheet in file.sheets if choices.sheet in {None, sheet.name}]
    if not file.sheets:
        raise _no_header(plan)
    if not sheets:
        raise NoTable(
            Message(N_("There is no sheet “{sheet}”. Check its name."), {"sheet": choices.sheet})
        )
    if choices.header_row is not None:
        sheet = next((s for s in sheets if not s.hidden), sheets[0])
        at = (sheet, choices.header_row, _tags_near(sheet, choices.header_row))
        return _found(plan, file, at, choices, names)
    ranked = sorted(
        (_best_header(plan, sheet, names) for sheet in sheets if not sheet.hidden or choices.sheet),
        key=lambda ranked: -ranked[0],
    )
    if not ranked or ranked[0][0] == 0:
        raise _no_header(plan)
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        raise NoTable(
            Message(
                N_("Sheets “{one}” and “{other}” both look like this list. Say which one."),
                {"one": ranked[0][1].name, "other": ranked[1][1].name},
            )
        )
    _, sheet, header_row, tag_row = ranked[0]
    return _found(plan, file, (sheet, header_row, tag_row), choices, names)


def _no_header(plan: SheetPlan) -> NoTable:
    return NoTable(
        Message(
            N_(
                "No headings were found in the first {rows} rows. This list has the columns "
                "{columns}."
            ),
            {
                "rows": HEADER_WITHIN,
                "columns": ", ".join(f"“{c.heading}”" for c in plan.columns if c.required),
            },
        )
    )


def _names(plan: SheetPlan, translations: Sequence[Translate]) -> dict[str, str]:
    """Return the ways to write each heading → its field; what is said first wins."""
    names: dict[str, str] = {}
    for column in plan.columns:
        for name in (column.heading, column.field, *(t(column.heading) for t in translations)):
            names.setdefault(heading_name(name), column.field)
    for column in plan.columns:
        for name in column.also:
            names.setdefault(heading_name(name), column.field)
    return names


def heading_name(heading: str) -> str:
    """Return a heading for comparing, without the mark of what must be filled in."""
    return bare(heading.replace("m³", "m3"))


def _field_of(heading: str, names: Mapping[str, str]) -> str | None:
    """Return the field that a heading names, also without what stands in brackets."""
    name = heading_name(heading)
    if name in names:
        return names[name]
    outside = heading_name(re.sub(r"[(\[].*?[)\]]", " ", heading))
    return names.get(outside) if outside else None


def _best_header(
    plan: SheetPlan, sheet: SheetCells, names: Mapping[str, str]
) -> tuple[int, SheetCells, int, int]:
    """Return (how many fields, the sheet, header row, tag row) of the best row of a sheet."""
    tags = {tag: column.field for column in plan.columns for tag in map(_tag, column.hxl)}
    best = (0, sheet, 0, 0)
    for number, row in enumerate(sheet.rows[:HEADER_WITHIN], start=1):
        if is_tag_row(row):
            fields = {tags[_tag(str(cell))] for cell in row if _tag(str(cell)) in tags}
            if fields:  # tags stand under the last line of headings and leave no doubt
                return len(fields) * 100, sheet, number - 1, number
            continue
        fields = {
            field
            for cell in row
            if isinstance(cell, str) and cell and (field := _field_of(cell, names))
        }
        if len(fields) >= _enough(plan) and len(fields) > best[0]:
            best = (len(fields), sheet, number, 0)
    score, sheet, header_row, _ = best
    return score, sheet, header_row, _tags_near(sheet, header_row)


def _enough(plan: SheetPlan) -> int:
    return min(2, len(plan.columns))


def _tags_near(sheet: SheetCells, header_row: int) -> int:
    """Return the row of tags under the headings, 0 where there is none."""
    for number in range(header_row + 1, min(header_row + 3, len(sheet.rows)) + 1):
        if is_tag_row(sheet.rows[number - 1]):
            return number
    return 0


def is_tag_row(row: Sequence[Cell]) -> bool:
    """Say whether a row holds HXL tags: at least two cells, and no filled cell but tags."""
    filled = [str(cell).strip() for cell in row if cell != ""]
    return len(filled) >= 2 and all(_TAG.fullmatch(cell) for cell in filled)


def _tag(text: str) -> str:
    """Return an HXL tag with its attributes in one order: #loc +name+code, #loc+code+name."""
    tag, *attributes = re.split(r"[+/]", "".join(text.casefold().split()))
    return "+".join([tag, *sorted(attributes)])


def _found(
    plan: SheetPlan,
    file: FileCells,
    at: tuple[SheetCells, int, int],
    choices: Choices,
    names: Mapping[str, str],
) -> Found:
    sheet, header_row, tag_row = at
    if header_row > len(sheet.rows):
        raise _no_header(plan)
    columns = tuple(_settled(_columns(plan, sheet, header_row, tag_row, names), choices))
    others = tuple(
        other.name
        for other in file.sheets
        if other is not sheet and any(any(cell != "" for cell in row) for row in other.rows)
    )
    return Found(plan, sheet, header_row, tag_row, columns, others)


def _columns(
    plan: SheetPlan, sheet: SheetCells, header_row: int, tag_row: int, names: Mapping[str, str]
) -> list[ColumnSeen]:
    header = sheet.rows[header_row - 1] if header_row else ()
    tags = sheet.rows[tag_row - 1] if tag_row else ()
    body = sheet.rows[max(header_row, tag_row) :]
    width = max(len(header), len(tags), max((len(row) for row in body[:200]), default=0))
    known_tags = {tag: column.field for column in plan.columns for tag in map(_tag, column.hxl)}
    spellings = Spellings((field, name) for name, field in names.items())
    taken: dict[str, int] = {}
    columns = []
    for place in range(width):
        heading = str(header[place]).strip() if place < len(header) else ""
        tag = str(tags[place]).strip() if place < len(tags) else ""
        cells = [row[place] for row in body[:1_000] if place < len(row) and row[place] != ""]
        if not (heading or tag or cells):
            continue
        seen = ColumnSeen(place, heading, tag, tuple(_shown(cell) for cell in cells[:SAMPLES]))
        columns.append(_recognised(seen, cells, names, known_tags, spellings, taken))
    return columns


def _recognised(
    seen: ColumnSeen,
    cells: Sequence[Cell],
    names: Mapping[str, str],
    tags: Mapping[str, str],
    spellings: Spellings,
    taken: dict[str, int],
) -> ColumnSeen:
    """Say what a column is; the second of two that mean the same is named the other's twin."""
    field = tags.get(_tag(seen.tag)) if seen.tag else None
    field = field or _field_of(seen.heading.removeprefix("#"), names)
    if field is None:
        personal = looks_personal(seen.heading, seen.tag, cells)
        position = looks_like_a_position(seen.heading, seen.tag)
        near = [] if personal or position else spellings.nearest(seen.heading, most=1)
        return replace(seen, personal=personal, position=position, alike=near[0] if near else None)
    if field in taken:
        return replace(seen, twin=taken[field])
    taken[field] = seen.place
    return replace(seen, field=field)


def _settled(columns: Sequence[ColumnSeen], choices: Choices) -> list[ColumnSeen]:
    """Apply what somebody said of the columns; a field that was moved is read in one place."""
    moved = {field for field in choices.columns.values() if field}
    settled = []
    for seen in columns:
        if seen.place in choices.columns:
            chosen = choices.columns[seen.place] or None
            settled.append(replace(seen, field=chosen, twin=None))
        elif seen.field in moved:
            settled.append(replace(seen, field=None))
        else:
            settled.append(seen)
    chosen_fields = [seen.field for seen in settled if seen.field]
    for field in {field for field in chosen_fields if chosen_fields.count(field) > 1}:
        raise NoTable(
            Message(N_("Two columns cannot both be “{field}”. Choose one."), {"field": field})
        )
    return settled


def _shown(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(getattr(cell, "shown", cell)).strip()[:60]


def required_missing(found: Found, given: Mapping[str, str]) -> list[Column]:
    """Return the columns that have to be there, are not, and were not said for all rows."""
    places = found.places
    return [
        column
        for column in found.plan.columns
        if column.required and column.field not in places and not given.get(column.field)
    ]
