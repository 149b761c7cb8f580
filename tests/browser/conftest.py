"""aidlog served for a real browser, and the browser.

    @pytest.mark.browser
    def test_…(live, page):
        live.sign_in(page, person_id)
        page.goto(live.url + "/needs")
        live.must_be_accessible(page)

Chromium comes from AIDLOG_CHROMIUM or the usual places; without it these tests are skipped, or
fail where CI is set.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.signing_in import new_session

#: Width and height of a desk and of a phone of the field.
DESK, PHONE = (1280, 800), (360, 780)


class _Quiet(WSGIRequestHandler):
    def log(self, *_arguments: object, **_more: object) -> None:
        """Say nothing: what failed, the test says."""


@dataclass
class Live:
    """The served app: its address, and what its pages complained of."""

    app: Flask
    url: str
    complaints: list[str] = field(default_factory=list)

    def token(self, person_id: int) -> str:
        """Return the token of a new session of a person who has to be committed already."""
        with self.app.app_context():
            with writing(db.session()) as session:
                token = new_session(session, person_id, now=datetime.now(UTC), hours=1)
            db.session.remove()
        return token

    def sign_in(self, page: Page, person_id: int) -> None:
        """Make ``page`` the browser of a person."""
        page.context.add_cookies(
            [{"name": "aidlog", "value": self.token(person_id), "url": self.url}]
        )

    def listen(self, page: Page) -> Page:
        """Note what the browser refuses on ``page``: policies broken, scripts that fail."""
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type == "error" and "the server responded with" not in message.text
                else None
            ),
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def must_be_accessible(self, page: Page) -> None:
        """Raise where axe finds a fault, or the page scrolls sideways."""
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert sideways(page) <= 0, f"{page.url} scrolls sideways by {sideways(page)} px"


def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


@pytest.fixture
def live(make_app: Callable[..., Flask], sqlite_url: str) -> Iterator[Live]:
    """The app on SQLite behind a real server, with form tokens checked."""
    app = make_app(sqlite_url)
    server = make_server("localhost", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    served = Live(app, f"http://localhost:{server.server_port}")
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert served.complaints == []


def _chromium() -> str | None:
    return os.environ.get("AIDLOG_CHROMIUM") or next(
        (
            path
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (path := shutil.which(name))
        ),
        None,
    )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = _chromium()
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "no Chromium: install it, or set AIDLOG_CHROMIUM"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, live: Live) -> Iterator[Callable[..., Page]]:
    """Open pages in fresh contexts: size=PHONE, color_scheme="dark", java_script_enabled=False."""
    contexts: list[BrowserContext] = []

    def make(size: tuple[int, int] = DESK, **options: object) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en-GB", **options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return live.listen(context.new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """One page at the size of a desk."""
    return open_page()
