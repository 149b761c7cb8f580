"""Random histories of the ledger, on both databases; AIDLOG_CAMPAIGN=long makes them long."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from aidlog.db import audit
from aidlog.stock.soundness import faults
from tests.ledger.machine import LedgerMachine

LONG = os.environ.get("AIDLOG_CAMPAIGN") == "long"

#: Runs and steps a run: on SQLite, and on PostgreSQL, where a commit goes to another process.
SQLITE = (2_000, 200) if LONG else (45, 60)
POSTGRESQL = (300, 100) if LONG else (16, 40)


def campaign(world, runs: int, steps: int) -> None:
    class Machine(LedgerMachine):
        pass

    Machine.world = world
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
def test_the_model_and_sqlite_agree_after_every_step(sqlite_url, world_on):
    world = world_on(sqlite_url)
    campaign(world, *SQLITE)
    assert list(faults(world.session)) == []
    assert list(audit.breaks(world.session)) == []


@pytest.mark.slow
@pytest.mark.pg
def test_the_model_and_postgresql_agree_after_every_step(postgres_url, world_on):
    world = world_on(postgres_url)
    campaign(world, *POSTGRESQL)
    assert list(faults(world.session)) == []
    assert list(audit.breaks(world.session)) == []
