"""The needs board as a workbook: cell by cell the figures of the screen, and the exact ones.

A sheet each for coverage, gap and need, the one that the screen shows first, with the same
colours, baskets and totals; amounts are rounded as there. The last sheet has one line for each
site and item with every part of the number and nothing rounded away. A protected site stands
under its code, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from aidlog.core.quantity import BaseUnit
from aidlog.core.text import N_, Message
from aidlog.needs.beside_wording import COUNTS
from aidlog.planning.board import Beside, Board, BoardItem, BoardSite, Cell, rounded
from aidlog.reports import sheet_style as style

#: Counts of people at a site are for the staff of the operation.
RESTRICTED = Message(N_("Restricted: for the staff of this operation only"))

#: The sheets that have the shape of the screen, by what its cells show.
SHOWN = {"coverage": N_("Coverage"), "gap": N_("Gap"), "need": N_("Need")}
#: Base units in one unit as written, and what the unit is called.
_UNITS = {
    BaseUnit.PIECE: (1, N_("pc")),
    BaseUnit.GRAM: (1000, N_("kg")),
    BaseUnit.MILLILITRE: (1000, N_("L")),
}
_HEAD_ROW = 4
_FIGURE_HEADS = (
    (N_("Site code"), 12, style.TEXT),
    (N_("Site"), 22, style.TEXT),
    (N_("Zone"), 16, style.TEXT),
    (N_("People"), 10, style.NUMBER),
    (N_("Households"), 12, style.NUMBER),
    (N_("Counted on"), 12, replace(style.TEXT, form=style.DAY)),
    (N_("Item code"), 16, style.TEXT),
    (N_("Item"), 30, style.TEXT),
    (N_("Unit"), 7, style.TEXT),
    (N_("Need"), 14, style.NUMBER),
    (N_("At the site"), 14, style.NUMBER),
    (N_("On the way"), 14, style.NUMBER),
    (N_("Given before"), 14, style.NUMBER),
    (N_("Still missing"), 14, style.NUMBER),
    (N_("Which figure counts"), 18, style.TEXT),
    (N_("By standards"), 14, style.NUMBER),
    (N_("Assessed"), 14, style.NUMBER),
    (N_("Asked for, not decided"), 14, style.NUMBER),
    (N_("Asked for and approved"), 14, style.NUMBER),
    (N_("of it still open"), 14, style.NUMBER),
    (N_("Coverage"), 11, style.coverage_look(1.0)),
)


def write_needs_workbook(
    board: Board,
    sites: Sequence[BoardSite],
    show: str,
    language: str,
    say: Callable[[Message], str],
) -> bytes:
    """Return the workbook of ``board`` with ``sites`` in this order, in ``language``.

    ``show`` is what the cells of the screen show (a key of SHOWN): its sheet comes first.
    """
    return _Writer(board, sites, language, say).write(show)


class _Writer:
    def __init__(
        self,
        board: Board,
        sites: Sequence[BoardSite],
        language: str,
        say: Callable[[Message], str],
    ) -> None:
        self.board, self.sites, self.language, self.say = board, sites, language, say
        self.pen = style.Pen()
        self.book = Workbook()
        self.titles: set[str] = set()

    def write(self, show: str) -> bytes:
        assert self.book.active is not None
        self.book.remove(self.book.active)
        for shown in sorted(SHOWN, key=lambda shown: shown != show):
            self._heat(self.book.create_sheet(), shown)
        self._figures(self.book.create_sheet())
        self.book.properties.title = self._text(N_("Needs board"))
        self.book.properties.creator = "aidlog"
        file = BytesIO()
        self.book.save(file)
        return file.getvalue()

    def _text(self, template: str) -> str:
        return self.say(Message(template))

    def _start(self, sheet: Worksheet, name: str, heading: str) -> None:
        sheet.title = style.sheet_title(name, self.titles)
        days = self.say(
            Message(
                N_("What is needed from {first} to {last}, what is there, what is on the way."),
                {"first": self.board.starts_on, "last": self.board.ends_on},
            )
        )
        self.pen.write(sheet, 1, 1, heading, style.TITLE)
        self.pen.write(sheet, 2, 1, f"{days} {self.say(RESTRICTED)}.", style.SUBTITLE)
        style.set_page(
            sheet,
            landscape=True,
            title_rows=f"{_HEAD_ROW}:{_HEAD_ROW}",
            left=heading,
            right=self.say(RESTRICTED),
            foot=self.board.today.isoformat(),
        )

    def _heat(self, sheet: Worksheet, shown: str) -> None:
        name = self._text(SHOWN[shown])
        self._start(sheet, name, f"{self._text(N_('Needs board'))}: {name}")
        items = self.board.items
        heads = [self._text(N_("Site")), self._text(N_("Households"))]
        heads += [item.name_in(self.language) for item in items] + [self._text(N_("Basket"))]
        for column, head in enumerate(heads, start=1):
            look = style.HEAD if column == 1 else style.HEAD_CENTRE
            self.pen.write(sheet, _HEAD_ROW, column, head, look)
        sheet.row_dimensions[_HEAD_ROW].height = 44
        for row, site in enumerate(self.sites, start=_HEAD_ROW + 1):
            self.pen.write(sheet, row, 1, site.shown_as, style.TEXT)
            self._number(sheet, row, 2, site.households, style.NUMBER)
            for column, (item, cell) in enumerate(
                zip(items, self.board.row(site), strict=True), start=3
            ):
                self._shown(sheet, (row, column), item, cell, shown)
            basket = self.board.baskets[site.id]
            self._share(sheet, row, len(heads), basket, unknown=basket is None)
        last = self._totals(sheet, _HEAD_ROW + len(self.sites))
        style.set_widths(sheet, [24.0, 12.0] + [12.0] * (len(items) + 1))
        sheet.freeze_panes = f"C{_HEAD_ROW + 1}"
        sheet.print_area = f"A1:{get_column_letter(len(heads))}{last}"

    def _shown(
        self, sheet: Worksheet, at: tuple[int, int], item: BoardItem, cell: Cell, shown: str
    ) -> None:
        """Write the figure that the screen shows large, in the colour of the coverage."""
        row, column = at
        if shown == "coverage" or cell.need is None or cell.need == 0:
            self._share(sheet, row, column, cell.coverage, unknown=cell.unknown)
            return
        assert cell.coverage is not None, "what is needed is covered by some share"
        look = replace(style.coverage_look(cell.coverage / 1000), align="right", indent=1)
        if shown == "gap" and not cell.gap:
            self.pen.write(sheet, row, column, self._text(N_("covered")), look)
            return
        amount = rounded(cell.gap or 0 if shown == "gap" else cell.need, item.base_unit, up=True)
        self._amount(sheet, at, amount, item, look, sign='"−"' if shown == "gap" else "")

    def _amount(
        self,
        sheet: Worksheet,
        at: tuple[int, int],
        amount: int | None,
        item: BoardItem,
        look: style.Look,
        sign: str = "",
    ) -> None:
        """Write base units in the unit as written, which stands behind the number."""
        size, unit = _UNITS[item.base_unit]
        value = _in_units(amount, size)
        form = f'{sign}{style.number_form(value)}" {self._text(unit)}"'
        self._number(sheet, *at, value, replace(look, form=form))

    def _totals(self, sheet: Worksheet, row: int) -> int:
        """The lines under the table: what is missing, what is free, what could be reached."""
        lines = [N_("Gap, all sites")]
        if any(total.unknown_sites for total in self.board.totals.values()):
            lines.append(N_("Sites whose need is not known"))
        if self.board.headline.reachable is not None:
            lines += [N_("Free in warehouses"), N_("Reachable coverage")]
        for line in lines:
            row += 1
            for column in range(1, len(self.board.items) + 4):
                self.pen.write(sheet, row, column, None, style.TOTAL)
            self.pen.write(sheet, row, 1, self._text(line), style.TOTAL)
            for column, item in enumerate(self.board.items, start=3):
                total = self.board.totals[item.id]
                if line == "Reachable coverage":
                    self._share(sheet, row, column, total.reachable, unknown=False)
                    continue
                if line == "Sites whose need is not known":
                    self._number(sheet, row, column, total.unknown_sites, style.TOTAL_NUMBER)
                    continue
                gap = line == "Gap, all sites"
                amount = rounded(total.gap if gap else total.free or 0, item.base_unit, up=gap)
                self._amount(sheet, (row, column), amount, item, style.TOTAL_NUMBER)
        return row

    def _figures(self, sheet: Worksheet) -> None:
        self._start(sheet, self._text(N_("Figures")), self._text(N_("Needs, site by site")))
        for column, (head, _width, look) in enumerate(_FIGURE_HEADS, start=1):
            right = style.HEAD_NUMBER if look.align == "right" else style.HEAD
            self.pen.write(sheet, _HEAD_ROW, column, self._text(head), right)
        row = _HEAD_ROW
        for site in self.sites:
            for item, cell in zip(self.board.items, self.board.row(site), strict=True):
                row += 1
                self._figure(sheet, row, site, item, cell)
        style.set_widths(sheet, [float(width) for _head, width, _look in _FIGURE_HEADS])
        sheet.freeze_panes = f"C{_HEAD_ROW + 1}"
        sheet.auto_filter.ref = (
            f"A{_HEAD_ROW}:{get_column_letter(len(_FIGURE_HEADS))}{max(row, _HEAD_ROW + 1)}"
        )

    def _figure(
        self, sheet: Worksheet, row: int, site: BoardSite, item: BoardItem, cell: Cell
    ) -> None:
        size, unit = _UNITS[item.base_unit]
        amounts = (cell.need, cell.at_site, cell.on_the_way, cell.given, cell.gap)
        values: list[object] = [
            site.code,
            site.shown_as,
            site.area,
            site.people,
            site.households,
            site.counted_on,
            item.code,
            item.name_in(self.language),
            self._text(unit),
            *(_in_units(amount, size) for amount in amounts),
            self._text(COUNTS[cell.counts]),
            _in_units(cell.computed, size),
            *(
                "–" if amount is None else _in_units(amount, size)
                for amount in _beside(cell.beside)
            ),
        ]
        for column, (value, (_head, _width, look)) in enumerate(
            zip(values, _FIGURE_HEADS[:-1], strict=True), start=1
        ):
            form = style.number_form(value) if isinstance(value, int | Decimal) else look.form
            self._number(sheet, row, column, value, replace(look, form=form))
        self._share(sheet, row, len(_FIGURE_HEADS), cell.coverage, unknown=cell.unknown)

    def _number(
        self, sheet: Worksheet, row: int, column: int, value: object, look: style.Look
    ) -> None:
        """Write a value; what is not known is a question mark and never an empty cell."""
        if value is None:
            look = replace(look, form="General")
        self.pen.write(sheet, row, column, "?" if value is None else value, look)

    def _share(
        self, sheet: Worksheet, row: int, column: int, permille: int | None, *, unknown: bool
    ) -> None:
        """Write a coverage in whole percent, rounded down as on the screen."""
        if permille is None:
            self.pen.write(sheet, row, column, "?" if unknown else "–", style.coverage_look(None))
            return
        percent = permille // 10
        self.pen.write(sheet, row, column, percent / 100, style.coverage_look(permille / 1000))


def _beside(other: Beside | None) -> Sequence[int | None]:
    """Return what was assessed, waits for a decision, is approved, and of it still open."""
    if other is None:
        return (None, None, None, None)
    still_open = other.still_open if other.approved else None
    return (other.assessed, other.waiting, other.approved, still_open)


def _in_units(amount: int | None, size: int) -> int | Decimal | None:
    """Return base units in the unit as written: 6 300 500 grams are 6300.5 kg, exactly."""
    return amount if amount is None or size == 1 else Decimal(amount) / size
