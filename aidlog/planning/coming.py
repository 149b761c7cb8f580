"""What a plan sends of goods that are still to come, and what it sends in each period.

Both are read from the stored question and answer: approval reserves what stands in a
warehouse, and nobody can reserve the rest.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidlog.planning.leaving import spans
from aidlog.planning.models import Plan
from aidlog.planning.queries import LineRow, Names, PlanHead
from aidlog.planning.question import coming_lot, standing_lot
from aidlog.registry.models import Item, Place
from aidlog.stock.models import Lot


def coming_lines(session: Session, plan: PlanHead, problem: Mapping[str, Any]) -> list[LineRow]:
    """Return the lines of goods that are still to come; ``problem`` is the stored question.

    The answer is only read where something to come was counted on: two statements then.
    """
    if all(standing_lot(lot["id"]) is not None for lot in problem["lots"]):
        return []
    packs: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for sent in _shipments(session, plan):
        if standing_lot(sent["lot"]) is None:
            packs[sent["warehouse"], sent["site"], sent["item"], sent["lot"]] += round(
                sent["packs"]
            )
    named = _named(session, packs)
    sizes = {item["id"]: item["pack_units"] for item in problem["items"]}
    return [
        LineRow(
            warehouse=warehouse,
            warehouse_shown_as=named.places[warehouse].shown_as,
            site_id=named.places[site].id,
            item_id=named.items[item].id,
            lot_id=0,
            lot=coming_lot(lot)[1],
            expires_on=None,
            packs=number,
            pack_size=sizes[item],
            quantity=number * sizes[item],
            weight_mg=named.items[item].weight_mg,
            coming=coming_lot(lot)[0].value,
        )
        for (warehouse, site, item, lot), number in sorted(packs.items())
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodLine:
    """So many packs to a site in a period; ``quantity`` base units.

    ``coming`` and ``lot`` are as in LineRow.
    """

    warehouse: str
    site: str
    protected: bool
    names: Names
    base_unit: str
    item: str
    lot: str
    coming: str
    packs: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodOfPlan:
    """What leaves from ``starts_on`` to ``ends_on``, and what waits for a later period.

    ``held`` is the number of packs that stand ready in the warehouses and leave later.
    """

    number: int
    starts_on: date
    ends_on: date
    lines: Sequence[PeriodLine]
    held: int


def periods_of(session: Session, plan: PlanHead, problem: Mapping[str, Any]) -> list[PeriodOfPlan]:
    """Return what the plan sends in each of its periods, by site, item and lot."""
    sent = _shipments(session, plan)
    named = _named(session, [(s["warehouse"], s["site"], s["item"], s["lot"]) for s in sent])
    usable = {lot["id"]: lot["available_period"] for lot in problem["lots"]}
    found: dict[int, list[PeriodLine]] = defaultdict(list)
    for one in sorted(sent, key=lambda s: (s["site"], s["item"], s["warehouse"], s["lot"])):
        site, item = named.places[one["site"]], named.items[one["item"]]
        standing = standing_lot(one["lot"])
        found[one["period"]].append(
            PeriodLine(
                warehouse=named.places[one["warehouse"]].shown_as,
                site=site.shown_as,
                protected=site.protected,
                names=Names(item.name_en, item.name_fr, item.name_sw, item.name_rw),
                base_unit=item.base_unit,
                item=item.code,
                lot=coming_lot(one["lot"])[1] if standing is None else named.lots[standing],
                coming="" if standing is not None else coming_lot(one["lot"])[0].value,
                packs=round(one["packs"]),
                quantity=round(one["units"]),
            )
        )
    return [
        PeriodOfPlan(
            number=span.number,
            starts_on=span.starts_on,
            ends_on=span.ends_on,
            lines=found[span.number],
            held=sum(
                round(one["packs"])
                for one in sent
                if usable[one["lot"]] <= span.number < one["period"]
            ),
        )
        for span in spans(plan.starts_on, plan.ends_on, problem)
    ]


def _shipments(session: Session, plan: PlanHead) -> list[dict[str, Any]]:
    """Return the answer's shipments; none while there is no answer."""
    text = session.scalar(select(Plan.result).where(Plan.id == plan.id))
    return [] if text is None else list(json.loads(text)["shipments"])


@dataclass(frozen=True, slots=True)
class _Named:
    """The rows behind the codes of an answer."""

    places: Mapping[str, Place]
    items: Mapping[str, Item]
    lots: Mapping[int, str]


def _named(session: Session, sent: Collection[tuple[str, str, str, str]]) -> _Named:
    """Return the rows that (warehouse, site, item, lot) name. Three statements."""
    places = {code for warehouse, site, _item, _lot in sent for code in (warehouse, site)}
    items = {item for _warehouse, _site, item, _lot in sent}
    lots = {lot for *_rest, lot in sent}
    standing = {number for lot in lots if (number := standing_lot(lot)) is not None}
    return _Named(
        places={p.code: p for p in session.scalars(select(Place).where(Place.code.in_(places)))},
        items={i.code: i for i in session.scalars(select(Item).where(Item.code.in_(items)))},
        lots={
            row.id: row.number
            for row in session.execute(select(Lot.id, Lot.number).where(Lot.id.in_(standing)))
        },
    )
