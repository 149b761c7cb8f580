"""A messy stock list goes into the books in a real browser: no script, no mouse, on a phone too."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import PackKind
from aidlog.registry.roles import Role
from aidlog.stock.models import Lot
from tests.browser.conftest import DESK, PHONE
from tests.factories import make_item, make_person, make_warehouse

pytestmark = pytest.mark.browser

STOCK = (
    b"Relief stock\n\nGhala;Bidhaa;Idadi;Kipimo;Tarehe ya kuisha muda;Phone\n"
    b"Lakeside store;Mats;1.200;pcs;03/04/2030;+243 811 22 33 44\n"
    b"Lakeside stor;Plastic mat;7;bale;;+243 811 22 33 45\n"
)


@pytest.fixture
def keeper(live):
    with live.app.app_context():
        with writing(db.session()) as session:
            store = make_warehouse(session, code="W01", name="Lakeside store")
            make_item(session, code="MAT", name="Plastic mat", pack=(PackKind.BALE, 20))
            person = make_person(session, Role.STOREKEEPER, place=store).id
        db.session.remove()
    return person


def send(live, page, keeper):
    live.sign_in(page, keeper)
    page.goto(live.url + "/stock")
    page.get_by_role("link", name="Import").click()
    page.get_by_label("File").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": STOCK}
    )
    page.get_by_role("button", name="Check the file").click()


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")])
def test_the_pages_of_an_import_are_accessible_and_fit(live, open_page, keeper, size, scheme):
    page = open_page(size=size, color_scheme=scheme)
    live.sign_in(page, keeper)
    page.goto(live.url + "/setup/import?kind=stock")
    live.must_be_accessible(page)
    send(live, page, keeper)
    live.must_be_accessible(page)
    page.get_by_text("The file was misread").click()
    live.must_be_accessible(page)


def press_until(page, focused, key="Tab", most=120):
    """Walk with the keyboard until the element with ``focused`` as its name holds the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement && document.activeElement.name") == focused:
            return
    raise AssertionError(f"{focused} is not reached by the keyboard")


def test_a_messy_list_is_settled_and_imported_by_keyboard_alone(live, open_page, keeper):
    page = open_page(size=DESK, java_script_enabled=False)
    send(live, page, keeper)
    page.get_by_role("radio", name="1.234,5").focus()
    page.keyboard.press("Space")
    page.get_by_role("radio", name="Day before month").focus()
    page.keyboard.press("Space")
    page.get_by_label("pcs stands for").focus()
    page.keyboard.type("Piece")
    page.get_by_label("Another code for Mats").focus()
    page.keyboard.type("MAT")
    page.get_by_label("Lakeside stor stands for", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("Counted on").focus()
    page.keyboard.type("2026-11-02")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Import 2 rows").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "2 rows added" in page.locator("body").inner_text()
    with live.app.app_context():
        assert db.session().scalar(select(func.count(Lot.id))) == 2
        db.session.remove()


def test_enter_in_a_field_checks_again_and_never_imports(live, open_page, keeper):
    page = open_page(size=DESK)
    send(live, page, keeper)
    assert page.locator("form.imp button[type=submit]").first.inner_text() == "Check again"


def test_every_field_is_reached_by_the_tab_key(live, open_page, keeper):
    page = open_page(size=DESK)
    send(live, page, keeper)
    for name in ("numbers", "dates", "m-0-value", "given-counted_on", "column-0"):
        press_until(page, name)
