"""Which standard holds: by the day, the site's phase and its climate. Several may stand by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    CompoundSelect,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from aidlog.needs.models import Climate, Phase, SiteCondition, Standard


@dataclass(frozen=True, slots=True)
class Condition:
    """The phase and climate of a site."""

    phase: Phase = Phase.STABLE
    climate: Climate = Climate.MILD


def condition_of(session: Session, place_id: int) -> Condition:
    """Return the condition of a site; nothing set is stable and mild."""
    row = session.get(SiteCondition, place_id)
    return Condition(row.phase, row.climate) if row is not None else Condition()


def rules(on: date) -> Subquery:
    """Return the standard that holds on a day, one row for each item, phase and climate.

    The closest holds: one for the very phase and climate before one for either, that before
    one for all; then the newest. The columns ``for_phase`` and ``for_climate`` are those of
    the sites it is for.
    """
    at = conditions().subquery("condition")
    closeness = case((Standard.phase != Phase.ANY, 1), else_=0) + case(
        (Standard.climate != Climate.ANY, 1), else_=0
    )
    ranked = (
        select(
            Standard,
            at.c.for_phase,
            at.c.for_climate,
            func.row_number()
            .over(
                partition_by=(
                    Standard.item_id,
                    at.c.for_phase,
                    at.c.for_climate,
                ),
                order_by=(closeness.desc(), Standard.valid_from.desc(), Standard.id.desc()),
            )
            .label("place"),
        )
        .join(
            at,
            and_(
                or_(Standard.phase == Phase.ANY, Standard.phase == at.c.for_phase),
                or_(Standard.climate == Climate.ANY, Standard.climate == at.c.for_climate),
            ),
        )
        .where(Standard.valid_from <= on, Standard.in_force)
        .subquery("ranked_rule")
    )
    columns = [column for column in ranked.c if column.name != "place"]
    return select(*columns).where(ranked.c.place == 1).subquery("rule")


def rations_at(
    session: Session, place_id: int, items: Collection[int], on: date
) -> dict[int, Standard]:
    """Return the standards that hold at a site on a day, by item id. Two statements."""
    at, rule = condition_of(session, place_id), rules(on)
    rows = session.scalars(
        select(Standard)
        .join(rule, rule.c.id == Standard.id)
        .where(
            rule.c.for_phase == at.phase.value,
            rule.c.for_climate == at.climate.value,
            Standard.item_id.in_(items),
        )
    )
    return {row.item_id: row for row in rows}


def conditions() -> CompoundSelect[str, str] | Select[str, str]:
    """Every phase and climate that a site can have."""
    return union_all(
        *(
            select(
                literal(phase.value).label("for_phase"), literal(climate.value).label("for_climate")
            )
            for phase in Phase
            if phase is not Phase.ANY
            for climate in Climate
            if climate is not Climate.ANY
        )
    )
