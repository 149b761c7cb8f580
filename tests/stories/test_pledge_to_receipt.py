"""The whole story through the browser, on both databases: from a promise to people's hands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from aidlog.db import audit
from aidlog.db.transaction import prepare as prepare_engine
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, Place
from aidlog.registry.roles import Role
from aidlog.stock.models import StockTotal
from aidlog.stock.soundness import faults
from tests.conftest import TEST_KEY
from tests.factories import (
    make_count,
    make_item,
    make_person,
    make_place,
    make_route,
    make_standard,
    make_warehouse,
)
from tests.signing import sign_in
from tests.stories.browsing import fields_of, send, send_on

SECRET = "Secretname Valley"


@dataclass
class World:
    warehouse: Place
    site: Place
    item: Item
    people: dict[str, int]


@pytest.fixture
def app(make_app, database):
    app = make_app(database)
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def session(app, database):
    engine = create_engine(database)
    prepare_engine(engine)
    audit.use_key(engine, TEST_KEY.encode())
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture
def world(session):
    """One warehouse, one protected site of 600 people who are due a blanket each, five people."""
    with writing(session):
        warehouse = make_warehouse(session, code="HUB", name="Lake hub")
        site = make_place(session, code="S07", name=SECRET, area="North zone")
        item = make_item(session, code="HSHEBLAN", name="Blanket, medium")
        make_standard(session, item=item)
        make_count(session, site, people=600, households=120)
        make_route(session, warehouse, site)
        people = {
            "keeper": make_person(session, Role.STOREKEEPER, place=warehouse).id,
            "planner": make_person(session, Role.PLANNER).id,
            "second": make_person(session, Role.PLANNER).id,
            "lead": make_person(session, Role.SITE_LEAD, place=site).id,
        }
    return World(warehouse, site, item, people)


def clock(delta: timedelta = timedelta()) -> str:
    """Return a moment as the tests' operation (Africa/Kigali, two hours ahead) types it."""
    return (datetime.now(UTC) + timedelta(hours=2) + delta).strftime("%Y-%m-%dT%H:%M")


def stands(session, kind, place=None):
    return sum(total.on_hand for total in totals(session, kind, place))


def totals(session, kind, place=None):
    session.rollback()
    return [
        total
        for total in session.query(StockTotal).filter_by(kind=kind)
        if place is None or total.key == place.id
    ]


def promise(keeper):
    """Record a church's pledge of 400 blankets; return its reference and its private link."""
    promised = send(
        keeper, "/pledges/new", item="HSHEBLAN", quantity=400, donor_name="Church by the lake"
    )
    assert promised.status_code == 303, promised.text
    link = re.search(r"/t/[A-Za-z0-9_-]+", keeper.get(promised.location).text)[0]
    return promised.location.rsplit("/", 1)[1], link


def receive(keeper, reference):
    """Count what came: 39 bales, ten blankets of them wet; check, then save."""
    path = f"/receive/{reference}"
    typed = {
        "lines-0-packs": 39,
        "lines-0-damaged": 10,
        "lines-0-lot": "CH-1",
        "lines-0-no_expiry": "y",
        "lines-0-reason": "Wet bales",
    }
    check = send(keeper, path, act="check", **typed)
    assert check.status_code == 200, check.text
    note = send_on(keeper, path, check, act="save")
    assert note.status_code == 303, note.text


def plan_and_approve(planner, second):
    """Ask who gets what, and let another person approve it; return the plan's number."""
    asked = send(planner, "/plans/new", title="Blankets before the rains")
    assert asked.status_code == 303, asked.text
    plan = asked.location.split("/")[2]
    shown = planner.get(f"/plans/{plan}")
    assert shown.status_code == 200
    sent_on = planner.post(f"/plans/{plan}/submit", data=fields_of(shown.text))
    assert sent_on.status_code == 303
    approved = send(second, f"/plans/{plan}/approve")
    assert approved.status_code == 303, approved.text
    return plan


def prepare_and_load(planner, keeper, plan):
    """Prepare the one truck that the plan needs, print its paper, let it leave."""
    meeting_point = "At the water tower, call the desk"
    prepared = send(planner, f"/plans/{plan}/dispatch", meeting_point=meeting_point)
    assert prepared.status_code == 303, prepared.text
    waybill = re.search(r"WB-KRB-\d\d-\d{4}", keeper.get("/waybills").text)[0]
    loaded = send(
        keeper,
        f"/waybills/{waybill}/load",
        plate="RAF 218 C",
        driver="Driver One",
        left_at=clock(timedelta(hours=-4)),
        expected_at=clock(timedelta(hours=2)),
    )
    assert loaded.status_code == 303, loaded.text
    paper = keeper.get(f"/waybills/{waybill}/print.pdf")
    assert paper.data.startswith(b"%PDF")
    assert SECRET.encode() not in paper.data
    return waybill


def confirm(lead, waybill):
    """Count 370 good, 4 torn, 6 missing, and send it twice; return the loss report's number."""
    assert waybill in lead.get("/s/").text
    path = f"/s/in/{waybill}"
    typed = {"lines-0-answer": "other", "lines-0-packs": 37, "lines-0-damaged_loose": 4}
    check = send(lead, path, step="check", arrived_at=clock(timedelta(hours=-1)), **typed)
    assert "6 pc missing" in check.text
    counted = fields_of(check.text) | {"step": "confirm", "received_by": "J. Bahati"}
    answers = [lead.post(path, data=counted) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    kept = lead.get(answers[0].location).text
    assert set(re.findall(r"(?<!L)R-KRB-\d\d-\d{4}", kept)) == {
        f"R-KRB-{datetime.now(UTC):%y}-0001"
    }
    return re.search(r"LR-KRB-\d\d-\d{4}", kept)[0]


def test_a_promised_blanket_is_followed_to_the_people_it_was_for(app, session, world):
    keeper, planner, second, lead = (
        sign_in(app.test_client(), world.people[name])
        for name in ("keeper", "planner", "second", "lead")
    )
    reference, link = promise(keeper)
    assert stands(session, AccountKind.WAREHOUSE) == 0, "a promise is not stock"

    receive(keeper, reference)
    assert stands(session, AccountKind.WAREHOUSE, world.warehouse) == 380
    assert stands(session, AccountKind.QUARANTINE, world.warehouse) == 10

    plan = plan_and_approve(planner, second)
    [total] = totals(session, AccountKind.WAREHOUSE)
    assert (total.on_hand, total.reserved) == (380, 380)

    waybill = prepare_and_load(planner, keeper, plan)
    assert stands(session, AccountKind.TRANSIT) == 380

    report = confirm(lead, waybill)
    assert stands(session, AccountKind.SITE, world.site) == 370
    assert stands(session, AccountKind.TRANSIT) == 6

    booked = send(second, f"/losses/{report}", reason="Fell off at the ford; driver’s statement")
    assert booked.status_code == 303, booked.text
    assert stands(session, AccountKind.TRANSIT) == 0
    assert stands(session, AccountKind.LOSS) == 10

    given = send(lead, "/s/give", handed_on=clock()[:10], households=120, **{"lines-0-packs": 36})
    assert given.status_code == 303, given.text
    assert stands(session, AccountKind.SITE, world.site) == 10
    assert stands(session, AccountKind.PEOPLE, world.site) == 360

    card = planner.get("/stock/HUB/HSHEBLAN").text
    assert waybill in card
    assert "GRN-KRB" in card
    line = planner.get(f"/plans/{plan}/dispatch").text
    assert re.findall(r'<td class="n"[^>]*>([^<]+)</td>', line)[-4:] == [
        "380 pc",
        "380 pc",
        "370 pc",
        "360 pc",
    ]
    gift = app.test_client().get(link)
    assert gift.status_code == 200
    for secret in (SECRET, "S07", waybill, plan, "RAF 218 C"):
        assert secret not in gift.text
    for page in ("/waybills?state=all", f"/waybills/{waybill}", "/stock/HUB/HSHEBLAN", "/losses"):
        assert SECRET not in planner.get(page).text
    assert list(faults(session)) == []
    assert list(audit.breaks(session)) == []
