"""The gifts of a donor who is signed in: their own and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aidlog.core.actor import Permission
from aidlog.donations.queries import own_gift, own_gifts
from aidlog.donations.tracking import gift_story
from aidlog.extensions import db
from aidlog.web.donors.story_words import losses, state_words, story_steps
from aidlog.web.guards import actor, requires

bp = Blueprint("gifts", __name__)


@bp.get("/gifts")
@requires(Permission.OWN_GIFTS_VIEW)
def listing() -> ResponseReturnValue:
    """What the donor promised and what came of it."""
    return render_template(
        "donors/gifts.html", rows=own_gifts(db.session(), actor()), words=state_words()
    )


@bp.get("/gifts/<reference>")
@requires(Permission.OWN_GIFTS_VIEW)
def show(reference: str) -> ResponseReturnValue:
    """How far one of them got."""
    pledge = own_gift(db.session(), actor(), reference)
    story = gift_story(db.session(), pledge, datetime.now(UTC))
    return render_template(
        "donors/gift.html", story=story, steps=story_steps(story), lost=losses(story), by_link=False
    )
