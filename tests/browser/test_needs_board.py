"""The needs board in a real browser: no script needed, two clicks to the worst cell's sum."""

from __future__ import annotations

import pytest

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.roles import Role
from tests.browser.conftest import DESK, PHONE
from tests.factories import make_count, make_item, make_person, make_place, make_standard
from tests.planning.cases import make_case

pytestmark = pytest.mark.browser


@pytest.fixture
def planner(live):
    with live.app.app_context():
        with writing(db.session()) as session:
            person = make_person(session, Role.PLANNER).id
            for code, area in (("S01", "North"), ("S02", "South")):
                make_count(session, make_place(session, code=code, area=area), people=100)
            for code in ("BLANKET", "SOAP"):
                make_standard(session, make_item(session, code=code, name=code.title()))
        db.session.remove()
    return person


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_board_is_narrowed_and_a_cell_told_without_any_script(live, open_page, planner, size):
    page = open_page(size=size, java_script_enabled=False)
    live.sign_in(page, planner)
    page.goto(live.url + "/needs")
    page.locator("summary", has_text="Zone").click()
    page.get_by_label("South").check()
    page.locator("details[open]").get_by_role("button", name="Show").click()
    assert page.locator("tbody th a").first.inner_text() == "S02"
    assert page.locator("table.heat tbody tr").count() == 1
    page.locator("td.c a").first.click()
    panel = page.get_by_role("complementary")
    assert "How this number is made" in panel.inner_text()
    assert "100 people × 1 pc" in panel.inner_text()
    assert "area=South" in page.url
    panel.get_by_role("link", name="Close panel").click()
    assert page.get_by_role("complementary").count() == 0


def test_the_board_with_an_open_cell_and_an_open_filter_is_accessible(live, open_page, planner):
    for size, scheme in ((PHONE, "light"), (DESK, "dark")):
        page = open_page(size=size, color_scheme=scheme)
        live.sign_in(page, planner)
        page.goto(live.url + "/needs?cell=S01~SOAP")
        page.locator("summary", has_text="Items").click()
        live.must_be_accessible(page)


def test_the_board_is_walked_by_keys_and_the_worst_cell_is_one_click_away(live, open_page, planner):
    page = open_page()
    live.sign_in(page, planner)
    page.goto(live.url + "/needs?sort=name")
    cells = page.locator("#board .c a")
    cells.first.focus()
    for key, place in (("ArrowRight", 1), ("ArrowDown", 3), ("Home", None), ("End", 3)):
        page.keyboard.press(key)
        if place is not None:
            assert cells.nth(place).evaluate("link => link === document.activeElement"), key
    page.keyboard.press("Enter")
    page.wait_for_url("**cell=S02~SOAP**")
    assert page.locator(".c [aria-current]").evaluate("link => link === document.activeElement")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_url("**cell=S02~BLANKET**")
    assert page.evaluate("document.querySelectorAll('#board [tabindex=\"0\"]').length") == 1

    page.goto(live.url + "/today")
    page.get_by_role("navigation").get_by_role("link", name="Needs").click()
    page.locator(".kpis").get_by_role("link", name="S01").last.click()  # the second click
    assert "How this number is made" in page.get_by_role("complementary").inner_text()


@pytest.mark.slow
def test_from_the_board_to_a_solved_plan_are_at_most_six_clicks(live, open_page):
    with live.app.app_context():
        with writing(db.session()) as session:
            person = make_case(session).planner.id
        db.session.remove()
    page, clicks = open_page(), []
    live.sign_in(page, person)
    page.expose_function("aClick", lambda words: clicks.append(words))  # noqa: PLW0108
    page.add_init_script(
        "addEventListener('click', event => aClick(event.target.textContent.trim()), true)"
    )
    page.goto(live.url + "/needs")
    page.get_by_role("link", name="New plan from this view").click()
    page.get_by_label("Title").click()
    page.keyboard.type("Blankets of this month")
    page.get_by_role("button", name="Solve").click()
    page.wait_for_url(lambda url: "/plans/" in url and not url.endswith(("/new", "/solving")))
    page.get_by_role("heading", name="What limits this plan").wait_for()
    assert 3 <= len(clicks) <= 6, clicks
