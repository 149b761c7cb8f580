"""Where people arrive: the door, and for those who are signed in what waits for them today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidlog.core.actor import Actor, Permission
from aidlog.extensions import db
from aidlog.reports.alerts.models import AlertKind
from aidlog.reports.alerts.rows import counts
from aidlog.web.guards import actor, requires
from aidlog.web.logistics.alerts import names
from aidlog.web.sessions import visitor
from aidlog.web.shell import has_page, waiting_here

bp = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Task:
    """Work that waits: how much of it, what it is, and where it is done."""

    count: int
    words: str
    url: str
    kind: str = ""


@bp.get("/")
def start() -> ResponseReturnValue:
    """Lead to the work of the day, or to the door."""
    return redirect(url_for("home.today") if visitor() else url_for("signing_in.sign_in"))


@bp.get("/today")
@requires(Permission.HOME_VIEW)
def today() -> ResponseReturnValue:
    """Show what waits for this person; site leads and donors have pages of their own."""
    here = actor()
    for permission, path in (
        (Permission.RECEIPT_CONFIRM, "/s/"),
        (Permission.OWN_GIFTS_VIEW, "/gifts"),
    ):
        if here.may(permission) and not here.may(Permission.REGISTRY_VIEW) and has_page(path):
            return redirect(path)
    alarms = [task for task in _alarms(here) if task.count]
    return render_template(
        "home/today.html",
        tasks=[task for task in _tasks(here) if task.count],
        alarms=alarms,
        alarm_count=sum(task.count for task in alarms),
    )


def _alarms(here: Actor) -> Iterator[Task]:
    """Yield the alerts of each kind that nobody set aside, each leading to its rows."""
    found = counts(db.session(), here, now=datetime.now(UTC))
    for kind, name in names().items():
        worst = kind in {AlertKind.OVERDUE, AlertKind.EXPIRED}
        address = url_for("alerts.listing", kind=kind.value)
        yield Task(found[kind], name, address, "bad" if worst else "warn")


def _tasks(here: Actor) -> Iterator[Task]:
    """Yield what may wait, the most urgent first. The words hold for one and for many."""
    waiting = waiting_here(here)
    yield Task(waiting.losses, _("Loss reports to decide on"), "/losses?state=open", "warn")
    yield Task(waiting.corrections, _("Corrections of stock to decide on"), "/corrections", "warn")
    yield Task(waiting.counts, _("Stock takes to approve"), "/counts", "warn")
    yield Task(waiting.dates, _("Dates of entries that do not fit"), "/dates", "warn")
    yield Task(waiting.plans, _("Plans to approve or send back"), "/plans")
    yield Task(waiting.drafts, _("Plans worked out, to be sent for approval"), "/plans")
    yield Task(
        waiting.requisitions,
        _("Requests of sites to decide on"),
        "/requisitions?show=waiting",
    )
    yield Task(waiting.offers, _("Goods offered to you, to accept or decline"), "/offers")
    yield Task(waiting.requests, _("Goods that another warehouse asks for"), "/transfers")
    yield Task(waiting.to_load, _("Waybills to load"), "/waybills?state=prepared")
    yield Task(waiting.counting, _("Stock takes being counted"), "/counts")
    yield Task(waiting.pledges, _("Pledges expected: count what arrives"), "/pledges")
    yield Task(waiting.feedback, _("Messages from sites to answer"), "/voice")
    yield Task(waiting.waybills, _("Trucks on the road"), "/waybills?state=on_the_road")
