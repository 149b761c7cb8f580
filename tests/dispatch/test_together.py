"""Two people at the same moment, on both databases: goods leave once, arrive once, go out once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from aidlog.core.errors import Refusal
from aidlog.db import audit
from aidlog.db.commands import once
from aidlog.db.transaction import prepare as prepare_engine
from aidlog.db.transaction import writing
from aidlog.dispatch.finding import WrongState, locked
from aidlog.dispatch.handing_out import (
    CannotHandOut,
    HandedOut,
    RecordHandOut,
    record_handout,
)
from aidlog.dispatch.loading import load_and_send
from aidlog.dispatch.losses import (
    BookLoss,
    FoundLine,
    RecordLateArrival,
    book_loss,
    record_late_arrival,
)
from aidlog.dispatch.models import Receipt
from aidlog.dispatch.preparing import PrepareWaybill, prepare_waybill
from aidlog.dispatch.promising import LessLeftInPlan, LoadLine
from aidlog.dispatch.receipts import Counted, confirm_receipt
from aidlog.ledger.movement import AccountKind
from aidlog.registry.roles import Role
from aidlog.stock.queries import lots_at
from aidlog.stock.soundness import faults
from tests.conftest import TEST_KEY
from tests.dispatch.chain import (
    ARRIVED,
    count,
    counting,
    make_approved_plan,
    make_ends,
    number_of,
    prepare,
    send,
    sending,
)
from tests.factories import command_id, make_actor

ROUNDS = 4


@pytest.fixture
def together(database) -> Callable[..., list[Any]]:
    """Do (action, actor, command) at the same moment, each in its own session; return the ends."""
    engine = create_engine(database)
    prepare_engine(engine)
    audit.use_key(engine, TEST_KEY.encode())

    def run(*asked: tuple[Any, Any, Any]) -> list[Any]:
        start = threading.Barrier(len(asked))
        ends: list[Any] = [None] * len(asked)

        def one(number: int) -> None:
            action, actor, command = asked[number]
            with Session(engine) as session:
                start.wait()
                try:
                    with writing(session):
                        ends[number] = once(session, actor, command, action)
                except Refusal as refusal:
                    ends[number] = refusal

        threads = [threading.Thread(target=one, args=(n,)) for n in range(len(asked))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return ends

    yield run
    engine.dispose()


def held(session, kind, key):
    session.rollback()
    return sum(lot.on_hand for lot in lots_at(session, kind, key))


def test_two_phones_that_confirm_at_once_count_once_and_both_are_kept(session, together):
    for _ in range(ROUNDS):
        with writing(session):
            trip = send(session, prepare(session, make_ends(session), 200))
            other = make_actor(session, Role.SITE_LEAD, place=trip.site)
        ends = together(
            (confirm_receipt, trip.lead, counting(trip, Counted(line=1, good=200))),
            (confirm_receipt, other, counting(trip, Counted(line=1, good=198, missing=2))),
        )
        assert sorted(end["booked"] for end in ends) == [False, True]
        assert len({end["receipt"] for end in ends}) == 2
        assert held(session, AccountKind.SITE, trip.site.id) in {198, 200}
    assert list(faults(session)) == []


def test_one_receipt_sent_by_two_connections_at_once_is_one_receipt(session, together):
    for _ in range(ROUNDS):
        with writing(session):
            trip = send(session, prepare(session, make_ends(session), 200))
        command = counting(trip, Counted(line=1, good=200))
        first, second = together(
            (confirm_receipt, trip.lead, command), (confirm_receipt, trip.lead, command)
        )
        assert first == second
        assert held(session, AccountKind.SITE, trip.site.id) == 200
    waybill, _document = locked(session, trip.number)
    assert (
        session.scalar(select(func.count(Receipt.id)).where(Receipt.waybill_id == waybill.id)) == 1
    )


def test_a_waybill_loaded_by_two_clerks_at_once_leaves_once(session, together):
    for _ in range(ROUNDS):
        with writing(session):
            trip = prepare(session, make_ends(session), 200)
            other = make_actor(session, Role.STOREKEEPER, place=trip.origin)
        ends = together(
            (load_and_send, trip.clerk, sending(trip)), (load_and_send, other, sending(trip))
        )
        assert sorted(isinstance(end, WrongState) for end in ends) == [False, True]
        assert held(session, AccountKind.WAREHOUSE, trip.origin.id) == 200
    assert list(faults(session)) == []


def test_two_trucks_cannot_be_prepared_from_one_promise(session, together):
    for _ in range(ROUNDS):
        with writing(session):
            trip = make_ends(session)
            plan = number_of(session, make_approved_plan(session, trip, 300))
            other = make_actor(session, Role.STOREKEEPER, place=trip.origin)

        def asking(trip=trip, plan=plan):
            return PrepareWaybill(
                command_id=command_id(),
                organisation_id=trip.origin.organisation_id,
                origin_id=trip.origin.id,
                destination_id=trip.site.id,
                lines=(LoadLine(lot_id=trip.lots[0].id, quantity=200),),
                plan_code=plan,
            )

        ends = together((prepare_waybill, trip.clerk, asking()), (prepare_waybill, other, asking()))
        assert sorted(isinstance(end, LessLeftInPlan) for end in ends) == [False, True]
        session.rollback()
        [lot] = lots_at(session, AccountKind.WAREHOUSE, trip.origin.id)
        assert lot.reserved == 300
    assert list(faults(session)) == []


def test_two_hand_outs_at_once_cannot_give_more_than_there_is(session, together):
    for _ in range(ROUNDS):
        with writing(session):
            trip = send(session, prepare(session, make_ends(session), 20))
            count(session, trip, Counted(line=1, good=20))
            other = make_actor(session, Role.SITE_LEAD, place=trip.site)

        def giving(trip=trip):
            return RecordHandOut(
                command_id=command_id(),
                site=trip.site.code,
                handed_on=ARRIVED.date(),
                households=5,
                lines=(HandedOut(item_id=trip.lots[0].item_id, quantity=15),),
            )

        ends = together((record_handout, trip.lead, giving()), (record_handout, other, giving()))
        assert sorted(isinstance(end, CannotHandOut) for end in ends) == [False, True]
        assert held(session, AccountKind.SITE, trip.site.id) == 5
    assert list(faults(session)) == []


def test_what_is_found_and_written_off_at_once_is_one_or_the_other(session, together):
    for _ in range(ROUNDS):
        with writing(session):
            trip = send(session, prepare(session, make_ends(session, (31,)), 31))
            report = count(session, trip, Counted(line=1, good=29, missing=2))["loss_report"]
            planner = make_actor(session, Role.PLANNER)
        ends = together(
            (
                book_loss,
                planner,
                BookLoss(command_id=command_id(), report=report, reason="Fell off"),
            ),
            (
                record_late_arrival,
                trip.lead,
                RecordLateArrival(
                    command_id=command_id(),
                    report=report,
                    lines=(FoundLine(line=1, quantity=2),),
                    arrived_at=ARRIVED,
                ),
            ),
        )
        assert sum(isinstance(end, Refusal) for end in ends) == 1
        assert held(session, AccountKind.SITE, trip.site.id) in {29, 31}
    assert list(faults(session)) == []
