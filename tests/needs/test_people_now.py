"""People come, leave and return home: events beside the counts, and what both make today."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.needs.arithmetic import Changes, Counted, now
from aidlog.needs.arrivals_and_departures import (
    RecordChange,
    UndoChange,
    WrongChange,
    record_change,
    undo_change,
)
from aidlog.needs.groups import GroupCount, WrongCount
from aidlog.needs.models import ChangeKind, Confidence, Group
from aidlog.needs.people_now import people_at
from aidlog.needs.populations import RecordPopulation, record_population
from aidlog.needs.queries import changes_of, groups_of
from aidlog.registry.roles import Role
from tests.factories import (
    command_id,
    make_actor,
    make_count,
    make_organisation,
    make_place,
    make_warehouse,
)

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def site(session):
    """A site where 500 people in 100 households were counted yesterday."""
    with writing(session):
        place = make_place(session, code="S01")
        make_count(session, place, counted_on=YESTERDAY)
    return place


@pytest.fixture
def planner(session, site):
    with writing(session):
        return make_actor(session, Role.PLANNER)


def change(session, actor, site, kind=ChangeKind.ARRIVAL, people=40, **more):
    values = {"households": None, "happened_on": TODAY, "source": "Committee", **more}
    command = RecordChange(
        command_id=command_id(), place_id=site.id, kind=kind, people=people, **values
    )
    with writing(session):
        return once(session, actor, command, record_change)


def count(session, actor, site, **more):
    values = {
        "counted_on": YESTERDAY,
        "people": 500,
        "households": 100,
        "confidence": Confidence.COUNTED,
        "source": "Door to door",
        **more,
    }
    command = RecordPopulation(command_id=command_id(), place_id=site.id, **values)
    with writing(session):
        return once(session, actor, command, record_population)


def there(session, site):
    return people_at(session, site.id, TODAY)[0]


def test_arrivals_add_and_departures_and_returns_take_away(session, site, planner):
    change(session, planner, site, people=40, households=9)
    change(session, planner, site, ChangeKind.DEPARTURE, people=25, households=5)
    change(session, planner, site, ChangeKind.RETURN, people=10, households=2)
    assert there(session, site) == Counted(505, 102)


def test_households_that_were_not_counted_are_estimated_at_the_measured_size(
    session, site, planner
):
    change(session, planner, site, people=40)
    assert there(session, site) == Counted(540, 108, estimated=8)


def test_what_happened_before_a_count_is_in_the_count(session, site, planner):
    change(session, planner, site, people=40, happened_on=YESTERDAY - timedelta(days=3))
    assert there(session, site).people == 500


def test_of_one_day_what_was_recorded_after_the_count_adds_to_it(session, site, planner):
    change(session, planner, site, people=40, happened_on=YESTERDAY)
    assert there(session, site).people == 540
    count(session, planner, site, people=520)
    assert there(session, site).people == 520


def test_a_later_count_replaces_what_changed_before_it(session, site, planner):
    change(session, planner, site, people=40)
    count(session, planner, site, counted_on=TODAY, people=600, households=130)
    assert there(session, site) == Counted(600, 130)


def test_an_arrival_written_by_mistake_is_undone_once_and_stays_on_record(session, site, planner):
    wrong = change(session, planner, site, people=400)["change_id"]
    command = UndoChange(command_id=command_id(), change_id=wrong, reason="Typed a 0 too many")
    with writing(session):
        answer = once(session, planner, command, undo_change)
    assert answer["people"] == 500
    again = UndoChange(command_id=command_id(), change_id=wrong, reason="Once more")
    with pytest.raises(WrongChange), writing(session):
        once(session, planner, again, undo_change)
    (line,) = changes_of(session, planner, site.id)
    assert (line.people, line.undone) == (400, "Typed a 0 too many")


def test_more_people_than_there_are_cannot_leave(session, site, planner):
    with pytest.raises(WrongChange) as refused:
        change(session, planner, site, ChangeKind.DEPARTURE, people=501)
    assert refused.value.field == "people"
    assert there(session, site).people == 500


def test_an_arrival_is_not_undone_after_its_people_left(session, site, planner):
    came = change(session, planner, site, people=40)["change_id"]
    change(session, planner, site, ChangeKind.DEPARTURE, people=520)
    undo = UndoChange(command_id=command_id(), change_id=came, reason="Wrong site")
    with pytest.raises(WrongChange), writing(session):
        once(session, planner, undo, undo_change)


def test_an_older_count_that_comes_late_cannot_hold_fewer_than_left_since(session, site, planner):
    change(session, planner, site, ChangeKind.DEPARTURE, people=450)
    with pytest.raises(WrongCount):
        count(session, planner, site, counted_on=YESTERDAY, people=300)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("happened_on", {"happened_on": TODAY + timedelta(days=1)}),
        ("people", {"people": 0}),
        ("people", {"people": -3}),
        ("households", {"households": 41}),
        ("households", {"households": 0}),
        ("source", {"source": "  "}),
    ],
)
def test_a_change_that_cannot_be_names_its_field(session, site, planner, field, values):
    with pytest.raises(WrongChange) as refused:
        change(session, planner, site, **values)
    assert refused.value.field == field


def test_only_who_may_update_a_site_records_its_changes(session, site):
    with writing(session):
        keeper = make_actor(session, Role.STOREKEEPER)
        stranger = make_actor(
            session, Role.PLANNER, organisation=make_organisation(session, code="OTH")
        )
    with pytest.raises(NotAllowed):
        change(session, keeper, site)
    with pytest.raises((NotFound, NotAllowed)):
        change(session, stranger, site)


def test_people_come_to_sites_and_not_to_warehouses(session, planner):
    with writing(session):
        hub = make_warehouse(session, code="HUB")
    with pytest.raises(NotFound):
        change(session, planner, hub)


def test_groups_are_kept_with_their_count(session, site, planner):
    groups = (
        GroupCount(group=Group.GIRLS_0_4, number=40),
        GroupCount(group=Group.MENSTRUATING, number=0),
    )
    kept = count(session, planner, site, counted_on=TODAY, groups=groups)["count_id"]
    assert groups_of(session, [kept]) == {kept: {Group.GIRLS_0_4: 40, Group.MENSTRUATING: 0}}
    assert there(session, site).groups == {Group.GIRLS_0_4: 40, Group.MENSTRUATING: 0}


def test_groups_grow_with_the_people_and_an_unknown_group_stays_unknown(session, site, planner):
    count(
        session,
        planner,
        site,
        counted_on=YESTERDAY,
        groups=(GroupCount(group=Group.INFANTS, number=21),),
    )
    change(session, planner, site, people=250)
    assert there(session, site).groups == {Group.INFANTS: 32}


@pytest.mark.parametrize(
    ("groups", "field"),
    [
        ({Group.GIRLS_0_4: -1}, "group_f_0_4"),
        ({Group.GIRLS_0_4: 300, Group.MEN_18_59: 201}, "group_f_0_4"),
        (dict.fromkeys(list(Group)[:10], 49), "group_f_0_4"),
        ({Group.INFANTS: 501}, "group_infants"),
        ({Group.INFANTS: 9, Group.GIRLS_0_4: 4, Group.BOYS_0_4: 4}, "group_infants"),
        ({Group.HOUSEHOLDS_WITH_INFANT: 101}, "group_hh_infant"),
    ],
)
def test_groups_that_cannot_be_parts_of_the_people_are_refused(
    session, site, planner, groups, field
):
    parts = tuple(GroupCount(group=group, number=number) for group, number in groups.items())
    with pytest.raises(WrongCount) as refused:
        count(session, planner, site, groups=parts)
    assert refused.value.field == field


@given(
    people=st.integers(0, 10_000),
    size=st.integers(1, 12),
    moved=st.integers(-10_000, 10_000),
    uncounted=st.booleans(),
)
def test_households_never_outnumber_people_and_people_live_in_some(people, size, moved, uncounted):
    moved = max(moved, -people)
    count_ = Counted(people, -(-people // size))
    changes = Changes(moved, 0 if uncounted else moved // size, moved if uncounted else 0)
    today = now(count_, changes)
    assert today.people == people + moved
    assert 0 <= today.households <= today.people
    assert (today.households > 0) == (today.people > 0)


def test_a_site_that_was_never_counted_stays_unknown_whoever_comes(session, planner):
    with writing(session):
        fresh = make_place(session, code="S02")
    assert change(session, planner, fresh)["people"] is None
    assert there(session, fresh) == Counted()
