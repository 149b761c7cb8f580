"""A place closes when nothing is left in it, and not before."""

import pytest

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.registry.models import Place
from aidlog.registry.queries import places
from aidlog.registry.roles import Role
from aidlog.stock.closing import ClosePlace, ReopenPlace, StillInUse, close_place, reopen_place
from tests.factories import (
    command_id,
    make_actor,
    make_lot,
    make_organisation,
    make_place,
    make_warehouse,
)
from tests.planning.test_board import send


@pytest.fixture
def planner(session):
    with writing(session):
        return make_actor(session, Role.PLANNER)


def close(session, actor, place):
    with writing(session):
        once(session, actor, ClosePlace(command_id=command_id(), place_id=place.id), close_place)


def test_an_empty_place_closes_and_opens_again(session, planner):
    with writing(session):
        site = make_place(session)
    close(session, planner, site)
    assert places(session, planner) == []
    assert len(places(session, planner, closed_too=True)) == 1
    with writing(session):
        once(
            session,
            planner,
            ReopenPlace(command_id=command_id(), place_id=site.id),
            reopen_place,
        )
    assert len(places(session, planner)) == 1


def test_a_place_that_holds_goods_stays_open(session, planner):
    with writing(session):
        store = make_warehouse(session)
        make_lot(session, warehouse=store, quantity=1)
    with pytest.raises(StillInUse, match="still holds goods"):
        close(session, planner, store)
    assert session.get_one(Place, store.id).active


def test_damaged_goods_that_are_held_back_keep_a_warehouse_open(session, planner):
    with writing(session):
        store = make_warehouse(session)
        make_lot(session, warehouse=store, quantity=0, damaged=1)
    with pytest.raises(StillInUse):
        close(session, planner, store)


def test_a_place_that_goods_are_on_the_way_to_or_from_stays_open(session, planner):
    with writing(session):
        store, site = make_warehouse(session), make_place(session)
        lot = make_lot(session, warehouse=store, quantity=5)
        send(session, lot, store, site, on_the_road=5)
    for place in (site, store):
        with pytest.raises(StillInUse, match="on the way"):
            close(session, planner, place)


def test_what_was_handed_out_does_not_keep_a_site_open(session, planner):
    with writing(session):
        store, site = make_warehouse(session), make_place(session)
        lot = make_lot(session, warehouse=store, quantity=5)
        send(session, lot, store, site, handed_out=5)
    close(session, planner, site)
    assert not session.get_one(Place, site.id).active


def test_only_who_edits_the_registry_closes_places_of_their_own(session, planner):
    with writing(session):
        theirs = make_place(session, organisation=make_organisation(session, code="OTH"))
        mine, keeper = make_place(session), make_actor(session, Role.STOREKEEPER)
    with pytest.raises(NotFound):
        close(session, planner, theirs)
    with pytest.raises(NotAllowed):
        close(session, keeper, mine)
