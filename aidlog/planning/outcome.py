"""What a plan does, as figures for its page: per site, per cell, per road. Pure.

Coverage is permille, rounded down; quantities are base units; weights are grams. A site's
basket is the mean coverage of its needs, each at most 1000: plenty of one item does not make
up for the lack of another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from aidlog.core.quantity import BaseUnit
from aidlog.planning.queries import LineRow, Names, NeedRow

#: A need below this coverage counts among the cells that are far from covered.
FAR_FROM_COVERED = 600


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """An item of the grid; ``pack_units`` base units in one issue pack of ``pack_kind``."""

    id: int
    code: str
    names: Names
    base_unit: BaseUnit
    pack_units: int
    pack_kind: str

    def name_in(self, language: str) -> str:
        """The item's name in ``language``, in English where it has none."""
        return self.names.name_in(language)


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site of the plan, its basket before and after, and what drives there."""

    id: int
    code: str
    shown_as: str
    protected: bool
    area: str
    people: int
    households: int | None
    before: int
    after: int
    weakest: NeedRow
    cells: Mapping[int, NeedRow]
    grams: int | None
    warehouses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """What one warehouse sends to one site, in grams (of items whose weight is known)."""

    warehouse: str
    site_id: int
    grams: int
    lines: int


@dataclass(frozen=True, slots=True)
class Unreached:
    """Needs that nothing can reach, for one reason; ``code`` is the engine's."""

    code: str
    sites: tuple[str, ...]
    items: tuple[Names, ...]
    needs: int

    @property
    def by_site(self) -> bool:
        """True where the place is the matter, and not the goods."""
        return self.code == "no_road"

    def names(self, language: str) -> list[str]:
        """The items' names in ``language``."""
        return [item.name_in(language) for item in self.items]


#: Reasons for which a need gets nothing whatever the rule.
OUT_OF_REACH = ("no_road", "no_stock", "earmarked_elsewhere", "expires_before_arrival")


@dataclass(frozen=True)
class Outcome:
    """A plan's needs and lines, put together."""

    sites: Sequence[SiteRow]
    items: Sequence[ItemColumn]
    lines: Sequence[LineRow]

    @cached_property
    def needs(self) -> list[NeedRow]:
        return [need for site in self.sites for need in site.cells.values()]

    @cached_property
    def basket(self) -> tuple[int, int]:
        """Return the basket of all sites before and after, each weighed by its people."""
        people = sum(site.people for site in self.sites) or 1
        before = sum(site.before * site.people for site in self.sites)
        after = sum(site.after * site.people for site in self.sites)
        return before // people, after // people

    @cached_property
    def lowest_before(self) -> SiteRow:
        return min(self.sites, key=lambda site: (site.before, site.code))

    @cached_property
    def lowest_after(self) -> SiteRow:
        return min(self.sites, key=lambda site: (site.after, site.code))

    @cached_property
    def far_from_covered(self) -> tuple[int, int]:
        """Return how many needs are below FAR_FROM_COVERED, before and after."""
        return (
            sum(need.before < FAR_FROM_COVERED for need in self.needs),
            sum(need.after < FAR_FROM_COVERED for need in self.needs),
        )

    @cached_property
    def unreached(self) -> list[Unreached]:
        """Return what nothing can reach, one entry a reason."""
        found: dict[str, list[NeedRow]] = defaultdict(list)
        for need in self.needs:
            if need.reason_code in OUT_OF_REACH:
                found[need.reason_code].append(need)
        return [
            Unreached(
                code=code,
                sites=tuple(sorted({need.shown_as for need in found[code]})),
                items=tuple(sorted({need.names for need in found[code]})),
                needs=len(found[code]),
            )
            for code in OUT_OF_REACH
            if code in found
        ]

    @cached_property
    def grams(self) -> int:
        """What is to be moved, of items whose weight is known."""
        return sum(line.grams or 0 for line in self.lines)

    @property
    def weight_unknown(self) -> bool:
        return any(line.grams is None for line in self.lines)

    @cached_property
    def flows(self) -> list[Flow]:
        """Every (warehouse, site) that something drives between, the heaviest first."""
        grams: dict[tuple[str, int], int] = defaultdict(int)
        lines: dict[tuple[str, int], int] = defaultdict(int)
        for line in self.lines:
            grams[line.warehouse, line.site_id] += line.grams or 0
            lines[line.warehouse, line.site_id] += 1
        return sorted(
            (Flow(key[0], key[1], grams[key], lines[key]) for key in grams),
            key=lambda flow: (-flow.grams, flow.warehouse, flow.site_id),
        )

    @cached_property
    def warehouses(self) -> dict[str, str]:
        """Return ``{code: name for lists}`` of the warehouses that send something."""
        return {line.warehouse: line.warehouse_shown_as for line in self.lines}

    def sent(self, item: ItemColumn) -> int:
        """Return what the plan sends of an item to all sites."""
        return sum(site.cells[item.id].sent for site in self.sites if item.id in site.cells)

    def to_come(self, item: ItemColumn) -> int:
        """Return how much of what the plan sends of an item is still to come."""
        return sum(line.quantity for line in self.lines if line.item_id == item.id and line.coming)

    @property
    def standing(self) -> list[LineRow]:
        """The lines of goods that stand in a warehouse, which approval reserves."""
        return [line for line in self.lines if not line.coming]

    def missing(self, item_code: str) -> int:
        """Return what all sites still miss of an item after the plan, in base units."""
        return sum(
            max(0, need.need - need.held - need.sent)
            for need in self.needs
            if need.item == item_code
        )

    def receiving(self, item: ItemColumn) -> int:
        """Return for how many sites approval reserves something of an item."""
        return len({line.site_id for line in self.standing if line.item_id == item.id})

    def lots_for(self, site_id: int, item_id: int) -> list[LineRow]:
        """Return the lots that make up one cell."""
        return [line for line in self.lines if line.site_id == site_id and line.item_id == item_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCount:
    """How many people and households a site had when the question was frozen."""

    people: int
    households: int | None


def put_together(
    needs: Sequence[NeedRow],
    lines: Sequence[LineRow],
    counts: Mapping[str, SiteCount],
    packs: Mapping[str, int],
    kinds: Mapping[int, str],
) -> Outcome:
    """Return the outcome: ``counts`` by site code, ``packs`` (base units) by item code."""
    by_site: dict[int, dict[int, NeedRow]] = defaultdict(dict)
    for need in needs:
        by_site[need.site_id][need.item_id] = need
    columns = {
        need.item_id: ItemColumn(
            id=need.item_id,
            code=need.item,
            names=need.names,
            base_unit=need.base_unit,
            pack_units=packs[need.item],
            pack_kind=kinds.get(need.item_id, "piece"),
        )
        for need in sorted(needs, key=lambda need: (need.tier, need.item))
    }
    rows = [_site_row(cells, lines, counts) for cells in by_site.values()]
    return Outcome(
        sites=sorted(rows, key=lambda site: (site.before, site.code)),
        items=list(columns.values()),
        lines=lines,
    )


def _site_row(
    cells: Mapping[int, NeedRow], lines: Sequence[LineRow], counts: Mapping[str, SiteCount]
) -> SiteRow:
    first = next(iter(cells.values()))
    mine = [line for line in lines if line.site_id == first.site_id]
    known = all(line.grams is not None for line in mine)
    return SiteRow(
        id=first.site_id,
        code=first.site,
        shown_as=first.shown_as,
        protected=first.protected,
        area=first.area,
        people=counts[first.site].people,
        households=counts[first.site].households,
        before=sum(min(1000, cell.before) for cell in cells.values()) // len(cells),
        after=sum(min(1000, cell.after) for cell in cells.values()) // len(cells),
        weakest=min(cells.values(), key=lambda cell: (cell.after, cell.tier, cell.item)),
        cells=cells,
        grams=sum(line.grams or 0 for line in mine) if known else None,
        warehouses=tuple(sorted({line.warehouse_shown_as for line in mine})),
    )
