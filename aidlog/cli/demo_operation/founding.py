"""Act one: the organisations, their people, places, roads, trucks, items and standards."""

from __future__ import annotations

from functools import partial

from aidlog.cli.demo_operation import cast
from aidlog.cli.demo_operation.stage import Stage
from aidlog.db.commands import new_id
from aidlog.db.transaction import writing
from aidlog.needs.models import Confidence
from aidlog.needs.populations import RecordPopulation, record_population
from aidlog.needs.starter_standards import load_starter_standards
from aidlog.registry.organisations import AddOrganisation, add_organisation
from aidlog.registry.passwords import hashed
from aidlog.registry.people import (
    AddPerson,
    SetPassword,
    add_person,
    by_operator,
    set_password,
)
from aidlog.registry.places import AddPlace, add_place
from aidlog.registry.roles import actor_for
from aidlog.registry.routes import AddRoute, Road, add_route
from aidlog.registry.starter_catalogue import load_starter_catalogue
from aidlog.registry.vehicles import AddVehicle, Truck, add_vehicle

#: The items of the operation, of those that the starter catalogue brings.
ITEMS = (
    "FCERMAIZWMEA", "FCERRICEBR30", "FPULBEANRK01", "FOILMAIZRE01", "FBAFSALTIODE",
    "FBAFSUGAWH04", "FNUTCSBX6722", "FNUTBISCBP05", "DORAORSA2S", "HHYGSOAP100G",
    "HHYGSOAP200G", "KRELHYPA05P", "HSHEBLANPMT1", "HSHEBLANWMT1", "HSHEMATTPLA1",
    "HSHEMNETRL", "HSHETARPW406", "KRELSHEK01", "KRELCOOSETA", "HCONJCANPF10",
    "HCONBUCKP14L", "HHYGTOILPAPR", "EELESOLABPK4", "WSANSQPL001",
)  # fmt: skip

#: Who approves what the administrator sets up.
PLANNER = "amina"


def found(stage: Stage, passwords: dict[str, str]) -> None:
    """Make everything that must be there before goods move; ``passwords`` are by login."""
    _organisations_and_people(stage, passwords)
    for part in (*cast.WAREHOUSES, *cast.COLLECTION_POINTS, *cast.SITES):
        stage.do(PLANNER, partial(_place, stage, part), add_place)
    for person in cast.PEOPLE:
        if person.login not in {"admin", PLANNER}:
            _person(stage, person, passwords[person.login])
    for road in cast.ROADS:
        stage.do(PLANNER, partial(_road, stage, road), add_route)
    for truck in cast.TRUCKS:
        stage.do(PLANNER, partial(_truck, stage, truck), add_vehicle)
    with writing(stage.session) as session:
        planner = actor_for(session, stage.person(PLANNER))
        load_starter_catalogue(session, planner, ITEMS)
        load_starter_standards(session, planner, stage.day(-120))
    for site in cast.SITES:
        stage.do(PLANNER, partial(_count, stage, site), record_population)


def _organisations_and_people(stage: Stage, passwords: dict[str, str]) -> None:
    """The first organisation and administrator come from whoever runs the machine."""
    lead = next(part for part in cast.ORGANISATIONS if part.code == cast.LEAD)
    with writing(stage.session) as session:
        by_operator(
            session,
            AddOrganisation(command_id=new_id(), code=lead.code, name=lead.name),
            add_organisation,
        )
    _person(stage, _part("admin"), passwords["admin"])
    for part in cast.ORGANISATIONS:
        if part.code != cast.LEAD:
            stage.do(
                "admin",
                lambda id_, part=part: AddOrganisation(  # type: ignore[misc]
                    command_id=id_, code=part.code, name=part.name
                ),
                add_organisation,
            )
    _person(stage, _part(PLANNER), passwords[PLANNER])


def _part(login: str) -> cast.PersonPart:
    return next(part for part in cast.PEOPLE if part.login == login)


def _person(stage: Stage, part: cast.PersonPart, password: str) -> None:
    """Add someone with a password that need not be changed: the demo prints it."""
    password_hash = hashed(password)
    with writing(stage.session) as session:
        added = by_operator(
            session,
            AddPerson(
                command_id=new_id(),
                login=part.login,
                name=part.name,
                organisation_id=stage.organisation(part.organisation),
                role=part.role,
                place_id=stage.place(part.place) if part.place else None,
                language=part.language,
            ),
            add_person,
        )
        by_operator(
            session,
            SetPassword(command_id=new_id(), person_id=added["person_id"], lasting=True),
            partial(set_password, password_hash=password_hash),
        )


def _place(stage: Stage, part: cast.PlacePart, id_: str) -> AddPlace:
    return AddPlace(
        command_id=id_,
        organisation_id=stage.organisation(cast.LEAD),
        code=part.code,
        name=part.name,
        kind=part.kind,
        area=part.area,
        protected=part.protected,
        access=part.access,
    )


def _road(stage: Stage, part: cast.Road, id_: str) -> AddRoute:
    return AddRoute(
        command_id=id_,
        origin_id=stage.place(part.origin),
        destination_id=stage.place(part.destination),
        road=Road(
            km=part.km,
            minutes=part.minutes,
            cost_per_tonne=part.cost,
            currency="USD",
            access=part.access,
            max_grams=None if part.max_tonnes is None else part.max_tonnes * 1_000_000,
        ),
    )


def _truck(stage: Stage, part: cast.Truck, id_: str) -> AddVehicle:
    return AddVehicle(
        command_id=id_,
        organisation_id=stage.organisation(cast.LEAD),
        truck=Truck(
            plate=part.plate,
            carrier=part.carrier,
            max_grams=part.tonnes * 1_000_000,
            max_litres=part.cubic_metres * 1_000,
            base_id=stage.place(part.base),
        ),
    )


def _count(stage: Stage, part: cast.PlacePart, id_: str) -> RecordPopulation:
    return RecordPopulation(
        command_id=id_,
        place_id=stage.place(part.code),
        counted_on=stage.day(-part.age),
        people=part.people,
        households=part.households,
        confidence=Confidence.REGISTERED if part.age < 20 else Confidence.ESTIMATED,
        source="Count by the site committee",
    )
