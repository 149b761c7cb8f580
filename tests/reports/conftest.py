"""Plans made by hand, so that the papers are tested apart from the engine."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime

import pytest

from aidlog.allocation.problem import Problem, Rule
from aidlog.allocation.result import (
    Cut,
    Limit,
    Measures,
    NeedResult,
    Reason,
    ReasonCode,
    Result,
    Shipment,
    Status,
)
from aidlog.allocation.snapshot import problem_from_json, sha256
from aidlog.core.text import Message
from aidlog.reports.distribution_workbook import PlanFacts
from aidlog.reports.examples import great_lakes

_NOTHING = Measures(
    min_level=0.0, p5=0.0, gini=0.4, mean=0.12, people_items=10_400.0, critical_unmet=48_000.0,
    zeros=6, kg=0.0, m3=0.0, cost=0.0,
)  # fmt: skip


def plan_by_hand(problem: Problem) -> Result:
    """Send each need at most 60 % of its gap, in whole packs, over open roads that it has."""
    items = {item.id: item for item in problem.items}
    left = {lot.id: lot.packs for lot in problem.lots}
    open_roads = {(r.warehouse, r.site) for r in problem.routes if r.open}
    shipments: list[Shipment] = []
    needs: list[NeedResult] = []
    for need in sorted(problem.needs, key=lambda n: (n.site, n.item)):
        item = items[need.item]
        wanted = int((need.need_units - need.held_units) * 0.6) // item.pack_units
        got = 0
        for lot in sorted(problem.lots, key=lambda x: (x.expiry_day is None, x.expiry_day or 0)):
            usable = lot.item == need.item and (lot.warehouse, need.site) in open_roads
            if not usable or (lot.sites is not None and need.site not in lot.sites):
                continue
            packs = min(wanted - got, left[lot.id])
            if packs <= 0:
                continue
            left[lot.id] -= packs
            got += packs
            kg, m3 = item.kg_per_pack, item.m3_per_pack
            shipments.append(
                Shipment(
                    lot=lot.id, warehouse=lot.warehouse, site=need.site, item=need.item, period=1,
                    packs=packs, units=packs * item.pack_units,
                    kg=None if kg is None else packs * kg, m3=None if m3 is None else packs * m3,
                )
            )  # fmt: skip
        units = got * item.pack_units
        before = need.held_units / need.need_units
        after = min(1.0, (need.held_units + units) / need.need_units)
        code = ReasonCode.STOCK_USED_UP if got < wanted else ReasonCode.ROUTE_FULL
        sentence = "All {item} in the warehouses is used; 8 needs share it at {level}."
        needs.append(
            NeedResult(
                site=need.site, item=need.item, level=after, pack_level=after, packs=got,
                units=units, covered_before=before, covered_after=after,
                reason=Reason(
                    code=code, limit=item.id, shared_by=8,
                    message=Message(sentence, {"item": item.name, "level": f"{after:.0%}"}),
                ),
            )
        )  # fmt: skip
    return _result(problem, needs, shipments)


def _result(problem: Problem, needs: list[NeedResult], shipments: list[Shipment]) -> Result:
    sent: dict[str, float] = defaultdict(float)
    for shipment in shipments:
        sent[shipment.lot] += shipment.packs
    after = Measures(
        min_level=min(n.covered_after for n in needs), p5=0.31, gini=0.19,
        mean=sum(n.covered_after for n in needs) / len(needs), people_items=61_234.0,
        critical_unmet=21_500.0, zeros=0, kg=sum(s.kg or 0 for s in shipments),
        m3=sum(s.m3 or 0 for s in shipments), cost=1_234.5,
    )  # fmt: skip
    limit = Limit(
        kind="route_kg", id="LAKE>P8", message=Message("The truck from Lake warehouse to Site 08 "
        "is full, and the needs there share it."), used=4000, capacity=4000, unit="kg",
        needs_held_back=6, lowest_level=after.min_level, step=400.0,
        worth={"min_level": 0.04, "people_items": 210.0},
    )  # fmt: skip
    cut = Cut(
        prices={'["road", "LAKE", "P8", "kg", 1]': 0.00025, '["lot", "L-101"]': 0.5},
        right_hand_side=1.0, stops=(("P8", "MAIZE"),),
        members=(("P8", "MAIZE", 0.0063),),
    )  # fmt: skip
    return Result(
        problem_id=problem.id, status=Status.FEASIBLE, rule=Rule.LOWEST_FIRST, needs=tuple(needs),
        shipments=tuple(shipments), limits=(limit,), measures=after, before=_NOTHING,
        compared={"equal-share": _NOTHING, "first-come": _NOTHING, "cheapest": _NOTHING},
        bound=after.min_level + 0.01, gap=0.01, certificate=(cut,),
        problem_sha256=sha256(problem), engine_version="0.1.0", ortools_version="9.15",
        timings={"filling": 0.01},
    )  # fmt: skip


@pytest.fixture(scope="session")
def problem() -> Problem:
    return problem_from_json(great_lakes.problem_document())


@pytest.fixture(scope="session")
def result(problem: Problem) -> Result:
    return plan_by_hand(problem)


@pytest.fixture(scope="session")
def facts() -> PlanFacts:
    return PlanFacts(
        title="December food and shelter",
        made_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        organisation="Example Relief Committee",
        reference="P-0012",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 31),
        currency="USD",
    )
