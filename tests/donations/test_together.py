"""Two people at the same moment, on both databases: nothing is counted twice, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from aidlog.core.errors import Refusal
from aidlog.db import audit
from aidlog.db.commands import once
from aidlog.db.transaction import prepare, writing
from aidlog.donations.counting import CountedLine
from aidlog.donations.models import Pledge, PledgeState
from aidlog.donations.receiving import ReceiveGoods, receive_goods
from aidlog.donations.taking_back import take_back_receipt
from aidlog.ledger.movement import AccountKind
from aidlog.registry.models import PackKind
from aidlog.registry.roles import Role
from aidlog.stock.models import Lot, StockTotal
from aidlog.stock.reversing import ReverseDocument
from aidlog.stock.soundness import faults
from tests.conftest import TEST_KEY
from tests.factories import (
    NOW,
    command_id,
    make_actor,
    make_item,
    make_pledge,
    make_warehouse,
)

ROUNDS = 4


@pytest.fixture
def together(database) -> Callable[..., list[Any]]:
    """Run commands at the same moment, each in a session of its own; return how each ended."""
    engine = create_engine(database)
    prepare(engine)
    audit.use_key(engine, TEST_KEY.encode())

    def run(action, actor, commands) -> list[Any]:
        start = threading.Barrier(len(commands))
        ends: list[Any] = [None] * len(commands)

        def one(number: int) -> None:
            with Session(engine) as session:
                start.wait()
                try:
                    with writing(session):
                        ends[number] = once(session, actor, commands[number], action)
                except Refusal as refusal:
                    ends[number] = refusal

        threads = [threading.Thread(target=one, args=(n,)) for n in range(len(commands))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        return ends

    yield run
    engine.dispose()


def note(warehouse, item, good, *, number, pledge=None, id_=""):
    return ReceiveGoods(
        command_id=id_ or command_id(),
        organisation_id=warehouse.organisation_id,
        warehouse_id=warehouse.id,
        pledge_id=pledge.id if pledge else None,
        arrived_at=NOW,
        lines=(
            CountedLine(
                item_id=item.id,
                lot_number=number,
                expires_on=None,
                pack_kind=PackKind.BALE,
                pack_size=10,
                declared=good,
                good=good,
                reason="As counted",
            ),
        ),
    )


def test_two_people_receive_for_one_pledge_and_the_promise_is_filled_once(session, together):
    for round_ in range(ROUNDS):
        with writing(session):
            actor = make_actor(session, Role.STOREKEEPER)
            warehouse, item = make_warehouse(session), make_item(session)
            pledge = make_pledge(session, item=item, quantity=100)
        ends = together(
            receive_goods,
            actor,
            [
                note(warehouse, item, 80, number=f"{side}{round_}", pledge=pledge)
                for side in ("left", "right", "third")
            ],
        )
        session.rollback()
        done = [end for end in ends if isinstance(end, dict)]
        kept = session.get_one(Pledge, pledge.id)
        assert (kept.received, kept.state) == (100, PledgeState.RECEIVED)
        assert len(done) == 2, "the third finds the pledge closed"
        assert sum(end["unpledged"] for end in done) == 60
        total = session.get_one(
            StockTotal,
            (AccountKind.WAREHOUSE, warehouse.id, warehouse.organisation_id, item.id),
        )
        assert total.on_hand == 160
    assert list(faults(session)) == []


def test_one_lot_number_from_two_people_is_one_lot(session, together):
    for round_ in range(ROUNDS):
        with writing(session):
            actor = make_actor(session, Role.STOREKEEPER)
            warehouse, item = make_warehouse(session), make_item(session)
        ends = together(
            receive_goods,
            actor,
            [note(warehouse, item, 10, number=f"same{round_}") for _ in range(3)],
        )
        assert sum(isinstance(end, dict) for end in ends) == 1, ends
        session.rollback()
        assert len(session.scalars(select(Lot).where(Lot.item_id == item.id)).all()) == 1
    assert list(faults(session)) == []


def test_one_note_sent_by_two_clicks_at_once_is_one_note(session, together):
    for round_ in range(ROUNDS):
        with writing(session):
            actor = make_actor(session, Role.STOREKEEPER)
            warehouse, item = make_warehouse(session), make_item(session)
        command = note(warehouse, item, 10, number=f"click{round_}", id_=command_id())
        first, second = together(receive_goods, actor, [command, command])
        assert first == second
    assert list(faults(session)) == []


def test_a_note_is_taken_back_by_one_of_two(session, together):
    for round_ in range(ROUNDS):
        with writing(session):
            actor = make_actor(session, Role.STOREKEEPER)
            warehouse, item = make_warehouse(session), make_item(session)
            pledge = make_pledge(session, item=item, quantity=100)
        (answer,) = together(
            receive_goods, actor, [note(warehouse, item, 60, number=f"N{round_}", pledge=pledge)]
        )
        ends = together(
            take_back_receipt,
            actor,
            [
                ReverseDocument(command_id=command_id(), code=answer["grn"], why="Wrong")
                for _ in range(3)
            ],
        )
        assert sum(isinstance(end, dict) for end in ends) == 1, ends
        session.rollback()
        kept = session.get_one(Pledge, pledge.id)
        assert (kept.received, kept.state) == (0, PledgeState.CONFIRMED)
    assert list(faults(session)) == []
    assert list(audit.breaks(session)) == []
