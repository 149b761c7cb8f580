"""A real worker process: it works, it may be killed, and what it did not finish is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from aidlog.core.errors import Refusal
from aidlog.db.transaction import writing
from aidlog.db.work import Job, JobState
from aidlog.jobs.queue import make_queue
from aidlog.jobs.worker import WorkerProcess
from aidlog.planning.models import PlanState
from aidlog.settings import as_environment, load
from tests.conftest import TEST_KEY, settings_for
from tests.planning.cases import draft, make_case, plan_of

SECONDS = 60


@pytest.fixture
def settings(database, tmp_path):
    return settings_for(database, tmp_path, jobs_url="")


@pytest.fixture
def asked(session):
    with writing(session):
        case = make_case(session)
    return draft(session, case)


def start(settings):
    return subprocess.Popen(
        [sys.executable, "-m", "aidlog", "work", "--until-closed"],
        stdin=subprocess.PIPE,
        env=as_environment(settings),
    )


def wait_for(session, job, *states):
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        session.rollback()
        state = session.get_one(Job, job).state
        if state in states:
            return state
        time.sleep(0.02)
    pytest.fail(f"the job stayed {state}")


def end(process):
    process.stdin.close()
    assert process.wait(20) == 0


def test_a_worker_finds_a_waiting_plan_by_itself_and_goes_when_its_parent_goes(
    session, asked, settings
):
    """The wake-up stands in the outbox: nobody called wake()."""
    worker = start(settings)
    try:
        assert wait_for(session, asked["job"], JobState.DONE, JobState.FAILED) is JobState.DONE
        assert plan_of(session, asked["plan"]).state is PlanState.SOLVED
    finally:
        end(worker)


def test_a_killed_worker_loses_nothing(session, asked, settings):
    worker = start(settings)
    wait_for(session, asked["job"], JobState.RUNNING)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(20)
    worker.stdin.close()
    session.rollback()
    assert session.get_one(Job, asked["job"]).state is JobState.RUNNING
    assert plan_of(session, asked["plan"]).state is PlanState.SOLVING

    with writing(session):  # a minute goes by
        session.execute(update(Job).values(heartbeat_at=datetime.now(UTC) - timedelta(minutes=2)))
    another = start(settings)
    try:
        assert wait_for(session, asked["job"], JobState.DONE, JobState.FAILED) is JobState.DONE
        assert session.get_one(Job, asked["job"]).attempts == 2
        assert plan_of(session, asked["plan"]).state is PlanState.SOLVED
    finally:
        end(another)


def test_a_worker_that_is_told_to_stop_hands_its_job_back(session, asked, settings):
    worker = start(settings)
    wait_for(session, asked["job"], JobState.RUNNING)
    worker.terminate()
    assert worker.wait(20) == 0
    worker.stdin.close()
    session.rollback()
    assert session.get_one(Job, asked["job"]).state is JobState.QUEUED
    assert plan_of(session, asked["plan"]).state is PlanState.SOLVING


def test_a_worker_that_dies_beside_a_server_is_started_again(session, asked, settings):
    beside = WorkerProcess(settings)
    try:
        first = beside.pid
        os.kill(first, signal.SIGKILL)
        wait_for(session, asked["job"], JobState.DONE)
        assert beside.pid != first
    finally:
        beside.stop()


def test_a_worker_reads_the_settings_of_its_server(settings):
    assert load(as_environment(settings, {})) == settings


def test_only_a_signed_entry_of_the_queue_is_run(sqlite_url, make_engine, tmp_path):
    """huey unpickles what it reads: an entry of another hand must not get that far."""
    engine = make_engine(sqlite_url)
    settings = settings_for(sqlite_url, tmp_path, jobs_url="")
    queue, wake = make_queue(settings, engine)
    wake("one")
    stored = queue.storage.dequeue()
    strange, _ = make_queue(
        settings_for(sqlite_url, tmp_path, jobs_url="", secret_key="x" + TEST_KEY), engine
    )
    with pytest.raises(ValueError, match="mismatch"):
        strange.deserialize_task(stored)
    assert queue.deserialize_task(stored).args == ("one",)


def test_the_queue_lies_in_the_data_folder(sqlite_url, make_engine, tmp_path):
    folder = tmp_path / "data"
    settings = settings_for(sqlite_url, folder, jobs_url="")
    make_queue(settings, make_engine(sqlite_url))[1]("one")
    assert (folder / "jobs.db").is_file()


def test_an_unknown_queue_is_refused_with_a_sentence(sqlite_url, make_engine, tmp_path):
    settings = settings_for(sqlite_url, tmp_path, jobs_url="amqp://somewhere")
    with pytest.raises(Refusal, match="jobs_url"):
        make_queue(settings, make_engine(sqlite_url))


@pytest.mark.pg
def test_the_queue_may_lie_in_postgresql(postgres_url, make_engine, tmp_path):
    settings = settings_for(postgres_url, tmp_path, jobs_url=postgres_url)
    queue, wake = make_queue(settings, make_engine(postgres_url))
    wake("one")
    assert queue.pending_count() == 1
    assert queue.deserialize_task(queue.storage.dequeue()).args == ("one",)
    queue.storage.close()
