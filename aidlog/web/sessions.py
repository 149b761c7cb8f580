"""The signed-in browser: a random token in its cookie, the session itself in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask, Request, Response, current_app, g, request
from flask_login import UserMixin
from sqlalchemy.exc import OperationalError

from aidlog.core.errors import Refusal
from aidlog.db.transaction import writing
from aidlog.extensions import db, login
from aidlog.registry.signing_in import (
    LONGEST_SESSION,
    TOUCH_AFTER,
    SignedIn,
    prolong,
    signed_in,
)
from aidlog.settings import Settings


@dataclass(frozen=True)
class Visitor(UserMixin):
    """The person behind this request, as Flask-Login wants it."""

    signed: SignedIn

    def get_id(self) -> str:
        return str(self.signed.person_id)

    @property
    def name(self) -> str:
        return self.signed.name

    @property
    def language(self) -> str:
        return self.signed.language

    @property
    def role(self) -> str:
        return self.signed.role

    @property
    def initials(self) -> str:
        """The first letters of the first and the last name."""
        words = self.signed.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def settings() -> Settings:
    """Return the settings of the app that answers."""
    found = current_app.config["AIDLOG"]
    assert isinstance(found, Settings)
    return found


def cookie_name(secure: bool) -> str:
    """Return the name of the cookie; __Host- keeps other hosts of a domain from planting it."""
    return "__Host-aidlog" if secure else "aidlog"


def register(app: Flask) -> None:
    """Let Flask-Login ask us who is there, request by request."""
    login.init_app(app)
    login.login_view = "signing_in.sign_in"
    login.login_message = None
    login.request_loader(_visitor)
    login.session_protection = None
    app.before_request(_prolong)


def _visitor(asked: Request) -> Visitor | None:
    token = asked.cookies.get(cookie_name(settings().secure_cookies), "")
    if not token or len(token) > 100:
        return None
    found = signed_in(db.session(), token, datetime.now(UTC))
    return Visitor(found) if found else None


def visitor() -> Visitor | None:
    """Return who is signed in, or None."""
    from flask_login import current_user

    found = current_user._get_current_object()
    return found if isinstance(found, Visitor) else None


def _prolong() -> None:
    """Keep a session in use alive. Reading goes on where nothing can be written just now."""
    if request.endpoint is None or request.endpoint in {"static", "public.health"}:
        return
    here = visitor()
    now = datetime.now(UTC)
    if here is None or now - here.signed.seen_at < TOUCH_AFTER:
        return
    try:
        with writing(db.session()) as session:
            prolong(session, here.signed.session_id, now=now, hours=settings().session_hours)
    except (Refusal, OperationalError):
        return


def hand_over(response: Response, token: str) -> Response:
    """Give the browser its token. It lasts as long as any session; the server ends it sooner."""
    secure = settings().secure_cookies
    response.set_cookie(
        cookie_name(secure),
        token,
        max_age=int(LONGEST_SESSION.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def take_back(response: Response) -> Response:
    """Remove the token from the browser, and forget who was there."""
    secure = settings().secure_cookies
    response.delete_cookie(
        cookie_name(secure), path="/", secure=secure, httponly=True, samesite="Lax"
    )
    g.pop("_login_user", None)
    return response
