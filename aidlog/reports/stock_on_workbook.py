"""What stood where at the end of a day, as a workbook: one line a lot and warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from aidlog.core.text import N_, Message
from aidlog.registry.wording import BASE_UNITS
from aidlog.reports.amounts import Tongue
from aidlog.stock.day import LotOnDay

_HEADS = (
    N_("Warehouse"),
    N_("Item code"),
    N_("Item"),
    N_("Lot"),
    N_("Expires"),
    N_("Unit"),
    N_("On hand"),
    N_("Usable"),
    N_("Held back"),
)
_WIDTHS = (24, 18, 36, 20, 13, 12, 14, 14, 14)


def stock_on_workbook(rows: Sequence[LotOnDay], day: date, tongue: Tongue) -> bytes:
    """Return the workbook; quantities are whole base units. Text is never a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=day.isoformat())
    sheet.freeze_panes = "A3"
    for letter, width in zip("ABCDEFGHI", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width

    def text(value: str, *, bold: bool = False) -> Any:
        cell = WriteOnlyCell(sheet, value=value)
        cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True)
        return cell

    title = Message(
        N_("Stock at the end of {day} (UTC). Internal: not for the public."), {"day": day}
    )
    sheet.append([text(tongue.say(title), bold=True)])
    sheet.append([text(tongue.word(head), bold=True) for head in _HEADS])
    for row in rows:
        sheet.append(
            [
                text(row.warehouse.shown_as),
                text(row.item.code),
                text(row.item.name_in(tongue.language)),
                text(row.lot),
                row.expires_on,
                text(tongue.word(BASE_UNITS[row.item.base_unit])),
                row.on_hand,
                row.usable,
                row.held,
            ]
        )
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
