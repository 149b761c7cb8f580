"""Random work in a warehouse with a stock take going on, on both databases."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from aidlog.db import audit
from aidlog.stock import adjusting, count_deciding, count_sheets, counting
from aidlog.stock.soundness import faults
from tests.ledger.counting_machine import CountingMachine, Store
from tests.ledger.seeing import is_seen

LONG = os.environ.get("AIDLOG_CAMPAIGN") == "long"
#: Runs and steps a run.
SQLITE = (500, 100) if LONG else (25, 40)
POSTGRESQL = (100, 60) if LONG else (8, 30)


def machine_on(store: Store) -> type[CountingMachine]:
    class Machine(CountingMachine):
        pass

    Machine.store = store
    return Machine


def campaign(store: Store, runs: int, steps: int) -> None:
    run_state_machine_as_test(
        machine_on(store),
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert list(faults(store.session)) == []
    assert list(audit.breaks(store.session)) == []


@pytest.mark.slow
def test_counts_and_sqlite_agree_after_every_step(sqlite_url, world_on):
    campaign(Store(world_on(sqlite_url).session), *SQLITE)


@pytest.mark.slow
@pytest.mark.pg
def test_counts_and_postgresql_agree_after_every_step(postgres_url, world_on):
    campaign(Store(world_on(postgres_url).session), *POSTGRESQL)


def _nothing_ever_moves(patch):
    patch.setattr(counting, "last_moves", lambda session, keys: dict.fromkeys(keys, 0))


def _corrections_are_not_looked_for(patch):
    found = count_deciding.since_counted
    patch.setattr(
        count_deciding,
        "since_counted",
        lambda *asked: {
            key: after._replace(corrected=False) for key, after in found(*asked).items()
        },
    )


def _everybody_may_alone(patch):
    patch.setattr(adjusting, "needs_another", lambda *_: False)


def _a_line_is_booked_twice(patch):
    once_only = count_deciding._corrections
    patch.setattr(
        count_deciding, "_corrections", lambda *asked: [*once_only(*asked), *once_only(*asked)]
    )


def _a_lot_on_two_sheets(patch):
    patch.setattr(count_sheets, "refuse_if_on_a_sheet", lambda *_, **__: None)


def _what_is_not_counted_is_none(patch):
    patch.setattr(count_deciding, "_must_all_be_counted", lambda lines: None)


FAULTS = {
    "movements during the count are not seen": _nothing_ever_moves,
    "corrections after the count are not seen": _corrections_are_not_looked_for,
    "nothing waits for a second person": _everybody_may_alone,
    "a difference is booked twice": _a_line_is_booked_twice,
    "a lot stands on two sheets": _a_lot_on_two_sheets,
    "an open line closes the count": _what_is_not_counted_is_none,
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_the_machine_sees_a_fault_in_counting(sqlite_url, world_on, monkeypatch, fault):
    store = Store(world_on(sqlite_url).session)
    FAULTS[fault](monkeypatch)
    assert is_seen(machine_on(store), store.session)
