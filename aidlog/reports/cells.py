"""The cells of a workbook that somebody sent: checked, read in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
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

    ``unsaved`` and ``errors`` are (row, column), counted from 1: formulas without a saved
    result, and cells that show an error such as #REF!.
    """

    name: str
    hidden: bool
    rows: tuple[tuple[Cell, ...], ...]
    formulas: int = 0
    unsaved: frozenset[tuple[int, int]] = frozenset()
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)


def read_cells(data: bytes) -> tuple[SheetCells, ...]:
    """Return the worksheets of the .xlsx file ``data``, in the workbook's order.

    Formulas give their last saved result. Whole numbers come as floats.

    Raises:
        Refusal: not a plain .xlsx (:func:`check_container`), or too large to read within
            the memory and time of a process that is ended when it exceeds them.
    """
    check_container(data)
    answer = _run_reader(data)
    if "refused" in answer:
        raise Refusal(_refused(answer))
    return tuple(_sheet(sheet) for sheet in answer["sheets"])


def _run_reader(data: bytes) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if k in {"SYSTEMROOT", "TMPDIR", "TEMP"}}
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell, a fixed command
            [sys.executable, "-I", str(Path(cell_reader.__file__))],
            input=data,
            capture_output=True,
            check=False,
            timeout=SECONDS,
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
        formulas=sheet["formulas"],
        unsaved=frozenset((row, column) for row, column in sheet["unsaved"]),
        errors={(row, column): text for row, column, text in sheet["errors"]},
    )


def _cell(cell: Any) -> Cell:
    if isinstance(cell, dict):
        if "date" in cell:
            return date.fromisoformat(cell["date"])
        return OtherCell(cell["time"])
    if isinstance(cell, str):
        return cell if cell.strip() else ""
    assert isinstance(cell, (bool, int, float)), "the reader writes nothing else"
    return cell
