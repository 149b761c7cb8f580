"""The workbook under the pen: its words in one or two languages, its pages, its totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from aidlog.allocation.problem import Problem
from aidlog.allocation.result import Result
from aidlog.core.text import N_, Message
from aidlog.reports import sheet_style as style
from aidlog.reports.cached_totals import save_with_totals
from aidlog.reports.distribution.view import PlanView
from aidlog.reports.distribution_workbook import PlanFacts, Say


@dataclass(frozen=True, slots=True)
class Head:
    """One column of a printed table: heading, width in characters, and how its cells look."""

    heading: str
    width: float
    look: style.Look = style.TEXT

    @property
    def head_look(self) -> style.Look:
        match self.look.align:
            case "right":
                return style.HEAD_NUMBER
            case "center":
                return style.HEAD_CENTRE
        return style.HEAD


class Book:
    """What every sheet is written with."""

    def __init__(self, problem: Problem, result: Result, facts: PlanFacts, say: Say) -> None:
        self.view = PlanView(problem, result, facts)
        self.problem = problem
        self.result = result
        self.facts = facts
        self.say = say
        self.pen = style.Pen()
        self.workbook = Workbook()
        self.workbook.remove(self.workbook.worksheets[0])
        self._titles: set[str] = set()
        self._totals: dict[tuple[str, str], float] = {}

    # Words -------------------------------------------------------------------------

    def text(self, template: str, **values: object) -> str:
        """Return a sentence in the workbook's language."""
        return self.say(Message(template, values))

    def heading(self, template: str, **values: object) -> str:
        """Return a heading; with English on a second line where the language is another."""
        message = Message(template, values)
        local, english = self.say(message), str(message)
        return local if local == english else f"{local}\n{english}"

    def percent(self, share: float) -> str:
        """Return a share as whole per cent, as the cells show it."""
        return f"{int(style.shown_share(share) * 100 + 0.5)}%"

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number for a sentence: a narrow space between thousands."""
        scale = 10**decimals
        return f"{int(value * scale + 0.5) / scale:,.{decimals}f}".replace(",", "\u202f")

    def coverage(self, sheet: Worksheet, row: int, column: int, share: float | None) -> None:
        """Write a coverage in its colour; None leaves an empty cell."""
        shown = None if share is None else style.shown_share(share)
        self.pen.write(sheet, row, column, shown, style.coverage_look(share))

    def unknown(self) -> str:
        return self.text(N_("unknown"))

    # Sheets ------------------------------------------------------------------------

    def sheet(self, wanted_title: str, *, landscape: bool, title_rows: str = "") -> Worksheet:
        """Add a sheet, set up for A4 with the plan's header and footer."""
        sheet: Worksheet = self.workbook.create_sheet(style.sheet_title(wanted_title, self._titles))
        facts = self.facts
        style.set_page(
            sheet,
            landscape=landscape,
            title_rows=title_rows,
            left=" · ".join(part for part in (facts.organisation, facts.title) if part),
            right=self.say(facts.sensitivity),
            foot=" · ".join(part for part in (
                facts.reference, f"{facts.made_at:%Y-%m-%d %H:%M} UTC",
                f"aidlog {self.result.engine_version}", self.result.problem_sha256[:12],
            ) if part),
        )  # fmt: skip
        return sheet

    def title(self, sheet: Worksheet, title: str, subtitle: str) -> None:
        """Write the sheet's title in row 1 and the line under it in row 2."""
        self.pen.write(sheet, 1, 1, title, style.TITLE)
        self.pen.write(sheet, 2, 1, subtitle, style.SUBTITLE)
        sheet.row_dimensions[1].height = 26
        sheet.row_dimensions[2].height = 16

    def head_row(self, sheet: Worksheet, row: int, heads: list[Head], first: int = 1) -> None:
        """Write a row of headings, tall enough for the longest."""
        lines = 1
        for column, head in enumerate(heads, start=first):
            text = self.heading(head.heading) if head.heading else ""
            self.pen.write(sheet, row, column, text or None, head.head_look)
            lines = max(lines, style.lines_needed(text, head.width * 0.9))
        sheet.row_dimensions[row].height = 12.5 * lines + 6

    def row(
        self, sheet: Worksheet, row: int, heads: list[Head], values: list[object], first: int = 1
    ) -> None:
        """Write one row of a table in the looks of its columns, tall enough for its text.

        The height is set here since not every program that opens or prints the workbook
        makes room for wrapped text by itself.
        """
        lines = 1
        for column, (head, value) in enumerate(zip(heads, values, strict=True), start=first):
            self.pen.write(sheet, row, column, value, head.look)
            if isinstance(value, str) and head.look.wrap:
                lines = max(lines, style.lines_needed(value, head.width))
        if lines > 1:
            sheet.row_dimensions[row].height = 12.5 * lines + 3

    def total(
        self, sheet: Worksheet, row: int, column: int, rows: tuple[int, int], *,
        look: style.Look, values: list[float | None],
    ) -> None:  # fmt: skip
        """Write the sum of the cells above as a formula that carries ``values``' sum."""
        letter = get_column_letter(column)
        formula = f"=SUM({letter}{rows[0]}:{letter}{rows[1]})"
        result = sum(value for value in values if value is not None)
        self.formula(sheet, row, column, formula, result, look)

    def formula(
        self, sheet: Worksheet, row: int, column: int, text: str, result: float, look: style.Look
    ) -> None:  # fmt: skip
        """Write a formula together with the number that it gives."""
        cell = self.pen.formula(sheet, row, column, text, look)
        self._totals[sheet.title, cell.coordinate] = result

    def merge(self, sheet: Worksheet, row: int, first: int, last: int) -> None:
        """Merge the cells of a row from column ``first`` to ``last``.

        The cells have their look already. openpyxl's own way rebuilds the borders of every
        cell, a hundred times slower, which a workbook of printed forms would feel.
        """
        sheet.merged_cells.ranges.add(
            CellRange(min_row=row, max_row=row, min_col=first, max_col=last)
        )

    def paragraph(
        self, sheet: Worksheet, row: int, last: int, text: str, width: float,
        look: style.Look = style.PLAIN,
    ) -> None:  # fmt: skip
        """Write a sentence across columns 1 to ``last``; ``width`` is theirs in characters."""
        self.pen.write(sheet, row, 1, text, look)
        self.merge(sheet, row, 1, last)
        lines = style.lines_needed(text, width)
        sheet.row_dimensions[row].height = 13 * lines + 3

    def save(self, stream: IO[bytes]) -> None:
        """Write the workbook with its properties and its totals' results."""
        properties = self.workbook.properties
        made = self.facts.made_at.replace(tzinfo=None, microsecond=0)
        properties.title = self.facts.title
        properties.creator = self.facts.organisation or "aidlog"
        properties.lastModifiedBy = "aidlog"
        properties.category = self.say(self.facts.sensitivity)
        properties.identifier = self.result.problem_sha256
        properties.language = self.facts.language
        properties.created = properties.modified = made
        save_with_totals(self.workbook, stream, self._totals, made)
