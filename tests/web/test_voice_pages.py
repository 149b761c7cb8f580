"""Feedback through the browser: written down, referred where it must be, answered once."""

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from aidlog.db import audit
from aidlog.db.commands import CommandRecord, new_id, once
from aidlog.db.transaction import prepare, writing
from aidlog.registry.roles import Role
from aidlog.voice.models import Category, Channel, Feedback, FeedbackState
from aidlog.voice.recording import RecordFeedback, record_feedback
from tests.conftest import TEST_KEY
from tests.factories import NOW, make_actor, make_place
from tests.signing import sign_in

SECRET = "Secretname Valley"
WORDS = "We got one bar of soap and the list says two."


@pytest.fixture
def session(sqlite_url):
    engine = create_engine(sqlite_url)
    prepare(engine)
    audit.use_key(engine, TEST_KEY.encode())
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def site(session):
    with writing(session):
        return make_place(session, code="S07", name=SECRET)


@pytest.fixture
def lead(session, site, app):
    with writing(session):
        actor = make_actor(session, Role.SITE_LEAD, place=site)
    return sign_in(app.test_client(), actor.user_id)


def form(site, **changes):
    values = {
        "command_id": new_id(),
        "site": site.id,
        "category": "short_item",
        "channel": "desk",
        "said_on": "2026-11-20",
        "text": WORDS,
        "about": "",
    }
    return values | changes


def test_what_is_written_down_stands_in_the_list_under_the_sites_code(session, lead, site):
    assert lead.post("/voice/new", data=form(site)).status_code == 303
    page = lead.get("/voice").get_data(as_text=True)
    assert WORDS in page
    assert "S07" in page
    assert SECRET not in page


def test_a_report_of_abuse_is_referred_and_nothing_of_it_is_kept(session, lead, site):
    page = lead.post("/voice/new", data=form(site, category="protection"))
    assert page.status_code == 200
    assert "Nothing was stored." in page.get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(Feedback)) == 0
    kinds = set(session.scalars(select(CommandRecord.kind)))
    assert "RecordFeedback" not in kinds


def test_nothing_typed_is_lost_when_the_form_is_refused(session, lead, site):
    page = lead.post("/voice/new", data=form(site, said_on="2099-01-01"))
    assert page.status_code == 422
    text = page.get_data(as_text=True)
    assert WORDS in text
    assert "The day is in the future." in text


def test_an_answer_is_given_once_and_read_by_the_site(session, lead, site, app):
    with writing(session):
        planner = make_actor(session, Role.PLANNER)
        said = RecordFeedback(
            command_id=new_id(),
            site_id=site.id,
            category=Category.SHORT_ITEM,
            channel=Channel.DESK,
            text=WORDS,
            said_on=NOW.date(),
        )
        number = once(session, planner, said, record_feedback)["feedback"]
    desk = sign_in(app.test_client(), planner.user_id)
    reply = {"command_id": new_id(), "answer": "On Friday.", "changed": "Bars are counted now."}
    assert desk.post(f"/voice/{number}", data=reply).status_code == 303
    session.rollback()
    assert session.get_one(Feedback, number).state is FeedbackState.ANSWERED
    assert desk.post(f"/voice/{number}", data=reply | {"command_id": new_id()}).status_code == 409
    page = lead.get(f"/voice/{number}").get_data(as_text=True)
    assert "On Friday." in page
    assert "Bars are counted now." in page
    assert "<textarea" not in page
