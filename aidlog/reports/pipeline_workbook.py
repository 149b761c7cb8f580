"""The pipeline as a workbook: the same figures as on the screen, and every item by period."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.planning.choices import Certainty
from aidlog.reports import sheet_style as style
from aidlog.reports.needs_workbook import RESTRICTED
from aidlog.reports.pipeline import Pipeline, PipelineRow

_HEAD_ROW = 4
_AMOUNT = replace(style.NUMBER, form="#,##0.###")
_DAY = replace(style.TEXT, form=style.DAY)
#: Base units in one unit as written, and what the unit is called.
_UNITS = {
    BaseUnit.PIECE: (1, N_("pc")),
    BaseUnit.GRAM: (1000, N_("kg")),
    BaseUnit.MILLILITRE: (1000, N_("L")),
}
_Column = tuple[str, int, style.Look]
_ITEM: list[_Column] = [
    (N_("Item code"), 16, style.TEXT),
    (N_("Item"), 30, style.TEXT),
    (N_("Unit"), 7, style.TEXT),
]


def write_pipeline_workbook(
    found: Pipeline,
    rows: Sequence[PipelineRow],
    certainties: Mapping[str, str],
    language: str,
    say: Callable[[Message], str],
) -> bytes:
    """Return the workbook of ``rows``; ``certainties`` are the words for how sure goods are."""
    return _Writer(found, rows, certainties, language, say).write()


class _Writer:
    def __init__(
        self,
        found: Pipeline,
        rows: Sequence[PipelineRow],
        certainties: Mapping[str, str],
        language: str,
        say: Callable[[Message], str],
    ) -> None:
        self.found, self.rows, self.certainties = found, rows, certainties
        self.language, self.say = language, say
        self.pen = style.Pen()
        self.book = Workbook()

    def write(self) -> bytes:
        sheet = self.book.active
        assert isinstance(sheet, Worksheet)
        self._items(sheet)
        self._periods(self.book.create_sheet())
        self._expected(self.book.create_sheet())
        self.book.properties.title = self._text(N_("Pipeline"))
        self.book.properties.creator = "aidlog"
        file = BytesIO()
        self.book.save(file)
        return file.getvalue()

    def _text(self, template: str) -> str:
        return self.say(Message(template))

    def _start(self, sheet: Worksheet, name: str, columns: Sequence[_Column]) -> None:
        sheet.title = style.sheet_title(name, {sheet.title for sheet in self.book.worksheets})
        self.pen.write(sheet, 1, 1, f"{self._text(N_('Pipeline'))}: {name}", style.TITLE)
        first, last = self.found.spans[0][0], self.found.spans[-1][1]
        days = f"{first.isoformat()} – {last.isoformat()}."
        self.pen.write(sheet, 2, 1, f"{days} {self.say(RESTRICTED)}.", style.SUBTITLE)
        for column, (head, _width, look) in enumerate(columns, start=1):
            right = style.HEAD_NUMBER if look.align == "right" else style.HEAD
            self.pen.write(sheet, _HEAD_ROW, column, head, right)
        style.set_widths(sheet, [float(width) for _head, width, _look in columns])
        style.set_page(
            sheet,
            landscape=True,
            title_rows=f"{_HEAD_ROW}:{_HEAD_ROW}",
            left=self._text(N_("Pipeline")),
            right=self.say(RESTRICTED),
            foot=self.found.today.isoformat(),
        )
        sheet.freeze_panes = f"C{_HEAD_ROW + 1}"

    def _heads(self, columns: Sequence[_Column]) -> list[_Column]:
        return [(self._text(head), width, look) for head, width, look in columns]

    def _rows(
        self, sheet: Worksheet, columns: Sequence[_Column], rows: Sequence[Sequence[object]]
    ) -> None:
        for at, values in enumerate(rows, start=_HEAD_ROW + 1):
            for column, (value, (_head, _width, look)) in enumerate(
                zip(values, columns, strict=True), start=1
            ):
                self.pen.write(sheet, at, column, value, look)

    def _item(self, row: PipelineRow) -> list[object]:
        return [
            row.item.code,
            row.item.name_in(self.language),
            self._text(_UNITS[row.item.base_unit][1]),
        ]

    def _items(self, sheet: Worksheet) -> None:
        columns = self._heads([
            *_ITEM,
            (N_("Free"), 13, _AMOUNT),
            (N_("Set aside for sites"), 13, _AMOUNT),
            (N_("Expected"), 13, _AMOUNT),
            (N_("Without a day or late"), 13, _AMOUNT),
            (N_("Needed"), 13, _AMOUNT),
            (N_("Left at the end"), 13, _AMOUNT),
            (N_("Next arrival"), 12, _DAY),
            (N_("Runs out"), 12, _DAY),
            (N_("Before more comes"), 12, style.TEXT),
            (N_("Sites not counted"), 10, style.NUMBER),
        ])  # fmt: skip
        self._start(sheet, self._text(N_("What runs out when")), columns)
        self._rows(sheet, columns, [self._summary(row) for row in self.rows])

    def _summary(self, row: PipelineRow) -> list[object]:
        spans = row.projection.spans
        figures = (
            row.free,
            row.set_aside,
            sum(span.came for span in spans),
            row.without_day,
            sum(span.need for span in spans),
            spans[-1].balance,
        )
        return [
            *self._item(row),
            *(_in_units(figure, row.item.base_unit) for figure in figures),
            self.found.day(row.projection.next_arrival),
            self.found.day(row.projection.runs_out),
            self._text(N_("yes")) if row.projection.breaks else "",
            row.unknown_sites,
        ]

    def _periods(self, sheet: Worksheet) -> None:
        columns = [
            *self._heads([*_ITEM, (N_("First day"), 12, _DAY), (N_("Last day"), 12, _DAY)]),
            *((words, 14, _AMOUNT) for words in self.certainties.values()),
            *self._heads([(N_("Needed"), 13, _AMOUNT), (N_("Left at the end"), 13, _AMOUNT)]),
        ]
        self._start(sheet, self._text(N_("By period")), columns)
        lines = []
        for row in self.rows:
            unit = row.item.base_unit
            for span in row.projection.spans:
                coming = [span.coming.get(Certainty(kind), 0) for kind in self.certainties]
                lines.append([
                    *self._item(row),
                    self.found.day(span.first),
                    self.found.day(span.last),
                    *(_in_units(n, unit) for n in (*coming, span.need, span.balance)),
                ])  # fmt: skip
        self._rows(sheet, columns, lines)

    def _expected(self, sheet: Worksheet) -> None:
        columns = self._heads([
            *_ITEM,
            (N_("Document"), 18, style.TEXT),
            (N_("Certainty"), 18, style.TEXT),
            (N_("Still to come"), 14, _AMOUNT),
            (N_("Day"), 12, _DAY),
        ])  # fmt: skip
        self._start(sheet, self._text(N_("Expected")), columns)
        lines = [
            [
                *self._item(row),
                one.document,
                self.certainties[one.certainty.value],
                _in_units(one.quantity, row.item.base_unit),
                one.on,
            ]
            for row in self.rows
            for one in row.expected
        ]
        self._rows(sheet, columns, lines)


def _in_units(amount: int, unit: BaseUnit) -> int | Decimal:
    """Return base units in the unit as written, exactly."""
    size = _UNITS[unit][0]
    return amount if size == 1 else Decimal(amount) / size
