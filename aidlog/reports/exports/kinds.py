"""The lists that can be taken out as a file: columns, class, and the rows as the pages show them.

Rows come from the queries of the pages, page by page, so a file equals the screen with the
same filters and reaches no further than its maker. A protected site stands under its code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.text import N_, Message
from aidlog.dispatch import queries as trucks
from aidlog.dispatch.queries import WaybillFilter
from aidlog.donations import queries as gifts
from aidlog.donations.models import PledgeState
from aidlog.donations.pledging import OPEN
from aidlog.ledger.movement import MovementKind
from aidlog.planning.board_query import board_sites, needs_board
from aidlog.registry.models import Item, Organisation, Place, PlaceKind
from aidlog.registry.queries import item_rows, places
from aidlog.reports.exports.flat_file import Head, Row
from aidlog.stock.history import journal_lines
from aidlog.stock.levels import LevelFilter, levels
from aidlog.stock.naming import names_of

#: Rows fetched at once.
PAGE = 500
#: The days of a needs board where nothing else is asked.
NEED_DAYS = 30


class Sensitivity(StrEnum):
    """How much harm a file does in the wrong hands; in its header and its name."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


CLASSES = {
    Sensitivity.LOW: N_("Class: low"),
    Sensitivity.MODERATE: N_("Class: moderate. For people of the operation only."),
    Sensitivity.HIGH: N_("Class: high. Not to be passed on; delete it when it has served."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who takes the list out, in which language, and what it is narrowed to on the page."""

    session: Session
    actor: Actor
    language: str
    say: Callable[[Message], str]
    now: datetime
    narrowed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One list. ``permission`` is what its page needs."""

    title: str
    sensitivity: Sensitivity
    permission: Permission
    columns: tuple[Column, ...]
    rows: Callable[[Asked], Iterator[Row]]

    def head(self, asked: Asked, *, hxl: bool = False) -> Head:
        """Return what stands over the rows, in the language asked for."""
        day = asked.now.astimezone(UTC).date().isoformat()
        title = f"{asked.say(Message(self.title))}, {day}"
        return Head(
            title=f"{title}. {asked.say(Message(CLASSES[self.sensitivity]))}",
            headings=[asked.say(Message(column.heading)) for column in self.columns],
            tags=[column.tag for column in self.columns] if hxl else (),
        )


def _items(asked: Asked) -> Iterator[Row]:
    for row in asked.session.execute(item_rows().where(Item.active).order_by(Item.code)):
        (_id, code, en, fr, sw, rw, category, unit, tier, mg, mm3, _active, pack, size) = row
        yield [code, en, fr, sw, rw, category, unit, tier, mg, mm3, pack, size]


def _sites(asked: Asked) -> Iterator[Row]:
    for place in places(asked.session, asked.actor, kinds=(PlaceKind.SITE,)):
        yield [
            place.code, place.shown_as, place.area, place.access.value,
            "yes" if place.protected else "no", place.organisation,
        ]  # fmt: skip


def _population(asked: Asked) -> Iterator[Row]:
    for site in board_sites(asked.session, asked.actor):
        confidence = site.confidence.value if site.confidence else None
        yield [
            site.code, site.shown_as, site.area, site.people, site.households, site.counted_on,
            confidence,
        ]  # fmt: skip


def _stock(asked: Asked) -> Iterator[Row]:
    given = asked.narrowed
    which = LevelFilter(
        warehouse_id=_warehouse(asked),
        search=given.get("q", ""),
        category=given.get("category", ""),
        expires_by=_until(asked, given.get("expires", "")),
    )
    after, near = "", asked.now.date() + timedelta(days=3650)
    while page := levels(asked.session, asked.actor, which, after=after, near=near, limit=PAGE):
        for row in page:
            yield [
                row.item.code, row.item.name_in(asked.language), row.item.base_unit.value,
                row.on_hand, row.reserved, row.held, row.free, row.first_expiry,
            ]  # fmt: skip
        after = page[-1].item.code


def _movements(asked: Asked) -> Iterator[Row]:
    warehouse = _warehouse(asked)
    seen = asked.actor.places(Permission.STOCK_VIEW)
    within = seen if warehouse is None else [warehouse]
    kinds = [MovementKind(kind) for kind in asked.narrowed.get("kinds", "").split(",") if kind]
    before: int | None = None
    while page := journal_lines(
        asked.session,
        asked.actor.organisation_ids,
        places=within,
        kinds=kinds,
        before=before,
        limit=PAGE,
    ):
        names = names_of(asked.session, (s for line in page for s in (line.source, line.target)))
        for line in page:
            yield [
                line.occurred_at, line.recorded_at, line.document, line.kind.value,
                line.item.code, line.item.name_in(asked.language), line.lot, line.quantity,
                line.item.base_unit.value, names.get(line.source, line.source.kind.value),
                names.get(line.target, line.target.kind.value), line.by,
            ]  # fmt: skip
        before = page[-1].id
        asked.session.expunge_all()


def _needs(asked: Asked) -> Iterator[Row]:
    today = asked.now.astimezone(UTC).date()
    board = needs_board(
        asked.session, asked.actor, today, today + timedelta(days=NEED_DAYS - 1), today=today
    )
    sites = {site.id: site for site in board.sites}
    items = {item.id: item for item in board.items}
    for (site_id, item_id), cell in board.cells.items():
        site, item = sites[site_id], items[item_id]
        yield [
            site.code, site.shown_as, site.area, site.people, site.households, item.code,
            item.name_in(asked.language), item.base_unit.value, cell.need, cell.held, cell.gap,
        ]  # fmt: skip


def _pledges(asked: Asked) -> Iterator[Row]:
    state = asked.narrowed.get("state", "")
    states = {PledgeState(state)} if state in set(PledgeState) else OPEN if state == "open" else ()
    before: int | None = None
    while page := gifts.pledges(
        asked.session,
        asked.actor,
        states=states,
        search=asked.narrowed.get("q", ""),
        before=before,
        limit=PAGE,
    ):
        for row in page:
            yield [
                row.reference, row.donor_name, row.item.code, row.item.name_in(asked.language),
                row.item.base_unit.value, row.quantity, row.received, row.open, row.expected_on,
                row.state.value, row.created_at,
            ]  # fmt: skip
        before = page[-1].id


def _waybills(asked: Asked) -> Iterator[Row]:
    state = asked.narrowed.get("state", "all")
    before: int | None = None
    while page := trucks.waybills(
        asked.session,
        asked.actor,
        WaybillFilter(state=state, warehouse=asked.narrowed.get("from", ""), before=before),
        now=asked.now,
    ):
        for row in page:
            yield [
                row.number, row.state.value, row.origin.shown_as, row.destination.shown_as,
                row.plan, row.lines, None if row.unweighed else row.grams, row.expected_at,
            ]  # fmt: skip
        before = page[-1].id


def _warehouse(asked: Asked) -> int | None:
    """Return the warehouse that the list is narrowed to; nobody's is asked for by its code."""
    code = asked.narrowed.get("warehouse", "")
    if not code:
        return None
    found = asked.session.scalar(select(Place.id).where(Place.code == code))
    return -1 if found is None else found


def _until(asked: Asked, days: str) -> date | None:
    return asked.now.date() + timedelta(days=min(int(days), 3650)) if days.isdigit() else None


_ITEM = (
    Column(N_("Item code"), "#item+code"),
    Column(N_("Item"), "#item+name"),
)
_SITE = (
    Column(N_("Site code"), "#loc+code"),
    Column(N_("Site"), "#loc+name"),
    Column(N_("Area"), "#adm2+name"),
)
_PEOPLE = (
    Column(N_("People"), "#population+ind"),
    Column(N_("Households"), "#population+hh"),
)
_UNIT = Column(N_("Base unit"), "#item+unit")
P = Permission

KINDS: Mapping[str, Kind] = {
    "items": Kind(
        title=N_("Items"),
        sensitivity=Sensitivity.LOW,
        permission=P.REGISTRY_VIEW,
        columns=(
            _ITEM[0],
            Column(N_("Name in English"), "#item+name+i_en"),
            Column(N_("Name in French"), "#item+name+i_fr"),
            Column(N_("Name in Swahili"), "#item+name+i_sw"),
            Column(N_("Name in Kinyarwanda"), "#item+name+i_rw"),
            Column(N_("Category"), "#item+type"),
            _UNIT,
            Column(N_("Tier"), "#priority"),
            Column(N_("Weight of a unit (mg)"), "#value+item+weight"),
            Column(N_("Volume of a unit (mm³)"), "#value+item+volume"),
            Column(N_("Pack to issue"), "#item+pack"),
            Column(N_("Units in it"), "#value+item+pack"),
        ),
        rows=_items,
    ),
    "sites": Kind(
        title=N_("Sites"),
        sensitivity=Sensitivity.MODERATE,
        permission=P.REGISTRY_VIEW,
        columns=(
            *_SITE,
            Column(N_("Access"), "#access"),
            Column(N_("Protected"), "#status+protected"),
            Column(N_("Organisation"), "#org+name+impl"),
        ),
        rows=_sites,
    ),
    "population": Kind(
        title=N_("Counts of people"),
        sensitivity=Sensitivity.HIGH,
        permission=P.NEEDS_VIEW,
        columns=(
            *_SITE,
            *_PEOPLE,
            Column(N_("Counted on"), "#date+reported"),
            Column(N_("Confidence"), "#status+confidence"),
        ),
        rows=_population,
    ),
    "stock": Kind(
        title=N_("Stock"),
        sensitivity=Sensitivity.HIGH,
        permission=P.STOCK_VIEW,
        columns=(
            *_ITEM,
            _UNIT,
            Column(N_("On hand"), "#value+item+onhand"),
            Column(N_("Reserved"), "#value+item+reserved"),
            Column(N_("Held"), "#value+item+held"),
            Column(N_("Free"), "#value+item+free"),
            Column(N_("First expiry"), "#date+expiry"),
        ),
        rows=_stock,
    ),
    "movements": Kind(
        title=N_("Movements"),
        sensitivity=Sensitivity.HIGH,
        permission=P.STOCK_VIEW,
        columns=(
            Column(N_("Happened on"), "#date+occurred"),
            Column(N_("Recorded on"), "#date+reported"),
            Column(N_("Document"), "#meta+document"),
            Column(N_("Movement"), "#activity"),
            *_ITEM,
            Column(N_("Lot"), "#item+lot"),
            Column(N_("Quantity"), "#value+item+moved"),
            _UNIT,
            Column(N_("From"), "#loc+origin"),
            Column(N_("To"), "#loc+destination"),
            Column(N_("Recorded by"), "#contact"),
        ),
        rows=_movements,
    ),
    "needs": Kind(
        title=N_("Needs of 30 days"),
        sensitivity=Sensitivity.HIGH,
        permission=P.NEEDS_VIEW,
        columns=(
            *_SITE,
            *_PEOPLE,
            *_ITEM,
            _UNIT,
            Column(N_("Need"), "#value+item+need"),
            Column(N_("Held or on the way"), "#value+item+received"),
            Column(N_("Still missing"), "#value+item+gap"),
        ),
        rows=_needs,
    ),
    "pledges": Kind(
        title=N_("Pledges"),
        sensitivity=Sensitivity.MODERATE,
        permission=P.PLEDGE_VIEW,
        columns=(
            Column(N_("Reference"), "#meta+reference"),
            Column(N_("Donor"), "#org+name+funder"),
            *_ITEM,
            _UNIT,
            Column(N_("Promised"), "#value+item+pledged"),
            Column(N_("Received"), "#value+item+received"),
            Column(N_("Open"), "#value+item+open"),
            Column(N_("Expected on"), "#date+expected"),
            Column(N_("State"), "#status"),
            Column(N_("Promised on"), "#date+reported"),
        ),
        rows=_pledges,
    ),
    "waybills": Kind(
        title=N_("Waybills"),
        sensitivity=Sensitivity.HIGH,
        permission=P.WAYBILL_VIEW,
        columns=(
            Column(N_("Waybill"), "#meta+waybill"),
            Column(N_("State"), "#status"),
            Column(N_("From"), "#loc+origin"),
            Column(N_("To"), "#loc+destination"),
            Column(N_("Plan"), "#meta+plan"),
            Column(N_("Lines"), "#value+lines"),
            Column(N_("Weight (g)"), "#value+weight"),
            Column(N_("Expected on"), "#date+expected"),
        ),
        rows=_waybills,
    ),
}


def everything(session: Session) -> Actor:
    """Return an actor who sees every list of every organisation: whoever keeps the machine."""
    organisations = frozenset(session.scalars(select(Organisation.id)))
    seen = {kind.permission: None for kind in KINDS.values()}
    return Actor(user_id=0, organisation_ids=organisations, grants=seen)


def file_name(name: str, *, now: datetime, ending: str) -> str:
    """Return the name of a file: what it is, its class and its day, and nobody's name."""
    day = now.astimezone(UTC).date().isoformat()
    return f"aidlog-{name}-{KINDS[name].sensitivity.value}-{day}.{ending}"
