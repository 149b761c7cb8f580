"""A plan that time did not suffice for: made at once, within every limit, and worth sending."""

import itertools

import numpy as np
import pytest
from ortools.sat.python import cp_model

from aidlog.allocation.building import build
from aidlog.allocation.engine import Cancelled, Options, solve
from aidlog.allocation.fairness import Clock, Fairness
from aidlog.allocation.phases import levels
from aidlog.allocation.problem import Rule
from aidlog.allocation.result import Status
from aidlog.allocation.routing import fractional_flow
from aidlog.allocation.snapshot import canonical
from aidlog.allocation.urgency import Urgency
from aidlog.allocation.whole_proof import search
from aidlog.allocation.whole_rounding import Load, top_up
from tests.allocation.test_seeded_bugs import everything
from tests.benchmarks.allocation_families import Shape, family

HASTY = Options(explain=False, time_limit_s=0.0)


@pytest.mark.parametrize("divisible", [True, False])
def test_without_any_time_the_plan_keeps_locks_and_brings_more_than_nothing(divisible):
    result = solve(everything(divisible=divisible), HASTY)
    assert {n.packs for n in result.needs if (n.site, n.item) == ("D", "tent")} == {4}
    assert result.measures.mean > result.before.mean + 0.1


@pytest.mark.parametrize("divisible", [True, False])
def test_without_any_time_the_plan_still_covers_more_than_equal_shares(divisible):
    result = solve(family("M", 11, Shape(divisible=divisible)), HASTY)
    shared = result.compared[Rule.EQUAL_SHARE.value]
    assert result.measures.mean > shared.mean
    assert result.measures.zeros < shared.zeros


def test_nobody_who_could_have_a_pack_is_left_with_nothing_when_time_is_up():
    """One need of this problem gets its first pack only by an exchange two trucks deep."""
    assert solve(family("M", 11), HASTY).measures.zeros == 0


def test_fractions_that_cannot_all_be_sent_leave_nobody_with_nothing():
    """The cheapest routes for whole needs, which stock cannot meet, serve a few and no more."""
    model = build(canonical(family("S", 11, Shape(divisible=True))))
    flow, _ = fractional_flow(model, Fairness(model, Clock()), model.demands.most)
    reached = levels(model, model.delivered(flow))[model.needs.in_vector]
    assert (model.used(flow) <= model.rows.capacity * (1 + 1e-9)).all()
    assert reached.min() > 0.02


def test_the_best_so_far_is_a_whole_plan_and_claims_no_proof():
    asked = Options(explain=False, compare=False)
    result = solve(family("M", 11), asked, should_finish=lambda: True)
    assert result.status is Status.FEASIBLE
    assert result.gap > 0
    assert result.measures.zeros == 0
    assert result.measures.mean > result.before.mean + 0.1


def test_whoever_stops_while_trucks_are_filled_need_not_wait_for_the_last_pack():
    model = build(canonical(family("S", 11)))
    urgency = Urgency(model)
    members = np.flatnonzero(urgency.competes)
    load = Load(model, urgency, np.zeros(len(model.arcs.group), np.int64))
    top_up(load, members, model.demands.most_whole, Clock(asked_to_stop=lambda: True))
    assert load.packs.sum() == 0
    top_up(load, members, model.demands.most_whole, Clock())
    assert load.packs.sum() > 0


def test_a_search_for_whole_packs_ends_as_soon_as_somebody_stops_it():
    """Fifteen pigeons in fourteen holes: left alone, the search ends with its patience."""
    program = cp_model.CpModel()
    holes = range(14)
    pigeons = [[program.new_bool_var("") for _ in holes] for _ in range(15)]
    for pigeon in pigeons:
        program.add_bool_or(pigeon)
    for one, other in itertools.combinations(pigeons, 2):
        for hole in holes:
            program.add_bool_or([~one[hole], ~other[hole]])
    proven, _, spent = search(program, 100.0, Clock(asked_to_stop=lambda: True))
    assert not proven
    assert spent < 0.5


def test_progress_never_goes_back_and_names_every_stage_with_bound_and_best():
    told = []
    result = solve(everything(divisible=False), on_progress=told.append)
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert told[-1].done == 1.0
    assert set(result.timings) <= {one.stage for one in told}
    later = [one for one in told if one.stage in {"routes", "shipments", "compare", "check"}]
    assert all(0 < one.incumbent <= one.bound + 1e-9 for one in later)


@pytest.mark.parametrize("stage", ["levels", "packs", "compare", "check"])
def test_whoever_stops_in_a_stage_gets_nothing(stage):
    told = []
    with pytest.raises(Cancelled):
        solve(
            everything(divisible=False),
            Options(explain=False),
            on_progress=lambda progress: told.append(progress.stage),
            should_stop=lambda: stage in told,
        )
    assert stage in told
