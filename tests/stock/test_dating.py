"""Days that cannot be are flagged, for a second person to look at; nothing is refused."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotFound, Refusal
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.ledger.movement import AccountKind
from aidlog.registry.roles import Role
from aidlog.stock.dating import ClearDateFlag, ClearedBefore, FlaggedYourself, clear_date_flag
from aidlog.stock.models import DateFlag
from tests.booking import arrive, hand_out, send
from tests.factories import (
    NOW,
    command_id,
    make_actor,
    make_lot,
    make_organisation,
    make_place,
    make_warehouse,
)


@pytest.fixture
def scene(session):
    """A lot of 100 that came in on NOW, and someone who may move it."""
    with writing(session):
        warehouse = make_warehouse(session)
        lot = make_lot(session, warehouse=warehouse, quantity=100)
        return make_actor(session, Role.STOREKEEPER), warehouse, lot


def flags(session):
    session.rollback()
    return session.scalars(select(DateFlag).order_by(DateFlag.id)).all()


def leave(session, scene, quantity, days):
    actor, warehouse, lot = scene
    with writing(session):
        at = NOW + timedelta(days=days)
        return send(session, actor, lot, quantity, warehouse, make_place(session), at=at)


def test_what_left_before_it_came_is_flagged(session, scene):
    _actor, warehouse, lot = scene
    leave(session, scene, 30, days=-2)
    (flag,) = flags(session)
    assert (flag.lot_id, flag.kind, flag.key) == (lot.id, AccountKind.WAREHOUSE, warehouse.id)
    assert (flag.short, flag.on_day) == (30, (NOW - timedelta(days=2)).date())


def test_what_left_on_the_day_it_came_is_not(session, scene):
    leave(session, scene, 30, days=0)
    actor, warehouse, lot = scene
    with writing(session):
        at = NOW - timedelta(hours=5)
        send(session, actor, lot, 30, warehouse, make_place(session), at=at)
    assert flags(session) == []


def test_an_entry_between_two_others_is_flagged_only_where_too_little_was_left(session, scene):
    leave(session, scene, 60, days=4)
    leave(session, scene, 30, days=2)
    assert flags(session) == []


def test_each_entry_is_flagged_once_and_only_if_it_makes_it_worse(session, scene):
    leave(session, scene, 30, days=-2)
    leave(session, scene, 30, days=3)
    assert len(flags(session)) == 1
    leave(session, scene, 30, days=-2)
    assert [flag.short for flag in flags(session)] == [30, 60]


def test_what_arrived_before_it_left_is_flagged_on_the_road(session, scene):
    actor, _warehouse, lot = scene
    road = leave(session, scene, 30, days=3)
    with writing(session):
        arrive(session, actor, lot, 30, road, at=NOW + timedelta(days=1))
    assert [flag.kind for flag in flags(session)] == [AccountKind.TRANSIT]


def test_what_was_given_before_it_arrived_is_flagged_at_the_site(session, scene):
    actor, warehouse, lot = scene
    with writing(session):
        site = make_place(session)
        road = send(session, actor, lot, 30, warehouse, site, at=NOW)
        arrive(session, actor, lot, 30, road, at=NOW + timedelta(days=3))
        hand_out(session, actor, lot, 10, site, at=NOW + timedelta(days=1))
    assert [(flag.kind, flag.key) for flag in flags(session)] == [(AccountKind.SITE, site.id)]


def clear(session, actor, flag, remark="The note should say the 18th"):
    command = ClearDateFlag(command_id=command_id(), flag=flag.id, remark=remark)
    with writing(session):
        return once(session, actor, command, clear_date_flag)


def test_a_second_person_looks_and_says_what_is_wrong_once(session, scene):
    leave(session, scene, 30, days=-2)
    (flag,) = flags(session)
    with writing(session):
        planner = make_actor(session, Role.PLANNER)
        stranger = make_actor(
            session, Role.PLANNER, organisation=make_organisation(session, code="OTH")
        )
        both = make_actor(session, Role.PLANNER, Role.STOREKEEPER)
    with pytest.raises(NotFound):
        clear(session, stranger, flag)
    with pytest.raises(Refusal) as refused:
        clear(session, planner, flag, remark=" ")
    assert refused.value.field == "remark"
    clear(session, planner, flag)
    with pytest.raises(ClearedBefore):
        clear(session, both, flag)


def test_a_flag_on_the_road_is_for_those_who_approve_everywhere(session, scene):
    actor, _warehouse, lot = scene
    road = leave(session, scene, 30, days=3)
    with writing(session):
        arrive(session, actor, lot, 30, road, at=NOW + timedelta(days=1))
        here = make_actor(session, Role.PLANNER, place=make_warehouse(session))
        everywhere = make_actor(session, Role.PLANNER)
    (flag,) = flags(session)
    with pytest.raises(NotFound):
        clear(session, here, flag)
    clear(session, everywhere, flag)


def test_who_made_the_entry_does_not_clear_it(session, scene):
    _actor, warehouse, lot = scene
    with writing(session):
        both = make_actor(session, Role.PLANNER, Role.STOREKEEPER)
    leave(session, (both, warehouse, lot), 30, days=-2)
    (flag,) = flags(session)
    with pytest.raises(FlaggedYourself):
        clear(session, both, flag)
