"""Every result is as ``result.schema.json`` documents it, and everything in it is documented."""

from __future__ import annotations

import dataclasses
import json
from importlib.resources import files

import pytest

from aidlog.allocation.engine import Options, solve
from aidlog.allocation.problem import Rule
from aidlog.allocation.result import ReasonCode, Status
from aidlog.allocation.result_json import result_from_json, result_text, result_to_json
from aidlog.allocation.snapshot import canonical, problem_from_json
from tests.allocation.schema_check import faults
from tests.allocation.test_advice import problems
from tests.allocation.test_cases import CLASHING, SOLVED, read
from tests.allocation.tiny import tiny
from tests.allocation.worlds import world

SCHEMA = json.loads(
    files("aidlog.allocation").joinpath("result.schema.json").read_text(encoding="utf-8")
)


def as_written(result):
    return json.loads("".join(result_text(result)))


@pytest.mark.parametrize("name", [*SOLVED, *CLASHING])
def test_results_of_all_cases_are_as_documented(name):
    result = solve(problem_from_json(read(name)[0]))
    assert faults(as_written(result), SCHEMA, SCHEMA) == []


@pytest.mark.parametrize("seed", range(40))
def test_results_of_random_problems_are_as_documented(seed):
    for problem in (problems(seed), canonical(tiny(seed, divisible=bool(seed % 3)))):
        assert faults(as_written(solve(problem)), SCHEMA, SCHEMA) == []


@pytest.mark.parametrize("rule", list(Rule))
def test_results_of_every_rule_are_as_documented(rule):
    document = as_written(solve(world(), Options(rule=rule)))
    assert faults(document, SCHEMA, SCHEMA) == []
    assert {"pro_rata", "first_come", "cheapest_first"} <= document["measures"].keys()
    mine = {"equal-share": "pro_rata", "first-come": "first_come", "cheapest": "cheapest_first"}
    if rule.value in mine:
        told = document["measures"][mine[rule.value]]
        assert told == {name: document["measures"][name] for name in told}


def test_a_result_out_of_time_is_as_documented():
    result = solve(problems(3), Options(time_limit_s=0.0))
    assert faults(as_written(result), SCHEMA, SCHEMA) == []


def test_every_field_says_what_it_means():
    def silent(schema, at=""):
        here = [] if "description" in schema or "$ref" in schema or not at else [at]
        for name, part in schema.get("properties", {}).items():
            here += silent(part, f"{at}.{name}")
        return (
            here + silent(schema["items"], f"{at}[]")
            if "properties" in schema.get("items", {})
            else here
        )

    assert silent(SCHEMA) == []


def test_every_word_that_the_engine_may_write_is_documented():
    needs = SCHEMA["properties"]["needs"]["items"]["properties"]
    assert set(needs["reason"]["properties"]["code"]["enum"]) == {c.value for c in ReasonCode}
    assert set(SCHEMA["properties"]["status"]["enum"]) == {s.value for s in Status}
    assert set(SCHEMA["properties"]["rule"]["enum"]) == {r.value for r in Rule}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("bound"),
        lambda d: d.update(colour="blue"),
        lambda d: d["needs"][0].update(packs="3"),
        lambda d: d["needs"][0].update(covered_after=1.5),
        lambda d: d["needs"][0]["reason"].update(code="fate"),
        lambda d: d["shipments"][0].update(packs=0),
        lambda d: d["shipments"][0].pop("lot"),
        lambda d: d["measures"]["pro_rata"].pop("gini"),
        lambda d: d.update(problem_sha256="abc"),
        lambda d: d.update(levels_proven=1),
        lambda d: d["certificate"][0].update(stops=[["A"]]),
    ],
)
def test_a_document_that_is_not_one_is_seen(spoil):
    document = as_written(solve(world()))
    assert faults(document, SCHEMA, SCHEMA) == []
    spoil(document)
    assert faults(document, SCHEMA, SCHEMA)


def test_the_text_is_the_document_with_a_line_for_each_row():
    result = solve(world(), Options())
    text = "".join(result_text(result))
    assert json.loads(text) == json.loads(json.dumps(result_to_json(result)))
    assert result_from_json(json.loads(text)) == result
    rows = len(result.needs) + len(result.shipments)
    assert len(text.splitlines()) < 60 + rows + len(result.certificate)


def test_rounding_and_handing_out_are_told_per_cell():
    """A gets 40 of 40, B 20 of 20 blankets; 30 households at A get one each and 10 get two."""
    sites = tuple(
        dataclasses.replace(site, households=n)
        for site, n in zip(world().sites, (30, 25), strict=True)
    )
    rows = {row["site"]: row for row in as_written(solve(world(sites=sites)))["needs"]}
    assert rows["A"]["hand_out"] == {"households": 30, "each": 1, "one_more": 10}
    assert rows["B"]["hand_out"] == {"households": 25, "each": 0, "one_more": 20}
    assert rows["A"]["rounding_packs"] == pytest.approx(0)
    items = (dataclasses.replace(world().items[0], pack_units=7),)
    lots = (dataclasses.replace(world().lots[0], packs=9),)
    packed = as_written(solve(world(items=items, lots=lots)))["needs"]
    for row, share in zip(packed, (6.0, 3.0), strict=True):  # 63 of 150 units: 6 and 3 packs
        assert row["fraction_packs"] == pytest.approx(share)
        assert row["rounding_packs"] == pytest.approx(row["packs"] - share)
