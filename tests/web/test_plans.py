"""The pages of plans, through the client: from the wizard to the reservation."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import event, select

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.planning.models import Plan
from aidlog.registry.models import Organisation, Place
from aidlog.registry.roles import Role
from tests.factories import (
    command_id,
    make_count,
    make_organisation,
    make_person,
    make_place,
    make_route,
)
from tests.planning.cases import make_case
from tests.signing import sign_in


@pytest.fixture
def case(app):
    with app.app_context():
        with writing(db.session()) as session:
            case = make_case(session)
            case.stranger = make_person(
                session,
                Role.PLANNER,
                organisation=make_organisation(session, code="ZZZ", name="Others"),
            )
            case.auditor = make_person(session, Role.AUDITOR, organisation=case.organisation)
            session.flush()
            session.expunge_all()
        db.session.remove()
    return case


@pytest.fixture
def planner(app, case):
    return sign_in(app.test_client(), case.planner.id)


@pytest.fixture
def second(app, case):
    return sign_in(app.test_client(), case.second.id)


def typed(case, **more):
    """What a planner types into the wizard."""
    lines = {}
    for number, site in enumerate(case.sites):
        lines |= {f"sites-{number}-code": site.code, f"sites-{number}-chosen": "y"}
    return {
        "command_id": command_id(),
        "organisation": str(case.organisation.id),
        "title": "December blankets",
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-31",
        "items": case.item.code,
        "stores-0-code": case.warehouse.code,
        "stores-0-chosen": "y",
        "rule": "lowest-first",
        **lines,
        **more,
    }


def asked(planner, case, **more):
    """Ask for a plan; return its code. The tests' queue works it out on the spot."""
    answer = planner.post("/plans/new", data=typed(case, **more))
    assert answer.status_code == 303, answer.text
    return re.fullmatch(r"/plans/([^/]+)/solving", answer.location)[1]


def state_of(app, code):
    with app.app_context():
        found = db.session.scalars(select(Plan).order_by(Plan.id.desc())).first()
        state = str(found.state)
        db.session.remove()
    return state


def submit(planner, code):
    return planner.post(f"/plans/{code}/submit", data={"command_id": command_id()})


def test_the_wizard_opens_with_every_counted_site_and_item_chosen(planner, case):
    page = planner.get("/plans/new").text
    assert page.count("checked") >= 2 + 1 + 1 + 1  # sites, item, warehouse, rule
    assert 'value="2026-' in page


def test_the_boards_filters_choose_for_the_wizard(planner, case):
    page = planner.get(f"/plans/new?site={case.sites[0].code}&item={case.item.code}").text
    chosen = re.findall(r'<input checked[^>]*name="sites-\d+-chosen"', page)
    assert len(chosen) == 1


def test_a_plan_is_asked_for_and_shown(planner, case):
    code = asked(planner, case)
    answer = planner.get(f"/plans/{code}/solving")
    assert (answer.status_code, answer.location) == (303, f"/plans/{code}")
    page = planner.get(f"/plans/{code}")
    assert page.status_code == 200
    assert "December blankets" in page.text
    assert "best possible result proven" in page.text
    assert case.sites[0].name not in page.text
    assert "There is no more Blanket, medium; 2 needs are held back." in page.text
    assert "By first come, first served" in page.text
    assert "Proven best" in page.text
    trying = re.search(
        r'action="(/plans/[^"]+/cases/limit)".*?name="limit" value="(\d+)"', page.text
    )
    tried = planner.post(trying[1], data={"command_id": command_id(), "limit": trying[2]})
    assert tried.status_code == 303
    assert "1 pack more of Blanket, medium" in planner.get(tried.location).text


def test_what_was_typed_is_kept_when_it_is_refused(planner, case):
    answer = planner.post(
        "/plans/new", data=typed(case, title="", **{"sites-0-weight": "150", "sites-0-reason": "x"})
    )
    assert answer.status_code == 422
    assert 'value="150"' in answer.text
    assert "Fill this in." in answer.text


def test_which_figure_counts_in_the_whole_plan_is_chosen_with_a_reason(planner, case):
    refused = planner.post("/plans/new", data=typed(case, counting="assessed"))
    assert refused.status_code == 422
    assert "Write why." in refused.text
    assert '<option selected value="assessed">' in refused.text
    code = asked(planner, case, counting="assessed", counting_reason="Shelter team counted")
    page = planner.get(f"/plans/{code}").text
    assert "Assessments count in this plan, and standards where there is none." in page
    assert "Shelter team counted" in page
    again = planner.get(f"/plans/new?again={code}").text
    assert '<option selected value="assessed">' in again
    assert 'value="Shelter team counted"' in again


def test_a_number_that_is_none_is_shown_on_its_line(planner, case):
    answer = planner.post("/plans/new", data=typed(case, **{"stores-0-max_kg": "1.200"}))
    assert answer.status_code == 422
    assert "1.200" in answer.text


def test_a_cell_says_why_and_shows_the_sum(planner, case):
    code = asked(planner, case)
    page = planner.get(f"/plans/{code}?cell={case.sites[0].code}~{case.item.code}").text
    assert 'id="why"' in page
    assert "120 pc = 12 bales" in page
    assert case.lots[0].number in page
    assert "Without this limit it could be covered in full." in page
    assert "12 packs" in page  # the exact fair share before packs are made whole
    assert "3 pc each" in page


def test_a_cell_that_is_none_is_not_explained(planner, case):
    code = asked(planner, case)
    assert 'id="why"' not in planner.get(f"/plans/{code}?cell=nowhere~nothing").text


@pytest.mark.parametrize(
    ("shown", "words"), [("units", "120 pc"), ("packs", "12 bales"), ("households", "3")]
)
def test_the_grid_speaks_in_units_packs_or_households(planner, case, shown, words):
    code = asked(planner, case)
    page = planner.get(f"/plans/{code}?show={shown}").text
    assert f"<b>{words}</b>" in page


def test_a_second_person_sees_what_changes_and_approves(app, planner, second, case):
    code = asked(planner, case)
    assert submit(planner, code).status_code == 303
    page = second.get(f"/plans/{code}/approve")
    assert "Approve and reserve" in page.text
    answer = second.post(f"/plans/{code}/approve", data={"command_id": command_id()})
    assert (answer.status_code, answer.location) == (303, f"/plans/{code}")
    assert "Its stock is reserved" in second.get(f"/plans/{code}").text
    assert state_of(app, code) == "approved"


def test_who_drafted_it_is_told_that_another_person_decides(app, planner, case):
    code = asked(planner, case)
    submit(planner, code)
    assert "Approve and reserve" not in planner.get(f"/plans/{code}/approve").text
    answer = planner.post(f"/plans/{code}/approve", data={"command_id": command_id()})
    assert answer.status_code == 422
    assert "Another person decides on it." in answer.text
    assert state_of(app, code) == "submitted"


def test_a_plan_that_lost_its_stock_tells_the_second_person_which_lot(planner, second, case):
    codes = [asked(planner, case) for _ in range(2)]
    for code in codes:
        submit(planner, code)
    assert "Stock changed" not in planner.get(f"/plans/{codes[1]}").text
    second.post(f"/plans/{codes[0]}/approve", data={"command_id": command_id()})
    for path in (f"/plans/{codes[1]}", f"/plans/{codes[1]}/approve"):
        page = second.get(path).text
        assert "Stock changed since this plan was worked out." in page
        assert "the plan sends 300 pc, 0 pc is free now" in page
        assert f'href="/plans/new?again={codes[1]}"' in page
    answer = second.post(f"/plans/{codes[1]}/approve", data={"command_id": command_id()})
    assert answer.status_code == 409
    assert case.lots[0].number in answer.text
    assert "Solve the plan again." in answer.text


def test_a_plan_is_sent_back_with_a_reason(app, planner, second, case):
    code = asked(planner, case)
    submit(planner, code)
    answer = second.post(
        f"/plans/{code}/reject", data={"command_id": command_id(), "reason": "Road cut at km 12"}
    )
    assert answer.status_code == 303
    assert "Road cut at km 12" in planner.get(f"/plans/{code}").text


def test_a_plan_is_ended_with_a_reason_only(app, planner, case):
    code = asked(planner, case)
    assert planner.post(f"/plans/{code}/cancel", data={"command_id": command_id()}).status_code == (
        422
    )
    planner.post(f"/plans/{code}/cancel", data={"command_id": command_id(), "reason": "Twice"})
    assert state_of(app, code) == "cancelled"


def test_a_fixed_number_makes_a_new_plan(planner, case):
    code = asked(planner, case)
    answer = planner.post(
        f"/plans/{code}/lock",
        data={
            "command_id": command_id(),
            "site": case.sites[0].code,
            "item": case.item.code,
            "packs": "5",
            "reason": "roads",
            "words": "bridge",
        },
    )
    assert answer.status_code == 303, answer.text
    new = answer.location.split("/")[2]
    assert new != code
    page = planner.get(f"/plans/{new}?cell={case.sites[0].code}~{case.item.code}").text
    assert "1 number fixed" in page
    assert "Roads: bridge" in page


def test_a_fixed_number_may_be_let_go_when_the_plan_is_asked_again(planner, case):
    code = asked(planner, case)
    cell = f"{case.sites[0].code}~{case.item.code}"
    lock = {"site": case.sites[0].code, "item": case.item.code, "packs": "5", "reason": "roads"}
    new = planner.post(f"/plans/{code}/lock", data={"command_id": command_id(), **lock})
    fixed = new.location.split("/")[2]
    again = f"/plans/new?again={fixed}"
    assert f'value="{cell}" checked' in planner.get(again).text
    kept = planner.post(again, data=typed(case, keep=cell)).location.split("/")[2]
    assert "1 number fixed" in planner.get(f"/plans/{kept}").text
    let_go = planner.post(again, data=typed(case)).location.split("/")[2]
    assert "number fixed" not in planner.get(f"/plans/{let_go}").text


def test_a_plan_is_compared_with_the_one_it_came_from(planner, case):
    code = asked(planner, case)
    lock = {"site": case.sites[0].code, "item": case.item.code, "packs": "5", "reason": "roads"}
    answer = planner.post(f"/plans/{code}/lock", data={"command_id": command_id(), **lock})
    new = answer.location.split("/")[2]
    page = planner.get(f"/plans/{new}/compare").text
    assert f'<option value="{code}" selected>' in page
    assert "−70 pc" in page
    assert "+70 pc" in page


def test_who_decides_sees_what_the_plan_before_gave_otherwise(planner, second, case):
    code = asked(planner, case)
    assert "What differs" not in second.get(f"/plans/{code}/approve").text
    lock = {"site": case.sites[0].code, "item": case.item.code, "packs": "5", "reason": "roads"}
    answer = planner.post(f"/plans/{code}/lock", data={"command_id": command_id(), **lock})
    new = answer.location.split("/")[2]
    assert submit(planner, new).status_code == 303
    page = second.get(f"/plans/{new}/approve").text
    assert f"Who gets less in {new} comes first." in page
    assert "−70 pc" in page


def test_a_plan_alone_has_nothing_to_be_compared_with(planner, case):
    code = asked(planner, case)
    page = planner.get(f"/plans/{code}/compare")
    assert page.status_code == 200
    assert "No other plan to compare with" in page.text


def test_a_number_fixed_without_a_reason_is_asked_for_one(planner, case):
    code = asked(planner, case)
    answer = planner.post(
        f"/plans/{code}/lock",
        data={
            "command_id": command_id(),
            "site": case.sites[0].code,
            "item": case.item.code,
            "packs": "5",
            "reason": "",
        },
    )
    assert answer.status_code == 422
    assert "Choose why this number is fixed." in answer.text
    assert 'id="why"' in answer.text


def test_a_plan_is_changed_and_asked_again_with_what_it_had(planner, case):
    code = asked(planner, case, **{"stores-0-max_kg": "160"})
    page = planner.get(f"/plans/new?again={code}").text
    assert 'value="December blankets"' in page
    assert 'value="160"' in page
    assert 'value="2026-12-31"' in page


def test_the_workbook_has_the_figures_of_the_page(planner, case):
    from openpyxl import load_workbook

    code = asked(planner, case)
    answer = planner.get(f"/plans/{code}/workbook.xlsx")
    assert answer.status_code == 200
    assert f"{code}.xlsx" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.data))
    values = {
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value
    }
    assert case.lots[0].number in values
    assert {120, 180} <= values
    assert not any(site.name in str(value) for value in values for site in case.sites)


@pytest.mark.parametrize(
    "path",
    ["", "/solving", "/compare", "/approve", "/reject", "/cancel", "/workbook.xlsx"],
)
def test_anothers_plan_is_not_there(app, planner, case, path):
    code = asked(planner, case)
    stranger = sign_in(app.test_client(), case.stranger.id)
    assert stranger.get(f"/plans/{code}{path}").status_code == 404
    assert code not in stranger.get("/plans").text


def test_the_list_asks_the_same_questions_however_many_plans_there_are(app, planner, case):
    statements = []

    def count(*args):
        statements.append(args[2])

    def read():
        statements.clear()
        assert planner.get("/plans").status_code == 200
        return len(statements)

    asked(planner, case)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count)
    few = read()
    for _ in range(3):
        asked(planner, case)
    assert read() == few


def test_the_page_asks_the_same_questions_however_many_sites_there_are(app, planner, case):
    statements = []

    def count(*args):
        statements.append(args[2])

    def read(code):
        statements.clear()
        assert planner.get(f"/plans/{code}").status_code == 200
        return len(statements)

    one = typed(case)
    for name in ("sites-1-code", "sites-1-chosen"):
        del one[name]
    small = planner.post("/plans/new", data=one).location.split("/")[2]
    large = asked(planner, case)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count)
    assert read(small) == read(large)


def test_a_place_of_others_cannot_be_slipped_in(app, planner, case):
    with app.app_context():
        with writing(db.session()) as session:
            theirs = make_place(session, organisation=make_organisation(session, code="ZZZ")).code
        db.session.remove()
    answer = planner.post("/plans/new", data=typed(case, **{"sites-0-code": theirs}))
    assert answer.status_code == 404


def test_an_auditor_reads_a_plan_and_changes_nothing(app, planner, case):
    code = asked(planner, case)
    auditor = sign_in(app.test_client(), case.auditor.id)
    page = auditor.get(f"/plans/{code}")
    assert page.status_code == 200
    assert "Send for approval" not in page.text
    assert submit(auditor, code).status_code == 404
    assert auditor.get("/plans/new").status_code == 404


def test_a_large_plan_is_leafed_through(app, planner, case, monkeypatch):
    monkeypatch.setattr("aidlog.web.logistics.plans.MOST_CELLS", 1)
    with app.app_context():
        with writing(db.session()) as session:
            warehouse = session.get_one(Place, case.warehouse.id)
            more = []
            for _ in range(11):
                site = make_place(session, organisation=session.get_one(Organisation, 1))
                make_count(session, site, people=50, households=10)
                make_route(session, warehouse, site)
                more.append(site.code)
        db.session.remove()
    extra = {}
    for number, code in enumerate(more, start=2):
        extra |= {f"sites-{number}-code": code, f"sites-{number}-chosen": "y"}
    code = asked(planner, case, **extra)
    first = planner.get(f"/plans/{code}").text
    assert "Sites 1 to 10 of 13" in first
    rest = planner.get(f"/plans/{code}?skip=10").text
    assert "Sites 11 to 13 of 13" in rest
    last = re.findall(r"cell=(S\d+)~", rest)[-1]
    assert f">{last}<" not in first.partition("Allocation")[2]
    asked_about = planner.get(f"/plans/{code}?cell={last}~{case.item.code}").text
    assert "Sites 11 to 13 of 13" in asked_about
    assert 'id="why"' in asked_about
