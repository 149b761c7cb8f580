"""Whoever stands more than a pack below the fraction carries a proof, and a false one is seen."""

import dataclasses
import json

import pytest

from aidlog.allocation.certificate import verify
from aidlog.allocation.engine import Options, solve
from aidlog.allocation.problem import Lot, Need, Problem, Route, Site
from aidlog.allocation.result import PackProof, ReasonCode, Status
from aidlog.allocation.result_json import result_from_json, result_text
from aidlog.allocation.snapshot import canonical
from tests.allocation.worlds import world
from tests.benchmarks.allocation_families import Shape, generate

SMALL = tuple(f"A{k}" for k in range(10))
PLAIN = Options(explain=False, compare=False)


def ten_and_one() -> Problem:
    """Ten sites need two packs each and B needs 300; there are 100.

    In fractions everybody stands at 100 / 320, B with 93.75 packs. In whole packs nobody may
    stay at zero, so each of the ten gets one (a half), and B the 90 that are left: 3.75 below.
    A pack more for B would bring one of the ten to zero.
    """
    return canonical(
        world(
            sites=tuple(Site(id=s, population=100) for s in (*SMALL, "B")),
            needs=(
                *(Need(site=s, item="blanket", need_units=2) for s in SMALL),
                Need(site="B", item="blanket", need_units=300),
            ),
            lots=(Lot(id="L", warehouse="W", item="blanket", packs=100),),
            routes=tuple(Route(warehouse="W", site=s) for s in (*SMALL, "B")),
        )
    )


PROBLEM = ten_and_one()
RESULT = solve(PROBLEM, PLAIN)
[ROW] = [row for row in RESULT.needs if row.site == "B"]


def with_row(site="B", **changes):
    rows = tuple(
        dataclasses.replace(row, **changes) if row.site == site else row for row in RESULT.needs
    )
    return dataclasses.replace(RESULT, needs=rows)


def with_cut(**changes):
    cut = dataclasses.replace(RESULT.pack_certificate[0], **changes)
    return dataclasses.replace(RESULT, pack_certificate=(cut,))


def test_ten_small_needs_push_a_large_one_more_than_a_pack_below_its_fraction():
    assert RESULT.status is Status.OPTIMAL
    assert ROW.packs == 90
    assert ROW.rounding_packs == pytest.approx(-3.75)
    assert ROW.packs_stopped is not None
    assert ROW.packs_stopped.proof is PackProof.CUT
    assert ROW.packs_stopped.code is ReasonCode.STOCK_USED_UP
    assert "one more of blanket for B" in str(ROW.packs_stopped.message)
    assert RESULT.pack_certificate[0].stops == (("B", "blanket"),)
    assert verify(PROBLEM, RESULT) == []
    assert result_from_json(json.loads("".join(result_text(RESULT)))) == RESULT


CUT = RESULT.pack_certificate[0]
FAULTS = {
    "nothing says why": lambda: with_row(packs_stopped=None),
    "no cut": lambda: dataclasses.replace(RESULT, pack_certificate=()),
    "a cut that stops nobody": lambda: with_cut(stops=()),
    "a cut that stops who is not behind": lambda: with_cut(stops=(*CUT.stops, ("A1", "blanket"))),
    "a cut that stops a stranger": lambda: with_cut(stops=(*CUT.stops, ("Z", "blanket"))),
    "a price of nothing": lambda: with_cut(prices=dict.fromkeys(CUT.prices, 0.0)),
    "a price below nothing": lambda: with_cut(prices=dict.fromkeys(CUT.prices, -1.0)),
    "a price on what is not there": lambda: with_cut(prices={'["lot","M"]': 1.0}),
    "a right-hand side too small": lambda: with_cut(right_hand_side=CUT.right_hand_side - 1),
    "a member forgotten": lambda: with_cut(members=CUT.members[1:]),
    "a limit without a name": lambda: with_row(
        packs_stopped=dataclasses.replace(ROW.packs_stopped, limit="")
    ),
    "a fraction that is not the level's": lambda: with_row(fraction_packs=91.0),
    "a rounding that does not add up": lambda: with_row(rounding_packs=-0.75),
    "a stop where nothing is missing": lambda: with_row("A1", packs_stopped=ROW.packs_stopped),
    "a cut where a search is said": lambda: with_row(
        packs_stopped=dataclasses.replace(ROW.packs_stopped, proof=PackProof.SEARCH)
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_what_stops_packs_is_seen(name):
    broken = FAULTS[name]()
    assert broken != RESULT
    assert verify(PROBLEM, broken), name


def test_a_stop_is_seen_to_be_false_when_somebody_higher_could_give():
    """With 40 of the 100 packs for A0, who needs 200, B at 50 of 300 could have one of them."""
    needs = tuple(
        dataclasses.replace(n, need_units=200) if n.site == "A0" else n for n in PROBLEM.needs
    )
    larger = dataclasses.replace(PROBLEM, needs=needs)
    fair = solve(larger, PLAIN)
    assert verify(larger, fair) == []
    moved = 4
    change = {"A0": moved, "B": -moved}
    need = {n.site: n.need_units for n in needs}

    def given(row):
        packs = row.packs + change[row.site]
        return dataclasses.replace(
            row, packs=packs, units=packs, rounding_packs=packs - row.fraction_packs,
            covered_after=packs / need[row.site], pack_level=packs / need[row.site],
            packs_stopped=ROW.packs_stopped if row.site == "B" else None,
        )  # fmt: skip

    unfair = dataclasses.replace(
        fair,
        needs=tuple(given(row) if row.site in change else row for row in fair.needs),
        shipments=tuple(
            dataclasses.replace(
                s, packs=s.packs + change.get(s.site, 0), units=s.units + change.get(s.site, 0),
                kg=s.kg + change.get(s.site, 0), m3=None,
            )
            for s in fair.shipments
        ),
        pack_certificate=RESULT.pack_certificate,
    )  # fmt: skip
    assert any("could have a pack more" in wrong for wrong in verify(larger, unfair))


def test_where_trucks_are_scarce_what_is_said_of_missing_packs_is_checked():
    told = 0
    for seed in range(6):
        problem = canonical(generate("scarce", 16, 8, 3, seed, Shape(tight=0.4)))
        result = solve(problem, PLAIN)
        assert result.levels_proven
        assert verify(problem, result) == []
        told += sum(row.packs_stopped is not None for row in result.needs)
    assert told > 3
