"""Small makers of rows: keywords with plain defaults, nothing random.

Goods come in through the real actions, so no test has stock that could not be.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor
from aidlog.core.quantity import BaseUnit
from aidlog.db.commands import once
from aidlog.donations.counting import CountedLine
from aidlog.donations.models import Pledge
from aidlog.donations.pledging import RecordPledge, record_pledge
from aidlog.donations.receiving import ReceiveGoods, receive_goods
from aidlog.donations.tracking_links import token_hash
from aidlog.needs.models import Basis, Confidence, PopulationCount, Standard
from aidlog.needs.populations import RecordPopulation, record_population
from aidlog.needs.standards import SetStandard, set_standard
from aidlog.registry.models import (
    Item,
    ItemPack,
    Organisation,
    PackKind,
    Person,
    Place,
    PlaceKind,
    RoleGrant,
    Route,
)
from aidlog.registry.roles import Role, actor_for
from aidlog.stock.models import Lot

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_n = count(1)


def command_id() -> str:
    return str(uuid.uuid4())


def make_organisation(session: Session, *, code: str = "KRB", name: str = "Karibu") -> Organisation:
    """Return the organisation with ``code``, made if it is not there."""
    known = session.scalars(select(Organisation).filter_by(code=code)).one_or_none()
    if known is not None:
        return known
    organisation = Organisation(code=code, name=name)
    session.add(organisation)
    session.flush()
    return organisation


def make_person(
    session: Session,
    *roles: Role,
    organisation: Organisation | None = None,
    place: Place | None = None,
    login: str = "",
) -> Person:
    """Make someone who holds ``roles`` for an organisation, at ``place`` or everywhere."""
    organisation = organisation or make_organisation(session)
    number = next(_n)
    person = Person(
        login=login or f"person{number}@example.org",
        name=f"Person {number}",
        organisation_id=organisation.id,
        created_at=NOW,
    )
    session.add(person)
    session.flush()
    session.add_all(
        RoleGrant(
            person_id=person.id,
            organisation_id=organisation.id,
            role=role,
            place_id=place.id if place else None,
        )
        for role in roles
    )
    session.flush()
    return person


def make_actor(
    session: Session,
    *roles: Role,
    organisation: Organisation | None = None,
    place: Place | None = None,
) -> Actor:
    person = make_person(session, *roles, organisation=organisation, place=place)
    return actor_for(session, person.id)


def make_place(
    session: Session,
    kind: PlaceKind = PlaceKind.SITE,
    *,
    organisation: Organisation | None = None,
    code: str = "",
    name: str = "",
    protected: bool | None = None,
    area: str = "North",
) -> Place:
    """Make a place; sites are protected unless said otherwise, as in earnest."""
    number = next(_n)
    place = Place(
        code=code or f"{'S' if kind is PlaceKind.SITE else 'W'}{number:02d}",
        name=name or f"Place {number}",
        kind=kind,
        organisation_id=(organisation or make_organisation(session)).id,
        area=area,
        protected=kind is PlaceKind.SITE if protected is None else protected,
    )
    session.add(place)
    session.flush()
    return place


def make_warehouse(session: Session, **more: object) -> Place:
    return make_place(session, PlaceKind.WAREHOUSE, **more)  # type: ignore[arg-type]


def make_item(
    session: Session,
    *,
    code: str = "",
    name: str = "Blanket, medium",
    base_unit: BaseUnit = BaseUnit.PIECE,
    pack: tuple[PackKind, int] = (PackKind.BALE, 10),
    weight_mg: int | None = 1_600_000,
    volume_mm3: int | None = 10_000_000,
    tier: int = 1,
) -> Item:
    """Make an item whose smallest pack to issue is ``pack``."""
    item = Item(
        code=code or f"HSHEBLAN{next(_n)}",
        name_en=name,
        base_unit=base_unit,
        tier=tier,
        weight_mg=weight_mg,
        volume_mm3=volume_mm3,
    )
    session.add(item)
    session.flush()
    session.add(ItemPack(item_id=item.id, kind=pack[0], size=pack[1], issue=True))
    session.flush()
    return item


def make_route(
    session: Session, origin: Place, destination: Place, *, km: int = 60, **more: object
) -> Route:
    values: dict[str, object] = {"minutes": 120, "cost_per_tonne": 5_000, "currency": "USD"}
    route = Route(origin_id=origin.id, destination_id=destination.id, km=km, **(values | more))
    session.add(route)
    session.flush()
    return route


def make_lot(
    session: Session,
    *,
    warehouse: Place,
    item: Item | None = None,
    quantity: int = 100,
    damaged: int = 0,
    expires_on: date | None = None,
    number: str = "",
    pack: tuple[PackKind, int] = (PackKind.BALE, 10),
    organisation: Organisation | None = None,
) -> Lot:
    """Receive ``quantity`` good base units of a new lot into ``warehouse``, for its owner."""
    item = item or make_item(session, pack=pack)
    organisation = organisation or session.get_one(Organisation, warehouse.organisation_id)
    actor = make_actor(session, Role.STOREKEEPER, organisation=organisation)
    answer = once(
        session,
        actor,
        ReceiveGoods(
            command_id=command_id(),
            organisation_id=organisation.id,
            warehouse_id=warehouse.id,
            lines=(
                CountedLine(
                    item_id=item.id,
                    lot_number=number or f"L{next(_n)}",
                    expires_on=expires_on,
                    pack_kind=pack[0],
                    pack_size=pack[1],
                    declared=quantity + damaged,
                    good=quantity,
                    damaged=damaged,
                    reason="Torn" if damaged else "",
                ),
            ),
            arrived_at=NOW,
            received_from="Friends of the Lake",
        ),
        receive_goods,
    )
    return session.get_one(Lot, answer["lots"][0])


def make_pledge(
    session: Session,
    *,
    item: Item | None = None,
    quantity: int = 100,
    donor: Person | None = None,
    donor_name: str = "Friends of the Lake",
    organisation: Organisation | None = None,
    token: str = "",
    collection: Place | None = None,
    earmarks: Iterable[Place] = (),
    expected_on: date | None = None,
) -> Pledge:
    """Record a promise of ``quantity`` base units, tracked by ``token``."""
    organisation = organisation or make_organisation(session)
    item = item or make_item(session)
    answer = once(
        session,
        make_actor(session, Role.STOREKEEPER, organisation=organisation),
        RecordPledge(
            command_id=command_id(),
            organisation_id=organisation.id,
            item_id=item.id,
            quantity=quantity,
            token_hash=token_hash(token or command_id()),
            donor_name=donor_name,
            donor_id=donor.id if donor else None,
            collection_id=collection.id if collection else None,
            earmarks=tuple(place.id for place in earmarks),
            expected_on=expected_on,
        ),
        record_pledge,
    )
    return session.scalars(select(Pledge).filter_by(reference=answer["reference"])).one()


def make_gift(
    session: Session,
    pledge: Pledge,
    *,
    warehouse: Place,
    good: int,
    damaged: int = 0,
    declared: int | None = None,
    number: str = "",
    arrived_at: datetime = NOW,
) -> Lot:
    """Receive ``good`` base units of what was pledged; return the pledged lot."""
    organisation = session.get_one(Organisation, pledge.organisation_id)
    answer = once(
        session,
        make_actor(session, Role.STOREKEEPER, organisation=organisation),
        ReceiveGoods(
            command_id=command_id(),
            organisation_id=organisation.id,
            warehouse_id=warehouse.id,
            pledge_id=pledge.id,
            lines=(
                CountedLine(
                    item_id=pledge.item_id,
                    lot_number=number or f"L{next(_n)}",
                    expires_on=None,
                    pack_kind=PackKind.BALE,
                    pack_size=10,
                    declared=good + damaged if declared is None else declared,
                    good=good,
                    damaged=damaged,
                    reason="As counted",
                ),
            ),
            arrived_at=arrived_at,
        ),
        receive_goods,
    )
    return session.get_one(Lot, answer["lots"][0])


def make_lots(session: Session, warehouse: Place, quantities: Iterable[int]) -> list[Lot]:
    """Receive one lot of the same item per quantity."""
    item = make_item(session)
    return [
        make_lot(session, warehouse=warehouse, item=item, quantity=quantity)
        for quantity in quantities
    ]


def make_count(
    session: Session,
    site: Place,
    *,
    people: int = 500,
    households: int | None = 100,
    counted_on: date | None = None,
) -> PopulationCount:
    """Record a count of people at ``site`` by a planner of its organisation."""
    organisation = session.get_one(Organisation, site.organisation_id)
    answer = once(
        session,
        make_actor(session, Role.PLANNER, organisation=organisation),
        RecordPopulation(
            command_id=command_id(),
            place_id=site.id,
            counted_on=counted_on or NOW.date(),
            people=people,
            households=households,
            confidence=Confidence.COUNTED,
            source="Count from door to door",
        ),
        record_population,
    )
    return session.get_one(PopulationCount, answer["count_id"])


def make_standard(
    session: Session,
    item: Item,
    *,
    basis: Basis = Basis.PERSON,
    quantity: int = 1,
    recurs_days: int | None = None,
    valid_from: date = date(2026, 1, 1),
) -> Standard:
    """Set what one ``basis`` is due of ``item``; given once unless ``recurs_days`` says so."""
    answer = once(
        session,
        make_actor(session, Role.PLANNER),
        SetStandard(
            command_id=command_id(),
            item_id=item.id,
            basis=basis,
            quantity=quantity,
            recurs_days=recurs_days,
            source="Operation's ration committee",
            valid_from=valid_from,
        ),
        set_standard,
    )
    return session.get_one(Standard, answer["standard_id"])
