"""``aidlog allocate`` as a logistician runs it: a file in, papers out, or sentences."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

from aidlog.reports.cells import read_cells
from aidlog.reports.problem_template import write_problem_template

Aidlog = Callable[..., Result]


def small_problem() -> dict[str, Any]:
    """Two sites share ten cartons of soap; one of them has nothing yet."""
    return {
        "schema": "aidlog-problem/1",
        "id": "Soap, week 48",
        "items": [{"id": "SOAP", "name": "Soap", "pack_units": 10, "kg_per_pack": 5.0}],
        "sites": [
            {"id": "T1", "name": "Tumaini", "population": 100, "households": 20},
            {"id": "K2", "name": "Kivuli", "population": 100, "households": 25},
        ],
        "warehouses": [{"id": "LAKE", "name": "Lake warehouse"}],
        "lots": [{"id": "L1", "warehouse": "LAKE", "item": "SOAP", "packs": 10}],
        "needs": [
            {"site": "T1", "item": "SOAP", "need_units": 100, "held_units": 40},
            {"site": "K2", "item": "SOAP", "need_units": 100},
        ],
        "routes": [{"warehouse": "LAKE", "site": "T1"}, {"warehouse": "LAKE", "site": "K2"}],
    }


@pytest.fixture
def question(tmp_path: Path) -> Path:
    path = tmp_path / "soap.json"
    path.write_text(json.dumps(small_problem()), encoding="utf-8")
    return path


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "soap.xlsx"
    stream = io.BytesIO()
    write_problem_template(stream, small_problem(), say=str, organisation="Example Committee")
    path.write_bytes(stream.getvalue())
    return path


def spoilt(workbook: Path, changes: dict[tuple[str, str], object]) -> Path:
    book = openpyxl.load_workbook(workbook)
    for (sheet, cell), value in changes.items():
        book[sheet][cell] = value
    book.save(workbook)
    return workbook


def files_beside(path: Path) -> set[str]:
    return {other.name for other in path.parent.iterdir()}


def test_a_workbook_becomes_a_plan_beside_it(aidlog: Aidlog, workbook: Path) -> None:
    result = aidlog("allocate", workbook)
    assert result.exit_code == 0, result.stderr
    assert files_beside(workbook) == {"soap.xlsx", "soap-plan.xlsx"}
    sheets = {s.name: s.rows for s in read_cells(workbook.with_name("soap-plan.xlsx").read_bytes())}
    assert list(sheets)[:3] == ["Summary", "Per site", "Pick Lake warehouse"]
    packs = {row[0]: row[5] for row in sheets["Per site"][4:]}
    assert packs == {"Kivuli": 7.0, "Tumaini": 3.0, "Total": 10.0}


def test_the_summary_goes_to_standard_output_and_progress_to_standard_error(
    aidlog: Aidlog, question: Path
) -> None:
    result = aidlog("allocate", question)
    assert "Worst-off need: 0% before, 70% after." in result.stdout
    assert "There is no more Soap" in result.stdout
    assert f"Written: {question.with_name('soap-plan.xlsx')}" in result.stdout
    assert "Making whole packs" in result.stderr
    assert "Worst-off need" not in result.stderr


def test_json_out_holds_the_result_and_no_workbook_is_written_unasked(
    aidlog: Aidlog, question: Path
) -> None:
    out = question.with_name("result.json")
    assert aidlog("allocate", question, "--json", out).exit_code == 0
    assert files_beside(question) == {"soap.json", "result.json"}
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["schema"] == "aidlog-result/1"
    assert {(n["site"], n["packs"]) for n in document["needs"]} == {("T1", 3), ("K2", 7)}


def test_both_outputs_come_from_one_plan(aidlog: Aidlog, question: Path) -> None:
    book, out = question.with_name("a.xlsx"), question.with_name("a.json")
    assert aidlog("allocate", question, "-o", book, "--json", out).exit_code == 0
    fingerprint = json.loads(out.read_text(encoding="utf-8"))["problem_sha256"]
    cells = [c for s in read_cells(book.read_bytes()) for row in s.rows for c in row]
    assert fingerprint in cells


def test_quiet_says_nothing(aidlog: Aidlog, question: Path) -> None:
    result = aidlog("allocate", "-q", question)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("rule", ["equal-share", "first-come", "cheapest"])
def test_every_rule_makes_a_plan_that_names_it(aidlog: Aidlog, question: Path, rule: str) -> None:
    out = question.with_name("result.json")
    assert aidlog("allocate", question, "--json", out, "--rule", rule).exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8"))["rule"] == rule


@pytest.mark.parametrize("language", ["fr", "sw", "rw"])
def test_the_workbook_can_be_in_each_language(
    aidlog: Aidlog, question: Path, language: str
) -> None:
    assert aidlog("allocate", question, "--lang", language).exit_code == 0
    assert question.with_name("soap-plan.xlsx").exists()


def test_an_earlier_plan_is_replaced_whole(aidlog: Aidlog, question: Path) -> None:
    out = question.with_name("soap-plan.xlsx")
    out.write_bytes(b"an earlier plan")
    out.chmod(0o640)
    assert aidlog("allocate", question).exit_code == 0
    assert out.read_bytes()[:2] == b"PK"
    assert stat.S_IMODE(out.stat().st_mode) == 0o640


# What is refused: exit code 1, every fault in a sentence, nothing written ---------------


def refused(aidlog: Aidlog, path: Path, *arguments: object) -> str:
    before = {name: (path.parent / name).read_bytes() for name in files_beside(path)
              if (path.parent / name).is_file()}  # fmt: skip
    result = aidlog("allocate", path, *arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    after = {name: (path.parent / name).read_bytes() for name in files_beside(path)
             if (path.parent / name).is_file()}  # fmt: skip
    assert after == before
    return result.stderr


def test_every_fault_of_a_workbook_is_named_by_sheet_row_and_column(
    aidlog: Aidlog, workbook: Path
) -> None:
    spoilt(workbook, {("Sites", "C5"): "1,200", ("Needs", "A6"): "K9", ("Stock", "D5"): 2.5})
    said = refused(aidlog, workbook).splitlines()
    assert said[0] == "The file was not used. 3 things must be put right:"
    assert "  Sites, row 5, column C “People”: “1,200” is 1200" in said[1]
    assert "  Stock, row 5, column D “Packs”: 2.5 is not a whole number" in said[2]
    assert "  Needs, row 6, column A “Site code”: “K9” is not in the list Sites" in said[3]


def test_an_earlier_plan_stays_when_the_new_input_is_refused(
    aidlog: Aidlog, workbook: Path
) -> None:
    workbook.with_name("soap-plan.xlsx").write_bytes(b"the plan that the lorries follow")
    refused(aidlog, spoilt(workbook, {("Needs", "C5"): "lots"}))


def test_faults_of_json_are_named_by_list_and_entry(aidlog: Aidlog, question: Path) -> None:
    document = small_problem()
    document["needs"][1]["need_units"] = "100"
    document["needs"][0]["neded"] = 4
    document["sites"][0]["population"] = -1
    question.write_text(json.dumps(document), encoding="utf-8")
    said = refused(aidlog, question)
    assert "3 things must be put right" in said
    assert "needs, row 2, “need_units”: “100” is not a whole number" in said
    assert "needs, row 1, “neded”: The field “neded” is not known" in said
    assert "sites, row 1, “population”" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The file is empty"),
        ("   \n", "The file is empty"),
        ('{"schema": "aidlog-problem/1",\n "id": "x",\n "items": [,]}', "line 3, column 12"),
        ('{"schema": "aidlog-problem/1", "id": "a", "id": "b"}', "“id” stands twice"),
        ('{"schema": "aidlog-problem/1", "periods": NaN}', "NaN, which is no number"),
        ('{"schema": "aidlog-problem/1", "periods": -Infinity}', "-Infinity"),
        ("[1, 2]", "not a record"),
        ("[" * 100_000, "nested too deeply"),
        ('{"schema": "aidlog-problem/2"}', "This program reads aidlog-problem/1"),
        ('{"n": ' + "9" * 5000 + "}", "too many digits"),
    ],
)
def test_json_that_is_not_a_problem_is_refused_in_a_sentence(
    aidlog: Aidlog, question: Path, text: str, words: str
) -> None:
    question.write_text(text, encoding="utf-8")
    assert words in refused(aidlog, question)


def test_json_in_another_encoding_is_refused_by_its_line(aidlog: Aidlog, question: Path) -> None:
    question.write_bytes(b'{"schema": "aidlog-problem/1",\n "id": "d\xe9cembre"}')
    assert "Line 2 is not UTF-8" in refused(aidlog, question)


def test_json_with_a_byte_order_mark_is_read(aidlog: Aidlog, question: Path) -> None:
    question.write_bytes(b"\xef\xbb\xbf" + question.read_bytes())
    assert aidlog("allocate", question).exit_code == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<html><body>log in</body></html>", "not an .xlsx workbook"),
        (b"PK\x03\x04" + bytes(60), "damaged"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "password"),
    ],
)
def test_a_file_that_only_looks_like_a_workbook_is_refused(
    aidlog: Aidlog, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(content)
    assert words in refused(aidlog, path)


def test_a_file_that_is_not_there_is_said(aidlog: Aidlog, tmp_path: Path) -> None:
    result = aidlog("allocate", tmp_path / "december.xlsx")
    assert result.exit_code == 1
    assert "december.xlsx is not there" in result.stderr


def test_a_folder_is_not_a_question(aidlog: Aidlog, tmp_path: Path) -> None:
    result = aidlog("allocate", tmp_path)
    assert result.exit_code == 1
    assert "is a folder" in result.stderr


def test_the_input_is_never_overwritten(aidlog: Aidlog, workbook: Path) -> None:
    assert "would be overwritten" in refused(aidlog, workbook, "-o", workbook)


def test_a_link_to_the_input_is_the_input(aidlog: Aidlog, workbook: Path) -> None:
    link = workbook.with_name("link.xlsx")
    link.symlink_to(workbook)
    assert "would be overwritten" in refused(aidlog, workbook, "-o", link)


def test_a_missing_folder_is_said_before_the_work(aidlog: Aidlog, question: Path) -> None:
    said = refused(aidlog, question, "-o", question.parent / "nowhere" / "plan.xlsx")
    assert "nowhere is not there" in said
    assert "Making whole packs" not in said


def test_locks_that_cannot_be_kept_are_named_and_left_out(aidlog: Aidlog, question: Path) -> None:
    document = small_problem()
    document["locks"] = [{"site": "T1", "item": "SOAP", "packs": 11, "reason": "promised"}]
    question.write_text(json.dumps(document), encoding="utf-8")
    target = question.parent / "answer.json"
    done = aidlog("allocate", str(question), "--json", str(target), "--quiet")
    assert done.exit_code == 0
    assert "The locks cannot all be kept" in done.stderr
    assert "Tumaini" in done.stderr
    answer = json.loads(target.read_text(encoding="utf-8"))
    assert answer["status"] == "infeasible_locks"
    assert len(answer["clashing_locks"]) == 1
    assert answer["shipments"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", "plan.pdf"], ["--rule", "fairest"], ["--time-limit", "0"], ["--time-limit", "soon"],
        ["--lang", "de"], ["--colour"],
    ],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2(aidlog: Aidlog, question: Path, arguments: list[str]) -> None:
    result = aidlog("allocate", question, *arguments)
    assert result.exit_code == 2
    assert files_beside(question) == {"soap.json"}


def test_without_a_file_it_is_wrong_usage(aidlog: Aidlog) -> None:
    assert aidlog("allocate").exit_code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a POSIX terminal")
def test_ctrl_c_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    """The press comes while the engine works; it stops at its next step."""
    path = tmp_path / "large.json"
    path.write_text(json.dumps(large_problem()), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "aidlog", "allocate", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stderr is not None
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert first.startswith("Reading the question")
    assert (process.returncode, out) == (130, "")
    assert err.endswith("Stopped. Nothing was written.\n")
    assert files_beside(path) == {"large.json"}


def large_problem() -> dict[str, Any]:
    """Sixty sites, twenty items: some seconds of work."""
    sites, items = range(60), range(20)
    return {
        "schema": "aidlog-problem/1",
        "id": "large",
        "items": [{"id": f"I{i}", "pack_units": 5 + i, "kg_per_pack": 7.0 + i} for i in items],
        "sites": [{"id": f"S{s}", "population": 100 + 37 * s} for s in sites],
        "warehouses": [{"id": "A"}, {"id": "B"}],
        "lots": [
            {"id": f"L{w}{i}", "warehouse": w, "item": f"I{i}", "packs": 400 + 13 * i}
            for w in "AB" for i in items
        ],
        "needs": [
            {"site": f"S{s}", "item": f"I{i}", "need_units": 300 + 11 * s + 7 * i}
            for s in sites for i in items
        ],
        "routes": [
            {"warehouse": w, "site": f"S{s}", "max_kg": 900.0 + 31 * s, "cost_per_kg": 0.1}
            for w in "AB" for s in sites
        ],
    }  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
def test_on_a_terminal_progress_is_one_line_that_is_cleared(question: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "aidlog", "allocate", str(question)],
        stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=60,
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "\n" not in shown
    assert shown.count("\r") >= 3
    assert shown.endswith(" \r")
