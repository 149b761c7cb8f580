"""The rows of each list that can be taken out, as the pages show them.

They come from the queries of the pages, page by page, so a file equals the screen with the
same filters and reaches no further than its maker. A protected site stands under its code.
Kinds and states are said in words, in the maker's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.core.decimals import shown_decimal
from aidlog.core.quantity import BaseUnit
from aidlog.core.sheets import Choice
from aidlog.core.text import N_, Message
from aidlog.dispatch import queries as trucks
from aidlog.dispatch.queries import WaybillFilter
from aidlog.dispatch.wording import STATE_WORDS as WAYBILL_STATES
from aidlog.donations import queries as gifts
from aidlog.donations.models import PledgeState
from aidlog.donations.pledging import OPEN
from aidlog.donations.wording import STATE_WORDS as PLEDGE_STATES
from aidlog.ledger.movement import Account, MovementKind
from aidlog.needs.beside_wording import COUNTS
from aidlog.needs.wording import CONFIDENCES
from aidlog.planning.board import Beside
from aidlog.planning.board_query import board_sites, needs_board
from aidlog.planning.board_statement import View
from aidlog.registry.finding_items import find_items
from aidlog.registry.item_words import KILOGRAMS, LITRES, PIECES
from aidlog.registry.lists import Asked as AskedOfList
from aidlog.registry.lists import list_places
from aidlog.registry.models import PlaceKind
from aidlog.registry.wording import ACCESSES, BASE_UNITS, PACK_KINDS
from aidlog.reports.exports.flat_file import Row
from aidlog.stock.history import MovementLine, journal_lines
from aidlog.stock.levels import LevelFilter, levels, warehouses
from aidlog.stock.naming import names_of
from aidlog.stock.wording import sentence

#: Rows fetched at once.
PAGE = 500
#: The days of needs where nothing else is asked.
NEED_DAYS = 30
#: Above any catalogue.
ALL_ITEMS = 1_000_000
#: What a file counts an item in, and how many digits of base units stand behind its point.
COUNTED_IN: Mapping[BaseUnit, tuple[Choice, int]] = {
    BaseUnit.PIECE: (PIECES, 0),
    BaseUnit.GRAM: (KILOGRAMS, 3),
    BaseUnit.MILLILITRE: (LITRES, 3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who takes the list out, in which language, and what it is narrowed to on the page."""

    session: Session
    actor: Actor
    language: str
    say: Callable[[Message], str]
    now: datetime
    narrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(UTC).date()

    def one(self, name: str) -> str:
        """Return what a filter is set to; empty where it is not."""
        return next(iter(self.narrowed.get(name, ())), "")

    def every(self, name: str) -> tuple[str, ...] | None:
        """Return all that a filter is set to; None where it is not."""
        return self.narrowed.get(name) or None

    def word(self, template: str) -> str:
        """Return a marked word in the language asked for."""
        return self.say(Message(template))

    def unit(self, unit: BaseUnit) -> str:
        """Return the word for one of what quantities are whole numbers of."""
        return self.word(BASE_UNITS[unit])


def items(asked: Asked) -> Iterator[Row]:
    """The catalogue, one row an item, counted and weighed as its import reads them back."""
    found = find_items(
        asked.session,
        asked.one("q"),
        category=asked.one("category") or None,
        unused_too=asked.one("all") == "1",
        limit=ALL_ITEMS,
    )
    for item in found.items:
        counted_in, places = COUNTED_IN[item.base_unit]
        yield [
            item.code, item.name_en, item.name_fr, item.name_sw, item.name_rw, item.category,
            asked.word(counted_in.word), item.tier, _figure(item.weight_mg, 6 - places),
            _figure(item.volume_mm3, 6 - places),
            asked.word(PACK_KINDS[item.pack_kind]) if item.pack_kind else None,
            _figure(item.pack_size, places),
        ]  # fmt: skip


def sites(asked: Asked) -> Iterator[Row]:
    """The sites among the places; closed ones where they are asked for."""
    after: int | None = None
    while True:
        which = AskedOfList(
            search=asked.one("q"), sort="code", after=after, everything=asked.one("all") == "1"
        )
        page = list_places(asked.session, asked.actor, which, kind=PlaceKind.SITE)
        for place in page.rows:
            yield [
                place.code, place.shown_as, place.area, asked.word(ACCESSES[place.access]),
                asked.word(N_("yes") if place.protected else N_("no")), place.organisation,
            ]  # fmt: skip
        after = page.next
        if after is None:
            return


def population(asked: Asked) -> Iterator[Row]:
    """Who lives at each site: the latest count with who came and left since."""
    for site in board_sites(asked.session, asked.actor, today=asked.today):
        yield [
            site.code, site.shown_as, site.area, site.people, site.households, site.counted_on,
            site.changed_on,
            asked.word(CONFIDENCES[site.confidence]) if site.confidence else None,
        ]  # fmt: skip


def stock(asked: Asked) -> Iterator[Row]:
    """What there is of each item; the first expiry however far it is."""
    places = _within(asked)
    if places == []:
        return
    which = LevelFilter(
        warehouse_id=places[0] if places else None,
        search=asked.one("q"),
        category=asked.one("category"),
        expires_by=_until(asked, asked.one("expires")),
    )
    after = ""
    while page := levels(asked.session, asked.actor, which, after=after, near=date.max, limit=PAGE):
        for row in page:
            yield [
                row.item.code, row.item.name_in(asked.language), asked.unit(row.item.base_unit),
                row.on_hand, row.reserved, row.held, row.free, row.first_expiry,
            ]  # fmt: skip
        after = page[-1].item.code


def movements(asked: Asked) -> Iterator[Row]:
    """What went where, newest first; what is no place (a donor, a loss) is in the movement."""
    places = _within(asked)
    within = asked.actor.places(Permission.STOCK_VIEW) if places is None else places
    kinds = [MovementKind(kind) for kind in asked.every("kinds") or ()]
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
                line.occurred_at, line.recorded_at, line.document,
                asked.say(_what(line, names)), line.item.code,
                line.item.name_in(asked.language), line.lot, line.quantity,
                asked.unit(line.item.base_unit), names.get(line.source), names.get(line.target),
            ]  # fmt: skip
        before = page[-1].id
        asked.session.expunge_all()


def needs(asked: Asked) -> Iterator[Row]:
    """What each site needs of each item for the days of the board, and what it holds."""
    starts_on = _day(asked.one("starts_on")) or asked.today
    ends_on = _day(asked.one("ends_on")) or starts_on + timedelta(days=NEED_DAYS - 1)
    view = View(sites=asked.every("site"), areas=asked.every("area"), items=asked.every("item"))
    board = needs_board(
        asked.session, asked.actor, starts_on, ends_on, view=view, today=asked.today
    )
    for site in board.sites:
        for item, cell in zip(board.items, board.row(site), strict=True):
            yield [
                starts_on, ends_on, site.code, site.shown_as, site.area, site.people,
                site.households, item.code, item.name_in(asked.language),
                asked.unit(item.base_unit), cell.need, cell.held, cell.gap,
                asked.word(COUNTS[cell.counts]), cell.computed,
                *_beside(cell.beside),
            ]  # fmt: skip


def _beside(other: Beside | None) -> Row:
    """Return what was assessed, waits for a decision, is approved, and of it still open."""
    if other is None:
        return [None] * 4
    still_open = other.still_open if other.approved else None
    return [other.assessed, other.waiting, other.approved, still_open]


def pledges(asked: Asked) -> Iterator[Row]:
    """What was promised and what of it came, newest first."""
    state = asked.one("state")
    states = {PledgeState(state)} if state in set(PledgeState) else OPEN if state == "open" else ()
    before: int | None = None
    while page := gifts.pledges(
        asked.session,
        asked.actor,
        states=states,
        search=asked.one("q"),
        before=before,
        limit=PAGE,
    ):
        for row in page:
            yield [
                row.reference, row.donor_name, row.item.code, row.item.name_in(asked.language),
                asked.unit(row.item.base_unit), row.quantity, row.received, row.open,
                row.expected_on, asked.word(PLEDGE_STATES[row.state]), row.created_at,
            ]  # fmt: skip
        before = page[-1].id


def waybills(asked: Asked) -> Iterator[Row]:
    """The trucks, newest first."""
    state = asked.one("state") or "all"
    before: int | None = None
    while page := trucks.waybills(
        asked.session,
        asked.actor,
        WaybillFilter(state=state, warehouse=asked.one("from"), before=before),
        now=asked.now,
    ):
        for row in page:
            yield [
                row.number, asked.word(WAYBILL_STATES[row.state]), row.origin.shown_as,
                row.destination.shown_as, row.plan, row.lines,
                None if row.unweighed else row.grams, row.expected_at,
            ]  # fmt: skip
        before = page[-1].id


def _what(line: MovementLine, names: Mapping[Account, str]) -> Message:
    """Return what a movement was, without the giver: it may be a private person."""
    if line.kind is MovementKind.RECEIVED:
        return Message(N_("Received"))
    return sentence(line, names)


def _within(asked: Asked) -> list[int] | None:
    """Return the warehouse that the list is narrowed to, None for all; nobody else's is one."""
    code = asked.one("warehouse")
    if not code:
        return None
    return [place.id for place in warehouses(asked.session, asked.actor) if place.code == code]


def _until(asked: Asked, days: str) -> date | None:
    return asked.today + timedelta(days=min(int(days), 3650)) if days.isdigit() else None


def _figure(scaled: int | None, places: int) -> Decimal | None:
    """Return a figure with ``places`` digits behind its point, exactly; None is unknown."""
    return None if scaled is None else Decimal(shown_decimal(scaled, places=places))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
