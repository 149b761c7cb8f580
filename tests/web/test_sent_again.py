"""Forms that are sent twice, or sent after what they showed has changed.

A second click is the commonest of all mistakes, and goods move while a form lies open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.db.commands import CommandRecord, new_id
from aidlog.db.transaction import writing
from aidlog.dispatch.models import WaybillLine
from aidlog.extensions import db
from aidlog.registry.models import Item, PackKind
from aidlog.registry.roles import Role
from aidlog.stock.journal import StockMovement
from aidlog.stock.soundness import faults
from tests.dispatch.chain import Trip, make_ends, prepare, send
from tests.factories import make_item, make_lot, make_person
from tests.serving import ATTRIBUTE, HIDDEN
from tests.signing import sign_in
from tests.stock.limit import lift_the_limit


@dataclass
class Desk:
    """A storekeeper's browser beside the books."""

    client: FlaskClient
    session: Session
    trip: Trip

    def hidden(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the form at ``path``, as a browser would send them."""
        page = self.client.get(path)
        assert page.status_code == 200
        fields = [dict(ATTRIBUTE.findall(tag)) for tag in HIDDEN.findall(page.text)]
        return {one["name"]: one.get("value", "") for one in fields if "name" in one}

    def twice(self, path: str, fields: dict[str, object]) -> None:
        """Send a form twice; both answers lead to the same page and one command is known."""
        before = self._commands()
        first, second = (self.client.post(path, data=fields) for _ in range(2))
        assert first.status_code == 303, first.text
        assert (second.status_code, second.location) == (303, first.location)
        assert self._commands() - before == {fields["command_id"]}
        assert list(faults(self.session)) == []

    def _commands(self) -> set[str]:
        self.session.rollback()
        return set(self.session.scalars(select(CommandRecord.id)))


@pytest.fixture
def desk(app: Flask):
    with app.app_context():
        session = db.session()
        with writing(session):
            trip = make_ends(session, (400, 300))
            keeper = make_person(session, Role.STOREKEEPER)
            lift_the_limit(session)
        client = sign_in(app.test_client(), keeper)
        with app.app_context():
            yield Desk(client, db.session(), trip)


def movements(session) -> int:
    session.rollback()
    return len(session.scalars(select(StockMovement.id)).all())


def typed(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def test_a_correction_clicked_twice_counts_once_though_it_emptied_the_lot(desk):
    lot = desk.trip.lots[0]
    path = f"/stock/{desk.trip.origin.code}/{_item_code(desk, lot)}/correct"
    fields = desk.hidden(path) | {
        "command_id": new_id(),
        "lot": lot.id,
        "what": "take_off",
        "quantity": "400",
        "reason": "unrecorded_issue",
    }
    desk.twice(path, fields)


def test_goods_received_twice_by_a_second_click_come_in_once(desk):
    fields = desk.hidden("/receive/new") | {
        "command_id": new_id(),
        "warehouse": desk.trip.origin.id,
        "arrived_at": typed(datetime.now(UTC) - timedelta(days=1)),
        "received_from": "Friends of the Lake",
        "lines-0-item": _item_code(desk, desk.trip.lots[0]),
        "lines-0-no_expiry": "y",
        "lines-0-loose": "12",
        "act": "save",
    }
    desk.twice("/receive/new", fields)


def test_a_truck_that_is_sent_twice_leaves_once(desk):
    with writing(desk.session):
        prepare(desk.session, desk.trip, 120)
    path = f"/waybills/{desk.trip.number}/load"
    now = datetime.now(UTC)
    fields = desk.hidden(path) | {
        "vehicle": "0",
        "plate": "RAF 218 C",
        "driver": "Driver One",
        "left_at": typed(now - timedelta(hours=2)),
        "expected_at": typed(now + timedelta(hours=30)),
        "lines-0-other": "0",
        "lines-0-kg": "40",
    }
    desk.twice(path, fields)
    assert movements(desk.session) == 3, "two arrivals and one loading"


def test_a_signed_paper_typed_in_twice_counts_once(desk):
    with writing(desk.session):
        send(desk.session, prepare(desk.session, desk.trip, 120))
    path = f"/waybills/{desk.trip.number}/receipt"
    fields = desk.hidden(path) | {
        "command_id": new_id(),
        "arrived_at": typed(datetime.now(UTC) - timedelta(minutes=5)),
        "lines-0-answer": "all",
        "received_by": "Someone at the site",
        "step": "confirm",
    }
    desk.twice(path, fields)


def test_a_return_counted_twice_comes_back_once(desk):
    with writing(desk.session):
        send(desk.session, prepare(desk.session, desk.trip, 120))
    path = f"/waybills/{desk.trip.number}/return"
    fields = desk.hidden(path) | {
        "at": typed(datetime.now(UTC) - timedelta(minutes=5)),
        "lines-0-packs": "12",
    }
    desk.twice(path, fields)


@pytest.fixture
def two_items(desk):
    """Beside the trip's goods: an item that is listed first, in bales of 10."""
    with writing(desk.session):
        first = make_item(desk.session, code="AAFIRST", name="A first item", tier=1)
        lot = make_lot(
            desk.session, warehouse=desk.trip.origin, item=first, quantity=100, number="OLD"
        )
        return first.id, lot.id


def _new_waybill(desk) -> str:
    return f"/waybills/new?from={desk.trip.origin.code}&to={desk.trip.site.code}"


def _line_of(fields: dict[str, str], item_id: int) -> str:
    (name,) = (
        name for name, value in fields.items() if name.endswith("-item") and value == str(item_id)
    )
    return name.removesuffix("item")


def _take(desk, item_code: str, lot_id: int, quantity: int) -> None:
    """Let someone else take goods while the form lies open."""
    path = f"/stock/{desk.trip.origin.code}/{item_code}/correct"
    taken = desk.client.post(
        path,
        data=desk.hidden(path)
        | {
            "command_id": new_id(),
            "lot": lot_id,
            "what": "take_off",
            "quantity": quantity,
            "reason": "unrecorded_issue",
        },
    )
    assert taken.status_code == 303


def test_a_form_sends_the_item_it_showed_though_another_stands_there_now(desk, two_items):
    first_id, first_lot = two_items
    wanted = desk.trip.lots[1].item_id
    fields = desk.hidden(_new_waybill(desk))
    fields[f"{_line_of(fields, wanted)}packs"] = "3"
    _take(desk, "AAFIRST", first_lot, 100)
    sent = desk.client.post(_new_waybill(desk), data=fields)
    assert sent.status_code == 303, sent.text
    desk.session.rollback()
    line = desk.session.scalars(select(WaybillLine)).one()
    assert (line.item_id, line.quantity) == (wanted, 30)
    assert first_id != wanted


def test_a_form_means_the_packs_it_showed_though_the_next_lot_has_others(desk, two_items):
    first_id, first_lot = two_items
    with writing(desk.session):
        item = desk.session.get_one(Item, first_id)
        make_lot(
            desk.session, warehouse=desk.trip.origin, item=item, quantity=240, number="ZNEW",
            pack=(PackKind.CARTON, 24),
        )  # fmt: skip
    fields = desk.hidden(_new_waybill(desk))
    fields[f"{_line_of(fields, first_id)}packs"] = "3"
    _take(desk, "AAFIRST", first_lot, 100)
    sent = desk.client.post(_new_waybill(desk), data=fields)
    assert sent.status_code == 303, sent.text
    desk.session.rollback()
    assert desk.session.scalars(select(WaybillLine.quantity)).one() == 30, "three bales of ten"


def test_goods_that_ran_out_meanwhile_are_told_and_nothing_else_goes(desk, two_items):
    first_id, first_lot = two_items
    fields = desk.hidden(_new_waybill(desk))
    fields[f"{_line_of(fields, first_id)}packs"] = "3"
    _take(desk, "AAFIRST", first_lot, 80)
    answer = desk.client.post(_new_waybill(desk), data=fields)
    assert answer.status_code == 409, answer.status
    desk.session.rollback()
    assert desk.session.scalars(select(WaybillLine)).all() == []


def test_a_new_waybill_clicked_twice_is_one(desk, two_items):
    fields = desk.hidden(_new_waybill(desk))
    fields[f"{_line_of(fields, two_items[0])}packs"] = "10"
    desk.twice(_new_waybill(desk), fields)


def _item_code(desk, lot) -> str:
    desk.session.rollback()
    return desk.session.get_one(Item, lot.item_id).code
