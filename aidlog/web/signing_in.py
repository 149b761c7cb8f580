"""The door: sign in, sign out, choose a password."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from aidlog.core.actor import Permission
from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry import passwords
from aidlog.registry.people import change_own_password
from aidlog.registry.signing_in import (
    SignedIn,
    TooManyTries,
    admit,
    asker,
    close_session,
    forgive,
    new_session,
    open_session,
    signed_in,
    verified,
)
from aidlog.web.forms import Form, show_on
from aidlog.web.guards import requires
from aidlog.web.i18n import choose
from aidlog.web.known_browser import known_browser, remember
from aidlog.web.local import local_path
from aidlog.web.logs import event
from aidlog.web.sessions import hand_over, settings, take_back, visitor

bp = Blueprint("signing_in", __name__)


class SignInForm(Form):
    login = StringField(
        _l("Sign-in name"),
        [InputRequired(_l("Write your sign-in name.")), Length(max=120)],
    )
    password = PasswordField(_l("Password"), [InputRequired(_l("Write your password."))])


class PasswordForm(Form):
    current = PasswordField(
        _l("Password until now"), [InputRequired(_l("Write the password you signed in with."))]
    )
    password = PasswordField(_l("New password"), [InputRequired(_l("Write a new password."))])
    again = PasswordField(
        _l("New password again"),
        [EqualTo("password", _l("The two do not match. Write the same password twice."))],
    )


class WrongSignIn(Refusal):
    """Name and password do not belong together; which of the two is wrong is not said."""

    def __init__(self) -> None:
        super().__init__(
            Message(N_("The name and the password do not belong together. Check both."))
        )


@bp.route("/login", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Let someone in who knows the password."""
    onward = local_path(request.args.get("next")) or url_for("home.start")
    if visitor() and request.method == "GET":
        return redirect(onward)
    form = SignInForm()
    status = 200
    headers: dict[str, str] = {}
    if form.validate_on_submit():
        try:
            token = _opened(str(form.login.data), str(form.password.data))
        except TooManyTries as refusal:
            show_on(form, refusal)
            status, headers = 429, {"Retry-After": str(refusal.retry_after)}
        except Refusal as refusal:
            show_on(form, refusal)
            status = 422
        else:
            response = hand_over(current_app.make_response(redirect(onward, 303)), token)
            return remember(response, str(form.login.data))
    elif form.is_submitted():
        status = 422
    return render_template("signing_in/sign_in.html", form=form), status, headers


def _opened(login: str, password: str) -> str:
    """Return the token of a new session.

    Raises:
        TooManyTries: before anything was compared.
        WrongSignIn: after the same time, whatever was wrong.
    """
    known = settings()
    asking = asker(known.secret_key, login, request.remote_addr or "", browser=known_browser(login))
    now = datetime.now(UTC)
    with writing(db.session()) as writable:
        admit(writable, asking, now)
    person_id = verified(db.session(), login, password)
    if person_id is None:
        event("sign-in refused")
        raise WrongSignIn
    with writing(db.session()) as writable:
        token = open_session(
            writable,
            person_id,
            asking=asking,
            password=password,
            now=now,
            hours=known.session_hours,
        )
        person = signed_in(writable, token, now)
    assert person is not None
    session.clear()  # a new form token: what was planted before sign-in is worth nothing
    choose(person.language)
    event("signed in", person=person_id)
    return token


@bp.post("/logout")
def sign_out() -> ResponseReturnValue:
    """End this browser's session, and with it every copy of its cookie."""
    here = visitor()
    if here is not None:
        with writing(db.session()) as writable:
            close_session(writable, here.signed.session_id, now=datetime.now(UTC))
        event("signed out", person=here.signed.person_id)
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    flash(_("You are signed out."), "success")
    return take_back(current_app.make_response(redirect(url_for("signing_in.sign_in"), 303)))


@bp.route("/password", methods=["GET", "POST"])
@requires(Permission.HOME_VIEW)
def password() -> ResponseReturnValue:
    """Choose a new password; all other browsers of this person are signed out."""
    here = visitor()
    assert here is not None
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            token = _changed(here.signed, str(form.current.data), str(form.password.data))
        except Refusal as refusal:
            show_on(form, refusal)
        else:
            flash(_("Your password is changed. Other devices are signed out."), "success")
            return hand_over(current_app.make_response(redirect(url_for("home.start"), 303)), token)
    return (
        render_template("signing_in/password.html", form=form, signed=here.signed),
        422 if form.is_submitted() else 200,
    )


def _changed(signed: SignedIn, current: str, new: str) -> str:
    """Change the password and return the token of a new session.

    Guesses of the old password count like guesses at the door.
    """
    known = settings()
    now = datetime.now(UTC)
    asking = asker(
        known.secret_key,
        signed.login,
        request.remote_addr or "",
        browser=known_browser(signed.login),
    )
    with writing(db.session()) as writable:
        admit(writable, asking, now)
    if verified(db.session(), signed.login, current) != signed.person_id:
        raise Refusal(Message(N_("This is not the password you signed in with.")), field="current")
    passwords.must_be_strong(new, login=signed.login, name=signed.name)
    if new == current:
        raise Refusal(
            Message(N_("This is the password you have. Choose another one.")), field="password"
        )
    password_hash = passwords.hashed(new)
    with writing(db.session()) as writable:
        change_own_password(writable, signed.person_id, password_hash)
        forgive(writable, asking)
        token = new_session(writable, signed.person_id, now=now, hours=known.session_hours)
    event("password changed", person=signed.person_id)
    return token
