"""What the browser is told and asked, so that another site can do nothing in a person's name."""

from __future__ import annotations

import gzip

import pytest

from tests.signing import sign_in
from tests.web.conftest import add_someone


@pytest.fixture
def signed(strict_app, browser):
    sign_in(browser.client, add_someone(strict_app))
    return browser


def test_every_answer_carries_the_policy_of_this_site_alone(client):
    for path in ("/login", "/nothing", "/health", "/static/app.css"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers  # plain http: it would be a lie


def test_pages_are_stored_nowhere_and_files_for_a_year(signed):
    assert signed.client.get("/today").headers["Cache-Control"] == "no-store"
    page = signed.client.get("/today").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    file = signed.client.get(address)
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = signed.client.get(address, headers={"If-None-Match": file.headers["ETag"]})
    assert again.status_code == 304
    assert "immutable" in again.headers["Cache-Control"]
    assert signed.client.get("/static/app.css").headers["Cache-Control"] == "no-cache"


def test_a_form_without_the_token_of_its_session_is_not_saved(signed):
    assert signed.client.post("/logout").status_code == 400
    answer = signed.client.post("/logout", data={"csrf_token": "made up"})
    assert answer.status_code == 400
    assert "Go back, copy what you typed" in answer.text
    assert signed.client.get("/today").status_code == 200


def test_a_form_kept_open_for_a_week_still_goes(signed, monkeypatch):
    import time

    token = signed.token("/today")
    week = time.time() + 7 * 24 * 3600
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: week)
    assert signed.client.post("/logout", data={"csrf_token": token}).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_sent_from_another_site_is_refused_even_with_its_token(signed, headers):
    token = signed.token("/today")
    answer = signed.client.post("/logout", data={"csrf_token": token}, headers=headers)
    assert answer.status_code == 400
    assert "sent from another site" in answer.text
    assert signed.client.get("/today").status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}]
)
def test_a_form_sent_from_here_is_taken(signed, headers):
    token = signed.token("/today")
    answer = signed.client.post("/logout", data={"csrf_token": token}, headers=headers)
    assert answer.status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1"])
def test_another_host_is_answered_with_nothing_of_ours(client, host):
    answer = client.get("/login", headers={"Host": host})
    assert answer.status_code == 400
    assert host not in answer.text
    assert "<" not in answer.text


def test_an_upload_beyond_the_limit_is_refused_with_a_sentence(make_app, sqlite_url):
    app = make_app(sqlite_url, upload_bytes=2_000)
    answer = app.test_client().post("/login", data={"login": "x" * 5_000})
    assert answer.status_code == 413
    assert "Send a smaller file" in answer.text


def test_a_form_of_more_parts_than_any_of_ours_is_refused(app, client):
    assert app.config["MAX_FORM_PARTS"] == 5_000
    app.config["MAX_FORM_PARTS"] = 50  # the same limit, with a form that fits into memory
    answer = client.post(
        "/login",
        data={f"field{number}": "x" for number in range(60)},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 413


def test_pages_and_styles_travel_packed_and_come_out_the_same(client):
    for path in ("/login", "/static/app.css"):
        plain = client.get(path)
        packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert int(packed.headers["Content-Length"]) * 2 < len(plain.data)
        unpacked = gzip.decompress(packed.data)
        if path.startswith("/static"):
            assert unpacked == plain.data
        assert "Accept-Encoding" in packed.headers["Vary"]


def test_small_answers_and_browsers_that_ask_for_none_are_left_as_they_are(client):
    assert "Content-Encoding" not in client.get("/login").headers
    none = client.get("/login", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in none.headers
    small = client.get("/health", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in small.headers


def test_the_size_of_a_packed_page_tells_nothing_exactly(client):
    sizes = {len(client.get("/login", headers={"Accept-Encoding": "gzip"}).data) for _ in range(12)}
    assert len(sizes) > 2


def test_behind_proxies_of_ours_the_address_is_the_askers_own(make_app, sqlite_url):
    from sqlalchemy import select

    from aidlog.extensions import db
    from aidlog.registry.models import LoginAttempt

    hashes = set()
    app = make_app(sqlite_url, trusted_proxies=1)
    app.config["WTF_CSRF_ENABLED"] = False
    for address in ("192.0.2.1", "192.0.2.2"):
        app.test_client().post(
            "/login",
            data={"login": "a", "password": "b"},
            headers={"X-Forwarded-For": f"203.0.113.9, {address}"},
        )
    with app.app_context():
        hashes = set(db.session.scalars(select(LoginAttempt.address_hash)))
    assert len(hashes) == 2
