"""The worker keeps the alerts: paces by the hour, one mail a day for whom something waits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from aidlog.db.outbox import OutboxEntry, OutboxKind
from aidlog.db.transaction import writing
from aidlog.jobs.rounds import keep_alerts
from aidlog.registry.roles import Role
from aidlog.reports.alerts.digest import NAMED
from aidlog.reports.alerts.models import StockPace
from tests.conftest import settings_for
from tests.factories import (
    make_item,
    make_lot,
    make_organisation,
    make_person,
    make_place,
    make_warehouse,
)

MORNING = datetime.now(UTC).replace(hour=8, minute=0)


@pytest.fixture
def settings(session, tmp_path):
    return settings_for(
        "sqlite://", tmp_path, mail_url="smtp://localhost", base_url="https://aid.example.org"
    )


@pytest.fixture
def past_its_date(session):
    with writing(session):
        item = make_item(session, name="High-energy biscuits")
        store = make_warehouse(session, name="Lake hub")
        make_place(session, name="Hidden valley")
        make_lot(session, warehouse=store, item=item, expires_on=MORNING.date() - timedelta(days=3))
        make_person(session, Role.PLANNER, login="planner@example.org").language = "fr"
        make_person(session, Role.DONOR, login="donor@example.org")
        make_person(session, Role.PLANNER, login="planner-without-address")
        other = make_organisation(session, code="OTH", name="Other hands")
        make_person(session, Role.PLANNER, login="stranger@example.org", organisation=other)


def letters(session):
    session.rollback()
    return [
        json.loads(entry.payload)
        for entry in session.scalars(
            select(OutboxEntry).where(OutboxEntry.kind == OutboxKind.MAIL).order_by(OutboxEntry.id)
        )
    ]


def test_one_mail_a_day_goes_to_whom_an_alert_waits_for(session, settings, past_its_date):
    engine = session.get_bind()
    for later in (timedelta(), timedelta(minutes=5), timedelta(hours=9)):
        keep_alerts(engine, settings, now=MORNING + later)
    (letter,) = [one for one in letters(session) if not one["to"].startswith("person")]
    assert letter["to"] == "planner@example.org"
    assert "High-energy biscuits" in letter["text"]
    assert "https://aid.example.org/alerts" in letter["text"]
    assert "Hidden valley" not in letter["text"]
    keep_alerts(engine, settings, now=MORNING + timedelta(days=1))
    assert len([one for one in letters(session) if one["to"] == "planner@example.org"]) == 2


def test_a_mail_counts_all_that_waits_and_names_the_first(session, settings, past_its_date):
    with writing(session):
        store = make_warehouse(session)
        day = MORNING.date() - timedelta(days=3)
        for _ in range(NAMED + 2):
            make_lot(session, warehouse=store, item=make_item(session), expires_on=day)
    keep_alerts(session.get_bind(), settings, now=MORNING)
    (letter,) = [one for one in letters(session) if one["to"] == "planner@example.org"]
    assert str(NAMED + 3) in letter["subject"]
    assert f": {NAMED + 3}\n" in letter["text"]
    assert letter["text"].count("\n- ") == NAMED
    assert "\n…\n" in letter["text"]


def test_no_mail_goes_before_the_day_begins_or_where_none_is_set(
    session, settings, past_its_date, tmp_path
):
    engine = session.get_bind()
    keep_alerts(engine, settings, now=MORNING.replace(hour=2))
    keep_alerts(engine, settings_for("sqlite://", tmp_path), now=MORNING)
    assert letters(session) == []


def test_paces_are_worked_out_anew_after_an_hour(session, settings):
    engine = session.get_bind()
    with writing(session):
        store, item = make_warehouse(session), make_item(session)
        session.add(
            StockPace(
                organisation_id=store.organisation_id, warehouse_id=store.id, item_id=item.id,
                needed=1, sites=1, unknown=0, left=5, worked_out_at=MORNING,
            )
        )  # fmt: skip
    keep_alerts(engine, settings, now=MORNING)
    session.rollback()
    assert session.scalars(select(StockPace)).all() == []
