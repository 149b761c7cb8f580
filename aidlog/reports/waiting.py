"""What waits for somebody: a few counts, in one statement, for the navigation and for Today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission, Scope
from aidlog.db.base import UtcDateTime
from aidlog.dispatch import queries as trucks
from aidlog.dispatch.models import (
    Handover,
    HandoverState,
    LossReport,
    LossState,
    RequestState,
    TransferRequest,
    Waybill,
    WaybillState,
)
from aidlog.donations.models import Pledge, PledgeState
from aidlog.needs import requisition_queries
from aidlog.needs.models import Requisition, RequisitionState
from aidlog.planning import scope as plans
from aidlog.planning.models import Plan, PlanState
from aidlog.stock import adjustments, flags, takes
from aidlog.stock.models import (
    AdjustmentState,
    DateFlag,
    StockAdjustment,
    StockTake,
    StockTakeCount,
    StockTakeLine,
    TakeState,
)
from aidlog.voice.models import Feedback, FeedbackState

P = Permission


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts of what one may see and do something about; zero where one may not.

    ``plans`` wait for the decision of someone else than their author and sender; ``drafts`` are
    worked out and not yet sent; ``waybills`` are on the road, ``late`` of them should have
    arrived; ``to_load`` are prepared; ``pledges`` are promised and not yet all there;
    ``losses`` wait for a decision, ``feedback`` for an answer. ``counts`` are stock takes to be
    approved, ``counting`` those that are being counted; ``corrections`` and ``dates`` wait for
    somebody else than who made them. ``offers`` of other organisations wait for an answer,
    ``requests`` of other warehouses for goods. ``requisitions`` of sites wait for a decision
    by somebody else than who wrote them down.
    """

    plans: int = 0
    drafts: int = 0
    waybills: int = 0
    late: int = 0
    to_load: int = 0
    pledges: int = 0
    losses: int = 0
    feedback: int = 0
    counts: int = 0
    counting: int = 0
    corrections: int = 0
    dates: int = 0
    offers: int = 0
    requests: int = 0
    requisitions: int = 0

    def any(self) -> bool:
        """Say whether anything waits."""
        return any(astuple(self))


Moment = ColumnElement[datetime]
Count = Callable[[Actor, Moment], ColumnElement[int]]


def waiting_for(session: Session, actor: Actor) -> Waiting:
    """Return what waits for ``actor``, within their organisations and places. One statement."""
    held = frozenset((p, actor.grants[p]) for p, _ in _COUNTS if actor.may(p))
    counts = _counts(actor.user_id, actor.organisation_ids, held)
    row = session.execute(counts, {"now": datetime.now(UTC)}).one()
    return Waiting(*(int(number) for number in row))


@lru_cache(maxsize=500)
def _counts(
    user_id: int,
    organisation_ids: frozenset[int],
    held: frozenset[tuple[Permission, Scope]],
) -> Select[*tuple[int, ...]]:
    """Return the statement for whoever ``held`` these permissions.

    Nearly every page asks it, and building it costs more than running it.
    """
    actor = Actor(user_id=user_id, organisation_ids=organisation_ids, grants=dict(held))
    now: ColumnElement[datetime] = bindparam("now", type_=UtcDateTime)
    return select(
        *(count(actor, now) if actor.may(needed) else literal(0) for needed, count in _COUNTS)
    )


def _plans(actor: Actor, _now: Moment) -> ColumnElement[int]:
    """Nobody decides on a plan of their own."""
    others = (Plan.submitted_by != actor.user_id) & (Plan.created_by != actor.user_id)
    return _number(
        plans.within_reach(actor, P.PLAN_APPROVE), Plan.state == PlanState.SUBMITTED, others
    )


def _drafts(actor: Actor, _now: Moment) -> ColumnElement[int]:
    return _number(plans.within_reach(actor, P.PLAN_DRAFT), Plan.state == PlanState.SOLVED)


def _waybills(actor: Actor, _now: Moment) -> ColumnElement[int]:
    return _number(
        trucks.within_reach(actor, P.WAYBILL_VIEW), Waybill.state == WaybillState.ON_THE_ROAD
    )


def _late(actor: Actor, now: Moment) -> ColumnElement[int]:
    return _number(
        trucks.within_reach(actor, P.WAYBILL_VIEW),
        Waybill.state == WaybillState.ON_THE_ROAD,
        Waybill.expected_at < now,
    )


def _to_load(actor: Actor, _now: Moment) -> ColumnElement[int]:
    return _number(
        trucks.within_reach(actor, P.WAYBILL_LOAD), Waybill.state == WaybillState.PREPARED
    )


def _pledges(actor: Actor, _now: Moment) -> ColumnElement[int]:
    coming = [PledgeState.PROMISED, PledgeState.CONFIRMED, PledgeState.PARTLY_RECEIVED]
    where: list[ColumnElement[bool]] = [
        Pledge.organisation_id.in_(actor.organisation_ids),
        Pledge.state.in_(coming),
    ]
    places = actor.places(P.PLEDGE_VIEW)
    if places is not None:
        where.append(Pledge.collection_id.is_(None) | Pledge.collection_id.in_(places))
    return _number(*where)


def _losses(actor: Actor, _now: Moment) -> ColumnElement[int]:
    return _number(
        LossReport.waybill_id == Waybill.id,
        LossReport.state == LossState.OPEN,
        trucks.within_reach(actor, P.STOCK_APPROVE),
    )


def _feedback(actor: Actor, _now: Moment) -> ColumnElement[int]:
    where: list[ColumnElement[bool]] = [
        Feedback.organisation_id.in_(actor.organisation_ids),
        Feedback.state == FeedbackState.OPEN,
    ]
    places = actor.places(P.VOICE_ANSWER)
    if places is not None:
        where.append(Feedback.site_id.in_(places))
    return _number(*where)


def _counts_to_approve(actor: Actor, _now: Moment) -> ColumnElement[int]:
    """Nobody approves what they counted."""
    counted = (
        select(StockTakeCount.id)
        .join(StockTakeLine, StockTakeLine.id == StockTakeCount.line_id)
        .where(StockTakeLine.take_id == StockTake.id, StockTakeCount.counted_by == actor.user_id)
    )
    return _number(
        takes.within_reach(actor, P.STOCK_APPROVE),
        StockTake.state == TakeState.COUNTED,
        StockTake.counted_by != actor.user_id,
        ~counted.exists(),
    )


def _counting(actor: Actor, _now: Moment) -> ColumnElement[int]:
    return _number(
        takes.within_reach(actor, P.STOCK_ADJUST),
        StockTake.state.in_([TakeState.OPEN, TakeState.RECOUNT]),
    )


def _corrections(actor: Actor, _now: Moment) -> ColumnElement[int]:
    return _number(
        adjustments.within_reach(actor, P.STOCK_APPROVE),
        StockAdjustment.state == AdjustmentState.WAITING,
        StockAdjustment.asked_by != actor.user_id,
    )


def _dates(actor: Actor, _now: Moment) -> ColumnElement[int]:
    return _number(
        flags.within_reach(actor, P.STOCK_APPROVE),
        DateFlag.seen_at.is_(None),
        DateFlag.flagged_by != actor.user_id,
    )


def _offers(actor: Actor, _now: Moment) -> ColumnElement[int]:
    """Nobody accepts what they offered."""
    return _number(
        Handover.taker_id.in_(actor.organisation_ids),
        Handover.state == HandoverState.OFFERED,
        Handover.offered_by != actor.user_id,
    )


def _requests(actor: Actor, _now: Moment) -> ColumnElement[int]:
    where: list[ColumnElement[bool]] = [
        TransferRequest.organisation_id.in_(actor.organisation_ids),
        TransferRequest.state == RequestState.OPEN,
    ]
    places = actor.places(P.WAYBILL_LOAD)
    if places is not None:
        where.append(TransferRequest.origin_id.in_(places))
    return _number(*where)


def _requisitions(actor: Actor, _now: Moment) -> ColumnElement[int]:
    """Nobody decides on what they wrote themselves."""
    return _number(
        requisition_queries.within_reach(actor, P.REQUISITION_DECIDE),
        Requisition.state == RequisitionState.ASKED,
        Requisition.recorded_by != actor.user_id,
    )


def _number(*where: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(*where).scalar_subquery()


#: In the order of Waiting's fields, each with the permission to act on it.
_COUNTS: tuple[tuple[Permission, Count], ...] = (
    (P.PLAN_APPROVE, _plans),
    (P.PLAN_DRAFT, _drafts),
    (P.WAYBILL_VIEW, _waybills),
    (P.WAYBILL_VIEW, _late),
    (P.WAYBILL_LOAD, _to_load),
    (P.PLEDGE_VIEW, _pledges),
    (P.STOCK_APPROVE, _losses),
    (P.VOICE_ANSWER, _feedback),
    (P.STOCK_APPROVE, _counts_to_approve),
    (P.STOCK_ADJUST, _counting),
    (P.STOCK_APPROVE, _corrections),
    (P.STOCK_APPROVE, _dates),
    (P.STOCK_APPROVE, _offers),
    (P.WAYBILL_LOAD, _requests),
    (P.REQUISITION_DECIDE, _requisitions),
)
