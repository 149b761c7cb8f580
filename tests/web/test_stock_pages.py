"""Receiving, stock and movements as a storekeeper uses them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from aidlog.db.transaction import writing
from aidlog.donations.models import Appeal, GoodsReceived, Pledge, PledgeState
from aidlog.extensions import db
from aidlog.registry.models import Item, PackKind, Place
from aidlog.registry.roles import Role
from aidlog.stock.models import Lot
from aidlog.stock.soundness import faults
from tests.booking import send
from tests.factories import (
    make_actor,
    make_item,
    make_lot,
    make_organisation,
    make_person,
    make_place,
    make_pledge,
    make_warehouse,
)
from tests.signing import sign_in
from tests.stock.limit import lift_the_limit

TODAY = datetime.now(UTC).date()


@pytest.fixture
def desk(app):
    """A storekeeper's browser, their warehouse, an item in boxes of 25 and a pledge of 60."""
    with app.app_context():
        with writing(db.session()) as session:
            keeper = make_person(session, Role.STOREKEEPER)
            warehouse = make_warehouse(session, code="HUB", name="Lake hub")
            item = make_item(session, code="KIT1", name="Hygiene kit", pack=(PackKind.BOX, 25))
            pledge = make_pledge(session, item=item, quantity=60, donor_name="Church of the Hill")
            known = {
                "keeper": keeper.id,
                "warehouse": warehouse.id,
                "item": item.id,
                "reference": pledge.reference,
            }
        db.session.remove()
    known["client"] = sign_in(app.test_client(), known["keeper"])
    return known


def shown_fields(page):
    """Return the fields of a page's form as a browser would send them."""
    fields = {}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option[^>]*selected[^>]*value="([^"]*)"', options)
        first = re.search(r'<option[^>]*value="([^"]*)"', options)
        fields[name] = (chosen or first)[1]
    for tag in re.findall(r"<(?:input|textarea)[^>]*>", page):
        name = re.search(r'name="([^"]+)"', tag)
        if name and 'type="checkbox"' not in tag and 'type="radio"' not in tag:
            value = re.search(r'value="([^"]*)"', tag)
            fields[name[1]] = value[1] if value else ""
    fields.pop("back", None)
    return fields


def open_form(desk, path, **typed):
    """Open a form, type into it; return what would be sent."""
    page = desk["client"].get(path)
    assert page.status_code == 200
    fields = shown_fields(page.text)
    fields["warehouse"] = str(desk["warehouse"])
    return fields | typed


def line(number=0, **values):
    return {f"lines-{number}-{name}": str(value) for name, value in values.items()}


def test_goods_of_a_pledge_are_checked_saved_and_stand_in_stock(app, desk):
    path = f"/receive/{desk['reference']}"
    form = open_form(desk, path, **line(packs=2, loose=10, lot="HK-77", no_expiry="y"))
    assert form["lines-0-declared"] == "60"
    check = desk["client"].post(path, data=form | {"act": "check"})
    assert check.status_code == 200
    assert "as on the papers" in check.text
    assert "60 pc" in check.text
    with app.app_context():
        assert db.session().scalars(select(Lot)).all() == []
        db.session.remove()
    saved = desk["client"].post(path, data=shown_fields(check.text) | {"act": "save"})
    assert saved.status_code == 303
    assert saved.location.startswith("/documents/GRN-KRB-")
    with app.app_context():
        session = db.session()
        pledge = session.scalars(select(Pledge)).one()
        assert (pledge.received, pledge.state) == (60, PledgeState.RECEIVED)
        db.session.remove()
    card = desk["client"].get("/stock/HUB/KIT1").text
    assert "HK-77" in card
    assert "2 + 10" in card
    assert "<dd>2 boxes + 10 <small>60 pc</small></dd>" in card, "a figure has its unit"
    assert '<td data-l="Balance" class="n b">2 + 10</td>' in card, "it has its name on a phone"


def test_the_check_page_sent_twice_saves_one_note(app, desk):
    path = f"/receive/{desk['reference']}"
    form = open_form(desk, path, **line(packs=2, loose=10, no_expiry="y"))
    check = shown_fields(desk["client"].post(path, data=form | {"act": "check"}).text)
    answers = [desk["client"].post(path, data=check | {"act": "save"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    with app.app_context():
        assert len(db.session().scalars(select(GoodsReceived)).all()) == 1
        db.session.remove()


def test_every_fault_of_a_form_is_named_and_nothing_typed_is_lost(desk):
    path = f"/receive/{desk['reference']}"
    form = open_form(
        desk,
        path,
        **line(0, packs="2", loose="22", lot="HK-77", no_expiry="y"),
        **line(1, item="KIT1", packs="1", lot="HK-78"),
        **line(2, item="no such thing", packs="1.5"),
    )
    answer = desk["client"].post(path, data=form | {"act": "check"})
    assert answer.status_code == 422
    assert re.search(r"72 pc\)? is .{0,12}12 pc\)? more than expected", answer.text)
    assert "Line 2: Write the expiry date" in answer.text
    assert "No item is called" in answer.text
    assert "“1.5” is not a whole number" in answer.text
    assert "There is a problem" in answer.text
    for typed in ("HK-77", "HK-78", "no such thing", "1.5"):
        assert typed in answer.text


def test_a_line_is_added_without_a_script_and_keeps_what_was_typed(desk):
    form = open_form(desk, "/receive/new", **line(item="KIT1", packs=3, lot="A-1"))
    page = desk["client"].post("/receive/new", data=form | {"act": "add"})
    assert page.status_code == 200
    fields = shown_fields(page.text)
    assert fields["lines-0-packs"] == "3"
    assert fields["lines-0-lot"] == "A-1"
    assert "lines-1-packs" in fields
    assert "Boxes of 25 pc" in page.text
    assert "There is a problem" not in page.text


def test_a_line_is_removed_and_the_others_stay(desk):
    form = open_form(
        desk,
        "/receive/new",
        **line(0, item="KIT1", packs=3),
        **line(1, item="KIT1", packs=4),
    )
    page = desk["client"].post("/receive/new", data=form | {"act": "remove-lines-0"})
    fields = shown_fields(page.text)
    assert fields["lines-1-packs"] == "4"
    assert "lines-0-packs" not in fields


def test_goods_without_a_pledge_need_a_giver(app, desk):
    form = open_form(desk, "/receive/new", **line(item="hygiene", packs=1, no_expiry="y"))
    answer = desk["client"].post("/receive/new", data=form | {"act": "check"})
    assert answer.status_code == 422
    assert "Write who the goods come from" in answer.text
    form["received_from"] = "Market of the town"
    check = desk["client"].post("/receive/new", data=form | {"act": "check"})
    assert check.status_code == 200
    saved = desk["client"].post("/receive/new", data=shown_fields(check.text) | {"act": "save"})
    assert saved.status_code == 303
    with app.app_context():
        lot = db.session().scalars(select(Lot)).one()
        assert (lot.donor_name, lot.pack_size) == ("Market of the town", 25)
        db.session.remove()


def test_a_refusal_at_saving_stands_on_its_line(desk):
    form = open_form(
        desk,
        "/receive/new",
        received_from="Market",
        **line(item="KIT1", packs=1, lot="SAME", no_expiry="y"),
    )
    first = shown_fields(desk["client"].post("/receive/new", data=form | {"act": "check"}).text)
    desk["client"].post("/receive/new", data=first | {"act": "save"})
    form = open_form(
        desk,
        "/receive/new",
        received_from="Market",
        **line(item="KIT1", packs=1, lot="SAME", no_expiry="y"),
    )
    answer = desk["client"].post("/receive/new", data=form | {"act": "save"})
    assert answer.status_code == 422
    assert 'href="#lines-0-lot"' in answer.text
    assert "is in the books already" in answer.text


def test_damaged_is_part_of_what_was_counted(app, desk):
    path = f"/receive/{desk['reference']}"
    form = open_form(desk, path, **line(packs=2, loose=10, damaged=4, reason="Wet", no_expiry="y"))
    check = desk["client"].post(path, data=form | {"act": "check"})
    assert "56 pc" in check.text
    form = open_form(desk, path, **line(loose=3, damaged=4, reason="Wet", no_expiry="y"))
    answer = desk["client"].post(path, data=form | {"act": "check"})
    assert answer.status_code == 422
    assert "More are damaged than were counted" in answer.text


def test_a_correction_by_page_and_its_reversal(app, desk):
    with app.app_context():
        with writing(db.session()) as session:
            lift_the_limit(session)
            warehouse = session.get_one(Place, desk["warehouse"])
            lot = make_lot(
                session,
                warehouse=warehouse,
                item=session.get_one(Item, desk["item"]),
                quantity=100,
                number="L-1",
            ).id
        db.session.remove()
    path = "/stock/HUB/KIT1/correct"
    fields = shown_fields(desk["client"].get(path).text) | {
        "lot": str(lot),
        "what": "take_off",
        "quantity": "30",
        "reason": "stolen",
        "remark": "Lock was broken",
    }
    wrong = desk["client"].post(path, data=fields | {"quantity": "300"})
    assert wrong.status_code in {409, 422}
    assert re.search(
        r"Lot L-1: only [^;]*100 pc\)? free in stock; [^;]*300 pc\)? asked", wrong.text
    )
    fields["command_id"] = shown_fields(wrong.text)["command_id"]
    assert desk["client"].post(path, data=fields).status_code == 303
    card = desk["client"].get("/stock/HUB/KIT1?unit=units").text
    assert "Taken off the books: stolen" in card
    assert "Lock was broken" in card
    code = re.search(r"ADJ-KRB-\d\d-\d+", card)[0]
    page = desk["client"].get(f"/documents/{code}")
    undo = shown_fields(page.text) | {"why": "It was found again"}
    done = desk["client"].post(f"/documents/{code}", data=undo)
    assert done.status_code == 303
    again = desk["client"].post(f"/documents/{code}", data=undo)
    assert (again.status_code, again.location) == (303, done.location)
    reversal = desk["client"].get(done.location).text
    assert code in reversal
    assert "It was found again" in reversal
    assert "Reverse this document" not in desk["client"].get(f"/documents/{code}").text
    with app.app_context():
        assert list(faults(db.session())) == []
        db.session.remove()


def test_another_organisations_papers_and_warehouses_are_not_there(app, desk):
    with app.app_context():
        with writing(db.session()) as session:
            other = make_organisation(session, code="OTH", name="Other")
            theirs = make_warehouse(session, organisation=other, code="THEIRS")
            make_lot(session, warehouse=theirs, quantity=5)
            pledge = make_pledge(session, organisation=other).reference
        db.session.remove()
    for path in (
        "/stock/THEIRS",
        "/documents/GRN-OTH-26-0001",
        f"/pledges/{pledge}",
        f"/receive/{pledge}",
        "/documents/NOTHING",
        "/stock/HUB/NOTHING",
        "/stock/NOWHERE/KIT1",
        "/stock/NOWHERE",
    ):
        assert desk["client"].get(path).status_code == 404, path


def test_a_keeper_of_another_warehouse_does_not_see_this_one(app, desk):
    with app.app_context():
        with writing(db.session()) as session:
            elsewhere = make_warehouse(session, code="ELSE")
            other = make_person(session, Role.STOREKEEPER, place=elsewhere).id
            hub = session.get_one(Place, desk["warehouse"])
            make_lot(session, warehouse=hub, quantity=5, number="HUBLOT")
        db.session.remove()
    client = sign_in(app.test_client(), other)
    assert client.get("/stock/HUB").status_code == 404
    assert client.get("/documents/GRN-KRB-26-0001").status_code == 404
    assert "HUBLOT" not in client.get("/movements").text
    assert "HUBLOT" not in client.get("/stock").text


def test_a_protected_site_is_called_by_its_code(app, desk):
    with app.app_context():
        with writing(db.session()) as session:
            hub = session.get_one(Place, desk["warehouse"])
            item = make_item(session, code="OPEN1")
            lot = make_lot(session, warehouse=hub, item=item, quantity=5)
            site = make_place(session, code="S77", name="Silent valley")
            send(session, make_actor(session, Role.STOREKEEPER), lot, 2, hub, site)
        db.session.remove()
    for path in ("/movements", "/stock/HUB/OPEN1", "/documents/WB-KRB-26-0001"):
        page = desk["client"].get(path).text
        assert "Sent to S77" in page
        assert "Silent valley" not in page


def test_the_list_is_narrowed_and_paged(app, desk):
    with app.app_context():
        with writing(db.session()) as session:
            hub = session.get_one(Place, desk["warehouse"])
            for number in range(30):
                item = make_item(session, code=f"A{number:02d}", name=f"Thing {number}")
                make_lot(
                    session,
                    warehouse=hub,
                    item=item,
                    quantity=number + 1,
                    expires_on=TODAY + timedelta(days=20) if number == 3 else None,
                )
        db.session.remove()
    client = desk["client"]
    first = client.get("/stock").text
    assert "Thing 24<" in first
    assert "Thing 25<" not in first
    more = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = client.get(more).text
    assert "Thing 25<" in second
    assert "Thing 24<" not in second
    soon = client.get("/stock?expires=30").text
    assert "A03" in soon
    assert "A04" not in soon
    assert "use first" in soon
    assert "A17" in client.get("/stock?q=thing+17").text
    assert "Nothing in stock matches" in client.get("/stock?q=nowhere").text


def statements_of(app, client, path):
    sent = []
    with app.app_context():
        engine = db.engine
    event.listen(
        engine,
        "before_cursor_execute",
        lambda *told: sent.append(told[2]) if told[2].startswith("SELECT") else None,
    )
    assert client.get(path).status_code == 200
    return len(sent)


@pytest.mark.parametrize(
    ("path", "most"),
    [("/stock", 11), ("/movements", 11), ("/pledges", 9), ("/stock/HUB/KIT1", 16), ("/receive", 9)],
)
def test_a_page_asks_the_same_number_of_questions_however_much_there_is(app, desk, path, most):
    with app.app_context():
        with writing(db.session()) as session:
            hub = session.get_one(Place, desk["warehouse"])
            item = session.get_one(Item, desk["item"])
            for number in range(12):
                make_lot(session, warehouse=hub, item=item, quantity=5, number=f"N{number}")
                make_lot(session, warehouse=hub, item=make_item(session), quantity=5)
                make_pledge(session, item=item)
        db.session.remove()
    assert statements_of(app, desk["client"], path) <= most


def test_a_pledge_is_recorded_and_its_link_shown_once(app, desk):
    fields = shown_fields(desk["client"].get("/pledges/new").text) | {
        "item": "KIT1",
        "quantity": "40",
        "donor_name": "A school",
    }
    answer = desk["client"].post("/pledges/new", data=fields)
    assert answer.status_code == 303
    page = desk["client"].get(answer.location).text
    link = re.search(r"http://localhost(/t/[a-z0-9-]+)", page)[1]
    assert link not in desk["client"].get(answer.location).text
    tracked = app.test_client().get(link)
    assert tracked.status_code == 200
    assert "Thank you for your pledge: 40 pc, Hygiene kit" in tracked.text


def test_a_pledge_is_confirmed_and_ended(app, desk):
    path = f"/pledges/{desk['reference']}"
    page = desk["client"].get(path).text
    ids = re.findall(r'name="command_id"[^>]*value="([^"]+)"', page)
    confirmed = desk["client"].post(
        f"{path}/confirm", data={"command_id": ids[0], "expected_on": ""}
    )
    assert confirmed.status_code == 303
    unexplained = desk["client"].post(f"{path}/end", data={"command_id": ids[1], "why": ""})
    assert unexplained.status_code == 422
    assert "Write why nothing more is expected" in unexplained.text
    ended = desk["client"].post(f"{path}/end", data={"command_id": ids[1], "why": "Moved away"})
    assert ended.status_code == 303
    page = desk["client"].get(path).text
    assert "cancelled" in page
    assert "Moved away" in page


def test_an_appeal_shows_what_is_missing(app, desk):
    fields = shown_fields(desk["client"].get("/appeals/new").text) | {
        "title": "Warm nights",
        "wanted-0-item": "KIT1",
        "wanted-0-quantity": "100",
    }
    assert desk["client"].post("/appeals/new", data=fields).status_code == 303
    assert "100 pc" in desk["client"].get("/appeals").text
    with app.app_context():
        appeal = db.session().scalars(select(Appeal)).one().id
        db.session.remove()
    pledge = shown_fields(desk["client"].get("/pledges/new").text) | {
        "item": "KIT1",
        "quantity": "30",
        "appeal": str(appeal),
    }
    assert desk["client"].post("/pledges/new", data=pledge).status_code == 303
    page = desk["client"].get("/appeals").text
    assert "70 pc" in page


def test_an_auditor_reads_and_corrects_nothing(app, desk):
    with app.app_context():
        with writing(db.session()) as session:
            auditor = make_person(session, Role.AUDITOR).id
            hub = session.get_one(Place, desk["warehouse"])
            item = session.get_one(Item, desk["item"])
            make_lot(session, warehouse=hub, item=item, quantity=5)
        db.session.remove()
    client = sign_in(app.test_client(), auditor)
    card = client.get("/stock/HUB/KIT1").text
    assert "/correct" not in card
    assert "Reverse this document" not in client.get("/documents/GRN-KRB-26-0001").text
    for path in ("/stock/HUB/KIT1/correct", "/receive", "/receive/new", "/pledges/new"):
        assert client.get(path).status_code == 404, path
    assert client.post("/documents/GRN-KRB-26-0001", data={"why": "x"}).status_code == 404
