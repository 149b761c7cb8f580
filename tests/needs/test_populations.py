"""Counts of people are added and never guessed; standards say where they come from."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.needs.models import Basis, Confidence, PopulationCount, Standard
from aidlog.needs.populations import RecordPopulation, WrongCount, record_population
from aidlog.needs.queries import counts_of, standards
from aidlog.needs.standards import SetStandard, WrongStandard, set_standard
from aidlog.registry.roles import Role
from tests.factories import (
    NOW,
    command_id,
    make_actor,
    make_count,
    make_item,
    make_organisation,
    make_place,
    make_standard,
    make_warehouse,
)

TODAY = NOW.date()


def record(session, actor, place, **changes):
    values = {
        "command_id": command_id(),
        "place_id": place.id,
        "counted_on": TODAY,
        "people": 500,
        "households": 104,
        "confidence": Confidence.COUNTED,
        "source": "Count from door to door",
    }
    with writing(session):
        return once(session, actor, RecordPopulation(**(values | changes)), record_population)


@pytest.fixture
def site(session):
    with writing(session):
        return make_place(session)


@pytest.fixture
def planner(session):
    with writing(session):
        return make_actor(session, Role.PLANNER)


def test_a_new_count_stands_beside_the_old_one(session, site, planner):
    record(session, planner, site, counted_on=TODAY - timedelta(days=9))
    record(session, planner, site, people=520)
    assert [line.people for line in counts_of(session, planner, site.id)] == [520, 500]


def test_a_count_sent_twice_counts_once(session, site, planner):
    same = command_id()
    first = record(session, planner, site, command_id=same)
    assert record(session, planner, site, command_id=same) == first
    assert len(session.scalars(select(PopulationCount)).all()) == 1


def test_households_that_were_not_counted_stay_unknown(session, site, planner):
    record(session, planner, site, households=None)
    assert counts_of(session, planner, site.id)[0].households is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"people": -1}, "people"),
        ({"people": 2_000_001}, "people"),
        ({"households": 501}, "households"),
        ({"households": -1}, "households"),
        ({"households": 0}, "households"),
        ({"source": "  "}, "source"),
    ],
)
def test_a_count_that_cannot_be_is_refused_at_its_field(session, site, planner, changes, field):
    with pytest.raises(WrongCount) as refused:
        record(session, planner, site, **changes)
    assert refused.value.field == field
    assert session.scalars(select(PopulationCount)).all() == []


def test_nobody_is_counted_tomorrow(session, site, planner):
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    with pytest.raises(WrongCount) as refused:
        record(session, planner, site, counted_on=tomorrow)
    assert refused.value.field == "counted_on"


def test_a_site_that_everyone_left_has_nobody(session, site, planner):
    record(session, planner, site, people=0, households=0)
    assert counts_of(session, planner, site.id)[0].people == 0


def test_a_site_lead_counts_their_own_site_only(session, site):
    with writing(session):
        elsewhere = make_place(session)
        lead = make_actor(session, Role.SITE_LEAD, place=site)
    record(session, lead, site)
    with pytest.raises(NotAllowed):
        record(session, lead, elsewhere)


def test_another_organisations_site_and_a_warehouse_are_not_there(session, planner):
    with writing(session):
        other = make_organisation(session, code="OTH", name="Other")
        theirs, store = make_place(session, organisation=other), make_warehouse(session)
    for place in (theirs, store):
        with pytest.raises(NotFound):
            record(session, planner, place)


def test_counts_of_another_organisations_site_are_not_shown(session, planner):
    with writing(session):
        theirs = make_place(session, organisation=make_organisation(session, code="OTH"))
        make_count(session, theirs)
    assert counts_of(session, planner, theirs.id) == []


def put(session, actor, item, **changes):
    values = {
        "command_id": command_id(),
        "item_id": item.id,
        "basis": Basis.PERSON,
        "quantity": 1,
        "recurs_days": None,
        "source": "Ration committee",
        "valid_from": date(2026, 1, 1),
    }
    with writing(session):
        return once(session, actor, SetStandard(**(values | changes)), set_standard)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": 10**9}, "quantity"),
        ({"recurs_days": 0}, "recurs_days"),
        ({"recurs_days": 5_000}, "recurs_days"),
        ({"source": ""}, "source"),
    ],
)
def test_a_standard_that_cannot_be_is_refused_at_its_field(session, planner, changes, field):
    with writing(session):
        item = make_item(session)
    with pytest.raises(WrongStandard) as refused:
        put(session, planner, item, **changes)
    assert refused.value.field == field
    assert session.scalars(select(Standard)).all() == []


def test_a_newer_standard_supersedes_and_the_older_one_stays(session, planner):
    with writing(session):
        item = make_item(session)
        make_standard(session, item, quantity=1)
        make_standard(session, item, quantity=2, valid_from=date(2026, 12, 1))
    before = standards(session, planner, date(2026, 11, 30))
    assert [(line.quantity, line.current) for line in before] == [(2, False), (1, True)]
    after = standards(session, planner, date(2026, 12, 1))
    assert [(line.quantity, line.current) for line in after] == [(2, True), (1, False)]


def test_a_storekeeper_sets_no_standard(session):
    with writing(session):
        keeper, item = make_actor(session, Role.STOREKEEPER), make_item(session)
    with pytest.raises(NotAllowed):
        put(session, keeper, item)
