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
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.db.commands import once
from aidlog.db.numbering import Document
from aidlog.db.transaction import writing
from aidlog.dispatch import marks
from aidlog.dispatch.handing_over import OfferGoods, OfferLine, offer_goods
from aidlog.dispatch.receipts import Counted
from aidlog.dispatch.requesting import Asked, RequestTransfer, request_transfer
from aidlog.donations.models import GoodsReceived, Pledge
from aidlog.donations.photos import AddPhoto, add_photo, keep
from aidlog.donations.purchasing import Bought, RecordPurchase, record_purchase
from aidlog.extensions import db
from aidlog.jobs.running import run_job
from aidlog.needs.arrivals_and_departures import RecordChange, record_change
from aidlog.needs.assessments import Found, RecordAssessment, record_assessment
from aidlog.needs.models import Basis, ChangeKind, Confidence
from aidlog.needs.requisitions import AskedFor, AskForGoods, ask_for_goods
from aidlog.needs.standards import SetStandard, set_standard
from aidlog.planning.approving import SubmitPlan, submit_plan
from aidlog.planning.case_words import CaseChange, What
from aidlog.planning.cases import MakeCase, make_case
from aidlog.planning.choices import DraftPlan, SiteChoice, WarehouseChoice
from aidlog.planning.drafting import draft_plan
from aidlog.planning.shopping import AskWhatToBuy, Price, ask_what_to_buy
from aidlog.registry.carriers import AddCarrier, Haulier, add_carrier
from aidlog.registry.kits import Content, SetKitContents, set_kit_contents
from aidlog.registry.models import Item, Organisation, Person, Place, RoleGrant, Route
from aidlog.registry.roles import Role, actor_for
from aidlog.registry.signing_in import new_session
from aidlog.registry.vehicles import AddVehicle, Truck, add_vehicle
from aidlog.settings import Settings
from aidlog.stock.adjusting import CorrectStock, correct_stock
from aidlog.stock.count_deciding import FinishCount, finish_count
from aidlog.stock.count_sheets import OpenCount, open_count
from aidlog.stock.counting import CountOfLine, RecordCounts, record_counts
from aidlog.stock.models import Correcting, Lot, Reason, StockTakeLine, TakeScope
from aidlog.stock.recalling import OpenRecall, open_recall
from aidlog.voice.models import Category, Channel
from aidlog.voice.recording import RecordFeedback, record_feedback
from tests.dispatch.chain import Trip, count, make_approved_plan, number_of, prepare, send
from tests.factories import (
    command_id,
    make_actor,
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
    lot: Lot


def settle(app: Flask) -> Estate:
    """Make everything through the real actions, in the database of ``app``."""
    with app.app_context():
        session, known = db.session(), app.config["AIDLOG"]
        with writing(session):
            corners, people = _people_and_places(session)
            things = {whose: _things(session, corner) for whose, corner in corners.items()}
            for whose, corner in corners.items():
                things[whose]["photo"] = _photo(session, corner, known)
        for whose, corner in corners.items():
            things[whose]["plan"] = _plan(session, corner, known)
            things[whose]["case"] = _case(session, corner, known, things[whose]["plan"])
            things[whose]["shopping"] = _shopping(session, corner, known, things[whose]["plan"])
            things[whose]["submitted"] = _submitted(session, corner, known)
        with writing(session):
            now = datetime.now(UTC)
            tokens = {
                role: new_session(session, person.id, now=now, hours=1)
                for role, person in people.items()
            }
        db.session.remove()
    return Estate(things=things, tokens=tokens)


def _people_and_places(session: Session) -> tuple[dict[str, Corner], dict[str, Person]]:
    karibu = make_organisation(session)
    other = make_organisation(session, code="OTH", name="Other hands")
    item = make_item(session, code="BLANKET")
    make_standard(session, item)
    _kit(session, item)
    corners = {
        whose: _corner(session, other if whose == OTHER_ORGANISATION else karibu, item)
        for whose in WHOSE
    }
    own = corners[OWN]
    places = {Role.STOREKEEPER: own.warehouse, Role.SITE_LEAD: own.site}
    people = {
        role.value: make_person(session, role, organisation=karibu, place=places.get(role))
        for role in Role
        if role is not Role.DONOR
    }
    return corners, people | {Role.DONOR.value: own.donor}


def _corner(session: Session, organisation: Organisation, item: Item) -> Corner:
    planner = make_person(session, Role.PLANNER, organisation=organisation)
    warehouse = make_warehouse(session, organisation=organisation)
    site = make_place(session, organisation=organisation)
    make_count(session, site)
    return Corner(
        organisation=organisation,
        warehouse=warehouse,
        site=site,
        route=make_route(session, warehouse, site),
        planner=actor_for(session, planner.id),
        donor=make_person(session, Role.DONOR, organisation=organisation),
        item=item,
        lot=make_lot(session, warehouse=warehouse, item=item, quantity=400),
    )


def _things(session: Session, corner: Corner) -> dict[str, str]:
    """Return what stands in addresses for one of every kind in this corner."""
    token = command_id()
    gift = _pledge(session, corner, token=token)
    received = _received(session, corner)
    make_gift(session, gift, warehouse=corner.warehouse, good=40)
    person = make_person(session, Role.AUDITOR, organisation=corner.organisation)
    disputed, report = _loss(session, corner)
    on_the_road = _trip(session, corner, leaves=True)
    number = on_the_road.number
    return {
        "carrier": _carrier(session, corner),
        "offer": _offer(session, corner),
        "order": _order(session, corner),
        "request": _request(session, corner),
        "requisition": _requisition(session, corner),
        "ending": "withdraw",
        "assessment": _assessment(session, corner),
        "truck": _truck(session, corner),
        "approved": number_of(session, make_approved_plan(session, _ends(corner), 20)),
        "change": _change(session, corner),
        "check": on_the_road.check,
        "correction": _correction(session, corner),
        "counted": _stock_take(session, corner, counted=True),
        "take": _stock_take(session, corner, counted=False),
        "disputed": disputed,
        "document": received,
        "export": "00000000-0000-0000-0000-000000000005",  # nobody's; see test_export_pages
        "file": "0" * 32,  # nobody's; see test_import_pages
        "list": "stock",
        "feedback": str(_feedback(session, corner)),
        "grant": str(
            session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == person.id)).one()
        ),
        "item": corner.item.code,
        "kit": "KIT",
        "lot": str(corner.lot.id),
        "recall": _recall(session, corner),
        "loss": report,
        "mark": marks.token(session, number),
        "organisation": corner.organisation.code,
        "person": str(person.id),
        "pledge": _code(session, _pledge(session, corner).document_id),
        "prepared": _trip(session, corner, leaves=False).number,
        "reference": gift.reference,
        "route": str(corner.route.id),
        "site": corner.site.code,
        "standard": _standard_beside(session, corner),
        "token": token,
        "vehicle": _vehicle(session, corner),
        "warehouse": corner.warehouse.code,
        "waybill": number,
    }


def _carrier(session: Session, corner: Corner) -> str:
    said = Haulier(name=f"Carrier {corner.site.id}")
    command = AddCarrier(
        command_id=command_id(), organisation_id=corner.organisation.id, carrier=said
    )
    return str(once(session, corner.planner, command, add_carrier)["carrier_id"])


def _offer(session: Session, corner: Corner) -> str:
    """Return an offer of the corner's goods to an organisation that is nobody's here."""
    taker = make_organisation(session, code="THI", name="Third party")
    command = OfferGoods(
        command_id=command_id(),
        warehouse_id=corner.warehouse.id,
        taker_id=taker.id,
        lines=(OfferLine(lot_id=corner.lot.id, quantity=10),),
        purpose="A clinic",
    )
    return str(once(session, corner.planner, command, offer_goods)["handover"])


def _order(session: Session, corner: Corner) -> str:
    command = RecordPurchase(
        command_id=command_id(),
        warehouse_id=corner.warehouse.id,
        supplier="Market",
        lines=(Bought(item_id=corner.item.id, quantity=5),),
    )
    return str(once(session, _keeper(session, corner), command, record_purchase)["purchase"])


def _keeper(session: Session, corner: Corner) -> Actor:
    return make_actor(
        session, Role.STOREKEEPER, organisation=corner.organisation, place=corner.warehouse
    )


def _request(session: Session, corner: Corner) -> str:
    """Return what the corner's warehouse asks of one that is nobody's place here."""
    asked = make_warehouse(session, organisation=corner.organisation)
    command = RequestTransfer(
        command_id=command_id(),
        origin_id=asked.id,
        destination_id=corner.warehouse.id,
        lines=(Asked(item_id=corner.item.id, quantity=5),),
    )
    return str(once(session, _keeper(session, corner), command, request_transfer)["request"])


def _requisition(session: Session, corner: Corner) -> str:
    """Return what the lead of the corner's site asks for."""
    lead = make_actor(session, Role.SITE_LEAD, organisation=corner.organisation, place=corner.site)
    command = AskForGoods(
        command_id=command_id(),
        site_id=corner.site.id,
        lines=(AskedFor(item_id=corner.item.id, quantity=5),),
        reason="Rain",
    )
    return str(once(session, lead, command, ask_for_goods)["requisition"])


def _assessment(session: Session, corner: Corner) -> str:
    command = RecordAssessment(
        command_id=command_id(),
        place_id=corner.site.id,
        assessed_on=datetime.now(UTC).date(),
        valid_until=None,
        source="Team",
        method="",
        confidence=Confidence.ESTIMATED,
        lines=(Found(item_id=corner.item.id, quantity=50),),
    )
    (found,) = once(session, corner.planner, command, record_assessment)["assessments"]
    return str(found)


def _truck(session: Session, corner: Corner) -> str:
    """Return a truck on the road from such a warehouse to the corner's."""
    origin = make_warehouse(session, organisation=corner.organisation)
    trip = Trip(
        origin=origin,
        site=corner.warehouse,
        lots=[make_lot(session, warehouse=origin, item=corner.item, quantity=50)],
        clerk=corner.planner,
        lead=corner.planner,
    )
    return send(session, prepare(session, trip, 50)).number


def _correction(session: Session, corner: Corner) -> str:
    """Return a correction that waits for a second person."""
    keeper = make_actor(
        session, Role.STOREKEEPER, organisation=corner.organisation, place=corner.warehouse
    )
    command = CorrectStock(
        command_id=command_id(),
        warehouse_id=corner.warehouse.id,
        lot_id=corner.lot.id,
        what=Correcting.TAKE_OFF,
        quantity=200,
        reason=Reason.STOLEN,
    )
    return str(once(session, keeper, command, correct_stock)["document"])


def _stock_take(session: Session, corner: Corner, *, counted: bool) -> str:
    """Return a stock take of an item of its own, open or waiting for approval."""
    keeper = make_actor(
        session, Role.STOREKEEPER, organisation=corner.organisation, place=corner.warehouse
    )
    lot = make_lot(session, warehouse=corner.warehouse, item=make_item(session), quantity=30)
    command = OpenCount(
        command_id=command_id(),
        warehouse_id=corner.warehouse.id,
        organisation_id=corner.organisation.id,
        scope=TakeScope.ITEMS,
        items=(lot.item_id,),
    )
    take = str(once(session, keeper, command, open_count)["take"])
    if counted:
        line = session.scalars(select(StockTakeLine.id).filter_by(lot_id=lot.id)).one()
        counts = (CountOfLine(line=line, quantity=28),)
        once(
            session,
            keeper,
            RecordCounts(command_id=command_id(), take=take, counts=counts),
            record_counts,
        )
        once(session, keeper, FinishCount(command_id=command_id(), take=take), finish_count)
    return take


def _change(session: Session, corner: Corner) -> str:
    """Return an arrival of people at the corner's site."""
    command = RecordChange(
        command_id=command_id(),
        place_id=corner.site.id,
        kind=ChangeKind.ARRIVAL,
        happened_on=datetime.now(UTC).date(),
        people=40,
        households=None,
        source="Committee",
    )
    return str(once(session, corner.planner, command, record_change)["change_id"])


def _standard_beside(session: Session, corner: Corner) -> str:
    """Return a standard that stands beside the others, to be compared."""
    command = SetStandard(
        command_id=command_id(),
        item_id=corner.item.id,
        basis=Basis.PERSON,
        quantity=2,
        recurs_days=None,
        source="Another handbook",
        valid_from=date(2026, 1, 1),
        in_force=False,
    )
    return str(once(session, corner.planner, command, set_standard)["standard_id"])


def _kit(session: Session, item: Item) -> None:
    command = SetKitContents(
        command_id=command_id(),
        item_id=make_item(session, code="KIT").id,
        contents=(Content(item_id=item.id, quantity=2),),
    )
    once(session, make_actor(session, Role.PLANNER), command, set_kit_contents)


def _photo(session: Session, corner: Corner, known: Settings) -> str:
    note = session.scalars(
        select(GoodsReceived.id).where(GoodsReceived.warehouse_id == corner.warehouse.id).limit(1)
    ).one()
    command = AddPhoto(
        command_id=command_id(), note_id=note, sha256=keep(Path(known.data_dir), b"pixels"), size=6
    )
    keeper = make_actor(session, Role.STOREKEEPER, organisation=corner.organisation)
    return str(once(session, keeper, command, add_photo)["photo"])


def _recall(session: Session, corner: Corner) -> str:
    """Return the recall of a lot that nothing else uses."""
    lot = make_lot(session, warehouse=corner.warehouse, item=corner.item, quantity=5)
    command = OpenRecall(command_id=command_id(), lots=(lot.id,), why="Smells")
    return str(once(session, corner.planner, command, open_recall)["recall"])


def _received(session: Session, corner: Corner) -> str:
    return session.scalars(
        select(Document.code)
        .join(GoodsReceived, GoodsReceived.document_id == Document.id)
        .where(GoodsReceived.warehouse_id == corner.warehouse.id)
        .order_by(Document.id)
        .limit(1)
    ).one()


def _pledge(session: Session, corner: Corner, *, token: str = "") -> Pledge:
    return make_pledge(
        session,
        item=corner.item,
        donor=corner.donor,
        organisation=corner.organisation,
        collection=corner.warehouse,
        token=token,
    )


def _vehicle(session: Session, corner: Corner) -> str:
    truck = Truck(
        plate=f"TEST {corner.site.id}",
        carrier="",
        max_grams=5_000_000,
        max_litres=20_000,
        base_id=corner.warehouse.id,
    )
    command = AddVehicle(
        command_id=command_id(), organisation_id=corner.organisation.id, truck=truck
    )
    return str(once(session, corner.planner, command, add_vehicle)["vehicle_id"])


def _ends(corner: Corner) -> Trip:
    """A trip that a planner makes and a site lead of the site ends."""
    return Trip(
        origin=corner.warehouse,
        site=corner.site,
        lots=[corner.lot],
        clerk=corner.planner,
        lead=corner.planner,
    )


def _trip(session: Session, corner: Corner, *, leaves: bool) -> Trip:
    trip = prepare(session, _ends(corner), 20)
    return send(session, trip) if leaves else trip


def _loss(session: Session, corner: Corner) -> tuple[str, str]:
    """Return the waybill of a truck from which half was missing, and its loss report."""
    trip = _trip(session, corner, leaves=True)
    trip.lead = make_actor(
        session, Role.SITE_LEAD, organisation=corner.organisation, place=corner.site
    )
    answer = count(session, trip, Counted(line=1, good=10, missing=10))
    return trip.number, str(answer["loss_report"])


def _plan(session: Session, corner: Corner, known: Settings) -> str:
    """Return a plan that a worker has worked out."""
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
    with writing(session):
        answer = once(session, corner.planner, command, draft_plan)
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    run_job(engine, known, answer["job"])
    return str(answer["plan"])


def _case(session: Session, corner: Corner, known: Settings, plan: str) -> str:
    """Return the number of a case beside a plan, worked out."""
    more = CaseChange(what=What.PEOPLE, number=10)
    command = MakeCase(command_id=command_id(), code=plan, title="More people", changes=(more,))
    with writing(session):
        answer = once(session, corner.planner, command, make_case)
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    run_job(engine, known, answer["job"])
    return str(answer["case"])


def _shopping(session: Session, corner: Corner, known: Settings, plan: str) -> str:
    """Return the number of a shopping list beside a plan, worked out."""
    command = AskWhatToBuy(
        command_id=command_id(),
        plan=plan,
        warehouse=corner.warehouse.code,
        deliver_on=date(2026, 12, 1),
        items=(Price(item=corner.item.code),),
    )
    with writing(session):
        answer = once(session, corner.planner, command, ask_what_to_buy)
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    run_job(engine, known, answer["job"])
    return str(answer["number"])


def _submitted(session: Session, corner: Corner, known: Settings) -> str:
    """Return a plan that waits for the decision of a second person."""
    code = _plan(session, corner, known)
    with writing(session):
        command = SubmitPlan(command_id=command_id(), code=code)
        once(session, corner.planner, command, submit_plan)
    return code


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
