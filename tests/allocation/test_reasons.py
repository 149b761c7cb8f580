"""A reason that is told is true: nobody's decision is blamed that nobody took."""

import json
from pathlib import Path

from aidlog.allocation.engine import solve
from aidlog.allocation.result import ReasonCode
from aidlog.allocation.snapshot import problem_from_json

PROBLEM = json.loads((Path(__file__).parent / "no_lock_to_blame.json").read_text("utf-8"))


def test_without_a_lock_no_decision_is_named():
    assert not PROBLEM.get("locks")
    result = solve(problem_from_json(PROBLEM))
    assert all(need.reason.code is not ReasonCode.LOCKED for need in result.needs)


def test_a_need_that_fractions_would_cover_says_that_packs_are_whole():
    result = solve(problem_from_json(PROBLEM))
    [need] = [n for n in result.needs if (n.site, n.item) == ("s2", "i0")]
    assert need.pack_level < need.level
    assert need.reason.code is ReasonCode.WHOLE_PACKS
    assert "in whole packs" in str(need.reason.message)
