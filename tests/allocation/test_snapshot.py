"""Problem files: read strictly, every fault told, written in one order."""

import copy
import dataclasses
import json

import pytest

from aidlog.allocation.checking import ProblemRefused, check
from aidlog.allocation.engine import solve
from aidlog.allocation.problem import Lock, Lot, Need, Route, SharedLimit
from aidlog.allocation.result_json import result_to_json
from aidlog.allocation.snapshot import canonical, problem_from_json, problem_to_json, sha256
from tests.allocation.tiny import tiny
from tests.allocation.worlds import world


def document(**changes):
    return problem_to_json(world()) | changes


def faults(data):
    with pytest.raises(ProblemRefused) as refused:
        problem_from_json(data)
    return [(f.where, f.row, f.field) for f in refused.value.faults]


@pytest.mark.parametrize("seed", range(40))
def test_a_problem_written_and_read_is_the_same_problem(seed):
    problem = tiny(seed)
    through_text = json.loads(json.dumps(problem_to_json(problem)))
    assert problem_from_json(through_text) == canonical(problem)


def test_the_fingerprint_is_that_of_the_content_and_not_of_the_order():
    problem = world()
    assert sha256(problem) == sha256(dataclasses.replace(problem, needs=problem.needs[::-1]))
    assert sha256(problem) != sha256(dataclasses.replace(problem, min_shelf_days_on_arrival=1))


def test_two_kilograms_are_the_same_written_2_and_2_0():
    one, other = document(), document()
    one["items"][0]["kg_per_pack"], other["items"][0]["kg_per_pack"] = 2, 2.0
    assert sha256(problem_from_json(one)) == sha256(problem_from_json(other))


def test_unknown_fields_are_refused_by_name_everywhere():
    data = document(budget=3)
    data["lots"][0]["colour"] = "blue"
    assert set(faults(data)) == {("problem", 0, "budget"), ("lots", 1, "colour")}


@pytest.mark.parametrize("value", [3.0, "3", True, None, 10**30, [3]])
def test_packs_are_whole_numbers_and_nothing_that_looks_like_one(value):
    data = document()
    data["lots"][0]["packs"] = value
    assert faults(data) == [("lots", 1, "packs")]


@pytest.mark.parametrize("value", ["1.5", True, float("nan"), float("inf"), -1])
def test_weights_are_numbers_that_one_can_weigh(value):
    data = document()
    data["items"][0]["kg_per_pack"] = value
    assert faults(data) == [("items", 1, "kg_per_pack")]


def test_ids_are_text():
    data = document()
    data["sites"][1]["id"] = 7
    assert ("sites", 2, "id") in faults(data)


def test_every_fault_is_told_at_once():
    data = document(periods=0)
    data["sites"][0]["weight"] = 0.5
    data["lots"][0]["item"] = "tent"
    data["needs"].append(data["needs"][0])
    del data["routes"][0]["site"]
    found = faults(data)
    for place in [
        ("problem", 0, "periods"), ("sites", 1, "weight"), ("lots", 1, "item"),
        ("needs", 3, "site"), ("routes", 1, "site"),
    ]:  # fmt: skip
        assert place in found


@pytest.mark.parametrize("missing", ["schema", "id", "items", "sites", "lots", "needs", "routes"])
def test_what_is_missing_is_named(missing):
    data = document()
    del data[missing]
    assert ("problem", 0, missing) in faults(data)


@pytest.mark.parametrize("nonsense", [None, 3, "text", [], [1, 2]])
def test_a_document_that_is_no_record_is_refused(nonsense):
    assert faults(nonsense) == [("problem", 0, "")]


@pytest.mark.parametrize("rows", [None, 3, {}, "x"])
def test_a_list_that_is_no_list_is_refused(rows):
    assert ("problem", 0, "lots") in faults(document(lots=rows))


def test_rows_that_are_no_records_are_refused():
    assert ("lots", 1, "") in faults(document(lots=[5]))


def test_a_shared_limit_may_name_a_warehouse_or_all_roads():
    limit = {"id": "gate", "max_kg": 5}
    pairs = {("W", "A"), ("W", "B")}
    for over in ("all", {"warehouse": "W"}, [["W", "A"], ["W", "B"]]):
        problem = problem_from_json(document(shared_limits=[limit | {"over": over}]))
        assert problem.shared_limits[0].over == pairs


@pytest.mark.parametrize(
    "over", ["none", {"warehouse": "X"}, {"site": "A"}, [["W"]], [["W", 3]], 5]
)
def test_a_shared_limit_over_nothing_known_is_refused(over):
    limit = {"id": "gate", "max_kg": 5, "over": over}
    assert ("shared_limits", 1, "over") in faults(document(shared_limits=[limit]))


def test_faults_of_problems_made_by_code_are_found_too():
    cases = [
        (world(lots=(Lot(id="L", warehouse="X", item="blanket", packs=1),)), "warehouse"),
        (world(lots=(Lot(id="L", warehouse="W", item="blanket", packs=-1),)), "packs"),
        (world(lots=(Lot(id="L", warehouse="W", item="blanket", packs=1, sites=frozenset()),)),
         "sites"),
        (world(lots=(Lot(id="L", warehouse="W", item="blanket", packs=1, confidence=1.5),)),
         "confidence"),
        (world(needs=(Need(site="A", item="blanket", need_units=1, min_fraction=2),)),
         "min_fraction"),
        (world(routes=(Route(warehouse="W", site="A"), Route(warehouse="W", site="A"))), "site"),
        (world(routes=(Route(warehouse="W", site="Z"),)), "site"),
        (world(shared_limits=(SharedLimit(id="x", over=frozenset()),)), "max_kg"),
        (world(locks=(Lock(site="A", packs=1),)), "item"),
        (world(locks=(Lock(site="A", packs=1, lot="L", item="tent"),)), "item"),
    ]  # fmt: skip
    for problem, field in cases:
        assert field in [fault.field for fault in check(problem)], field


def test_an_unknown_weight_is_refused_only_where_a_limit_would_carry_it():
    item = dataclasses.replace(world().items[0], kg_per_pack=None)
    limited = (Route(warehouse="W", site="A", max_kg=5), Route(warehouse="W", site="B"))
    assert not check(world(items=(item,)))
    (fault,) = check(world(items=(item,), routes=limited))
    assert (fault.where, fault.row, fault.field) == ("items", 1, "kg_per_pack")
    closed = tuple(dataclasses.replace(r, open=r.site == "B") for r in limited)
    assert not check(world(items=(item,), routes=closed))


def test_every_fault_is_a_sentence_that_says_what_to_do():
    data = document(periods=0, budget=3)
    data["sites"][0]["weight"] = 0.5
    with pytest.raises(ProblemRefused) as refused:
        problem_from_json(data)
    for fault in refused.value.faults:
        sentence = str(fault.message)
        assert sentence.endswith(".")
        assert "{" not in sentence
    assert str(refused.value.message).startswith("3 things must be put right first.")


def test_reading_leaves_the_document_as_it_was():
    data = document()
    before = copy.deepcopy(data)
    problem_from_json(data)
    assert data == before


@pytest.mark.parametrize("seed", range(20))
def test_results_are_plain_json_with_whole_packs_as_whole_numbers(seed):
    result = solve(tiny(seed))
    text = json.dumps(result_to_json(result), allow_nan=False)
    for row in json.loads(text)["needs"]:
        assert isinstance(row["packs"], int)
        assert isinstance(row["units"], int)
        assert "{" not in row["reason"]["sentence"]
