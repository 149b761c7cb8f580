"""Several standards stand side by side; which holds is said by the day and the site."""

from datetime import UTC, date, datetime

import pytest

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.needs.models import Basis, Climate, Phase
from aidlog.needs.queries import standards
from aidlog.needs.standards import (
    AdoptStandard,
    SetCondition,
    SetStandard,
    WrongStandard,
    adopt_standard,
    set_condition,
    set_standard,
)
from aidlog.needs.standards_now import rations_at
from aidlog.planning.board_query import needs_board
from aidlog.registry.roles import Role
from tests.factories import (
    command_id,
    make_actor,
    make_count,
    make_item,
    make_organisation,
    make_place,
)

TODAY = datetime.now(UTC).date()


@pytest.fixture
def world(session):
    """A cold site and a mild one of 100 people each, and blankets without a standard."""
    with writing(session):
        cold, mild = make_place(session, code="S01"), make_place(session, code="S02")
        for site in (cold, mild):
            make_count(session, site, people=100, households=20)
        blanket = make_item(session, code="BLANKET")
        planner = make_actor(session, Role.PLANNER)
        once(session, planner, at(cold, Phase.STABLE, Climate.COLD), set_condition)
    return cold, mild, blanket, planner


def at(site, phase, climate):
    return SetCondition(command_id=command_id(), place_id=site.id, phase=phase, climate=climate)


def due(session, planner, item, quantity, **more):
    values = {"basis": Basis.PERSON, "recurs_days": None, "valid_from": date(2026, 1, 1), **more}
    command = SetStandard(
        command_id=command_id(), item_id=item.id, quantity=quantity, source="Committee", **values
    )
    with writing(session):
        return once(session, planner, command, set_standard)["standard_id"]


def needs(session, planner, item):
    board = needs_board(session, planner, TODAY, TODAY, today=TODAY)
    return {site.code: board.cells[site.id, item.id].need for site in board.sites if board.items}


def test_a_standard_for_the_cold_holds_where_it_is_cold(session, world):
    _, _, blanket, planner = world
    due(session, planner, blanket, 1)
    due(session, planner, blanket, 2, climate=Climate.COLD)
    assert needs(session, planner, blanket) == {"S01": 200, "S02": 100}


def test_a_newer_standard_for_all_does_not_push_aside_the_closer_one(session, world):
    cold, _, blanket, planner = world
    due(session, planner, blanket, 2, climate=Climate.COLD)
    due(session, planner, blanket, 1, valid_from=date(2026, 6, 1))
    assert needs(session, planner, blanket) == {"S01": 200, "S02": 100}
    (ration,) = rations_at(session, cold.id, [blanket.id], TODAY).values()
    assert ration.quantity == 2


def test_where_no_standard_holds_nothing_is_needed_and_the_site_stays_on_the_board(session, world):
    _, _, blanket, planner = world
    due(session, planner, blanket, 2, climate=Climate.COLD)
    assert needs(session, planner, blanket) == {"S01": 200, "S02": 0}


def test_a_standard_to_compare_decides_nothing_until_it_is_adopted(session, world):
    _, _, blanket, planner = world
    due(session, planner, blanket, 1)
    beside = due(session, planner, blanket, 3, in_force=False)
    assert needs(session, planner, blanket)["S02"] == 100
    adopt = AdoptStandard(command_id=command_id(), standard_id=beside, valid_from=TODAY)
    with writing(session):
        once(session, planner, adopt, adopt_standard)
    assert needs(session, planner, blanket)["S02"] == 300
    kept = standards(session, planner, TODAY)
    assert [(row.quantity, row.in_force, row.current) for row in kept] == [
        (3, True, True),
        (3, False, False),
        (1, True, False),
    ]


def test_what_is_in_force_cannot_be_adopted_again(session, world):
    _, _, blanket, planner = world
    held = due(session, planner, blanket, 1)
    adopt = AdoptStandard(command_id=command_id(), standard_id=held, valid_from=TODAY)
    with pytest.raises(WrongStandard), writing(session):
        once(session, planner, adopt, adopt_standard)


def test_only_a_facility_serves_many_people(session, world):
    _, _, blanket, planner = world
    with pytest.raises(WrongStandard) as refused:
        due(session, planner, blanket, 1, per=20)
    assert refused.value.field == "per"


def test_a_site_is_in_one_phase_and_climate(session, world):
    cold, _, _, planner = world
    with pytest.raises(WrongStandard), writing(session):
        once(session, planner, at(cold, Phase.ANY, Climate.COLD), set_condition)


def test_who_may_not_decide_on_standards_sets_no_condition(session, world):
    cold, _, _, _ = world
    with writing(session):
        keeper = make_actor(session, Role.STOREKEEPER)
        other = make_organisation(session, code="OTH")
        stranger = make_actor(session, Role.PLANNER, organisation=other)
    for actor in (keeper, stranger):
        with pytest.raises((NotAllowed, NotFound)), writing(session):
            once(session, actor, at(cold, Phase.STABLE, Climate.HOT), set_condition)
