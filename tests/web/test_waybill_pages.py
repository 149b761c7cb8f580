"""Waybills and the pages of a site through the browser: what is asked, kept and never shown."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session

from aidlog.db import audit
from aidlog.db.commands import new_id
from aidlog.db.transaction import prepare as prepare_engine
from aidlog.db.transaction import writing
from aidlog.dispatch.finding import lines_of, locked
from aidlog.dispatch.marks import token, typed_code
from aidlog.dispatch.models import Waybill, WaybillState
from aidlog.dispatch.receipts import Counted
from aidlog.extensions import db as flask_db
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Vehicle
from aidlog.registry.roles import Role
from aidlog.stock.queries import lots_at
from tests.conftest import TEST_KEY
from tests.dispatch.chain import (
    count,
    make_approved_plan,
    make_ends,
    number_of,
    prepare,
    send,
)
from tests.factories import make_actor, make_item, make_lot, make_place
from tests.signing import sign_in

SECRET = "Secretname Valley"


@pytest.fixture
def session(sqlite_url):
    """A session beside the app's, on the same database: requests have contexts of their own."""
    engine = create_engine(sqlite_url)
    prepare_engine(engine)
    audit.use_key(engine, TEST_KEY.encode())
    with Session(engine) as session:
        yield session
    engine.dispose()


def browser_of(app, actor, **more):
    return sign_in(app.test_client(), actor.user_id, **more)


@pytest.fixture
def trip(session):
    """A truck with 200 and 31 on its way to a protected site."""
    with writing(session):
        trip = make_ends(session, (400, 60))
        trip.site.name, trip.site.area = SECRET, "North zone"
        send(session, prepare(session, trip, 200, 31))
    return trip


def moment(delta=timedelta(hours=-3)):
    return (datetime.now(UTC) + delta).strftime("%Y-%m-%dT%H:%M")


def answers(**more):
    """All of line 1 came; of line 2, three packs and one blanket of 31, one of them damaged."""
    return {
        "command_id": new_id(),
        "arrived_at": moment(),
        "lines-0-answer": "all",
        "lines-1-answer": "other",
        "lines-1-packs": "2",
        "lines-1-loose": "8",
        "lines-1-damaged_loose": "1",
        "received_by": "J. Bahati",
        "step": "confirm",
    } | more


def rows_of(page):
    """Return the hidden fields that say which item stands in which row of a form."""
    return dict(re.findall(r'name="(lines-\d+-(?:item|size))"[^>]*value="(\d+)"', page))


def at_site(session, trip):
    session.rollback()
    return {lot.lot_id: lot.on_hand for lot in lots_at(session, AccountKind.SITE, trip.site.id)}


def test_the_inbox_shows_what_is_coming_and_not_the_name_of_a_protected_site(app, session, trip):
    page = browser_of(app, trip.lead).get("/s/")
    assert page.status_code == 200
    assert trip.number in page.text
    assert trip.site.code in page.text
    assert SECRET not in page.text


def test_nothing_is_chosen_beforehand(app, session, trip):
    page = browser_of(app, trip.lead).get(f"/s/in/{trip.number}").text
    assert page.count('type="radio"') == 4
    assert "checked" not in page
    assert not re.search(r'name="lines-\d-\w+"[^>]*value="[0-9]', page)


def test_an_open_line_is_asked_for_again_and_nothing_typed_is_lost(app, session, trip):
    form = answers(step="check")
    del form["lines-0-answer"]
    page = browser_of(app, trip.lead).post(f"/s/in/{trip.number}", data=form)
    assert page.status_code == 422
    assert "choose what arrived" in page.text
    assert 'value="8"' in page.text
    assert at_site(session, trip) == {}


def test_what_is_missing_is_worked_out_and_shown_before_it_counts(app, session, trip):
    page = browser_of(app, trip.lead).post(f"/s/in/{trip.number}", data=answers(step="check"))
    assert page.status_code == 200
    assert "2 pc missing" in page.text
    assert "1 pc damaged" in page.text
    assert at_site(session, trip) == {}


def test_a_confirmed_count_is_kept_under_the_servers_number(app, session, trip):
    browser = browser_of(app, trip.lead)
    done = browser.post(f"/s/in/{trip.number}", data=answers())
    assert done.status_code == 303
    page = browser.get(done.location).text
    assert re.search(r"R-KRB-\d\d-0001", page)
    assert re.search(r"LR-KRB-\d\d-0001", page)
    first, second = trip.lots
    assert at_site(session, trip) == {first.id: 200, second.id: 28}


def test_the_same_form_sent_twice_counts_once(app, session, trip):
    browser, form = browser_of(app, trip.lead), answers()
    assert browser.post(f"/s/in/{trip.number}", data=form).status_code == 303
    assert browser.post(f"/s/in/{trip.number}", data=form).status_code == 303
    assert at_site(session, trip) == {trip.lots[0].id: 200, trip.lots[1].id: 28}
    assert "0002" not in browser.get(f"/s/in/{trip.number}/kept").text


def test_two_phones_with_different_counts_leave_both_on_record(app, session, trip):
    with writing(session):
        other = make_actor(session, Role.SITE_LEAD, place=trip.site)
    browser_of(app, trip.lead).post(f"/s/in/{trip.number}", data=answers())
    second = browser_of(app, other)
    form = answers(**{"lines-1-loose": "9", "lines-1-damaged_loose": ""})
    done = second.post(f"/s/in/{trip.number}", data=form)
    assert done.status_code == 303
    page = second.get(done.location).text
    assert "Two people counted, and not the same" in page
    assert at_site(session, trip) == {trip.lots[0].id: 200, trip.lots[1].id: 28}


def test_a_count_without_a_name_is_not_kept(app, session, trip):
    page = browser_of(app, trip.lead).post(f"/s/in/{trip.number}", data=answers(received_by=" "))
    assert page.status_code == 422
    assert "stands for your signature" in page.text
    assert at_site(session, trip) == {}


def test_another_sites_waybill_is_not_there(app, session, trip):
    with writing(session):
        stranger = make_actor(session, Role.SITE_LEAD, place=make_place(session))
    browser = browser_of(app, stranger)
    for path in ("", "/kept", "/late"):
        assert browser.get(f"/s/in/{trip.number}{path}").status_code == 404
    assert browser.post(f"/s/in/{trip.number}", data=answers()).status_code == 404
    assert trip.number not in browser.get("/s/").text
    assert browser.get(f"/s/stock?site={trip.site.code}").status_code == 404
    assert browser.get(f"/waybills/{trip.number}").status_code == 404


def test_the_typed_code_opens_its_waybill_and_a_wrong_one_says_what_to_do(app, session, trip):
    browser = browser_of(app, trip.lead)
    code = typed_code(trip.number, trip.check)
    found = browser.get(f"/s/find?code={code.lower()}")
    assert found.status_code == 303
    assert found.location.endswith(f"/s/in/{trip.number}")
    missing = browser.get("/s/find?code=KRB-26-9999-AA")
    assert missing.status_code == 404
    assert "letter by letter" in missing.text


def test_the_qr_code_leads_each_to_their_page_and_a_guess_to_nothing(app, session, trip):
    secret = token(session, trip.number)
    path = f"/W/{trip.number}/{trip.check}/{secret}"
    lead = browser_of(app, trip.lead)
    assert lead.get(path).location.endswith(f"/s/in/{trip.number}")
    clerk = browser_of(app, trip.clerk)
    assert clerk.get(path.replace("/W/", "/w/")).location.endswith(f"/waybills/{trip.number}")
    assert lead.get(f"/W/{trip.number}/{trip.check}/{'A' * 16}").status_code == 404
    assert lead.get(f"/W/{trip.number}/ZZ/{secret}").status_code == 404
    assert app.test_client().get(path).status_code == 302


def test_missing_goods_that_turn_up_are_taken_in(app, session, trip):
    browser = browser_of(app, trip.lead)
    browser.post(f"/s/in/{trip.number}", data=answers())
    too_many = {"command_id": new_id(), "arrived_at": moment(), "lines-0-loose": "3"}
    assert browser.post(f"/s/in/{trip.number}/late", data=too_many).status_code == 422
    found = {
        "command_id": new_id(),
        "arrived_at": moment(),
        "lines-1-line": "2",
        "lines-1-loose": "2",
    }
    assert browser.post(f"/s/in/{trip.number}/late", data=found).status_code == 303
    assert at_site(session, trip)[trip.lots[1].id] == 30
    assert browser.get(f"/s/in/{trip.number}/late").status_code == 404


def test_totals_handed_out_leave_the_site_and_more_than_there_is_refused(app, session, trip):
    browser = browser_of(app, trip.lead)
    browser.post(f"/s/in/{trip.number}", data=answers())
    form = {
        "command_id": new_id(),
        "handed_on": datetime.now(UTC).strftime("%Y-%m-%d"),
        "households": "40",
        "lines-0-packs": "21",
        **rows_of(browser.get("/s/give").text),
    }
    refused = browser.post("/s/give", data=form)
    assert refused.status_code == 422
    assert "can be handed out here" in refused.text
    done = browser.post("/s/give", data=form | {"command_id": new_id(), "lines-0-packs": "12"})
    assert done.status_code == 303
    assert sum(at_site(session, trip).values()) == 228 - 120
    page = browser.get(done.location).text
    assert re.search(r"D-KRB-\d\d-0001", page)
    assert "40 households" in page


def test_the_list_to_sign_prints_for_ones_own_site(app, session, trip):
    browser = browser_of(app, trip.lead)
    assert browser.get("/s/sheet.pdf").status_code == 422
    browser.post(f"/s/in/{trip.number}", data=answers())
    page = browser.get("/s/sheet.pdf?from=1&to=30")
    assert page.mimetype == "application/pdf"
    assert page.data.startswith(b"%PDF")
    assert SECRET.encode() not in page.data


def test_a_count_of_people_is_added_by_the_lead_of_the_site(app, session, trip):
    browser = browser_of(app, trip.lead)
    form = {
        "command_id": new_id(),
        "people": "1 250",
        "households": "270",
        "counted_on": datetime.now(UTC).strftime("%Y-%m-%d"),
        "confidence": "counted",
        "source": "Block leaders",
    }
    assert browser.post("/s/people", data=form).status_code == 303
    assert "1,250" in browser.get("/s/people").text
    assert browser.post("/s/people", data=form | {"people": "12.5"}).status_code == 422


def test_pages_of_a_site_speak_the_chosen_language(app, session, trip):
    page = browser_of(app, trip.lead, language="fr").get(f"/s/in/{trip.number}")
    assert '<html lang="fr"' in page.text


# What planners and storekeepers see.


@pytest.fixture
def planner(session):
    with writing(session):
        return make_actor(session, Role.PLANNER)


def test_lists_show_late_trucks_and_no_protected_name(app, session, trip, planner):
    browser = browser_of(app, planner)
    page = browser.get("/waybills").text
    assert trip.number in page
    assert "late" in page
    assert SECRET not in page
    assert trip.number in browser.get("/waybills?state=late").text
    assert trip.number not in browser.get("/waybills?state=prepared").text
    assert browser.get("/waybills?state=nonsense").status_code == 200


def test_a_waybill_shows_its_story_and_prints_under_its_number(app, session, trip, planner):
    with writing(session):
        count(
            session,
            trip,
            Counted(line=1, good=200),
            Counted(line=2, good=28, damaged=1, missing=2),
        )
    browser = browser_of(app, planner)
    page = browser.get(f"/waybills/{trip.number}")
    assert page.status_code == 200
    assert "goods missing" in page.text
    assert SECRET not in page.text
    pdf = browser.get(f"/waybills/{trip.number}/print.pdf")
    assert pdf.mimetype == "application/pdf"
    assert trip.number in pdf.headers["Content-Disposition"]
    assert trip.site.code not in pdf.headers["Content-Disposition"]
    assert SECRET.encode() not in pdf.data
    assert browser.get(f"/waybills/{trip.number}/sheet.pdf?to=20").data.startswith(b"%PDF")


def test_a_plan_is_dispatched_truck_by_truck(app, session, planner):
    with writing(session):
        trip = make_ends(session, (400, 60))
        plan = number_of(session, make_approved_plan(session, trip, 300, 60))
        session.add(
            Vehicle(
                organisation_id=trip.origin.organisation_id,
                plate="RAF 218 C",
                max_grams=320_000,
                max_litres=20_000,
            )
        )
    browser = browser_of(app, planner)
    page = browser.get(f"/plans/{plan}/dispatch").text
    loads = re.findall(r'name="load" value="([^"]+)"', page)
    assert len(loads) == 2
    form = {
        "command_id": new_id(),
        "origin": trip.origin.id,
        "destination": trip.site.id,
        "load": loads[0],
        "meeting_point": "At the junction, ask for the site desk",
    }
    assert browser.post(f"/plans/{plan}/dispatch", data=form).status_code == 303
    again = browser.get(f"/plans/{plan}/dispatch").text
    assert len(re.findall(r'name="load" value="', again)) == 1
    assert browser.post(f"/plans/{plan}/dispatch", data=form | {"load": "1-2"}).status_code == 404


def seen_on(shown: str) -> str:
    """Return what a form of a waybill says was on the screen."""
    return re.search(r'<input name="seen" type="hidden" value="([^"]*)"', shown)[1]


def changing(browser, number, **fields):
    """Return a form of /change as the browser would send it now."""
    seen = seen_on(browser.get(f"/waybills/{number}/change").text)
    return {"command_id": new_id(), "seen": seen} | fields


@pytest.mark.parametrize("act", ["change", "split"])
def test_a_waybill_that_changed_meanwhile_is_not_changed_by_rows_of_before(app, session, act):
    with writing(session):
        trip = prepare(session, make_ends(session, (400, 300)), 200, 100)
    browser = browser_of(app, trip.clerk)
    late = changing(browser, trip.number, act=act, **{"lines-0-packs": "10", "lines-1-packs": "10"})
    form = changing(
        browser, trip.number, act="change", **{"lines-1-line": "2", "lines-1-packs": "10"}
    )
    assert browser.post(f"/waybills/{trip.number}/change", data=form).status_code == 303
    answer = browser.post(f"/waybills/{trip.number}/change", data=late)
    assert answer.status_code == 409
    assert "was changed while you looked at it" in answer.text
    session.rollback()
    shelf = lots_at(session, AccountKind.WAREHOUSE, trip.origin.id)
    assert {lot.lot_id: lot.reserved for lot in shelf} == {trip.lots[0].id: 0, trip.lots[1].id: 100}
    assert 'name="lines-1-packs"' not in answer.text, "the page shows what it carries now"


def test_a_change_sent_twice_counts_once(app, session):
    with writing(session):
        trip = prepare(session, make_ends(session), 200)
    browser = browser_of(app, trip.clerk)
    form = changing(browser, trip.number, act="split", **{"lines-0-packs": "12"})
    for _time in range(2):
        assert browser.post(f"/waybills/{trip.number}/change", data=form).status_code == 303
    session.rollback()
    assert len(session.scalars(select(Waybill)).all()) == 2


def test_a_waybill_that_changed_meanwhile_is_not_loaded_unseen(app, session):
    with writing(session):
        trip = prepare(session, make_ends(session, (400, 300)), 200, 100)
    browser = browser_of(app, trip.clerk)
    seen = seen_on(browser.get(f"/waybills/{trip.number}/load").text)
    form = changing(browser, trip.number, act="change", **{"lines-1-packs": "10"})
    assert browser.post(f"/waybills/{trip.number}/change", data=form).status_code == 303
    answer = browser.post(f"/waybills/{trip.number}/load", data=loading_form(seen=seen))
    assert answer.status_code == 409
    assert "RAF 218 C" in answer.text, "what was typed of the trip is kept"
    session.rollback()
    assert locked(session, trip.number)[0].state is WaybillState.PREPARED


@pytest.mark.parametrize("seen", ["", "1:2", "x", "1:2:0"])
def test_a_form_without_its_lines_loads_nothing(app, session, seen):
    with writing(session):
        trip = prepare(session, make_ends(session), 200)
    browser = browser_of(app, trip.clerk)
    answer = browser.post(f"/waybills/{trip.number}/load", data=loading_form(seen=seen))
    assert answer.status_code in {409, 422}
    session.rollback()
    assert locked(session, trip.number)[0].state is WaybillState.PREPARED


def test_the_weight_of_the_second_line_is_not_taken_for_that_of_the_first(app, session):
    with writing(session):
        trip = make_ends(session, (400,))
        heavy = make_item(session, weight_mg=None, volume_mm3=None)
        trip.lots.append(make_lot(session, warehouse=trip.origin, item=heavy, quantity=50))
        prepare(session, trip, 200, 50)
    browser = browser_of(app, trip.clerk)
    page = browser.get(f"/waybills/{trip.number}/load").text
    assert 'name="lines-0-kg"' not in page, "the weight of the first line is known"
    form = loading_form(
        seen=seen_on(page),
        **{"lines-0-line": "1", "lines-1-line": "2", "lines-1-kg": "75", "lines-1-litres": "120.5"},
    )
    del form["lines-0-line"], form["lines-0-other"]
    assert browser.post(f"/waybills/{trip.number}/load", data=form).status_code == 303
    session.rollback()
    lines = lines_of(session, locked(session, trip.number)[0])
    assert [(line.grams, line.millilitres) for line in lines] == [
        (320_000, 2_000_000),
        (75_000, 120_500),
    ]


def test_of_two_lines_the_second_alone_comes_back(app, session, trip):
    browser = browser_of(app, trip.clerk)
    first = {
        "command_id": new_id(),
        "at": moment(timedelta(minutes=-5)),
        "lines-0-line": "1",
        "lines-0-packs": "20",
    }
    assert browser.post(f"/waybills/{trip.number}/return", data=first).status_code == 303
    page = browser.get(f"/waybills/{trip.number}/return").text
    assert 'name="lines-0-packs"' not in page
    second = {
        "command_id": new_id(),
        "at": moment(timedelta(minutes=-4)),
        "lines-1-line": "2",
        "lines-1-loose": "31",
    }
    assert browser.post(f"/waybills/{trip.number}/return", data=second).status_code == 303
    session.rollback()
    assert locked(session, trip.number)[0].state is WaybillState.RETURNED


def test_at_a_site_what_arrives_late_is_booked_on_the_line_that_it_was_typed_for(
    app, session, trip
):
    with writing(session):
        count(
            session,
            trip,
            Counted(line=1, good=190, missing=10),
            Counted(line=2, good=29, missing=2),
        )
    browser = browser_of(app, trip.lead)
    path = f"/s/in/{trip.number}/late"
    at = moment(timedelta(minutes=-5))
    open_form = {"arrived_at": at, "lines-1-line": "2", "lines-1-loose": "2"}
    first = {"command_id": new_id(), "arrived_at": at, "lines-0-line": "1", "lines-0-packs": "1"}
    assert browser.post(path, data=first).status_code == 303
    last = {"command_id": new_id()} | open_form
    for _time in range(2):
        assert browser.post(path, data=last).status_code == 303
    session.rollback()
    assert locked(session, trip.number)[0].state is WaybillState.RECEIVED


def loading_form(**more):
    return {
        "command_id": new_id(),
        "vehicle": "0",
        "plate": "RAF 218 C",
        "driver": "Driver One",
        "left_at": moment(timedelta(hours=-2)),
        "expected_at": moment(timedelta(hours=4)),
        "lines-0-other": "0",
    } | more


def test_a_prepared_waybill_is_loaded_and_leaves(app, session):
    with writing(session):
        trip = prepare(session, make_ends(session), 200)
    browser = browser_of(app, trip.clerk)
    assert "Load and send" in browser.get(f"/waybills/{trip.number}").text
    seen = seen_on(browser.get(f"/waybills/{trip.number}/load").text)
    bare = browser.post(f"/waybills/{trip.number}/load", data=loading_form(plate="", seen=seen))
    assert bare.status_code == 422
    assert "number plate" in bare.text
    done = browser.post(f"/waybills/{trip.number}/load", data=loading_form(seen=seen))
    assert done.status_code == 303
    session.rollback()
    assert locked(session, trip.number)[0].state is WaybillState.ON_THE_ROAD
    assert browser.get(f"/waybills/{trip.number}/load").status_code == 404


def test_a_waybill_is_made_from_free_stock_and_split(app, session):
    with writing(session):
        trip = make_ends(session)
    browser = browser_of(app, trip.clerk)
    assert trip.origin.code in browser.get("/waybills/new").text
    path = f"/waybills/new?from={trip.origin.code}&to={trip.site.code}"
    shown = browser.get(path).text
    assert "40 bales" in shown
    row = rows_of(shown)
    too_much = browser.post(path, data={"command_id": new_id(), "lines-0-packs": "41", **row})
    assert too_much.status_code == 409
    empty = browser.post(path, data={"command_id": new_id(), **row})
    assert empty.status_code == 422
    done = browser.post(path, data={"command_id": new_id(), "lines-0-packs": "20", **row})
    assert done.status_code == 303
    number = done.location.rsplit("/", 1)[1]
    form = changing(browser, number, act="split", **{"lines-0-packs": "12"})
    assert browser.post(f"/waybills/{number}/change", data=form).status_code == 303
    session.rollback()
    rows = lots_at(session, AccountKind.WAREHOUSE, trip.origin.id)
    assert [row.reserved for row in rows] == [200]
    assert "12 bales" in browser.get(f"/waybills/{number}").text
    cancel = browser.post(f"/waybills/{number}/cancel", data={"command_id": new_id()})
    assert cancel.status_code == 303
    session.rollback()
    assert [row.reserved for row in lots_at(session, AccountKind.WAREHOUSE, trip.origin.id)] == [80]


def test_a_clerk_types_in_the_paper_but_not_of_their_own_load(app, session, trip):
    own = browser_of(app, trip.clerk)
    assert own.post(f"/waybills/{trip.number}/receipt", data=answers()).status_code == 404
    with writing(session):
        colleague = make_actor(session, Role.STOREKEEPER, place=trip.origin)
    browser = browser_of(app, colleague)
    assert browser.get(f"/waybills/{trip.number}/receipt").status_code == 200
    checked = browser.post(f"/waybills/{trip.number}/receipt", data=answers(step="check"))
    assert "missing" in checked.text
    assert browser.post(f"/waybills/{trip.number}/receipt", data=answers()).status_code == 303
    assert "From the signed paper" in browser.get(f"/waybills/{trip.number}").text


def test_what_came_back_is_on_the_shelf_again(app, session, trip):
    browser = browser_of(app, trip.clerk)
    form = {
        "command_id": new_id(),
        "at": moment(timedelta(minutes=-5)),
        "lines-0-packs": "20",
        "lines-1-loose": "31",
    }
    assert browser.get(f"/waybills/{trip.number}/return").status_code == 200
    assert browser.post(f"/waybills/{trip.number}/return", data=form).status_code == 303
    session.rollback()
    assert locked(session, trip.number)[0].state is WaybillState.RETURNED


def test_a_loss_is_booked_by_a_second_person_with_a_reason(app, session, trip, planner):
    with writing(session):
        report = count(
            session, trip, Counted(line=1, good=200), Counted(line=2, good=29, missing=2)
        )["loss_report"]
    browser = browser_of(app, planner)
    assert report in browser.get("/losses?state=open").text
    assert browser.get(f"/losses/{report}").status_code == 200
    empty = browser.post(f"/losses/{report}", data={"command_id": new_id(), "reason": ""})
    assert empty.status_code == 422
    form = {"command_id": new_id(), "reason": "Robbed at the bridge, police note kept"}
    assert browser.post(f"/losses/{report}", data=form).status_code == 303
    browser.get("/losses")  # shows the sentence that it is booked, once
    assert report not in browser.get("/losses?state=open").text
    assert browser_of(app, trip.clerk).get(f"/losses/{report}").status_code == 404


def test_a_stranger_sees_no_waybill_and_no_report(app, session, trip):
    from tests.factories import make_organisation

    with writing(session):
        other = make_organisation(session, code="OTH", name="Other")
        stranger = make_actor(session, Role.PLANNER, organisation=other)
    browser = browser_of(app, stranger)
    assert trip.number not in browser.get("/waybills?state=all").text
    for path in ("", "/print.pdf", "/sheet.pdf", "/load", "/receipt", "/return", "/change"):
        assert browser.get(f"/waybills/{trip.number}{path}").status_code == 404


def statements_of(app, browser, path):
    """Return how many statements the page at ``path`` asks."""
    asked = []
    with app.app_context():
        engine = flask_db.engine

    def note(*args):
        asked.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sum(statement.startswith("SELECT") for statement in asked)


@pytest.mark.parametrize("path", ["/waybills?state=all", "/losses", "/s/", "/s/stock"])
def test_a_list_asks_the_same_however_long_it_is(app, session, trip, planner, path):
    browser = browser_of(app, trip.lead if path.startswith("/s/") else planner)

    def deliver():
        with writing(session):
            send(session, prepare(session, trip, 5, 5))
            count(session, trip, Counted(line=1, good=4, missing=1), Counted(line=2, good=5))
            send(session, prepare(session, trip, 5))

    deliver()
    few = statements_of(app, browser, path)
    for _ in range(3):
        deliver()
    assert statements_of(app, browser, path) == few
    assert few <= 10
