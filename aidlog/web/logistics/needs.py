"""The needs board: a heat table of sites and items, and how each number is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from aidlog.core.actor import Permission
from aidlog.core.text import N_, Message
from aidlog.extensions import db
from aidlog.needs.arithmetic import horizon
from aidlog.needs.beside_wording import COUNTS
from aidlog.needs.models import Counts
from aidlog.needs.wording import CONFIDENCES
from aidlog.planning.board import Board, BoardItem, BoardSite, Cell
from aidlog.planning.board_items import ItemChoice, board_items
from aidlog.planning.board_query import board_sites, needs_board
from aidlog.planning.board_statement import View
from aidlog.reports.needs_cell import CellStory, cell_story
from aidlog.web.filters import coverage_class, percent
from aidlog.web.guards import actor, requires
from aidlog.web.i18n import language, say
from aidlog.web.logistics.need_choices import CountsForm
from aidlog.web.logistics.needs_words import how_needed, rough, short_names, standard_of
from aidlog.web.logistics.registry_words import said

bp = Blueprint("needs", __name__)

#: The board looks this many days ahead unless other days are chosen: one monthly cycle.
USUAL_DAYS = 30
LONGEST_DAYS = 366
#: Rows and columns of one leaf of the table; totals and baskets are those of the whole view.
ROWS = 50
MOST_COLUMNS = 16

SORTS = {
    "lowest": N_("lowest first"),
    "name": N_("by name"),
    "area": N_("by zone"),
}
#: Beside a need that is not that of the standards, which bear no mark.
MARKS = {Counts.ASSESSED: "◆", Counts.REQUESTED: "▲"}
SHOWN = {"coverage": N_("Coverage"), "gap": N_("Gap"), "need": N_("Need")}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; whatever it cannot mean is left out.

    ``items`` None: nobody chose, all are shown. ``skip`` rows and ``column`` columns stand on
    leaves before this one; None: the leaf with the chosen cell, else the first.
    """

    starts_on: date
    ends_on: date
    areas: tuple[str, ...]
    sites: tuple[str, ...]
    items: tuple[str, ...] | None
    sort: str
    show: str
    cell: tuple[str, str] | None
    skip: int | None
    column: int | None

    def address(self, endpoint: str = "needs.board", **changes: object) -> str:
        """Return the address of this view with ``changes``; None drops a part."""
        parts: dict[str, object] = {
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "area": self.areas,
            "site": self.sites,
            "item": self.items or (),
            "sort": self.sort if self.sort != "lowest" else None,
            "show": self.show if self.show != "coverage" else None,
            "cell": "~".join(self.cell) if self.cell else None,
            "skip": self.skip,
            "column": self.column,
        } | changes
        kept = {name: value for name, value in parts.items() if value not in (None, ())}
        return f"{url_for(endpoint)}?{urlencode(kept, doseq=True)}"


@dataclass(frozen=True, slots=True)
class Square:
    """A cell as it is shown: the chief figure, the lesser one, and its colour.

    ``counts`` is which figure is the need; any but the standards' is marked.
    """

    code: str
    colour: str
    chief: str
    lesser: str
    chosen: bool
    counts: Counts


@dataclass(frozen=True)
class Page:
    """The board with what is needed to show it."""

    asked: Asked
    board: Board
    sites: list[BoardSite]
    items: list[ItemChoice]
    all_sites: list[BoardSite]
    story: CellStory | None

    @cached_property
    def areas(self) -> list[str]:
        """The zones of all sites that may be seen."""
        return sorted({site.area for site in self.all_sites})

    @cached_property
    def skip(self) -> int:
        """How many sites stand on the leaves before this one."""
        if self.asked.skip is None and self.story is not None:
            return self.sites.index(self.story.site) // ROWS * ROWS
        return self.asked.skip or 0

    @cached_property
    def rows(self) -> list[BoardSite]:
        """The sites of this leaf of the table."""
        return self.sites[self.skip : self.skip + ROWS]

    @property
    def next_skip(self) -> int | None:
        """Where the next leaf of sites starts; None on the last one."""
        end = self.skip + ROWS
        return end if end < len(self.sites) else None

    @cached_property
    def columns(self) -> Sequence[BoardItem]:
        """The items of this leaf. Leaves are of one width, so that no column stands alone."""
        return self.board.items[self.first_column : self.first_column + self._width]

    @cached_property
    def first_column(self) -> int:
        """How many items stand on the leaves before this one."""
        at = self.asked.column
        if at is None:
            at = self.board.items.index(self.story.item) if self.story is not None else 0
        return min(at, max(0, len(self.board.items) - 1)) // self._width * self._width

    @cached_property
    def _width(self) -> int:
        leaves = -(-len(self.board.items) // MOST_COLUMNS)
        return -(-len(self.board.items) // leaves) if leaves else 1

    @property
    def next_column(self) -> int | None:
        """Where the next leaf of items starts; None on the last one."""
        end = self.first_column + self._width
        return end if end < len(self.board.items) else None

    @property
    def last_column(self) -> int | None:
        """Where the leaf before this one starts; None on the first one."""
        return self.first_column - self._width if self.first_column else None

    @cached_property
    def worst(self) -> tuple[BoardSite, BoardItem, Cell] | None:
        """The least covered cell of the view."""
        cell = self.board.headline.worst
        if cell is None:
            return None
        site = next(site for site in self.sites if site.id == cell.site_id)
        item = next(item for item in self.board.items if item.id == cell.item_id)
        return site, item, cell

    @cached_property
    def marked(self) -> list[Counts]:
        """Which figures beside the standards' count anywhere in the view, for the key."""
        there = {cell.counts for cell in self.board.cells.values() if cell.beside}
        return [counts for counts in MARKS if counts in there]

    def squares(self, site: BoardSite) -> list[Square]:
        """Return the cells of one row as they are shown."""
        return [
            self._square(site, item, self.board.cells[site.id, item.id]) for item in self.columns
        ]

    def _square(self, site: BoardSite, item: BoardItem, cell: Cell) -> Square:
        chosen = self.story is not None and self.story.cell is cell
        chief, lesser = _figures(item, cell, self.asked.show)
        return Square(
            code=f"{site.code}~{item.code}",
            colour="cx" if cell.unknown else coverage_class(cell.coverage),
            chief=chief,
            lesser=lesser,
            chosen=chosen,
            counts=cell.counts,
        )


@bp.get("/needs")
@requires(Permission.NEEDS_VIEW)
def board() -> ResponseReturnValue:
    """Show what each site needs and how much of it is there or on the way."""
    page = _page()
    return render_template(
        "logistics/needs.html",
        page=page,
        asked=page.asked,
        board=page.board,
        tongue=language(),
        short=short_names(page.board.items, language()),
        sorts={key: say(Message(words)) for key, words in SORTS.items()},
        shown={key: say(Message(words)) for key, words in SHOWN.items()},
        rough=rough,
        standard_of=standard_of,
        how_needed=how_needed,
        counts=said(COUNTS),
        marks=MARKS,
        confidences=said(CONFIDENCES),
        counts_form=CountsForm.of(page.story, page.asked.address(cell=None)),
    )


@bp.get("/needs.xlsx")
@requires(Permission.NEEDS_VIEW)
def workbook() -> ResponseReturnValue:
    """Send the same board as a workbook, with every site of the view."""
    from aidlog.reports.needs_workbook import write_needs_workbook

    page = _page()
    book = write_needs_workbook(page.board, page.sites, page.asked.show, language(), say)
    return send_file(
        BytesIO(book),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=f"needs-{page.asked.starts_on}-{page.asked.ends_on}-restricted.xlsx",
    )


def _page() -> Page:
    session, today = db.session(), datetime.now(UTC).date()
    asked = _asked(request.args, today)
    items = board_items(session, actor(), asked.starts_on, today=today)
    view = View(sites=asked.sites or None, areas=asked.areas or None, items=asked.items)
    found = needs_board(session, actor(), asked.starts_on, asked.ends_on, view=view, today=today)
    return Page(
        asked=asked,
        board=found,
        sites=_sorted(found, asked.sort),
        items=items,
        all_sites=board_sites(session, actor(), today=today),
        story=_story(found, asked.cell),
    )


def _story(found: Board, chosen: tuple[str, str] | None) -> CellStory | None:
    """Tell the chosen cell, if it is on the board."""
    if chosen is None:
        return None
    site = next((site for site in found.sites if site.code == chosen[0]), None)
    item = next((item for item in found.items if item.code == chosen[1]), None)
    if site is None or item is None:
        return None
    return cell_story(db.session(), actor(), found, found.cells[site.id, item.id])


def _sorted(found: Board, sort: str) -> list[BoardSite]:
    if sort == "name":
        return sorted(found.sites, key=lambda site: (site.shown_as.casefold(), site.code))
    if sort == "area":
        return sorted(found.sites, key=lambda site: (site.area.casefold(), site.code))
    return found.lowest_first()


def _figures(item: BoardItem, cell: Cell, show: str) -> tuple[str, str]:
    """Return the chief and the lesser figure of a cell."""
    if cell.need is None:
        return "?", say(Message(N_("not known")))
    if cell.need == 0:
        return "–", say(Message(N_("none needed")))
    share = percent(cell.coverage)
    missing = (
        f"−{rough(cell.gap, item.base_unit, up=True)}" if cell.gap else say(Message(N_("covered")))
    )
    if show == "gap":
        return missing, share
    if show == "need":
        return rough(cell.need, item.base_unit, up=True), share
    return share, missing


def _asked(given: MultiDict[str, str], today: date) -> Asked:
    starts_on = _day(given.get("starts_on")) or today
    ends_on = _day(given.get("ends_on")) or starts_on + timedelta(days=USUAL_DAYS - 1)
    if not 1 <= horizon(starts_on, ends_on) <= LONGEST_DAYS:
        ends_on = starts_on + timedelta(days=USUAL_DAYS - 1)
    site, _, item = given.get("cell", "").partition("~")
    items = tuple(dict.fromkeys(given.getlist("item")))
    return Asked(
        starts_on=starts_on,
        ends_on=ends_on,
        areas=tuple(dict.fromkeys(given.getlist("area"))),
        sites=tuple(dict.fromkeys(given.getlist("site"))),
        items=items or None,
        sort=_one_of(given.get("sort"), SORTS),
        show=_one_of(given.get("show"), SHOWN),
        cell=(site, item) if site and item else None,
        skip=_place(given.get("skip", type=int)),
        column=_place(given.get("column", type=int)),
    )


def _place(given: int | None) -> int | None:
    """Return a place in a list as it may be asked for."""
    return None if given is None else max(0, given)


def _one_of(given: str | None, choices: dict[str, Any]) -> str:
    """Return ``given`` if it is a choice, else the first of them."""
    return given if given in choices else next(iter(choices))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
