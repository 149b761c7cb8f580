"""Lists of the registry: searched, sorted, in pages by key, and never another's."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from aidlog.db.commands import once
from aidlog.db.transaction import writing
from aidlog.registry.carriers import AddCarrier, EditCarrier, Haulier, add_carrier, edit_carrier
from aidlog.registry.lists import (
    CARRIER_SORTS,
    ITEM_SORTS,
    PAGE,
    PLACE_SORTS,
    ROUTE_SORTS,
    VEHICLE_SORTS,
    Asked,
    list_carriers,
    list_items,
    list_places,
    list_routes,
    list_vehicles,
)
from aidlog.registry.models import Access, PlaceKind, VehicleClass
from aidlog.registry.queries import routes, vehicles
from aidlog.registry.roles import Role
from aidlog.registry.routes import AddRoute, EditRoute, Road, add_route, edit_route
from aidlog.registry.scope import WrongEntry
from aidlog.registry.vehicles import AddVehicle, Truck, add_vehicle
from tests.factories import (
    command_id,
    make_actor,
    make_item,
    make_organisation,
    make_place,
    make_route,
    make_warehouse,
)


@pytest.fixture
def planner(session: Session):
    with writing(session):
        return make_actor(session, Role.PLANNER)


def walk(turn):
    """Return the rows of all pages, and how many pages they were; ``turn`` asks for one."""
    rows, pages, after = [], 0, None
    while True:
        page = turn(after)
        rows += page.rows
        pages += 1
        after = page.next
        if after is None:
            return rows, pages


@pytest.mark.parametrize("sort", [*PLACE_SORTS, *(f"-{name}" for name in PLACE_SORTS)])
def test_every_place_stands_on_one_page_in_every_order(session, planner, sort):
    with writing(session):
        for number in range(PAGE + 20):
            kind = PlaceKind.SITE if number % 3 else PlaceKind.WAREHOUSE
            make_place(session, kind, area=f"Zone {number % 4}", name=f"Same name {number % 2}")
    rows, pages = walk(lambda after: list_places(session, planner, Asked(sort=sort, after=after)))
    assert pages == 2
    assert len({row.id for row in rows}) == len(rows) == PAGE + 20
    keys = {
        "name": lambda row: row.shown_as,
        "code": lambda row: row.code,
        "kind": lambda row: row.kind,
        "area": lambda row: row.area,
    }
    shown = [(keys[sort.removeprefix("-")](row), row.id) for row in rows]
    assert shown == sorted(shown, reverse=sort.startswith("-"))


def test_a_protected_site_is_found_by_its_code_and_never_by_its_name(session, planner):
    with writing(session):
        make_place(session, code="S77", name="Hidden Valley")
        make_place(session, code="S78", name="Open Valley", protected=False)
    assert [row.code for row in list_places(session, planner, Asked(search="s77")).rows] == ["S77"]
    found = list_places(session, planner, Asked(search="valley")).rows
    assert [row.code for row in found] == ["S78"]


def test_lists_hold_nothing_of_another_organisation(session, planner):
    with writing(session):
        other = make_organisation(session, code="LKA", name="Lake Alliance")
        store = make_warehouse(session, organisation=other)
        make_route(session, store, make_place(session, organisation=other))
        theirs = make_actor(session, Role.PLANNER, organisation=other)
        once(session, theirs, truck(other.id, "RAB 1", "Ziwa"), add_vehicle)
    for listing in (list_places, list_routes, list_vehicles, list_carriers):
        assert listing(session, planner, Asked()).rows == []
        assert len(listing(session, theirs, Asked()).rows) > 0


def truck(organisation_id: int, plate: str, carrier: str, **more: object) -> AddVehicle:
    return AddVehicle(
        command_id=command_id(),
        organisation_id=organisation_id,
        truck=Truck(plate=plate, carrier=carrier, max_grams=5_000_000, max_litres=20_000, **more),  # type: ignore[arg-type]
    )


def test_one_who_works_at_one_place_sees_its_roads_alone(session, planner):
    with writing(session):
        here, there, site = make_warehouse(session), make_warehouse(session), make_place(session)
        make_route(session, here, site)
        make_route(session, there, site)
        keeper = make_actor(session, Role.STOREKEEPER, place=here)
    assert [row.origin_id for row in list_routes(session, keeper, Asked()).rows] == [here.id]
    assert len(list_routes(session, planner, Asked()).rows) == 2


@pytest.mark.parametrize("sort", [*ROUTE_SORTS, *(f"-{name}" for name in ROUTE_SORTS)])
def test_roads_are_sorted_and_searched_by_their_ends(session, planner, sort):
    with writing(session):
        store = make_warehouse(session, name="Lake hub")
        for number, access in enumerate(Access):
            make_route(session, store, make_place(session), km=90 - number, access=access)
    assert len(list_routes(session, planner, Asked(sort=sort, search="lake")).rows) == 3
    assert list_routes(session, planner, Asked(sort=sort, search="hill")).rows == []


def test_a_road_keeps_the_vehicles_that_it_bears_until_others_are_said(session, planner):
    with writing(session):
        store, site = make_warehouse(session), make_place(session)
        road = Road(
            km=10,
            minutes=30,
            cost_per_tonne=0,
            currency="USD",
            vehicle_classes=frozenset({VehicleClass.PICKUP, VehicleClass.ALL_WHEEL_TRUCK}),
        )
        adding = AddRoute(
            command_id=command_id(), origin_id=store.id, destination_id=site.id, road=road
        )
        number = once(session, planner, adding, add_route)["route_id"]
    for classes, expected in (
        (None, (VehicleClass.PICKUP, VehicleClass.ALL_WHEEL_TRUCK)),
        (frozenset({VehicleClass.BOAT}), (VehicleClass.BOAT,)),
        (frozenset(), ()),
    ):
        said = Road(km=11, minutes=30, cost_per_tonne=0, currency="USD", vehicle_classes=classes)
        editing = EditRoute(command_id=command_id(), route_id=number, road=said)
        with writing(session):
            once(session, planner, editing, edit_route)
        [row] = routes(session, planner)
        assert row.vehicle_classes == expected


@pytest.mark.parametrize("sort", [*VEHICLE_SORTS, *(f"-{name}" for name in VEHICLE_SORTS)])
def test_trucks_are_listed_with_their_carrier_and_class(session, planner, sort):
    with writing(session):
        own = make_organisation(session).id
        once(session, planner, truck(own, "RAB 1", "Ziwa"), add_vehicle)
        heavy = truck(own, "RAB 2", "", vehicle_class=VehicleClass.HEAVY_TRUCK)
        once(session, planner, heavy, add_vehicle)
    rows = list_vehicles(session, planner, Asked(sort=sort)).rows
    found = {row.plate: (row.carrier, row.vehicle_class) for row in rows}
    assert found == {"RAB 1": ("Ziwa", None), "RAB 2": ("", VehicleClass.HEAVY_TRUCK)}
    assert [r.plate for r in list_vehicles(session, planner, Asked(search="ziwa")).rows] == [
        "RAB 1"
    ]


def test_a_carrier_has_one_name_for_all_its_trucks(session, planner):
    with writing(session):
        own = make_organisation(session).id
        once(session, planner, truck(own, "RAB 1", "Ziwa"), add_vehicle)
        once(session, planner, truck(own, "RAB 2", " Ziwa "), add_vehicle)
    [carrier] = list_carriers(session, planner, Asked()).rows
    assert (carrier.name, carrier.trucks) == ("Ziwa", 2)
    renamed = EditCarrier(
        command_id=command_id(), carrier_id=carrier.id, carrier=Haulier(name="Ziwa Haulage")
    )
    with writing(session):
        once(session, planner, renamed, edit_carrier)
    assert {row.carrier for row in vehicles(session, planner)} == {"Ziwa Haulage"}


def test_a_carrier_out_of_use_is_listed_when_everything_is_asked_for(session, planner):
    own = make_organisation(session).id
    session.commit()
    said = Haulier(name="Old Road", contact="Market street 4", contract="C-12", active=False)
    adding = AddCarrier(command_id=command_id(), organisation_id=own, carrier=said)
    with writing(session):
        once(session, planner, adding, add_carrier)
    assert list_carriers(session, planner, Asked()).rows == []
    [row] = list_carriers(session, planner, Asked(everything=True, sort="name")).rows
    assert (row.contact, row.contract) == ("Market street 4", "C-12")
    assert set(CARRIER_SORTS) == {"name"}


@pytest.mark.parametrize("name", ["", " x ", "Ziwa"])
def test_a_carrier_needs_a_name_of_its_own(session, planner, name):
    own = make_organisation(session).id
    session.commit()
    first = AddCarrier(command_id=command_id(), organisation_id=own, carrier=Haulier(name="Ziwa"))
    with writing(session):
        once(session, planner, first, add_carrier)
    again = AddCarrier(command_id=command_id(), organisation_id=own, carrier=Haulier(name=name))
    with pytest.raises(WrongEntry) as refusal, writing(session):
        once(session, planner, again, add_carrier)
    assert refusal.value.field == "name"


@pytest.mark.parametrize("sort", [*ITEM_SORTS, *(f"-{name}" for name in ITEM_SORTS)])
def test_the_catalogue_is_turned_page_by_page(session, sort):
    with writing(session):
        for number in range(PAGE + 5):
            make_item(session, name=f"Thing {number % 7}", tier=1 + number % 3)
    rows, pages = walk(lambda after: list_items(session, Asked(sort=sort, after=after)))
    assert (len({row.id for row in rows}), len(rows), pages) == (PAGE + 5, PAGE + 5, 2)
