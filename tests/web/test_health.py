"""Whether the machine that watches is told the truth, and nothing more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aidlog.db.transaction import writing
from aidlog.db.work import Job, JobState
from aidlog.extensions import db
from aidlog.registry.roles import Role
from tests.factories import make_person


def with_job(app, *, waited=timedelta(0), silent=None, **values):
    """Keep a job that was asked for ``waited`` ago and last gave a sign ``silent`` ago."""
    now = datetime.now(UTC)
    values = {"created_at": now - waited} | values
    if silent is not None:
        values["heartbeat_at"] = now - silent
    with app.app_context():
        with writing(db.session()) as session:
            person = make_person(session, Role.PLANNER)
            session.add(
                Job(
                    **{
                        "id": "1",
                        "kind": "solve_plan",
                        "payload": "{}",
                        "organisation_id": person.organisation_id,
                        "created_by": person.id,
                        "state": JobState.QUEUED,
                    }
                    | values
                )
            )
        db.session.remove()


def test_all_is_well(client):
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": "ok", "schema": "ok", "jobs": "ok"}


@pytest.mark.pg
def test_health_is_well_on_postgresql_too(make_app, postgres_url):
    assert make_app(postgres_url).test_client().get("/health").status_code == 200


def test_a_schema_of_another_version_is_told(app, client):
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json["schema"] == "outdated"


def test_an_empty_database_is_not_well(make_app, tmp_path):
    answer = make_app(f"sqlite:///{tmp_path / 'empty.db'}").test_client().get("/health")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "failing",
        "database": "ok",
        "schema": "unknown",
        "jobs": "unknown",
    }


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({}, "ok"),
        ({"waited": timedelta(minutes=11)}, "late"),
        ({"state": JobState.RUNNING, "silent": timedelta(0)}, "ok"),
        ({"state": JobState.RUNNING, "silent": timedelta(minutes=6)}, "late"),
        ({"state": JobState.DONE, "waited": timedelta(days=9)}, "ok"),
    ],
)
def test_work_that_nobody_does_is_told(app, client, job, said):
    with_job(app, **job)
    answer = client.get("/health")
    assert answer.json["jobs"] == said
    assert answer.status_code == (200 if said == "ok" else 503)


def test_work_that_waits_behind_other_work_is_no_alarm(app, client):
    with_job(app, waited=timedelta(minutes=30))
    with_job(app, id="2", state=JobState.RUNNING, silent=timedelta(0))
    assert client.get("/health").json["jobs"] == "ok"


def test_health_names_no_host_no_file_and_no_version(client):
    text = client.get("/health").text
    for word in ("sqlite", "/", "0002", "aidlog"):
        assert word not in text
