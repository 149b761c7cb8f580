"""The page behind a donor's private link: no account, no script, no place, no name."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template

from aidlog.core.errors import NotFound
from aidlog.donations.queries import by_link
from aidlog.donations.tracking import gift_story
from aidlog.donations.tracking_links import token_hash
from aidlog.extensions import db
from aidlog.web.donors.story_words import losses, story_steps

bp = Blueprint("tracking", __name__)


@bp.get("/t/<token>")
def gift(token: str) -> Response:
    """Show how far a gift got. A wrong link and an ended one look the same."""
    now = datetime.now(UTC)
    try:
        pledge = by_link(db.session(), token_hash(token), now.date())
    except NotFound:
        return _closed(make_response(render_template("donors/unknown_link.html"), 404))
    story = gift_story(db.session(), pledge, now)
    page = render_template(
        "donors/gift.html", story=story, steps=story_steps(story), lost=losses(story), by_link=True
    )
    return _closed(make_response(page))


def _closed(response: Response) -> Response:
    """Keep the address, which is the key, from search engines and from other sites."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
