"""What people read when something is wrong, in their language, and what they never read."""

from __future__ import annotations

import re
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests

from aidlog.core.actor import Permission
from aidlog.core.errors import Conflict, NotAllowed, Refusal
from aidlog.core.text import Message
from aidlog.db.transaction import Busy
from aidlog.registry.roles import Role
from aidlog.web.guards import requires
from tests.signing import sign_in
from tests.web.conftest import add_someone

SECRET = "Amina of Kivuli"

FAULTS = {
    "bug": RuntimeError(SECRET),
    "database": OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk is full")),
    "refused": Refusal(Message("Only {held} in stock; {asked} asked.", {"held": 3, "asked": 5})),
    "conflict": Conflict(Message("The plan has changed. Look at it anew.")),
    "busy": Busy(Message("Someone else is changing this just now.")),
    "forbidden": NotAllowed(Permission.PLAN_APPROVE),
    "waiting": TooManyRequests(),
}
EXPECTED = {
    "bug": 500,
    "database": 503,
    "refused": 422,
    "conflict": 409,
    "busy": 503,
    "forbidden": 404,
    "waiting": 429,
}


@pytest.fixture
def faulty(app):
    """A browser signed in to an app with one page a fault."""
    app.config["TESTING"] = False  # faults are caught, as in earnest

    for name, error in FAULTS.items():

        @requires(Permission.HOME_VIEW)
        def view(error=error):
            local_secret = SECRET  # noqa: F841 - would stand in a traceback with locals
            raise error

        app.add_url_rule(f"/fault/{name}", f"fault.{name}", view)
    return sign_in(app.test_client(), add_someone(app))


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_has_a_page_of_words_and_no_traceback(faulty, name):
    answer = faulty.get(f"/fault/{name}")
    assert answer.status_code == EXPECTED[name]
    assert answer.mimetype == "text/html"
    assert '<html lang="en"' in answer.text
    for trace in ("Traceback", "File &#34;", SECRET, "RuntimeError", "sqlite3", "disk is full"):
        assert trace not in answer.text


def test_a_refusal_says_its_sentence(faulty):
    assert "Only 3 in stock; 5 asked." in faulty.get("/fault/refused").text


def test_a_fault_gives_a_number_that_stands_in_the_log_too(faulty, capsys, lines):
    answer = faulty.get("/fault/bug")
    number = re.search(r"\b[0-9A-F]{8}\b", answer.text)
    assert number
    assert [line for line in lines() if line.get("number") == number[0]]


def test_busy_and_out_of_reach_say_when_to_come_back(faulty):
    assert faulty.get("/fault/busy").headers["Retry-After"] == "5"
    assert faulty.get("/fault/database").headers["Retry-After"] == "30"


def test_the_page_of_a_fault_needs_no_database(faulty, monkeypatch):
    """The database is gone: the page that says so must not ask it who is there."""

    def gone(*_arguments, **_more):
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("gone"))

    monkeypatch.setattr(Session, "execute", gone)
    monkeypatch.setattr(Session, "rollback", gone)
    answer = faulty.get("/today")
    assert answer.status_code == 503
    assert "cannot reach its records" in answer.text


@pytest.mark.parametrize("language", ["en", "fr", "sw", "rw"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("DELETE", "/login", 405),
        ("POST", "/language", 422),
        ("GET", "/fault/bug", 500),
        ("GET", "/fault/database", 503),
        ("GET", "/fault/waiting", 429),
    ],
)
def test_errors_are_told_in_every_language(faulty, language, method, path, status):
    with faulty.session_transaction() as page:
        page["language"] = language
    answer = faulty.open(path, method=method)
    assert answer.status_code == status
    assert f'<html lang="{language}"' in answer.text
    assert re.search(r"<h1[^>]*>[^<]{4,}</h1>", answer.text)


def test_a_wrong_method_says_which_are_right(faulty):
    assert set(faulty.delete("/login").headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_a_thing_of_someone_else_looks_like_nothing(app):
    """Not allowed and not there give the same page, to the byte but for the request's number."""
    client = sign_in(app.test_client(), add_someone(app, role=Role.DONOR))
    forbidden, missing = client.get("/find/nothing"), client.get("/audit")
    assert (forbidden.status_code, missing.status_code) == (404, 404)
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", forbidden.text) == strip.sub("", missing.text)
