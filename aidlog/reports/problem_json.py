"""Reads a problem written as JSON: strictly, with line and column where it cannot be read."""

from __future__ import annotations

import json
from typing import Any

from aidlog.allocation.checking import Fault, ProblemRefused
from aidlog.allocation.problem import Problem
from aidlog.allocation.snapshot import problem_from_json
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.reports.faults import FileFault, FileRefused

MOST_BYTES = 512 * 2**20


def read_problem_json(data: bytes) -> Problem:
    """Return the problem of an ``aidlog-problem/1`` document in UTF-8.

    Raises:
        Refusal: not UTF-8, not JSON, a key that stands twice in one record, NaN or Infinity.
        FileRefused: every fault that the problem's own checks find.
    """
    try:
        return problem_from_json(_document(_text(data)))
    except ProblemRefused as refused:
        raise FileRefused(
            [
                FileFault(_place(fault), fault.row, "", fault.field, fault.message)
                for fault in refused.faults
            ]
        ) from refused


def _place(fault: Fault) -> str:
    """Return the list, or for what stands outside the lists the field itself."""
    whole = fault.row == 0 and fault.field
    return f"{fault.where}.{fault.field}" if whole else fault.where


def _text(data: bytes) -> str:
    if not data.strip():
        raise Refusal(Message(N_("The file is empty. Save it again.")))
    if len(data) > MOST_BYTES:
        raise Refusal(
            Message(N_("The file has more than {most} MB. Split the plan in two."),
                    {"most": MOST_BYTES // 2**20})
        )  # fmt: skip
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refusal(
            Message(N_("Line {line} is not UTF-8 text. Save the file in UTF-8."), {"line": line})
        ) from error


def _document(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_record, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise Refusal(
            Message(
                N_("The file is not JSON: line {line}, column {column}: {why}. Correct it there."),
                {"line": error.lineno, "column": error.colno, "why": error.msg},
            )
        ) from error
    except RecursionError as error:
        raise Refusal(
            Message(N_("The file is nested too deeply to be a problem. Correct it."))
        ) from error
    except ValueError as error:  # a number of more digits than Python reads
        raise Refusal(
            Message(N_("A number in the file has too many digits. Correct it."))
        ) from error


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a record; with a key that stands twice, two programs would read two things."""
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise Refusal(
                Message(
                    N_("“{key}” stands twice in one record, as {first} and {second}. Keep one."),
                    {"key": key[:60], "first": str(record[key])[:40], "second": str(value)[:40]},
                )
            )
        record[key] = value
    return record


def _no_number(word: str) -> float:
    raise Refusal(
        Message(N_("The file holds {word}, which is no number. Write a number or null."),
                {"word": word})
    )  # fmt: skip
