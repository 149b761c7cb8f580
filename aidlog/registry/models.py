"""What is there before any goods move: organisations, people, places, routes, items."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    case,
    event,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aidlog.core.quantity import BaseUnit
from aidlog.core.spelling import bare
from aidlog.db.base import Base, Code, Id, Name, one_of


class Organisation(Base):
    """Owns its stock, its documents and its people. ``code`` stands in document numbers."""

    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(6))
    name: Mapped[Name]


class PlaceKind(StrEnum):
    WAREHOUSE = "warehouse"
    COLLECTION_POINT = "collection_point"
    SITE = "site"


class Access(StrEnum):
    """How a road or a site can be reached."""

    OPEN = "open"
    DIFFICULT = "difficult"
    CLOSED = "closed"


class Place(Base):
    """A warehouse, collection point or site.

    Lists show ``area`` and, for a protected site, ``code`` in place of its name. The point on
    the map is in a table of its own (SitePoint), read by one query under one permission.
    """

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("code"),
        Index("ix_place_kind_organisation_id", "kind", "organisation_id"),
    )

    id: Mapped[Id]
    code: Mapped[Code]
    name: Mapped[Name]
    kind: Mapped[PlaceKind] = mapped_column(one_of(PlaceKind))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    area: Mapped[str] = mapped_column(String(80), default="")
    protected: Mapped[bool] = mapped_column(default=True)
    access: Mapped[Access] = mapped_column(one_of(Access), default=Access.OPEN)
    active: Mapped[bool] = mapped_column(default=True)

    @hybrid_property
    def shown_as(self) -> str:
        """The name for lists and papers: never that of a protected site. A column, too."""
        return self.code if self.protected and self.kind is PlaceKind.SITE else self.name

    @shown_as.inplace.expression
    @classmethod
    def _shown_as(cls) -> ColumnElement[str]:
        hidden = and_(cls.protected, cls.kind == PlaceKind.SITE)
        return case((hidden, cls.code), else_=cls.name)


class SitePoint(Base):
    """Where a site is, in millionths of a degree. Reading it is recorded; see sites.py."""

    __tablename__ = "site_point"

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    latitude: Mapped[int]
    longitude: Mapped[int]


class Route(Base):
    """A road from a warehouse to a place, in one direction.

    Units: whole kilometres; minutes; money in minor units per tonne; grams and litres per
    day that may be carried (None = not known to be limited).
    """

    __tablename__ = "route"
    __table_args__ = (
        UniqueConstraint("origin_id", "destination_id"),
        CheckConstraint("origin_id <> destination_id", name="two_ends"),
    )

    id: Mapped[Id]
    origin_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    destination_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    km: Mapped[int]
    minutes: Mapped[int]
    cost_per_tonne: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    access: Mapped[Access] = mapped_column(one_of(Access), default=Access.OPEN)
    closed_from: Mapped[date | None]
    closed_until: Mapped[date | None]
    max_grams: Mapped[int | None]
    max_litres: Mapped[int | None]


class VehicleClass(StrEnum):
    """What kind of vehicle it is: roads and bridges bear some and not others."""

    PICKUP = "pickup"
    LIGHT_TRUCK = "light_truck"
    MEDIUM_TRUCK = "medium_truck"
    HEAVY_TRUCK = "heavy_truck"
    ALL_WHEEL_TRUCK = "all_wheel_truck"
    TRAILER = "trailer"
    BOAT = "boat"


class RouteVehicleClass(Base):
    """A vehicle class that a road bears; a road without any row bears them all."""

    __tablename__ = "route_vehicle_class"

    route_id: Mapped[int] = mapped_column(ForeignKey("route.id"), primary_key=True)
    vehicle_class: Mapped[VehicleClass] = mapped_column(one_of(VehicleClass), primary_key=True)


class Carrier(Base):
    """A company, or an own fleet, that carries goods; claims for losses go to it.

    ``contact`` is an office's number or address, not a driver's.
    """

    __tablename__ = "carrier"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(String(200), default="")
    contract: Mapped[str] = mapped_column(String(60), default="")
    active: Mapped[bool] = mapped_column(default=True)


class Vehicle(Base):
    """A truck and what it may carry: grams and litres.

    ``vehicle_class`` None was never said; such a truck is held to no road's limit.
    """

    __tablename__ = "vehicle"
    __table_args__ = (UniqueConstraint("organisation_id", "plate"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    plate: Mapped[str] = mapped_column(String(20))
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("carrier.id"), index=True)
    vehicle_class: Mapped[VehicleClass | None] = mapped_column(one_of(VehicleClass))
    max_grams: Mapped[int]
    max_litres: Mapped[int]
    base_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    active: Mapped[bool] = mapped_column(default=True)

    carrier: Mapped[Carrier | None] = relationship(lazy="raise")


class Item(Base):
    """What is stocked, counted in ``base_unit``.

    ``weight_mg`` and ``volume_mm3`` are of one base unit (one piece, one gram, one
    millilitre); None is unknown, and unknown is not zero. ``tier`` 1 is life-saving.
    """

    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[Id]
    code: Mapped[Code]
    name_en: Mapped[Name]
    name_fr: Mapped[str] = mapped_column(String(200), default="")
    name_sw: Mapped[str] = mapped_column(String(200), default="")
    name_rw: Mapped[str] = mapped_column(String(200), default="")
    category: Mapped[str] = mapped_column(String(40), default="")
    base_unit: Mapped[BaseUnit] = mapped_column(one_of(BaseUnit))
    tier: Mapped[int] = mapped_column(default=2)
    weight_mg: Mapped[int | None]
    volume_mm3: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(200), default="")
    active: Mapped[bool] = mapped_column(default=True)
    #: Code and names in small letters without accents, a space before each word: searched.
    words: Mapped[str] = mapped_column(Text, default="")

    packs: Mapped[list[ItemPack]] = relationship(lazy="raise", order_by="ItemPack.size")

    def name_in(self, language: str) -> str:
        """The item's name in ``language`` (en, fr, sw, rw), in English where it has none."""
        return str(getattr(self, f"name_{language}", "") or self.name_en)


@event.listens_for(Item, "before_insert")
@event.listens_for(Item, "before_update")
def _keep_words(_mapper: object, _connection: object, item: Item) -> None:
    """Keep what an item is found by in step with what it is called, whoever writes it."""
    called = (item.code, item.name_en, item.name_fr, item.name_sw, item.name_rw)
    item.words = " " + bare(" ".join(name or "" for name in called))


class PackKind(StrEnum):
    """What the pack is; UN/ECE Recommendation 21 codes where it has them."""

    PIECE = "piece"
    BAG = "bag"
    BALE = "bale"
    BOTTLE = "bottle"
    BOX = "box"
    BUNDLE = "bundle"
    CARTON = "carton"
    PALLET = "pallet"
    ROLL = "roll"


class ItemPack(Base):
    """A pack level of an item: ``size`` base units. A changed size is a new row.

    ``issue`` marks the smallest pack that may leave a warehouse.
    """

    __tablename__ = "item_pack"
    __table_args__ = (
        UniqueConstraint("item_id", "kind", "size"),
        CheckConstraint("size > 0", name="size_positive"),
        Index(
            "uq_item_pack_one_to_issue",
            "item_id",
            unique=True,
            postgresql_where=text("issue AND active"),
            sqlite_where=text("issue AND active"),
        ),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    kind: Mapped[PackKind] = mapped_column(one_of(PackKind))
    size: Mapped[int]
    issue: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class KitVersion(Base):
    """A list of what is in a kit (an item of its own); the highest ``number`` holds. Frozen.

    Changed contents are a new version: kits that were built keep the one they were built by.
    """

    __tablename__ = "kit_version"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    number: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"))


class KitContent(Base):
    """``quantity`` base units of an item in one kit. Frozen."""

    __tablename__ = "kit_content"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("kit_version.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True, index=True)
    quantity: Mapped[int]


class Person(Base):
    """Someone who signs in. ``password_hash`` is argon2id; None until one was set.

    ``must_change_password``: it was set by someone else, to be used once.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("login"),)

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(120))
    name: Mapped[Name]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    language: Mapped[str] = mapped_column(String(5), default="en")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class RoleGrant(Base):
    """A role that a person holds for an organisation, at one place or everywhere (None)."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("person_id", "organisation_id", "role", "place_id"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str] = mapped_column(String(20))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))


class LoginSession(Base):
    """One signed-in browser. Only the hash of its token is kept, so the table opens nothing."""

    __tablename__ = "login_session"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class LoginAttempt(Base):
    """A failed sign-in, by hashed account and hashed address, to slow the next one down."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_account_hash_at", "account_hash", "at"),
        Index("ix_login_attempt_address_hash_at", "address_hash", "at"),
    )

    id: Mapped[Id]
    account_hash: Mapped[str] = mapped_column(String(64))
    address_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Setting(Base):
    """A figure that the operation sets for itself, by name, as JSON."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
