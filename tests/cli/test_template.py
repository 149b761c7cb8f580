"""``aidlog template``: what it writes can be filled in, and works as it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from aidlog.allocation.snapshot import problem_from_json, problem_to_json
from aidlog.reports.cells import read_cells
from aidlog.reports.examples import great_lakes
from aidlog.reports.faults import FileRefused
from aidlog.reports.problem_workbook import read_problem_workbook

Aidlog = Callable[..., Result]


def test_the_template_holds_an_example_that_can_be_read(aidlog: Aidlog, tmp_path: Path) -> None:
    out = tmp_path / "plan.xlsx"
    result = aidlog("template", "allocate", out)
    assert (result.exit_code, result.stdout) == (0, f"Written: {out}\n")
    read = read_problem_workbook(out.read_bytes())
    whole = problem_from_json(great_lakes.problem_document())
    assert problem_to_json(read.problem) == problem_to_json(whole)


def test_an_empty_template_has_the_same_sheets_and_asks_for_rows(
    aidlog: Aidlog, tmp_path: Path
) -> None:
    full, empty = tmp_path / "full.xlsx", tmp_path / "empty.xlsx"
    aidlog("template", "allocate", full)
    assert aidlog("template", "allocate", empty, "--empty").exit_code == 0
    names = [sheet.name for sheet in read_cells(empty.read_bytes())]
    assert names == [sheet.name for sheet in read_cells(full.read_bytes())]
    text = str([sheet.rows for sheet in read_cells(empty.read_bytes())])
    assert "Tumaini" not in text
    assert "Site code *" in text


def test_the_example_names_no_place_twice_and_every_road_leads_somewhere() -> None:
    problem = problem_from_json(great_lakes.problem_document())
    served = {route.site for route in problem.routes if route.open}
    assert {need.site for need in problem.needs} <= served
    assert len({site.name for site in problem.sites}) == len(problem.sites)


def test_a_filled_workbook_is_not_overwritten(aidlog: Aidlog, tmp_path: Path) -> None:
    out = tmp_path / "plan.xlsx"
    out.write_bytes(b"a week of somebody's work")
    result = aidlog("template", "allocate", out)
    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert out.read_bytes() == b"a week of somebody's work"
    assert aidlog("template", "allocate", out, "--force").exit_code == 0
    assert out.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    "arguments", [["allocate"], ["allocate", "plan.ods"], ["weather", "plan.xlsx"], []]
)
def test_wrong_usage_is_exit_code_2(aidlog: Aidlog, arguments: list[str]) -> None:
    assert aidlog("template", *arguments).exit_code == 2


def test_an_empty_template_cannot_be_allocated_by_accident(aidlog: Aidlog, tmp_path: Path) -> None:
    out = tmp_path / "empty.xlsx"
    aidlog("template", "allocate", out, "--empty")
    with pytest.raises(FileRefused):
        read_problem_workbook(out.read_bytes())
