"""What to buy or ask for as a workbook: the same figures as on the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from aidlog.allocation.shopping import Line, Lowest, Step
from aidlog.core.decimals import minor_digits
from aidlog.core.text import N_, Message
from aidlog.planning.queries import PlanHead
from aidlog.planning.shopping_queries import ListStory
from aidlog.reports import sheet_style as style
from aidlog.reports.needs_workbook import RESTRICTED

_HEAD_ROW = 4
_MONEY = replace(style.NUMBER, form="#,##0.00")
_SHARE = replace(style.NUMBER, form="0%")
_LINES = (
    (N_("Rank"), 7, style.NUMBER),
    (N_("Item code"), 16, style.TEXT),
    (N_("Item"), 30, style.TEXT),
    (N_("Packs"), 10, style.NUMBER),
    (N_("Costs"), 14, _MONEY),
    (N_("Sites"), 8, style.NUMBER),
    (N_("Households"), 12, style.NUMBER),
    (N_("Whom it lifts"), 34, style.TEXT),
    (N_("Lowest of them without it"), 14, _SHARE),
    (N_("Lowest of them with it"), 14, _SHARE),
    (N_("Without it the lowest of all is"), 16, _SHARE),
)


def write_shopping_workbook(
    plan: PlanHead, story: ListStory, language: str, say: Callable[[Message], str]
) -> bytes:
    """Return the workbook of a list that has an answer, in ``language``."""
    return _Writer(plan, story, language, say).write()


class _Writer:
    def __init__(
        self, plan: PlanHead, story: ListStory, language: str, say: Callable[[Message], str]
    ) -> None:
        assert story.answer is not None
        self.plan, self.story, self.language, self.say = plan, story, language, say
        self.answer = story.answer
        self.pen = style.Pen()
        self.book = Workbook()

    def write(self) -> bytes:
        sheet = self.book.active
        assert isinstance(sheet, Worksheet)
        self._list(sheet)
        self._steps(self.book.create_sheet())
        self.book.properties.title = self._text(N_("What to buy or ask for"))
        self.book.properties.creator = "aidlog"
        file = BytesIO()
        self.book.save(file)
        return file.getvalue()

    def _text(self, template: str) -> str:
        return self.say(Message(template))

    def _start(self, sheet: Worksheet, name: str, heads: list[tuple[str, int, style.Look]]) -> None:
        sheet.title = style.sheet_title(name, set())
        self.pen.write(sheet, 1, 1, f"{self.plan.code}: {self.plan.title}", style.TITLE)
        money = "" if self.answer.spent is None else f"{self.story.row.currency} "
        under = f"{money}{self.story.warehouse_shown_as}, {self.story.deliver_on.isoformat()}."
        self.pen.write(sheet, 2, 1, f"{under} {self.say(RESTRICTED)}.", style.SUBTITLE)
        for column, (head, _width, look) in enumerate(heads, start=1):
            right = style.HEAD_NUMBER if look.align == "right" else style.HEAD
            self.pen.write(sheet, _HEAD_ROW, column, self._text(head), right)
        style.set_widths(sheet, [float(width) for _head, width, _look in heads])
        style.set_page(
            sheet,
            landscape=True,
            title_rows=f"{_HEAD_ROW}:{_HEAD_ROW}",
            left=self._text(N_("What to buy or ask for")),
            right=self.say(RESTRICTED),
            foot=self.plan.code,
        )
        sheet.freeze_panes = f"A{_HEAD_ROW + 1}"

    def _row(
        self, sheet: Worksheet, row: int, values: list[object], looks: list[style.Look]
    ) -> None:
        for column, (value, look) in enumerate(zip(values, looks, strict=True), start=1):
            shown = "?" if value is None else value
            self.pen.write(
                sheet, row, column, shown, replace(look, form="General") if value is None else look
            )

    def _list(self, sheet: Worksheet) -> None:
        self._start(sheet, self._text(N_("What to buy or ask for")), list(_LINES))
        looks = [look for _head, _width, look in _LINES]
        row = _HEAD_ROW
        for rank, line in enumerate(self.answer.lines, start=1):
            row += 1
            self._row(sheet, row, self._values(rank, line), looks)
        first, total = _HEAD_ROW + 1, row + 1
        self.pen.write(sheet, total, 3, self._text(N_("Together")), style.TOTAL)
        for column in (4, 5):
            letter = "D" if column == 4 else "E"
            known = column == 4 or self.answer.spent is not None
            value = f"=SUM({letter}{first}:{letter}{row})" if row >= first and known else "?"
            form = "#,##0" if column == 4 else "#,##0.00"
            self.pen.write(sheet, total, column, value, replace(style.TOTAL_NUMBER, form=form))

    def _values(self, rank: int, line: Line) -> list[object]:
        whom = self.story.lifted(line)
        return [
            rank,
            line.item,
            self.story.items[line.item].name_in(self.language),
            line.packs,
            self._money(line.cost),
            len(whom.sites),
            whom.households,
            ", ".join(whom.sites),
            _share(line.lifted_from),
            _share(line.lifted_to),
            self._lowest(line.without),
        ]

    def _steps(self, sheet: Worksheet) -> None:
        of_budget = self.story.row.budget is not None
        heads = [
            (N_("Budget"), 14, _MONEY) if of_budget else (N_("Every need to"), 14, _SHARE),
            (N_("Lowest need"), 14, _SHARE),
            (N_("Costs"), 14, _MONEY),
        ]
        items = sorted({item for step in self.answer.steps for item in step.packs})
        self._start(sheet, self._text(N_("With more or less")), heads)
        for column, item in enumerate(items, start=len(heads) + 1):
            name = self.story.items[item].name_in(self.language)
            self.pen.write(sheet, _HEAD_ROW, column, name, style.HEAD_NUMBER)
        style.set_widths(sheet, [14.0] * (len(heads) + len(items)))
        looks = [look for _head, _width, look in heads] + [style.NUMBER] * len(items)
        for row, step in enumerate(self.answer.steps, start=_HEAD_ROW + 1):
            self._row(sheet, row, self._step(step, items, of_budget=of_budget), looks)

    def _step(self, step: Step, items: list[str], *, of_budget: bool) -> list[object]:
        return [
            self._money(step.asked) if of_budget else _share(step.asked),
            self._lowest(step.lowest),
            self._money(step.spent),
            *(step.packs.get(item, 0) for item in items),
        ]

    def _money(self, amount: int | None) -> Decimal | None:
        if amount is None:
            return None
        return Decimal(amount).scaleb(-minor_digits(self.story.row.currency))

    def _lowest(self, lowest: Lowest | None) -> float | None:
        return None if lowest is None else _share(lowest.coverage)


def _share(permille: int) -> float:
    """Return a coverage in whole percent, rounded down as on the screen."""
    return permille // 10 / 100
