"""Saves a workbook whose formulas carry their results.

openpyxl writes a formula without a result. A spreadsheet program works it out, but a phone's
preview, a mail program and our own reader show an empty cell or 0 where a total should stand.
So the results that the writer knows are put beside the formulas, and the file is written
with fixed times, so that the same plan gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO

from openpyxl import Workbook

_FORMULA = re.compile(rb'(<c r="([A-Z]+[0-9]+)"[^>]*><f>[^<]*</f>)<v\s*(?:/>|></v>)')
_STAMP = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def save_with_totals(
    workbook: Workbook,
    stream: IO[bytes],
    results: Mapping[tuple[str, str], float],
    made: datetime,
) -> None:
    """Save ``workbook``; ``results`` maps (sheet title, cell) to what its formula gives."""
    assert workbook.calculation is not None, "a new workbook has calculation settings"
    workbook.calculation.fullCalcOnLoad = True
    parts = {
        f"xl/worksheets/sheet{number}.xml": title
        for number, title in enumerate(workbook.sheetnames, start=1)
    }
    plain = io.BytesIO()
    workbook.save(plain)
    stamp = f"{made.astimezone(UTC) if made.tzinfo else made:%Y-%m-%dT%H:%M:%SZ}".encode()
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            data = source.read(part)
            if part.filename in parts:
                data = _with_results(data, parts[part.filename], results)
            elif part.filename == "docProps/core.xml":
                data = _STAMP.sub(rb"\g<1>" + stamp + rb"\g<2>", data)
            entry = zipfile.ZipInfo(part.filename, date_time=made.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)


def _with_results(data: bytes, title: str, results: Mapping[tuple[str, str], float]) -> bytes:
    def fill(match: re.Match[bytes]) -> bytes:
        result = results.get((title, match[2].decode()))
        if result is None:
            return match[0]
        return match[1] + b"<v>" + repr(result).encode() + b"</v>"

    return _FORMULA.sub(fill, data)
