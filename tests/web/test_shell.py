"""What stands around every page: navigation, language, colours, today, find."""

from __future__ import annotations

import re

import pytest

from aidlog.core.quantity import BaseUnit
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import Person
from aidlog.registry.roles import Role
from aidlog.web import filters
from aidlog.web.forms import CommandForm, problems
from tests.factories import (
    make_item,
    make_lot,
    make_organisation,
    make_person,
    make_place,
    make_warehouse,
)
from tests.signing import sign_in
from tests.web.conftest import add_someone


@pytest.fixture
def planner(app):
    return sign_in(app.test_client(), add_someone(app))


def test_the_start_leads_to_the_door_and_afterwards_to_the_work(app, planner):
    assert app.test_client().get("/").headers["Location"] == "/login"
    assert planner.get("/").headers["Location"] == "/today"


def test_a_language_is_chosen_for_this_browser_and_for_the_person(app):
    person = add_someone(app)
    client = sign_in(app.test_client(), person)
    answer = client.post("/language", data={"language": "rw", "back": "/find?q=ab"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/find?q=ab")
    assert '<html lang="rw"' in client.get("/today").text
    with app.app_context():
        assert db.session.get(Person, person).language == "rw"
        db.session.remove()


def test_a_language_that_aidlog_does_not_speak_changes_nothing(planner):
    assert planner.post("/language", data={"language": "xx"}).status_code == 422
    assert '<html lang="en"' in planner.get("/today").text


def test_without_a_choice_the_browser_decides(app):
    client = app.test_client()
    page = client.get("/login", headers={"Accept-Language": "sw-TZ,sw;q=0.9,en;q=0.5"})
    assert '<html lang="sw"' in page.text
    assert '<html lang="en"' in client.get("/login", headers={"Accept-Language": "xx"}).text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_chosen_without_a_script_and_given_back_to_the_device(app, theme):
    client = app.test_client()
    assert "data-theme" not in client.get("/login").text
    client.post("/theme", data={"theme": theme, "back": "/login"})
    assert f'data-theme="{theme}"' in client.get("/login").text
    client.post("/theme", data={"theme": "", "back": "/login"})
    assert "data-theme" not in client.get("/login").text


def test_a_choice_never_leads_to_another_site(app):
    client = app.test_client()
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = client.post("/theme", data={"theme": "dark", "back": elsewhere})
        assert answer.headers["Location"] == "/"


def test_no_page_has_a_style_or_a_script_inside_it(app, planner):
    """The policy forbids both, so they would not work either."""
    for path in ("/login", "/today", "/find", "/password", "/nothing"):
        page = planner.get(path).text
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page)
        assert all('src="/static/' in tag for tag in re.findall(r"<script[^>]*>", page))


def test_the_navigation_shows_what_one_may_open(app, planner):
    from aidlog.web import shell

    donor = sign_in(app.test_client(), add_someone(app, "d@example.org", Role.DONOR))
    assert 'href="/needs"' not in donor.get("/find").text
    shown = re.findall(r'<nav class="nav".*?</nav>', planner.get("/today").text, re.DOTALL)
    links = re.findall(r'href="([^"]+)"', shown[0]) if shown else []
    known = [s.path for s in shell.SECTIONS]
    assert [path for path in known if path in links] == links
    assert "/audit" not in links


@pytest.fixture
def stocked(app):
    """Goods received at a warehouse of Karibu, a protected site and an open one."""
    with app.app_context():
        with writing(db.session()) as session:
            warehouse = make_warehouse(session, code="GOMA1", name="Lake hub")
            make_lot(
                session,
                warehouse=warehouse,
                item=make_item(session, code="FOIL1", name="Oil, 100% pure"),
            )
            make_place(session, code="S-07", name="Hidden valley")
            make_place(session, code="S-08", name="Open valley", protected=False)
            other = make_organisation(session, code="OTH", name="Other")
            make_place(session, code="S-99", name="Far valley", organisation=other, protected=False)
            make_lot(session, warehouse=make_warehouse(session, organisation=other), number="X1")
            make_person(session, Role.PLANNER, login="p@example.org")
        db.session.remove()
    return app


def found(client, text):
    page = client.get("/find", query_string={"q": text})
    assert page.status_code == 200
    return re.findall(r'<th scope="row"[^>]*>(?:<a[^>]*>)?([^<]+)', page.text)


@pytest.fixture
def finder(stocked):
    return sign_in(stocked.test_client(), add_someone(stocked))


def test_documents_items_and_places_are_found_by_number_name_and_code(finder):
    assert found(finder, "GRN-KRB-26-0001") == ["GRN-KRB-26-0001"]
    assert found(finder, "grn-krb")[0] == "GRN-KRB-26-0001"
    assert found(finder, "foil1") == ["FOIL1"]
    assert found(finder, "lake") == ["GOMA1"]


def test_a_document_of_another_organisation_is_not_found(finder):
    assert found(finder, "GRN-OTH") == []
    assert found(finder, "S-99") == []


def test_a_protected_site_is_found_by_its_code_and_never_by_its_name(finder):
    assert found(finder, "valley") == ["S-08"]
    assert found(finder, "S-07") == ["S-07"]
    assert "Hidden" not in finder.get("/find?q=S-07").text


def test_signs_that_mean_something_to_the_database_are_only_letters(finder):
    assert found(finder, "100% pure") == ["FOIL1"]
    assert found(finder, "Lak% hub") == []
    assert found(finder, "GOMA_") == []


def test_an_item_is_found_misspelt_and_told_to_be_a_guess(finder):
    assert found(finder, "blnaket")[0].startswith("HSHEBLAN")
    told = "Nothing is written like “blnaket”. These look alike."
    assert told in finder.get("/find?q=blnaket").text
    assert "These look alike" not in finder.get("/find?q=blanket").text


def test_nothing_is_guessed_where_something_is_called_exactly_so(stocked, finder):
    with stocked.app_context():
        with writing(db.session()) as session:
            make_place(session, code="S-11", name="Blnaket hill", protected=False)
        db.session.remove()
    assert found(finder, "blnaket") == ["S-11"]
    assert found(finder, "%%") == []
    assert found(finder, "';--") == []


def test_a_donor_finds_no_stock_and_no_place(stocked):
    donor = sign_in(stocked.test_client(), add_someone(stocked, "d@example.org", Role.DONOR))
    for text in ("GRN-KRB", "FOIL1", "GOMA1", "S-08"):
        assert found(donor, text) == []


def test_numbers_and_quantities_are_written_as_the_language_has_them(app):
    from flask import g

    def said(language):
        with app.test_request_context():
            g.language = language
            return [
                filters.number(1_234_567),
                filters.quantity(1_500, BaseUnit.GRAM),
                filters.quantity(999, BaseUnit.MILLILITRE),
                filters.percent(789),
            ]

    assert said("en") == ["1,234,567", "1.5 kg", "999 ml", "78%"]
    assert said("fr") == ["1\u202f234\u202f567", "1,5 kg", "999 ml", "78\xa0%"]
    assert said("rw") == ["1.234.567", "kg 1,5", "ml 999", "78%"]  # the unit comes first


def test_no_figure_is_rounded_up_and_unknown_is_not_zero(app):
    with app.test_request_context():
        assert filters.percent(999) == "99%"
        assert filters.percent(1000) == "100%"
        assert filters.quantity(1, BaseUnit.GRAM) == "1 g"
        assert filters.quantity(1_000_001, BaseUnit.GRAM) == "1,000.001 kg"
        assert filters.quantity(None, BaseUnit.GRAM) == "?"
        assert filters.quantity(0, BaseUnit.PIECE) == "0 pc"
        assert filters.packs(60, 12, "carton") == "5 cartons"
        assert filters.packs(12, 12, "carton") == "1 carton"
        assert filters.packs(65, 12, "carton") == "5 cartons + 5"
        assert [filters.coverage_class(p) for p in (0, 249, 250, 999, 1000, 1200, None)] == [
            "c0", "c0", "c1", "c3", "c4", "c4", "cx",
        ]  # fmt: skip


def test_a_moment_is_shown_in_the_time_zone_of_the_operation(app):
    from datetime import UTC, date, datetime

    with app.test_request_context():
        assert filters.moment(datetime(2026, 11, 21, 22, 40, tzinfo=UTC)) == "22 Nov 2026, 00:40"
        assert filters.day(date(2026, 11, 21)) == "21 Nov 2026"
        assert filters.day(None) == "–"


def test_the_summary_of_a_form_names_every_fault_also_in_lines_of_lines(app):
    from wtforms import FieldList, Form, FormField, StringField
    from wtforms.validators import InputRequired, Length

    class Line(Form):
        lot = StringField("Lot", [InputRequired("Line: write the lot.")])

    class Note(CommandForm):
        name = StringField("Name", [InputRequired(), Length(max=3)])
        lines = FieldList(FormField(Line), min_entries=1)

    with app.test_request_context(method="POST", data={"name": "", "lines-0-lot": ""}):
        form = Note()
        assert not form.validate()
        form.form_errors.append("The whole does not add up.")
        assert problems(form) == [
            ("", "The whole does not add up."),
            ("name", "Fill this in."),
            ("lines-0-lot", "Line: write the lot."),
        ]


def tasks(client):
    """What Today lists: (number, words)."""
    page = client.get("/today").text
    return [
        (int(number), words)
        for number, words in re.findall(
            r'<span class="ct[^"]*">(\d+)</span>\s*<a href="[^"]+">([^<]+)</a>', page
        )
    ]


def test_today_lists_what_waits_for_this_person_and_nothing_of_others(app):
    from aidlog.reports.waiting import Waiting
    from tests.web.estate import OTHER_ORGANISATION, settle

    estate = settle(app)
    assert OTHER_ORGANISATION in estate.things

    def seen_by(role):
        client = app.test_client()
        client.set_cookie("aidlog", estate.tokens[role])
        return tasks(client)

    assert seen_by(Role.PLANNER) == [
        (6, "Trucks overdue"),
        (3, "Loss reports to decide on"),
        (3, "Corrections of stock to decide on"),
        (3, "Stock takes to approve"),
        (3, "Plans to approve or send back"),
        (3, "Plans worked out, to be sent for approval"),
        (3, "Requests of sites to decide on"),
        (3, "Goods that another warehouse asks for"),
        (3, "Waybills to load"),
        (6, "Pledges expected: count what arrives"),
        (3, "Messages from sites to answer"),
        (6, "Trucks on the road"),
    ]
    assert seen_by(Role.STOREKEEPER) == [
        (2, "Trucks overdue"),
        (1, "Waybills to load"),
        (1, "Stock takes being counted"),
        (2, "Pledges expected: count what arrives"),
        (2, "Trucks on the road"),
    ]
    assert seen_by(Role.PROTECTION) == []
    assert not Waiting().any()


def test_a_site_lead_and_a_donor_are_led_to_their_own_pages(app):
    for role, path in ((Role.SITE_LEAD, "/s/"), (Role.DONOR, "/gifts")):
        client = sign_in(app.test_client(), add_someone(app, f"{role}@example.org", role))
        assert client.get("/today").headers["Location"] == path


def test_who_has_nothing_to_do_is_told_so(planner):
    assert "Nothing waits for you now." in planner.get("/today").text
    assert tasks(planner) == []


def test_every_link_of_today_and_of_the_navigation_leads_to_a_page(app):
    from tests.web.estate import settle

    estate = settle(app)
    client = app.test_client()
    client.set_cookie("aidlog", estate.tokens[Role.PLANNER])
    page = client.get("/today").text
    for path in set(re.findall(r'<a href="(/[^"#]+)"', page)):
        assert client.get(path.replace("&amp;", "&"), follow_redirects=True).status_code == 200, (
            path
        )


def test_a_choice_on_the_answer_to_a_form_leads_back_to_a_page_that_can_be_opened(app):
    client = app.test_client()
    refused = client.post("/login", data={"login": "a", "password": "b"})
    assert 'name="back" value="/login"' in refused.text
    assert 'name="back" value="/"' in client.post("/language").text
