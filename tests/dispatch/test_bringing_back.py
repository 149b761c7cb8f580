"""Goods come back from a site: out of its books, into a warehouse, good and damaged apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.dispatch.bringing_back import (
    BroughtBack,
    ReturnFromSite,
    WrongReturn,
    return_from_site,
)
from aidlog.dispatch.finding import InTheFuture
from aidlog.dispatch.receipts import Counted
from aidlog.ledger.movement import AccountKind
from aidlog.ledger.rules import NotEnoughStock
from aidlog.stock.queries import lots_at
from aidlog.stock.soundness import faults
from tests.dispatch.chain import Trip, count, make_ends, prepare, send
from tests.factories import command_id, make_warehouse


@pytest.fixture
def trip(session) -> Trip:
    """A site that holds 40 of a lot, and a warehouse that holds the other 360."""
    with writing(session):
        trip = send(session, prepare(session, make_ends(session), 40))
        count(session, trip, Counted(line=1, good=40))
    return trip


def bringing(trip, good, damaged=0, **more) -> ReturnFromSite:
    return ReturnFromSite(
        **{
            "command_id": command_id(),
            "site_id": trip.site.id,
            "warehouse_id": trip.origin.id,
            "lines": (BroughtBack(lot_id=trip.lots[0].id, good=good, damaged=damaged),),
            "returned_at": datetime.now(UTC),
            "remark": "Too many for the tents",
        }
        | more
    )


def held(session, kind, place):
    return sum(lot.on_hand for lot in lots_at(session, kind, place.id))


def test_good_goods_stand_in_the_warehouse_and_damaged_ones_apart(session, trip):
    command = bringing(trip, 30, 10)
    for _sent in range(2):
        with writing(session):
            once(session, trip.clerk, command, return_from_site)
    assert held(session, AccountKind.SITE, trip.site) == 0
    assert held(session, AccountKind.WAREHOUSE, trip.origin) == 390
    assert held(session, AccountKind.QUARANTINE, trip.origin) == 10
    assert list(faults(session)) == []


def test_a_site_sends_back_no_more_than_its_books_hold(session, trip):
    with pytest.raises(NotEnoughStock) as refused, writing(session):
        once(session, trip.clerk, bringing(trip, 30, 11), return_from_site)
    assert refused.value.lot_id == trip.lots[0].id
    assert held(session, AccountKind.SITE, trip.site) == 40


@pytest.mark.parametrize(
    "wrong",
    [{"lines": ()}, {"remark": "  "}, {"returned_at": datetime.now(UTC) + timedelta(days=2)}],
    ids=["nothing", "no reason", "in the future"],
)
def test_a_return_of_nothing_without_a_reason_or_in_the_future_is_refused(session, trip, wrong):
    with pytest.raises((WrongReturn, InTheFuture)), writing(session):
        once(session, trip.clerk, bringing(trip, 5, **wrong), return_from_site)
    assert held(session, AccountKind.SITE, trip.site) == 40


def test_a_closed_warehouse_takes_nothing_back(session, trip):
    with writing(session):
        trip.origin.active = False
        session.merge(trip.origin)
    with pytest.raises(NotFound), writing(session):
        once(session, trip.clerk, bringing(trip, 5), return_from_site)


def test_only_who_receives_at_the_warehouse_takes_goods_back(session, trip):
    with writing(session):
        elsewhere = make_warehouse(session)
    for person, more in ((trip.lead, {}), (trip.clerk, {"warehouse_id": elsewhere.id})):
        with pytest.raises((NotAllowed, NotFound)), writing(session):
            once(session, person, bringing(trip, 5, **more), return_from_site)
