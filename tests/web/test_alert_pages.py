"""Alerts as people see them: on Today, in the title, in their rows, and set aside."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from aidlog.db.commands import new_id
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.roles import Role
from tests.factories import make_item, make_lot, make_organisation, make_person, make_warehouse
from tests.signing import sign_in

TODAY = datetime.now(UTC).date()


@pytest.fixture
def people(app):
    """A planner, a storekeeper and a stranger; a lot that expired and one that will."""
    with app.app_context():
        with writing(db.session()) as session:
            store = make_warehouse(session, code="HUB", name="Lake hub")
            item = make_item(session, code="BISCUIT", name="Biscuits")
            for days in (-2, 20):
                make_lot(
                    session, warehouse=store, item=item, quantity=60, number=f"LOT{days}",
                    expires_on=TODAY + timedelta(days=days),
                )  # fmt: skip
            other = make_organisation(session, code="OTH", name="Other hands")
            ids = {
                "planner": make_person(session, Role.PLANNER).id,
                "keeper": make_person(session, Role.STOREKEEPER, place=store).id,
                "auditor": make_person(session, Role.AUDITOR).id,
                "stranger": make_person(session, Role.PLANNER, organisation=other).id,
            }
        db.session.remove()
    return {who: sign_in(app.test_client(), person) for who, person in ids.items()}


def aside_links(page):
    return re.findall(r'href="(/alerts/aside\?alert=[^"]+)"', page)


def test_today_counts_alerts_and_so_does_its_title(people):
    page = people["planner"].get("/today").text
    assert "<title>(2) Today – aidlog</title>" in page
    assert 'href="/alerts?kind=expired"' in page
    assert 'href="/alerts?kind=expiring"' in page
    assert "<title>Today – aidlog</title>" in people["stranger"].get("/today").text


def test_the_rows_of_a_kind_lead_to_the_card(people):
    page = people["keeper"].get("/alerts?kind=expired").text
    assert 'href="/stock/HUB/BISCUIT"' in page
    assert "LOT-2" in page
    assert "LOT20" not in page


def test_an_alert_is_set_aside_with_a_reason_and_brought_back(people):
    keeper = people["keeper"]
    (link,) = aside_links(keeper.get("/alerts?kind=expired").text)
    empty = keeper.post(link, data={"command_id": new_id(), "until": "", "reason": ""})
    assert empty.status_code == 422
    sent = {
        "command_id": new_id(),
        "until": (TODAY + timedelta(days=3)).isoformat(),
        "reason": "The inspector comes on Monday",
    }
    assert keeper.post(link, data=sent).status_code == 303
    page = people["planner"].get("/alerts?kind=expired").text
    assert "The inspector comes on Monday" in page
    assert "<title>(1) Today – aidlog</title>" in people["planner"].get("/today").text
    (back,) = re.findall(r'action="(/alerts/back\?alert=[^"]+)"', page)
    assert people["planner"].post(back, data={"command_id": new_id()}).status_code == 303
    assert "<title>(2) Today – aidlog</title>" in people["planner"].get("/today").text


def test_whoever_only_reads_sets_nothing_aside(people):
    assert aside_links(people["auditor"].get("/alerts").text) == []
    (link, *_rest) = aside_links(people["planner"].get("/alerts").text)
    for who in ("auditor", "stranger"):
        assert people[who].get(link).status_code == 404


@pytest.mark.parametrize(
    "alert", ["", "low", "low.1.2", "low.1.2.x", "odd.1.2.3", "low.1.2.999999"]
)
def test_an_address_of_no_alert_is_not_found(people, alert):
    assert people["planner"].get(f"/alerts/aside?alert={alert}").status_code == 404
    answer = people["planner"].post(f"/alerts/back?alert={alert}", data={"command_id": new_id()})
    assert answer.status_code == 404


def test_a_limit_is_set_for_an_item_and_taken_away(people):
    planner = people["planner"]
    page = planner.get("/alerts/limits").text
    organisation = re.search(r'<option[^>]*value="(\d+)"', page)[1]
    fields = {"organisation": organisation, "item": "BISCUIT", "days": "21", "least": "200"}
    answer = planner.post("/alerts/limits", data=fields | {"command_id": new_id()})
    assert answer.status_code == 303
    assert "200 pc" in planner.get("/alerts/limits").text
    assert "at least 200 pc are kept" in planner.get("/alerts?kind=low").text
    fields |= {"days": "", "least": ""}
    planner.post("/alerts/limits", data=fields | {"command_id": new_id()})
    assert "200 pc" not in planner.get("/alerts/limits").text
    wrong = fields | {"command_id": new_id(), "item": "no such thing", "days": "3"}
    assert planner.post("/alerts/limits", data=wrong).status_code == 422
