"""The lists that can be taken out as a file: columns, class, and what narrows them.

Their rows are read in rows.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.text import N_, Message
from aidlog.registry.item_columns import ITEM_COLUMNS
from aidlog.registry.models import Organisation
from aidlog.reports.exports import rows
from aidlog.reports.exports.flat_file import Head, Row
from aidlog.reports.exports.rows import Asked


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


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One list. ``permission`` is what its page needs, ``filters`` what narrows that page."""

    title: str
    sensitivity: Sensitivity
    permission: Permission
    columns: tuple[Column, ...]
    rows: Callable[[Asked], Iterator[Row]]
    filters: tuple[str, ...] = ()

    def head(self, asked: Asked, *, hxl: bool = False) -> Head:
        """Return what stands over the rows, in the language asked for."""
        day = asked.now.astimezone(UTC).date().isoformat()
        title = f"{asked.say(Message(self.title))}, {day}"
        return Head(
            title=f"{title}. {asked.say(Message(CLASSES[self.sensitivity]))}",
            headings=[asked.say(Message(column.heading)) for column in self.columns],
            tags=[column.tag for column in self.columns] if hxl else (),
        )


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
#: The columns of the catalogue as "aidlog import items" reads them back → their tags.
_READ_BACK = {
    "code": "#item+code",
    "name_en": "#item+name+i_en",
    "name_fr": "#item+name+i_fr",
    "name_sw": "#item+name+i_sw",
    "name_rw": "#item+name+i_rw",
    "category": "#item+type",
    "base_unit": "#item+unit",
    "tier": "#priority",
    "weight_kg": "#value+item+weight",
    "volume_l": "#value+item+volume",
    "pack_kind": "#item+pack",
    "pack_size": "#value+item+pack",
}
P = Permission

KINDS: Mapping[str, Kind] = {
    "items": Kind(
        title=N_("Items"),
        sensitivity=Sensitivity.LOW,
        permission=P.REGISTRY_VIEW,
        columns=tuple(
            Column(ITEM_COLUMNS.column(name).heading, tag) for name, tag in _READ_BACK.items()
        ),
        rows=rows.items,
        filters=("q", "category", "all"),
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
        rows=rows.sites,
        filters=("q", "all"),
    ),
    "population": Kind(
        title=N_("Counts of people"),
        sensitivity=Sensitivity.HIGH,
        permission=P.NEEDS_VIEW,
        columns=(
            *_SITE,
            *_PEOPLE,
            Column(N_("Counted on"), "#date+reported"),
            Column(N_("Changed on"), "#date+changed"),
            Column(N_("Confidence"), "#status+confidence"),
        ),
        rows=rows.population,
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
        rows=rows.stock,
        filters=("q", "category", "expires", "warehouse"),
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
        ),
        rows=rows.movements,
        filters=("warehouse", "kinds"),
    ),
    "needs": Kind(
        title=N_("Needs"),
        sensitivity=Sensitivity.HIGH,
        permission=P.NEEDS_VIEW,
        columns=(
            Column(N_("First day"), "#date+start"),
            Column(N_("Last day"), "#date+end"),
            *_SITE,
            *_PEOPLE,
            *_ITEM,
            _UNIT,
            Column(N_("Need"), "#value+item+need"),
            Column(N_("Held or on the way"), "#value+item+received"),
            Column(N_("Still missing"), "#value+item+gap"),
            Column(N_("Which figure counts"), "#meta+need"),
            Column(N_("By standards"), "#value+item+need+computed"),
            Column(N_("Assessed"), "#value+item+need+assessed"),
            Column(N_("Asked for, not decided"), "#value+item+requested"),
            Column(N_("Asked for and approved"), "#value+item+approved"),
            Column(N_("of it still open"), "#value+item+open"),
        ),
        rows=rows.needs,
        filters=("starts_on", "ends_on", "area", "site", "item"),
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
        rows=rows.pledges,
        filters=("q", "state"),
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
        rows=rows.waybills,
        filters=("state", "from"),
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
