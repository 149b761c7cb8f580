"""A site asks on a phone, a planner decides on the desk, the asker sees it; others see nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db import audit
from aidlog.db.commands import new_id
from aidlog.db.transaction import prepare as prepare_engine
from aidlog.db.transaction import writing
from aidlog.registry.models import Item
from aidlog.registry.roles import Role
from tests.conftest import TEST_KEY
from tests.dispatch.chain import Trip, make_ends
from tests.factories import make_actor, make_count, make_organisation, make_standard
from tests.signing import sign_in


@pytest.fixture
def session(sqlite_url):
    """A session beside the app's, on the same database."""
    engine = create_engine(sqlite_url)
    prepare_engine(engine)
    audit.use_key(engine, TEST_KEY.encode())
    with Session(engine) as session:
        yield session
    engine.dispose()


@dataclass
class World:
    trip: Trip
    item: Item
    planner: Actor
    second: Actor
    stranger: Actor


@pytest.fixture
def world(session) -> World:
    with writing(session):
        trip = make_ends(session)
        item = session.get_one(Item, trip.lots[0].item_id)
        make_count(session, trip.site, people=500, counted_on=datetime.now(UTC).date())
        make_standard(session, item)
        other = make_organisation(session, code="LKA", name="Lake Alliance")
        return World(
            trip=trip,
            item=item,
            planner=make_actor(session, Role.PLANNER),
            second=make_actor(session, Role.PLANNER),
            stranger=make_actor(session, Role.PLANNER, organisation=other),
        )


def browser_of(app, actor):
    return sign_in(app.test_client(), actor.user_id)


def rows_of(text):
    return dict(re.findall(r'name="(lines-\d+-(?:item|size|line))"[^>]*value="([^"]*)"', text))


def ask(browser, packs="8"):
    """Ask for the one item of the site's page; return the number."""
    data = rows_of(browser.get("/s/ask").text)
    data |= {"command_id": new_id(), "reason": "Rain came in", "lines-0-packs": packs}
    answer = browser.post("/s/ask", data=data)
    assert answer.status_code == 303, answer.text
    return re.search(r"RQ-[A-Z]+-\d\d-\d{4}", browser.get("/s/ask").text)[0]


def decide(browser, number, **fields):
    rows = rows_of(browser.get(f"/requisitions/{number}").text)
    data = rows | {"command_id": new_id(), "act": "approve", **fields}
    return browser.post(f"/requisitions/{number}/decide", data=data)


def test_a_request_is_asked_decided_in_part_and_the_asker_reads_why(app, world):
    lead, planner = browser_of(app, world.trip.lead), browser_of(app, world.planner)
    number = ask(lead)
    assert "Requests of sites to decide on" in planner.get("/today").text
    assert number in planner.get("/requisitions?show=waiting").text
    assert f"/requisitions/{number}" in planner.get(f"/find?q={number}").text
    refused = decide(planner, number, **{"lines-0-packs": "5"})
    assert refused.status_code == 422
    assert "Write why, the asker sees it" in refused.text
    why = {"lines-0-packs": "5", "lines-0-why": "Others wait", "lets_count": "y"}
    rows = rows_of(planner.get(f"/requisitions/{number}").text)
    assert decide(planner, number, **why).status_code == 303
    assert "Others wait" in lead.get("/s/ask").text
    assert decide(planner, number, **rows, **why).status_code == 409
    cell = f"/needs?cell={world.trip.site.code}~{world.item.code}"
    assert number in planner.get(cell).text
    made = planner.get(
        f"/waybills/new?from={world.trip.origin.code}&to={world.trip.site.code}&requisition={number}"
    )
    assert re.search(r'name="lines-0-packs"[^>]*value="5"', made.text)


def test_a_request_is_withdrawn_and_opened_again_only_with_a_reason(app, world):
    lead = browser_of(app, world.trip.lead)
    number = ask(lead)
    for what, said in (("withdraw", "withdrawn"), ("reopen", "waits for a decision")):
        path = f"/requisitions/{number}/{what}"
        assert lead.post(path, data={"command_id": new_id(), "note": " "}).status_code == 422
        done = lead.post(path, data={"command_id": new_id(), "note": "A mistake"})
        assert done.status_code == 303
        assert said in lead.get(f"/requisitions/{number}").text


def test_another_organisation_finds_nothing_of_a_request(app, world):
    number = ask(browser_of(app, world.trip.lead))
    stranger = browser_of(app, world.stranger)
    assert stranger.get(f"/requisitions/{number}").status_code == 404
    assert number not in stranger.get("/requisitions?show=all").text
    assert number not in stranger.get(f"/find?q={number}").text.split("<main", 1)[1].replace(
        f'value="{number}"', ""
    )
    assert decide(stranger, number).status_code == 404


def test_a_planner_records_an_assessment_and_lets_it_count_with_a_reason(app, world):
    planner = browser_of(app, world.planner)
    form = {
        "command_id": new_id(),
        "site": str(world.trip.site.id),
        "assessed_on": datetime.now(UTC).date().isoformat(),
        "source": "Shelter team",
        "confidence": "counted",
        "rows-0-item": f"{world.item.code} {world.item.name_en}",
        "rows-0-known": f"{world.item.id}:10",
        "rows-0-packs": "62",
        "act": "save",
    }
    assert planner.post("/assessments/new", data=form).status_code == 303
    assert "620 pc" in planner.get("/assessments").text
    choice = {
        "site": world.trip.site.code,
        "item": world.item.code,
        "counts": "assessed",
        "back": "",
    }
    cell = f"/needs?cell={world.trip.site.code}~{world.item.code}"
    for reason, shown in (("", "By standards"), ("The team saw it", "Assessed")):
        data = choice | {"command_id": new_id(), "reason": reason}
        assert planner.post("/needs/counts", data=data).status_code == 303
        text = planner.get(cell).text
        counted = re.search(r'row">([^<]+?) <span class="chip good"', text)[1]
        assert counted.strip() == shown
    strange = choice | {"command_id": new_id(), "reason": "Seen", "back": "//[&zone=north"}
    answer = planner.post("/needs/counts", data=strange)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/needs")
    assert "zone=north" in answer.location


def test_a_waybill_says_which_request_it_serves_and_can_serve_none(app, world, session):
    lead, planner = browser_of(app, world.trip.lead), browser_of(app, world.planner)
    number = ask(lead)
    assert decide(planner, number, **{"lines-0-packs": "8"}).status_code == 303
    path = f"/waybills/new?from={world.trip.origin.code}&to={world.trip.site.code}"
    data = rows_of(planner.get(path).text) | {"command_id": new_id(), "lines-0-packs": "3"}
    waybill = planner.post(path, data=data).location.rsplit("/", 1)[1]
    assert number in planner.get(f"/waybills/{waybill}").text
    shown = planner.get(f"/requisitions/{number}").text
    assert waybill in shown
    assert "Take the decision back" not in shown
    none = {"command_id": new_id(), "number": ""}
    assert planner.post(f"/waybills/{waybill}/cite", data=none).status_code == 303
    assert waybill not in planner.get(f"/requisitions/{number}").text
