"""What a donor sees: their own gift, how far it got, and nothing that leads to people."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta

import pytest

from aidlog.db.transaction import writing
from aidlog.donations.models import Pledge
from aidlog.donations.tracking_links import make_token
from aidlog.extensions import db
from aidlog.registry.roles import Role
from tests.booking import arrive, hand_out, send
from tests.factories import (
    command_id,
    make_actor,
    make_gift,
    make_item,
    make_person,
    make_place,
    make_pledge,
    make_warehouse,
)
from tests.signing import sign_in

LONG_AGO = datetime.now(UTC) - timedelta(days=6)
TOKEN = make_token(b"a test key", command_id())


@pytest.fixture
def gift(app):
    """A gift under way to a protected site; what must never be shown of it, and its donor."""
    with app.app_context():
        with writing(db.session()) as session:
            actor = make_actor(session, Role.STOREKEEPER)
            donor = make_person(session, Role.DONOR)
            warehouse = make_warehouse(session, code="WHSECRET", name="Cellar of the mill")
            sites = [
                make_place(session, code=f"HID{n}", name=f"Silent valley {n}", area="Eastern hills")
                for n in range(3)
            ]
            item = make_item(session, name="Blanket, medium")
            pledge = make_pledge(session, item=item, quantity=200, donor=donor, token=TOKEN)
            lot = make_gift(
                session, pledge, warehouse=warehouse, good=200, number="LOT-9", arrived_at=LONG_AGO
            )
            road = send(session, actor, lot, 150, warehouse, sites[0], at=LONG_AGO)
            receipt = arrive(session, actor, lot, 150, road, at=LONG_AGO)
            hand = hand_out(session, actor, lot, 60, sites[0], at=LONG_AGO)
            secrets = [
                *(text for site in sites for text in (site.code, site.name)),
                *(warehouse.code, warehouse.name, "LOT-9", receipt, hand),
                *("WB-", "GRN-", "R-KRB", donor.name, donor.login, "Karibu"),
            ]
            known = {"donor": donor.id, "reference": pledge.reference, "secrets": secrets}
        db.session.remove()
    return known


def test_the_private_page_tells_how_far_the_gift_got(app, gift):
    page = app.test_client().get(f"/t/{TOKEN}")
    assert page.status_code == 200
    assert "150 pc of your 200 pc have arrived: Blanket, medium" in page.text
    assert "Eastern hills" in page.text
    assert "60 pc of 200 pc" in page.text


def test_the_private_page_names_no_place_paper_or_person(app, gift):
    answer = app.test_client().get(f"/t/{TOKEN}")
    said = answer.text + repr(list(answer.headers))
    for secret in gift["secrets"]:
        assert secret not in said, secret


def test_the_private_page_needs_no_account_and_no_script(app, gift):
    page = app.test_client().get(f"/t/{TOKEN}").text
    assert "<script" not in page
    assert "style=" not in page


def test_the_private_page_is_kept_from_search_engines_and_other_sites(app, gift):
    headers = app.test_client().get(f"/t/{TOKEN}").headers
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_the_link_works_as_people_copy_it(app, gift):
    client = app.test_client()
    for typed in (TOKEN.upper(), TOKEN.replace("-", "")):
        assert client.get(f"/t/{typed}").status_code == 200


def test_a_wrong_link_and_an_ended_one_look_the_same(app, gift):
    client = app.test_client()
    wrong = client.get("/t/aaaa-bbbb-cccc-dddd-eeee")
    with app.app_context():
        with writing(db.session()) as session:
            pledge = session.query(Pledge).filter_by(reference=gift["reference"]).one()
            pledge.created_at = datetime.now(UTC) - timedelta(days=732)
        db.session.remove()
    ended = client.get(f"/t/{TOKEN}")
    assert wrong.status_code == ended.status_code == 404

    def plain(page):
        return re.sub(r'value="[^"]*"', "", page.text)

    assert plain(wrong) == plain(ended)


def test_my_gifts_are_mine_alone(app, gift):
    mine = sign_in(app.test_client(), gift["donor"])
    assert gift["reference"] in mine.get("/gifts").text
    assert mine.get(f"/gifts/{gift['reference']}").status_code == 200
    with app.app_context():
        with writing(db.session()) as session:
            other = make_person(session, Role.DONOR).id
        db.session.remove()
    theirs = sign_in(app.test_client(), other)
    assert gift["reference"] not in theirs.get("/gifts").text
    hidden, missing = theirs.get(f"/gifts/{gift['reference']}"), theirs.get("/gifts/PL-AAAA-AA")
    assert hidden.status_code == missing.status_code == 404


def test_a_donors_own_page_names_no_place_either(app, gift):
    page = sign_in(app.test_client(), gift["donor"]).get(f"/gifts/{gift['reference']}").text
    for secret in gift["secrets"][:9]:
        assert secret not in page, secret


@pytest.mark.parametrize("path", ["/stock", "/movements", "/pledges", "/receive", "/appeals"])
def test_a_donor_opens_none_of_the_desk(app, gift, path):
    assert sign_in(app.test_client(), gift["donor"]).get(path).status_code == 404


@pytest.mark.parametrize("language", ["en", "fr", "sw", "rw"])
def test_the_page_is_small_in_every_language(app, gift, language):
    client = app.test_client()
    with client.session_transaction() as page:
        page["language"] = language
    answer = client.get(f"/t/{TOKEN}")
    assert answer.status_code == 200
    assert len(gzip.compress(answer.data)) < 6_000
