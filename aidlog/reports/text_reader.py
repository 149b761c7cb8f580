"""Reads one text file of rows (CSV) from standard input; run as a process of its own.

Like cell_reader.py: little memory, little time, nothing of the project imported. Prints JSON:
``{"rows": …, "encoding": …, "separator": …, "odd": […]}`` or ``{"refused": code}``.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import Counter
from typing import Any

MEMORY = 512 * 2**20
CPU_SECONDS = 20
MOST_CELLS = 1_000_000
LONGEST_FIELD = 100_000
SEPARATORS = ",;\t|"
_LOOKED_AT = 60


class Refused(Exception):
    """The file cannot be read; ``answer`` is what the parent is told."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.answer = {"refused": code, **details}


def main() -> int:
    """Read standard input, print the answer. Always 0: a crash is the other outcome."""
    _limit_ourselves()
    try:
        answer = read(sys.stdin.buffer.read(), int(sys.argv[1]))
    except Refused as refused:
        answer = refused.answer
    json.dump(answer, sys.stdout, ensure_ascii=True)
    return 0


def _limit_ourselves() -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit is all there is
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(data: bytes, most_rows: int) -> dict[str, Any]:
    """Return the rows of ``data``, how it was written, and the rows with doubtful letters."""
    text, encoding, odd_lines = _decoded(data)
    if "\0" in text:
        raise Refused("binary")
    told, text = _told_separator(text)
    separator = told or _separator(text)
    csv.field_size_limit(LONGEST_FIELD)
    rows: list[list[str]] = []
    odd: list[int] = []
    cells = line = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    shift = 1 if told else 0
    try:
        for row in reader:
            rows.append(row)
            cells += len(row)
            if odd_lines:
                lines = range(line + shift, reader.line_num + shift)
                odd += [len(rows)] if odd_lines.intersection(lines) else []
                line = reader.line_num
            if len(rows) > most_rows:
                raise Refused("too_many_rows", most=most_rows)
            if cells > MOST_CELLS:
                raise Refused("too_many_cells")
    except csv.Error as error:
        if "field larger" in str(error):
            raise Refused("endless_field", row=len(rows) + 1) from error
        if "unexpected end" in str(error):
            raise Refused("open_quote", row=len(rows) + 1) from error
        raise Refused("broken_quote", row=len(rows) + 1) from error
    return {"rows": rows, "encoding": encoding, "separator": separator, "odd": odd}


def _decoded(data: bytes) -> tuple[str, str, set[int]]:
    """Return the text, its encoding, and the lines (from 0) that are of another encoding."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"),
                           (b"\xfe\xff", "utf-16")):  # fmt: skip
        if data.startswith(mark):
            return _strictly(data, encoding), encoding.removesuffix("-sig"), set()
    if guessed := _utf16_without_mark(data[:4_096]):
        return _strictly(data, guessed), "utf-16", set()
    try:
        return data.decode("utf-8"), "utf-8", set()
    except UnicodeDecodeError:
        return _mixed(data)


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused("undecodable") from error


def _utf16_without_mark(data: bytes) -> str:
    if len(data) < 8:
        return ""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if odd > 0.4 * len(data) / 2 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * len(data) / 2 and not odd else ""


def _mixed(data: bytes) -> tuple[str, str, set[int]]:
    """Read line by line: UTF-8 where it fits, else Western European.

    Where most lines with accents are not UTF-8, the whole file is Western European and nothing
    about it is odd.
    """
    lines = data.split(b"\n")
    texts: list[str] = []
    odd: set[int] = set()
    accented = 0
    for number, line in enumerate(lines):
        accented += not line.isascii()
        try:
            texts.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            texts.append(_western(line))
            odd.add(number)
    if len(odd) * 2 >= accented:
        return _western(data), "windows-1252", set()
    return "\n".join(texts), "utf-8", odd


def _western(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _told_separator(text: str) -> tuple[str, str]:
    """Return the separator that a first line "sep=;" tells, and the text under that line."""
    told = re.match(r"sep=([,;\t|])\r?\n", text, re.IGNORECASE)
    return (told[1], text[told.end() :]) if told else ("", text)


def _separator(text: str) -> str:
    """Return the separator that divides most lines into one number of cells above one."""
    beginning = "".join(text.splitlines(keepends=True)[:_LOOKED_AT])
    best = (0, 0, ",")
    for separator in SEPARATORS:
        counts: Counter[int] = Counter()
        try:
            for row in csv.reader(io.StringIO(beginning, newline=""), delimiter=separator):
                counts[len(row)] += 1
        except csv.Error:
            continue
        counts.pop(0, None)
        counts.pop(1, None)
        if counts:
            width, rows = max(counts.items(), key=lambda found: (found[1], found[0]))
            if (rows, width) > best[:2]:
                best = (rows, width, separator)
    return best[2]


if __name__ == "__main__":
    sys.exit(main())
