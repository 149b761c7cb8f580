"""Every page says what it needs; a page that says nothing is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.extensions import db
from aidlog.registry.roles import actor_for
from aidlog.web.local import here
from aidlog.web.sessions import visitor

P = ParamSpec("P")
T = TypeVar("T")

#: Endpoints that anyone may open. Anything else names a permission or stays shut.
PUBLIC = frozenset(
    {
        "static",
        "public.health",
        "home.start",
        "preferences.language",
        "preferences.theme",
        "signing_in.sign_in",
        "signing_in.sign_out",
        "tracking.gift",
    }
)
#: What someone may open whose password is to be changed first.
BEFORE_NEW_PASSWORD = frozenset({"signing_in.password"})


def requires(permission: Permission) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Mark a view with the permission it needs; guard() does the asking."""

    def mark(view: Callable[P, T]) -> Callable[P, T]:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def guard() -> ResponseReturnValue | None:
    """Before each request: public, or signed in and permitted, or out.

    Without a permission of its own a view answers 403 to everyone. Someone who is signed in
    but may not use a page is told that there is nothing (404).
    """
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    permission = getattr(current_app.view_functions[request.endpoint], "permission", None)
    if permission is None:
        abort(403)
    person = visitor()
    if person is None:
        back = here()
        return redirect(url_for("signing_in.sign_in", next=None if back == "/" else back))
    g.actor = actor_for(db.session(), person.signed.person_id)
    if person.signed.must_change_password and request.endpoint not in BEFORE_NEW_PASSWORD:
        return redirect(url_for("signing_in.password"))
    if not g.actor.may(permission):
        raise NotFound(request.endpoint)
    return None


def actor() -> Actor:
    """Return who is asking."""
    assert isinstance(g.actor, Actor)
    return g.actor
