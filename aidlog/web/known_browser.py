"""Browsers from which somebody signed in before.

Tries at an account are counted apart for each such browser. So nobody can keep a site lead out
by trying wrong passwords at their name from elsewhere, and a stolen laptop has no more tries
than a stranger.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from flask import Response, request
from itsdangerous import BadData, URLSafeTimedSerializer

from aidlog.web.sessions import settings

#: How long a browser that is not used stays known.
KNOWN_FOR = timedelta(days=180)


def known_browser(login: str) -> str:
    """Return the number of this browser where ``login`` signed in from it, else nothing."""
    try:
        name, number = _signer().loads(
            request.cookies.get(cookie_name(), ""), max_age=int(KNOWN_FOR.total_seconds())
        )
    except (BadData, ValueError, TypeError):
        return ""
    return str(number) if name == _hidden(login) else ""


def remember(response: Response, login: str) -> Response:
    """Let the browser be known as one of ``login`` from now on."""
    number = known_browser(login) or secrets.token_hex(8)
    response.set_cookie(
        cookie_name(),
        _signer().dumps([_hidden(login), number]),
        max_age=int(KNOWN_FOR.total_seconds()),
        path="/",
        secure=settings().secure_cookies,
        httponly=True,
        samesite="Lax",
    )
    return response


def cookie_name() -> str:
    """Return the cookie's name, bound to this host where there is HTTPS."""
    return "__Host-aidlog-known" if settings().secure_cookies else "aidlog-known"


def _hidden(login: str) -> str:
    """The cookie names nobody: whoever finds it learns no account."""
    key = settings().secret_key.encode()
    name = login.strip().casefold().encode()
    return hmac.new(key, b"known browser of " + name, hashlib.sha256).hexdigest()[:32]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="known browser")
