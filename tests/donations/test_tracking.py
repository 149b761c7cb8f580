"""What a donor sees of a gift: how far it got, and never where."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from aidlog.core.errors import NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.donations.models import PledgeState
from aidlog.donations.queries import by_link
from aidlog.donations.tracking import Fate, gift_story
from aidlog.donations.tracking_links import link_ends, token_hash
from aidlog.registry.roles import Role
from aidlog.stock.adjusting import CorrectStock, correct_stock
from aidlog.stock.models import Correcting, Reason
from aidlog.stock.reversing import ReverseDocument, reverse_document
from tests.booking import arrive, go_missing, hand_out, promise, send
from tests.factories import (
    command_id,
    make_actor,
    make_gift,
    make_item,
    make_place,
    make_pledge,
    make_warehouse,
)
from tests.stock.limit import lift_the_limit

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=10)


@pytest.fixture
def gift(session):
    """A storekeeper, a warehouse, three sites of one area, a pledge of 200 and its lot of 198."""
    with writing(session):
        actor = make_actor(session, Role.STOREKEEPER)
        warehouse = make_warehouse(session, area="Town")
        sites = [
            make_place(session, code=f"HIDDEN{n}", name=f"Secret valley {n}", area="Eastern hills")
            for n in range(3)
        ]
        pledge = make_pledge(session, item=make_item(session), quantity=200, token="the-link")
        lot = make_gift(
            session, pledge, warehouse=warehouse, good=198, damaged=2, arrived_at=LONG_AGO
        )
    return actor, warehouse, sites, pledge, lot


def test_a_promise_alone_tells_nothing_of_stock(session):
    with writing(session):
        pledge = make_pledge(session, quantity=200)
    story = gift_story(session, pledge, NOW)
    assert (story.promised, story.received, story.left, story.areas) == (200, 0, 0, ())
    assert story.state is PledgeState.PROMISED


def test_a_gift_is_followed_from_the_store_to_people(session, gift):
    actor, warehouse, sites, pledge, lot = gift
    with writing(session):
        promise(session, actor, lot, 38, warehouse, sites[0])
        road = send(session, actor, lot, 100, warehouse, sites[0], at=LONG_AGO)
        arrive(session, actor, lot, 97, road, at=LONG_AGO)
        go_missing(session, actor, lot, 3, road, at=LONG_AGO)
        send(session, actor, lot, 20, warehouse, sites[1], at=LONG_AGO)
        hand_out(session, actor, lot, 40, sites[0], at=LONG_AGO)
    story = gift_story(session, pledge, NOW)
    assert (story.received, story.torn) == (198, 2)
    assert (story.set_aside, story.on_road, story.arrived, story.given) == (38, 20, 97, 40)
    assert story.lost == {Fate.ROAD_MISSING: 3}
    assert story.left == 120
    # every unit received is somewhere, once
    free = 198 - 38 - 120
    assert story.set_aside + free + story.on_road + story.arrived + 3 == story.received


def test_a_departure_is_told_after_two_days_and_until_then_as_set_aside(session, gift):
    actor, warehouse, sites, pledge, lot = gift
    with writing(session):
        road = send(session, actor, lot, 100, warehouse, sites[0], at=NOW - timedelta(hours=47))
        arrive(session, actor, lot, 100, road, at=NOW - timedelta(hours=46))
    early = gift_story(session, pledge, NOW)
    assert (early.set_aside, early.on_road, early.arrived, early.left_week) == (100, 0, 0, None)
    assert early.areas == ()
    later = gift_story(session, pledge, NOW + timedelta(hours=3))
    assert (later.set_aside, later.arrived) == (0, 100)


def test_an_old_date_behind_a_recent_departure_tells_nothing(session, gift):
    """A receipt that claims an early day must not give away a truck that left just now."""
    actor, warehouse, sites, pledge, lot = gift
    with writing(session):
        road = send(session, actor, lot, 50, warehouse, sites[0], at=NOW - timedelta(hours=1))
        arrive(session, actor, lot, 50, road, at=LONG_AGO)
    story = gift_story(session, pledge, NOW)
    assert (story.on_road, story.arrived, story.set_aside) == (0, 0, 50)


def test_days_of_the_road_are_weeks(session, gift):
    actor, warehouse, sites, pledge, lot = gift
    with writing(session):
        send(session, actor, lot, 1, warehouse, sites[0], at=datetime(2026, 11, 14, tzinfo=UTC))
    week = gift_story(session, pledge, NOW).left_week
    assert week is not None
    assert week.weekday() == 0
    assert week.isoformat() == "2026-11-09"


def test_an_area_with_three_sites_is_named_one_with_two_is_not(session, gift):
    actor, warehouse, sites, pledge, lot = gift
    with writing(session):
        lonely = make_place(session, area="Lakeside")
        make_place(session, area="Lakeside")
        for site in (sites[0], lonely):
            road = send(session, actor, lot, 10, warehouse, site, at=LONG_AGO)
            if site is sites[0]:
                arrive(session, actor, lot, 10, road, at=LONG_AGO)
                named = gift_story(session, pledge, NOW).areas
            else:
                arrive(session, actor, lot, 10, road, at=LONG_AGO)
    assert named == ("Eastern hills",)
    assert gift_story(session, pledge, NOW).areas == ()


def test_who_gave_for_one_site_is_told_the_region_only(session, gift):
    actor, warehouse, sites, _, _ = gift
    with writing(session):
        pledge = make_pledge(session, quantity=10, earmarks=[sites[0]])
        lot = make_gift(session, pledge, warehouse=warehouse, good=10, arrived_at=LONG_AGO)
        road = send(session, actor, lot, 10, warehouse, sites[0], at=LONG_AGO)
        arrive(session, actor, lot, 10, road, at=LONG_AGO)
    story = gift_story(session, pledge, NOW)
    assert story.arrived == 10
    assert story.areas == ()


def test_no_place_person_or_paper_is_anywhere_in_the_story(session, gift):
    actor, warehouse, sites, pledge, lot = gift
    with writing(session):
        road = send(session, actor, lot, 100, warehouse, sites[0], at=LONG_AGO)
        receipt = arrive(session, actor, lot, 100, road, at=LONG_AGO)
    told = repr(dataclasses.asdict(gift_story(session, pledge, NOW)))
    for secret in (receipt, *(text for site in sites for text in (site.code, site.name))):
        assert secret not in told
    assert warehouse.code not in told
    assert "WB-" not in told


def test_losses_say_why_and_what_was_found_again_is_not_lost(session, gift):
    actor, warehouse, _, pledge, lot = gift
    documents = {}
    with writing(session):
        lift_the_limit(session)
        for reason, quantity in ((Reason.STOLEN, 7), (Reason.EXPIRED, 4), (Reason.LOST, 2)):
            documents[reason] = once(
                session,
                actor,
                CorrectStock(
                    command_id=command_id(),
                    warehouse_id=warehouse.id,
                    lot_id=lot.id,
                    what=Correcting.TAKE_OFF,
                    quantity=quantity,
                    reason=reason,
                ),
                correct_stock,
            )["document"]
    with writing(session):
        once(
            session,
            actor,
            ReverseDocument(command_id=command_id(), code=documents[Reason.LOST], why="Found"),
            reverse_document,
        )
    story = gift_story(session, pledge, NOW)
    assert story.lost == {Fate.STOLEN: 7, Fate.EXPIRED: 4}
    assert story.received == 198


def test_more_than_promised_is_told_as_beside(session):
    with writing(session):
        warehouse = make_warehouse(session)
        pledge = make_pledge(session, quantity=60)
        make_gift(session, pledge, warehouse=warehouse, good=72, declared=72, arrived_at=LONG_AGO)
    story = gift_story(session, pledge, NOW)
    assert (story.received, story.beside) == (60, 12)


def test_a_wrong_link_and_an_ended_one_are_the_same_to_the_asker(session, gift):
    _, _, _, pledge, _ = gift
    hashed = token_hash("THE LINK".replace(" ", "-"))
    last = link_ends(pledge.created_at.date())
    assert by_link(session, hashed, last).id == pledge.id
    with pytest.raises(NotFound) as ended:
        by_link(session, hashed, last + timedelta(days=1))
    with pytest.raises(NotFound) as wrong:
        by_link(session, token_hash("another"), last)
    assert str(ended.value) == str(wrong.value)
