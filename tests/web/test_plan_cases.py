"""What-if cases through the client: asked for, compared, stopped, removed, taken."""

from __future__ import annotations

import re

import pytest

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.roles import Role
from tests.factories import command_id, make_organisation, make_person
from tests.planning.cases import make_case
from tests.signing import sign_in
from tests.web.test_plans import asked
from tests.web.test_plans import typed as typed_for


@pytest.fixture
def case(app):
    with app.app_context():
        with writing(db.session()) as session:
            case = make_case(session)
            other = make_organisation(session, code="ZZZ", name="Others")
            case.stranger = make_person(session, Role.PLANNER, organisation=other)
            case.auditor = make_person(session, Role.AUDITOR, organisation=case.organisation)
            session.flush()
            session.expunge_all()
        db.session.remove()
    return case


@pytest.fixture
def planner(app, case):
    return sign_in(app.test_client(), case.planner.id)


@pytest.fixture
def plan(planner, case):
    return asked(planner, case, **{"stores-0-max_kg": "160"})


def make(planner, plan, **typed):
    values = {"command_id": command_id(), "coming_to": "", "warehouse": "", **typed}
    return planner.post(f"/plans/{plan}/cases/new", data=values)


def trips(case, number="2"):
    return {"where": f"~trucks of {case.warehouse.code}", "trips": number, "trip_kg": "160"}


def test_a_plan_offers_what_if_and_each_limit_a_trial(planner, plan):
    page = planner.get(f"/plans/{plan}").text
    assert f'href="/plans/{plan}/cases"' in page
    assert f'action="/plans/{plan}/cases/limit"' in page
    assert "No case yet" in planner.get(f"/plans/{plan}/cases").text


def test_cases_stand_side_by_side_with_their_differences(planner, case, plan):
    assert make(planner, plan, title="Ferry", **trips(case)).status_code == 303
    road = f"{case.warehouse.code}~{case.sites[0].code}"
    assert make(planner, plan, close=road, people="10").status_code == 303
    page = planner.get(f"/plans/{plan}/cases").text
    assert "2 trips of 160 kg more" in page
    assert "10 % more people at every site." in page
    assert page.count("▲") > 3
    assert page.count("▼") > 3
    assert case.sites[0].name not in page
    assert "200 pc" in page  # what the plan sends to nobody, the ferry brings


def test_what_was_typed_is_kept_when_a_case_is_refused(planner, case, plan):
    answer = make(planner, plan, title="Ferry", **trips(case, number=""))
    assert answer.status_code == 422
    assert 'value="Ferry"' in answer.text
    assert "how many trips more" in answer.text
    assert make(planner, plan).status_code == 422
    for half in ({"trips": "2", "trip_kg": "5"}, {"packs": "3"}, {"item": case.item.code}):
        answer = make(planner, plan, **half | {"warehouse": case.warehouse.code})
        assert answer.status_code == 422, half


def test_the_promise_of_a_limit_comes_true_on_the_page(planner, plan):
    page = planner.get(f"/plans/{plan}").text
    promised = re.search(r"([0-9]+) more people × items covered", page)[1]
    data = {"command_id": command_id(), "limit": "0"}
    assert planner.post(f"/plans/{plan}/cases/limit", data=data).status_code == 303
    cases = planner.get(f"/plans/{plan}/cases").text
    assert f"more by</span> {promised}<" in cases


def test_a_case_is_taken_as_the_plan_with_its_reason(planner, case, plan):
    make(planner, plan, title="Ferry", **trips(case))
    url = f"/plans/{plan}/cases/1/take"
    assert "Take this case as the plan" in planner.get(url).text
    assert planner.post(url, data={"command_id": command_id()}).status_code == 422
    data = {"command_id": command_id(), "reason": "The ferry runs again"}
    answer = planner.post(url, data=data)
    assert answer.status_code == 303
    code = re.fullmatch(r"/plans/([^/]+)/solving", answer.location)[1]
    page = planner.get(f"/plans/{code}").text
    assert "The ferry runs again" in page
    assert "2 trips of 160 kg more" in page


def test_a_case_is_removed(planner, case, plan):
    make(planner, plan, **trips(case))
    data = {"command_id": command_id()}
    assert planner.post(f"/plans/{plan}/cases/1/remove", data=data).status_code == 303
    assert "No case yet" in planner.get(f"/plans/{plan}/cases").text


def test_work_that_has_ended_is_not_stopped(planner, case, plan):
    make(planner, plan, **trips(case))
    data = {"command_id": command_id(), "wish": "cancel"}
    answer = planner.post(f"/plans/{plan}/cases/1/stop", data=data)
    assert answer.status_code == 409
    assert "has ended" in answer.text


def test_the_cases_of_others_are_not_there_and_readers_change_nothing(app, case, planner, plan):
    make(planner, plan, **trips(case))
    stranger = sign_in(app.test_client(), case.stranger.id)
    auditor = sign_in(app.test_client(), case.auditor.id)
    assert stranger.get(f"/plans/{plan}/cases").status_code == 404
    assert auditor.get(f"/plans/{plan}/cases").status_code == 200
    assert "Take this case" not in auditor.get(f"/plans/{plan}/cases").text
    for client in (stranger, auditor):
        assert client.get(f"/plans/{plan}/cases/new").status_code == 404
        data = {"command_id": command_id(), "reason": "x"}
        assert client.post(f"/plans/{plan}/cases/1/take", data=data).status_code == 404
        assert client.post(f"/plans/{plan}/cases/1/remove", data=data).status_code == 404


def test_promises_priorities_and_rounds_are_typed_kept_and_asked_again(planner, case):
    typed = {
        "priorities-0-code": case.item.code,
        "priorities-0-weight": "150",
        "priorities-0-reason": "Cold nights",
        "promises-0-item": case.item.code,
        "promises-0-site": case.sites[0].code,
        "promises-0-percent": "40",
        "promises-0-reason": "Newly arrived",
        "promises-1-item": "",
        "promises-1-site": "",
        "rounds": "2",
    }
    code = asked(planner, case, **typed)
    page = planner.get(f"/plans/{code}").text
    assert "Newly arrived" in page
    assert "No earlier plan was approved" in page
    again = planner.get(f"/plans/new?again={code}").text
    for value in ("Cold nights", "Newly arrived", 'value="40"', 'value="150"'):
        assert value in again
    data = {"command_id": command_id(), "no_rounds": "y"}
    assert planner.post(f"/plans/{code}/cases/new", data=data).status_code == 303
    assert "Earlier rounds do not count." in planner.get(f"/plans/{code}/cases").text
    refused = planner.post(
        "/plans/new",
        data=typed_for(case, **(typed | {"promises-0-reason": "", "title": "December"})),
    )
    assert refused.status_code == 422
    assert "Write why this is promised." in refused.text
    assert 'value="40"' in refused.text


def test_numbers_that_clash_are_removed_one_by_one(planner, case):
    code = asked(planner, case)
    for site in case.sites:
        data = {
            "command_id": command_id(),
            "site": site.code,
            "item": case.item.code,
            "packs": "20",
            "reason": "roads",
        }
        code = locked_as(planner.post(f"/plans/{code}/lock", data=data))
    page = planner.get(f"/plans/{code}").text
    assert page.count("cannot be kept with the others") == 2
    data = {"command_id": command_id(), "site": case.sites[0].code, "item": case.item.code}
    answer = planner.post(f"/plans/{code}/unlock", data=data)
    page = planner.get(f"/plans/{locked_as(answer)}").text
    assert "cannot be kept" not in page
    assert "exactly 20 packs" in page


def locked_as(answer):
    """Return the code of the plan that is worked out anew."""
    assert answer.status_code == 303, answer.text
    return re.fullmatch(r"/plans/([^/]+)/solving", answer.location)[1]
