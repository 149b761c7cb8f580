"""What waits for somebody: a few counts, in one statement, for the navigation and for Today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, literal, select
from sqlalchemy.orm import Session

from aidlog.core.actor import Actor, Permission
from aidlog.dispatch.models import LossReport, LossState, Waybill, WaybillState
from aidlog.donations.models import Pledge, PledgeState
from aidlog.planning.models import Plan, PlanState


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Counts of documents; zero where the person may not see them.

    ``plans`` wait for approval by someone else than their sender; ``drafts`` are plans not yet
    sent; ``waybills`` are on the road, ``late`` of them overdue; ``to_load`` are prepared;
    ``pledges`` are promised and not yet all there; ``losses`` wait for a decision.
    """

    plans: int = 0
    drafts: int = 0
    waybills: int = 0
    late: int = 0
    to_load: int = 0
    pledges: int = 0
    losses: int = 0

    def __bool__(self) -> bool:
        return True


def waiting_for(session: Session, actor: Actor) -> Waiting:
    """Return what waits for ``actor``, within their organisations and places. One statement."""
    now = datetime.now(UTC)
    row = session.execute(
        select(
            *(
                _if(actor.may(permission), count)
                for permission, count in (
                    (Permission.PLAN_APPROVE, _plans_to_decide(actor)),
                    (
                        Permission.PLAN_DRAFT,
                        _plans(actor, Plan.state.in_([PlanState.DRAFT, PlanState.SOLVED])),
                    ),
                    (
                        Permission.WAYBILL_VIEW,
                        _waybills(actor, Waybill.state == WaybillState.ON_THE_ROAD),
                    ),
                    (
                        Permission.WAYBILL_VIEW,
                        _waybills(
                            actor,
                            Waybill.state == WaybillState.ON_THE_ROAD,
                            Waybill.expected_at < now,
                        ),
                    ),
                    (
                        Permission.WAYBILL_LOAD,
                        _waybills(actor, Waybill.state == WaybillState.PREPARED),
                    ),
                    (Permission.PLEDGE_VIEW, _pledges(actor)),
                    (Permission.WAYBILL_VIEW, _losses(actor)),
                )
            )
        )
    ).one()
    return Waiting(
        plans=row[0],
        drafts=row[1],
        waybills=row[2],
        late=row[3],
        to_load=row[4],
        pledges=row[5],
        losses=row[6],
    )


def _if(may: bool, count: ScalarSelect[int]) -> ColumnElement[int]:
    return count if may else literal(0)


def _plans(actor: Actor, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(Plan)
        .where(Plan.organisation_id.in_(actor.organisation_ids), *where)
        .scalar_subquery()
    )


def _plans_to_decide(actor: Actor) -> ScalarSelect[int]:
    """Nobody approves a plan of their own."""
    return _plans(actor, Plan.state == PlanState.SUBMITTED, Plan.submitted_by != actor.user_id)


def _waybills(actor: Actor, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    counted = (
        select(func.count())
        .select_from(Waybill)
        .where(Waybill.organisation_id.in_(actor.organisation_ids), *where)
    )
    places = actor.grants.get(Permission.WAYBILL_VIEW)
    if places is not None:
        counted = counted.where(Waybill.origin_id.in_(places) | Waybill.destination_id.in_(places))
    return counted.scalar_subquery()


def _pledges(actor: Actor) -> ScalarSelect[int]:
    open_states = [PledgeState.PROMISED, PledgeState.CONFIRMED, PledgeState.PARTLY_RECEIVED]
    counted = (
        select(func.count())
        .select_from(Pledge)
        .where(Pledge.organisation_id.in_(actor.organisation_ids), Pledge.state.in_(open_states))
    )
    places = actor.grants.get(Permission.PLEDGE_VIEW)
    if places is not None:
        counted = counted.where(Pledge.collection_id.is_(None) | Pledge.collection_id.in_(places))
    return counted.scalar_subquery()


def _losses(actor: Actor) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(LossReport)
        .join(Waybill, Waybill.id == LossReport.waybill_id)
        .where(
            Waybill.organisation_id.in_(actor.organisation_ids),
            LossReport.state == LossState.OPEN,
        )
        .scalar_subquery()
    )
