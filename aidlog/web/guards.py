"""Every page says what it needs; a page that says nothing is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import abort, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.extensions import db, login
from aidlog.registry.roles import actor_for

P = ParamSpec("P")
T = TypeVar("T")

#: Endpoints that anyone may open. Anything else names a permission or stays shut.
PUBLIC = frozenset(
    {"static", "public.health", "signing_in.sign_in", "signing_in.language", "signing_in.start"}
)


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
    if not current_user.is_authenticated:
        return login.unauthorized()  # type: ignore[no-any-return]
    g.actor = actor_for(db.session(), int(current_user.get_id()))
    if not g.actor.may(permission):
        raise NotFound(request.endpoint)
    return None


def actor() -> Actor:
    """Return who is asking."""
    assert isinstance(g.actor, Actor)
    return g.actor
