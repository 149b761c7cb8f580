"""What people say is kept without a name, answered once, and seen by those it concerns."""

from datetime import UTC, date, datetime, timedelta

import pytest

from aidlog.core.errors import Conflict, NotAllowed, NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.registry.roles import Role
from aidlog.voice.models import Category, Channel, FeedbackState
from aidlog.voice.queries import feedback_list, one_feedback, open_count, sites_to_record_for
from aidlog.voice.recording import (
    ANSWER_DAYS,
    AnswerFeedback,
    RecordFeedback,
    answer_feedback,
    record_feedback,
)
from tests.factories import command_id, make_actor, make_organisation, make_place


def said(site, **changes):
    values = {
        "command_id": command_id(),
        "site_id": site.id,
        "category": Category.SHORT_ITEM,
        "channel": Channel.DESK,
        "text": "We got one bar of soap and the list says two.",
        "said_on": date(2026, 11, 20),
    }
    return RecordFeedback(**(values | changes))


def answered(feedback_id, **changes):
    values = {
        "command_id": command_id(),
        "feedback_id": feedback_id,
        "answer": "The rest comes on Friday.",
        "changed": "The list now counts bars per household.",
    }
    return AnswerFeedback(**(values | changes))


def test_what_was_said_waits_for_an_answer_for_fourteen_days(session):
    with writing(session):
        site = make_place(session)
        lead = make_actor(session, Role.SITE_LEAD, place=site)
        once(session, lead, said(site), record_feedback)
    [line] = feedback_list(session, lead)
    assert (line.state, line.due_on) == (
        FeedbackState.OPEN,
        date(2026, 11, 20) + timedelta(days=ANSWER_DAYS),
    )
    assert line.site == site.code


def test_an_answer_is_given_once(session):
    with writing(session):
        site = make_place(session)
        planner = make_actor(session, Role.PLANNER)
        feedback = once(session, planner, said(site), record_feedback)["feedback"]
        once(session, planner, answered(feedback), answer_feedback)
    assert open_count(session, planner) == 0
    with pytest.raises(Conflict), writing(session):
        once(session, planner, answered(feedback, answer="Another."), answer_feedback)
    assert one_feedback(session, planner, feedback).answer == "The rest comes on Friday."


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "   "}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"said_on": datetime.now(UTC).date() + timedelta(days=2)}, "said_on"),
    ],
)
def test_what_cannot_be_is_refused_on_its_field(session, changes, field):
    with writing(session):
        site = make_place(session)
        lead = make_actor(session, Role.SITE_LEAD, place=site)
    with pytest.raises(Refusal) as refused, writing(session):
        once(session, lead, said(site, **changes), record_feedback)
    assert refused.value.field == field
    assert feedback_list(session, lead) == []


def test_a_site_lead_neither_writes_nor_reads_for_another_site(session):
    with writing(session):
        own, other = make_place(session), make_place(session)
        lead = make_actor(session, Role.SITE_LEAD, place=own)
        planner = make_actor(session, Role.PLANNER)
        feedback = once(session, planner, said(other), record_feedback)["feedback"]
    with pytest.raises(NotAllowed), writing(session):
        once(session, lead, said(other), record_feedback)
    with pytest.raises(NotFound):
        one_feedback(session, lead, feedback)
    assert sites_to_record_for(session, lead) == [(own.id, own.code)]


def test_another_organisation_finds_nothing(session):
    with writing(session):
        site = make_place(session)
        planner = make_actor(session, Role.PLANNER)
        feedback = once(session, planner, said(site), record_feedback)["feedback"]
        stranger = make_actor(
            session, Role.PLANNER, organisation=make_organisation(session, code="LAC")
        )
    assert feedback_list(session, stranger) == []
    with pytest.raises(NotFound), writing(session):
        once(session, stranger, answered(feedback), answer_feedback)
