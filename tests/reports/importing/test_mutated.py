"""Right files with something broken in them: a sentence or a reading, never a traceback.

``bash tests/run long`` breaks twenty thousand of them.
"""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable

import pytest

from aidlog.core.errors import Refusal
from tests.campaign import sized
from tests.reports.importing.conftest import Desk
from tests.reports.importing.malformed import (
    ALL,
    READS,
    ROW,
    SHEET,
    row,
    text,
    with_parts,
    workbook,
)

FILES = sized(200, 20_000)
#: A reader that hangs; a file takes hundredths of a second, on a busy machine sometimes more.
MOST_SECONDS = 60
#: What people and programs leave in cells.
CELLS = ("", "0", "-1", "1e309", "NaN", "=1+1", "\u202e", "\ufeff", "9" * 40, "TRUE", "½",
         "03/04/27", "#REF!", "'", '"', "\n", "\t", "x" * 600, "12,5", "𝟙", "<b>",
         "\u0000", "S01;S02")  # fmt: skip


@pytest.fixture
def database(sqlite_url: str) -> str:
    """What is broken breaks before the database."""
    return sqlite_url


def _bytes(dice: random.Random, data: bytes) -> bytes:
    """Change, drop or repeat a few bytes."""
    broken = bytearray(data)
    for _ in range(dice.randint(1, 12)):
        at = dice.randrange(len(broken))
        match dice.randrange(3):
            case 0:
                broken[at] = dice.randrange(256)
            case 1:
                del broken[at : at + dice.randint(1, 40)]
            case _:
                broken[at:at] = broken[at : at + dice.randint(1, 40)]
        if not broken:
            return b""
    return bytes(broken)


def _cells(dice: random.Random) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for number in range(dice.randint(0, 6)):
        cells = list(row(Lot_number=f"L{number}"))
        for _ in range(dice.randint(0, 3)):
            cells[dice.randrange(len(cells))] = dice.choice(CELLS)
        rows.append(tuple(cells[: dice.randint(0, len(cells))] if dice.random() < 0.2 else cells))
    return rows


def _sheet(dice: random.Random) -> bytes:
    """Break the XML of a sheet inside a zip that is whole."""
    data = workbook([ROW, row(Lot_number="L2")])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(SHEET)
    return with_parts((SHEET, _bytes(dice, xml)), data=data)


MUTANTS: tuple[Callable[[random.Random], bytes], ...] = (
    lambda dice: _bytes(dice, workbook([ROW, row(Lot_number="L2")])),
    lambda dice: _bytes(dice, text([ROW, row(Lot_number="L2")])),
    _sheet,
    lambda dice: text(_cells(dice), separator=dice.choice(",;\t|")),
    lambda dice: text(_cells(dice), encoding=dice.choice(["utf-16", "utf-8-sig", "utf-16-le"])),
    lambda dice: _bytes(dice, dice.choice([c for c in ALL if c.verdict == READS]).make()),
)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_a_broken_file_ends_in_a_sentence_or_a_reading(part: int, desk: Desk) -> None:
    for number in range(part, FILES, 8):
        dice = random.Random(number)
        data = dice.choice(MUTANTS)(dice)
        began = time.monotonic()
        try:
            checked = desk.check("stock", data)
        except Refusal:
            continue
        else:
            assert checked.stopping or checked.remarks or checked.lines or not checked.reading.rows
            for fault in (*checked.stopping, *checked.remarks):
                assert str(fault.sentence())
        finally:
            assert time.monotonic() - began < MOST_SECONDS, f"seed {number}"
