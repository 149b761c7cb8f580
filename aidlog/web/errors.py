"""How an error reaches a person: one handler a kind, a whole sentence, no traceback."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from aidlog.core.errors import Conflict, NotAllowed, NotFound, Refusal
from aidlog.db.transaction import Busy
from aidlog.web.i18n import say

log = logging.getLogger("aidlog.web")


def register(app: Flask) -> None:
    """Teach ``app`` the errors of aidlog."""
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(NotAllowed, _not_found)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def _not_found(_error: Exception) -> ResponseReturnValue:
    """A thing one may not see and a thing that is not there look the same."""
    return render_template("errors/404.html"), 404


def _refused(error: Refusal) -> ResponseReturnValue:
    """A refusal that no form showed: a page of its own, with the same sentence."""
    status = 503 if isinstance(error, Busy) else 409 if isinstance(error, Conflict) else 422
    return render_template("errors/refused.html", sentence=say(error.message)), status


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    return render_template("errors/stale_form.html"), 400


def _http(error: HTTPException) -> ResponseReturnValue:
    return (
        render_template("errors/http.html", code=error.code),
        error.code or 500,
        error.get_headers(),
    )


def _fault(error: Exception) -> ResponseReturnValue:
    """Our own mistake: logged under a number that the person can read out."""
    number = secrets.token_hex(4).upper()
    log.error("fault %s: %s", number, type(error).__name__, exc_info=error)
    return render_template("errors/500.html", number=number), 500
