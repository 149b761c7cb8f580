"""The audit: who did what, and whether the chain of entries holds."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aidlog.core.actor import Permission
from aidlog.extensions import db
from aidlog.reports.audit_trail import PAGE, chain_state, trail
from aidlog.web.guards import actor, requires

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("")
@requires(Permission.AUDIT_VIEW)
def listed() -> ResponseReturnValue:
    """List what was done, newest first."""
    before = request.args.get("before", type=int)
    found = trail(db.session(), actor(), before=before)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return render_template(
        "admin/audit.html",
        entries=found[:PAGE],
        next_url=url_for(".listed", before=more) if more else None,
        first_url=url_for(".listed") if before else None,
    )


@bp.get("/chain")
@requires(Permission.AUDIT_VIEW)
def chain() -> ResponseReturnValue:
    """Walk the whole chain and say whether it holds."""
    return render_template("admin/audit_chain.html", state=chain_state(db.session(), actor()))
