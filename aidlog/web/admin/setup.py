"""Setup: the checklist of what an operation needs before it can plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from aidlog.core.actor import Permission
from aidlog.extensions import db
from aidlog.reports.setup_steps import SetupState, setup_state
from aidlog.web.guards import actor, requires
from aidlog.web.shell import has_page

bp = Blueprint("setup", __name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One task of the setup; ``lacking`` says what is still missing, "" where nothing is."""

    path: str
    name: str
    number: int
    lacking: str = ""

    @property
    def state(self) -> str:
        return "done" if self.number and not self.lacking else "begun" if self.number else "next"


@bp.get("/setup/")
@requires(Permission.REGISTRY_VIEW)
def checklist() -> ResponseReturnValue:
    """Show what is set up, what is missing, and where to go on."""
    state = setup_state(db.session(), actor(), datetime.now(UTC).date())
    return render_template("admin/setup.html", steps=_steps(state))


def _steps(state: SetupState) -> list[Step]:
    steps = [
        Step("/setup/organisations", _("Organisations"), state.organisations),
        Step("/setup/items", _("Items and packs"), state.items, _unweighed(state)),
        Step("/setup/places", _("Places"), state.warehouses + state.sites, _no_store(state)),
        Step(
            "/sites", _("Counts of people"), state.sites - state.sites_uncounted, _uncounted(state)
        ),
        Step("/setup/routes", _("Roads"), state.routes, _unreached(state)),
        Step("/setup/vehicles", _("Trucks"), state.vehicles),
        Step("/setup/standards", _("Standards"), state.standards),
        Step("/setup/people", _("People and roles"), state.people),
    ]
    return [step for step in steps if _may_open(step.path) and has_page(step.path)]


def _may_open(path: str) -> bool:
    needed = {
        "/setup/people": Permission.PEOPLE_MANAGE,
        "/setup/standards": Permission.NEEDS_VIEW,
        "/sites": Permission.NEEDS_VIEW,
    }
    return actor().may(needed.get(path, Permission.REGISTRY_VIEW))


def _unweighed(state: SetupState) -> str:
    if not state.items_without_weight:
        return ""
    words: str = ngettext(
        "The weight of %(num)d item is not known.",
        "The weight of %(num)d items is not known.",
        state.items_without_weight,
    )
    return words


def _no_store(state: SetupState) -> str:
    if not state.warehouses:
        return str(_("There is no warehouse yet."))
    return "" if state.sites else str(_("There is no site yet."))


def _uncounted(state: SetupState) -> str:
    if not state.sites_uncounted:
        return ""
    words: str = ngettext(
        "%(num)d site has not been counted.",
        "%(num)d sites have not been counted.",
        state.sites_uncounted,
    )
    return words


def _unreached(state: SetupState) -> str:
    if not state.sites_without_road:
        return ""
    words: str = ngettext(
        "No road leads to %(num)d site.",
        "No road leads to %(num)d sites.",
        state.sites_without_road,
    )
    return words
