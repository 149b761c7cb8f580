"""One job from its claim to its end, and the caretaker that finds the lost ones."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidlog.core.text import Message
from aidlog.db.outbox import OutboxEntry, OutboxKind, put
from aidlog.db.transaction import writing
from aidlog.db.work import Job, JobState, Wish
from aidlog.jobs.caretaking import go_round, revive
from aidlog.jobs.pulse import Pulse, Stand
from aidlog.jobs.running import GAVE_UP, MOST_ATTEMPTS, run_job
from aidlog.jobs.work import TakenOver, Work
from aidlog.planning.models import PlanState
from tests.conftest import settings_for
from tests.planning.cases import draft, make_case, plan_of

LONG_AGO = timedelta(minutes=5)


@pytest.fixture
def asked(session):
    """A plan that waits to be worked out: its code and its job."""
    with writing(session):
        case = make_case(session)
    return draft(session, case)


@pytest.fixture
def settings(engine, tmp_path):
    return settings_for(str(engine.url), tmp_path)


def change(session, job, **values):
    with writing(session):
        session.execute(update(Job).where(Job.id == job).values(**values))


def lose(session, job, attempts=1):
    """Leave the job as a worker does that is killed: running, and silent for minutes."""
    change(
        session,
        job,
        state=JobState.RUNNING,
        attempts=attempts,
        heartbeat_at=datetime.now(UTC) - LONG_AGO,
    )


def job_of(session, asked):
    session.rollback()
    return session.get_one(Job, asked["job"])


def test_a_job_that_is_done_says_so(session, asked, engine, settings):
    run_job(engine, settings, asked["job"])
    job = job_of(session, asked)
    assert (job.state, job.attempts, job.error) == (JobState.DONE, 1, "")
    assert job.ended_at >= job.started_at


def test_a_job_that_runs_already_is_left_alone(session, asked, engine, settings):
    change(
        session,
        asked["job"],
        state=JobState.RUNNING,
        attempts=1,
        heartbeat_at=datetime.now(UTC),
    )
    run_job(engine, settings, asked["job"])
    assert job_of(session, asked).attempts == 1
    assert plan_of(session, asked["plan"]).state is PlanState.SOLVING


def test_of_two_workers_one_does_the_job(session, asked, engine, settings):
    ready = threading.Barrier(2)

    def run():
        ready.wait()
        run_job(engine, settings, asked["job"])

    workers = [threading.Thread(target=run) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    job = job_of(session, asked)
    assert (job.state, job.attempts) == (JobState.DONE, 1)


def test_an_unknown_job_is_nothing_to_do(engine, settings):
    assert run_job(engine, settings, "no such job") is None


def test_a_fault_ends_the_job_and_the_plan_with_a_sentence(session, asked, engine, settings):
    with writing(session):
        plan_of(session, asked["plan"]).problem = '{"schema": "aidlog-problem/1", "id": 3}'
    run_job(engine, settings, asked["job"])
    plan, job = plan_of(session, asked["plan"]), job_of(session, asked)
    assert job.state is JobState.FAILED
    assert plan.state is PlanState.FAILED
    assert json.loads(job.error) == json.loads(plan.note)
    assert str(Message.from_data(json.loads(job.error)))


def test_a_lost_job_is_taken_up_again_and_ends(session, asked, engine, settings):
    lose(session, asked["job"])
    revive(engine)
    assert job_of(session, asked).state is JobState.QUEUED
    run_job(engine, settings, asked["job"])
    job = job_of(session, asked)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert plan_of(session, asked["plan"]).state is PlanState.SOLVED


def test_a_job_with_a_fresh_heartbeat_is_not_lost(session, asked, engine):
    change(
        session,
        asked["job"],
        state=JobState.RUNNING,
        attempts=1,
        heartbeat_at=datetime.now(UTC) - timedelta(seconds=40),
    )
    revive(engine)
    assert job_of(session, asked).state is JobState.RUNNING


def test_a_job_that_took_three_workers_down_is_given_up(session, asked, engine):
    lose(session, asked["job"], attempts=MOST_ATTEMPTS)
    revive(engine)
    plan, job = plan_of(session, asked["plan"]), job_of(session, asked)
    assert job.state is JobState.FAILED
    assert plan.state is PlanState.FAILED
    assert Message.from_data(json.loads(plan.note)) == GAVE_UP


def test_a_lost_job_that_was_cancelled_stays_cancelled(session, asked, engine):
    lose(session, asked["job"])
    change(session, asked["job"], wish=Wish.CANCEL)
    revive(engine)
    assert job_of(session, asked).state is JobState.CANCELLED


def test_a_worker_that_comes_back_late_writes_nothing(session, asked, engine, settings):
    """A laptop closed for a minute: its job is another's by then."""
    change(session, asked["job"], state=JobState.RUNNING, attempts=2)
    pulse = Pulse(engine, asked["job"], 1)
    late = Work(engine, settings, asked["job"], 1, {}, pulse)
    with pytest.raises(TakenOver), late.writing(state=JobState.DONE) as transaction:
        transaction.execute(update(Job).values(stage="wrong"))
    job = job_of(session, asked)
    assert (job.state, job.stage) == (JobState.RUNNING, "")


def test_a_pulse_sees_that_its_job_was_taken_over(session, asked, engine):
    change(session, asked["job"], state=JobState.RUNNING, attempts=2)
    with Pulse(engine, asked["job"], 1) as pulse:
        assert pulse.lost


def test_a_pulse_writes_how_far_the_work_is_and_reads_what_is_wished(session, asked, engine):
    change(session, asked["job"], state=JobState.RUNNING, attempts=1, wish=Wish.USE_BEST)
    with Pulse(engine, asked["job"], 1) as pulse:
        pulse.report(Stand(stage="levels", done=250, total=1000, bound=820, best=780))
        assert pulse.wish is Wish.USE_BEST
        assert pulse._ended.wait(2.5) is False
    job = job_of(session, asked)
    assert (job.stage, job.done, job.bound, job.best) == ("levels", 250, 820, 780)


def test_the_outbox_wakes_a_job_once(session, asked, engine, settings):
    woken = []
    for _ in range(2):
        go_round(engine, settings, woken.append, queue_is_empty=lambda: False)
    assert woken == [asked["job"]]


def test_a_job_whose_wake_up_was_lost_is_woken_when_the_queue_is_empty(
    session, asked, engine, settings
):
    with writing(session):
        session.execute(update(OutboxEntry).values(sent_at=datetime.now(UTC)))
        session.execute(update(Job).values(created_at=datetime.now(UTC) - LONG_AGO))
    woken = []
    go_round(engine, settings, woken.append, queue_is_empty=lambda: False)
    assert woken == []
    go_round(engine, settings, woken.append, queue_is_empty=lambda: True)
    assert woken == [asked["job"]]


def test_a_mail_without_a_server_waits_and_is_tried_later(session, engine, settings):
    with writing(session):
        put(session, OutboxKind.MAIL, {"to": "a@example.org", "subject": "s", "text": "t"})
    go_round(engine, settings, lambda _: None, queue_is_empty=lambda: False)
    with Session(engine) as fresh:
        entry = fresh.scalars(select(OutboxEntry)).one()
    assert (entry.sent_at, entry.attempts) == (None, 1)
    assert entry.last_error == "no mail server is set"
    assert entry.not_before > datetime.now(UTC) + timedelta(seconds=20)
