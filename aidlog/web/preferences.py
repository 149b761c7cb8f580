"""What anyone may choose for their own browser: the language and the colours of the pages."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import refresh

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.people import choose_language
from aidlog.web.i18n import choose
from aidlog.web.local import local_path
from aidlog.web.sessions import settings, visitor

bp = Blueprint("preferences", __name__)

THEMES = frozenset({"light", "dark"})
_YEAR = 365 * 24 * 3600


@bp.post("/language")
def language() -> ResponseReturnValue:
    """Show pages in another language, from now on and on the person's other devices."""
    code = request.form.get("language", "")
    if not choose(code):
        abort(422)
    refresh()
    here = visitor()
    if here is not None and here.language != code:
        with writing(db.session()) as session:
            choose_language(session, here.signed.person_id, code)
    return redirect(_back(), 303)


@bp.post("/theme")
def theme() -> ResponseReturnValue:
    """Show pages light or dark, or as the device has it."""
    wanted = request.form.get("theme", "")
    response = current_app.make_response(redirect(_back(), 303))
    if wanted in THEMES:
        response.set_cookie(
            "theme",
            wanted,
            max_age=_YEAR,
            secure=settings().secure_cookies,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie("theme", secure=settings().secure_cookies, samesite="Lax")
    return response


def chosen_theme() -> str:
    """Return the colours that this browser chose, empty where the device decides."""
    wanted = request.cookies.get("theme", "")
    return wanted if wanted in THEMES else ""


def _back() -> str:
    return local_path(request.form.get("back")) or url_for("home.start")
