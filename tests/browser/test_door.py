"""The door and the shell as a person meets them: by keyboard, by phone, without scripts."""

from __future__ import annotations

import pytest

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry import passwords
from aidlog.registry.roles import Role
from tests.browser.conftest import DESK, PHONE, sideways
from tests.factories import make_lot, make_person, make_place, make_warehouse

pytestmark = pytest.mark.browser

WORDS = "four plain words together"


@pytest.fixture
def boss(live):
    """An administrator who plans as well, with some goods and places to find."""
    with live.app.app_context():
        with writing(db.session()) as session:
            person = make_person(
                session, Role.ADMINISTRATOR, Role.PLANNER, login="boss@example.org"
            )
            person.password_hash = passwords.hashed(WORDS)
            make_lot(session, warehouse=make_warehouse(session))
            make_place(session, protected=False)
            found = person.id
        db.session.remove()
    return found


def test_the_keyboard_alone_signs_in_finds_and_signs_out(live, page, boss):
    page.goto(live.url + "/find")
    keys = page.keyboard
    page.locator("#login").focus()
    keys.type("boss@example.org")
    keys.press("Tab")
    keys.type(WORDS)
    keys.press("Enter")
    page.wait_for_url(live.url + "/find")
    page.goto(live.url + "/today")
    keys.press("/")
    page.wait_for_url(live.url + "/find")
    assert page.evaluate("document.activeElement.id") == "q"
    keys.type("GRN-")
    keys.press("Enter")
    page.wait_for_url("**/find?q=GRN-")
    assert page.locator("tbody th").all_inner_texts() == ["GRN-KRB-26-0001"]
    page.locator(".menu summary").last.focus()
    keys.press("Enter")
    page.get_by_role("button", name="Sign out").focus()
    keys.press("Enter")
    page.wait_for_url(live.url + "/login")
    assert page.get_by_role("status").inner_text() == "You are signed out."


def test_the_first_tab_leads_past_the_navigation(live, page):
    page.goto(live.url + "/login")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_an_error_summary_has_the_focus_and_leads_to_the_field(live, page):
    page.goto(live.url + "/login")
    page.get_by_role("button", name="Sign in").click()
    summary = page.get_by_role("alert")
    assert summary.locator("h2").inner_text() == "There is a problem"
    assert page.evaluate("document.activeElement.className") == "errs"
    assert page.title() == "Error: Sign in – aidlog"
    summary.get_by_role("link", name="Write your password.").click()
    assert page.evaluate("document.activeElement.id") == "password"
    field = page.locator("#password")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == "password-error"
    live.must_be_accessible(page)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_language_and_colours_change_without_any_script(live, open_page, boss, size):
    page = open_page(size=size, java_script_enabled=False)
    page.goto(live.url + "/login")
    page.locator("summary").first.click()
    page.get_by_role("button", name="Ikinyarwanda").click()
    page.wait_for_url(live.url + "/login")
    assert page.locator("html").get_attribute("lang") == "rw"
    page.locator("summary").last.click()
    page.locator('button[name="theme"][value="dark"]').click()
    page.wait_for_url(live.url + "/login")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.fill("#login", "boss@example.org")
    page.fill("#password", WORDS)
    page.locator("main button").click()
    page.wait_for_url("**/today")


def test_escape_closes_a_menu_and_gives_the_focus_back(live, page):
    page.goto(live.url + "/login")
    summary = page.locator("summary").first
    summary.click()
    assert page.locator("details[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("details[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


PAGES = [
    "/today",
    "/find",
    "/find?q=GRN",
    "/password",
    "/setup/people",
    "/setup/people/new",
    "/setup/people/{boss}",
    "/audit",
    "/audit/chain",
    "/nothing-here",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_of_the_shell_is_accessible(live, open_page, boss, scheme, size):
    page = open_page(size=size, color_scheme=scheme)
    page.goto(live.url + "/login")
    live.must_be_accessible(page)
    live.sign_in(page, boss)
    for path in PAGES:
        page.goto(live.url + path.format(boss=boss))
        live.must_be_accessible(page)
    for summary in page.locator("summary").all():
        summary.click()
        live.must_be_accessible(page)


@pytest.mark.parametrize("language", ["en", "fr", "sw", "rw"])
def test_nothing_scrolls_sideways_at_320_pixels_in_any_language(live, open_page, boss, language):
    page = open_page(size=(320, 640))
    live.sign_in(page, boss)
    page.goto(live.url + "/today")
    page.locator("summary").first.click()
    page.locator(f'button[value="{language}"]').click()
    for path in PAGES:
        page.goto(live.url + path.format(boss=boss))
        assert page.locator("html").get_attribute("lang") == language
        assert sideways(page) <= 0, path


def test_targets_on_a_phone_are_as_large_as_a_thumb(live, open_page, boss):
    page = open_page(size=PHONE)
    live.sign_in(page, boss)
    page.goto(live.url + "/setup/people/new")
    for target in page.locator("main button, main input:not([type=hidden]), .top a, summary").all():
        if not target.is_visible():  # inside a menu that is shut
            continue
        box = target.bounding_box()
        assert box["height"] >= 44, target.inner_text()
