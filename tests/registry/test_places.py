"""Places, roads, trucks and organisations: protected by default, another's is not there."""

from datetime import date

import pytest
from sqlalchemy import select

from aidlog.core.errors import NotAllowed, NotFound
from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.registry.models import Access, Place, PlaceKind, RoleGrant, Route, Vehicle
from aidlog.registry.organisations import (
    AddOrganisation,
    RenameOrganisation,
    WrongOrganisation,
    add_organisation,
    rename_organisation,
)
from aidlog.registry.places import AddPlace, EditPlace, add_place, edit_place
from aidlog.registry.queries import place_by_code, places, routes, vehicles
from aidlog.registry.roles import Role, actor_for
from aidlog.registry.routes import AddRoute, EditRoute, Road, add_route, edit_route
from aidlog.registry.scope import WrongEntry
from aidlog.registry.vehicles import AddVehicle, EditVehicle, Truck, add_vehicle, edit_vehicle
from tests.factories import (
    command_id,
    make_actor,
    make_organisation,
    make_place,
    make_route,
    make_warehouse,
)

ROAD = Road(km=64, minutes=150, cost_per_tonne=5_000, currency="USD")


@pytest.fixture
def planner(session):
    with writing(session):
        return make_actor(session, Role.PLANNER)


@pytest.fixture
def other(session):
    with writing(session):
        return make_organisation(session, code="OTH", name="Other")


def do(session, actor, action, command_type, **fields):
    with writing(session):
        return once(session, actor, command_type(command_id=command_id(), **fields), action)


def new_place(session, actor, **changes):
    fields = {
        "organisation_id": min(actor.organisation_ids),
        "code": "S07",
        "name": "Kivuli",
        "kind": PlaceKind.SITE,
        "area": "North",
    }
    return do(session, actor, add_place, AddPlace, **(fields | changes))


def test_a_new_site_is_protected_unless_someone_says_otherwise(session, planner):
    site = session.get_one(Place, new_place(session, planner)["place_id"])
    assert site.protected
    assert site.shown_as == "S07"


def test_a_protected_site_needs_no_name_at_all(session, planner):
    site = session.get_one(Place, new_place(session, planner, name="")["place_id"])
    assert site.name == "S07"
    with pytest.raises(WrongEntry) as refused:
        new_place(session, planner, code="S08", name=" ", protected=False)
    assert refused.value.field == "name"


def test_a_warehouse_is_known_by_its_name(session, planner):
    made = new_place(session, planner, code="W1", kind=PlaceKind.WAREHOUSE, name="Lake hub")
    assert session.get_one(Place, made["place_id"]).shown_as == "Lake hub"


def test_no_list_carries_a_protected_name(session, planner):
    new_place(session, planner, name="Hidden Valley")
    new_place(session, planner, code="S08", name="Open Field", protected=False)
    listed = places(session, planner)
    assert [line.shown_as for line in listed] == ["Open Field", "S07"]
    assert "Hidden Valley" not in repr(listed)


def test_a_place_code_is_used_once_in_the_whole_operation(session, planner):
    new_place(session, planner)
    with pytest.raises(WrongEntry) as refused:
        new_place(session, planner, code="s07")
    assert refused.value.field == "code"


def test_a_place_belongs_to_an_organisation_of_the_actor(session, planner, other):
    with pytest.raises(NotFound):
        new_place(session, planner, organisation_id=other.id)


def test_another_organisations_place_is_not_there(session, planner, other):
    with writing(session):
        theirs = make_place(session, organisation=other, code="X1")
    assert places(session, planner) == []
    with pytest.raises(NotFound):
        place_by_code(session, planner, "X1")
    with pytest.raises(NotFound):
        do(
            session, planner, edit_place, EditPlace,
            place_id=theirs.id, name="Ours", area="North", protected=False, access=Access.OPEN,
        )  # fmt: skip


def test_a_place_closes_to_trucks_and_opens_again(session, planner):
    site = new_place(session, planner)["place_id"]
    for access in (Access.CLOSED, Access.DIFFICULT):
        do(
            session, planner, edit_place, EditPlace,
            place_id=site, name="Kivuli", area="North", protected=True, access=access,
        )  # fmt: skip
        assert session.get_one(Place, site).access is access


def test_a_storekeeper_does_not_edit_the_registry(session):
    with writing(session):
        keeper = make_actor(session, Role.STOREKEEPER)
    with pytest.raises(NotAllowed):
        new_place(session, keeper)


def test_a_road_carries_what_is_known_of_it(session, planner):
    with writing(session):
        hub, site = make_warehouse(session, name="Lake hub"), make_place(session, code="S07")
    road = Road(
        km=64, minutes=150, cost_per_tonne=5_000, currency="USD", access=Access.DIFFICULT,
        closed_from=date(2026, 12, 1), closed_until=date(2026, 12, 5), max_grams=5_000_000,
    )  # fmt: skip
    do(session, planner, add_route, AddRoute, origin_id=hub.id, destination_id=site.id, road=road)
    (line,) = routes(session, planner)
    assert (line.origin, line.destination, line.max_litres) == ("Lake hub", "S07", None)
    assert [line.closed_on(date(2026, 12, day)) for day in (1, 5, 6)] == [True, True, False]


def test_one_road_between_two_places(session, planner):
    with writing(session):
        hub, site = make_warehouse(session), make_place(session)
        make_route(session, hub, site)
    with pytest.raises(WrongEntry, match="already"):
        do(
            session, planner, add_route, AddRoute,
            origin_id=hub.id, destination_id=site.id, road=ROAD,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"km": 0}, "km"),
        ({"minutes": 0}, "minutes"),
        ({"cost_per_tonne": -1}, "cost_per_tonne"),
        ({"currency": "usd"}, "currency"),
        ({"max_grams": 0}, "max_grams"),
        ({"max_litres": -5}, "max_litres"),
        ({"closed_from": date(2026, 12, 5), "closed_until": date(2026, 12, 1)}, "closed_until"),
    ],
)
def test_a_road_that_cannot_be_is_refused_at_its_field(session, planner, changes, field):
    with writing(session):
        hub, site = make_warehouse(session), make_place(session)
        route = make_route(session, hub, site)
    values = {"km": 64, "minutes": 150, "cost_per_tonne": 5_000, "currency": "USD"} | changes
    with pytest.raises(WrongEntry) as refused:
        do(session, planner, edit_route, EditRoute, route_id=route.id, road=Road(**values))
    assert refused.value.field == field
    assert session.get_one(Route, route.id).km == 60


def test_a_road_of_another_organisation_is_not_there(session, planner, other):
    with writing(session):
        hub = make_warehouse(session, organisation=other)
        route = make_route(session, hub, make_place(session, organisation=other))
    assert routes(session, planner) == []
    with pytest.raises(NotFound):
        do(session, planner, edit_route, EditRoute, route_id=route.id, road=ROAD)


def test_a_truck_is_listed_once_and_can_be_parked(session, planner):
    organisation = min(planner.organisation_ids)
    truck = Truck(
        plate="rab 123 c", carrier="Lake Transport", max_grams=8_000_000, max_litres=30_000
    )
    made = do(session, planner, add_vehicle, AddVehicle, organisation_id=organisation, truck=truck)
    assert vehicles(session, planner)[0].plate == "RAB 123 C"
    with pytest.raises(WrongEntry) as refused:
        do(session, planner, add_vehicle, AddVehicle, organisation_id=organisation, truck=truck)
    assert refused.value.field == "plate"
    parked = Truck(
        plate="RAB 123 C", carrier="", max_grams=8_000_000, max_litres=30_000, active=False
    )
    do(session, planner, edit_vehicle, EditVehicle, vehicle_id=made["vehicle_id"], truck=parked)
    assert vehicles(session, planner) == []
    assert len(vehicles(session, planner, parked_too=True)) == 1


@pytest.mark.parametrize(
    ("load", "field"),
    [((0, 30_000), "max_grams"), ((10**9, 30_000), "max_grams"), ((1, 0), "max_litres")],
)
def test_a_truck_carries_something_and_not_a_mountain(session, planner, load, field):
    truck = Truck(plate="RAB 1", carrier="", max_grams=load[0], max_litres=load[1])
    with pytest.raises(WrongEntry) as refused:
        do(
            session, planner, add_vehicle, AddVehicle,
            organisation_id=min(planner.organisation_ids), truck=truck,
        )  # fmt: skip
    assert refused.value.field == field


def test_another_organisations_truck_is_not_there(session, planner, other):
    with writing(session):
        vehicle = Vehicle(organisation_id=other.id, plate="X 1", max_grams=1, max_litres=1)
        session.add(vehicle)
    truck = Truck(plate="X 1", carrier="", max_grams=1, max_litres=1)
    assert vehicles(session, planner) == []
    with pytest.raises(NotFound):
        do(session, planner, edit_vehicle, EditVehicle, vehicle_id=vehicle.id, truck=truck)


def test_who_adds_an_organisation_administers_it(session):
    with writing(session):
        admin = make_actor(session, Role.ADMINISTRATOR)
    made = do(session, admin, add_organisation, AddOrganisation, code="abc", name="Able  Care")
    grown = actor_for(session, admin.user_id)
    assert made["organisation_id"] in grown.organisation_ids
    do(
        session, grown, rename_organisation, RenameOrganisation,
        organisation_id=made["organisation_id"], name="Able Care International",
    )  # fmt: skip


@pytest.mark.parametrize("code", ["KRB", "k", "A-B", "1AB", "ABCDEFG"])
def test_a_code_that_is_taken_or_is_none_makes_no_organisation(session, code):
    with writing(session):
        admin = make_actor(session, Role.ADMINISTRATOR)
    with pytest.raises(WrongOrganisation) as refused:
        do(session, admin, add_organisation, AddOrganisation, code=code, name="Able Care")
    assert refused.value.field == "code"
    assert len(session.scalars(select(RoleGrant)).all()) == 1


def test_a_planner_adds_no_organisation(session, planner):
    with pytest.raises(NotAllowed):
        do(session, planner, add_organisation, AddOrganisation, code="ABC", name="Able Care")
