"""Who may open what is a reviewed table, and the app does what the table says."""

from __future__ import annotations

from pathlib import Path

import pytest

from aidlog.registry.roles import Role
from aidlog.web.guards import PUBLIC
from tests.conftest import migrate_up, settings_for
from tests.web import doors
from tests.web.estate import (
    ACTORS,
    ANONYMOUS,
    OTHER_DONOR,
    OTHER_ORGANISATION,
    OTHER_PLACE,
    OWN,
    settle,
)

#: The table is asked for once: whoever shares the tests out keeps these together.
pytestmark = pytest.mark.xdist_group("doors")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the app answers, asked once for all tests of this file."""
    from aidlog.app import create_app

    folder = tmp_path_factory.mktemp("house")
    path = folder / "aidlog.db"
    migrate_up(f"sqlite:///{path}", folder)
    house = doors.House(
        create_app(settings_for(f"sqlite:///{path}", folder, log_level="CRITICAL")), Path(path)
    )
    return dict(doors.rows(house))


@pytest.fixture(scope="module")
def reviewed():
    return doors.read()


def test_every_page_and_form_stands_in_the_table(found, reviewed):
    assert sorted(set(found) - set(reviewed)) == [], "run: python -m tests.web.doors, and review"


def test_the_table_names_no_page_that_is_gone(found, reviewed):
    assert sorted(set(reviewed) - set(found)) == []


def test_everyone_gets_what_the_table_says(found, reviewed):
    differing = {
        (*key, actor): f"{reviewed[key][actor]} became {row[actor]}"
        for key, row in found.items()
        if key in reviewed
        for actor in ACTORS
        if row[actor] != reviewed[key][actor]
    }
    assert differing == {}


def test_nobody_comes_in_without_signing_in_but_to_public_pages(reviewed):
    for (endpoint, _method, _whose), row in reviewed.items():
        if endpoint not in PUBLIC:
            assert row[ANONYMOUS] == "door", endpoint


def test_things_of_another_organisation_are_not_there(reviewed):
    for (endpoint, method, whose), row in reviewed.items():
        if whose == OTHER_ORGANISATION and endpoint not in PUBLIC:
            assert set(row.values()) <= {"door", "404"}, (endpoint, method, row)


def test_a_site_lead_and_a_storekeeper_reach_their_own_place_only(reviewed):
    for (endpoint, method, whose), row in reviewed.items():
        if whose == OTHER_PLACE and endpoint not in PUBLIC:
            for role in (Role.SITE_LEAD, Role.STOREKEEPER):
                assert row[role] == "404", (endpoint, method, role)


def test_a_donor_sees_no_gift_of_another_donor(reviewed):
    for (endpoint, method, whose), row in reviewed.items():
        if whose in {OTHER_DONOR, OTHER_PLACE} and endpoint not in PUBLIC:
            assert row[Role.DONOR] == "404", (endpoint, method)


def test_no_request_ends_in_a_fault(found):
    faults = {key: row for key, row in found.items() if {"500", "503"} & set(row.values())}
    assert faults == {}


@pytest.mark.pg
def test_every_page_opens_on_postgresql_too(make_app, postgres_url):
    app = make_app(postgres_url, log_level="CRITICAL")
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    estate, different = settle(app), {}
    table = doors.read()
    for rule in app.url_map.iter_rules():
        row = table.get((rule.endpoint, "GET", OWN), {})
        who = next((actor for actor, status in row.items() if status == "200"), None)
        if who is None or rule.endpoint == "static":
            continue
        client = app.test_client()
        if who != ANONYMOUS:
            client.set_cookie("aidlog", estate.tokens[who])
        answer = client.get(doors.address(app, estate, rule, OWN))
        if answer.status_code != 200:
            different[rule.endpoint] = answer.status_code
    assert different == {}
