"""A small operation with one of everything, four times: for the table of who may open what.

own                  of Karibu, at the storekeeper's warehouse and the site lead's site
other place          of Karibu as well, at places where those two have no role
other donor          of Karibu, promised by someone else than the donor
other organisation   of another organisation, at its own places
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.donations.models import GoodsReceived
from aidlog.planning.choices import DraftPlan, SiteChoice, WarehouseChoice
from aidlog.planning.drafting import draft_plan
from aidlog.registry.models import Item, Organisation, Person, Place, RoleGrant, Route
from aidlog.registry.roles import Role, actor_for
from aidlog.registry.signing_in import new_session
from aidlog.registry.vehicles import AddVehicle, Truck, add_vehicle
from aidlog.voice.models import Category, Channel
from aidlog.voice.recording import RecordFeedback, record_feedback
from tests.dispatch.chain import Trip, prepare, send
from tests.factories import (
    command_id,
    make_count,
    make_gift,
    make_item,
    make_lot,
    make_organisation,
    make_person,
    make_place,
    make_pledge,
    make_route,
    make_standard,
    make_warehouse,
)

#: Whose the thing is, seen from the people of the table.
OWN, OTHER_PLACE, OTHER_DONOR, OTHER_ORGANISATION = (
    "own", "other place", "other donor", "other organisation",
)  # fmt: skip
WHOSE = (OWN, OTHER_PLACE, OTHER_DONOR, OTHER_ORGANISATION)
ANONYMOUS = "anonymous"
ACTORS = (ANONYMOUS, *(role.value for role in Role))


@dataclass(frozen=True)
class Estate:
    """``things[whose][kind]`` is what stands in an address; ``tokens[actor]`` signs in."""

    things: Mapping[str, Mapping[str, str]]
    tokens: Mapping[str, str]


@dataclass
class Corner:
    """One of the four: its places and people, and the kinds of things in it."""

    organisation: Organisation
    warehouse: Place
    site: Place
    route: Route
    planner: Actor
    donor: Person
    item: Item


def build(session: Session) -> Estate:
    """Make everything through the real actions."""
    karibu = make_organisation(session)
    other = make_organisation(session, code="OTH", name="Other hands")
    item = make_item(session, code="BLANKET")
    make_standard(session, item)
    donor = make_person(session, Role.DONOR, organisation=karibu)
    corners = {
        whose: _corner(session, other if whose == OTHER_ORGANISATION else karibu, item)
        for whose in WHOSE
    }
    corners[OWN].donor = donor
    people = _people(session, corners[OWN], donor)
    return Estate(
        things={whose: _things(session, corner) for whose, corner in corners.items()},
        tokens={
            role: new_session(session, person.id, now=datetime.now(UTC), hours=1)
            for role, person in people.items()
        },
    )


def _corner(session: Session, organisation: Organisation, item: Item) -> Corner:
    planner = make_person(session, Role.PLANNER, organisation=organisation)
    warehouse = make_warehouse(session, organisation=organisation)
    site = make_place(session, organisation=organisation)
    make_count(session, site)
    route = make_route(session, warehouse, site)
    return Corner(
        organisation=organisation,
        warehouse=warehouse,
        site=site,
        route=route,
        planner=actor_for(session, planner.id),
        donor=make_person(session, Role.DONOR, organisation=organisation),
        item=item,
    )


def _people(session: Session, own: Corner, donor: Person) -> dict[str, Person]:
    places = {Role.STOREKEEPER: own.warehouse, Role.SITE_LEAD: own.site}
    made = {
        role.value: make_person(
            session, role, organisation=own.organisation, place=places.get(role)
        )
        for role in Role
        if role is not Role.DONOR
    }
    return made | {Role.DONOR.value: donor}


def _things(session: Session, corner: Corner) -> dict[str, str]:
    """Return what stands in addresses for one of every kind in this corner."""
    lot = make_lot(session, warehouse=corner.warehouse, item=corner.item, quantity=400)
    received = session.scalars(
        select(Document.code)
        .join(GoodsReceived, GoodsReceived.document_id == Document.id)
        .where(GoodsReceived.warehouse_id == corner.warehouse.id)
    ).one()
    token = command_id()
    pledge = make_pledge(
        session,
        item=corner.item,
        donor=corner.donor,
        organisation=corner.organisation,
        token=token,
    )
    make_gift(session, pledge, warehouse=corner.warehouse, good=40)
    waiting = make_pledge(
        session, item=corner.item, donor=corner.donor, organisation=corner.organisation
    )
    person = make_person(session, Role.AUDITOR, organisation=corner.organisation)
    grant = session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == person.id)).one()
    vehicle = once(
        session,
        corner.planner,
        AddVehicle(
            command_id=command_id(),
            organisation_id=corner.organisation.id,
            truck=Truck(
                plate=f"TEST {corner.site.id}",
                carrier="",
                max_grams=5_000_000,
                max_litres=20_000,
                base_id=corner.warehouse.id,
            ),
        ),
        add_vehicle,
    )
    return {
        "document": received,
        "feedback": str(_feedback(session, corner)),
        "grant": str(grant),
        "item": corner.item.code,
        "organisation": corner.organisation.code,
        "person": str(person.id),
        "plan": _plan(session, corner),
        "pledge": _code(session, waiting.document_id),
        "prepared": _waybill(session, corner, lot, leaves=False),
        "reference": pledge.reference,
        "route": str(corner.route.id),
        "site": corner.site.code,
        "token": token,
        "vehicle": str(vehicle["vehicle_id"]),
        "warehouse": corner.warehouse.code,
        "waybill": _waybill(session, corner, lot, leaves=True),
    }


def _plan(session: Session, corner: Corner) -> str:
    command = DraftPlan(
        command_id=command_id(),
        organisation_id=corner.organisation.id,
        title="December blankets",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 31),
        sites=(SiteChoice(code=corner.site.code),),
        items=(corner.item.code,),
        warehouses=(WarehouseChoice(code=corner.warehouse.code),),
    )
    return str(once(session, corner.planner, command, draft_plan)["plan"])


def _waybill(session: Session, corner: Corner, lot: object, *, leaves: bool) -> str:
    trip = Trip(
        origin=corner.warehouse,
        site=corner.site,
        lots=[lot],  # type: ignore[list-item]
        clerk=corner.planner,
        lead=corner.planner,
    )
    prepare(session, trip, 20)
    if leaves:
        send(session, trip)
    return trip.number


def _feedback(session: Session, corner: Corner) -> int:
    command = RecordFeedback(
        command_id=command_id(),
        site_id=corner.site.id,
        category=Category.SHORT_ITEM,
        channel=Channel.DESK,
        text="One bar of soap came and the list says two.",
        said_on=date(2026, 11, 20),
    )
    return int(once(session, corner.planner, command, record_feedback)["feedback"])


def _code(session: Session, document_id: int) -> str:
    return session.get_one(Document, document_id).code
