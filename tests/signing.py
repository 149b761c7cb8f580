"""Sign someone in without the work of a password: a session as the door would open it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.testing import FlaskClient

from aidlog.db.transaction import writing
from aidlog.extensions import db
from aidlog.registry.models import Person
from aidlog.registry.signing_in import new_session


def sign_in(client: FlaskClient, person: Person | int, *, language: str = "en") -> FlaskClient:
    """Return ``client`` as the browser of ``person``, who has to be committed already."""
    person_id = person if isinstance(person, int) else person.id
    with client.application.app_context():
        with writing(db.session()) as session:
            token = new_session(session, person_id, now=datetime.now(UTC), hours=1)
        db.session.remove()
    client.set_cookie("aidlog", token)
    with client.session_transaction() as page:
        page["language"] = language
    return client
