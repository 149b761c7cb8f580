"""Goods between warehouses and organisations through the browser, and who sees what of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db import audit
from aidlog.db.commands import new_id
from aidlog.db.transaction import prepare as prepare_engine
from aidlog.db.transaction import writing
from aidlog.dispatch.models import Waybill, WaybillState
from aidlog.dispatch.receipts import Counted
from aidlog.donations.models import GoodsReceived, Source
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import Item, Place
from aidlog.registry.roles import Role
from aidlog.stock.models import Lot
from aidlog.stock.queries import lots_at
from tests.conftest import TEST_KEY
from tests.dispatch.chain import count, make_ends, prepare, send
from tests.factories import make_actor, make_item, make_lot, make_organisation, make_warehouse
from tests.signing import sign_in


@pytest.fixture
def session(sqlite_url):
    """A session beside the app's, on the same database."""
    engine = create_engine(sqlite_url)
    prepare_engine(engine)
    audit.use_key(engine, TEST_KEY.encode())
    with Session(engine) as session:
        yield session
    engine.dispose()


@dataclass
class World:
    hub: Place
    post: Place
    theirs: Place
    lot: Lot
    item: Item
    sender: Actor
    receiver: Actor
    planner: Actor
    taker: Actor
    their_keeper: Actor


@pytest.fixture
def world(session) -> World:
    with writing(session):
        other = make_organisation(session, code="LKA", name="Lake Alliance")
        hub, post = make_warehouse(session, name="Hub"), make_warehouse(session, name="Post")
        theirs = make_warehouse(session, organisation=other, name="Their store")
        item = make_item(session, code="NET1", name="Mosquito net")
        lot = make_lot(session, warehouse=hub, item=item, quantity=400, number="N-7")
        make_lot(session, warehouse=hub, quantity=77, number="SECRET-LOT")
        return World(
            hub=hub,
            post=post,
            theirs=theirs,
            lot=lot,
            item=item,
            sender=make_actor(session, Role.STOREKEEPER, place=hub),
            receiver=make_actor(session, Role.STOREKEEPER, place=post),
            planner=make_actor(session, Role.PLANNER),
            taker=make_actor(session, Role.PLANNER, organisation=other),
            their_keeper=make_actor(session, Role.STOREKEEPER, organisation=other, place=theirs),
        )


def browser_of(app, actor):
    return sign_in(app.test_client(), actor.user_id)


def clock(offset=timedelta()):
    return (datetime.now(UTC) + offset).strftime("%Y-%m-%dT%H:%M")


def hidden(text, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', text)[1]


def at(session, kind, place):
    session.rollback()
    return {lot.number: lot.on_hand for lot in lots_at(session, kind, place.id)}


def ask(browser, world, packs="12"):
    """Ask the hub for nets: the row is looked at once with its packs, then sent."""
    form = {
        "command_id": new_id(),
        "destination": str(world.post.id),
        "origin": str(world.hub.id),
        "rows-0-item": "mosquito",
        "rows-0-packs": packs,
        "act": "save",
    }
    looked = browser.post("/transfers/new", data=form)
    assert looked.status_code == 200
    assert "Bales of 10" in looked.text
    sent = form | {
        "rows-0-item": "NET1 Mosquito net",
        "rows-0-known": hidden(looked.text, "rows-0-known"),
    }
    answer = browser.post("/transfers/new", data=sent)
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[1]


def send_for(browser, world, request, packs):
    path = f"/waybills/new?from={world.hub.code}&to={world.post.code}&request={request}"
    shown = browser.get(path).text
    row = dict(re.findall(r'name="(lines-\d+-(?:item|size))"[^>]*value="([^"]*)"', shown))
    place = next(
        name.split("-")[1] for name, value in row.items()
        if name.endswith("item") and value == str(world.item.id)
    )  # fmt: skip
    prefilled = re.search(rf'name="lines-{place}-packs"[^>]*value="([^"]*)"', shown)[1]
    data = row | {"command_id": new_id(), f"lines-{place}-packs": packs}
    prepared = browser.post(path, data=data)
    assert prepared.status_code == 303, prepared.text
    number = prepared.location.rsplit("/", 1)[1]
    page = browser.get(f"/waybills/{number}/load").text
    loaded = browser.post(
        f"/waybills/{number}/load",
        data={
            "command_id": new_id(),
            "seen": hidden(page, "seen"),
            "vehicle": "0",
            "plate": "RAF 218 C",
            "driver": "Driver One",
            "left_at": clock(timedelta(hours=-3)),
            "expected_at": clock(timedelta(hours=2)),
        },
    )
    assert loaded.status_code == 303, loaded.text
    return number, prefilled


def test_a_warehouse_asks_another_is_served_in_parts_and_counts_what_came(app, session, world):
    receiver, sender = browser_of(app, world.receiver), browser_of(app, world.sender)
    request = ask(receiver, world)
    assert request in sender.get("/transfers").text
    number, prefilled = send_for(sender, world, request, "5")
    assert prefilled == "12", "what is still open is written in"
    story = receiver.get(f"/transfers/{request}").text
    assert number in story
    assert "70 pc" in story, "the remainder stays open"

    assert number in receiver.get("/receive").text
    path = f"/receive/truck/{number}"
    typed = {
        "command_id": new_id(),
        "arrived_at": clock(timedelta(hours=-1)),
        "lines-0-answer": "other",
        "lines-0-packs": "4",
        "lines-0-damaged_loose": "3",
    }
    check = receiver.post(path, data=typed | {"step": "check"})
    assert "7 pc missing" in check.text
    saved = receiver.post(path, data=typed | {"step": "confirm"})
    assert saved.status_code == 303, saved.text
    page = receiver.get(saved.location).text
    assert "Transfer from a warehouse" in page
    assert number in page
    assert at(session, AccountKind.WAREHOUSE, world.post) == {"N-7": 40}
    assert at(session, AccountKind.QUARANTINE, world.post) == {"N-7": 3}
    assert "LR-KRB-" in receiver.get(f"/waybills/{number}").text
    paper = receiver.get(f"{saved.location}/grn.pdf")
    assert paper.data.startswith(b"%PDF")


def test_what_is_asked_for_and_not_free_stands_on_the_page_too(app, world):
    receiver, sender = browser_of(app, world.receiver), browser_of(app, world.sender)
    request = ask(receiver, world, packs="50")
    send_for(sender, world, request, "40")
    path = f"/waybills/new?from={world.hub.code}&to={world.post.code}&request={request}"
    page = re.sub(r"<[^>]+>", " ", sender.get(path).text)
    row = re.search(r"Mosquito net\s+100 pc asked for\s+None of it stands free here", page)
    assert row is not None, page


def test_who_loaded_the_truck_does_not_count_it_in(app, session, world):
    receiver, sender = browser_of(app, world.receiver), browser_of(app, world.sender)
    number, _prefilled = send_for(sender, world, ask(receiver, world), "5")
    assert sender.get(f"/receive/truck/{number}").status_code == 404


def test_a_truck_of_which_nothing_came_leads_to_its_loss_report(app, session, world):
    receiver, sender = browser_of(app, world.receiver), browser_of(app, world.sender)
    number, _prefilled = send_for(sender, world, ask(receiver, world), "5")
    form = {
        "command_id": new_id(),
        "arrived_at": clock(timedelta(minutes=-9)),
        "lines-0-answer": "other",
        "lines-0-packs": "0",
        "step": "confirm",
    }
    saved = receiver.post(f"/receive/truck/{number}", data=form)
    assert saved.location.endswith(f"/waybills/{number}")
    assert receiver.get(saved.location).status_code == 200
    assert at(session, AccountKind.WAREHOUSE, world.post) == {}


def test_part_of_a_truck_comes_back_good_and_damaged_under_a_note(app, session, world):
    receiver, sender = browser_of(app, world.receiver), browser_of(app, world.sender)
    number, _prefilled = send_for(sender, world, ask(receiver, world), "5")
    form = {
        "command_id": new_id(),
        "at": clock(timedelta(minutes=-5)),
        "remark": "The bridge is down",
        "lines-0-line": "1",
        "lines-0-packs": "2",
        "lines-0-damaged": "4",
    }
    assert sender.post(f"/waybills/{number}/return", data=form).status_code == 303
    assert at(session, AccountKind.WAREHOUSE, world.hub)["N-7"] == 350 + 20
    assert at(session, AccountKind.QUARANTINE, world.hub)["N-7"] == 4
    note = session.scalars(select(GoodsReceived).where(GoodsReceived.source == Source.RETURN)).one()
    assert note.remark == "The bridge is down"
    assert session.scalars(select(Waybill)).one().state is WaybillState.ON_THE_ROAD


def test_the_asked_warehouse_declines_with_a_reason(app, session, world):
    receiver, sender = browser_of(app, world.receiver), browser_of(app, world.sender)
    request = ask(receiver, world)
    silent = sender.post(f"/transfers/{request}/decline", data={"command_id": new_id()})
    assert silent.status_code == 422
    told = {"command_id": new_id(), "note": "Kept for the rains"}
    assert sender.post(f"/transfers/{request}/decline", data=told).status_code == 303
    assert "Kept for the rains" in receiver.get(f"/transfers/{request}").text
    again = receiver.post(f"/transfers/{request}/cancel", data={"command_id": new_id()})
    assert again.status_code == 409


def test_a_request_is_not_there_for_others(app, session, world):
    request = ask(browser_of(app, world.receiver), world)
    with writing(session):
        elsewhere = make_actor(session, Role.STOREKEEPER, place=make_warehouse(session))
    for stranger in (world.taker, world.their_keeper, elsewhere):
        browser = browser_of(app, stranger)
        assert browser.get(f"/transfers/{request}").status_code == 404
        assert request not in browser.get("/transfers").text


def make_offer(browser, world, packs="6"):
    path = f"/offers/new?from={world.hub.code}"
    shown = browser.get(path).text
    rows = dict(re.findall(r'name="(lots-\d+-(?:lot|size))"[^>]*value="([^"]*)"', shown))
    place = next(n.split("-")[1] for n, v in rows.items() if v == str(world.lot.id) and "lot" in n)
    form = rows | {
        "command_id": new_id(),
        "taker": str(world.theirs.organisation_id),
        "purpose": "Families who arrived last week",
        f"lots-{place}-packs": packs,
    }
    made = browser.post(path, data=form)
    assert made.status_code == 303, made.text
    return made.location.rsplit("/", 1)[1]


def test_goods_offered_accepted_and_counted_belong_to_the_other_organisation(app, session, world):
    giver, taker = browser_of(app, world.planner), browser_of(app, world.taker)
    number = make_offer(giver, world)
    assert "waits for an answer" in giver.get(f"/offers/{number}").text
    assert "for you to answer" in taker.get("/offers").text
    seen = re.sub(r"<[^>]+>", " ", taker.get(f"/offers/{number}").text)
    assert "N-7" in seen
    assert "60 pc" in seen
    for leak in ("SECRET-LOT", "400", "340"):
        assert leak not in seen, "nothing of the giver's stock beyond the offer"
    accepting = {
        "command_id": new_id(),
        "destination": str(world.theirs.id),
        "expected_at": clock(timedelta(days=1)),
    }
    assert taker.post(f"/offers/{number}/accept", data=accepting).status_code == 303
    waybill = re.search(r"WB-LKA-\d\d-\d{4}", taker.get(f"/offers/{number}").text)[0]
    assert waybill not in giver.get(f"/offers/{number}").text, "the taker's paper is the taker's"
    assert giver.get(f"/waybills/{waybill}").status_code == 404
    assert "None" not in re.sub(r"<[^>]+>", " ", taker.get(f"/waybills/{waybill}").text)
    keeper = browser_of(app, world.their_keeper)
    assert waybill in keeper.get("/receive").text
    counted = {
        "command_id": new_id(),
        "arrived_at": clock(),
        "lines-0-answer": "all",
        "step": "confirm",
    }
    saved = keeper.post(f"/receive/truck/{waybill}", data=counted)
    assert saved.status_code == 303, saved.text
    assert at(session, AccountKind.WAREHOUSE, world.theirs) == {"N-7": 60}
    [taken] = [one.lot_id for one in lots_at(session, AccountKind.WAREHOUSE, world.theirs.id)]
    card = giver.get(f"/lots/{world.lot.id}").text
    assert "Lake Alliance" in card
    assert number in card
    assert f"/lots/{taken}" not in card
    assert "Their store" not in card
    origin = taker.get(f"/lots/{taken}").text
    assert "Taken over from another organisation" in origin
    assert f"/lots/{world.lot.id}" not in origin
    assert giver.get(f"/offers/{number}/certificate.pdf").data.startswith(b"%PDF")
    assert taker.get(f"/offers/{number}/certificate.pdf").data.startswith(b"%PDF")


def test_an_offer_is_not_there_for_a_third_organisation(app, session, world):
    number = make_offer(browser_of(app, world.planner), world)
    with writing(session):
        third = make_organisation(session, code="HIL", name="Hill Church")
        stranger = make_actor(session, Role.PLANNER, organisation=third)
    browser = browser_of(app, stranger)
    assert number not in browser.get("/offers?all=1").text
    for path in (f"/offers/{number}", f"/offers/{number}/certificate.pdf"):
        assert browser.get(path).status_code == 404
    for act in ("accept", "decline", "withdraw"):
        form = {"command_id": new_id(), "note": "No"}
        assert browser.post(f"/offers/{number}/{act}", data=form).status_code == 404


def test_the_giver_withdraws_and_the_taker_is_told(app, session, world):
    giver, taker = browser_of(app, world.planner), browser_of(app, world.taker)
    number = make_offer(giver, world)
    withdrawn = giver.post(f"/offers/{number}/withdraw", data={"command_id": new_id()})
    assert withdrawn.status_code == 303
    late = taker.post(
        f"/offers/{number}/accept",
        data={
            "command_id": new_id(),
            "destination": str(world.theirs.id),
            "expected_at": clock(timedelta(days=1)),
        },
    )
    assert late.status_code == 409
    assert "withdrawn" in late.text
    assert at(session, AccountKind.WAREHOUSE, world.hub)["N-7"] == 400


def test_an_order_is_recorded_priced_and_received_in_part(app, session, world):
    keeper = browser_of(app, world.sender)
    form = {
        "command_id": new_id(),
        "supplier": "Ziwa Traders",
        "order_reference": "ZT 4471",
        "warehouse": str(world.hub.id),
        "currency": "USD",
        "rows-0-item": "NET1",
        "rows-0-packs": "10",
        "rows-0-price": "450.50",
        "act": "save",
    }
    looked = keeper.post("/purchases/new", data=form)
    known = {"rows-0-known": hidden(looked.text, "rows-0-known")}
    made = keeper.post("/purchases/new", data=form | known)
    assert made.status_code == 303, made.text
    number = made.location.rsplit("/", 1)[1]
    assert "450.50 USD" in keeper.get(f"/purchases/{number}").text
    path = f"/receive/order/{number}"
    assert "100 pc still to come" in keeper.get(path).text
    line = {
        "command_id": new_id(),
        "warehouse": str(world.hub.id),
        "arrived_at": clock(timedelta(hours=-1)),
        "lines-0-item": "NET1",
        "lines-0-lot": "ZT-1",
        "lines-0-no_expiry": "y",
        "lines-0-packs": "4",
        "lines-0-declared": "40",
        "order_reference": "ZT 4471",
    }
    assert "as on the papers" in keeper.post(path, data=line | {"act": "check"}).text
    saved = keeper.post(path, data=line | {"act": "save"})
    assert saved.status_code == 303, saved.text
    page = keeper.get(saved.location).text
    assert "Purchase" in page
    assert "ZT 4471" in page
    assert number in page
    assert "60 pc" in keeper.get(f"/purchases/{number}").text
    closing = {"command_id": new_id(), "note": "The rest is out of stock"}
    assert keeper.post(f"/purchases/{number}/close", data=closing).status_code == 303
    assert keeper.get(path).location.endswith(f"/purchases/{number}")


def test_an_order_is_seen_by_planners_and_not_from_another_warehouse(app, session, world):
    keeper, other = browser_of(app, world.sender), browser_of(app, world.receiver)
    form = {
        "command_id": new_id(),
        "supplier": "Ziwa Traders",
        "warehouse": str(world.hub.id),
        "rows-0-item": "NET1",
        "rows-0-packs": "10",
        "act": "save",
    }
    looked = keeper.post("/purchases/new", data=form)
    known = {"rows-0-known": hidden(looked.text, "rows-0-known")}
    number = keeper.post("/purchases/new", data=form | known).location.rsplit("/", 1)[1]
    for path in (f"/purchases/{number}", f"/receive/order/{number}"):
        assert other.get(path).status_code == 404
    assert number not in other.get("/purchases").text
    planner = browser_of(app, world.planner)
    assert number in planner.get("/purchases").text
    assert planner.get(f"/purchases/{number}").status_code == 200
    assert number in planner.get(f"/find?q={number}", follow_redirects=True).text
    assert planner.get("/purchases/new").status_code == 200
    assert planner.get(f"/receive/order/{number}").status_code == 404


def test_an_item_that_can_mean_several_is_taken_by_a_button(app, session, world):
    with writing(session):
        make_item(session, code="NET2", name="Mosquito net, large")
    browser = browser_of(app, world.receiver)
    form = {
        "command_id": new_id(),
        "destination": str(world.post.id),
        "origin": str(world.hub.id),
        "rows-0-item": "mosquito",
        "rows-0-packs": "3",
    }
    asked = browser.post("/transfers/new", data=form | {"act": "save"})
    assert asked.status_code == 422
    assert 'value="take-rows-0-NET2"' in asked.text
    taken = browser.post("/transfers/new", data=form | {"act": "take-rows-0-NET2"})
    assert taken.status_code == 200
    assert 'value="NET2"' in taken.text
    assert 'value="3"' in taken.text


def test_more_than_is_free_is_refused_in_the_row_of_its_lot(app, session, world):
    browser = browser_of(app, world.planner)
    path = f"/offers/new?from={world.hub.code}"
    form = {
        "command_id": new_id(),
        "taker": str(world.theirs.organisation_id),
        "purpose": "Families who arrived last week",
        "lots-0-lot": str(world.lot.id),
        "lots-0-size": "1",
        "lots-0-loose": "401",
    }
    refused = browser.post(path, data=form)
    assert refused.status_code == 409
    assert 'href="#lots-0-loose"' in refused.text
    assert browser.post(path, data=form | {"lots-0-lot": "N-7"}).status_code == 422


def test_what_a_site_sends_back_is_counted_into_a_warehouse(app, session):
    with writing(session):
        trip = send(session, prepare(session, make_ends(session), 40))
        count(session, trip, Counted(line=1, good=40))
    browser = browser_of(app, trip.clerk)
    path = f"/receive/return?from={trip.site.code}&to={trip.origin.code}"
    assert trip.lots[0].number in browser.get(path).text
    back = {
        "command_id": new_id(),
        "at": clock(),
        "remark": "Too many for the tents",
        "lots-0-lot": str(trip.lots[0].id),
        "lots-0-size": "1",
        "lots-0-loose": "30",
        "lots-0-damaged": "11",
    }
    refused = browser.post(path, data=back)
    assert refused.status_code == 409, "the site holds 40"
    assert 'href="#lots-0-loose"' in refused.text
    saved = browser.post(path, data=back | {"lots-0-damaged": "10", "command_id": new_id()})
    assert saved.status_code == 303
    note = browser.get(saved.location).text
    assert "Too many for the tents" in note
    assert at(session, AccountKind.SITE, trip.site) == {}


def test_a_price_that_is_none_is_refused_on_its_line(app, session, world):
    browser = browser_of(app, world.sender)
    form = {
        "command_id": new_id(),
        "act": "save",
        "supplier": "Lake Traders",
        "warehouse": str(world.hub.id),
        "currency": "USD",
        "rows-0-item": world.item.code,
        "rows-0-known": f"{world.item.id}:10",
        "rows-0-loose": "5",
        "rows-0-price": "ten",
    }
    refused = browser.post("/purchases/new", data=form)
    assert refused.status_code == 422
    assert 'href="#rows-0-price"' in refused.text
