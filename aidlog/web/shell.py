"""What every page shows around itself: navigation by permission, language, colours, assets."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, request

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import AidlogError
from aidlog.core.text import N_, Message
from aidlog.extensions import db
from aidlog.registry.roles import Role, actor_for
from aidlog.reports.waiting import Waiting, waiting_for
from aidlog.web.assets import asset
from aidlog.web.forms import problems
from aidlog.web.i18n import language, name_of, say
from aidlog.web.local import here
from aidlog.web.preferences import chosen_theme
from aidlog.web.sessions import settings, visitor

ROLE_NAMES = {
    Role.PLANNER: N_("Planner"),
    Role.STOREKEEPER: N_("Storekeeper"),
    Role.SITE_LEAD: N_("Site lead"),
    Role.DONOR: N_("Donor"),
    Role.COORDINATOR: N_("Coordinator"),
    Role.PROTECTION: N_("Protection officer"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMINISTRATOR: N_("Administrator"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of aidlog: its path, its name, who sees it, and what waits there."""

    path: str
    name: str
    permission: Permission
    waiting: str = ""


#: In the order of the work. One who holds the permission nowhere does not see the section.
SECTIONS = (
    Section("/s/", N_("My site"), Permission.RECEIPT_CONFIRM),
    Section("/gifts", N_("My gifts"), Permission.OWN_GIFTS_VIEW),
    Section("/needs", N_("Needs"), Permission.NEEDS_VIEW),
    Section("/plans", N_("Plans"), Permission.PLAN_VIEW, "plans"),
    Section("/stock", N_("Stock"), Permission.STOCK_VIEW),
    Section("/waybills", N_("Waybills"), Permission.WAYBILL_VIEW, "waybills"),
    Section("/movements", N_("Movements"), Permission.STOCK_VIEW),
    Section("/pledges", N_("Pledges"), Permission.PLEDGE_VIEW, "pledges"),
    Section("/voice", N_("Feedback"), Permission.VOICE_VIEW),
    Section("/reports", N_("Reports"), Permission.REPORT_VIEW),
    Section("/setup/", N_("Setup"), Permission.REGISTRY_VIEW),
    Section("/audit", N_("Audit"), Permission.AUDIT_VIEW),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A section as this person sees it. ``exact``: this very page."""

    url: str
    label: str
    current: bool
    exact: bool
    waiting: int


def navigation() -> list[Entry]:
    """Return the sections that whoever is signed in may open, with what waits in each."""
    actor = actor_here()
    if actor is None:
        return []
    seen = [s for s in SECTIONS if actor.may(s.permission) and has_page(s.path)]
    counts = waiting_here(actor) if any(s.waiting for s in seen) else None
    return [
        Entry(
            url=section.path,
            label=say(Message(section.name)),
            current=_within(section.path),
            exact=request.path.rstrip("/") == section.path.rstrip("/"),
            waiting=getattr(counts, section.waiting) if section.waiting and counts else 0,
        )
        for section in seen
    ]


def actor_here() -> Actor | None:
    """Return who is asking, also on a page that the guard let through without asking."""
    known = g.get("actor")
    if isinstance(known, Actor):
        return known
    person = visitor()
    if person is None:
        return None
    try:
        return actor_for(db.session(), person.signed.person_id)
    except AidlogError:
        return None


def waiting_here(actor: Actor) -> Waiting:
    """Return what waits for ``actor``, counted once a request."""
    if "waiting" not in g:
        g.waiting = waiting_for(db.session(), actor)
    assert isinstance(g.waiting, Waiting)
    return g.waiting


def has_page(path: str) -> bool:
    """Say whether a page of this installation answers at ``path``."""
    known: dict[str, bool] = current_app.extensions.setdefault("aidlog.pages", {})
    if path not in known:
        adapter = current_app.create_url_adapter(request)
        known[path] = adapter is not None and adapter.test(path, "GET")
    return known[path]


def may(permission: str) -> bool:
    """Say whether whoever is signed in holds ``permission`` somewhere; for templates."""
    actor = actor_here()
    return actor is not None and actor.may(Permission(permission))


def may_everywhere(permission: str) -> bool:
    """Say whether ``permission`` holds at every place of the organisation; for templates."""
    actor, wanted = actor_here(), Permission(permission)
    return actor is not None and actor.may(wanted) and actor.places(wanted) is None


def role_name(role: str) -> str:
    """Return what people call a role, in their language."""
    return say(Message(ROLE_NAMES[Role(role)])) if role else ""


def _within(path: str) -> bool:
    at = path.rstrip("/")
    return request.path == at or request.path.startswith(at + "/")


def register(app: Flask) -> None:
    """Give the templates of ``app`` what the shell needs."""
    app.jinja_env.globals.update(
        asset=asset,
        here=here,
        language=language,
        name_of=name_of,
        may=may,
        may_everywhere=may_everywhere,
        navigation=navigation,
        problems=problems,
        role_name=role_name,
        say=say,
        theme=chosen_theme,
    )
    app.context_processor(
        lambda: {
            "languages": settings().languages,
            "operation_name": settings().operation_name,
        }
    )
