"""Corrections that wait, dates that do not fit, stock on a day, and documents reversed in pages."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest

from aidlog.db.transaction import writing
from aidlog.dispatch.receipts import Counted
from aidlog.extensions import db
from aidlog.registry.models import Item
from aidlog.registry.roles import Role
from aidlog.stock.soundness import faults
from tests.booking import send as send_off
from tests.dispatch.chain import count, make_ends, prepare, send
from tests.factories import NOW, make_actor, make_person, make_place
from tests.signing import sign_in
from tests.web.test_count_pages import hidden, main


@pytest.fixture
def desk(app):
    """A trip whose 100 of 400 arrived; a storekeeper, a planner and an administrator."""
    with app.app_context():
        with writing(db.session()) as session:
            trip = send(session, prepare(session, make_ends(session), 100))
            receipt = count(session, trip, Counted(line=1, good=100))["receipt"]
            known = {
                "app": app,
                "trip": trip.number,
                "receipt": receipt,
                "warehouse": trip.origin.code,
                "warehouse_id": trip.origin.id,
                "lot": trip.lots[0].id,
                "number": trip.lots[0].number,
                "item": session.get_one(Item, trip.lots[0].item_id).code,
            }
            ids = {
                "keeper": make_person(session, Role.STOREKEEPER, place=trip.origin).id,
                "planner": make_person(session, Role.PLANNER).id,
                "boss": make_person(session, Role.ADMINISTRATOR).id,
            }
        db.session.remove()
    return known | {name: sign_in(app.test_client(), id_) for name, id_ in ids.items()}


def sound(desk):
    with desk["app"].app_context():
        assert list(faults(db.session())) == []
        db.session.remove()


def asked(desk, quantity=200):
    path = f"/stock/{desk['warehouse']}/{desk['item']}/correct"
    fields = hidden(desk["keeper"].get(path)) | {
        "lot": desk["lot"],
        "what": "take_off",
        "quantity": quantity,
        "reason": "stolen",
        "remark": "The lock was broken",
    }
    answer = desk["keeper"].post(path, data=fields)
    assert answer.status_code == 303, main(answer)
    return answer.location


def test_a_large_correction_waits_and_is_booked_by_another(desk):
    where = asked(desk)
    assert where.startswith("/corrections/ADJ-KRB-")
    assert "It waits for a second person" in desk["keeper"].get(where).text
    assert desk["keeper"].get(f"{where}/report.pdf").data.startswith(b"%PDF")
    assert "Corrections of stock to decide on" in desk["planner"].get("/today").text
    assert where.rsplit("/", 1)[1] in desk["planner"].get("/corrections").text
    page = desk["planner"].get(where)
    none = desk["planner"].post(where, data=hidden(page) | {"act": "refuse", "answer": ""})
    assert none.status_code == 422
    assert "Write why it is not booked" in none.text
    done = desk["planner"].post(where, data=hidden(none) | {"act": "approve"})
    assert done.status_code == 303
    card = desk["planner"].get(f"/stock/{desk['warehouse']}/{desk['item']}?unit=units").text
    assert "Taken off the books: stolen" in card
    assert "Corrections of stock to decide on" not in desk["planner"].get("/today").text
    sound(desk)


def test_who_asked_cannot_book_it_and_takes_it_back(desk):
    where = asked(desk)
    page = desk["keeper"].get(where)
    assert "Book the correction" not in page.text
    form = hidden(page)
    assert desk["keeper"].post(where, data=form | {"act": "approve"}).status_code == 404
    assert desk["keeper"].post(where, data=form | {"act": "withdraw"}).status_code == 303
    assert "withdrawn" in desk["keeper"].get(where).text
    sound(desk)


def test_an_administrator_sets_the_limit(desk):
    page = desk["boss"].get("/setup/approval")
    assert 'value="10"' in page.text
    organisation = re.search(r'name="organisation" value="(\d+)"', page.text)[1]
    fields = hidden(page) | {"organisation": organisation, "packs": "100", "percent": ""}
    assert desk["boss"].post("/setup/approval", data=fields).status_code == 303
    assert asked(desk).startswith("/stock/")
    assert desk["planner"].get("/setup/approval").status_code == 404


def test_a_receipt_is_reversed_from_its_page_and_the_truck_is_to_be_counted_again(desk):
    path = f"/documents/{desk['receipt']}"
    page = desk["planner"].get(path)
    done = desk["planner"].post(path, data=hidden(page) | {"why": "Counted the wrong truck"})
    assert done.status_code == 303, main(done)
    reversal = done.location.rsplit("/", 1)[1]
    assert reversal in desk["planner"].get(path).text
    assert desk["receipt"] in desk["planner"].get(done.location).text
    waybill = desk["planner"].get(f"/waybills/{desk['trip']}").text
    assert "on the road" in waybill
    assert f"Reversed by {reversal}" in waybill
    sound(desk)


def test_a_loading_under_a_receipt_is_refused_with_what_to_do_first(desk):
    path = f"/documents/{desk['trip']}"
    page = desk["planner"].get(path)
    refused = desk["planner"].post(path, data=hidden(page) | {"why": "Wrong truck"})
    assert refused.status_code == 409
    assert f"Reverse {desk['receipt']} first" in refused.text
    assert "Where these lots are now" in refused.text
    assert "Wrong truck" in refused.text


def test_a_date_that_cannot_be_is_shown_and_written_down(desk):
    with desk["app"].app_context():
        with writing(db.session()) as session:
            from aidlog.registry.models import Place
            from aidlog.stock.models import Lot

            send_off(
                session,
                make_actor(session, Role.STOREKEEPER),
                session.get_one(Lot, desk["lot"]),
                10,
                session.get_one(Place, desk["warehouse_id"]),
                make_place(session),
                at=NOW - timedelta(days=9),
            )
        db.session.remove()
    assert "Dates of entries that do not fit" in desk["planner"].get("/today").text
    page = desk["planner"].get("/dates")
    assert desk["number"] in page.text
    fields = hidden(page, "mt3")
    empty = desk["planner"].post("/dates", data=fields | {"remark": " "})
    assert empty.status_code == 422
    fields = hidden(empty, "mt3") | {"remark": "The note has the wrong day"}
    assert desk["planner"].post("/dates", data=fields).status_code == 303
    assert "The note has the wrong day" in desk["planner"].get("/dates?all=1").text


def test_stock_on_a_day_is_shown_and_taken_out_as_a_workbook(desk):
    from openpyxl import load_workbook

    day = NOW.date().isoformat()
    assert "400 pc" in desk["keeper"].get(f"/stock-on?day={day}").text
    before = (NOW - timedelta(days=1)).date().isoformat()
    assert "Nothing stood there" in desk["keeper"].get(f"/stock-on?day={before}").text
    answer = desk["keeper"].get(f"/stock-on.xlsx?day={day}&at={desk['warehouse']}")
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert rows[2][1] == desk["item"]
    assert rows[2][6] == 400
    assert desk["keeper"].get("/stock-on?day=nonsense").status_code == 200
    assert desk["keeper"].get("/stock-on?at=ELSEWHERE").status_code == 404


def test_why_it_fell_is_two_clicks_from_the_stock_list(desk):
    listed = desk["keeper"].get(f"/stock/{desk['warehouse']}").text
    card = f"/stock/{desk['warehouse']}/{desk['item']}"
    assert f'href="{card}"' in listed
    shown = desk["keeper"].get(card).text
    assert f"/documents/{desk['trip']}" in shown
    assert "Sent to" in shown
    assert desk["keeper"].get(f"/documents/{desk['trip']}").status_code == 200


def test_who_sees_one_warehouse_finds_its_documents_by_number(desk):
    for number in (desk["trip"], "GRN-KRB-26-0001"):
        assert number in main(desk["keeper"].get(f"/find?q={number}")), number


def test_the_stock_card_is_printed(desk):
    answer = desk["keeper"].get(f"/stock/{desk['warehouse']}/{desk['item']}/card.pdf")
    assert answer.data.startswith(b"%PDF")
