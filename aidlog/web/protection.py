"""What the browser is told and asked, so that another site can do nothing in a person's name."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest

from aidlog.settings import Settings
from aidlog.web.sessions import settings

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    # Nothing here is for search engines; a page that is for the public says so itself.
    "X-Robots-Tag": "noindex",
    # The camera reads the QR code of a waybill; nothing else is ever asked of the device.
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
}
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_YEAR = 31_536_000


class FromElsewhere(BadRequest):
    """A form was sent from another site: the browser says so itself."""


def configure(app: Flask, known: Settings) -> None:
    """Set what Flask and its extensions decide by configuration."""
    prefix = "__Host-" if known.secure_cookies else ""
    app.config.from_mapping(
        MAX_CONTENT_LENGTH=known.upload_bytes,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        MAX_FORM_PARTS=5_000,
        TRUSTED_HOSTS=list(known.trusted_hosts),
        SESSION_COOKIE_NAME=f"{prefix}aidlog-page",
        SESSION_COOKIE_SECURE=known.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # The language outlives the browser; the cookie is sent when it changes, not each time.
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        SESSION_REFRESH_EACH_REQUEST=False,
        PREFERRED_URL_SCHEME="https" if known.secure_cookies else "http",
        # The token is the session's and lasts as long: a form kept open all day still goes.
        WTF_CSRF_TIME_LIMIT=None,
        # Instead of the referrer, which browsers may withhold: see from_here().
        WTF_CSRF_SSL_STRICT=False,
    )


def register(app: Flask) -> None:
    """Check where forms come from, and send the headers with every answer of ``app``."""
    app.before_request(from_here)
    app.after_request(_guarded)


def from_here() -> None:
    """Refuse a change that another site asks for, in addition to the form's token.

    Browsers of the last years say it in Sec-Fetch-Site, older ones in Origin.

    Raises:
        FromElsewhere: 400.
    """
    if request.method not in _UNSAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise FromElsewhere
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise FromElsewhere


def _guarded(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    known = settings()
    if known.secure_cookies:
        response.headers.setdefault(
            "Strict-Transport-Security", f"max-age={_YEAR}; includeSubDomains"
        )
    if request.endpoint == "static":
        return _kept(response)
    response.vary.add("Cookie")
    if "Cache-Control" not in response.headers:
        # Pages name goods, places and people: none stays behind on a shared computer.
        response.headers["Cache-Control"] = "no-store"
    return response


def _kept(response: Response) -> Response:
    """Files whose address names their content never change and are kept for a year."""
    if request.args.get("v") and response.status_code in {200, 304}:
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response
