"""The needs board as figures: what each site needs, holds, and still misses of each item.

Plain data, worked out once and never changed; the rows come from board_query.py. Quantities
are base units of the item, coverage is permille rounded down, None is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from aidlog.core.quantity import BaseUnit
from aidlog.needs import arithmetic
from aidlog.needs.arithmetic import Counted, Due
from aidlog.needs.models import Confidence, Counts
from aidlog.needs.standards_now import Condition
from aidlog.registry.models import Access

#: Below this coverage, in permille, a cell counts as a wide gap.
WIDE_GAP = 500
#: Grams and millilitres are told by the thousand; from so many on without the fraction.
THOUSAND, WITHOUT_FRACTION = 1_000, 10_000


def rounded(amount: int, unit: BaseUnit, *, up: bool) -> int:
    """Return base units as the board shows them: from 10 kg or 10 L on without the fraction.

    What is missing or needed is rounded up and what is there down, so that no cell looks
    better than it is.
    """
    if unit is BaseUnit.PIECE or amount < WITHOUT_FRACTION:
        return amount
    return -(-amount // THOUSAND) * THOUSAND if up else amount // THOUSAND * THOUSAND


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSite:
    """A site of the board and who lives there; ``shown_as`` never names a protected one.

    ``counted`` is the latest count with who came and left since; ``people_counted`` the count
    itself.
    """

    id: int
    code: str
    shown_as: str
    area: str
    protected: bool
    access: Access
    organisation_id: int
    condition: Condition
    counted_on: date | None
    counted: Counted
    people_counted: int | None
    changed_on: date | None
    confidence: Confidence | None
    age_days: int | None
    stale: bool

    @property
    def people(self) -> int | None:
        return self.counted.people

    @property
    def households(self) -> int | None:
        return self.counted.households


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A standard that holds, and who says so."""

    standard_id: int
    due: Due
    source: str
    edition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardItem:
    """An item of the board, its standards, and what of it is free in warehouses.

    ``standards`` are by the phase and climate of the sites on the board.

    ``pack_size`` base units are in the smallest pack that may leave a warehouse (None: no such
    pack is set). ``free`` is None for someone who may see no stock. It is read from totals,
    so it counts goods past their date until they are set aside: an upper bound.
    """

    id: int
    code: str
    names: Mapping[str, str]
    category: str
    base_unit: BaseUnit
    tier: int
    weight_mg: int | None
    volume_mm3: int | None
    pack_kind: str | None
    pack_size: int | None
    standards: MutableMapping[Condition, Rule]
    free: int | None

    def name_in(self, language: str) -> str:
        """The item's name in ``language``, in English where it has none."""
        return self.names.get(language) or self.names["en"]

    def rule_at(self, site: BoardSite) -> Rule | None:
        """Return the standard that holds at ``site``; None where none does."""
        return self.standards.get(site.condition)

    def lasts_at(self, site: BoardSite) -> bool:
        """Say whether what was given before still serves at ``site``."""
        rule = self.rule_at(site)
        return rule is not None and rule.due.once

    @property
    def rule(self) -> Rule | None:
        """The standard of all sites of the board; None where they have different ones."""
        ids = {rule.standard_id for rule in self.standards.values()}
        return next(iter(self.standards.values())) if len(ids) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands beside the need by standards, in base units; None is none.

    ``assessed`` was found to be needed in all. ``waiting`` was asked for and is not decided;
    of what was ``approved`` and is open, ``on_road`` and ``received`` came or come for it.
    ``chosen`` is what a planner lets count.
    """

    computed: int | None
    assessed: int | None = None
    waiting: int | None = None
    approved: int | None = None
    on_road: int | None = None
    received: int | None = None
    chosen: Counts = Counts.COMPUTED

    @property
    def counts(self) -> Counts:
        """What counts: standards where there is nothing of what was chosen."""
        if self.chosen is Counts.ASSESSED and self.assessed is not None:
            return Counts.ASSESSED
        if self.chosen is Counts.REQUESTED and self.approved:
            return Counts.REQUESTED
        return Counts.COMPUTED

    @property
    def need(self) -> int | None:
        """The one figure that counts; the others are never added to it."""
        figures = {Counts.ASSESSED: self.assessed, Counts.REQUESTED: self.approved}
        return figures.get(self.counts, self.computed)

    @property
    def still_open(self) -> int:
        """What was approved and has not come: what is on the road is not there yet."""
        return max(0, (self.approved or 0) - (self.received or 0))


@dataclass(frozen=True, slots=True)
class Cell:
    """One site and one item: how the number is made.

    ``need`` None is unknown. ``given`` was handed out before and still serves (a blanket);
    it is 0 for what is used up. ``beside`` None: nothing was assessed or asked for.
    """

    site_id: int
    item_id: int
    need: int | None
    at_site: int
    on_the_way: int
    given: int
    beside: Beside | None = None

    @property
    def counts(self) -> Counts:
        """Which figure the need is."""
        return Counts.COMPUTED if self.beside is None else self.beside.counts

    @property
    def computed(self) -> int | None:
        """The need by standards, whether it counts or not."""
        return self.need if self.beside is None else self.beside.computed

    @property
    def held(self) -> int:
        """What counts towards the need: at the site, on the way to it, or given and lasting.

        Goods were asked for beside what the site had: towards an approved requisition counts
        what came or comes for it, and nothing else.
        """
        if self.beside is not None and self.beside.counts is Counts.REQUESTED:
            return (self.beside.received or 0) + (self.beside.on_road or 0)
        return self.at_site + self.on_the_way + self.given

    @property
    def gap(self) -> int | None:
        return arithmetic.gap(self.need, self.held)

    @property
    def coverage(self) -> int | None:
        """Permille; None where the need is unknown or nothing is needed."""
        return arithmetic.coverage(self.need, self.held)

    @property
    def unknown(self) -> bool:
        return self.need is None


@dataclass(frozen=True, slots=True)
class ItemTotal:
    """One item over all sites of the board whose need is known.

    ``reachable`` is the coverage in permille if all that is free could go where it is missing:
    an upper bound that knows no roads and no earmarks. ``unknown_sites`` are left out.
    """

    need: int
    covered: int
    gap: int
    free: int | None
    unknown_sites: int

    @property
    def coverage(self) -> int | None:
        return arithmetic.coverage(self.need, self.covered)

    @property
    def reachable(self) -> int | None:
        if self.free is None:
            return None
        return arithmetic.coverage(self.need, self.covered + min(self.gap, self.free))


@dataclass(frozen=True, slots=True)
class Headline:
    """The figures over the board; coverage in permille.

    ``basket`` weighs each site's basket by its people; ``reachable`` is the mean of the items'.
    """

    people: int
    households: int
    sites_uncounted: int
    sites_without_households: int
    basket: int | None
    lowest: BoardSite | None
    lowest_basket: int | None
    worst: Cell | None
    wide_gaps: int
    known_cells: int
    unknown_cells: int
    reachable: int | None


@dataclass(frozen=True)
class Board:
    """Sites × items for the days from ``starts_on`` to ``ends_on``, both included.

    ``cells`` holds one cell for every pair, by (site id, item id).
    """

    starts_on: date
    ends_on: date
    today: date
    sites: Sequence[BoardSite]
    items: Sequence[BoardItem]
    cells: Mapping[tuple[int, int], Cell]

    @property
    def days(self) -> int:
        return arithmetic.horizon(self.starts_on, self.ends_on)

    def row(self, site: BoardSite) -> list[Cell]:
        """Return the cells of ``site`` in the order of the items."""
        return [self.cells[site.id, item.id] for item in self.items]

    def column(self, item: BoardItem) -> list[Cell]:
        """Return the cells of ``item`` in the order of the sites."""
        return [self.cells[site.id, item.id] for site in self.sites]

    @cached_property
    def shares(self) -> Mapping[tuple[int, int], int]:
        """The coverage of every cell that has one, in permille, by (site id, item id)."""
        return {
            key: share
            for key, cell in self.cells.items()
            if (share := arithmetic.coverage(cell.need, cell.held)) is not None
        }

    @cached_property
    def baskets(self) -> Mapping[int, int | None]:
        """Each site's basket by site id: the mean coverage of its items, each at most 1000.

        Plenty of one item does not make up for the lack of another. Items whose need is
        unknown or nothing are left out; None where none remains.
        """
        shares = self.shares
        return {
            site.id: _mean(
                [
                    min(1000, shares[site.id, item.id])
                    for item in self.items
                    if (site.id, item.id) in shares
                ]
            )
            for site in self.sites
        }

    @cached_property
    def totals(self) -> Mapping[int, ItemTotal]:
        """The totals of each item, by item id."""
        return {item.id: _total(item, self.column(item)) for item in self.items}

    @cached_property
    def headline(self) -> Headline:
        known = sum(not cell.unknown for cell in self.cells.values())
        with_basket = [
            (basket, site) for site in self.sites if (basket := self.baskets[site.id]) is not None
        ]
        lowest_basket, lowest = min(
            with_basket, key=lambda pair: (pair[0], pair[1].code), default=(None, None)
        )
        people = sum(site.people or 0 for _, site in with_basket)
        return Headline(
            people=sum(site.people or 0 for site in self.sites),
            households=sum(site.households or 0 for site in self.sites),
            sites_uncounted=sum(site.people is None for site in self.sites),
            sites_without_households=sum(
                site.people is not None and site.households is None for site in self.sites
            ),
            basket=sum(basket * (site.people or 0) for basket, site in with_basket) // people
            if people
            else None,
            lowest=lowest,
            lowest_basket=lowest_basket,
            worst=self._worst(),
            wide_gaps=sum(share < WIDE_GAP for share in self.shares.values()),
            known_cells=known,
            unknown_cells=len(self.cells) - known,
            reachable=_mean(
                [
                    reachable
                    for total in self.totals.values()
                    if (reachable := total.reachable) is not None
                ]
            ),
        )

    def _worst(self) -> Cell | None:
        """Return the least covered cell; of several that of the most urgent item."""
        shares = self.shares
        lowest = min(shares.values(), default=None)
        if lowest is None:
            return None
        for item in self.items:
            cells = [
                cell for cell in self.column(item) if shares.get((cell.site_id, item.id)) == lowest
            ]
            if cells:
                return min(cells, key=lambda cell: (-(cell.gap or 0), cell.site_id))
        return None

    def lowest_first(self) -> list[BoardSite]:
        """Return the sites, the lowest basket first; those of unknown basket come before all."""
        return sorted(
            self.sites,
            key=lambda site: (
                -1 if self.baskets[site.id] is None else self.baskets[site.id],
                site.code,
            ),
        )


def _mean(shares: Sequence[int]) -> int | None:
    return sum(shares) // len(shares) if shares else None


def _total(item: BoardItem, cells: Iterable[Cell]) -> ItemTotal:
    need = covered = gap = unknown = 0
    for cell in cells:
        if cell.need is None:
            unknown += 1
            continue
        need += cell.need
        held = cell.held
        covered += min(cell.need, held)
        gap += max(0, cell.need - held)
    return ItemTotal(need=need, covered=covered, gap=gap, free=item.free, unknown_sites=unknown)
