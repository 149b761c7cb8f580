"""How an error reaches a person: one handler a kind, a whole sentence, no traceback.

The pages of faults stand on a shell of their own, which asks no database and no session: they
are shown when those fail.
"""

from __future__ import annotations

import logging
import secrets

from flask import Flask, Response, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from aidlog.core.errors import Conflict, NotAllowed, NotFound, Refusal
from aidlog.db.transaction import Busy, let_go
from aidlog.extensions import db, login
from aidlog.web.i18n import say
from aidlog.web.protection import FromElsewhere

log = logging.getLogger("aidlog.web")


def register(app: Flask) -> None:
    """Teach ``app`` the errors of aidlog."""
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(NotAllowed, _not_found)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(FromElsewhere, _from_elsewhere)
    app.register_error_handler(SecurityError, _other_host)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _unreachable)
    app.register_error_handler(Exception, _fault)
    app.after_request(_numbered)


def status_of(refusal: Refusal) -> int:
    """Return 503 where it is worth trying again, 409 where something changed, else 422."""
    return 503 if isinstance(refusal, Busy) else 409 if isinstance(refusal, Conflict) else 422


def _numbered(response: Response) -> Response:
    """Let a form that shows a refusal answer with the refusal's own number."""
    refusal = g.get("refusal")
    if response.status_code == 422 and isinstance(refusal, Refusal):
        response.status_code = status_of(refusal)
    return response


def _not_found(_error: Exception) -> ResponseReturnValue:
    """A thing one may not see and a thing that is not there look the same."""
    return render_template("errors/404.html"), 404


def _refused(error: Refusal) -> ResponseReturnValue:
    """A refusal that no form showed: a page of its own, with the same sentence."""
    if isinstance(error, Busy):
        return render_template("errors/busy.html"), 503, {"Retry-After": "5"}
    return (
        render_template("errors/refused.html", sentence=say(error.message)),
        status_of(error),
    )


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    return render_template("errors/stale_form.html"), 400


def _from_elsewhere(_error: FromElsewhere) -> ResponseReturnValue:
    return render_template("errors/from_elsewhere.html"), 400


def _other_host(_error: SecurityError) -> ResponseReturnValue:
    """Without a host of ours there is no address to link to: words only."""
    return (
        _("This address is not one of aidlog. Use the address you were given."),
        400,
        {"Content-Type": "text/plain; charset=utf-8"},
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    page = f"errors/{code}.html" if code in {403, 405, 413, 422, 429} else "errors/http.html"
    kept = {
        name: value
        for name, value in error.get_headers()
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}
    }
    return render_template(page, code=code), code, kept


def _unreachable(error: OperationalError) -> ResponseReturnValue:
    """The database did not answer, or its disk is full: nothing was changed."""
    number = _number()
    log.error("database", extra={"number": number}, exc_info=error)
    _let_go()
    return render_template("errors/503.html", number=number), 503, {"Retry-After": "30"}


def _fault(error: Exception) -> ResponseReturnValue:
    """Our own mistake: logged under a number that the person can read out."""
    number = _number()
    log.error("fault", extra={"number": number}, exc_info=error)
    _let_go()
    return render_template("errors/500.html", number=number), 500


def _number() -> str:
    return secrets.token_hex(4).upper()


def _let_go() -> None:
    """Give up what the request had begun; the page that follows asks for nothing."""
    try:
        let_go(db.session())
    except Exception as error:
        log.warning("nothing to give up", exc_info=error)
    g._login_user = login.anonymous_user()  # or Flask-Login would ask for it
