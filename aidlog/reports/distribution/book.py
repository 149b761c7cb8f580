"""The workbook under the pen: its words in one or two languages, its pages, its totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from aidlog.allocation.problem import Problem
from aidlog.allocation.result import Result
from aidlog.core.text import N_, Message
from aidlog.reports import sheet_style as style
from aidlog.reports.distribution.view import PlanView
from aidlog.reports.distribution_workbook import PlanFacts, Say
from aidlog.reports.plain_text import plain_text
from aidlog.reports.sheet_xml import Sheet, save_workbook


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
        self.sheets: list[Sheet] = []
        self._titles: set[str] = set()

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

    def coverage(self, sheet: Sheet, row: int, column: int, share: float | None) -> None:
        """Write a coverage in its colour; None leaves an empty cell."""
        shown = None if share is None else style.shown_share(share)
        sheet.write(row, column, shown, style.coverage_look(share))

    def unknown(self) -> str:
        return self.text(N_("unknown"))

    # Sheets ------------------------------------------------------------------------

    def sheet(self, wanted_title: str, *, landscape: bool, title_rows: str = "") -> Sheet:
        """Add a sheet, set up for A4 with the plan's header and footer."""
        title = style.sheet_title(wanted_title, self._titles)
        sheet = Sheet(self.workbook.create_sheet(title), self.pen)
        self.sheets.append(sheet)
        facts = self.facts
        style.set_page(
            sheet.setup,
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

    def title(self, sheet: Sheet, title: str, subtitle: str) -> None:
        """Write the sheet's title in row 1 and the line under it in row 2."""
        sheet.write(1, 1, title, style.TITLE)
        sheet.write(2, 1, subtitle, style.SUBTITLE)
        sheet.heights[1] = 26
        sheet.heights[2] = 16

    def head_row(self, sheet: Sheet, row: int, heads: list[Head], first: int = 1) -> None:
        """Write a row of headings, tall enough for the longest."""
        lines = 1
        for column, head in enumerate(heads, start=first):
            text = self.heading(head.heading) if head.heading else ""
            sheet.write(row, column, text or None, head.head_look)
            lines = max(lines, style.lines_needed(text, head.width * 0.9))
        sheet.heights[row] = 12.5 * lines + 6

    def row(
        self, sheet: Sheet, row: int, heads: list[Head], values: list[object], first: int = 1
    ) -> None:
        """Write one row of a table in the looks of its columns, tall enough for its text.

        The rows above it are settled: a long table is not kept cell by cell.

        The height is set here since not every program that opens or prints the workbook
        makes room for wrapped text by itself.
        """
        sheet.settle(before=row)
        lines = 1
        for column, (head, value) in enumerate(zip(heads, values, strict=True), start=first):
            sheet.write(row, column, value, head.look)
            if isinstance(value, str) and head.look.wrap:
                lines = max(lines, style.lines_needed(value, head.width))
        if lines > 1:
            sheet.heights[row] = 12.5 * lines + 3

    def total(
        self, sheet: Sheet, row: int, column: int, rows: tuple[int, int], *,
        look: style.Look, values: list[float | None],
    ) -> None:  # fmt: skip
        """Write the sum of the cells above as a formula that carries ``values``' sum."""
        letter = get_column_letter(column)
        formula = f"=SUM({letter}{rows[0]}:{letter}{rows[1]})"
        result = sum(value for value in values if value is not None)
        sheet.formula(row, column, formula, result, look)

    def paragraph(
        self, sheet: Sheet, row: int, last: int, text: str, width: float,
        look: style.Look = style.PLAIN,
    ) -> None:  # fmt: skip
        """Write a sentence across columns 1 to ``last``; ``width`` is theirs in characters."""
        sheet.write(row, 1, text, look)
        sheet.merge(row, 1, last)
        lines = style.lines_needed(text, width)
        sheet.heights[row] = 13 * lines + 3

    def save(self, stream: IO[bytes]) -> None:
        """Write the workbook with its properties and its totals' results."""
        properties = self.workbook.properties
        made = self.facts.made_at.replace(tzinfo=None, microsecond=0)
        properties.title = plain_text(self.facts.title)
        properties.creator = plain_text(self.facts.organisation) or "aidlog"
        properties.lastModifiedBy = "aidlog"
        properties.category = self.say(self.facts.sensitivity)
        properties.identifier = self.result.problem_sha256
        properties.language = self.facts.language
        properties.created = properties.modified = made
        save_workbook(self.workbook, self.sheets, stream, made)
