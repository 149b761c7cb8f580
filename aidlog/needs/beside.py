"""What stands beside the computed need of an item at a site, as one part of a statement.

An assessment that holds, what was asked for and approved and has not all come, and which of
the three a planner lets count. One row for each site and item where there is any of these.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from aidlog.needs.models import (
    Assessment,
    NeedChoice,
    Requisition,
    RequisitionLine,
    RequisitionState,
)
from aidlog.registry.models import Place

#: What still stands for something: it waits for a decision, or not all of it has come.
OPEN = (RequisitionState.ASKED, RequisitionState.APPROVED)


def beside(organisations: Collection[int], starts_on: date, today: date) -> Subquery:
    """Return place_id, item_id and the figures that stand beside the need by standards.

    ``assessed`` base units of the latest assessment that holds on ``starts_on``;
    ``waiting`` asked for and not decided; ``approved``, ``on_road`` and ``received`` of what
    is approved and open; ``counts`` as a planner chose. Each is NULL where there is none.
    """
    parts = union_all(_assessed(starts_on, today), _requested(organisations), _chosen()).subquery(
        "part"
    )
    return (
        select(
            parts.c.place_id,
            parts.c.item_id,
            *(func.max(column).label(column.name) for column in parts.c[2:]),
        )
        .group_by(parts.c.place_id, parts.c.item_id)
        .subquery("beside")
    )


def standing(starts_on: date, today: date) -> ColumnElement[bool]:
    """Return the condition on :class:`Assessment` that it may count on ``starts_on``."""
    return and_(
        Assessment.withdrawn_at.is_(None),
        Assessment.assessed_on <= today,
        or_(Assessment.valid_until.is_(None), Assessment.valid_until >= starts_on),
    )


def items_beside(organisations: Collection[int], starts_on: date, today: date) -> Select[int]:
    """Return the ids of items that were assessed or asked for, where no standard may hold.

    At sites of ``organisations``.
    """
    asked = (
        select(RequisitionLine.item_id)
        .join(Requisition, Requisition.id == RequisitionLine.requisition_id)
        .where(Requisition.state.in_(OPEN), Requisition.organisation_id.in_(organisations))
    )
    assessed = (
        select(Assessment.item_id)
        .join(Place, Place.id == Assessment.place_id)
        .where(standing(starts_on, today), Place.organisation_id.in_(organisations))
    )
    return select(union_all(asked, assessed).subquery("wanted").c.item_id)


def _assessed(starts_on: date, today: date) -> Select[*tuple[object, ...]]:
    ranked = (
        select(
            Assessment.place_id,
            Assessment.item_id,
            Assessment.quantity,
            func.row_number()
            .over(
                partition_by=(Assessment.place_id, Assessment.item_id),
                order_by=(Assessment.assessed_on.desc(), Assessment.id.desc()),
            )
            .label("nth"),
        )
        .where(standing(starts_on, today))
        .subquery("assessed")
    )
    return select(
        ranked.c.place_id,
        ranked.c.item_id,
        ranked.c.quantity.label("assessed"),
        *(_none(name) for name in ("waiting", "approved", "on_road", "received")),
        cast(null(), String).label("counts"),
    ).where(ranked.c.nth == 1)


def _requested(organisations: Collection[int]) -> Select[*tuple[object, ...]]:
    def of(state: RequisitionState, column: ColumnElement[int], name: str) -> ColumnElement[int]:
        total = func.sum(case((Requisition.state == state, column), else_=None))
        return cast(total, BigInteger).label(name)

    approved, line = RequisitionState.APPROVED, RequisitionLine
    columns = line.__table__.c
    # what came for one request beyond it does not come for another
    received = case((columns.received > columns.approved, columns.approved), else_=columns.received)
    open_still = columns.approved - received
    on_road = case((columns.on_road > open_still, open_still), else_=columns.on_road)
    return (
        select(
            Requisition.site_id.label("place_id"),
            line.item_id,
            _none("assessed"),
            of(RequisitionState.ASKED, columns.asked, "waiting"),
            of(approved, columns.approved, "approved"),
            of(approved, on_road, "on_road"),
            of(approved, received, "received"),
            cast(null(), String).label("counts"),
        )
        .join(line, line.requisition_id == Requisition.id)
        .where(Requisition.state.in_(OPEN), Requisition.organisation_id.in_(organisations))
        .group_by(Requisition.site_id, line.item_id)
    )


def _chosen() -> Select[*tuple[object, ...]]:
    return select(
        NeedChoice.place_id,
        NeedChoice.item_id,
        *(_none(name) for name in ("assessed", "waiting", "approved", "on_road", "received")),
        type_coerce(NeedChoice.counts, String).label("counts"),
    )


def _none(name: str) -> ColumnElement[int]:
    return cast(null(), BigInteger).label(name)
