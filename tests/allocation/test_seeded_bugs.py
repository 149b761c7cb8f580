"""Faults put into good answers one by one: the checker must see each of them.

The problem has everything in it that a plan can break: two warehouses, earmarks, an expiry,
two periods, a road that opens late, a limit per period, a budget, locks and a promise.
"""

from __future__ import annotations

import ast
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aidlog.allocation
from aidlog.allocation.certificate import verify
from aidlog.allocation.engine import Options, solve
from aidlog.allocation.problem import (
    Item,
    LimitScope,
    Lock,
    Lot,
    Need,
    Problem,
    Route,
    Sense,
    SharedLimit,
    Site,
    Warehouse,
)
from aidlog.allocation.result import Reason, ReasonCode, Result, Status
from aidlog.allocation.snapshot import canonical

PLAIN = Options(explain=False, compare=False)


def everything(*, divisible: bool) -> Problem:
    """Return a problem in which every kind of limit binds somewhere."""
    return canonical(
        Problem(
            id="everything",
            divisible=divisible,
            periods=2,
            period_days=10,
            items=(
                Item(id="food", pack_units=5, tier=1, kg_per_pack=10, m3_per_pack=0.02),
                Item(id="tent", pack_units=1, tier=2, kg_per_pack=40, m3_per_pack=0.2),
            ),
            sites=tuple(Site(id=s, population=100, weight=w) for s, w in
                        (("A", 1.0), ("B", 1.5), ("C", 1.0), ("D", 1.0))),
            warehouses=(Warehouse(id="V"), Warehouse(id="W")),
            lots=(
                Lot(id="F1", warehouse="W", item="food", packs=30, expiry_day=8),
                Lot(id="F2", warehouse="W", item="food", packs=40, available_period=2),
                Lot(id="F3", warehouse="V", item="food", packs=25, sites=frozenset({"A", "C"})),
                Lot(id="T1", warehouse="W", item="tent", packs=20),
                Lot(id="T2", warehouse="V", item="tent", packs=60, unit_cost=5),
            ),
            needs=tuple(
                Need(site=s, item=i, need_units=n, held_units=h, min_fraction=m)
                for s, i, n, h, m in (
                    ("A", "food", 300, 0, 0.0), ("B", "food", 200, 20, 0.0),
                    ("C", "food", 250, 0, 0.0), ("D", "food", 100, 0, 0.6),
                    ("A", "tent", 40, 0, 0.0), ("B", "tent", 30, 5, 0.0),
                    ("C", "tent", 0, 0, 0.0), ("D", "tent", 20, 0, 0.0),
                )
            ),
            routes=(
                Route(warehouse="W", site="A", max_kg=300, travel_days=3, cost_per_kg=0.01),
                Route(warehouse="W", site="B", travel_days=9, cost_per_kg=0.01),
                Route(warehouse="W", site="C", open_from_period=2, max_m3=0.6),
                Route(warehouse="W", site="D", travel_days=2),
                Route(warehouse="V", site="A", travel_days=1, cost_per_kg=0.02),
                Route(warehouse="V", site="C", travel_days=1),
                Route(warehouse="V", site="B", open=False),
            ),
            shared_limits=(
                SharedLimit(id="ferry", over=frozenset({("W", "A"), ("W", "B")}), max_kg=500),
                SharedLimit(id="money", over=frozenset({("V", "A"), ("V", "C")}), max_cost=60,
                            scope=LimitScope.HORIZON),
            ),
            locks=(
                Lock(site="D", item="tent", packs=4),
                Lock(site="A", lot="T1", packs=3, sense=Sense.AT_LEAST),
                Lock(site="B", item="tent", packs=9, sense=Sense.AT_MOST),
            ),
        )
    )  # fmt: skip


WHOLE, PARTS = everything(divisible=False), everything(divisible=True)
PACKED, EXACT = solve(WHOLE, PLAIN), solve(PARTS, PLAIN)
Fault = Callable[[Result], Result]


def ship(result: Result, at: Callable[[Any], bool], **changes: object) -> Result:
    """Return ``result`` with the first shipment that ``at`` finds changed."""
    number = next(i for i, s in enumerate(result.shipments) if at(s))
    rows = list(result.shipments)
    rows[number] = dataclasses.replace(rows[number], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(result, shipments=tuple(rows))


def row(result: Result, at: Callable[[Any], bool], **changes: object) -> Result:
    """Return ``result`` with the first need that ``at`` finds changed."""
    number = next(i for i, n in enumerate(result.needs) if at(n))
    rows = list(result.needs)
    rows[number] = dataclasses.replace(rows[number], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(result, needs=tuple(rows))


def cut(result: Result, number: int = 0, **changes: object) -> Result:
    """Return ``result`` with one cut of its certificate changed."""
    rows = list(result.certificate)
    rows[number] = dataclasses.replace(rows[number], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(result, certificate=tuple(rows))


def sent(result: Result, change: Callable[[Any], int], at: Callable[[Any], bool]) -> Result:
    """Change the packs of one shipment and everything that is counted from it."""
    one = next(s for s in result.shipments if at(s))
    more = change(one)
    unit = round(one.units / one.packs)
    packs = one.packs + more
    result = ship(result, lambda s: s is one, packs=packs, units=packs * unit)
    need = next(n for n in PACKED.needs if (n.site, n.item) == (one.site, one.item))
    wanted = next(n for n in WHOLE.needs if (n.site, n.item) == (one.site, one.item))
    after = min((wanted.held_units + (need.packs + more) * unit) / wanted.need_units, 1.0)
    weight = next(s.weight for s in WHOLE.sites if s.id == one.site)
    return row(
        result, lambda n: (n.site, n.item) == (one.site, one.item), packs=need.packs + more,
        units=(need.packs + more) * unit, covered_after=after,
        pack_level=None if need.pack_level is None else after / weight,
    )  # fmt: skip


def below(n: Any) -> bool:
    return n.level is not None and n.level < 0.6


def first_of(item: str, site: str) -> Callable[[Any], bool]:
    return lambda s: (s.item, s.site) == (item, site)


def dropped(result: Result) -> Result:
    return dataclasses.replace(result, shipments=result.shipments[1:])


def doubled(result: Result) -> Result:
    return dataclasses.replace(result, shipments=(*result.shipments, result.shipments[0]))


def without_cut(result: Result) -> Result:
    return dataclasses.replace(result, certificate=result.certificate[:-1])


def price(result: Result, factor: float) -> Result:
    name, amount = next(iter(result.certificate[0].prices.items()))
    return cut(result, prices={**result.certificate[0].prices, name: amount * factor})


def reasoned(result: Result, at: Callable[[Any], bool], **changes: object) -> Result:
    one = next(n for n in result.needs if at(n))
    return row(result, lambda n: n is one, reason=dataclasses.replace(one.reason, **changes))


#: Faults of a plan in whole packs; every one keeps the rest of the answer as it was.
PLAN_FAULTS: dict[str, Fault] = {
    "a pack more than its lot holds": lambda r: ship(r, lambda s: s.lot == "F2", packs=41),
    "a pack too few": lambda r: ship(r, lambda s: True, packs=r.shipments[0].packs - 1),
    "half a pack": lambda r: ship(r, lambda s: True, packs=r.shipments[0].packs - 0.5),
    "no pack at all": lambda r: ship(r, lambda s: True, packs=0),
    "fewer than none": lambda r: ship(r, lambda s: True, packs=-1),
    "units that are not the packs'": lambda r: ship(r, lambda s: True, units=1),
    "a shipment forgotten": dropped,
    "a shipment written twice": doubled,
    "a lot that nobody knows": lambda r: ship(r, lambda s: True, lot="F9"),
    "the lot of another item": lambda r: ship(r, lambda s: s.item == "food", lot="T1"),
    "the lot of another warehouse": lambda r: ship(r, lambda s: s.warehouse == "W",
                                                   warehouse="V"),
    "a closed road": lambda r: ship(r, lambda s: s.warehouse == "V", site="B"),
    "a road that is not listed": lambda r: ship(r, lambda s: s.warehouse == "V", site="D"),
    "a road before it opens": lambda r: ship(
        r, lambda s: (s.warehouse, s.site) == ("W", "C"), period=1),
    "stock before it is there": lambda r: ship(r, lambda s: s.lot == "F2", period=1),
    "goods that expire on the road": lambda r: ship(r, lambda s: s.lot == "F1", period=2),
    "a period after the last": lambda r: ship(r, lambda s: True, period=3),
    "another's earmark": lambda r: ship(
        r, lambda s: s.lot == "F3", lot="F3", site="D", warehouse="V"),
    "a truck too full": lambda r: sent(r, lambda s: 20, first_of("food", "A")),
    "a decision broken": lambda r: sent(r, lambda s: 1, first_of("tent", "D")),
    "a least number missed": lambda r: ship(r, lambda s: s.lot == "T1" and s.site == "A",
                                            lot="T2", warehouse="V"),
    "a most number passed": lambda r: sent(r, lambda s: 5, first_of("tent", "B")),
    "the budget overdrawn": lambda r: sent(r, lambda s: 9, lambda s: s.lot == "T2"),
    "more than the gap": lambda r: sent(r, lambda s: 30, first_of("food", "D")),
    "packs promised and not sent": lambda r: row(r, lambda n: n.packs > 0, packs=0),
    "coverage told too high": lambda r: row(r, below, covered_after=0.99),
    "a pack level told too high": lambda r: row(r, below, pack_level=0.99),
    "a need left out": lambda r: dataclasses.replace(r, needs=r.needs[1:]),
    "a need told twice": lambda r: dataclasses.replace(r, needs=(*r.needs, r.needs[0])),
    "a need that nobody has": lambda r: row(r, lambda n: True, site="E"),
    "all said to be covered": lambda r: reasoned(r, below, code=ReasonCode.COVERED),
    "said not to be needed": lambda r: reasoned(r, below, code=ReasonCode.NO_NEED),
    "said to be held already": lambda r: reasoned(r, below, code=ReasonCode.HELD_ENOUGH),
    "said to be out of reach": lambda r: reasoned(r, below, code=ReasonCode.NO_ROAD),
    "a decision blamed that nobody took": lambda r: reasoned(
        r, lambda n: below(n) and n.item == "food", code=ReasonCode.LOCKED),
    "no limit named": lambda r: reasoned(
        r, lambda n: below(n) and n.reason.limit, limit=""),
    "too many said to share it": lambda r: reasoned(
        r, lambda n: below(n) and n.reason.limit, shared_by=99),
}  # fmt: skip

#: Faults of levels and of their proof.
PROOF_FAULTS: dict[str, Fault] = {
    "a level too high": lambda r: row(r, below, level=0.61, pack_level=0.61),
    "a level a little too high": lambda r: row(
        r, below, level=next(n.level for n in r.needs if below(n)) + 1e-4),
    "a level too low": lambda r: row(r, below, level=0.01),
    "a level for who is out of reach": lambda r: row(
        r, lambda n: n.level is None and n.packs == 0, level=0.5),
    "no level for who is compared": lambda r: row(r, below, level=None),
    "no certificate": lambda r: dataclasses.replace(r, certificate=()),
    "a cut forgotten": without_cut,
    "a multiplier below zero": lambda r: price(r, -1.0),
    "a multiplier of nothing": lambda r: price(r, 0.0),
    "a multiplier a little off": lambda r: price(r, 1.05),
    "a right-hand side too large": lambda r: cut(
        r, right_hand_side=r.certificate[0].right_hand_side * 1.1),
    "a member of a cut forgotten": lambda r: cut(r, members=r.certificate[0].members[1:]),
    "a stranger among the members": lambda r: cut(
        r, members=(*r.certificate[0].members, ("E", "food", 1.0))),
    "a member that weighs too little": lambda r: cut(
        r, members=tuple((s, i, w / 2) for s, i, w in r.certificate[0].members)),
    "a cut that stops nobody": lambda r: cut(r, stops=()),
    "a cut that stops a stranger": lambda r: dataclasses.replace(
        r, certificate=(
            dataclasses.replace(r.certificate[0], stops=r.certificate[-1].stops),
            *r.certificate[1:-1],
            dataclasses.replace(r.certificate[-1], stops=r.certificate[0].stops),
        )),
    "a price on a road without a limit": lambda r: cut(
        r, prices={**r.certificate[0].prices, '["road","W","D","kg",1]': 1.0}),
    "a price on a lot that nobody knows": lambda r: cut(
        r, prices={**r.certificate[0].prices, '["lot","F9"]': 1.0}),
    "a price on something that is no limit": lambda r: cut(
        r, prices={**r.certificate[0].prices, "nonsense": 1.0}),
}  # fmt: skip


def test_the_good_answers_are_good():
    assert PACKED.status is Status.OPTIMAL
    assert EXACT.status is Status.OPTIMAL
    assert verify(WHOLE, PACKED) == []
    assert verify(PARTS, EXACT) == []
    assert len(PLAN_FAULTS) + len(PROOF_FAULTS) > 45


@pytest.mark.parametrize("name", PLAN_FAULTS)
def test_a_fault_of_the_plan_is_seen(name):
    broken = PLAN_FAULTS[name](PACKED)
    assert broken != PACKED
    assert verify(WHOLE, broken), name


@pytest.mark.parametrize("name", PROOF_FAULTS)
def test_a_fault_of_the_proof_is_seen(name):
    broken = PROOF_FAULTS[name](EXACT)
    assert broken != EXACT
    assert verify(PARTS, broken), name


def test_the_checker_shares_nothing_with_the_solver():
    """What it imports of the allocation package, and what those import, is data and words."""
    folder = Path(aidlog.allocation.__file__).parent
    seen, waiting = set(), ["certificate"]
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                assert not node.module.startswith(("ortools", "scipy", "highspy"))
                if node.module.startswith("aidlog.allocation."):
                    other = node.module.removeprefix("aidlog.allocation.")
                    waiting += [other] if other not in seen else []
    assert seen == {
        "certificate", "claim", "claimed_packs", "claimed_reasons", "lanes", "lock_words",
        "problem", "result",
    }  # fmt: skip


def test_the_names_in_a_certificate_are_known_to_the_problem():
    for one in EXACT.certificate:
        for name in one.prices:
            assert json.loads(name)[0] in {"lot", "road", "shared", "lock"}


def test_a_reason_is_said_of_every_need_that_is_not_covered():
    for one in (*PACKED.needs, *EXACT.needs):
        if one.covered_after < 1:
            assert isinstance(one.reason, Reason)
            assert one.reason.code not in {ReasonCode.COVERED, ReasonCode.RULE}
