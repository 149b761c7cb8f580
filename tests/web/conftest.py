"""What the tests of pages share: an app that checks forms as in earnest, and browsers for it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry import passwords
from aidlog.registry.roles import Role
from aidlog.web.logs import Lines
from tests.factories import make_person

#: What everyone here signs in with; hashed once, since a hash is 70 ms of work by design.
WORDS = "four plain words together"
_HASH = passwords.hashed(WORDS)


@pytest.fixture
def strict_app(make_app: Callable[..., Flask], sqlite_url: str) -> Flask:
    """The app with form tokens checked."""
    return make_app(sqlite_url)


@pytest.fixture
def browser(strict_app: Flask) -> Browser:
    return Browser(strict_app.test_client())


class Browser:
    """A client that sends forms with their token, as a page would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def token(self, path: str = "/login") -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.client.get(path).text)
        assert found
        return found[1]

    def post(self, path: str, *, form_at: str = "/login", **fields: str):
        return self.client.post(path, data={"csrf_token": self.token(form_at), **fields})

    def sign_in(self, login: str, password: str = WORDS, *, next_path: str = ""):
        path = f"/login?next={next_path}" if next_path else "/login"
        return self.post(path, login=login, password=password)


def add_someone(app: Flask, login: str = "amina@example.org", role: Role = Role.PLANNER) -> int:
    """Add a person who signs in with WORDS; return their id."""
    with app.app_context():
        with writing(db.session()) as session:
            person = make_person(session, role, login=login)
            person.password_hash = _HASH
            person_id = person.id
        db.session.remove()
    return person_id


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """The lines of aidlog's log during this test, read back from their JSON."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Lines())
    logger = logging.getLogger("aidlog")
    logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logger.removeHandler(handler)
