"""What to buy or ask for: the packs beyond the stock that lift those who have least.

Method: goods that could be bought stand in the question as lots with a price and the budget as
one limit over all roads, so that the fairest plan is also the best shopping list; transport
costs nothing here, the budget is for goods. What the list says of a line is found by solving
again: with all that is bought, and with all but this line.
Units: packs whole, money in minor units of one currency, coverage in permille rounded down.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aidlog.allocation.problem import LimitScope, Lot, Need, Problem, SharedLimit, Tiers
from aidlog.allocation.result import Result, Status

#: Solves one question by the lowest-first rule; nothing of it is explained or compared.
Solve = Callable[[Problem], Result]
Pair = tuple[str, str]

_BOUGHT = "buy "
_BUDGET = "budget"
#: Levels that differ by less are the same level.
_SAME = 1e-6
#: Steps shown below and above what was asked, and the permille of one step of coverage.
STEPS, POINTS = 2, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An item that can be bought or asked for, and the price of a pack; None is not known."""

    item: str
    price: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where the goods are brought, in which period, and how much of them is wanted.

    With a ``budget`` its steps are of ``step``; without one as much is asked for as lifts every
    need that can be reached to ``target`` permille.
    """

    offers: tuple[Offer, ...]
    warehouse: str
    period: int = 1
    budget: int | None = None
    step: int = 0
    target: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowest:
    """The need that stands lowest of the most urgent that goods can lift, and its coverage."""

    site: str
    item: str
    coverage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of the list: what would be lost without it, found by solving without it.

    ``lifted`` are the needs that it lifts, ``lifted_from`` and ``lifted_to`` the lowest coverage
    among them without it and with it; ``without`` is the lowest of all needs without it.
    """

    item: str
    packs: int
    cost: int | None
    lifted: tuple[Pair, ...]
    lifted_from: int
    lifted_to: int
    without: Lowest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What another budget, or another target, would buy: packs by item."""

    asked: int
    packs: Mapping[str, int]
    spent: int | None
    lowest: Lowest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoppingAnswer:
    """The list, the line that would be missed most first.

    ``before`` is the lowest need with the stock alone, ``after`` with the list. ``lifted`` are
    all needs that the list lifts. ``proven``: every solve behind it was proved.
    """

    lines: tuple[Line, ...]
    before: Lowest | None
    after: Lowest | None
    lifted: tuple[Pair, ...]
    spent: int | None
    steps: tuple[Step, ...]
    proven: bool


def shopping_list(problem: Problem, wanted: Wanted, solve: Solve) -> ShoppingAnswer:
    """Return what to buy or ask for beside the stock of ``problem``.

    Items are never bought where stock does as well: what can be left out without harm to the
    sorted levels is left out. A step that found nothing better than a smaller one repeats it.
    """
    shop = _Shop(problem, wanted, solve)
    before = shop.stand({})
    steps = [shop.step(asked) for asked in shop.asked()]
    at = shop.asked().index(wanted.target if wanted.budget is None else wanted.budget)
    packs = dict(steps[at].packs)
    after = shop.stand(packs)
    lines = []
    for item in sorted(packs):
        rest = {other: number for other, number in packs.items() if other != item}
        lines.append((item, shop.stand(rest)))
    lines.sort(key=lambda pair: (shop.key(pair[1]), shop.cost(pair[0], packs[pair[0]]) or 0, pair))
    return ShoppingAnswer(
        lines=tuple(shop.line(item, packs[item], without, after) for item, without in lines),
        before=shop.lowest(before),
        after=shop.lowest(after),
        lifted=_lifted(before, after),
        spent=shop.spent(packs),
        steps=tuple(steps),
        proven=shop.proven,
    )


#: The level of each need after a plan, by (site, item).
_Stand = Mapping[Pair, float]


class _Shop:
    """One question with its offers; every figure comes from solving it again."""

    def __init__(self, problem: Problem, wanted: Wanted, solve: Solve) -> None:
        free = tuple(dataclasses.replace(road, cost_per_kg=0.0) for road in problem.routes)
        self.problem = dataclasses.replace(problem, routes=free)
        self.wanted, self._solve = wanted, solve
        self.proven = True
        self.price = {offer.item: offer.price for offer in wanted.offers}
        self._weight = {site.id: site.weight for site in problem.sites}
        pooled = problem.tiers is Tiers.POOLED
        self._tier = {item.id: 1 if pooled else item.tier for item in problem.items}
        self._need = {(need.site, need.item): need for need in problem.needs}
        self._stood: dict[tuple[int | None, tuple[tuple[str, int], ...]], _Stand] = {}
        self._left: dict[str, int] = {}
        self._smaller: dict[str, int] | None = None
        everything = self._answer(self._stocked(self._most(), self.problem))
        self._compared = {
            (need.site, need.item) for need in everything.needs if need.pack_level is not None
        }
        most = {(need.site, need.item): need.covered_after for need in everything.needs}
        self._shown = self._most_urgent(self.stand({}), most)

    def asked(self) -> list[int]:
        """Return the budgets, or the targets, that are shown: what was asked and its steps."""
        wanted = self.wanted
        ask, step = (
            (wanted.target, POINTS) if wanted.budget is None else (wanted.budget, wanted.step)
        )
        most = 1000 if wanted.budget is None else None
        near = [ask + n * step for n in range(-STEPS, STEPS + 1)]
        return sorted({one for one in near if one > 0 and (most is None or one <= most)})

    def step(self, asked: int) -> Step:
        """Return what ``asked`` buys, with nothing in it that stock does as well."""
        target, limit = (asked, None) if self.wanted.budget is None else (None, asked)
        question = self._question(target)
        bought = self._bought(self._stocked(self._most(limit), question, limit))
        packs = self._spared(bought, target)
        smaller = self._smaller
        if limit is not None and smaller is not None and not self._better(packs, smaller):
            packs = smaller
        self._smaller = packs
        return Step(
            asked=asked,
            packs=packs,
            spent=self.spent(packs),
            lowest=self.lowest(self.stand(packs)),
        )

    def stand(self, packs: Mapping[str, int], target: int | None = None) -> _Stand:
        """Return where all needs stand if ``packs`` are there beside the stock.

        With a ``target`` only so much of every need is wanted, and coverage is of that.
        """
        key = (target, tuple(sorted(packs.items())))
        if key not in self._stood:
            answer = self._answer(self._stocked(packs, self._question(target)))
            self._note_left(answer)
            self._stood[key] = {(need.site, need.item): need.covered_after for need in answer.needs}
        return self._stood[key]

    def key(self, stand: _Stand) -> tuple[tuple[float, ...], ...]:
        """Return the levels of the needs that are compared, sorted: guarantees, then each tier."""
        tiers: dict[int, list[float]] = {}
        for pair in self._compared:
            share = self._need[pair].min_fraction
            if share:
                kept = round(min(1.0, stand[pair] / share) / _SAME) * _SAME
                tiers.setdefault(0, []).append(kept)
            tiers.setdefault(self._tier[pair[1]], []).append(self._level(pair, stand))
        return tuple(tuple(sorted(tiers[tier])) for tier in sorted(tiers))

    def lowest(self, stand: _Stand) -> Lowest | None:
        """Return the need that stands lowest among the most urgent that goods can lift.

        None where no need can be helped.
        """
        if not self._shown:
            return None
        site, item = min(self._shown, key=lambda pair: (self._level(pair, stand), pair))
        return Lowest(site=site, item=item, coverage=_permille(stand[site, item]))

    def line(self, item: str, packs: int, without: _Stand, after: _Stand) -> Line:
        """Return the line of ``item``: whom it lifts, and how far."""
        lifted = _lifted(without, after)
        return Line(
            item=item,
            packs=packs,
            cost=self.cost(item, packs),
            lifted=lifted,
            lifted_from=min((_permille(without[pair]) for pair in lifted), default=0),
            lifted_to=min((_permille(after[pair]) for pair in lifted), default=0),
            without=self.lowest(without),
        )

    def cost(self, item: str, packs: int) -> int | None:
        """Return what ``packs`` cost; None where the price is not known."""
        price = self.price[item]
        return None if price is None else price * packs

    def spent(self, packs: Mapping[str, int]) -> int | None:
        """Return what all costs; None where a price is not known."""
        costs = [self.cost(item, number) for item, number in packs.items()]
        return None if None in costs else sum(cost or 0 for cost in costs)

    def _better(self, packs: Mapping[str, int], other: Mapping[str, int]) -> bool:
        return self.key(self.stand(packs)) > self.key(self.stand(other))

    def _level(self, pair: Pair, stand: _Stand) -> float:
        need = self._need[pair]
        level = (min(stand[pair], 1.0) + need.carried) / self._weight[pair[0]]
        return round(level / _SAME) * _SAME

    def _most_urgent(self, stand: _Stand, most: _Stand) -> list[Pair]:
        """Return the needs of the most urgent tier that goods can lift above ``stand``.

        ``most`` is where they stand with all that could be bought. Where nobody can be lifted
        they are all needs of the most urgent tier.
        """
        liftable = [pair for pair in self._compared if most[pair] > stand[pair] + _SAME]
        pairs = liftable or list(self._compared)
        first = min((self._tier[item] for _site, item in pairs), default=0)
        return sorted(pair for pair in pairs if self._tier[pair[1]] == first)

    def _most(self, budget: int | None = None) -> dict[str, int]:
        """Return the packs of each offer that could be of use, and be paid."""
        units = {item.id: item.pack_units for item in self.problem.items}
        most = {}
        for offer in self.wanted.offers:
            packs = sum(
                -(-max(0, need.need_units - need.held_units) // units[need.item])
                for need in self.problem.needs
                if need.item == offer.item
            )
            if budget is not None and offer.price:
                packs = min(packs, budget // offer.price)
            if packs:
                most[offer.item] = packs
        return most

    def _stocked(
        self, packs: Mapping[str, int], problem: Problem, budget: int | None = None
    ) -> Problem:
        """Return ``problem`` with ``packs`` to be had, within ``budget`` where there is one."""
        lots = tuple(
            Lot(
                id=f"{_BOUGHT}{item}",
                warehouse=self.wanted.warehouse,
                item=item,
                packs=number,
                available_period=self.wanted.period,
                unit_cost=float(self.price[item] or 1),
            )
            for item, number in sorted(packs.items())
            if number
        )
        limits = problem.shared_limits
        if budget is not None:
            roads = frozenset((road.warehouse, road.site) for road in problem.routes)
            limits = (*limits, SharedLimit(
                id=_BUDGET, over=roads, max_cost=float(budget), scope=LimitScope.HORIZON
            ))  # fmt: skip
        return dataclasses.replace(problem, lots=(*problem.lots, *lots), shared_limits=limits)

    def _question(self, target: int | None) -> Problem:
        if target is None:
            return self.problem
        needs = tuple(_reduced(need, target) for need in self.problem.needs)
        return dataclasses.replace(self.problem, needs=needs)

    def _answer(self, problem: Problem) -> Result:
        answer = self._solve(problem)
        self.proven = self.proven and answer.status is Status.OPTIMAL
        return answer

    def _bought(self, problem: Problem) -> dict[str, int]:
        """Return the packs that the fairest plan buys."""
        answer = self._answer(problem)
        self._note_left(answer)
        packs: dict[str, int] = {}
        for sent in answer.shipments:
            if sent.lot.startswith(_BOUGHT):
                packs[sent.item] = packs.get(sent.item, 0) + round(sent.packs)
        return packs

    def _note_left(self, answer: Result) -> None:
        """Note what stays of the stock, by item, under the last answer."""
        left = {item.id: 0 for item in self.problem.items}
        for lot in self.problem.lots:
            left[lot.item] += lot.packs
        for sent in answer.shipments:
            if not sent.lot.startswith(_BOUGHT):
                left[sent.item] -= round(sent.packs)
        self._left = left

    def _spared(self, packs: Mapping[str, int], target: int | None) -> dict[str, int]:
        """Return ``packs`` without those that stock can replace, as solving again shows."""
        packs = dict(packs)
        left = self._left
        reached = self.key(self.stand(packs, target))
        for item in sorted(packs):
            for fewer in sorted({packs[item], min(packs[item], left[item])}, reverse=True):
                less = packs | {item: packs[item] - fewer}
                less = {name: number for name, number in less.items() if number}
                if fewer and self.key(self.stand(less, target)) >= reached:
                    packs = less
                    break
        return packs


def _reduced(need: Need, target: int) -> Need:
    """Return ``need`` as if ``target`` permille of it were all that is wanted."""
    asked = min(need.need_units, -(-need.need_units * target // 1000))
    return dataclasses.replace(need, need_units=max(asked, 1) if need.need_units else 0)


def _lifted(before: _Stand, after: _Stand) -> tuple[Pair, ...]:
    return tuple(sorted(pair for pair in after if after[pair] > before[pair] + _SAME))


def _permille(share: float) -> int:
    """Return a share as permille, rounded down; a hair below a whole permille counts as it."""
    return int(share * 1000 + _SAME)
