"""The cells of a workbook that somebody sent: checked, read in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.reports import cell_reader
from aidlog.reports.container import check_container

SECONDS = 90


@dataclass(frozen=True, slots=True)
class OtherCell:
    """A cell that is neither text nor number nor date: a time, or a span of time."""

    shown: str


Cell = str | float | bool | date | OtherCell


@dataclass(frozen=True, slots=True)
class SheetCells:
    """One sheet. ``rows[r][c]`` is the cell in row r + 1, column c + 1; empty is ``""``.

    The rest are (row, column), counted from 1: ``computed`` hold a formula, ``unsaved`` one
    without a saved result, ``outside`` one that asks another workbook or program; ``errors``
    show an error such as #REF!. ``covered`` lie under a merged cell and look filled to the
    reader's eye. ``odd_rows`` hold letters of another encoding than the rest of the file.
    """

    name: str
    hidden: bool
    rows: tuple[tuple[Cell, ...], ...]
    computed: frozenset[tuple[int, int]] = frozenset()
    unsaved: frozenset[tuple[int, int]] = frozenset()
    outside: frozenset[tuple[int, int]] = frozenset()
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    covered: frozenset[tuple[int, int]] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    odd_rows: frozenset[int] = frozenset()

    @property
    def formulas(self) -> int:
        """How many cells hold a formula."""
        return len(self.computed)


#: A merged cell that covers more than this is decoration; its cells are not listed.
MOST_COVERED = 10_000


def read_cells(data: bytes, *, most_rows: int | None = None) -> tuple[SheetCells, ...]:
    """Return the worksheets of the .xlsx file ``data``, in the workbook's order.

    Formulas give their last saved result. Whole numbers come as floats. A sheet of more than
    ``most_rows`` is refused before it is read.

    Raises:
        Refusal: not a plain .xlsx (:func:`check_container`), or too large to read within
            the memory and time of a process that is ended when it exceeds them.
    """
    check_container(data)
    answer = run_reader(cell_reader.__file__, data, most_rows, seconds=SECONDS)
    if "refused" in answer:
        raise Refusal(_refused(answer))
    return tuple(_sheet(sheet) for sheet in answer["sheets"])


def run_reader(program: str, data: bytes, most_rows: int | None, *, seconds: int) -> dict[str, Any]:
    """Hand ``data`` to a reader in a process of its own and return what it answers.

    Raises:
        Refusal: it was ended, because the file took more memory or time than it has.
    """
    environment = {k: v for k, v in os.environ.items() if k in {"SYSTEMROOT", "TMPDIR", "TEMP"}}
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell, a fixed command
            [
                sys.executable,
                "-I",
                str(Path(program)),
                *([] if most_rows is None else [str(most_rows)]),
            ],
            input=data,
            capture_output=True,
            check=False,
            timeout=seconds,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_heavy() from error
    if done.returncode != 0:
        raise _too_heavy()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _too_heavy() -> Refusal:
    return Refusal(
        Message(
            N_(
                "The workbook takes too much memory or time to read. Copy the filled rows "
                "into a fresh template."
            )
        )
    )


def _refused(answer: Mapping[str, Any]) -> Message:
    match answer["refused"]:
        case "far_cell":
            return Message(
                N_(
                    "Sheet “{sheet}” has something in cell {cell}, far outside the table. Delete "
                    "the rows and columns outside the table."
                ),
                {"sheet": answer["sheet"], "cell": answer["cell"]},
            )
        case "too_many_rows":
            return Message(
                N_("Sheet “{sheet}” has more than {most} rows. Divide it into several files."),
                {"sheet": answer["sheet"], "most": answer["most"]},
            )
        case "too_many_cells":
            return Message(
                N_(
                    "Sheet “{sheet}” has too many cells. Delete the empty rows and columns that "
                    "still have a format."
                ),
                {"sheet": answer["sheet"]},
            )
        case "too_much_text":
            return Message(
                N_("Sheet “{sheet}” holds more text than a table needs. Shorten it."),
                {"sheet": answer["sheet"]},
            )
    return Message(N_("The workbook is damaged or was cut off. Copy or save it again."))


def _sheet(sheet: Mapping[str, Any]) -> SheetCells:
    return SheetCells(
        name=sheet["name"],
        hidden=sheet["hidden"],
        rows=tuple(tuple(_cell(cell) for cell in row) for row in sheet["rows"]),
        computed=_places(sheet["formulas"]),
        unsaved=_places(sheet["unsaved"]),
        outside=_places(sheet["outside"]),
        errors={(row, column): text for row, column, text in sheet["errors"]},
        covered=_covered(sheet["merged"]),
        hidden_rows=frozenset(sheet["hidden_rows"]),
    )


def _places(pairs: Iterable[Sequence[int]]) -> frozenset[tuple[int, int]]:
    return frozenset((row, column) for row, column in pairs)


def _covered(ranges: Iterable[Sequence[int]]) -> frozenset[tuple[int, int]]:
    """Return the cells that lie under merged cells, without the one that holds the value."""
    covered: set[tuple[int, int]] = set()
    for top, left, bottom, right in ranges:
        if (bottom - top + 1) * (right - left + 1) > MOST_COVERED:
            continue
        covered |= {(row, column) for row in range(top, bottom + 1)
                    for column in range(left, right + 1)} - {(top, left)}  # fmt: skip
    return frozenset(covered)


def _cell(cell: Any) -> Cell:
    if isinstance(cell, dict):
        if "date" in cell:
            return date.fromisoformat(cell["date"])
        return OtherCell(cell["time"])
    if isinstance(cell, str):
        return cell if cell.strip() else ""
    assert isinstance(cell, (bool, int, float)), "the reader writes nothing else"
    return cell
