"""Who comes in by the door, and what a copied key is worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry import passwords
from aidlog.registry.models import LoginAttempt, LoginSession, Person
from aidlog.registry.signing_in import TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS
from tests.web.conftest import WORDS, Browser, add_someone


@pytest.fixture
def amina(strict_app):
    return add_someone(strict_app)


def rows(app, statement):
    with app.app_context():
        found = list(db.session.scalars(statement))
        db.session.remove()
    return found


def change(app, statement):
    with app.app_context():
        with writing(db.session()) as session:
            session.execute(statement)
        db.session.remove()


def test_name_and_password_open_the_page_that_was_asked_for(amina, browser):
    asked = browser.client.get("/find?q=WB-KRB")
    assert asked.headers["Location"] == "/login?next=/find?q%3DWB-KRB"
    answer = browser.post(asked.headers["Location"], login="amina@example.org", password=WORDS)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/find?q=WB-KRB")
    assert browser.client.get("/today").status_code == 200


def test_capitals_and_spaces_around_the_name_do_not_matter(amina, browser):
    assert browser.sign_in("  Amina@Example.org ").status_code == 303


@pytest.mark.parametrize(
    ("login", "password"),
    [("amina@example.org", "four plain words apart"), ("nobody@example.org", WORDS)],
)
def test_a_wrong_name_and_a_wrong_password_are_told_in_the_same_words(
    amina, browser, login, password
):
    answer = browser.sign_in(login, password)
    assert answer.status_code == 422
    assert "The name and the password do not belong together. Check both." in answer.text
    assert "aidlog=" not in str(answer.headers)


def test_an_unknown_name_costs_the_same_work_as_a_known_one(strict_app, monkeypatch):
    """Not the time itself, which a busy machine blurs, but what takes the time."""
    from argon2 import PasswordHasher

    verified = []
    real = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher,
        "verify",
        lambda self, *given: verified.append(given[0].split("$")[:4]) or real(self, *given),
    )
    assert not passwords.matches(None, "anything at all")
    assert not passwords.matches(passwords.hashed("something else"), "anything at all")
    assert verified == [["", "argon2id", "v=19", "m=19456,t=2,p=1"]] * 2


def test_someone_switched_off_or_without_a_password_stays_out(strict_app, amina, browser):
    change(strict_app, update(Person).values(active=False))
    assert browser.sign_in("amina@example.org").status_code == 422
    change(strict_app, update(Person).values(active=True, password_hash=None))
    assert browser.sign_in("amina@example.org", "").status_code == 422


def test_a_cookie_copied_before_sign_out_opens_nothing_after_it(strict_app, amina, browser):
    browser.sign_in("amina@example.org")
    copied = browser.client.get_cookie("aidlog").value
    thief = strict_app.test_client()
    thief.set_cookie("aidlog", copied)
    assert thief.get("/today").status_code == 200
    assert browser.post("/logout", form_at="/today").status_code == 303
    assert thief.get("/today").status_code == 302
    assert browser.client.get_cookie("aidlog") is None


def test_the_database_holds_no_token_only_its_hash(strict_app, amina, browser):
    browser.sign_in("amina@example.org")
    token = browser.client.get_cookie("aidlog").value
    [session] = rows(strict_app, select(LoginSession))
    assert len(token) >= 43
    assert token not in (session.token_hash, session.__dict__.values())
    assert len(session.token_hash) == 64


def test_signing_in_again_gives_another_token(strict_app, amina):
    tokens = set()
    for _ in range(2):
        browser = Browser(strict_app.test_client())
        browser.sign_in("amina@example.org")
        tokens.add(browser.client.get_cookie("aidlog").value)
    assert len(tokens) == 2


def test_a_token_planted_before_sign_in_is_not_taken_over(strict_app, amina, browser):
    browser.client.set_cookie("aidlog", "planted")
    browser.sign_in("amina@example.org")
    assert browser.client.get_cookie("aidlog").value != "planted"


def test_the_form_token_of_before_sign_in_is_worth_nothing_after_it(amina, browser):
    before = browser.token()
    browser.sign_in("amina@example.org")
    answer = browser.client.post("/logout", data={"csrf_token": before})
    assert answer.status_code == 400
    assert browser.client.get("/today").status_code == 200


@pytest.mark.parametrize("column", ["expires_at", "created_at"])
def test_a_session_ends_when_it_was_not_used_or_has_grown_old(strict_app, amina, browser, column):
    browser.sign_in("amina@example.org")
    change(strict_app, update(LoginSession).values({column: datetime.now(UTC) - timedelta(8)}))
    assert browser.client.get("/today").status_code == 302


def test_a_session_in_use_is_prolonged(strict_app, amina, browser):
    browser.sign_in("amina@example.org")
    soon = datetime.now(UTC) + timedelta(minutes=5)
    seen = datetime.now(UTC) - timedelta(hours=11)
    change(strict_app, update(LoginSession).values(expires_at=soon, seen_at=seen))
    assert browser.client.get("/today").status_code == 200
    [session] = rows(strict_app, select(LoginSession))
    assert session.expires_at > soon + timedelta(hours=11)


def test_too_many_failures_at_an_account_make_the_next_try_wait(strict_app, amina, browser):
    for _ in range(TRIES_PER_ACCOUNT):
        assert browser.sign_in("amina@example.org", "wrong words again").status_code == 422
    answer = browser.sign_in("amina@example.org")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "There were too many tries. Wait 15 minutes, then try again." in answer.text
    past = datetime.now(UTC) - timedelta(minutes=16)
    change(strict_app, update(LoginAttempt).values(at=past))
    assert browser.sign_in("amina@example.org").status_code == 303


def test_too_many_failures_from_an_address_make_every_account_wait(strict_app, amina, browser):
    now = datetime.now(UTC)
    browser.sign_in("amina@example.org", "wrong words again")
    [first] = rows(strict_app, select(LoginAttempt))
    with strict_app.app_context(), writing(db.session()) as session:
        session.add_all(
            LoginAttempt(account_hash=f"{number:064}", address_hash=first.address_hash, at=now)
            for number in range(TRIES_PER_ADDRESS)
        )
    assert browser.sign_in("amina@example.org").status_code == 429


def test_tries_are_kept_without_name_or_address(strict_app, amina, browser):
    browser.sign_in("amina@example.org", "wrong words again")
    [attempt] = rows(strict_app, select(LoginAttempt))
    assert len(attempt.account_hash) == len(attempt.address_hash) == 64
    from hashlib import sha256

    assert attempt.address_hash != sha256(b"127.0.0.1").hexdigest()


def test_the_right_password_forgives_the_wrong_ones(strict_app, amina, browser):
    for _ in range(TRIES_PER_ACCOUNT - 1):
        browser.sign_in("amina@example.org", "wrong words again")
    browser.sign_in("amina@example.org")
    assert rows(strict_app, select(LoginAttempt)) == []


def test_a_hash_of_older_costs_is_renewed_at_sign_in(strict_app, amina, browser):
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(WORDS)
    change(strict_app, update(Person).values(password_hash=old))
    assert browser.sign_in("amina@example.org").status_code == 303
    [renewed] = rows(strict_app, select(Person.password_hash).where(Person.id == amina))
    assert renewed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "http:///evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/a//evil.example",
        "/\t/evil.example",
        "/ok\r\nSet-Cookie: a=b",
        "evil.example",
    ],
)
def test_sign_in_never_leads_to_another_site(amina, browser, elsewhere):
    from urllib.parse import quote

    answer = browser.sign_in("amina@example.org", next_path=quote(elsewhere, safe=""))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_new_password_signs_out_every_other_browser(strict_app, amina, browser):
    other = Browser(strict_app.test_client())
    other.sign_in("amina@example.org")
    browser.sign_in("amina@example.org")
    answer = browser.post(
        "/password",
        form_at="/password",
        current=WORDS,
        password="lake mountain road bean",
        again="lake mountain road bean",
    )
    assert answer.status_code == 303
    assert browser.client.get("/today").status_code == 200
    assert other.client.get("/today").status_code == 302
    assert Browser(strict_app.test_client()).sign_in("amina@example.org").status_code == 422


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        ("wrong words again", "lake mountain road", "lake mountain road", "not the password"),
        (WORDS, "short", "short", "fewer than 10 characters"),
        (WORDS, "abababababab", "abababababab", "repeats the same few"),
        (WORDS, "aminasbighouse", "aminasbighouse", "which others can guess"),
        (WORDS, "lake mountain road", "lake mountain roads", "do not match"),
        (WORDS, WORDS, WORDS, "Choose another one"),
    ],
)
def test_a_password_that_cannot_be_is_refused_with_the_reason(
    amina, browser, current, new, again, said
):
    browser.sign_in("amina@example.org")
    answer = browser.post(
        "/password", form_at="/password", current=current, password=new, again=again
    )
    assert answer.status_code == 422
    assert said in answer.text
    assert new not in answer.text


def test_a_password_set_by_someone_else_is_changed_before_anything_else(strict_app, amina, browser):
    change(strict_app, update(Person).values(must_change_password=True))
    browser.sign_in("amina@example.org")
    assert browser.client.get("/today").headers["Location"] == "/password"
    assert browser.client.get("/find").headers["Location"] == "/password"
    browser.post(
        "/password",
        form_at="/password",
        current=WORDS,
        password="lake mountain road bean",
        again="lake mountain road bean",
    )
    assert browser.client.get("/today").status_code == 200


def test_the_cookie_is_bound_to_this_host_over_https(make_app, sqlite_url):
    app = make_app(sqlite_url, secure_cookies=True)
    add_someone(app)
    client = app.test_client()
    import re

    found = re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"',
        client.get("/login", base_url="https://localhost").text,
    )
    answer = client.post(
        "/login",
        base_url="https://localhost",
        data={"csrf_token": found[1], "login": "amina@example.org", "password": WORDS},
    )
    cookies = {line.split("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    for name in ("__Host-aidlog", "__Host-aidlog-page"):
        assert "; Secure" in cookies[name]
        assert "HttpOnly" in cookies[name]
        assert "SameSite=Lax" in cookies[name]
        assert "Path=/" in cookies[name]
        assert "Domain" not in cookies[name]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_wrong_tries_from_elsewhere_do_not_keep_a_known_browser_out(strict_app, amina, browser):
    browser.sign_in("amina@example.org")
    browser.post("/logout", form_at="/today")
    stranger = Browser(strict_app.test_client())
    for _ in range(TRIES_PER_ACCOUNT):
        stranger.sign_in("amina@example.org", "wrong words again")
    assert stranger.sign_in("amina@example.org").status_code == 429
    assert browser.sign_in("amina@example.org").status_code == 303


def test_a_known_browser_has_no_more_tries_than_a_stranger(strict_app, amina, browser):
    browser.sign_in("amina@example.org")
    browser.post("/logout", form_at="/today")
    for _ in range(TRIES_PER_ACCOUNT):
        assert browser.sign_in("amina@example.org", "wrong words again").status_code == 422
    assert browser.sign_in("amina@example.org").status_code == 429


def test_the_mark_of_a_known_browser_names_nobody_and_helps_no_other_account(
    strict_app, amina, browser
):
    import base64

    add_someone(strict_app, "bola@example.org")
    browser.sign_in("amina@example.org")
    mark = browser.client.get_cookie("aidlog-known").value
    payload = mark.split(".")[0]
    assert b"amina" not in base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    stranger = Browser(strict_app.test_client())
    stranger.client.set_cookie("aidlog-known", mark)
    for _ in range(TRIES_PER_ACCOUNT):
        stranger.sign_in("bola@example.org", "wrong words again")
    assert Browser(strict_app.test_client()).sign_in("bola@example.org").status_code == 429


def test_the_language_outlives_the_closing_of_the_browser(strict_app, amina, browser):
    change(strict_app, update(Person).values(language="sw"))
    answer = browser.sign_in("amina@example.org")
    [page] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("aidlog-page=")]
    assert "Expires=" in page
    assert '<html lang="sw"' in browser.client.get("/today").text
    assert "Set-Cookie" not in browser.client.get("/today").headers


def test_tries_and_sessions_that_no_longer_count_do_not_pile_up(strict_app, amina, browser):
    bola = add_someone(strict_app, "bola@example.org")
    Browser(strict_app.test_client()).sign_in("bola@example.org")
    browser.sign_in("nobody@example.org")
    long_ago = datetime.now(UTC) - timedelta(days=20)
    change(strict_app, update(LoginSession).values(created_at=long_ago))
    change(strict_app, update(LoginAttempt).values(at=long_ago))
    browser.sign_in("amina@example.org")
    assert rows(strict_app, select(LoginAttempt)) == []
    assert rows(strict_app, select(LoginSession.person_id)) == [amina]
    assert bola != amina
