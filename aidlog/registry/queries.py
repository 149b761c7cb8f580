"""Reads of the registry: rows out, one statement a list, scoped to who asks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.core.errors import NotFound
from aidlog.core.quantity import BaseUnit
from aidlog.registry.models import (
    Access,
    Carrier,
    Item,
    ItemPack,
    Organisation,
    PackKind,
    Place,
    PlaceKind,
    Route,
    RouteVehicleClass,
    Vehicle,
    VehicleClass,
)


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """``shown_as`` is a protected site's code, and any other place's name."""

    id: int
    code: str
    shown_as: str
    kind: PlaceKind
    area: str
    protected: bool
    access: Access
    active: bool
    organisation_id: int
    organisation: str


@dataclass(frozen=True, slots=True)
class RouteRow:
    """Units as in the table: km, minutes, minor units per tonne, grams and litres per day."""

    id: int
    origin_id: int
    origin: str
    destination_id: int
    destination: str
    km: int
    minutes: int
    cost_per_tonne: int
    currency: str
    access: Access
    closed_from: date | None
    closed_until: date | None
    max_grams: int | None
    max_litres: int | None
    classes: str | None = None

    @property
    def vehicle_classes(self) -> tuple[VehicleClass, ...]:
        """The vehicles that the road bears, in the order of their kinds; none said is all."""
        said = set((self.classes or "").split(","))
        return tuple(one for one in VehicleClass if one in said)

    def closed_on(self, day: date) -> bool:
        """Say whether nobody drives on ``day``: closed for good, or closed from–to around it."""
        if self.access is Access.CLOSED:
            return True
        if self.closed_from is None and self.closed_until is None:
            return False
        begun = self.closed_from is None or self.closed_from <= day
        over = self.closed_until is not None and self.closed_until < day
        return begun and not over


@dataclass(frozen=True, slots=True)
class VehicleRow:
    id: int
    organisation_id: int
    plate: str
    carrier: str
    max_grams: int
    max_litres: int
    base_id: int | None
    base: str | None
    active: bool
    vehicle_class: VehicleClass | None


@dataclass(frozen=True, slots=True)
class PackRow:
    kind: PackKind
    size: int
    issue: bool


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A carrier, with how many of its trucks are in use."""

    id: int
    organisation: str
    name: str
    contact: str
    contract: str
    active: bool
    trucks: int


def organisations(session: Session, actor: Actor) -> list[OrganisationRow]:
    """Return the organisations that ``actor`` acts for, by name. One statement."""
    return [
        OrganisationRow(*row)
        for row in session.execute(
            select(Organisation.id, Organisation.code, Organisation.name)
            .where(Organisation.id.in_(actor.organisation_ids))
            .order_by(Organisation.name)
        )
    ]


def places(
    session: Session,
    actor: Actor,
    *,
    kinds: Collection[PlaceKind] = tuple(PlaceKind),
    permission: Permission = Permission.REGISTRY_VIEW,
    closed_too: bool = False,
) -> list[PlaceRow]:
    """Return the places of the actor's organisations where ``permission`` holds. One statement.

    Ordered by kind and what they are shown as. Closed ones are left out unless asked for.
    """
    wanted = (
        place_rows(actor, permission)
        .where(Place.kind.in_(kinds))
        .order_by(Place.kind, Place.shown_as, Place.id)
    )
    if not closed_too:
        wanted = wanted.where(Place.active)
    return [PlaceRow(*row) for row in session.execute(wanted)]


def place_by_code(
    session: Session, actor: Actor, code: str, *, permission: Permission = Permission.REGISTRY_VIEW
) -> PlaceRow:
    """Return the place with ``code``.

    Raises:
        NotFound: there is none, or it is not one that ``actor`` may see.
    """
    row = session.execute(place_rows(actor, permission).where(Place.code == code)).one_or_none()
    if row is None:
        raise NotFound(f"place {code}")
    return PlaceRow(*row)


def place_rows(actor: Actor, permission: Permission) -> Select[*tuple[Any, ...]]:
    """Return the statement of the actor's places where ``permission`` holds."""
    wanted = (
        select(
            Place.id,
            Place.code,
            Place.shown_as,
            Place.kind,
            Place.area,
            Place.protected,
            Place.access,
            Place.active,
            Place.organisation_id,
            Organisation.name,
        )
        .join(Organisation, Organisation.id == Place.organisation_id)
        .where(Place.organisation_id.in_(actor.organisation_ids))
    )
    scope = actor.places(permission)
    return wanted if scope is None else wanted.where(Place.id.in_(scope))


def routes(session: Session, actor: Actor, *, route_id: int | None = None) -> list[RouteRow]:
    """Return the roads between places of the actor's organisations. One statement."""
    origin, destination = aliased(Place), aliased(Place)
    wanted = route_rows(actor, origin, destination).order_by(
        origin.shown_as, destination.shown_as, Route.id
    )
    if route_id is not None:
        wanted = wanted.where(Route.id == route_id)
    return [RouteRow(*row) for row in session.execute(wanted)]


def route_rows(
    actor: Actor, origin: type[Place], destination: type[Place]
) -> Select[*tuple[Any, ...]]:
    """Return the statement of roads within the actor's reach; the ends are given aliases."""
    borne = (
        select(func.aggregate_strings(RouteVehicleClass.vehicle_class, ","))
        .where(RouteVehicleClass.route_id == Route.id)
        .scalar_subquery()
    )
    wanted: Select[*tuple[Any, ...]] = (
        select(
            Route.id,
            Route.origin_id,
            origin.shown_as,
            Route.destination_id,
            destination.shown_as,
            Route.km,
            Route.minutes,
            Route.cost_per_tonne,
            Route.currency,
            Route.access,
            Route.closed_from,
            Route.closed_until,
            Route.max_grams,
            Route.max_litres,
            borne,
        )
        .join(origin, origin.id == Route.origin_id)
        .join(destination, destination.id == Route.destination_id)
        .where(
            origin.organisation_id.in_(actor.organisation_ids),
            destination.organisation_id.in_(actor.organisation_ids),
            origin.active,
            destination.active,
        )
    )
    scope = actor.places(Permission.REGISTRY_VIEW)
    if scope is not None:
        wanted = wanted.where(or_(Route.origin_id.in_(scope), Route.destination_id.in_(scope)))
    return wanted


def vehicles(
    session: Session, actor: Actor, *, vehicle_id: int | None = None, parked_too: bool = False
) -> list[VehicleRow]:
    """Return the trucks of the actor's organisations, by plate. One statement."""
    wanted = vehicle_rows(actor).order_by(Vehicle.plate, Vehicle.id)
    if vehicle_id is not None:
        wanted = wanted.where(Vehicle.id == vehicle_id)
    elif not parked_too:
        wanted = wanted.where(Vehicle.active)
    return [VehicleRow(*row) for row in session.execute(wanted)]


def vehicle_rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Return the statement of the trucks of the actor's organisations."""
    actor.must(Permission.REGISTRY_VIEW)
    return (
        select(
            Vehicle.id,
            Vehicle.organisation_id,
            Vehicle.plate,
            func.coalesce(Carrier.name, ""),
            Vehicle.max_grams,
            Vehicle.max_litres,
            Vehicle.base_id,
            Place.shown_as,
            Vehicle.active,
            Vehicle.vehicle_class,
        )
        .outerjoin(Carrier, Carrier.id == Vehicle.carrier_id)
        .outerjoin(Place, Place.id == Vehicle.base_id)
        .where(Vehicle.organisation_id.in_(actor.organisation_ids))
    )


def packs_of(session: Session, item_id: int) -> list[PackRow]:
    """Return the packs that an item comes in now, the smallest first."""
    return [
        PackRow(*row)
        for row in session.execute(
            select(ItemPack.kind, ItemPack.size, ItemPack.issue)
            .where(ItemPack.item_id == item_id, ItemPack.active)
            .order_by(ItemPack.size, ItemPack.kind)
        )
    ]


def packs_before(session: Session, item_id: int) -> list[PackRow]:
    """Return the packs that an item came in once and does no more, the smallest first."""
    return [
        PackRow(*row)
        for row in session.execute(
            select(ItemPack.kind, ItemPack.size, ItemPack.issue)
            .where(ItemPack.item_id == item_id, ~ItemPack.active)
            .order_by(ItemPack.size, ItemPack.kind)
        )
    ]


def carrier(session: Session, actor: Actor, carrier_id: int) -> CarrierRow:
    """Return a carrier of the actor's organisations.

    Raises:
        NotFound: there is none.
    """
    row = session.execute(carrier_rows(actor).where(Carrier.id == carrier_id)).one_or_none()
    if row is None:
        raise NotFound(f"carrier {carrier_id}")
    return CarrierRow(*row)


def carrier_rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Return the statement of the carriers of the actor's organisations."""
    actor.must(Permission.REGISTRY_VIEW)
    trucks = (
        select(func.count())
        .where(Vehicle.carrier_id == Carrier.id, Vehicle.active)
        .scalar_subquery()
    )
    return (
        select(
            Carrier.id,
            Organisation.name,
            Carrier.name,
            Carrier.contact,
            Carrier.contract,
            Carrier.active,
            trucks,
        )
        .join(Organisation, Organisation.id == Carrier.organisation_id)
        .where(Carrier.organisation_id.in_(actor.organisation_ids))
    )


def carrier_names(session: Session, actor: Actor) -> list[str]:
    """Return the names of the carriers in use, to choose from, by name."""
    return list(
        session.scalars(
            select(Carrier.name)
            .where(Carrier.organisation_id.in_(actor.organisation_ids), Carrier.active)
            .distinct()
            .order_by(Carrier.name)
            .limit(500)
        )
    )


def item_by_code(session: Session, code: str) -> Item:
    """Return an item, in use or not.

    Raises:
        NotFound: there is no item with this code.
    """
    item = session.scalars(select(Item).where(Item.code == code)).one_or_none()
    if item is None:
        raise NotFound(f"item {code}")
    return item


def categories(session: Session) -> list[str]:
    """Return the categories of the items in use."""
    return list(
        session.scalars(
            select(Item.category)
            .where(Item.active, Item.category != "")
            .distinct()
            .order_by(Item.category)
        )
    )


def counts(session: Session, actor: Actor) -> dict[PlaceKind, int]:
    """Return how many places of each kind the actor's organisations have."""
    rows = session.execute(
        select(Place.kind, func.count())
        .where(Place.organisation_id.in_(actor.organisation_ids), Place.active)
        .group_by(Place.kind)
    )
    return {kind: int(number) for kind, number in rows}


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item in a list, with its smallest pack to issue."""

    id: int
    code: str
    name_en: str
    name_fr: str
    name_sw: str
    name_rw: str
    category: str
    base_unit: BaseUnit
    tier: int
    weight_mg: int | None
    volume_mm3: int | None
    active: bool
    pack_kind: PackKind | None
    pack_size: int | None

    def name_in(self, language: str) -> str:
        """The item's name in ``language``, in English where it has none."""
        return str(getattr(self, f"name_{language}", "") or self.name_en)


def item_rows() -> Select[*tuple[Any, ...]]:
    """Return the statement of items with their pack to issue, to be narrowed and ordered."""
    return select(
        Item.id,
        Item.code,
        Item.name_en,
        Item.name_fr,
        Item.name_sw,
        Item.name_rw,
        Item.category,
        Item.base_unit,
        Item.tier,
        Item.weight_mg,
        Item.volume_mm3,
        Item.active,
        ItemPack.kind,
        ItemPack.size,
    ).outerjoin(ItemPack, (ItemPack.item_id == Item.id) & ItemPack.issue & ItemPack.active)
