"""The log tells what happened and never whose or where."""

from __future__ import annotations

import pytest

from aidlog.core.actor import Permission
from aidlog.web.guards import requires
from tests.signing import sign_in
from tests.web.conftest import add_someone


def test_a_request_is_one_line_with_its_endpoint_and_not_its_path(app, lines):
    person = add_someone(app)
    client = sign_in(app.test_client(), person)
    answer = client.get("/find?q=Kivuli+secret")
    [line] = [line for line in lines() if line["says"] == "answered"]
    assert line["method"] == "GET"
    assert line["endpoint"] == "finding.find"
    assert line["status"] == 200
    assert line["person"] == person
    assert line["request"] == answer.headers["X-Request-Id"]
    assert isinstance(line["ms"], int)
    assert "Kivuli" not in str(lines())
    assert "/find" not in str(lines())


@pytest.mark.parametrize("path", ["/nothing/WB-KRB-26-0001", "/login?next=/plans/P-KRB-26-0007"])
def test_no_path_or_query_reaches_the_log(app, lines, path):
    app.test_client().get(path)
    assert lines()
    assert "KRB" not in str(lines())


def test_sign_in_is_logged_by_number_and_never_by_name(strict_app, browser, lines):
    person = add_someone(strict_app)
    browser.sign_in("amina@example.org", "wrong words again")
    browser.sign_in("amina@example.org")
    said = [line["says"] for line in lines()]
    assert said.count("sign-in refused") == 1
    assert [line["person"] for line in lines() if line["says"] == "signed in"] == [person]
    assert "amina" not in str(lines())
    assert "words" not in str(lines())


def test_an_error_is_logged_by_its_kind_and_place_without_what_it_says(app, lines):
    app.config["TESTING"] = False

    @requires(Permission.HOME_VIEW)
    def view():
        try:
            {}["the name of a person"]
        except KeyError as error:
            raise RuntimeError("the point of a site: -1.95, 30.06") from error

    app.add_url_rule("/fault", "fault", view)
    sign_in(app.test_client(), add_someone(app)).get("/fault")
    [line] = [line for line in lines() if line["says"] == "fault"]
    assert line["error"][0] == "RuntimeError"
    assert "KeyError" in line["error"]
    assert any("test_logs.py" in frame and "view" in frame for frame in line["error"])
    assert "30.06" not in str(lines())
    assert "person" not in str(line["error"])


def test_an_error_of_the_database_does_not_quote_the_row(app, lines):
    from sqlalchemy import text

    from aidlog.extensions import db

    app.config["TESTING"] = False

    @requires(Permission.HOME_VIEW)
    def view():
        db.session.execute(
            text("SELECT no_such FROM person WHERE login = :login"), {"login": "amina"}
        )

    app.add_url_rule("/fault", "fault", view)
    sign_in(app.test_client(), add_someone(app)).get("/fault")
    assert "amina" not in str(lines())
