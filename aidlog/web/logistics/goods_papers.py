"""Papers of goods that came in or changed hands: notes and certificates to sign and to file."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from aidlog.core.actor import Permission
from aidlog.core.errors import NotFound
from aidlog.dispatch.handover_queries import handover_story
from aidlog.donations.queries import note_of
from aidlog.extensions import db
from aidlog.registry.models import Organisation
from aidlog.stock.documents import document_story
from aidlog.web.guards import actor, requires
from aidlog.web.tongues import tongues

bp = Blueprint("goods_papers", __name__)


@bp.get("/documents/<code>/grn.pdf")
@requires(Permission.STOCK_VIEW)
def note(code: str) -> ResponseReturnValue:
    """Print a goods received note."""
    from aidlog.reports.grn_pdf import grn_pdf

    story = document_story(db.session(), actor(), code)
    written = note_of(db.session(), story.document.id)
    if written is None:
        raise NotFound(f"goods received note {code}")
    owner = db.session().get_one(Organisation, story.document.organisation_id)
    first, _second = tongues()
    return _pdf(grn_pdf(written, code, owner.name, first, reversed_by=story.reversed_by), code)


@bp.get("/offers/<number>/certificate.pdf")
@requires(Permission.STOCK_VIEW)
def certificate(number: str) -> ResponseReturnValue:
    """Print the takeover certificate of an offer, for either side."""
    from aidlog.reports.takeover_pdf import takeover_pdf

    story = handover_story(db.session(), actor(), number)
    first, _second = tongues()
    return _pdf(takeover_pdf(story, first), number)


def _pdf(content: bytes, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(content), mimetype="application/pdf", download_name=f"{name}.pdf")
