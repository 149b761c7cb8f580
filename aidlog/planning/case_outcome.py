"""A plan and its cases as columns that can be compared. Pure.

Coverage is permille, rounded down; quantities are base units. Sites and items are known by
their codes: a case has those of its plan.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from aidlog.allocation.problem import Problem
from aidlog.allocation.result import Result
from aidlog.needs import arithmetic
from aidlog.planning.outcome import OUT_OF_REACH, Outcome, SiteCount

#: A site whose basket is below this is far from what it is due.
HALF = 500
Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Served:
    """One need as a column serves it; ``after`` is its coverage, at most 1000.

    ``reached`` is false where no goods can come to it, whatever the rule.
    """

    sent: int
    after: int
    reached: bool = True


@dataclass(frozen=True)
class Column:
    """What a plan or a case gives to whom."""

    needs: Mapping[Cell, Served]
    counts: Mapping[str, SiteCount]

    @cached_property
    def levels(self) -> list[int]:
        """Return the coverage of every need, the lowest first."""
        return sorted(need.after for need in self.needs.values())

    @cached_property
    def baskets(self) -> dict[str, int]:
        """Return the mean coverage of each site's needs."""
        covered: dict[str, list[int]] = defaultdict(list)
        for (site, _), need in self.needs.items():
            covered[site].append(need.after)
        return {site: sum(levels) // len(levels) for site, levels in covered.items()}

    @cached_property
    def out_of_reach(self) -> int:
        """Return how many needs nothing can come to: they are not among those compared."""
        return sum(not need.reached for need in self.needs.values())

    @cached_property
    def sites_below_half(self) -> int:
        return sum(basket < HALF for basket in self.baskets.values())

    @cached_property
    def households_reached(self) -> int | None:
        """Return the households of sites that get something; None where some are not known."""
        reached = {site for (site, _), need in self.needs.items() if need.sent}
        counted = [self.counts[site].households for site in reached]
        known = [households for households in counted if households is not None]
        return sum(known) if len(known) == len(counted) else None

    @cached_property
    def sent(self) -> dict[str, int]:
        """Return what is sent of each item."""
        total: dict[str, int] = defaultdict(int)
        for (_, item), need in self.needs.items():
            total[item] += need.sent
        return dict(total)


def outcome_text(problem: Problem, result: Result) -> str:
    """Return the answer to a case as it is kept for its page."""
    needs = {(need.site, need.item): need for need in problem.needs}
    rows = []
    for answer in result.needs:
        need, sent = needs[answer.site, answer.item], round(answer.units)
        after = arithmetic.coverage(need.need_units, need.held_units + sent)
        covered = 1000 if after is None else min(1000, after)
        reached = answer.reason.code not in OUT_OF_REACH
        rows.append([need.site, need.item, sent, covered, reached])
    sites = {site.id: [site.population, site.households] for site in problem.sites}
    return json.dumps({"needs": rows, "sites": sites}, ensure_ascii=False)


def read_column(text: str) -> Column:
    """Return what :func:`outcome_text` wrote."""
    data = json.loads(text)
    return Column(
        needs={(site, item): Served(*served) for site, item, *served in data["needs"]},
        counts={
            site: SiteCount(people=people, households=households)
            for site, (people, households) in data["sites"].items()
        },
    )


def column_of(plan: Outcome) -> Column:
    """Return the plan itself as a column."""
    return Column(
        needs={
            (need.site, need.item): Served(
                need.sent, min(1000, need.after), need.reason_code not in OUT_OF_REACH
            )
            for need in plan.needs
        },
        counts={
            site.code: SiteCount(people=site.people, households=site.households)
            for site in plan.sites
        },
    )


def differing(base: Column, others: Sequence[Column]) -> list[Cell]:
    """Return the needs to which some column sends more or less than ``base``, losers first."""

    def least(cell: Cell) -> int:
        return min(other.needs[cell].sent - base.needs[cell].sent for other in _with(cell, others))

    found = [
        cell
        for cell in base.needs
        if any(other.needs[cell].sent != base.needs[cell].sent for other in _with(cell, others))
    ]
    return sorted(found, key=lambda cell: (least(cell), cell))


def _with(cell: Cell, columns: Iterable[Column]) -> list[Column]:
    return [column for column in columns if cell in column.needs]
