"""What a signing list is made of: the goods of a waybill or of a site, rations, households."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from aidlog.core.errors import Refusal
from aidlog.core.text import N_, Message
from aidlog.dispatch.arrivals import site_stock
from aidlog.dispatch.story import Story
from aidlog.needs.arithmetic import Due
from aidlog.needs.models import Standard
from aidlog.needs.people_now import people_at
from aidlog.needs.standards_now import rations_at
from aidlog.registry.models import Item, Organisation, Place
from aidlog.reports.distribution_sheet_pdf import MOST_LINES, Sheet, SheetItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked of a signing list: its day, its lines and its languages."""

    held_on: date | None
    first: int
    last: int | None
    languages: tuple[str, str]


class CannotPrint(Refusal):
    """There is nothing to give, or the lines asked for make no sheet."""


def sheet_of_waybill(session: Session, story: Story, wanted: Wanted) -> Sheet:
    """Return the list for what ``story`` carries; its quantities are the opening stock."""
    goods: dict[int, tuple[Item, int]] = {}
    for line in story.lines:
        known = goods.get(line.item.id, (line.item, 0))[1]
        goods[line.item.id] = (line.item, known + line.quantity)
    return _sheet(session, story.destination, story.organisation, goods, wanted, story.number)


def sheet_of_site(session: Session, site: Place, wanted: Wanted) -> Sheet:
    """Return the list for what stands at ``site`` now; the caller checked the site."""
    goods = {there.item.id: (there.item, there.quantity) for there in site_stock(session, site)}
    organisation = session.get_one(Organisation, site.organisation_id)
    return _sheet(session, site, organisation, goods, wanted, "")


def _sheet(
    session: Session,
    site: Place,
    organisation: Organisation,
    goods: Mapping[int, tuple[Item, int]],
    wanted: Wanted,
    paper: str,
) -> Sheet:
    if not goods:
        raise CannotPrint(Message(N_("Nothing stands here to be given. Confirm an arrival first.")))
    counted, row = people_at(session, site.id, datetime.now(UTC).date())
    households = counted.households
    last = wanted.last or min(wanted.first + MOST_LINES - 1, households or wanted.first + 99)
    if not 0 < wanted.first <= last < wanted.first + MOST_LINES:
        raise CannotPrint(
            Message(
                N_("Print lines from 1 upwards, at most {most} in one file."), {"most": MOST_LINES}
            )
        )
    held_on = wanted.held_on or datetime.now(UTC).date()
    due = rations_at(session, site.id, goods.keys(), held_on)
    items = sorted(goods.values(), key=lambda there: (there[0].tier, there[0].name_en))
    return Sheet(
        place=_shown(site),
        organisation=organisation.name,
        papers=[paper] if paper else [],
        held_on=wanted.held_on,
        households=households,
        people=counted.people,
        counted_on=(row.changed_on or row.counted_on) if row is not None else None,
        first=wanted.first,
        last=last,
        items=[
            _item(item, quantity, due.get(item.id), wanted.languages) for item, quantity in items
        ],
    )


def _item(item: Item, quantity: int, due: Standard | None, languages: tuple[str, str]) -> SheetItem:
    return SheetItem(
        names=(item.name_in(languages[0]), item.name_in(languages[1])),
        unit=item.base_unit,
        due=Due(due.basis, due.quantity, due.recurs_days, due.per) if due else None,
        opening=quantity,
    )


def _shown(site: Place) -> str:
    """Return a site's name for paper: a protected one by code and area only."""
    if site.shown_as == site.code:
        return f"{site.code} · {site.area}" if site.area else site.code
    return f"{site.name} ({site.code})"
