"""The goods received note and the takeover certificate: what they say, and what they claim."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.dispatch.bringing_back import BroughtBack, ReturnFromSite, return_from_site
from aidlog.dispatch.handing_over import OfferGoods, OfferLine, offer_goods
from aidlog.dispatch.handover_queries import handover_story
from aidlog.dispatch.receipts import Counted
from aidlog.dispatch.returning import CameBack, ReturnToSender, return_to_sender
from aidlog.dispatch.taking_over import AcceptOffer, accept_offer
from aidlog.donations.queries import note_of
from aidlog.registry.roles import Role
from aidlog.reports.amounts import Tongue
from aidlog.reports.grn_pdf import grn_pdf
from aidlog.reports.takeover_pdf import takeover_pdf
from tests.dispatch.chain import count, make_ends, prepare, send
from tests.factories import command_id, make_actor, make_organisation, make_warehouse

ENGLISH = Tongue("en", str)
CLAIM = "claimed from who carried or sold"


def words_of(pdf: bytes) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext on this machine")
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return " ".join(done.stdout.decode().split())


def printed(session, number: str) -> str:
    document = session.scalars(select(Document.id).where(Document.code == number)).one()
    note = note_of(session, document)
    assert note is not None
    return words_of(grn_pdf(note, number, "Karibu Relief", ENGLISH, reversed_by=None))


def test_damaged_goods_that_a_truck_brings_back_are_claimed_from_who_carried_them(session):
    with writing(session):
        trip = send(session, prepare(session, make_ends(session), 40))
        back = ReturnToSender(
            command_id=command_id(),
            waybill=trip.number,
            lines=(CameBack(line=1, quantity=37, damaged=3),),
            returned_at=datetime.now(UTC),
            remark="The bridge is down",
        )
        number = once(session, trip.clerk, back, return_to_sender)["grn"]
    paper = printed(session, number)
    assert f"Return: {trip.number}" in paper
    assert "40 pc 37 pc 3 pc" in paper
    assert CLAIM in paper


def test_nothing_is_claimed_from_a_site_that_gives_damaged_goods_back(session):
    with writing(session):
        trip = send(session, prepare(session, make_ends(session), 40))
        count(session, trip, Counted(line=1, good=40))
        back = ReturnFromSite(
            command_id=command_id(),
            site_id=trip.site.id,
            warehouse_id=trip.origin.id,
            lines=(BroughtBack(lot_id=trip.lots[0].id, good=7, damaged=3),),
            returned_at=datetime.now(UTC),
            remark="Wet from the rain",
        )
        number = once(session, trip.clerk, back, return_from_site)["grn"]
    paper = printed(session, number)
    assert f"Received from: {trip.site.shown_as}" in paper
    assert "10 pc 7 pc 3 pc" in paper
    assert CLAIM not in paper


def test_a_certificate_says_whether_the_goods_have_changed_hands(session):
    with writing(session):
        trip = make_ends(session)
        giver = make_actor(session, Role.PLANNER)
        other = make_organisation(session, code="LKA", name="Lake Alliance")
        store = make_warehouse(session, organisation=other)
        taker = make_actor(session, Role.PLANNER, organisation=other)
        offering = OfferGoods(
            command_id=command_id(),
            warehouse_id=trip.origin.id,
            taker_id=other.id,
            lines=(OfferLine(lot_id=trip.lots[0].id, quantity=60),),
            purpose="Families who arrived last week",
        )
        number = once(session, giver, offering, offer_goods)["handover"]
    open_ = words_of(takeover_pdf(handover_story(session, giver, number), ENGLISH))
    assert "60 pc" in open_
    assert "Families who arrived last week" in open_
    assert "Nothing has changed hands" in open_
    with writing(session):
        accepting = AcceptOffer(
            command_id=command_id(),
            handover=number,
            destination_id=store.id,
            expected_at=datetime.now(UTC) + timedelta(days=1),
        )
        once(session, taker, accepting, accept_offer)
    accepted = words_of(takeover_pdf(handover_story(session, taker, number), ENGLISH))
    assert "the goods are Lake Alliance’s" in accepted
    assert "Nothing has changed hands" not in accepted
