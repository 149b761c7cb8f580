"""The benchmark's problem on real roads is one, and its plan is the fairest."""

import dataclasses
from xml.etree import ElementTree as ET

from aidlog.allocation.checking import check
from aidlog.allocation.engine import Options, solve
from aidlog.allocation.snapshot import sha256
from tests.benchmarks.allocation_roads import STORES, distances, on_real_roads
from tests.benchmarks.plot import log_plot


def test_ways_by_road_are_the_shortest():
    km = distances()
    assert km["Bujumbura"]["Gitega"] == 58 + 44  # through Muramvya, not 67 + 46 through Mwaro
    assert km["Gitega"]["Bujumbura"] == 102
    assert km["Ngozi"]["Muyinga"] == 41 + 34
    assert all(set(towns) == set(km["Gitega"]) for towns in km.values())
    assert set(STORES) <= set(km["Gitega"])


def test_a_problem_on_real_roads_is_sound_and_solved_with_its_proof():
    problem = on_real_roads(1, points=1)
    assert check(problem) == ()
    assert sha256(problem) == sha256(on_real_roads(1, points=1)) != sha256(on_real_roads(2, 1))
    parts = dataclasses.replace(problem, divisible=True)
    result = solve(parts, Options(explain=False, compare=False))
    assert result.levels_proven
    assert result.measures.min_level > 0


def test_a_plot_is_an_svg_with_a_line_for_each_method():
    text = log_plot("Time", "size", "s", {"a": [(10, 0.1), (1000, 5)], "b <c>": [(10, 2.0)]})
    root = ET.fromstring(text)
    circles = [part for part in root if part.tag.endswith("circle")]
    assert len(circles) == 3 + 2
    assert any(part.text == "b <c>" for part in root)
