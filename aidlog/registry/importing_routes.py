"""Roads from a file: from where to where, how far, how long, at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.decimals import minor_digits
from aidlog.core.errors import Refusal
from aidlog.core.sheets import (
    Column,
    Finding,
    Kind,
    Question,
    Row,
    SheetPlan,
    Understood,
)
from aidlog.core.text import N_, Message
from aidlog.db.imports import Importer, ImportRows, counted, in_row
from aidlog.registry.importing_places import ACCESSES
from aidlog.registry.looking_up import Places
from aidlog.registry.models import Access, PlaceKind, Route
from aidlog.registry.queries import PlaceRow
from aidlog.registry.routes import (
    AddRoute,
    EditRoute,
    Road,
    add_route,
    check_road,
    edit_route,
)
from aidlog.registry.scope import must_edit_everywhere

#: Costs arrive in hundredths, also those in a currency that has none.
_COST_PLACES = 2
#: A field of a road → the column that says it.
_COLUMNS = {
    "minutes": "hours",
    "cost_per_tonne": "cost",
    "max_grams": "max_kg",
    "max_litres": "max_m3",
}

ROUTE_COLUMNS = SheetPlan(
    "routes",
    N_("Roads"),
    N_("Each road in one direction, from a warehouse or collection point to a place."),
    (
        Column(
            field="origin", heading=N_("From"), kind=Kind.TEXT, required=True, for_all=True,
            note=N_("Code or name of a warehouse or collection point."),
            also=("origin", "from warehouse", "name1", "start", "départ", "de", "origine",
                  "warehouse", "kutoka", "ivuye"),
            example=("W01",),
        ),
        Column(
            field="destination", heading=N_("To"), kind=Kind.TEXT, required=True,
            note=N_("Code of a place, or name where it is not protected."),
            also=("destination", "to site", "name2", "end", "arrivée", "vers", "site", "kwenda",
                  "igana"),
            example=("S01",),
        ),
        Column(
            field="km", heading=N_("Distance, km"), kind=Kind.DECIMAL, required=True, rounded=True,
            also=("km", "distance", "distance km", "kilometres", "umbali", "intera"),
            example=(62,),
        ),
        Column(
            field="hours", heading=N_("Driving time, hours"), kind=Kind.DECIMAL, places=2,
            required=True, note=N_("Of a loaded truck in today's weather: 2.5 is two and a half."),
            also=("hours", "duration", "time", "driving hours", "heures", "durée", "masaa",
                  "amasaha"),
            example=("2.5",),
        ),
        Column(
            field="cost", heading=N_("Cost per tonne"), kind=Kind.DECIMAL,
            places=_COST_PLACES, required=True, for_all=True,
            also=("cost per tonne", "cost", "cost per mt", "price per tonne", "coût par tonne",
                  "coût", "gharama", "igiciro"),
            example=(45,),
        ),
        Column(
            field="currency", heading=N_("Currency"), kind=Kind.CODE, required=True, for_all=True,
            note=N_("Three letters, such as USD."), also=("devise", "sarafu", "ifaranga"),
            hxl=("#currency",), example=("USD",),
        ),
        Column(
            field="access", heading=N_("Road"), kind=Kind.WORD, choices=ACCESSES, for_all=True,
            note=N_("Open, difficult or closed. Empty leaves a known road as it is."),
            also=("access", "status", "road status", "condition", "accès", "état"),
            hxl=("#access",), example=("open",),
        ),
        Column(field="closed_from", heading=N_("Closed from"), kind=Kind.DATE,
               also=("fermée du", "closed since"), example=("",)),
        Column(field="closed_until", heading=N_("Closed until"), kind=Kind.DATE,
               also=("fermée jusqu'au", "opens"), example=("",)),
        Column(field="max_kg", heading=N_("Most kg a day"), kind=Kind.DECIMAL, places=3,
               rounded=True, also=("max kg", "max load kg", "charge max kg"), example=("",)),
        Column(field="max_m3", heading=N_("Most m³ a day"), kind=Kind.DECIMAL, places=3,
               rounded=True, also=("max m3", "max volume m3"), example=("",)),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLine:
    """One road as a file says it; units as in :class:`~aidlog.registry.routes.Road`.

    What the file does not say of a known road stays as it is (None).
    """

    row: int
    origin_id: int
    destination_id: int
    km: int
    minutes: int
    cost_per_tonne: int
    currency: str
    access: Access | None
    closed_from: date | None
    closed_until: date | None
    max_grams: int | None
    max_litres: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRoutes(ImportRows):
    lines: tuple[RouteLine, ...]


def understand_routes(session: Session, actor: Actor, question: Question) -> Understood:
    """Return the roads that the rows describe; nothing is written."""
    must_edit_everywhere(actor)
    places = Places(session, actor)
    lines: list[RouteLine] = []
    findings: list[Finding] = []
    first: dict[tuple[int, int], int] = {}
    for row in question.rows:
        start = question.named(row, "origin", places, findings)
        end = question.named(row, "destination", places, findings)
        wrong = list(_wrong(row, start, end, first))
        if start and end and not wrong and _whole(row):
            line, wrong = _line(row, start, end)
            lines += [] if wrong else [line]
        findings += wrong
    return Understood(tuple(lines), tuple(findings))


def _wrong(
    row: Row, start: PlaceRow | None, end: PlaceRow | None, first: dict[tuple[int, int], int]
) -> list[Finding]:
    if start is None or end is None:
        return []
    what = None
    field = "destination"
    if start.id == end.id:
        what = Message(N_("A road goes from one place to another. Choose two places."))
    elif start.kind is PlaceKind.SITE:
        what = Message(N_("A road starts at a warehouse or a collection point."))
        field = "origin"
    elif (start.id, end.id) in first:
        what = Message(N_("This road stands in row {row} too. Keep one of the two."),
                       {"row": first[start.id, end.id]})  # fmt: skip
    first.setdefault((start.id, end.id), row.number)
    return [] if what is None else [Finding(row=row.number, field=field, what=what)]


def _whole(row: Row) -> bool:
    return {"km", "hours", "cost", "currency"} <= row.values.keys()


def _line(row: Row, start: PlaceRow, end: PlaceRow) -> tuple[RouteLine, list[Finding]]:
    """Return what a row says of a road, and what of it cannot be."""
    currency = row.text("currency").upper()
    cost, rest = divmod(row.number_of("cost") or 0, 10 ** (_COST_PLACES - minor_digits(currency)))
    line = RouteLine(
        row=row.number,
        origin_id=start.id,
        destination_id=end.id,
        km=row.number_of("km") or 0,
        minutes=((row.number_of("hours") or 0) * 60 + 50) // 100,
        cost_per_tonne=cost,
        currency=currency,
        access=Access(row.text("access")) if row.text("access") else None,
        closed_from=row.day("closed_from"),
        closed_until=row.day("closed_until"),
        max_grams=row.number_of("max_kg"),
        max_litres=row.number_of("max_m3"),
    )
    if rest:
        what = Message(N_("{currency} has no smaller unit. Write the cost as a whole number."),
                       {"currency": currency})  # fmt: skip
        return line, [Finding(row=row.number, field="cost", what=what)]
    try:
        check_road(_road(line, None))
    except Refusal as refusal:
        field = _COLUMNS.get(refusal.field or "", refusal.field or "")
        return line, [Finding(row=row.number, field=field, what=refusal.message)]
    return line, []


def import_routes(session: Session, actor: Actor, command: ImportRoutes) -> dict[str, Any]:
    """Add the new roads and say anew what the file says of known ones; count both."""
    must_edit_everywhere(actor)
    known = {
        (route.origin_id, route.destination_id): route for route in session.scalars(select(Route))
    }
    added = changed = 0
    for line in command.lines:
        with in_row(line.row):
            route = known.get((line.origin_id, line.destination_id))
            if route is None:
                add_route(
                    session,
                    actor,
                    AddRoute(
                        command_id=command.command_id,
                        origin_id=line.origin_id,
                        destination_id=line.destination_id,
                        road=_road(line, None),
                    ),
                )
                added += 1
            else:
                before = _facts(route)
                road = _road(line, route)
                edit = EditRoute(command_id=command.command_id, route_id=route.id, road=road)
                edit_route(session, actor, edit)
                changed += before != _facts(route)
    return dict(counted(command.lines, changed, added))


def _road(line: RouteLine, known: Route | None) -> Road:
    """Return the road that a line describes, with what is ``known`` where it says nothing."""
    days: Route | RouteLine = line
    if known is not None and line.closed_from is None and line.closed_until is None:
        days = known
    return Road(
        km=line.km,
        minutes=line.minutes,
        cost_per_tonne=line.cost_per_tonne,
        currency=line.currency,
        access=line.access or (known.access if known else Access.OPEN),
        closed_from=days.closed_from,
        closed_until=days.closed_until,
        max_grams=_said(line.max_grams, known.max_grams if known else None),
        max_litres=_said(line.max_litres, known.max_litres if known else None),
    )


def _said(figure: int | None, known: int | None) -> int | None:
    return known if figure is None else figure


def _facts(route: Route) -> tuple[object, ...]:
    return (
        route.km, route.minutes, route.cost_per_tonne, route.currency, route.access,
        route.closed_from, route.closed_until, route.max_grams, route.max_litres,
    )  # fmt: skip


ROUTES = Importer(
    ROUTE_COLUMNS, Permission.REGISTRY_EDIT, understand_routes, ImportRoutes, import_routes
)
