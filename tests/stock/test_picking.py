"""First to expire goes out first, and never against a donor's wish."""

from datetime import UTC, datetime, timedelta

import pytest

from aidlog.db.transaction import writing
from aidlog.registry.roles import Role
from aidlog.stock.picking import NotEnoughToPick, pick_fefo
from tests.booking import promise
from tests.factories import (
    make_actor,
    make_gift,
    make_item,
    make_lot,
    make_organisation,
    make_place,
    make_pledge,
    make_warehouse,
)

TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(days=30)
LATER = TODAY + timedelta(days=300)


def picked(session, scene, quantity, *, arrive_by=TODAY, destination=None):
    warehouse, item, site = scene
    lots = pick_fefo(
        session,
        warehouse.id,
        item.id,
        quantity,
        arrive_by,
        (destination or site).id,
        organisations={warehouse.organisation_id},
    )
    return [(lot.number, part) for lot, part in lots]


@pytest.fixture
def scene(session):
    """A warehouse, an item, a site."""
    with writing(session):
        return make_warehouse(session), make_item(session), make_place(session)


def stock(session, scene, number, quantity, expires_on=None):
    with writing(session):
        return make_lot(
            session,
            warehouse=scene[0],
            item=scene[1],
            quantity=quantity,
            number=number,
            expires_on=expires_on,
        )


def test_first_expiry_first_and_no_expiry_last(session, scene):
    stock(session, scene, "never", 100)
    stock(session, scene, "later", 40, LATER)
    stock(session, scene, "soon", 30, SOON)
    assert picked(session, scene, 100) == [("soon", 30), ("later", 40), ("never", 30)]


def test_what_expires_before_it_arrives_stays(session, scene):
    stock(session, scene, "soon", 30, SOON)
    stock(session, scene, "later", 40, LATER)
    assert picked(session, scene, 40, arrive_by=SOON + timedelta(days=1)) == [("later", 40)]
    assert picked(session, scene, 40, arrive_by=SOON) == [("soon", 30), ("later", 10)]


def test_promised_stock_is_not_picked(session, scene):
    lot = stock(session, scene, "soon", 30, SOON)
    with writing(session):
        promise(session, make_actor(session, Role.PLANNER), lot, 25, scene[0], scene[2])
    assert picked(session, scene, 5) == [("soon", 5)]
    with pytest.raises(NotEnoughToPick) as refused:
        picked(session, scene, 6)
    assert (refused.value.asked, refused.value.free) == (6, 5)


def test_a_donors_wish_is_kept(session, scene):
    warehouse, item, _ = scene
    with writing(session):
        wished = make_place(session)
        pledge = make_pledge(session, item=item, quantity=50, earmarks=[wished])
        make_gift(session, pledge, warehouse=warehouse, good=50, number="wished")
    stock(session, scene, "free", 10)
    assert picked(session, scene, 10) == [("free", 10)]
    with pytest.raises(NotEnoughToPick):
        picked(session, scene, 11)
    # of two lots that keep as long, the one given for this place goes first
    assert picked(session, scene, 55, destination=wished) == [("wished", 50), ("free", 5)]


def test_another_organisations_goods_are_not_picked(session, scene):
    warehouse, item, site = scene
    stock(session, scene, "ours", 10)
    with writing(session):
        other = make_organisation(session, code="OTH")
    with pytest.raises(NotEnoughToPick):
        pick_fefo(session, warehouse.id, item.id, 1, TODAY, site.id, organisations={other.id})


def test_asking_reserves_nothing(session, scene):
    stock(session, scene, "soon", 30, SOON)
    assert picked(session, scene, 30) == picked(session, scene, 30) == [("soon", 30)]
