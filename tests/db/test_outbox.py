"""Mails and jobs leave only after the change that caused them; on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.db import outbox
from aidlog.db.outbox import OutboxEntry, OutboxKind
from aidlog.db.transaction import writing
from aidlog.db.work import Job, JobState, request_job
from aidlog.registry.roles import Role
from tests.factories import make_actor, make_organisation


def subjects(entries) -> list[str]:
    return [json.loads(entry.payload)["subject"] for entry in entries]


def test_what_is_put_waits_oldest_first(session):
    with writing(session):
        for subject in ("first", "second", "third"):
            outbox.put(session, OutboxKind.MAIL, {"subject": subject})
    with writing(session):
        assert subjects(outbox.waiting(session, limit=2)) == ["first", "second"]


def test_a_change_that_fails_sends_nothing(session):
    def put_and_fail():
        with writing(session):
            outbox.put(session, OutboxKind.MAIL, {"subject": "first"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        put_and_fail()
    with writing(session):
        assert outbox.waiting(session) == []


def test_what_was_sent_or_is_not_due_does_not_wait(session):
    with writing(session):
        for subject in ("sent", "later", "due"):
            outbox.put(session, OutboxKind.MAIL, {"subject": subject})
    with writing(session):
        sent, later, _ = session.scalars(select(OutboxEntry).order_by(OutboxEntry.id))
        sent.sent_at = datetime.now(UTC)
        later.not_before = datetime.now(UTC) + timedelta(minutes=5)
    with writing(session):
        assert subjects(outbox.waiting(session)) == ["due"]


@pytest.mark.pg
def test_two_workers_do_not_take_the_same_entry(postgres_url, make_engine):
    engine = make_engine(postgres_url)
    with Session(engine) as session, writing(session):
        for subject in ("first", "second"):
            outbox.put(session, OutboxKind.MAIL, {"subject": subject})
    with Session(engine) as one, Session(engine) as two, writing(one), writing(two):
        assert subjects(outbox.waiting(one, limit=1)) == ["first"]
        assert subjects(outbox.waiting(two, limit=1)) == ["second"]


def test_a_job_and_its_wake_up_are_written_together(session):
    with writing(session):
        actor = make_actor(session, Role.PLANNER)
        organisation = make_organisation(session)
        job = request_job(session, actor, "solve", {"plan": 7}, organisation_id=organisation.id)
        id_ = job.id
    with writing(session):
        (entry,) = outbox.waiting(session)
        assert entry.kind is OutboxKind.JOB
        assert json.loads(entry.payload) == {"job": id_}
    assert session.get_one(Job, id_).state is JobState.QUEUED
