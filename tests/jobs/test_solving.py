"""A solve in a process of its own says the same as one here, and ends when it is asked to."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from aidlog.allocation.problem import Lot, Rule
from aidlog.allocation.result_json import result_to_json
from aidlog.jobs import cores
from aidlog.jobs.solving import ProcessDied, solve_apart, solve_here
from tests.allocation.worlds import world


class Watched:
    """What a solve asks of its job: whether to stop, and whom to tell."""

    def __init__(self, *, cancel: bool = False, use_best: bool = False) -> None:
        self.settings = SimpleNamespace(solve_seconds=60)
        self.cancel, self.best, self.told = cancel, use_best, []

    def report(self, stand) -> None:
        self.told.append(stand)

    def cancelled(self) -> bool:
        return self.cancel

    def use_best(self) -> bool:
        return self.best


PROBLEM = world(lots=(Lot(id="L", warehouse="W", item="blanket", packs=80),))


def plain(result) -> dict:
    document = result_to_json(result)
    return {name: part for name, part in document.items() if name != "timings"}


def test_a_process_of_its_own_finds_the_same_and_tells_how_far_it_is():
    watched = Watched()
    apart = solve_apart(watched, PROBLEM, Rule.LOWEST_FIRST)
    here = solve_here(Watched(), PROBLEM, Rule.LOWEST_FIRST)
    assert plain(apart) == plain(here)
    assert {stand.stage for stand in watched.told} >= {"levels"}


def test_a_process_ends_with_nothing_or_with_the_best_so_far_when_asked():
    assert solve_apart(Watched(cancel=True), PROBLEM, Rule.LOWEST_FIRST) is None
    assert solve_apart(Watched(use_best=True), PROBLEM, Rule.LOWEST_FIRST) is not None


def test_a_fault_in_the_process_is_told():
    wrong = world(lots=(Lot(id="L", warehouse="nowhere", item="blanket", packs=80),))
    with pytest.raises(ProcessDied):
        solve_apart(Watched(), wrong, Rule.LOWEST_FIRST)


@pytest.mark.parametrize(("has", "solves"), [(1, 1), (2, 1), (8, 7)])
def test_one_core_is_left_for_those_who_look_at_pages(monkeypatch, has, solves):
    monkeypatch.setattr(cores.os, "sched_getaffinity", lambda _: set(range(has)))
    assert cores.solvers() == solves
