"""Small problems whose answers were worked out by hand, through the command's own door.

``cases/NAME.json`` is a problem, ``cases/NAME.expected.json`` its answer and, as ``why``, the
sentence that proves it. A level is that of the fractional optimum; ``packs`` are what is sent.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aidlog.allocation.certificate import verify
from aidlog.allocation.engine import solve
from aidlog.allocation.result_json import result_from_json
from aidlog.allocation.snapshot import problem_from_json
from aidlog.cli.main import main

CASES = Path(__file__).with_name("cases")
NAMES = sorted(
    path.name.removesuffix(".expected.json") for path in CASES.glob("*.expected.json")
)  # fmt: skip
Document = dict[str, Any]


def read(name: str) -> tuple[Document, Document]:
    """Return problem and expected answer of a case."""
    problem = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return problem, json.loads((CASES / f"{name}.expected.json").read_text(encoding="utf-8"))


SOLVED = [name for name in NAMES if "needs" in read(name)[1]]
CLASHING = [name for name in NAMES if "clashing" in read(name)[1]]
REFUSED = [name for name in NAMES if "refused" in read(name)[1]]


def asked(problem: Document, folder: Path) -> Document:
    """Return the result document that ``aidlog allocate`` writes for ``problem``."""
    question, answer = folder / "problem.json", folder / "result.json"
    question.write_text(json.dumps(problem), encoding="utf-8")
    ran = CliRunner().invoke(main, ["allocate", str(question), "--json", str(answer), "-q"])
    assert ran.exit_code == 0, (ran.stderr, ran.exception)
    document: Document = json.loads(answer.read_text(encoding="utf-8"))
    return document


def close(value: float) -> object:
    return pytest.approx(value, abs=1e-6)


def test_every_problem_has_an_answer_and_a_proof() -> None:
    problems = {path.stem for path in CASES.glob("*.json") if ".expected" not in path.name}
    assert problems == set(NAMES)
    assert set(NAMES) == set(SOLVED) | set(CLASHING) | set(REFUSED)
    assert all(read(name)[1]["why"].endswith(".") for name in NAMES)


@pytest.mark.parametrize("name", SOLVED)
def test_the_plan_is_the_one_worked_out_by_hand(name: str, tmp_path: Path) -> None:
    problem, expected = read(name)
    result = asked(problem, tmp_path)
    assert result["schema"] == "aidlog-result/1"
    assert result["problem_id"] == problem["id"]
    assert result["status"] == expected["status"]
    rows = {f"{row['site']}/{row['item']}": row for row in result["needs"]}
    assert rows.keys() == expected["needs"].keys()
    units = {item["id"]: item["pack_units"] for item in problem["items"]}
    for need, wanted in expected["needs"].items():
        row = rows[need]
        for field in ("level", "pack_level"):
            assert row[field] == (None if wanted[field] is None else close(wanted[field])), need
        assert row["packs"] == close(wanted["packs"]), need
        assert row["units"] == close(wanted["packs"] * units[row["item"]]), need
        assert row["reason"]["code"] == wanted.get("code", row["reason"]["code"]), need
        assert row["reason"]["sentence"].strip().endswith("."), need
    if "shipments" in expected:
        sent = sorted([s["lot"], s["site"], s["period"], s["packs"]] for s in result["shipments"])
        assert sent == sorted(expected["shipments"])
    for figure, value in expected.get("measures", {}).items():
        assert result["measures"][figure] == close(value), figure
    assert result["gap"] == close(expected.get("gap", result["gap"]))


@pytest.mark.parametrize("name", SOLVED)
def test_the_written_result_adds_up_and_proves_itself(name: str, tmp_path: Path) -> None:
    problem, _ = read(name)
    result = asked(problem, tmp_path)
    assert verify(problem_from_json(problem), result_from_json(result)) == []
    items = {item["id"]: item for item in problem["items"]}
    prices = {lot["id"]: lot.get("unit_cost", 0) for lot in problem["lots"]}
    rates = {(r["warehouse"], r["site"]): r["cost_per_kg"] for r in problem["routes"]}
    sums: dict[tuple[str, str], float] = {}
    cost = 0.0
    for sent in result["shipments"]:
        item = items[sent["item"]]
        assert sent["units"] == close(sent["packs"] * item["pack_units"])
        for total, one in (("kg", "kg_per_pack"), ("m3", "m3_per_pack")):
            known = item[one] is not None
            assert sent[total] == (close(sent["packs"] * item[one]) if known else None)
        key = sent["site"], sent["item"]
        sums[key] = sums.get(key, 0) + sent["packs"]
        cost += (sent["kg"] or 0) * rates[sent["warehouse"], sent["site"]]
        cost += sent["packs"] * prices[sent["lot"]]
    for row in result["needs"]:
        assert row["packs"] == close(sums.get((row["site"], row["item"]), 0))
        if problem.get("divisible"):
            assert row["pack_level"] == row["level"]
    measures = result["measures"]
    assert measures["kg"] == close(sum(sent["kg"] or 0 for sent in result["shipments"]))
    assert measures["m3"] == close(sum(sent["m3"] or 0 for sent in result["shipments"]))
    assert measures["cost"] == close(cost)
    levels = [row["pack_level"] for row in result["needs"] if row["pack_level"] is not None]
    assert measures["min_level"] == close(min(levels, default=0))


def shuffled(problem: Document) -> Document:
    """Return the same problem with every list in another order."""
    dice = random.Random(7)
    turned = dict(reversed(problem.items()))
    for name, rows in turned.items():
        if isinstance(rows, list):
            turned[name] = dice.sample(rows, len(rows))
    return turned


def renamed(problem: Document) -> Document:
    """Return the same problem with longer ids in the same order."""
    text = json.dumps(problem)
    ids = {row["id"] for name in _NAMED for row in problem[name]}
    for name in ids:
        text = text.replace(json.dumps(name), json.dumps(f"X-{name}-9"))
    turned: Document = json.loads(text)
    turned["id"] = problem["id"]
    return turned


_NAMED = ("items", "sites", "warehouses", "lots")


@pytest.mark.parametrize("name", SOLVED)
def test_the_order_of_lists_changes_nothing(name: str, tmp_path: Path) -> None:
    problem, _ = read(name)
    first, second = asked(problem, tmp_path), asked(shuffled(problem), tmp_path)
    assert first | {"timings": 0} == second | {"timings": 0}


@pytest.mark.parametrize("name", SOLVED)
def test_names_in_the_same_order_change_nothing(name: str, tmp_path: Path) -> None:
    problem, _ = read(name)
    first, second = asked(problem, tmp_path), asked(renamed(problem), tmp_path)
    assert [s["packs"] for s in first["shipments"]] == [s["packs"] for s in second["shipments"]]
    assert [n["level"] for n in first["needs"]] == [n["level"] for n in second["needs"]]


@pytest.mark.parametrize("name", CLASHING)
def test_locks_that_clash_are_named_and_no_innocent_one(name: str, tmp_path: Path) -> None:
    problem, expected = read(name)
    result = solve(problem_from_json(problem))
    assert result.status.value == "infeasible_locks"
    sites = sorted(str(message.values["site"]) for message in result.clashing_locks)
    assert sites == expected["clashing"]
    assert verify(problem_from_json(problem), result) == []
    question, answer = tmp_path / "problem.json", tmp_path / "result.json"
    question.write_text(json.dumps(problem), encoding="utf-8")
    ran = CliRunner().invoke(main, ["allocate", str(question), "--json", str(answer), "-q"])
    assert ran.exit_code == 0
    assert json.loads(answer.read_text(encoding="utf-8"))["status"] == "infeasible_locks"
    assert all(str(message) in ran.stderr for message in result.clashing_locks)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_by_name(name: str, tmp_path: Path) -> None:
    problem, expected = read(name)
    question, answer = tmp_path / "problem.json", tmp_path / "result.json"
    question.write_text(json.dumps(problem), encoding="utf-8")
    ran = CliRunner().invoke(main, ["allocate", str(question), "--json", str(answer)])
    assert ran.exit_code == 1, ran.output
    assert isinstance(ran.exception, SystemExit), "a traceback is never an answer"
    for word in expected["refused"]:
        assert word in ran.stderr
    assert not answer.exists()


@pytest.mark.parametrize("name", [SOLVED[0], REFUSED[0]])
def test_the_installed_command_answers_the_same(name: str, tmp_path: Path) -> None:
    problem, expected = read(name)
    answer = tmp_path / "result.json"
    ran = subprocess.run(
        [sys.executable, "-m", "aidlog", "allocate", CASES / f"{name}.json", "--json", answer],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if "refused" in expected:
        assert ran.returncode == 1
        assert "Traceback" not in ran.stderr
        assert not answer.exists()
    else:
        assert ran.returncode == 0, ran.stderr
        written = json.loads(answer.read_text(encoding="utf-8"))
        assert written | {"timings": 0} == asked(problem, tmp_path) | {"timings": 0}


def solved(problem: Document) -> Document:
    """Return needs by their names, for the laws below."""
    result = solve(problem_from_json(problem))
    return {f"{need.site}/{need.item}": need for need in result.needs}


Change = Callable[[Document], None]


def more_road(problem: Document) -> None:
    problem["routes"][0]["max_kg"] += 2


def more_stock(problem: Document) -> None:
    problem["lots"][0]["packs"] += 4


@pytest.mark.parametrize(
    ("name", "need", "blamed", "relax"),
    [
        ("route_weight", "A/BLANKET", "route_full", more_road),
        ("held_stock_counts", "A/BLANKET", "stock_used_up", more_stock),
    ],
)
def test_more_of_what_is_blamed_lifts_the_need(
    name: str, need: str, blamed: str, relax: Change
) -> None:
    problem, _ = read(name)
    before = solved(problem)[need]
    assert before.reason.code.value == blamed
    relax(problem)
    assert solved(problem)[need].level > before.level + 1e-3


def test_a_limit_that_stops_needs_of_several_tiers_counts_them_all() -> None:
    """Of 5 kg the promise takes 3; two needs of tier 1 share 2, and a pack more is 0.5 kg each."""
    problem, _ = read("guarantee_before_a_higher_tier")
    problem["sites"].append({"id": "B", "population": 100, "weight": 1})
    problem["needs"].append({"site": "B", "item": "FOOD", "need_units": 10})
    problem["routes"][0]["max_kg"] = None
    problem["routes"].append(problem["routes"][0] | {"site": "B"})
    problem["shared_limits"] = [{"id": "FERRY", "over": "all", "max_kg": 5}]
    result = solve(problem_from_json(problem))
    (limit,) = result.limits
    assert (limit.id, limit.needs_held_back, limit.message.count) == ("FERRY", 3, 3)
    assert limit.worth["min_level"] == close(0.05)
