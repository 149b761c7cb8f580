"""Lists of the registry: searched, sorted, cut into pages by key, each scoped to who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, literal, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from aidlog.core.actor import Actor, Permission
from aidlog.registry.models import Carrier, Item, Place, PlaceKind, Route, Vehicle
from aidlog.registry.queries import (
    CarrierRow,
    ItemRow,
    PlaceRow,
    RouteRow,
    VehicleRow,
    carrier_rows,
    item_rows,
    place_rows,
    route_rows,
    vehicle_rows,
)

#: So many rows stand on one page.
PAGE = 50
#: More letters than these are not searched for.
LONGEST_SEARCH = 80

#: A column, a hybrid or an expression of one: what SQLAlchemy takes where a column goes.
Column = Any
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks of a list.

    ``sort`` names a column, with a dash before it for the other way round; ``after`` is the
    id of the last row of the page before. ``everything`` shows what is out of use, too.
    """

    search: str = ""
    sort: str = ""
    after: int | None = None
    everything: bool = False

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def words(self) -> list[str]:
        """What is searched for, word by word, in small letters."""
        return self.search[:LONGEST_SEARCH].lower().split()


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of a page; ``next`` is the id to ask the page after with, None at the end."""

    rows: list[Row]
    next: int | None


ITEM_SORTS: Mapping[str, Column] = {
    "code": Item.code,
    "name": func.lower(Item.name_en),
    "category": Item.category,
    "urgency": Item.tier,
}
PLACE_SORTS: Mapping[str, Column] = {
    "name": Place.shown_as,
    "code": Place.code,
    "kind": Place.kind,
    "area": Place.area,
}
VEHICLE_SORTS: Mapping[str, Column] = {
    "plate": Vehicle.plate,
    "carrier": func.coalesce(Carrier.name, ""),
    "load": Vehicle.max_grams,
}
_ORIGIN, _DESTINATION = aliased(Place), aliased(Place)
ROUTE_SORTS: Mapping[str, Column] = {
    "origin": _ORIGIN.shown_as,
    "destination": _DESTINATION.shown_as,
    "km": Route.km,
    "access": Route.access,
}
CARRIER_SORTS: Mapping[str, Column] = {"name": func.lower(Carrier.name)}


def list_items(session: Session, asked: Asked, *, category: str = "") -> Page[ItemRow]:
    """Return a page of the catalogue; it is one for all organisations. Searching: find_items()."""
    wanted = item_rows()
    if not asked.everything:
        wanted = wanted.where(Item.active)
    if category:
        wanted = wanted.where(Item.category == category)
    rows, following = page_of(session, wanted, asked, ITEM_SORTS, Item.id)
    return Page([ItemRow(*row) for row in rows], following)


def list_places(
    session: Session, actor: Actor, asked: Asked, *, kind: PlaceKind | None = None
) -> Page[PlaceRow]:
    """Return a page of the actor's places. A protected site is found by its code alone."""
    wanted = place_rows(actor, Permission.REGISTRY_VIEW)
    if kind is not None:
        wanted = wanted.where(Place.kind == kind)
    if not asked.everything:
        wanted = wanted.where(Place.active)
    wanted = holding(wanted, asked, (Place.code, Place.shown_as, Place.area))
    rows, following = page_of(session, wanted, asked, PLACE_SORTS, Place.id)
    return Page([PlaceRow(*row) for row in rows], following)


def list_routes(session: Session, actor: Actor, asked: Asked) -> Page[RouteRow]:
    """Return a page of the roads between places of the actor's organisations."""
    wanted = route_rows(actor, _ORIGIN, _DESTINATION)
    wanted = holding(
        wanted,
        asked,
        (_ORIGIN.code, _ORIGIN.shown_as, _DESTINATION.code, _DESTINATION.shown_as),
    )
    rows, following = page_of(session, wanted, asked, ROUTE_SORTS, Route.id)
    return Page([RouteRow(*row) for row in rows], following)


def list_vehicles(session: Session, actor: Actor, asked: Asked) -> Page[VehicleRow]:
    """Return a page of the trucks of the actor's organisations."""
    wanted = vehicle_rows(actor)
    if not asked.everything:
        wanted = wanted.where(Vehicle.active)
    wanted = holding(wanted, asked, (Vehicle.plate, func.coalesce(Carrier.name, "")))
    rows, following = page_of(session, wanted, asked, VEHICLE_SORTS, Vehicle.id)
    return Page([VehicleRow(*row) for row in rows], following)


def list_carriers(session: Session, actor: Actor, asked: Asked) -> Page[CarrierRow]:
    """Return a page of the carriers of the actor's organisations."""
    wanted = carrier_rows(actor)
    if not asked.everything:
        wanted = wanted.where(Carrier.active)
    wanted = holding(wanted, asked, (Carrier.name, Carrier.contract))
    rows, following = page_of(session, wanted, asked, CARRIER_SORTS, Carrier.id)
    return Page([CarrierRow(*row) for row in rows], following)


def holding(wanted: Select[Any], asked: Asked, columns: tuple[Column, ...]) -> Select[Any]:
    """Narrow a list to rows in which every word searched for stands somewhere."""
    for word in asked.words:
        wanted = wanted.where(
            or_(*(func.lower(column).contains(word, autoescape=True) for column in columns))
        )
    return wanted


def page_of(
    session: Session,
    wanted: Select[Any],
    asked: Asked,
    sorts: Mapping[str, Column],
    id_: InstrumentedAttribute[int],
) -> tuple[list[Any], int | None]:
    """Return the rows after ``asked.after`` in the order asked for, and where the next begin.

    By key and not by counting: the thousandth page costs what the first does, and rows that
    were added meanwhile shift nothing.
    """
    key = sorts.get(asked.column) if asked.column else None
    key = next(iter(sorts.values())) if key is None else key
    if asked.after is not None:
        last = session.execute(
            wanted.with_only_columns(key).where(id_ == asked.after).order_by(None)
        ).one_or_none()
        if last is not None:
            there = tuple_(literal(last[0], key.type), literal(asked.after))
            here = tuple_(key, id_)
            wanted = wanted.where(here < there if asked.descending else here > there)
    order = (key.desc(), id_.desc()) if asked.descending else (key, id_)
    rows = list(session.execute(wanted.order_by(None).order_by(*order).limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1][0] if len(rows) > PAGE else None
